package travel

import (
	"context"
	"math"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/paulmach/orb"
)

// Profile is a way of moving.
type Profile string

// The profiles.
const (
	Walk Profile = "walk"
	Bike Profile = "bike"
	Car  Profile = "car"
)

// Profiles lists them in the order of menus.
func Profiles() []Profile { return []Profile{Walk, Bike, Car} }

// Basis says what times rest on.
type Basis string

// The bases. Nobody shall take a straight line for a route.
const (
	RoadNetwork  Basis = "road_network"
	StraightLine Basis = "straight_line"
)

// Unreachable is the time to where no way leads within the cut-off.
const Unreachable int32 = -1

// unbounded is the cut-off of those who ask for none; no time reaches it.
const unbounded int32 = 1 << 30

// Times answers questions about ways. It is immutable and safe for concurrent
// use: *Straight and *Network (with its closures) are the two kinds. Errors of
// From and Matrix: Invalid travel.unknown_profile, travel.bad_place (a
// coordinate that is no degree), travel.bad_cutoff, and the context's.
type Times interface {
	Basis() Basis
	// Version names graph and closures: equal versions give equal times.
	Version() string
	// Attribution must be shown wherever times or streets are: that of the
	// extract's licence. Empty where there is nothing to name.
	Attribution() string
	// Demo is true of an invented street network.
	Demo() bool
	// From returns the time from one place to each of to, in their order;
	// Unreachable where it is above cutoff (deciseconds; 0: no limit).
	From(ctx context.Context, p Profile, from orb.Point, to []orb.Point, cutoff int32) ([]int32, error)
	// Matrix returns the times from every cell to the sites within cutoff.
	Matrix(ctx context.Context, p Profile, cells, sites []orb.Point, cutoff int32) (instance.Matrix, error)
}

var (
	_ Times = (*Straight)(nil)
	_ Times = (*Network)(nil)
)

// row is the place of p in arrays by profile.
func (p Profile) row() (int, error) {
	for i, known := range Profiles() {
		if p == known {
			return i, nil
		}
	}
	return 0, ortsnah.E(ortsnah.Invalid, "travel.unknown_profile", "profile", string(p)).About("profile")
}

// limit checks a cut-off; 0 becomes one that no time reaches.
func limit(cutoff int32) (int32, error) {
	if cutoff < 0 {
		return 0, ortsnah.E(ortsnah.Invalid, "travel.bad_cutoff", "cutoff", cutoff).About("cutoff")
	}
	if cutoff == 0 {
		return unbounded - 1, nil
	}
	return min(cutoff, unbounded-1), nil
}

// check refuses places that are no lon/lat.
func check(lists ...[]orb.Point) error {
	for _, list := range lists {
		for _, p := range list {
			if !(math.Abs(p.Lon()) <= 180 && math.Abs(p.Lat()) <= 90) { // NaN is refused, too
				return ortsnah.E(ortsnah.Invalid, "travel.bad_place", "lon", p.Lon(), "lat", p.Lat()).About("lon")
			}
		}
	}
	return nil
}

// Package travel answers how long ways take: on foot, by bicycle, by car, over
// the streets of an OpenStreetMap extract as closed by today's construction
// sites, or, where there is no extract, from the straight line, and then it
// says so. Places are lon/lat in CRS84, times int32 deciseconds.
package travel

import (
	"context"

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

// Times answers questions about ways. It is immutable and safe for concurrent
// use: Straight and *Network (with its closures) are the two kinds.
type Times interface {
	Basis() Basis
	// Version names graph and closures: equal versions give equal times.
	Version() string
	// From returns the time from one place to each of to, in their order;
	// Unreachable where it is above cutoff (deciseconds; 0: no limit).
	From(ctx context.Context, p Profile, from orb.Point, to []orb.Point, cutoff int32) ([]int32, error)
	// Matrix returns the times from every cell to the sites within cutoff.
	Matrix(ctx context.Context, p Profile, cells, sites []orb.Point, cutoff int32) (instance.Matrix, error)
}

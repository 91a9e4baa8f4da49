package stations

import (
	"context"
	"time"

	"github.com/ortsnah/ortsnah/stations/travel"
	"github.com/paulmach/orb"
)

// Ways are how long one person needs to the stops of a timetable: Free without
// construction sites, On with those of a day. Both are in the order of the
// stops, deciseconds, travel.Unreachable where no way leads.
type Ways struct {
	Profile travel.Profile
	Basis   travel.Basis
	Free    []int32
	On      func(day time.Time) ([]int32, error)
}

// Ways asks for the ways from a place (lon/lat, CRS84), a day at a time: roads
// that are closed today may be open when the visit comes. Errors: those of
// travel.Times.
func (t *Timetable) Ways(ctx context.Context, live *travel.Live, p travel.Profile, from orb.Point) (Ways, error) {
	to := make([]orb.Point, len(t.stops))
	for i, s := range t.stops {
		to[i] = orb.Point{s.Lon, s.Lat}
	}
	free, err := live.Undisturbed().From(ctx, p, from, to, 0)
	if err != nil {
		return Ways{}, err
	}
	known := map[string][]int32{live.Undisturbed().Version(): free}
	on := func(day time.Time) ([]int32, error) {
		ways := live.Times(day)
		times, ok := known[ways.Version()]
		if ok {
			return times, nil
		}
		times, err := ways.From(ctx, p, from, to, 0)
		known[ways.Version()] = times
		return times, err
	}
	return Ways{Profile: p, Basis: live.Undisturbed().Basis(), Free: free, On: on}, nil
}

// to is the way to a stop on a day; not ok when there is none.
func (w Ways) to(stop int, day time.Time) (time.Duration, bool, error) {
	times, err := w.On(day)
	if err != nil {
		return 0, false, err
	}
	return span(times[stop]), times[stop] != travel.Unreachable, nil
}

func (w Ways) free(stop int) (time.Duration, bool) {
	return span(w.Free[stop]), w.Free[stop] != travel.Unreachable
}

func span(deciseconds int32) time.Duration {
	return time.Duration(deciseconds) * 100 * time.Millisecond
}

// Unreachable are the stops to which no way leads even without construction
// sites, such as an island of the street network.
func (t *Timetable) Unreachable(w Ways) []Stop {
	list := []Stop{}
	for i, time := range w.Free {
		if time == travel.Unreachable {
			list = append(list, t.stops[i])
		}
	}
	return list
}

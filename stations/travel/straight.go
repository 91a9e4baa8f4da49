package travel

import (
	"context"
	"math"

	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/paulmach/orb"
)

// Straight estimates times from the straight line, where there is no street
// network: the way is so many times as long as the line (detour), at one speed.
//
//	profile   detour   km/h    where from
//	walk      1.3       4.8    as package stations: walking is more direct than driving
//	bike      1.3      15      the default speed of OSRM's bicycle profile
//	car       1.4      30      detour: Boscoe, Henry, Zdeb 2012 (1.42); speed: a usual mean in towns, lights included
//
// Construction sites change nothing of it. The zero value is ready.
type Straight struct{}

// Basis is StraightLine.
func (*Straight) Basis() Basis { return StraightLine }

// Version is that of the table above.
func (*Straight) Version() string { return "straight-1" }

// Attribution is empty: a straight line is nobody's work.
func (*Straight) Attribution() string { return "" }

// Demo is false: a straight line is not invented.
func (*Straight) Demo() bool { return false }

// pace is how many deciseconds a metre of straight line takes.
func pace(p Profile) float64 {
	detour, kmh := 1.3, 4.8
	switch p {
	case Bike:
		kmh = 15
	case Car:
		detour, kmh = 1.4, 30
	}
	return detour * 36 / kmh
}

// From is as in Times.
func (s *Straight) From(ctx context.Context, p Profile, from orb.Point, to []orb.Point, cutoff int32) ([]int32, error) {
	m, err := s.Matrix(ctx, p, []orb.Point{from}, to, cutoff)
	if err != nil {
		return nil, err
	}
	times := make([]int32, len(to))
	for i := range times {
		times[i] = Unreachable
	}
	for k, site := range m.Site {
		times[site] = m.Cost[k]
	}
	return times, nil
}

// Matrix is as in Times.
func (s *Straight) Matrix(ctx context.Context, p Profile, cells, sites []orb.Point, cutoff int32) (instance.Matrix, error) {
	if _, err := p.row(); err != nil {
		return instance.Matrix{}, err
	}
	most, err := limit(cutoff)
	if err == nil {
		err = check(cells, sites)
	}
	if err != nil {
		return instance.Matrix{}, err
	}
	from, to, perMetre := onSphere(cells), onSphere(sites), pace(p)
	// The chord of the longest way that counts, with room for rounding.
	reach := 2 * math.Sin(min(math.Pi, (float64(most)+1)/perMetre/earth)/2)
	lists, err := eachSite(ctx, sites, func() func(int) []pair {
		return func(site int) []pair {
			var list []pair
			for cell, f := range from {
				dx, dy, dz := f[0]-to[site][0], f[1]-to[site][1], f[2]-to[site][2]
				if squared := dx*dx + dy*dy + dz*dz; squared <= reach*reach {
					t := 2 * earth * math.Asin(min(1, math.Sqrt(squared)/2)) * perMetre
					if cost := int32(math.Round(min(t, float64(unbounded)))); cost <= most {
						list = append(list, pair{int32(cell), cost})
					}
				}
			}
			return list
		}
	})
	if err != nil {
		return instance.Matrix{}, err
	}
	return compress(len(cells), lists), nil
}

// earth is the mean radius in metres (IUGG).
const earth = 6371008.8

// onSphere are the points as unit vectors.
func onSphere(points []orb.Point) [][3]float64 {
	vectors := make([][3]float64, len(points))
	for i, p := range points {
		lon, lat := p.Lon()*math.Pi/180, p.Lat()*math.Pi/180
		vectors[i] = [3]float64{math.Cos(lat) * math.Cos(lon), math.Cos(lat) * math.Sin(lon), math.Sin(lat)}
	}
	return vectors
}

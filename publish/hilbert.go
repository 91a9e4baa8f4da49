package publish

import (
	"math"

	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/geo"
)

// hilbert is the position of cell (x, y) on the Hilbert curve of order 32:
// cells that are near on the curve are near in the plane. After the iterative
// algorithm in H. S. Warren, Hacker's Delight, 2nd ed., section 16-3.
func hilbert(x, y uint32) uint64 {
	var d uint64
	for s := uint32(1) << 31; s > 0; s >>= 1 {
		var rx, ry uint32
		if x&s > 0 {
			rx = 1
		}
		if y&s > 0 {
			ry = 1
		}
		d = d<<2 | uint64((3*rx)^ry)
		if ry == 0 {
			if rx == 1 {
				x, y = ^x, ^y
			}
			x, y = y, x
		}
	}
	return d
}

// hilbertOf orders geometries by the middle of their bounds, on a grid of
// about 1 cm that covers the CRS. What has no geometry comes last.
func hilbertOf(g orb.Geometry, crs geo.SRID) uint64 {
	if g == nil {
		return math.MaxUint64
	}
	world := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	if crs != geo.CRS84 {
		world = orb.Bound{Min: orb.Point{-2e7, -2e7}, Max: orb.Point{2e7, 2e7}}
	}
	b := g.Bound()
	return hilbert(
		cell((b.Min[0]+b.Max[0])/2, world.Min[0], world.Max[0]),
		cell((b.Min[1]+b.Max[1])/2, world.Min[1], world.Max[1]))
}

func cell(v, from, to float64) uint32 {
	f := (v - from) / (to - from) * (1 << 32)
	return uint32(max(0, min(f, math.MaxUint32)))
}

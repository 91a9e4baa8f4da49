package siting

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

// city is an invented town: cells of people around centres of different
// pull, candidates where people are, travel times in deciseconds that a grid of
// streets and the stops on the way make (1.2 to 1.6 times the straight line at
// 15 km/h), cut off at half an hour.
func city(cells, sites int, seed uint64) *instance.Problem {
	r := rand.New(rand.NewPCG(seed, 9))
	type point struct{ x, y float64 }
	centres := make([]point, 40)
	for i := range centres {
		centres[i] = point{r.Float64() * 12000, r.Float64() * 12000}
	}
	place := func() point {
		if r.IntN(4) == 0 {
			return point{r.Float64() * 12000, r.Float64() * 12000}
		}
		c := centres[int(math.Pow(r.Float64(), 2)*40)]
		return point{c.x + r.NormFloat64()*700, c.y + r.NormFloat64()*700}
	}
	from, to := make([]point, cells), make([]point, sites)
	p := &instance.Problem{Sites: sites, Weights: make([]int64, cells)}
	for i := range from {
		from[i] = place()
		p.Weights[i] = 3 + int64(r.ExpFloat64()*30)
	}
	for j := range to {
		to[j] = place()
	}
	p.Costs = instance.Dense(cells, sites, func(i, j int) int32 {
		dx, dy := math.Abs(from[i].x-to[j].x), math.Abs(from[i].y-to[j].y)
		way := 0.6*(dx+dy) + 0.4*math.Sqrt(dx*dx+dy*dy)
		seconds := way*1.1*3.6/15 + 20 + float64((i*7919+j*104729)%60)
		if seconds > 1800 {
			return -1
		}
		return int32(seconds * 10)
	})
	return p
}

// BenchmarkCity solves a town of 10,000 cells and 1,000 candidates.
func BenchmarkCity(b *testing.B) {
	p := city(10000, 1000, 1)
	for _, c := range []struct {
		name string
		kind instance.Kind
		p    int
	}{{"mclp/p=10", instance.MCLP, 10}, {"pmedian/p=10", instance.PMedian, 10}, {"pmedian/p=20", instance.PMedian, 20}} {
		b.Run(c.name, func(b *testing.B) {
			q := *p
			q.Kind, q.P, q.Radius, q.Cap = c.kind, c.p, 6000, 18000
			for b.Loop() {
				if _, err := Solve(context.Background(), &q, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	_ = slices.Sort[[]int]
}

package siting

import (
	"context"
	"math"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

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

// BenchmarkCity solves towns of 10,000 cells and 1,000 candidates. s is
// seconds of processor time per run, x its ratio to the limit of the row.
func BenchmarkCity(b *testing.B) {
	clustered, even := city(10000, 1000, 1), even(10000, 1000, 2)
	for _, c := range []struct {
		name  string
		town  *instance.Problem
		kind  instance.Kind
		p     int
		limit float64 // seconds
	}{
		{"mclp/p=5", clustered, instance.MCLP, 5, 1},
		{"mclp/p=10", clustered, instance.MCLP, 10, 1},
		{"mclp even/p=10", even, instance.MCLP, 10, 1},
		{"pmedian/p=5", clustered, instance.PMedian, 5, 30},
		{"pmedian/p=10", clustered, instance.PMedian, 10, 30},
		{"pmedian/p=20", clustered, instance.PMedian, 20, 30},
	} {
		b.Run(c.name, func(b *testing.B) {
			q := *c.town
			q.Kind, q.P, q.Radius, q.Cap = c.kind, c.p, 6000, 18000
			before := processor()
			for b.Loop() {
				ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
				r, err := Solve(ctx, &q, Options{})
				cancel()
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(100*gap(r.Certificate.Value, r.Certificate.Bound), "gap%")
			}
			spent := (processor() - before).Seconds() / float64(b.N)
			b.ReportMetric(spent, "s")
			b.ReportMetric(spent/c.limit, "x")
		})
	}
}

// processor is the user time of this process.
func processor() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano())
}

// even is a town where people and candidates are anywhere: hard, since many
// choices are nearly as good as the best.
func even(cells, sites int, seed uint64) *instance.Problem {
	r := rand.New(rand.NewPCG(seed, 9))
	points := make([][2]float64, cells+sites)
	for i := range points {
		points[i] = [2]float64{r.Float64() * 12000, r.Float64() * 12000}
	}
	p := &instance.Problem{Sites: sites}
	for range cells {
		p.Weights = append(p.Weights, 1+r.Int64N(60))
	}
	p.Costs = instance.Dense(cells, sites, func(i, j int) int32 {
		dx, dy := points[i][0]-points[cells+j][0], points[i][1]-points[cells+j][1]
		seconds := math.Sqrt(dx*dx+dy*dy) * 1.3 * 3.6 / 15
		if seconds > 1800 {
			return -1
		}
		return int32(seconds * 10)
	})
	return p
}

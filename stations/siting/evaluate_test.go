package siting_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ortsnah/ortsnah/stations/siting"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

// table builds a problem of dense costs; -1 is a pair that is missing.
func table(kind instance.Kind, weights []int64, costs [][]int32) *instance.Problem {
	p := &instance.Problem{Kind: kind, P: 1, Sites: len(costs[0]), Weights: weights}
	p.Costs.Row = []int64{0}
	for _, row := range costs {
		sites := make([]int32, 0, len(row))
		for j, cost := range row {
			if cost >= 0 {
				sites = append(sites, int32(j))
			}
		}
		slices.SortStableFunc(sites, func(a, b int32) int { return int(row[a]) - int(row[b]) })
		for _, j := range sites {
			p.Costs.Site = append(p.Costs.Site, j)
			p.Costs.Cost = append(p.Costs.Cost, row[j])
		}
		p.Costs.Row = append(p.Costs.Row, int64(len(p.Costs.Site)))
	}
	return p
}

// line is the town of ten cells, each a site, one minute (600 deciseconds)
// apart when step is 600, ten people each.
func line(kind instance.Kind, step int32) *instance.Problem {
	costs := make([][]int32, 10)
	for i := range costs {
		for j := range costs {
			costs[i] = append(costs[i], step*int32(max(i-j, j-i)))
		}
	}
	return table(kind, slices.Repeat([]int64{10}, 10), costs)
}

// naive evaluates as the definitions say, with dense costs.
func naive(p *instance.Problem, costs [][]int32, open []int32) siting.Worth {
	var w siting.Worth
	for i, weight := range p.Weights {
		best := int32(-1)
		for _, j := range open {
			if c := costs[i][j]; c >= 0 && (best < 0 || c < best) {
				best = c
			}
		}
		if weight == 0 {
			continue
		}
		covered := best >= 0 && best <= p.Radius
		switch {
		case p.Kind == instance.LSCP && !covered, best < 0 && p.Kind != instance.PMedian && p.Kind != instance.MCLP:
			w.Unserved += weight
		case p.Kind == instance.LSCP:
		case p.Kind == instance.PCenter:
			w.Value = max(w.Value, int64(best))
		case p.Kind == instance.MCLP && covered:
			w.Value += weight
		case p.Kind == instance.MCLP:
			w.Unserved += weight
		case best < 0:
			w.Value += weight * int64(p.Cap)
			w.Unserved += weight
		case p.Cap > 0:
			w.Value += weight * int64(min(best, p.Cap))
		default:
			w.Value += weight * int64(best)
		}
	}
	if p.Kind == instance.LSCP {
		w.Value = int64(len(open))
	}
	return w
}

func drawTable(t *rapid.T, kinds ...instance.Kind) (*instance.Problem, [][]int32) {
	cells, sites := rapid.IntRange(1, 9).Draw(t, "cells"), rapid.IntRange(1, 7).Draw(t, "sites")
	costs := make([][]int32, cells)
	weights := make([]int64, cells)
	for i := range costs {
		costs[i] = rapid.SliceOfN(rapid.Int32Range(-1, 12), sites, sites).Draw(t, "row")
		weights[i] = rapid.Int64Range(0, 9).Draw(t, "weight")
	}
	p := table(rapid.SampledFrom(kinds).Draw(t, "kind"), weights, costs)
	p.Radius = rapid.Int32Range(0, 8).Draw(t, "radius")
	if p.Kind == instance.PMedian {
		p.Cap = rapid.Int32Range(0, 10).Draw(t, "cap")
	}
	return p, costs
}

func drawOpen(t *rapid.T, sites int) []int32 {
	var open []int32
	for j := range sites {
		if rapid.Bool().Draw(t, "open") {
			open = append(open, int32(j))
		}
	}
	return open
}

func TestStandingOfTheLine(t *testing.T) {
	s := siting.Stand(line(instance.PMedian, 1), []int32{7, 2})
	if diff := cmp.Diff([]int32{2, 2, 2, 2, 2, 7, 7, 7, 7, 7}, s.Site); diff != "" {
		t.Error(diff)
	}
	if got, want := s.Worth(), (siting.Worth{Value: 120}); got != want {
		t.Errorf("worth %v, want %v", got, want)
	}
	// Without 7 the cells 5 … 9 go to 2: 3+4+5+6+7 minutes instead of 2+1+0+1+2.
	if diff := cmp.Diff([]siting.Worth{{Value: 190}, {Value: 190}}, s.Losses()); diff != "" {
		t.Error(diff)
	}
	existing := line(instance.PMedian, 1)
	existing.Existing = []int32{7}
	if got := siting.Stand(existing, []int32{2}).Worth().Value; got != 120 {
		t.Errorf("with 7 existing: %d, want 120", got)
	}
	cut := table(instance.PMedian, []int64{3, 4}, [][]int32{{5, -1}, {-1, 2}})
	if got, want := siting.Stand(cut, []int32{0}).Worth(), (siting.Worth{Value: 15, Unserved: 4}); got != want {
		t.Errorf("disconnected: %v, want %v", got, want)
	}
	if got, want := siting.Stand(cut, nil).Worth(), (siting.Worth{Unserved: 7}); got != want {
		t.Errorf("nothing open: %v, want %v", got, want)
	}
}

func TestStandingAgreesWithTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, costs := drawTable(t, instance.PMedian, instance.MCLP, instance.LSCP, instance.PCenter)
		open := drawOpen(t, p.Sites)
		s := siting.Stand(p, open)
		if diff := cmp.Diff(naive(p, costs, open), s.Worth()); diff != "" {
			t.Fatal(diff)
		}
		for k, loss := range s.Losses() {
			rest := slices.Delete(slices.Clone(open), k, k+1)
			before, after := naive(p, costs, open), naive(p, costs, rest)
			if got, want := loss.Unserved, after.Unserved-before.Unserved; got != want {
				t.Fatalf("site %d: %d lose their site, want %d", open[k], got, want)
			}
			if got, want := loss.Value, max(before.Value-after.Value, after.Value-before.Value); loss.Unserved == 0 && p.Kind != instance.LSCP && got != want {
				t.Fatalf("site %d: loss %d, want %d", open[k], got, want)
			}
		}
	})
}

func TestMovedAndSwappedStandingsEqualFreshOnes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, costs := drawTable(t, instance.PMedian, instance.PCenter)
		s := siting.Stand(p, drawOpen(t, p.Sites))
		for range rapid.IntRange(1, 4).Draw(t, "steps") {
			site := rapid.Int32Range(0, int32(p.Sites)-1).Draw(t, "site")
			if _, open := slices.BinarySearch(s.Open, site); open && rapid.Bool().Draw(t, "swap") {
				in := rapid.Int32Range(-1, int32(p.Sites)-1).Draw(t, "in")
				if s.Swap(site, in).Swap(in, site).Worth() != s.Worth() && !slices.Contains(s.Open, in) && !moved(costs, p, site) {
					t.Fatalf("swapping %d for %d and back changes the worth", site, in)
				}
				continue
			}
			column := rapid.SliceOfN(rapid.Int32Range(-1, 12), len(p.Weights), len(p.Weights)).Draw(t, "column")
			s = s.Move(site, column)
			for i := range costs {
				costs[i] = slices.Clone(costs[i])
				costs[i][site] = column[i]
			}
			fresh := table(p.Kind, p.Weights, costs)
			fresh.Cap, fresh.Radius = p.Cap, p.Radius
			want := siting.Stand(fresh, s.Open)
			if diff := cmp.Diff(want.Site, s.Site) + cmp.Diff(want.Cost, s.Cost) + cmp.Diff(want.Losses(), s.Losses()); diff != "" {
				t.Fatal(diff)
			}
			even := func(j int32) bool { return j%2 == 0 }
			if diff := cmp.Diff(want.Among(even).Cost, s.Among(even).Cost); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

// Many open sites are looked up in another way than few.
func TestMoveAmongManySites(t *testing.T) {
	const cells, sites = 30, 100
	p := town(5, cells, sites, 9000)
	costs := make([][]int32, cells)
	for i := range costs {
		costs[i] = slices.Repeat([]int32{-1}, sites)
		for k := p.Costs.Row[i]; k < p.Costs.Row[i+1]; k++ {
			costs[i][p.Costs.Site[k]] = p.Costs.Cost[k]
		}
	}
	var open []int32
	for j := range int32(64) {
		open = append(open, j)
	}
	s := siting.Stand(p, open)
	for step := range int32(12) { // the fifth opens a 65th site
		site := 60 + step
		column := make([]int32, cells)
		for i := range column {
			column[i] = int32(i)*37%4000 - 200*step
			column[i] = max(-1, column[i])
			costs[i][site] = column[i]
		}
		s = s.Move(site, column)
		want := siting.Stand(table(p.Kind, p.Weights, costs), s.Open)
		if diff := cmp.Diff(want.Site, s.Site) + cmp.Diff(want.Losses(), s.Losses()); diff != "" {
			t.Fatalf("after %d moves: %s", step+1, diff)
		}
	}
}

// moved says whether the costs of a site differ from the problem's, so that
// closing it forgets where it was moved.
func moved(costs [][]int32, p *instance.Problem, site int32) bool {
	for i := range costs {
		cost := int32(-1)
		for k := p.Costs.Row[i]; k < p.Costs.Row[i+1]; k++ {
			if p.Costs.Site[k] == site {
				cost = p.Costs.Cost[k]
			}
		}
		if cost != costs[i][site] {
			return true
		}
	}
	return false
}

// town is a synthetic city: cells in clusters, sites among them, costs as the
// crow flies with a cut-off (0: none); the same seed gives the same town.
func town(seed uint64, cells, sites int, cutoff int32) *instance.Problem {
	r := rand.New(rand.NewPCG(seed, 4))
	point := func() (x, y float64) {
		centre := rand.New(rand.NewPCG(seed, 100+r.Uint64N(12)))
		return centre.Float64()*12000 + r.NormFloat64()*1500, centre.Float64()*12000 + r.NormFloat64()*1500
	}
	xs, ys := make([]float64, sites), make([]float64, sites)
	for j := range sites {
		xs[j], ys[j] = point()
	}
	weights, costs := make([]int64, cells), make([][]int32, cells)
	for i := range costs {
		x, y := point()
		weights[i] = int64(r.IntN(90)) + 1
		costs[i] = make([]int32, sites)
		for j := range sites {
			d := int32(max(x-xs[j], xs[j]-x) + max(y-ys[j], ys[j]-y)) // about 10 dm per decisecond would be a bicycle
			if cutoff > 0 && d > cutoff {
				d = -1
			}
			costs[i][j] = d
		}
	}
	return table(instance.PMedian, weights, costs)
}

// BenchmarkMovePin moves one pin of a city of 1,000 sites and 10,000 cells and
// evaluates everything. x is what 99 of 100 moves stay below, per 20 ms.
func BenchmarkMovePin(b *testing.B) {
	p := town(1, 10_000, 1_000, 0)
	for _, count := range []int{1, 3, 20} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			var open []int32
			for k := range count {
				open = append(open, int32(k*1000/count))
			}
			s := siting.Stand(p, open)
			column := slices.Clone(s.Cost)
			for i := range column {
				column[i] = 500 + column[i]/2
			}
			var times []time.Duration
			for b.Loop() {
				start := time.Now()
				moved := s.Move(open[0], column)
				moved.Worth()
				moved.Losses()
				times = append(times, time.Since(start))
			}
			slices.Sort(times)
			b.ReportMetric(times[len(times)*99/100].Seconds()/0.020, "x")
		})
	}
}

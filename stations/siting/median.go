package siting

import (
	"context"
	"math"
	"slices"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// solveMedian minimises the sum of weight × cost (Hakimi 1964). Without a Cap
// an unserved cell costs more than any choice that serves all.
func solveMedian(ctx context.Context, p *instance.Problem, o Options) *Result {
	d := draft{p: p, weight: p.Weights, radius: -1}
	served := int64(math.MaxInt64) // values up to it leave nobody out
	if p.Cap > 0 {
		d.limit = func(int) int64 { return int64(p.Cap) }
	} else {
		served = dearest(p)
		d.limit = func(i int) int64 { return served/max(1, p.Weights[i]) + 1 }
		if gaps(p) {
			start, r := reachAll(ctx, p, o)
			if r != nil {
				return r
			}
			o.Start = start
		}
	}
	s := newSearch(ctx, d.kernel(p.P), o)
	s.report = reporter(s, p, o, func(v int64) int64 { return v }, served)
	s.first(o.Start)
	s.run()
	return s.result(p, func(v int64) int64 { return v }, served)
}

// solveMaximalCovering maximises the weight within Radius (Church and ReVelle
// 1974) by minimising what is left out.
func solveMaximalCovering(ctx context.Context, p *instance.Problem, o Options) *Result {
	var total int64
	for _, w := range p.Weights {
		total += w
	}
	d := draft{p: p, weight: p.Weights, radius: int64(p.Radius), limit: func(int) int64 { return 1 }}
	s := newSearch(ctx, d.kernel(p.P), o)
	covered := func(v int64) int64 { return total - v }
	s.report = reporter(s, p, o, covered, math.MaxInt64)
	s.first(o.Start)
	s.run()
	return s.result(p, covered, math.MaxInt64)
}

// dearest is what serving everybody can cost at most.
func dearest(p *instance.Problem) int64 {
	var sum int64
	for i, w := range p.Weights {
		if from, to := p.Costs.Row[i], p.Costs.Row[i+1]; to > from {
			sum += w * int64(p.Costs.Cost[to-1])
		}
	}
	return sum
}

// gaps says whether some cell with weight cannot be served by every site.
func gaps(p *instance.Problem) bool {
	for i, w := range p.Weights {
		if w > 0 && p.Costs.Row[i+1]-p.Costs.Row[i] < int64(p.Sites) {
			return true
		}
	}
	return false
}

// reporter makes the search's report in the terms of the problem.
func reporter(s *search, p *instance.Problem, o Options, own func(int64) int64, served int64) func() {
	return func() {
		if o.Progress == nil {
			return
		}
		g := Progress{Bound: own(roundUp(s.lower, s.k.shift)), Nodes: s.nodes, Known: s.chosen != nil && s.best <= served}
		if g.Known {
			g.Best = own(s.best)
			g.Open = withExisting(p, s.chosen)
			g.Gap = gap(g.Best, g.Bound)
		}
		o.Progress(g)
	}
}

func gap(best, bound int64) float64 {
	return math.Abs(float64(best-bound)) / max(1, math.Abs(float64(best)))
}

func roundUp(bound int64, shift uint) int64 { return (bound + 1<<shift - 1) >> shift }

// withExisting gives the chosen and the existing sites, ascending.
func withExisting(p *instance.Problem, chosen []int32) []int32 {
	open := slices.Concat(chosen, p.Existing)
	slices.Sort(open)
	return open
}

// result makes the certificate of a search that ended.
func (s *search) result(p *instance.Problem, own func(int64) int64, served int64) *Result {
	c := proof.Certificate{Format: proof.Format, Status: proof.Gap, Open: []int32{}}
	s.tree.certificate(s.k, &c)
	c.Bound = own(roundUp(s.lower, s.k.shift))
	switch {
	case s.best > served:
		c.Status = proof.Unknown
	default:
		c.Value, c.Open = own(s.best), withExisting(p, s.chosen)
		if c.Value == c.Bound {
			c.Status = proof.Optimal
		}
	}
	return &Result{Certificate: c, Nodes: s.nodes}
}

func infeasible(key string, args ...any) *ortsnah.Error {
	return ortsnah.E(ortsnah.Conflict, key, args...)
}

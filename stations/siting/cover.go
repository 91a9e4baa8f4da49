package siting

import (
	"context"
	"slices"

	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// verdict on the question whether some sites cover every cell.
type verdict struct {
	search *search
	sites  []int32 // they do; nil: none found
	no     bool    // proven: none do
}

// covers asks whether open sites can have every cell with weight within
// radius: a covering problem of unit weights whose loss is 0 or at least 1.
// Cells whose sites include all those of another cell ask nothing more.
func covers(ctx context.Context, p *instance.Problem, radius int64, open int, o Options, start []int32) verdict {
	k := coverKernel(p, radius, open)
	s := newSearch(ctx, k, Options{Nodes: o.Nodes})
	s.goal, s.enough = 1, 0
	s.first(start)
	if s.best > 0 {
		s.run()
	}
	v := verdict{search: s, no: s.lower > 0}
	if s.best == 0 {
		v.sites, v.no = slices.Clone(s.chosen), false
	}
	return v
}

// coverKernel has unit weights.
func coverKernel(p *instance.Problem, radius int64, open int) *kernel {
	unit := make([]int64, len(p.Weights))
	for i, w := range p.Weights {
		unit[i] = min(w, 1)
	}
	return draft{p: p, weight: unit, radius: radius, limit: func(int) int64 { return 1 }}.kernel(open)
}

// anyCost as a radius means that every cost of the matrix will do.
const anyCost = 1<<31 - 1

// reachAll finds P sites that serve everybody, or says that there are none
// (Infeasible) or that none were found in time (Unknown).
func reachAll(ctx context.Context, p *instance.Problem, o Options) ([]int32, *Result) {
	v := covers(ctx, p, anyCost, p.P, o, o.Start)
	if v.sites != nil {
		return v.sites, nil
	}
	c := proof.Certificate{Format: proof.Format, Status: proof.Unknown, Open: []int32{}}
	if !v.no {
		c.Scale, c.Lambda, c.Tree = 1, [][]int64{}, []proof.Node{}
		return nil, &Result{Certificate: c, Nodes: v.search.nodes}
	}
	return nil, refuse(p, v, anyCost)
}

// refuse makes the answer of a question that has none.
func refuse(p *instance.Problem, v verdict, radius int64) *Result {
	c := proof.Certificate{Format: proof.Format, Status: proof.Infeasible, Open: []int32{}}
	v.search.tree.certificate(v.search.k, &c)
	r := &Result{Certificate: c, Nodes: v.search.nodes}
	for i, w := range p.Weights {
		from, to := p.Costs.Row[i], p.Costs.Row[i+1]
		for from < to && (slices.Contains(p.Forbidden, p.Costs.Site[from]) && int64(p.Costs.Cost[from]) <= radius) {
			from++
		}
		if w > 0 && (from == to || int64(p.Costs.Cost[from]) > radius) {
			r.Why = infeasible("siting.cell_without_site", "cell", p.CellName(i))
			return r
		}
	}
	r.Why = infeasible("siting.too_few_for_all", "p", p.P)
	return r
}

// solveSetCovering finds the fewest sites within whose Radius every cell lies
// (Toregas, Swain, ReVelle and Bergman 1971): the smallest number with which
// the covering problem has no loss.
func solveSetCovering(ctx context.Context, p *instance.Problem, o Options) *Result {
	most := p.Sites - len(p.Forbidden) - len(p.Existing)
	radius := int64(p.Radius)
	all := covers(ctx, p, radius, most, o, o.Start)
	if all.sites == nil {
		return refuse(p, all, radius)
	}
	l := ladder{ctx: ctx, p: p, o: o, rung: func(n int) int64 { return int64(n) }}
	l.ask = func(n int, o Options) verdict { return covers(ctx, p, radius, n, o, l.best) }
	l.take = func(sites []int32) {
		l.best = thin(p, radius, sites)
		l.high = len(l.best)
	}
	l.low = len(p.Required)
	l.take(all.sites)
	if l.low == 0 && l.high > 0 && !l.stopped() { // without any site some cell is left out
		l.low = 1
		l.proof = covers(ctx, p, radius, 0, o, nil)
	}
	return l.climb()
}

// thin leaves out sites that cover nothing alone, the last first.
func thin(p *instance.Problem, radius int64, sites []int32) []int32 {
	k := coverKernel(p, radius, len(sites))
	open := make([]bool, p.Sites)
	for _, j := range sites {
		open[j] = true
	}
	kept := slices.Clone(sites)
	for n := len(kept) - 1; n >= 0; n-- {
		j := kept[n]
		if k.fates[j] == in {
			continue
		}
		open[j] = false
		if k.value(open) > 0 {
			open[j] = true
			continue
		}
		kept = slices.Delete(kept, n, n+1)
	}
	return kept
}

// solveCenter finds the smallest radius within which P sites have every cell
// (Minieka 1970), among the costs that occur.
func solveCenter(ctx context.Context, p *instance.Problem, o Options) *Result {
	start, r := reachAll(ctx, p, o)
	if r != nil {
		return r
	}
	radii := distinct(p)
	if len(radii) == 0 || radii[0] > 0 {
		radii = slices.Insert(radii, 0, 0)
	}
	l := ladder{ctx: ctx, p: p, o: o, rung: func(n int) int64 { return int64(radii[n]) }}
	l.ask = func(n int, o Options) verdict { return covers(ctx, p, int64(radii[n]), p.P, o, l.best) }
	l.take = func(sites []int32) {
		l.best = sites
		l.high, _ = slices.BinarySearch(radii, int32(farthest(p, sites)))
	}
	l.take(start)
	return l.climb()
}

// distinct costs of cells with weight, ascending.
func distinct(p *instance.Problem) []int32 {
	var all []int32
	for i, w := range p.Weights {
		if w > 0 {
			all = append(all, p.Costs.Cost[p.Costs.Row[i]:p.Costs.Row[i+1]]...)
			if len(all) > 1<<22 {
				slices.Sort(all)
				all = slices.Compact(all)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// farthest is the largest cost of a cell with weight.
func farthest(p *instance.Problem, chosen []int32) int64 {
	open := make([]bool, p.Sites)
	for _, j := range slices.Concat(chosen, p.Existing) {
		open[j] = true
	}
	var most int64
	for i, w := range p.Weights {
		if w == 0 {
			continue
		}
		for a := p.Costs.Row[i]; a < p.Costs.Row[i+1]; a++ {
			if open[p.Costs.Site[a]] {
				most = max(most, int64(p.Costs.Cost[a]))
				break
			}
		}
	}
	return most
}

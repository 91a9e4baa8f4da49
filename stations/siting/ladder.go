package siting

import (
	"context"

	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// ladder looks for the lowest rung on which every cell can be covered. Rungs
// are numbers of sites (LSCP) or radii (PCenter); what a rung allows, the rungs
// above allow too.
type ladder struct {
	ctx  context.Context
	p    *instance.Problem
	o    Options
	rung func(n int) int64              // in the problem's terms
	ask  func(n int, o Options) verdict // o bounds the effort
	take func(sites []int32)            // sets best and high

	low   int     // rungs below are proven impossible
	high  int     // the rung of best
	best  []int32 // sites that cover all
	proof verdict // of low
	nodes int
}

func (l *ladder) stopped() bool {
	return l.ctx.Err() != nil || l.o.Nodes > 0 && l.nodes >= l.o.Nodes
}

// climb narrows the rungs between low and high by bisection, first with little
// effort per rung, which leaves a few hard ones, then with more and more.
func (l *ladder) climb() *Result {
	l.report()
	for effort := 16; l.low < l.high && !l.stopped(); effort *= 4 {
		// An undecided rung counts as possible to raise low, then as
		// impossible to lower high.
		for at, top := l.low, l.high; at < top && !l.stopped(); {
			mid := (at + top) / 2
			l.try(mid, effort)
			if at = l.low; at <= mid {
				top = min(mid, l.high)
			}
		}
		for at := l.low; at < l.high && !l.stopped(); {
			mid := (at + l.high) / 2
			l.try(mid, effort)
			if at = max(at, l.low); l.high > mid {
				at = mid + 1
			}
		}
	}
	return l.result()
}

// try asks about one rung.
func (l *ladder) try(n, effort int) {
	if l.o.Nodes > 0 {
		effort = min(effort, l.o.Nodes-l.nodes)
	}
	v := l.ask(n, Options{Nodes: effort})
	l.nodes += v.search.nodes
	switch {
	case v.sites != nil:
		l.take(v.sites)
	case v.no:
		l.low, l.proof = n+1, v
	default:
		return
	}
	l.report()
}

func (l *ladder) report() {
	if l.o.Progress == nil {
		return
	}
	g := Progress{Best: l.rung(l.high), Bound: l.rung(l.low), Nodes: l.nodes, Known: true, Open: withExisting(l.p, l.best)}
	g.Gap = gap(g.Best, g.Bound)
	l.o.Progress(g)
}

func (l *ladder) result() *Result {
	c := proof.Certificate{Format: proof.Format, Status: proof.Gap, Scale: 1, Lambda: [][]int64{}, Tree: []proof.Node{},
		Value: l.rung(l.high), Bound: l.rung(l.low), Open: withExisting(l.p, l.best)}
	if l.proof.search != nil {
		l.proof.search.tree.certificate(l.proof.search.k, &c)
	}
	if l.low == l.high {
		c.Status = proof.Optimal
	}
	return &Result{Certificate: c, Nodes: l.nodes}
}

package siting

import (
	"context"
	"slices"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// solveCapacitated answers the p-median problem with a limit of weight per
// site, where the weight of a cell may be split. Bounds are those of the
// Lagrangian relaxation of the assignment, as strong as the linear relaxation;
// with all sites fixed a transportation problem is left, solved exactly.
func solveCapacitated(ctx context.Context, p *instance.Problem, o Options) (*Result, error) {
	a, cells := capacitatedAllocation(p)
	s := newAllocator(ctx, a)
	s.worth = p.Most() + 1
	if o.Progress != nil {
		s.progress = func(best *plan, bound int64, nodes int) {
			o.Progress(progressOf(best, bound, nodes))
		}
	}
	why := capacityByCounting(p, a)
	if why != nil { // the root is closed before any search
		s.nodes = []branch{{parent: -1, site: -1, by: -1, bound: impossible}}
	} else {
		s.given = o.Start
		s.run(o.Nodes)
	}
	return capacitatedResult(p, s, cells, why), nil
}

// capacitatedAllocation leaves out cells without demand and pairs that cannot
// be. cells are the numbers of the items.
func capacitatedAllocation(p *instance.Problem) (*allocation, []int32) {
	a := &allocation{unit: slices.Clone(p.Capacity), total: p.P, rowAt: []int32{0}, lo: make([]int32, p.Sites), hi: make([]int32, p.Sites), counted: make([]bool, p.Sites)}
	for j := range a.hi {
		a.hi[j], a.counted[j] = 1, true
	}
	for _, j := range p.Forbidden {
		a.hi[j] = 0
	}
	for _, j := range p.Required {
		a.lo[j] = 1
	}
	for _, j := range p.Existing {
		a.lo[j], a.counted[j] = 1, false
	}
	var cells []int32
	for i, w := range p.Weights {
		if w == 0 {
			continue
		}
		cells = append(cells, int32(i))
		a.addItem(w, p, i)
	}
	a.transpose()
	a.setScale(p.Most() + 1)
	return a, cells
}

// addItem adds weight of cell i.
func (a *allocation) addItem(weight int64, p *instance.Problem, i int) {
	a.weight = append(a.weight, weight)
	for k := p.Costs.Row[i]; k < p.Costs.Row[i+1]; k++ {
		if a.hi[p.Costs.Site[k]] > 0 {
			a.rowSite = append(a.rowSite, p.Costs.Site[k])
			a.rowCost = append(a.rowCost, p.Costs.Cost[k])
		}
	}
	a.rowAt = append(a.rowAt, int32(len(a.rowSite)))
}

// capacityByCounting finds what no search is needed for.
func capacityByCounting(p *instance.Problem, a *allocation) *ortsnah.Error {
	var need int64
	for i, w := range p.Weights {
		need += w
		has := func(j int32) bool { return a.hi[j] > 0 }
		if w > 0 && !slices.ContainsFunc(p.Costs.Site[p.Costs.Row[i]:p.Costs.Row[i+1]], has) {
			return infeasible("siting.cell_without_site", "cell", p.CellName(i))
		}
	}
	if room := a.mostRoom(a.lo, a.hi); room < need {
		return infeasible("siting.capacity_too_small", "capacity", room, "demand", need)
	}
	return nil
}

func progressOf(best *plan, bound int64, nodes int) Progress {
	g := Progress{Bound: bound, Nodes: nodes}
	if best != nil {
		g.Known, g.Best, g.Open = true, best.value, openSites(best.take)
		g.Gap = float64(best.value-bound) / float64(max(1, best.value))
	}
	return g
}

func openSites(take []int32) []int32 {
	open := []int32{}
	for j, n := range take {
		if n > 0 {
			open = append(open, int32(j))
		}
	}
	return open
}

func capacitatedResult(p *instance.Problem, s *allocator, cells []int32, why *ortsnah.Error) *Result {
	c := proof.Certificate{Format: proof.Format, Open: []int32{}, Scale: s.scale}
	c.Lambda, c.Tree = s.proof(cells, len(p.Weights))
	c.Bound = min(s.proven, s.worth)
	switch {
	case s.best == nil && (why != nil || s.proven >= s.worth):
		c.Status, c.Bound = proof.Infeasible, 0
		if why == nil {
			why = infeasible("siting.capacity_out_of_reach", "p", p.P)
		}
	case s.best == nil:
		c.Status = proof.Unknown
	default:
		c.Status, c.Value, c.Open = proof.Gap, s.best.value, openSites(s.best.take)
		if c.Bound == c.Value {
			c.Status = proof.Optimal
		}
		for _, sh := range s.best.shares {
			c.Flow = append(c.Flow, proof.Share{Cell: cells[sh.item], Site: sh.site, Weight: sh.weight})
		}
	}
	return &Result{Certificate: c, Nodes: s.done, Why: why}
}

// proof writes the tree in preorder and the multipliers that its leaves use.
func (s *allocator) proof(cells []int32, n int) (lambda [][]int64, tree []proof.Node) {
	number := make([]int32, len(s.pool))
	lambda = [][]int64{}
	for stack := []int32{0}; len(stack) > 0; {
		b := s.nodes[stack[len(stack)-1]]
		stack = stack[:len(stack)-1]
		if b.site >= 0 {
			tree = append(tree, proof.Node{Site: b.site})
			stack = append(stack, b.high, b.low)
			continue
		}
		if b.by < 0 {
			tree = append(tree, proof.Node{Site: -1, By: -1})
			continue
		}
		if number[b.by] == 0 {
			wide := make([]int64, n)
			for i, cell := range cells {
				wide[cell] = s.pool[b.by][i]
			}
			lambda = append(lambda, wide)
			number[b.by] = int32(len(lambda))
		}
		tree = append(tree, proof.Node{Site: -1, By: number[b.by] - 1})
	}
	return lambda, tree
}

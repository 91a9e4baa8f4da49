package siting

import (
	"container/heap"
	"context"
	"math"
	"slices"
)

// search is branch and bound over a kernel: Lagrangian bounds, fixing of sites
// by reduced cost, the best bound first.
type search struct {
	ctx      context.Context
	k        *kernel
	maxNodes int
	report   func() // after each improvement of best or bound

	goal   int64   // only choices below it are wanted; best as soon as one is known
	enough int64   // a value that ends the search
	best   int64   // value of chosen
	chosen []int32 // nil: none known
	lower  int64   // proven, times the scale
	nodes  int

	tree  tree
	open  queue
	relax *relaxation
	root  *relaxation // rows after the fixings at the root
	swaps *exchange
	tried map[uint64]bool // choices that the interchange has been through

	rooted         bool // the root has been visited
	mu, top, draft []int64
	dir, grad      []float64
	peak           int64 // best bound at this node
	steps, nextTry int
	idle           int          // steps since the peak
	outs, ins      []experience // per site
	often          []float64    // per site: how often picked of late
}

const never = math.MaxInt64

func newSearch(ctx context.Context, k *kernel, o Options) *search {
	n := k.cells()
	s := &search{ctx: ctx, k: k, maxNodes: o.Nodes, goal: never, best: never, enough: math.MinInt64, report: func() {},
		relax: newRelaxation(k), root: newRelaxation(k), tried: map[uint64]bool{},
		mu: make([]int64, n), top: make([]int64, n), draft: make([]int64, n), dir: make([]float64, n), grad: make([]float64, n),
		often: make([]float64, k.sites), outs: make([]experience, k.sites), ins: make([]experience, k.sites)}
	s.swaps = newExchange(k, s.stopped)
	s.tree.twigs = []twig{{site: -1}}
	return s
}

func (s *search) stopped() bool { return s.ctx.Err() != nil }

// closes says that nothing wanted is worth bound or more.
func (s *search) closes(bound int64) bool { return bound > (s.goal-1)<<s.k.shift }

// offer takes over a choice if it is better.
func (s *search) offer(value int64, chosen []int32) {
	if value >= s.best {
		return
	}
	s.best = value
	s.chosen = append(make([]int32, 0, len(chosen)), chosen...) // not nil, even of no site
	s.goal = min(s.goal, value)
	s.report()
}

// try offers what the interchange makes of a choice.
func (s *search) try(chosen []int32) {
	chosen = slices.Clone(chosen)
	slices.Sort(chosen)
	h := uint64(14695981039346656037)
	for _, j := range chosen {
		h = (h ^ uint64(j)) * 1099511628211
	}
	if s.tried[h] {
		return
	}
	s.tried[h] = true
	v := s.swaps.improve(chosen)
	s.offer(v, chosen)
}

// first finds a choice to begin with.
func (s *search) first(start []int32) {
	s.try(s.swaps.greedy(nil))
	if start != nil {
		s.try(s.swaps.greedy(start))
	}
}

// run searches until the goal is proven to be out of reach (closed), a covering
// is found, nodes run out or the context ends.
func (s *search) run() {
	s.warm()
	root := &node{fates: slices.Clone(s.k.fates), by: &multipliers{mu: slices.Clone(s.mu)}}
	s.dig(root)
	s.root.clamp(root.by.mu)
	root.bound = s.root.bound(root.by.mu)
	if floor := make([]int64, len(s.mu)); root.bound < 0 {
		s.root.clamp(floor) // as low as they go: worth what all cells pay at least
		root.by.mu, root.bound = floor, s.root.bound(floor)
	}
	s.lower = root.bound
	s.open = queue{root}
	for len(s.open) > 0 && !s.stopped() && s.best > s.enough && (s.maxNodes == 0 || s.nodes < s.maxNodes) && s.fits() {
		n := heap.Pop(&s.open).(*node)
		if s.enough == math.MinInt64 {
			s.raise(n.bound)
		}
		s.nodes++
		s.visit(n)
	}
	low := int64(never)
	for _, n := range s.open {
		low = min(low, n.bound)
		s.tree.close(n.twig, n.by)
	}
	s.raise(low)
}

// fits says whether there is room to go on: half a gigabyte of multipliers.
func (s *search) fits() bool { return (s.tree.kept+len(s.open))*s.k.cells() < 1<<26 }

// raise notes that no open node is below bound.
func (s *search) raise(bound int64) {
	if s.goal < never {
		bound = min(bound, s.goal<<s.k.shift)
	}
	if bound > s.lower && bound < never {
		s.lower = bound
		s.report()
	}
}

// visit bounds node n, fixes what the bound allows and closes or splits it.
func (s *search) visit(n *node) {
	r := s.relax
	r.narrow(s.root.row, s.root.arcs, s.root.limit, n.fates)
	atRoot := !s.rooted
	pace := pace{theta: 0.3, patience: 8, shrink: 0.7, least: 0.01, rounds: 6}
	cost := s.rebase(n)
	copy(s.mu, n.by.mu)
	if s.rooted = true; atRoot {
		pace = s.rootPace(cost)
	}
	s.peak, s.idle = -1, 0
	clear(s.dir)
	for round := 0; round < pace.rounds && pace.theta >= pace.least; round++ {
		if r.rem <= 0 || r.rem >= len(r.sites) {
			break
		}
		before := n.bound
		s.ascend(n, &pace, 30)
		if s.closes(n.bound) {
			s.tree.close(n.twig, n.by)
			return
		}
		if s.stopped() {
			heap.Push(&s.open, n)
			return
		}
		fixed := s.fix(n)
		if fixed > 0 {
			s.renarrow(n, atRoot)
		}
		if atRoot {
			s.raise(n.bound)
		} else if fixed*10 < len(r.sites) && round > 0 && float64(n.bound-before) < 0.1*float64(s.goal<<s.k.shift-n.bound) {
			break
		}
	}
	if atRoot {
		s.shake(n)
	}
	switch {
	case s.closes(n.bound):
		s.tree.close(n.twig, n.by)
	case s.stopped():
		heap.Push(&s.open, n)
	case r.rem > 0 && r.rem < len(r.sites):
		s.branch(n)
	default:
		s.settle(n)
	}
}

// dig makes the rows (for coverings the columns too) that all nodes start from.
func (s *search) dig(n *node) {
	s.root.narrow(s.k.row, s.k.arcs, s.k.limit, n.fates)
	if s.k.flat {
		s.root.cols.fill(s.k.sites, s.root.row, s.root.arcs)
		s.relax.cols = s.root.cols
	}
}

// slow is the work of an evaluation from which steps are dear.
const slow = 100_000

// rootPace goes on until next to nothing is gained where evaluations cost
// little: what the root misses, the tree pays for many times over.
func (s *search) rootPace(cost int) pace {
	switch {
	case s.k.flat: // of the steps a quarter looks at all sites
		return pace{theta: 1, patience: 40, shrink: 0.7, least: 0.002, rounds: 1000}
	case cost > slow || s.enough == 0:
		return pace{theta: 1, patience: 20, shrink: 0.7, least: 0.002, rounds: 1000}
	}
	return pace{theta: 1, patience: 40, shrink: 0.9, least: 0.0001, rounds: 1000}
}

// renarrow takes the fixings of n into the rows.
func (s *search) renarrow(n *node, atRoot bool) {
	s.relax.narrow(s.root.row, s.root.arcs, s.root.limit, n.fates)
	if atRoot {
		s.dig(n)
	}
	s.rebase(n)
}

// rebase brings the multipliers of n between the limits that hold in the rows;
// the bound does not suffer, but is right for them only then. It returns the
// work of the evaluation.
func (s *search) rebase(n *node) int {
	before := s.relax.work
	mu := slices.Clone(n.by.mu)
	s.relax.clamp(mu)
	n.bound = max(n.bound, s.relax.bound(mu))
	n.by = &multipliers{mu: mu}
	return s.relax.work - before
}

// settle closes a node where no choice is left.
func (s *search) settle(n *node) {
	chosen := make([]int32, 0, s.k.p)
	open := make([]bool, s.k.sites)
	take := func(want fate) {
		for j, f := range n.fates {
			if f == want && len(chosen) < s.k.p {
				chosen = append(chosen, int32(j))
				open[j] = true
			}
		}
	}
	take(in)
	take(free)
	if len(chosen) == s.k.p {
		s.offer(s.k.value(open), chosen)
	}
	s.tree.close(n.twig, nil)
}

// tryPicked offers the choice that the relaxation picked.
func (s *search) tryPicked(n *node) {
	r := s.relax
	chosen := make([]int32, 0, s.k.p)
	for j, f := range n.fates {
		if f == in {
			chosen = append(chosen, int32(j))
		}
	}
	smallest(r.order, r.rem, r.rho)
	s.try(append(chosen, r.order[:r.rem]...))
}

// fix applies reduced costs at the best multipliers of n: a free site whose
// opening (or closing) would lift the bound to the goal is out (or in). Every
// fixing is a branching with one leaf.
func (s *search) fix(n *node) int {
	r := s.relax
	l := r.bound(n.by.mu)
	last, next := r.margins()
	fixed := 0
	for _, j := range r.order {
		switch {
		case !r.picked[j] && s.closes(l-last+r.rho[j]):
			n.fates[j] = out
			o, i := s.tree.split(n.twig, j)
			s.tree.close(i, n.by)
			n.twig = o
			fixed++
		case r.picked[j] && s.closes(l-r.rho[j]+next):
			n.fates[j] = in
			o, i := s.tree.split(n.twig, j)
			s.tree.close(o, n.by)
			n.twig = i
			fixed++
		}
	}
	return fixed
}

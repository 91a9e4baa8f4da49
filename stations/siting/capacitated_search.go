package siting

import (
	"container/heap"
	"context"
	"slices"
)

// allocator is a branch and bound over the numbers of sessions, best bound first.
type allocator struct {
	*allocation
	ctx      context.Context
	worth    int64 // value to beat: of the best plan, or one more than any plan costs
	best     *plan
	dual     []int64 // multipliers of the best plan's leaf
	pool     [][]int64
	nodes    []branch
	open     branchQueue
	bounder  *bounder
	tried    map[string]bool
	done     int
	given    []int32 // a choice to begin with
	proven   int64
	weak     int64 // least bound of a leaf that its multipliers did not close; impossible: there is none
	progress func(best *plan, bound int64, nodes int)
}

// branch is a node of the tree. A branching node says that its low child has
// at most split sessions at the site and its high child more.
type branch struct {
	parent, low, high int32
	site              int32 // -1: a leaf
	split             int32
	by                int32 // multipliers of the bound, place in the pool; -1: impossible by counting
	bound             int64 // in whole units
	isHigh            bool
}

// branchQueue orders the open nodes by bound, then by age.
type branchQueue struct {
	nodes *[]branch
	at    []int32
}

func (q branchQueue) Len() int { return len(q.at) }
func (q branchQueue) Less(a, b int) bool {
	x, y := (*q.nodes)[q.at[a]].bound, (*q.nodes)[q.at[b]].bound
	return x < y || x == y && q.at[a] < q.at[b]
}
func (q branchQueue) Swap(a, b int) { q.at[a], q.at[b] = q.at[b], q.at[a] }
func (q *branchQueue) Push(x any)   { q.at = append(q.at, x.(int32)) }
func (q *branchQueue) Pop() any {
	x := q.at[len(q.at)-1]
	q.at = q.at[:len(q.at)-1]
	return x
}

const (
	rootSteps = 1500 // of the subgradient method
	nodeSteps = 100
)

func newAllocator(ctx context.Context, a *allocation) *allocator {
	s := &allocator{allocation: a, ctx: ctx, bounder: newBounder(a), tried: map[string]bool{}, weak: impossible}
	return s
}

// run searches until the best plan is proven, the context ends or so many nodes
// are done (0: no limit).
func (s *allocator) run(nodes int) {
	s.start(s.given)
	if s.best != nil {
		s.polish(s.best.take, 150)
	}
	s.pool = append(s.pool, s.firstMultipliers())
	s.nodes = append(s.nodes, branch{parent: -1, site: -1})
	s.open = branchQueue{nodes: &s.nodes, at: []int32{0}}
	for s.open.Len() > 0 && s.ctx.Err() == nil && (nodes == 0 || s.done < nodes) {
		at := s.open.at[0]
		if bound := s.nodes[at].bound; bound >= s.worth {
			break
		} else if bound = min(bound, s.weak); bound > s.proven {
			s.proven = bound
			s.report()
		}
		heap.Pop(&s.open)
		s.work(at)
		s.done++
	}
	s.proven = min(s.worth, s.weak)
	for _, at := range s.open.at {
		s.proven = min(s.proven, s.nodes[at].bound)
	}
	s.report()
}

func (s *allocator) report() {
	if s.progress != nil {
		s.progress(s.best, min(s.proven, s.worth), s.done)
	}
}

func (s *allocator) keep(p *plan, dual []int64) {
	s.best, s.worth, s.dual = p, p.value, dual
	s.report()
}

// firstMultipliers are the duals of the best plan, or what the second nearest
// site costs.
func (s *allocator) firstMultipliers() []int64 {
	if s.dual != nil && s.walk == nil {
		return s.dual
	}
	lambda := make([]int64, len(s.weight))
	for i := range lambda {
		if k := s.rowAt[i]; k < s.rowAt[i+1] {
			lambda[i] = min(s.ceiling, s.scale*int64(s.rowCost[min(k+1, s.rowAt[i+1]-1)]))
		}
	}
	return lambda
}

// limit sets the bounder to the limits of node at.
func (s *allocator) limit(at int32) {
	b := s.bounder
	copy(b.lo, s.lo)
	copy(b.hi, s.hi)
	for ; s.nodes[at].parent >= 0; at = s.nodes[at].parent {
		up := &s.nodes[s.nodes[at].parent]
		if s.nodes[at].isHigh {
			b.lo[up.site] = max(b.lo[up.site], up.split+1)
		} else {
			b.hi[up.site] = min(b.hi[up.site], up.split)
		}
	}
	b.narrowed()
}

// work closes node at or branches on it.
func (s *allocator) work(at int32) {
	s.limit(at)
	b := s.bounder
	if s.hopeless(b) {
		s.nodes[at].by, s.nodes[at].bound = -1, impossible
		return
	}
	if s.fixed(b) {
		s.leaf(at)
		return
	}
	steps := nodeSteps
	if at == 0 {
		steps = rootSteps
	}
	r := s.ascend(s.pool[s.nodes[at].by], steps)
	if r.steps > 0 {
		s.pool = append(s.pool, r.lambda)
		s.nodes[at].by = int32(len(s.pool) - 1)
	}
	s.nodes[at].bound = max(s.nodes[at].bound, wholeUnits(r.bound, s.scale))
	if at == 0 && s.best != nil {
		s.polish(s.best.take, 400)
	}
	if at == 0 || s.done%4 == 0 {
		likely := s.filled(s.likeliest(b, r.mean))
		s.polish(likely, 100)
		s.settleWalkers(likely)
	}
	if s.nodes[at].bound >= s.worth {
		return
	}
	if s.ctx.Err() != nil {
		heap.Push(&s.open, at)
		return
	}
	s.branchOn(s.fix(at), r)
}

// wholeUnits rounds a bound up: values are whole.
func wholeUnits(bound, scale int64) int64 {
	if bound >= impossible {
		return impossible
	}
	return -(-bound / scale) + boolToInt(bound > 0 && bound%scale != 0)
}

func boolToInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// hopeless says whether mere counting shows that the limits allow no plan.
func (s *allocator) hopeless(b *bounder) bool {
	var need int64
	for i, w := range s.weight {
		need += w
		has := false
		for k := s.rowAt[i]; k < s.rowAt[i+1] && !has; k++ {
			has = b.hi[s.rowSite[k]] > 0
		}
		if !has {
			return true
		}
	}
	return s.mostRoom(b.lo, b.hi) < need || sessions(b.lo, s.counted) > s.total || sessions(b.hi, s.counted) < s.least
}

// mostRoom is the weight that the sessions can serve at most.
func (a *allocation) mostRoom(lo, hi []int32) int64 {
	var room int64
	left := a.total
	var free []int64
	for j := range a.unit {
		room += a.unit[j] * int64(lo[j])
		if a.counted[j] {
			left -= int(lo[j])
			free = append(free, slices.Repeat([]int64{a.unit[j]}, int(hi[j]-lo[j]))...)
		}
	}
	slices.Sort(free)
	for k := len(free) - 1; k >= 0 && left > 0; k-- {
		room += free[k]
		left--
	}
	return room
}

// fixed says whether the limits leave one choice of sessions alone, which is
// then in take.
func (s *allocator) fixed(b *bounder) bool {
	switch {
	case sessions(b.lo, s.counted) == s.total:
		copy(b.take, b.lo)
	case sessions(b.hi, s.counted) <= s.total:
		copy(b.take, b.hi)
	default:
		return false
	}
	return true
}

// leaf closes a node in which all sessions are fixed.
func (s *allocator) leaf(at int32) {
	b := s.bounder
	copy(b.lo, b.take)
	copy(b.hi, b.take)
	b.narrowed()
	p, lambda := s.leafOf(b.take, s.worth)
	if p != nil && p.value < s.worth {
		s.keep(p, lambda)
	}
	bound := b.bound(lambda)
	s.nodes[at].bound = wholeUnits(bound, s.scale)
	if bound >= impossible {
		s.nodes[at].by = -1
		return
	}
	if s.nodes[at].bound < s.worth { // out of the multipliers' range: an honest gap
		s.weak = min(s.weak, s.nodes[at].bound)
	}
	s.pool = append(s.pool, lambda)
	s.nodes[at].by = int32(len(s.pool) - 1)
}

// child adds a node below at.
func (s *allocator) child(at int32, high bool, by int32, bound int64) int32 {
	s.nodes = append(s.nodes, branch{parent: at, isHigh: high, site: -1, by: by, bound: bound})
	c := int32(len(s.nodes) - 1)
	if high {
		s.nodes[at].high = c
	} else {
		s.nodes[at].low = c
	}
	return c
}

// fix cuts off the sessions that reduced costs exclude; each is a branching
// node with one closed child. It gives the node at which the rest hangs.
func (s *allocator) fix(at int32) int32 {
	b := s.bounder
	by := s.nodes[at].by
	lambda := s.pool[by]
	total := b.bound(lambda)
	base := total - b.table[len(b.shared)*(b.total+1):][sessions(b.take, b.counted)]
	lo, hi := slices.Repeat([]int32{-1}, len(b.unit)), make([]int32, len(b.unit))
	b.priced(base, func(j, n int, bound int64) {
		if wholeUnits(bound, s.scale) >= s.worth {
			return
		}
		if lo[j] < 0 {
			lo[j] = int32(n)
		}
		hi[j] = int32(n)
	})
	bound := s.nodes[at].bound
	for _, j := range b.shared {
		if lo[j] < 0 {
			continue // not one number is left: the children's bounds will say so
		}
		if hi[j] < b.hi[j] {
			s.nodes[at].site, s.nodes[at].split = j, hi[j]
			s.child(at, true, by, s.worth)
			at = s.child(at, false, by, bound)
			b.hi[j] = hi[j]
		}
		if lo[j] > b.lo[j] {
			s.nodes[at].site, s.nodes[at].split = j, lo[j]-1
			s.child(at, false, by, s.worth)
			at = s.child(at, true, by, bound)
			b.lo[j] = lo[j]
		}
	}
	b.narrowed()
	return at
}

// branchOn splits node at where the relaxation is least decided.
func (s *allocator) branchOn(at int32, r ascent) {
	b := s.bounder
	by, bound := s.nodes[at].by, s.nodes[at].bound
	if s.fixed(b) || s.hopeless(b) {
		heap.Push(&s.open, at)
		return
	}
	site, split := int32(-1), int32(0)
	widest := -1.0
	for _, j := range b.shared {
		if b.lo[j] == b.hi[j] {
			continue
		}
		y := min(max(r.mean[j], float64(b.lo[j])), float64(b.hi[j]))
		n := min(int32(y), b.hi[j]-1)
		part := y - float64(n)
		if width := min(part, 1-part); width > widest {
			site, split, widest = j, n, width
		}
	}
	s.nodes[at].site, s.nodes[at].split = site, split
	heap.Push(&s.open, s.child(at, false, by, bound))
	heap.Push(&s.open, s.child(at, true, by, bound))
}

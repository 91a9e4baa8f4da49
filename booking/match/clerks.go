package match

import (
	"cmp"
	"math"
	"slices"
)

// hand is one clerk for one part in a block, on starts of the whole visit.
type hand struct {
	clerk, load, quota int // quota: math.MaxInt for none
	can                Timeline
	before, after      Timeline // leaves a hole of no use before, after the part
}

// split is one way to share the parts among clerks: group[i] numbers the clerk
// of part i, the first part's is 0, a new one is the next number.
type split struct {
	group   []int
	sets    []int // per group: bit i for part i
	changes int
}

// splits are all ways for n parts, as restricted growth strings (Knuth, TAOCP
// 7.2.1.5), few clerks first.
func splits(n int) []split {
	var all []split
	group := make([]int, n)
	var grow func(i, groups int)
	grow = func(i, groups int) {
		if i == n {
			sp := split{group: slices.Clone(group), sets: make([]int, groups)}
			for part, g := range group {
				sp.sets[g] |= 1 << part
				if part > 0 && group[part-1] != g {
					sp.changes++
				}
			}
			all = append(all, sp)
			return
		}
		for g := range groups + 1 {
			group[i] = g
			grow(i+1, max(groups, g+1))
		}
	}
	grow(0, 0)
	slices.SortStableFunc(all, func(a, b split) int { return cmp.Compare(len(a.sets), len(b.sets)) })
	return all
}

// gather lists who can do a part in a block at the starts w: a hand per clerk,
// by clerk. With released, what is booked counts as free; without limits, the
// quota does not count.
func (s *search) gather(part, place, day int, w Timeline, released, limits bool) []hand {
	hands := s.hands[part][:0]
	all, found := s.p.Parts[part].Shifts, s.shiftsOf(part, place, day)
	open := Span(0, s.p.Days[day].Cells)
	for i := 0; i < len(found); {
		h := hand{clerk: all[found[i]].Clerk, quota: math.MaxInt}
		var free Timeline
		for ; i < len(found) && all[found[i]].Clerk == h.clerk; i++ {
			shift := &all[found[i]]
			if released && !shift.Open.empty() {
				free.or(shift.Open)
			} else {
				free.or(shift.Free)
			}
			h.load = max(h.load, shift.Load)
			if shift.Quota >= 0 && limits {
				h.quota = min(h.quota, shift.Quota)
			}
		}
		if h.quota < s.p.Parts[part].Minutes {
			continue
		}
		free.and(open)
		if h.fit(free, w, s.offset[part], s.claim[part], s.hole); !h.can.empty() {
			hands = append(hands, h)
		}
	}
	s.hands[part] = hands
	return hands
}

// fit finds at which of the starts w the clerk has the claim free from offset
// cells on, and where that leaves a hole of fewer than so many cells.
func (h *hand) fit(free, w Timeline, offset, claim, hole int) {
	h.can = free
	h.can.erode(claim)
	h.can.earlier(offset)
	h.can.and(w)
	if h.can.empty() || hole <= 1 {
		return
	}
	whole := free // a visit could begin here
	whole.erode(hole)
	h.after = free
	h.after.andNot(whole)
	h.after.earlier(offset + claim)
	h.before = free
	h.before.later(1)
	whole.later(hole)
	h.before.andNot(whole)
	h.before.earlier(offset)
}

// odd is the cost of holes around the run of parts from first to last at a start.
func odd(first, last *hand, cell int) int {
	return perOddRun * int(first.before[cell>>6]>>(cell&63)&1+last.after[cell>>6]>>(cell&63)&1)
}

// own is the cost of a clerk's load, and the gain when it is the one asked for.
func (s *search) own(h *hand, minutes int) int {
	cost := h.load * perLoad / 60 * minutes / max(s.minutes, 1)
	if s.p.Clerk != 0 && h.clerk == s.p.Clerk {
		cost -= otherClerk
	}
	return cost
}

// staff finds for each start the cheapest clerks. It calls found with the cost
// in seconds and a clerk per part; found must not keep them.
func (s *search) staff(starts Timeline, found func(cell, cost int, clerks []int32)) {
	if len(s.hands) == 1 {
		s.staffOne(starts, found)
		return
	}
	s.unite()
	starts.each(func(cell int) {
		if cost, clerks := s.share(cell); clerks != nil {
			found(cell, cost, clerks)
		}
	})
}

func (s *search) staffOne(starts Timeline, found func(cell, cost int, clerks []int32)) {
	var cost, clerk [Words * 64]int32
	for i := range cost {
		cost[i] = math.MaxInt32
	}
	for i := range s.hands[0] {
		h := &s.hands[0][i]
		own := int32(s.own(h, s.minutes))
		can := h.can
		can.and(starts)
		can.each(func(cell int) {
			if c := own + int32(odd(h, h, cell)); c < cost[cell] {
				cost[cell], clerk[cell] = c, int32(h.clerk)
			}
		})
	}
	starts.each(func(cell int) {
		if cost[cell] < math.MaxInt32 {
			found(cell, int(cost[cell]), clerk[cell:cell+1])
		}
	})
}

// unite lists all clerks of the block's hands and where each is in every part.
func (s *search) unite() {
	s.union = s.union[:0]
	for _, hands := range s.hands {
		for i := range hands {
			s.union = append(s.union, hands[i].clerk)
		}
	}
	slices.Sort(s.union)
	s.union = slices.Compact(s.union)
	if s.at == nil {
		s.at = make([][]int16, len(s.hands))
	}
	for part, hands := range s.hands {
		s.at[part] = s.at[part][:0]
		i := 0
		for _, clerk := range s.union {
			if i < len(hands) && hands[i].clerk == clerk {
				s.at[part] = append(s.at[part], int16(i))
				i++
			} else {
				s.at[part] = append(s.at[part], -1)
			}
		}
	}
}

// pick is a clerk (index in union) for a set of parts.
type pick struct{ cost, clerk int }

// ranking are the cheapest clerks for a set of parts. As many as there are parts
// are enough: the other groups of a split can want all but one of them.
type ranking struct {
	held int
	best [maxParts]pick
}

// share finds the cheapest clerks for a chain at one start; nil when there are
// none. They are overwritten by the next call.
func (s *search) share(cell int) (best int, clerks []int32) {
	n := len(s.hands)
	for set := range 1 << n {
		s.top[set].held = 0
	}
	for u := range s.union {
		able := 0
		for part := range s.hands {
			if i := s.at[part][u]; i >= 0 && s.hands[part][i].can.has(cell) {
				able |= 1 << part
			}
		}
		for set := able; set > 0; set = (set - 1) & able {
			if cost, ok := s.together(set, u, cell); ok {
				s.top[set].insert(n, pick{cost, u})
			}
		}
	}
	s.shared = s.shared[:0]
	best = math.MaxInt
	for i := range s.splits {
		var chosen [maxParts]int
		s.try(&s.splits[i], &chosen, 0, s.splits[i].changes*perChange, &best)
	}
	if len(s.shared) == 0 {
		return best, nil
	}
	return best, s.shared
}

// try gives the groups of a split from g on to clerks in every way; what is
// better than best, or as good with lower ids, becomes s.shared.
func (s *search) try(sp *split, chosen *[maxParts]int, g, cost int, best *int) {
	if g == len(sp.sets) {
		if cost < *best || cost == *best && s.lower(sp, chosen, s.shared) {
			*best, s.shared = cost, s.shared[:0]
			for _, g := range sp.group {
				s.shared = append(s.shared, int32(s.union[chosen[g]]))
			}
		}
		return
	}
	top := &s.top[sp.sets[g]]
	for _, c := range top.best[:top.held] {
		if !slices.Contains(chosen[:g], c.clerk) {
			chosen[g] = c.clerk
			s.try(sp, chosen, g+1, cost+c.cost, best)
		}
	}
}

// together is the cost of one clerk for a set of parts, all of which that clerk can do;
// not ok when the quota forbids it.
func (s *search) together(set, u, cell int) (cost int, ok bool) {
	var first, last, some *hand // of the run
	minutes, quota := 0, math.MaxInt
	for part := range s.hands {
		if set>>part&1 == 0 {
			if first != nil {
				cost += odd(first, last, cell)
			}
			first = nil
			continue
		}
		last = &s.hands[part][s.at[part][u]]
		if first == nil {
			first = last
		}
		minutes += s.p.Parts[part].Minutes
		quota = min(quota, last.quota)
		if some == nil || last.load > some.load {
			some = last
		}
	}
	if first != nil {
		cost += odd(first, last, cell)
	}
	return cost + s.own(some, minutes), minutes <= quota
}

// insert keeps the n cheapest sorted; clerks come by id, so that of equal ones
// the lower stays before.
func (r *ranking) insert(n int, p pick) {
	i := r.held
	for i > 0 && r.best[i-1].cost > p.cost {
		i--
	}
	if i == n {
		return
	}
	r.held = min(r.held+1, n)
	copy(r.best[i+1:r.held], r.best[i:r.held-1])
	r.best[i] = p
}

// lower tells whether the chosen clerks come before the others by id.
func (s *search) lower(sp *split, chosen *[maxParts]int, than []int32) bool {
	for part, g := range sp.group {
		if id := int32(s.union[chosen[g]]); id != than[part] {
			return id < than[part]
		}
	}
	return false
}

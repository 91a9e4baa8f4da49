package siting

import (
	"slices"
)

// plan is a choice of sessions with who goes where.
type plan struct {
	value  int64
	take   []int32 // sessions per site
	shares []share // by item, then site
}

// share is the weight of an item that a site serves.
type share struct {
	item, site int32
	weight     int64
}

// leafOf is the plan of least cost with these sessions, and multipliers that
// show that there is none better; nil when somebody finds no room, with
// multipliers that show that.
func (a *allocation) leafOf(take []int32, worth int64) (*plan, []int64) {
	sites, room, ok := a.rooms(take)
	lambda := make([]int64, len(a.weight))
	if !ok {
		return nil, lambda
	}
	t := newTransport(a, a.walk, sites, room)
	if stuck, missing := t.run(); stuck != nil {
		return nil, t.cut(lambda, stuck, missing, worth)
	}
	p := &plan{value: t.value, take: slices.Clone(take)}
	for k, i := range t.items {
		for s, j := range sites {
			if w := t.amount[k*len(sites)+s]; w > 0 {
				p.shares = append(p.shares, share{i, j, w})
			}
		}
	}
	for i := range a.walk {
		if a.walk[i] {
			j, cost := a.walksTo(i, take)
			p.shares = append(p.shares, share{int32(i), j, a.weight[i]})
			p.value += int64(cost) * a.weight[i]
		}
	}
	slices.SortStableFunc(p.shares, func(x, y share) int { return int(x.item) - int(y.item) })
	return p, t.duals(lambda)
}

// rooms are the sites with sessions and what they have room for beside those
// who walk there; not ok when these are too many, or one finds no site.
func (a *allocation) rooms(take []int32) (sites []int32, room []int64, ok bool) {
	left := make([]int64, len(a.unit))
	for j, n := range take {
		left[j] = a.unit[j] * int64(n)
	}
	for i := range a.walk {
		if a.walk[i] {
			j, _ := a.walksTo(i, take)
			if j < 0 {
				return nil, nil, false
			}
			if left[j] -= a.weight[i]; left[j] < 0 {
				return nil, nil, false
			}
		}
	}
	for j, n := range take {
		if n > 0 {
			sites, room = append(sites, int32(j)), append(room, left[j])
		}
	}
	return sites, room, true
}

// walksTo is the nearest site with sessions and the cost of the way; -1: none.
func (a *allocation) walksTo(i int, take []int32) (site, cost int32) {
	for k := a.rowAt[i]; k < a.rowAt[i+1]; k++ {
		if take[a.rowSite[k]] > 0 {
			return a.rowSite[k], a.rowCost[k]
		}
	}
	return -1, 0
}

// offer tries a choice of sessions that was not tried before and keeps the plan
// when it is the best so far.
func (s *allocator) offer(take []int32) bool {
	key := string(bytesOf(take))
	if n := sessions(take, s.counted); s.tried[key] || n < s.least || n > s.total {
		return false
	}
	s.tried[key] = true
	p, lambda := s.leafOf(take, s.worth)
	if p == nil || p.value >= s.worth {
		return false
	}
	s.keep(p, lambda)
	return true
}

func bytesOf(take []int32) []byte {
	out := make([]byte, len(take))
	for j, n := range take {
		out[j] = byte(n) // at most 10 sessions
	}
	return out
}

// start finds first plans: the most room, the choice to begin with, and greedily
// one site after the other, the sessions shared out by the demand that is
// nearest.
func (s *allocator) start(given []int32) {
	s.offer(s.largest()) // not good, but at once
	if given != nil {
		take := slices.Clone(s.lo)
		for _, j := range given {
			if j >= 0 && int(j) < len(take) && s.hi[j] > 0 {
				take[j] = max(1, take[j])
			}
		}
		s.offer(s.shareOut(take))
	}
	nearest := slices.Repeat([]int64{s.none()}, len(s.weight))
	take := slices.Clone(s.lo)
	for j := range take {
		if take[j] > 0 {
			s.lower(nearest, j)
		}
	}
	for sessions(take, s.counted) < s.total && s.ctx.Err() == nil {
		j := s.mostGained(nearest, take)
		if j < 0 {
			break
		}
		take[j] = 1
		s.lower(nearest, j)
		if s.least > 0 || sessions(take, s.counted) == s.total {
			s.offer(s.shareOut(take))
		}
		if open := sessions(take, s.counted); 4*open%s.total < 4 { // a quarter, a half, …
			s.settleWalkers(take)
		}
	}
}

func (a *allocation) lower(nearest []int64, j int) {
	for k := a.colAt[j]; k < a.colAt[j+1]; k++ {
		nearest[a.colItem[k]] = min(nearest[a.colItem[k]], int64(a.colCost[k]))
	}
}

// mostGained is the closed site that lowers Σ w·nearest most, -1 when none is
// left.
func (a *allocation) mostGained(nearest []int64, take []int32) int {
	best, most := -1, int64(-1)
	for j := range take {
		if take[j] > 0 || a.hi[j] == 0 {
			continue
		}
		var gain int64
		for k := a.colAt[j]; k < a.colAt[j+1]; k++ {
			gain += a.weight[a.colItem[k]] * max(0, nearest[a.colItem[k]]-int64(a.colCost[k]))
		}
		if gain > most {
			best, most = j, gain
		}
	}
	return best
}

// largest opens the sites with the most room, which is all that counts when
// capacity is scarce.
func (a *allocation) largest() []int32 {
	order := make([]int, len(a.unit))
	for j := range order {
		order[j] = j
	}
	slices.SortStableFunc(order, func(i, j int) int { return int(min(1, max(-1, a.unit[j]-a.unit[i]))) })
	take := slices.Clone(a.lo)
	for _, j := range order {
		for take[j] < a.hi[j] && a.counted[j] && sessions(take, a.counted) < a.total {
			take[j]++
		}
	}
	return take
}

func sessions(take []int32, counted []bool) int {
	sum := 0
	for j, n := range take {
		if counted[j] {
			sum += int(n)
		}
	}
	return sum
}

// shareOut brings the sessions of the sites that take opens up to the total:
// the next one goes where the nearest demand per session is greatest (the
// method of Jefferson). Where that does not use them up, further sites open.
func (a *allocation) shareOut(take []int32) []int32 {
	take = slices.Clone(take)
	demand, walking := make([]int64, len(take)), make([]int64, len(take))
	for i, w := range a.weight {
		if j, _ := a.walksTo(i, take); j >= 0 {
			demand[j] += w
			if a.walk != nil && a.walk[i] {
				walking[j] += w
			}
		}
	}
	for j := range take { // who walks there has to find room
		for take[j] > 0 && take[j] < a.hi[j] && int64(take[j])*a.unit[j] < walking[j] {
			take[j]++
		}
	}
	for left := a.total - sessions(take, a.counted); left > 0; left-- {
		best := -1
		for j := range take {
			if take[j] < a.hi[j] && a.counted[j] && (best < 0 || a.prefers(j, best, take, demand)) {
				best = j
			}
		}
		if best < 0 {
			break
		}
		take[best]++
	}
	return take
}

// prefers says whether site j should get the next session rather than k.
func (a *allocation) prefers(j, k int, take []int32, demand []int64) bool {
	if (take[j] > 0) != (take[k] > 0) {
		return take[j] > 0
	}
	return float64(demand[j])/float64(take[j]+1) > float64(demand[k])/float64(take[k]+1)
}

package siting

import (
	"cmp"
	"slices"
)

// exchange moves one session from a site to another as long as that helps
// (Teitz and Bart 1968), beginning with the sessions take and asking at most so
// many flows. Two bounds of the value after an exchange, by the plan without
// limits and by the duals of the plan before, keep the costly flow for those
// that may pay.
func (s *allocator) exchange(take []int32, flows int) {
	if n := sessions(take, s.counted); n < s.least || n > s.total {
		return
	}
	now, dual := s.leafOf(take, s.worth)
	for better := now != nil; better && s.ctx.Err() == nil; {
		if now.value < s.worth {
			s.keep(now, dual)
		}
		better = false
		for _, m := range s.moves(now.take, s.pricesOf(dual)) {
			if m.guess >= now.value || flows <= 0 || s.ctx.Err() != nil {
				break
			}
			next := slices.Clone(now.take)
			next[m.out]--
			next[m.in]++
			flows--
			if p, d := s.leafOf(next, s.worth); p != nil && p.value < now.value {
				now, dual, better = p, d, true
				break
			}
		}
	}
}

// polish exchanges once from every choice that it is given.
func (s *allocator) polish(take []int32, flows int) {
	key := "polished " + string(bytesOf(take))
	if !s.tried[key] {
		s.tried[key] = true
		s.exchange(take, flows)
	}
}

// likeliest are the sites that the relaxation holds sessions at most often.
func (s *allocator) likeliest(b *bounder, mean []float64) []int32 {
	take := slices.Clone(b.lo)
	for left := s.total - sessions(take, s.counted); left > 0; left-- {
		best := int32(-1)
		for _, j := range b.shared {
			if take[j] < b.hi[j] && (best < 0 || mean[j]-float64(take[j]) > mean[best]-float64(take[best])) {
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

// prices are what sites are worth at the duals of a plan.
type prices struct {
	gain []int64 // per site, ≤ 0: ρ of one session, times scale
}

// pricesOf prices all sites at the duals of a plan; nil where walk-ins leave
// the duals without a meaning.
func (s *allocator) pricesOf(dual []int64) *prices {
	if s.walk != nil {
		return nil
	}
	b := newBounder(s.allocation)
	b.bound(dual)
	d := &prices{gain: make([]int64, len(s.unit))}
	for j := range d.gain {
		if b.hi[j] > 0 {
			d.gain[j] = b.rho[j*b.stride+1]
		}
	}
	return d
}

// move takes a session from out to in.
type move struct {
	out, in int32
	guess   int64 // the plan costs at least that
}

// moves are all exchanges, the most promising first.
// Those that the prices of take's plan exclude are left out.
func (a *allocation) moves(take []int32, dual *prices) []move {
	s := a.nearestTwo(take)
	var all []move
	extra := make([]int64, len(take))
	for in := range take {
		if !a.counted[in] || take[in] >= a.hi[in] {
			continue
		}
		guess := a.guesses(s, in, take[in] > 0, extra)
		for out := range take {
			if out == in || !a.counted[out] || take[out] <= a.lo[out] {
				continue
			}
			m := move{int32(out), int32(in), guess}
			if take[out] == 1 {
				m.guess += extra[out]
			}
			if dual != nil && dual.gain[in] >= dual.gain[out] {
				continue // value + ρ(in) - ρ(out) is not below value
			}
			all = append(all, m)
		}
	}
	slices.SortFunc(all, func(x, y move) int {
		return cmp.Or(cmp.Compare(x.guess, y.guess), cmp.Compare(x.in, y.in), cmp.Compare(x.out, y.out))
	})
	return all
}

// neighbours are, per item, the two nearest sites with sessions.
type neighbours struct {
	first         []int32
	cost, further []int64
}

func (a *allocation) nearestTwo(take []int32) neighbours {
	n := neighbours{make([]int32, len(a.weight)), make([]int64, len(a.weight)), make([]int64, len(a.weight))}
	none := a.none()
	for i := range a.weight {
		n.first[i], n.cost[i], n.further[i] = -1, none, none
		for k := a.rowAt[i]; k < a.rowAt[i+1]; k++ {
			if take[a.rowSite[k]] == 0 {
				continue
			}
			if n.first[i] >= 0 {
				n.further[i] = int64(a.rowCost[k])
				break
			}
			n.first[i], n.cost[i] = a.rowSite[k], int64(a.rowCost[k])
		}
	}
	return n
}

// guesses is Σ w·nearest once site in is open as well, and in extra what is
// added when another site closes.
func (a *allocation) guesses(n neighbours, in int, open bool, extra []int64) int64 {
	clear(extra)
	var sum int64
	for i, w := range a.weight {
		sum += w * n.cost[i]
		if n.first[i] >= 0 {
			extra[n.first[i]] += w * (n.further[i] - n.cost[i])
		}
	}
	if open {
		return sum
	}
	for k := a.colAt[in]; k < a.colAt[in+1]; k++ {
		i, c := a.colItem[k], int64(a.colCost[k])
		if c >= n.further[i] {
			continue
		}
		if n.first[i] >= 0 { // closing the first now costs at most the way to in
			extra[n.first[i]] += a.weight[i] * (max(c, n.cost[i]) - n.further[i])
		}
		sum += a.weight[i] * min(0, c-n.cost[i])
	}
	return sum
}

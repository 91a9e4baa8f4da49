package siting

import "slices"

// shake looks for better choices once the root's bound stands and has not met
// the best: it exchanges a few sites of the best at random and improves again
// (iterated local search: Lourenço, Martin and Stützle 2003). It spends about
// the work that the bound did. The numbers are of a fixed seed, so reruns agree.
func (s *search) shake(n *node) {
	var pool []int32
	for j, f := range n.fates {
		if f == free {
			pool = append(pool, int32(j))
		}
	}
	if s.chosen == nil || len(pool) == 0 || s.best <= s.enough {
		return
	}
	dice := xorshift(88172645463325252)
	for budget := s.swaps.work + min(4*s.relax.work, s.relax.work+200_000_000); s.swaps.work < budget && !s.stopped() && s.best > s.enough && !s.closes(n.bound); {
		chosen := slices.Clone(s.chosen)
		for range 2 + dice.below(4) {
			enter, leave := pool[dice.below(len(pool))], dice.below(len(chosen))
			if n.fates[chosen[leave]] != in && !slices.Contains(chosen, enter) {
				chosen[leave] = enter
			}
		}
		s.swaps.work += s.k.sites // a choice that was tried before costs too
		s.try(chosen)
	}
}

// xorshift is Marsaglia's generator (2003).
type xorshift uint64

// below is a number from 0 to n-1.
func (x *xorshift) below(n int) int {
	*x ^= *x << 13
	*x ^= *x >> 7
	*x ^= *x << 17
	return int(uint64(*x) % uint64(n))
}

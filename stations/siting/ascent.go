package siting

import (
	"math"
	"slices"
)

// share of the last direction in the next one; high as in the volume
// algorithm (Barahona and Anbil, Mathematical Programming 87, 2000)
const deflection = 0.9

// pace of the subgradient method.
type pace struct {
	theta    float64 // share of the way to the goal that a step aims at
	patience int     // steps without a better bound before theta shrinks
	shrink   float64 // to this share of itself
	least    float64 // theta at which nothing more is to be expected
	rounds   int
}

// warm starts μ between the nearest and the second nearest open site.
func (s *search) warm() {
	k := s.k
	open := make([]bool, k.sites)
	for _, j := range s.chosen {
		open[j] = true
	}
	for i := range s.mu {
		first, second := k.limit[i], k.limit[i]
		n := 0
		for _, a := range k.ways(i) {
			if open[a.site] {
				if n++; n == 2 {
					second = int64(a.cost)
					break
				}
				first = int64(a.cost)
			}
		}
		if n == 1 {
			second = min(second, 2*first+1)
		}
		s.mu[i] = (first + second) << k.shift / 2
	}
}

// ascend makes up to steps of the deflected subgradient method from s.mu and
// keeps the best multipliers in n.
func (s *search) ascend(n *node, pace *pace, steps int) {
	r, k := s.relax, s.k
	if r.cols != nil {
		s.ascendFlat(n, pace, steps)
		return
	}
	r.clamp(s.mu)
	top := int64(-1)
	for step := 0; step < steps; step++ {
		l := r.bound(s.mu)
		s.steps++
		for _, j := range r.sites {
			s.often[j] *= 0.95
			if r.picked[j] {
				s.often[j] += 0.05
			}
		}
		if l > top {
			top = l
			copy(s.top, s.mu)
			if l > s.peak {
				s.peak, s.idle = l, 0
			}
			if s.steps >= s.nextTry && s.swaps.work < s.relax.work {
				s.tryPicked(n)
				s.nextTry = s.steps + 10
			}
		}
		if s.idle++; s.idle >= pace.patience {
			s.idle = 0
			pace.theta *= pace.shrink
		}
		if s.closes(l) || s.stopped() {
			break
		}
		r.slope(s.mu, s.grad)
		var norm float64
		for _, i := range r.live {
			d := s.grad[i] + float64(deflection*s.dir[i])
			if d > 0 && s.mu[i] >= r.most[i] || d < 0 && s.mu[i] <= r.least[i] {
				d = 0
			}
			s.dir[i] = d
			norm += float64(float64(k.weight[i]) * float64(d*d))
		}
		if norm < 1e-9 {
			break
		}
		target := float64(s.goal) * float64(k.scale())
		t := pace.theta * max(target-float64(l), 0.5*float64(k.scale())) / norm
		for _, i := range r.live {
			if d := s.dir[i]; d != 0 {
				by := max(-1e18, min(math.Round(float64(t*d)), 1e18))
				s.mu[i] = max(r.least[i], min(s.mu[i]+int64(by), r.most[i]))
			}
		}
	}
	if top > n.bound {
		n.bound = top
		n.by = &multipliers{mu: slices.Clone(s.top)}
	}
}

package siting

import (
	"math"
	"slices"
)

// columns are the cells of each site, for coverings, where every arc costs 0:
//
//	ρ(j) = −Σ w_i·μ_i over the cells of j
//
// asks for no cost then, and for no other site. Nodes share the columns of the
// root; cells that have settled since pay 0 there.
type columns struct {
	from  []int64
	cells []int32
}

// fill turns rows into columns.
func (c *columns) fill(sites int, row []int64, arcs []arc) {
	c.from = append(c.from[:0], make([]int64, sites+1)...)
	for _, a := range arcs {
		c.from[a.site+1]++
	}
	for j := range sites {
		c.from[j+1] += c.from[j]
	}
	at := slices.Clone(c.from)
	c.cells = slices.Grow(c.cells[:0], len(arcs))[:len(arcs)]
	for i := range len(row) - 1 {
		for _, a := range arcs[row[i]:row[i+1]] {
			c.cells[at[a.site]] = int32(i)
			at[a.site]++
		}
	}
}

func (c *columns) of(j int32) []int32 { return c.cells[c.from[j]:c.from[j+1]] }

// fewOf is how many sites are looked at between two looks at all of them. With
// much fewer the steps lead astray.
func (r *relaxation) fewOf() int { return min(len(r.sites), 10*r.rem+80) }

// pay notes what the cells pay at μ and returns the sum.
func (r *relaxation) pay(mu []int64) int64 {
	sum := r.still
	for _, i := range r.live {
		b := r.k.weight[i] * mu[i]
		r.paid[i] = b
		sum += b
	}
	r.work += len(r.live)
	return sum
}

// boundAmong is the bound at μ as if no other sites than those given were free.
func (r *relaxation) boundAmong(sites []int32, mu []int64) int64 {
	sum := r.pay(mu)
	if r.forced >= 0 {
		r.rho[r.forced] = r.earn(r.forced)
	}
	for _, j := range sites {
		r.rho[j] = r.earn(j)
	}
	return sum + r.pick(sites)
}

// earn is ρ of site j.
func (r *relaxation) earn(j int32) int64 {
	var sum int64
	column := r.cols.of(j)
	for _, i := range column {
		sum += r.paid[i]
	}
	r.work += len(column)
	return -sum
}

// shorten makes a list of the sites with the smallest ρ.
func (r *relaxation) shorten() {
	n := r.fewOf()
	smallest(r.order, n, r.rho)
	r.few = append(r.few[:0], r.order[:n]...)
	slices.Sort(r.few)
	for _, j := range r.order[n:] {
		r.picked[j] = false
	}
}

// slopeFlat is slope where all arcs cost 0. Cells that two picked sites serve
// stay at μ = 0, from where slope would lift them for nothing.
func (r *relaxation) slopeFlat(mu []int64, g []float64) {
	for _, i := range r.live {
		g[i] = 1
	}
	if r.forced >= 0 {
		for _, i := range r.cols.of(r.forced) {
			g[i]--
		}
	}
	for _, j := range r.order {
		if r.picked[j] {
			for _, i := range r.cols.of(j) {
				g[i]--
			}
		}
	}
	for _, i := range r.live {
		if m := mu[i]; g[i] > 0 && m >= r.most[i] || g[i] < 0 && m <= r.least[i] {
			g[i] = 0
		}
	}
}

// steps between two looks at all sites
const fewSteps = 4

// ascendFlat is ascend for coverings. Most steps price a few sites only, which
// bounds from above what all would give; the best μ of them is then priced in
// full, and nothing but that is kept in n.
func (s *search) ascendFlat(n *node, pace *pace, steps int) {
	r := s.relax
	r.clamp(s.mu)
	top, guess := int64(math.MinInt64), int64(math.MinInt64) // guess: of s.draft
	keep := func(l int64, mu []int64) {
		if l > top {
			top = l
			copy(s.top, mu)
		}
	}
	for step := 0; step < steps; step++ {
		s.steps++
		var l int64
		if step%fewSteps == 0 || step == steps-1 {
			if guess > top {
				keep(r.boundAmong(r.sites, s.draft), s.draft)
			}
			l = r.boundAmong(r.sites, s.mu)
			keep(l, s.mu)
			r.shorten()
			if guess = top; top > s.peak {
				s.peak, s.idle = top, 0
			}
			if s.steps >= s.nextTry && s.swaps.work < s.relax.work {
				s.tryPicked(n)
				s.nextTry = s.steps + 10
			}
		} else if l = r.boundAmong(r.few, s.mu); l > guess {
			guess = l
			copy(s.draft, s.mu)
		}
		s.remember()
		if s.idle++; s.idle >= pace.patience {
			s.idle = 0
			pace.theta *= pace.shrink
		}
		if s.closes(l) {
			keep(r.boundAmong(r.sites, s.mu), s.mu)
			r.shorten()
			guess = top
		}
		if s.closes(top) || s.stopped() || !s.step(pace, l) {
			break
		}
	}
	if guess > top {
		keep(r.boundAmong(r.sites, s.draft), s.draft)
	}
	if top > n.bound {
		n.bound = top
		n.by = &multipliers{mu: slices.Clone(s.top)}
	}
}

// remember which sites are picked.
func (s *search) remember() {
	for _, j := range s.relax.sites {
		s.often[j] *= 0.95
		if s.relax.picked[j] {
			s.often[j] += 0.05
		}
	}
}

// step moves s.mu, worth l, along the deflected subgradient; false: it is 0.
func (s *search) step(pace *pace, l int64) bool {
	r, k := s.relax, s.k
	r.slopeFlat(s.mu, s.grad)
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
		return false
	}
	target := float64(s.goal) * float64(k.scale())
	t := pace.theta * max(target-float64(l), 0.5*float64(k.scale())) / norm
	for _, i := range r.live {
		if d := s.dir[i]; d != 0 {
			by := max(-1e18, min(float64(t*d), 1e18))
			s.mu[i] = max(r.least[i], min(s.mu[i]+int64(by), r.most[i]))
		}
	}
	return true
}

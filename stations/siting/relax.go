package siting

import "math"

// relaxation is the Lagrangian relaxation of the assignment constraints at one
// node of the tree. Sites that are in have become limits of the cells, sites
// that are out have lost their arcs, so that
//
//	bound(μ) = Σ w_i·μ_i + the rem smallest ρ(j),  ρ(j) = Σ_i w_i·min(0, c_ij − μ_i)
//
// is the very bound of package proof, with λ_i = w_i·μ_i. All are integers
// times k.scale(). Only arcs with c < μ are ever looked at, which is what makes
// sorted rows worth having (Hanjoul and Peeters 1985; Avella, Sassano and
// Vasil'ev, Mathematical Programming 109, 2007).
type relaxation struct {
	k      *kernel
	rem    int     // sites left to open
	sites  []int32 // free sites, ascending
	forced int32   // a site that is in for a trial, though it has not become a limit; −1: none
	row    []int64
	arcs   []arc
	limit  []int64 // per cell, cost of the nearest site that is in, or the kernel's limit
	live   []int32 // cells with arcs left; the others have settled at their limit
	still  int64   // what those pay, times the scale
	least  []int64 // μ below it only loses
	most   []int64 // μ above it only loses

	rho    []int64
	work   int // arcs looked at so far
	picked []bool
	order  []int32 // sites; the first rem are picked

	cols *columns // of coverings, else nil
	paid []int64  // per cell, by columns
	few  []int32  // the sites with the smallest ρ, by columns
}

func newRelaxation(k *kernel) *relaxation {
	n := k.cells()
	r := &relaxation{k: k, forced: -1, row: make([]int64, n+1), limit: make([]int64, n), least: make([]int64, n), most: make([]int64, n),
		rho: make([]int64, k.sites), picked: make([]bool, k.sites)}
	if k.flat {
		r.cols, r.paid = &columns{}, make([]int64, n)
	}
	return r
}

// narrow takes over the rows (of the kernel, or of a relaxation above) as far
// as the fates leave them.
func (r *relaxation) narrow(row []int64, arcs []arc, limits []int64, fates []fate) {
	k := r.k
	r.sites, r.rem = r.sites[:0], k.p
	for j, f := range fates {
		switch f {
		case free:
			r.sites = append(r.sites, int32(j))
		case in:
			r.rem--
		}
	}
	enough := len(r.sites) - r.rem + 1 // so many free sites hold an open one
	clear(r.paid)
	keep := r.arcs[:0]
	r.live, r.still = r.live[:0], k.base<<k.shift
	from := row[0]
	for i := range k.weight {
		start, limit := len(keep), limits[i]
		to := row[i+1]
		for _, a := range arcs[from:to] {
			f := fates[a.site]
			if f == out {
				continue
			}
			if f == in || len(keep)-start == enough-1 {
				limit = int64(a.cost)
				break
			}
			keep = append(keep, a)
		}
		from = to
		r.limit[i] = limit
		r.most[i] = limit << k.shift
		r.least[i] = r.most[i]
		if len(keep) > start {
			r.least[i] = min(int64(keep[start].cost), limit) << k.shift
			r.live = append(r.live, int32(i))
		} else {
			r.still += k.weight[i] * r.most[i]
		}
		r.row[i+1] = int64(len(keep))
	}
	r.arcs = keep
}

// bound evaluates the relaxation and picks the sites that attain it.
func (r *relaxation) bound(mu []int64) int64 {
	if r.cols != nil {
		return r.boundAmong(r.sites, mu)
	}
	k := r.k
	clear(r.rho)
	sum := r.still
	up := k.scale() - 1
	for _, i := range r.live {
		m, w := mu[i], k.weight[i]
		b := w * m
		sum += b
		if m <= r.least[i] {
			continue
		}
		limit, a := reach(m+up, k.shift), w<<k.shift
		for _, x := range r.arcs[r.row[i]:r.row[i+1]] {
			if x.cost >= limit {
				break
			}
			r.rho[x.site] += a*int64(x.cost) - b
			r.work++
		}
	}
	r.work += len(r.live) + len(r.sites)
	return sum + r.pick(r.sites)
}

// reach is the first cost that μ does not pay for.
func reach(m int64, shift uint) int32 { return int32(min(m>>shift, math.MaxInt32)) }

// pick chooses the rem of sites with the smallest ρ (the lower number of equals)
// and returns their sum.
func (r *relaxation) pick(sites []int32) int64 {
	r.order = append(r.order[:0], sites...)
	var sum int64
	if r.forced >= 0 {
		sum = r.rho[r.forced]
		r.picked[r.forced] = true
	}
	smallest(r.order, r.rem, r.rho)
	for n, j := range r.order {
		r.picked[j] = n < r.rem
		if n < r.rem {
			sum += r.rho[j]
		}
	}
	return sum
}

// margins are the largest ρ of the picked and the smallest of the other sites.
func (r *relaxation) margins() (last, next int64) {
	last, next = math.MinInt64, math.MaxInt64
	for _, j := range r.order {
		if r.picked[j] {
			last = max(last, r.rho[j])
		} else {
			next = min(next, r.rho[j])
		}
	}
	return last, next
}

// smallest puts the n sites with the smallest values first (Hoare's select,
// median of three).
func smallest(order []int32, n int, value []int64) {
	less := func(a, b int32) bool {
		return value[a] < value[b] || value[a] == value[b] && a < b
	}
	lo, hi := 0, len(order)-1
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if less(order[m], order[lo]) {
			order[m], order[lo] = order[lo], order[m]
		}
		if less(order[hi], order[lo]) {
			order[hi], order[lo] = order[lo], order[hi]
		}
		if less(order[hi], order[m]) {
			order[hi], order[m] = order[m], order[hi]
		}
		pivot := order[m]
		i, j := lo, hi
		for i <= j {
			for less(order[i], pivot) {
				i++
			}
			for less(pivot, order[j]) {
				j--
			}
			if i <= j {
				order[i], order[j] = order[j], order[i]
				i++
				j--
			}
		}
		switch {
		case n <= j:
			hi = j
		case n > i:
			lo = i
		default:
			return
		}
	}
}

// slope writes the subgradient at μ, per unit of weight: 1 − how many picked
// sites would serve the cell. Components that a limit of μ stops are 0.
func (r *relaxation) slope(mu []int64, g []float64) {
	k := r.k
	up := k.scale() - 1
	for _, i := range r.live {
		m := mu[i]
		n := 1
		if m > r.least[i] {
			limit := reach(m+up, k.shift)
			for _, x := range r.arcs[r.row[i]:r.row[i+1]] {
				if x.cost >= limit {
					break
				}
				if r.picked[x.site] {
					n--
				}
			}
		}
		if n > 0 && m >= r.most[i] || n < 0 && m <= r.least[i] {
			n = 0
		}
		g[i] = float64(n)
	}
}

// clamp brings μ between its limits.
func (r *relaxation) clamp(mu []int64) {
	for i, m := range mu {
		mu[i] = max(r.least[i], min(m, r.most[i]))
	}
}

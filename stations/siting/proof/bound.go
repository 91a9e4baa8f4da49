package proof

import (
	"cmp"
	"slices"

	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

// tree proves that every choice of at most q.P sites costs at least goal. The
// integers cannot overflow: weight × cost sums to Most at most, and a Scale or
// multipliers with which sums could reach 2⁶² are refused.
type tree struct {
	*Certificate
	q      *instance.Problem // of kind PMedian or Capacitated
	goal   int64
	fixed  []state  // of each site, on the way from the root
	bounds []*bound // of each Lambda, once it was used
}

type state int8

const (
	free state = iota
	in
	out
	existing // in, and not counted by P
	limit    = 1 << 62
)

// walk proves the subtree of a node, with so many sites left to choose, and returns the node after it.
func (t *tree) walk(node, left int) (int, error) {
	if node >= len(t.Tree) {
		return 0, refuse("siting.proof_tree", "node", node)
	}
	j := t.Tree[node].Site
	if j < 0 {
		return node + 1, t.leaf(node, left)
	}
	if int(j) >= t.q.Sites || t.fixed[j] != free {
		return 0, refuse("siting.proof_tree", "node", node)
	}
	t.fixed[j] = out
	next, err := t.walk(node+1, left)
	if err == nil {
		t.fixed[j] = in
		next, err = t.walk(next, left-1)
	}
	t.fixed[j] = free
	return next, err
}

// leaf proves that the choices which agree with the fixed sites cost goal.
func (t *tree) leaf(node, left int) error {
	by := int(t.Tree[node].By)
	switch {
	case left < 0 || by < 0 && t.look(left):
		return nil
	case by < 0:
		return refuse("siting.proof_leaf", "node", node)
	case by >= len(t.bounds) || len(t.Lambda[by]) != len(t.q.Weights):
		return refuse("siting.proof_lambda", "number", by)
	}
	b := t.bounds[by]
	if b == nil {
		b = t.relax(t.Lambda[by])
	}
	if t.bounds[by] = b; b == nil {
		return refuse("siting.proof_lambda", "number", by)
	}
	total := b.sum
	for _, j := range b.order { // smallest ρ first
		if s := t.fixed[j]; s == in || s == existing {
			total += b.rho[j]
		} else if s == free && left > 0 {
			total, left = total+b.rho[j], left-1
		}
	}
	if total <= (t.goal-1)*t.Scale {
		return refuse("siting.proof_leaf", "node", node)
	}
	return nil
}

// look opens all sites that a leaf leaves; no choice of it is better.
func (t *tree) look(left int) bool {
	open, room, more := make([]bool, t.q.Sites), int64(0), []int64{}
	for j, s := range t.fixed {
		open[j] = s == in || s == existing || s == free && left > 0
		if t.q.Kind == instance.Capacitated && s == free {
			more = append(more, t.q.Capacity[j])
		} else if t.q.Kind == instance.Capacitated && s != out {
			room += t.q.Capacity[j]
		}
	}
	slices.Sort(more)
	for _, c := range more[max(0, len(more)-left):] {
		room += c
	}
	sum, ok := pays(t.q, open)
	return !ok || sum >= t.goal || t.q.Kind == instance.Capacitated && room < weight(t.q)
}

// bound is what multipliers give: their sum, ρ, and the sites by ascending ρ.
type bound struct {
	sum   int64
	rho   []int64
	order []int32
}

// relax works the bound of multipliers out; nil when one is out of its range.
func (t *tree) relax(lambda []int64) *bound {
	q, b := t.q, &bound{rho: make([]int64, t.q.Sites), order: make([]int32, t.q.Sites)}
	gain := make([][][2]int64, q.Sites) // Capacitated: reduced cost per unit and weight of the cells that gain by a site
	for i, w := range q.Weights {
		units, each := int64(1), w // a cell is one unit that costs w·c …
		if q.Kind == instance.Capacitated {
			units, each = w, 1 // … or w units that cost c
		}
		λ := lambda[i]
		if w == 0 {
			continue
		} else if λ < 0 || λ > (limit/int64(q.Sites+1)-b.sum)/units || q.Cap > 0 && λ > each*int64(q.Cap)*t.Scale {
			return nil
		}
		b.sum += units * λ
		for e := q.Costs.Row[i]; e < q.Costs.Row[i+1]; e++ {
			j, reduced := q.Costs.Site[e], each*int64(q.Costs.Cost[e])*t.Scale-λ
			if reduced >= 0 {
				break // costs ascend
			}
			if q.Kind == instance.Capacitated {
				gain[j] = append(gain[j], [2]int64{reduced, w})
			} else {
				b.rho[j] += reduced
			}
		}
	}
	for j := range b.order {
		b.order[j] = int32(j)
		slices.SortFunc(gain[j], func(x, y [2]int64) int { return cmp.Compare(x[0], y[0]) })
		taken := int64(0)
		for _, cell := range gain[j] { // a fractional knapsack: the best first
			x := min(q.Capacity[j]-taken, cell[1])
			b.rho[j], taken = b.rho[j]+x*cell[0], taken+x
		}
	}
	slices.SortFunc(b.order, func(x, y int32) int { return cmp.Compare(b.rho[x], b.rho[y]) })
	return b
}

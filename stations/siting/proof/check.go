package proof

import (
	"cmp"
	"slices"

	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

// Check holds the certificate against the problem; it trusts p.Check() alone. Open has the Value when it refutes the claim of
// the next worse one and not this claim; the tree proves that nothing refutes the Bound. Errors are Invalid siting.…
func Check(p *instance.Problem, c *Certificate) error {
	if err := p.Check(); err != nil {
		return err
	}
	k, most := claimOf(p, c, c.Bound), p.Most()+int64(p.Sites) // no value is above
	never := p.Kind != instance.MCLP && (p.Kind != instance.PMedian || p.Cap == 0) && c.Status == Infeasible && c.Bound == 0
	none := len(c.Open)+len(c.Flow) == 0 && c.Value == 0 && (c.Status == Unknown || never)
	some := c.Status == Optimal && c.Value == c.Bound || c.Status == Gap && (c.Value-c.Bound)*k.worse >= 0
	switch {
	case c.Format != Format || min(c.Value, c.Bound) < 0 || max(c.Value, c.Bound) > most || c.Scale < 1 || c.Scale > limit/(most+2):
		return refuse("siting.proof_format", "format", Format)
	case !none && !some:
		return refuse("siting.proof_status", "status", c.Status)
	case some && (claimOf(p, c, c.Value).refuted() || !claimOf(p, c, c.Value+k.worse).refuted()):
		return refuse("siting.proof_value", "claimed", c.Value)
	case k.goal > 0 && k.choose >= len(p.Required) && k.walk(0, k.choose-len(p.Required)) != len(c.Tree):
		return refuse("siting.proof_tree", "node", k.at)
	}
	return nil
}

// claimOf claims that no choice is better than value or, of an infeasible problem, than what is above all values.
func claimOf(p *instance.Problem, c *Certificate, value int64) *claim {
	ones, total, kind, lost := slices.Clone(p.Weights), int64(0), p.Kind, cmp.Or(int64(p.Cap), far)
	for i, w := range p.Weights {
		ones[i], total = min(w, 1), total+w
	}
	if c.Status == Infeasible {
		if value = far; kind == instance.Capacitated {
			value = p.Most() + 1
		} else if kind == instance.PMedian { // whom it can serve is the same question
			kind = instance.PCenter
		}
	}
	k := &claim{Problem: p, Certificate: c, fixed: make([]state, p.Sites), bounds: make([]bound, len(c.Lambda)), terms: map[instance.Kind]terms{
		instance.PMedian:     {p.Weights, 1, lost, far, p.P, value, 1},
		instance.Capacitated: {p.Weights, 1, far, far, p.P, value, 1},
		instance.MCLP:        {p.Weights, 0, 1, int64(p.Radius), p.P, total - value, -1},
		instance.LSCP:        {ones, 0, 1, int64(p.Radius), int(value) - 1, 1, 1},
		instance.PCenter:     {ones, 0, 1, value - 1, p.P, min(value, 1), 1},
	}[kind]}
	for s, list := range map[state][]int32{in: slices.Concat(p.Required, p.Existing), out: p.Forbidden} {
		for _, j := range list {
			k.fixed[j] = s
		}
	}
	return k
}

// refuted says whether Open is an allowed choice that refutes the claim.
func (k *claim) refuted() bool {
	open, must := slices.Repeat([]state{out}, k.Sites), len(k.Required)+len(k.Existing)
	for _, j := range k.Open {
		if j < 0 || int(j) >= k.Sites || open[j] == in || k.fixed[j] == out {
			return false
		}
		open[j], must = in, must-int(k.fixed[j])
	}
	k.fixed = open
	return must == 0 && len(k.Open)-len(k.Existing) <= k.choose && k.flow(k.pay(0)) < k.goal
}

// pay is what all cells pay if all sites that are left open, which is least; limit when one has to be served and is not.
func (k *claim) pay(left int) (sum int64) {
	for i, w := range k.weights {
		each := k.lost
		for e := k.Costs.Row[i]; e < k.Costs.Row[i+1] && int64(k.Costs.Cost[e]) <= k.reach; e++ {
			if s := k.fixed[k.Costs.Site[e]]; s == in || s == free && left > 0 {
				each = min(each, k.rate*int64(k.Costs.Cost[e]))
				break // costs ascend
			}
		}
		if sum += w * each; each == far && w > 0 {
			return limit
		}
	}
	return sum
}

// walk proves the subtree of a node, with so many sites left to choose. It returns the node after it, or −1.
func (k *claim) walk(node, left int) int {
	if k.at = max(k.at, node); node < 0 || node >= len(k.Tree) {
		return -1
	}
	j := k.Tree[node].Site
	if j < 0 && (left < 0 || k.leaf(int(k.Tree[node].By), left)) {
		return node + 1
	} else if j < 0 || int(j) >= k.Sites || k.fixed[j] != free {
		return -1
	}
	k.fixed[j] = out
	next := k.walk(node+1, left)
	k.fixed[j] = in
	next = k.walk(next, left-1)
	k.fixed[j] = free
	return next
}

// leaf says whether no choice that agrees with the fixed sites refutes the claim.
func (k *claim) leaf(by, left int) bool {
	if by < 0 {
		return k.pay(left) >= k.goal || k.short(left)
	} else if by >= len(k.Lambda) || len(k.Lambda[by]) != len(k.weights) {
		return false
	} else if k.bounds[by].rho == nil {
		k.bounds[by] = k.relax(k.Lambda[by], bound{0, make([]int64, k.Sites)})
	}
	total, gains := k.bounds[by].sum, []int64{}
	for j, rho := range k.bounds[by].rho {
		if k.fixed[j] == in {
			total += rho
		} else if k.fixed[j] == free && rho < 0 {
			gains = append(gains, rho)
		}
	}
	slices.Sort(gains)
	for _, rho := range gains[:min(left, len(gains))] {
		total += rho
	}
	return total > (k.goal-1)*k.Scale
}

// relax works a bound out. All multipliers are valid, so those that are out of range are cut.
func (k *claim) relax(lambda []int64, b bound) bound {
	if k.Kind == instance.Capacitated {
		return k.pack(lambda, b)
	}
	for i, w := range k.weights {
		λ := max(0, min(lambda[i], limit/int64(k.Sites+1)-b.sum))
		if w == 0 || k.lost < far {
			λ = min(λ, w*k.lost*k.Scale)
		}
		b.sum += λ
		for e := k.Costs.Row[i]; e < k.Costs.Row[i+1] && int64(k.Costs.Cost[e]) <= k.reach && w*k.rate*int64(k.Costs.Cost[e])*k.Scale < λ; e++ {
			b.rho[k.Costs.Site[e]] += w*k.rate*int64(k.Costs.Cost[e])*k.Scale - λ
		}
	}
	return b
}

package proof

import (
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

// Check holds the certificate against the problem: the choice is allowed and
// has the Value (value.go), and the tree proves the Bound (bound.go). It trusts
// p.Check() alone. Errors are Invalid siting.…: of the problem, or
// proof_… saying what is wrong in the certificate.
func Check(p *instance.Problem, c *Certificate) error {
	if err := p.Check(); err != nil {
		return err
	}
	if c.Format != Format {
		return refuse("siting.proof_format", "format", c.Format, "want", Format)
	}
	below, most := c.Bound < c.Value, max(p.Most(), int64(p.Sites))
	switch {
	case min(c.Value, c.Bound) < 0 || max(c.Value, c.Bound) > most:
		return refuse("siting.proof_numbers")
	case c.Status == Optimal && c.Value == c.Bound, c.Status == Gap && (c.Value == c.Bound || below == (p.Kind != instance.MCLP)):
		if err := checkChoice(p, c); err != nil {
			return err
		}
		return checkBound(p, c)
	case len(c.Open)+len(c.Flow) > 0 || c.Value != 0 || c.Status == Infeasible && c.Bound != 0:
	case c.Status == Infeasible && p.Kind != instance.MCLP && (p.Kind != instance.PMedian || p.Cap == 0):
		return checkBound(p, c)
	case c.Status == Unknown:
		return checkBound(p, c)
	}
	return refuse("siting.proof_status", "status", c.Status)
}

// checkBound says whether the tree proves the Bound, or that nobody can serve
// all: the claim is put as one about q (the table of the package comment).
func checkBound(p *instance.Problem, c *Certificate) error {
	var q instance.Problem
	goal, never, radius := int64(1), c.Status == Infeasible, int64(p.Radius)
	switch {
	case p.Kind == instance.PMedian && !never:
		q, goal = *p, c.Bound
	case p.Kind == instance.Capacitated:
		q, goal = *p, c.Bound
		if q.Cap = 0; never {
			goal = p.Most() + 1
		}
	case p.Kind == instance.MCLP:
		q, goal = *p.Cover(radius, false), weight(p)-c.Bound
	case p.Kind == instance.LSCP:
		q = *p.Cover(radius, true)
		if q.P = int(c.Bound) - 1; never {
			q.P = p.Sites
		}
	case never: // p-median and p-center
		q = *p.Cover(instance.AnyCost, true)
	case p.Kind == instance.PCenter:
		q, goal = *p.Cover(c.Bound-1, true), min(c.Bound, 1)
	}
	if goal <= 0 || q.P < len(q.Required) { // every value is ≥ 0, every choice has the required sites
		return nil
	}
	return prove(&q, goal, c)
}

// prove walks the tree.
func prove(q *instance.Problem, goal int64, c *Certificate) error {
	if c.Scale < 1 || c.Scale > limit/(q.Most()+2) {
		return refuse("siting.proof_numbers")
	}
	t := &tree{c, q, goal, make([]state, q.Sites), make([]*bound, len(c.Lambda))}
	for s, list := range map[state][]int32{in: q.Required, out: q.Forbidden, existing: q.Existing} {
		for _, j := range list {
			t.fixed[j] = s
		}
	}
	end, err := t.walk(0, q.P-len(q.Required))
	if err == nil && end != len(c.Tree) {
		return refuse("siting.proof_tree", "node", end)
	}
	return err
}

func refuse(key string, args ...any) error { return ortsnah.E(ortsnah.Invalid, key, args...) }

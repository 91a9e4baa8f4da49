package proof

import (
	"slices"

	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

// checkChoice holds Open against the problem's lists and Value against Open.
func checkChoice(p *instance.Problem, c *Certificate) error {
	open := make([]bool, p.Sites)
	for e, j := range c.Open {
		if j < 0 || int(j) >= p.Sites || e > 0 && j <= c.Open[e-1] || slices.Contains(p.Forbidden, j) {
			return refuse("siting.proof_open")
		}
		open[j] = true
	}
	for _, j := range slices.Concat(p.Required, p.Existing) {
		if !open[j] {
			return refuse("siting.proof_open")
		}
	}
	chosen := len(c.Open) - len(p.Existing)
	if chosen > p.P && p.Kind != instance.LSCP {
		return refuse("siting.proof_open")
	}
	if value, ok := valueOf(p, c, open, int64(chosen)); !ok || value != c.Value {
		return refuse("siting.proof_value", "claimed", c.Value)
	}
	return nil
}

// valueOf is the value of the open sites in the terms of p; not ok when
// somebody is not served who has to be.
func valueOf(p *instance.Problem, c *Certificate, open []bool, chosen int64) (value int64, ok bool) {
	switch p.Kind {
	case instance.Capacitated:
		return valueOfFlow(p, c.Flow, open)
	case instance.MCLP:
		lost, _ := pays(p.Cover(int64(p.Radius), false), open)
		return weight(p) - lost, true
	case instance.LSCP:
		lost, _ := pays(p.Cover(int64(p.Radius), true), open)
		return chosen, lost == 0
	case instance.PCenter: // the value covers everybody, one less does not
		lost, _ := pays(p.Cover(c.Value, true), open)
		below, _ := pays(p.Cover(c.Value-1, true), open)
		return c.Value, lost == 0 && below > 0
	}
	return pays(p, open)
}

// pays is what the cells of a p-median problem pay together at the nearest
// open site, each at most Cap; not ok when one has to be served and cannot be.
func pays(q *instance.Problem, open []bool) (sum int64, ok bool) {
	for i, w := range q.Weights {
		e, end := q.Costs.Row[i], q.Costs.Row[i+1]
		for e < end && !open[q.Costs.Site[e]] {
			e++
		}
		switch {
		case w == 0:
		case e < end && (q.Cap == 0 || q.Costs.Cost[e] < q.Cap):
			sum += w * int64(q.Costs.Cost[e])
		case q.Cap == 0:
			return 0, false
		default:
			sum += w * int64(q.Cap)
		}
	}
	return sum, true
}

// valueOfFlow is the cost of the shares; not ok unless they serve exactly the
// weight of each cell, at open sites that it reaches, within the capacities.
func valueOfFlow(p *instance.Problem, flow []Share, open []bool) (sum int64, ok bool) {
	unserved, room := slices.Clone(p.Weights), slices.Clone(p.Capacity)
	for _, s := range flow {
		if s.Cell < 0 || int(s.Cell) >= len(unserved) || s.Site < 0 || int(s.Site) >= len(room) || !open[s.Site] ||
			s.Weight < 1 || s.Weight > unserved[s.Cell] || s.Weight > room[s.Site] {
			return 0, false
		}
		unserved[s.Cell] -= s.Weight
		room[s.Site] -= s.Weight
		from, to := p.Costs.Row[s.Cell], p.Costs.Row[s.Cell+1]
		e := slices.Index(p.Costs.Site[from:to], s.Site)
		if e < 0 {
			return 0, false
		}
		sum += s.Weight * int64(p.Costs.Cost[from:to][e])
	}
	return sum, !slices.ContainsFunc(unserved, func(w int64) bool { return w > 0 })
}

func weight(p *instance.Problem) (sum int64) {
	for _, w := range p.Weights {
		sum += w
	}
	return sum
}

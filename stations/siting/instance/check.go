package instance

import (
	"math/bits"

	"github.com/ortsnah/ortsnah"
)

// Largest sum of weight × largest cost that a problem may have. It leaves
// twelve bits for the multipliers' scale and one for the sign, and is a
// thousand times what a state of ten million people needs in deciseconds.
const Largest = 1 << 50

func invalid(key string, args ...any) *ortsnah.Error {
	return ortsnah.E(ortsnah.Invalid, key, args...)
}

// Check says whether p is a question that makes sense. Whether it has an
// answer is the solver's to say. Errors are Invalid siting.…, each about one
// thing that the asker can mend.
func (p *Problem) Check() error {
	for _, check := range []func() *ortsnah.Error{p.checkKind, p.checkMatrix, p.checkWeights, p.checkSites, p.checkCapacity, p.checkIDs, p.checkP} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (p *Problem) checkKind() *ortsnah.Error {
	switch p.Kind {
	case PMedian, Capacitated, MCLP, LSCP, PCenter:
	default:
		return invalid("siting.unknown_problem", "problem", p.Kind).About("problem")
	}
	switch {
	case len(p.Weights) == 0:
		return invalid("siting.no_cells").About("cells")
	case p.Sites < 1:
		return invalid("siting.no_sites").About("sites")
	case p.Cap < 0:
		return invalid("siting.negative_cap", "cap", p.Cap).About("cap")
	case p.Radius < 0:
		return invalid("siting.negative_radius", "radius", p.Radius).About("radius")
	}
	return nil
}

// checkMatrix holds the costs against what Matrix promises: rows that follow
// each other, sites that exist and occur once, costs ascending from 0.
func (p *Problem) checkMatrix() *ortsnah.Error {
	m := p.Costs
	if len(m.Row) != len(p.Weights)+1 || m.Row[0] != 0 || m.Row[len(p.Weights)] != int64(len(m.Site)) || len(m.Site) != len(m.Cost) {
		return invalid("siting.matrix_shape", "cells", len(p.Weights)).About("costs")
	}
	for i := range p.Weights {
		if m.Row[i] > m.Row[i+1] || m.Row[i+1] > int64(len(m.Site)) {
			return invalid("siting.matrix_shape", "cells", len(p.Weights)).About("costs")
		}
	}
	seen := make([]int32, p.Sites) // the cell, counted from 1, that named the site last
	for i := range p.Weights {
		last := uint64(0)
		from, to := m.Row[i], m.Row[i+1]
		sites, costs := m.Site[from:to], m.Cost[from:to:to]
		for k, j := range sites {
			c := costs[k]
			if c < 0 {
				return invalid("siting.negative_cost", "cell", p.CellName(i), "cost", c).About("costs")
			}
			if uint(j) >= uint(len(seen)) {
				return invalid("siting.cost_of_unknown_site", "cell", p.CellName(i), "site", j).About("costs")
			}
			next := key(c, j)
			if seen[j] == int32(i)+1 {
				return invalid("siting.cost_twice", "cell", p.CellName(i), "site", p.SiteName(j)).About("costs")
			}
			if k > 0 && next < last {
				return invalid("siting.costs_unsorted", "cell", p.CellName(i)).About("costs")
			}
			seen[j], last = int32(i)+1, next
		}
	}
	return nil
}

// checkWeights refuses negative weights, demand that is zero everywhere, and
// sums that would leave the integers.
func (p *Problem) checkWeights() *ortsnah.Error {
	var total, sum uint64
	for i, w := range p.Weights {
		if w < 0 {
			return invalid("siting.negative_weight", "cell", p.CellName(i), "weight", w).About("weights")
		}
		high, low := bits.Mul64(uint64(w), uint64(p.worst(i)))
		total += min(uint64(w), Largest+1)
		sum += min(low, Largest+1)
		if high > 0 || sum > Largest || total > Largest {
			return invalid("siting.numbers_too_large", "cell", p.CellName(i), "limit", int64(Largest)).About("weights")
		}
	}
	if total == 0 {
		return invalid("siting.no_demand").About("weights")
	}
	return nil
}

// checkSites holds the lists of special sites against the sites: each exists
// and stands in one list once.
func (p *Problem) checkSites() *ortsnah.Error {
	in := map[int32]bool{}
	for _, list := range []struct {
		field string
		sites []int32
	}{{"required", p.Required}, {"forbidden", p.Forbidden}, {"existing", p.Existing}} {
		for _, j := range list.sites {
			if j < 0 || int(j) >= p.Sites {
				return invalid("siting.unknown_site", "field", list.field, "site", j).About(list.field)
			}
			if in[j] {
				return invalid("siting.site_twice", "field", list.field, "site", p.SiteName(j)).About(list.field)
			}
			in[j] = true
		}
	}
	return nil
}

func (p *Problem) checkCapacity() *ortsnah.Error {
	if p.Kind != Capacitated {
		return nil
	}
	if len(p.Capacity) != p.Sites {
		return invalid("siting.count", "field", "capacity", "found", len(p.Capacity), "want", p.Sites).About("capacity")
	}
	for j, c := range p.Capacity {
		if c < 0 {
			return invalid("siting.negative_capacity", "site", p.SiteName(int32(j)), "capacity", c).About("capacity")
		}
		if c > Largest {
			return invalid("siting.capacity_too_large", "site", p.SiteName(int32(j)), "limit", int64(Largest)).About("capacity")
		}
	}
	return nil
}

func (p *Problem) checkIDs() *ortsnah.Error {
	for _, list := range []struct {
		field string
		ids   []string
		want  int
	}{{"cells.ids", p.CellIDs, len(p.Weights)}, {"sites.ids", p.SiteIDs, p.Sites}} {
		if list.ids == nil {
			continue
		}
		if len(list.ids) != list.want {
			return invalid("siting.count", "field", list.field, "found", len(list.ids), "want", list.want).About(list.field)
		}
		seen := make(map[string]bool, len(list.ids))
		for i, id := range list.ids {
			if id == "" {
				return invalid("siting.id_empty", "field", list.field, "number", i).About(list.field)
			}
			if seen[id] {
				return invalid("siting.id_twice", "field", list.field, "id", id).About(list.field)
			}
			seen[id] = true
		}
	}
	return nil
}

// checkP holds the number of sites to open against those that may be opened.
func (p *Problem) checkP() *ortsnah.Error {
	if p.Kind == LSCP {
		return nil
	}
	free := p.Sites - len(p.Forbidden) - len(p.Existing)
	switch {
	case p.P < 0, p.P == 0 && len(p.Existing) == 0: // none more: what is there today
		return invalid("siting.p_too_small", "p", p.P).About("p")
	case p.P > free:
		return invalid("siting.p_too_large", "p", p.P, "n", free).About("p")
	case len(p.Required) > p.P:
		return invalid("siting.too_many_required", "p", p.P, "n", len(p.Required)).About("required")
	}
	return nil
}

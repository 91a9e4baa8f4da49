package siting

import (
	"math"
	"slices"

	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

// arc is a way from a cell to a site.
type arc struct{ site, cost int32 }

// fate of a site at a node of the tree.
type fate = int8

const (
	free fate = iota
	in        // open in every choice below the node
	out       // open in none
)

// kernel is the one problem all uncapacitated kinds come down to:
//
//	minimise base + Σ_i weight(i) · min(limit(i), cost to the nearest open site)
//
// with p sites to open. Its cells are merged cells of the instance; existing
// sites have become limits, forbidden ones are gone.
type kernel struct {
	sites  int
	p      int
	weight []int64
	limit  []int64 // per unit of weight, what a cell pays that no site serves
	row    []int64
	arcs   []arc // ascending by cost, then site; all below the limit
	fates  []fate
	base   int64
	flat   bool // all arcs cost 0 (covering)

	of     []int32 // cell of the instance → cell of the kernel, −1: settled
	settle []int64 // settled cells: their cost per unit of weight
	unit   []int64 // weight of the cells of the instance
	shift  uint    // multipliers are integers times 1<<shift
}

func (k *kernel) cells() int       { return len(k.weight) }
func (k *kernel) ways(i int) []arc { return k.arcs[k.row[i]:k.row[i+1]] }
func (k *kernel) scale() int64     { return 1 << k.shift }

// draft collects the rows of a kernel before equal ones are merged.
type draft struct {
	p      *instance.Problem
	weight []int64              // per cell; 0: the cell does not matter
	radius int64                // ≥ 0: cost 0 up to it and 1 beyond (covering)
	limit  func(cell int) int64 // for a cell that no site serves
}

// kernel merges cells with the same row (for covering: the same set of sites)
// and limit, lets existing sites lower the limits and drops forbidden ones.
func (d draft) kernel(open int) *kernel {
	p := d.p
	k := &kernel{sites: p.Sites, p: open, flat: d.radius >= 0, fates: fates(p), unit: d.weight, row: []int64{0},
		of: make([]int32, len(d.weight)), settle: make([]int64, len(d.weight))}
	existing := make([]bool, p.Sites)
	for _, j := range p.Existing {
		existing[j] = true
	}
	rows := merger{k: k, heads: make(map[uint64][]int32)}
	for i, w := range d.weight {
		if k.of[i] = -1; w == 0 {
			continue
		}
		limit, start := d.limit(i), len(k.arcs)
		for a := p.Costs.Row[i]; a < p.Costs.Row[i+1]; a++ {
			j, c := p.Costs.Site[a], p.Costs.Cost[a]
			if d.radius >= 0 {
				if int64(c) > d.radius {
					break
				}
				c = 0
			}
			if int64(c) >= limit {
				break
			}
			if existing[j] {
				limit = int64(c)
				for len(k.arcs) > start && int64(k.arcs[len(k.arcs)-1].cost) >= limit {
					k.arcs = k.arcs[:len(k.arcs)-1]
				}
				break
			}
			if k.fates[j] != out {
				k.arcs = append(k.arcs, arc{j, c})
			}
		}
		if len(k.arcs) == start {
			k.settle[i] = limit
			k.base += w * limit
			continue
		}
		if d.radius >= 0 {
			slices.SortFunc(k.arcs[start:], func(a, b arc) int { return int(a.site) - int(b.site) })
		}
		k.of[i] = rows.add(start, limit, w)
	}
	for _, j := range p.Existing {
		k.fates[j] = out // from here on they are limits
	}
	k.chooseScale()
	return k
}

// fates at the root of the tree.
func fates(p *instance.Problem) []fate {
	f := make([]fate, p.Sites)
	for _, j := range p.Required {
		f[j] = in
	}
	for _, j := range p.Forbidden {
		f[j] = out
	}
	return f
}

// merger finds equal rows.
type merger struct {
	k     *kernel
	heads map[uint64][]int32
}

// add takes the arcs from start on as a new row, or finds the equal one.
func (m *merger) add(start int, limit, weight int64) int32 {
	k := m.k
	h := uint64(limit)*0x9E3779B97F4A7C15 + 1
	for _, a := range k.arcs[start:] {
		h = (h ^ uint64(uint32(a.site))<<32 ^ uint64(uint32(a.cost))) * 0xD6E8FEB86659FD93
		h ^= h >> 29
	}
	for _, c := range m.heads[h] {
		if k.limit[c] == limit && slices.Equal(k.ways(int(c)), k.arcs[start:]) {
			k.arcs = k.arcs[:start]
			k.weight[c] += weight
			return c
		}
	}
	c := int32(len(k.weight))
	m.heads[h] = append(m.heads[h], c)
	k.weight = append(k.weight, weight)
	k.limit = append(k.limit, limit)
	k.row = append(k.row, int64(len(k.arcs)))
	return c
}

// chooseScale takes the finest scale up to 2^16 whose sums stay far from
// overflow.
func (k *kernel) chooseScale() {
	sum := float64(k.base) + 1
	for i, w := range k.weight {
		sum += float64(w) * float64(k.limit[i])
	}
	for k.shift = 16; k.shift > 0 && math.Ldexp(sum, int(k.shift)) > 1<<61; {
		k.shift--
	}
}

// lambda gives multipliers per cell of the instance.
func (k *kernel) lambda(mu []int64) []int64 {
	l := make([]int64, len(k.unit))
	for i, w := range k.unit {
		if c := k.of[i]; c >= 0 {
			l[i] = w * mu[c]
		} else {
			l[i] = w * k.settle[i] << k.shift
		}
	}
	return l
}

// value of a choice, existing sites being included by nature.
func (k *kernel) value(open []bool) int64 {
	v := k.base
	for i, w := range k.weight {
		d := k.limit[i]
		for _, a := range k.ways(i) {
			if open[a.site] {
				d = int64(a.cost)
				break
			}
		}
		v += w * d
	}
	return v
}

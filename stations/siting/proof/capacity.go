package proof

import (
	"cmp"
	"slices"

	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

// flow is what the shares of a capacitated certificate cost: limit unless they
// serve exactly the weight of each cell, at sites that are in and that it
// reaches, within the capacities. Other kinds pay what they pay.
func (k *claim) flow(pays int64) int64 {
	if k.Kind != instance.Capacitated {
		return pays
	}
	unserved, room, sum := slices.Clone(k.Weights), slices.Clone(k.Capacity), int64(0)
	for _, s := range k.Flow {
		if s.Cell < 0 || int(s.Cell) >= len(unserved) || s.Site < 0 || int(s.Site) >= len(room) || k.fixed[s.Site] != in ||
			s.Weight < 1 || s.Weight > unserved[s.Cell] || s.Weight > room[s.Site] {
			return limit
		}
		unserved[s.Cell] -= s.Weight
		room[s.Site] -= s.Weight
		from, to := k.Costs.Row[s.Cell], k.Costs.Row[s.Cell+1]
		e := slices.Index(k.Costs.Site[from:to], s.Site)
		if e < 0 {
			return limit
		}
		sum += s.Weight * int64(k.Costs.Cost[from:to][e])
	}
	if slices.Max(unserved) > 0 {
		return limit
	}
	return sum
}

// short says whether the sites that are in and the largest free ones hold less
// than the demand.
func (k *claim) short(left int) bool {
	if k.Kind != instance.Capacitated {
		return false
	}
	var more []int64
	need := int64(0)
	for _, w := range k.Weights {
		need += w
	}
	for j, c := range k.Capacity {
		switch k.fixed[j] {
		case in:
			need = max(0, need-c)
		case free:
			more = append(more, c)
		}
	}
	slices.Sort(more)
	for _, c := range more[max(0, len(more)-left):] {
		need = max(0, need-c)
	}
	return need > 0
}

// pack is relax for capacitated problems: a cell is as many units as it
// weighs, the multiplier is that of one, and ρ of a site a fractional knapsack.
func (k *claim) pack(lambda []int64, b bound) bound {
	type item struct{ gain, weight int64 }
	items := make([][]item, k.Sites)
	for i, w := range k.Weights {
		if w == 0 {
			continue
		}
		λ := max(0, min(lambda[i], (limit/int64(k.Sites+1)-b.sum)/w))
		b.sum += w * λ
		for e := k.Costs.Row[i]; e < k.Costs.Row[i+1] && int64(k.Costs.Cost[e])*k.Scale < λ; e++ {
			j := k.Costs.Site[e]
			items[j] = append(items[j], item{int64(k.Costs.Cost[e])*k.Scale - λ, w})
		}
	}
	for j, list := range items {
		slices.SortFunc(list, func(a, b item) int { return cmp.Compare(a.gain, b.gain) })
		room := k.Capacity[j]
		for _, it := range list { // the best first
			x := min(room, it.weight)
			b.rho[j], room = b.rho[j]+x*it.gain, room-x
		}
	}
	return b
}

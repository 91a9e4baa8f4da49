package siting

import (
	"math"
	"slices"
)

// transport is the transportation problem that is left when the open sites are
// fixed: items to sites with room, each item split as need be, at the least
// cost. Items are put in one after the other along shortest augmenting paths
// of the residual network (Ahuja, Magnanti and Orlin 1993, section 9.7). That
// network is kept on the few sites alone: the arc j → k costs what it takes to
// send one unit from j to k, the least difference of an item that j serves.
type transport struct {
	a      *allocation
	items  []int32
	sites  []int32
	slack  []int64
	costs  []int32   // (item, site); -1: no pair
	amount []int64   // (item, site)
	at     [][]int32 // per site items that it serves, and some that it served
	arc    []int64   // (site, site)
	by     []int32   // (site, site): the item of the arc
	price  []int64   // per site: cost of one more unit of room, far for none
	to     []int32   // per site: next on the way to slack; -1: here
	value  int64
}

// far is above every cost of a path.
const far = math.MaxInt64 / 4

// newTransport takes the items whose flag is not in without (nil: all) and the
// sites with their room.
func newTransport(a *allocation, without []bool, sites []int32, room []int64) *transport {
	t := &transport{a: a, sites: sites, slack: slices.Clone(room)}
	place := make([]int32, len(a.weight))
	for i := range a.weight {
		place[i] = -1
		if without == nil || !without[i] {
			place[i] = int32(len(t.items))
			t.items = append(t.items, int32(i))
		}
	}
	n, m := len(sites), len(t.items)
	t.costs, t.amount = slices.Repeat([]int32{-1}, n*m), make([]int64, n*m)
	for s, j := range sites {
		for k := a.colAt[j]; k < a.colAt[j+1]; k++ {
			if at := place[a.colItem[k]]; at >= 0 {
				t.costs[int(at)*n+s] = a.colCost[k]
			}
		}
	}
	t.at, t.arc, t.by = make([][]int32, n), slices.Repeat([]int64{far}, n*n), make([]int32, n*n)
	t.price, t.to = make([]int64, n), make([]int32, n)
	return t
}

// run sends everything. When that cannot be, it gives the items (places in
// t.items) whose sites, all together, have less room than they need, and by how
// much (the theorem of Hall).
func (t *transport) run() (stuck []int32, missing int64) {
	left := make([]int64, len(t.items))
	for i := range t.items {
		left[i] = t.a.weight[t.items[i]]
		t.nearest(i, left)
	}
	t.prices()
	for i := range t.items {
		for left[i] > 0 {
			if !t.augment(i, left) {
				return t.hall(i, left[i])
			}
		}
	}
	return nil, 0
}

// nearest sends item i to its nearest site while that has slack: nothing
// cheaper exists, so the flow stays optimal.
func (t *transport) nearest(i int, left []int64) {
	n := len(t.sites)
	best := -1
	for s, c := range t.costs[i*n : (i+1)*n] {
		if c >= 0 && (best < 0 || c < t.costs[i*n+best]) {
			best = s
		}
	}
	if best < 0 {
		return
	}
	if sent := min(left[i], t.slack[best]); sent > 0 {
		left[i] -= sent
		t.slack[best] -= sent
		t.send(i, best, sent)
	}
}

// send puts amount of item i on site s and keeps the arcs out of s.
func (t *transport) send(i, s int, amount int64) {
	n := len(t.sites)
	costs := t.costs[i*n : (i+1)*n]
	t.value += amount * int64(costs[s])
	if t.amount[i*n+s] == 0 {
		t.at[s] = append(t.at[s], int32(i))
		t.arcs(i, s)
	}
	t.amount[i*n+s] += amount
}

// arcs offers item i, which s serves, as the cheapest one to be sent on.
func (t *transport) arcs(i, s int) {
	n := len(t.sites)
	costs, here := t.costs[i*n:(i+1)*n], int64(t.costs[i*n+s])
	for k, c := range costs {
		if c >= 0 && k != s && int64(c)-here < t.arc[s*n+k] {
			t.arc[s*n+k], t.by[s*n+k] = int64(c)-here, int32(i)
		}
	}
}

// rescan finds anew the arcs out of s that an item was the cheapest one of,
// after it left for good.
func (t *transport) rescan(s, gone int) {
	n := len(t.sites)
	tidy := false
	for k := range n {
		if at := s*n + k; t.arc[at] == far || t.by[at] != int32(gone) {
			continue
		}
		if !tidy {
			slices.Sort(t.at[s]) // who came back stands there twice
			t.at[s] = slices.DeleteFunc(slices.Compact(t.at[s]), func(i int32) bool { return t.amount[int(i)*n+s] == 0 })
			tidy = true
		}
		t.cheapest(s, k)
	}
}

// cheapest finds the arc from s to k.
func (t *transport) cheapest(s, k int) {
	n := len(t.sites)
	best, by := int64(far), int32(0)
	for _, i := range t.at[s] {
		costs := t.costs[int(i)*n : int(i)*n+n]
		if c := costs[k]; c >= 0 && int64(c-costs[s]) < best {
			best, by = int64(c-costs[s]), i
		}
	}
	t.arc[s*n+k], t.by[s*n+k] = best, by
}

// prices finds the cheapest way from every site to one with slack (Bellman and
// Ford; an optimal flow has no negative cycle).
func (t *transport) prices() {
	n := len(t.sites)
	for s := range n {
		t.price[s], t.to[s] = far, -1
		if t.slack[s] > 0 {
			t.price[s] = 0
		}
	}
	for again := true; again; {
		again = false
		for s := range n {
			if t.slack[s] > 0 {
				continue
			}
			for k, c := range t.arc[s*n : (s+1)*n] {
				if c < far && t.price[k] < far && c+t.price[k] < t.price[s] {
					t.price[s], t.to[s], again = c+t.price[k], int32(k), true
				}
			}
		}
	}
}

// augment sends as much of item i as one shortest path carries.
func (t *transport) augment(i int, left []int64) bool {
	n := len(t.sites)
	start, cost := -1, int64(far)
	for s, c := range t.costs[i*n : (i+1)*n] {
		if c >= 0 && t.price[s] < far && int64(c)+t.price[s] < cost {
			start, cost = s, int64(c)+t.price[s]
		}
	}
	if start < 0 {
		return false
	}
	amount, last := left[i], start
	for ; t.to[last] >= 0; last = int(t.to[last]) {
		next := int(t.to[last])
		amount = min(amount, t.amount[int(t.by[last*n+next])*n+last])
	}
	amount = min(amount, t.slack[last])
	t.push(i, start, amount)
	t.slack[last] -= amount
	left[i] -= amount
	t.prices()
	return true
}

func (t *transport) push(i, start int, amount int64) {
	n := len(t.sites)
	type hop struct{ item, from, to int }
	var hops []hop
	for s := start; t.to[s] >= 0; s = int(t.to[s]) {
		next := int(t.to[s])
		hops = append(hops, hop{int(t.by[s*n+next]), s, next})
	}
	t.send(i, start, amount)
	for _, h := range hops {
		t.amount[h.item*n+h.from] -= amount
		t.value -= amount * int64(t.costs[h.item*n+h.from])
		t.send(h.item, h.to, amount)
	}
	for _, h := range hops {
		if t.amount[h.item*n+h.from] == 0 {
			t.rescan(h.from, h.item)
		}
	}
}

// hall collects item i and all that the sites serve which it could reach.
func (t *transport) hall(i int, missing int64) (stuck []int32, short int64) {
	n := len(t.sites)
	reached := make([]bool, n)
	var queue []int
	for s, c := range t.costs[i*n : (i+1)*n] {
		if c >= 0 {
			reached[s] = true
			queue = append(queue, s)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for k, c := range t.arc[queue[0]*n : (queue[0]+1)*n] {
			if c < far && !reached[k] {
				reached[k] = true
				queue = append(queue, k)
			}
		}
	}
	for k := range t.items {
		held := k == i
		for s := range n {
			held = held || reached[s] && t.amount[k*n+s] > 0
		}
		if held {
			stuck = append(stuck, int32(k))
		}
	}
	// What the later items still wait for does not count: their sites may be others.
	return stuck, missing
}

// settle gives the sites that cannot reach slack prices too, as low as the
// arcs allow, so that every price is a dual: price[j] ≤ arc(j, k) + price[k].
func (t *transport) settle() {
	n := len(t.sites)
	var lost []int
	for s := range n {
		if t.price[s] >= far {
			lost = append(lost, s)
			t.price[s] = 0
		}
	}
	isLost := make([]bool, n)
	for _, s := range lost {
		isLost[s] = true
	}
	for again := true; again; {
		again = false
		for _, s := range lost {
			for _, k := range lost {
				if c := t.arc[s*n+k]; c < far && c+t.price[k] < t.price[s] {
					t.price[s], again = c+t.price[k], true
				}
			}
		}
	}
	var lift int64
	for _, k := range lost {
		lift = max(lift, -t.price[k])
		for s := range n {
			if c := t.arc[s*n+k]; !isLost[s] && c < far {
				lift = max(lift, t.price[s]-c-t.price[k])
			}
		}
	}
	for _, s := range lost {
		t.price[s] += lift
	}
}

// duals are multipliers per item of the allocation, times its scale, that
// close the leaf: Σ wλ + Σ ρ = value. Items that are not sent keep what lambda
// has.
func (t *transport) duals(lambda []int64) []int64 {
	t.settle()
	n := len(t.sites)
	lambda = slices.Clone(lambda)
	for k, i := range t.items {
		best := int64(far)
		for s, c := range t.costs[k*n : (k+1)*n] {
			if c >= 0 {
				best = min(best, int64(c)+t.price[s])
			}
		}
		lambda[i] = min(best*t.a.scale, t.a.ceiling)
	}
	return lambda
}

// cut are multipliers that bound the cost of a plan in which the stuck items
// find no room by at least worth, as far as the ceiling lets them.
func (t *transport) cut(lambda []int64, stuck []int32, missing, worth int64) []int64 {
	out := make([]int64, len(lambda))
	each := worth/missing + 1
	for _, k := range stuck {
		out[t.items[k]] = t.a.ceiling
		if each < t.a.ceiling/t.a.scale {
			out[t.items[k]] = each * t.a.scale
		}
	}
	return out
}

package siting

import "math"

// exchange improves a choice by swapping one open site for a closed one, the
// best pair first, until none helps (Teitz and Bart 1968), with the tables
// gain, loss and extra of Resende and Werneck, A fast swap-based local search
// procedure for location problems, Annals of Operations Research 150 (2007).
type exchange struct {
	k     *kernel
	stop  func() bool
	open  []bool
	slots []int32 // open sites; a swap keeps the slot
	slot  []int32 // site → slot
	work  int     // arcs looked at so far
	gain  []int64 // per site: saved when it opens
	loss  []int64 // per slot: lost when it closes

	// what gain − loss misses when a site opens and a slot closes at once
	extra      []softening // by site, those of j in [from[j], from[j+1])
	from, fill []int64
	soft       []int64 // per slot, zeros between uses
	dense      []int64 // the same by site and slot; nil: too many slots
	near, next []int32 // per cell: places in its row of the two nearest open sites
}

// softening of the loss of a slot by a site, for one cell.
type softening struct {
	less int64
	slot int32
}

func newExchange(k *kernel, stop func() bool) *exchange {
	e := &exchange{k: k, stop: stop, open: make([]bool, k.sites), slot: make([]int32, k.sites),
		gain: make([]int64, k.sites), loss: make([]int64, k.p), soft: make([]int64, k.p),
		from: make([]int64, k.sites+1), fill: make([]int64, k.sites+1),
		near: make([]int32, k.cells()), next: make([]int32, k.cells())}
	if k.p*k.p <= 4*k.cells() {
		e.dense = make([]int64, k.sites*k.p)
	}
	return e
}

// greedy opens the sites that are in, then the one that saves most, and so on.
func (e *exchange) greedy(start []int32) []int32 {
	k := e.k
	chosen := make([]int32, 0, k.p)
	clear(e.open)
	for j, f := range k.fates {
		if f == in {
			chosen = append(chosen, int32(j))
			e.open[j] = true
		}
	}
	for _, j := range start {
		if j >= 0 && int(j) < k.sites && len(chosen) < k.p && k.fates[j] == free && !e.open[j] {
			chosen = append(chosen, j)
			e.open[j] = true
		}
	}
	near := make([]int64, k.cells())
	clear(e.gain)
	for i := range near {
		near[i] = k.nearest(i, e.open)
		e.saves(i, near[i], 1)
	}
	for len(chosen) < k.p {
		best := int32(-1)
		for j, f := range k.fates {
			if f == free && !e.open[j] && (best < 0 || e.gain[j] > e.gain[best]) {
				best = int32(j)
			}
		}
		chosen = append(chosen, best)
		e.open[best] = true
		if e.gain[best] == 0 {
			continue
		}
		for i := range near {
			for _, a := range k.ways(i) {
				if int64(a.cost) >= near[i] {
					break
				}
				if a.site == best {
					e.saves(i, near[i], -1)
					near[i] = int64(a.cost)
					e.saves(i, near[i], 1)
					break
				}
			}
		}
	}
	return chosen
}

// nearest is the cost of cell i.
func (k *kernel) nearest(i int, open []bool) int64 {
	for _, a := range k.ways(i) {
		if open[a.site] {
			return int64(a.cost)
		}
	}
	return k.limit[i]
}

// saves adds sign times what each site would save cell i, that pays near.
func (e *exchange) saves(i int, near, sign int64) {
	w := e.k.weight[i] * sign
	for _, a := range e.k.ways(i) {
		if int64(a.cost) >= near {
			return
		}
		e.gain[a.site] += w * (near - int64(a.cost))
	}
}

// improve swaps until no swap helps and returns the value; chosen is changed.
func (e *exchange) improve(chosen []int32) int64 {
	clear(e.open)
	for s, j := range chosen {
		e.open[j] = true
		e.slot[j] = int32(s)
	}
	for {
		v := e.assign()
		var enter, leave int32
		if e.dense != nil {
			e.fillDense()
			enter, leave = e.bestDense(chosen)
		} else {
			e.tables()
			enter, leave = e.best(chosen)
		}
		if enter < 0 || e.stop() {
			return v
		}
		e.open[chosen[leave]] = false
		e.open[enter] = true
		e.slot[enter] = leave
		chosen[leave] = enter
	}
}

// assign finds the nearest and second nearest open site of every cell, fills
// gain and loss and returns the value.
func (e *exchange) assign() int64 {
	k := e.k
	clear(e.gain)
	clear(e.loss)
	v := k.base
	e.work += k.cells() + k.sites + len(e.dense)/2
	for i, w := range k.weight {
		ways := k.ways(i)
		n := 0
		for n < len(ways) && !e.open[ways[n].site] {
			n++
		}
		if n == len(ways) { // nobody serves it: whoever opens, gains
			e.near[i], e.next[i] = int32(n), int32(n)
			v += w * k.limit[i]
			e.saves(i, k.limit[i], 1)
			continue
		}
		m := n + 1
		for m < len(ways) && !e.open[ways[m].site] {
			m++
		}
		e.near[i], e.next[i] = int32(n), int32(m)
		e.work += 3 * m // here and in the tables
		first := int64(ways[n].cost)
		v += w * first
		e.loss[e.slot[ways[n].site]] += w * (e.second(i, ways) - first)
		for _, a := range ways[:n] {
			e.gain[a.site] += w * (first - int64(a.cost))
		}
	}
	return v
}

// second is what cell i pays when its nearest open site closes.
func (e *exchange) second(i int, ways []arc) int64 {
	if m := int(e.next[i]); m < len(ways) {
		return int64(ways[m].cost)
	}
	return e.k.limit[i]
}

// tables fills extra, by site: an entry for every cell whose loss the site
// would soften if the cell's nearest closed.
func (e *exchange) tables() {
	k := e.k
	clear(e.from)
	for i := range k.weight {
		ways := k.ways(i)
		if int(e.near[i]) == len(ways) {
			continue
		}
		for n, a := range ways[:e.next[i]] {
			if n != int(e.near[i]) {
				e.from[a.site+1]++
			}
		}
	}
	for j := range k.sites {
		e.from[j+1] += e.from[j]
	}
	if n := int(e.from[k.sites]); n > cap(e.extra) {
		e.extra = make([]softening, n, n+n/4)
	} else {
		e.extra = e.extra[:n]
	}
	copy(e.fill, e.from)
	for i, w := range k.weight {
		ways := k.ways(i)
		n, m := int(e.near[i]), int(e.next[i])
		if n == len(ways) {
			continue
		}
		second, s := e.second(i, ways), e.slot[ways[n].site]
		lose := w * (second - int64(ways[n].cost))
		for _, a := range ways[:n] {
			e.extra[e.fill[a.site]] = softening{lose, s}
			e.fill[a.site]++
		}
		for _, a := range ways[n+1 : m] {
			e.extra[e.fill[a.site]] = softening{w * (second - int64(a.cost)), s}
			e.fill[a.site]++
		}
	}
}

// best finds the swap that saves most; the first of equals.
func (e *exchange) best(chosen []int32) (enter, leave int32) {
	k := e.k
	enter, leave = -1, -1
	var most int64
	cheapest := e.cheapest(chosen) // leaves when the newcomer softens nothing
	for j, f := range k.fates {
		if f != free || e.open[j] {
			continue
		}
		g := e.gain[j]
		entries := e.extra[e.from[j]:e.from[j+1]]
		if saved := g - e.loss[cheapest]; saved > most {
			most, enter, leave = saved, int32(j), cheapest
		}
		for _, x := range entries {
			e.soft[x.slot] += x.less
			if saved := g + e.soft[x.slot] - e.loss[x.slot]; saved > most {
				most, enter, leave = saved, int32(j), x.slot
			}
		}
		for _, x := range entries {
			e.soft[x.slot] = 0
		}
	}
	return enter, leave
}

// cheapest is the slot with the smallest loss; sites that are in never leave.
func (e *exchange) cheapest(chosen []int32) int32 {
	c := int32(0)
	for s, j := range chosen {
		if e.k.fates[j] == in {
			e.loss[s] = math.MaxInt64 / 2
		}
		if e.loss[s] < e.loss[c] {
			c = int32(s)
		}
	}
	return c
}

// fillDense and bestDense are tables and best where slots are few and cells
// many, so that a full table is smaller than its entries.
func (e *exchange) fillDense() {
	k, p := e.k, e.k.p
	clear(e.dense)
	for i, w := range k.weight {
		ways := k.ways(i)
		n, m := int(e.near[i]), int(e.next[i])
		if n == len(ways) {
			continue
		}
		second, s := e.second(i, ways), int(e.slot[ways[n].site])
		lose := w * (second - int64(ways[n].cost))
		for _, a := range ways[:n] {
			e.dense[int(a.site)*p+s] += lose
		}
		for _, a := range ways[n+1 : m] {
			e.dense[int(a.site)*p+s] += w * (second - int64(a.cost))
		}
	}
}

func (e *exchange) bestDense(chosen []int32) (enter, leave int32) {
	k := e.k
	enter, leave = -1, -1
	var most int64
	e.cheapest(chosen)
	for j, f := range k.fates {
		if f != free || e.open[j] {
			continue
		}
		g := e.gain[j]
		for s, x := range e.dense[j*k.p : (j+1)*k.p] {
			if saved := g + x - e.loss[s]; saved > most {
				most, enter, leave = saved, int32(j), int32(s)
			}
		}
	}
	return enter, leave
}

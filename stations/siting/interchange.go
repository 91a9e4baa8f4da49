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
	gain  []int64 // per site: saved when it opens
	loss  []int64 // per slot: lost when it closes
	extra []int64 // per site and slot: what gain − loss misses when both happen
}

func newExchange(k *kernel, stop func() bool) *exchange {
	return &exchange{k: k, stop: stop, open: make([]bool, k.sites), slot: make([]int32, k.sites),
		gain: make([]int64, k.sites), loss: make([]int64, k.p), extra: make([]int64, k.sites*k.p)}
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
		if len(chosen) < k.p && k.fates[j] == free && !e.open[j] {
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
		v := e.tables()
		enter, leave := e.best(chosen)
		if enter < 0 || e.stop() {
			return v
		}
		e.open[chosen[leave]] = false
		e.open[enter] = true
		e.slot[enter] = leave
		chosen[leave] = enter
	}
}

// tables fills gain, loss and extra for the open sites and returns the value.
func (e *exchange) tables() int64 {
	k := e.k
	clear(e.gain)
	clear(e.loss)
	clear(e.extra)
	v, p := k.base, k.p
	for i, w := range k.weight {
		ways := k.ways(i)
		n := 0
		for n < len(ways) && !e.open[ways[n].site] {
			n++
		}
		if n == len(ways) { // nobody serves it: whoever opens, gains
			v += w * k.limit[i]
			e.saves(i, k.limit[i], 1)
			continue
		}
		first, second := int64(ways[n].cost), k.limit[i]
		s := int(e.slot[ways[n].site])
		v += w * first
		m := n + 1
		for ; m < len(ways); m++ {
			if e.open[ways[m].site] {
				second = int64(ways[m].cost)
				break
			}
		}
		lose := w * (second - first)
		e.loss[s] += lose
		for _, a := range ways[:n] {
			e.gain[a.site] += w * (first - int64(a.cost))
			e.extra[int(a.site)*p+s] += lose
		}
		for _, a := range ways[n:m] {
			e.extra[int(a.site)*p+s] += w * (second - int64(a.cost))
		}
	}
	return v
}

// best finds the swap that saves most; the first of equals.
func (e *exchange) best(chosen []int32) (enter, leave int32) {
	k := e.k
	enter, leave = -1, -1
	var most int64
	least := int64(math.MaxInt64)
	for s, j := range chosen {
		if k.fates[j] != in && e.loss[s] < least {
			least = e.loss[s]
		}
	}
	for j, f := range k.fates {
		if f != free || e.open[j] {
			continue
		}
		g := e.gain[j]
		for s, x := range e.extra[j*k.p : (j+1)*k.p] {
			if saved := g + x - e.loss[s]; saved > most && k.fates[chosen[s]] != in {
				most, enter, leave = saved, int32(j), int32(s)
			}
		}
	}
	return enter, leave
}

package siting

import "slices"

// walkers searches for stops at which those who walk in find room: where the
// demand is nearest is decided by the stops alone, and how many sessions that
// takes must not be more than there are. The plans of the relaxation, which
// steers everybody, seldom have that.
type walkers struct {
	*allocation
	open          []int32 // 1 or 0 per stop
	first, second []int32 // nearest two stops per item; -1: none
	near, next    []int64
	groups        [][]int32 // items by first
}

// crowd measures a choice of stops: what it lacks comes before what it costs.
type crowd struct {
	excess int64 // sessions too many, or too few to use them up
	cost   int64 // Σ w·nearest
}

func (c crowd) better(d crowd) bool {
	return c.excess < d.excess || c.excess == d.excess && c.cost < d.cost
}

// settleWalkers improves the stops of take by adding, dropping and swapping one
// at a time, and offers what it comes to.
func (s *allocator) settleWalkers(take []int32) {
	if s.walk == nil {
		return
	}
	w := &walkers{allocation: s.allocation, open: onceEach(take)}
	w.look()
	now := w.measure(-1, nil)[len(w.open)]
	for idle, in := 0, 0; idle <= len(w.open) && s.ctx.Err() == nil; in = (in + 1) % (len(w.open) + 1) {
		idle++
		if in < len(w.open) && (w.open[in] > 0 || w.hi[in] == 0) {
			continue
		}
		opened, column := -1, []int64(nil)
		if in < len(w.open) { // the last round opens none: it only drops
			opened, column = in, w.column(in)
		}
		out := len(w.open)
		for j, c := range w.measure(opened, column) {
			if (j == len(w.open) || w.open[j] > 0 && w.lo[j] == 0) && c.better(now) {
				now, out, idle = c, j, 0
			}
		}
		if idle == 0 {
			w.swap(opened, out)
		}
	}
	if now.excess == 0 {
		s.offer(s.shareOut(w.open))
	}
}

func (w *walkers) swap(in, out int) {
	if in >= 0 {
		w.open[in] = 1
	}
	if out < len(w.open) {
		w.open[out] = 0
	}
	w.look()
}

// none is farther than every way.
func (a *allocation) none() int64 { return 2*a.largestCost + 1 }

// look finds the two nearest stops of every item.
func (w *walkers) look() {
	n := len(w.weight)
	w.first, w.second = slices.Repeat([]int32{-1}, n), slices.Repeat([]int32{-1}, n)
	w.near, w.next = slices.Repeat([]int64{w.none()}, n), slices.Repeat([]int64{w.none()}, n)
	w.groups = make([][]int32, len(w.open))
	for i := range n {
		for k := w.rowAt[i]; k < w.rowAt[i+1]; k++ {
			j := w.rowSite[k]
			if w.open[j] == 0 {
				continue
			}
			if w.first[i] >= 0 {
				w.second[i], w.next[i] = j, int64(w.rowCost[k])
				break
			}
			w.first[i], w.near[i] = j, int64(w.rowCost[k])
			w.groups[j] = append(w.groups[j], int32(i))
		}
	}
}

// column are the costs to one stop.
func (w *walkers) column(in int) []int64 {
	c := slices.Repeat([]int64{w.none()}, len(w.weight))
	for k := w.colAt[in]; k < w.colAt[in+1]; k++ {
		c[w.colItem[k]] = int64(w.colCost[k])
	}
	return c
}

// measure gives the crowd with stop in opened (-1: none), per stop that closes
// for it, and at last for none that does.
func (w *walkers) measure(in int, column []int64) []crowd {
	all := make([]crowd, len(w.open)+1)
	load := make([]int64, len(w.open))
	var cost int64
	comes := func(i int, site int32, way int64) (int32, int64) {
		if in >= 0 && (column[i] < way || column[i] == way && int32(in) < site) {
			return int32(in), column[i]
		}
		return site, way
	}
	put := func(load []int64, i int, site int32, way, sign int64) int64 {
		if site >= 0 && w.walk[i] {
			load[site] += sign * w.weight[i]
		}
		return sign * w.weight[i] * way
	}
	for i := range w.weight {
		site, way := comes(i, w.first[i], w.near[i])
		cost += put(load, i, site, way, 1)
	}
	all[len(w.open)] = crowd{w.excess(load, in, -1), cost}
	for out := range w.open {
		if w.open[out] == 0 {
			continue
		}
		rest, less := slices.Clone(load), cost
		for _, k := range w.groups[out] {
			i := int(k)
			if site, way := comes(i, w.first[i], w.near[i]); site == int32(out) {
				less += put(rest, i, site, way, -1)
				site, way = comes(i, w.second[i], w.next[i])
				less += put(rest, i, site, way, 1)
			}
		}
		all[out] = crowd{w.excess(rest, in, out), less}
	}
	return all
}

// excess counts the sessions that walk-ins need beyond the total, or that the
// stops cannot hold.
func (w *walkers) excess(load []int64, in, out int) int64 {
	var need, most, over int64
	for j, l := range load {
		if j == out || w.open[j] == 0 && j != in {
			continue
		}
		sessions := max(int64(max(1, w.lo[j])), (l+w.unit[j]-1)/w.unit[j])
		over += max(0, sessions-int64(w.hi[j]))
		need += sessions
		most += int64(w.hi[j])
	}
	return max(0, need-int64(w.total)) + max(0, int64(w.total)-most) + over
}

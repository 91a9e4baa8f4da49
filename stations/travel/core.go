package travel

import "slices"

// core is what many searches need of a graph: the junctions at which somebody
// is, and of the others those that cannot be left out cheaply. Leaving one out
// puts an arc from each junction before it to each behind it, so that all times
// between those that stay are the same to the decisecond (the contraction of
// Geisberger et al. 2008, for one question and without its hierarchy).
type core struct {
	arcs
	number   []int32 // per junction of the graph; -1: left out. nil: all stay
	junction []int32 // per number
}

// whole is the core that leaves out nobody.
func whole(a *arcs) *core { return &core{arcs: *a} }

// worthwhile is the number of searches from which on a core pays.
const worthwhile = 100

// crowded is the most arcs that a junction left out may have in one direction:
// beyond, more arcs come than go.
const crowded = 4

// coreOf is the core for searches up to cutoff between the junctions that
// stay.
func coreOf(a *arcs, stay []bool, cutoff int32) *core {
	c := contraction{cutoff: cutoff, out: make([][]arc, len(stay)), in: make([][]arc, len(stay)), gone: make([]bool, len(stay))}
	c.read(a)
	for most := 2; most <= crowded; most++ {
		for v := range int32(len(stay)) {
			if !stay[v] && !c.gone[v] && max(len(c.in[v]), len(c.out[v])) <= most {
				c.leaveOut(v)
			}
		}
	}
	return c.core()
}

// contraction is a graph that becomes smaller.
type contraction struct {
	out, in [][]arc // arcs of in lead back
	gone    []bool
	cutoff  int32
}

// read copies a graph: of several arcs between two junctions the fastest, and
// none longer than the cut-off.
func (c *contraction) read(a *arcs) {
	incoming := make([]int32, len(c.out)+1)
	for v := range int32(len(c.out)) {
		for _, next := range a.row(v) {
			incoming[next.head]++
		}
	}
	outs, ins := make([]arc, 2*len(a.list)), make([]arc, 2*len(a.list)) // room for as many more
	for v := range int32(len(c.out)) {
		n, m := 2*len(a.row(v)), 2*int(incoming[v])
		c.out[v], outs = outs[:0:n], outs[n:]
		c.in[v], ins = ins[:0:m], ins[m:]
	}
	for v := range int32(len(c.out)) {
		for _, next := range a.row(v) {
			c.join(v, next.head, next.time)
		}
	}
}

// join makes an arc, unless there is one as fast.
func (c *contraction) join(from, to, time int32) {
	if time > c.cutoff || from == to {
		return
	}
	for i, known := range c.out[from] {
		if known.head != to {
			continue
		}
		if time < known.time {
			c.out[from][i].time = time
			back := slices.IndexFunc(c.in[to], func(a arc) bool { return a.head == from })
			c.in[to][back].time = time
		}
		return
	}
	c.out[from] = append(c.out[from], arc{to, time})
	c.in[to] = append(c.in[to], arc{from, time})
}

// leaveOut takes a junction away.
func (c *contraction) leaveOut(v int32) {
	for _, before := range c.in[v] {
		c.out[before.head] = without(c.out[before.head], v)
	}
	for _, behind := range c.out[v] {
		c.in[behind.head] = without(c.in[behind.head], v)
	}
	for _, before := range c.in[v] {
		for _, behind := range c.out[v] {
			c.join(before.head, behind.head, before.time+behind.time)
		}
	}
	c.gone[v] = true
}

func without(row []arc, head int32) []arc {
	last := len(row) - 1
	for i := range row {
		if row[i].head == head {
			row[i] = row[last]
			return row[:last]
		}
	}
	return row
}

// core numbers those that are left, in their order.
func (c *contraction) core() *core {
	k := &core{number: make([]int32, len(c.out))}
	arcsLeft := 0
	for v := range int32(len(c.out)) {
		if k.number[v] = -1; !c.gone[v] {
			k.number[v] = int32(len(k.junction))
			k.junction = append(k.junction, v)
			arcsLeft += len(c.out[v])
		}
	}
	k.first, k.list = make([]int32, 1, len(k.junction)+1), make([]arc, 0, arcsLeft)
	for _, v := range k.junction {
		for _, next := range c.out[v] {
			k.list = append(k.list, arc{k.number[next.head], next.time})
			k.longest = max(k.longest, next.time)
		}
		k.first = append(k.first, int32(len(k.list)))
	}
	return k
}

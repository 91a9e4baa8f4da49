package travel

import (
	"slices"
	"sync"

	"github.com/paulmach/orb"
)

// crowd is many places on the network, to be found by the junctions they leave
// by and by the edges they are on. It is immutable.
type crowd struct {
	n       *Network
	profile int
	points  []orb.Point
	places  []place
	first   []int32 // per junction and one more, in leaving
	leaving []pair  // cell, time to the junction
	onEdge  []int32 // cells that have an edge, ordered by it
}

// remembered are most crowds that a network keeps: who moves a pin asks about
// the same cells again and again.
const remembered = 4

// memory keeps the crowds of the last questions, the latest at the end.
type memory struct {
	mu     sync.Mutex
	crowds []*crowd
}

// crowd is the crowd of points, from memory when it was asked for lately.
func (n *Network) crowd(profile int, points []orb.Point) *crowd {
	same := func(c *crowd) bool { return c.profile == profile && slices.Equal(c.points, points) }
	n.memory.mu.Lock()
	defer n.memory.mu.Unlock()
	var c *crowd
	if i := slices.IndexFunc(n.memory.crowds, same); i >= 0 {
		c = n.memory.crowds[i]
		n.memory.crowds = slices.Delete(n.memory.crowds, i, i+1)
	} else {
		c = n.gather(profile, slices.Clone(points))
	}
	n.memory.crowds = append(n.memory.crowds, c)
	if over := len(n.memory.crowds) - remembered; over > 0 {
		n.memory.crowds = slices.Delete(n.memory.crowds, 0, over)
	}
	return c
}

// gather places points on the network.
func (n *Network) gather(profile int, points []orb.Point) *crowd {
	c := &crowd{n: n, profile: profile, points: points, places: make([]place, len(points)), first: make([]int32, n.s.Junctions+1)}
	exits := make([][2]start, len(points))
	for i, at := range points {
		c.places[i] = n.join(profile, at)
		if c.places[i].edge < 0 {
			continue
		}
		c.onEdge = append(c.onEdge, int32(i))
		exits[i] = n.leaves(profile, c.places[i])
		for _, exit := range exits[i] {
			c.first[exit.junction+1]++
		}
	}
	for v := range n.s.Junctions {
		c.first[v+1] += c.first[v]
	}
	c.leaving = make([]pair, c.first[n.s.Junctions])
	next := slices.Clone(c.first)
	for _, i := range c.onEdge {
		for _, exit := range exits[i] {
			c.leaving[next[exit.junction]] = pair{i, exit.time}
			next[exit.junction]++
		}
	}
	slices.SortStableFunc(c.onEdge, func(a, b int32) int { return int(c.places[a].edge) - int(c.places[b].edge) })
	return c
}

// gathering finds the times from a crowd to one site after another.
type gathering struct {
	*crowd
	graph *core
	exits []int32 // per junction of the graph and one more, in leaving
	q     *search
	best  []int32 // per cell; closed between two sites
	found []int32 // cells with a time
}

// to is the times from all cells within the cut-off to one place.
func (g *gathering) to(site place) []pair {
	if site.edge < 0 {
		return nil
	}
	starts := g.n.arrives(g.profile, site)
	if g.graph.number != nil {
		for i := range starts {
			starts[i].junction = g.graph.number[starts[i].junction]
		}
	}
	g.q.run(&g.graph.arcs, starts[:], nil)
	g.q.met(func(v, time int32) {
		for _, leaving := range g.leaving[g.exits[v]:g.exits[v+1]] {
			g.offer(leaving.cell, time+leaving.cost)
		}
	})
	at, _ := slices.BinarySearchFunc(g.onEdge, site.edge, func(cell, edge int32) int { return int(g.places[cell].edge) - int(edge) })
	for ; at < len(g.onEdge) && g.places[g.onEdge[at]].edge == site.edge; at++ {
		cell := g.onEdge[at]
		g.offer(cell, g.n.direct(g.profile, g.places[cell], site))
	}
	list := make([]pair, len(g.found))
	for i, cell := range g.found {
		list[i] = pair{cell, g.best[cell]}
		g.best[cell] = closed
	}
	g.found = g.found[:0]
	return list
}

// towards is the graph for searches from sites to the crowd, and where its
// junctions' exits begin.
func (c *crowd) towards(sites []place, cutoff int32) (*core, []int32) {
	a := &c.n.reversed[c.profile]
	if len(sites) < worthwhile {
		return whole(a), c.first
	}
	stay := make([]bool, c.n.s.Junctions)
	for v := range stay {
		stay[v] = c.first[v] < c.first[v+1]
	}
	for _, site := range sites {
		if site.edge >= 0 {
			stay[c.n.s.From[site.edge]], stay[c.n.s.To[site.edge]] = true, true
		}
	}
	k := coreOf(a, stay, cutoff)
	exits := make([]int32, 0, len(k.junction)+1)
	for _, v := range k.junction {
		exits = append(exits, c.first[v])
	}
	return k, append(exits, int32(len(c.leaving)))
}

func (g *gathering) offer(cell, time int32) {
	if time >= g.q.far || time >= g.best[cell] {
		return
	}
	if g.best[cell] == closed {
		g.found = append(g.found, cell)
	}
	g.best[cell] = time
}

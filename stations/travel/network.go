package travel

import (
	"context"
	"math"
	"slices"

	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/paulmach/orb"
)

// Network is a street network with the closures of a day.
type Network struct {
	s         *streets
	grid      *grid
	joinable  [3][]bool // per profile and edge
	forward   [3]arcs
	reversed  [3]arcs
	obstacles [3]map[int32][]obstacle // per profile, on edges
	closures  []Closure
	base      *Network // without closures; nil: this one is
	version   string
	memory    *memory
}

// newNetwork makes the indexes of streets.
func newNetwork(s *streets) (*Network, error) {
	n := &Network{s: s, grid: newGrid(s), version: "roads-" + s.hash()[:16], memory: &memory{}}
	for i := range Profiles() {
		n.forward[i], n.reversed[i] = s.arcsOf(i, false), s.arcsOf(i, true)
		n.joinable[i] = s.joinable(i, n.forward[i])
	}
	return n, nil
}

// Basis is RoadNetwork.
func (*Network) Basis() Basis { return RoadNetwork }

// Version names streets and closures by their hashes.
func (n *Network) Version() string { return n.version }

// Attribution is that of the map.
func (n *Network) Attribution() string { return n.s.Attribution }

// Demo is that of the map.
func (n *Network) Demo() bool { return n.s.Demo }

// Size is the number of junctions and of edges between them.
func (n *Network) Size() (junctions, edges int) { return int(n.s.Junctions), n.s.edges() }

// part is the time on an edge in one direction between two shares of it, for
// somebody whose places on this edge are at. A closed piece lets through only
// whoever is inside it, at walking pace and no faster than half as fast as
// else.
func (n *Network) part(profile, direction int, edge int32, low, high float64, at ...float64) int32 {
	whole := n.s.Time[2*profile+direction][edge]
	if whole >= closed {
		return closed
	}
	time := float64(whole) * (high - low)
	for _, o := range n.obstacles[profile][edge] {
		overlap := min(high, o.high) - max(low, o.low)
		if overlap <= 0 {
			continue
		}
		slow := float64(whole) * slowed
		if o.closed {
			if !slices.ContainsFunc(at, func(share float64) bool { return o.low < share && share < o.high }) {
				return closed
			}
			slow = max(slow, n.s.length(edge)*36/walkSpeed)
		}
		time += (slow - float64(whole)) * overlap
	}
	return int32(min(math.Round(time), float64(closed-1)))
}

// leaves are the ends of the edge a place is on, with the time to there.
func (n *Network) leaves(profile int, p place) [2]start {
	return [2]start{
		{n.s.To[p.edge], sum(p.access, n.part(profile, along, p.edge, p.share, 1, p.share))},
		{n.s.From[p.edge], sum(p.access, n.part(profile, against, p.edge, 0, p.share, p.share))},
	}
}

// arrives are the ends of the edge a place is on, with the time from there.
func (n *Network) arrives(profile int, p place) [2]start {
	return [2]start{
		{n.s.From[p.edge], sum(p.access, n.part(profile, along, p.edge, 0, p.share, p.share))},
		{n.s.To[p.edge], sum(p.access, n.part(profile, against, p.edge, p.share, 1, p.share))},
	}
}

// direct is the time between two places on one edge, along that edge.
func (n *Network) direct(profile int, from, to place) int32 {
	direction, low, high := along, from.share, to.share
	if low > high {
		direction, low, high = against, high, low
	}
	time := n.part(profile, direction, from.edge, low, high, from.share, to.share)
	if low == high { // both directions are as good
		time = 0
	}
	return sum(sum(from.access, to.access), time)
}

// sum adds times, each at most closed.
func sum(a, b int32) int32 { return int32(min(int64(a)+int64(b), int64(closed))) }

// ask checks a question and finds its profile.
func ask(p Profile, cutoff int32, places ...[]orb.Point) (profile int, most int32, err error) {
	if profile, err = p.row(); err != nil {
		return 0, 0, err
	}
	if most, err = limit(cutoff); err != nil {
		return 0, 0, err
	}
	return profile, most, check(places...)
}

// From is as in Times.
func (n *Network) From(ctx context.Context, p Profile, from orb.Point, to []orb.Point, cutoff int32) ([]int32, error) {
	profile, most, err := ask(p, cutoff, []orb.Point{from}, to)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	times, ends := slices.Repeat([]int32{Unreachable}, len(to)), make([]place, len(to))
	for i, at := range to {
		ends[i] = n.join(profile, at)
	}
	origin := n.join(profile, from)
	if origin.edge < 0 {
		return times, nil
	}
	starts, q := n.leaves(profile, origin), newSearch(n.s.Junctions, most)
	arrive := make([][2]start, len(to))
	for i, end := range ends {
		if end.edge >= 0 {
			arrive[i] = n.arrives(profile, end)
		}
	}
	best := func(i int) int32 {
		end := ends[i]
		if end.edge < 0 {
			return closed
		}
		time := closed
		if end.edge == origin.edge {
			time = n.direct(profile, origin, end)
		}
		for _, a := range arrive[i] {
			if t := q.time[a.junction]; t < q.far {
				time = min(time, sum(t, a.time))
			}
		}
		return time
	}
	q.run(&n.forward[profile], starts[:], func(floor int32) bool {
		for i, end := range ends {
			if end.edge >= 0 && best(i) > floor {
				return false
			}
		}
		return true
	})
	for i := range to {
		if t := best(i); t <= most {
			times[i] = t
		}
	}
	return times, nil
}

// Matrix is as in Times.
func (n *Network) Matrix(ctx context.Context, p Profile, cells, sites []orb.Point, cutoff int32) (instance.Matrix, error) {
	profile, most, err := ask(p, cutoff, cells, sites)
	if err != nil {
		return instance.Matrix{}, err
	}
	c, ends := n.crowd(profile, cells), make([]place, len(sites))
	for j, at := range sites {
		ends[j] = n.join(profile, at)
	}
	graph, exits := c.towards(ends, most)
	lists, err := eachSite(ctx, sites, func() func(int) []pair {
		g := &gathering{crowd: c, graph: graph, exits: exits, q: newSearch(int32(len(graph.first)-1), most), best: slices.Repeat([]int32{closed}, len(cells))}
		return func(site int) []pair { return g.to(ends[site]) }
	})
	if err != nil {
		return instance.Matrix{}, err
	}
	return compress(len(cells), lists), nil
}

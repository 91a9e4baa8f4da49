package travel

import (
	"cmp"
	"math"
	"slices"

	"github.com/ortsnah/ortsnah"
	"github.com/paulmach/orb"
	"github.com/paulmach/osm"
)

// Map is what a street network is built from, in the words of OpenStreetMap:
// nodes with places, ways with tags.
type Map struct {
	Nodes       []Node // of the ways; others are ignored, double ids count once
	Ways        []Way
	Attribution string // who must be named wherever the network is used
	Demo        bool   // the network is invented
}

// Node is a point of ways.
type Node struct {
	ID   int64
	At   orb.Point // lon/lat
	Tags osm.Tags  // of a barrier
}

// Way is a line of nodes.
type Way struct {
	Nodes []int64
	Tags  osm.Tags
}

// Build makes a network of a map. Equal maps give equal networks. Errors:
// Invalid travel.no_streets when nobody can move anywhere, TooLarge
// travel.too_many_streets.
func Build(m Map) (*Network, error) {
	b := builder{s: &streets{Names: []string{""}, Attribution: m.Attribution, Demo: m.Demo}, names: map[string]int32{"": 0}}
	b.place(m)
	b.number(m)
	if err := b.connect(m); err != nil {
		return nil, err
	}
	if b.s.edges() == 0 {
		return nil, ortsnah.E(ortsnah.Invalid, "travel.no_streets")
	}
	return newNetwork(b.s)
}

// builder turns nodes and ways into junctions and edges.
type builder struct {
	s        *streets
	ids      []int64 // of the nodes that ways use and the map has, ascending
	spots    []spot
	stops    [][3]bool // whom the node's barrier stops
	junction []int32   // number, or -1 between junctions
	entered  []bool    // barrier: its junction has an edge already
	gates    []gate
	names    map[string]int32
}

// gate leads through a barrier at a node.
type gate struct {
	from, to, at int32
	times        [6]int32
}

// place gathers the nodes that usable ways have.
func (b *builder) place(m Map) {
	nodes := slices.Clone(m.Nodes)
	slices.SortStableFunc(nodes, func(a, b Node) int { return cmp.Compare(a.ID, b.ID) })
	nodes = slices.CompactFunc(nodes, func(a, b Node) bool { return a.ID == b.ID })
	for _, n := range nodes {
		if !(math.Abs(n.At.Lon()) <= 180 && math.Abs(n.At.Lat()) < 90) {
			continue
		}
		b.ids, b.spots = append(b.ids, n.ID), append(b.spots, spotOf(n.At))
		b.stops = append(b.stops, blocks(n.Tags))
	}
	b.entered = make([]bool, len(b.ids))
}

// find is the node's place in ids; -1 for a node that the extract cut off.
func (b *builder) find(id int64) int32 {
	if at, ok := slices.BinarySearch(b.ids, id); ok {
		return int32(at)
	}
	return -1
}

// runs calls each with the parts of a way whose nodes are all known.
func (b *builder) runs(w Way, each func(run []int32)) {
	run := make([]int32, 0, len(w.Nodes))
	for _, id := range w.Nodes {
		if at := b.find(id); at >= 0 {
			run = append(run, at)
			continue
		}
		if len(run) > 1 {
			each(run)
		}
		run = run[:0]
	}
	if len(run) > 1 {
		each(run)
	}
}

// number finds the junctions - ends of ways, nodes that are met twice,
// barriers - and numbers them along a curve that keeps neighbours near.
func (b *builder) number(m Map) {
	met := make([]uint8, len(b.ids))
	for _, w := range m.Ways {
		if usesOf(w.Tags).none() {
			continue
		}
		b.runs(w, func(run []int32) {
			for i, at := range run {
				if met[at] < 2 {
					met[at]++
				}
				if i == 0 || i == len(run)-1 {
					met[at] = 2
				}
			}
		})
	}
	var order []int32
	b.junction = make([]int32, len(b.ids))
	for at := range b.ids {
		b.junction[at] = -1
		if met[at] == 2 || met[at] == 1 && b.stops[at] != ([3]bool{}) {
			order = append(order, int32(at))
		}
	}
	slices.SortStableFunc(order, func(x, y int32) int { return cmp.Compare(zorder(b.spots[x]), zorder(b.spots[y])) })
	for number, at := range order {
		b.junction[at] = int32(number)
	}
	b.s.Junctions = int32(len(order))
}

// zorder interleaves the bits of a place (Morton 1966).
func zorder(s spot) uint64 {
	return spread(uint32(s[0])^1<<31) | spread(uint32(s[1])^1<<31)<<1
}

func spread(x uint32) uint64 {
	v := uint64(x)
	v = (v | v<<16) & 0x0000ffff0000ffff
	v = (v | v<<8) & 0x00ff00ff00ff00ff
	v = (v | v<<4) & 0x0f0f0f0f0f0f0f0f
	v = (v | v<<2) & 0x3333333333333333
	return (v | v<<1) & 0x5555555555555555
}

// connect writes the edges.
func (b *builder) connect(m Map) error {
	b.s.Shape = append(b.s.Shape, 0)
	for _, w := range m.Ways {
		u := usesOf(w.Tags)
		if u.none() {
			continue
		}
		u = b.ferry(w, u)
		name := b.name(cmp.Or(w.Tags.Find("name"), w.Tags.Find("ref")))
		b.runs(w, func(run []int32) {
			from := 0
			for i := 1; i < len(run); i++ {
				if b.junction[run[i]] >= 0 {
					b.edge(run[from:i+1], u, name)
					from = i
				}
			}
		})
		if len(b.s.Spots) > math.MaxInt32/2 {
			return ortsnah.E(ortsnah.TooLarge, "travel.too_many_streets")
		}
	}
	for _, g := range b.gates {
		b.s.Spots = append(b.s.Spots, b.spots[g.at], b.spots[g.at])
		b.write(g.from, g.to, 0, g.times)
	}
	return nil
}

// ferry gives a ferry the speed of its timetable, where that is said.
func (b *builder) ferry(w Way, u uses) uses {
	if w.Tags.Find("route") != "ferry" {
		return u
	}
	takes := crossing(w.Tags.Find("duration")).Hours()
	if takes == 0 {
		return u
	}
	km := 0.0
	b.runs(w, func(run []int32) {
		for i := 1; i < len(run); i++ {
			km += distance(b.spots[run[i-1]], b.spots[run[i]]) / 1000
		}
	})
	for i := range u {
		u[i] = speeds{min(u[i].along, 1) * km / takes, min(u[i].against, 1) * km / takes}
	}
	return u
}

func (b *builder) name(name string) int32 {
	number, known := b.names[name]
	if !known {
		number = int32(len(b.s.Names))
		b.names[name], b.s.Names = number, append(b.s.Names, name)
	}
	return number
}

// edge writes one edge between junctions.
func (b *builder) edge(run []int32, u uses, name int32) {
	first := len(b.s.Spots)
	for _, at := range run {
		b.s.Spots = append(b.s.Spots, b.spots[at])
	}
	from, to := b.end(run[0]), b.end(run[len(run)-1])
	metres := lengthOf(b.s.Spots[first:])
	var times [6]int32
	for i, s := range u {
		times[2*i+along], times[2*i+against] = duration(metres, s.along), duration(metres, s.against)
	}
	b.write(from, to, name, times)
}

// write closes the edge whose spots stand at the end of Spots.
func (b *builder) write(from, to, name int32, times [6]int32) {
	s := b.s
	s.From, s.To, s.Name = append(s.From, from), append(s.To, to), append(s.Name, name)
	s.Shape = append(s.Shape, int32(len(s.Spots)))
	for i, t := range times {
		s.Time[i] = append(s.Time[i], t)
	}
}

// duration in deciseconds of so many metres at km/h.
func duration(metres, kmh float64) int32 {
	if kmh <= 0 {
		return closed
	}
	return int32(min(math.Round(metres*36/kmh), float64(closed-1)))
}

// end is the junction at which an edge ends. At a barrier every edge gets a
// junction of its own, and from the first to the others leads an edge without
// length for those whom the barrier lets through.
func (b *builder) end(at int32) int32 {
	first, stops := b.junction[at], b.stops[at]
	if stops == ([3]bool{}) || !b.entered[at] {
		b.entered[at] = true
		return first
	}
	own := b.s.Junctions
	b.s.Junctions++
	var times [6]int32
	for i, stopped := range stops {
		if stopped {
			times[2*i+along], times[2*i+against] = closed, closed
		}
	}
	b.gates = append(b.gates, gate{first, own, at, times})
	return own
}

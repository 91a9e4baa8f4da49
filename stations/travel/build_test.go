package travel

import (
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/osm"
)

// drawn is a map of a few ways in metres: nodes are numbered from 1.
type drawn struct {
	nodes [][2]float64
	gates map[int64]osm.Tags
	ways  []Way
}

func (d drawn) toMap() Map {
	m := Map{Ways: d.ways}
	for i, xy := range d.nodes {
		m.Nodes = append(m.Nodes, Node{ID: int64(i) + 1, At: at(xy[0], xy[1]), Tags: d.gates[int64(i)+1]})
	}
	return m
}

func way(tags osm.Tags, nodes ...int64) Way { return Way{nodes, tags} }

// minutes from one place to another, -1 where there is no way; a tenth of a
// second is rounded away.
func minutes(t *testing.T, n *Network, p Profile, from, to orb.Point) float64 {
	t.Helper()
	times, err := n.From(t.Context(), p, from, []orb.Point{to}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if times[0] == Unreachable {
		return -1
	}
	return float64((times[0]+3)/6) / 100
}

func near(got, want float64) bool { return got > want-0.015 && got < want+0.015 }

// TestContraction: what lies between two junctions is one edge, and times are
// those of its whole length. 80 m on foot take a minute.
func TestContraction(t *testing.T) {
	road := tagged("highway", "residential", "name", "Musterweg")
	n := built(t, drawn{nodes: [][2]float64{{0, 0}, {400, 0}, {800, 0}, {800, 400}, {1200, 0}, {400, 300}},
		ways: []Way{way(road, 1, 2, 3, 5), way(road, 3, 4), way(tagged("building", "yes"), 2, 6)}}.toMap())
	if junctions, edges := n.Size(); junctions != 4 || edges != 3 {
		t.Errorf("%d junctions and %d edges, want 4 and 3: node 2 is none, a building makes none", junctions, edges)
	}
	for _, c := range []struct {
		from, to orb.Point
		want     float64
	}{
		{at(0, 0), at(1200, 0), 15}, {at(0, 0), at(800, 400), 15}, {at(200, 0), at(400, 0), 2.5}, {at(400, 0), at(200, 0), 2.5},
		{at(200, 80), at(400, 0), 3.5}, // 80 m beside the street
		{at(200, 80), at(800, 240), 11.5}, {at(200, 0), at(200, 0), 0},
		{at(200, 2000), at(400, 0), -1}, // nobody lives there
	} {
		if got := minutes(t, n, Walk, c.from, c.to); !near(got, c.want) {
			t.Errorf("%v → %v: %v minutes, want %v", c.from, c.to, got, c.want)
		}
	}
}

// TestOneWay: a place in the middle of a one-way street leaves it forwards and
// is reached from behind.
func TestOneWay(t *testing.T) {
	road := tagged("highway", "residential", "maxspeed", "30 km/h") // 24 km/h: 400 m a minute
	once := tagged("highway", "residential", "maxspeed", "30", "oneway", "yes")
	n := built(t, drawn{nodes: [][2]float64{{0, 0}, {400, 0}, {400, 400}, {0, 400}},
		ways: []Way{way(once, 1, 2), way(road, 2, 3, 4, 1)}}.toMap())
	for _, c := range []struct {
		from, to orb.Point
		want     float64
	}{
		{at(100, 0), at(300, 0), 0.5}, {at(300, 0), at(100, 0), 3.5}, {at(0, 0), at(400, 0), 1}, {at(400, 0), at(0, 0), 3},
		{at(200, 0), at(0, 0), 3.5},
	} {
		if got := minutes(t, n, Car, c.from, c.to); !near(got, c.want) {
			t.Errorf("%v → %v: %v minutes, want %v", c.from, c.to, got, c.want)
		}
	}
}

// TestBollard: cars on both sides stay on their side, all others pass.
func TestBollard(t *testing.T) {
	road := tagged("highway", "residential")
	far := tagged("highway", "residential")
	m := drawn{nodes: [][2]float64{{0, 0}, {200, 0}, {400, 0}, {400, 1000}, {0, 1000}}, gates: map[int64]osm.Tags{2: tagged("barrier", "bollard")},
		ways: []Way{way(road, 1, 2, 3), way(far, 3, 4, 5, 1)}}.toMap()
	n := built(t, m)
	if got := minutes(t, n, Walk, at(100, 0), at(300, 0)); !near(got, 2.5) {
		t.Errorf("on foot through the bollard: %v", got)
	}
	if got := minutes(t, n, Car, at(100, 0), at(300, 0)); !near(got, 2600.0/25000*60) {
		t.Errorf("by car around: %v", got)
	}
	m.Ways = m.Ways[:1]
	if got := minutes(t, built(t, m), Car, at(100, 0), at(300, 0)); got != -1 {
		t.Errorf("by car through the bollard: %v", got)
	}
}

// TestDisconnected: what no way leads to is said so, and a scrap of the map
// does not catch an address.
func TestDisconnected(t *testing.T) {
	road := tagged("highway", "residential")
	m := city(10, 100, 1)
	id := int64(len(m.Nodes)) + 1
	m.Nodes = append(m.Nodes, Node{ID: id, At: at(450, 452)}, Node{ID: id + 1, At: at(455, 457)}) // a scrap
	m.Ways = append(m.Ways, way(road, id, id+1))
	island := city(6, 100, 2)
	for i, n := range island.Nodes {
		n.ID += 1_000_000
		n.At[0] += 5000 * lonMetre
		island.Nodes[i] = n
	}
	for _, w := range island.Ways {
		for k := range w.Nodes {
			w.Nodes[k] += 1_000_000
		}
	}
	m.Nodes, m.Ways = append(m.Nodes, island.Nodes...), append(m.Ways, island.Ways...)
	n := built(t, m)
	for _, p := range Profiles() {
		if got := minutes(t, n, p, at(452, 454), at(100, 100)); got < 0 {
			t.Errorf("%s: an address beside a scrap of the map is not reached", p)
		}
		if got := minutes(t, n, p, at(5200, 200), at(5400, 400)); got < 0 {
			t.Errorf("%s: on the island one gets about", p)
		}
		if got := minutes(t, n, p, at(452, 454), at(5200, 200)); got != -1 {
			t.Errorf("%s: no way leads to the island, not one of %v minutes", p, got)
		}
	}
}

// TestCutWays: where the extract cut nodes off, the parts that are left stand.
func TestCutWays(t *testing.T) {
	road := tagged("highway", "residential")
	n := built(t, drawn{nodes: [][2]float64{{0, 0}, {80, 0}, {160, 0}, {240, 0}, {320, 0}},
		ways: []Way{way(road, 1, 2, 3, 99, 4, 5), way(road, 98, 1), way(road, 97, 96)}}.toMap())
	if _, edges := n.Size(); edges != 2 {
		t.Errorf("%d edges, want 2", edges)
	}
}

func TestFerry(t *testing.T) {
	road := tagged("highway", "residential")
	n := built(t, drawn{nodes: [][2]float64{{0, 0}, {80, 0}, {880, 0}, {960, 0}},
		ways: []Way{way(road, 1, 2), way(tagged("route", "ferry", "duration", "0:20"), 2, 3), way(road, 3, 4)}}.toMap())
	if got := minutes(t, n, Walk, at(0, 0), at(960, 0)); !near(got, 22) {
		t.Errorf("over the water: %v minutes, want 22", got)
	}
}

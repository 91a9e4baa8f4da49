package travel

import (
	"testing"

	"github.com/paulmach/orb"
)

// ladder is two streets 100 m apart, 800 m long, with rungs every 200 m:
//
//	6---7---8---9---10    north = 100
//	|   |   |   |   |
//	1---2---3---4---5     north = 0
func ladder(t *testing.T) *Network {
	road := tagged("highway", "residential", "maxspeed", "30", "name", "Hauptweg")
	rung := tagged("highway", "residential", "maxspeed", "30", "name", "Sprosse")
	d := drawn{ways: []Way{way(road, 1, 2, 3, 4, 5), way(road, 6, 7, 8, 9, 10)}}
	for i := range 10 {
		d.nodes = append(d.nodes, [2]float64{float64(i%5) * 200, float64(i/5) * 100})
	}
	for i := range int64(5) {
		d.ways = append(d.ways, way(rung, i+1, i+6))
	}
	return built(t, d.toMap())
}

func shut(g orb.Geometry, effects ...Effect) Closure {
	return Closure{ID: "works", Geometry: g, Effects: [3]Effect(effects)}
}

func TestClosures(t *testing.T) {
	open := ladder(t)
	line := orb.LineString{at(420, 6), at(580, -6)} // along 3-4
	all := []Effect{Closed, Closed, Closed}
	for _, c := range []struct {
		name     string
		closure  Closure
		profile  Profile
		from, to orb.Point
		want     float64 // minutes; walking 80 m, driving 400 m a minute
		streets  int     // pieces closed, all profiles
	}{
		{"no works", shut(orb.LineString{at(420, 40), at(580, 40)}, all...), Walk, at(400, 0), at(600, 0), 2.5, 0},
		{"around them", shut(line, all...), Walk, at(400, 0), at(600, 0), 5, 3},
		{"by car", shut(line, all...), Car, at(400, 0), at(600, 0), 1, 3},
		{"walkers may pass", shut(line, None, Closed, Closed), Walk, at(400, 0), at(600, 0), 2.5, 2},
		{"cars may not", shut(line, None, Closed, Closed), Car, at(400, 0), at(600, 0), 1, 2},
		{"half open: 160 m take twice the time", shut(line, Partial, None, None), Walk, at(400, 0), at(600, 0), 4.5, 1},
		{"who lives before them goes back", shut(line, all...), Car, at(410, 0), at(600, 0), 1.025, 3},
		{"who lives inside walks out, to the near end", shut(line, all...), Car, at(460, 0), at(200, 0), 0.5 + 0.05 + 0.5, 3},
		{"a line across touches no street", shut(orb.LineString{at(500, -50), at(500, 50)}, all...), Walk, at(400, 0), at(600, 0), 2.5, 0},
		{"a slanted line across neither", shut(orb.LineString{at(480, -50), at(520, 50)}, all...), Walk, at(400, 0), at(600, 0), 2.5, 0},
		{"a point closes its street", shut(at(500, 8), all...), Walk, at(400, 0), at(600, 0), 5, 3},
		{"a point far off closes none", shut(at(500, 50), all...), Walk, at(400, 0), at(600, 0), 2.5, 0},
		{"an area closes what lies in it", shut(orb.Bound{Min: at(450, -20), Max: at(550, 20)}.ToPolygon(), all...), Walk, at(400, 0), at(600, 0), 5, 3},
		{"an area over both streets cuts the ladder", shut(orb.Bound{Min: at(450, -20), Max: at(550, 120)}.ToPolygon(), all...), Walk, at(400, 0), at(600, 0), -1, 6},
		{"several lines", shut(orb.MultiLineString{line, {at(420, 100), at(580, 100)}}, all...), Walk, at(400, 0), at(600, 0), -1, 6},
		{"a collection", shut(orb.Collection{line, orb.MultiPoint{at(500, 100)}}, all...), Walk, at(400, 0), at(600, 0), -1, 6},
		{"nothing to draw", shut(orb.Collection{}, all...), Walk, at(400, 0), at(600, 0), 2.5, 0},
		{"a line of one point", shut(orb.LineString{at(500, 0)}, all...), Walk, at(400, 0), at(600, 0), 2.5, 0},
	} {
		n := open.Close([]Closure{c.closure})
		if got := minutes(t, n, c.profile, c.from, c.to); !near(got, c.want) {
			t.Errorf("%s: %v minutes, want %v", c.name, got, c.want)
		}
		if got := n.Closed(); len(got) != c.streets {
			t.Errorf("%s: %d pieces of streets, want %d: %v", c.name, len(got), c.streets, got)
		}
	}
}

// TestClosedStreets: the pieces carry site, name, effect and their own line.
func TestClosedStreets(t *testing.T) {
	n := ladder(t).Close([]Closure{shut(orb.LineString{at(100, 0), at(300, 0)}, Partial, None, Closed)})
	list := n.Closed()
	if len(list) != 4 { // both halves, for walkers and cars
		t.Fatalf("%d pieces: %v", len(list), list)
	}
	metres := 0.0
	for _, s := range list {
		want := map[Profile]Effect{Walk: Partial, Car: Closed}[s.Profile]
		if s.Closure != "works" || s.Name != "Hauptweg" || s.Effect != want {
			t.Errorf("%+v", s)
		}
		metres += distance(spotOf(s.Line[0]), spotOf(s.Line[len(s.Line)-1]))
	}
	if metres < 2*195 || metres > 2*205 {
		t.Errorf("%.0f m are closed, want about 400", metres)
	}
}

// TestNearestChanges: a closure on a street changes which of two stops is
// nearer, and undone, everything is as it was.
func TestNearestChanges(t *testing.T) {
	open := ladder(t)
	home, stops := at(400, 0), []orb.Point{at(580, 0), at(100, 0)}
	ask := func(n *Network) []int32 {
		times, err := n.From(t.Context(), Walk, home, stops, 0)
		if err != nil {
			t.Fatal(err)
		}
		return times
	}
	if times := ask(open); times[0] >= times[1] {
		t.Fatal(times)
	}
	works := shut(orb.LineString{at(410, 0), at(520, 0)}, Closed, Closed, Closed)
	closed := open.Close([]Closure{works})
	if times := ask(closed); times[0] <= times[1] {
		t.Error("the other stop is nearer now", times)
	}
	if undone := closed.Close(nil); undone != open {
		t.Error("without closures it is the very same network")
	}
}

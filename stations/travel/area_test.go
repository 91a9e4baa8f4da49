package travel

import (
	"log/slog"
	"math"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
)

// beyond is a city so many metres east of the tests' one; ids do not meet.
func beyond(m Map, east float64, ids int64) Map {
	var moved Map
	for _, n := range m.Nodes {
		n.ID, n.At[0] = n.ID+ids, n.At[0]+east*lonMetre
		moved.Nodes = append(moved.Nodes, n)
	}
	for _, w := range m.Ways {
		v := Way{Tags: w.Tags}
		for _, id := range w.Nodes {
			v.Nodes = append(v.Nodes, id+ids)
		}
		moved.Ways = append(moved.Ways, v)
	}
	return moved
}

func joined(maps ...Map) Map {
	var all Map
	for _, m := range maps {
		all.Nodes, all.Ways = append(all.Nodes, m.Nodes...), append(all.Ways, m.Ways...)
	}
	return all
}

// TestClip: what lies far from the town changes nothing, a way across the
// border is cut there, and everything is read where nobody clips.
func TestClip(t *testing.T) {
	town, other := city(20, 100, 3), beyond(city(30, 100, 4), 9000, 1_000_000)
	bridge := Way{Nodes: []int64{20, 2_000_001, 2_000_002, 1_000_001}, Tags: tagged("highway", "primary")}
	link := Map{Ways: []Way{bridge}, Nodes: []Node{{ID: 2_000_001, At: at(2500, 100)}, {ID: 2_000_002, At: at(7000, 100)}}}
	file := extract(joined(town, link, other))
	read := func(clip Clip) *Network {
		t.Helper()
		m, err := ReadPBF(t.Context(), written(t, file), clip)
		if err != nil {
			t.Fatal(err)
		}
		return built(t, m)
	}
	clip := Around(orb.Bound{Min: at(0, 0), Max: at(1900, 1900)}, 1000)
	near := link
	near.Nodes = near.Nodes[:1]
	want := joined(town, near)
	want.Attribution = Credit
	if got := read(clip); got.Version() != built(t, want).Version() {
		t.Error("the town's streets and the bridge up to the border")
	}
	whole := joined(town, link, other)
	whole.Attribution = Credit
	if got := read(Clip{}); got.Version() != built(t, whole).Version() {
		t.Error("without a clip everything is read")
	}
	if _, err := ReadPBF(t.Context(), written(t, file), Around(orb.Bound{Min: at(30000, 0), Max: at(31000, 100)}, 100)); key(err) != "travel.no_streets" {
		t.Errorf("nothing is there: %v", err)
	}
}

// TestClipOfShuffledNodes: neither order nor doubles of nodes matter, and a
// barrier stays one.
func TestClipOfShuffledNodes(t *testing.T) {
	m := city(12, 100, 3)
	m.Nodes[30].Tags = tagged("note", "", "barrier", "bollard", "bicycle", "yes")
	m.Attribution = Credit
	want := built(t, m).Version()
	shuffled := m
	shuffled.Nodes = nil
	for i := range m.Nodes {
		shuffled.Nodes = append(shuffled.Nodes, m.Nodes[len(m.Nodes)-1-i])
	}
	double := m.Nodes[7]
	double.At = at(500, 500)
	shuffled.Nodes = append(shuffled.Nodes, double)
	got, err := ReadPBF(t.Context(), written(t, extract(shuffled)), Clip{})
	if err != nil || built(t, got).Version() != want {
		t.Error("the order of nodes in the file changes the network", err)
	}
}

func TestAround(t *testing.T) {
	c := Around(orb.Bound{Min: orb.Point{8.3, 51.85}, Max: orb.Point{8.45, 51.95}}, 15000)
	for i, want := range []float64{8.3 - 0.2189, 51.85 - 0.1349, 8.45 + 0.2189, 51.95 + 0.1349} {
		if got := float64(c[i]) / 1e7; math.Abs(got-want) > 0.0012 || c[i]%clipStep != 0 {
			t.Errorf("side %d at %v, want %v", i, got, want)
		}
	}
	if Around(orb.Bound{Min: orb.Point{8.3000000001, 51.85}, Max: orb.Point{8.45, 51.95}}, 15000) != c {
		t.Error("the last digits make no other clip")
	}
	if poles := Around(orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}, 1e9); poles != (Clip{-180e7, -90e7, 180e7, 90e7}) {
		t.Errorf("the earth is %v", poles)
	}
}

// TestOpenReadsTheTown: an extract of a town and a far city is clipped to the
// municipality, one of another place refused, one of a half logged.
func TestOpenReadsTheTown(t *testing.T) {
	pool := pgtest.Pool(t, catalog.Migrations())
	if err := catalog.RegisterBuiltin(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	border := func(east, west float64) {
		t.Helper()
		shape := orb.Polygon{{at(west, 0), at(east, 0), at(east, 1900), at(west, 1900), at(west, 0)}}
		if err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
			return catalog.Replace(t.Context(), tx, catalog.Municipality, "test", []catalog.Named{{Geometry: shape, Fields: map[string]any{"ags": "05754008", "name": "Musterstadt"}}})
		}); err != nil {
			t.Fatal(err)
		}
	}
	var lines strings.Builder
	log := slog.New(slog.NewTextHandler(&lines, nil))
	path, folder := written(t, extract(joined(city(20, 100, 3), beyond(city(30, 100, 4), 40000, 1_000_000)))), t.TempDir()
	open := func() (*Live, error) {
		lines.Reset()
		return Open(t.Context(), pgtest.Read(t, pool), path, folder, log)
	}
	border(1900, 0)
	for range 2 { // read, then cached
		l, err := open()
		if err != nil {
			t.Fatal(err)
		}
		if junctions, _ := l.network.Size(); junctions > 500 || strings.Contains(lines.String(), "WARN") {
			t.Errorf("%d junctions are more than the town's; the log says %s", junctions, lines.String())
		}
	}
	if !strings.Contains(lines.String(), "cached=true") {
		t.Error("the second time it is cached")
	}
	border(5000, 0)
	if _, err := open(); err != nil || !strings.Contains(lines.String(), "covered_percent=5") || !strings.Contains(lines.String(), "cached=false") {
		t.Errorf("a town that is half covered: %v, %s", err, lines.String())
	}
	border(-20000, -22000) // the margin still reaches no street
	if _, err := open(); key(err) != "travel.elsewhere" || !strings.Contains(err.Error(), "Musterstadt") {
		t.Errorf("streets are far away: %v", err)
	}
	border(-3000, -5000) // the margin reaches streets, the town has none
	if _, err := open(); key(err) != "travel.elsewhere" {
		t.Errorf("streets are in the margin alone: %v", err)
	}
}

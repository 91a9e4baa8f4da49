package travel

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// TestJoin: the grid finds the nearest street that looking at all of them
// finds, inside the town, at its edge and beyond.
func TestJoin(t *testing.T) {
	n := built(t, city(15, 90, 4))
	places := append(scattered(300, 15, 90, 1), at(-800, -700), at(2500, 600), at(600, -1400), at(-1499, 0), at(630, 5000))
	for profile, p := range Profiles() {
		for _, where := range places {
			got := n.join(profile, where)
			nearest := math.Inf(1)
			plane := planeAt(spotOf(where))
			for edge := range int32(n.s.edges()) {
				for i := n.s.Shape[edge]; n.joinable[profile][edge] && i < n.s.Shape[edge+1]-1; i++ {
					_, squared := plane.foot(n.s.Spots[i], n.s.Spots[i+1])
					nearest = min(nearest, math.Sqrt(squared))
				}
			}
			if nearest > Reach {
				if got.edge >= 0 {
					t.Errorf("%s %v is %.0f m from every street and joins one", p, where, nearest)
				}
				continue
			}
			if got.edge < 0 || got.access != duration(nearest, walkSpeed) {
				t.Fatalf("%s %v: joined %+v, the nearest street is %.1f m away", p, where, got, nearest)
			}
			line := n.s.cut(got.edge, 0, max(got.share, 1e-9))
			if d := distance(spotOf(where), spotOf(line[len(line)-1])); math.Abs(d-nearest) > 0.1 {
				t.Errorf("%s %v: the place on the edge is %.1f m away, not %.1f", p, where, d, nearest)
			}
		}
	}
}

// TestAnyMap: whatever a map looks like - double nodes, loops, ways of one
// point, places on top of each other - Build, closures and questions end.
func TestAnyMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m Map
		count := rapid.IntRange(1, 12).Draw(t, "nodes")
		for i := range count {
			barrier := rapid.SampledFrom([]string{"", "", "", "bollard", "wall"}).Draw(t, "barrier")
			m.Nodes = append(m.Nodes, Node{ID: int64(rapid.IntRange(1, count).Draw(t, "id")), Tags: tagged("barrier", barrier),
				At: at(float64(rapid.IntRange(0, 5).Draw(t, "x"))*40, float64(i%3)*40)})
		}
		for range rapid.IntRange(1, 8).Draw(t, "ways") {
			m.Ways = append(m.Ways, Way{rapid.SliceOfN(rapid.Int64Range(0, int64(count)+1), 0, 6).Draw(t, "way"),
				tagged("highway", rapid.SampledFrom([]string{"residential", "footway", "steps", "primary"}).Draw(t, "class"),
					"oneway", rapid.SampledFrom([]string{"", "yes", "-1"}).Draw(t, "oneway"))})
		}
		n, err := Build(m)
		if err != nil {
			if key(err) != "travel.no_streets" {
				t.Fatal(err)
			}
			return
		}
		line := orb.LineString{at(0, 0), at(float64(rapid.IntRange(0, 200).Draw(t, "to")), 40), at(80, 80)}
		shutOff := n.Close([]Closure{shut(line, Closed, Partial, Closed), shut(at(40, 40), Partial, Closed, None)})
		places := []orb.Point{at(0, 0), at(40, 40), at(100, 10), at(200, 80)}
		for profile, p := range Profiles() {
			a, errA := n.Matrix(t.Context(), p, places, places, 0)
			b, errB := shutOff.Matrix(t.Context(), p, places, places, 0)
			if errA != nil || errB != nil {
				t.Fatal(errA, errB)
			}
			before, after := dense(a, len(places)), dense(b, len(places))
			ends := make([]place, len(places))
			for i := range places {
				ends[i] = n.join(profile, places[i])
			}
			for i := range before {
				want, wantShut := oracle(n, profile, ends[i], ends), oracle(shutOff, profile, ends[i], ends)
				for k := range want {
					if before[i][k] != want[k] || after[i][k] != wantShut[k] || after[i][k] < before[i][k] {
						t.Fatalf("%s %d → %d: %d, want %d; closed %d, want %d", p, i, k, before[i][k], want[k], after[i][k], wantShut[k])
					}
				}
			}
		}
	})
}

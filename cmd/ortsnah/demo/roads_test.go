package demo

import (
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"github.com/ortsnah/ortsnah/stations/travel"
)

func TestRoads(t *testing.T) {
	n, err := Roads()
	if err != nil {
		t.Fatal(err)
	}
	if junctions, edges := n.Size(); junctions < 3000 || edges < 6000 {
		t.Errorf("%d junctions and %d edges are no town", junctions, edges)
	}
	again, err := Roads()
	if err != nil || again.Version() != n.Version() || !n.Demo() || n.Attribution() == "" {
		t.Fatal("the demo's network is always the same and says what it is", err)
	}
	center := []orb.Point{{8.380622, 51.907893}}
	for _, c := range []struct {
		profile travel.Profile
		minutes [2]float64 // to Avenwedde, 5.9 km away as the crow flies
	}{{travel.Walk, [2]float64{75, 110}}, {travel.Bike, [2]float64{22, 36}}, {travel.Car, [2]float64{8, 16}}} {
		times, err := n.From(t.Context(), c.profile, orb.Point{8.462903, 51.923777}, center, 0)
		if err != nil {
			t.Fatal(err)
		}
		if minutes := float64(times[0]) / 600; minutes < c.minutes[0] || minutes > c.minutes[1] {
			t.Errorf("%s: %.1f minutes", c.profile, minutes)
		}
	}
}

// TestRoadsReachEverything: every stop and address of the demo is reached by
// everybody, and every site that closes something closes a street.
func TestRoadsReachEverything(t *testing.T) {
	n, err := Roads()
	if err != nil {
		t.Fatal(err)
	}
	s, err := readTown()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range travel.Profiles() {
		times, err := n.From(t.Context(), p, s.places[s.center], s.places, 0)
		if err != nil {
			t.Fatal(err)
		}
		for i, time := range times {
			if time == travel.Unreachable {
				t.Errorf("%s does not reach %v", p, s.places[i])
			}
		}
	}
}

// TestWorksCloseStreets: every construction site of the demo changes streets of
// those whom it hinders.
func TestWorksCloseStreets(t *testing.T) {
	n, err := Roads()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Features []struct {
			ID         string
			Geometry   geojson.Geometry
			Properties struct{ Impact map[string]string }
		}
	}
	if err := read("construction_sites.json", &doc); err != nil {
		t.Fatal(err)
	}
	effects := map[string]travel.Effect{"none": travel.None, "partial": travel.Partial, "full": travel.Closed}
	for _, f := range doc.Features {
		i := f.Properties.Impact
		c := travel.Closure{ID: f.ID, Geometry: f.Geometry.Geometry(), Effects: [3]travel.Effect{effects[i["foot"]], effects[i["bike"]], effects[i["car"]]}}
		found := map[travel.Profile]bool{}
		for _, s := range n.Close([]travel.Closure{c}).Closed() {
			found[s.Profile] = true
		}
		for k, p := range travel.Profiles() {
			if c.Effects[k] != travel.None && !found[p] {
				t.Errorf("%s hinders %s nowhere", f.ID, p)
			}
		}
	}
}

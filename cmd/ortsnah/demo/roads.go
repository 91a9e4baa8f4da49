package demo

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/planar"
	"github.com/paulmach/osm"

	"github.com/ortsnah/ortsnah/stations/travel"
)

// Roads is the demo's street network. It is invented: no extract of a real one
// is part of the program. Streets join stops, addresses, construction sites and
// the corners of a shaken grid, two of them where nothing else lies between (the
// graph of Gabriel and Sokal 1969, which is connected and has few crossings);
// the ways from the town hall to the districts are main roads. Lines of
// construction sites are streets, so that closing them shows.
func Roads() (*travel.Network, error) {
	t, err := readTown()
	if err != nil {
		return nil, err
	}
	links := t.links()
	main := t.mainRoads(links)
	m := travel.Map{Attribution: stops, Demo: true}
	for i, at := range t.places {
		m.Nodes = append(m.Nodes, travel.Node{ID: int64(i) + 1, At: at})
	}
	for _, l := range links {
		m.Ways = append(m.Ways, travel.Way{Nodes: []int64{int64(l.a) + 1, int64(l.b) + 1}, Tags: t.tags(l, main[l])})
	}
	return travel.Build(m)
}

// sketch is what the network is drawn from.
type sketch struct {
	places []orb.Point
	number map[orb.Point]int
	names  map[link]string // of streets that construction sites name
	center int             // the town hall
	ends   []int           // one place per district
}

// link is a street between two places, a < b.
type link struct{ a, b int }

func linked(a, b int) link { return link{min(a, b), max(a, b)} }

// spacing of the shaken grid in metres.
const spacing = 180.0

func readTown() (*sketch, error) {
	t := &sketch{number: map[orb.Point]int{}, names: map[link]string{}}
	var rooms struct {
		Sites []struct{ Lon, Lat float64 }
	}
	if err := read("rooms.json", &rooms); err != nil {
		return nil, err
	}
	for _, s := range rooms.Sites {
		t.add(orb.Point{s.Lon, s.Lat}) // the first is the town hall
	}
	if err := t.addStops(); err != nil {
		return nil, err
	}
	var houses struct{ Addresses []struct{ Lon, Lat float64 } }
	var halts struct{ Stops []struct{ Lon, Lat float64 } }
	if err := cmp.Or(read("addresses.json", &houses), read("stations.json", &halts)); err != nil {
		return nil, err
	}
	for _, a := range append(houses.Addresses, halts.Stops...) {
		t.add(orb.Point{a.Lon, a.Lat})
	}
	if err := t.addWorks(); err != nil {
		return nil, err
	}
	return t, t.addGrid()
}

// add gives a place its number.
func (t *sketch) add(p orb.Point) int {
	n, known := t.number[p]
	if !known {
		n = len(t.places)
		t.number[p], t.places = n, append(t.places, p)
	}
	return n
}

func (t *sketch) addStops() error {
	var doc geojson.FeatureCollection
	if err := read("stops.geojson", &doc); err != nil {
		return err
	}
	last := map[string]int{}
	for _, f := range doc.Features {
		last[f.Properties.MustString("district", "")] = t.add(f.Point())
	}
	for _, n := range last {
		t.ends = append(t.ends, n)
	}
	slices.Sort(t.ends)
	return nil
}

// addWorks makes streets of the lines of construction sites, and places in the
// middle of their areas.
func (t *sketch) addWorks() error {
	var doc struct {
		Features []struct {
			Geometry   geojson.Geometry
			Properties struct{ Street string }
		}
	}
	if err := read("construction_sites.json", &doc); err != nil {
		return err
	}
	for _, f := range doc.Features {
		var lines []orb.LineString
		switch g := f.Geometry.Geometry().(type) {
		case orb.LineString:
			lines = append(lines, g)
		case orb.MultiLineString:
			lines = g
		case orb.Polygon:
			middle, _ := planar.CentroidArea(g)
			t.add(middle)
		}
		for _, line := range lines {
			for i := 1; i < len(line); i++ {
				if a, b := t.add(line[i-1]), t.add(line[i]); a != b {
					t.names[linked(a, b)] = f.Properties.Street
				}
			}
		}
	}
	return nil
}

// addGrid fills the town between the places that are known.
func (t *sketch) addGrid() error {
	b, err := data.ReadFile("data/municipality.geojson")
	if err != nil {
		return err
	}
	var doc geojson.FeatureCollection
	if err := json.Unmarshal(b, &doc); err != nil {
		return err
	}
	area, bound := doc.Features[0].Geometry, doc.Features[0].Geometry.Bound()
	near := t.near()
	for row := 0; ; row++ {
		lat := bound.Min.Lat() + float64(row)*spacing/metresPerLat
		if lat > bound.Max.Lat() {
			return nil
		}
		for column := 0; ; column++ {
			lon := bound.Min.Lon() + float64(column)*spacing/metresPerLon
			if lon > bound.Max.Lon() {
				break
			}
			east, north := shaken(row, column)
			p := orb.Point{round(lon + east*spacing/metresPerLon), round(lat + north*spacing/metresPerLat)}
			if contains(area, p) && !near.any(p, spacing/2) {
				t.add(p)
			}
		}
	}
}

// shaken is a shift of up to ±0.35, the same for the same numbers.
func shaken(row, column int) (east, north float64) {
	h := uint64(row)*0x9e3779b97f4a7c15 ^ uint64(column)*0xc2b2ae3d27d4eb4f
	h = (h ^ h>>29) * 0xbf58476d1ce4e5b9
	h ^= h >> 32
	return (float64(h&0xffff)/0xffff - 0.5) * 0.7, (float64(h>>16&0xffff)/0xffff - 0.5) * 0.7
}

func round(degrees float64) float64 { return math.Round(degrees*1e6) / 1e6 }

func contains(g orb.Geometry, p orb.Point) bool {
	switch g := g.(type) {
	case orb.Polygon:
		return planar.PolygonContains(g, p)
	case orb.MultiPolygon:
		return planar.MultiPolygonContains(g, p)
	}
	return false
}

// Metres per degree around Gütersloh: near enough for a drawing.
const (
	metresPerLat = 111195.0
	metresPerLon = 68610.0
)

func apart(a, b orb.Point) float64 {
	return math.Hypot((a[0]-b[0])*metresPerLon, (a[1]-b[1])*metresPerLat)
}

// neighbourhood finds places by squares of reach metres.
type neighbourhood struct {
	places  []orb.Point
	squares map[[2]int][]int
}

const reach = 700.0

func square(p orb.Point) [2]int {
	return [2]int{int(p[0] * metresPerLon / reach), int(p[1] * metresPerLat / reach)}
}

func (t *sketch) near() neighbourhood {
	n := neighbourhood{t.places, map[[2]int][]int{}}
	for i, p := range t.places {
		n.squares[square(p)] = append(n.squares[square(p)], i)
	}
	return n
}

// around are the places at most metres (≤ reach) away.
func (n neighbourhood) around(p orb.Point, metres float64) []int {
	var found []int
	s := square(p)
	for x := s[0] - 1; x <= s[0]+1; x++ {
		for y := s[1] - 1; y <= s[1]+1; y++ {
			for _, i := range n.squares[[2]int{x, y}] {
				if apart(p, n.places[i]) <= metres {
					found = append(found, i)
				}
			}
		}
	}
	return found
}

func (n neighbourhood) any(p orb.Point, metres float64) bool { return len(n.around(p, metres)) > 0 }

// links are the streets: between two places when no third lies in the circle
// over them, and along construction sites.
func (t *sketch) links() []link {
	near := t.near()
	var links []link
	for l := range t.names {
		links = append(links, l)
	}
	for a, p := range t.places {
		for _, b := range near.around(p, reach) {
			if a >= b {
				continue
			}
			q := t.places[b]
			middle, radius := orb.Point{(p[0] + q[0]) / 2, (p[1] + q[1]) / 2}, apart(p, q)/2
			inside := slices.ContainsFunc(near.around(middle, radius), func(c int) bool {
				return c != a && c != b && apart(middle, t.places[c]) < radius-1e-6
			})
			if !inside {
				links = append(links, link{a, b})
			}
		}
	}
	slices.SortFunc(links, func(x, y link) int { return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b)) })
	return slices.Compact(links)
}

// mainRoads are the links of the shortest ways from the town hall to the
// districts.
func (t *sketch) mainRoads(links []link) map[link]bool {
	next := make([][]int, len(t.places))
	for _, l := range links {
		next[l.a], next[l.b] = append(next[l.a], l.b), append(next[l.b], l.a)
	}
	way, from, done := make([]float64, len(t.places)), make([]int, len(t.places)), make([]bool, len(t.places))
	for i := range way {
		way[i], from[i] = math.Inf(1), -1
	}
	way[t.center] = 0
	for range t.places { // Dijkstra as he wrote it; a drawing can wait some milliseconds
		v := -1
		for i := range way {
			if !done[i] && !math.IsInf(way[i], 1) && (v < 0 || way[i] < way[v]) {
				v = i
			}
		}
		if v < 0 {
			break
		}
		done[v] = true
		for _, w := range next[v] {
			if sum := way[v] + apart(t.places[v], t.places[w]); sum < way[w] {
				way[w], from[w] = sum, v
			}
		}
	}
	main := map[link]bool{}
	for _, end := range t.ends {
		for v := end; from[v] >= 0; v = from[v] {
			main[linked(v, from[v])] = true
		}
	}
	return main
}

// tags of a street: main roads, streets, and some paths without cars.
func (t *sketch) tags(l link, main bool) osm.Tags {
	tags := osm.Tags{{Key: "highway", Value: "residential"}, {Key: "maxspeed", Value: "30"}, {Key: "note", Value: "Demo"}}
	name, works := t.names[l]
	switch {
	case main:
		tags[0].Value, tags[1].Value = "secondary", "50"
	case works:
		tags[0].Value, tags[1].Value = "tertiary", "50"
	case (l.a*31+l.b)%11 == 0:
		tags[0].Value = "path"
	}
	if works {
		tags = append(tags, osm.Tag{Key: "name", Value: name})
	}
	return tags
}

package travel

import (
	"math/rand/v2"

	"github.com/paulmach/orb"
	"github.com/paulmach/osm"
)

// tagged turns alternating keys and values into tags.
func tagged(pairs ...string) osm.Tags {
	var tags osm.Tags
	for i := 0; i+1 < len(pairs); i += 2 {
		tags = append(tags, osm.Tag{Key: pairs[i], Value: pairs[i+1]})
	}
	return tags
}

// metresAt are degrees of lon and lat per metre in the middle of the tests'
// city.
const (
	lonMetre = 1.0 / 68677
	latMetre = 1.0 / 111195
)

// at is a place so many metres east and north of the city's corner.
func at(east, north float64) orb.Point {
	return orb.Point{8.3 + east*lonMetre, 51.85 + north*latMetre}
}

// city is an invented town of side × side crossings about spacing metres apart,
// with avenues, one-way streets, squares closed to cars and gaps, the same for
// the same seed.
func city(side int, spacing float64, seed uint64) Map {
	r := rand.New(rand.NewPCG(seed, 1))
	var m Map
	id := func(x, y int) int64 { return int64(y*side+x) + 1 }
	for y := range side {
		for x := range side {
			p := at((float64(x)+0.4*r.Float64()-0.2)*spacing, (float64(y)+0.4*r.Float64()-0.2)*spacing)
			m.Nodes = append(m.Nodes, Node{ID: id(x, y), At: p})
		}
	}
	next := int64(side*side) + 1
	street := func(a, b int64, avenue bool) {
		pa, pb := m.Nodes[a-1].At, m.Nodes[b-1].At
		bend := Node{ID: next, At: orb.Point{(pa[0]+pb[0])/2 + (r.Float64()-0.5)*10*lonMetre, (pa[1]+pb[1])/2 + (r.Float64()-0.5)*10*latMetre}}
		next++
		w := Way{Nodes: []int64{a, bend.ID, b}, Tags: tagged("highway", "residential", "name", "Musterweg")}
		switch k := r.IntN(20); {
		case avenue:
			w.Tags = tagged("highway", "secondary", "name", "Hauptstraße", "maxspeed", "50")
		case k == 0:
			return
		case k < 3:
			w.Tags = tagged("highway", "residential", "oneway", "yes")
		case k == 3:
			w.Tags = tagged("highway", "footway")
		case k == 4 && r.IntN(4) == 0:
			bend.Tags = tagged("barrier", "bollard")
		}
		m.Nodes, m.Ways = append(m.Nodes, bend), append(m.Ways, w)
	}
	for y := range side {
		for x := range side {
			if x+1 < side {
				street(id(x, y), id(x+1, y), y%8 == 0)
			}
			if y+1 < side {
				street(id(x, y), id(x, y+1), x%8 == 0)
			}
		}
	}
	return m
}

// scattered are places in the city.
func scattered(n, side int, spacing float64, seed uint64) []orb.Point {
	r := rand.New(rand.NewPCG(seed, 2))
	places := make([]orb.Point, n)
	for i := range places {
		places[i] = at(r.Float64()*float64(side-1)*spacing, r.Float64()*float64(side-1)*spacing)
	}
	return places
}

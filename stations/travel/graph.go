package travel

import (
	"math"

	"github.com/paulmach/orb"
)

// spot is a place in 1e-7 degrees, lon then lat: what OSM stores.
type spot [2]int32

func spotOf(p orb.Point) spot {
	return spot{int32(math.Round(p.Lon() * 1e7)), int32(math.Round(p.Lat() * 1e7))}
}

func (s spot) point() orb.Point { return orb.Point{float64(s[0]) / 1e7, float64(s[1]) / 1e7} }

// metresPerUnit is the length of 1e-7 degrees of a meridian.
const metresPerUnit = earth * math.Pi / 180 / 1e7

// distance in metres, on the plane that touches the sphere between the two:
// exact to a millimetre for the length of a street.
func distance(a, b spot) float64 {
	x := float64(int64(b[0])-int64(a[0])) * math.Cos(float64(int64(a[1])+int64(b[1]))/2e7*math.Pi/180)
	y := float64(int64(b[1]) - int64(a[1]))
	return math.Hypot(x, y) * metresPerUnit
}

// closed is the time of what may not be used: above every cut-off, and the sum
// with a time is still an int32.
const closed = unbounded

// Directions along an edge.
const (
	along   = 0
	against = 1
)

// streets is what the cache holds: junctions, and between them edges with
// shape, name and times. It is immutable.
type streets struct {
	Junctions   int32
	From, To    []int32    // per edge
	Shape       []int32    // per edge and one more: where its spots begin
	Spots       []spot     // from From to To
	Name        []int32    // per edge, in Names
	Names       []string   // 0 is ""
	Time        [6][]int32 // [2×profile + direction] per edge, deciseconds or closed
	Attribution string
	Demo        bool
}

func (s *streets) edges() int { return len(s.From) }

// shape are the edge's spots.
func (s *streets) shape(edge int32) []spot { return s.Spots[s.Shape[edge]:s.Shape[edge+1]] }

// open reports whether the profile may use the edge in some direction.
func (s *streets) open(profile int, edge int32) bool {
	return s.Time[2*profile+along][edge] < closed || s.Time[2*profile+against][edge] < closed
}

// length of an edge in metres.
func (s *streets) length(edge int32) float64 { return lengthOf(s.shape(edge)) }

func lengthOf(shape []spot) float64 {
	sum := 0.0
	for i := 1; i < len(shape); i++ {
		sum += distance(shape[i-1], shape[i])
	}
	return sum
}

// arc is one way to a next junction.
type arc struct{ head, time int32 }

// arcs are the directed graph of one profile in compressed rows: those of
// junction v are list[first[v]:first[v+1]].
type arcs struct {
	first   []int32
	list    []arc
	at      [2][]int32 // direction, edge → place in list; -1 where there is none
	longest int32      // time of an arc
	changed []uint64   // a bit per junction whose row is in rows; nil: none
	rows    map[int32][]arc
}

// row are the arcs of a junction.
func (a *arcs) row(v int32) []arc {
	if a.changed != nil && a.changed[v>>6]>>(v&63)&1 == 1 {
		return a.rows[v]
	}
	return a.list[a.first[v]:a.first[v+1]]
}

// set changes the time of an edge in a direction, whose arc leaves tail, in a
// copy of that row.
func (a *arcs) set(direction int, edge, tail, time int32) {
	at := a.at[direction][edge]
	if at < 0 {
		return
	}
	if a.rows == nil {
		a.changed, a.rows = make([]uint64, len(a.first)/64+1), map[int32][]arc{}
	}
	if a.rows[tail] == nil {
		a.rows[tail] = append([]arc(nil), a.row(tail)...)
		a.changed[tail>>6] |= 1 << (tail & 63)
	}
	if a.rows[tail][at-a.first[tail]].time = time; time < closed {
		a.longest = max(a.longest, time)
	}
}

// ends are the junctions between which an edge leads in a direction.
func (s *streets) ends(edge, direction int, reversed bool) (tail, head int32) {
	if (direction == against) != reversed {
		return s.To[edge], s.From[edge]
	}
	return s.From[edge], s.To[edge]
}

// arcsOf builds the rows; reversed ones lead from heads to tails.
func (s *streets) arcsOf(profile int, reversed bool) arcs {
	a := arcs{first: make([]int32, s.Junctions+1)}
	for direction := range 2 {
		a.at[direction] = make([]int32, s.edges())
		for edge, time := range s.Time[2*profile+direction] {
			if time < closed {
				tail, _ := s.ends(edge, direction, reversed)
				a.first[tail+1]++
			}
		}
	}
	for v := range s.Junctions {
		a.first[v+1] += a.first[v]
	}
	a.list = make([]arc, a.first[s.Junctions])
	next := append([]int32(nil), a.first...)
	for direction := range 2 {
		for edge, time := range s.Time[2*profile+direction] {
			a.at[direction][edge] = -1
			if time < closed {
				tail, head := s.ends(edge, direction, reversed)
				a.list[next[tail]] = arc{head, time}
				a.at[direction][edge] = next[tail]
				a.longest = max(a.longest, time)
				next[tail]++
			}
		}
	}
	return a
}

package travel

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Effect is what a construction site does to a profile, in the words of the
// dataset construction-sites.
type Effect string

// The effects.
const (
	None    Effect = "none"
	Partial Effect = "partial" // passing takes slowed times as long
	Closed  Effect = "closed"  // nobody passes
)

// How a closure finds its streets: a line those that run along it, a point the
// nearest one; and what it does to them.
const (
	aside     = 15.0 // metres between a street and a line along it
	parallel  = 30.0 // degrees between their directions
	shortest  = 10.0 // metres along the line; less is a street that only touches it
	roundIt   = 10.0 // metres of street on both sides of a point
	nearPoint = 30.0 // metres between a point and its street
	stride    = 5.0  // metres of street that are looked at together
	slowed    = 2.0  // an assumption: twice the time past a half-open site
)

// Closure is a construction site as it stands on a day.
type Closure struct {
	ID       string
	Street   string       // as the site names it
	Geometry orb.Geometry // lon/lat; points, lines and areas, single, multiple or collected
	Effects  [3]Effect    // in the order of Profiles; "" is None
}

// obstacle is a piece of an edge that a closure closes or slows.
type obstacle struct {
	low, high float64 // shares of the edge
	closed    bool
	closure   int // in Network.closures
}

// Close returns the network with closures. Those of a network that has some
// are replaced; without any it is the undisturbed network itself. The receiver
// stays as it is.
func (n *Network) Close(closures []Closure) *Network {
	if n.base != nil {
		n = n.base
	}
	c := *n
	c.base, c.closures, c.memory = n, closures, &memory{}
	blocked := false
	for profile := range Profiles() {
		c.obstacles[profile] = map[int32][]obstacle{}
		for i, site := range closures {
			if site.Effects[profile] == Partial || site.Effects[profile] == Closed {
				c.obstruct(profile, i, site)
			}
		}
		if len(c.obstacles[profile]) > 0 {
			blocked = true
			c.change(profile)
		}
	}
	if !blocked {
		return n
	}
	c.version = n.version + "+" + c.digest()
	return &c
}

// obstruct finds the pieces of edges that one closure is about.
func (n *Network) obstruct(profile, number int, site Closure) {
	add := func(edge int32, low, high float64) {
		o := obstacle{low, high, site.Effects[profile] == Closed, number}
		n.obstacles[profile][edge] = append(n.obstacles[profile][edge], o)
	}
	each(site.Geometry, func(p orb.Point) { n.around(profile, p, add) },
		func(line orb.LineString) { n.beside(profile, line, add) },
		func(area orb.Polygon) { n.inside(profile, area, add) })
}

// each takes a geometry apart.
func each(g orb.Geometry, point func(orb.Point), line func(orb.LineString), area func(orb.Polygon)) {
	switch g := g.(type) {
	case orb.Point:
		point(g)
	case orb.MultiPoint:
		for _, p := range g {
			point(p)
		}
	case orb.LineString:
		line(g)
	case orb.MultiLineString:
		for _, l := range g {
			line(l)
		}
	case orb.Polygon:
		area(g)
	case orb.MultiPolygon:
		for _, a := range g {
			area(a)
		}
	case orb.Collection:
		for _, part := range g {
			each(part, point, line, area)
		}
	}
}

// around adds a piece of the street nearest to a point.
func (n *Network) around(profile int, at orb.Point, add func(edge int32, low, high float64)) {
	p, share, _, found := n.grid.nearest(n.s, spotOf(at), nearPoint, func(edge int32) bool { return n.s.open(profile, edge) })
	if !found {
		return
	}
	middle, half := n.s.shareAt(p, share), roundIt/max(n.s.length(p.edge), roundIt)
	add(p.edge, max(0, middle-half), min(1, middle+half))
}

// beside adds the pieces of streets that run along a line.
func (n *Network) beside(profile int, line orb.LineString, add func(edge int32, low, high float64)) {
	spots := make([]spot, len(line))
	for i, p := range line {
		spots[i] = spotOf(p)
	}
	spots = slices.Compact(spots)
	for _, edge := range n.near(profile, line.Bound(), aside) {
		n.pieces(edge, func(middle, direction spot) bool { return alongside(spots, middle, direction) }, func(low, high float64) {
			metres := n.s.length(edge)
			if (high-low)*metres >= min(shortest, 0.8*metres) {
				add(edge, low, high)
			}
		})
	}
}

// inside adds the pieces of streets in an area.
func (n *Network) inside(profile int, area orb.Polygon, add func(edge int32, low, high float64)) {
	for _, edge := range n.near(profile, area.Bound(), 0) {
		n.pieces(edge, func(middle, _ spot) bool { return planar.PolygonContains(area, middle.point()) }, func(low, high float64) {
			add(edge, low, high)
		})
	}
}

// near are the edges open to the profile in the cells of a bound and so many
// metres around it, ascending.
func (n *Network) near(profile int, b orb.Bound, metres float64) []int32 {
	margin := metres / metresPerUnit / 1e7
	wide := margin / math.Cos(min(89, max(math.Abs(b.Min.Lat()), math.Abs(b.Max.Lat())))*math.Pi/180)
	low := spotOf(orb.Point{max(-180, b.Min.Lon()-wide), max(-90, b.Min.Lat()-margin)})
	high := spotOf(orb.Point{min(180, b.Max.Lon()+wide), min(90, b.Max.Lat()+margin)})
	found := map[int32]bool{}
	n.grid.within(low, high, func(p piece) {
		if n.s.open(profile, p.edge) {
			found[p.edge] = true
		}
	})
	return slices.Sorted(maps.Keys(found))
}

// pieces walks along an edge in strides and calls found with the longest runs
// of them that hit says yes to, given the stride's middle and direction.
func (n *Network) pieces(edge int32, hit func(middle, direction spot) bool, found func(low, high float64)) {
	shape, whole, walked, from := n.s.shape(edge), n.s.length(edge), 0.0, -1.0
	for i := 1; i < len(shape); i++ {
		a, b := shape[i-1], shape[i]
		metres := distance(a, b)
		if metres == 0 {
			continue
		}
		steps := math.Ceil(metres / stride)
		for k := range int(steps) {
			t := (float64(k) + 0.5) / steps
			middle := spot{a[0] + int32(float64(b[0]-a[0])*t), a[1] + int32(float64(b[1]-a[1])*t)}
			yes := hit(middle, spot{b[0] - a[0], b[1] - a[1]})
			start := walked + metres*float64(k)/steps
			if yes && from < 0 {
				from = start
			} else if !yes && from >= 0 {
				found(from/whole, start/whole)
				from = -1
			}
		}
		walked += metres
	}
	if from >= 0 {
		found(from/whole, 1)
	}
}

// alongside reports whether a line passes a spot closely in about a direction.
// It has to pass: a street that goes on where the line ends is not closed.
func alongside(line []spot, at, direction spot) bool {
	p := planeAt(at)
	dx, dy := float64(direction[0])*p.shrink, float64(direction[1])
	for i := 1; i < len(line); i++ {
		ax, ay := p.of(line[i-1])
		bx, by := p.of(line[i])
		cos := math.Abs((bx-ax)*dx+(by-ay)*dy) / (math.Hypot(bx-ax, by-ay) * math.Hypot(dx, dy))
		share, squared := p.foot(line[i-1], line[i])
		beyond := i == 1 && share == 0 || i == len(line)-1 && share == 1
		if !beyond && squared <= aside*aside && cos >= math.Cos(parallel*math.Pi/180) {
			return true
		}
	}
	return false
}

// change sets the times of a profile's arcs that have obstacles. Only rows that
// change are copied: a day's closures take little memory.
func (n *Network) change(profile int) {
	for edge := range n.obstacles[profile] {
		for direction := range 2 {
			time := n.part(profile, direction, edge, 0, 1)
			tail, head := n.s.ends(int(edge), direction, false)
			n.forward[profile].set(direction, edge, tail, time)
			n.reversed[profile].set(direction, edge, head, time)
		}
	}
}

// digest names the obstacles, whatever closures they come from.
func (n *Network) digest() string {
	sum := sha256.New()
	for profile, on := range n.obstacles {
		for _, edge := range slices.Sorted(maps.Keys(on)) {
			list := slices.Clone(on[edge])
			slices.SortFunc(list, func(a, b obstacle) int {
				return cmp.Or(cmp.Compare(a.low, b.low), cmp.Compare(a.high, b.high), cmp.Compare(boolean(a.closed), boolean(b.closed)))
			})
			for _, o := range list {
				fmt.Fprintln(sum, profile, edge, o.low, o.high, o.closed)
			}
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:12]
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Street is a piece of a street that a closure changes for a profile.
type Street struct {
	Closure string // its ID
	Name    string // of the street in the map; "" where it has none
	Profile Profile
	Effect  Effect
	Line    orb.LineString // lon/lat
}

// Closed are the pieces of streets that closures change, in the order of
// profiles and closures.
func (n *Network) Closed() []Street {
	var streets []Street
	for profile, on := range n.obstacles {
		for _, edge := range slices.Sorted(maps.Keys(on)) {
			for _, o := range on[edge] {
				effect := Partial
				if o.closed {
					effect = Closed
				}
				streets = append(streets, Street{n.closures[o.closure].ID, n.s.Names[n.s.Name[edge]], Profiles()[profile], effect,
					n.s.cut(edge, o.low, o.high)})
			}
		}
	}
	slices.SortStableFunc(streets, func(a, b Street) int { return cmp.Compare(a.Closure, b.Closure) })
	return streets
}

// cut is the line of an edge between two shares.
func (s *streets) cut(edge int32, low, high float64) orb.LineString {
	shape := s.shape(edge)
	from, to, walked := low*s.length(edge), high*s.length(edge), 0.0
	var line orb.LineString
	for i := 1; i < len(shape); i++ {
		a, b, metres := shape[i-1].point(), shape[i].point(), distance(shape[i-1], shape[i])
		if t0, t1 := max(0, from-walked), min(metres, to-walked); metres > 0 && t0 < t1 {
			if len(line) == 0 {
				line = append(line, between(a, b, t0/metres))
			}
			line = append(line, between(a, b, t1/metres))
		}
		walked += metres
	}
	return line
}

func between(a, b orb.Point, t float64) orb.Point {
	return orb.Point{a[0] + (b[0]-a[0])*t, a[1] + (b[1]-a[1])*t}
}

package ingest

import (
	"math"
	"slices"
	"strconv"

	"github.com/ortsnah/ortsnah"
	"github.com/paulmach/orb"
)

// geometryParser turns GeoJSON geometry objects (RFC 7946 section 3.1) into
// orb geometries. Third and fourth ordinates are checked and dropped.
type geometryParser struct {
	jsonParser
	swap   bool        // first ordinate is northing or latitude
	points []orb.Point // scratch
}

// geometry reads a geometry object or null.
func (p *geometryParser) geometry(depth int) (orb.Geometry, *ortsnah.Error) {
	if depth > maxDepth {
		return nil, p.fail("ingest.nested_too_deep", "limit", maxDepth)
	}
	if p.peek() == 'n' {
		_, err := p.literal()
		return nil, err
	}
	if p.peek() != '{' {
		return nil, p.fail("ingest.bad_geometry_type", "type", excerpt(p.b[p.i:]))
	}
	start := p.i
	var kind string
	coordinates, geometries := -1, -1
	err := p.members(func(name string) *ortsnah.Error {
		at := p.i
		switch name {
		case "type":
			if kind != "" {
				return p.fail("ingest.duplicate_member", "name", name)
			}
			var err *ortsnah.Error
			kind, err = p.str()
			return err
		case "coordinates":
			return p.once(&coordinates, at, name, depth)
		case "geometries":
			return p.once(&geometries, at, name, depth)
		}
		return p.skip(depth + 1)
	})
	if err != nil {
		return nil, err
	}
	end := p.i
	g, err := p.build(kind, start, coordinates, geometries, depth)
	if err == nil {
		p.i = end
	}
	return g, err
}

// once notes where the member's value begins and steps over it.
func (p *geometryParser) once(where *int, at int, name string, depth int) *ortsnah.Error {
	if *where >= 0 {
		return p.fail("ingest.duplicate_member", "name", name)
	}
	*where = at
	return p.skip(depth + 1)
}

// build reads the coordinates once the type is known: members have no order.
func (p *geometryParser) build(kind string, start, coordinates, geometries, depth int) (orb.Geometry, *ortsnah.Error) {
	p.i = start
	if coordinates >= 0 && geometries >= 0 {
		return nil, p.fail("ingest.two_geometries", "first", "coordinates", "second", "geometries")
	}
	if kind == "GeometryCollection" {
		if geometries < 0 {
			return nil, p.fail("ingest.bad_coordinates", "type", kind)
		}
		p.i = geometries
		return p.collection(depth)
	}
	if !slices.Contains([]string{"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"}, kind) {
		return nil, p.fail("ingest.bad_geometry_type", "type", kind)
	}
	if coordinates < 0 {
		return nil, p.fail("ingest.bad_coordinates", "type", kind)
	}
	p.i = coordinates
	if p.emptyArray() {
		return nil, p.fail("ingest.empty_geometry", "type", kind)
	}
	return p.coordinates(kind)
}

func (p *geometryParser) emptyArray() bool {
	at := p.i
	defer func() { p.i = at }()
	if p.peek() != '[' {
		return false
	}
	p.i++
	return p.peek() == ']'
}

func (p *geometryParser) coordinates(kind string) (orb.Geometry, *ortsnah.Error) {
	switch kind {
	case "Point":
		pt, err := p.position(kind)
		return geometryOr(pt, err)
	case "MultiPoint":
		pts, err := p.positions(kind, 1)
		return geometryOr(orb.MultiPoint(pts), err)
	case "LineString":
		pts, err := p.positions(kind, 2)
		return geometryOr(orb.LineString(pts), err)
	case "MultiLineString":
		return collect(p, kind, func() (orb.LineString, *ortsnah.Error) { return p.positions(kind, 2) },
			func(parts []orb.LineString) orb.Geometry { return orb.MultiLineString(parts) })
	case "Polygon":
		poly, err := p.polygon(kind)
		return geometryOr(poly, err)
	default:
		return collect(p, kind, func() (orb.Polygon, *ortsnah.Error) { return p.polygon(kind) },
			func(parts []orb.Polygon) orb.Geometry { return orb.MultiPolygon(parts) })
	}
}

// geometryOr keeps a typed nil out of the interface.
func geometryOr(g orb.Geometry, err *ortsnah.Error) (orb.Geometry, *ortsnah.Error) {
	if err != nil {
		return nil, err
	}
	return g, nil
}

func (p *geometryParser) collection(depth int) (orb.Geometry, *ortsnah.Error) {
	var all orb.Collection
	err := p.elements("GeometryCollection", func() *ortsnah.Error {
		g, err := p.geometry(depth + 2)
		if err == nil && g == nil {
			err = p.fail("ingest.empty_geometry", "type", "GeometryCollection")
		}
		all = append(all, g)
		return err
	})
	if err == nil && len(all) == 0 {
		err = p.fail("ingest.empty_geometry", "type", "GeometryCollection")
	}
	return geometryOr(all, err)
}

// elements calls each for every element of an array.
func (p *geometryParser) elements(kind string, each func() *ortsnah.Error) *ortsnah.Error {
	if p.peek() != '[' {
		return p.fail("ingest.bad_coordinates", "type", kind)
	}
	p.i++
	for first := true; ; first = false {
		ok, err := p.more(']', first)
		if err != nil || !ok {
			return err
		}
		if err := each(); err != nil {
			return err
		}
	}
}

func collect[T any](p *geometryParser, kind string, one func() (T, *ortsnah.Error), all func([]T) orb.Geometry) (orb.Geometry, *ortsnah.Error) {
	var parts []T
	err := p.elements(kind, func() *ortsnah.Error {
		part, err := one()
		parts = append(parts, part)
		return err
	})
	return geometryOr(all(parts), err)
}

func (p *geometryParser) polygon(kind string) (orb.Polygon, *ortsnah.Error) {
	var rings orb.Polygon
	err := p.elements(kind, func() *ortsnah.Error {
		ring, err := p.positions(kind, 4)
		if err != nil {
			return err
		}
		if ring[0] != ring[len(ring)-1] {
			return p.fail("ingest.ring_not_closed", "type", kind)
		}
		rings = append(rings, ring)
		return nil
	})
	if err == nil && len(rings) == 0 {
		err = p.fail("ingest.empty_geometry", "type", kind)
	}
	return rings, err
}

// positions reads an array of at least atLeast positions.
func (p *geometryParser) positions(kind string, atLeast int) ([]orb.Point, *ortsnah.Error) {
	p.points = p.points[:0]
	if p.peek() != '[' {
		return nil, p.fail("ingest.bad_coordinates", "type", kind)
	}
	p.i++
	for first := true; ; first = false {
		ok, err := p.more(']', first)
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		pt, err := p.position(kind)
		if err != nil {
			return nil, err
		}
		p.points = append(p.points, pt)
	}
	if len(p.points) < atLeast {
		return nil, p.fail("ingest.too_few_positions", "type", kind, "n", len(p.points), "least", atLeast)
	}
	return slices.Clone(p.points), nil
}

// position reads [x, y], [x, y, z] or [x, y, z, m]; x and y are finite.
func (p *geometryParser) position(kind string) (orb.Point, *ortsnah.Error) {
	var pt orb.Point
	if p.peek() != '[' {
		return pt, p.fail("ingest.bad_coordinates", "type", kind)
	}
	p.i++
	n := 0
	for first := true; ; first = false {
		ok, err := p.more(']', first)
		if err != nil {
			return pt, err
		}
		if !ok {
			break
		}
		if c := p.peek(); c == '[' || c == '{' || c == '"' || c == 'n' && !isNaN(p.b[p.i:]) || c == 't' || c == 'f' || n == 4 {
			return pt, p.fail("ingest.bad_coordinates", "type", kind)
		}
		v, err := p.float()
		if err != nil {
			return pt, err
		}
		if n < 2 {
			pt[n] = v
		}
		n++
	}
	if n < 2 {
		return pt, p.fail("ingest.bad_coordinates", "type", kind)
	}
	if p.swap {
		pt[0], pt[1] = pt[1], pt[0]
	}
	return pt, nil
}

func isNaN(b []byte) bool { return len(b) >= 3 && string(b[:3]) == "nan" }

// finite reports whether both ordinates are numbers.
func finite(pt orb.Point) bool {
	return !math.IsNaN(pt[0]) && !math.IsInf(pt[0], 0) && !math.IsNaN(pt[1]) && !math.IsInf(pt[1], 0)
}

// float reads a finite number. Up to 15 digits without exponent take the exact
// short way of Clinger (1990): both factors are exact, so one rounding.
func (p *jsonParser) float() (float64, *ortsnah.Error) {
	start := p.i
	n, err := p.number()
	if err != nil {
		return 0, err
	}
	var mantissa uint64
	digits, after, point, plain := 0, 0, false, true
	for _, c := range n {
		switch {
		case c >= '0' && c <= '9':
			mantissa = mantissa*10 + uint64(c-'0')
			digits++
			if point {
				after++
			}
		case c == '.':
			point = true
		case c != '-':
			plain = false
		}
	}
	if plain && digits <= 15 {
		v := float64(mantissa) / math.Pow10(after)
		if n[0] == '-' {
			v = -v
		}
		return v, nil
	}
	v, perr := strconv.ParseFloat(string(n), 64)
	if perr != nil || math.IsInf(v, 0) {
		p.i = start
		return 0, p.fail("ingest.number_too_large", "value", excerpt(n))
	}
	return v, nil
}

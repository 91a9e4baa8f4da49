package ingest

import (
	"encoding/hex"
	"errors"
	"strings"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/project"
	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/ewkb"
	"github.com/twpayne/go-geom/encoding/wkt"
)

// parseGeometryText reads WKT, EWKT and hexadecimal (E)WKB, as PostGIS and
// GDAL write them into tables. Third and fourth ordinates are dropped. The
// reference system is 0 where the text names none.
func parseGeometryText(s string, swap bool, line int64) (orb.Geometry, geo.SRID, *ortsnah.Error) {
	if s == "" {
		return nil, 0, nil
	}
	g, crs, err := unmarshalGeometry(s)
	if err != nil {
		return nil, 0, ortsnah.E(ortsnah.Invalid, "ingest.bad_wkt", "line", line, "value", short(s)).About("geometry").Because(err)
	}
	if g == nil {
		return nil, 0, ortsnah.E(ortsnah.Invalid, "ingest.empty_geometry", "type", short(s), "line", line).About("geometry")
	}
	g, bad := checked(g, swap, line)
	return g, crs, bad
}

// unmarshalGeometry returns a nil geometry for an empty one.
func unmarshalGeometry(s string) (orb.Geometry, geo.SRID, error) {
	if raw, err := hex.DecodeString(s); err == nil {
		g, err := ewkb.Unmarshal(raw)
		if err != nil {
			return nil, 0, err
		}
		out, err := toOrb(g)
		return out, geo.SRID(g.SRID()), err
	}
	var crs geo.SRID
	if code, rest, ok := strings.Cut(s, ";"); ok && len(code) > 5 && strings.EqualFold(code[:5], "SRID=") {
		var err error
		if crs, err = geo.ParseCRS(code[5:]); err != nil {
			return nil, 0, err
		}
		s = rest
	}
	g, err := wkt.Unmarshal(s)
	if err != nil {
		return nil, 0, err
	}
	out, err := toOrb(g)
	return out, crs, err
}

// toOrb drops all ordinates but the first two.
func toOrb(g geom.T) (orb.Geometry, error) {
	if g.Empty() {
		return nil, nil
	}
	switch g := g.(type) {
	case *geom.Point:
		return orb.Point{g.X(), g.Y()}, nil
	case *geom.MultiPoint:
		return orb.MultiPoint(flat(g.FlatCoords(), g.Stride())), nil
	case *geom.LineString:
		return orb.LineString(flat(g.FlatCoords(), g.Stride())), nil
	case *geom.MultiLineString:
		var out orb.MultiLineString
		for i := range g.NumLineStrings() {
			out = append(out, orb.LineString(flat(g.LineString(i).FlatCoords(), g.Stride())))
		}
		return out, nil
	case *geom.Polygon:
		return polygonToOrb(g), nil
	case *geom.MultiPolygon:
		var out orb.MultiPolygon
		for i := range g.NumPolygons() {
			out = append(out, polygonToOrb(g.Polygon(i)))
		}
		return out, nil
	case *geom.GeometryCollection:
		var out orb.Collection
		for _, part := range g.Geoms() {
			p, err := toOrb(part)
			if err != nil {
				return nil, err
			}
			if p != nil {
				out = append(out, p)
			}
		}
		return out, nil
	}
	return nil, errors.New("unknown kind of geometry")
}

func polygonToOrb(g *geom.Polygon) orb.Polygon {
	var out orb.Polygon
	for i := range g.NumLinearRings() {
		out = append(out, orb.Ring(flat(g.LinearRing(i).FlatCoords(), g.Stride())))
	}
	return out
}

func flat(ordinates []float64, stride int) []orb.Point {
	out := make([]orb.Point, 0, len(ordinates)/stride)
	for i := 0; i+1 < len(ordinates); i += stride {
		out = append(out, orb.Point{ordinates[i], ordinates[i+1]})
	}
	return out
}

// checked is g with its axes in order, if it keeps the rules.
func checked(g orb.Geometry, swap bool, line int64) (orb.Geometry, *ortsnah.Error) {
	if err := checkGeometry(g, line); err != nil {
		return nil, err
	}
	if swap {
		g = project.Geometry(g, func(p orb.Point) orb.Point { return orb.Point{p[1], p[0]} })
	}
	return g, nil
}

// checkGeometry holds a geometry of any source to the rules of GeoJSON's:
// finite ordinates, enough positions, closed rings, no empty parts.
func checkGeometry(g orb.Geometry, line int64) *ortsnah.Error {
	kind := g.GeoJSONType()
	switch g := g.(type) {
	case orb.MultiPoint:
		return checkPoints(g, 1, kind, line)
	case orb.LineString:
		return checkPoints(g, 2, kind, line)
	case orb.MultiLineString:
		return checkParts(g, kind, line, func(l orb.LineString) *ortsnah.Error { return checkPoints(l, 2, kind, line) })
	case orb.Polygon:
		return checkPolygon(g, kind, line)
	case orb.MultiPolygon:
		return checkParts(g, kind, line, func(p orb.Polygon) *ortsnah.Error { return checkPolygon(p, kind, line) })
	case orb.Collection:
		return checkParts(g, kind, line, func(part orb.Geometry) *ortsnah.Error { return checkGeometry(part, line) })
	case orb.Point:
		return checkPoints([]orb.Point{g}, 1, kind, line)
	}
	return ortsnah.E(ortsnah.Invalid, "ingest.bad_geometry_type", "type", kind, "line", line)
}

func checkParts[T any](parts []T, kind string, line int64, check func(T) *ortsnah.Error) *ortsnah.Error {
	if len(parts) == 0 {
		return ortsnah.E(ortsnah.Invalid, "ingest.empty_geometry", "type", kind, "line", line).About("geometry")
	}
	for _, p := range parts {
		if err := check(p); err != nil {
			return err
		}
	}
	return nil
}

func checkPolygon(rings orb.Polygon, kind string, line int64) *ortsnah.Error {
	return checkParts(rings, kind, line, func(r orb.Ring) *ortsnah.Error {
		if err := checkPoints(r, 4, kind, line); err != nil {
			return err
		}
		if r[0] != r[len(r)-1] {
			return ortsnah.E(ortsnah.Invalid, "ingest.ring_not_closed", "type", kind, "line", line).About("geometry")
		}
		return nil
	})
}

func checkPoints(pts []orb.Point, least int, kind string, line int64) *ortsnah.Error {
	if len(pts) < least {
		return ortsnah.E(ortsnah.Invalid, "ingest.too_few_positions", "type", kind, "n", len(pts), "least", least, "line", line).About("geometry")
	}
	for _, pt := range pts {
		if !finite(pt) {
			return ortsnah.E(ortsnah.Invalid, "ingest.not_a_number", "value", "NaN", "line", line).About("geometry")
		}
	}
	return nil
}

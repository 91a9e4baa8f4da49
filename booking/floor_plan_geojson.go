package booking

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/ortsnah/ortsnah"
	"github.com/paulmach/orb"
)

// mostShapes bounds a floor plan: a file beyond is no plan of one building.
const mostShapes = 20_000

// ReadFloorPlan reads a floor plan as GeoJSON (RFC 7946: lon/lat). Properties of
// a feature:
//
//	level  whole number, 0 is the ground floor (default 0)
//	kind   outline, room, corridor, stairs, lift, toilet or entrance
//	room   id or code of the bookable room, or whose door it is (optional)
//	label  door sign (optional)
//
// Errors are Invalid booking.floor_plan_….
func ReadFloorPlan(file []byte) ([]FloorShape, error) {
	features, err := floorFeatures("", file)
	if err != nil {
		return nil, err
	}
	shapes := make([]FloorShape, 0, len(features))
	for i, f := range features {
		s := FloorShape{Kind: ShapeKind(f.text("kind")), Room: f.text("room"), Label: f.text("label"), Geometry: f.Geometry}
		if s.Label == "" {
			s.Label = s.Room
		}
		level, ok := f.whole("level")
		if !ok {
			return nil, ortsnah.E(ortsnah.Invalid, "booking.floor_plan_level", "shape", fmt.Sprint(s.name(), " #", i+1), "level", f.Properties["level"]).About("level")
		}
		s.Level = level
		if err := s.check(); err != nil {
			return nil, err
		}
		shapes = append(shapes, s)
	}
	return shapes, nil
}

// floorFeature is one feature of a file of a floor plan.
type floorFeature struct {
	ID         any
	Geometry   orb.Geometry // nil where it has none
	Properties map[string]any
}

// floorFeatures reads a feature collection; name is the file in errors.
func floorFeatures(name string, file []byte) ([]floorFeature, error) {
	var doc struct {
		Type     string `json:"type"`
		Features []struct {
			ID         any             `json:"id"`
			Geometry   json.RawMessage `json:"geometry"`
			Properties map[string]any  `json:"properties"`
		} `json:"features"`
	}
	bad := func(reason string) error {
		return ortsnah.E(ortsnah.Invalid, "booking.floor_plan_unreadable", "file", name, "reason", reason)
	}
	if !utf8.Valid(file) {
		return nil, bad("UTF-8")
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(string(file), "\ufeff")), &doc); err != nil {
		return nil, bad(err.Error())
	}
	if doc.Type != "FeatureCollection" {
		return nil, bad("FeatureCollection ≠ " + doc.Type)
	}
	if len(doc.Features) > mostShapes {
		return nil, bad(fmt.Sprintf("> %d", mostShapes))
	}
	features := make([]floorFeature, len(doc.Features))
	for i, f := range doc.Features {
		features[i] = floorFeature{ID: f.ID, Properties: f.Properties}
		if len(f.Geometry) == 0 || string(f.Geometry) == "null" {
			continue
		}
		g, err := floorGeometry(f.Geometry)
		if err != nil {
			return nil, bad(fmt.Sprintf("feature %d: %v", i+1, err))
		}
		features[i].Geometry = g
	}
	return features, nil
}

// floorGeometry decodes the types that plans are drawn with; any other becomes an
// empty collection, which no shape may be.
func floorGeometry(text []byte) (orb.Geometry, error) {
	var doc struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	switch doc.Type {
	case "Point":
		var p position
		err := json.Unmarshal(doc.Coordinates, &p)
		return orb.Point(p), err
	case "LineString":
		var l []position
		err := json.Unmarshal(doc.Coordinates, &l)
		return orb.LineString(points(l)), err
	case "Polygon":
		var p [][]position
		err := json.Unmarshal(doc.Coordinates, &p)
		return polygon(p), err
	case "MultiPolygon":
		var m [][][]position
		err := json.Unmarshal(doc.Coordinates, &m)
		all := make(orb.MultiPolygon, len(m))
		for i := range m {
			all[i] = polygon(m[i])
		}
		return all, err
	}
	return orb.Collection{}, nil // refused by FloorShape.check
}

// position is a coordinate of two or more numbers; the first two count.
type position orb.Point

// UnmarshalJSON refuses positions that Go would fill up with zeros.
func (p *position) UnmarshalJSON(text []byte) error {
	var numbers []float64
	if err := json.Unmarshal(text, &numbers); err != nil {
		return err
	}
	if len(numbers) < 2 {
		return fmt.Errorf("position %s", text)
	}
	*p = position{numbers[0], numbers[1]}
	return nil
}

func points(list []position) []orb.Point {
	all := make([]orb.Point, len(list))
	for i, p := range list {
		all[i] = orb.Point(p)
	}
	return all
}

func polygon(rings [][]position) orb.Polygon {
	p := make(orb.Polygon, len(rings))
	for i, r := range rings {
		p[i] = points(r)
	}
	return p
}

// text is a property as text; "" where it is missing or something else.
func (f floorFeature) text(name string) string {
	s, _ := f.Properties[name].(string)
	return strings.TrimSpace(strings.ReplaceAll(s, "\x00", ""))
}

// whole is a property as whole number, 0 where it is missing.
func (f floorFeature) whole(name string) (int, bool) {
	switch v := f.Properties[name].(type) {
	case nil:
		return 0, true
	case float64:
		return int(v), v == math.Trunc(v) && math.Abs(v) < 1000
	}
	return 0, false
}

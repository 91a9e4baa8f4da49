package ingest

import (
	"context"
	"encoding/json"
	"unicode/utf8"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/paulmach/orb"
)

// openGeoJSON reads RFC 7946 documents (FeatureCollection, Feature, geometry),
// several of them in a row, GeoJSON text sequences (RFC 8142) and
// newline-delimited GeoJSON. Members may come in any order. The "crs" member
// of the 2008 specification is honoured because German sources still use it;
// without it the coordinates are CRS84, as RFC 7946 says. Features without a
// "geometry" member are taken as features without a place. Members of a
// feature that the standard does not know are not imported.
func openGeoJSON(_ context.Context, in Input, o Options) (Reader, error) {
	p := newFeatureParser(o)
	return openDocument(in, o, []string{"crs"}, func(top members) (parseFunc, geo.SRID, error) {
		crs, err := namedCRS(top["crs"])
		return p.parse, crs, err
	})
}

// namedCRS reads a "crs" member (GeoJSON 2008, section 3). Absent is CRS84.
func namedCRS(raw []byte) (geo.SRID, error) {
	var crs struct {
		Type       string `json:"type"`
		Properties struct {
			Name string          `json:"name"`
			Href string          `json:"href"`
			Code json.RawMessage `json:"code"`
		} `json:"properties"`
	}
	if len(raw) == 0 || string(raw) == "null" {
		return geo.CRS84, nil
	}
	if err := json.Unmarshal(raw, &crs); err != nil {
		return 0, ortsnah.E(ortsnah.Invalid, "geo.unknown_crs", "crs", excerpt(raw)).About("crs")
	}
	for _, name := range []string{crs.Properties.Name, crs.Properties.Href, string(crs.Properties.Code)} {
		if name != "" {
			return geo.ParseCRS(name)
		}
	}
	return 0, ortsnah.E(ortsnah.Invalid, "geo.unknown_crs", "crs", excerpt(raw)).About("crs")
}

// featureParser turns one GeoJSON Feature or geometry into a Record.
type featureParser struct {
	geometryParser
	rec  Record
	seen map[string]struct{}
}

func newFeatureParser(o Options) *featureParser {
	p := &featureParser{seen: map[string]struct{}{}}
	p.names, p.swap = map[string]string{}, o.SwapAxes
	return p
}

// load points the parser at a value that was cut out.
func (p *featureParser) load(fr frame) *ortsnah.Error {
	p.b, p.i, p.line = fr.bytes, 0, fr.line
	p.rec = Record{Properties: p.rec.Properties[:0]}
	if p.peek() != '{' {
		return p.fail("ingest.not_a_feature", "near", excerpt(p.b[p.i:]))
	}
	return p.checkText()
}

// checkText refuses bytes that are not UTF-8, naming the line they are on.
func (p *jsonParser) checkText() *ortsnah.Error {
	if utf8.Valid(p.b) {
		return nil
	}
	for i := 0; i < len(p.b); {
		r, n := utf8.DecodeRune(p.b[i:])
		if r == utf8.RuneError && n <= 1 {
			p.i = i
			break
		}
		i += n
	}
	return p.fail("ingest.not_utf8", "near", excerpt(p.b[max(0, p.i-10):]))
}

// end checks that nothing follows the value.
func (p *featureParser) end() *ortsnah.Error {
	if p.peek(); p.i < len(p.b) {
		return p.syntax()
	}
	return nil
}

// found is where the members of a feature stand; -1 where there is none.
type found struct{ id, kind, geometry, properties, coordinates, geometries int }

func (p *featureParser) parse(fr frame) (*Record, *ortsnah.Error) {
	if err := p.load(fr); err != nil {
		return nil, err
	}
	var kind string
	at := found{-1, -1, -1, -1, -1, -1}
	err := p.members(func(name string) *ortsnah.Error {
		where := at.member(name)
		if where == nil {
			return p.skip(1)
		}
		if *where >= 0 {
			return p.fail("ingest.duplicate_member", "name", name)
		}
		*where = p.i
		var err *ortsnah.Error
		switch name {
		case "type":
			kind, err = p.str()
		case "id":
			err = p.id()
		case "properties":
			err = p.properties()
		case "geometry":
			p.rec.Geometry, err = p.geometry(1)
		default:
			err = p.skip(1)
		}
		return err
	})
	if err == nil {
		err = p.end()
	}
	if err != nil {
		return nil, err
	}
	return p.finish(kind, at)
}

func (f *found) member(name string) *int {
	switch name {
	case "id":
		return &f.id
	case "type":
		return &f.kind
	case "geometry":
		return &f.geometry
	case "properties":
		return &f.properties
	case "coordinates":
		return &f.coordinates
	case "geometries":
		return &f.geometries
	}
	return nil
}

// finish decides what the object is once all members are known.
func (p *featureParser) finish(kind string, at found) (*Record, *ortsnah.Error) {
	p.i = 0
	switch {
	case at.geometry >= 0 && at.coordinates >= 0:
		return nil, p.fail("ingest.two_geometries", "first", "geometry", "second", "coordinates")
	case at.geometry >= 0 && at.geometries >= 0:
		return nil, p.fail("ingest.two_geometries", "first", "geometry", "second", "geometries")
	case kind == "Feature":
		return &p.rec, nil
	case kind == "" && at.geometry >= 0 && at.properties >= 0:
		return nil, p.fail("ingest.bad_feature_type", "type", "")
	case at.coordinates >= 0 || at.geometries >= 0: // a bare geometry
		var err *ortsnah.Error
		p.rec.Geometry, err = p.geometry(0)
		return &p.rec, err
	}
	return nil, p.fail("ingest.bad_feature_type", "type", kind)
}

// id reads a feature id: a string, a number or null.
func (p *featureParser) id() *ortsnah.Error {
	start := p.i
	v, err := p.value(1)
	switch v := v.(type) {
	case string:
		p.rec.ID = v
	case json.Number:
		p.rec.ID = string(v)
	case nil:
	default:
		p.i = start
		return p.fail("ingest.bad_id")
	}
	return err
}

// properties reads the attributes; equal names would lose one of the values.
func (p *featureParser) properties() *ortsnah.Error {
	if p.peek() == 'n' {
		_, err := p.literal()
		return err
	}
	if p.peek() != '{' {
		return p.fail("ingest.bad_properties", "near", excerpt(p.b[p.i:]))
	}
	clear(p.seen)
	return p.members(func(name string) *ortsnah.Error {
		if p.twice(name) {
			return p.fail("ingest.duplicate_member", "name", name)
		}
		v, err := p.value(2)
		p.rec.Properties = append(p.rec.Properties, Property{Name: name, Value: v})
		return err
	})
}

// twice reports whether the record has a property of that name already. Short
// lists are compared, long ones looked up.
func (p *featureParser) twice(name string) bool {
	const short = 16
	n := len(p.rec.Properties)
	if n <= short {
		for _, q := range p.rec.Properties {
			if q.Name == name {
				return true
			}
		}
	}
	if n < short {
		return false
	}
	if n == short {
		for _, q := range p.rec.Properties {
			p.seen[q.Name] = struct{}{}
		}
	}
	if _, ok := p.seen[name]; ok {
		return true
	}
	p.seen[name] = struct{}{}
	return false
}

// keyOfJSON reads the key of a feature that is broken or cut off: the member
// of that name in properties or attributes, else the feature's id.
func keyOfJSON(raw []byte, key string) string {
	p := featureParser{}
	p.b = raw
	var id string
	var inner func(name string) *ortsnah.Error
	take := func(into *string) *ortsnah.Error {
		v, err := p.value(2)
		if err == nil {
			*into = text(v)
		}
		return err
	}
	var found string
	inner = func(name string) *ortsnah.Error {
		if key != "" && sameName(name, key) {
			return take(&found)
		}
		return p.skip(2)
	}
	// The error is the reason why the caller asks: what came before it counts.
	_ = p.members(func(name string) *ortsnah.Error {
		switch {
		case name == "id":
			return take(&id)
		case (name == "properties" || name == "attributes") && p.peek() == '{':
			return p.members(inner)
		}
		return p.skip(1)
	})
	if found != "" {
		return found
	}
	return id
}

// orient is pt with its ordinates exchanged where the source has them so.
func orient(pt orb.Point, swap bool) orb.Point {
	if swap {
		return orb.Point{pt[1], pt[0]}
	}
	return pt
}

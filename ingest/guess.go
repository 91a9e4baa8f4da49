package ingest

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/paulmach/orb"
)

// guess makes a schema from all records of a source: each field gets the
// narrowest type that holds every value, so that no later row is refused for
// what an earlier one looked like. Unreadable records do not vote.
func guess(r Reader, key string, zone *time.Location) (catalog.Schema, error) {
	g := guesser{zone: zone, at: map[string]int{}}
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return g.schema(key), nil
		}
		if _, bad := errors.AsType[*RowError](err); bad {
			continue
		}
		if err != nil {
			return catalog.Schema{}, err
		}
		if g.add(rec); len(g.fields) > maxFields {
			return catalog.Schema{}, ortsnah.E(ortsnah.TooLarge, "ingest.too_many_fields", "limit", maxFields)
		}
	}
}

// maxFields is how many fields a guessed schema may have. More come of a source
// whose property names are values; PostgreSQL's own limit is 1600 columns.
const maxFields = 500

type guesser struct {
	zone   *time.Location
	at     map[string]int
	fields []evidence
	shapes map[catalog.Shape]bool
	rows   int
}

// evidence is what the values seen so far allow a field to be.
type evidence struct {
	name                                        string
	values                                      int
	integer, number, boolean, date, stamp, json bool
}

func (g *guesser) add(r *Record) {
	g.rows++
	if r.Geometry != nil {
		if g.shapes == nil {
			g.shapes = map[catalog.Shape]bool{}
		}
		g.shapes[shapeOf(r.Geometry)] = true
	}
	for _, p := range r.Properties {
		i, ok := g.at[p.Name]
		if !ok {
			i = len(g.fields)
			g.at[p.Name] = i
			g.fields = append(g.fields, evidence{name: p.Name, integer: true, number: true, boolean: true, date: true, stamp: true, json: true})
		}
		g.fields[i].vote(p.Value, g.zone)
	}
}

func (e *evidence) vote(v any, zone *time.Location) {
	s := text(v)
	if s == "" {
		return
	}
	e.values++
	_, isText := v.(string)
	_, isNumber := v.(json.Number)
	_, isBool := v.(bool)
	_, isRaw := v.(json.RawMessage)
	e.json = e.json && isRaw
	e.boolean = e.boolean && (isBool || isText && wordBool(s))
	if e.integer {
		_, err := strconv.ParseInt(s, 10, 64)
		e.integer = err == nil && (isNumber || isText && !leadingZero(s))
	}
	if e.number {
		_, ok := parseNumber(s)
		e.number = ok && (isNumber || isText && !leadingZero(s))
	}
	if e.date || e.stamp {
		at, ok := parseTime(s, zone)
		ok = ok && isText && strings.ContainsAny(s, "-./")
		midnight := ok && len(s) <= 10 && !at.IsZero()
		e.date = e.date && midnight
		e.stamp = e.stamp && ok
	}
}

// leadingZero tells keys and postcodes such as 05754008 from numbers.
func leadingZero(s string) bool {
	s = strings.TrimLeft(s, "+-")
	return len(s) > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9'
}

func wordBool(s string) bool {
	_, ok := parseBool(s)
	return ok && len(s) > 1
}

func (e evidence) kind() catalog.Type {
	switch {
	case e.values == 0:
		return catalog.String
	case e.json:
		return catalog.JSON
	case e.boolean:
		return catalog.Boolean
	case e.integer:
		return catalog.Integer
	case e.number:
		return catalog.Number
	case e.date:
		return catalog.Date
	case e.stamp:
		return catalog.DateTime
	}
	return catalog.String
}

// maxName is the longest name of a field, see catalog.FieldName.
const maxName = 59

func (g *guesser) schema(key string) catalog.Schema {
	s := catalog.Schema{Shape: catalog.NoShape, Key: key}
	taken := map[string]bool{}
	for _, e := range g.fields {
		name := catalog.FieldName(e.name)
		for n := 2; taken[name]; n++ {
			suffix := "_" + strconv.Itoa(n)
			name = catalog.FieldName(e.name)
			name = name[:min(len(name), maxName-len(suffix))] + suffix
		}
		taken[name] = true
		f := catalog.Field{Name: name, Type: e.kind(), Title: catalog.Text{DE: e.name, EN: e.name}}
		if name != e.name {
			f.Source = e.name
		}
		if e.name == key && f.Type != catalog.String {
			f.Type = catalog.String // a key names, it does not count
		}
		s.Fields = append(s.Fields, f)
	}
	for shape := range g.shapes {
		s.Shape = shape
	}
	if len(g.shapes) > 1 {
		s.Shape = catalog.Any
	}
	return s
}

func shapeOf(geom orb.Geometry) catalog.Shape {
	for _, s := range []catalog.Shape{catalog.Point, catalog.Line, catalog.Polygon} {
		if s.Holds(geom) {
			return s
		}
	}
	return catalog.Any
}

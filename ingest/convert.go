package ingest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
)

// converter turns records into rows of one dataset.
type converter struct {
	schema  catalog.Schema
	key     string // source property or field that names a record; "" is the record's id
	zone    *time.Location
	columns map[string]int  // property name → index in schema.Fields, -1 unknown
	names   map[string]bool // property name → whether it is the key
	unknown map[string]bool // properties that had a value and no field; at most maxFields
	known   bool            // some property had a value and a field

	nameless string // key of records without one, default: their content
}

func newConverter(s catalog.Schema, key string, zone *time.Location) *converter {
	if key == "" {
		key = s.Key
	}
	return &converter{schema: s, key: key, zone: zone, columns: map[string]int{}, names: map[string]bool{}, unknown: map[string]bool{}}
}

// column finds the field that holds the source's property of that name.
func (c *converter) column(name string) int {
	if i, ok := c.columns[name]; ok {
		return i
	}
	if len(c.columns) > 4*maxFields { // a source whose rows all have other names
		clear(c.columns)
	}
	found := -1
	for i, f := range c.schema.Fields {
		if f.Source == name {
			found = i
			break
		}
		if found < 0 && f.Source == "" && (f.Name == name || f.Name == catalog.FieldName(name)) {
			found = i
		}
	}
	c.columns[name] = found
	return found
}

// row converts one record. The result's Geometry is the record's.
func (c *converter) row(r *Record) (catalog.Row, *ortsnah.Error) {
	// The key comes first: a row that fails must still name its predecessor.
	row := catalog.Row{Key: c.keyOf(r), Geometry: r.Geometry, Values: make([]any, len(c.schema.Fields))}
	for _, p := range r.Properties {
		i := c.column(p.Name)
		if i < 0 {
			if p.Value != nil && p.Name != c.key && len(c.unknown) < maxFields {
				c.unknown[p.Name] = true
			}
			continue
		}
		v, err := convert(c.schema.Fields[i], p.Value, c.zone)
		if err != nil {
			return row, err
		}
		row.Values[i] = v
		c.known = c.known || v != nil
	}
	if i := c.column(c.key); c.key != "" && i >= 0 && row.Values[i] == nil && c.schema.Fields[i].Type == catalog.String {
		row.Values[i] = row.Key
	}
	return row, c.complete(row)
}

// keyOf names a record: by the key property, else by the feature id, else by
// its content, so that equal content keeps its key from run to run.
func (c *converter) keyOf(r *Record) string {
	if c.key != "" {
		for _, p := range r.Properties {
			if c.isKey(p.Name) {
				if s := text(p.Value); s != "" {
					return s
				}
			}
		}
	}
	if r.ID != "" {
		return r.ID
	}
	if c.nameless != "" {
		return c.nameless
	}
	return contentKey(r.Raw)
}

func (c *converter) isKey(name string) bool {
	is, ok := c.names[name]
	if !ok {
		if len(c.names) > 4*maxFields {
			clear(c.names)
		}
		is = sameName(name, c.key)
		c.names[name] = is
	}
	return is
}

// sameName reports whether a source's property is meant by a name.
func sameName(property, name string) bool {
	return property == name || catalog.FieldName(property) == catalog.FieldName(name)
}

// contentKey names a record that has no name.
func contentKey(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:12])
}

// strange reports whether the records had properties and the dataset has a
// field for none of them: then it is another dataset's source.
func (c *converter) strange() bool {
	return !c.known && len(c.unknown) > 0 && len(c.schema.Fields) > 0
}

// complete checks what only the whole row can tell.
func (c *converter) complete(row catalog.Row) *ortsnah.Error {
	if len(row.Key) > 200 || strings.ContainsRune(row.Key, 0) || !utf8.ValidString(row.Key) {
		return ortsnah.E(ortsnah.Invalid, "ingest.bad_key").About(c.key)
	}
	if row.Geometry != nil && !c.schema.Shape.Holds(row.Geometry) {
		return ortsnah.E(ortsnah.Invalid, "ingest.wrong_shape", "got", row.Geometry.GeoJSONType(), "want", string(c.schema.Shape)).About("geometry")
	}
	var start, end time.Time
	for i, f := range c.schema.Fields {
		v := row.Values[i]
		if v == nil {
			if f.Required {
				return ortsnah.E(ortsnah.Invalid, "ingest.missing_field", "field", f.Name).About(f.Name)
			}
			continue
		}
		switch f.Role {
		case catalog.RoleStart:
			start, _ = v.(time.Time)
		case catalog.RoleEnd:
			end, _ = v.(time.Time)
		}
	}
	if !start.IsZero() && !end.IsZero() && end.Before(start) {
		return ortsnah.E(ortsnah.Invalid, "ingest.end_before_start",
			"start", start.Format(time.DateOnly), "end", end.Format(time.DateOnly))
	}
	return nil
}

// text is a property value as plain text, "" for nothing.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	case json.RawMessage:
		return string(v)
	}
	return ""
}

// convert brings a delivered value to the Go type of the field's type. Empty
// text is no value.
func convert(f catalog.Field, v any, zone *time.Location) (any, *ortsnah.Error) {
	if v == nil {
		return nil, nil
	}
	s := text(v)
	if f.Type != catalog.JSON && s == "" {
		return nil, nil
	}
	got, ok := parse(f.Type, v, s, zone)
	if !ok {
		return nil, ortsnah.E(ortsnah.Invalid, "ingest.bad_value", "field", f.Name, "value", short(s), "type", string(f.Type)).About(f.Name)
	}
	if str, isString := got.(string); isString && len(f.Codes) > 0 && !hasCode(f.Codes, str) {
		return nil, ortsnah.E(ortsnah.Invalid, "ingest.unknown_code", "field", f.Name, "value", short(str)).About(f.Name)
	}
	return got, nil
}

func hasCode(codes []catalog.Code, value string) bool {
	for _, c := range codes {
		if c.Value == value {
			return true
		}
	}
	return false
}

func parse(t catalog.Type, v any, s string, zone *time.Location) (any, bool) {
	switch t {
	case catalog.String:
		return s, utf8.ValidString(s) && !strings.ContainsRune(s, 0)
	case catalog.Integer:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			if x, ok := parseNumber(s); ok && x == math.Trunc(x) && math.Abs(x) < 1<<53 {
				return int64(x), true
			}
		}
		return n, err == nil
	case catalog.Number:
		return ok2(parseNumber(s))
	case catalog.Boolean:
		return ok2(parseBool(s))
	case catalog.Date:
		at, ok := parseTime(s, zone)
		if !ok {
			return nil, false
		}
		y, m, d := at.In(zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC), true
	case catalog.DateTime:
		at, ok := parseTime(s, zone)
		return at.UTC(), ok
	case catalog.JSON:
		return parseJSON(v)
	}
	return nil, false
}

func ok2[T any](v T, ok bool) (any, bool) { return v, ok }

func parseJSON(v any) (any, bool) {
	raw, isRaw := v.(json.RawMessage)
	if !isRaw {
		b, err := json.Marshal(v)
		if err != nil {
			return nil, false
		}
		raw = b
	}
	var compact bytes.Buffer
	if json.Compact(&compact, raw) != nil || bytes.Contains(compact.Bytes(), []byte(`\u0000`)) || !utf8.Valid(compact.Bytes()) {
		return nil, false
	}
	return json.RawMessage(compact.Bytes()), true
}

var commaNumber = regexp.MustCompile(`^[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+$`)

// parseNumber reads 1234.5 as well as 1234,5 and 1.234,5.
func parseNumber(s string) (float64, bool) {
	if s == "" || s[0] > '9' || s[0] < '+' {
		return 0, false // most text ends here; so do "NaN" and "Inf"
	}
	if strings.Contains(s, ",") && commaNumber.MatchString(s) {
		s = strings.Replace(strings.ReplaceAll(s, ".", ""), ",", ".", 1)
	}
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil && !math.IsNaN(x) && !math.IsInf(x, 0)
}

func parseBool(s string) (bool, bool) {
	switch strings.ToLower(s) {
	case "true", "1", "t", "ja", "j", "wahr", "yes", "y":
		return true, true
	case "false", "0", "f", "nein", "n", "falsch", "no":
		return false, true
	}
	return false, false
}

// parseTime reads the date and time forms that German sources use. A time
// without offset is wall time in zone.
func parseTime(s string, zone *time.Location) (time.Time, bool) {
	if len(s) < 8 || s[0] > '9' || s[0] < '0' {
		return time.Time{}, false
	}
	for _, layout := range []string{
		time.DateOnly, time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04:05.999999999",
		"2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999-07", "2006-01-02 15:04", "2006/01/02", "2006/01/02 15:04:05", "02.01.2006", "2.1.2006",
		"02.01.2006 15:04", "02.01.2006 15:04:05", "20060102",
	} {
		if at, err := time.ParseInLocation(layout, s, zone); err == nil && at.Year() >= 1 && at.Year() <= 9999 {
			return at, true
		}
	}
	return time.Time{}, false
}

// short cuts a value for a sentence: at most 60 characters.
func short(s string) string {
	r := []rune(strings.ToValidUTF8(s, "\ufffd"))
	if len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return string(r)
}

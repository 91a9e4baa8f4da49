package catalog

import (
	"regexp"
	"strings"

	"github.com/ortsnah/ortsnah"
	"github.com/paulmach/orb"
	"golang.org/x/text/unicode/norm"
)

// Type is the type of a field's values.
type Type string

// The types, with the Go type of a value and the PostgreSQL type of a column.
const (
	String   Type = "string"   // string, text
	Integer  Type = "integer"  // int64, bigint
	Number   Type = "number"   // float64, double precision; never NaN or infinite
	Boolean  Type = "boolean"  // bool
	Date     Type = "date"     // time.Time at midnight UTC, date
	DateTime Type = "datetime" // time.Time, timestamptz
	JSON     Type = "json"     // json.RawMessage, jsonb: nested values kept as they came
)

// Types maps each type to its column type. It is the complete list.
func Types() map[Type]string {
	return map[Type]string{
		String: "text", Integer: "bigint", Number: "double precision", Boolean: "boolean",
		Date: "date", DateTime: "timestamptz", JSON: "jsonb",
	}
}

// Shape is the kind of geometry that a dataset's features have.
type Shape string

// The shapes. Single and multi geometries are one shape.
const (
	NoShape Shape = "none"
	Point   Shape = "point"
	Line    Shape = "line"
	Polygon Shape = "polygon"
	Any     Shape = "any"
)

// Schema is a dataset's data dictionary.
type Schema struct {
	Shape  Shape   `json:"shape"`
	Key    string  `json:"key,omitzero"` // the source's field that names a feature; "" is the feature id
	Fields []Field `json:"fields"`
}

// Field is one entry of the data dictionary.
type Field struct {
	Name        string `json:"name"`            // column, JSON property and parameter name
	Source      string `json:"source,omitzero"` // the name in the source, when it differs
	Type        Type   `json:"type"`
	Unit        string `json:"unit,omitzero"` // UCUM, e.g. "m", "min", "{person}"
	Codes       []Code `json:"codes,omitempty"`
	Title       Text   `json:"title"`
	Description Text   `json:"description,omitzero"`
	Role        Role   `json:"role,omitzero"`
	Required    bool   `json:"required,omitzero"`
	Internal    bool   `json:"internal,omitzero"` // stored, never published
}

// Code is one allowed value of a field and its meaning.
type Code struct {
	Value string `json:"value"`
	Title Text   `json:"title"`
}

// Role tells readers what a field is for, so that pages, filters and feeds
// need not know each dataset.
type Role string

// The roles. A schema has at most one field of each.
const (
	RoleTitle Role = "title" // names the feature to a person
	RoleStart Role = "start" // begin of validity, inclusive
	RoleEnd   Role = "end"   // end of validity, exclusive for datetimes, inclusive for dates
)

// Public returns the fields that readers see, in order.
func (s Schema) Public() []Field {
	var fields []Field
	for _, f := range s.Fields {
		if !f.Internal {
			fields = append(fields, f)
		}
	}
	return fields
}

// Field returns the field of that name.
func (s Schema) Field(name string) (Field, bool) {
	for _, f := range s.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// WithRole returns the public field that has the role.
func (s Schema) WithRole(r Role) (Field, bool) {
	for _, f := range s.Fields {
		if f.Role == r && !f.Internal {
			return f, true
		}
	}
	return Field{}, false
}

// Holds reports whether a geometry of g's type fits the shape.
func (s Shape) Holds(g orb.Geometry) bool {
	if g == nil {
		return true
	}
	switch s {
	case Any:
		return true
	case Point:
		return g.GeoJSONType() == "Point" || g.GeoJSONType() == "MultiPoint"
	case Line:
		return g.GeoJSONType() == "LineString" || g.GeoJSONType() == "MultiLineString"
	case Polygon:
		return g.GeoJSONType() == "Polygon" || g.GeoJSONType() == "MultiPolygon"
	}
	return false
}

var fieldName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,58}$`)

// Check refuses a schema that cannot become a table or a JSON object.
func (s Schema) Check() error {
	types := Types()
	seen := map[string]bool{}
	for _, f := range s.Fields {
		if !fieldName.MatchString(f.Name) || seen[f.Name] {
			return ortsnah.E(ortsnah.Invalid, "catalog.bad_field_name", "field", f.Name).About("schema")
		}
		if types[f.Type] == "" {
			return ortsnah.E(ortsnah.Invalid, "catalog.bad_field_type", "field", f.Name, "type", string(f.Type)).About("schema")
		}
		seen[f.Name] = true
	}
	switch s.Shape {
	case NoShape, Point, Line, Polygon, Any:
		return nil
	}
	return ortsnah.E(ortsnah.Invalid, "catalog.bad_shape", "shape", string(s.Shape)).About("schema")
}

var (
	german  = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "Ä", "ae", "Ö", "oe", "Ü", "ue", "ẞ", "ss", "ł", "l", "Ł", "l", "ø", "o", "Ø", "o", "æ", "ae", "Æ", "ae")
	marks   = regexp.MustCompile(`\p{Mn}+`)
	notName = regexp.MustCompile(`[^a-z0-9]+`)
	camel   = regexp.MustCompile(`([\p{Ll}0-9])(\p{Lu})`)
)

// FieldName makes a field name of any text: "Straßen-Name" becomes
// "strassen_name", "startDate" becomes "start_date", "2x" becomes "f_2x".
func FieldName(text string) string {
	s := german.Replace(norm.NFC.String(text))
	s = strings.ToLower(camel.ReplaceAllString(s, "${1}_${2}"))
	s = strings.Trim(notName.ReplaceAllString(marks.ReplaceAllString(norm.NFD.String(s), ""), "_"), "_")
	if s == "" {
		return "f"
	}
	if s[0] >= '0' && s[0] <= '9' {
		s = "f_" + s
	}
	return s[:min(len(s), 59)]
}

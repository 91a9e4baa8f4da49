package publish

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/ortsnah/ortsnah/catalog"
)

// table is the Parquet form of a dataset: its columns, the way between a
// feature, a compact record for sorting and a row, and what it has seen.
type table struct {
	schema   *parquet.Schema
	fields   []catalog.Field
	geometry string // name of the geometry column, "" without
	box      string // name of the bbox column
	bounds   *orb.Bound
	types    map[string]bool // GeoJSON names of the geometries seen
}

// newTable lays the columns out: key, the public fields in order, geometry,
// bbox{xmin, ymin, xmax, ymax}. definition is the CRS as PROJJSON, "" for CRS84.
func newTable(d catalog.Dataset, definition string) *table {
	t := &table{fields: d.Schema.Public(), types: map[string]bool{}}
	names := []string{"key"}
	for _, f := range t.fields {
		names = append(names, f.Name)
	}
	places := 0
	if d.Schema.Shape != catalog.NoShape {
		names, places = append(names, "geometry", "bbox"), 2
	}
	names = free(names, places)
	columns := []column{{parquet.String(), names[0]}}
	for i, f := range t.fields {
		columns = append(columns, column{parquet.Optional(nodeOf(f.Type)), names[i+1]})
	}
	if places > 0 {
		t.geometry, t.box = names[len(names)-2], names[len(names)-1]
		var sides []column
		for _, side := range boxSides() {
			sides = append(sides, column{parquet.Leaf(parquet.FloatType), side})
		}
		columns = append(columns,
			column{parquet.Optional(parquet.Geometry(definition)), t.geometry},
			column{parquet.Optional(groupOf(sides...)), t.box})
	}
	t.schema = parquet.NewSchema(d.ID, groupOf(columns...))
	return t
}

func boxSides() [4]string { return [4]string{"xmin", "ymin", "xmax", "ymax"} }

func nodeOf(t catalog.Type) parquet.Node {
	switch t {
	case catalog.Integer:
		return parquet.Int(64)
	case catalog.Number:
		return parquet.Leaf(parquet.DoubleType)
	case catalog.Boolean:
		return parquet.Leaf(parquet.BooleanType)
	case catalog.Date:
		return parquet.Date()
	case catalog.DateTime:
		return parquet.Timestamp(parquet.Microsecond)
	case catalog.JSON:
		return parquet.JSON()
	}
	return parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
}

// group is a parquet.Group that keeps its columns in order.
type group struct {
	parquet.Group
	columns []parquet.Field
}

func groupOf(columns ...column) group {
	g := group{Group: parquet.Group{}}
	for _, c := range columns {
		g.Group[c.name] = c.Node
		g.columns = append(g.columns, c)
	}
	return g
}

func (g group) Fields() []parquet.Field { return g.columns }

type column struct {
	parquet.Node
	name string
}

func (c column) Name() string { return c.name }

// Value is part of parquet.Field, for programs that map Go structs; rows are
// written as values here.
func (c column) Value(reflect.Value) reflect.Value { panic("publish: rows have no Go type") }

// record layout: for the key, each field and the geometry: one byte, 0 for
// NULL or 1, then 8 bytes for numbers and times, 1 for booleans, or a varint
// length and bytes for text and WKB; after WKB the box as 4 float32.

// encode appends the record of f to b and remembers its bounds and type.
func (t *table) encode(b []byte, f *catalog.Feature) ([]byte, error) {
	b = appendBytes(b, []byte(f.Key))
	for i, field := range t.fields {
		var err error
		if b, err = appendField(b, field, f.Values[i]); err != nil {
			return nil, err
		}
	}
	if t.geometry == "" {
		return b, nil
	}
	if f.Geometry == nil {
		return append(b, 0), nil
	}
	body, err := wkb.Marshal(f.Geometry, binary.LittleEndian)
	if err != nil {
		return nil, err
	}
	bounds := f.Geometry.Bound()
	t.types[f.Geometry.GeoJSONType()] = true
	if t.bounds == nil {
		t.bounds = &bounds
	} else {
		*t.bounds = t.bounds.Union(bounds)
	}
	b = appendBytes(b, body)
	for _, side := range float32Box(bounds) {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(side))
	}
	return b, nil
}

// float32Box rounds outwards: a covering may be larger than the geometry,
// never smaller.
func float32Box(b orb.Bound) [4]float32 {
	return [4]float32{below(b.Min[0]), below(b.Min[1]), above(b.Max[0]), above(b.Max[1])}
}

func below(v float64) float32 {
	f := float32(v)
	if float64(f) > v {
		return math.Nextafter32(f, float32(math.Inf(-1)))
	}
	return f
}

func above(v float64) float32 { return -below(-v) }

func appendBytes(b, body []byte) []byte {
	b = binary.AppendUvarint(append(b, 1), uint64(len(body)))
	return append(b, body...)
}

func appendField(b []byte, f catalog.Field, value any) ([]byte, error) {
	if value == nil {
		return append(b, 0), nil
	}
	number := func(n uint64) ([]byte, error) { return binary.LittleEndian.AppendUint64(append(b, 1), n), nil }
	switch v := value.(type) {
	case string:
		return appendBytes(b, []byte(v)), nil
	case json.RawMessage:
		return appendBytes(b, v), nil
	case int64:
		return number(uint64(v))
	case float64:
		return number(math.Float64bits(v))
	case bool:
		if v {
			return append(b, 1, 1), nil
		}
		return append(b, 1, 0), nil
	case time.Time:
		if f.Type == catalog.Date {
			return number(uint64(v.Unix() / 86400)) // midnight UTC: divides exactly, also before 1970
		}
		return number(uint64(v.UnixMicro()))
	}
	return nil, fmt.Errorf("field %s: unexpected %T", f.Name, value)
}

// decode appends the record's values to row; they share the record's memory.
func (t *table) decode(row parquet.Row, record []byte) parquet.Row {
	r := recordReader(record)
	r.present()
	row = append(row, parquet.ByteArrayValue(r.bytes()).Level(0, 0, 0))
	for i, f := range t.fields {
		if !r.present() {
			row = append(row, parquet.NullValue().Level(0, 0, i+1))
			continue
		}
		row = append(row, r.field(f.Type).Level(0, 1, i+1))
	}
	if t.geometry == "" {
		return row
	}
	at := len(t.fields) + 1
	if !r.present() {
		for i := range 5 {
			row = append(row, parquet.NullValue().Level(0, 0, at+i))
		}
		return row
	}
	row = append(row, parquet.ByteArrayValue(r.bytes()).Level(0, 1, at))
	for i := range 4 {
		side := math.Float32frombits(binary.LittleEndian.Uint32(r[4*i:]))
		row = append(row, parquet.FloatValue(side).Level(0, 1, at+1+i))
	}
	return row
}

// recordReader is what is left of a record.
type recordReader []byte

func (r *recordReader) present() bool {
	yes := (*r)[0] == 1
	*r = (*r)[1:]
	return yes
}

func (r *recordReader) bytes() []byte {
	n, width := binary.Uvarint(*r)
	body := (*r)[width : width+int(n)]
	*r = (*r)[width+int(n):]
	return body
}

func (r *recordReader) number() uint64 {
	n := binary.LittleEndian.Uint64(*r)
	*r = (*r)[8:]
	return n
}

func (r *recordReader) field(t catalog.Type) parquet.Value {
	switch t {
	case catalog.Integer, catalog.DateTime:
		return parquet.Int64Value(int64(r.number()))
	case catalog.Date:
		return parquet.Int32Value(int32(int64(r.number())))
	case catalog.Number:
		return parquet.DoubleValue(math.Float64frombits(r.number()))
	case catalog.Boolean:
		return parquet.BooleanValue(r.present())
	}
	return parquet.ByteArrayValue(r.bytes())
}

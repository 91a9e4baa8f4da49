package catalog

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/paulmach/orb"
)

// Query selects features of one dataset. The zero Query is all of the
// current version, in stored order.
type Query struct {
	Version  int               // 0 is the current one
	Bounds   *orb.Bound        // CRS84; features whose geometry intersects it
	From, To time.Time         // features valid at some time in [From, To]; zero is open
	Equals   map[string]string // public field name → value as text
	Key      string            // one feature
	After    int64             // keyset: rows with a larger row number
	Limit    int               // 0 is all
}

// Feature is one feature with typed values.
type Feature struct {
	Row      int64
	Key      string
	Geometry orb.Geometry // CRS84 or the CRS asked for; nil when it has none
	Values   []any        // one per Schema.Public() field, Go types of Type; nil is NULL
}

// EachGeoJSON calls each with the row number and the finished GeoJSON text of
// every feature that q selects. The text is valid only during the call.
func EachGeoJSON(ctx context.Context, db postgis.DB, d Dataset, q Query, each func(row int64, geojson []byte) error) error {
	where, args, err := q.where(d)
	if err != nil {
		return err
	}
	rows, err := db.Query(ctx, "SELECT _row, _geojson FROM "+View(d.ID).Sanitize()+where, args)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		raw := rows.RawValues() // binary: 8 bytes big endian, then the text itself
		if err := each(int64(binary.BigEndian.Uint64(raw[0])), raw[1]); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Each calls each with every feature that q selects, its geometry transformed
// to srid (EPSG code; 4326 gives lon/lat). The feature's slices are reused.
func Each(ctx context.Context, db postgis.DB, d Dataset, q Query, srid int, each func(f *Feature) error) error {
	where, args, err := q.where(d)
	if err != nil {
		return err
	}
	args["srid"] = srid
	fields := d.Schema.Public()
	columns := []string{"_row", "_key", "ST_Transform(_geom, @srid::int)"}
	for _, f := range fields {
		c := pgx.Identifier{f.Name}.Sanitize()
		if f.Type == JSON {
			c += "::text"
		}
		columns = append(columns, c)
	}
	rows, err := db.Query(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM "+View(d.ID).Sanitize()+where, args)
	if err != nil {
		return err
	}
	defer rows.Close()
	feature := Feature{Values: make([]any, len(fields))}
	targets := []any{&feature.Row, &feature.Key, &feature.Geometry}
	for i := range fields {
		targets = append(targets, &feature.Values[i])
	}
	for rows.Next() {
		feature.Geometry = nil
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		for i, f := range fields {
			if text, ok := feature.Values[i].(string); ok && f.Type == JSON {
				feature.Values[i] = json.RawMessage(text)
			}
		}
		if err := each(&feature); err != nil {
			return err
		}
	}
	return rows.Err()
}

// where builds everything after FROM. Only identifiers of the schema are part
// of the text; every value is an argument.
func (q Query) where(d Dataset) (string, pgx.NamedArgs, error) {
	args := pgx.NamedArgs{}
	conds := []string{"_until IS NULL"}
	if q.Version > 0 {
		conds = []string{"_since <= @version", "(_until IS NULL OR _until > @version)"}
		args["version"] = q.Version
	}
	if q.Key != "" {
		conds = append(conds, "_key = @key")
		args["key"] = q.Key
	}
	if q.Bounds != nil {
		// The box is transformed once, not per row; its edges, straight in
		// degrees, are curves in metres and get enough points to follow.
		conds = append(conds, `ST_Intersects(_geom, (SELECT ST_Transform(ST_Segmentize(
			ST_MakeEnvelope(@west, @south, @east, @north, 4326),
			least(0.05, greatest(@east::float8 - @west, @north::float8 - @south, 0.0001) / 64)), working_srid) FROM open.setting))`)
		args["west"], args["south"] = q.Bounds.Min.X(), q.Bounds.Min.Y()
		args["east"], args["north"] = q.Bounds.Max.X(), q.Bounds.Max.Y()
	}
	conds = append(conds, q.during(d, args)...)
	for name, text := range q.Equals {
		cond, err := equals(d, name, text, args)
		if err != nil {
			return "", nil, err
		}
		conds = append(conds, cond)
	}
	if q.After > 0 {
		conds = append(conds, "_row > @after")
		args["after"] = q.After
	}
	sql := " WHERE " + strings.Join(conds, " AND ") + " ORDER BY _row"
	if q.Limit > 0 {
		sql += " LIMIT @limit"
		args["limit"] = q.Limit
	}
	return sql, args, nil
}

// during compares [From, To] with the fields that hold begin and end. A
// feature without times is valid always (OGC 17-069r4, section 7.15.4).
func (q Query) during(d Dataset, args pgx.NamedArgs) []string {
	var conds []string
	start, hasStart := d.Schema.WithRole(RoleStart)
	end, hasEnd := d.Schema.WithRole(RoleEnd)
	if !hasEnd {
		end, hasEnd = start, hasStart
	}
	if hasStart && !q.To.IsZero() {
		conds = append(conds, fmt.Sprintf("(%[1]s IS NULL OR %[1]s <= @to)", pgx.Identifier{start.Name}.Sanitize()))
		args["to"] = q.To
	}
	if hasEnd && !q.From.IsZero() {
		op := ">="
		if end.Type == DateTime && end.Name != start.Name {
			op = ">" // half-open: what ends at eight is over at eight
		}
		conds = append(conds, fmt.Sprintf("(%[1]s IS NULL OR %[1]s %[2]s @from)", pgx.Identifier{end.Name}.Sanitize(), op))
		args["from"] = q.From
	}
	return conds
}

func equals(d Dataset, name, text string, args pgx.NamedArgs) (string, error) {
	f, ok := d.Schema.Field(name)
	if !ok || f.Internal || f.Type == JSON {
		return "", ortsnah.E(ortsnah.Invalid, "catalog.no_such_field", "field", name, "dataset", d.ID).About(name)
	}
	value, err := ParseValue(f, text)
	if err != nil {
		return "", err
	}
	arg := "is_" + name
	args[arg] = value
	return pgx.Identifier{name}.Sanitize() + " = @" + arg, nil
}

// ParseValue reads a field's value from text, as in a query parameter.
func ParseValue(f Field, text string) (any, error) {
	bad := func() error {
		return ortsnah.E(ortsnah.Invalid, "catalog.bad_value", "field", f.Name, "value", text, "type", string(f.Type)).About(f.Name)
	}
	switch f.Type {
	case Integer:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, nil
		}
	case Number:
		if x, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(x) && !math.IsInf(x, 0) {
			return x, nil
		}
	case Boolean:
		if b, err := strconv.ParseBool(text); err == nil {
			return b, nil
		}
	case Date:
		if t, err := time.Parse(time.DateOnly, text); err == nil {
			return t, nil
		}
	case DateTime:
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			return t, nil
		}
	default:
		return text, nil
	}
	return nil, bad()
}

package publish

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
)

// allTypes is a schema with every type of field, and names that formats use
// for columns of their own.
func allTypes(shape catalog.Shape) catalog.Schema {
	f := func(name string, t catalog.Type) catalog.Field {
		return catalog.Field{Name: name, Type: t, Title: catalog.Text{DE: name}}
	}
	s := catalog.Schema{Shape: shape, Fields: []catalog.Field{
		f("name", catalog.String), f("count", catalog.Integer), f("height", catalog.Number), f("open", catalog.Boolean),
		f("start", catalog.Date), f("end", catalog.Date), f("seen", catalog.DateTime), f("extra", catalog.JSON),
		f("key", catalog.String), f("bbox", catalog.String), f("secret", catalog.String),
	}}
	s.Fields[4].Role, s.Fields[5].Role = catalog.RoleStart, catalog.RoleEnd
	s.Fields[10].Internal = true
	return s
}

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// full are values of allTypes with extremes, from a number.
func full(name string) []any {
	return []any{name, int64(-9007199254740993), 0.1, true, day(1899, 12, 31), day(2026, 12, 31),
		time.Date(2026, 3, 29, 1, 59, 59, 123456000, time.UTC), json.RawMessage("{\"a\": [1,\n null, \"ü\"], \"b\": \"=x\"}"),
		"own key", "own bbox", "nobody may see this"}
}

func nulls() []any { return make([]any, 11) }

// awkward are texts that formats have to protect.
func awkward() []string {
	return []string{
		"", "plain", "Größe „ß“ 漢字 😀", `quote " and "" quotes`, "comma, semicolon; tab\tend", "line\nfeed", "carriage\r\nreturn",
		"=1+1", "+49 5241", "-5", "@SUM(A1)", "\tTab", "\rCR", "'apostrophe", "'=protected", "''=twice", " leading", "trailing ",
		"NULL", "null", "true", "1e5", "00123", "<b>&amp;</b>", `back\slash`, "\u2028\u2029", "\u00a0",
	}
}

func polygon(lon, lat, size float64) orb.Polygon {
	ring := func(s float64) orb.Ring {
		return orb.Ring{{lon - s, lat - s}, {lon + s, lat - s}, {lon + s, lat + s}, {lon - s, lat + s}, {lon - s, lat - s}}
	}
	hole := ring(size / 3)
	hole.Reverse()
	return orb.Polygon{ring(size), hole}
}

// shapes are geometries of every kind, by name.
func shapes() map[string]orb.Geometry {
	const lon, lat = 8.3791234, 51.9067891
	line := orb.LineString{{lon, lat}, {lon + .01, lat + .01}, {lon + .02, lat}}
	other := orb.LineString{{lon, lat - .01}, {lon + .01, lat - .02}}
	return map[string]orb.Geometry{
		"point": orb.Point{lon, lat}, "line": line, "polygon": polygon(lon, lat, .01),
		"multi-point": orb.MultiPoint{{lon, lat}, {lon + .1, lat + .1}}, "multi-line": orb.MultiLineString{line, other},
		"multi-polygon": orb.MultiPolygon{polygon(lon, lat, .01), polygon(lon+.1, lat, .02)},
		"collection":    orb.Collection{orb.Point{lon, lat}, line, polygon(lon, lat, .003)}, "nothing": nil,
	}
}

// fixture is a dataset of the suite with its rows.
type fixture struct {
	dataset catalog.Dataset
	rows    []catalog.Row
}

func meta(title, licence string) catalog.Metadata {
	return catalog.Metadata{Title: catalog.Text{DE: title, EN: title + " (en)"}, Description: catalog.Text{DE: title},
		Licence: licence, Themes: []string{"TRAN"}, Keywords: []catalog.Text{{DE: "Test"}}, Periodicity: "DAILY"}
}

// fixtures are the datasets every format is tested with.
func fixtures() []fixture {
	row := func(key string, g orb.Geometry, values []any) catalog.Row {
		return catalog.Row{Key: key, Geometry: g, SRID: geo.CRS84, Values: values}
	}
	set := func(id string, shape catalog.Shape, licence string) fixture {
		return fixture{dataset: catalog.Dataset{ID: id, Public: true, Schema: allTypes(shape), Metadata: meta("Prüfung „"+id+"“", licence)}}
	}
	texts := set("texts", catalog.Point, "dl-by-de/2.0")
	for i, s := range awkward() {
		texts.rows = append(texts.rows, row("t"+strconv.Itoa(100+i), orb.Point{8.3 + float64(i)/100, 51.9}, full(s)))
	}
	texts.rows = append(texts.rows, row("=key", orb.Point{8.31, 51.91}, nulls()), row("ohne Ort", nil, full("ohne Ort")))
	kinds := set("kinds", catalog.Any, "cc-zero")
	for _, name := range []string{"point", "line", "polygon", "multi-point", "multi-line", "multi-polygon", "collection", "nothing"} {
		kinds.rows = append(kinds.rows, row(name, shapes()[name], full(name)))
	}
	lines := set("lines", catalog.Line, "cc-by/4.0")
	lines.rows = []catalog.Row{row("a", shapes()["line"], full("a")), row("b", shapes()["multi-line"], nulls())}
	areas := set("areas", catalog.Polygon, "odbl")
	areas.rows = []catalog.Row{row("a", shapes()["polygon"], full("a")), row("b", shapes()["multi-polygon"], nulls())}
	multi := set("several-places", catalog.Point, "cc-zero")
	multi.rows = []catalog.Row{row("a", shapes()["point"], full("a")), row("b", shapes()["multi-point"], full("b"))}
	table := set("no-places", catalog.NoShape, "dl-zero-de/2.0")
	table.rows = []catalog.Row{row("a", nil, full("a")), row("b", nil, nulls())}
	return []fixture{texts, kinds, lines, areas, multi, table, set("empty", catalog.Point, "cc-zero")}
}

// points is a dataset of n points with typical attributes, in an order that has
// nothing to do with their place.
func points(n int) fixture {
	f := fixture{dataset: catalog.Dataset{ID: "many-points", Public: true, Metadata: meta("Viele Punkte", "cc-zero"),
		Schema: catalog.Schema{Shape: catalog.Point, Fields: []catalog.Field{
			{Name: "street", Type: catalog.String}, {Name: "number", Type: catalog.Integer}, {Name: "seen", Type: catalog.DateTime}}}}}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		f.rows = append(f.rows, catalog.Row{Key: "p" + strconv.Itoa(i), SRID: geo.CRS84,
			Geometry: orb.Point{8.27 + .24*r.Float64(), 51.84 + .13*r.Float64()},
			Values:   []any{"Straße " + strconv.Itoa(r.IntN(800)), int64(r.IntN(200)), at("2026-01-01T00:00:00Z").Add(time.Duration(i) * time.Second)}})
	}
	return f
}

// store publishes the next version of the fixture's dataset and returns the
// dataset as the read role sees it.
func store(t testing.TB, pool *pgxpool.Pool, f fixture) catalog.Dataset {
	t.Helper()
	ctx := t.Context()
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if err := catalog.Register(ctx, tx, f.dataset); err != nil {
			return err
		}
		s, err := catalog.Stage(ctx, tx, f.dataset)
		if err != nil {
			return err
		}
		for _, r := range f.rows {
			if err := s.Add(ctx, r); err != nil {
				return err
			}
		}
		_, err = s.Commit(ctx, catalog.Change{Actor: ortsnah.System("test"), Source: "rows"})
		return err
	})
	if err != nil {
		t.Fatal(f.dataset.ID, err)
	}
	d, err := catalog.Find(ctx, pool, f.dataset.ID)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// database returns a town's database, written by the first pool and read by
// the read role through the second.
func database(t testing.TB) (pool, read *pgxpool.Pool) {
	t.Helper()
	pool = pgtest.Pool(t, catalog.Migrations())
	if err := catalog.SaveTown(t.Context(), pool, model().Town); err != nil {
		t.Fatal(err)
	}
	return pool, pgtest.Read(t, pool)
}

// export writes a dataset in a format to a file and returns its path.
func export(t testing.TB, read *pgxpool.Pool, name string, d catalog.Dataset, q catalog.Query, o Options) string {
	t.Helper()
	f, err := FormatNamed(name)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(context.Background(), &b, read, d, q, o); err != nil {
		t.Fatalf("%s as %s: %v", d.ID, name, err)
	}
	path := filepath.Join(t.TempDir(), d.ID+"."+f.Extension)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

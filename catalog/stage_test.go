package catalog

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
	"github.com/paulmach/orb"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func trees() Dataset {
	return Dataset{ID: "old-trees", Public: true,
		Metadata: Metadata{Title: Text{"Alte Bäume", "Old trees"}, Licence: "cc-zero"},
		Schema: Schema{Shape: Any, Fields: []Field{
			{Name: "name", Type: String}, {Name: "height", Type: Number}, {Name: "count", Type: Integer},
			{Name: "protected", Type: Boolean}, {Name: "planted", Type: Date, Role: RoleStart},
			{Name: "felled", Type: Date, Role: RoleEnd}, {Name: "seen", Type: DateTime}, {Name: "extra", Type: JSON},
			{Name: "owner", Type: String, Internal: true},
		}}}
}

func tree(key, name string, lon, lat float64) Row {
	return Row{Key: key, Geometry: orb.Point{lon, lat}, SRID: geo.CRS84,
		Values: []any{name, 12.5, int64(3), true, time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC), nil, nil,
			json.RawMessage(`{"b":1,"a":[2]}`), "Eigentümer"}, Ref: "ref " + key}
}

func publish(t *testing.T, tx pgx.Tx, d Dataset, rows ...Row) Version {
	t.Helper()
	v, refused, _ := stage(t, tx, d, rows...)
	if len(refused) > 0 {
		t.Fatalf("refused %+v", refused)
	}
	return v
}

func stage(t *testing.T, tx pgx.Tx, d Dataset, rows ...Row) (Version, []Refusal, []Repair) {
	t.Helper()
	ctx := t.Context()
	st, err := Stage(ctx, tx, d)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := st.Add(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	refused, repaired, err := st.Check(ctx)
	if err != nil {
		t.Fatal(err)
	}
	v, err := st.Commit(ctx, Change{Actor: ortsnah.System("test"), Source: "rows"})
	if err != nil {
		t.Fatal(err)
	}
	return v, refused, repaired
}

func features(t *testing.T, tx pgx.Tx, d Dataset, q Query) []string {
	t.Helper()
	var all []string
	if err := EachGeoJSON(t.Context(), tx, d, q, func(_ int64, text []byte) error {
		all = append(all, string(text))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func keys(t *testing.T, tx pgx.Tx, d Dataset, q Query) string {
	t.Helper()
	var ids []string
	for _, text := range features(t, tx, d, q) {
		var f struct{ ID string }
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, f.ID)
	}
	return strings.Join(ids, " ")
}

func begin(t *testing.T) (context.Context, pgx.Tx, Dataset) {
	t.Helper()
	tx := pgtest.Tx(t, Migrations())
	if err := Register(t.Context(), tx, trees()); err != nil {
		t.Fatal(err)
	}
	return t.Context(), tx, trees()
}

func TestVersionsByKeyAndContent(t *testing.T) {
	ctx, tx, d := begin(t)
	a, b, c := tree("a", "Eiche", 8.38, 51.90), tree("b", "Linde", 8.39, 51.91), tree("c", "Buche", 8.40, 51.92)

	steps := []struct {
		name string
		rows []Row
		want Version
	}{
		{"first", []Row{a, b}, Version{Number: 1, Added: 2, Rows: 2}},
		{"same, other order", []Row{b, a}, Version{Number: 1, Rows: 2}},
		{"one new", []Row{a, b, c}, Version{Number: 2, Added: 1, Rows: 3}},
		{"one moved 2 m, one gone", []Row{a, tree("c", "Buche", 8.40003, 51.92)}, Version{Number: 3, Changed: 1, Removed: 1, Rows: 2}},
		{"below the 7th decimal", []Row{tree("a", "Eiche", 8.38+1e-9, 51.90), tree("c", "Buche", 8.40003, 51.92)}, Version{Number: 3, Rows: 2}},
		{"all gone", nil, Version{Number: 4, Removed: 2}},
		{"back again", []Row{a}, Version{Number: 5, Added: 1, Rows: 1}},
	}
	for _, s := range steps {
		got := publish(t, tx, d, s.rows...)
		got.Dataset, got.Actor, got.Source, got.Created = "", "", "", time.Time{}
		if diff := cmp.Diff(s.want, got); diff != "" {
			t.Errorf("%s: %s", s.name, diff)
		}
	}
	for version, want := range map[int]string{1: "a b", 2: "a b c", 3: "a c", 4: "", 5: "a", 0: "a"} {
		if got := keys(t, tx, d, Query{Version: version}); got != want {
			t.Errorf("version %d has %q, want %q", version, got, want)
		}
	}
	versions, err := Versions(ctx, tx, d.ID)
	if err != nil || len(versions) != 5 || versions[0].Number != 5 || versions[0].Actor != "system:test" {
		t.Errorf("versions = %+v, %v", versions, err)
	}
	after, err := Find(ctx, tx, d.ID)
	if err != nil || after.Version != 5 || after.Rows != 1 {
		t.Errorf("dataset = %+v, %v", after, err)
	}
}

func TestFinishedGeoJSON(t *testing.T) {
	_, tx, d := begin(t)
	r := tree("a\"b", "Zeile\n\u2028<b>", 8.123456789, 51.9)
	clockwise := tree("p", "Wald", 0, 0)
	clockwise.Geometry = orb.Polygon{{{8, 51}, {8, 52}, {9, 52}, {9, 51}, {8, 51}}}
	line := tree("l", "Weg", 0, 0)
	line.Geometry = orb.LineString{{9, 51}, {8, 52}}
	bare := tree("q", "ohne Ort", 0, 0)
	bare.Geometry = nil
	publish(t, tx, d, r, clockwise, line, bare)
	want := []string{
		`{"type":"Feature","id":"a\"b","geometry":{"type":"Point","coordinates":[8.1234568,51.9]},"properties":{"name":"Zeile\n\u2028<b>","height":12.5,"count":3,"protected":true,"planted":"1900-03-01","felled":null,"seen":null,"extra":{"b":1,"a":[2]}}}`,
		`{"type":"Feature","id":"p","geometry":{"type":"Polygon","coordinates":[[[8,51],[9,51],[9,52],[8,52],[8,51]]]},"properties":{"name":"Wald","height":12.5,"count":3,"protected":true,"planted":"1900-03-01","felled":null,"seen":null,"extra":{"b":1,"a":[2]}}}`,
		`{"type":"Feature","id":"l","geometry":{"type":"LineString","coordinates":[[9,51],[8,52]]},"properties":{"name":"Weg","height":12.5,"count":3,"protected":true,"planted":"1900-03-01","felled":null,"seen":null,"extra":{"b":1,"a":[2]}}}`,
		`{"type":"Feature","id":"q","geometry":null,"properties":{"name":"ohne Ort","height":12.5,"count":3,"protected":true,"planted":"1900-03-01","felled":null,"seen":null,"extra":{"b":1,"a":[2]}}}`,
	}
	if diff := cmp.Diff(want, features(t, tx, d, Query{})); diff != "" {
		t.Error(diff)
	}
}

func TestInternalFieldsChangeButDoNotShow(t *testing.T) {
	ctx, tx, d := begin(t)
	r := tree("a", "Eiche", 8.38, 51.90)
	publish(t, tx, d, r)
	r.Values[8] = "jemand anders"
	if v := publish(t, tx, d, r); v.Changed != 1 {
		t.Errorf("a changed internal value made %+v", v)
	}
	if text := features(t, tx, d, Query{})[0]; strings.Contains(text, "owner") || strings.Contains(text, "jemand") {
		t.Errorf("internal field in %s", text)
	}
	var n int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM information_schema.columns
		WHERE table_schema = 'open' AND table_name = 'old_trees' AND column_name = 'owner'`).Scan(&n); err != nil || n != 0 {
		t.Errorf("open.old_trees has the internal column: %d, %v", n, err)
	}
}

func TestRepairAndRefuse(t *testing.T) {
	_, tx, d := begin(t)
	bow := tree("bow", "Schleife", 0, 0)
	bow.Geometry = orb.Polygon{{{8, 51}, {9, 52}, {9, 51}, {8, 52}, {8, 51}}}
	flat := tree("flat", "Strich", 0, 0)
	flat.Geometry = orb.Polygon{{{8, 51}, {9, 52}, {8, 51}, {8, 51}}}
	part := tree("part", "Strecke ohne Länge dabei", 0, 0)
	part.Geometry = orb.MultiLineString{{{8, 51}, {8.1, 51}}, {{8.2, 51}, {8.2, 51}}}
	far := tree("far", "weit weg", 0, 0)
	far.Geometry, far.SRID = orb.Point{1e12, 1e12}, 25833
	empty := tree("empty", "leer", 0, 0)
	empty.Geometry = orb.LineString{}
	twice := tree("ok", "zweites", 8.4, 51.9)
	publish(t, tx, d, tree("flat", "gut", 8.1, 51.1))
	v, refused, repaired := stage(t, tx, d, tree("ok", "erstes", 8.38, 51.9), bow, flat, part, far, empty, twice)

	got := map[string]string{}
	for _, r := range refused {
		got[r.Ref] = r.Reason.Key
	}
	want := map[string]string{"ref flat": "catalog.invalid_geometry", "ref far": "catalog.outside_crs",
		"ref empty": "catalog.empty_geometry", "ref ok": "catalog.duplicate_key"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(repaired) != 2 || repaired[1].Key != "part" || repaired[0].Key != "bow" || !strings.HasPrefix(repaired[0].Fault, "Self-intersection") {
		t.Errorf("repaired %+v", repaired)
	}
	if keys(t, tx, d, Query{}) != "flat ok bow part" || v.Removed != 0 {
		t.Errorf("a refused row must not remove its predecessor: %q %+v", keys(t, tx, d, Query{}), v)
	}
	if name := features(t, tx, d, Query{Key: "ok"})[0]; !strings.Contains(name, "erstes") {
		t.Errorf("of two equal keys the first stays, got %s", name)
	}
}

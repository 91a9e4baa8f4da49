package catalog

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
	"github.com/paulmach/orb"
)

func TestReadRoleSeesOnlyTheOpenSchema(t *testing.T) {
	pool := pgtest.Pool(t, Migrations())
	hidden := trees()
	hidden.ID, hidden.Public = "hidden", false
	for _, d := range []Dataset{trees(), hidden} {
		if err := Register(t.Context(), pool, d); err != nil {
			t.Fatal(err)
		}
	}
	read := pgtest.Read(t, pool)
	all, err := Datasets(t.Context(), read)
	if err != nil || len(all) != 1 || all[0].ID != "old-trees" {
		t.Errorf("datasets for the read role: %+v, %v", all, err)
	}
	for _, sql := range []string{
		`SELECT * FROM catalog.dataset`, `SELECT * FROM catalog.feature_old_trees`, `SELECT * FROM catalog.setting`,
		`DELETE FROM open.old_trees`, `CREATE TABLE open.x()`, `SELECT catalog.working_srid()`,
	} {
		if _, err := read.Exec(t.Context(), sql); err == nil {
			t.Errorf("the read role may run %s", sql)
		}
	}
}

func TestRegisterExtends(t *testing.T) {
	ctx, tx, d := begin(t)
	publish(t, tx, d, tree("a", "Eiche", 8.1, 51.1))
	d.Schema.Fields = append(d.Schema.Fields, Field{Name: "species", Type: String})
	if err := Register(ctx, tx, d); err != nil {
		t.Fatal(err)
	}
	again, err := FindAny(ctx, tx, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	r := tree("a", "Eiche", 8.1, 51.1)
	r.Values = append(r.Values, "Quercus robur")
	if v := publish(t, tx, again, r); v.Changed != 1 {
		t.Errorf("version %+v", v)
	}
	if got := keys(t, tx, again, Query{Equals: map[string]string{"species": "Quercus robur"}}); got != "a" {
		t.Errorf("new field finds %q", got)
	}
	d.Schema.Fields[0].Type = Integer
	if err := Register(ctx, tx, d); ortsnah.KindOf(err) != ortsnah.Conflict {
		t.Errorf("changing a type: %v", err)
	}
}

func TestBuiltinSchemasAreSound(t *testing.T) {
	tx := pgtest.Tx(t, Migrations())
	if err := RegisterBuiltin(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	for _, d := range Builtin() {
		if d.Metadata.Title.DE == "" || d.Metadata.Title.EN == "" || d.Metadata.Description.EN == "" {
			t.Errorf("%s lacks texts", d.ID)
		}
		for _, f := range d.Schema.Fields {
			if f.Title.DE == "" || f.Title.EN == "" {
				t.Errorf("%s.%s lacks a title", d.ID, f.Name)
			}
		}
		if _, ok := LicenceOf(d.Metadata.Licence); !ok {
			t.Errorf("%s has the unknown licence %q", d.ID, d.Metadata.Licence)
		}
	}
}

func TestFieldName(t *testing.T) {
	for in, want := range map[string]string{
		"Straße": "strasse", "startDate": "start_date", "2x": "f_2x", "Übergrößen-Länge (m)": "uebergroessen_laenge_m",
		"OBJECTID": "objectid", "": "f", "---": "f", "a\u0308": "ae", "_row": "row", "Łódź": "lodz",
	} {
		if got := FieldName(in); got != want {
			t.Errorf("FieldName(%q) = %q, want %q", in, got, want)
		}
	}
}

// Two imports that bring new fields meet: the one that read the dataset before
// the other extended it still writes complete rows.
func TestStageAfterAnotherExtended(t *testing.T) {
	ctx, tx, d := begin(t)
	wider := d
	wider.Schema.Fields = append(wider.Schema.Fields[:len(d.Schema.Fields):len(d.Schema.Fields)], Field{Name: "species", Type: String})
	if err := Register(ctx, tx, wider); err != nil {
		t.Fatal(err)
	}
	publish(t, tx, d, tree("a", "Eiche", 8.1, 51.1))
	if text := features(t, tx, d, Query{})[0]; !strings.Contains(text, `"species":null`) {
		t.Errorf("the new field is missing in %s", text)
	}
	d.Schema.Fields = []Field{{Name: "name", Type: Integer}}
	if _, err := Stage(ctx, tx, d); ortsnah.KindOf(err) != ortsnah.Conflict {
		t.Errorf("a dataset of other fields: %v", err)
	}
}

// Many programs register and extend one dataset at once: every field is there
// in the end, and readers never miss the view.
func TestRegisterAtOnce(t *testing.T) {
	pool := pgtest.Pool(t, Migrations())
	read := pgtest.Read(t, pool)
	if err := Register(t.Context(), pool, trees()); err != nil {
		t.Fatal(err)
	}
	const writers = 6
	done := make(chan error, writers)
	for i := range writers {
		go func() {
			d := trees()
			d.Schema.Fields = append(d.Schema.Fields, Field{Name: "extra_" + string(rune('a'+i)), Type: Integer})
			done <- Register(t.Context(), pool, d)
		}()
	}
	for ended := 0; ended < writers; {
		select {
		case err := <-done:
			ended++
			if err != nil {
				t.Error(err)
			}
		default:
			if _, err := read.Exec(t.Context(), `SELECT name FROM open.old_trees`); err != nil {
				t.Errorf("a reader: %v", err)
			}
		}
	}
	d, err := Find(t.Context(), read, "old-trees")
	if err != nil || len(d.Schema.Fields) != len(trees().Schema.Fields)+writers {
		t.Errorf("%d fields, %v", len(d.Schema.Fields), err)
	}
	if err := Each(t.Context(), read, d, Query{}, 4326, func(*Feature) error { return nil }); err != nil {
		t.Errorf("the view lacks a field: %v", err)
	}
}

func TestDescribeNotifies(t *testing.T) {
	pool := pgtest.Pool(t, Migrations())
	if err := Register(t.Context(), pool, trees()); err != nil {
		t.Fatal(err)
	}
	listener, err := pgx.Connect(t.Context(), pool.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close(context.Background())
	if _, err := listener.Exec(t.Context(), `LISTEN catalog_version`); err != nil {
		t.Fatal(err)
	}
	if err := Describe(t.Context(), pool, "old-trees", Metadata{Title: Text{DE: "Bäume"}}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if n, err := listener.WaitForNotification(ctx); err != nil || n.Payload != "old-trees 0" {
		t.Errorf("%+v, %v", n, err)
	}
	if d, err := Find(t.Context(), pool, "old-trees"); err != nil || d.Metadata.Title.DE != "Bäume" {
		t.Errorf("%+v, %v", d, err)
	}
	if err := Describe(t.Context(), pool, "nix", Metadata{}); ortsnah.KindOf(err) != ortsnah.NotFound {
		t.Errorf("unknown dataset: %v", err)
	}
}

func TestReplace(t *testing.T) {
	ctx, tx, _ := begin(t)
	d := Dataset{ID: "named", Public: true, Schema: Schema{Shape: Point, Key: "id", Fields: []Field{
		{Name: "id", Type: String, Required: true}, {Name: "label", Type: String, Required: true}, {Name: "note", Type: String},
		{Name: "count", Type: Integer}, {Name: "list", Type: JSON}}}}
	if err := Register(ctx, tx, d); err != nil {
		t.Fatal(err)
	}
	type item struct {
		N int `json:"n"`
	}
	a := map[string]any{"id": "a", "label": "", "note": "", "count": 3, "list": []item{{1}}}
	b := map[string]any{"id": "b", "label": "B", "list": []string(nil)}
	for range 2 {
		if err := Replace(ctx, tx, "named", "test", []Named{{orb.Point{8, 51}, a}, {Fields: b}}); err != nil {
			t.Fatal(err)
		}
	}
	want := `{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[8,51]},"properties":{"id":"a","label":"","note":null,"count":3,"list":[{"n":1}]}}
{"type":"Feature","id":"b","geometry":null,"properties":{"id":"b","label":"B","note":null,"count":null,"list":[]}}`
	if got := strings.Join(features(t, tx, d, Query{}), "\n"); got != want {
		t.Errorf("got\n%s", got)
	}
	if v, err := Versions(ctx, tx, "named"); err != nil || len(v) != 1 || v[0].Actor != "system:test" {
		t.Errorf("versions %+v, %v", v, err)
	}
	for name, fields := range map[string]map[string]any{
		"a misspelt field": {"id": "a", "labell": "x"}, "JSON that cannot be": {"id": "a", "list": func() {}},
		"a value of another type": {"id": "a", "count": "three"},
	} {
		nested, err := tx.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := Replace(ctx, nested, "named", "test", []Named{{Fields: fields}}); err == nil {
			t.Errorf("%s is taken", name)
		}
		nested.Rollback(ctx)
	}
}

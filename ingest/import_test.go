package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// importText imports text as standard input.
func importText(t *testing.T, pool *pgxpool.Pool, dataset, text string, change ...func(*Job)) (Report, error) {
	t.Helper()
	job := Job{Source: "-", Name: "test", Dataset: dataset, Actor: ortsnah.System("test"),
		Options: Options{Stdin: strings.NewReader(text)}}
	for _, c := range change {
		c(&job)
	}
	return Import(t.Context(), pool, job)
}

func counts(r Report) [5]int64 {
	v := r.Version
	return [5]int64{int64(v.Number), int64(v.Added), int64(v.Changed), int64(v.Removed), r.Quarantined}
}

func featureSet(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",\n") + `]}`
}

func point(id, props string, lon, lat float64) string {
	return fmt.Sprintf(`{"type":"Feature","id":%q,"geometry":{"type":"Point","coordinates":[%v,%v]},"properties":{%s}}`, id, lon, lat, props)
}

func geojson(t *testing.T, pool *pgxpool.Pool, dataset string) map[string]string {
	t.Helper()
	d, err := catalog.Find(t.Context(), pool, dataset)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	if err := catalog.EachGeoJSON(t.Context(), pool, d, catalog.Query{}, func(_ int64, text []byte) error {
		var f struct{ ID string }
		err := json.Unmarshal(text, &f)
		all[f.ID] = string(text)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestImportTwiceMakesOneVersion(t *testing.T) {
	pool := pgtest.Pool(t, Migrations())
	text := featureSet(point("a", `"name":"Eiche","n":1`, 8.38, 51.9), point("b", `"name":"Linde","n":null`, 8.39, 51.9))
	rep, err := importText(t, pool, "trees", text)
	if err != nil || counts(rep) != [5]int64{1, 2, 0, 0, 0} || !rep.Created {
		t.Fatalf("first: %v %+v", err, rep)
	}
	rep, err = importText(t, pool, "trees", text)
	if err != nil || counts(rep) != [5]int64{1, 0, 0, 0, 0} || rep.Changed() {
		t.Fatalf("second: %v %+v", err, rep)
	}
	d, err := catalog.Find(t.Context(), pool, "trees")
	if err != nil {
		t.Fatal(err)
	}
	if d.Schema.Shape != catalog.Point || len(d.Schema.Fields) != 2 || d.Schema.Fields[1].Type != catalog.Integer {
		t.Errorf("guessed schema %+v", d.Schema)
	}
}

func TestQuarantineKeepsThePredecessorAndRetryMends(t *testing.T) {
	pool := pgtest.Pool(t, Migrations())
	good := featureSet(point("a", `"n":1`, 8.38, 51.9), point("b", `"n":2`, 8.39, 51.9), point("c", `"n":3`, 8.4, 51.9))
	if _, err := importText(t, pool, "trees", good); err != nil {
		t.Fatal(err)
	}
	bad := featureSet(point("a", `"n":10`, 8.38, 51.9), point("b", `"n":"zwei"`, 8.39, 51.9), point("c", `"n":3`, 0, 0))
	for range 2 {
		rep, err := importText(t, pool, "trees", bad)
		if err != nil || rep.Quarantined != 2 || rep.Version.Number != 2 {
			t.Fatalf("%v %+v", err, rep)
		}
	}
	if all := geojson(t, pool, "trees"); len(all) != 3 || !strings.Contains(all["b"], `"n":2`) || !strings.Contains(all["a"], `"n":10`) {
		t.Errorf("the last good state must stay: %v", all)
	}
	rows, err := Quarantine(t.Context(), pool, "trees", 10)
	if err != nil || len(rows) != 2 {
		t.Fatalf("%v %+v", err, rows)
	}
	b, c := rows[0], rows[1]
	if b.Key != "b" || b.ReasonKey != "ingest.bad_value" || b.Seen != 2 || b.Feature != 2 || !strings.Contains(string(b.Original), `"zwei"`) {
		t.Errorf("entry %+v\n%s", b, b.Original)
	}
	if c.ReasonKey != "ingest.outside_area" {
		t.Errorf("entry %+v", c)
	}
	if _, err := Retry(t.Context(), pool, b.ID, nil, ortsnah.System("test"), nil); err == nil {
		t.Error("retry of the same bytes must fail again")
	}
	v, err := Retry(t.Context(), pool, b.ID, []byte(point("b", `"n":22`, 8.39, 51.9)), ortsnah.System("test"), nil)
	if err != nil || v.Number != 3 || v.Changed != 1 || v.Removed != 0 {
		t.Fatalf("retry: %+v %v", v, err)
	}
	if err := Dismiss(t.Context(), pool, c.ID); err != nil {
		t.Fatal(err)
	}
	if rows, err = Quarantine(t.Context(), pool, "", 10); err != nil || len(rows) != 0 {
		t.Errorf("left: %+v %v", rows, err)
	}
	if _, err := Retry(t.Context(), pool, b.ID, nil, ortsnah.System("test"), nil); ortsnah.KindOf(err) != ortsnah.Conflict {
		t.Errorf("retry of a solved row: %v", err)
	}
}

func TestWholeSourcesThatAreRefused(t *testing.T) {
	pool := pgtest.Pool(t, Migrations())
	if _, err := importText(t, pool, "trees", featureSet(point("a", `"n":1`, 8.38, 51.9))); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, text, key string
		change          func(*Job)
	}{
		{"swapped axes", featureSet(point("a", `"n":1`, 51.9, 8.38), point("b", `"n":2`, 51.8, 8.3)), "ingest.source_swapped", nil},
		{"metres in degrees", featureSet(point("a", `"n":1`, 435000, 5750000)), "ingest.source_other_crs", nil},
		{"nowhere", featureSet(point("a", `"n":1`, -120, -40)), "ingest.source_outside", nil},
		{"nothing", featureSet(), "ingest.nothing_in_source", nil},
		{"one bad row", featureSet(point("a", `"n":"x"`, 8.3, 51.9)), "ingest.nothing_usable", nil},
		{"unknown CRS", featureSet(point("a", `"n":1`, 8.3, 51.9)), "geo.unknown_crs", func(j *Job) { j.Options.CRS = 999998 }},
		{"bad id", "", "catalog.bad_dataset_id", func(j *Job) { j.Dataset = "Bäume!" }},
	} {
		rep, err := importText(t, pool, "trees", c.text, func(j *Job) {
			if c.change != nil {
				c.change(j)
			}
		})
		e, ok := errors.AsType[*ortsnah.Error](err)
		if !ok || e.Key != c.key {
			t.Errorf("%s: %v, want %s (%+v)", c.name, err, c.key, rep)
		}
	}
	if all := geojson(t, pool, "trees"); len(all) != 1 {
		t.Errorf("refused sources changed the dataset: %v", all)
	}
	var refused, rows int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE state = 'refused'),
		(SELECT count(*) FROM ingest.quarantine) FROM ingest.run`).Scan(&refused, &rows); err != nil || refused != 6 || rows != 0 {
		t.Errorf("run log: %d refused, %d quarantined, %v", refused, rows, err)
	}
	for _, ok := range []func(*Job){
		func(j *Job) { j.AllowEmpty = true },
		func(j *Job) {
			j.Options.Stdin = strings.NewReader(featureSet(point("a", `"n":1`, 51.9, 8.38)))
			j.Options.SwapAxes = true
		},
		func(j *Job) {
			j.Options.Stdin = strings.NewReader(featureSet(point("a", `"n":1`, -120, -40)))
			j.Options.AnyPlace = true
		},
	} {
		if _, err := importText(t, pool, "trees", featureSet(), ok); err != nil {
			t.Error(err)
		}
	}
}

func TestDryRunAndDatesAndUnknownFields(t *testing.T) {
	pool := pgtest.Pool(t, Migrations())
	if err := catalog.RegisterBuiltin(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	text := featureSet(
		point("s1", `"title":"Kanalbau","start":"01.03.2026","end":"2026-04-01T00:00:00","impact":"partial","colour":"red"`, 8.38, 51.9),
		point("s2", `"title":"Gasleitung","start":"2026-03-01","end":"2026-02-01"`, 8.38, 51.9),
		point("s3", `"title":"Gleise","impact":"total"`, 8.38, 51.9),
		point("s4", `"street":"ohne Titel"`, 8.38, 51.9))
	dry, err := importText(t, pool, catalog.ConstructionSites, text, func(j *Job) { j.DryRun = true })
	if err != nil || dry.Version.Added != 1 || len(geojson(t, pool, catalog.ConstructionSites)) != 0 {
		t.Fatalf("dry run: %v %+v", err, dry)
	}
	rep, err := importText(t, pool, catalog.ConstructionSites, text)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{"ingest.end_before_start": 1, "ingest.unknown_code": 1, "ingest.missing_field": 1}
	if diff := cmp.Diff(want, rep.Reasons); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"colour"}, rep.Unknown); diff != "" {
		t.Error(diff)
	}
	if s := geojson(t, pool, catalog.ConstructionSites)["s1"]; !strings.Contains(s, `"start":"2026-03-01","end":"2026-04-01"`) || !strings.Contains(s, `"id":"s1"`) {
		t.Error(s)
	}
}

// TestCancelledImportLeavesNothing stops an import in the middle, as Ctrl-C
// does, and as a killed program does to its session.
func TestCancelledImportLeavesNothing(t *testing.T) {
	pool := pgtest.Pool(t, Migrations())
	if _, err := importText(t, pool, "trees", featureSet(point("a", `"n":1`, 8.38, 51.9))); err != nil {
		t.Fatal(err)
	}
	var many []string
	for i := range 5000 {
		many = append(many, point(fmt.Sprint(i), `"n":1`, 8.38, 51.9))
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Import(ctx, pool, Job{Source: "-", Dataset: "trees", Actor: ortsnah.System("test"),
		Options: Options{Stdin: strings.NewReader(featureSet(many...))},
		Progress: func(p Progress) {
			if p.Phase == "read" && p.Rows > 3000 {
				cancel()
			}
		}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled import: %v", err)
	}
	if all := geojson(t, pool, "trees"); len(all) != 1 {
		t.Errorf("%d features after a cancelled import", len(all))
	}
	var state string
	if err := pool.QueryRow(t.Context(), `SELECT state FROM ingest.run ORDER BY id DESC LIMIT 1`).Scan(&state); err != nil || state != "interrupted" {
		t.Errorf("run is %q, %v", state, err)
	}
	if _, err := pool.Exec(t.Context(), `INSERT INTO ingest.run (dataset, source, actor) VALUES ('trees', 'killed', 'system:test')`); err != nil {
		t.Fatal(err)
	}
	if n, err := SweepRuns(t.Context(), pool, time.Now()); err != nil || n != 1 {
		t.Errorf("sweep: %d, %v", n, err)
	}
}

func TestSweepLeavesRunningImports(t *testing.T) {
	pool := pgtest.Pool(t, Migrations())
	r, err := beginRun(t.Context(), pool, Job{Source: "-", Dataset: "trees", Actor: ortsnah.System("test")})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := SweepRuns(t.Context(), pool, time.Now()); err != nil || n != 0 {
		t.Errorf("a running import was swept: %d, %v", n, err)
	}
	r.release()
	if n, err := SweepRuns(t.Context(), pool, time.Now()); err != nil || n != 1 {
		t.Errorf("after its end: %d, %v", n, err)
	}
}

func TestTwoImportsAtOnce(t *testing.T) {
	pool := pgtest.Pool(t, Migrations())
	if _, err := importText(t, pool, "trees", featureSet(point("a", `"n":0`, 8.38, 51.9))); err != nil {
		t.Fatal(err)
	}
	results := make(chan error)
	for i := range 4 {
		go func() {
			_, err := importText(t, pool, "trees", featureSet(point("a", fmt.Sprintf(`"n":%d`, i+1), 8.38, 51.9)))
			results <- err
		}()
	}
	for range 4 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	d, err := catalog.Find(t.Context(), pool, "trees")
	if err != nil || d.Version != 5 || d.Rows != 1 {
		t.Errorf("after four writers in turn: %+v, %v", d, err)
	}
}

func TestScheduledSources(t *testing.T) {
	pool := pgtest.Pool(t, Migrations())
	file := filepath.Join(t.TempDir(), "trees.geojson")
	if err := os.WriteFile(file, []byte(featureSet(point("a", `"n":1`, 8.38, 51.9))), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, s := range []ScheduledSource{{ID: "ok", Dataset: "trees", URL: file, Every: time.Hour},
		{ID: "gone", Dataset: "bushes", URL: file + ".nix", Every: time.Hour}} {
		if err := Schedule(t.Context(), pool, s, Options{}); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]bool{}
	for range 2 { // the second round finds nothing due
		if err := ImportDue(t.Context(), pool, func(id string, rep Report, err error) {
			if got[id] {
				t.Errorf("%s was imported twice", id)
			}
			got[id] = true
			if (err == nil) != (id == "ok") {
				t.Errorf("%s: %v", id, err)
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	all, err := Scheduled(t.Context(), pool)
	if err != nil || len(all) != 2 || all[0].LastState != "refused" || all[0].LastError == nil || all[1].LastState != "done" {
		t.Errorf("%+v %v", all, err)
	}
	if err := Schedule(t.Context(), pool, ScheduledSource{ID: "x", Dataset: "trees", URL: file, Every: time.Second}, Options{}); ortsnah.KindOf(err) != ortsnah.Invalid {
		t.Errorf("every second: %v", err)
	}
	if Unschedule(t.Context(), pool, "ok") != nil || ortsnah.KindOf(Unschedule(t.Context(), pool, "ok")) != ortsnah.NotFound {
		t.Error("unschedule")
	}
}

func TestGuess(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		values []any
		want   catalog.Type
	}{
		{[]any{json.Number("1"), json.Number("-20"), nil}, catalog.Integer},
		{[]any{"1", "2", ""}, catalog.Integer},
		{[]any{"01", "2"}, catalog.String},
		{[]any{json.Number("1"), json.Number("1.5")}, catalog.Number},
		{[]any{"1,5", "1.234,5"}, catalog.Number},
		{[]any{true, false}, catalog.Boolean},
		{[]any{"ja", "nein"}, catalog.Boolean},
		{[]any{"1", "0"}, catalog.Integer},
		{[]any{"2026-03-01", "01.04.2026"}, catalog.Date},
		{[]any{"2026-03-01", "2026-03-01T10:00:00Z"}, catalog.DateTime},
		{[]any{json.RawMessage(`{}`), json.RawMessage(`[]`)}, catalog.JSON},
		{[]any{json.RawMessage(`{}`), "x"}, catalog.String},
		{[]any{nil, ""}, catalog.String},
		{[]any{json.Number("1"), "zwei"}, catalog.String},
		{[]any{"20260301"}, catalog.Integer},
	} {
		e := evidence{integer: true, number: true, boolean: true, date: true, stamp: true, json: true}
		for _, v := range c.values {
			e.vote(v, zone)
		}
		if got := e.kind(); got != c.want {
			t.Errorf("%v is guessed as %s, want %s", c.values, got, c.want)
		}
	}
}

func TestPlaceReference(t *testing.T) {
	p := Place{File: "ordner/datei mit leer.csv", Line: 12, Feature: 11, Offset: 1 << 40, Length: 7}
	if got := parsePlace(p.ref()); got != p {
		t.Errorf("%+v", got)
	}
}

package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
)

// TestSpreadsheetDirt reads tables as offices export them.
func TestSpreadsheetDirt(t *testing.T) {
	const head, rows = "Name;Nr;Rechtswert;Hochwert\n", "Eiche;1;461000,5;5750000\nÄhre;2;461001;5750001\n"
	want := []string{"Eiche 1 [461000.5 5.75e+06]", "Ähre 2 [461001 5.750001e+06]"}
	for name, text := range map[string]string{
		"titles above":          "Bäume der Stadt;;;\nStand: 1.1.2026;;;\n\n" + head + rows,
		"a title without cells": "Bäume der Stadt\n" + head + rows,
		"empty rows":            ";;;\n" + head + ";;;\n\n ; ;;\n" + rows + ";;;\n;;;\n",
		"old Mac":               strings.ReplaceAll(head+rows, "\n", "\r"),
		"two encodings":         head + "Eiche;1;461000,5;5750000\n\xc4hre;2;461001;5750001\n",
		"other two encodings":   head + rows[:strings.Index(rows, "Äh")] + "\xc4hre;2;461001;5750001\n",
		"cells behind the end":  strings.ReplaceAll(head+rows, "\n", ";;\n"),
	} {
		path := filepath.Join(t.TempDir(), "trees.csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		src, err := Open(t.Context(), path, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for rec, err := src.Read(); !isEOF(err); rec, err = src.Read() {
			if err != nil {
				t.Errorf("%s: %v", name, err)
				break
			}
			got = append(got, fmt.Sprint(rec.Properties[0].Value, " ", rec.Properties[1].Value, " ", rec.Geometry))
		}
		if err := src.Close(); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestTableWithoutHeaderKeepsItsRows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trees.csv")
	if err := os.WriteFile(path, []byte("Eiche;;;\nLinde;2;x;y\nAhorn;3;x;y\nBuche;4;x;y\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := readSource(t, path, Options{}); got.fatal != nil || got.good != 4 {
		t.Errorf("%+v", got)
	}
}

func TestSettledRowsStaySettled(t *testing.T) {
	pool := pgtest.Pool(t, Migrations())
	const head = "name;n;lon;lat\n"
	const good, thrown, mended = "A;1;8,3;51,9\n", "B;2;8,3x;51,9\n", "C;3;8,3y;51,9\n"
	deliver := func(text string, want [3]int64) {
		t.Helper()
		rep, err := importText(t, pool, "trees", head+text)
		if got := [3]int64{int64(rep.Version.Rows), rep.Quarantined, rep.Known}; err != nil || got != want {
			t.Errorf("rows, quarantined, known: %v, want %v (%v)", got, want, err)
		}
	}
	deliver(good+thrown+mended, [3]int64{1, 2, 0})
	rows := open(t, pool, 2)
	if err := Dismiss(t.Context(), pool, rows[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := Retry(t.Context(), pool, rows[1].ID, []byte("C;3;8,3;51,9\nD;4;8,3;51,9\n"), ortsnah.System("test"), nil); keyOf(err) != "ingest.retry_several" {
		t.Errorf("two rows for one: %v", err)
	}
	if _, err := Retry(t.Context(), pool, rows[1].ID, nil, ortsnah.System("test"), nil); keyOf(err) != "ingest.bad_coordinate" || err.(*ortsnah.Error).Args["line"] != int64(4) {
		t.Errorf("the same bytes: %v", err)
	}
	if _, err := Retry(t.Context(), pool, rows[1].ID, []byte("C;3;8,3;51,9\n"), ortsnah.System("test"), nil); err != nil {
		t.Fatal(err)
	}
	deliver(good+thrown+mended, [3]int64{2, 2, 2}) // the correction stays, nobody is asked again
	open(t, pool, 0)
	deliver(good, [3]int64{1, 0, 0}) // the source no longer has it
	deliver(good+mended, [3]int64{1, 1, 0})
	open(t, pool, 1)
}

// open returns the rows in quarantine and checks how many there are.
func open(t *testing.T, pool *pgxpool.Pool, want int) []Quarantined {
	t.Helper()
	rows, err := Quarantine(t.Context(), pool, "", 100)
	if err != nil || len(rows) != want {
		t.Fatalf("%d rows in quarantine, want %d (%v)", len(rows), want, err)
	}
	return rows
}

func TestQuarantineTakesManyRows(t *testing.T) {
	pool := pgtest.Pool(t, Migrations())
	var text strings.Builder
	text.WriteString("name;lon;lat\ngut;8,3;51,9\n")
	for i := range 3 * intakeRows {
		fmt.Fprintf(&text, "Baum %d;hier;dort\n", i)
	}
	rep, err := importText(t, pool, "trees", text.String())
	if err != nil || rep.Quarantined != 3*intakeRows || rep.Version.Rows != 1 {
		t.Fatalf("%v %+v", err, rep)
	}
	var n int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM ingest.quarantine WHERE state = 'open'`).Scan(&n); err != nil || n != 3*intakeRows {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestRowsOfAFolderKeepTheirOwnHeader(t *testing.T) {
	pool := pgtest.Pool(t, Migrations())
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.csv": "id;name;lat;lon\n1;A;51,9;8,38\n1;Doppelt;51,9;8,39\n",
		"b.csv": "name;lon;lat;id;mehr\nB;8,38;51,9;2;x\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Import(t.Context(), pool, Job{Source: dir, Dataset: "trees", Options: Options{Key: "id"}, Actor: ortsnah.System("test")}); err != nil {
		t.Fatal(err)
	}
	row := open(t, pool, 1)[0]
	if _, err := Retry(t.Context(), pool, row.ID, nil, ortsnah.System("test"), nil); keyOf(err) != duplicateKey {
		t.Errorf("a second row must not take the place of the first: %v", err)
	}
	if _, err := Retry(t.Context(), pool, row.ID, []byte("3;Doppelt;51,9;8,39\n"), ortsnah.System("test"), nil); err != nil {
		t.Errorf("with a key of its own: %v", err)
	}
	// Without --key the dataset's own key names a row that cannot be read.
	if err := os.WriteFile(filepath.Join(dir, "a.csv"), []byte("id;name;lat;lon\n1;A;51,9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	rep, err := Import(t.Context(), pool, Job{Source: dir, Dataset: "trees", Actor: ortsnah.System("test")})
	if all := geojson(t, pool, "trees"); err != nil || rep.Quarantined != 1 || all["1"] == "" || len(all) != 2 {
		t.Errorf("%v %+v %v", err, rep, all)
	}
}

func TestSourcesOfTheWrongKind(t *testing.T) {
	pool := pgtest.Pool(t, Migrations())
	if _, err := importText(t, pool, "trees", featureSet(point("a", `"name":"Eiche"`, 8.38, 51.9))); err != nil {
		t.Fatal(err)
	}
	var wide []string
	for i := range 60 {
		var props []string
		for j := range 10 {
			props = append(props, fmt.Sprintf(`"p%d":1`, i*10+j))
		}
		wide = append(wide, point(fmt.Sprint(i), strings.Join(props, ","), 8.38, 51.9))
	}
	long := strings.Repeat("x", 80)
	for _, c := range []struct{ dataset, text, want string }{
		{"trees", featureSet(point("b", `"street":"Am Bach"`, 8.38, 51.9)), "ingest.no_field_known"},
		{"trees", featureSet(point("b", `"NAME":"Linde","street":"Am Bach"`, 8.38, 51.9)), ""},
		{"wide", featureSet(wide...), "ingest.too_many_fields"},
		{"long", featureSet(point("a", fmt.Sprintf(`"%sa":1,"%sb":2,"_geom":3,"select":4,"":5`, long, long), 8.38, 51.9)), ""},
	} {
		if _, err := importText(t, pool, c.dataset, c.text); (err != nil || c.want != "") && keyOf(err) != c.want {
			t.Errorf("%s: %v, want %q", c.dataset, err, c.want)
		}
	}
}

func TestScheduleRemembersHowToRead(t *testing.T) {
	pool := pgtest.Pool(t, Migrations())
	want := Options{Format: "csv", Delimiter: '\t', CRS: 25832, Key: "id", SwapAxes: true, AllowPrivate: true, AnyPlace: true}
	if err := Schedule(t.Context(), pool, ScheduledSource{ID: "s", Dataset: "trees", URL: "x", Every: time.Hour}, want); err != nil {
		t.Fatal(err)
	}
	var doc []byte
	if err := pool.QueryRow(t.Context(), `SELECT options FROM ingest.source`).Scan(&doc); err != nil {
		t.Fatal(err)
	}
	got, err := loadOptions(doc)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for source, want := range map[string]bool{"trees.csv": true, "/data/trees.csv": true, "https://example.org/t": true, "WFS:https://example.org/t": true, "-": false} {
		got, err := Lasting(source)
		if (err == nil) != want || want && !strings.Contains(got, "://") && !filepath.IsAbs(got) {
			t.Errorf("%s: %q %v", source, got, err)
		}
	}
}

func TestSweepForgetsRunsThatLeftNothing(t *testing.T) {
	pool := pgtest.Pool(t, Migrations())
	for _, text := range []string{
		featureSet(point("a", `"n":1`, 8.38, 51.9)), // version 1
		featureSet(point("a", `"n":1`, 8.38, 51.9)), // nothing new
		`{"type":`, // refused
		featureSet(point("a", `"n":2`, 8.38, 51.9), point("b", `"n":"x"`, 8.38, 51.9)), // version 2
		featureSet(point("a", `"n":2`, 8.38, 51.9), point("c", `"n":"x"`, 8.38, 51.9)), // a row in quarantine
	} {
		_, _ = importText(t, pool, "trees", text) // one is meant to fail
	}
	ids := func(now time.Time) (ids []int64) {
		if _, err := SweepRuns(t.Context(), pool, now); err != nil {
			t.Fatal(err)
		}
		if err := pool.QueryRow(t.Context(), `SELECT array_agg(id ORDER BY id) FROM ingest.run`).Scan(&ids); err != nil {
			t.Fatal(err)
		}
		return ids
	}
	if got := ids(time.Now()); len(got) != 5 {
		t.Errorf("young runs: %v", got)
	}
	if got := ids(time.Now().Add(keepRuns + time.Hour)); !cmp.Equal(got, []int64{1, 4, 5}) {
		t.Errorf("old runs: %v", got)
	}
}

func TestCancelWhileAPipeIsSilent(t *testing.T) {
	silent, end := io.Pipe()
	defer end.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _ = end.Write([]byte("name;lat;lon\n")) // returns when it has been read
		cancel()
	}()
	spool := t.TempDir()
	if _, err := Open(ctx, "-", Options{Stdin: silent, SpoolDir: spool}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left, err := os.ReadDir(spool); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

package ingest

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
)

// TestKarlsruheSnapshots imports 80 consecutive states of a live feed; the
// publisher's own log says what changed between neighbours.
func TestKarlsruheSnapshots(t *testing.T) {
	folder := pgtest.Shared(t, "karlsruhe", "baustellen_snapshots")
	f, err := os.Open(filepath.Join(folder, "index.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	pool := pgtest.Pool(t, Migrations())
	load := func(name string) Report {
		rep, err := Import(t.Context(), pool, Job{Source: filepath.Join(folder, name), Dataset: "karlsruhe-sites", Actor: ortsnah.System("test")})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return rep
	}
	last := ""
	for i, line := range lines[1:] {
		name, message := line[0], line[5]
		last = name
		rep := load(name)
		if rep.Format != "karlsruhe" || rep.Quarantined > 0 {
			t.Fatalf("%s: read as %s, %d in quarantine, first %v", name, rep.Format, rep.Quarantined, rep.First)
		}
		if i < 2 { // 000 is the publisher's demo file, 001 replaced it
			continue
		}
		got := [3]int{rep.Version.Added, rep.Version.Removed, rep.Version.Changed}
		want := [3]int{number(message, "neu"), number(message, "entfernt"), number(message, "geändert")}
		if got != want {
			t.Errorf("%s: added, removed, changed %v, want %v (%s)", name, got, want, message)
		}
		if rows, err := strconv.Atoi(line[3]); err != nil || rep.Version.Rows != rows {
			t.Errorf("%s: %d rows, want %s", name, rep.Version.Rows, line[3])
		}
	}
	if again := load(last); again.Changed() {
		t.Errorf("the last snapshot again made %+v", again.Version)
	}
}

func number(message, word string) int {
	m := regexp.MustCompile(`(\d+) ` + word).FindStringSubmatch(message)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// TestEssenHouseCoordinates imports 102,981 points from two reference systems.
func TestEssenHouseCoordinates(t *testing.T) {
	folder := pgtest.Shared(t, "essen", "GeoJSON")
	pool := pgtest.Pool(t, Migrations())
	for _, crs := range []string{"4326", "4647"} {
		rep, err := Import(t.Context(), pool, Job{Source: filepath.Join(folder, "hauskoordinaten_essen_2022-10-05_"+crs+".zip"),
			Dataset: "houses-" + crs, Actor: ortsnah.System("test")})
		if err != nil || rep.Version.Rows != 102981 || rep.Quarantined != 0 {
			t.Fatalf("%s: %v %+v", crs, err, rep)
		}
		t.Logf("EPSG:%s %d rows in %v, %.0f rows/s", crs, rep.Read, rep.Duration, float64(rep.Read)/rep.Duration.Seconds())
	}
	var n int
	var worst float64
	if err := pool.QueryRow(t.Context(), `SELECT count(*), max(ST_Distance(a._geom, b._geom))
		FROM open.houses_4326 a JOIN open.houses_4647 b USING (_key)`).Scan(&n, &worst); err != nil {
		t.Fatal(err)
	}
	if n != 102981 || worst > 0.1 {
		t.Errorf("%d pairs, at most %.3f m apart", n, worst)
	}
	t.Logf("%d pairs, at most %.4f m apart", n, worst)
}

// TestEssenSwappedPage imports a page of the city's WFS as its server sends
// it: northing first, and a reference system under Esri's own number.
func TestEssenSwappedPage(t *testing.T) {
	page := pgtest.Shared(t, "essen", "download", "000.gml")
	pool := pgtest.Pool(t, Migrations())
	job := Job{Source: page, Dataset: "houses", Actor: ortsnah.System("test")}
	_, err := Import(t.Context(), pool, job)
	if e, ok := err.(*ortsnah.Error); !ok || e.Key != "ingest.source_swapped" {
		t.Fatalf("as it is: %v", err)
	}
	job.Options.SwapAxes = true
	rep, err := Import(t.Context(), pool, job)
	if err != nil || rep.Version.Rows != 1000 {
		t.Fatalf("swapped: %v %+v", err, rep)
	}
	d, err := catalog.Find(t.Context(), pool, "houses")
	if err != nil {
		t.Fatal(err)
	}
	in := catalog.Query{}
	b, err := newAreas(t.Context(), pool).of(4326)
	if err != nil {
		t.Fatal(err)
	}
	in.Bounds = &b
	n := 0
	if err := catalog.EachGeoJSON(t.Context(), pool, d, in, func(int64, []byte) error { n++; return nil }); err != nil || n != 1000 {
		t.Errorf("%d houses in Germany, %v", n, err)
	}
}

package ingest

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
	"github.com/paulmach/orb"
)

// TestRealKarlsruhe reads every snapshot: as many sites as the file counts,
// and source_properties that equal the original.
func TestRealKarlsruhe(t *testing.T) {
	folder := pgtest.Shared(t, "karlsruhe", "baustellen_snapshots")
	files, err := filepath.Glob(filepath.Join(folder, "*.geojson.gz"))
	if err != nil || len(files) < 80 {
		t.Fatalf("%d snapshots, %v", len(files), err)
	}
	for _, file := range files {
		src, err := Open(t.Context(), file, Options{SpoolDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Count    int
			Features []struct {
				Geometry   map[string]any
				Properties map[string]any
			}
		}
		raw, err := os.ReadFile(src.parts[0].path)
		if err = errors.Join(err, json.Unmarshal(raw, &doc)); err != nil {
			t.Fatal(err)
		}
		n := 0
		for ; ; n++ {
			rec, err := src.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			want := doc.Features[n].Properties
			delete(want, "area")
			want["point"] = doc.Features[n].Geometry["coordinates"]
			var got map[string]any
			if !nested(rec.Properties, "source_properties", &got) || !sameJSON(got, want) || rec.ID != strings.Trim(string(asJSON(want["id"])), `"`) {
				t.Fatalf("%s: %v, want %v", file, got, want)
			}
		}
		if src.Format() != "karlsruhe" || n != doc.Count {
			t.Errorf("%s: %s, %d sites, want %d", filepath.Base(file), src.Format(), n, doc.Count)
		}
		if err := src.Close(); err != nil {
			t.Error(err)
		}
	}
}

func sameJSON(a, b any) bool { return string(asJSON(a)) == string(asJSON(b)) }

func asJSON(v any) []byte {
	if f, ok := v.(float64); ok {
		return []byte(decimal(f))
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return b
}

// TestRealEssen reads the house coordinates in both reference systems and the
// raw pages of the service, whose axes are swapped and whose code is Esri's.
func TestRealEssen(t *testing.T) {
	for file, crs := range map[string]geo.SRID{"hauskoordinaten_essen_2022-10-05_4326.zip": 4326, "hauskoordinaten_essen_2022-10-05_4647.zip": 4647} {
		path := pgtest.Shared(t, "essen", "GeoJSON", file)
		got := readSource(t, path, Options{})
		if got.fatal != nil || got.good != 102981 || len(got.rows) > 0 {
			t.Errorf("%s: %d good, %d bad, %v", file, got.good, len(got.rows), got.fatal)
		}
		src, err := Open(t.Context(), path, Options{SpoolDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		if src.CRS() != crs {
			t.Errorf("%s: %s", file, src.CRS())
		}
		src.Close()
	}
	page := pgtest.Shared(t, "essen", "download", "102.gml")
	for swap, want := range map[bool]string{false: " | POINT(5702631.467 32362860.084) | gml_id=", true: " | POINT(32362860.084 5702631.467) | gml_id="} {
		lines := recordLines(t, page, Options{SwapAxes: swap})
		if len(lines) != 981 || !strings.HasPrefix(lines[0], want) || !strings.HasSuffix(lines[0], "| 4647") {
			t.Errorf("%d records, the first %s", len(lines), lines[0])
		}
	}
	districts := readSource(t, pgtest.Shared(t, "essen", "stadtbezirke.geojson"), Options{})
	if districts.good != 9 || districts.fatal != nil || len(districts.rows) > 0 {
		t.Errorf("districts: %+v", districts)
	}
	census := pgtest.Shared(t, "essen", "zensus2011_100m.csv")
	if got := readSource(t, census, Options{}); keyOf(got.fatal) != "ingest.csv_two_geometries" {
		t.Errorf("census: %v", got.fatal)
	}
	lines := recordLines(t, census, Options{X: "x_3035", Y: "y_3035"})
	if len(lines) != strings.Count(string(mustRead(t, census)), "\n")-1 || !strings.HasPrefix(lines[0], ` | POINT(4107250 3142050) | gitter_id="100mN31420E41072" lon="6.930929"`) || !strings.HasSuffix(lines[0], "| 3035") {
		t.Errorf("census: %d, %s", len(lines), lines[0])
	}
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRealWZDx reads the examples of the specification.
func TestRealWZDx(t *testing.T) {
	folder := pgtest.Shared(t, "roadworks", "wzdx", "examples")
	files, err := filepath.Glob(filepath.Join(folder, "WorkZoneFeed", "*.geojson"))
	if err != nil || len(files) < 9 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	events := 0
	for _, file := range files {
		src, err := Open(t.Context(), file, Options{SpoolDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		if src.Format() != "wzdx" {
			t.Errorf("%s is read as %s", file, src.Format())
		}
		src.Close()
		for _, line := range recordLines(t, file, Options{}) {
			if events++; strings.HasPrefix(line, "!") || !strings.Contains(line, " start=\"20") || !strings.Contains(line, "responsible_body=") {
				t.Error(line)
			}
		}
	}
	if events != 26 {
		t.Errorf("%d events", events)
	}
	devices := readSource(t, filepath.Join(folder, "DeviceFeed", "camera_error_example.geojson"), Options{})
	if devices.fatal != nil || devices.good != 1 { // no road events: ordinary GeoJSON
		t.Errorf("devices: %+v", devices)
	}
}

// TestRealGeometries reads the GeoJSON fixtures, those with heights included.
func TestRealGeometries(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(pgtest.Shared(t, "robustness", "geojson-fixtures", "data"), "*", "*.geojson"))
	if err != nil || len(files) < 16 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		lines := recordLines(t, file, Options{})
		if len(lines) == 0 || strings.HasPrefix(lines[0], "!") {
			t.Errorf("%s: %q", file, lines)
			continue
		}
		if flat, ok := strings.CutSuffix(file, "-xyz.geojson"); ok {
			if other := recordLines(t, flat+".geojson", Options{}); other[0] != lines[0] {
				t.Errorf("%s: %s, without heights %s", file, lines[0], other[0])
			}
		}
	}
}

// TestRealParserAgrees compares all numbers of a large file with encoding/json.
func TestRealParserAgrees(t *testing.T) {
	file := pgtest.Shared(t, "essen", "stadtbezirke.geojson")
	var doc struct {
		Features []struct {
			Geometry struct{ Coordinates [][][]float64 }
		}
	}
	if err := json.Unmarshal(mustRead(t, file), &doc); err != nil {
		t.Fatal(err)
	}
	src, err := Open(t.Context(), file, Options{SpoolDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	for _, f := range doc.Features {
		rec, err := src.Read()
		if err != nil {
			t.Fatal(err)
		}
		for i, ring := range rec.Geometry.(orb.Polygon) {
			for j, pt := range ring {
				want := f.Geometry.Coordinates[i][j]
				if math.Float64bits(pt[0]) != math.Float64bits(want[0]) || math.Float64bits(pt[1]) != math.Float64bits(want[1]) {
					t.Fatalf("%v, want %v", pt, want)
				}
			}
		}
	}
}

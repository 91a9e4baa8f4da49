package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
	"github.com/paulmach/orb"
)

// TestFloatAgreesWithTheStandardLibrary compares the short way with ParseFloat.
func TestFloatAgreesWithTheStandardLibrary(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	check := func(s string) {
		p := jsonParser{b: []byte(s)}
		got, bad := p.float()
		want, err := strconv.ParseFloat(s, 64)
		if bad != nil || err != nil || math.Float64bits(got) != math.Float64bits(want) || p.i != len(s) {
			t.Fatalf("%s: %v %v, want %v %v", s, got, bad, want, err)
		}
	}
	for range 200000 {
		check(strconv.FormatFloat((r.Float64()-0.5)*math.Pow10(r.IntN(9)), 'f', r.IntN(19), 64))
		check(strconv.FormatFloat(r.NormFloat64(), 'e', r.IntN(17), 64))
	}
	for _, s := range []string{"0", "-0", "-0.0", "0.1", "999999999999999", "9007199254740993", "1e22", "1E-5", "0.000000000000001", "123456789.012345678"} {
		check(s)
	}
}

// TestParserIsStrict holds the parser to encoding/json's idea of JSON.
func TestParserIsStrict(t *testing.T) {
	for _, s := range []string{
		`{}`, `[]`, `""`, `"\u00e4\ud83d\ude00\n\/"`, `[1,2,{"a":null}]`, ` true `, `-1.5e+3`, `0`,
		``, `{`, `}`, `[1,]`, `{"a":1,}`, `{,}`, `{"a"}`, `{a:1}`, `'a'`, `"a`, "\"\n\"", `"\x"`, `"\u12"`, `01`, `1.`, `.5`, `+1`, `1e`, `--1`, `tru`, `nul`, `[1 2]`, `{"a":1 "b":2}`, `[1}`,
	} {
		p := jsonParser{b: []byte(s), line: 1}
		err := p.skip(0)
		if err == nil && p.peek() != 0 {
			err = p.syntax()
		}
		if (err == nil) != json.Valid([]byte(s)) {
			t.Errorf("%s: %v, encoding/json: %v", s, err, json.Valid([]byte(s)))
		}
	}
}

// FuzzReadJSON reads anything: no panic, no endless reading, and what is read
// as a record has finite coordinates and can be found again at its place.
func FuzzReadJSON(f *testing.F) {
	for _, s := range []string{among(goodFeature), goodFeature + "\n" + goodFeature, "\x1e" + goodFeature, "[" + goodFeature + "]", withGeometry(`{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}`),
		`{"features":[{"attributes":{"a":1},"geometry":{"rings":[[[0,0],[0,1],[1,1],[0,0]]]}}],"spatialReference":{"wkid":25832}}`, `{"feed_info":{},"features":[` + wzdxFeature + `]}`, `{"type":"Feature","properties":{"a":"\ud83d\ude00"},"geometry":{"type":"GeometryCollection","geometries":[]}}`} {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(dir, "a.json")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, format := range []string{"geojson", "arcgis", "wzdx", "karlsruhe"} {
			src, err := Open(t.Context(), path, Options{Format: format, SpoolDir: dir, MaxRecord: 4096})
			if err != nil {
				continue
			}
			fuzzSource(t, src, len(content))
			src.Close()
		}
	})
}

func fuzzSource(t *testing.T, src *Source, size int) {
	t.Helper()
	for n := 0; ; n++ {
		rec, err := src.Read()
		if bad, ok := errors.AsType[*RowError](err); ok {
			if bad.Err == nil || len(bad.Raw) > MaxRaw {
				t.Fatalf("%+v", bad)
			}
			continue
		}
		if err != nil {
			return
		}
		if n > size {
			t.Fatal("more records than bytes")
		}
		if rec.Geometry != nil {
			if b := rec.Geometry.Bound(); !finite(b.Min) || !finite(b.Max) {
				t.Fatalf("%v", rec.Geometry)
			}
		}
		if again := src.Original(rec.Place); !bytes.Equal(again, rec.Raw) {
			t.Fatalf("at %+v %q, want %q", rec.Place, again, rec.Raw)
		}
	}
}

// FuzzReadCSV reads anything as CSV.
func FuzzReadCSV(f *testing.F) {
	for _, s := range []string{"a;b\n1;2\n", "lon,lat\n8,51\n", "a;b\n1;\"2\n3;4\n", "\xff\xfea\x00;\x00b\x00", "wkt\nPOINT(1 2)\n", "a;b\n\"x\ny\";\"z\"\"\"\n"} {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(dir, "a.csv")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		src, err := Open(t.Context(), path, Options{Format: "csv", SpoolDir: dir, MaxRecord: 4096})
		if err != nil {
			return
		}
		defer src.Close()
		fuzzSource(t, src, len(content))
	})
}

// TestFlatMemory reads a file with a record far larger than the memory that
// may be used, and many small ones.
func TestFlatMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.geojson")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	piece := strings.Repeat("[8.3456789,51.9876543],\n", 1<<15)
	io.WriteString(f, `{"type":"FeatureCollection","features":[`+goodFeature+`,{"type":"Feature","id":"gross","properties":{},"geometry":{"type":"LineString","coordinates":[`)
	for range 300 { // 236 MB, ten million vertices
		io.WriteString(f, piece)
	}
	io.WriteString(f, "[8,51]]}}")
	for range 10000 {
		io.WriteString(f, ",\n"+goodFeature)
	}
	io.WriteString(f, "]}")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	got := readSource(t, path, Options{MaxRecord: 8 << 20})
	runtime.ReadMemStats(&after)
	if got.good != 10001 || len(got.rows) != 1 || got.rows[0].Err.Key != "ingest.record_too_large" || got.rows[0].Key != "gross" || len(got.rows[0].Raw) != MaxRaw {
		t.Fatalf("%d good, %d bad, %v", got.good, len(got.rows), got.fatal)
	}
	if used := int64(after.HeapSys) - int64(before.HeapSys); used > 100<<20 {
		t.Errorf("the heap grew by %d MB", used>>20)
	}
}

// points is a collection of lines, a hundred vertices each.
func points(n int) []byte {
	r := rand.New(rand.NewPCG(3, 4))
	var b bytes.Buffer
	b.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range n / 100 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":"Feature","id":%d,"properties":{"name":"Straße %d","n":%d},"geometry":{"type":"LineString","coordinates":[`, i, i, i)
		for j := range 100 {
			if j > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, "[%.7f,%.7f]", 8+r.Float64(), 51+r.Float64())
		}
		b.WriteString("]}}")
	}
	b.WriteString("]}")
	return b.Bytes()
}

// BenchmarkGeoJSON reports points per second beside encoding/json's on the
// same bytes.
func BenchmarkGeoJSON(b *testing.B) {
	const n = 200000
	content := points(n)
	path := filepath.Join(b.TempDir(), "a.geojson")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		b.Fatal(err)
	}
	b.Run("ortsnah", func(b *testing.B) {
		b.SetBytes(int64(len(content)))
		for b.Loop() {
			src, err := Open(b.Context(), path, Options{SpoolDir: b.TempDir()})
			if err != nil {
				b.Fatal(err)
			}
			sum := 0
			for {
				rec, err := src.Read()
				if err != nil {
					break
				}
				sum += len(rec.Geometry.(orb.LineString))
			}
			if src.Close(); sum != n {
				b.Fatal(sum)
			}
		}
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "points/s")
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.SetBytes(int64(len(content)))
		for b.Loop() {
			var doc struct {
				Features []struct {
					Properties map[string]any
					Geometry   struct{ Coordinates [][2]float64 }
				}
			}
			if err := json.Unmarshal(content, &doc); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "points/s")
	})
}

// BenchmarkEssen reads 102,981 house coordinates from their zip file; the time
// ogr2ogr takes for the unpacked file stands beside it.
func BenchmarkEssen(b *testing.B) {
	path := pgtest.Shared(b, "essen", "GeoJSON", "hauskoordinaten_essen_2022-10-05_4326.zip")
	b.Run("ortsnah", func(b *testing.B) {
		rows := 0
		for b.Loop() {
			src, err := Open(b.Context(), path, Options{SpoolDir: b.TempDir()})
			if err != nil {
				b.Fatal(err)
			}
			for rows = 0; ; rows++ {
				if _, err := src.Read(); err != nil {
					break
				}
			}
			src.Close()
		}
		b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("ogr2ogr", func(b *testing.B) {
		for b.Loop() {
			if err := exec.Command("ogr2ogr", "-f", "GeoJSONSeq", "/dev/null", "/vsizip/"+path+"/hauskoordinaten_essen_2022-10-05_4326.geojson").Run(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(102981*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}

package publish

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo"
)

func fixtureOf(t testing.TB, id string) fixture {
	t.Helper()
	for _, f := range fixtures() {
		if f.dataset.ID == id {
			return f
		}
	}
	t.Fatalf("no fixture %s", id)
	return fixture{}
}

func TestCRS(t *testing.T) {
	pool, read := database(t)
	f := fixtureOf(t, "kinds")
	d := store(t, pool, f)
	for _, name := range []string{"geojson", "geojsonseq"} {
		format, err := FormatNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		err = format.Write(t.Context(), io.Discard, read, d, catalog.Query{}, Options{CRS: geo.UTM32N})
		if ortsnah.KindOf(err) != ortsnah.Unsupported {
			t.Errorf("%s in UTM: %v", name, err)
		}
	}
	if err := writeGeoParquet(t.Context(), io.Discard, read, d, catalog.Query{}, Options{CRS: 31467}); ortsnah.KindOf(err) != ortsnah.Unsupported {
		t.Errorf("GeoParquet in Gauß-Krüger: %v", err)
	}
	r := inspect(t, export(t, read, "geoparquet", d, catalog.Query{}, Options{CRS: geo.UTM32N}))
	var doc struct {
		Columns map[string]struct {
			CRS struct {
				Name string
				ID   struct {
					Authority string
					Code      int
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(r.Hyparquet.Metadata["geo"]), &doc); err != nil {
		t.Fatal(err)
	}
	crs := doc.Columns["geometry"].CRS
	if crs.Name != "ETRS89 / UTM zone 32N" || crs.ID.Authority != "EPSG" || crs.ID.Code != 25832 {
		t.Errorf("CRS in geo metadata: %+v", crs)
	}
	native := ""
	for _, c := range r.DuckDB.Columns {
		if strings.HasPrefix(c, "geometry GEOMETRY(") {
			native = c
		}
	}
	if !strings.Contains(native, `"name":"ETRS89 / UTM zone 32N"`) || !strings.Contains(native, `{"authority":"EPSG","code":25832}`) {
		t.Errorf("CRS of the native type in DuckDB: %q", native)
	}
	for _, row := range r.DuckDB.Rows {
		if row["_key"] == "point" {
			// The oracle is PROJ, asked directly by cs2cs' library in GDAL.
			want := strings.Fields(run(t, "sh", "-c", "echo 8.3791234 51.9067891 | gdaltransform -s_srs OGC:CRS84 -t_srs EPSG:25832 -output_xy"))
			p := fromHex(t, row["geometry"].(string)).(orb.Point)
			if math.Abs(p[0]-number(t, want[0])) > .001 || math.Abs(p[1]-number(t, want[1])) > .001 {
				t.Errorf("point at %v, want %v", p, want)
			}
		}
	}
	body, err := os.ReadFile(export(t, read, "csv", store(t, pool, fixtureOf(t, "texts")), catalog.Query{}, Options{CRS: geo.UTM32N}))
	if err != nil || !bytes.HasPrefix(body, []byte("_key,name,count,height,open,start,end,seen,extra,key,bbox,x,y\r\n")) {
		t.Errorf("CSV in UTM: %.100s %v", body, err)
	}
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	var v float64
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestPROJJSON holds the definitions against PROJ's own.
func TestPROJJSON(t *testing.T) {
	for srid := geo.SRID(25831); srid <= 25833; srid++ {
		doc, ok := projJSON(srid)
		if !ok {
			t.Fatal(srid)
		}
		mine := run(t, "gdalsrsinfo", "-o", "proj4", string(doc))
		if theirs := run(t, "gdalsrsinfo", "-o", "proj4", srid.String()); strings.TrimSpace(mine) != strings.TrimSpace(theirs) {
			t.Errorf("%v: %s, PROJ has %s", srid, mine, theirs)
		}
		if found := run(t, "gdalsrsinfo", "-e", "-o", "epsg", string(doc)); !strings.Contains(found, srid.String()) {
			t.Errorf("PROJ takes the definition of %v for %s", srid, found)
		}
	}
	if _, ok := projJSON(31467); ok {
		t.Error("a definition for Gauß-Krüger")
	}
}

// TestFilters: a filtered export has what the filter selects, in every format.
func TestFilters(t *testing.T) {
	pool, read := database(t)
	f := fixtureOf(t, "texts")
	d := store(t, pool, f)
	for _, c := range suite() {
		path := export(t, read, c.format, d, catalog.Query{Equals: map[string]string{"name": "plain"}, Limit: 5}, Options{})
		body, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(body, []byte("plain")) || bytes.Contains(body, []byte("apostrophe")) || bytes.Contains(body, []byte(`"bbox":[`)) != (c.format == "geoparquet") {
			t.Errorf("%s: %v %.300q", c.format, err, body)
		}
	}
}

// TestVersions: an older version stays what it was, byte for byte.
func TestVersions(t *testing.T) {
	pool, read := database(t)
	f := fixtureOf(t, "texts")
	first := store(t, pool, f)
	before := map[string][]byte{}
	for _, c := range suite() {
		before[c.format] = contents(t, export(t, read, c.format, first, catalog.Query{}, Options{}))
	}
	f.rows = f.rows[3:]
	f.rows[0].Values = full("changed")
	second := store(t, pool, f)
	if second.Version != 2 {
		t.Fatalf("version %d", second.Version)
	}
	for _, c := range suite() {
		if got := contents(t, export(t, read, c.format, second, catalog.Query{Version: 1}, Options{})); !bytes.Equal(got, before[c.format]) {
			t.Errorf("%s: version 1 has changed", c.format)
		}
		if got := contents(t, export(t, read, c.format, first, catalog.Query{}, Options{})); !bytes.Equal(got, before[c.format]) {
			t.Errorf("%s: a dataset read at version 1 is not pinned to it", c.format)
		}
		if got := contents(t, export(t, read, c.format, second, catalog.Query{}, Options{})); bytes.Equal(got, before[c.format]) || !bytes.Contains(got, []byte("changed")) {
			t.Errorf("%s: version 2 is version 1", c.format)
		}
	}
}

func contents(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type brokenWriter struct{ left int }

var errBroken = errors.New("connection reset")

func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

func TestErrorsArePassedOn(t *testing.T) {
	pool, read := database(t)
	d := store(t, pool, fixtureOf(t, "texts"))
	for _, f := range Formats() {
		for _, left := range []int{0, 100} {
			if err := f.Write(t.Context(), &brokenWriter{left}, read, d, catalog.Query{}, Options{}); !errors.Is(err, errBroken) {
				t.Errorf("%s to a broken connection after %d bytes: %v", f.Name, left, err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := f.Write(ctx, io.Discard, read, d, catalog.Query{}, Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s after Ctrl-C: %v", f.Name, err)
		}
		if err := f.Write(t.Context(), io.Discard, read, d, catalog.Query{Equals: map[string]string{"secret": "x"}}, Options{}); ortsnah.KindOf(err) != ortsnah.Invalid {
			t.Errorf("%s filtered by an internal field: %v", f.Name, err)
		}
	}
	if _, err := FormatNamed("shp"); ortsnah.KindOf(err) != ortsnah.Unsupported {
		t.Errorf("unknown format: %v", err)
	}
}

// TestLargeDataset: 220,000 features need less than 64 MB in any format, and
// come to GeoParquet in row groups that lie apart although the rows came in no
// order.
func TestLargeDataset(t *testing.T) {
	const n = 220_000
	pool, read := database(t)
	f := points(n)
	d := store(t, pool, f)
	f.rows = nil
	for _, format := range Formats() {
		out := &countingWriter{out: io.Discard, hash: discardHash{}}
		peak, took := peakHeap(func() {
			if err := format.Write(t.Context(), out, read, d, catalog.Query{}, Options{}); err != nil {
				t.Fatal(err)
			}
		})
		t.Logf("%-11s %5.1f MB, peak heap %4.1f MB, %v", format.Name, float64(out.size)/1e6, float64(peak)/1e6, took.Round(time.Millisecond))
		if peak > 64<<20 {
			t.Errorf("%s took %d MB", format.Name, peak>>20)
		}
	}
	r := inspect(t, export(t, read, "geoparquet", d, catalog.Query{}, Options{}), "summary")
	if r.DuckDB.Total != n || r.Hyparquet.Total != n || len(r.Hyparquet.Groups) != 3 {
		t.Fatalf("%d rows in %d groups", r.DuckDB.Total, len(r.Hyparquet.Groups))
	}
	area := 0.0
	for _, g := range r.Hyparquet.Groups {
		if g.Rows > groupRows || g.Box == nil {
			t.Fatalf("group %+v", g)
		}
		b := g.Box.BBox
		area += (b.XMax - b.XMin) * (b.YMax - b.YMin)
	}
	if whole := .24 * .13; area > 2*whole {
		t.Errorf("the groups' boxes cover %.1f times the town", area/whole)
	}
}

// peakHeap is the most memory that f held beyond what was held before it.
func peakHeap(f func()) (uint64, time.Duration) {
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, peak := m.HeapAlloc, uint64(0)
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
		}
	}()
	start := time.Now()
	f()
	took := time.Since(start)
	close(done)
	<-stopped
	return max(peak, before) - before, took
}

type discardHash struct{}

func (discardHash) Write(p []byte) (int, error) { return len(p), nil }
func (discardHash) Sum(b []byte) []byte         { return b }
func (discardHash) Reset()                      {}
func (discardHash) Size() int                   { return 0 }
func (discardHash) BlockSize() int              { return 1 }

// BenchmarkFormats writes 100,000 points. "x" is the ratio to the limit: the
// database handing the finished texts over, with nobody writing them.
func BenchmarkFormats(b *testing.B) {
	pool, read := database(b)
	d := store(b, pool, points(100_000))
	start := time.Now()
	for range 3 {
		if err := catalog.EachGeoJSON(b.Context(), read, d, catalog.Query{}, func(int64, []byte) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	limit := float64(time.Since(start)) / 3
	for _, format := range Formats() {
		b.Run(format.Name, func(b *testing.B) {
			var size int64
			for b.Loop() {
				out := &countingWriter{out: io.Discard, hash: discardHash{}}
				if err := format.Write(b.Context(), out, read, d, catalog.Query{}, Options{}); err != nil {
					b.Fatal(err)
				}
				size = out.size
			}
			b.ReportMetric(float64(size)/1e6, "MB")
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/limit, "x")
			b.ReportMetric(100_000/b.Elapsed().Seconds()*float64(b.N), "rows/s")
		})
	}
}

func TestCSVHeaderKeepsFieldNames(t *testing.T) {
	d := catalog.Dataset{Schema: catalog.Schema{Shape: catalog.Line, Fields: []catalog.Field{{Name: "geometry"}, {Name: "lon"}}}}
	if d := cmp.Diff([]string{"key", "geometry", "lon", "_geometry"}, csvHeader(d, false, geo.CRS84)); d != "" {
		t.Error(d)
	}
	d.Schema.Shape = catalog.Point
	if d := cmp.Diff([]string{"key", "geometry", "lon", "_lon", "lat"}, csvHeader(d, true, geo.CRS84)); d != "" {
		t.Error(d)
	}
}

package publish

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/ortsnah/ortsnah/catalog"
)

// parquetReport is what parquet.mjs prints.
type parquetReport struct {
	Hyparquet struct {
		Rows     []map[string]any
		Total    int
		Columns  []string
		Metadata map[string]string
		Groups   []struct {
			Rows   int
			Codecs []string
			Box    *struct {
				BBox  struct{ XMin, YMin, XMax, YMax float64 }
				Types []int `json:"geospatial_types"`
			}
		}
	}
	DuckDB struct {
		Rows    []map[string]any
		Total   int
		Columns []string
	}
}

func inspect(t *testing.T, path string, options ...string) parquetReport {
	t.Helper()
	var r parquetReport
	d := json.NewDecoder(strings.NewReader(peer(t, "parquet.mjs", append([]string{path}, options...)...)))
	if err := d.Decode(&r); err != nil {
		t.Fatal(err)
	}
	return r
}

func readGeoParquet(t *testing.T, f fixture, path string) []seen {
	r := inspect(t, path)
	types := map[string]string{"name": "VARCHAR", "count": "BIGINT", "height": "DOUBLE", "open": "BOOLEAN", "start": "DATE",
		"end": "DATE", "seen": "TIMESTAMP WITH TIME ZONE", "extra": "JSON", "key": "VARCHAR", "bbox": "VARCHAR"}
	want := []string{"_key VARCHAR"}
	for _, field := range f.dataset.Schema.Public() {
		want = append(want, field.Name+" "+types[field.Name])
	}
	if f.dataset.Schema.Shape != catalog.NoShape {
		want = append(want, "geometry GEOMETRY('OGC:CRS84')", "_bbox STRUCT(xmin FLOAT, ymin FLOAT, xmax FLOAT, ymax FLOAT)")
		checkGeoMetadata(t, f, r)
	}
	if d := cmp.Diff(want, r.DuckDB.Columns); d != "" {
		t.Errorf("columns in DuckDB (-want +got):\n%s", d)
	}
	if m := r.Hyparquet.Metadata; m["title"] != f.dataset.Metadata.Title.DE || m["license"] == "" || m["version"] != "1" {
		t.Errorf("label is incomplete: %v", m)
	}
	var duck, hypar []seen
	for _, row := range r.DuckDB.Rows {
		duck = append(duck, fromDuckDB(t, row))
	}
	for _, row := range r.Hyparquet.Rows {
		hypar = append(hypar, fromHyparquet(t, row))
	}
	// hyparquet has milliseconds only: compared without the times
	strip := func(all []seen) []seen {
		var out []seen
		for _, s := range all {
			values := map[string]string{}
			for k, v := range s.Values {
				if k != "seen" {
					values[k] = v
				}
			}
			out = append(out, seen{s.Key, values, s.WKT})
		}
		return byKey(out)
	}
	if d := cmp.Diff(strip(duck), strip(hypar)); d != "" {
		t.Errorf("DuckDB and hyparquet disagree (-DuckDB +hyparquet):\n%s", d)
	}
	return duck
}

// checkGeoMetadata checks the "geo" entry and the native statistics.
func checkGeoMetadata(t *testing.T, f fixture, r parquetReport) {
	t.Helper()
	var doc struct {
		Version string
		Primary string `json:"primary_column"`
		Columns map[string]struct {
			Encoding string
			Types    []string `json:"geometry_types"`
			CRS      json.RawMessage
			BBox     []float64
			Covering map[string]map[string][]string
		}
	}
	if err := json.Unmarshal([]byte(r.Hyparquet.Metadata["geo"]), &doc); err != nil {
		t.Fatal(err)
	}
	c := doc.Columns[doc.Primary]
	if doc.Version != "1.1.0" || doc.Primary != "geometry" || c.Encoding != "WKB" || c.CRS != nil {
		t.Errorf("geo metadata: %+v", doc)
	}
	if want := boxOf(f); !slices.Equal(c.BBox, want) {
		t.Errorf("bbox %v, want %v", c.BBox, want)
	}
	kinds := map[string]bool{}
	for _, row := range f.rows {
		if row.Geometry != nil {
			kinds[row.Geometry.GeoJSONType()] = true
		}
	}
	if len(c.Types) != len(kinds) {
		t.Errorf("geometry_types %v, want %v", c.Types, kinds)
	}
	if d := cmp.Diff([]string{"_bbox", "ymax"}, c.Covering["bbox"]["ymax"]); d != "" {
		t.Error(d)
	}
	for _, g := range r.Hyparquet.Groups {
		if !slices.Equal(g.Codecs, []string{"ZSTD"}) || g.Box == nil || len(g.Box.Types) != len(kinds) || g.Box.BBox.XMin != c.BBox[0] {
			t.Errorf("row group: %+v", g)
		}
	}
}

func fromDuckDB(t *testing.T, row map[string]any) seen {
	t.Helper()
	s := seen{Values: map[string]string{}}
	for name, value := range row {
		switch text := fmt.Sprint(value); {
		case value == nil || name == "_bbox":
		case name == "_key":
			s.Key = text
		case name == "geometry":
			s.WKT = wktOf(fromHex(t, text))
			checkCovering(t, fromHex(t, text), row["_bbox"])
		case name == "extra":
			s.Values[name] = compactJSON(text)
		case name == "seen":
			at, err := time.Parse("2006-01-02 15:04:05.999999-07", text)
			if err != nil {
				t.Error(err)
			}
			s.Values[name] = at.UTC().Format(time.RFC3339Nano)
		default:
			s.Values[name] = text
		}
	}
	return s
}

func fromHex(t *testing.T, text string) orb.Geometry {
	t.Helper()
	raw, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	g, err := wkb.Unmarshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// checkCovering makes sure that the row's box holds its geometry.
func checkCovering(t *testing.T, g orb.Geometry, box any) {
	t.Helper()
	m, ok := box.(map[string]any)
	if !ok {
		t.Errorf("no covering for %v", g)
		return
	}
	b := g.Bound()
	if m["xmin"].(float64) > b.Min[0] || m["ymin"].(float64) > b.Min[1] || m["xmax"].(float64) < b.Max[0] || m["ymax"].(float64) < b.Max[1] {
		t.Errorf("covering %v does not hold %v", m, b)
	}
}

func fromHyparquet(t *testing.T, row map[string]any) seen {
	t.Helper()
	s := seen{Values: map[string]string{}}
	for name, value := range row {
		switch {
		case value == nil || name == "_bbox":
		case name == "_key":
			s.Key = fmt.Sprint(value)
		case name == "geometry" || name == "extra":
			text, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			if name == "extra" {
				s.Values[name] = string(text)
				continue
			}
			var g geometryJSON
			if err := json.Unmarshal(text, &g); err != nil {
				t.Fatal(err)
			}
			s.WKT = wktOf(g.geometry(t))
		case name == "start" || name == "end":
			s.Values[name] = fmt.Sprint(value)[:10]
		default:
			s.Values[name] = fmt.Sprint(value)
		}
	}
	return s
}

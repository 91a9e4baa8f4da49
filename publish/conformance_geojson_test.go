package publish

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/catalog"
)

// geometryJSON is a GeoJSON geometry.
type geometryJSON struct {
	Type        string
	Coordinates json.RawMessage
	Geometries  []geometryJSON
}

func (g geometryJSON) geometry(t *testing.T) orb.Geometry {
	t.Helper()
	switch g.Type {
	case "Point":
		return coordinates[orb.Point](t, g)
	case "MultiPoint":
		return coordinates[orb.MultiPoint](t, g)
	case "LineString":
		return coordinates[orb.LineString](t, g)
	case "MultiLineString":
		return coordinates[orb.MultiLineString](t, g)
	case "Polygon":
		return coordinates[orb.Polygon](t, g)
	case "MultiPolygon":
		return coordinates[orb.MultiPolygon](t, g)
	case "GeometryCollection":
		var c orb.Collection
		for _, part := range g.Geometries {
			c = append(c, part.geometry(t))
		}
		return c
	}
	t.Fatalf("unknown geometry type %q", g.Type)
	return nil
}

func coordinates[G orb.Geometry](t *testing.T, g geometryJSON) G {
	t.Helper()
	var out G
	if err := json.Unmarshal(g.Coordinates, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// fromGeoJSON turns one feature's text into seen with the standard library.
func fromGeoJSON(t *testing.T, text []byte) seen {
	t.Helper()
	var f struct {
		Type       string
		ID         string
		Geometry   *geometryJSON
		Properties map[string]json.RawMessage
	}
	if err := json.Unmarshal(text, &f); err != nil || f.Type != "Feature" {
		t.Fatalf("%v: %s", err, text)
	}
	s := seen{Key: f.ID, Values: map[string]string{}}
	if f.Geometry != nil {
		s.WKT = wktOf(f.Geometry.geometry(t))
	}
	for name, raw := range f.Properties {
		var str string
		switch {
		case string(raw) == "null":
		case json.Unmarshal(raw, &str) == nil:
			s.Values[name] = str
		case raw[0] == '{':
			s.Values[name] = compactJSON(string(raw))
		default:
			s.Values[name] = string(raw)
		}
	}
	return s
}

func readGeoJSON(t *testing.T, f fixture, path string) []seen {
	var doc struct {
		Type, Dataset, Title, Modified, Publisher, License, Attribution string
		Version                                                         int
		BBox                                                            []float64
		Features                                                        []json.RawMessage
	}
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &doc); err != nil || doc.Type != "FeatureCollection" {
		t.Fatal(doc.Type, err)
	}
	if doc.Dataset != f.dataset.ID || doc.Title != f.dataset.Metadata.Title.DE || doc.Version != 1 || doc.Modified == "" || doc.License == "" {
		t.Errorf("label is incomplete: %.400s", body)
	}
	licence, _ := catalog.LicenceOf(f.dataset.Metadata.Licence)
	if (doc.Attribution != "") != licence.Credits {
		t.Errorf("licence %s with attribution %q", licence.Code, doc.Attribution)
	}
	if want := boxOf(f); !slices.Equal(doc.BBox, want) {
		t.Errorf("bbox %v, want %v", doc.BBox, want)
	}
	var all []seen
	for _, text := range doc.Features {
		all = append(all, fromGeoJSON(t, text))
	}
	if n := peer(t, "geojson.mjs", path); n != strconv.Itoa(len(f.rows)) {
		t.Errorf("check-geojson found %s features, want %d", n, len(f.rows))
	}
	compareOGR(t, f, path)
	return all
}

// boxOf is the bbox of the fixture's geometries; nil without any.
func boxOf(f fixture) []float64 {
	var box *orb.Bound
	for _, r := range f.rows {
		if r.Geometry == nil {
			continue
		}
		b := r.Geometry.Bound()
		if box != nil {
			b = box.Union(b)
		}
		box = &b
	}
	if box == nil {
		return nil
	}
	return []float64{round(box.Min[0], degrees), round(box.Min[1], degrees), round(box.Max[0], degrees), round(box.Max[1], degrees)}
}

func readGeoJSONSeq(t *testing.T, f fixture, path string) []seen {
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	texts := bytes.Split(body, []byte{0x1e})
	if len(texts[0]) != 0 {
		t.Fatalf("does not begin with a record separator: %q", texts[0])
	}
	var all []seen
	for i, text := range texts[1:] {
		if bytes.Count(text, []byte("\n")) != 1 || !bytes.HasSuffix(text, []byte("\n")) {
			t.Errorf("feature is not one line: %q", text)
		}
		if bytes.Contains(text, []byte(`"collection":{"dataset":"`+f.dataset.ID+`"`)) != (i == 0) {
			t.Errorf("label is not in the first feature alone: %q", text)
		}
		all = append(all, fromGeoJSON(t, text))
	}
	if len(f.rows) > 0 { // GDAL does not open an empty file
		compareOGR(t, f, path)
	}
	return all
}

// compareOGR reads names and geometries with GDAL and compares them.
func compareOGR(t *testing.T, f fixture, path string, options ...string) {
	t.Helper()
	var want, got []string
	for _, r := range f.rows {
		name, _ := r.Values[0].(string)
		want = append(want, name+"|"+wktOf(r.Geometry))
	}
	args := append([]string{"-f", "GeoJSONSeq", "-lco", "WRITE_NAME=NO", "/vsistdout/", path}, options...)
	for _, line := range lines(run(t, "ogr2ogr", args...)) {
		s := fromGeoJSONLoose(t, line)
		name := s.Values["name"]
		if strings.HasSuffix(path, ".csv") {
			name = unprotect(name)
			for i := range want { // GDAL's CSV reader makes every line end a line feed
				want[i] = strings.ReplaceAll(strings.ReplaceAll(want[i], "\r\n", "\n"), "\r", "\n")
			}
		}
		got = append(got, name+"|"+s.WKT)
	}
	slices.Sort(want)
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("ogr2ogr (-want +got):\n%s", d)
	}
}

// fromGeoJSONLoose reads a feature of GDAL, whose id may be a number.
func fromGeoJSONLoose(t *testing.T, line string) seen {
	var f map[string]json.RawMessage
	if err := json.Unmarshal([]byte(line), &f); err != nil {
		t.Fatalf("%v: %q", err, line)
	}
	delete(f, "id")
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return fromGeoJSON(t, text)
}

// unprotect undoes what protects a cell from being run as a formula.
func unprotect(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && (isFormula(rest) || strings.HasPrefix(rest, "\n")) {
		return rest
	}
	return s
}

package ingest

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ortsnah/ortsnah"
)

// outcome is what reading a whole source came to.
type outcome struct {
	good  int
	rows  []*RowError
	fatal error
}

// readSource reads everything and closes.
func readSource(t *testing.T, source string, o Options) (out outcome) {
	t.Helper()
	o.SpoolDir = t.TempDir()
	src, err := Open(t.Context(), source, o)
	if err != nil {
		return outcome{fatal: err}
	}
	defer func() {
		if err := src.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if left, err := os.ReadDir(o.SpoolDir); err != nil || len(left) > 0 {
			t.Errorf("left behind in the spool: %v %v", left, err)
		}
	}()
	for {
		_, err := src.Read()
		row, isRow := errors.AsType[*RowError](err)
		switch {
		case errors.Is(err, io.EOF):
			return out
		case isRow:
			kept := *row
			kept.Raw = bytes.Clone(row.Raw)
			out.rows = append(out.rows, &kept)
		case err != nil:
			out.fatal = err
			return out
		default:
			out.good++
		}
	}
}

func keyOf(err error) string {
	if e, ok := errors.AsType[*ortsnah.Error](err); ok {
		return e.Key
	}
	return fmt.Sprint(err)
}

func put(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func zipped(t *testing.T, files ...[2]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f[0])
		if err == nil {
			_, err = io.WriteString(w, f[1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipped(t *testing.T, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(content)
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	goodFeature = `{"type":"Feature","id":"good","properties":{"a":1},"geometry":{"type":"Point","coordinates":[8.3,51.9]}}`
	before      = `{"type":"FeatureCollection","features":[` + "\n" + goodFeature + ",\n"
	behind      = ",\n" + goodFeature + "\n]}\n"
)

// among puts a feature between two good ones: it is feature 2 on line 3.
func among(feature string) string { return before + feature + behind }

// withGeometry is a collection whose second feature has that geometry.
func withGeometry(g string) string {
	return among(`{"type":"Feature","id":"bad","properties":{"k":"K7"},"geometry":` + g + `}`)
}

func TestBadInput(t *testing.T) {
	nest := func(open, end string, n int) string { return strings.Repeat(open, n) + "1" + strings.Repeat(end, n) }
	many := strings.Repeat("[8.3,51.9],", 100000) + "[8.3,51.9]"
	bomb := make([]byte, 120e6)
	type want struct {
		key           string // of the row, or of the whole source when whole
		whole         bool
		line, feature int64
		good          int
	}
	row := func(key string) want { return want{key: key, line: 3, feature: 2, good: 2} }
	whole := func(key string) want { return want{key: key, whole: true} }
	for _, c := range []struct {
		what, name, content string
		o                   Options
		want                want
	}{
		// Not a town's file at all.
		{"nothing", "a.geojson", "", Options{}, whole("ingest.empty_file")},
		{"white space", "a.csv", " \n\n", Options{}, whole("ingest.empty_file")},
		{"a picture", "a.jpg", "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01", Options{}, whole("ingest.not_data")},
		{"a text", "a.txt", "Hallo,\nwie geht es Ihnen?\n", Options{}, whole("ingest.not_data")},
		{"a web page", "a.geojson", "<!DOCTYPE html><html><body>Anmeldung</body></html>", Options{}, whole("ingest.web_page")},
		{"a web page with a comment", "a.csv", "\n<!-- x --><html lang=de>", Options{}, whole("ingest.web_page")},
		{"other JSON", "package.json", `{"name":"x","version":"1"}`, Options{}, whole("ingest.json_without_features")},
		{"other XML", "a.xml", `<?xml version="1.0"?><note>x</note>`, Options{}, whole("ingest.not_data")},
		{"unknown format", "a.csv", "a;b\n1;2\n", Options{Format: "shape"}, whole("ingest.unknown_format")},
		{"unknown encoding", "a.csv", "a;b\n1;2\n", Options{Encoding: "klingon"}, whole("ingest.unknown_encoding")},

		// JSON that is cut off or broken.
		{"cut off in a feature", "a.geojson", before + `{"type":"Feature","prop`, Options{}, want{key: "ingest.truncated", whole: true, line: 3, feature: 2, good: 1}},
		{"cut off between features", "a.geojson", before, Options{}, want{key: "ingest.truncated", whole: true, line: 3, feature: 2, good: 1}},
		{"cut off before the features", "a.geojson", `{"type":"FeatureCollection","crs":{`, Options{}, want{key: "ingest.truncated", whole: true, line: 1, feature: 1}},
		{"cut off behind the features", "a.geojson", before + goodFeature + "]", Options{}, want{key: "ingest.truncated", whole: true, line: 3, feature: 3, good: 2}},
		{"cut off line", "a.ndjson", goodFeature + "\n" + goodFeature[:40], Options{}, want{key: "ingest.truncated", whole: true, line: 2, feature: 2, good: 1}},
		{"broken line in the middle", "a.ndjson", goodFeature + "\n" + goodFeature[:40] + "\n" + goodFeature + "\n", Options{}, want{key: "ingest.json_syntax", line: 2, feature: 2, good: 2}},
		{"broken line, any name", "a.json", goodFeature + "\n" + "{]}" + "\n" + goodFeature + "\n", Options{}, want{key: "ingest.json_syntax", line: 2, feature: 2, good: 2}},
		{"something behind the end", "a.geojson", among(goodFeature) + "oops", Options{}, want{key: "ingest.json_syntax", whole: true, line: 6, good: 3}},
		{"comma missing", "a.geojson", before + goodFeature + "\n" + goodFeature + "]}", Options{}, want{key: "ingest.json_syntax", whole: true, line: 4, good: 2}},
		{"comma too many", "a.geojson", before + goodFeature + ",\n]}", Options{}, want{key: "ingest.json_syntax", whole: true, line: 4, good: 2}},
		{"brackets crossed", "a.geojson", among(`{"type":"Feature","properties":{"a":[1}],"geometry":null}`), Options{}, row("ingest.json_syntax")},
		{"features twice", "a.geojson", `{"type":"FeatureCollection","features":[` + goodFeature + `],"features":[]}`, Options{}, want{key: "ingest.duplicate_member", whole: true, line: 1, good: 1}},
		{"no feature", "a.geojson", among(`null`), Options{}, row("ingest.not_a_feature")},
		{"a string", "a.geojson", among(`"x]}"`), Options{}, row("ingest.not_a_feature")},
		{"wrong type", "a.geojson", among(`{"type":"Kartoffel","id":"bad","properties":{}}`), Options{}, row("ingest.bad_feature_type")},
		{"nesting bomb", "a.geojson", among(`{"type":"Feature","properties":{"a":` + nest("[", "]", 100000) + `},"geometry":null}`), Options{}, row("ingest.nested_too_deep")},
		{"geometry bomb", "a.geojson", withGeometry(strings.Repeat(`{"type":"GeometryCollection","geometries":[`, 100) + `{"type":"Point","coordinates":[1,2]}` + strings.Repeat("]}", 100)), Options{}, row("ingest.nested_too_deep")},
		{"member twice", "a.geojson", among(`{"type":"Feature","id":"bad","id":"x","properties":{},"geometry":null}`), Options{}, row("ingest.duplicate_member")},
		{"property twice", "a.geojson", among(`{"type":"Feature","id":"bad","properties":{"a":1,"b":2,"a":3},"geometry":null}`), Options{}, row("ingest.duplicate_member")},
		{"null character", "a.geojson", among(`{"type":"Feature","id":"bad","properties":{"a":"x\u0000"},"geometry":null}`), Options{}, row("ingest.nul_character")},
		{"half a surrogate", "a.geojson", among(`{"type":"Feature","id":"bad","properties":{"a":"\ud83d"},"geometry":null}`), Options{}, row("ingest.json_syntax")},
		{"id is an object", "a.geojson", among(`{"type":"Feature","id":{},"properties":{},"geometry":null}`), Options{}, row("ingest.bad_id")},
		{"properties are a list", "a.geojson", among(`{"type":"Feature","id":"bad","properties":[1],"geometry":null}`), Options{}, row("ingest.bad_properties")},
		{"leading zero", "a.geojson", among(`{"type":"Feature","id":"bad","properties":{"a":012},"geometry":null}`), Options{}, row("ingest.json_syntax")},

		// Geometries.
		{"NaN", "a.geojson", withGeometry(`{"type":"Point","coordinates":[NaN,51.9]}`), Options{}, row("ingest.not_a_number")},
		{"-Infinity", "a.geojson", withGeometry(`{"type":"Point","coordinates":[8.3,-Infinity]}`), Options{}, row("ingest.not_a_number")},
		{"NaN as property", "a.geojson", among(`{"type":"Feature","id":"bad","properties":{"a":NaN},"geometry":null}`), Options{}, row("ingest.not_a_number")},
		{"1e999", "a.geojson", withGeometry(`{"type":"Point","coordinates":[1e999,51.9]}`), Options{}, row("ingest.number_too_large")},
		{"text as coordinate", "a.geojson", withGeometry(`{"type":"Point","coordinates":["8.3","51.9"]}`), Options{}, row("ingest.bad_coordinates")},
		{"null as coordinate", "a.geojson", withGeometry(`{"type":"Point","coordinates":[null,null]}`), Options{}, row("ingest.bad_coordinates")},
		{"nested too little", "a.geojson", withGeometry(`{"type":"Polygon","coordinates":[[8,51],[9,51],[9,52],[8,51]]}`), Options{}, row("ingest.bad_coordinates")},
		{"nested too much", "a.geojson", withGeometry(`{"type":"Point","coordinates":[[8,51]]}`), Options{}, row("ingest.bad_coordinates")},
		{"one ordinate", "a.geojson", withGeometry(`{"type":"Point","coordinates":[8]}`), Options{}, row("ingest.bad_coordinates")},
		{"five ordinates", "a.geojson", withGeometry(`{"type":"Point","coordinates":[8,51,0,0,0]}`), Options{}, row("ingest.bad_coordinates")},
		{"no coordinates", "a.geojson", withGeometry(`{"type":"Point"}`), Options{}, row("ingest.bad_coordinates")},
		{"unknown geometry", "a.geojson", withGeometry(`{"type":"Circle","coordinates":[8,51],"radius":3}`), Options{}, row("ingest.bad_geometry_type")},
		{"geometry without type", "a.geojson", withGeometry(`{"coordinates":[8,51]}`), Options{}, row("ingest.bad_geometry_type")},
		{"geometry is text", "a.geojson", withGeometry(`"POINT(8 51)"`), Options{}, row("ingest.bad_geometry_type")},
		{"empty point", "a.geojson", withGeometry(`{"type":"Point","coordinates":[]}`), Options{}, row("ingest.empty_geometry")},
		{"empty polygon", "a.geojson", withGeometry(`{"type":"Polygon","coordinates":[ ]}`), Options{}, row("ingest.empty_geometry")},
		{"empty collection", "a.geojson", withGeometry(`{"type":"GeometryCollection","geometries":[]}`), Options{}, row("ingest.empty_geometry")},
		{"line of one point", "a.geojson", withGeometry(`{"type":"LineString","coordinates":[[8,51]]}`), Options{}, row("ingest.too_few_positions")},
		{"ring of three", "a.geojson", withGeometry(`{"type":"Polygon","coordinates":[[[8,51],[9,51],[8,51]]]}`), Options{}, row("ingest.too_few_positions")},
		{"open ring", "a.geojson", withGeometry(`{"type":"Polygon","coordinates":[[[8,51],[9,51],[9,52],[8,52]]]}`), Options{}, row("ingest.ring_not_closed")},
		{"two geometries", "a.geojson", among(`{"type":"Feature","id":"bad","geometry":null,"coordinates":[8,51],"properties":{}}`), Options{}, row("ingest.two_geometries")},
		{"coordinates and geometries", "a.geojson", withGeometry(`{"type":"Point","coordinates":[8,51],"geometries":[]}`), Options{}, row("ingest.two_geometries")},
		{"geometry twice", "a.geojson", among(`{"type":"Feature","id":"bad","geometry":null,"geometry":null,"properties":{}}`), Options{}, row("ingest.duplicate_member")},
		{"too many vertices", "a.geojson", withGeometry(`{"type":"LineString","coordinates":[` + many + `]}`), Options{MaxRecord: 1 << 20}, row("ingest.record_too_large")},
		{"unknown CRS", "a.geojson", `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"Gauss"}},"features":[]}`, Options{}, whole("geo.unknown_crs")},

		// Encodings.
		{"Latin-1 in UTF-8", "a.geojson", among("{\"type\":\"Feature\",\"id\":\"bad\",\"properties\":{\"a\":\"G\xfctersloh\"},\"geometry\":null}"), Options{}, row("ingest.not_utf8")},
		{"one Latin-1 row in UTF-8", "a.csv", "n;m\nGütersloh;ä\nG\xfctersloh;x\nÖl;ö\n", Options{Encoding: "utf-8"}, row("ingest.not_utf8")},

		// CSV.
		{"field missing", "a.csv", "a;b;c\n1;2;3\n1;2\n1;2;3\n", Options{}, row("ingest.csv_width")},
		{"field too many", "a.csv", "a;b;c\n1;2;3\n1;2;3;4\n1;2;3\n", Options{}, row("ingest.csv_width")},
		{"open quote", "a.csv", "a;b\n1;2\n1;\"2\n1;3\n", Options{}, row("ingest.csv_open_quote")},
		{"open quote, closed by the next", "a.csv", "a;b\n1;2\n1;\"2\n1;\"3\"\n", Options{}, want{key: "ingest.csv_open_quote", line: 3, feature: 2, good: 2}},
		{"bare quote", "a.csv", "a;b\n1;2\n1;\"2\"x\n1;3\n", Options{}, row("ingest.csv_bad_quote")},
		{"null byte", "a.csv", "a;b\n1;2\n1;\x002\n1;3\n", Options{Format: "csv"}, row("ingest.nul_character")},
		{"long line", "a.csv", "a;b\n1;2\n1;" + strings.Repeat("x", 3<<20) + "\n1;3\n", Options{MaxRecord: 1 << 20}, row("ingest.record_too_large")},
		{"two geometries", "a.csv", "lon;lat;wkt\n8;51;POINT(8 51)\n", Options{}, whole("ingest.csv_two_geometries")},
		{"two pairs", "a.csv", "x_3035;y_3035;lon;lat\n1;2;3;4\n", Options{}, whole("ingest.csv_two_geometries")},
		{"no such column", "a.csv", "a;b\n1;2\n", Options{X: "ost", Y: "b"}, whole("ingest.csv_no_column")},
		{"text as coordinate", "a.csv", "n;lon;lat\na;8.3;51.9\nb;n/a;51.9\nc;8.3;51.9\n", Options{}, row("ingest.bad_coordinate")},
		{"NaN as coordinate", "a.csv", "n;lon;lat\na;8.3;51.9\nb;NaN;51.9\nc;8.3;51.9\n", Options{}, row("ingest.bad_coordinate")},
		{"half a coordinate", "a.csv", "n;lon;lat\na;8.3;51.9\nb;8.3;\nc;8.3;51.9\n", Options{}, row("ingest.bad_coordinate")},
		{"broken WKT", "a.csv", "n;wkt\na;POINT(8.3 51.9)\nb;POINT(8.3\nc;POINT(8 51)\n", Options{}, row("ingest.bad_wkt")},
		{"empty WKT", "a.csv", "n;wkt\na;POINT(8.3 51.9)\nb;POINT EMPTY\nc;POINT(8 51)\n", Options{}, row("ingest.empty_geometry")},
		{"open WKT ring", "a.csv", "n;wkt\na;POINT(8.3 51.9)\nb;\"POLYGON((8 51,9 51,9 52,8 52))\"\nc;POINT(8 51)\n", Options{}, row("ingest.bad_wkt")},

		// Archives.
		{"archive leads out", "a.zip", string(zipped(t, [2]string{"../../etc/a.geojson", goodFeature})), Options{}, whole("ingest.archive_unsafe_name")},
		{"absolute name", "a.zip", string(zipped(t, [2]string{"/etc/a.geojson", goodFeature})), Options{}, whole("ingest.archive_unsafe_name")},
		{"drive name", "a.zip", string(zipped(t, [2]string{`C:\a.geojson`, goodFeature})), Options{}, whole("ingest.archive_unsafe_name")},
		{"archive in an archive", "a.zip", string(zipped(t, [2]string{"b.zip", string(zipped(t, [2]string{"a.geojson", goodFeature}))})), Options{}, whole("ingest.archive_nested")},
		{"gzip in gzip", "a.geojson.gz", string(gzipped(t, gzipped(t, []byte(goodFeature)))), Options{}, whole("ingest.archive_nested")},
		{"zip bomb", "a.zip", string(zipped(t, [2]string{"a.csv", string(bomb)})), Options{}, whole("ingest.archive_bomb")},
		{"gzip bomb", "a.csv.gz", string(gzipped(t, bomb)), Options{}, whole("ingest.archive_bomb")},
		{"too large unpacked", "a.csv.gz", string(gzipped(t, bomb[:5e6])), Options{MaxSize: 1e6}, whole("ingest.source_too_large")},
		{"too large in a zip", "a.zip", string(zipped(t, [2]string{"a.csv", string(bomb[:5e6])})), Options{MaxSize: 1e6}, whole("ingest.source_too_large")},
		{"damaged gzip", "a.csv.gz", string(gzipped(t, []byte("a;b\n1;2\n"))[:20]), Options{}, whole("ingest.archive_broken")},
		{"damaged zip", "a.zip", "PK\x03\x04 and nothing else", Options{}, whole("ingest.archive_broken")},
		{"7z", "a.7z", "7z\xbc\xaf\x27\x1c", Options{}, whole("ingest.archive_kind")},
		{"two kinds in a zip", "a.zip", string(zipped(t, [2]string{"a.geojson", goodFeature}, [2]string{"b.csv", "a;b\n1;2\n"})), Options{}, whole("ingest.several_formats")},
		{"no data in a zip", "a.zip", string(zipped(t, [2]string{"readme.txt", "hello"}, [2]string{"x.pdf", "%PDF"})), Options{}, whole("ingest.no_data_in_archive")},
		{"same name twice", "a.zip", string(zipped(t, [2]string{"a.geojson", goodFeature}, [2]string{"a.geojson", goodFeature})), Options{}, whole("ingest.archive_same_name")},

		// Feeds.
		{"ArcGIS error", "a.json", `{"error":{"code":400,"message":"Invalid query","details":[]}}`, Options{}, whole("ingest.arcgis_error")},
		{"ArcGIS cut off", "a.json", `{"features":[{"attributes":{"a":1},"geometry":{"x":8,"y":51}}],"exceededTransferLimit":true}`, Options{}, whole("ingest.arcgis_incomplete")},
		{"ArcGIS curve", "a.json", `{"geometryType":"esriGeometryPolyline","features":[` + "\n" + `{"attributes":{},"geometry":{"paths":[[[1,2],[3,4]]]}},` + "\n" + `{"attributes":{},"geometry":{"curvePaths":[[[6,3],{"c":[[5,3],[0,0]]}]]}},{"attributes":{},"geometry":null}]}`, Options{}, row("ingest.bad_geometry_type")},
		{"ArcGIS empty point", "a.json", `{"geometryType":"esriGeometryPoint","features":[` + "\n" + `{"attributes":{},"geometry":{"x":8,"y":51}},` + "\n" + `{"attributes":{},"geometry":{"x":"NaN","y":"NaN"}},{"attributes":{}, "geometry":null}]}`, Options{}, row("ingest.empty_geometry")},
		{"not a road event", "a.json", `{"feed_info":{},"features":[` + "\n" + wzdxFeature + ",\n" + `{"type":"Feature","id":"x","properties":{"core_details":{}},"geometry":null},` + wzdxFeature + `]}`, Options{}, row("ingest.wzdx_not_an_event")},
		{"DATEX without situations", "a.xml", `<?xml version="1.0"?><payload xmlns="http://datex2.eu/schema/3/d2Payload"/>`, Options{}, whole("ingest.datex2_no_situations")},
		{"DATEX cut off", "a.xml", `<?xml version="1.0"?>` + "\n" + `<p xmlns="http://datex2.eu/schema/3/situation"><situation id="s"><situationRecord id="r"><validity>`, Options{}, want{key: "ingest.truncated", whole: true, line: 2, feature: 1}},
		{"DATEX not XML", "a.xml", `<?xml version="1.0"?><p xmlns="http://datex2.eu/schema/3/situation"><a></b></p>`, Options{}, whole("ingest.xml_syntax")},
		{"DATEX without an id", "a.xml", `<p xmlns="http://datex2.eu/schema/3/situation">` + "\n" + `<situationRecord id="1"/>` + "\n" + `<situationRecord/><situationRecord id="2"/></p>`, Options{}, row("ingest.datex2_no_id")},
		{"DATEX position", "a.xml", `<p xmlns="http://datex2.eu/schema/3/situation">` + "\n" + `<situationRecord id="1"/>` + "\n" + `<situationRecord id="x"><locationReference><gmlLineString><posList>51.9 8.3 x 8.4</posList></gmlLineString></locationReference></situationRecord><situationRecord id="2"/></p>`, Options{}, row("ingest.bad_coordinate")},

		// GDAL.
		{"broken GeoPackage", "a.gpkg", "SQLite format 3\x00 and nothing else", Options{}, whole("ingest.gdal_not_format")},
		{"broken KML", "a.kml", `<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark>`, Options{}, whole("ingest.gdal_refused")},
		{"no such layer", "a.kml", kmlDocument, Options{Layer: "Straßen"}, whole("ingest.no_such_layer")},
	} {
		t.Run(c.what, func(t *testing.T) {
			got := readSource(t, put(t, c.name, []byte(c.content)), c.o)
			if c.want.whole {
				checkWhole(t, got, c.want.key, c.want.line, c.want.feature, c.want.good)
				return
			}
			if got.fatal != nil || len(got.rows) != 1 || got.good != c.want.good {
				t.Fatalf("%d good, rows %v, fatal %v; want %d good and one %s", got.good, got.rows, got.fatal, c.want.good, c.want.key)
			}
			bad := got.rows[0]
			if bad.Err.Key != c.want.key || bad.Line != c.want.line || bad.Feature != c.want.feature || bad.File != c.name {
				t.Errorf("got %v at %+v, want %s at line %d, feature %d", bad.Err, bad.Place, c.want.key, c.want.line, c.want.feature)
			}
			whole := c.content[bad.Offset : bad.Offset+bad.Length]
			if len(bad.Raw) == 0 || string(bad.Raw) != whole[:min(len(whole), len(bad.Raw))] || len(bad.Raw) > MaxRaw || len(bad.Raw) < min(len(whole), MaxRaw) {
				t.Errorf("%d bytes kept of %d at %d: %.80q", len(bad.Raw), bad.Length, bad.Offset, bad.Raw)
			}
		})
	}
}

func checkWhole(t *testing.T, got outcome, key string, line, feature int64, good int) {
	t.Helper()
	if keyOf(got.fatal) != key || got.good != good {
		t.Fatalf("%d good, fatal %v; want %d good and %s", got.good, got.fatal, good, key)
	}
	e, _ := errors.AsType[*ortsnah.Error](got.fatal)
	if line > 0 && fmt.Sprint(e.Args["line"]) != fmt.Sprint(line) || feature > 0 && fmt.Sprint(e.Args["feature"]) != fmt.Sprint(feature) {
		t.Errorf("%v, want line %d and feature %d", e, line, feature)
	}
}

const wzdxFeature = `{"type":"Feature","id":"w1","properties":{"core_details":{"event_type":"work-zone","data_source_id":"1","road_names":["A"],"direction":"northbound"},"start_date":"2026-01-01T01:00:00Z","end_date":"2026-01-02T01:00:00Z","vehicle_impact":"all-lanes-closed"},"geometry":{"type":"LineString","coordinates":[[8.3,51.9],[8.4,51.9]]}}`

const kmlDocument = `<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>Orte</name>
<Placemark><name>Rathaus</name><Point><coordinates>8.38,51.9,0</coordinates></Point></Placemark></Document></kml>`

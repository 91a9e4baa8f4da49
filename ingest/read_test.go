package ingest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/paulmach/orb/encoding/wkt"
)

// lines reads a source and writes each record on a line:
// id | geometry as WKT | name=value … | CRS. Texts are quoted.
func recordLines(t *testing.T, source string, o Options) []string {
	t.Helper()
	o.SpoolDir = t.TempDir()
	src, err := Open(t.Context(), source, o)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var out []string
	for {
		rec, err := src.Read()
		if errors.Is(err, io.EOF) {
			return out
		}
		if row, ok := errors.AsType[*RowError](err); ok {
			out = append(out, "! "+row.Err.Key+" "+row.Key)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, recordLine(rec, src.CRS()))
	}
}

var exponent = regexp.MustCompile(`[0-9.]+e\+[0-9]+`)

func recordLine(rec *Record, crs geo.SRID) string {
	g := "-"
	if rec.Geometry != nil {
		g = exponent.ReplaceAllStringFunc(wkt.MarshalString(rec.Geometry), func(n string) string {
			v, err := strconv.ParseFloat(n, 64)
			if err != nil {
				return n
			}
			return decimal(v)
		})
	}
	var props []string
	for _, p := range rec.Properties {
		switch v := p.Value.(type) {
		case string:
			props = append(props, fmt.Sprintf("%s=%q", p.Name, v))
		case json.RawMessage:
			props = append(props, p.Name+"="+string(v))
		default:
			props = append(props, fmt.Sprint(p.Name, "=", v))
		}
	}
	return fmt.Sprintf("%s | %s | %s | %d", rec.ID, g, strings.Join(props, " "), crs)
}

func checkLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("records (-want +got):\n%s", d)
	}
}

func TestReadGeoJSON(t *testing.T) {
	const feature = `{"id":7,"geometry":{"coordinates":[8.3,51.9,100,1],"type":"Point"},"type":"Feature","properties":{"s":"a\u00e4\"","n":1.50,"b":true,"z":null,"o":{"x":[1,2]}}}`
	const line = `7 | POINT(8.3 51.9) | s="aä\"" n=1.50 b=true z=<nil> o={"x":[1,2]} | `
	utm := `"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::25832"}}`
	for _, c := range []struct {
		what, name, content string
		o                   Options
		want                []string
	}{
		{"collection", "a.geojson", `{"type":"FeatureCollection","features":[` + feature + `]}`, Options{}, []string{line + "4326"}},
		{"byte order mark", "a.geojson", "\xef\xbb\xbf" + `{"type":"FeatureCollection","features":[` + feature + `]}`, Options{}, []string{line + "4326"}},
		{"members behind", "a.geojson", `{"features":[` + feature + `],"bbox":[1,2,3,4],` + utm + `,"type":"FeatureCollection"}`, Options{}, []string{line + "25832"}},
		{"the word crs in a value", "a.geojson", `{"features":[{"type":"Feature","properties":{"crs":"\"crs\""},"geometry":null}]}`, Options{}, []string{` | - | crs="\"crs\"" | 4326`}},
		{"CRS by option", "a.geojson", `{"type":"FeatureCollection","features":[` + feature + `]}`, Options{CRS: 31467}, []string{line + "31467"}},
		{"old crs null", "a.geojson", `{"crs":null,"type":"FeatureCollection","features":[` + feature + `]}`, Options{}, []string{line + "4326"}},
		{"one feature", "a.json", feature, Options{}, []string{line + "4326"}},
		{"one feature, pretty", "a.json", strings.ReplaceAll(feature, ",", ",\n "), Options{}, []string{strings.ReplaceAll(line, "[1,2]", "[1,\n 2]") + "4326"}},
		{"a geometry", "a.json", `{"type":"LineString","coordinates":[[1,2],[3,4]]}`, Options{}, []string{" | LINESTRING(1 2,3 4) |  | 4326"}},
		{"a collection of geometries", "a.json", `{"geometries":[{"type":"Point","coordinates":[1,2]},{"type":"MultiPoint","coordinates":[[1,2],[3,4]]}],"type":"GeometryCollection"}`, Options{}, []string{" | GEOMETRYCOLLECTION(POINT(1 2),MULTIPOINT((1 2),(3 4))) |  | 4326"}},
		{"polygons", "a.json", `{"type":"MultiPolygon","coordinates":[[[[0,0],[9,0],[9,9],[0,0]],[[1,1],[2,1],[2,2],[1,1]]],[[[20,0],[29,0],[29,9],[20,0]]]]}`, Options{}, []string{" | MULTIPOLYGON(((0 0,9 0,9 9,0 0),(1 1,2 1,2 2,1 1)),((20 0,29 0,29 9,20 0))) |  | 4326"}},
		{"swapped axes", "a.json", `{"type":"LineString","coordinates":[[1,2],[3,4]]}`, Options{SwapAxes: true}, []string{" | LINESTRING(2 1,4 3) |  | 4326"}},
		{"lines", "a.ndjson", feature + "\n\r\n" + feature + "\n", Options{}, []string{line + "4326", line + "4326"}},
		{"lines by content", "a.json", feature + "\n" + feature, Options{}, []string{line + "4326", line + "4326"}},
		{"text sequence", "a.json", "\x1e" + strings.ReplaceAll(feature, ",", ",\n") + "\n\x1e" + feature + "\n", Options{}, []string{strings.ReplaceAll(line, "[1,2]", "[1,\n2]") + "4326", line + "4326"}},
		{"several collections", "a.json", `{"type":"FeatureCollection",` + utm + `,"features":[` + feature + `]}` + "\n" + `{"type":"FeatureCollection","features":[` + feature + `]}`, Options{}, []string{line + "25832", line + "25832"}},
		{"header and a row", "-", `{"type":"FeatureCollection",` + utm + `,"features":[]}` + "\n" + feature, Options{}, []string{line + "25832"}},
		{"an array", "a.json", `[` + feature + `,` + feature + `]`, Options{}, []string{line + "4326", line + "4326"}},
		{"an empty collection", "a.json", `{"type":"FeatureCollection","features":[]}`, Options{}, nil},
		{"gzip", "a.geojson.gz", string(gzipped(t, []byte(feature))), Options{}, []string{line + "4326"}},
		{"zip with a note", "a.zip", string(zipped(t, [2]string{"x/a.geojson", feature}, [2]string{"hinweis.txt", "Bitte beachten; ja."}, [2]string{"__MACOSX/a.geojson", "x"})), Options{}, []string{line + "4326"}},
		{"UTF-16", "a.json", "\xff\xfe" + wide(`{"type":"Point","coordinates":[1,2]}`), Options{}, []string{" | POINT(1 2) |  | 4326"}},
		{"UTF-16 without a mark", "a.json", wide(`{"type":"Point","coordinates":[1,2]}`), Options{}, []string{" | POINT(1 2) |  | 4326"}},
		{"Latin-1 by option", "a.json", "{\"type\":\"Feature\",\"properties\":{\"a\":\"G\xfctersloh\"},\"geometry\":null}", Options{Encoding: "iso-8859-1"}, []string{` | - | a="Gütersloh" | 4326`}},
		{"key of a bad row", "a.json", `[{"type":"Feature","id":9,"properties":{"nr":"K7"},"geometry":{"type":"Point","coordinates":[]}}]`, Options{Key: "nr"}, []string{"! ingest.empty_geometry K7"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			if c.name == "-" {
				c.o.Stdin = strings.NewReader(c.content)
				checkLines(t, recordLines(t, "-", c.o), c.want...)
				return
			}
			checkLines(t, recordLines(t, put(t, c.name, []byte(c.content)), c.o), c.want...)
		})
	}
}

// wide is ASCII text in UTF-16, little end first.
func wide(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte(s[i])
		b.WriteByte(0)
	}
	return b.String()
}

func TestReadCSV(t *testing.T) {
	for _, c := range []struct {
		what, content string
		o             Options
		want          []string
	}{
		{"semicolons, decimal comma", "Name;Ost;Nord;Länge m\nA;450000,5;5750000;1.234,50\nB;;;007\n", Options{CRS: geo.UTM32N},
			[]string{` | POINT(450000.5 5750000) | Name="A" Länge m=1234.50 | 25832`, ` | - | Name="B" Länge m="007" | 25832`}},
		{"commas, quotes, lines", "id,lon,lat,text\r\n1,8.3,51.9,\"a \"\"b\"\",\r\nc\"\r\n2,8.4,51.8,\r\n", Options{},
			[]string{" | POINT(8.3 51.9) | id=\"1\" text=\"a \\\"b\\\",\\r\\nc\" | 4326", ` | POINT(8.4 51.8) | id="2" text=<nil> | 4326`}},
		{"Windows-1252", "Stra\xdfe;Preis \x80\nG\xfctersloh;3\n", Options{}, []string{` | - | Straße="Gütersloh" Preis €="3" | 0`}},
		{"ISO 8859-15", "Stra\xdfe;Preis \xa4\nG\xfctersloh;3\n", Options{}, []string{` | - | Straße="Gütersloh" Preis €="3" | 0`}},
		{"DOS by name", "Stra\xe1e;b\nG\x81tersloh;3\n", Options{Encoding: "ibm850"}, []string{` | - | Straße="Gütersloh" b="3" | 0`}},
		{"UTF-8 with a mark", "\xef\xbb\xbfStraße;b\nGütersloh;3\n", Options{}, []string{` | - | Straße="Gütersloh" b="3" | 0`}},
		{"UTF-16", "\xff\xfe" + wide("a;b\n1;2\n"), Options{}, []string{` | - | a="1" b="2" | 0`}},
		{"tabs", "a\tb\n1\t2\n", Options{}, []string{` | - | a="1" b="2" | 0`}},
		{"one column", "a\n1\n2\n", Options{}, []string{` | - | a="1" | 0`, ` | - | a="2" | 0`}},
		{"no header", "1;2;3\n4;5;6\n", Options{}, []string{` | - | column_1="1" column_2="2" column_3="3" | 0`, ` | - | column_1="4" column_2="5" column_3="6" | 0`}},
		{"titles above", "Bericht 2026\n\nName;Wert;Ort\nA;1;x\nB;2;y\nC;3;z\n", Options{}, []string{` | - | Name="A" Wert="1" Ort="x" | 0`, ` | - | Name="B" Wert="2" Ort="y" | 0`, ` | - | Name="C" Wert="3" Ort="z" | 0`}},
		{"names to clean", " Name ;;Name;\"A  B\"\nx;y;z;w\n", Options{}, []string{` | - | Name="x" column_2="y" Name_2="z" A B="w" | 0`}},
		{"empty fields at the end", "a;b\n1;2;;\n", Options{}, []string{` | - | a="1" b="2" | 0`}},
		{"WKT with Z", "id;wkt\n1;POINT Z (8.3 51.9 70)\n2;\"POLYGON((0 0,1 0,1 1,0 0))\"\n3;\n", Options{},
			[]string{` | POINT(8.3 51.9) | id="1" | 0`, ` | POLYGON((0 0,1 0,1 1,0 0)) | id="2" | 0`, ` | - | id="3" | 0`}},
		{"EWKT", "id;geom\n1;\"SRID=25832;POINT(450000 5750000)\"\n", Options{}, []string{` | POINT(450000 5750000) | id="1" | 25832`}},
		{"hexadecimal WKB", "id;geom\n1;0101000020E6100000000000000000F03F0000000000000040\n", Options{}, []string{` | POINT(1 2) | id="1" | 4326`}},
		{"code in the name", "id;x_3035;y_3035\n1;4107250;3142050\n", Options{}, []string{` | POINT(4107250 3142050) | id="1" | 3035`}},
		{"columns by option", "id;a;b\n1;8.3;51.9\n", Options{X: "A", Y: "b"}, []string{` | POINT(8.3 51.9) | id="1" | 0`}},
		{"two pairs, decided", "x_3035;y_3035;lon;lat\n1;2;3;4\n", Options{X: "lon", Y: "lat"}, []string{` | POINT(3 4) | x_3035="1" y_3035="2" | 4326`}},
		{"swapped", "id;x;y\n1;5750000;450000\n", Options{SwapAxes: true, CRS: 25832}, []string{` | POINT(450000 5750000) | id="1" | 25832`}},
		{"delimiter by option", "a:b\n1:2\n", Options{Delimiter: ':'}, []string{` | - | a="1" b="2" | 0`}},
		{"last line without end", "a;b\n1;\"2\"", Options{}, []string{` | - | a="1" b="2" | 0`}},
	} {
		t.Run(c.what, func(t *testing.T) {
			checkLines(t, recordLines(t, put(t, "a.csv", []byte(c.content)), c.o), c.want...)
		})
	}
}

// TestRowsCanBeReadAgain holds every format with byte ranges to what the
// quarantine needs: header and original bytes make a source of one record.
func TestRowsCanBeReadAgain(t *testing.T) {
	utm := `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:25832"}},"features":[` + "\n" +
		`{"type":"Feature","id":1,"properties":{"a":1},"geometry":{"type":"Point","coordinates":[450000,5750000]}},` + "\n" + goodFeature + "]}"
	for name, source := range map[string]string{
		"geojson":   put(t, "a.geojson", []byte(utm)),
		"lines":     put(t, "a.ndjson", []byte(goodFeature+"\n"+goodFeature+"\n")),
		"csv":       put(t, "a.csv", []byte("Stra\xdfe;x;y\nG\xfctersloh;1,5;2\n\"B\n;\";3;4\n")),
		"wzdx":      "testdata/wzdx/feed.geojson",
		"arcgis":    "testdata/arcgis/sites.json",
		"datex2":    "testdata/datex2/situations.xml",
		"karlsruhe": put(t, "k.geojson", karlsruheGood(t)),
		"kml":       put(t, "a.kml", []byte(kmlDocument)),
	} {
		t.Run(name, func(t *testing.T) {
			src, err := Open(t.Context(), source, Options{SpoolDir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			defer src.Close()
			for n := 1; ; n++ {
				rec, err := src.Read()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				want, place := recordLine(rec, src.CRS()), rec.Place
				if string(src.Original(place)) != string(rec.Raw) || place.Feature != int64(n) {
					t.Fatalf("original at %+v is %q, want %q", place, src.Original(place), rec.Raw)
				}
				again := string(src.Header(rec.File)) + string(rec.Raw)
				got := firstLine(t, again, src.Format())
				if got != want {
					t.Errorf("read again from\n%s\n got %s\nwant %s", again, got, want)
				}
			}
			if err := src.Rewind(); err != nil {
				t.Fatal(err)
			}
			if rec, err := src.Read(); err != nil || rec.Feature != 1 {
				t.Errorf("after Rewind: %v %v", rec, err)
			}
		})
	}
}

func karlsruheGood(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/karlsruhe/sites.geojson")
	if err != nil {
		t.Fatal(err)
	}
	return []byte(strings.ReplaceAll(string(b), "[8.4,49.1]]]", "[8.4,49.1],[8.4,49.0]]]"))
}

func firstLine(t *testing.T, content, format string) string {
	t.Helper()
	src, err := Open(t.Context(), "-", Options{Format: format, Stdin: strings.NewReader(content), SpoolDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	rec, err := src.Read()
	if err != nil {
		t.Fatal(err)
	}
	return recordLine(rec, src.CRS())
}

func TestReadFeeds(t *testing.T) {
	const kSource = `{"id":"2026V0001","titel":"Musterstraße 1","art":"Kanalbau","artCode":"Kanalbau","artKnown":true,"info":"Gehweg <frei> & offen","von":"2026-08-09","bis":"2026-08-28","verursacher":"Tiefbauamt","ampel":"teil","ampelLabel":"Teilsperrung","verkehrsmittel":{"fuss":true,"rad":false,"auto":true},"point":[8.318572,49.017118]}`
	k := recordLines(t, "testdata/karlsruhe/sites.geojson", Options{})
	checkLines(t, []string{k[0], k[2]},
		`2026V0001 | LINESTRING(8.317313 49.017144,8.31741 49.017142) | id="2026V0001" title="Musterstraße 1" description="Gehweg <frei> & offen" kind="Kanalbau" start="2026-08-09" end="2026-08-28" impact="partial" affects_car="partial" affects_bike="none" affects_foot="partial" responsible_body="Tiefbauamt" source_properties=`+kSource+` | 4326`,
		`! ingest.ring_not_closed `)
	if !strings.HasPrefix(k[1], `2026V0002 | POINT(8.4 49) | `) || !strings.Contains(k[1], `impact="closed" affects_car="closed" affects_bike="closed" affects_foot="none" affects_bus="closed"`) {
		t.Errorf("without an area: %s", k[1])
	}
	w := recordLines(t, "testdata/wzdx/feed.geojson", Options{})
	for i, part := range []string{
		`e1 | LINESTRING(8.37 51.9,8.38 51.91) | id="e1" title="GT-1" description="Kanalbau" kind="surface-work, roadside-work" street="Berliner Straße, B61" start="2026-03-01T05:00:00Z" end="2026-04-01T17:00:00Z" status="planned" impact="partial" affects_car="partial" affects_bike="closed" affects_foot="none" responsible_body="Tiefbauamt" source_properties={"core_details":{"data_source_id":"7",`,
		`e2 | MULTIPOINT((8.37 51.9),(8.38 51.91)) | id="e2" title="Ringstraße unknown" kind="detour" street="Ringstraße" start="2026-03-01T05:00:00Z" end="2026-04-01T17:00:00Z" responsible_body="Stadt" source_properties=`,
	} {
		if !strings.HasPrefix(w[i], part) {
			t.Errorf("WZDx\n got %s\nwant %s", w[i], part)
		}
	}
	d := recordLines(t, "testdata/datex2/situations.xml", Options{})
	for i, part := range []string{
		`S1-R1 | LINESTRING(8.37 51.9,8.38 51.91,8.39 51.92) | id="S1-R1" title="Berliner Straße" description="Deckenerneuerung & Markierung" kind="resurfacingWork" street="Berliner Straße" start="2026-03-02T07:00:00+01:00" end="2026-03-20T18:00:00+01:00" status="planned" impact="partial" affects_car="partial" responsible_body="Straßenbauamt" source_properties={"@type":"sit:MaintenanceWorks","@id":"S1-R1","@version":"3",`,
		`S1-R2 | POINT(8.4 51.9) | id="S1-R2" title="S1-R2" kind="constructionWork" status="cancelled" source_properties=`,
		`S2-R1 | POLYGON((450000 5750000,450010 5750000,450010 5750010,450000 5750000)) | id="S2-R1" title="S2-R1" kind="RoadOrCarriagewayOrLaneManagement" impact="closed" affects_car="closed" source_properties=`,
	} {
		if !strings.HasPrefix(d[i], part) {
			t.Errorf("DATEX II\n got %s\nwant %s", d[i], part)
		}
	}
	if !strings.Contains(d[0], `"roadMaintenanceType":["resurfacingWork","roadMarkingWork"]}`) || strings.Contains(d[0], "posList") || !strings.HasSuffix(d[2], "| 25832") {
		t.Errorf("DATEX II source properties: %s\n%s", d[0], d[2])
	}
	checkLines(t, recordLines(t, "testdata/arcgis/sites.json", Options{}),
		`4711 | MULTIPOLYGON(((0 0,0 10,10 10,10 0,0 0),(2 2,4 2,4 4,2 4,2 2)),((20 0,20 5,25 5,25 0,20 0))) | OBJECTID=4711 Straße="Hauptstraße" Baubeginn="2026-01-01T00:00:00Z" Bauende=<nil> Sperrung="Vollsperrung" | 4647`,
		`4712 | POLYGON((0 0,10 0,10 10,0 10,0 0)) | OBJECTID=4712 Straße="Nebenweg" Baubeginn="1969-12-31T00:00:00Z" Bauende="2026-01-01T00:00:00.123Z" Sperrung="keine" | 4647`,
		`4713 | - | OBJECTID=4713 Straße=<nil> Baubeginn=<nil> Bauende=<nil> Sperrung=<nil> | 4647`)
	a := recordLines(t, "testdata/arcgis/sites.json", Options{Format: "arcgis-roadworks"})
	if !strings.Contains(a[0], `id="4711" title="Hauptstraße" street="Hauptstraße" start="2026-01-01T00:00:00Z" impact="closed" source_properties={"OBJECTID":4711,`) {
		t.Errorf("ArcGIS roadworks: %s", a[0])
	}
}

// TestReadFolder reads all files of one format by name and names each record's file.
func TestReadFolder(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string][]byte{
		"b.csv": []byte("a\n3\n"), "a.csv": []byte("a\n1\n2\n"), "c.csv.gz": gzipped(t, []byte("a\n4\n")),
		"liesmich.txt": []byte("hallo"), ".versteckt": []byte("x"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	src, err := Open(t.Context(), dir, Options{SpoolDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var got []string
	for {
		rec, err := src.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(rec.File, " ", rec.Line, " ", rec.Properties[0].Value))
	}
	checkLines(t, got, "a.csv 2 1", "a.csv 3 2", "b.csv 2 3", "c.csv 2 4")
	if src.Size() != 6+4+4 || src.Consumed() != src.Size() {
		t.Errorf("%d of %d bytes", src.Consumed(), src.Size())
	}
}

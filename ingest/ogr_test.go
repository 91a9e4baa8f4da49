package ingest

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ortsnah/ortsnah"
)

// made has GDAL write two places in that format.
func made(t *testing.T, file string, args ...string) string {
	t.Helper()
	source := put(t, "orte.geojson", []byte(`{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"name":"Straße","n":1.5,"tag":"2026-01-02"},"geometry":{"type":"Point","coordinates":[8.3,51.9]}},
{"type":"Feature","properties":{"name":"b","n":2,"tag":"2026-01-03"},"geometry":{"type":"Point","coordinates":[8.4,51.8]}}]}`))
	path := filepath.Join(t.TempDir(), file)
	if out, err := exec.Command("ogr2ogr", append(args, path, source)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

func TestReadThroughGDAL(t *testing.T) {
	for _, c := range []struct {
		file, format, crs string
		args              []string
	}{
		{"orte.shp", "shapefile", "31467", []string{"-t_srs", "EPSG:31467", "-lco", "ENCODING=ISO-8859-1"}},
		{"orte.gpkg", "gpkg", "25832", []string{"-t_srs", "EPSG:25832"}},
		{"orte.fgb", "flatgeobuf", "3035", []string{"-t_srs", "EPSG:3035"}},
		{"orte.kml", "kml", "4326", nil},
		{"orte.gml", "gml", "4258", []string{"-t_srs", "EPSG:4258", "-f", "GML", "-dsco", "FORMAT=GML3.2"}},
		{"orte.gml", "gml", "31467", []string{"-t_srs", "EPSG:31467", "-f", "GML", "-dsco", "FORMAT=GML3.2"}},
		{"orte.tab", "mapinfo", "4326", []string{"-t_srs", "EPSG:25832", "-f", "MapInfo File"}},
		{"orte.xlsx", "xlsx", "0", nil},
		{"orte.ods", "ods", "0", nil},
		{"orte.dxf", "dxf", "0", []string{"-skipfailures", "-t_srs", "EPSG:25832"}},
		{"orte.gpx", "gpx", "4326", []string{"-select", "name"}},
	} {
		t.Run(c.format+c.crs, func(t *testing.T) {
			path := made(t, c.file, c.args...)
			before, err := os.ReadDir(filepath.Dir(path))
			if err != nil {
				t.Fatal(err)
			}
			lines := recordLines(t, path, Options{})
			if len(lines) != 2 || !strings.HasSuffix(lines[0], "| "+c.crs) {
				t.Fatalf("%q", lines)
			}
			if c.format != "dxf" && !strings.Contains(strings.Join(lines, ""), `"Straße"`) {
				t.Errorf("%q", lines[0])
			}
			if lon := strings.Contains(strings.Join(lines, ""), "POINT(8.3"); lon != (c.crs == "4326" || c.crs == "4258") {
				t.Errorf("%q", lines[0])
			}
			after, err := os.ReadDir(filepath.Dir(path))
			if err != nil || len(after) != len(before) {
				t.Errorf("left beside the source: %v", after)
			}
		})
	}
}

func TestReadShapefileFromZip(t *testing.T) {
	dir := filepath.Dir(made(t, "orte.shp", "-t_srs", "EPSG:25832"))
	var files [][2]string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(e.Name()) != ".shx" { // GDAL can do without the index
			files = append(files, [2]string{"Daten/" + strings.ToUpper(e.Name()), string(b)})
		}
	}
	lines := recordLines(t, put(t, "orte.zip", zipped(t, files...)), Options{})
	if len(lines) != 2 || !strings.HasSuffix(lines[1], "25832") || !strings.Contains(lines[1], `name="b"`) {
		t.Errorf("%q", lines)
	}
}

func TestLayers(t *testing.T) {
	path := made(t, "orte.gpkg", "-nln", "eins")
	if out, err := exec.Command("ogr2ogr", "-append", "-nln", "zwei", path, made(t, "x.geojson")).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	if got := readSource(t, path, Options{}); keyOf(got.fatal) != "ingest.several_layers" {
		t.Errorf("%+v", got)
	}
	if got := readSource(t, path, Options{Layer: "zwei"}); got.fatal != nil || got.good != 2 {
		t.Errorf("%+v", got)
	}
}

// TestReadTable finds the coordinates of a spreadsheet as those of CSV.
func TestReadTable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "orte.xlsx")
	if out, err := exec.Command("ogr2ogr", path, put(t, "orte.csv", []byte("name,rechtswert,hochwert\nA,450000.5,5750000\nB,,\n")), "-oo", "AUTODETECT_TYPE=YES").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	checkLines(t, recordLines(t, path, Options{CRS: 25832}), ` | POINT(450000.5 5750000) | name="A" | 25832`, ` | - | name="B" | 25832`)
}

// TestGDALReadsNoOtherFiles hands GDAL files that name others.
func TestGDALReadsNoOtherFiles(t *testing.T) {
	secret := made(t, "geheim.gpkg", "-nln", "geheim")
	vrt := `<OGRVRTDataSource><OGRVRTLayer name="geheim"><SrcDataSource>` + secret + `</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>`
	for _, format := range []string{"gml", "kml", "gpkg", "mapinfo", "shapefile"} {
		if got := readSource(t, put(t, "a."+format, []byte(vrt)), Options{Format: format}); got.fatal == nil || got.good > 0 {
			t.Errorf("%s: %+v", format, got)
		}
	}
}

func TestGDALIsMissing(t *testing.T) {
	path := made(t, "orte.gpkg")
	t.Setenv("PATH", t.TempDir())
	if got := readSource(t, path, Options{}); keyOf(got.fatal) != "ingest.gdal_missing" {
		t.Errorf("%+v", got)
	}
}

// TestGDALIsKilled ends the program with the context and leaves nothing.
func TestGDALIsKilled(t *testing.T) {
	bin, path := t.TempDir(), made(t, "orte.gpkg")
	info, err := exec.LookPath("ogrinfo")
	if err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\necho '{\"type\":\"Feature\",\"properties\":{},\"geometry\":null}'\nexec sleep 600\n"
	if err := errors.Join(os.Symlink(info, filepath.Join(bin, "ogrinfo")), os.WriteFile(filepath.Join(bin, "ogr2ogr"), []byte(script), 0o700)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	ctx, cancel := context.WithCancel(t.Context())
	src, err := Open(ctx, path, Options{SpoolDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := src.Read(); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := src.Read(); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if err := src.Close(); err != nil {
		t.Error(err)
	}
}

// TestGDALFailsInTheMiddle: what came before a failure is not the whole source.
func TestGDALFailsInTheMiddle(t *testing.T) {
	bin, path := t.TempDir(), made(t, "orte.gpkg")
	info, err := exec.LookPath("ogrinfo")
	if err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\necho '{\"type\":\"Feature\",\"properties\":{},\"geometry\":null}'\necho 'ERROR 1: disk is upside down' >&2\nexit 1\n"
	if err := errors.Join(os.Symlink(info, filepath.Join(bin, "ogrinfo")), os.WriteFile(filepath.Join(bin, "ogr2ogr"), []byte(script), 0o700)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	got := readSource(t, path, Options{})
	e, _ := errors.AsType[*ortsnah.Error](got.fatal)
	if errors.Is(got.fatal, io.EOF) || got.good != 1 || e == nil || e.Key != "ingest.gdal_refused" || e.Args["reason"] != "ERROR 1: disk is upside down" {
		t.Errorf("%+v", got)
	}
}

package ingest

import (
	"bytes"
	"context"
	"html"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/ortsnah/ortsnah"
)

// Format is a source format or a feed.
type Format struct {
	Name       string   // what --format takes
	Title      string   // for lists
	Extensions []string // with the dot, lower case
	Feed       bool     // records have the fields of the built-in dataset construction-sites
	Driver     string   // GDAL's driver, for formats that ogr2ogr reads
	// Sniff recognises the format by the first bytes of a file and its name.
	Sniff func(head []byte, name string) bool
	// Open reads one file.
	Open func(ctx context.Context, in Input, o Options) (Reader, error)
}

// Input is one file of a source. It is always a local file.
type Input struct {
	Path    string  // where it is
	Name    string  // what it is called in the source
	Address string  // of a web service that the format reads itself, else ""
	Scratch *spool  // for copies the format needs
	Format  *Format // how it is read
}

// Formats is everything that can be read; what stands first is tried first.
// To add one: a line here, ingest/<name>.go and testdata.
func Formats() []Format {
	return []Format{
		{Name: "karlsruhe", Title: "Baustellen der Stadt Karlsruhe (GeoJSON)", Feed: true, Sniff: sniffKarlsruhe, Open: openKarlsruhe},
		{Name: "wzdx", Title: "WZDx 4 (Work Zone Data Exchange)", Feed: true, Sniff: sniffWZDx, Open: openWZDx},
		{Name: "datex2", Title: "DATEX II v3 SituationPublication", Feed: true, Sniff: sniffDATEX2, Open: openDATEX2},
		{Name: "arcgis-roadworks", Title: "Baustellen eines ArcGIS-Dienstes", Feed: true, Sniff: never, Open: openArcGISRoadworks},
		{Name: "arcgis", Title: "ArcGIS feature JSON", Extensions: []string{".esrijson"}, Sniff: sniffArcGIS, Open: openArcGIS},
		{Name: "geojson", Title: "GeoJSON, GeoJSONSeq, NDJSON", Sniff: sniffJSON, Open: openGeoJSON,
			Extensions: []string{".geojson", ".json", ".geojsonl", ".geojsons", ".geojsonseq", ".ndjson", ".jsonl", ".ldjson", ".ndgeojson"}},
		{Name: "shapefile", Title: "ESRI Shapefile", Extensions: []string{".shp"}, Driver: "ESRI Shapefile", Sniff: magic("\x00\x00\x27\x0a"), Open: openOGR},
		{Name: "gpkg", Title: "GeoPackage", Extensions: []string{".gpkg"}, Driver: "GPKG", Sniff: magic("SQLite format 3\x00"), Open: openOGR},
		{Name: "flatgeobuf", Title: "FlatGeobuf", Extensions: []string{".fgb"}, Driver: "FlatGeobuf", Sniff: magic("fgb\x03"), Open: openOGR},
		{Name: "kml", Title: "KML, KMZ", Extensions: []string{".kml", ".kmz"}, Driver: "LIBKML", Sniff: element("kml"), Open: openOGR},
		{Name: "gpx", Title: "GPX", Extensions: []string{".gpx"}, Driver: "GPX", Sniff: element("gpx"), Open: openOGR},
		{Name: "gml", Title: "GML, WFS answer", Extensions: []string{".gml"}, Driver: "GML", Sniff: sniffGML, Open: openOGR},
		{Name: "xlsx", Title: "Excel", Extensions: []string{".xlsx", ".xlsm"}, Driver: "XLSX", Sniff: extension(".xlsx", ".xlsm"), Open: openOGR},
		{Name: "ods", Title: "OpenDocument-Tabelle", Extensions: []string{".ods"}, Driver: "ODS", Sniff: extension(".ods"), Open: openOGR},
		{Name: "dxf", Title: "DXF", Extensions: []string{".dxf"}, Driver: "DXF", Sniff: extension(".dxf"), Open: openOGR},
		{Name: "mapinfo", Title: "MapInfo", Extensions: []string{".tab", ".mif"}, Driver: "MapInfo File", Sniff: sniffMapInfo, Open: openOGR},
		{Name: "filegdb", Title: "ESRI File Geodatabase", Extensions: []string{".gdb"}, Driver: "OpenFileGDB", Sniff: extension(".gdb"), Open: openOGR},
		{Name: "wfs", Title: "WFS", Driver: "WFS", Sniff: never, Open: openWFS},
		{Name: "csv", Title: "CSV", Extensions: []string{".csv", ".tsv", ".txt"}, Sniff: sniffCSV, Open: openCSV},
	}
}

// FormatNamed returns the format of that name, or "ingest.unknown_format".
func FormatNamed(name string) (Format, error) {
	var names []string
	for _, f := range Formats() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Format{}, ortsnah.E(ortsnah.Unsupported, "ingest.unknown_format", "format", name, "formats", strings.Join(names, ", ")).About("format")
}

// detect finds the format of a file by its first bytes and its name.
func detect(head []byte, name string) (Format, bool) {
	if isWebPage(head) {
		return Format{}, false
	}
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	for _, f := range Formats() {
		if f.Sniff(head, strings.ToLower(name)) {
			return f, true
		}
	}
	return Format{}, false
}

func never([]byte, string) bool { return false }

func magic(start string) func([]byte, string) bool {
	return func(head []byte, _ string) bool { return bytes.HasPrefix(head, []byte(start)) }
}

func extension(ext ...string) func([]byte, string) bool {
	return func(_ []byte, name string) bool { return slices.Contains(ext, filepath.Ext(name)) }
}

var rootElement = regexp.MustCompile(`<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)[\s/>]`)

// root is the local name of the first element of an XML document.
func root(head []byte) string {
	if !bytes.HasPrefix(bytes.TrimSpace(head), []byte("<")) {
		return ""
	}
	if m := rootElement.FindSubmatch(head); m != nil {
		return string(m[2])
	}
	return ""
}

func element(name string) func([]byte, string) bool {
	return func(head []byte, file string) bool {
		return root(head) == name || name == "kml" && filepath.Ext(file) == ".kmz" && bytes.HasPrefix(head, []byte("PK"))
	}
}

func sniffMapInfo(head []byte, name string) bool {
	return bytes.HasPrefix(head, []byte("!table")) || filepath.Ext(name) == ".mif"
}

func sniffGML(head []byte, _ string) bool {
	return root(head) != "" && bytes.Contains(head, []byte("opengis.net/gml")) && !bytes.Contains(head, []byte("ExceptionReport"))
}

func sniffJSON(head []byte, _ string) bool {
	head = bytes.TrimLeft(head, " \t\r\n\x1e")
	return len(head) > 0 && (head[0] == '{' || head[0] == '[')
}

func sniffCSV(head []byte, name string) bool {
	if !isText(head) || root(head) != "" {
		return false
	}
	ext := filepath.Ext(name)
	if ext == ".csv" || ext == ".tsv" {
		return true
	}
	d := guessDelimiter(head)
	widths := sampleWidths(head, d)
	_, count := mostCommon(widths)
	return d != 0 && len(widths) > 1 && count*10 >= len(widths)*9
}

// isText reports whether bytes can be text in an encoding that extends ASCII.
func isText(head []byte) bool {
	for _, c := range head {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1a {
			return false
		}
	}
	return len(head) > 0
}

var exceptionText = regexp.MustCompile(`(?s)<(?:\w+:)?(?:ExceptionText|ServiceException)[^>]*>(.*?)</`)

// serviceException is the reason in the error report that an OGC service sends
// instead of data (OWS Common, OGC 06-121r9, section 8).
func serviceException(head []byte) (string, bool) {
	name := root(head)
	if name != "ExceptionReport" && name != "ServiceExceptionReport" {
		return "", false
	}
	if m := exceptionText.FindSubmatch(head); m != nil {
		return short(strings.Join(strings.Fields(html.UnescapeString(string(m[1]))), " ")), true
	}
	return name, true
}

// isWebPage notices the page that a server sends instead of data.
func isWebPage(head []byte) bool {
	start := bytes.ToLower(bytes.TrimSpace(head[:min(len(head), 1024)]))
	return bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html")) || root(start) == "html"
}

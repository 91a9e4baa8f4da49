package ingest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
)

// ogrIdle is how long GDAL may work on a local file without a line of output.
const ogrIdle = 10 * time.Minute

// openOGR reads whatever GDAL reads: ogr2ogr writes GeoJSONSeq to a pipe and
// the GeoJSON reader reads it. Coordinates come as they are in the file, in
// GIS axis order, with the file's EPSG code beside them; only where the file's
// reference system has no code GDAL transforms to WGS 84.
//
// GDAL opens the file through links in a folder of the spool, where nothing
// else lies and where its side files are no nuisance; all drivers but the one
// for the format are switched off, so that no file can make it open others or
// reach the network. Places of records refer to the GeoJSON text.
func openOGR(ctx context.Context, in Input, o Options) (Reader, error) {
	if head, err := headOf(in.Path); err == nil && sniffJSON(head, in.Name) {
		return openGeoJSON(ctx, in, o) // a row from quarantine is read again
	}
	dir, err := in.Scratch.folder()
	if err != nil {
		return nil, err
	}
	source, err := linkInto(dir, in.Path, in.Name)
	if err != nil {
		return nil, readFailed(err)
	}
	g := gdal{driver: in.Format.Driver, name: in.Name, dir: dir}
	if g.driver == "GML" {
		g.open = []string{"-oo", "WRITE_GFS=NO"}
	}
	if err := g.prepare(ctx); err != nil {
		return nil, err
	}
	layer, err := g.layer(ctx, source, o.Layer)
	if err != nil {
		return nil, err
	}
	if layer.crs == 0 && !layer.hasCRS {
		layer.crs = namedInGML(in.Path)
	}
	return g.read(ctx, source, layer, in, o)
}

// linkInto links a file and those that belong to it (same name, other
// extension) into dir, with lower-case extensions.
func linkInto(dir, path, name string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	ext := filepath.Ext(filepath.Base(name))
	stem := strings.TrimSuffix(path, filepath.Ext(path))
	target := filepath.Join(dir, "source"+strings.ToLower(ext))
	if err := os.Symlink(path, target); err != nil {
		return "", err
	}
	siblings, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return target, nil // the folder may not be listed: the file alone then
	}
	for _, s := range siblings {
		other := filepath.Ext(s.Name())
		full := filepath.Join(filepath.Dir(path), s.Name())
		if !isCompanion(s.Name()) || strings.TrimSuffix(full, other) != stem {
			continue
		}
		link := filepath.Join(dir, "source"+strings.ToLower(other))
		if err := os.Symlink(full, link); err != nil && !errors.Is(err, os.ErrExist) {
			return "", err
		}
	}
	return target, nil
}

// gdal runs GDAL's programs for one file.
type gdal struct {
	driver string
	name   string // of the file, for sentences
	dir    string
	open   []string // open options
	env    []string
}

// prepare finds the programs and switches off all drivers that are not needed.
func (g *gdal) prepare(ctx context.Context) error {
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		return ortsnah.E(ortsnah.Unavailable, "ingest.gdal_missing").Because(err)
	}
	g.env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + g.dir, "LC_ALL=C.UTF-8", "TMPDIR=" + g.dir, "CPL_TMPDIR=" + g.dir,
		"PROJ_NETWORK=OFF", "SHAPE_RESTORE_SHX=YES", "GDAL_PAM_ENABLED=NO", "OGR_CT_FORCE_TRADITIONAL_GIS_ORDER=YES",
		"GDAL_HTTP_PROXY=127.0.0.1:9", "CPL_VSIL_CURL_ALLOWED_EXTENSIONS=.none",
	}, g.env...)
	for _, name := range []string{"GDAL_DATA", "PROJ_LIB", "PROJ_DATA", "LD_LIBRARY_PATH"} {
		if v, ok := os.LookupEnv(name); ok {
			g.env = append(g.env, name+"="+v)
		}
	}
	out, err := g.output(ctx, "ogrinfo", "--formats")
	if err != nil {
		return err
	}
	keep := map[string]bool{g.driver: true, "GeoJSONSeq": true, "Memory": true}
	if g.driver == "WFS" { // its answers are GML
		keep["GML"] = true
	}
	var skip []string
	found := false
	for _, m := range formatLine.FindAllStringSubmatch(string(out), -1) {
		found = found || m[1] == g.driver
		if !keep[m[1]] {
			skip = append(skip, m[1])
		}
	}
	if !found {
		return ortsnah.E(ortsnah.Unavailable, "ingest.gdal_driver_missing", "driver", g.driver)
	}
	g.env = append(g.env, "GDAL_SKIP="+strings.Join(skip, ","))
	return nil
}

var formatLine = regexp.MustCompile(`(?m)^\s+(\S.*?) -(?:[a-z ,]*)- \(`)

func (g *gdal) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env, cmd.Dir, cmd.WaitDelay = g.env, g.dir, 5*time.Second
	return cmd
}

func (g *gdal) output(ctx context.Context, program string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, ogrIdle)
	defer cancel()
	cmd := g.command(ctx, program, args...)
	var complaints tail
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return nil, g.failed(ctx, err, &complaints)
	}
	return out, nil
}

// failed turns GDAL's complaint into a sentence.
func (g *gdal) failed(ctx context.Context, err error, complaints *tail) error {
	if cause := context.Cause(ctx); errors.Is(cause, context.Canceled) {
		return cause
	} else if cause != nil {
		return ortsnah.E(ortsnah.Unavailable, "ingest.gdal_hangs", "file", g.name).Because(cause)
	}
	if reason := complaints.reason(g.dir); reason != "" {
		return ortsnah.E(ortsnah.Invalid, "ingest.gdal_refused", "file", g.name, "reason", reason).Because(err)
	}
	return ortsnah.E(ortsnah.Invalid, "ingest.gdal_not_format", "file", g.name, "driver", g.driver).Because(err)
}

// tail keeps the end of what a program writes to its standard error.
type tail struct{ b []byte }

func (t *tail) Write(b []byte) (int, error) {
	t.b = append(t.b, b...)
	if over := len(t.b) - 16<<10; over > 0 {
		t.b = t.b[over:]
	}
	return len(b), nil
}

// reason is the first error GDAL reports, without the program's own folders.
func (t *tail) reason(dir string) string {
	for line := range strings.Lines(string(t.b)) {
		line = strings.TrimSpace(strings.ReplaceAll(line, dir+"/", ""))
		if strings.HasPrefix(line, "ERROR") && !strings.Contains(line, "PROJ:") {
			r := []rune(strings.ToValidUTF8(line, "\ufffd"))
			return string(r[:min(len(r), 200)])
		}
	}
	return ""
}

// ogrLayer is one layer of a source that GDAL opens.
type ogrLayer struct {
	name   string
	count  string
	hasCRS bool
	crs    geo.SRID
	table  []string // names of the fields, when the layer has no geometry
}

// layer lists the layers and picks the one asked for, or the only one that is
// not empty.
func (g *gdal) layer(ctx context.Context, source, want string) (ogrLayer, error) {
	args := append([]string{"-ro", "-so", "-al", "-nomd", "-wkt_format", "WKT2_2019"}, g.open...)
	out, err := g.output(ctx, "ogrinfo", append(args, source)...)
	if err != nil {
		return ogrLayer{}, err
	}
	var all, filled []ogrLayer
	var names []string
	for _, block := range strings.Split("\n"+string(out), "\nLayer name: ")[1:] {
		l := parseLayer(block)
		if l.name == want {
			return l, nil
		}
		all = append(all, l)
		names = append(names, l.name)
		if l.count != "0" {
			filled = append(filled, l)
		}
	}
	list := strings.Join(names, ", ")
	switch {
	case want != "":
		return ogrLayer{}, ortsnah.E(ortsnah.NotFound, "ingest.no_such_layer", "layer", want, "layers", list).About("layer")
	case len(filled) == 1:
		return filled[0], nil
	case len(filled) > 1:
		return ogrLayer{}, ortsnah.E(ortsnah.Invalid, "ingest.several_layers", "file", g.name, "layers", list).About("layer")
	case len(all) > 0:
		return all[0], nil
	}
	return ogrLayer{}, ortsnah.E(ortsnah.Invalid, "ingest.no_layer", "file", g.name)
}

func parseLayer(block string) ogrLayer {
	name, rest, _ := strings.Cut(block, "\n")
	l := ogrLayer{name: strings.TrimSpace(name)}
	if _, after, ok := strings.Cut(rest, "\nFeature Count: "); ok {
		l.count, _, _ = strings.Cut(after, "\n")
	}
	if _, wkt, ok := strings.Cut(rest, "Layer SRS WKT:\n"); ok {
		wkt, _, _ = strings.Cut(wkt, "\nData axis to CRS")
		l.hasCRS = !strings.HasPrefix(wkt, "(unknown)")
		l.crs = codeOfWKT(wkt)
	}
	if strings.Contains("\n"+rest, "\nGeometry: None\n") {
		for _, m := range fieldLine.FindAllStringSubmatch(rest, -1) {
			l.table = append(l.table, m[1])
		}
	}
	return l
}

var fieldLine = regexp.MustCompile(`(?m)^(\S.*): (?:String|Integer|Integer64|Real|Date|Time|DateTime|Binary|StringList|IntegerList|RealList)(?:\([A-Za-z0-9]+\))? \(`)

// codeOfWKT is the EPSG code of the horizontal reference system in a WKT 2
// text (OGC 18-010): that of the first PROJCRS, else of the first GEOGCRS.
// Compound and bound systems contain one. 0 when it has none.
func codeOfWKT(wkt string) geo.SRID {
	start := strings.Index(wkt, "PROJCRS[")
	if start < 0 {
		if start = strings.Index(wkt, "GEOGCRS["); start < 0 {
			return 0
		}
	}
	depth, quoted := 0, false
	for i := start; i < len(wkt); i++ {
		switch c := wkt[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			depth++
		case c == ']':
			if depth--; depth == 0 {
				return 0
			}
		case depth == 1 && strings.HasPrefix(wkt[i:], `ID["EPSG",`):
			code, _, _ := strings.Cut(wkt[i+len(`ID["EPSG",`):], "]")
			return srid(code)
		}
	}
	return 0
}

var srsName = regexp.MustCompile(`srsName="([^"]+)"`)

// namedInGML reads the reference system that a GML file names but GDAL does
// not know, such as Esri's own codes.
func namedInGML(path string) geo.SRID {
	head, err := headOf(path)
	if err != nil || !bytes.Contains(head, []byte("opengis.net/gml")) {
		return 0
	}
	if m := srsName.FindSubmatch(head); m != nil {
		if s, err := geo.ParseCRS(string(m[1])); err == nil {
			return s
		}
	}
	return 0
}

package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// openArcGIS reads the feature JSON of ArcGIS servers ("f=json"; Esri, ArcGIS
// REST API, "Feature set" and "Geometry objects"). Dates, which are epoch
// milliseconds there, become RFC 3339 times in UTC. An answer that the server
// has cut off is refused: importing it would remove the missing features.
func openArcGIS(_ context.Context, in Input, o Options) (Reader, error) {
	p := &arcgisParser{featureParser: *newFeatureParser(o)}
	return openDocument(in, o, []string{"spatialReference", "fields", "exceededTransferLimit", "objectIdFieldName"}, p.begin)
}

func sniffArcGIS(head []byte, _ string) bool {
	if !sniffJSON(head, "") {
		return false
	}
	has := func(s string) bool { return bytes.Contains(head, []byte(s)) }
	return has(`"attributes"`) && has(`"features"`) || has(`"geometryType"`) && has("esriGeometry") || has(`"esriFieldType`) ||
		bytes.HasPrefix(bytes.TrimSpace(head), []byte(`{"error":{"code"`))
}

// arcgisParser turns one ArcGIS feature into a Record.
type arcgisParser struct {
	featureParser
	dates map[string]bool // names of fields with epoch milliseconds
	id    string          // name of the object id field
}

func (p *arcgisParser) begin(top members) (parseFunc, geo.SRID, error) {
	var failed struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	if raw := top["error"]; raw != nil && json.Unmarshal(raw, &failed) == nil {
		return nil, 0, ortsnah.E(ortsnah.Unavailable, "ingest.arcgis_error", "status", failed.Code, "reason", short(failed.Message))
	}
	if string(top["exceededTransferLimit"]) == "true" {
		return nil, 0, ortsnah.E(ortsnah.Invalid, "ingest.arcgis_incomplete")
	}
	var fields []struct {
		Name string `json:"name"`
		Type string `json:"type"`
	}
	if raw := top["fields"]; raw != nil && json.Unmarshal(raw, &fields) != nil {
		return nil, 0, ortsnah.E(ortsnah.Invalid, "ingest.arcgis_bad_header", "name", "fields")
	}
	p.dates = map[string]bool{}
	for _, f := range fields {
		p.dates[f.Name] = f.Type == "esriFieldTypeDate"
		if f.Type == "esriFieldTypeOID" {
			p.id = f.Name
		}
	}
	crs, err := spatialReference(top["spatialReference"])
	return p.parse, crs, err
}

// spatialReference reads wkid and latestWkid; Esri's own codes are translated.
func spatialReference(raw []byte) (geo.SRID, error) {
	if raw == nil {
		return 0, nil
	}
	var ref struct {
		WKID   int `json:"wkid"`
		Latest int `json:"latestWkid"`
	}
	if json.Unmarshal(raw, &ref) != nil {
		return 0, ortsnah.E(ortsnah.Invalid, "ingest.arcgis_bad_header", "name", "spatialReference")
	}
	for _, code := range []int{ref.Latest, ref.WKID} {
		if code > 0 {
			return geo.ParseCRS(strconv.Itoa(code))
		}
	}
	return 0, nil
}

func (p *arcgisParser) parse(fr frame) (*Record, *ortsnah.Error) {
	if err := p.load(fr); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	attributes := false
	err := p.members(func(name string) *ortsnah.Error {
		if (name == "attributes" || name == "geometry") && seen[name] {
			return p.fail("ingest.duplicate_member", "name", name)
		}
		seen[name] = true
		switch name {
		case "attributes":
			attributes = true
			return p.properties()
		case "geometry":
			var err *ortsnah.Error
			p.rec.Geometry, err = p.esri()
			return err
		}
		return p.skip(1)
	})
	if err == nil {
		err = p.end()
	}
	if err != nil {
		return nil, err
	}
	if !attributes && p.rec.Geometry == nil {
		return nil, p.fail("ingest.bad_feature_type", "type", "")
	}
	for i := range p.rec.Properties {
		p.attribute(&p.rec.Properties[i])
	}
	return &p.rec, nil
}

// attribute turns dates into times and notes the object id.
func (p *arcgisParser) attribute(q *Property) {
	n, ok := q.Value.(json.Number)
	if !ok {
		return
	}
	if q.Name == p.id {
		p.rec.ID = n.String()
	}
	if p.dates[q.Name] {
		if ms, err := n.Int64(); err == nil && ms > -62e12 && ms < 253e12 {
			q.Value = time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.999Z07:00")
		}
	}
}

// esri reads an Esri geometry: x and y, points, paths or rings.
func (p *arcgisParser) esri() (orb.Geometry, *ortsnah.Error) {
	if p.peek() == 'n' {
		_, err := p.literal()
		return nil, err
	}
	var x, y any
	var g orb.Geometry
	var kind string
	start := p.i
	err := p.members(func(name string) (err *ortsnah.Error) {
		switch name {
		case "x":
			x, err = p.value(2)
		case "y":
			y, err = p.value(2)
		case "points", "paths", "rings":
			if kind != "" {
				return p.fail("ingest.two_geometries", "first", kind, "second", name)
			}
			kind = name
			g, err = p.parts(name)
		case "curvePaths", "curveRings", "compressedGeometry":
			return p.fail("ingest.bad_geometry_type", "type", name)
		default:
			err = p.skip(2)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if kind != "" {
		return g, nil
	}
	end := p.i
	p.i = start
	pt, err := p.xy(x, y)
	p.i = end
	return geometryOr(pt, err)
}

func (p *arcgisParser) xy(x, y any) (orb.Point, *ortsnah.Error) {
	var pt orb.Point
	for i, v := range []any{x, y} {
		n, ok := v.(json.Number)
		if !ok {
			return pt, p.fail("ingest.empty_geometry", "type", "Point")
		}
		f, err := n.Float64()
		if err != nil || math.IsInf(f, 0) {
			return pt, p.fail("ingest.number_too_large", "value", short(n.String()))
		}
		pt[i] = f
	}
	return orient(pt, p.swap), nil
}

func (p *arcgisParser) parts(name string) (orb.Geometry, *ortsnah.Error) {
	if p.emptyArray() {
		return nil, p.fail("ingest.empty_geometry", "type", name)
	}
	switch name {
	case "points":
		return p.coordinates("MultiPoint")
	case "paths":
		g, err := p.coordinates("MultiLineString")
		if lines, ok := g.(orb.MultiLineString); ok && len(lines) == 1 {
			return lines[0], err
		}
		return g, err
	}
	g, err := p.coordinates("Polygon")
	rings, ok := g.(orb.Polygon)
	if err != nil || !ok {
		return nil, err
	}
	return assemble(rings), nil
}

// assemble makes polygons of Esri's flat list of rings: clockwise rings are
// outlines, the others holes of the smallest outline around them. Where the
// directions are wrong (no outline at all, a hole in nothing) a ring is taken
// as an outline, so that no area is lost. The rings of an even-odd mess stay
// for the database's validity check.
func assemble(rings []orb.Ring) orb.Geometry {
	var out orb.MultiPolygon
	var holes []orb.Ring
	for _, r := range rings {
		if planar.Area(r) != 0 && r.Orientation() == orb.CCW {
			holes = append(holes, r)
		} else {
			out = append(out, orb.Polygon{r})
		}
	}
	for _, h := range holes {
		if i := around(out, h); i >= 0 {
			out[i] = append(out[i], h)
		} else {
			out = append(out, orb.Polygon{h})
		}
	}
	if len(out) == 1 {
		return out[0]
	}
	return out
}

// around is the index of the smallest outline that has a point of h inside.
func around(polygons orb.MultiPolygon, h orb.Ring) int {
	best, size := -1, math.Inf(1)
	for i, p := range polygons {
		inside := slices.ContainsFunc(h, func(pt orb.Point) bool {
			return planar.RingContains(p[0], pt) && !slices.Contains(p[0], pt)
		}) || len(h) > 0 && planar.RingContains(p[0], centre(h))
		if a := math.Abs(planar.Area(p[0])); inside && a < size && a > math.Abs(planar.Area(h)) {
			best, size = i, a
		}
	}
	return best
}

func centre(r orb.Ring) orb.Point {
	c, _ := planar.CentroidArea(r)
	return c
}

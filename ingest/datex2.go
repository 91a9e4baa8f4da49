package ingest

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/paulmach/orb"
)

// openDATEX2 reads DATEX II version 3 situation publications (CEN 16157-3),
// one situation record after the other, whatever container they come in.
// Positions are taken from gmlMultiPolygon, gmlLineString, pointByCoordinates
// and the ends of a linear location; a record that is placed by a location
// table only (ALERT-C, OpenLR) is read without geometry. Documents cannot name
// other files: entities and references are not followed.
func openDATEX2(_ context.Context, in Input, o Options) (Reader, error) {
	f, err := os.Open(in.Path)
	if err != nil {
		return nil, readFailed(err)
	}
	d := &datexReader{in: in, options: o, file: f, crs: geo.CRS84}
	d.guard = &tokenGuard{r: f, max: o.MaxRecord}
	d.xml = xml.NewDecoder(d.guard)
	d.xml.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // Source has recoded the file
	return d, nil
}

func sniffDATEX2(head []byte, _ string) bool {
	return root(head) != "" && (bytes.Contains(head, []byte("datex2.eu/schema/3")) || bytes.Contains(head, []byte("SituationPublication")))
}

// tokenGuard ends the reading when one piece of markup is longer than any
// record may be; encoding/xml would hold all of it in memory.
type tokenGuard struct {
	r         io.Reader
	max, left int64
}

func (g *tokenGuard) Read(b []byte) (int, error) {
	n, err := g.r.Read(b)
	if g.left -= int64(n); g.left < -g.max {
		return 0, ortsnah.E(ortsnah.TooLarge, "ingest.record_too_large", "megabytes", g.max>>20, "limit", g.max>>20, "line", 0)
	}
	return n, err
}

type datexReader struct {
	in      Input
	options Options
	file    *os.File
	guard   *tokenGuard
	xml     *xml.Decoder
	depth   int
	n       int64
	crs     geo.SRID
	rec     Record
	fields  site
	public  bool // the document has a SituationPublication
	ended   error
}

func (d *datexReader) CRS() geo.SRID   { return d.crs }
func (d *datexReader) Close() error    { return d.file.Close() }
func (d *datexReader) consumed() int64 { return d.xml.InputOffset() }

// token reads the next piece of markup.
func (d *datexReader) token() (xml.Token, int64, int64, error) {
	offset := d.xml.InputOffset()
	line, _ := d.xml.InputPos()
	d.guard.left = 0
	t, err := d.xml.Token()
	switch t.(type) {
	case xml.StartElement:
		if d.depth++; d.depth > maxDepth {
			err = ortsnah.E(ortsnah.Invalid, "ingest.nested_too_deep", "limit", maxDepth, "line", line)
		}
	case xml.EndElement:
		d.depth--
	}
	return t, offset, int64(line), err
}

// Read returns the next situation record.
func (d *datexReader) Read() (*Record, error) {
	for d.ended == nil {
		t, offset, line, err := d.token()
		if err != nil {
			d.ended = d.end(err)
			break
		}
		start, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		d.public = d.public || start.Name.Local == "situation" || strings.HasSuffix(attribute(start.Attr, "type"), "SituationPublication")
		if start.Name.Local != "situationRecord" {
			continue
		}
		d.public = true
		rec, err := d.record(start, offset, line)
		if _, row := errors.AsType[*RowError](err); err != nil && !row {
			d.ended = d.end(err)
			break
		}
		return rec, err
	}
	return nil, d.ended
}

// end says why the document ended.
func (d *datexReader) end(err error) error {
	line, _ := d.xml.InputPos()
	if errors.Is(err, io.EOF) {
		if !d.public {
			return ortsnah.E(ortsnah.Invalid, "ingest.datex2_no_situations")
		}
		return io.EOF
	}
	if e, ok := errors.AsType[*ortsnah.Error](err); ok {
		return e
	}
	if s, ok := errors.AsType[*xml.SyntaxError](err); ok {
		if strings.Contains(s.Msg, "unexpected EOF") {
			return ortsnah.E(ortsnah.Invalid, "ingest.truncated", "feature", d.n+1, "line", line)
		}
		return ortsnah.E(ortsnah.Invalid, "ingest.xml_syntax", "line", s.Line, "reason", short(s.Msg))
	}
	return readFailed(err)
}

func (d *datexReader) record(start xml.StartElement, offset, line int64) (*Record, error) {
	node, size, err := d.tree(start, offset)
	if err != nil {
		return nil, err
	}
	d.n++
	place := Place{File: d.in.Name, Line: line, Feature: d.n, Offset: offset, Length: d.xml.InputOffset() - offset}
	raw, err := d.raw(place)
	if err != nil {
		return nil, err
	}
	id := node.attr("id")
	bad := func(e *ortsnah.Error) error {
		return &RowError{Place: place, Raw: raw[:min(len(raw), MaxRaw)], Key: id, Err: e}
	}
	if size > d.options.MaxRecord {
		return nil, bad(ortsnah.E(ortsnah.TooLarge, "ingest.record_too_large", "megabytes", size>>20, "limit", d.options.MaxRecord>>20, "line", line))
	}
	if id == "" {
		return nil, bad(ortsnah.E(ortsnah.Invalid, "ingest.datex2_no_id", "line", line))
	}
	g, crs, e := datexGeometry(node.find("locationReference"), d.options.SwapAxes, line)
	if e != nil {
		return nil, bad(e)
	}
	d.crs = crs
	d.rec = Record{Place: place, ID: id, Geometry: g, Raw: raw}
	d.fill(node, id)
	d.rec.Properties = d.fields.props
	return &d.rec, nil
}

func (d *datexReader) raw(p Place) ([]byte, error) {
	raw := make([]byte, min(p.Length, d.options.MaxRecord))
	if _, err := d.file.ReadAt(raw, p.Offset); err != nil && !errors.Is(err, io.EOF) {
		return nil, readFailed(err)
	}
	return raw, nil
}

func (d *datexReader) fill(n *xmlNode, id string) {
	s := &d.fields
	kind := n.attr("type")
	if _, local, ok := strings.Cut(kind, ":"); ok {
		kind = local
	}
	comment := n.find("generalPublicComment").find("comment").text()
	road := firstOf(n.find("roadInformation").find("roadName").text(), n.find("roadName").text(), n.find("roadNumber").text())
	s.begin()
	s.set("id", id)
	s.set("title", firstOf(n.find("roadworksIdentifier").text(), road, cut(comment, 80), id))
	s.set("description", comment)
	s.set("kind", firstOf(n.find("constructionWorkType").text(), n.find("roadMaintenanceType").text(), kind))
	s.set("street", road)
	s.set("start", n.find("validityTimeSpecification").find("overallStartTime").text())
	s.set("end", n.find("validityTimeSpecification").find("overallEndTime").text())
	s.set("status", datexStatus(n))
	impact := datexImpact(n)
	s.set("impact", impact)
	s.set("affects_car", impact)
	s.set("detour", n.find("alternativeRoute").find("roadName").text())
	s.set("responsible_body", firstOf(n.find("source").find("sourceName").text(), n.find("sourceIdentification").text()))
	s.source(n.json())
}

// cut shortens a comment to a title at a word's end.
func cut(s string, n int) string {
	line, _, _ := strings.Cut(s, "\n")
	r := []rune(strings.TrimSpace(line))
	if len(r) <= n {
		return string(r)
	}
	head := string(r[:n])
	if k := strings.LastIndex(head, " "); k > n/2 {
		head = head[:k]
	}
	return head + " …"
}

func datexStatus(n *xmlNode) string {
	switch life := n.find("lifeCycleManagement"); {
	case life.find("cancel").text() == "true":
		return "cancelled"
	case life.find("end").text() == "true":
		return "finished"
	}
	switch n.find("validityStatus").text() {
	case "planned":
		return "planned"
	case "active":
		return "active"
	}
	return "" // suspended, or defined by the times
}

func datexImpact(n *xmlNode) string {
	what := firstOf(n.find("roadOrCarriagewayOrLaneManagementType").text(), n.find("trafficConstrictionType").text())
	switch what {
	case "roadClosed", "carriagewayClosures", "roadBlocked", "carriagewayBlocked":
		return "closed"
	case "":
	default:
		return "partial"
	}
	if v, err := strconv.ParseFloat(n.find("capacityRemaining").text(), 64); err == nil {
		switch {
		case v <= 0:
			return "closed"
		case v < 100:
			return "partial"
		}
		return "none"
	}
	if v := n.find("numberOfLanesRestricted").text(); v != "" && v != "0" {
		return "partial"
	}
	return ""
}

// datexGeometry finds the most detailed position of a location.
func datexGeometry(n *xmlNode, swap bool, line int64) (orb.Geometry, geo.SRID, *ortsnah.Error) {
	if polygons := n.all("gmlPolygon"); len(polygons) > 0 {
		return datexPolygons(polygons, swap, line)
	}
	if lists := n.all("gmlLineString"); len(lists) > 0 {
		return datexLines(lists, swap, line)
	}
	var pts orb.MultiPoint
	for _, c := range n.all("pointCoordinates") {
		lat, err1 := strconv.ParseFloat(c.find("latitude").text(), 64)
		lon, err2 := strconv.ParseFloat(c.find("longitude").text(), 64)
		if err1 != nil || err2 != nil || !finite(orb.Point{lon, lat}) {
			return nil, 0, ortsnah.E(ortsnah.Invalid, "ingest.bad_coordinate", "line", line, "value", short(c.find("latitude").text()+" "+c.find("longitude").text())).About("geometry")
		}
		pts = append(pts, orient(orb.Point{lon, lat}, swap))
	}
	switch {
	case len(pts) == 0:
		return nil, geo.CRS84, nil
	case len(pts) == 1 || len(pts) == 2 && pts[0] == pts[1]:
		return pts[0], geo.CRS84, nil
	case len(pts) == 2 && len(n.all("from"))+len(n.all("fromPoint")) > 0: // the ends of a stretch of road
		return orb.LineString(pts), geo.CRS84, nil
	}
	return pts, geo.CRS84, nil
}

func datexLines(lists []*xmlNode, swap bool, line int64) (orb.Geometry, geo.SRID, *ortsnah.Error) {
	var out orb.MultiLineString
	crs := geo.CRS84
	for _, l := range lists {
		pts, s, err := posList(l.find("posList"), l, 2, swap, line)
		if err != nil {
			return nil, 0, err
		}
		out, crs = append(out, pts), s
	}
	if len(out) == 1 {
		return out[0], crs, nil
	}
	return out, crs, nil
}

func datexPolygons(polygons []*xmlNode, swap bool, line int64) (orb.Geometry, geo.SRID, *ortsnah.Error) {
	var out orb.MultiPolygon
	crs := geo.CRS84
	for _, p := range polygons {
		var poly orb.Polygon
		for _, ring := range append(p.all("exterior"), p.all("interior")...) {
			pts, s, err := posList(ring.find("posList"), ring, 4, swap, line)
			if err != nil {
				return nil, 0, err
			}
			poly, crs = append(poly, orb.Ring(pts)), s
		}
		if err := checkGeometry(poly, line); err != nil {
			return nil, 0, err
		}
		out = append(out, poly)
	}
	if len(out) == 1 {
		return out[0], crs, nil
	}
	return out, crs, nil
}

// posList reads a GML position list. WGS 84 there has latitude first (EPSG
// 4326, DATEX II location referencing); other systems have easting first.
func posList(list, holder *xmlNode, least int, swap bool, line int64) ([]orb.Point, geo.SRID, *ortsnah.Error) {
	crs, latFirst, dims := geo.CRS84, true, 2
	if name := firstOf(list.attr("srsName"), holder.attr("srsName")); name != "" {
		s, err := geo.ParseCRS(name)
		if err != nil {
			return nil, 0, ortsnah.E(ortsnah.Invalid, "geo.unknown_crs", "crs", short(name)).About("crs")
		}
		crs, latFirst = s, (s == 4326 || s == 4258) && !strings.Contains(strings.ToUpper(name), "CRS84")
	}
	if firstOf(list.attr("srsDimension"), holder.attr("srsDimension")) == "3" {
		dims = 3
	}
	words := strings.Fields(list.text())
	if len(words) == 0 || len(words)%dims != 0 {
		return nil, 0, ortsnah.E(ortsnah.Invalid, "ingest.bad_coordinates", "type", "posList", "line", line).About("geometry")
	}
	var pts []orb.Point
	for i := 0; i < len(words); i += dims {
		a, err1 := strconv.ParseFloat(words[i], 64)
		b, err2 := strconv.ParseFloat(words[i+1], 64)
		if err1 != nil || err2 != nil || !finite(orb.Point{a, b}) {
			return nil, 0, ortsnah.E(ortsnah.Invalid, "ingest.bad_coordinate", "line", line, "value", short(words[i]+" "+words[i+1])).About("geometry")
		}
		pts = append(pts, orient(orb.Point{a, b}, latFirst != swap))
	}
	if len(pts) < least {
		return nil, 0, ortsnah.E(ortsnah.Invalid, "ingest.too_few_positions", "type", "posList", "n", len(pts), "least", least, "line", line).About("geometry")
	}
	return pts, crs, nil
}

package ingest

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
)

// members are the members of a document beside its features, as raw JSON.
type members map[string][]byte

// parseFunc turns one value cut out of a document into a Record.
type parseFunc func(frame) (*Record, *ortsnah.Error)

// document reads the features of a JSON file: those of the "features" array
// of one or several collections, single values, values separated by record
// separators or standing on a line each. What a feature is, its parse decides.
type document struct {
	in      Input
	options Options
	begin   func(members) (parseFunc, geo.SRID, error)
	late    []string // members that count although they stand behind the features
	header  members

	file   *os.File
	frames *frames
	mode   mode
	parse  parseFunc
	crs    geo.SRID
	n      int64 // values so far
	inside int64 // of them in the current array
}

// mode is how the values follow each other.
type mode int

const (
	betweenValues mode = iota // before a top-level value
	inCollection              // inside a "features" array
	inArray                   // inside a top-level array
	perLine                   // one value per line
	perSeparator              // RFC 8142: values begin with a record separator
)

// openDocument opens in. begin is called for every collection with its other
// members (those of earlier collections of the file persist, so that one
// feature can be read again behind the header it came with).
func openDocument(in Input, o Options, late []string, begin func(members) (parseFunc, geo.SRID, error)) (Reader, error) {
	f, err := os.Open(in.Path)
	if err != nil {
		return nil, readFailed(err)
	}
	d := &document{in: in, options: o, begin: begin, late: late, header: members{}, file: f}
	d.frames = newFrames(f, 0, 1, o.MaxRecord)
	if err := d.start(); err != nil {
		f.Close()
		return nil, err
	}
	return d, nil
}

func (d *document) CRS() geo.SRID   { return d.crs }
func (d *document) Close() error    { return d.file.Close() }
func (d *document) consumed() int64 { return d.frames.at() }

// head is a collection without features that carries what a feature needs to
// be understood: put before a feature's bytes it makes a complete source.
func (d *document) head() []byte {
	if len(d.header) == 0 {
		return nil
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for _, name := range []string{"type", "crs", "spatialReference", "geometryType", "fields", "feed_info", "road_event_feed_info"} {
		if raw := d.header[name]; raw != nil {
			b.WriteString(`"` + name + `":`)
			b.Write(bytes.ReplaceAll(raw, []byte("\n"), []byte(" ")))
			b.WriteByte(',')
		}
	}
	b.WriteString(`"features":[]}` + "\n")
	return b.Bytes()
}

// start finds out which mode the file is in and prepares the first value.
func (d *document) start() error {
	d.frames.skipBOM()
	for d.frames.pos == len(d.frames.buf) {
		if _, err := d.frames.fill(d.frames.pos); err != nil {
			break
		}
	}
	rest := d.frames.buf[d.frames.pos:]
	switch {
	case len(rest) > 0 && rest[0] == 0x1e:
		d.mode = perSeparator
	case linewise(d.in.Name, rest):
		d.mode = perLine
	default:
		if err := d.top(); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		return nil
	}
	return d.enter(members{})
}

func (d *document) enter(top members) (err error) {
	for name, raw := range top {
		d.header[name] = raw
	}
	d.parse, d.crs, err = d.begin(d.header)
	return err
}

// linewise reports whether every line is a value of its own: by the file's
// name, or because the first line is complete and the second begins another.
func linewise(name string, head []byte) bool {
	ext := strings.ToLower(filepath.Ext(name))
	if slices.Contains([]string{".geojsonl", ".geojsons", ".geojsonseq", ".ndjson", ".jsonl", ".ldjson", ".ndgeojson"}, ext) {
		return true
	}
	first, second, ok := bytes.Cut(head, []byte{'\n'})
	first, second = bytes.TrimSpace(first), bytes.TrimSpace(second)
	return ok && bytes.HasPrefix(first, []byte("{")) && bytes.HasSuffix(first, []byte("}")) && bytes.HasPrefix(second, []byte("{")) &&
		!bytes.Contains(first, []byte(`"features"`))
}

// top looks at the next top-level value and decides how to read it; io.EOF
// when there is none.
func (d *document) top() error {
	c, err := d.frames.peek()
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	if err != nil {
		return readFailed(err)
	}
	switch c {
	case '[':
		d.frames.pos++
		d.mode, d.inside = inArray, 0
		return d.enter(members{})
	case '{':
		return d.object()
	}
	return d.frames.syntax()
}

// object looks into a top-level object with a pass of its own, because its
// members may stand in any order, and places the frames at its features or,
// when it has none, at its beginning.
func (d *document) object() error {
	offset, line := d.frames.at(), d.frames.line
	l, err := d.look(offset, line)
	if err != nil {
		return err
	}
	if err := d.enter(l.members); err != nil {
		return err
	}
	d.mode, d.inside = betweenValues, 0
	if l.features == 0 && d.n == 0 && !isFeature(l.members) {
		return ortsnah.E(ortsnah.Invalid, "ingest.json_without_features")
	}
	if l.features > 0 {
		d.mode, offset, line = inCollection, l.features, l.line
	}
	return d.seek(offset, line)
}

// isFeature reports whether an object without features can be one itself.
func isFeature(m members) bool {
	switch string(m["type"]) {
	case `"Feature"`, `"Point"`, `"MultiPoint"`, `"LineString"`, `"MultiLineString"`, `"Polygon"`, `"MultiPolygon"`, `"GeometryCollection"`:
		return true
	}
	return m["attributes"] != nil || m["properties"] != nil && m["geometry"] != nil
}

func (d *document) seek(offset, line int64) error {
	if _, err := d.file.Seek(offset, io.SeekStart); err != nil {
		return readFailed(err)
	}
	d.frames = newFrames(d.file, offset, line, d.options.MaxRecord)
	d.frames.n = d.n + 1
	return nil
}

// Read returns the next feature.
func (d *document) Read() (*Record, error) {
	for {
		fr, err := d.next()
		if err != nil {
			return nil, err
		}
		if len(fr.bytes) == 0 && !fr.over {
			continue
		}
		return d.record(fr)
	}
}

func (d *document) record(fr frame) (*Record, error) {
	d.n++
	d.frames.n = d.n + 1
	place := Place{File: d.in.Name, Line: fr.line, Feature: d.n, Offset: fr.offset, Length: fr.length}
	if fr.over {
		e := ortsnah.E(ortsnah.TooLarge, "ingest.record_too_large", "megabytes", fr.length>>20, "limit", d.options.MaxRecord>>20, "line", fr.line)
		return nil, d.bad(place, fr, e)
	}
	rec, bad := d.parse(fr)
	if bad != nil {
		return nil, d.bad(place, fr, bad)
	}
	rec.Place, rec.Raw = place, fr.bytes
	return rec, nil
}

func (d *document) bad(place Place, fr frame, err *ortsnah.Error) *RowError {
	return &RowError{Place: place, Raw: fr.bytes[:min(len(fr.bytes), MaxRaw)], Key: keyOfJSON(fr.bytes, d.options.Key), Err: err}
}

// next cuts the next value, whatever the mode.
func (d *document) next() (frame, error) {
	switch d.mode {
	case perLine, perSeparator:
		return d.piece()
	case inCollection, inArray:
		return d.element()
	}
	if err := d.top(); err != nil {
		return frame{}, err
	}
	if d.mode != betweenValues {
		return frame{}, nil
	}
	d.frames.n = d.n + 1
	return d.frames.value()
}

// element cuts the next element of an array; an empty frame when the array
// has ended and the reading goes on behind it.
func (d *document) element() (frame, error) {
	f := d.frames
	f.n = d.n + 1
	c, err := f.peek()
	if err == nil && c == ',' && d.inside > 0 {
		f.pos++
		if c, err = f.peek(); err == nil && c == ']' {
			return frame{}, f.syntax()
		}
	} else if err == nil && c != ']' && d.inside > 0 {
		return frame{}, f.syntax()
	}
	if err != nil {
		return frame{}, f.truncated(err)
	}
	if c == ']' {
		f.pos++
		return frame{}, d.leave()
	}
	if c == ',' || c == '}' || c == ':' {
		return frame{}, f.syntax()
	}
	d.inside++
	return f.value()
}

// leave reads what follows the array to the end of its object.
func (d *document) leave() error {
	inObject := d.mode == inCollection
	d.mode = betweenValues
	for inObject {
		name, ok, err := d.frames.member(false)
		if err != nil {
			return err
		}
		if !ok {
			return nil
		}
		v, err := d.frames.value()
		if err != nil {
			return err
		}
		if name == "features" {
			return ortsnah.E(ortsnah.Invalid, "ingest.duplicate_member", "name", name, "line", v.line)
		}
	}
	return nil
}

// piece cuts the next line or separated text.
func (d *document) piece() (frame, error) {
	f := d.frames
	f.n = d.n + 1
	if _, err := f.peek(); err != nil {
		if errors.Is(err, io.EOF) {
			return frame{}, io.EOF
		}
		return frame{}, readFailed(err)
	}
	end := byte('\n')
	if d.mode == perSeparator {
		end = 0x1e
	}
	fr, err := f.until(end)
	if err != nil {
		return fr, err
	}
	if trimmed := bytes.TrimRight(fr.bytes, " \t\r\n"); !fr.over {
		fr.bytes, fr.length = trimmed, int64(len(trimmed))
		if f.eof && f.pos == len(f.buf) && !balanced(trimmed) {
			return fr, f.truncated(io.EOF)
		}
	}
	return fr, nil
}

// balanced reports whether brackets and quotes are closed: the last piece of
// a file that was cut off has some open.
func balanced(b []byte) bool {
	var s scan
	for _, c := range b {
		s.step(c)
	}
	return s.depth == 0 && !s.inString
}

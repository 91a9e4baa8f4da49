package ingest

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
)

// headSize is how many bytes of a file formats are recognised by.
const headSize = 64 << 10

// Source is an opened source: one file or several of the same format, read
// one after the other. It is a Reader over all of them.
type Source struct {
	name    string
	options Options
	format  Format
	parts   []candidate
	spool   *spool
	etag    string

	ctx     context.Context
	current Reader // of parts[at]; nil before and after
	at      int
	passed  int64 // bytes of the parts before the current one
	crs     geo.SRID
}

// candidate is a file that may be part of the source.
type candidate struct {
	path string // where it is
	name string // what it is called in the source
	size int64
	text string // where the text is that the records' bytes are in, when not at path
	head []byte // see Source.Header
	web  string // address of a web service, for formats that read it themselves
}

// Open opens SOURCE: a file, a folder (all its files of one format, by name),
// an http(s) URL, "WFS:" and a URL, or "-" for standard input. gzip and zip
// are unpacked. ctx ends the reading too.
//
// Errors are sentences for people: what is wrong with the source as a whole.
func Open(ctx context.Context, source string, o Options) (*Source, error) {
	o = o.withDefaults()
	s := &Source{name: sourceName(source), options: o, ctx: ctx}
	var err error
	if s.spool, err = newSpool(o.SpoolDir, o.MaxSize); err != nil {
		return nil, err
	}
	if err := s.open(source); err != nil {
		s.Close() // what is wrong with the source matters more
		return nil, err
	}
	return s, nil
}

func (s *Source) open(source string) error {
	found, err := s.gather(source)
	if err != nil {
		return err
	}
	if err := s.choose(found); err != nil {
		return err
	}
	return s.advance()
}

// Name says where the data came from: a file's base name, or a URL without
// the parts that may hold secrets.
func (s *Source) Name() string { return s.name }

// Format is the name of the source's format in Formats.
func (s *Source) Format() string { return s.format.Name }

// Feed reports whether the records have the fields of construction sites.
func (s *Source) Feed() bool { return s.format.Feed }

// ETag is what a web server calls this state of the source; see
// Options.NoneMatch.
func (s *Source) ETag() string { return s.etag }

// Size is the number of bytes of the unpacked source, 0 when unknown.
func (s *Source) Size() (total int64) {
	for _, p := range s.parts {
		total += p.size
	}
	return total
}

// Consumed is how many of them have been read.
func (s *Source) Consumed() int64 {
	if p, ok := s.current.(interface{ consumed() int64 }); ok {
		return s.passed + min(p.consumed(), s.parts[s.at].size)
	}
	return s.passed
}

// CRS is the reference system of the record last read: Options.CRS or what
// the file declares; 0 when neither says.
func (s *Source) CRS() geo.SRID {
	if s.options.CRS != 0 {
		return s.options.CRS
	}
	if s.current != nil {
		s.crs = s.current.CRS()
	}
	return s.crs
}

// Header is what has to stand before the bytes of a record of that file so that
// they can be read as a source of their own: a CSV header line, a collection
// without features that declares the CRS. nil when nothing has to.
func (s *Source) Header(file string) []byte {
	s.keepHead()
	for _, p := range s.parts {
		if p.name == file {
			return p.head
		}
	}
	return nil
}

// keepHead remembers the current file's header beyond its reader.
func (s *Source) keepHead() {
	if h, ok := s.current.(interface{ head() []byte }); ok {
		s.parts[s.at].head = h.head()
	}
}

// Original reads a record's bytes again, at most MaxRaw; nil when the place is
// not in this source or the format has no byte ranges.
func (s *Source) Original(p Place) []byte {
	if p.Length <= 0 {
		return nil
	}
	for _, part := range s.parts {
		if part.name != p.File {
			continue
		}
		f, err := os.Open(cmp.Or(part.text, part.path))
		if err != nil {
			return nil
		}
		defer f.Close()
		raw := make([]byte, min(p.Length, MaxRaw))
		n, err := f.ReadAt(raw, p.Offset)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil
		}
		return raw[:n]
	}
	return nil
}

// Read returns the next record of the source; see Reader.
func (s *Source) Read() (*Record, error) {
	for {
		if err := s.ctx.Err(); err != nil {
			return nil, err
		}
		if s.current == nil {
			return nil, io.EOF
		}
		rec, err := s.current.Read()
		if !errors.Is(err, io.EOF) {
			return rec, err
		}
		if s.at+1 == len(s.parts) { // the last reader stays for Original
			return nil, io.EOF
		}
		s.keepHead()
		s.passed += s.parts[s.at].size
		s.at++
		if err := s.advance(); err != nil {
			return nil, err
		}
	}
}

// advance opens the reader of the current part.
func (s *Source) advance() error {
	if err := s.closeCurrent(); err != nil {
		return err
	}
	p := s.parts[s.at]
	r, err := s.format.Open(s.ctx, Input{Path: p.path, Name: p.name, Address: p.web, Scratch: s.spool, Format: &s.format}, s.options)
	if err != nil {
		return err
	}
	s.current = r
	if t, ok := r.(interface{ spooled() string }); ok {
		s.parts[s.at].text = t.spooled()
	}
	return nil
}

func (s *Source) closeCurrent() error {
	if s.current == nil {
		return nil
	}
	err := s.current.Close()
	s.current = nil
	return err
}

// Rewind begins again with the first record.
func (s *Source) Rewind() error {
	s.at, s.passed = 0, 0
	return s.advance()
}

// Close ends the reading and removes all temporary files.
func (s *Source) Close() error {
	return errors.Join(s.closeCurrent(), s.spool.close())
}

// sourceName is what a source is called in logs and versions: no user name, no
// password, no query (which may hold a token), no local folders.
func sourceName(source string) string {
	if source == "-" {
		return "stdin"
	}
	address, isWFS := strings.CutPrefix(source, "WFS:")
	if !strings.Contains(address, "://") {
		return filepath.Base(filepath.Clean(address))
	}
	u, err := url.Parse(address)
	if err != nil {
		return "URL"
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = nil, "", false, "", ""
	if isWFS {
		return "WFS:" + u.String()
	}
	return u.String()
}

// readFailed is the error for a source that cannot be read any further.
func readFailed(err error) error {
	_, known := errors.AsType[*ortsnah.Error](err)
	if known || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return ortsnah.E(ortsnah.Unavailable, "ingest.read_failed").Because(err)
}

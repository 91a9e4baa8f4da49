package ingest

import (
	"bytes"
	"errors"
	"io"

	"github.com/ortsnah/ortsnah"
)

// frames cuts a stream of JSON into values without understanding them. It
// holds one value in memory at a time and no more than max bytes of it: what
// is longer is stepped over and only its beginning kept. So a file of any size
// is read with little memory, and one bad record does not end the reading.
type frames struct {
	r    io.Reader
	max  int64
	buf  []byte // bytes read and not yet given out
	pos  int    // next byte in buf
	off  int64  // offset of buf[0] in the file
	line int64  // line of buf[pos], 1-based
	n    int64  // number of the value, for messages about a truncated file
	eof  bool
}

// frame is one value cut out.
type frame struct {
	bytes  []byte // valid until the next call; the first MaxRaw bytes when over
	offset int64
	length int64
	line   int64
	over   bool // longer than frames.max
}

// newFrames reads r, whose first byte is at offset and line of the file.
func newFrames(r io.Reader, offset, line, max int64) *frames {
	return &frames{r: r, off: offset, line: line, max: max, buf: make([]byte, 0, 256<<10)}
}

// at is the offset in the file of the next byte.
func (f *frames) at() int64 { return f.off + int64(f.pos) }

// fill reads more bytes. Those from keep on stay in memory; the number that
// all positions in buf have moved down by is returned.
func (f *frames) fill(keep int) (moved int, err error) {
	if f.eof {
		return 0, io.EOF
	}
	if keep > 0 {
		f.buf = f.buf[:copy(f.buf, f.buf[keep:])]
		f.off += int64(keep)
		f.pos -= keep
	}
	if len(f.buf) == cap(f.buf) {
		grown := make([]byte, len(f.buf), 2*cap(f.buf))
		copy(grown, f.buf)
		f.buf = grown
	}
	n, err := f.r.Read(f.buf[len(f.buf):cap(f.buf)])
	f.buf = f.buf[:len(f.buf)+n]
	if n > 0 {
		return keep, nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	if errors.Is(err, io.EOF) {
		f.eof = true
	}
	return keep, err
}

// peek skips white space (and record separators, RFC 8142) and returns the
// next byte without consuming it; io.EOF at the end.
func (f *frames) peek() (byte, error) {
	for {
		for ; f.pos < len(f.buf); f.pos++ {
			switch c := f.buf[f.pos]; c {
			case '\n':
				f.line++
			case ' ', '\t', '\r', 0x1e:
			default:
				return c, nil
			}
		}
		if _, err := f.fill(f.pos); err != nil {
			return 0, err
		}
	}
}

// skipBOM steps over a UTF-8 byte order mark.
func (f *frames) skipBOM() {
	for len(f.buf)-f.pos < 3 {
		if _, err := f.fill(f.pos); err != nil {
			return
		}
	}
	if bytes.HasPrefix(f.buf[f.pos:], []byte("\xef\xbb\xbf")) {
		f.pos += 3
	}
}

// truncated is the error for a file that ends inside a value.
func (f *frames) truncated(err error) error {
	if !errors.Is(err, io.EOF) {
		return readFailed(err)
	}
	return ortsnah.E(ortsnah.Invalid, "ingest.truncated", "feature", f.n, "line", f.line)
}

// syntax is the error for a byte that cannot stand between values.
func (f *frames) syntax() error {
	return ortsnah.E(ortsnah.Invalid, "ingest.json_syntax", "line", f.line, "near", excerpt(f.buf[f.pos:]))
}

// want consumes the byte c after white space.
func (f *frames) want(c byte) error {
	got, err := f.peek()
	if err != nil {
		return f.truncated(err)
	}
	if got != c {
		return f.syntax()
	}
	f.pos++
	return nil
}

// scan is the state of the cutting: how deep in brackets, whether in a string.
type scan struct {
	depth             int
	inString, escaped bool
}

// step takes one byte and reports whether the value ends before it (0), with
// it (1) or goes on (-1).
func (s *scan) step(c byte) int {
	if s.inString {
		switch {
		case s.escaped:
			s.escaped = false
		case c == '\\':
			s.escaped = true
		case c == '"':
			s.inString = false
			if s.depth == 0 {
				return 1
			}
		}
		return -1
	}
	switch c {
	case '"':
		s.inString = true
	case '{', '[':
		s.depth++
	case '}', ']':
		if s.depth == 0 {
			return 0
		}
		if s.depth--; s.depth == 0 {
			return 1
		}
	case ',', ' ', '\t', '\r', '\n', ':':
		if s.depth == 0 {
			return 0
		}
	}
	return -1
}

// value cuts the next value, which peek has found.
func (f *frames) value() (frame, error) {
	var s scan
	return f.cut(s.find, func() bool { return s.depth == 0 && !s.inString })
}

// find looks for the end of a value. It is the loop over every byte of a
// file, so strings are stepped over without asking what a byte means.
func (s *scan) find(b []byte) (int, bool) {
	for i := 0; i < len(b); i++ {
		if s.inString && !s.escaped {
			for i < len(b) && b[i] != '"' && b[i] != '\\' {
				i++
			}
			if i == len(b) {
				break
			}
		} else if !s.inString && s.depth > 0 {
			for i < len(b) && b[i]&0x5f != 0x5b && b[i]&0x5f != 0x5d && b[i] != '"' {
				i++
			}
			if i == len(b) {
				break
			}
		}
		if k := s.step(b[i]); k >= 0 {
			return i + k, true
		}
	}
	return len(b), false
}

// until cuts everything before the byte end, which is left standing, or before
// the end of the file.
func (f *frames) until(end byte) (frame, error) {
	return f.cut(func(b []byte) (int, bool) {
		if i := bytes.IndexByte(b, end); i >= 0 {
			return i, true
		}
		return len(b), false
	}, func() bool { return true })
}

// cut gives out the bytes from pos up to where find says. complete is asked at
// the end of the file whether the value may end there.
func (f *frames) cut(find func([]byte) (int, bool), complete func() bool) (frame, error) {
	out := frame{offset: f.at(), line: f.line}
	start, i := f.pos, f.pos
	var head []byte // the beginning of a value that is too long
	for {
		n, done := find(f.buf[i:])
		i += n
		if !out.over && int64(i-start) > f.max {
			out.over = true
			head = bytes.Clone(f.buf[start:min(i, start+MaxRaw)])
		}
		if out.over { // give up what was read: only its length and lines count
			f.line += int64(bytes.Count(f.buf[start:i], []byte{'\n'}))
			start, f.pos = i, i
		}
		if done {
			break
		}
		moved, err := f.fill(start)
		start, i = start-moved, i-moved
		if err != nil {
			if errors.Is(err, io.EOF) && complete() {
				break
			}
			f.line += int64(bytes.Count(f.buf[start:i], []byte{'\n'}))
			return out, f.truncated(err)
		}
	}
	if out.bytes = f.buf[start:i]; out.over {
		out.bytes = head
	}
	f.line += int64(bytes.Count(f.buf[start:i], []byte{'\n'}))
	f.pos = i
	out.length = f.at() - out.offset
	return out, nil
}

// member cuts the name of the next member of an object and steps to its
// value; false at the end of the object, which is consumed.
func (f *frames) member(first bool) (string, bool, error) {
	c, err := f.peek()
	if err != nil {
		return "", false, f.truncated(err)
	}
	if c == '}' {
		f.pos++
		return "", false, nil
	}
	if !first {
		if err := f.want(','); err != nil {
			return "", false, err
		}
	}
	if c, err = f.peek(); err != nil {
		return "", false, f.truncated(err)
	}
	if c != '"' {
		return "", false, f.syntax()
	}
	name, err := f.value()
	if err != nil {
		return "", false, err
	}
	p := jsonParser{b: name.bytes, line: name.line}
	text, bad := p.str()
	if bad != nil {
		return "", false, bad
	}
	if err := f.want(':'); err != nil {
		return "", false, err
	}
	if _, err := f.peek(); err != nil {
		return "", false, f.truncated(err)
	}
	return text, true, nil
}

package ingest

import (
	"bytes"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/ortsnah/ortsnah"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// fromUTF16 decodes the beginning of a UTF-16 text; false when it is none.
// Without a byte order mark every other byte of German text is zero.
func fromUTF16(head []byte) ([]byte, bool) {
	enc := utf16Kind(head)
	if enc == nil {
		return nil, false
	}
	text, err := enc.NewDecoder().Bytes(head[:len(head)&^1])
	return text, err == nil
}

func utf16Kind(head []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")) && !bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case len(head) < 4:
		return nil
	}
	var zeros [2]int
	n := min(len(head), 512) &^ 1
	for i, c := range head[:n] {
		if c == 0 {
			zeros[i&1]++
		}
	}
	switch {
	case zeros[1] > n/3 && zeros[0] == 0:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case zeros[0] > n/3 && zeros[1] == 0:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	return nil
}

// encodingNamed finds an encoding by its IANA name.
func encodingNamed(name string) (encoding.Encoding, error) {
	enc, err := ianaindex.IANA.Encoding(strings.TrimSpace(name))
	if err != nil || enc == nil {
		if enc, err = ianaindex.MIB.Encoding(strings.TrimSpace(name)); err != nil || enc == nil {
			return nil, ortsnah.E(ortsnah.Invalid, "ingest.unknown_encoding", "encoding", short(name)).About("encoding")
		}
	}
	return enc, nil
}

func isUTF8(name string) bool {
	n := strings.ToLower(strings.ReplaceAll(name, "-", ""))
	return n == "" || n == "utf8" || n == "usascii" || n == "ascii"
}

var xmlEncoding = regexp.MustCompile(`^\s*<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["']`)

// recode replaces a text part by a UTF-8 copy where its encoding does not
// extend ASCII byte by byte, or where its reader cannot decode at all. CSV in
// a one-byte encoding stays as it is: the reader decodes field by field, so
// that rows in quarantine keep their original bytes.
func (s *Source) recode(c *candidate) error {
	head, err := headOf(c.path)
	if err != nil {
		return err
	}
	enc := utf16Kind(head)
	name := s.options.Encoding
	if m := xmlEncoding.FindSubmatch(head); m != nil && name == "" {
		name = string(m[1])
	}
	if enc == nil && !isUTF8(name) {
		if enc, err = encodingNamed(name); err != nil {
			return err
		}
		if _, oneByte := enc.(*charmap.Charmap); oneByte && s.format.Name == "csv" {
			return nil
		}
	}
	if enc == nil {
		return nil
	}
	f, err := os.Open(c.path)
	if err != nil {
		return readFailed(err)
	}
	defer f.Close()
	path, err := s.spool.file(s.ctx, c.name, transform.NewReader(f, enc.NewDecoder()), nil)
	if err != nil {
		return readFailed(err)
	}
	c.path = path
	return nil
}

// guessCharmap finds out how the bytes of a text file are to be read: nil is
// UTF-8. A file that is UTF-8 except for a few bytes stays UTF-8, its broken
// rows are reported. Otherwise it is Windows-1252, which covers what German
// programs write as ISO 8859-1, unless the only odd byte is the euro sign of
// ISO 8859-15. Other code pages have to be named by the user.
func guessCharmap(r io.Reader) (*charmap.Charmap, error) {
	var multi, broken int
	var c1, euro15 bool
	buf := make([]byte, 1<<20)
	keep := 0
	for {
		n, err := r.Read(buf[keep:])
		b := buf[:keep+n]
		keep = 0
		for len(b) > 0 {
			if b[0] < utf8.RuneSelf {
				b = b[1:]
				continue
			}
			if !utf8.FullRune(b) && err == nil {
				keep = copy(buf, b)
				break
			}
			ch, size := utf8.DecodeRune(b)
			if ch == utf8.RuneError && size == 1 {
				broken++
				c1 = c1 || b[0] < 0xa0
				euro15 = euro15 || b[0] == 0xa4
			} else {
				multi++
			}
			b = b[size:]
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, readFailed(err)
		}
	}
	switch {
	case broken == 0 || multi > 2*broken:
		return nil, nil
	case euro15 && !c1:
		return charmap.ISO8859_15, nil
	}
	return charmap.Windows1252, nil
}

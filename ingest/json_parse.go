package ingest

import (
	"bytes"
	"encoding/json"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ortsnah/ortsnah"
)

// maxDepth is how deep values may be nested: a GeoJSON MultiPolygon needs 7.
const maxDepth = 64

// jsonParser reads one JSON value that is in memory, strictly by RFC 8259,
// and knows on which line of the source it stands. encoding/json is not used
// because it is an order of magnitude slower on coordinates, keeps the last of
// two equal members silently and replaces broken characters silently.
type jsonParser struct {
	b     []byte
	i     int
	line  int64             // line of b[0]
	names map[string]string // interned member names; may be nil
}

// fail is an error about the byte at which the parser stands.
func (p *jsonParser) fail(key string, args ...any) *ortsnah.Error {
	at := min(p.i, len(p.b))
	line := p.line + int64(bytes.Count(p.b[:at], []byte{'\n'}))
	return ortsnah.E(ortsnah.Invalid, key, append(args, "line", line)...)
}

// syntax is the error for bytes that are not JSON.
func (p *jsonParser) syntax() *ortsnah.Error {
	at := min(p.i, len(p.b))
	return p.fail("ingest.json_syntax", "near", excerpt(p.b[at:]))
}

// excerpt is a short printable piece of source bytes for a sentence.
func excerpt(b []byte) string {
	b = b[:min(len(b), 24)]
	if k := bytes.IndexAny(b, "\r\n"); k > 0 {
		b = b[:k]
	}
	return string(bytes.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError {
			return '·'
		}
		return r
	}, b))
}

// peek skips white space and returns the next byte, 0 at the end.
func (p *jsonParser) peek() byte {
	for p.i < len(p.b) {
		switch c := p.b[p.i]; c {
		case ' ', '\t', '\n', '\r':
			p.i++
		default:
			return c
		}
	}
	return 0
}

// want consumes c after white space.
func (p *jsonParser) want(c byte) *ortsnah.Error {
	if p.peek() != c {
		return p.syntax()
	}
	p.i++
	return nil
}

// more consumes what stands between the elements of an array or object that
// ends with end, and reports whether another element follows.
func (p *jsonParser) more(end byte, first bool) (bool, *ortsnah.Error) {
	c := p.peek()
	if c == end {
		p.i++
		return false, nil
	}
	if first {
		return true, nil
	}
	if c != ',' {
		return false, p.syntax()
	}
	p.i++
	if p.peek() == end { // a comma before the end
		return false, p.syntax()
	}
	return true, nil
}

// members calls each with the name of every member of an object; each has to
// consume the value.
func (p *jsonParser) members(each func(name string) *ortsnah.Error) *ortsnah.Error {
	if err := p.want('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		ok, err := p.more('}', first)
		if err != nil || !ok {
			return err
		}
		p.peek()
		name, err := p.name()
		if err == nil {
			err = p.want(':')
		}
		if err == nil {
			p.peek()
			err = each(name)
		}
		if err != nil {
			return err
		}
	}
}

// name reads a member name; equal names share memory.
func (p *jsonParser) name() (string, *ortsnah.Error) {
	if p.i < len(p.b) && p.b[p.i] == '"' {
		if n := bytes.IndexByte(p.b[p.i+1:], '"'); n >= 0 {
			if s, ok := p.names[string(p.b[p.i+1:p.i+1+n])]; ok {
				p.i += n + 2
				return s, nil
			}
		}
	}
	start := p.i
	s, err := p.str()
	if err == nil && p.names != nil && len(p.names) < 4096 && p.i-start == len(s)+2 {
		p.names[s] = s
	}
	return s, err
}

// span finds the end of the string at p.i, checks it and reports whether it
// has escapes. Afterwards p.i is behind the closing quote.
func (p *jsonParser) span() (body []byte, escaped bool, err *ortsnah.Error) {
	if p.i >= len(p.b) || p.b[p.i] != '"' {
		return nil, false, p.syntax()
	}
	start := p.i + 1
	for k := start; k < len(p.b); k++ {
		switch c := p.b[k]; {
		case c == '"':
			p.i = k + 1
			return p.b[start:k], escaped, nil
		case c == '\\':
			escaped = true
			n := p.escape(k)
			if n == 0 {
				p.i = k
				return nil, false, p.syntax()
			}
			if n < 0 {
				p.i = k
				return nil, false, p.fail("ingest.nul_character")
			}
			k += n - 1
		case c < ' ':
			p.i = k
			return nil, false, p.syntax()
		}
	}
	p.i = len(p.b)
	return nil, false, p.syntax()
}

// escape is the length of the escape sequence at k; 0 when it is wrong, and
// -1 for U+0000, which PostgreSQL cannot hold. Half a surrogate pair is wrong:
// it is no character.
func (p *jsonParser) escape(k int) int {
	if k+1 >= len(p.b) {
		return 0
	}
	if p.b[k+1] != 'u' {
		if bytes.IndexByte([]byte(`"\/bfnrt`), p.b[k+1]) < 0 {
			return 0
		}
		return 2
	}
	r, ok := p.hex(k + 2)
	switch {
	case !ok:
		return 0
	case r == 0:
		return -1
	case !utf16.IsSurrogate(r):
		return 6
	}
	if k+7 < len(p.b) && p.b[k+6] == '\\' && p.b[k+7] == 'u' {
		if low, ok := p.hex(k + 8); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
			return 12
		}
	}
	return 0
}

// hex reads four hexadecimal digits at k.
func (p *jsonParser) hex(k int) (rune, bool) {
	if k+4 > len(p.b) {
		return 0, false
	}
	var r rune
	for _, c := range p.b[k : k+4] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// str reads a string.
func (p *jsonParser) str() (string, *ortsnah.Error) {
	start := p.i
	body, escaped, err := p.span()
	if err != nil {
		return "", err
	}
	if !escaped {
		return string(body), nil
	}
	var s string // span has checked it: encoding/json cannot fail or replace
	if json.Unmarshal(p.b[start:p.i], &s) != nil {
		p.i = start
		return "", p.syntax()
	}
	return s, nil
}

// number checks the grammar of a number and returns its bytes.
func (p *jsonParser) number() ([]byte, *ortsnah.Error) {
	start, k := p.i, p.i
	digits := func() bool {
		from := k
		for k < len(p.b) && p.b[k] >= '0' && p.b[k] <= '9' {
			k++
		}
		return k > from
	}
	if k < len(p.b) && p.b[k] == '-' {
		k++
	}
	zero := k < len(p.b) && p.b[k] == '0'
	from := k
	ok := digits() && !(zero && k > from+1)
	if ok && k < len(p.b) && p.b[k] == '.' {
		k++
		ok = digits()
	}
	if ok && k < len(p.b) && p.b[k]|0x20 == 'e' {
		k++
		if k < len(p.b) && (p.b[k] == '+' || p.b[k] == '-') {
			k++
		}
		ok = digits()
	}
	if !ok {
		return nil, p.notNumber()
	}
	p.i = k
	return p.b[start:k], nil
}

// notNumber tells the tokens that other programs write for missing numbers
// from plain syntax errors.
func (p *jsonParser) notNumber() *ortsnah.Error {
	rest := bytes.TrimLeft(p.b[min(p.i, len(p.b)):], "+-")
	for _, token := range []string{"NaN", "nan", "Infinity", "inf", "Inf"} {
		if bytes.HasPrefix(rest, []byte(token)) {
			return p.fail("ingest.not_a_number", "value", token)
		}
	}
	return p.syntax()
}

// literal consumes true, false or null.
func (p *jsonParser) literal() (any, *ortsnah.Error) {
	rest := p.b[p.i:]
	switch {
	case bytes.HasPrefix(rest, []byte("true")):
		p.i += 4
		return true, nil
	case bytes.HasPrefix(rest, []byte("false")):
		p.i += 5
		return false, nil
	case bytes.HasPrefix(rest, []byte("null")):
		p.i += 4
		return nil, nil
	}
	return nil, p.notNumber()
}

// skip checks a value and steps over it. depth is how deep it stands.
func (p *jsonParser) skip(depth int) *ortsnah.Error {
	if depth > maxDepth {
		return p.fail("ingest.nested_too_deep", "limit", maxDepth)
	}
	switch c := p.peek(); {
	case c == '{':
		return p.members(func(string) *ortsnah.Error { return p.skip(depth + 1) })
	case c == '[':
		p.i++
		for first := true; ; first = false {
			ok, err := p.more(']', first)
			if err != nil || !ok {
				return err
			}
			if err := p.skip(depth + 1); err != nil {
				return err
			}
		}
	case c == '"':
		_, _, err := p.span()
		return err
	case c == '-' || c >= '0' && c <= '9':
		_, err := p.number()
		return err
	default:
		_, err := p.literal()
		return err
	}
}

// value reads any value as a Property holds it.
func (p *jsonParser) value(depth int) (any, *ortsnah.Error) {
	switch c := p.peek(); {
	case c == '"':
		return p.strValue()
	case c == '{' || c == '[':
		start := p.i
		if err := p.skip(depth); err != nil {
			return nil, err
		}
		return json.RawMessage(p.b[start:p.i]), nil
	case c == '-' || c >= '0' && c <= '9':
		n, err := p.number()
		if err != nil {
			return nil, err
		}
		return json.Number(n), nil
	default:
		return p.literal()
	}
}

func (p *jsonParser) strValue() (any, *ortsnah.Error) {
	s, err := p.str()
	if err != nil {
		return nil, err
	}
	return s, nil
}

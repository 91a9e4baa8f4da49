package instance

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math"
	"strconv"
)

// scanner reads JSON (RFC 8259) from memory, value by value. encoding/json
// keeps the last of two equal fields, takes null for 0 and needs ten times as
// long for a large matrix; here each of them is an error with its line.
type scanner struct {
	source
	at   int
	path string // the field that is read, for messages
}

// line is the line of the byte at at.
func (s *scanner) line() int { return 1 + bytes.Count(s.text[:min(s.at, len(s.text))], []byte("\n")) }

// fail is an error at the current place, about the current field.
func (s *scanner) fail(key string, args ...any) error {
	return s.wrong(key, s.line(), append(args, "field", cmp.Or(s.path, "{ }"))...)
}

// want is the error of a value that is not of the kind that belongs here.
func (s *scanner) want(key string) error {
	end := s.at
	for end < len(s.text) && end < s.at+40 && !bytes.ContainsRune([]byte(",]}\n"), rune(s.text[end])) {
		end++
	}
	return s.fail(key, "text", string(bytes.ToValidUTF8(s.text[min(s.at, end):end], nil)))
}

// peek is the next byte that is not white space; 0 at the end.
func (s *scanner) peek() byte {
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

func (s *scanner) take(c byte) bool {
	if s.peek() == c && s.at < len(s.text) {
		s.at++
		return true
	}
	return false
}

// list calls each for every element of an array.
func (s *scanner) list(each func() error) error {
	if !s.take('[') {
		return s.want("siting.json_no_list")
	}
	if s.take(']') {
		return nil
	}
	for {
		if err := each(); err != nil {
			return err
		}
		switch {
		case s.take(']'):
			return nil
		case !s.take(','):
			return s.want("siting.json_syntax")
		}
	}
}

// object calls the reader of each field. Fields that are not in fields, and
// fields that come twice, are errors.
func (s *scanner) object(fields map[string]func() error) error {
	if !s.take('{') {
		return s.want("siting.json_no_object")
	}
	if s.take('}') {
		return nil
	}
	outer := s.path
	seen := map[string]bool{}
	for {
		name, err := s.string()
		if err != nil {
			return err
		}
		s.path = name
		if outer != "" {
			s.path = outer + "." + name
		}
		read, known := fields[name]
		switch {
		case !known:
			return s.fail("siting.json_unknown_field")
		case seen[name]:
			return s.fail("siting.json_field_twice")
		case !s.take(':'):
			return s.want("siting.json_syntax")
		}
		seen[name] = true
		if err := read(); err != nil {
			return err
		}
		s.path = outer
		switch {
		case s.take('}'):
			return nil
		case !s.take(','):
			return s.want("siting.json_syntax")
		}
	}
}

// string reads a string.
func (s *scanner) string() (string, error) {
	if s.peek() != '"' {
		return "", s.want("siting.json_no_text")
	}
	end := s.at + 1
	for end < len(s.text) && s.text[end] != '"' {
		if s.text[end] == '\\' {
			end++
		}
		end++
	}
	var v string
	if end >= len(s.text) || json.Unmarshal(s.text[s.at:end+1], &v) != nil {
		return "", s.want("siting.json_no_text")
	}
	s.at = end + 1
	return v, nil
}

// token is the extent of a number as RFC 8259 writes it; nil when there is none.
func (s *scanner) token() []byte {
	s.peek()
	rest := s.text[s.at:]
	i := 0
	digits := func() bool {
		from := i
		for i < len(rest) && rest[i] >= '0' && rest[i] <= '9' {
			i++
		}
		return i > from
	}
	is := func(chars string) bool {
		if i < len(rest) && bytes.IndexByte([]byte(chars), rest[i]) >= 0 {
			i++
			return true
		}
		return false
	}
	is("-")
	if !is("0") && !digits() {
		return nil
	}
	if is(".") && !digits() {
		return nil
	}
	if is("eE") {
		if is("+-"); !digits() {
			return nil
		}
	}
	return rest[:i]
}

// integer reads a whole number from 0 to most.
func (s *scanner) integer(most int64) (int64, error) {
	text := s.token()
	v, err := strconv.ParseInt(string(text), 10, 64)
	if text == nil || err != nil || v < 0 || v > most {
		return 0, s.want("siting.json_no_count")
	}
	s.at += len(text)
	return v, nil
}

// cost reads a cost ≥ 0, as fast as it can: there are millions; -1 for null.
func (s *scanner) cost() (int32, error) {
	c := s.peek()
	if c == 'n' && bytes.HasPrefix(s.text[s.at:], []byte("null")) {
		s.at += len("null")
		return -1, nil
	}
	v, i := int64(0), s.at
	for i < len(s.text) && s.text[i]-'0' <= 9 && v <= math.MaxInt32 {
		v = v*10 + int64(s.text[i]-'0')
		i++
	}
	leadingZero := c == '0' && i > s.at+1
	followed := i < len(s.text) && bytes.IndexByte([]byte(".eE0123456789"), s.text[i]) >= 0
	if i == s.at || leadingZero || followed || v > math.MaxInt32 {
		return 0, s.want("siting.json_no_cost")
	}
	s.at = i
	return int32(v), nil
}

// float reads a finite number.
func (s *scanner) float() (float64, error) {
	text := s.token()
	v, err := strconv.ParseFloat(string(text), 64)
	if text == nil || err != nil {
		return 0, s.want("siting.json_no_number")
	}
	s.at += len(text)
	return v, nil
}

// integers reads a list of whole numbers from 0.
func (s *scanner) integers(into *[]int64) func() error {
	return func() error {
		*into = []int64{}
		return s.list(func() error {
			v, err := s.integer(math.MaxInt64)
			*into = append(*into, v)
			return err
		})
	}
}

// strings reads a list of strings.
func (s *scanner) strings(into *[]string) func() error {
	return func() error {
		*into = []string{}
		return s.list(func() error {
			v, err := s.string()
			*into = append(*into, v)
			return err
		})
	}
}

// points reads a list of pairs of coordinates.
func (s *scanner) points(into *[][2]float64) func() error {
	return func() error {
		*into = [][2]float64{}
		return s.list(func() error {
			var point [2]float64
			n := 0
			err := s.list(func() error {
				v, err := s.float()
				if n < 2 {
					point[n] = v
				}
				n++
				return err
			})
			if err == nil && n != 2 {
				return s.fail("siting.json_point")
			}
			*into = append(*into, point)
			return err
		})
	}
}

// count reads a whole number ≥ 0 that fits into 31 bits.
func (s *scanner) count(into *int32) func() error {
	return func() error {
		v, err := s.integer(math.MaxInt32)
		*into = int32(v)
		return err
	}
}

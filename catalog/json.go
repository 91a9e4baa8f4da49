package catalog

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// appendProperties appends the JSON object of the public fields' values, in
// schema order: the "properties" member that every reader of GeoJSON gets.
func appendProperties(b []byte, fields []Field, values []any) []byte {
	b = append(b, '{')
	first := true
	for i, f := range fields {
		if f.Internal {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = appendString(b, f.Name)
		b = append(b, ':')
		b = appendValue(b, f.Type, values[i])
	}
	return append(b, '}')
}

func appendValue(b []byte, t Type, value any) []byte {
	switch v := value.(type) {
	case string:
		return appendString(b, v)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case float64:
		return appendNumber(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case time.Time:
		if t == Date {
			return append(v.AppendFormat(append(b, '"'), time.DateOnly), '"')
		}
		return append(v.UTC().AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
	case json.RawMessage:
		return append(b, v...)
	}
	return append(b, "null"...)
}

// appendNumber writes the shortest form that reads back as v, with an
// exponent only where encoding/json uses one.
func appendNumber(b []byte, v float64) []byte {
	format := byte('f')
	if a := math.Abs(v); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(b, v, format, -1, 64)
}

// appendString writes s as a JSON string (RFC 8259, section 7). Invalid UTF-8
// becomes U+FFFD; line separators are escaped so that the text is also safe
// inside JavaScript.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			switch {
			case c == '"' || c == '\\':
				b = append(b, '\\', c)
			case c == '\n':
				b = append(b, '\\', 'n')
			case c == '\t':
				b = append(b, '\\', 't')
			case c == '\r':
				b = append(b, '\\', 'r')
			case c < 0x20 || c == 0x7f:
				b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			default:
				b = append(b, c)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b = append(b, `\ufffd`...)
		case r == '\u2028' || r == '\u2029':
			b = append(b, `\u202`...)
			b = append(b, hex[r&15])
		default:
			b = append(b, s[i:i+n]...)
		}
		i += n
	}
	return append(b, '"')
}

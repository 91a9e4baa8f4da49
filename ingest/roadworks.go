package ingest

import (
	"bytes"
	"encoding/json"
	"strings"
)

// site collects the fields of the built-in dataset construction-sites in the
// order of its schema. Empty values are left out: the source does not say.
type site struct{ props []Property }

func (s *site) begin() { s.props = s.props[:0] }

func (s *site) set(name, value string) {
	if value = strings.TrimSpace(value); value != "" {
		s.props = append(s.props, Property{Name: name, Value: value})
	}
}

func (s *site) source(raw json.RawMessage) {
	s.props = append(s.props, Property{Name: "source_properties", Value: raw})
}

// impactIf is the impact on one mode of transport that a source reports only
// as affected or not.
func impactIf(affected, known bool, overall string) string {
	switch {
	case !known:
		return ""
	case !affected:
		return "none"
	case overall == "" || overall == "none":
		return "partial"
	}
	return overall
}

// verbatim writes properties as one compact JSON object in the source's order,
// without those left out, with more members added at the end.
func verbatim(props []Property, without []string, more ...Property) json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('{')
	write := func(p Property) {
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		writeJSON(&b, p.Name)
		b.WriteByte(':')
		writeJSON(&b, p.Value)
	}
	for _, p := range props {
		skip := false
		for _, w := range without {
			skip = skip || w == p.Name
		}
		if !skip {
			write(p)
		}
	}
	for _, p := range more {
		write(p)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// writeJSON writes a value that a Property can hold; such values have come
// from JSON or are text, so there is nothing that could fail.
func writeJSON(b *bytes.Buffer, v any) {
	if raw, ok := v.(json.RawMessage); ok {
		if json.Compact(b, raw) != nil {
			b.WriteString("null")
		}
		return
	}
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		b.WriteString("null")
	}
	if n := b.Len(); b.Bytes()[n-1] == '\n' { // Encode ends with one
		b.Truncate(n - 1)
	}
}

// first is the text of the first of the named properties that has one.
func first(props []Property, names ...string) string {
	for _, n := range names {
		for _, p := range props {
			if p.Name == n {
				if s := text(p.Value); s != "" {
					return s
				}
			}
		}
	}
	return ""
}

// nested decodes a property that is an object or array; false when it is not
// there or of another kind.
func nested(props []Property, name string, into any) bool {
	for _, p := range props {
		if raw, ok := p.Value.(json.RawMessage); ok && p.Name == name {
			return json.Unmarshal(raw, into) == nil
		}
	}
	return false
}

package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ortsnah/ortsnah"
)

// Limits of a JSON document that a client sends.
const (
	largestBody  = 64 << 10
	deepestValue = 4
)

// readJSON reads the body into the struct at into and returns its bytes.
// It takes no guesses: another media type, unknown or repeated names, values of
// another type and anything behind the document are refused with a sentence
// that names the field.
func readJSON(w http.ResponseWriter, r *http.Request, into any) ([]byte, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != jsonMedia {
		return nil, ortsnah.E(ortsnah.WrongMedia, "api.not_json").About("Content-Type")
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, ortsnah.E(ortsnah.TooLarge, "api.body_too_large", "n", largestBody>>10)
	}
	if err != nil {
		return nil, badJSON()
	}
	if !utf8.Valid(raw) {
		return nil, badJSON()
	}
	if err := checkJSON(raw, fieldNames(reflect.TypeOf(into).Elem())); err != nil {
		return nil, err
	}
	return raw, decodeJSON(raw, into)
}

func decodeJSON(raw []byte, into any) error {
	err := json.Unmarshal(raw, into)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field := wrong.Field[strings.LastIndex(wrong.Field, ".")+1:] // embedded structs have no name in JSON
		return ortsnah.E(ortsnah.Invalid, "api.wrong_type", "name", field).About(field)
	}
	if e, ok := errors.AsType[*ortsnah.Error](err); ok {
		return e
	}
	if err != nil {
		return badJSON()
	}
	return nil
}

// badJSON has no cause: an end of file in what a client sent must not pass
// for one of the database's.
func badJSON() error { return ortsnah.E(ortsnah.Invalid, "api.bad_json") }

// fieldNames are the JSON names of a struct and of those embedded in it.
func fieldNames(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			names = append(names, fieldNames(f.Type)...)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// checkJSON walks through the document, because encoding/json would take the
// last of two equal names and names in another case.
func checkJSON(raw []byte, allowed []string) error {
	c := jsonCheck{dec: json.NewDecoder(bytes.NewReader(raw)), allowed: allowed, deepest: deepestValue}
	c.dec.UseNumber()
	token, err := c.dec.Token()
	if err != nil || token != json.Delim('{') {
		return badJSON()
	}
	if err := c.object(1); err != nil {
		return err
	}
	if _, err := c.dec.Token(); !errors.Is(err, io.EOF) {
		return badJSON()
	}
	return nil
}

type jsonCheck struct {
	dec     *json.Decoder
	allowed []string // names of the document's fields
	any     bool     // names are checked elsewhere
	deepest int
}

// object checks from behind { to }.
func (c jsonCheck) object(depth int) error {
	seen := map[string]bool{}
	for c.dec.More() {
		token, err := c.dec.Token()
		if err != nil {
			return badJSON()
		}
		name, _ := token.(string)
		if seen[name] {
			return ortsnah.E(ortsnah.Invalid, "api.repeated_field", "name", shortened(name)).About(shortened(name))
		}
		seen[name] = true
		if depth == 1 && !c.any && !slices.Contains(c.allowed, name) {
			return ortsnah.E(ortsnah.Invalid, "api.unknown_field", "name", shortened(name), "allowed", strings.Join(c.allowed, ", ")).About(shortened(name))
		}
		if err := c.value(depth, name); err != nil {
			return err
		}
	}
	_, err := c.dec.Token() // the closing brace
	if err != nil {
		return badJSON()
	}
	return nil
}

// value checks one value, whatever it is; name is the field it belongs to.
func (c jsonCheck) value(depth int, name string) error {
	token, err := c.dec.Token()
	if err != nil {
		return badJSON()
	}
	switch token := token.(type) {
	case string:
		if strings.ContainsRune(token, 0) {
			return ortsnah.E(ortsnah.Invalid, "api.bad_text", "name", shortened(name)).About(shortened(name))
		}
	case json.Delim:
		if depth >= c.deepest {
			return ortsnah.E(ortsnah.Invalid, "api.too_deep", "n", c.deepest)
		}
		if token == '{' {
			return c.object(depth + 1)
		}
		for c.dec.More() {
			if err := c.value(depth+1, name); err != nil {
				return err
			}
		}
		if _, err := c.dec.Token(); err != nil {
			return badJSON()
		}
	}
	return nil
}

// shortened keeps a name that somebody sent from filling the answer.
func shortened(name string) string {
	if runes := []rune(name); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return name
}

// answerJSON answers with a small document that is nobody else's business.
func answerJSON(w http.ResponseWriter, code int, body []byte) error {
	h := w.Header()
	h.Set("Cache-Control", private)
	h.Set("Content-Type", jsonMedia)
	w.WriteHeader(code)
	_, err := w.Write(body)
	return err
}

// encoded is doc as JSON with characters as they are.
func encoded(doc any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(doc)
	return buf.Bytes(), err
}

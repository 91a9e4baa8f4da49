// Package i18n holds every sentence that a person reads, in German and
// English side by side: texts/<room>.json maps a key to {"de": …, "en": …}.
// Placeholders are names in braces: "Zeile {line} …". Keys of errors are the
// keys of ortsnah.Error; a test reads the Go source and fails when a key has
// no sentence in one of the languages.
//
// To add a text: a line in texts/<room>.json. Where a number decides the form,
// add the key with the ending ".one" beside the plain key and pass the number
// as argument "n".
package i18n

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/ortsnah/ortsnah"
)

//go:embed all:texts
var files embed.FS

// Languages are the languages of every text, the town's own first.
func Languages() []string { return []string{"de", "en"} }

// Sentence is one text in both languages.
type Sentence struct {
	DE string `json:"de"`
	EN string `json:"en"`
}

// in is the text in lang; anything but "en" is German.
func (s Sentence) in(lang string) string {
	if lang == "en" {
		return s.EN
	}
	return s.DE
}

// texts reads the embedded files once. They are part of the program, so a
// defect in them is a defect of the build, which TestTexts finds.
var texts = sync.OnceValues(func() (map[string]Sentence, error) { return load(files) })

// load reads every texts/*.json of fsys into one map. A key that occurs in two
// files, or twice in one, is an error.
func load(fsys fs.FS) (map[string]Sentence, error) {
	names, err := fs.Glob(fsys, "texts/*.json")
	if err != nil {
		return nil, err
	}
	all := make(map[string]Sentence)
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		if err := merge(all, path.Base(name), raw); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// merge adds the texts of one file to all. It reads token by token because
// encoding/json silently keeps the last of two equal keys.
func merge(all map[string]Sentence, name string, raw []byte) error {
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return fmt.Errorf("%s: not a JSON object: %w", name, err)
	}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		key, _ := tok.(string)
		var s Sentence
		if err := dec.Decode(&s); err != nil {
			return fmt.Errorf("%s: %s: %w", name, key, err)
		}
		if _, twice := all[key]; twice {
			return fmt.Errorf("%s: the key %q is there twice", name, key)
		}
		all[key] = s
	}
	if _, err := dec.Token(); err != nil { // the closing brace
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// Has says whether there is a text for key.
func Has(key string) bool {
	all, _ := texts()
	_, ok := all[key]
	return ok
}

// Text is the text of key in lang ("de" or "en") with its placeholders filled.
// When args has a number "n" that is 1 and there is a text key+".one", that
// one is taken. An unknown key is returned as it is, so that a person can
// still report it.
func Text(lang, key string, args map[string]any) string {
	all, err := texts()
	if err != nil {
		return key
	}
	s, ok := all[key]
	if one, has := all[key+".one"]; has && fmt.Sprint(args["n"]) == "1" {
		s, ok = one, true
	}
	if !ok {
		return key
	}
	return fill(lang, s.in(lang), args)
}

var placeholder = regexp.MustCompile(`\{[a-z][a-z0-9_]*\}`)

// fill puts args into the placeholders of text. A placeholder without an
// argument stays visible: that is a defect which must be seen.
func fill(lang, text string, args map[string]any) string {
	if !strings.Contains(text, "{") {
		return text
	}
	return placeholder.ReplaceAllStringFunc(text, func(p string) string {
		name := p[1 : len(p)-1]
		v, ok := args[name]
		if !ok {
			return p
		}
		return value(lang, name, v)
	})
}

// Error is the sentence for a person about err: that of the *ortsnah.Error in
// its chain, else a general one that gives nothing of the program away.
func Error(lang string, err error) string {
	e, ok := errors.AsType[*ortsnah.Error](err)
	if !ok {
		return Text(lang, "error.unexpected", nil)
	}
	if !Has(e.Key) {
		return Text(lang, "error.kind."+string(e.Kind), nil)
	}
	return Text(lang, e.Key, e.Args)
}

// Next is the sentence that says what a person can do after an error of this
// kind.
func Next(lang string, kind ortsnah.Kind) string {
	return Text(lang, "error.next."+string(kind), nil)
}

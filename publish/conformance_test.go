package publish

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/catalog"
)

// seen is a feature as a reader found it: plain texts that do not depend on
// the format. A field that is NULL is absent.
type seen struct {
	Key    string
	Values map[string]string
	WKT    string
}

// conformance is one row of the suite: how to read a format back with readers
// that are not of this project.
type conformance struct {
	format string
	read   func(t *testing.T, f fixture, path string) []seen
}

func suite() []conformance {
	return []conformance{
		{"geojson", readGeoJSON}, {"geojsonseq", readGeoJSONSeq}, {"csv", readCSV}, {"geoparquet", readGeoParquet},
	}
}

func TestEveryFormatIsInTheSuite(t *testing.T) {
	for i, f := range Formats() {
		if !slices.ContainsFunc(suite(), func(c conformance) bool { return c.format == f.Name }) {
			t.Errorf("format %s has no reader in suite()", f.Name)
		}
		if found, err := FormatNamed(f.Name); err != nil || found.Extension != f.Extension {
			t.Errorf("FormatNamed(%q) = %+v, %v", f.Name, found, err)
		}
		for _, other := range Formats()[:i] {
			if other.Name == f.Name || other.Extension == f.Extension {
				t.Errorf("%s and %s are called the same", f.Name, other.Name)
			}
		}
	}
}

func TestConformance(t *testing.T) {
	pool, read := database(t)
	for _, f := range fixtures() {
		d := store(t, pool, f)
		want := expected(f)
		for _, c := range suite() {
			t.Run(c.format+"/"+d.ID, func(t *testing.T) {
				path := export(t, read, c.format, d, catalog.Query{}, Options{})
				if d := cmp.Diff(want, byKey(c.read(t, f, path))); d != "" {
					t.Errorf("(-want +got):\n%s", d)
				}
				if body, err := os.ReadFile(path); err != nil || bytes.Contains(body, []byte("nobody may see this")) {
					t.Errorf("internal field in the file (%v)", err)
				}
			})
		}
	}
}

// expected is what any reader should see of the fixture.
func expected(f fixture) []seen {
	var all []seen
	for _, r := range f.rows {
		s := seen{Key: r.Key, Values: map[string]string{}, WKT: wktOf(r.Geometry)}
		for i, field := range f.dataset.Schema.Fields {
			if !field.Internal && r.Values[i] != nil {
				s.Values[field.Name] = canonical(field.Type, r.Values[i])
			}
		}
		all = append(all, s)
	}
	return byKey(all)
}

func byKey(all []seen) []seen {
	slices.SortFunc(all, func(a, b seen) int { return strings.Compare(a.Key, b.Key) })
	return all
}

func wktOf(g orb.Geometry) string {
	if g == nil {
		return ""
	}
	return string(appendWKT(nil, g, degrees))
}

func canonical(t catalog.Type, value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.RawMessage:
		return compactJSON(string(v))
	case time.Time:
		if t == catalog.Date {
			return v.Format(time.DateOnly)
		}
		return v.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprint(value)
}

// compactJSON is the text in one spelling: members sorted, no blanks.
func compactJSON(text string) string {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return "not JSON: " + text
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

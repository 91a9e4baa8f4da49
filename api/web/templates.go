package web

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah/api/i18n"
)

//go:embed templates/*.html
var templateFiles embed.FS

// shared are the templates that every page may use.
func shared() []string {
	return []string{"templates/layout.html", "templates/staff_layout.html", "templates/parts.html", "templates/booking_parts.html",
		"templates/konto_parts.html", "templates/station_parts.html", "templates/stations_parts.html", "templates/planning_parts.html"}
}

// parse makes one template set per page: the shared ones and its own.
func parse(funcs template.FuncMap) (map[string]*template.Template, error) {
	names, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, err
	}
	base, err := template.New("").Funcs(funcs).Option("missingkey=error").ParseFS(templateFiles, shared()...)
	if err != nil {
		return nil, fmt.Errorf("shared templates: %w", err)
	}
	pages := make(map[string]*template.Template, len(names))
	for _, name := range names {
		page := strings.TrimSuffix(path.Base(name), ".html")
		if slices.Contains(shared(), name) {
			continue
		}
		set, err := template.Must(base.Clone()).ParseFS(templateFiles, name)
		if err != nil {
			return nil, fmt.Errorf("template %s: %w", page, err)
		}
		pages[page] = set
	}
	return pages, nil
}

// funcs are the functions of the templates, bound to one language.
func (r *Renderer) funcs(lang string) template.FuncMap {
	in := func(t time.Time) time.Time { return t.In(r.zone) }
	return template.FuncMap{
		"t":       func(key string, args ...any) (string, error) { return text(lang, key, args) },
		"say":     func(plain bool, key string, args ...any) (string, error) { return plainText(lang, plain, key, args) },
		"link":    func(path string) string { return localised(path, lang) },
		"doc":     func(address string) string { return withLanguage(address, lang) },
		"target":  func(l Link) string { return target(l, lang) },
		"path":    url.PathEscape,
		"query":   url.QueryEscape,
		"opening": func(start, end time.Time) string { return i18n.Opening(lang, in(start), in(end)) },
		"period":  func(start, end time.Time) string { return i18n.Period(lang, zeroOr(start, in), zeroOr(end, in)) },
		"date":    func(t time.Time) string { return i18n.Date(lang, in(t)) },
		"moment":  func(t time.Time) string { return i18n.Moment(lang, in(t)) },
		"clock":   func(t time.Time) string { return i18n.Clock(in(t)) },
		"hours":   func(start, end time.Time) string { return i18n.Hours(lang, in(start), in(end)) },
		"weekday": func(t time.Time) string { return i18n.Weekday(lang, in(t)) },
		"iso":     func(t time.Time) string { return in(t).Format(time.RFC3339) },
		"number":  func(n any) (string, error) { return number(lang, n) },
		"bytes":   func(n int64) string { return i18n.Bytes(lang, n) },
		"box":     box,
		"located": func(b [4]float64) bool { return b != [4]float64{} },
		"coord":   func(v float64) string { return fmt.Sprintf("%.6f", v) },
		"asset":   r.assets.url,
		"imports": r.assets.imports,
		"jsonld":  jsonLD,
		"join":    strings.Join,
		"pairs":   pairs,
		"lang":    func() string { return lang },
		"steps":   bookingSteps,
		"inc":     func(n int) int { return n + 1 },
		"tel":     telephone,
		"town":    func() Town { return r.townIn(lang) },
	}
}

// text is i18n.Text with alternating names and values. An unknown key is an
// error: templates are part of the program.
func text(lang, key string, args []any) (string, error) {
	if !i18n.Has(key) {
		return "", fmt.Errorf("no text for key %q", key)
	}
	if len(args)%2 != 0 {
		return "", fmt.Errorf("text %q: a placeholder without a value", key)
	}
	named := make(map[string]any, len(args)/2)
	for i := 0; i < len(args); i += 2 {
		named[fmt.Sprint(args[i])] = args[i+1]
	}
	return i18n.Text(lang, key, named), nil
}

// pairs is a map of alternating names and values, for templates that need two.
func pairs(args ...any) (map[string]any, error) {
	if len(args)%2 != 0 {
		return nil, fmt.Errorf("a name without a value")
	}
	m := make(map[string]any, len(args)/2)
	for i := 0; i < len(args); i += 2 {
		m[fmt.Sprint(args[i])] = args[i+1]
	}
	return m, nil
}

// zeroOr keeps the zero time, which means "not known", out of conversions.
func zeroOr(t time.Time, in func(time.Time) time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return in(t)
}

// target is where a Link leads.
func target(l Link, lang string) string {
	if l.Path != "" {
		return localised(l.Path, lang)
	}
	return withLanguage(l.URL, lang)
}

// withLanguage keeps the language on the way through the API's HTML.
func withLanguage(address, lang string) string {
	if lang != "en" || !isAPI(strings.SplitN(address, "?", 2)[0]) {
		return address
	}
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return inLanguage(u, lang)
}

func number(lang string, n any) (string, error) {
	switch n := n.(type) {
	case int:
		return i18n.Number(lang, int64(n)), nil
	case int64:
		return i18n.Number(lang, n), nil
	}
	return "", fmt.Errorf("%T is not a whole number", n)
}

// box is a bounding box as the islands read it: "west,south,east,north".
func box(b [4]float64) string {
	return fmt.Sprintf("%.6f,%.6f,%.6f,%.6f", b[0], b[1], b[2], b[3])
}

// jsonLD is a JSON document that is safe inside a script element.
func jsonLD(doc string) (template.JS, error) {
	if !json.Valid([]byte(doc)) {
		return "", fmt.Errorf("JSON-LD of the page is not JSON")
	}
	var out bytes.Buffer
	json.HTMLEscape(&out, []byte(doc))
	return template.JS(out.String()), nil //nolint:gosec // escaped one line above
}

package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah/api/i18n"
)

// ContentSecurityPolicy is what every page is sent with: everything comes from
// this server, nothing inline runs. data: and blob: are pictures of the map and
// of KERN's icons.
const ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; " +
	"img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; worker-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Town is what the pages have to know about the deployment.
type Town struct {
	Name    string // "Gütersloh"
	Kind    string // "Stadt", "Gemeinde"
	Demo    bool   // the demo town: a banner says that everything is invented
	BaseURL string // "https://ortsnah.example" without slash at the end, for absolute links; may be empty
	Zone    string // IANA time zone; empty: "Europe/Berlin"
	Email   string // contact named on the legal pages; may be empty
	// MunicipalityURL is the town's border as GeoJSON, drawn below all maps:
	// "/ogc/collections/municipality/items?f=json"; may be empty.
	MunicipalityURL string
	// Theme holds theme.css (CSS variables) and arms.svg; nil is the neutral
	// theme of the program.
	Theme fs.FS
}

// Renderer renders the pages of one town. It is safe for concurrent use.
type Renderer struct {
	town   Town
	zone   *time.Location
	assets *assets
	pages  map[string]map[string]*template.Template // language, template
}

// New parses the templates and reads the manifest of the built assets. It
// fails on an unknown time zone, an unreadable theme or a defect template.
func New(town Town) (*Renderer, error) {
	if town.Zone == "" {
		town.Zone = "Europe/Berlin"
	}
	zone, err := time.LoadLocation(town.Zone)
	if err != nil {
		return nil, fmt.Errorf("time zone of the town: %w", err)
	}
	files, err := openAssets(town.Theme)
	if err != nil {
		return nil, err
	}
	r := &Renderer{town: town, zone: zone, assets: files, pages: make(map[string]map[string]*template.Template)}
	for _, lang := range i18n.Languages() {
		if r.pages[lang], err = parse(r.funcs(lang)); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// view is what the layout sees; the page's own template sees only Page.
type view struct {
	Lang, Title, Description string
	Home                     bool
	Query                    string // of the search in the header
	Town                     Town
	Nav                      []navEntry
	Here, Other, OtherLang   string // this page in this and in the other language
	Canonical                map[string]string
	Staff                    Staff // on the staff's pages
	Page                     Page
}

type navEntry struct {
	Path, Key string
	Current   bool
}

// navigation is the main navigation in its order.
func navigation() []navEntry {
	return []navEntry{
		{Path: "/", Key: "nav.home"},
		{Path: "/termin", Key: "nav.booking"},
		{Path: "/karte", Key: "nav.map"},
		{Path: "/baustellen", Key: "nav.sites"},
		{Path: "/stationen", Key: "nav.stations"},
		{Path: "/anliegen", Key: "nav.services"},
		{Path: "/daten", Key: "nav.data"},
	}
}

// Render writes page with the given HTTP status, in the language of req. When
// an error is returned nothing has been written.
func (r *Renderer) Render(w http.ResponseWriter, req *http.Request, status int, page Page) error {
	lang := LangOf(req)
	tmpl, ok := r.pages[lang][page.template()]
	if !ok {
		return fmt.Errorf("page %T has no template %q", page, page.template())
	}
	var buf bytes.Buffer
	if err := tmpl.ExecuteTemplate(&buf, frame(tmpl, req), r.view(req, lang, page)); err != nil {
		return fmt.Errorf("page %s: %w", page.template(), err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", lang)
	h.Set("Content-Security-Policy", ContentSecurityPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), interest-cohort=()")
	w.WriteHeader(status)
	if _, err := buf.WriteTo(w); err != nil {
		return nil //nolint:nilerr // the client hung up; the status is out, nobody is left to tell
	}
	return nil
}

// frame names the template around a page: its own, the staff's or everybody's.
func frame(tmpl *template.Template, req *http.Request) string {
	switch {
	case tmpl.Lookup("frame") != nil:
		return "frame"
	case inStaffFrame(req):
		return "staff_layout.html"
	}
	return "layout.html"
}

// townIn is the town with its kind as one says it in lang, where that is known.
func (r *Renderer) townIn(lang string) Town {
	town := r.town
	if key := "town.kind." + town.Kind; i18n.Has(key) {
		town.Kind = i18n.Text(lang, key, nil)
	}
	return town
}

func (r *Renderer) view(req *http.Request, lang string, page Page) view {
	v := view{
		Lang: lang, Town: r.townIn(lang), Page: page, Title: r.heading(lang, page),
		Here: inLanguage(req.URL, lang), OtherLang: "en", Canonical: make(map[string]string),
	}
	if lang == "en" {
		v.OtherLang = "de"
	}
	v.Other = inLanguage(req.URL, v.OtherLang)
	for _, l := range i18n.Languages() {
		v.Canonical[l] = r.town.BaseURL + inLanguage(req.URL, l)
	}
	if home, ok := page.(Home); ok {
		v.Home, v.Query = true, home.Query
	}
	if key := page.template() + ".description"; i18n.Has(key) {
		v.Description = i18n.Text(lang, key, map[string]any{"town": r.town.Name})
	}
	entries := navigation()
	if inStaffFrame(req) {
		v.Staff, entries = staffOf(req), nil
		for _, e := range v.Staff.Entries {
			entries = append(entries, navEntry{Path: e.Path, Key: e.Key})
		}
	}
	for _, e := range entries {
		e.Current = e.Path == page.nav()
		v.Nav = append(v.Nav, e)
	}
	return v
}

// heading is the h1 and the window's title of page.
func (r *Renderer) heading(lang string, page Page) string {
	switch p := page.(type) {
	case ErrorPage:
		if key := fmt.Sprintf("error.title.%d", p.Status); i18n.Has(key) {
			return i18n.Text(lang, key, nil)
		}
	case Legal:
		return i18n.Text(lang, "legal."+p.Kind+".title", nil)
	case Home:
		if p.Query != "" {
			return i18n.Text(lang, "home.results.title", map[string]any{"query": p.Query})
		}
	}
	if title := page.title(); title != "" {
		return title
	}
	return i18n.Text(lang, page.template()+".title", map[string]any{"town": r.town.Name})
}

// LangOf is the language of a request: "en" below /en/ or, for the API's HTML
// below /ogc, with the parameter lang=en; else "de".
func LangOf(req *http.Request) string {
	path := req.URL.Path
	if path == "/en" || strings.HasPrefix(path, "/en/") {
		return "en"
	}
	if isAPI(path) && req.URL.Query().Get("lang") == "en" {
		return "en"
	}
	return "de"
}

// isAPI says whether a path has one address for both languages.
func isAPI(path string) bool { return path == "/ogc" || strings.HasPrefix(path, "/ogc/") }

// localised puts a language-neutral path of a page into lang: "/daten" is
// "/en/daten" in English.
func localised(path, lang string) string {
	if lang != "en" {
		return path
	}
	return "/en" + path
}

// inLanguage is the address of the page at u in lang, query included.
func inLanguage(u *url.URL, lang string) string {
	query := u.Query()
	path := u.EscapedPath()
	if isAPI(u.Path) {
		query.Del("lang")
		if lang == "en" {
			query.Set("lang", "en")
		}
	} else {
		path = localised(neutral(u), lang)
	}
	if q := query.Encode(); q != "" {
		return path + "?" + q
	}
	return path
}

// neutral is the path of a page without its language; never one that a
// browser would take for another host ("//…").
func neutral(u *url.URL) string {
	path := u.EscapedPath()
	if path == "/en" || strings.HasPrefix(path, "/en/") {
		path = path[len("/en"):]
	}
	return "/" + strings.TrimLeft(path, "/")
}

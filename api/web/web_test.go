package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/net/html"
)

// TestPages renders every fixture in both languages and checks what must hold
// for every page, whatever its content.
func TestPages(t *testing.T) {
	town := newPreview(t)
	for _, path := range previewPaths() {
		for _, lang := range []string{"de", "en"} {
			w := httptest.NewRecorder()
			target := path
			if lang == "en" {
				target = inLanguage(httptest.NewRequest("GET", path, nil).URL, "en")
			}
			town.ServeHTTP(w, httptest.NewRequest("GET", target, nil))
			if w.Code >= 500 {
				t.Errorf("%s: %d %s", target, w.Code, w.Body)
				continue
			}
			doc, err := html.Parse(bytes.NewReader(w.Body.Bytes()))
			if err != nil {
				t.Fatalf("%s: %v", target, err)
			}
			checkPage(t, target, lang, doc)
			if csp := w.Header().Get("Content-Security-Policy"); csp != ContentSecurityPolicy {
				t.Errorf("%s: Content-Security-Policy %q", target, csp)
			}
			if strings.Contains(w.Body.String(), "ZgotmplZ") || strings.Contains(w.Body.String(), "<no value>") {
				t.Errorf("%s: a value was refused by the template", target)
			}
		}
	}
}

// checkPage: one h1, one main, unique ids, labelled fields, no inline code, no
// third party, links that stay in the language.
func checkPage(t *testing.T, target, lang string, doc *html.Node) {
	t.Helper()
	count := map[string]int{}
	ids := map[string]bool{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		count[n.Data]++
		a := attributes(n)
		if id, ok := a["id"]; ok {
			if ids[id] || id == "" {
				t.Errorf("%s: id %q twice or empty", target, id)
			}
			ids[id] = true
		}
		checkElement(t, target, lang, n, a)
	}
	footers := 1
	if plain := strings.TrimPrefix(target, "/en"); strings.HasPrefix(plain, "/dienst") || strings.HasPrefix(plain, "/planung") && !strings.Contains(plain, "gast=") {
		footers = 0 // the staff's frame has none
	}
	if count["h1"] != 1 || count["main"] != 1 || count["header"] != 1 || count["footer"] != footers {
		t.Errorf("%s: %d h1, %d main, %d header, %d footer; want one of each", target, count["h1"], count["main"], count["header"], count["footer"])
	}
	for n := range doc.Descendants() {
		a := attributes(n)
		for _, ref := range []string{a["aria-labelledby"], a["aria-describedby"], a["for"]} {
			for id := range strings.FieldsSeq(ref) {
				if !ids[id] {
					t.Errorf("%s: <%s> refers to the missing id %q", target, n.Data, id)
				}
			}
		}
	}
}

func checkElement(t *testing.T, target, lang string, n *html.Node, a map[string]string) {
	t.Helper()
	switch n.Data {
	case "html":
		if a["lang"] != lang {
			t.Errorf("%s: lang=%q, want %q", target, a["lang"], lang)
		}
	case "script":
		if a["src"] == "" && !strings.HasSuffix(a["type"], "json") { // data does not run
			t.Errorf("%s: inline script", target)
		}
	case "style":
		t.Errorf("%s: inline style", target)
	case "a":
		if href := a["href"]; lang == "en" && strings.HasPrefix(href, "/") && a["hreflang"] != "de" && pagePath(href) && !strings.HasPrefix(href, "/en/") {
			t.Errorf("%s: the link %s leaves English", target, href)
		}
	}
	for name := range a {
		if name == "style" || strings.HasPrefix(name, "on") {
			t.Errorf("%s: <%s %s> is inline code", target, n.Data, name)
		}
	}
	for _, name := range []string{"src", "action"} {
		if strings.Contains(a[name], "//") {
			t.Errorf("%s: <%s> asks a third party: %s", target, n.Data, a[name])
		}
	}
}

// pagePath says whether an address is a page that exists in both languages.
func pagePath(href string) bool {
	for _, own := range []string{"/api/", "/datasets/", "/feeds/", "/catalog", "/ogc/", "/assets/"} {
		if strings.HasPrefix(href, own) {
			return false
		}
	}
	return !strings.Contains(href, ".csv")
}

func attributes(n *html.Node) map[string]string {
	out := make(map[string]string, len(n.Attr))
	for _, a := range n.Attr {
		out[a.Key] = a.Val
	}
	return out
}

// TestEmptyPages: a page without any content must still be a page.
func TestEmptyPages(t *testing.T) {
	r, err := New(Town{Name: "Kleinstadt", Kind: "Gemeinde"})
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range []Page{
		Home{}, Home{Query: "x"}, Map{}, Map{Layers: []Layer{{ID: "construction-sites", On: true}, {ID: "stops"}, {ID: "districts"}, {ID: "rooms"}}}, Sites{}, SitePage{}, Stations{}, Stations{Near: &NearStations{}}, StopPage{}, Services{},
		ServicePage{}, Datasets{}, DatasetPage{}, ErrorPage{Status: 418}, Legal{Kind: "impressum"}, Legal{Kind: "datenschutz"}, Legal{Kind: "barrierefreiheit"},
		OGCLanding{}, OGCConformance{}, OGCCollections{}, OGCCollection{}, OGCItems{}, OGCItem{},
		PlanningHome{}, PlanningScenario{}, PlanningRun{}, PlanningRun{Result: &PlanResult{}}, PlanningMove{}, PlanningCompare{}, PlanningPhases{}, PlanningPhase{},
	} {
		w := httptest.NewRecorder()
		if err := r.Render(w, httptest.NewRequest("GET", "/en/x", nil), 200, page); err != nil {
			t.Errorf("%T: %v", page, err)
		}
		if strings.Contains(w.Body.String(), "Demo") || strings.Contains(w.Body.String(), "demo ") {
			t.Errorf("%T: a real town's page speaks of a demo", page)
		}
	}
}

// TestHostileContent: what comes from data or from the address stays text.
func TestHostileContent(t *testing.T) {
	evil := `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	r, err := New(Town{Name: evil, Kind: "Stadt"})
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range []Page{
		Home{Query: evil},
		DatasetPage{Dataset: Dataset{ID: evil, Title: evil}, JSONLD: `{"name":"</script><script>alert(1)</script>"}`, LicenceURL: "javascript:alert(1)", Preview: Preview{ItemsURL: evil}},
		Map{Layers: []Layer{{ID: "construction-sites", On: true, ItemsURL: evil}}, Sites: []Site{{ID: evil, Title: evil}}, Selected: evil},
		ErrorPage{Status: 404, Sentence: evil},
	} {
		w := httptest.NewRecorder()
		if err := r.Render(w, httptest.NewRequest("GET", "/?q=%22%3E%3Cscript%3Ealert(1)", nil), 200, page); err != nil {
			t.Fatalf("%T: %v", page, err)
		}
		body := w.Body.String()
		for _, bad := range []string{"<script>alert", "<img src=x", `href="javascript:`} {
			if strings.Contains(body, bad) {
				t.Errorf("%T: the page contains %q", page, bad)
			}
		}
	}
	w := httptest.NewRecorder()
	err = r.Render(w, httptest.NewRequest("GET", "/", nil), 200, DatasetPage{JSONLD: `{"broken`})
	if err == nil || w.Body.Len() > 0 {
		t.Error("broken JSON-LD: want an error and nothing written")
	}
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct{ address, lang, other string }{
		{"/", "de", "/en/"},
		{"/en", "en", "/"},
		{"/en/", "en", "/"},
		{"/daten?q=a+b&theme=TRAN", "de", "/en/daten?q=a+b&theme=TRAN"},
		{"/en/daten?q=a+b", "en", "/daten?q=a+b"},
		{"/english", "de", "/en/english"},
		{"/ogc/collections?limit=5", "de", "/ogc/collections?lang=en&limit=5"},
		{"/ogc/collections?lang=en&limit=5", "en", "/ogc/collections?limit=5"},
		{"/en//evil.example/x", "en", "/evil.example/x"},
		{"/daten/a%2Fb", "de", "/en/daten/a%2Fb"},
	} {
		req := httptest.NewRequest("GET", c.address, nil)
		if got := LangOf(req); got != c.lang {
			t.Errorf("%s is %s, want %s", c.address, got, c.lang)
		}
		other := map[string]string{"de": "en", "en": "de"}[c.lang]
		if got := inLanguage(req.URL, other); got != c.other {
			t.Errorf("%s in the other language is %s, want %s", c.address, got, c.other)
		}
	}
}

// TestAssets works on files of its own: the program must compile and the tests
// must pass before the front end is built.
func TestAssets(t *testing.T) {
	a := &assets{
		files:    fstest.MapFS{"map-1.js": {Data: []byte("plain")}, "map-1.js.br": {Data: []byte("br")}, "map-1.js.gz": {Data: []byte("gz")}, "manifest.json": {Data: []byte("{}")}, ".gitkeep": {}},
		manifest: map[string]chunk{"src/map.ts": {File: "map-1.js", Imports: []string{"_lib"}}, "_lib": {File: "lib-2.js"}},
		theme:    map[string][]byte{}, names: map[string]string{},
	}
	if a.url("src/map.ts") != "/assets/map-1.js" || a.url("src/none.ts") != "" || a.imports("src/map.ts")[0] != "/assets/lib-2.js" {
		t.Error("addresses of built files are wrong")
	}
	if err := a.addTheme(fstest.MapFS{"theme.css": {Data: []byte(":root{}")}}); err == nil {
		t.Error("a theme without arms.svg: no error")
	}
	for _, c := range []struct {
		path, accept, encoding, body string
		status                       int
	}{
		{"/assets/map-1.js", "gzip, deflate, br", "br", "br", 200},
		{"/assets/map-1.js", "gzip;q=1.0, br;q=0", "gzip", "gz", 200},
		{"/assets/map-1.js", "", "", "plain", 200},
		{"/assets/map-1.js", "identity", "", "plain", 200},
		{"/assets/none.js", "", "", "", 404},
		{"/assets/../assets.go", "", "", "", 404},
		{"/assets/manifest.json", "", "", "", 404},
		{"/assets/.gitkeep", "", "", "", 404},
		{"/assets/", "", "", "", 404},
	} {
		req := httptest.NewRequest("GET", "http://x/assets/", nil)
		req.URL.Path = c.path
		req.Header.Set("Accept-Encoding", c.accept)
		w := httptest.NewRecorder()
		a.serve(w, req)
		if w.Code != c.status || w.Header().Get("Content-Encoding") != c.encoding || (c.status == 200 && w.Body.String() != c.body) {
			t.Errorf("%s (%s): %d %q %q", c.path, c.accept, w.Code, w.Header().Get("Content-Encoding"), w.Body)
		}
		if c.status == 200 && !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s may not be kept", c.path)
		}
	}
}

// TestBuiltAssets holds only where the front end has been built, which the test
// command does before it runs the Go tests.
func TestBuiltAssets(t *testing.T) {
	town := newPreview(t)
	if len(town.renderer.assets.manifest) == 0 {
		t.Log("api/web/dist is empty: run npm ci && npm run build in api/web")
		return
	}
	for _, source := range []string{"src/site.css", "src/map.css", "src/map.ts", "src/preview.ts", "theme.css", "arms.svg"} {
		w := httptest.NewRecorder()
		town.ServeHTTP(w, httptest.NewRequest("GET", town.renderer.assets.url(source), nil))
		if w.Code != http.StatusOK || w.Body.Len() == 0 {
			t.Errorf("%s: %d, %d bytes", source, w.Code, w.Body.Len())
		}
	}
	raw, err := built.ReadFile("dist/manifest.json")
	if err != nil || !json.Valid(raw) {
		t.Error("manifest.json", err)
	}
}

package web

import (
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah/api/altcha"
)

// With -preview ADDRESS TestPreview serves the fixtures until it is stopped, to
// look at them in a browser: go test ./api/web -run TestPreview -preview :8090 -timeout 0
var previewAddress = flag.String("preview", "", "serve the fixture pages on this address")

// previewTown answers like the program, from fixtures.
type previewTown struct {
	renderer *Renderer
}

func (p previewTown) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	path, lang := req.URL.Path, LangOf(req)
	if strings.HasPrefix(path, "/assets/") {
		p.renderer.Assets().ServeHTTP(w, req)
		return
	}
	if path == "/api/v1/challenge" {
		c, err := altcha.New([]byte("a key of the fixtures, known to e2e"), time.Now().Add(10*time.Minute), 2000)
		if err == nil {
			err = json.NewEncoder(w).Encode(c)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
		return
	}
	if rest, ok := strings.CutPrefix(path, "/ogc/collections/"); ok && req.URL.Query().Get("f") == "json" {
		w.Header().Set("Content-Type", "application/geo+json")
		_, _ = w.Write(fixtureGeoJSON(strings.Split(rest, "/")[0]))
		return
	}
	if strings.HasPrefix(path, "/datasets/") {
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", "attachment")
		_, _ = w.Write([]byte("id\n1\n"))
		return
	}
	page, status := fixturePage(strings.TrimPrefix(strings.TrimPrefix(path, "/en"), "/"), lang, req.URL.Query()), http.StatusOK
	if e, ok := page.(ErrorPage); ok {
		status = e.Status
	}
	if !planningGuest(req) {
		req = withStaff(req)
	}
	if err := p.renderer.Render(w, req, status, page); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// fixturePage is the page at a path without its first slash.
func fixturePage(path, lang string, query url.Values) Page {
	switch first, rest, _ := strings.Cut(path, "/"); first {
	case "":
		return fixtureHome(lang, query.Get("q"))
	case "karte":
		return fixtureMap(lang, query)
	case "baustellen":
		if rest != "" {
			return fixtureSitePage(lang, rest)
		}
		return fixtureSiteList(lang, query.Get("q"))
	case "konto":
		return fixtureKonto(rest, lang, query)
	case "dienst":
		if page := fixtureStaff(rest, lang, query); page != nil {
			return page
		}
	case "planung":
		if page := fixturePlanning(rest, query); page != nil {
			return page
		}
	case "termin":
		return fixtureBooking(rest, lang, query)
	case "stationen":
		return fixtureStationsPage(rest, lang, query)
	case "anliegen":
		if rest != "" {
			return fixtureService(lang, rest, query)
		}
		return Services{Query: query.Get("q"), Items: fixtureServices(lang), Channels: []Option{{Value: "mobile", Label: "an der mobilen Station"}, {Value: "online", Label: "online"}}}
	case "daten":
		if rest == "no-such-dataset" {
			return ErrorPage{Status: 404, Sentence: "Diesen Datensatz gibt es nicht."}
		}
		if rest != "" {
			return fixtureDataset()
		}
		return fixtureDatasetList(query.Get("q"))
	case "impressum", "datenschutz", "barrierefreiheit":
		return Legal{Kind: first}
	case "ogc":
		return fixtureOGC(rest)
	}
	return ErrorPage{Status: 404, Sentence: "Diese Seite gibt es nicht.", Next: "Suchen Sie oben nach dem, was Sie brauchen."}
}

func fixtureOptions() []Option {
	var out []Option
	for _, d := range fixtureDistricts() {
		out = append(out, Option{Value: d.Code, Label: d.Name})
	}
	return out
}

func fixtureHome(lang, query string) Home {
	h := Home{Query: query}
	if query != "" {
		if query != "nichts" {
			h.Groups = []ResultGroup{
				{Kind: "services", Total: 12, Results: []Result{{"Reisepass beantragen", "Einen Reisepass für Erwachsene oder Kinder beantragen.", "/anliegen/reisepass"}}, Path: "/anliegen?q=" + url.QueryEscape(query)},
				{Kind: "datasets", Total: 1, Results: []Result{{"Baustellen", "Baustellen mit Zeitraum und Sperrungen.", "/daten/construction-sites"}}, Path: "/daten?q=x"},
				{Kind: "construction-sites", Total: 1, Results: []Result{{"Demo: Kanalbau, Berliner Straße", "gesperrt bis 30. November 2026", "/baustellen/site-00"}}},
			}
		}
		return h
	}
	h.NextVisits, h.Services, h.Sites = fixtureVisits(lang)[:4], fixtureServices(lang)[:6], fixtureSites(lang)[:4]
	h.Counts = Counts{Services: 60, Datasets: 8, RunningSites: 23, VisitsThisWeek: 1}
	return h
}

func fixtureMap(lang string, query url.Values) Map {
	on := func(id string) bool {
		chosen := query["ebene"]
		for _, c := range chosen {
			if c == id {
				return true
			}
		}
		return len(chosen) == 0
	}
	items := func(id string) string { return "/ogc/collections/" + id + "/items?limit=10000&f=json" }
	m := Map{
		Bounds: [4]float64{centreLon - 0.096, centreLat - 0.063, centreLon + 0.096, centreLat + 0.063}, NeighboursURL: items("neighbours"),
		Sites: fixtureSites(lang), Stops: fixtureStops(lang), Districts: fixtureDistricts(), RoomSites: fixtureRooms(), Selected: query.Get("auswahl"),
	}
	for _, id := range []string{"construction-sites", "stops", "districts", "rooms"} {
		l := Layer{ID: id, On: on(id)}
		if id == "construction-sites" || id == "districts" {
			l.ItemsURL = items(id)
		}
		m.Layers = append(m.Layers, l)
	}
	return m
}

func fixtureSiteList(lang, query string) Sites {
	s := Sites{Query: query, Districts: fixtureOptions(), DatasetID: "construction-sites", Feeds: []Link{{Text: "WZDx 4.2", URL: "/feeds/wzdx.json"}},
		Statuses: []Option{{"running", "läuft", true}, {"planned", "geplant", false}}, Modes: []Option{{"bike", "Fahrräder", false}}}
	if query != "nichts" {
		s.Items, s.Total, s.NextPath = fixtureSites(lang)[:25], 40, "/baustellen?nach=25"
	}
	return s
}

func fixtureSitePage(lang, id string) Page {
	for _, s := range fixtureSites(lang) {
		if s.ID == id {
			return SitePage{Site: s, ItemURL: "/ogc/collections/construction-sites/items/" + id + "?f=json", MapPath: "/karte?auswahl=construction-sites/" + id, Datasets: []Link{{Text: "Baustellen", Path: "/daten/construction-sites"}}}
		}
	}
	return ErrorPage{Status: 410, Sentence: "Diese Baustelle ist beendet und wird nicht mehr gezeigt."}
}

func fixtureService(lang, id string, query url.Values) Page {
	for i, s := range fixtureServices(lang) {
		if s.ID != id {
			continue
		}
		p := ServicePage{Service: s, MinutesPerFurtherPerson: 5, Office: "Bürgerbüro", OfficeAddress: "Berliner Straße 70, 33330 Gütersloh", Jurisdiction: []string{"anyone", "alphabetic", "geographic"}[i%3],
			Documents: []Document{{"Personalausweis oder Reisepass", ""}, {"Biometrisches Foto", ""}, {"Geburtsurkunde", "nur beim ersten Antrag"}},
			Related:   []Link{{Text: "Führungszeugnis beantragen", Path: "/anliegen/fuehrungszeugnis"}}, Address: query.Get("adresse"), Name: query.Get("name")}
		if i == 2 {
			p.OnlineURL = "https://www.example.org/ummeldung"
		}
		if p.Address != "" {
			p.Responsible = &Responsible{Team: "Baubezirk B2", District: "Sundern", Rule: "Die Adresse liegt im Stadtteil Sundern; für ihn ist der Baubezirk B2 zuständig."}
		}
		if p.Name != "" {
			p.Hint = "Zu diesem Namen gibt es keine Regel."
		}
		if !s.Urgent {
			p.BookPath = "/termin/" + s.ID
		}
		if i < 2 {
			p.NextVisits = fixtureVisits(lang)[:2]
		}
		return p
	}
	return ErrorPage{Status: 404, Sentence: "Dieses Anliegen gibt es nicht."}
}

func fixtureDatasetList(query string) Datasets {
	d := Datasets{Query: query, Catalogs: []Link{{Text: "RDF/XML", URL: "/catalog.rdf"}, {Text: "Turtle", URL: "/catalog.ttl"}, {Text: "JSON-LD", URL: "/catalog.jsonld"}}, Facets: []Facet{
		{Name: "theme", Values: []FacetValue{{"TRAN", "Verkehr", 1, "/daten?theme=TRAN", false}, {"GOVE", "Regierung und öffentlicher Sektor", 4, "/daten", true}}},
		{Name: "format", Values: []FacetValue{{"csv", "CSV", 7, "/daten?format=csv", false}, {"geoparquet", "GeoParquet", 7, "/daten?format=geoparquet", false}}},
		{Name: "licence", Values: []FacetValue{{"cc-by", "CC BY 4.0", 7, "/daten?licence=cc-by", false}}},
		{Name: "publisher", Values: []FacetValue{{"gt", "Stadt Gütersloh (Demo)", 7, "/daten?publisher=gt", false}}},
	}}
	if query != "nichts" {
		d.Items, d.Total = fixtureDatasets(), 7
	}
	return d
}

func fixtureOGC(path string) Page {
	d := fixtureDataset()
	c := OGCCollection{ID: "construction-sites", Title: "Baustellen", Description: d.Dataset.Description, Bounds: [4]float64{8.2, 51.8, 8.5, 52}, Start: at(1, 0, 0), CRS: []string{"http://www.opengis.net/def/crs/OGC/1.3/CRS84", "http://www.opengis.net/def/crs/EPSG/0/25832"},
		ItemsURL: "/ogc/collections/construction-sites/items", DatasetPath: "/daten/construction-sites", Fields: d.Fields, Links: []Link{{Text: "JSON", URL: "/ogc/collections/construction-sites?f=json"}}}
	switch {
	case path == "":
		return OGCLanding{Title: "Schnittstellen der Stadt Gütersloh", Description: "OGC API Features über allen offenen Daten.", Links: []Link{{Text: "Sammlungen", URL: "/ogc/collections"}, {Text: "Konformität", URL: "/ogc/conformance"}, {Text: "OpenAPI", URL: "/ogc/api"}}}
	case path == "conformance":
		return OGCConformance{Classes: []string{"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core", "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson"}}
	case path == "collections":
		return OGCCollections{Collections: []OGCCollection{c}}
	case strings.HasSuffix(path, "/items"):
		return OGCItems{Collection: c, Table: fixtureTable(), Returned: 10, Matched: 40, NextURL: "/ogc/collections/construction-sites/items?after=10", JSONURL: "/ogc/collections/construction-sites/items?f=json"}
	case strings.Contains(path, "/items/"):
		return OGCItem{Collection: c, ID: "site-00", Title: "Demo: Kanalbau, Berliner Straße", Properties: []Property{{"impact", "Auswirkung", "gesperrt"}, {"reason", "", "Kanalbau"}}, JSONURL: "/ogc/collections/construction-sites/items/site-00?f=json"}
	}
	return c
}

// previewPaths are all kinds of pages in all their states.
func previewPaths() []string {
	return append(slices.Concat(bookingPaths(), kontoPaths(), staffPaths(), planningPaths(), nearPaths()), []string{
		"/", "/?q=pass", "/?q=nichts", "/karte", "/karte?ebene=stops", "/baustellen", "/baustellen?q=nichts", "/baustellen/site-00", "/baustellen/site-05", "/baustellen/weg",
		"/anliegen", "/anliegen/reisepass", "/anliegen/kinderschutz", "/anliegen/ummeldung?adresse=Marktweg+1", "/anliegen/personalausweis?name=Be",
		"/daten", "/daten?q=nichts", "/daten/construction-sites", "/impressum", "/datenschutz", "/barrierefreiheit", "/gibtesnicht",
		"/ogc/", "/ogc/conformance", "/ogc/collections", "/ogc/collections/construction-sites", "/ogc/collections/construction-sites/items", "/ogc/collections/construction-sites/items/site-00",
	}...)
}

func newPreview(t *testing.T) previewTown {
	t.Helper()
	r, err := New(Town{Name: "Gütersloh", Kind: "Stadt", Demo: true, BaseURL: "https://ortsnah.example", Email: "ortsnah@example.org", MunicipalityURL: "/ogc/collections/municipality/items?f=json"})
	if err != nil {
		t.Fatal(err)
	}
	return previewTown{renderer: r}
}

// TestPreview serves the fixtures with -preview; without it, every page must
// answer with a status of its own.
func TestPreview(t *testing.T) {
	town := newPreview(t)
	if *previewAddress != "" {
		t.Logf("http://%s", *previewAddress)
		t.Fatal(http.ListenAndServe(*previewAddress, town))
	}
	for _, path := range previewPaths() {
		w := httptest.NewRecorder()
		town.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		want := http.StatusOK
		switch path {
		case "/gibtesnicht":
			want = http.StatusNotFound
		case "/baustellen/weg":
			want = http.StatusGone
		}
		if w.Code != want {
			t.Errorf("%s: status %d, want %d: %.300s", path, w.Code, want, w.Body)
		}
	}
}

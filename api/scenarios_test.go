package api

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

const (
	browser      = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	problemMedia = "application/problem+json"
)

// scenario is one request and what its answer must be.
type scenario struct {
	path   string
	accept string
	status int
	media  string   // beginning of the Content-Type, or of the Location of a redirect
	says   []string // parts of the body
	not    []string // what must not be in it
}

// TestScenarios asks for every route: good, bad, absent, HEAD.
func TestScenarios(t *testing.T) {
	x := smallTown(t)
	x.stagePoints(25)
	x.publishFiles("points", "construction-sites", "rooms")
	for _, c := range scenarios() {
		t.Run(strings.TrimPrefix(c.path, "/"), func(t *testing.T) {
			var headers []string
			if c.accept != "" {
				headers = []string{"Accept", c.accept}
			}
			a := x.get(c.path, headers...)
			c.hold(t, a)
			head := x.ask(http.MethodHead, c.path, headers...)
			if head.StatusCode != a.StatusCode || head.body != "" || head.Header.Get("Content-Type") != a.Header.Get("Content-Type") || head.Header.Get("ETag") != a.Header.Get("ETag") {
				t.Errorf("HEAD: %d %v, GET: %d %v", head.StatusCode, head.Header, a.StatusCode, a.Header)
			}
		})
	}
	if strings.Contains(x.logs.String(), "level=ERROR") {
		t.Error(x.logs.String())
	}
	if strings.Contains(x.logs.String(), "Geheimname") || strings.Contains(x.logs.String(), "Geheimweg") {
		t.Error("what a person typed is in the log")
	}
}

func (c scenario) hold(t *testing.T, a answer) {
	t.Helper()
	media := a.Header.Get("Content-Type")
	if c.status >= 300 && c.status < 400 {
		media = a.Header.Get("Location")
	}
	if a.StatusCode != c.status || !strings.HasPrefix(media, c.media) {
		t.Errorf("%d %s, want %d %s\n%s", a.StatusCode, media, c.status, c.media, a.body)
	}
	for _, s := range c.says {
		if !strings.Contains(a.body, s) {
			t.Errorf("%q is not in\n%s", s, a.body)
		}
	}
	for _, s := range append(c.not, "geheim", "!(", "<no value>") {
		if strings.Contains(a.body, s) {
			t.Errorf("%q is in\n%s", s, a.body)
		}
	}
	if c.status >= 400 && a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("an error may be cached: %q", a.Header.Get("Cache-Control"))
	}
	if a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Content-Security-Policy") == "" {
		t.Error("security headers are missing")
	}
	if cors := a.Header.Get("Access-Control-Allow-Origin"); (cors == "*") != isData(strings.SplitN(c.path, "?", 2)[0]) {
		t.Errorf("Access-Control-Allow-Origin: %q", cors)
	}
}

func scenarios() []scenario {
	var all []scenario
	for _, list := range [][]scenario{pageScenarios(), ogcScenarios(), catalogScenarios(), restScenarios()} {
		all = append(all, list...)
	}
	return all
}

const html = "text/html"

func pageScenarios() []scenario {
	return []scenario{
		{"/", browser, 200, html, []string{`lang="de"`, "Bücherei West", "Kanalbau Königstraße", "Reisepass"}, []string{"Alte Baustelle"}},
		{"/en/", browser, 200, html, []string{`lang="en"`, "Passport", "Monday, 23 November 2026"}, nil},
		{"/en", browser, 200, html, []string{`lang="en"`}, nil},
		{"/?q=reisepas", browser, 200, html, []string{"/anliegen/reisepass"}, nil},
		{"/?q=K%C3%96NIGSTRASSE", browser, 200, html, []string{"/baustellen/s-1"}, nil},
		{"/?q=weststadt", browser, 200, html, []string{"auswahl=districts%2F01", "Bücherei West"}, nil},
		{"/en?q=passport", browser, 200, html, []string{"/en/anliegen/reisepass"}, nil},
		{"/?q=100%25_%5C", browser, 200, html, nil, []string{"/baustellen/s-1", "/anliegen/reisepass\""}},
		{"/?q=%00%ff%3Cscript%3E", browser, 200, html, nil, []string{"<script>"}},
		{"/karte", browser, 200, html, []string{"construction-sites/s-1", "Rathaus", "Weststadt", "8.379725,51.899796"}, []string{"Alte Baustelle"}},
		{"/en/karte?ebene=stops&auswahl=stops/west", browser, 200, html, []string{"Bücherei West (en)"}, nil},
		{"/karte?auswahl=construction-sites/s-3", browser, 200, html, []string{"Alte Baustelle"}, nil},
		{"/baustellen", browser, 200, html, []string{"Kanalbau Königstraße", "Ohne Ort &lt;b&gt;", "/baustellen/a%2Fb%20c", "13. November bis 3. Dezember 2026"}, []string{"Ohne Ort <b>"}},
		{"/en/baustellen?status=running", browser, 200, html, []string{"Kanalbau", "Ohne Ort"}, []string{"Glasfaser</a>", "Alte Baustelle", "Abgesagt"}},
		{"/baustellen?status=finished", browser, 200, html, []string{"Alte Baustelle"}, []string{"Kanalbau"}},
		{"/baustellen?mode=bike", browser, 200, html, []string{"Glasfaser"}, []string{"Kanalbau"}},
		{"/baustellen?stadtteil=Oststadt&q=glas", browser, 200, html, []string{"Glasfaser"}, []string{"Kanalbau"}},
		{"/baustellen?seite=99&status=no&utm_source=x", browser, 200, html, nil, nil},
		{"/baustellen/s-1", browser, 200, html, []string{"Kanalbau Königstraße", "auswahl=construction-sites%2Fs-1", "gesperrt"}, nil},
		{"/en/baustellen/s-4", browser, 200, html, []string{"Ohne Ort &lt;b&gt;"}, nil},
		{"/baustellen/a%2Fb%20c", browser, 200, html, []string{"Abgesagt", "items/a%2Fb%20c"}, nil},
		{"/baustellen/no", browser, 404, html, []string{"Diese Baustelle gibt es nicht"}, nil},
		{"/en/baustellen/%00", browser, 404, html, []string{"There is no such construction site"}, nil},
		{"/stationen", browser, 200, html, []string{"Montag, 23. November 2026, 09:30 bis 12:00 Uhr", "Fahrzeug in der Werkstatt"}, nil},
		{"/en/stationen?anliegen=ummeldung", browser, 200, html, []string{"Halle Ost (en)", "/en/stationen/ost"}, []string{"/en/stationen/west"}},
		{"/stationen?wann=heute&mit=esel&stufenlos=1&seite=x", browser, 200, html, []string{"Montag, 23. November 2026, 09:30", "/stationen/west"}, []string{"30. November 2026, 09:30", "/stationen/ost"}},
		{"/stationen?wann=jetzt", browser, 200, html, []string{"Zu dieser Auswahl ist keine Standzeit geplant"}, []string{"/stationen/west"}},
		{"/stationen/west", browser, 200, html, []string{"jeden Montag, 09:30 bis 12:00 Uhr", "Nächste Standzeit: Montag, 23. November 2026", "stufenfrei", "webcal://", "/stationen/west/termine.ics", "/ogc/collections/stops/items/west"}, []string{"Kanalbau", "ZgotmplZ"}},
		{"/en/stationen/ost", browser, 200, html, []string{"every Tuesday, 14:00 to 17:00", "Glasfaser", "/en/stationen/ost/termine.ics"}, []string{"Alte Baustelle"}},
		{"/stationen/gibt-es-nicht", browser, 404, html, []string{"Diesen Haltepunkt gibt es nicht"}, nil},
		{"/en/stationen/%00%ff", browser, 404, html, []string{"There is no such stop"}, nil},
		{"/stationen/gibt-es-nicht/termine.ics", browser, 404, html, []string{"Diesen Haltepunkt gibt es nicht"}, nil},
		{"/stationen/west/termine.ics", "", 200, calendarMedia, []string{"UID:west-mo-2026-11-23@", "DTSTART:20261123T083000Z", "SUMMARY:Rathausstation: Bücherei West", "STATUS:CONFIRMED"}, []string{"ost-di", "CANCELLED"}},
		{"/en/stationen/termine.ics", "", 200, calendarMedia, []string{"Town-hall station: Halle Ost (en)", "Cancelled: town-hall station Halle Ost", "STATUS:CANCELLED", "(en)"}, nil},
		{"/stationen?stadtteil=Nirgends", browser, 200, html, nil, []string{"09:30"}},
		{"/anliegen", browser, 200, html, []string{"Reisepass", "Bauberatung"}, nil},
		{"/anliegen?q=umzug&kanal=online", browser, 200, html, []string{"Ummeldung"}, []string{"/anliegen/reisepass"}},
		{"/en/anliegen", browser, 200, html, []string{"Residence permit"}, nil},
		{"/anliegen/reisepass", browser, 200, html, []string{"Biometrisches Foto", "nicht älter als ein Jahr", "Bürgerbüro", "Berliner Straße 70", "Team Bürgerbüro"}, nil},
		{"/en/anliegen/reisepass", browser, 200, html, []string{"Biometric photo"}, nil},
		{"/anliegen/aufenthaltstitel?name=%C3%96zdemir", browser, 200, html, []string{"Team X4"}, nil},
		{"/anliegen/bauberatung?adresse=Berliner+Str.+70", browser, 200, html, []string{"Baubezirk 1", "Weststadt"}, nil},
		{"/anliegen/bauberatung?adresse=Lindenweg+1", browser, 200, html, []string{"Lindenweg 1, Ost; Lindenweg 1, West"}, nil},
		{"/anliegen/bauberatung?adresse=Geheimweg+3", browser, 200, html, []string{"nicht gefunden"}, nil},
		{"/anliegen/no", browser, 404, html, []string{"gibt es nicht"}, nil},
		{"/daten", browser, 200, html, []string{"Baustellen", "Punkte", "Verkehr", "Datenlizenz Deutschland", "GeoJSON"}, []string{"<b>"}},
		{"/en/daten?theme=TRAN", browser, 200, html, []string{"Construction sites"}, []string{"/en/daten/rooms"}},
		{"/daten?format=csv&licence=cc-zero", browser, 200, html, []string{"/daten/points"}, []string{"/daten/rooms\""}},
		{"/daten?q=rathausstation", browser, 200, html, []string{"/daten/visits"}, []string{"/daten/points\""}},
		{"/daten/points", browser, 200, html, []string{"Punkt 19", "points-v1.csv", "application/ld+json", "/ogc/collections/points"}, []string{"Punkt 20<", "intern"}},
		{"/en/daten/services", browser, 200, html, []string{"Services"}, nil},
		{"/daten/transit-stops", browser, 200, html, nil, nil},
		{"/daten/no-such", browser, 404, html, []string{"no-such"}, nil},
		{"/baustellen/?status=running", browser, 301, "/baustellen?status=running", nil, nil},
		{"/en/daten/points/", browser, 301, "/en/daten/points", nil, nil},
		{"//evil.example/", browser, 404, html, nil, nil},
		{"/karte//evil.example/", browser, 404, html, nil, nil},
		{"/impressum", browser, 200, html, nil, nil},
		{"/en/datenschutz", browser, 200, html, nil, nil},
		{"/barrierefreiheit", browser, 200, html, nil, nil},
		{"/no/such", browser, 404, html, []string{"Diese Seite gibt es nicht"}, nil},
		{"/en/no", browser, 404, html, []string{"There is no such page"}, nil},
		{"/no/such", "application/json", 404, problemMedia, []string{`"detail_en":"There is no such page`}, nil},
		{"/robots.txt", "", 200, "text/plain", []string{"Disallow"}, nil},
		{"/healthz", "", 200, "text/plain", []string{"ok"}, nil},
		{"/readyz", "", 200, "text/plain", []string{"ok"}, nil},
	}
}

func catalogScenarios() []scenario {
	return []scenario{
		{"/catalog.rdf", "", 200, "application/rdf+xml", []string{"<rdf:RDF"}, nil},
		{"/catalog.ttl", "", 200, "text/turtle; charset=utf-8", []string{"dcat:Catalog"}, nil},
		{"/catalog.jsonld", "", 200, "application/ld+json", []string{`"@context"`}, nil},
		{"/catalog.nt", "", 200, "application/n-triples", []string{"<http"}, nil},
		{"/catalog.ttl?page=1", "", 200, "text/turtle", []string{"hydra:"}, nil},
		{"/catalog.ttl?page=2", "", 404, problemMedia, []string{"Seite 2"}, nil},
		{"/catalog.ttl?page=0", "", 400, problemMedia, []string{"page"}, nil},
		{"/catalog.ttl?seite=1", "", 400, problemMedia, []string{"unknown_parameter", "page"}, nil},
		{"/catalog.xml", "", 404, problemMedia, nil, nil},
		{"/catalog", browser, 303, "/daten", nil, nil},
		{"/catalog", "text/turtle", 200, "text/turtle", []string{"dcat:Catalog"}, nil},
		{"/catalog", "text/html;q=0.1, application/rdf+xml;q=0.9", 200, "application/rdf+xml", nil, nil},
		{"/catalog", "image/png", 406, problemMedia, []string{"text/turtle"}, nil},
		{"/datasets/points", browser, 303, "/daten/points", nil, nil},
		{"/datasets/points", "application/ld+json", 200, "application/ld+json", []string{"/datasets/points"}, []string{"/datasets/visits\""}},
		{"/datasets/points?f=rdf", "", 200, "application/rdf+xml", nil, nil},
		{"/datasets/points?f=pdf", "", 400, problemMedia, []string{"rdf"}, nil},
		{"/datasets/points", "image/png", 406, problemMedia, nil, nil},
		{"/datasets/transit-stops?f=ttl", "", 404, problemMedia, []string{"no_data_yet"}, nil},
		{"/datasets/no", "text/turtle", 404, problemMedia, []string{"no_dataset"}, nil},
		{"/datasets/%00", "", 404, problemMedia, nil, nil},
		{"/datasets/points/1/points-v1.csv", "", 200, "text/csv; charset=utf-8", []string{"Punkt 3"}, nil},
		{"/datasets/points/1/points-v1.geojson", "", 200, "application/geo+json", []string{"FeatureCollection"}, nil},
		{"/datasets/points/2/points-v1.csv", "", 404, problemMedia, []string{"no_file"}, nil},
		{"/datasets/points/01/points-v1.csv", "", 404, problemMedia, []string{"no_file"}, nil},
		{"/datasets/points/1/..%2F..%2F1%2Fpoints-v1.csv", "", 404, problemMedia, nil, nil},
		{"/datasets/points/1/%2e%2e", "", 404, problemMedia, nil, nil},
		{"/datasets/..%2f..%2fetc/1/passwd", "", 404, problemMedia, nil, nil},
		{"/datasets/points/latest/csv", "", 307, "/datasets/points/1/points-v1.csv", nil, nil},
		{"/datasets/points/latest/shp", "", 404, problemMedia, []string{"csv, geojson"}, nil},
		{"/datasets/visits/latest/csv", "", 404, problemMedia, []string{"no_files_yet"}, nil},
		{"/datasets/no/latest/csv", "", 404, problemMedia, nil, nil},
	}
}

func restScenarios() []scenario {
	const j, n = "/api/v1/jurisdiction", "/api/v1/stations/nearest"
	return []scenario{
		{j + "?lon=8.39&lat=51.91", "", 200, jsonMedia, []string{`"code":"01"`, `"outcome":"district"`}, []string{"border"}},
		{j + "?lon=8.5&lat=51.91", "", 200, jsonMedia, []string{`"outcome":"outside"`}, []string{`"district":`}},
		{j + "?address=Berliner+Stra%C3%9Fe+70", "", 200, jsonMedia, []string{"Weststadt", "Berliner Straße 70"}, nil},
		{j + "?address=Lindenweg+1", "", 200, jsonMedia, []string{"choose_address", "Lindenweg 1, Ost"}, nil},
		{j + "?address=Geheimweg+7", "", 404, problemMedia, []string{"address_unknown"}, []string{"Geheimweg"}},
		{j + "?address=", "", 400, problemMedia, []string{"address_empty"}, nil},
		{j + "?service=bauberatung&lon=8.39&lat=51.91", "", 200, jsonMedia, []string{`"outcome":"team"`, "Baubezirk 1", "Weststadt (01)"}, nil},
		{j + "?service=bauberatung&lon=8.41&lat=51.91", "", 200, jsonMedia, []string{"info_desk", "Infotheke"}, nil},
		{j + "?service=bauberatung&lon=8.5&lat=51.8", "", 200, jsonMedia, []string{"info_desk", "außerhalb aller Stadtteile"}, nil},
		{j + "?service=bauberatung", "", 400, problemMedia, []string{"place_needed", `"field":"lon"`}, nil},
		{j + "?service=aufenthaltstitel", "", 400, problemMedia, []string{"name_needed", `"field":"name"`}, nil},
		{j + "?service=aufenthaltstitel&name=M%C3%BCller", "", 200, jsonMedia, []string{`"label":"X4"`}, nil},
		{j + "?service=aufenthaltstitel&name=Mtawa", "", 200, jsonMedia, []string{`"label":"X1"`}, nil},
		{j + "?service=reisepass", "", 200, jsonMedia, []string{"Team Bürgerbüro"}, nil},
		{j + "?service=reisepass&name=Geheimname%00", "", 400, problemMedia, []string{"bad_text"}, nil},
		{j + "?service=no", "", 404, problemMedia, []string{"no_concern"}, nil},
		{j, "", 400, problemMedia, []string{"jurisdiction_of_what"}, nil},
		{j + "?lon=8.39", "", 400, problemMedia, []string{`"field":"lat"`}, nil},
		{j + "?lon=NaN&lat=51", "", 400, problemMedia, []string{"bad_coordinate"}, nil},
		{j + "?lon=51.91&lat=8.39", "", 400, problemMedia, []string{"place_outside"}, nil},
		{j + "?lon=8.39&lat=51.91&address=x", "", 400, problemMedia, []string{"point_or_address"}, nil},
		{j + "?servce=reisepass", "", 400, problemMedia, []string{"unknown_parameter", "servce"}, nil},
		{n + "?lon=8.39&lat=51.91", "", 200, jsonMedia, []string{`"stop":"west"`, "straight_line", "2026-11-23T09:30:00+01:00"}, nil},
		{n + "?lon=8.39&lat=51.91&service=ummeldung&limit=1", "", 200, jsonMedia, []string{`"stop":"ost"`}, []string{`"stop":"west"`}},
		{n + "?lon=8.39&lat=51.91&sort=near&at=2026-11-24T10:00:00%2B01:00", "", 200, jsonMedia, []string{"2026-11-30T09:30:00+01:00"}, nil},
		{n + "?lon=8.39&lat=51.91&service=bauberatung", "", 200, jsonMedia, []string{`"options":[]`}, nil},
		{n + "?lon=8.39&lat=51.91&service=no", "", 404, problemMedia, nil, nil},
		{n + "?lon=8.39", "", 400, problemMedia, []string{"lat"}, nil},
		{n + "?lon=8.39&lat=51.91&at=heute", "", 400, problemMedia, []string{"bad_time"}, nil},
		{n + "?lon=8.39&lat=51.91&limit=0", "", 400, problemMedia, []string{"limit"}, nil},
		{n + "?lon=8.39&lat=51.91&mode=bike&when=week&step_free=true", "", 200, jsonMedia, []string{`"mode":"bike"`, `"when":"week"`, `"travel_demo":false`}, nil},
		{n + "?lon=8.39&lat=51.91&when=now&at=2026-11-24T23:00:00%2B01:00", "", 200, jsonMedia, []string{`"options":[]`}, nil},
		{n + "?lon=8.39&lat=51.91&mode=horse", "", 400, problemMedia, []string{"walk, bike, car"}, nil},
		{n + "?lon=8.39&lat=51.91&when=", "", 400, problemMedia, []string{"now, today, week"}, nil},
		{n + "?lon=8.39&lat=51.91&step_free=yes", "", 400, problemMedia, []string{"step_free"}, nil},
		{n + "?lon=8.39&lat=51.91&sort=best", "", 400, problemMedia, []string{"early, near"}, nil},
		{"/api/v1/services", "", 200, jsonMedia, []string{`"id":"reisepass"`, `"id":"kinderschutz"`}, nil},
		{"/api/v1/services?q=Reisepas", "", 200, jsonMedia, []string{`"id":"reisepass"`}, []string{`"id":"bauberatung"`}},
		{"/api/v1/services?channel=video", "", 200, jsonMedia, []string{`"id":"bauberatung"`}, []string{`"id":"reisepass"`}},
		{"/api/v1/services?channel=fax", "", 400, problemMedia, []string{"counter"}, nil},
		{"/api/v1/services/reisepass", "", 200, jsonMedia, []string{"Biometric photo", "not older"}, nil},
		{"/api/v1/services/no", "", 404, problemMedia, nil, nil},
		{"/api/v1/openapi.json", "", 200, "application/vnd.oai.openapi+json", []string{"/api/v1/jurisdiction"}, []string{"example.invalid"}},
		{"/api/v1/no", browser, 404, problemMedia, nil, nil},
	}
}

// TestEmptyTown asks for every page of a deployment without a row.
func TestEmptyTown(t *testing.T) {
	x := emptyTown(t)
	for _, c := range []struct {
		path   string
		status int
	}{
		{"/", 200}, {"/en/?q=x", 200}, {"/karte", 200}, {"/baustellen", 200}, {"/baustellen/x", 404}, {"/stationen", 200},
		{"/anliegen", 200}, {"/daten", 200}, {"/daten/visits", 200}, {"/ogc/", 200}, {"/ogc/collections", 200}, {"/ogc/api", 200},
		{"/ogc/collections/visits", 404}, {"/ogc/collections/visits/items", 404}, {"/catalog.ttl", 200},
		{"/api/v1/jurisdiction?lon=8.39&lat=51.91", 200}, {"/api/v1/jurisdiction?service=x", 404},
		{"/api/v1/stations/nearest?lon=8.39&lat=51.91", 200}, {"/api/v1/services", 200},
	} {
		if a := x.get(c.path, "Accept", browser); a.StatusCode != c.status {
			t.Errorf("%s: %d, want %d\n%s", c.path, a.StatusCode, c.status, a.body)
		}
		if a := x.get(c.path, "Accept", "*/*"); a.StatusCode != c.status {
			t.Errorf("%s as program: %d, want %d\n%s", c.path, a.StatusCode, c.status, a.body)
		}
	}
	if x.logs.String() != "" {
		t.Error(x.logs.String())
	}
}

// TestEveryPageInBothLanguages follows the links of the navigation.
func TestEveryPageInBothLanguages(t *testing.T) {
	x := smallTown(t)
	for _, rt := range x.routes() {
		if !rt.page || rt.method != http.MethodGet || strings.Contains(rt.path, "{") || strings.HasSuffix(rt.path, ".ics") || strings.HasPrefix(rt.path, "/dienst/anmelden/stadt") || rt.path == "/dienst/anmelden/zurueck" {
			continue // the last two exist where single sign-on is configured
		}
		for lang, path := range map[string]string{"de": rt.path, "en": "/en" + rt.path} {
			a := x.get(path, "Accept", browser)
			if signIn := a.Header.Get("Location"); a.StatusCode == http.StatusSeeOther && behindSignIn(rt) {
				if (lang == "en") != strings.HasPrefix(signIn, "/en/") {
					t.Errorf("%s leads to %s", path, signIn)
				}
				continue
			}
			if a.StatusCode != 200 || !strings.Contains(a.body, `lang="`+lang+`"`) || a.Header.Get("Content-Language") != lang {
				t.Errorf("%s: %d %s", path, a.StatusCode, a.Header.Get("Content-Language"))
			}
		}
	}
}

// behindSignIn: the pages of the staff, of planners and of a citizen's account.
func behindSignIn(rt route) bool {
	return strings.HasPrefix(rt.path, "/dienst") || strings.HasPrefix(rt.path, "/konto") || strings.HasPrefix(rt.path, "/planung/")
}

// TestUnchanged asks again with the validator of the first answer.
func TestUnchanged(t *testing.T) {
	x := smallTown(t)
	x.stagePoints(25)
	x.publishFiles("points")
	for _, path := range []string{"/", "/daten/points", "/karte", "/ogc/", "/ogc/collections", "/ogc/collections/points/items",
		"/ogc/collections/points/items?f=html", "/ogc/collections/points/items/p000001", "/catalog.ttl", "/datasets/points?f=ttl",
		"/datasets/points/1/points-v1.csv", "/api/v1/services", "/api/v1/openapi.json", "/stationen", "/stationen/west", "/stationen/termine.ics"} {
		first := x.get(path)
		tag := first.Header.Get("ETag")
		if tag == "" || first.Header.Get("Cache-Control") == "" {
			t.Errorf("%s: ETag %q, Cache-Control %q", path, tag, first.Header.Get("Cache-Control"))
		}
		for _, asked := range []string{tag, `"x", ` + tag, "*"} {
			again := x.get(path, "If-None-Match", asked)
			if again.StatusCode != http.StatusNotModified || again.body != "" || again.Header.Get("ETag") != tag {
				t.Errorf("%s with %s: %d %q", path, asked, again.StatusCode, again.Header.Get("ETag"))
			}
		}
		if other := x.get(path, "If-None-Match", `"other"`); other.StatusCode != 200 {
			t.Errorf("%s: %d for another state", path, other.StatusCode)
		}
	}
	before := x.get("/ogc/collections/points/items").Header.Get("ETag")
	x.stagePoints(26)
	if after := x.get("/ogc/collections/points/items", "If-None-Match", before); after.StatusCode != 200 || after.Header.Get("ETag") == before {
		t.Error("a new version has the old validator")
	}
}

// TestDownload checks ranges, compression and headers of a file.
func TestDownload(t *testing.T) {
	x := smallTown(t)
	x.stagePoints(300)
	files := x.publishFiles("points")
	const path = "/datasets/points/1/points-v1.csv"
	whole := x.get(path, "Accept-Encoding", "gzip")
	if whole.Header.Get("Content-Encoding") != "" || len(whole.body) < 2000 {
		t.Fatalf("%v, %d bytes", whole.Header, len(whole.body))
	}
	for name, want := range map[string]string{"ETag": `"` + files[0].SHA256 + `"`, "Accept-Ranges": "bytes",
		"Content-Disposition": "attachment; filename=points-v1.csv", "Cache-Control": forEver, "No-Gzip-Compression": ""} {
		if got := whole.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if whole.Header.Get("Last-Modified") == "" {
		t.Error("no Last-Modified")
	}
	part := x.get(path, "Range", "bytes=10-19", "Accept-Encoding", "gzip")
	if part.StatusCode != http.StatusPartialContent || part.body != whole.body[10:20] || part.Header.Get("Content-Range") != "bytes 10-19/"+strconv.Itoa(len(whole.body)) {
		t.Errorf("%d %v %q", part.StatusCode, part.Header, part.body)
	}
	if a := x.get(path, "Range", "bytes=99999999-"); a.StatusCode != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("%d for a range behind the end", a.StatusCode)
	}
	if a := x.get(path, "Range", "bytes=0-9", "If-Range", `"other"`); a.StatusCode != 200 || a.body != whole.body {
		t.Errorf("%d: a part of another file", a.StatusCode)
	}
	if a := x.get("/ogc/collections/points/items?limit=100", "Accept-Encoding", "gzip"); a.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("features are not compressed: %v", a.Header)
	}
}

// TestMethods refuses writing and answers preflight requests.
func TestMethods(t *testing.T) {
	x := smallTown(t)
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH"} {
		a := x.ask(method, "/ogc/collections")
		if a.StatusCode != 405 || a.Header.Get("Allow") != allowedMethods || !strings.Contains(a.body, method) {
			t.Errorf("%s: %d %v %s", method, a.StatusCode, a.Header, a.body)
		}
	}
	a := x.ask("OPTIONS", "/ogc/collections/districts/items", "Origin", "https://example.org", "Access-Control-Request-Method", "GET")
	if a.StatusCode != 204 || a.Header.Get("Access-Control-Allow-Origin") != "*" || a.Header.Get("Access-Control-Allow-Methods") != allowedMethods {
		t.Errorf("%d %v", a.StatusCode, a.Header)
	}
	if a := x.ask("OPTIONS", "/", "Origin", "https://example.org", "Access-Control-Request-Method", "GET"); a.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("a page for other sites: %v", a.Header)
	}
}

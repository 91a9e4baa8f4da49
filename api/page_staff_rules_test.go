package api

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/ortsnah/ortsnah/api/auth"
)

// seen is the version of the rules that a page's form carries.
func (a answer) seen(t testing.TB) string {
	t.Helper()
	m := regexp.MustCompile(`id="rules-form".*?name="stand" value="([0-9a-f]+)"`).FindStringSubmatch(strings.ReplaceAll(a.body, "\n", " "))
	if m == nil {
		t.Fatal("no version in the form", sentences(a.body))
	}
	return m[1]
}

// hidden are the fields of the question whether to save all the same.
func (a answer) hidden(t testing.TB) url.Values {
	t.Helper()
	_, form, ok := strings.Cut(a.body, `class="confirm"`)
	if form, _, _ = strings.Cut(form, "</form>"); !ok {
		t.Fatal("no question", sentences(a.body))
	}
	v := url.Values{}
	for _, m := range regexp.MustCompile(`name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(form, -1) {
		v.Add(m[1], m[2])
	}
	return v
}

// team is who is responsible for a district, asked as citizens do.
func (x *bookingTown) teamAt(service string, lon float64) string {
	x.t.Helper()
	var a struct{ Team, Rule struct{ ID string } }
	x.json(fmt.Sprintf("/api/v1/jurisdiction?service=%s&lon=%v&lat=51.91", service, lon), &a)
	return a.Team.ID
}

func TestRulesPage(t *testing.T) {
	x := openTown(t)
	m := x.member("", auth.Steward)
	a := m.get("/dienst/zustaendigkeit")
	a.says(t, 200, "Zuständigkeit", "Prüfung", "Weststadt", "Oststadt", "rulemap-data", `name="stadtteil-01"`, "Ausprobieren", "Gezeichnete Gebiete")
	m.get("/en/dienst/zustaendigkeit?bereich=amt/auslaender").says(t, 200, "Jurisdiction", "By surname", "letters__svg")
	m.get("/dienst/zustaendigkeit?bereich=amt/buergerbuero").says(t, 200, "Ohne Aufteilung")
	m.get("/dienst/zustaendigkeit?bereich=anliegen/reisepass").says(t, 200, "keine eigenen Regeln", "amt%2Fbuergerbuero")
	for _, odd := range []string{"bereich=amt/mond", "bereich=x", "bereich=%00%ff", "bereich=anliegen/"} {
		if a := m.get("/dienst/zustaendigkeit?" + odd); a.StatusCode != 404 {
			t.Errorf("%s: %d", odd, a.StatusCode)
		}
	}
	m.get("/dienst/zustaendigkeit?art=zufall&gebiet=nirgends").says(t, 200, "Prüfung")
	for _, other := range []auth.Role{auth.Clerk, auth.RoomManager, auth.Planner, auth.Gate} {
		if a := x.member("", other).get("/dienst/zustaendigkeit"); a.StatusCode != 403 {
			t.Errorf("%s: %d", other, a.StatusCode)
		}
	}
	if a := x.member("", auth.Planner).post("/dienst/zustaendigkeit", "bereich", "amt/bau", "art", "geographic", "zeilen", "0"); a.StatusCode != 403 {
		t.Errorf("a planner changes rules: %d", a.StatusCode)
	}
}

// S12 at the page: a district passes to another team; a hole is asked about first.
func TestS12RulesPage(t *testing.T) {
	x := openTown(t)
	m := x.member("", auth.Steward)
	page := "/dienst/zustaendigkeit?bereich=amt/bau&art=geographic"
	stand := m.get(page).seen(t)
	if got := x.teamAt("bauberatung", 8.39); got != "b1" {
		t.Fatalf("01 belongs to %s", got)
	}
	fields := []string{"bereich", "amt/bau", "art", "geographic", "stand", stand, "zeilen", "1", "grundrang", "20", "r0-id", "", "r0-rang", "40"}
	m.post("/dienst/zustaendigkeit", append(fields, "schritt", "pruefen", "stadtteil-01", "b1", "stadtteil-02", "")...).
		says(t, 200, "noch nicht gespeichert", "Lücke von", "Oststadt (02)", `"kind":"hole"`)
	a := m.post("/dienst/zustaendigkeit", append(fields, "stadtteil-01", "", "stadtteil-02", "b1")...)
	a.says(t, 200, "Trotzdem speichern?", "Weststadt (01)")
	if x.teamAt("bauberatung", 8.39) != "b1" {
		t.Fatal("saved without being asked twice")
	}
	m.leads(m.ask(http.MethodPost, "/dienst/zustaendigkeit", a.hidden(t)), "/dienst/zustaendigkeit").says(t, 200, "gelten ab sofort", "Lücke von", "Weststadt (01)")
	if got := x.teamAt("bauberatung", 8.41); got != "b1" {
		t.Errorf("02 belongs to %q", got)
	}
	m.post("/dienst/zustaendigkeit", append(fields, "stadtteil-01", "b1", "stadtteil-02", "b1")...).says(t, 409, `role="alert"`, "inzwischen geändert")
	fields[5] = m.get(page).seen(t)
	m.leads(m.post("/dienst/zustaendigkeit", append(fields, "stadtteil-01", "b1", "stadtteil-02", "b1")...), "/dienst/zustaendigkeit").says(t, 200, "Keine Lücken")
}

// S11 at the page: the hole "Bf".
func TestS11RulesPage(t *testing.T) {
	x := openTown(t)
	m := x.member("", auth.Steward)
	page := "/dienst/zustaendigkeit?bereich=amt/auslaender&art=alphabetic"
	fields := []string{"bereich", "amt/auslaender", "art", "alphabetic", "stand", m.get(page).seen(t), "zeilen", "3", "r0-von", "A", "r0-bis", "Be", "r0-team", "x1", "r1-von", "Bg", "r1-bis", "Z", "r1-team", "x4"}
	a := m.post("/dienst/zustaendigkeit", fields...)
	a.says(t, 200, "Für Nachnamen mit Bf ist niemand zuständig", "bar--hole", "<strong>Bf</strong>: Lücke")
	m.leads(m.ask(http.MethodPost, "/dienst/zustaendigkeit", a.hidden(t)), "/dienst/zustaendigkeit").says(t, 200, "Bf")
	m.post("/dienst/zustaendigkeit/probe", "bereich", "amt/auslaender", "art", "alphabetic", "anliegen", "aufenthaltstitel", "name", "Bfister").says(t, 200, "Infotheke", "kein Team eingetragen")
	a = m.post("/dienst/zustaendigkeit/probe", "bereich", "amt/auslaender", "art", "alphabetic", "anliegen", "aufenthaltstitel", "name", "von der Ähre")
	a.says(t, 200, "x1-alphabetic", "Nachnamen von A bis Be", "von der Ähre")
	if strings.Contains(x.logs.String(), "Ähre") {
		t.Error("the name is in the log")
	}
	for _, c := range [][3]string{{"r0-von", "M", "Regel 1: „M“ bis „Be“"}, {"r0-von", "1", "Regel 1: „1“"}, {"r1-team", "", "Bei Regel 2 fehlt das Team"}, {"r1-team", "mond", "Das Team „mond“"},
		{"r0-rang", "x", "keine ganze Zahl"}, {"r0-rang", "-1", "0 bis 1000"}, {"r0-ab", "2026-02-31", "2026-02-31"}, {"zeilen", "-4", ""}, {"zeilen", "999999999", ""}} {
		v := url.Values{}
		for i := 0; i < len(fields); i += 2 {
			v.Set(fields[i], fields[i+1])
		}
		v.Set(c[0], c[1])
		a := m.ask(http.MethodPost, "/dienst/zustaendigkeit", v)
		if c[2] != "" {
			a.says(t, 400, `role="alert"`, c[2])
		} else if a.StatusCode >= 500 {
			t.Errorf("%v: %d", c, a.StatusCode)
		}
	}
}

func TestRulesAreas(t *testing.T) {
	x := openTown(t)
	m := x.member("", auth.Administrator)
	const shape = `{"type":"Polygon","coordinates":[[[8.405,51.905],[8.415,51.905],[8.415,51.915],[8.405,51.915],[8.405,51.905]]]}`
	scope := []string{"bereich", "amt/bau", "art", "geographic"}
	draw := func(name, shape string) answer {
		return m.post("/dienst/zustaendigkeit/gebiet", append(scope, "name", name, "form", shape)...)
	}
	draw("Kreuz", `{"type":"Polygon","coordinates":[[[8.40,51.90],[8.41,51.91],[8.41,51.90],[8.40,51.91],[8.40,51.90]]]}`).says(t, 400, `role="alert"`, "überkreuzen", "51.90500, 8.40500", `value="Kreuz"`)
	draw("Weg", `{"type":"Polygon","coordinates":[[[11.5,48.1],[11.6,48.1],[11.6,48.2],[11.5,48.1]]]}`).says(t, 400, "nicht in der Stadt")
	draw("Kaputt", `{"type":`).says(t, 400, "kein lesbares GeoJSON")
	m.leads(draw("<b>", shape), "/dienst/zustaendigkeit")
	m.leads(draw("Neubau Ost", shape), "/dienst/zustaendigkeit").says(t, 200, "Das Gebiet ist gespeichert", "Neubau Ost", "ha ·", "&lt;b&gt;")
	m.leads(upload(t, m, append(scope, "name", "Datei"), shape), "/dienst/zustaendigkeit").says(t, 200, ">Datei<")
	a := m.get("/dienst/zustaendigkeit?bereich=amt/bau&art=geographic&gebiet=datei")
	a.says(t, 200, "Gebiet „Datei“ ändern", "MultiPolygon")
	fields := append(scope, "stand", a.seen(t), "zeilen", "1", "grundrang", "20", "stadtteil-01", "b1", "stadtteil-02", "b1", "r0-gebiet", "neubau-ost", "r0-team", "infotheke", "r0-rang", "40")
	m.leads(m.post("/dienst/zustaendigkeit", fields...), "/dienst/zustaendigkeit").says(t, 200, "gelten ab sofort", "in 1 Regel")
	var got jurisdictionAnswer
	x.json("/api/v1/jurisdiction?service=bauberatung&lon=8.41&lat=51.91", &got)
	if got.Team == nil || got.Team.ID != "infotheke" || got.Rule == nil || fmt.Sprint(got.Rule.Areas) != "[neubau-ost]" {
		t.Errorf("%+v", got)
	}
	m.post("/dienst/zustaendigkeit/probe", append(scope, "anliegen", "bauberatung", "lon", "8.41", "lat", "51.91")...).says(t, 200, "infotheke-geographic", "Oststadt (02)", "Gebiet")
	m.post("/dienst/zustaendigkeit/probe", append(scope, "anliegen", "bauberatung", "adresse", "Lindenweg 1")...).says(t, 200, "mehrere passende Adressen", "Lindenweg 1, Ost")
	m.post("/dienst/zustaendigkeit/probe", append(scope, "anliegen", "bauberatung", "adresse", "Mondweg 1")...).says(t, 404, `role="alert"`, "nicht gefunden")
	m.post("/dienst/zustaendigkeit/probe", append(scope, "anliegen", "bauberatung", "lon", "x", "lat", "1e99")...).says(t, 400, `role="alert"`)
	m.post("/dienst/zustaendigkeit/gebiet/weg", append(scope, "weg", "neubau-ost")...).says(t, 409, "steht noch in den Regeln")
	m.leads(m.post("/dienst/zustaendigkeit/gebiet/weg", append(scope, "weg", "datei")...), "/dienst/zustaendigkeit").saysNot(t, ">Datei<")
	m.post("/dienst/zustaendigkeit/gebiet/weg", append(scope, "weg", "datei")...).says(t, 404, "nicht mehr")
}

func upload(t testing.TB, m member, fields []string, file string) answer {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		must(t, w.WriteField(fields[i], fields[i+1]))
	}
	part, err := w.CreateFormFile("datei", "gebiet.geojson")
	must(t, err)
	_, err = io.WriteString(part, file)
	must(t, err)
	must(t, w.Close())
	resp, err := m.c.Post(m.x.http.URL+"/dienst/zustaendigkeit/gebiet", w.FormDataContentType(), &body)
	must(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	must(t, err)
	return answer{resp, string(text)}
}

func TestRulesTeam(t *testing.T) {
	x := openTown(t)
	m := x.member("", auth.Steward)
	scope := []string{"bereich", "amt/buergerbuero", "art", "anyone", "team", "bb"}
	a1, a2 := x.resource("a1"), x.resource("a2")
	m.get("/dienst/zustaendigkeit?bereich=amt/buergerbuero").says(t, 200, "A1, A2")
	m.leads(m.post("/dienst/zustaendigkeit/team", append(scope, "stand", a1+","+a2, "kraft", a2)...), "/dienst/zustaendigkeit").says(t, 200, "Das Team ist gespeichert")
	if n := x.count(`SELECT count(*) FROM booking.clerk_team WHERE team = 'bb'`); n != 1 {
		t.Errorf("%d clerks", n)
	}
	m.post("/dienst/zustaendigkeit/team", append(scope, "stand", a1+","+a2, "kraft", a1)...).says(t, 409, `role="alert"`, "inzwischen geändert")
	m.leads(m.post("/dienst/zustaendigkeit/team", append(scope, "stand", a2)...), "/dienst/zustaendigkeit").says(t, 200, "ist niemand", "niemand: es gibt keine Termine")
	m.post("/dienst/zustaendigkeit/team", append(scope, "kraft", "99999999999999999999")...).says(t, 404, `role="alert"`)
	m.post("/dienst/zustaendigkeit/team", "bereich", "amt/buergerbuero", "team", "mond").says(t, 404, `role="alert"`)
}

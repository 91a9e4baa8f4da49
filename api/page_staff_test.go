package api

import (
	"encoding/csv"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah/api/auth"
)

// member is somebody of the staff at a browser.
type member struct {
	t testing.TB
	x *bookingTown
	c *http.Client
}

// member signs somebody in: of the clerk with a code, or "".
func (x *bookingTown) member(clerk string, roles ...auth.Role) member {
	x.t.Helper()
	a := auth.Account{Roles: roles, ID: "konto-" + string(roles[0]) + clerk}
	if clerk != "" {
		a.Clerk = x.count(`SELECT id FROM booking.resource WHERE kind = 'clerk' AND code = $1`, clerk)
	}
	return member{x.t, x, x.signedIn(x.t, a)}
}

func (m member) ask(method, path string, form url.Values) answer {
	m.t.Helper()
	req, err := http.NewRequest(method, m.x.http.URL+path, strings.NewReader(form.Encode()))
	must(m.t, err)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := m.c.Do(req)
	must(m.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(m.t, err)
	return answer{resp, string(body)}
}

func (m member) get(path string) answer { m.t.Helper(); return m.ask(http.MethodGet, path, nil) }

// post sends a form; fields alternate with values.
func (m member) post(path string, fields ...string) answer {
	m.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Set(fields[i], fields[i+1])
	}
	return m.ask(http.MethodPost, path, v)
}

// leads follows the redirect of an answer to a form.
func (m member) leads(a answer, to string) answer {
	m.t.Helper()
	at := a.Header.Get("Location")
	if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(at, to) {
		m.t.Fatalf("%d to %q, want %q: %s", a.StatusCode, at, to, sentences(a.body))
	}
	return m.get(at)
}

// sentences are the notices of a page, or its beginning.
func sentences(body string) string {
	if found := regexp.MustCompile(`(?s)class="kern-alert.*?</p>`).FindString(body); found != "" {
		return found
	}
	return body[:min(len(body), 1500)]
}

func (a answer) says(t testing.TB, code int, parts ...string) {
	t.Helper()
	if a.StatusCode != code {
		t.Errorf("status %d, want %d: %s", a.StatusCode, code, sentences(a.body))
	}
	for _, p := range parts {
		if !strings.Contains(a.body, p) {
			t.Errorf("%q is not in %s", p, sentences(a.body))
		}
	}
}

func (a answer) saysNot(t testing.TB, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if strings.Contains(a.body, p) {
			t.Errorf("%q is in the page", p)
		}
	}
}

// firstChoice is the value of the first time on the page.
func (a answer) firstChoice(t testing.TB) string {
	t.Helper()
	m := regexp.MustCompile(`name="wahl" value="([^"]+)"`).FindStringSubmatch(a.body)
	if m == nil {
		t.Fatal("no time to choose: ", sentences(a.body))
	}
	return strings.ReplaceAll(m[1], "&#43;", "+")
}

// call books a passport for a caller and returns the reference.
func (m member) call(concern string, more ...string) string {
	m.t.Helper()
	form := append([]string{"anliegen", concern, "personen", "1", "ab", "2026-11-30"}, more...)
	found := m.post("/dienst/buchen", append(form, "schritt", "suchen")...)
	found.says(m.t, http.StatusOK)
	a := m.post("/dienst/buchen", append(form, "schritt", "buchen", "wahl", found.firstChoice(m.t))...)
	m.leads(a, "/dienst/termin/").says(m.t, http.StatusOK, "Der Termin ist gebucht")
	id := strings.TrimPrefix(a.Header.Get("Location"), "/dienst/termin/")
	return id[:8]
}

// at sets the clock to a wall time of 30 November 2026.
func (x *bookingTown) at(wall string) {
	t, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-30 "+wall, x.Zone)
	must(x.t, err)
	x.now.Store(&t)
}

// TestClerksDay: a call is booked, the visitor comes, is called, served, done.
func TestClerksDay(t *testing.T) {
	x := openTown(t)
	x4, other := x.member("x4", auth.Clerk), x.member("b1", auth.Clerk)
	x4.get("/dienst/buchen?q=aufenthalt").says(t, 200, "Aufenthaltstitel")
	x4.get("/dienst/buchen?anliegen=aufenthaltstitel").says(t, 200, "Nachname (entscheidet")
	id := x4.call("aufenthaltstitel", "nachname", "Seltenname", "vorname", "Ötzi", "telefon", "05241 1", "notiz", "<b>laut</b>")
	if strings.Contains(x.logs.String(), "Seltenname") {
		t.Error("a name is in the log")
	}
	x.at("07:50")
	x4.get("/dienst/tag").says(t, 200, "Ötzi Seltenname", "05241 1", "&lt;b&gt;laut", "08:00", "Aufenthaltstitel", "Raum E1", "Kommt noch: 1", "Ist da")
	if n := x.count(`SELECT count(*) FROM booking.audit WHERE action = 'person.read' AND detail -> 'appointments' ? $1`, id); n != 1 {
		t.Errorf("reading the name left %d rows in the trail", n)
	}
	other.get("/dienst/tag").saysNot(t, "Seltenname", id)
	other.post("/dienst/tag", "termin", id, "schritt", "arrived").says(t, 404, "in Ihrem Kalender nicht")
	x4.post("/dienst/tag", "termin", id, "schritt", "done").says(t, 409)
	x4.post("/dienst/tag", "termin", id, "schritt", "fliegen").says(t, 400)
	for _, step := range [][2]string{{"arrived", "Jetzt da: 1"}, {"called", "aufgerufen"}, {"in_service", "wird bedient"}, {"done", "Erledigt: 1"}} {
		x4.leads(x4.post("/dienst/tag", "termin", id, "schritt", step[0]), "/dienst/tag").says(t, 200, step[1])
		screen := x.get("/dienst/anzeige")
		if shown := strings.Contains(screen.body, spaced(id)); shown != (step[0] == "called") {
			t.Errorf("after %s the screen shows it: %v", step[0], shown)
		}
		screen.says(t, 200)
		screen.saysNot(t, "Seltenname", "Aufenthaltstitel")
	}
	x4.get("/dienst/tag?tag=2026-12-01").says(t, 200, "Dienstag, 1. Dezember 2026", "steht kein weiterer Termin")
	x4.get("/en/dienst/tag?tag=9999-99-99").says(t, 200, "Monday, 30 November 2026")
	x.member("", auth.Clerk).get("/dienst/tag").says(t, 409, "kein Kalender")
}

// TestSick: a colleague takes the appointment over at its time; what nobody can
// take is called off.
func TestSick(t *testing.T) {
	x := openTown(t)
	a1, x4 := x.member("a1", auth.Clerk), x.member("x4", auth.Clerk)
	pass, permit := a1.call("reisepass", "nachname", "Muster"), x4.call("aufenthaltstitel", "nachname", "Seltenname")
	mine := func(id string) int {
		return x.count(`SELECT p.clerk FROM booking.part p WHERE p.appointment = $1`, id)
	}
	clerks := map[int]member{x.count(`SELECT id FROM booking.resource WHERE code = 'a1'`): a1, x.count(`SELECT id FROM booking.resource WHERE code = 'a2'`): x.member("a2", auth.Clerk)}
	before := mine(pass)
	clerks[before].leads(clerks[before].post("/dienst/tag/krank", "tag", "2026-11-30"), "/dienst/tag").says(t, 200, "Gute Besserung", "zur selben Zeit übernommen")
	if after := mine(pass); after == before || clerks[after].c == nil {
		t.Errorf("clerk %d before, %d now", before, after)
	}
	x4.leads(x4.post("/dienst/tag/krank", "tag", "2026-11-30"), "/dienst/tag").says(t, 200, "neutral abgesagt")
	if n := x.count(`SELECT count(*) FROM booking.appointment WHERE id = $1 AND state = 'cancelled' AND ended_by = 'town'`, permit); n != 1 {
		t.Error("the residence permit is not called off")
	}
	x4.post("/dienst/tag/krank", "tag", "2026-11-01").says(t, 400, "vorbei")
}

// TestBookingForms: each mistake has a sentence and changes nothing.
func TestBookingForms(t *testing.T) {
	x := openTown(t)
	clerk := x.member("a1", auth.Clerk)
	for _, c := range []struct {
		status int
		says   string
		fields []string
	}{
		{400, "zuerst das Anliegen", nil},
		{404, "Anliegen", []string{"anliegen", "zauberei"}},
		{400, "Zahl von 1 bis 100", []string{"anliegen", "reisepass", "personen", "0"}},
		{400, "Zahl von 1 bis 100", []string{"anliegen", "reisepass", "personen", "1000"}},
		{400, "Zahl von 1 bis 100", []string{"anliegen", "reisepass", "personen", "zwei"}},
		{400, "Diesen Tag gibt es nicht", []string{"anliegen", "reisepass", "ab", "2026-02-31"}},
		{400, "entscheidet der Nachname", []string{"anliegen", "aufenthaltstitel"}},
		{400, "entscheidet die Adresse", []string{"anliegen", "bauberatung"}},
		{404, "", []string{"anliegen", "bauberatung", "adresse", "Mondgasse 99"}},
		{409, "eine der vorgeschlagenen Zeiten", []string{"anliegen", "reisepass", "schritt", "buchen"}},
		{409, "", []string{"anliegen", "reisepass", "schritt", "buchen", "wahl", "2026-11-30T03:00:00+01:00|site/rathaus", "nachname", "Muster"}},
		{409, "", []string{"anliegen", "reisepass", "schritt", "buchen", "wahl", "gestern|mond"}},
	} {
		a := clerk.post("/dienst/buchen", c.fields...)
		a.says(t, c.status, c.says, `role="alert"`)
	}
	if n := x.count(`SELECT count(*) FROM booking.appointment`); n != 0 {
		t.Errorf("%d appointments came of it", n)
	}
	clerk.get("/dienst/buchen?nummer=AAAAAAAA").says(t, 404, `role="alert"`)
	clerk.get("/dienst/termin/AAAAAAAA").says(t, 404)
	clerk.post("/dienst/buchen", "anliegen", "reisepass", "personen", "50", "schritt", "suchen").says(t, 200, "späteren Tag")
	clerk.get("/dienst/buchen?anliegen=kinderschutz").says(t, 200, "braucht niemand einen Termin")
}

func TestMoveAndCancelForCitizens(t *testing.T) {
	x := openTown(t)
	clerk := x.member("a1", auth.Clerk)
	id := clerk.call("reisepass", "nachname", "Geheimname")
	clerk.leads(clerk.get("/dienst/buchen?nummer="+url.QueryEscape(strings.ToLower(id[:4]+"-"+id[4:]))), "/dienst/termin/"+id).says(t, 200, spaced(id), "Biometrisches Foto", "Berliner Straße 70")
	times := clerk.get("/dienst/termin/" + id + "/verschieben?ab=2026-11-30")
	times.says(t, 200, "Auf diese Zeit verschieben")
	times.saysNot(t, "Geheimname")
	clerk.leads(clerk.post("/dienst/termin/"+id+"/verschieben", "wahl", "2026-11-30T11:00:00+01:00|site/rathaus"), "/dienst/termin/"+id).says(t, 200, "verschoben", "11:00 bis 11:10")
	clerk.post("/dienst/termin/"+id+"/verschieben", "wahl", "2026-11-30T23:00:00+01:00|site/rathaus").says(t, 409, "11:00 bis 11:10", "Andere Zeiten")
	clerk.leads(clerk.post("/dienst/termin/"+id+"/absagen"), "/dienst/termin/"+id).says(t, 200, "abgesagt")
	clerk.leads(clerk.post("/dienst/termin/"+id+"/absagen"), "/dienst/termin/"+id) // twice is once
	clerk.post("/dienst/termin/"+id+"/verschieben", "wahl", "2026-11-30T11:00:00+01:00|site/rathaus").says(t, 409, `role="alert"`)
}

// TestInfoDesk: check-in by reference or scan, tickets, and who is never sent
// away: one tap, no name.
func TestInfoDesk(t *testing.T) {
	x := openTown(t)
	desk, clerk := x.member("", auth.InfoDesk), x.member("a1", auth.Clerk)
	id := clerk.call("reisepass", "nachname", "Geheimname")
	desk.get("/dienst/infotheke?nummer="+id).says(t, 200, "nicht heute")
	x.at("07:55")
	found := desk.get("/dienst/infotheke?nummer=" + url.QueryEscape("https://ortsnah.example/termin/b/"+strings.ToLower(id)))
	found.says(t, 200, spaced(id), "Raum E1", "Anmelden")
	found.saysNot(t, "Geheimname", "Reisepass</")
	desk.leads(desk.post("/dienst/infotheke/ankunft", "nummer", id), "/dienst/infotheke").says(t, 200, "ist da")
	desk.post("/dienst/infotheke/ankunft", "nummer", "AAAAAAAA").says(t, 404, `role="alert"`)
	desk.get("/dienst/infotheke?nummer=xx").says(t, 404, `role="alert"`)

	desk.leads(desk.post("/dienst/infotheke/nummer", "amt", "buergerbuero"), "/dienst/infotheke").says(t, 200, "B-001")
	desk.leads(desk.post("/dienst/infotheke/nummer", "anliegen", "kinderschutz"), "/dienst/infotheke").says(t, 200, "B-002", "ganz vorn", "Kind in Gefahr")
	desk.post("/dienst/infotheke/nummer", "amt", "mond").says(t, 400, "Dieses Amt gibt es nicht")
	if n := x.count(`SELECT count(*) FROM booking.person`); n != 1 {
		t.Errorf("%d persons, the caller alone has a name", n)
	}
	x.member("x4", auth.Clerk).get("/dienst/tag").saysNot(t, "B-001", "Kind in Gefahr")
	clerk.get("/dienst/tag").says(t, 200, "Ohne Termin wartend: 2", "B-002 (dringend)")
	room := x.count(`SELECT id FROM booking.resource WHERE label = 'F1' OR code = 'f1' LIMIT 1`)
	called := clerk.leads(clerk.post("/dienst/tag/nummer", "schritt", "call", "nummer", "0", "raum", strconv.Itoa(room)), "/dienst/tag")
	called.says(t, 200, "B-002", "Gespräch beginnt")
	x.get("/dienst/anzeige").says(t, 200, "B-002")
	ticket := x.count(`SELECT id FROM booking.walk_in WHERE number = 2`)
	clerk.leads(clerk.post("/dienst/tag/nummer", "schritt", "in_service", "nummer", strconv.Itoa(ticket)), "/dienst/tag").says(t, 200, "Fertig")
	clerk.leads(clerk.post("/dienst/tag/nummer", "schritt", "done", "nummer", strconv.Itoa(ticket)), "/dienst/tag")
	for _, bad := range [][]string{{"schritt", "call", "raum", "x"}, {"schritt", "call", "nummer", "-1", "raum", "1"}, {"schritt", "done", "nummer", strconv.Itoa(ticket)}, {"schritt", "hop", "nummer", strconv.Itoa(ticket)}, {"schritt", "done", "nummer", "99999999999999999999"}} {
		if a := clerk.post("/dienst/tag/nummer", bad...); a.StatusCode < 400 || a.StatusCode >= 500 || !strings.Contains(a.body, `role="alert"`) {
			t.Errorf("%v: %d %s", bad, a.StatusCode, sentences(a.body))
		}
	}
	desk.leads(desk.post("/dienst/infotheke/weg", "marke", strconv.Itoa(x.count(`SELECT id FROM booking.walk_in WHERE number = 1`))), "/dienst/infotheke").says(t, 200, "Niemand wartet")
}

// TestUrgentReserve: time that is kept back for the info desk is offered there
// and nowhere else, to nobody who only says that it is for the desk.
func TestUrgentReserve(t *testing.T) {
	x := openTown(t)
	x.release("a1", "2026-11-24", "08:00", "09:00")
	_, err := x.DB.Exec(t.Context(), `UPDATE booking.release SET via = '{desk}' WHERE first_day = '2026-11-24'`)
	must(t, err)
	_, err = x.DB.Exec(t.Context(), `UPDATE booking.release_day SET via = '{desk}' WHERE day = '2026-11-24'`)
	must(t, err)
	must(t, x.Reception.Board.Load(t.Context()))
	form := []string{"anliegen", "reisepass", "personen", "1", "schritt", "suchen", "fuer", "infotheke"}
	desk, clerk := x.member("", auth.InfoDesk), x.member("a1", auth.Clerk)
	found := desk.post("/dienst/buchen", form...)
	found.says(t, 200, "Dienstag, 24. November 2026, 08:00")
	clerk.post("/dienst/buchen", form...).saysNot(t, "24. November")
	form[5] = "buchen"
	choice := append(form, "wahl", found.firstChoice(t))
	clerk.post("/dienst/buchen", append(choice, "nachname", "Muster")...).says(t, 409, `role="alert"`)
	desk.leads(desk.post("/dienst/buchen", choice...), "/dienst/termin/").says(t, 200, "24. November")
	if n := x.count(`SELECT count(*) FROM booking.appointment WHERE via = 'desk' AND state = 'booked'`); n != 1 {
		t.Errorf("%d appointments via the desk", n)
	}
}

// TestS35Pages: what the gate's page shows to whom.
func TestS35Pages(t *testing.T) {
	x := openTown(t)
	gate, admin := x.member("", auth.Gate), x.member("", auth.Administrator)
	id := x.member("a1", auth.Clerk).call("reisepass", "nachname", "Geheimname")
	gate.get("/dienst/pforte").says(t, 200, "niemand erwartet")
	x.at("07:40")
	page := gate.get("/dienst/pforte")
	page.says(t, 200, "08:00 bis 08:30 Uhr", "Geheimname", spaced(id), "Raum E1")
	page.saysNot(t, "Reisepass")
	admins := admin.get("/dienst/pforte")
	admins.says(t, 200, spaced(id), "Auf Orientierung umstellen")
	admins.saysNot(t, "Geheimname", `name="ausweis"`)
	gate.leads(gate.post("/dienst/pforte", "termin", id, "ausweis", "12"), "/dienst/pforte").says(t, 200, "Ausweis 12", "1 ist gekommen")
	gate.post("/dienst/pforte", "termin", id, "ausweis", "12").says(t, 409)
	gate.leads(gate.post("/dienst/pforte", "termin", id, "schritt", "zurueck"), "/dienst/pforte").saysNot(t, "Ausweis 12")
	gate.post("/dienst/pforte/modus", "modus", "orientierung").says(t, 403)
	x.member("a2", auth.Clerk).call("reisepass", "nachname", "Zweitname")
	admin.leads(admin.post("/dienst/pforte/modus", "modus", "orientierung"), "/dienst/pforte").says(t, 200, "Auf Kontrolle umstellen")
	page = gate.get("/dienst/pforte")
	page.says(t, 200, "weist nur den Weg")
	page.saysNot(t, "Geheimname", "Zweitname", `name="ausweis"`)
	x.now.Store(new(time.Date(2026, 12, 1, 0, 0, 0, 0, x.Zone)))
	x.member("", auth.Gate).get("/dienst/pforte").says(t, 200, "niemand erwartet")
}

func TestReportPages(t *testing.T) {
	x := openTown(t)
	planner := x.member("", auth.Planner)
	clerk := x.member("a1", auth.Clerk)
	for range 3 {
		clerk.call("reisepass", "nachname", "Geheimname")
	}
	page := planner.get("/dienst/berichte?von=2026-11-30&bis=2026-12-06")
	page.says(t, 200, "Reisepass", "&lt;5", "Als CSV herunterladen")
	page.saysNot(t, "Geheimname", "A1")
	file := planner.get("/dienst/berichte.csv?von=2026-11-30&bis=2026-12-06&amt=buergerbuero")
	lines, err := csv.NewReader(strings.NewReader(file.body)).ReadAll()
	must(t, err)
	if len(lines) != 2 || lines[1][2] != "reisepass" || lines[1][3] != "<5" || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%v %v", lines, file.Header)
	}
	planner.get("/dienst/berichte?von=2026-13-01").says(t, 400, "Diesen Tag gibt es nicht")
	planner.get("/dienst/berichte?von=2026-12-06&bis=2026-11-01").says(t, 400, "Zeitraum")
	planner.get("/dienst/berichte.csv?von=1000-01-01").says(t, 400)
	planner.get("/en/dienst/berichte?amt=nirgends").says(t, 200, "There are no appointments")
}

// TestStaffPagesRefuse: every page of this kind is closed to everybody and to
// other roles, and nothing of it may be kept.
func TestStaffPagesRefuse(t *testing.T) {
	x := openTown(t)
	for path, role := range map[string]auth.Role{"/dienst/tag": auth.Clerk, "/dienst/infotheke": auth.InfoDesk, "/dienst/pforte": auth.Gate,
		"/dienst/berichte": auth.Planner, "/dienst/berichte.csv": auth.Planner, "/dienst/buchen": auth.InfoDesk} {
		if a := x.get(path, "Accept", browser); a.StatusCode == 200 || strings.Contains(a.body, "name=\"nummer\"") {
			t.Errorf("%s is open: %d", path, a.StatusCode)
		}
		if a := x.member("", auth.Steward).get(path); a.StatusCode != 403 {
			t.Errorf("%s for a steward: %d", path, a.StatusCode)
		}
		clerk := ""
		if role == auth.Clerk {
			clerk = "a1"
		}
		a := x.member(clerk, role).get(path)
		if a.StatusCode != 200 || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s for %s: %d, Cache-Control %q", path, role, a.StatusCode, a.Header.Get("Cache-Control"))
		}
	}
	if strings.Contains(x.logs.String(), "level=ERROR") {
		t.Error(x.logs.String())
	}
}

func TestReference(t *testing.T) {
	for in, want := range map[string]string{"k7m4-2q9x": "K7M42Q9X", " K7M4 2Q9X\n": "K7M42Q9X", "O1LI0000": "01110000",
		"https://x.example/termin/b/K7M42Q9X?a=b#c": "K7M42Q9X", "": "", "\x00": ""} {
		if got := reference(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

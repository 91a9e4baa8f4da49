package api

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/booking"
)

const mondayForm = "ab=2026-12-07&wochentag=MO&wochentag=WE&takt=2&von=08:00&bis=12:00&kanal=counter&kanal=phone&weg=web&weg=phone&weg=desk&ort=rathaus&tage=30&letzter=2027-03-31&notiz=Demo"

func fields(t testing.TB, encoded string, more ...string) url.Values {
	t.Helper()
	v, err := url.ParseQuery(encoded)
	must(t, err)
	for i := 0; i+1 < len(more); i += 2 {
		v[more[i]] = []string{more[i+1]}
	}
	return v
}

func TestQuotasPage(t *testing.T) {
	x := houseTown(t)
	m := x.member("a1", auth.Clerk)
	m.get("/dienst/kontingente").says(t, 200, "A1: Woche ab", "Zeit freigeben", "1. Weihnachtstag")
	m.leads(m.ask("POST", "/dienst/kontingente", fields(t, mondayForm, "formular", "1", "tag", "2026-12-07")), "/dienst/kontingente").
		says(t, 200, "Die Zeit ist freigegeben.", "Montag, Mittwoch, alle 2 Wochen, 08:00–12:00", "08:00 bis 12:00 Uhr", "axis__bar--counter", "höchstens 30 Tage vorher")
	id := fmt.Sprint(x.count(`SELECT max(id) FROM booking.release`))
	m.get("/dienst/kontingente?tag=2026-12-14").saysNot(t, "08:00 bis 12:00 Uhr")
	m.get("/dienst/kontingente?freigabe="+id).says(t, 200, "Freigegebene Zeit ändern", `value="WE" checked`, `name="letzter" type="date" value="2027-03-31"`)
	m.leads(m.post("/dienst/kontingente/ausnahme", "freigabe", id, "am", "2026-12-09", "offen", "0", "grund", "Schulung"), "/dienst/kontingente").says(t, 200, "Nicht am Mittwoch, 9. Dezember 2026", "Schulung")
	m.leads(m.post("/dienst/kontingente/wie-sonst", "freigabe", id, "am", "2026-12-09"), "/dienst/kontingente").saysNot(t, "Schulung")
	m.leads(m.ask("POST", "/dienst/kontingente", fields(t, mondayForm, "formular", "1", "freigabe", id, "bis", "10:00")), "/dienst/kontingente").says(t, 200, "geändert", "08:00–10:00")
	m.leads(m.post("/dienst/kontingente/daheim", "am", "2026-12-07", "daheim", "1", "tag", "2026-12-07"), "/dienst/kontingente").says(t, 200, "zu Hause", "axis__bar--phone")
	m.leads(m.post("/dienst/kontingente/grenzen", "web", "240", "phone", "60", "desk", ""), "/dienst/kontingente").says(t, 200, `name="web" type="number" min="0" max="3000" value="240"`)
	m.leads(m.post("/dienst/kontingente/grenzen", "web", "", "phone", "", "desk", ""), "/dienst/kontingente").saysNot(t, `value="240"`)
	m.leads(m.post("/dienst/kontingente/zurueckziehen", "freigabe", id), "/dienst/kontingente").says(t, 200, "zurückgezogen")
	m.get("/en/dienst/kontingente").says(t, 200, "Time quotas", "Christmas")
}

// Shrinking a release under a booking lists the booking; nothing is changed
// until „trotzdem ändern".
func TestQuotasShrink(t *testing.T) {
	x := houseTown(t)
	must(t, pgx.BeginFunc(t.Context(), x.DB, func(tx pgx.Tx) error { return booking.ExtendReleases(t.Context(), tx, x.Now()) }))
	must(t, x.Reception.Board.Load(t.Context()))
	b := x.booked("09:00")
	clerk := x.count(`SELECT clerk FROM booking.part WHERE appointment = $1`, b.ID)
	m := member{t, x, x.signedIn(t, auth.Account{ID: "kraft", Roles: []auth.Role{auth.Clerk}, Clerk: clerk})}
	id := fmt.Sprint(x.count(`SELECT id FROM booking.release WHERE clerk = $1`, clerk))
	form := fields(t, "ab=2026-11-30&takt=1&von=10:00&bis=12:00&kanal=counter&weg=web&weg=phone&weg=desk&ort=rathaus&formular=1&freigabe="+id)
	a := m.ask("POST", "/dienst/kontingente", form)
	a.says(t, 200, "1 gebuchter Termin verliert", spaced(b.ID), "Trotzdem ändern", `name="von" value="10:00"`, `name="trotzdem" value="1"`)
	if n := x.count(`SELECT count(*) FROM booking.release WHERE id = $1::bigint AND opens = '08:00'`, id); n != 1 {
		t.Fatal("changed without being asked twice")
	}
	form.Set("trotzdem", "1")
	m.leads(m.ask("POST", "/dienst/kontingente", form), "/dienst/kontingente").says(t, 200, "geändert")
	m.post("/dienst/kontingente/zurueckziehen", "freigabe", "0").says(t, 404, `role="alert"`)
}

func TestQuotasRefuse(t *testing.T) {
	x := houseTown(t)
	m := x.member("a1", auth.Clerk)
	before := x.count(`SELECT count(*) FROM booking.release`)
	for _, c := range [][2]string{{"ab", "2026-02-31"}, {"ab", ""}, {"von", "25:00"}, {"von", "12:00"}, {"von", "08:01"}, {"bis", "x"}, {"letzter", "2026-01-01"}, {"letzter", "morgen"},
		{"kanal", "fax"}, {"kanal", "mobile"}, {"weg", "brieftaube"}, {"ort", "mond"}, {"ort", "station/999"}, {"ort", "station/x"}, {"anliegen", "unbekannt"}, {"wochentag", "XX"},
		{"takt", "0"}, {"takt", "99"}, {"tage", "-1"}, {"tage", "viele"}, {"sichtbar", "x"}, {"freigabe", "999999"}, {"freigabe", "x"}} {
		a := m.ask("POST", "/dienst/kontingente", fields(t, mondayForm, "formular", "1", c[0], c[1]))
		if a.StatusCode < 400 || a.StatusCode > 409 {
			t.Errorf("%s=%s: status %d", c[0], c[1], a.StatusCode)
		}
		a.says(t, a.StatusCode, `role="alert"`)
	}
	if n := x.count(`SELECT count(*) FROM booking.release`); n != before {
		t.Errorf("%d releases, want %d", n, before)
	}
	m.post("/dienst/kontingente/grenzen", "web", "viel").says(t, 400, `role="alert"`)
	m.post("/dienst/kontingente/grenzen", "web", "-5").says(t, 400, `role="alert"`)
	m.post("/dienst/kontingente/daheim", "am", "2026-02-31", "daheim", "1").says(t, 400, `role="alert"`)

	// Others' calendars: not for a clerk, but for who manages the office.
	other := x.resource("x4")
	m.get("/dienst/kontingente?kraft="+other).says(t, 403)
	m.post("/dienst/kontingente/grenzen", "kraft", other, "web", "0").says(t, 403)
	theirs := fmt.Sprint(x.count(`SELECT id FROM booking.release WHERE clerk = $1::int`, x.count(`SELECT id FROM booking.resource WHERE code = 'x4'`)))
	m.post("/dienst/kontingente/zurueckziehen", "freigabe", theirs).says(t, 404)
	office := member{t, x, x.signedIn(t, auth.Account{ID: "leitung", Roles: []auth.Role{auth.RoomManager}, Office: "auslaender"})}
	office.get("/dienst/kontingente").says(t, 200, "X4: Woche ab")
	office.get("/dienst/kontingente?kraft="+x.resource("a1")).says(t, 403)
	x.member("", auth.Administrator).get("/dienst/kontingente?kraft="+other).says(t, 200, "X4: Woche ab", `<option value="`+x.resource("a1")+`"`)
	x.member("", auth.Clerk).get("/dienst/kontingente").says(t, 409, "keinem Terminkalender")
}

func TestEveryWeeks(t *testing.T) {
	for rule, want := range map[string]string{
		"FREQ=WEEKLY;BYDAY=MO": "FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR": "FREQ=WEEKLY;BYDAY=MO,FR;INTERVAL=2",
		"FREQ=MONTHLY;BYDAY=1MO": "", "FREQ=WEEKLY": "", "FREQ=WEEKLY;BYDAY=1MO": "", "FREQ=WEEKLY;BYDAY=MO;COUNT=3": "", "": "", "FREQ=WEEKLY;BYDAY=MO;INTERVAL=9": "",
	} {
		days, every, ok := everyWeeks(rule)
		if got := weekly(days, every); ok != (want != "") || ok && got != want {
			t.Errorf("%q becomes %q, %v; want %q", rule, got, ok, want)
		}
	}
}

// upload sends a calendar file as the page's form does.
func (m member) upload(text string, fields ...string) answer {
	m.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		must(m.t, w.WriteField(fields[i], fields[i+1]))
	}
	file, err := w.CreateFormFile("datei", "kalender.ics")
	must(m.t, err)
	_, err = file.Write([]byte(text))
	must(m.t, err)
	must(m.t, w.Close())
	req, err := http.NewRequest(http.MethodPost, m.x.http.URL+"/dienst/kontingente/kalender", &body)
	must(m.t, err)
	req.Header.Set("Content-Type", w.FormDataContentType())
	resp, err := m.c.Do(req)
	must(m.t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	must(m.t, err)
	return answer{resp, string(raw)}
}

func TestQuotasCalendarFile(t *testing.T) {
	x := houseTown(t)
	must(t, pgx.BeginFunc(t.Context(), x.DB, func(tx pgx.Tx) error { return booking.ExtendReleases(t.Context(), tx, x.Now()) }))
	must(t, x.Reception.Board.Load(t.Context()))
	b := x.booked("09:00")
	clerk := x.count(`SELECT clerk FROM booking.part WHERE appointment = $1`, b.ID)
	m := member{t, x, x.signedIn(t, auth.Account{ID: "kraft", Roles: []auth.Role{auth.Clerk}, Clerk: clerk})}
	file := m.get("/dienst/kontingente.ics")
	file.says(t, 200, "BEGIN:VCALENDAR", "20261130T080000")
	file.saysNot(t, "Reisepass", b.ID)
	if got := file.Header.Get("Content-Type"); got != calendarMedia {
		t.Errorf("media type %s", got)
	}
	releases := func() int { return x.count(`SELECT count(*) FROM booking.release WHERE clerk = $1`, clerk) }
	before := releases()
	m.leads(m.upload(file.body, "ort", "rathaus"), "/dienst/kontingente").says(t, 200, "Die Kalenderdatei ist übernommen.")
	if n := releases(); n != before {
		t.Errorf("%d releases after reading the own file, want %d", n, before)
	}
	busy := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261101T000000Z\r\nDTSTART;TZID=Europe/Berlin:20261130T080000\r\nDTEND;TZID=Europe/Berlin:20261130T110000\r\nSUMMARY:Zahnarzt Dr. Geheim\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	a := m.upload(busy, "ort", "rathaus")
	a.says(t, 200, spaced(b.ID), "Trotzdem ändern", `name="kalender"`)
	if n := x.count(`SELECT count(*) FROM booking.closure`); n != 0 {
		t.Error("taken over without being asked twice")
	}
	m.leads(m.post("/dienst/kontingente/kalender", "ort", "rathaus", "kalender", busy, "trotzdem", "1"), "/dienst/kontingente")
	if n := x.count(`SELECT count(*) FROM booking.closure WHERE resource = $1 AND reason_de = ''`, clerk); n != 1 {
		t.Errorf("%d absences, want 1 without its title", n)
	}
	for _, bad := range []string{"", "hello", "\xff\xfe", "BEGIN:VCALENDAR\r\n"} {
		m.upload(bad, "ort", "rathaus").says(t, 400, `role="alert"`)
	}
	m.upload(file.body, "ort", "mond").saysNot(t, "übernommen")
	m.post("/dienst/kontingente/kalender", "ort", "rathaus").says(t, 400, `role="alert"`)
	m.get("/dienst/kontingente.ics?kraft="+x.resource("b1")).says(t, 403)
}

package api

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/stations"
)

// stationTown is openTown whose station days booking knows; A1 has released the
// whole visit west-mo-2026-11-30 (09:30 to 12:00).
func stationTown(t testing.TB) *bookingTown {
	t.Helper()
	x := openTown(t)
	must(t, pgx.BeginFunc(t.Context(), x.DB, func(tx pgx.Tx) error {
		_, err := booking.SyncStationDays(t.Context(), tx, x.Now(), ortsnah.System("test"))
		return err
	}))
	_, err := x.DB.Exec(t.Context(), `DELETE FROM booking.release WHERE clerk = (SELECT id FROM booking.resource WHERE kind = 'clerk' AND code = 'a1')`)
	must(t, err)
	_, err = x.DB.Exec(t.Context(), `WITH d AS (SELECT * FROM booking.station_day WHERE visit = 'west-mo-2026-11-30'), r AS (
			INSERT INTO booking.release (clerk, station_day, first_day, opens, closes, channels)
			SELECT c.id, d.id, d.day, '09:30', '12:00', '{mobile}' FROM booking.resource c, d WHERE c.kind = 'clerk' AND c.code = 'a1' RETURNING *)
		INSERT INTO booking.release_day (release, day, clerk, during, station_day, channels, via, concerns)
		SELECT r.id, r.first_day, r.clerk, tstzrange(d.starts, d.ends), d.id, r.channels, r.via, r.concerns FROM r, d`)
	must(t, err)
	must(t, x.Reception.Board.Load(t.Context()))
	return x
}

// atWest books a passport at the station on 30 November.
func (x *bookingTown) atWest(clock string) appointmentAnswer {
	x.t.Helper()
	var a appointmentAnswer
	x.send("POST", "/api/v1/holds", `{"service":"reisepass","start":"2026-11-30T`+clock+`","place":"stop/west"}`).is(x.t, 201, &a)
	token := a.Token
	x.send("POST", "/api/v1/appointments", `{"hold":"`+a.ID+`","surname":"Geheimname"}`, "Authorization", "Bearer "+token).is(x.t, 201, &a)
	return a
}

// field is the value of a hidden field of a page.
func (a answer) field(t testing.TB, name string) string {
	t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("no field %s: %s", name, sentences(a.body))
	}
	return m[1]
}

// state is state and reason of a visit.
func (x *bookingTown) state(visit string) string {
	x.t.Helper()
	var s string
	err := x.DB.QueryRow(x.t.Context(), `SELECT state || ' ' || reason_de FROM stations.visit WHERE id = $1`, visit).Scan(&s)
	if err == pgx.ErrNoRows {
		return ""
	}
	must(x.t, err)
	return strings.TrimSpace(s)
}

const (
	visitPage = "/dienst/stationen/standzeit/tag?muster=west-mo&tag=2026-11-30"
	visitForm = "/dienst/stationen/standzeit"
)

func TestStationWeek(t *testing.T) {
	x := stationTown(t)
	m := x.member("", auth.Planner)
	a := m.get("/dienst/stationen?tag=2026-12-01")
	a.says(t, 200, "30. November 2026", "Rathausmobil", "Bücherei West", "Halle Ost", "09:30–12:00", "stay--off", "Fahrzeug in der Werkstatt", "Neue Standzeit", `data-number="1"`, `data-lon="8.390000"`)
	a.saysNot(t, `aria-current="date"`)
	m.get("/dienst/stationen").says(t, 200, `aria-current="date"`, "heute", "Noch niemand hat dort Zeit freigegeben")
	m.get("/en/dienst/stationen").says(t, 200, "Week of the stations", "today")
	m.get("/dienst/stationen?tag=2027-03-01").says(t, 200, "noch nicht öffentlich angekündigt", "Bücherei West")
	for _, odd := range []string{"tag=2026-02-31", "tag=9999-01-01", "tag=x", "tag=%00%ff"} {
		m.get("/dienst/stationen?"+odd).says(t, 200, "Rathausmobil", `aria-current="date"`)
	}
	m.get(visitPage).says(t, 200, "Rathausmobil – Bücherei West", "jede Woche Montag", "Zeit ist freigegeben", "Nur diesen Tag absagen", "Ganz beenden")
	for _, role := range []auth.Role{auth.Clerk, auth.InfoDesk} {
		r := x.member("a1", role)
		r.get("/dienst/stationen").says(t, 200, "Bücherei West")
		r.get("/dienst/stationen").saysNot(t, "Neue Standzeit")
		r.get(visitPage).saysNot(t, "absagen</")
		if a := r.post("/dienst/stationen/standzeit/absagen", "muster", "west-mo"); a.StatusCode != 403 {
			t.Errorf("%s cancels: %d", role, a.StatusCode)
		}
		if a := r.get(visitForm); a.StatusCode != 403 {
			t.Errorf("%s plans: %d", role, a.StatusCode)
		}
	}
	if a := x.member("", auth.Gate).get("/dienst/stationen"); a.StatusCode != 403 {
		t.Errorf("the gate: %d", a.StatusCode)
	}
	for _, gone := range []string{"muster=west-mo&tag=2026-12-01", "muster=mond&tag=2026-11-30", "muster=west-mo&tag=x", ""} {
		if a := m.get("/dienst/stationen/standzeit/tag?" + gone); a.StatusCode != 404 {
			t.Errorf("%s: %d", gone, a.StatusCode)
		}
	}
}

// A day is called off: the appointment there is named first, then cancelled
// with an alternative; taking it back lets the station come.
func TestStationDayCancelled(t *testing.T) {
	x := stationTown(t)
	b := x.atWest("10:00")
	m := x.member("", auth.Planner)
	page := m.get(visitPage)
	page.says(t, 200, "1 Termin")
	fields := []string{"muster", "west-mo", "tag", "2026-11-30", "stand", page.field(t, "stand"), "grund", "Wasserrohrbruch", "grund-en", "Burst pipe"}
	m.post("/dienst/stationen/standzeit/absagen", append(fields[:6:6], "grund", " ")...).says(t, 400, "Schreiben Sie auf Deutsch", `role="alert"`)
	a := m.post("/dienst/stationen/standzeit/absagen", fields...)
	a.says(t, 200, "1 Termin verliert dadurch seinen Platz", spaced(b.ID), `value="Wasserrohrbruch"`)
	if x.state("west-mo-2026-11-30") != "planned" {
		t.Fatal("cancelled without being asked twice")
	}
	m.leads(m.ask(http.MethodPost, "/dienst/stationen/standzeit/absagen", a.hidden(t)), "/dienst/stationen").says(t, 200, "Die Standzeit ist abgesagt. 1 Termin wurde abgesagt", "Wasserrohrbruch", "stay--off")
	if n := x.count(`SELECT count(*) FROM booking.appointment WHERE id = $1 AND state = 'cancelled' AND ended_by = 'town'`, b.ID); n != 1 {
		t.Error("the appointment is not called off")
	}
	if n := x.count(`SELECT count(*) FROM booking.audit WHERE action = 'visit.cancel' AND object = 'visit_pattern/west-mo' AND actor LIKE 'staff:%'`); n != 1 {
		t.Error(n, "rows in the trail")
	}
	x.get("/stationen").says(t, 200, "Wasserrohrbruch")
	x.get("/en/stationen").says(t, 200, "Burst pipe")
	m.post("/dienst/stationen/standzeit/absagen", fields...).says(t, 409, "inzwischen geändert")
	page = m.get(visitPage)
	page.says(t, 200, "Absage zurücknehmen")
	m.leads(m.post("/dienst/stationen/standzeit/zuruecknehmen", "muster", "west-mo", "tag", "2026-11-30", "stand", page.field(t, "stand")), "/dienst/stationen").says(t, 200, "Die Absage ist zurückgenommen")
	if x.state("west-mo-2026-11-30") != "planned" {
		t.Error("still cancelled")
	}
	page = m.get(visitPage)
	m.post("/dienst/stationen/standzeit/zuruecknehmen", "muster", "west-mo", "tag", "2026-11-30", "stand", page.field(t, "stand")).says(t, 404, "nichts abgesagt")
}

// newVisit is a form that works: Thursdays at the hall, every second week.
func newVisit() url.Values {
	return url.Values{"station": {"bus"}, "halt": {"ost"}, "ab": {"2026-11-26"}, "von": {"09:00"}, "bis": {"12:00"}, "art": {"woche"}, "takt": {"2"}, "wochentag": {"TH"},
		"ende": {"offen"}, "anliegen": {"reisepass"}, "notiz": {"Eingang Hof"}}
}

func filled(v url.Values, pairs ...string) url.Values {
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func TestStationVisitPlanned(t *testing.T) {
	x := stationTown(t)
	m := x.member("", auth.Planner)
	m.get(visitForm+"?tag=2026-11-26").says(t, 200, "Neue Standzeit", `value="TH" checked`, "Bücherei West", "Reisepass")
	m.ask(http.MethodPost, visitForm, filled(newVisit(), "schritt", "pruefen")).says(t, 200, "keine Konflikte", "26. November", "10. Dezember")
	if n := x.count(`SELECT count(*) FROM stations.visit_pattern`); n != 2 {
		t.Fatal("checking saves")
	}
	m.leads(m.ask(http.MethodPost, visitForm, newVisit()), "/dienst/stationen").says(t, 200, "Die Standzeit ist geplant", "09:00–12:00")
	if got := x.state("bus-ost-2026-11-26"); got != "planned" {
		t.Fatalf("%q", got)
	}
	if x.state("bus-ost-2026-12-03") != "" || x.state("bus-ost-2026-12-10") != "planned" {
		t.Error("not every second week")
	}
	if n := x.count(`SELECT count(*) FROM booking.station_day WHERE visit = 'bus-ost-2026-11-26' AND state = 'planned'`); n != 1 {
		t.Error("booking does not know it")
	}
	x.get("/ogc/collections/visits/items?f=json&limit=1000").says(t, 200, "bus-ost-2026-11-26")

	// An extra visit on one day, at the same station: conflicts are sentences.
	m.ask(http.MethodPost, visitForm, filled(newVisit(), "art", "einmal", "halt", "west", "von", "11:00", "bis", "13:00")).says(t, 409, "an zwei Orten zugleich", "Halle Ost von 09:00 bis 12:00", `value="11:00"`)
	m.ask(http.MethodPost, visitForm, filled(newVisit(), "art", "einmal", "halt", "west", "von", "12:15", "bis", "13:00")).says(t, 409, "12:30")
	m.leads(m.ask(http.MethodPost, visitForm, filled(newVisit(), "art", "einmal", "halt", "west", "von", "13:00", "bis", "14:00")), "/dienst/stationen").says(t, 200, "13:00–14:00")

	// Later on Thursdays from the second time on; the first stays.
	page := m.get(visitForm + "?muster=bus-ost&tag=2026-12-10")
	page.says(t, 200, "Standzeit ändern", `value="2026-12-10"`, `value="TH" checked`, "Eingang Hof")
	change := filled(newVisit(), "muster", "bus-ost", "stand", page.field(t, "stand"), "ab", "2026-12-10", "von", "14:00", "bis", "17:00")
	m.leads(m.ask(http.MethodPost, visitForm, change), "/dienst/stationen").says(t, 200, "Die Änderung gilt", "14:00–17:00")
	if n := x.count(`SELECT count(*) FROM stations.visit WHERE (id, starts) IN (('bus-ost-2026-11-26', '2026-11-26 09:00+01'), ('bus-ost-2026-12-10', '2026-12-10 14:00+01')) AND state = 'planned'`); n != 2 {
		t.Error("not the same visits at another time")
	}
	m.ask(http.MethodPost, visitForm, change).says(t, 409, "inzwischen geändert")

	// End it: what was announced stays as cancelled, with the reason.
	page = m.get("/dienst/stationen/standzeit/tag?muster=bus-ost-2&tag=2026-12-24")
	end := []string{"muster", "bus-ost-2", "tag", "2026-12-24", "stand", page.field(t, "stand"), "ende-ab", "2026-12-24", "ende-grund", "Halle wird umgebaut"}
	m.post("/dienst/stationen/standzeit/beenden", append(end[:6:6], "ende-ab", "gestern")...).says(t, 400, "kein Datum")
	m.leads(m.post("/dienst/stationen/standzeit/beenden", end...), "/dienst/stationen").says(t, 200, "Die Standzeit endet", "Halle wird umgebaut")
	if got := x.state("bus-ost-2026-12-24"); got != "cancelled Halle wird umgebaut" {
		t.Error(got)
	}
}

// A change that leaves appointments without ground asks first; where the time
// still fits they stay.
func TestStationVisitMoved(t *testing.T) {
	x := stationTown(t)
	early, late := x.atWest("09:40"), x.atWest("11:00")
	m := x.member("", auth.Planner)
	page := m.get(visitForm + "?muster=west-mo&tag=2026-11-30")
	page.says(t, 200, "hängen 2 Termine")
	change := url.Values{"muster": {"west-mo"}, "stand": {page.field(t, "stand")}, "station": {"bus"}, "halt": {"west"}, "ab": {"2026-11-30"}, "von": {"10:30"}, "bis": {"12:00"},
		"art": {"woche"}, "takt": {"1"}, "wochentag": {"MO"}, "ende": {"offen"}, "anliegen": {"reisepass"}}
	a := m.ask(http.MethodPost, visitForm, change)
	a.says(t, 200, "1 Termin verliert", spaced(early.ID))
	a.saysNot(t, spaced(late.ID))
	m.leads(m.ask(http.MethodPost, visitForm, filled(change, "trotzdem", "1")), "/dienst/stationen").says(t, 200, "10:30–12:00")
	if n := x.count(`SELECT count(*) FROM booking.appointment WHERE id = $1 AND state = 'booked' OR id = $2 AND state = 'cancelled'`, late.ID, early.ID); n != 2 {
		t.Error("the wrong ones are called off")
	}
	// Loading the plan again leaves it as the planner wants it.
	must(t, pgx.BeginFunc(t.Context(), x.DB, func(tx pgx.Tx) error { return stations.Load(t.Context(), tx, smallPlan(), x.Now()) }))
	if n := x.count(`SELECT count(*) FROM stations.visit WHERE id = 'west-mo-2026-11-30' AND starts = '2026-11-30 10:30+01' AND state = 'planned'`); n != 1 {
		t.Error("the plan file has undone the planner's change")
	}
}

func TestStationVisitRefuses(t *testing.T) {
	x := stationTown(t)
	_, err := x.DB.Exec(t.Context(), `INSERT INTO stations.closed_day VALUES ('2026-12-03', 'Betriebsausflug')`)
	must(t, err)
	m := x.member("", auth.Planner)
	for _, c := range []struct {
		pairs    []string
		code     int
		sentence string
	}{
		{[]string{"station", "mond"}, 404, "Wählen Sie eine Station"}, {[]string{"station", ""}, 404, "Wählen Sie eine Station"}, {[]string{"halt", "mond"}, 404, "Wählen Sie einen Haltepunkt"},
		{[]string{"ab", "2026-02-31"}, 400, "kein Datum"}, {[]string{"ab", ""}, 400, "kein Datum"}, {[]string{"ab", "2026-11-22"}, 400, "ist vorbei"}, {[]string{"ab", "2029-01-01"}, 400, "zwei Jahre"},
		{[]string{"von", "25:00"}, 400, "keine Uhrzeit"}, {[]string{"bis", "9"}, 400, "keine Uhrzeit"}, {[]string{"von", "12:00", "bis", "12:00"}, 400, "nach dem Anfang"}, {[]string{"von", "22:00", "bis", "02:00"}, 400, "Mitternacht"},
		{[]string{"takt", "0"}, 400, "Wochentag"}, {[]string{"takt", "99"}, 400, "Wochentag"}, {[]string{"takt", "x"}, 400, "Wochentag"}, {[]string{"wochentag", "XX"}, 400, "Wochentag"},
		{[]string{"ende", "bis"}, 400, "letzten Tag"}, {[]string{"ende", "bis", "letzter", "2026-11-25"}, 400, "letzten Tag"}, {[]string{"ende", "bis", "letzter", "2026-11-26", "wochentag", "FR"}, 400, "nie eine Standzeit"},
		{[]string{"ende", "anzahl"}, 400, "wie oft"}, {[]string{"ende", "anzahl", "anzahl", "-3"}, 400, "wie oft"}, {[]string{"ende", "anzahl", "anzahl", "1e9"}, 400, "wie oft"},
		{[]string{"anliegen", "aufenthaltstitel"}, 400, "nicht angeboten"}, {[]string{"anliegen", "<script>"}, 400, "&lt;script&gt;"}, {[]string{"koffer", "mond"}, 404, "geteilte Ausstattung"},
		{[]string{"art", "einmal", "ab", "2026-12-03"}, 409, "geschlossen"}, {[]string{"art", "einmal", "ab", "2026-11-23", "von", "07:00", "bis", "08:30"}, 400, "nie eine Standzeit"},
		{[]string{"art", "regel", "regel", "FREQ=SECONDLY"}, 400, "Wiederholung"}, {[]string{"art", "regel", "regel", "💥"}, 400, "Wiederholung"}, {[]string{"muster", "mond", "stand", "1"}, 404, "gibt es nicht mehr"},
	} {
		a := m.ask(http.MethodPost, visitForm, filled(newVisit(), c.pairs...))
		a.says(t, c.code, c.sentence)
		if c.code != 200 && !strings.Contains(a.body, `role="alert"`) {
			t.Errorf("%v: no notice: %s", c.pairs, sentences(a.body))
		}
		a.says(t, c.code, `value="Eingang Hof"`) // what was typed is still there
	}
	if n := x.count(`SELECT count(*) FROM stations.visit_pattern`); n != 2 {
		t.Errorf("%d patterns", n)
	}
	// A closed day in a series is said, and only leaves that day out.
	a := m.ask(http.MethodPost, visitForm, filled(newVisit(), "takt", "1"))
	a.says(t, 200, "weil geschlossen ist", "3. Dezember")
	m.leads(m.ask(http.MethodPost, visitForm, a.hidden(t)), "/dienst/stationen")
	m.get("/dienst/stationen?tag=2026-12-03").says(t, 200, "Betriebsausflug")
}

func TestStationStops(t *testing.T) {
	x := stationTown(t)
	m := x.member("", auth.Planner)
	m.get("/dienst/stationen/halte").says(t, 200, "Bücherei West", "Weststadt", "Nächste Standzeit")
	fields := []string{"name", "Café Mitte", "name-en", "Central café", "adresse", "Markt 3", "lon", "8,405", "lat", "51.905", "stufenlos", "1", "netz", "wifi"}
	page := m.leads(m.post("/dienst/stationen/halt", fields...), "/dienst/stationen/halt?halt=cafe-mitte")
	page.says(t, 200, "Der Haltepunkt ist gespeichert", "Café Mitte", "Stadtteil: Oststadt", `value="8.405"`)
	x.get("/ogc/collections/stops/items?f=json").says(t, 200, "cafe-mitte")
	change := append(fields, "halt", "cafe-mitte", "stand", page.field(t, "stand"))
	m.leads(m.post("/dienst/stationen/halt", append(change, "lon", "8.30")...), "/dienst/stationen/halt").says(t, 200, "außerhalb der Stadt")
	m.post("/dienst/stationen/halt", change...).says(t, 409, "inzwischen geändert", `value="Markt 3"`)
	for _, c := range [][3]string{{"name", "", "deutschen Namen"}, {"lon", "links", "müssen Zahlen sein"}, {"lon", "", "müssen Zahlen sein"}, {"lat", "NaN", "nicht in Deutschland"}, {"lat", "8.4", "nicht in Deutschland"}, {"lon", "1e400", "müssen Zahlen sein"}, {"halt", "mond", "in Gebrauch"}} {
		a := m.post("/dienst/stationen/halt", append(fields, c[0], c[1])...)
		if a.StatusCode/100 != 4 || !strings.Contains(a.body, c[2]) {
			t.Errorf("%v: %d %s", c, a.StatusCode, sentences(a.body))
		}
	}
	m.leads(m.post("/dienst/stationen/halt", "name", "Am Rathaus", "adresse", "Berliner Straße 70"), "/dienst/stationen/halt").says(t, 200, `value="8.39"`, "Stadtteil: Weststadt")
	m.post("/dienst/stationen/halt", "name", "Lindenweg", "adresse", "Lindenweg 1").says(t, 400, "2 Treffer")
	m.post("/dienst/stationen/halt", "name", "Nirgends", "adresse", "Mondstraße 1").says(t, 404, `role="alert"`)
	stand := m.get("/dienst/stationen/halt?halt=west").field(t, "stand")
	m.post("/dienst/stationen/halt/ruhe", "halt", "west", "stand", stand, "ruhe", "1").says(t, 409, "noch Standzeiten geplant", "Am Markt 1")
	stand = m.get("/dienst/stationen/halt?halt=cafe-mitte").field(t, "stand")
	m.leads(m.post("/dienst/stationen/halt/ruhe", "halt", "cafe-mitte", "stand", stand, "ruhe", "1"), "/dienst/stationen/halt").says(t, 200, "außer Gebrauch", "Wieder benutzen")
	x.get("/ogc/collections/stops/items?f=json").saysNot(t, "cafe-mitte")
	m.get(visitForm).saysNot(t, "Café Mitte")
	x.member("a1", auth.Clerk).get("/dienst/stationen/halt?halt=west").says(t, 200, "Bücherei West", "Am Markt 1")
}

// picture is a JPEG file with a note about where it was taken.
func picture(t testing.TB, w, h int) []byte {
	t.Helper()
	p := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		p.Set(i%w, i/w, color.RGBA{uint8(i), uint8(i / w), 90, 255})
	}
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, p, nil))
	exif := append([]byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"), "GEHEIMER ORT"...)
	head := append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	return append(head, b.Bytes()[2:]...)
}

func (m member) photo(file []byte, fields ...string) answer {
	m.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		must(m.t, w.WriteField(fields[i], fields[i+1]))
	}
	if file != nil {
		part, err := w.CreateFormFile("bild", "bild.jpg")
		must(m.t, err)
		_, err = part.Write(file)
		must(m.t, err)
	}
	must(m.t, w.Close())
	req, err := http.NewRequest(http.MethodPost, m.x.http.URL+"/dienst/stationen/halt/foto", &body)
	must(m.t, err)
	req.Header.Set("Content-Type", w.FormDataContentType())
	resp, err := m.c.Do(req)
	must(m.t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	must(m.t, err)
	return answer{resp, string(raw)}
}

func TestStationPhoto(t *testing.T) {
	x := stationTown(t)
	m := x.member("", auth.Planner)
	page := m.leads(m.photo(picture(t, 400, 200), "halt", "west", "bild-text", "Eingang mit Rampe", "bild-text-en", "Entrance with a ramp"), "/dienst/stationen/halt")
	page.says(t, 200, `alt="Eingang mit Rampe"`)
	path := regexp.MustCompile(`/stationen/foto/west/[0-9a-f]{16}\.jpg`).FindString(page.body)
	a := x.get(path)
	a.is(t, 200, nil)
	got, err := jpeg.DecodeConfig(strings.NewReader(a.body))
	must(t, err)
	if got.Width != 200 || got.Height != 400 || strings.Contains(a.body, "GEHEIM") || a.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("%dx%d, %s", got.Width, got.Height, a.Header.Get("Content-Type"))
	}
	if a := x.get("/stationen/foto/west/0000000000000000.jpg"); a.StatusCode != 404 {
		t.Error(a.StatusCode)
	}
	for _, c := range []struct {
		file     []byte
		alt      string
		code     int
		sentence string
	}{{[]byte("GIF89a"), "x", 400, "nicht lesen"}, {nil, "x", 400, "nicht lesen"}, {picture(t, 400, 200)[:300], "x", 400, "nicht lesen"}, {append([]byte("RIFF\x00\x00\x00\x00WEBPVP8 "), 0, 0), "x", 400, "WebP"},
		{picture(t, 20, 200), "x", 400, "zu klein"}, {picture(t, 400, 200), "", 400, "Beschreiben Sie"}, {make([]byte, stations.LongestPhoto+5), "x", 413, "zu groß"}} {
		m.photo(c.file, "halt", "west", "bild-text", c.alt).says(t, c.code, c.sentence, `role="alert"`, "Am Markt 1")
	}
	m.leads(m.post("/dienst/stationen/halt/foto", "halt", "west", "weg", "1"), "/dienst/stationen/halt").saysNot(t, "/stationen/foto/")
	if a := x.get(path); a.StatusCode != 404 {
		t.Error(a.StatusCode)
	}
}

func TestStationFleet(t *testing.T) {
	x := stationTown(t)
	m := x.member("", auth.Planner)
	m.get("/dienst/stationen/fuhrpark").says(t, 200, "Rathausmobil", "Noch keine Geräte")
	page := m.get("/dienst/stationen/station?station=bus")
	fields := []string{"station", "bus", "stand", page.field(t, "stand"), "name", "Rathausmobil", "art", "vehicle", "personal", "2", "strom", "1", "geraete", "3",
		"g0-name", "Fingerabdruckleser", "g0-stand", "checked", "g1-name", "Drucker", "g1-stand", "present", "g2-stand", "planned"}
	m.leads(m.post("/dienst/stationen/station", fields...), "/dienst/stationen/station").says(t, 200, "Die Station ist gespeichert", "Fingerabdruckleser", `value="2026-11-23"`)
	m.post("/dienst/stationen/station", fields...).says(t, 409, "inzwischen geändert")
	m.leads(m.ask(http.MethodPost, "/dienst/stationen/geraete", url.Values{"anliegen": {"reisepass"}, "geraet": {"fingerabdruckleser", "drucker", "kartenlesegeraet"}}), "/dienst/stationen/fuhrpark").
		says(t, 200, "es fehlt kartenlesegeraet", "nicht geprüft Drucker")
	m.get("/dienst/stationen?tag=2026-11-30").says(t, 200, "Für Reisepass fehlt: kartenlesegeraet", "gibt es keinen")
	for _, c := range [][3]string{{"name", "", "deutschen Namen"}, {"art", "rakete", "Fahrzeug oder ein Koffer"}, {"personal", "0", "1 bis 20"}, {"personal", "viele", "1 bis 20"}, {"g1-stand", "kaputt", "Zustand"}, {"g1-name", "Fingerabdruckleser", "zweimal"}, {"ruhe", "1", "noch Standzeiten"}} {
		again := append(append([]string{}, fields...), "stand", m.get("/dienst/stationen/station?station=bus").field(t, "stand"), c[0], c[1])
		if a := m.post("/dienst/stationen/station", again...); a.StatusCode/100 != 4 || !strings.Contains(a.body, c[2]) {
			t.Errorf("%v: %d %s", c, a.StatusCode, sentences(a.body))
		}
	}
	m.post("/dienst/stationen/geraete", "anliegen", "mond").says(t, 400, "nicht angeboten")
}

// A shared kit goes along on one visit at a time.
func TestStationKit(t *testing.T) {
	x := stationTown(t)
	m := x.member("", auth.Planner)
	m.leads(m.post("/dienst/stationen/station", "name", "Koffer Süd", "art", "kit", "personal", "1"), "/dienst/stationen/station?").says(t, 200, "Koffer Süd")
	m.leads(m.post("/dienst/stationen/koffer", "name", "Fingerabdruck-Koffer", "art", "case"), "/dienst/stationen/fuhrpark").says(t, 200, "Fingerabdruck-Koffer", "nicht eingeplant")
	m.leads(m.ask(http.MethodPost, visitForm, filled(newVisit(), "koffer", "fingerabdruck-koffer")), "/dienst/stationen")
	if n := x.count(`SELECT count(*) FROM stations.visit_kit`); n == 0 {
		t.Fatal("nothing goes along")
	}
	second := filled(newVisit(), "station", "koffer-sued", "halt", "west", "koffer", "fingerabdruck-koffer", "von", "11:00", "bis", "13:00")
	m.ask(http.MethodPost, visitForm, second).says(t, 409, "„Fingerabdruck-Koffer“ würde am", "Halle Ost", "Bücherei West")
	m.ask(http.MethodPost, visitForm, filled(second, "von", "12:01", "bis", "13:00")).says(t, 200, "nur 1 Min.", "Ja, so speichern")
	m.leads(m.ask(http.MethodPost, visitForm, filled(second, "von", "12:30")), "/dienst/stationen")
	stand := m.get("/dienst/stationen/koffer?koffer=fingerabdruck-koffer").field(t, "stand")
	m.post("/dienst/stationen/koffer", "koffer", "fingerabdruck-koffer", "stand", stand, "name", "F", "art", "case", "ruhe", "1").says(t, 409, "noch eingeplant")
	m.get("/dienst/stationen/fuhrpark").says(t, 200, "nächstes Mal")
}

// Two planners put the same station at two places at the same time: one gets a
// sentence.
func TestTwoPlanners(t *testing.T) {
	x := stationTown(t)
	a, b := x.member("", auth.Planner), x.member("", auth.Administrator)
	codes := make(chan answer, 2)
	for m, stop := range map[*member]string{&a: "ost", &b: "west"} {
		go func() { codes <- m.ask(http.MethodPost, visitForm, filled(newVisit(), "halt", stop, "art", "einmal")) }()
	}
	var said []string
	for range 2 {
		select {
		case got := <-codes:
			said = append(said, fmt.Sprint(got.StatusCode))
			if got.StatusCode == 409 && !strings.Contains(got.body, "zwei Orten zugleich") {
				t.Error(sentences(got.body))
			}
		case <-time.After(time.Minute):
			t.Fatal("they wait for each other")
		}
	}
	if n := x.count(`SELECT count(*) FROM stations.visit_pattern WHERE first_day = '2026-11-26'`); n != 1 {
		t.Errorf("%d visits, answers %v", n, said)
	}
}

package api

import (
	"net/http"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/stations"
)

const countPath = "/dienst/stationen/standzeit/gezaehlt"

// observe lets booking count what is over, as it does every hour.
func (x *bookingTown) observe() {
	x.t.Helper()
	must(x.t, pgx.BeginFunc(x.t.Context(), x.DB, func(tx pgx.Tx) error { return booking.ObserveDemand(x.t.Context(), tx, x.Now()) }))
}

// Walk-ins are counted at the visit, appointments by booking; a test phase
// compares both with what was expected.
func TestStationVisitCounted(t *testing.T) {
	x := stationTown(t)
	b := x.atWest("10:00")
	planner, clerk, desk := x.member("", auth.Planner), x.member("a1", auth.Clerk), x.member("", auth.InfoDesk)
	count := func(m member, seen, n string) answer {
		t.Helper()
		return m.post(countPath, "muster", "west-mo", "tag", "2026-11-30", "vorher", seen, "ohne-termin", n)
	}
	planner.get(visitPage).saysNot(t, "Wer gekommen ist")
	count(clerk, "", "3").says(t, 409, "noch nicht begonnen")
	phase := planner.post("/planung/testphase", "name", "Demo: Herbst", "von", "2026-11-24", "bis", "2026-12-31", "halt", "west", "ziel", "20").Header.Get("Location")

	x.at("09:40") // the station is there
	clerk.get(visitPage).says(t, 200, "Wer gekommen ist", "wird nach dem Ende der Standzeit gezählt", "noch nicht gezählt", "Zahl speichern")
	for _, bad := range []string{"", "viele", "-1", "1000", "2,5", "1e3", "99999999999999999999", "<b>"} {
		count(clerk, "", bad).says(t, 400, "ganze Zahl", "0 bis 999", `role="alert"`)
	}
	clerk.ask(http.MethodPost, "/en"+countPath, map[string][]string{"muster": {"west-mo"}, "tag": {"2026-11-30"}, "ohne-termin": {"x"}}).says(t, 400, "whole number", "0 to 999")
	clerk.leads(count(clerk, "", "5"), "/dienst/stationen/standzeit/tag").says(t, 200, "Die Zahl ist gespeichert", `name="vorher" value="5"`, "Zahl berichtigen")
	planner.get(phase).says(t, 200, "Noch kein Öffnungstag") // not over: half a day is no count

	x.at("12:10")
	desk.get("/dienst/stationen?tag=2026-11-30").says(t, 200, "5 ohne Termin")
	_, err := x.DB.Exec(t.Context(), `UPDATE booking.appointment SET state = 'arrived', arrived_at = starts WHERE id = $1`, b.ID)
	must(t, err)
	x.observe()
	planner.get(phase).says(t, 200, "1 mit Termin, 5 ohne", "verdict--below")
	count(desk, "", "12").says(t, 409, "inzwischen 5 eingetragen", `value="12"`, `name="vorher" value="5"`)
	desk.leads(count(desk, "5", "12"), "/dienst/stationen/standzeit/tag").says(t, 200, `value="12"`)
	x.observe()
	planner.get(phase).says(t, 200, "1 mit Termin, 12 ohne", "verdict--inside")
	desk.get("/dienst/stationen?tag=2026-11-30").says(t, 200, "1 mit, 12 ohne Termin")
	desk.get("/en/dienst/stationen?tag=2026-11-30").says(t, 200, "1 with, 12 without appointment")
	if n := x.count(`SELECT count(*) FROM booking.audit WHERE action = 'visit.count' AND object = 'visit/west-mo-2026-11-30' AND detail IN ('{"walk_ins": 5}', '{"walk_ins": 12, "before": 5}')`); n != 2 {
		t.Error(n, "rows in the trail")
	}

	if a := count(x.member("", auth.Gate), "12", "1"); a.StatusCode != 403 {
		t.Errorf("the gate counts: %d", a.StatusCode)
	}
	for _, gone := range [][]string{{"muster", "mond", "tag", "2026-11-30"}, {"muster", "west-mo", "tag", "2026-12-02"}, {"tag", "x"}, nil} {
		if a := clerk.post(countPath, append(gone, "ohne-termin", "1")...); a.StatusCode != 404 {
			t.Errorf("%v: %d", gone, a.StatusCode)
		}
	}
}

// Walk-ins that nobody has counted are not taken for none.
func TestStationVisitUncounted(t *testing.T) {
	x := stationTown(t)
	m := x.member("", auth.Planner)
	phase := m.post("/planung/testphase", "name", "Demo: Herbst", "von", "2026-11-01", "bis", "2026-12-31", "halt", "west", "ziel", "13").Header.Get("Location")
	x.at("12:10")
	m.get("/dienst/stationen?tag=2026-11-30").says(t, 200, "nicht gezählt")
	x.observe()
	m.get("/dienst/stationen?tag=2026-11-30").says(t, 200, "0 mit Termin, ohne Termin nicht gezählt")
	m.get(phase).says(t, 200, "0 mit Termin; wer ohne Termin kam, hat niemand gezählt", "An 2 Öffnungstagen hat niemand gezählt, wer ohne Termin kam")
}

// A day is closed: its visits and appointments are named first; a plan file
// does not undo it, opening it again does.
func TestStationDayClosed(t *testing.T) {
	x := stationTown(t)
	b := x.atWest("10:00")
	m := x.member("", auth.Planner)
	const path = "/dienst/stationen/schliesstag"
	m.get("/dienst/stationen").says(t, 200, "Geschlossene Tage", "In den nächsten zwei Jahren ist kein Tag geschlossen", "Tag schließen")
	fields := []string{"schliesstag", "2026-11-30", "grund", "Personalversammlung", "grund-en", "Staff meeting"}
	for _, c := range []struct {
		day, reason string
		code        int
		sentence    string
	}{{"", "x", 400, "kein Datum"}, {"2026-02-31", "x", 400, "kein Datum"}, {"2026-11-22", "x", 400, "ist vorbei"}, {"2029-01-01", "x", 400, "zwei Jahre"}, {"2026-11-30", " ", 400, "warum an dem Tag keine Station kommt"}} {
		m.post(path, "schliesstag", c.day, "grund", c.reason).says(t, c.code, c.sentence, `role="alert"`, `value="`+c.day+`"`)
	}
	a := m.post(path, fields...)
	a.says(t, 200, "1 Termin verliert", spaced(b.ID), "Diese Standzeit wird abgesagt", "Rathausmobil, Bücherei West", `value="Personalversammlung"`)
	if x.state("west-mo-2026-11-30") != "planned" {
		t.Fatal("closed without being asked twice")
	}
	m.leads(m.ask(http.MethodPost, path, a.hidden(t)), "/dienst/stationen").says(t, 200, "Der Tag ist geschlossen, keine Station kommt. 1 Termin wurde abgesagt", "Personalversammlung", "stay--off", "1 geschlossener Tag")
	if n := x.count(`SELECT count(*) FROM booking.appointment WHERE id = $1 AND state = 'cancelled' AND ended_by = 'town'`, b.ID); n != 1 {
		t.Error("the appointment is not called off")
	}
	x.get("/en/stationen").says(t, 200, "Staff meeting")
	m.get("/en/dienst/stationen?tag=2026-11-30").says(t, 200, "Staff meeting", "1 closed day")
	m.post(path, fields...).says(t, 409, "schon geschlossen")
	must(t, pgx.BeginFunc(t.Context(), x.DB, func(tx pgx.Tx) error { return stations.Load(t.Context(), tx, smallPlan(), x.Now()) }))
	if got := x.state("west-mo-2026-11-30"); got != "cancelled Personalversammlung" {
		t.Error("the plan file has undone it:", got)
	}
	// Nothing comes on a Wednesday: no question.
	m.leads(m.post(path, "schliesstag", "2026-12-02", "grund", "Inventur"), "/dienst/stationen").says(t, 200, "Inventur", "2 geschlossene Tage")

	m.leads(m.post(path+"/oeffnen", "schliesstag", "2026-11-30"), "/dienst/stationen").says(t, 200, "Der Tag ist wieder offen", "09:30–12:00")
	if got := x.state("west-mo-2026-11-30"); got != "planned" {
		t.Error(got)
	}
	m.post(path+"/oeffnen", "schliesstag", "2026-11-30").says(t, 404, "nicht geschlossen")
	if n := x.count(`SELECT count(*) FROM booking.audit WHERE action IN ('stations.close', 'stations.reopen') AND object IN ('closed_day/2026-11-30', 'closed_day/2026-12-02')`); n != 3 {
		t.Error(n, "rows in the trail")
	}
	clerk := x.member("a1", auth.Clerk)
	clerk.get("/dienst/stationen").says(t, 200, "1 geschlossener Tag")
	clerk.get("/dienst/stationen").saysNot(t, "Wieder öffnen", "Einen Tag schließen")
	if a := clerk.post(path, fields...); a.StatusCode != 403 {
		t.Errorf("a clerk closes a day: %d", a.StatusCode)
	}
}

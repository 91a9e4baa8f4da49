package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

// desk is a planner in front of the pages.
func (x *sitingTown) desk() member { return member{x.t, x.bookingTown, x.planner} }

// editorForm are the fields of the editor with places of the line.
func (x *sitingTown) editorForm(p int, more ...string) []string {
	x.t.Helper()
	places, err := json.Marshal(x.definition(p).Candidates)
	must(x.t, err)
	return append([]string{"name", "Demo: Linie", "quelle", "zensus", "mass", "people", "ziel", "pmedian", "profil", "walk", "p", fmt.Sprint(p), "stand", "1", "orte", string(places)}, more...)
}

var runAddress = regexp.MustCompile(`/planung/lauf/([0-9a-f-]{36})`)

// TestPlanningJourney: a scenario by forms alone, its result, further questions,
// a moved pin, the comparison, the report.
func TestPlanningJourney(t *testing.T) {
	x := newSitingTown(t)
	m := x.desk()
	m.get("/planung").says(t, 200, "Neues Szenario", "Noch kein Szenario")
	m.get("/planung/szenario/neu").says(t, 200, "Wege kurz halten", "Fachwort: p-Median", `value="15"`)
	a := m.post("/planung/szenario/neu", x.editorForm(2, "schritt", "rechnen")...)
	if a.StatusCode != http.StatusSeeOther || !runAddress.MatchString(a.Header.Get("Location")) {
		t.Fatalf("%d %s %s", a.StatusCode, a.Header.Get("Location"), a.body)
	}
	id := runAddress.FindStringSubmatch(a.Header.Get("Location"))[1]
	x.ended(id)
	page := m.get("/planung/lauf/" + id)
	page.says(t, 200, "Optimal, bewiesen", "2 Standorte:", "Einzugsgebiete", "<path class=\"cell tone-0\"", "Was ohne ihn verloren geht", "Felder 1 bis 10 von 10",
		"ortsnah siting verify siting-"+id, "Warum nicht hier?", "Luftlinie", `<meta name="robots"`)
	m.get("/en/planung/lauf/"+id+"?karte=way").says(t, 200, "Optimal, proven", "cell step-", "up to 5 min")
	m.get("/planung/lauf/"+id+"?karte=demand&seite=99").says(t, 200, "cell step-0")

	var data mapCells
	must(t, json.Unmarshal([]byte(m.get("/planung/lauf/"+id+"/karte.json").body), &data))
	if len(data.Cells) != 10 || len(data.Sites) != 2 {
		t.Errorf("%d cells, %d sites", len(data.Cells), len(data.Sites))
	}
	if lines := strings.Count(m.get("/planung/lauf/"+id+"/felder.csv").body, "\n"); lines != 11 {
		t.Errorf("%d lines of CSV", lines)
	}
	x.asked(id, "zweck", "price", "standort", "c9").says(t, 200, "Muss Platz 9 dabei sein, kostet das im Mittel", "mehr Weg (25 %)", "Dafür fällt Platz 7 weg", "Das ist bewiesen")
	x.asked(id, "zweck", "curve", "von", "1", "bis", "6").says(t, 200, "Der Knick liegt bei", "<polyline", "Gewinn des letzten")
	x.asked(id, "zweck", "stability", "ziehungen", "3").says(t, 200, "3 von 3")
	m.post("/planung/lauf/"+id+"/frage", "zweck", "curve", "von", "7", "bis", "2").says(t, 400, `role="alert"`, "Optimal, bewiesen")
	m.post("/planung/lauf/"+id+"/frage", "zweck", "curve", "von", "viele").says(t, 400, "keine Zahl")
	m.post("/planung/lauf/"+id+"/frage", "zweck", "mond").says(t, 400, `role="alert"`)

	x.movedPin(m, id, data.Sites[0])
	other := x.run(x.definition(3), planning.Solve, planning.Question{})
	m.get("/planung/vergleich").says(t, 200, "Ergebnis A")
	m.get("/planung/vergleich?a="+id+"&b="+other.ID).says(t, 200, "haben mit B einen kürzeren Weg", "cell--win", "besser")
	m.get("/planung/vergleich?a="+id+"&b=x").says(t, 404, "gibt es nicht")
	m.get("/planung").says(t, 200, "Letztes Ergebnis", "Ergebnisse vergleichen")
	x.reports(m, id)
}

// asked asks a further question and waits for its page.
func (x *sitingTown) asked(id string, fields ...string) answer {
	x.t.Helper()
	m := x.desk()
	a := m.post("/planung/lauf/"+id+"/frage", fields...)
	found := runAddress.FindStringSubmatch(a.Header.Get("Location"))
	if a.StatusCode != http.StatusSeeOther || found == nil {
		x.t.Fatalf("%v: %d %s", fields, a.StatusCode, a.body)
	}
	x.ended(found[1])
	return m.get("/planung/lauf/" + found[1])
}

func (x *sitingTown) movedPin(m member, id string, site mapSite) {
	x.t.Helper()
	path := "/planung/lauf/" + id + "/verschieben"
	m.get(path+"?standort="+url.QueryEscape(site.ID)).says(x.t, 200, "Standort verschieben", `name="lon"`)
	at := fmt.Sprintf("?standort=%s&lon=%.6f&lat=%.6f", url.QueryEscape(site.ID), site.Lon+0.002, site.Lat)
	m.get(path+at).says(x.t, 200, "verschoben nach", `id="moved"`, "Für die verschobene Auswahl gibt es keinen Beweis", "pin--moved", "pin--before", `id="moved-data"`)
	m.get(path+"?standort=c1&lon=8,3&lat=x").says(x.t, 400, `role="alert"`)
	m.get(path+"?lon=11.5&lat=48.1").says(x.t, 400, `role="alert"`)
	m.get(path+"?lon=NaN&lat=51.9").says(x.t, 400, `role="alert"`)
}

func (x *sitingTown) reports(m member, id string) {
	x.t.Helper()
	a, b := m.get("/planung/lauf/"+id+"/bericht.pdf"), m.get("/planung/lauf/"+id+"/bericht.pdf")
	if a.StatusCode != 200 || !strings.HasPrefix(a.body, "%PDF-") || len(a.body) < 10_000 {
		x.t.Errorf("report: %d, %d bytes", a.StatusCode, len(a.body))
	}
	if a.body != b.body {
		x.t.Error("two reports of one run differ")
	}
	x.get("/planung/lauf/"+id+"/bericht.pdf").says(x.t, 404, "gibt es nicht")
}

// TestPlanningPublic: the public sees what is published, and nothing else.
func TestPlanningPublic(t *testing.T) {
	x := newSitingTown(t)
	x.get("/planung", "Accept", browser).says(t, 200, "noch kein Ergebnis veröffentlicht", "Anmelden")
	run := x.run(x.definition(2), planning.Solve, planning.Question{})
	own := []string{"/planung/lauf/" + run.ID, "/planung/lauf/" + run.ID + "/karte.json", "/planung/lauf/" + run.ID + "/felder.csv", "/planung/lauf/" + run.ID + "/bericht.pdf"}
	for _, path := range own {
		if a := x.get(path, "Accept", browser); a.StatusCode != 404 {
			t.Errorf("%s: %d", path, a.StatusCode)
		}
	}
	m := x.desk()
	m.leads(m.post("/planung/lauf/"+run.ID+"/veroeffentlichen"), "/planung/lauf/"+run.ID).says(t, 200, "ist veröffentlicht", "Veröffentlichung zurücknehmen")
	for _, path := range own {
		a := x.get(path, "Accept", browser)
		if a.StatusCode != 200 || strings.Contains(a.body, "Petra") {
			t.Errorf("%s: %d, or the planner's name in it", path, a.StatusCode)
		}
	}
	public := x.get(own[0], "Accept", browser)
	public.says(t, 200, "Optimal, bewiesen")
	for _, inside := range []string{"Verschieben", "Nachfragen", "/planung/szenario/"} {
		public.saysNot(t, inside)
	}
	x.get("/planung", "Accept", browser).says(t, 200, "Linie", "Optimal, bewiesen", "Zertifikat")
	m.leads(m.post("/planung/lauf/"+run.ID+"/zuruecknehmen"), "/planung/lauf/"+run.ID).says(t, 200, "nicht mehr öffentlich")
	for _, path := range []string{"/planung/szenario/neu", "/planung/vergleich", "/planung/testphase", "/planung/lauf/" + run.ID + "/verschieben"} {
		if a := x.get(path, "Accept", browser); a.StatusCode != 303 || !strings.Contains(a.Header.Get("Location"), "weiter=%2Fplanung") {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.Header.Get("Location"))
		}
	}
	gate := member{t, x.bookingTown, x.signedIn(t, auth.Account{Roles: []auth.Role{auth.Gate}})}
	gate.get("/planung").saysNot(t, "Neues Szenario")
	gate.get("/planung/szenario/neu").says(t, 403)
}

// TestPlanningEditor: what is wrong is said, and what was typed stays.
func TestPlanningEditor(t *testing.T) {
	x := newSitingTown(t)
	m := x.desk()
	save := func(path string, fields ...string) answer {
		return m.post(path, append(fields, "schritt", "speichern")...)
	}
	for _, c := range []struct {
		field, value string
		says         []string
	}{
		{"name", " ", []string{"Name"}},
		{"p", "drei", []string{"„drei“", `value="drei"`}},
		{"p", "-1", []string{"keine Zahl"}},
		{"minuten", "1e400", []string{"keine Zahl"}},
		{"ziel", "mond", []string{"mond"}},
		{"profil", "boot", []string{"boot"}},
		{"tag", "2026-02-31", []string{"2026-02-31"}},
		{"gruppe-65_plus", "alt", []string{"„alt“"}},
		{"orte", "[{", []string{`role="alert"`}},
		{"punkte", "Markt; hier; dort", []string{"Zeile 1", "Markt;hier;dort", ">Markt; hier; dort</textarea>"}},
		{"punkte", `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":null}]}`, []string{"Zeile 1"}},
		{"punkte", `{"type":"Kreis"}`, []string{"kein lesbares GeoJSON"}},
		{"rolle-0", "chef", []string{`role="alert"`}},
	} {
		fields := x.editorForm(2, "notiz", "bleibt stehen")
		v := append(fields, c.field, c.value)
		for i := 0; i+1 < len(fields); i += 2 {
			if fields[i] == c.field {
				v = append(append(append([]string{}, fields[:i]...), fields[i+2:]...), c.field, c.value)
			}
		}
		save("/planung/szenario/neu", v...).says(t, 400, append(c.says, `role="alert"`, "bleibt stehen")...)
	}
	if n := x.count(`SELECT count(*) FROM stations.scenario`); n != 0 {
		t.Errorf("%d scenarios kept", n)
	}
	m.post("/planung/szenario/neu", x.editorForm(2, "schritt", "aufnehmen", "punkte", "Bücherei; 8,3955; 51,9105\nPlatz am Bach; 8.3965; 51.9105", "menge", "stop", "menge", "building")...).says(t, 200, "Bücherei", "Platz am Bach", "51.91050, 8.39550", "möglich")
	for _, bad := range [][]string{x.editorForm(40), {"name", "Demo: leer", "ziel", "pmedian", "profil", "walk", "p", "1", "quelle", "zensus", "mass", "people"}, x.editorForm(2, "quelle", "weg")} {
		a := m.post("/planung/szenario/neu", append(bad, "schritt", "rechnen")...)
		a.says(t, 400, `role="alert"`)
		if !strings.Contains(a.body, `action="/planung/szenario/`) || strings.Contains(a.body, `action="/planung/szenario/neu"`) {
			t.Errorf("the scenario is lost: %.200s", a.body)
		}
	}
	m.get("/planung/szenario/00000000-0000-0000-0000-000000000000").says(t, 404)
	m.get("/planung/szenario/x%00").says(t, 404)
}

// TestPlanningMeanwhile: two planners save the same scenario; nothing is lost.
func TestPlanningMeanwhile(t *testing.T) {
	x := newSitingTown(t)
	m := x.desk()
	c := x.scenario(x.definition(2))
	path := "/planung/szenario/" + c.ID
	m.leads(m.post(path, x.editorForm(3, "schritt", "speichern")...), path).says(t, 200, "ist gespeichert", `value="3"`)
	a := m.post(path, x.editorForm(4, "schritt", "speichern", "notiz", "meine")...)
	a.says(t, 409, "Jemand anderes hat inzwischen gespeichert", "Wie viele Standorte?", "<td class=\"kern-table__cell\">4</td><td class=\"kern-table__cell\">3</td>", ">meine</textarea>")
	m.leads(m.post(path, x.editorForm(4, "schritt", "kopie")...), "").says(t, 200, "(Kopie)", `value="4"`)
	m.leads(m.post(path, x.editorForm(4, "schritt", "meine")...), path).says(t, 200, `name="p" inputmode="numeric" autocomplete="off" value="4"`)
	m.leads(m.post(path+"/kopie"), "").says(t, 200, "Das ist die Kopie")
	m.leads(m.post(path+"/archiv"), "/planung").says(t, 200, "liegt im Archiv")
	m.post(path, x.editorForm(4, "schritt", "speichern")...).says(t, 409)
}

// TestPlanningLive: a run that waits, one that is dismissed, one without answer.
func TestPlanningLive(t *testing.T) {
	x := newSitingTown(t)
	m := x.desk()
	x.stop()
	a := m.post("/planung/szenario/neu", x.editorForm(2, "schritt", "rechnen")...)
	id := runAddress.FindStringSubmatch(a.Header.Get("Location"))[1]
	m.get("/planung/lauf/"+id).says(t, 200, "Wartet", `<noscript><meta http-equiv="refresh"`, "Rechnung beenden", "/api/v1/siting/runs/"+id+"/events")
	m.leads(m.post("/planung/lauf/"+id+"/abbrechen"), "/planung/lauf/"+id).says(t, 200, "Beendet", "Noch einmal rechnen")
	m.get("/planung/lauf/"+id+"/verschieben").says(t, 409)
	m.get("/planung/lauf/"+id+"/bericht.pdf").says(t, 409)
	x.stop = x.work(t)
	again := m.post("/planung/lauf/" + id + "/noch-einmal")
	x.ended(runAddress.FindStringSubmatch(again.Header.Get("Location"))[1])
	d := x.definition(1)
	d.Objective, d.Radius, d.Candidates = instance.LSCP, 60, d.Candidates[:1]
	run := x.run(d, planning.Solve, planning.Question{})
	m.get("/planung/lauf/"+run.ID).says(t, 200, "Unlösbar", "Das ist bewiesen", `role="alert"`)
}

// TestPlanningPhase: targets against who came.
func TestPlanningPhase(t *testing.T) {
	x := newSitingTown(t)
	m := x.desk()
	m.get("/planung/testphase").says(t, 200, "Noch keine Testphase", "Erwartete Besuche je Öffnungstag")
	stop := ""
	must(t, x.DB.QueryRow(context.Background(), `SELECT stop FROM stations.visit WHERE state = 'planned' ORDER BY starts, id LIMIT 1`).Scan(&stop))
	fields := []string{"name", "Demo: Herbst", "von", "2026-11-01", "bis", "2026-12-31", "halt", stop, "ziel", "10,5"}
	_, err := x.DB.Exec(t.Context(), `INSERT INTO stations.visit_count (visit, appointments, walk_ins, counted_at, walk_ins_at)
		SELECT id, 1, 0, now(), now() FROM stations.visit WHERE stop = $1 AND state = 'planned' ORDER BY starts LIMIT 2`, stop)
	must(t, err)
	m.leads(m.post("/planung/testphase", fields...), "/planung/testphase/").says(t, 200, "weniger als erwartet", "Es kamen im Schnitt 1 je Öffnungstag statt 10,5", "1 mit Termin, 0 ohne", "Sie läuft")
	for _, c := range [][2]string{{"name", ""}, {"von", "gestern"}, {"bis", "2025-01-01"}, {"ziel", "viele"}, {"ziel", ""}, {"ziel", "-3"}, {"ziel", "NaN"}, {"lauf", "x"}} {
		v := append([]string{}, fields...)
		v = append(v, c[0], c[1])
		for i := 0; i+1 < len(fields); i += 2 {
			if fields[i] == c[0] {
				v[i+1] = c[1]
			}
		}
		if a := m.post("/planung/testphase", v...); a.StatusCode != 400 && a.StatusCode != 404 {
			t.Errorf("%v: %d", c, a.StatusCode)
		}
	}
	m.get("/planung/testphase/x").says(t, 404)
}

// TestPlanningObjectives: every question has a page of its result, in both
// languages, and figures that fit it.
func TestPlanningObjectives(t *testing.T) {
	x := newSitingTown(t)
	m := x.desk()
	for _, c := range []struct {
		name   string
		change func(d *planning.Definition)
		says   []string
	}{
		{"coverage", func(d *planning.Definition) { d.Objective, d.P, d.Radius = instance.MCLP, 1, 150 }, []string{"Wert", "30 Menschen", "Menschen weniger"}},
		{"covering", func(d *planning.Definition) { d.Objective, d.Radius = instance.LSCP, 150 }, []string{"4 Standorte", "so wenige Standorte wie möglich, jeder in 3 Minuten"}},
		{"center", func(d *planning.Definition) { d.Objective, d.P = instance.PCenter, 2 }, []string{"längste Weg am kürzesten", "beim längsten Weg"}},
		{"capacity", func(d *planning.Definition) { d.Objective, d.P, d.Capacity = instance.Capacitated, 2, 50 }, []string{"begrenztem Platz", "(50 %)"}},
		{"week", func(d *planning.Definition) {
			d.Weekly = &planning.Weekly{Stations: 1, HalfDays: 2, SessionCapacity: 60, Steerable: 50}
		}, []string{"Wochenplan", "Station 1", "Vormittag", "mit Termin"}},
		{"today", func(d *planning.Definition) { d.Candidates[0].Role = planning.Existing }, []string{"Heute", "steht schon", "besser", "heute "}},
	} {
		d := x.definition(2)
		c.change(&d)
		run := x.run(d, planning.Solve, planning.Question{})
		page := m.get("/planung/lauf/" + run.ID)
		page.says(t, 200, append(c.says, "Kennzahlen")...)
		for _, bad := range []string{"NaN", "%!", "{p}", "{minutes}", "-0 "} {
			page.saysNot(t, bad)
		}
		m.get("/en/planung/lauf/"+run.ID).says(t, 200, "Figures")
		if a := m.get("/en/planung/lauf/" + run.ID + "/bericht.pdf"); !strings.HasPrefix(a.body, "%PDF-") {
			t.Errorf("%s: no report: %d", c.name, a.StatusCode)
		}
	}
}

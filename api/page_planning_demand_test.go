package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/ortsnah/ortsnah/api/auth"
)

// census uploads a file with the fields of the form.
func (m member) census(text string, fields ...string) answer {
	m.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		must(m.t, w.WriteField(fields[i], fields[i+1]))
	}
	if text != "" {
		file, err := w.CreateFormFile("dateien", "gitter.csv")
		must(m.t, err)
		_, err = file.Write([]byte(text))
		must(m.t, err)
	}
	must(m.t, w.Close())
	req, err := http.NewRequest(http.MethodPost, m.x.http.URL+demandPath+"/einspielen", &body)
	must(m.t, err)
	req.Header.Set("Content-Type", w.FormDataContentType())
	resp, err := m.c.Do(req)
	must(m.t, err)
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	must(m.t, err)
	return answer{resp, string(page)}
}

// kilometres is a grid around the town's middle, one line of it broken.
func (x *sitingTown) kilometres() string {
	p := x.grid(0)
	e, n := int(p[0])/10, int(p[1])/10
	return fmt.Sprintf("x_mp_1km;y_mp_1km;Einwohner;unter18_A;ab65_A\n%d500;%d500;1200;20,0;25,0\n%d500;%d500;-1;-1;-1\n%d500;%d500;vier;-9;-9\n", e, n, e+1, n, e, n+1)
}

func TestDemandPage(t *testing.T) {
	x := newSitingTown(t)
	m := member{t, x.bookingTown, x.planner}
	m.get(demandPath).says(t, 200, "Einwohner", `<path class="cell step-`, "Zensus-Gitter einspielen", "Noch ist für kein Anliegen ein Bedarf")
	m.get(demandPath+"?sicht=bedarf").says(t, 200, "Es ist noch für kein Anliegen ein Bedarf eingetragen")
	m.get(demandPath+"?quelle=mond").says(t, 404, "Die Nachfragequelle „mond“ gibt es nicht")

	page := m.leads(m.census(x.kilometres(), "name", "Zensus 2011, Gitter 1 km", "tag", "2011-05-09", "quelle", "Amt", "lizenz", "dl-de/by-2-0"), demandPath+"?meldung=demand_imported&quelle=zensus-2011-gitter-1-km")
	page.says(t, 200, "Die Quelle ist eingespielt", "1.200", "9. Mai 2011", "Eine Zeile war nicht brauchbar", "Zeile 4", "„vier“ ist keine Zahl von Menschen")
	old := demandPath + "?quelle=zensus-2011-gitter-1-km&sicht=ab65"
	m.get("/en"+old).says(t, 200, "65 and older", "300")
	var data mapCells
	must(t, json.Unmarshal([]byte(m.get(strings.Replace(old, "?", "/karte.json?", 1)).body), &data))
	if len(data.Cells) != 1 || data.Cells[0][4] != 300 {
		t.Errorf("%+v", data)
	}
	m.get(strings.Replace(old, "?", "/zellen.csv?", 1)).says(t, 200, "cell,lon,lat,people,over_65,weight,scale,estimated", ",1200,300,300,1,false")

	m.leads(m.post(demandPath+"/entfernen", "quelle", "zensus-2011-gitter-1-km"), demandPath).says(t, 200, "Die Quelle ist entfernt")
	m.post(demandPath+"/entfernen", "quelle", "zensus-2011-gitter-1-km").says(t, 404, "gibt es nicht (mehr)")
}

// A form that is refused says why, keeps what was typed and changes nothing.
func TestDemandPageRefuses(t *testing.T) {
	x := newSitingTown(t)
	m := member{t, x.bookingTown, x.planner}
	m.census("Stadtteil;Leute\nMitte;4\n", "name", "Falsch").says(t, 400, "Die Spalten sind die keines bekannten Zensus-Gitters: stadtteil, leute", `value="Falsch"`)
	m.census("", "name", "Leer").says(t, 400, "Es wurde keine Datei gewählt")
	m.census(x.kilometres(), "name", "  ").says(t, 400, "Die Quelle braucht einen Namen")
	m.census(x.kilometres(), "name", "Tag", "tag", "gestern").says(t, 400, "„gestern“ ist kein Tag")
	m.census("Gitter_ID_1km;x_mp_1km;y_mp_1km;Einwohner\n1kmN3300E4400;4400500;3300500;9\n", "name", "Fern").says(t, 400, "liegen außerhalb von")
	m.post(demandPath+"/bedarf", "anliegen", "reisepass", "bedarf-all", "viele").says(t, 400, "Eine Bedarfszahl ist keine Zahl")
	m.post(demandPath+"/bedarf", "anliegen", "reisepass", "bedarf-all", "NaN").says(t, 400, "Eine Bedarfszahl ist keine Zahl")
	m.post(demandPath+"/bedarf", "anliegen", "mond").says(t, 404, `role="alert"`)
	var n int
	must(t, x.DB.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM stations.census_source) + (SELECT count(*) FROM stations.need_rate)`).Scan(&n))
	if n != 1 {
		t.Errorf("%d sources and rates, want the one that was there", n)
	}
}

// Need is entered by stewards, too; they cannot import.
func TestNeedRates(t *testing.T) {
	x := newSitingTown(t)
	planner := member{t, x.bookingTown, x.planner}
	steward := member{t, x.bookingTown, x.signedIn(t, auth.Account{Roles: []auth.Role{auth.Steward}, Name: "Steffi Verwalterin"})}
	steward.get(demandPath+"?anliegen=reisepass").says(t, 200, "Bedarf für", `name="bedarf-65_plus"`)
	if a := steward.get(demandPath); strings.Contains(a.body, "einspielen") {
		t.Error("a steward is offered the import")
	}
	if a := steward.census(x.kilometres(), "name", "x"); a.StatusCode != http.StatusForbidden {
		t.Errorf("a steward imports: %d", a.StatusCode)
	}
	page := steward.leads(steward.post(demandPath+"/bedarf", "anliegen", "reisepass", "bedarf-all", "82,5", "anmerkung", "Schätzung 2026"), demandPath)
	page.says(t, 200, "Der Bedarf ist gespeichert", "82,5", "Schätzung 2026", "<strong>8</strong>", "8 Vorsprachen im Jahr")
	if strings.Contains(page.body, "Petra Planerin") {
		t.Error("the page names who entered the need")
	}
	planner.get(demandPath+"?sicht=bedarf").says(t, 200, `<path class="cell step-`)
	planner.get(demandPath+"?sicht=abgeglichen").says(t, 200, "Es sind noch keine 4 ganzen Wochen")
	_, err := x.DB.Exec(t.Context(), `INSERT INTO stations.demand_observation (concern, week, booked, kept, walk_ins, unmet) VALUES
		('reisepass', '2026-01-05', 20, 18, 4, 2), ('reisepass', '2026-03-09', 20, 18, 4, 8)`)
	must(t, err)
	// 54 in ten weeks are 282 a year.
	planner.get(demandPath+"?sicht=abgeglichen").says(t, 200, "44</td>", "10</td>", "<strong>282</strong>", "abgeglichen sind es 282", "10 ganze Wochen")
	_, err = x.DB.Exec(t.Context(), `UPDATE stations.demand_observation SET unmet = 1`)
	must(t, err)
	planner.get(demandPath).says(t, 200, "&lt;5</td>", "<strong>–</strong>")
}

package web

import (
	"fmt"
	"math"
	"net/http"
	"strings"
)

// planningPaths are the planners' pages in all their states.
func planningPaths() []string {
	return append(demandPaths(), []string{"/planung", "/planung?gast=1", "/planung?leer=1", "/planung/szenario/neu", "/planung/szenario/s1", "/planung/szenario/s1?inzwischen=1", "/planung/lauf/fertig", "/planung/lauf/fertig?gast=1", "/planung/lauf/laeuft",
		"/planung/lauf/kurve", "/planung/lauf/preis", "/planung/lauf/sicher", "/planung/lauf/unloesbar", "/planung/lauf/fehler", "/planung/lauf/woche", "/planung/lauf/fertig/verschieben", "/planung/lauf/fertig/verschieben?lon=8.4",
		"/planung/vergleich", "/planung/vergleich?a=1", "/planung/testphase", "/planung/testphase?leer=1", "/planung/testphase/t1"}...)
}

// planningGuest takes the planner away from the fixtures of guests.
func planningGuest(req *http.Request) bool {
	return strings.HasPrefix(neutral(req.URL), PlanningPrefix) && req.URL.Query().Has("gast")
}

// fixturePlanning is a page of the planners, nil when there is none.
func fixturePlanning(path string, query map[string][]string) Page {
	has := func(name string) bool { return len(query[name]) > 0 }
	kind, id, _ := strings.Cut(path, "/")
	switch {
	case path == "":
		return fixturePlanningHome(has("gast"), has("leer"))
	case path == "nachfrage":
		return fixtureDemand(has("leer"), has("anliegen"), has("verwaltung"))
	case kind == "szenario":
		return fixtureScenario(id, has("inzwischen"))
	case id == "fertig/verschieben":
		p := PlanningMove{RunPath: "/planung/lauf/fertig", Name: "Demo: Vier Standorte", Sites: fixtureOptions()[:4], Lon: "8.383300", Lat: "51.904500"}
		if has("lon") {
			p.Lead, p.Figures, p.Picture, p.Data = "Innenstadt verschoben nach 51,9045, 8,3833", fixtureFigures(), fixturePicture("moved", "catchment"), `{"cells":[[8.38,51.9,0.0036,0.0022,120,0,340]],"sites":[]}`
		}
		return p
	case kind == "lauf":
		return fixtureRun(id, !has("gast"))
	case path == "vergleich":
		return fixtureCompare(has("a"))
	case path == "testphase":
		p := PlanningPhases{Form: PlanPhaseForm{Name: "Demo: Herbst", First: "2026-10-01", Last: "2026-12-18"}}
		if !has("leer") {
			p.Phases = []PlanCard{{Title: "Demo: erste Testphase", Path: "/planung/testphase/t1", Line: "1. Oktober bis 18. Dezember 2026"}}
			p.Form.Runs = fixtureOptions()[:2]
			for _, o := range fixtureOptions()[:6] {
				p.Form.Stops = append(p.Form.Stops, PlanTarget{o.Value, o.Label, "18,5"})
			}
		}
		return p
	case path == "testphase/t1":
		return fixturePhase()
	}
	return nil
}

func fixtureCards() []PlanCard {
	return []PlanCard{
		{Title: "Demo: Vier Standorte", Line: "4 Standorte, so dass die Wege im Mittel am kürzesten sind, zu Fuß", Path: "/planung/lauf/fertig", Badge: PlanBadge{Kind: "optimal", Text: "Optimal, bewiesen"}, At: at(20, 9, 12), Files: []Link{{Text: "Zertifikat", URL: "/api/v1/siting/runs/fertig/certificate"}}},
		{Title: "Demo: Alle in 15 Minuten", Line: "so wenige Standorte wie möglich, jeder in 15 Minuten erreichbar, mit dem Rad", Path: "/planung/lauf/laeuft", Badge: PlanBadge{Kind: "gap", Text: "Lücke 1,2 %"}, At: at(21, 17, 2)},
	}
}

func fixturePlanningHome(guest, empty bool) PlanningHome {
	p := PlanningHome{Desk: !guest}
	if empty {
		return p
	}
	cards := fixtureCards()
	p.Published, p.Phases, p.Runs = cards, []PlanCard{{Title: "Demo: erste Testphase", Path: "/planung/testphase/t1", Line: "1. Oktober bis 18. Dezember 2026"}}, []Option{{"a", "Demo: Vier Standorte", true}, {"b", "Demo: Alle in 15 Minuten", false}}
	p.Others = p.Runs
	p.Scenarios = []PlanScenario{{Name: "Demo: Vier Standorte", Path: "/planung/szenario/s1", Line: "4 Standorte, so dass die Wege im Mittel am kürzesten sind, zu Fuß · 126 mögliche Standorte", Changed: at(20, 9, 0), Last: &cards[0]},
		{Name: "Demo: Entwurf", Path: "/planung/szenario/neu", Line: "Noch kein Ziel", Changed: at(21, 9, 0)}}
	return p
}

func fixtureScenario(id string, meanwhile bool) PlanningScenario {
	roles := func(on string) (list []Option) {
		for _, r := range [][2]string{{"free", "möglich"}, {"required", "muss dabei sein"}, {"forbidden", "darf nicht"}, {"existing", "steht schon (zählt nicht mit)"}, {"remove", "aus der Liste nehmen"}} {
			list = append(list, Option{r[0], r[1], r[0] == on})
		}
		return list
	}
	p := PlanningScenario{Path: "/planung/szenario/" + id, Revision: 1, Roles: roles(""), P: "4", Radius: "15", Seconds: "60", Basis: "Es ist kein Straßennetz geladen. Wege werden aus der Luftlinie mit einem Umwegfaktor geschätzt.",
		Sources: []Option{{"zensus", "Zensus 2011, 1 km", true}}, Areas: append([]Option{{"", "ganze Stadt", true}}, fixtureOptions()...), Measures: []Option{{"people", "Menschen: jede und jeder zählt gleich", true}, {"visits", "Besuche: nach dem Bedarf, den die Fachbereiche eingetragen haben", false}},
		Groups: []PlanGroup{{"under_18", "unter 18 Jahre", "100"}, {"65_plus", "ab 65 Jahre", "150"}}, Concerns: []Option{{"reisepass", "Reisepass beantragen", true}, {"ummeldung", "Wohnung ummelden", false}},
		Profiles: []Option{{"walk", "zu Fuß", true}, {"bike", "mit dem Rad", false}}, Map: PlanFrame{Bounds: [4]float64{8.28, 51.84, 8.48, 51.97}},
		Sets: []PlanSet{{Value: "stop", Label: "Haltepunkte der mobilen Stationen", N: 9, Taken: 9}, {Value: "transit_stop", Label: "Haltestellen von Bus und Bahn", N: 412, Taken: 0}, {Value: "building", Label: "Öffentliche Gebäude", N: 0}},
		Objectives: []PlanObjective{{"pmedian", "Wege kurz halten", "Der Weg aller Menschen zum nächsten Standort soll im Mittel so kurz wie möglich sein.", "Fachwort: p-Median", true},
			{"mclp", "Möglichst viele in der Nähe", "Möglichst viele Menschen sollen innerhalb der Minuten unten einen Standort haben.", "Fachwort: MCLP", false}}}
	if id == "neu" {
		return p
	}
	p.ID, p.Name, p.Revision, p.Runs, p.MoreLimits, p.OwnCapacity, p.Capacity = id, "Demo: Vier Standorte", 3, fixtureCards(), true, true, "25000"
	keys := []string{"free", "required", "forbidden", "existing"}
	for i, name := range districtNames() {
		lon, lat := around(float64(i)*2.4, 0.2+0.7*float64(i%7)/7)
		p.Candidates = append(p.Candidates, PlanCandidate{N: i, ID: fmt.Sprintf("stop/%d", i), Name: "Demo: Haltepunkt " + name, Kind: "Haltepunkt der mobilen Station", Lon: fmt.Sprintf("%.5f", lon), Lat: fmt.Sprintf("%.5f", lat), Role: keys[i%4], Roles: roles(keys[i%4]), StepFree: i%3 > 0})
	}
	if meanwhile {
		p.Notice = Notice{Text: "Jemand anderes hat dieses Szenario inzwischen geändert. Vergleichen Sie unten beide Fassungen und entscheiden Sie.", Error: true}
		p.Meanwhile = &PlanMeanwhile{Revision: 4, Path: "/planung/szenario/s1", Rows: []PlanDifference{{"Wie viele Standorte?", "4", "5"}, {"Mögliche Standorte", "2 Standorte anders", ""}}}
	}
	return p
}

func fixtureFigures() []PlanFigure {
	return []PlanFigure{{Label: "Weg im Mittel", Explain: "Durchschnitt über alle Menschen, nicht über die Fläche", Value: "8,4 min", Other: "12,9 min", Difference: "−4,5 min", Better: true},
		{Label: "Längster Weg", Explain: "aus dem entferntesten bewohnten Rasterfeld", Value: "31,0 min", Other: "28,0 min", Difference: "+3,0 min", Worse: true},
		{Label: "Ungleichheit (Gini)", Explain: "0: alle haben gleich lange Wege", Value: "0,333", Other: "0,333", Difference: "±0"}}
}

// fixturePicture is a town of squares shared out among four sites.
func fixturePicture(id, view string) SitingMap {
	p := SitingMap{ID: id, ViewBox: "0 0 1000 760", Title: "Karte: " + view, Outline: "M80 60L900 40L960 500L620 720L120 640Z"}
	paths := make([]string, 4)
	for y := 60; y < 700; y += 24 {
		for x := 90; x < 920; x += 24 {
			if math.Hypot(float64(x-500), float64(y-370)*1.3) < 420 {
				i := 0
				if x > 500 {
					i++
				}
				if y > 370 {
					i += 2
				}
				paths[i] += fmt.Sprintf("M%d %dh23v23h-23z", x, y)
			}
		}
	}
	for i, path := range paths {
		a := PlanArea{Class: fmt.Sprintf("cell tone-%d", i), Path: path}
		if view != "catchment" {
			a.Class = fmt.Sprintf("cell step-%d", i)
		}
		if i == 3 {
			a.Pattern = "hatch"
		}
		p.Areas = append(p.Areas, a)
		p.Pins = append(p.Pins, PlanPin{X: fmt.Sprint(300 + 380*(i%2)), Y: fmt.Sprint(220 + 300*(i/2)), Label: fmt.Sprint(i + 1), Name: districtNames()[i], Kind: []string{"open", "existing", "moved", "before"}[i]})
	}
	if view != "catchment" {
		p.Legend = []PlanLegend{{"cell step-0", "bis 5 min"}, {"cell step-1", "bis 10 min"}, {"cell cell--none", "von niemandem erreicht"}}
	}
	return p
}

func fixturePlanSites() (list []PlanSite) {
	for i, name := range districtNames()[:4] {
		list = append(list, PlanSite{N: i + 1, Tone: i, ID: fmt.Sprintf("s%d", i), Name: "Demo: " + name, Existing: i == 1, StepFree: i != 2, Weight: "24.310", Share: "24,1 %", Mean: "8,1 min", Farthest: "27,0 min", Loss: "im Mittel 3,4 min mehr Weg", Lon: "8.38", Lat: "51.9", MovePath: "/planung/lauf/fertig/verschieben?standort=s0"})
	}
	return list
}

func fixtureBars() []PlanBar {
	return []PlanBar{{"bis 5 min", "31,2 %", "312", "180", "heute 18,0 %"}, {"bis 15 min", "86,9 %", "869", "602", "heute 60,2 %"}, {"bis 30 min", "99,1 %", "991", "930", "heute 93,0 %"}}
}

func fixtureRun(id string, desk bool) PlanningRun {
	p := PlanningRun{ID: id, Name: "Demo: Vier Standorte", Desk: desk, Ask: "4 Standorte, so dass die Wege im Mittel am kürzesten sind", Badge: PlanBadge{"optimal", "Optimal, bewiesen", "Es gibt unter diesen Vorgaben keine bessere Auswahl."},
		Facts: []Property{{"", "Frage", "4 Standorte, so dass die Wege im Mittel am kürzesten sind, zu Fuß"}, {"code", "Prüfsumme der Eingaben (SHA-256)", strings.Repeat("0123456789abcdef", 4)}}}
	if desk {
		p.EditPath, p.Outdated = "/planung/szenario/s1", true
	}
	switch id {
	case "laeuft":
		p.Badge = PlanBadge{"running", "Rechnet", "Sie können die Seite schließen. Die Rechnung läuft weiter."}
		p.Live = &PlanLive{Step: "Schritt 3 von 4: Die beste Auswahl wird gesucht und bewiesen.", Known: true, Best: "8,6 min", Bound: "8,4 min", Gap: "2,3 %", Seconds: "4 s", EventsURL: "/api/v1/siting/runs/laeuft/events"}
		return p
	case "unloesbar":
		p.Badge = PlanBadge{"infeasible", "Unlösbar", "Unter diesen Vorgaben gibt es keine Auswahl."}
		p.Error = "Der Platz reicht nicht: 80 von 100. Erhöhen Sie den Platz je Standort oder die Zahl der Standorte."
		return p
	case "fehler":
		p.Badge, p.Error, p.CanRetry = PlanBadge{"failed", "Abgebrochen wegen eines Fehlers", "Es gibt kein Ergebnis. Ihr Szenario ist gespeichert."}, "Diesen Zensus gibt es nicht mehr.", desk
		return p
	}
	p.Files, p.Command, p.CanCurve = []Link{{Text: "Bericht als PDF", Path: "/planung/lauf/fertig/bericht.pdf"}, {Text: "Zertifikat (der Beweis)", URL: "/api/v1/siting/runs/fertig/certificate"}}, "ortsnah siting verify zertifikat.json", true
	r := &PlanResult{Headline: "4 Standorte: Innenstadt, Sundern, Spexard, Avenwedde-Bahnhof", Figures: fixtureFigures(), Beside: "Heute", Within: fixtureBars(), Sites: fixturePlanSites(), Picture: fixturePicture("map", "catchment"), Why: fixtureOptions()[4:],
		Views: []PlanView{{"catchment", "Einzugsgebiete", "/planung/lauf/fertig", true}, {"demand", "Nachfrage", "/planung/lauf/fertig?karte=demand", false}, {"way", "Wegezeit", "/planung/lauf/fertig?karte=way", false}},
		Frame: PlanFrame{Bounds: [4]float64{8.28, 51.84, 8.48, 51.97}, URL: "/planung/lauf/fertig/karte.json"},
		Cells: PlanCells{Total: 2, From: 1, To: 2, CSV: "/planung/lauf/fertig/felder.csv", Next: "/planung/lauf/fertig?seite=2", Rows: []PlanCell{{"1kmN3202E4203", "1.204", "Innenstadt", "31,0 min", 1}, {"1kmN3203E4203", "12", "", "–", 0}}}}
	p.Result, p.Related, p.Others = r, fixtureCards(), fixtureOptions()[:3]
	switch id {
	case "kurve":
		r.Sites, r.Curve = nil, &PlanCurve{Unit: "Weg im Mittel", Knee: "Der Knick liegt bei 3 Standorten.", Line: "90,20 390,190 690,250 990,270", Dots: []PlanDot{{"90", "20", false}, {"390", "190", true}, {"690", "250", false}, {"990", "270", false}}, TicksX: []TimeMark{{"90", "1"}, {"390", "2"}, {"690", "3"}, {"990", "4"}}, TicksY: []TimeMark{{"20", "20 min"}, {"320", "0"}},
			Rows: []PlanCurveRow{{1, "20,1 min", "–", "20,1 min", "Optimal, bewiesen", "Innenstadt", false}, {2, "12,0 min", "8,1 min", "12,0 min", "Lücke 0,4 %", "Innenstadt, Sundern", true}}}
	case "preis":
		r.Price = "Muss Spexard dabei sein, kostet das im Mittel 0,4 min mehr Weg (4,8 %). Dafür fällt Sundern weg. Das ist bewiesen."
	case "sicher":
		r.Sites, r.Stable = nil, []PlanBar{{"Innenstadt", "20 von 20", "1000", "", ""}, {"Spexard", "11 von 20", "550", "", ""}}
	case "woche":
		r.Week = &PlanWeek{Columns: []string{"Station 1", "Station 2"}, Rows: []PlanWeekRow{{"Montag, Vormittag", []PlanWeekCell{{"Innenstadt", "12 ohne, 30 mit Termin"}, {}}}}}
	}
	return p
}

func fixtureCompare(both bool) PlanningCompare {
	p := PlanningCompare{A: fixtureOptions()[:3], B: fixtureOptions()[:3]}
	if !both {
		return p
	}
	badge := PlanBadge{Kind: "optimal", Text: "Optimal, bewiesen"}
	p.Left = &PlanSide{ID: "a", Label: "A", Name: "Demo: Vier Standorte", Path: "/planung/lauf/fertig", Ask: "4 Standorte", Badge: badge, Picture: fixturePicture("left", "catchment"), Sites: fixturePlanSites()}
	p.Right = &PlanSide{ID: "b", Label: "B", Name: "Demo: Fünf Standorte", Path: "/planung/lauf/fertig", Ask: "5 Standorte", Badge: badge, Picture: fixturePicture("right", "catchment"), Sites: fixturePlanSites()}
	p.Figures, p.Comparable, p.Difference = fixtureFigures(), "Vorsicht: nicht dieselbe Nachfrage.", fixturePicture("diff", "way")
	p.Win = PlanSum{"12.400 Menschen haben mit B einen kürzeren Weg (31 Felder)", []PlanChange{{"1kmN3202E4203", "1.204", "31,0 min", "12,0 min", "−19,0 min"}}}
	p.Lose = PlanSum{Text: "0 Menschen haben mit B einen längeren Weg (0 Felder)"}
	return p
}

func fixturePhase() PlanningPhase {
	p := PlanningPhase{ID: "t1", Name: "Demo: erste Testphase", First: at(1, 0, 0), Last: at(28, 0, 0), State: "Sie läuft.", Run: Link{Text: "Demo: Vier Standorte", Path: "/planung/lauf/fertig"}}
	for i, verdict := range []string{"inside", "below", "above", "open"} {
		o := PlanObserved{ID: verdict, Name: "Demo: " + districtNames()[i], Predicted: "18,5", Band: "14,2 bis 22,8", Observed: "17,0", Days: 4, Verdict: verdict, Sentence: "Es kamen im Schnitt 17,0 je Öffnungstag, erwartet waren 18,5.", Low: "284", Wide: "172", Aim: "370", At: []string{"340", "120", "800", "0"}[i]}
		if verdict == "open" {
			o.Observed, o.Days = "", 0
		}
		p.Stops = append(p.Stops, o)
	}
	p.Days = []PlanDay{{When: at(10, 9, 0), Stop: "Demo: Innenstadt", Came: "17", Parts: "12 mit Termin, 5 ohne"}}
	return p
}

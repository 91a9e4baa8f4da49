package web

import "fmt"

// demandPaths are the states of the page of demand.
func demandPaths() []string {
	return []string{"/planung/nachfrage", "/planung/nachfrage?leer=1", "/planung/nachfrage?anliegen=reisepass", "/planung/nachfrage?verwaltung=1"}
}

// fixtureDemand is the page of demand.
func fixtureDemand(empty, edit, steward bool) Page {
	p := PlanningDemand{Concerns: fixtureOptions()[:4], Import: DemandImport{Licence: "dl-de/by-2-0"}, CanImport: !steward, Sums: DemandSums{Expected: "25.300"}}
	if empty {
		return p
	}
	p.Sources, p.Unit, p.Total, p.CSV = fixtureOptions()[:2], "Einwohner", 145, "/planung/nachfrage/zellen.csv"
	p.Source = &DemandSource{ID: "zensus-2011", Name: "Zensus 2011, Gitter 1 km", Attribution: "© Statistische Ämter des Bundes und der Länder", Licence: "dl-de/by-2-0", Imported: at(20, 9, 0), Day: at(9, 0, 0),
		Facts:    []DemandFact{{"Zellen (1 km)", "145", "im Stadtgebiet und 2 km darum herum"}, {"Menschen, gezählt", "97.569", "wie der Zensus sie angibt"}},
		Unusable: 1, Problems: []DemandProblem{{"gitter.csv, Zeile 4", "„vier“ ist keine Zahl von Menschen."}}, Unused: []string{"10km.csv"}}
	p.Views = []PlanView{{Key: "demand", Label: "Einwohner", Path: "/planung/nachfrage", On: true}, {Key: "demand", Label: "65 und älter", Path: "/planung/nachfrage?sicht=ab65"}}
	p.Picture = fixturePicture("demand", "demand")
	p.Frame = PlanFrame{Bounds: [4]float64{8.28, 51.84, 8.51, 51.98}, URL: "/no-such-map.json"}
	for i := range 5 {
		p.Cells = append(p.Cells, DemandCell{ID: fmt.Sprintf("1kmN320%dE4209", i), Weight: "4.812", People: "4.812", Guessed: i == 3})
	}
	for i, o := range fixtureOptions()[:4] {
		p.Lines = append(p.Lines, DemandLine{ID: o.Value, Name: o.Label, Office: "Bürgerbüro", EditPath: "/planung/nachfrage?anliegen=reisepass#bedarf", Rates: []string{"–", "60", "95,5", "70"},
			Expected: "8.112", Counted: []string{"1.204", "<5", "–", "16"}[i], Unmet: []string{"87", "–", "–", "<5"}[i], Yearly: []string{"7.955", "–", "–", "–"}[i], Factor: []string{"0,98", "–", "–", "–"}[i], Note: "Demo: angenommen"})
	}
	p.Sums = DemandSums{Expected: "25.300", Calibrated: "24.117", Weeks: 12, Since: at(2, 0, 0), Enough: true}
	if edit {
		p.Edit = &DemandEdit{ID: "reisepass", Name: "Reisepass beantragen", Note: "Schätzung", Entered: at(18, 0, 0),
			Fields: []DemandField{{"all", "Alle", ""}, {"under_18", "Unter 18", "70"}, {"18_64", "18 bis 64", "60"}, {"65_plus", "Ab 65", "20,5"}}}
	}
	return p
}

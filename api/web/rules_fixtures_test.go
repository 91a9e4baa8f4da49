package web

import "fmt"

// rulesPaths are the page of jurisdictions in all its states.
func rulesPaths() []string {
	return []string{"/dienst/zustaendigkeit", "/dienst/zustaendigkeit?art=alphabetic", "/dienst/zustaendigkeit?art=anyone", "/dienst/zustaendigkeit?frage=1",
		"/dienst/zustaendigkeit?art=alphabetic&probe=1", "/dienst/zustaendigkeit?probe=auswahl", "/dienst/zustaendigkeit?gebiet=neubau"}
}

// fixtureRules is the page of jurisdictions of building control.
func fixtureRules(query map[string][]string) Rules {
	is := func(name, value string) bool { return len(query[name]) > 0 && query[name][0] == value }
	p := Rules{Scopes: []OptionGroup{{"Ämter", []Option{{"amt/bau", "Demo: Bauaufsicht", true}, {"amt/soziales", "Demo: Soziales, Wohngeld und Grundsicherung im Alter", false}}}, {"Einzelne Anliegen", []Option{{"anliegen/bauantrag", "Bauantrag abgeben und besprechen", false}}}},
		Scope: "amt/bau", ScopeName: "Demo: Bauaufsicht", Kind: "geographic", Version: "0123456789abcdef", Priority: "20"}
	for i := range 4 {
		t := RuleTeam{ID: fmt.Sprintf("b%d", i+1), Label: fmt.Sprintf("B%d", i+1), Name: fmt.Sprintf("Demo: Bauaufsicht, Bezirk B%d", i+1), Colour: i, Edit: true, Seen: "1"}
		t.Clerks = []Option{{"1", "B1", i == 0}, {"2", "B2", i == 1}, {"3", "B3", i == 2}}
		if i < 3 {
			t.Members = []string{t.Label}
		}
		p.Teams = append(p.Teams, t)
	}
	if len(query["art"]) > 0 {
		p.Kind = query["art"][0]
	}
	for _, kind := range []string{"anyone", "alphabetic", "geographic"} {
		p.Kinds = append(p.Kinds, RuleKind{kind, 4, "/dienst/zustaendigkeit?art=" + kind, kind == p.Kind})
	}
	teams := func(chosen string) (list []Option) {
		for _, t := range p.Teams {
			list = append(list, Option{t.ID, t.Label + " · " + t.Name, t.ID == chosen})
		}
		return list
	}
	p.Findings = []RuleFinding{{Text: "Im Team B4 ist niemand. Ordnen Sie ihm unten Kräfte zu, sonst gibt es keine Termine.", Soft: true}}
	area := RuleArea{ID: "neubau", Name: "Neubaugebiet Süd", Hectares: "12,5 ha", EditPath: "/dienst/zustaendigkeit?gebiet=neubau#area-form"}
	switch p.Kind {
	case "alphabetic":
		p.Findings = append([]RuleFinding{{Text: "Lücke: Für Nachnamen mit Bf ist niemand zuständig.", From: at(25, 12, 0)}}, p.Findings...)
		fixtureLetters(&p)
		for i, bounds := range [][2]string{{"A", "Be"}, {"Bg", "M"}, {"M", "Z"}, {"", ""}} {
			row := RuleRow{N: i, From: bounds[0], To: bounds[1], Priority: "20", Team: "b1", TeamOptions: teams(fmt.Sprintf("b%d", i+1))}
			if bounds[0] != "" {
				row.ID = fmt.Sprintf("regel-%d", i)
			}
			p.Rows = append(p.Rows, row)
		}
	case "anyone":
		p.Rows = []RuleRow{{ID: "alle", Team: "b1", Priority: "10", FirstDay: "2026-11-01", TeamOptions: teams("b1")}, {N: 1, Priority: "20", TeamOptions: teams("")}}
	default:
		fixtureRuleMap(&p, teams)
		p.Rows = []RuleRow{{ID: "ausnahme", Area: "neubau", Team: "b4", Priority: "40", TeamOptions: teams("b4"), Areas: []Option{{"neubau", area.Name, true}}}, {N: 1, Priority: "40", TeamOptions: teams(""), Areas: []Option{{"neubau", area.Name, false}}}}
		p.Areas = []RuleArea{area, {ID: "gleis", Name: "Gleisdreieck", Hectares: "1,2 ha", Rules: []string{"a"}, EditPath: area.EditPath}}
	}
	if len(query["frage"]) > 0 {
		p.Checked, p.Confirm = true, &QuotaConfirm{Path: "/dienst/zustaendigkeit", Fields: []FormField{{"bereich", "amt/bau"}}}
	}
	if is("gebiet", "neubau") {
		p.Drawn = area
		p.Drawn.GeoJSON = `{"type":"Polygon","coordinates":[[[8.4,51.9],[8.41,51.9],[8.41,51.91],[8.4,51.9]]]}`
	}
	p.Try.Services = []Option{{"bauantrag", "Bauantrag abgeben und besprechen", true}}
	if len(query["probe"]) > 0 {
		p.Try.Asked, p.Try.Name, p.Try.Team, p.Try.Explanation, p.Try.Rule, p.Try.District = true, "Ähren", "B1 · Demo: Bezirk B1", "Das Team ist für Nachnamen von A bis Be zuständig.", "regel-0", "Innenstadt (01)"
	}
	if is("probe", "auswahl") {
		p.Try.Choices = []RuleChoice{{"Lindenweg 1, Ost", "8.4", "51.9"}, {"Lindenweg 1, West", "8.3", "51.9"}}
	}
	return p
}

func fixtureLetters(p *Rules) {
	bar := func(from, to float64, label, team, kind string, colour int) {
		p.Letters = append(p.Letters, LetterBar{X: fmt.Sprintf("%.1f", from), Width: fmt.Sprintf("%.1f", to-from), Middle: fmt.Sprintf("%.1f", (from+to)/2), Kind: kind, Colour: colour, Label: label, Team: team, Wide: to-from > 60})
	}
	bar(0, 46, "A–Be", "B1", "team", 0)
	bar(46, 50, "Bf", "", "hole", 0)
	bar(50, 462, "Bg–L", "B2", "team", 1)
	bar(462, 500, "M", "B2 + B3", "overlap", 0)
	bar(500, 1000, "N–Z", "B3", "team", 2)
	for i := range 26 {
		p.Axis = append(p.Axis, TimeMark{fmt.Sprintf("%.1f", (float64(i)+0.5)*1000/26), string(rune('A' + i))})
	}
}

func fixtureRuleMap(p *Rules, teams func(string) []Option) {
	square := func(lon, lat, side float64) string {
		return fmt.Sprintf(`{"type":"Polygon","coordinates":[[[%[1]f,%[2]f],[%[3]f,%[2]f],[%[3]f,%[4]f],[%[1]f,%[4]f],[%[1]f,%[2]f]]]}`, lon, lat, lon+side, lat+side)
	}
	for i, d := range fixtureDistricts() {
		chosen := fmt.Sprintf("b%d", i%4+1)
		e := RuleDistrict{Code: d.Code, Name: d.Name, Options: append([]Option{{"", "niemand (Infotheke)", false}}, teams(chosen)...)}
		if i == 2 {
			e.Stronger = "B4"
		}
		p.Districts = append(p.Districts, e)
	}
	p.Map = RuleMap{Bounds: [4]float64{8.2, 51.8, 8.5, 52}, DistrictsURL: "/ogc/collections/districts/items?f=json", Data: `{"teams":{"b1":{"label":"B1","colour":0},"b2":{"label":"B2","colour":1},"b3":{"label":"B3","colour":2},"b4":{"label":"B4","colour":3}},
		"areas":[{"type":"Feature","geometry":` + square(8.40, 51.93, 0.03) + `,"properties":{"id":"neubau","name":"Neubaugebiet Süd","team":"b4"}}],
		"findings":[{"type":"Feature","geometry":` + square(8.33, 51.89, 0.02) + `,"properties":{"kind":"hole","text":""}},{"type":"Feature","geometry":` + square(8.42, 51.88, 0.02) + `,"properties":{"kind":"overlap","text":"B1, B2"}}]}`}
}

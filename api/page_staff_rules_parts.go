package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
)

// ruleTeams are the teams that may be chosen: those of the office, those that
// rules name, the info desk. Their colours go round.
func (d *ruleDesk) ruleTeams(rules []booking.Rule) []web.RuleTeam {
	var list []web.RuleTeam
	teams := slices.Clone(d.teams)
	slices.SortStableFunc(teams, func(a, b booking.Team) int { // the info desk last
		return cmp.Compare(strconv.FormatBool(a.InfoDesk), strconv.FormatBool(b.InfoDesk))
	})
	for _, t := range teams {
		named := slices.ContainsFunc(rules, func(r booking.Rule) bool { return r.Team == t.ID })
		if t.Office != d.office && !named && !t.InfoDesk {
			continue
		}
		e := web.RuleTeam{ID: t.ID, Label: t.Label, Name: t.Name.In(d.lang), Colour: len(list) % teamColours, Edit: t.Office == d.office}
		if e.Label == "" {
			e.Label = e.Name
		}
		var seen []string
		for _, c := range d.clerks {
			in := slices.Contains(c.Teams, t.ID)
			if in {
				seen, e.Members = append(seen, strconv.Itoa(c.ID)), append(e.Members, c.Label)
			}
			if in || c.Office == d.office {
				e.Clerks = append(e.Clerks, web.Option{Value: strconv.Itoa(c.ID), Label: c.Label, On: in})
			}
		}
		e.Seen = strings.Join(seen, ",")
		list = append(list, e)
	}
	return list
}

// teamOptions are the teams as a choice, the first of which is none.
func teamOptions(teams []web.RuleTeam, chosen string) []web.Option {
	var list []web.Option
	for _, t := range teams {
		o := web.Option{Value: t.ID, Label: t.Name, On: t.ID == chosen}
		if t.Label != t.Name {
			o.Label = t.Label + " · " + t.Name
		}
		list = append(list, o)
	}
	return list
}

// ruleRows are the rows of the form and two empty ones.
func (d *ruleDesk) ruleRows(form ruleForm, teams []web.RuleTeam) []web.RuleRow {
	rows := append(slices.Clone(form.rows), web.RuleRow{}, web.RuleRow{})
	if form.kind != booking.Alphabetic {
		rows = rows[:len(rows)-1]
	}
	for i := range rows {
		row := &rows[i]
		row.N, row.TeamOptions = i, teamOptions(teams, row.Team)
		chosen := strings.Join(codesIn(row.Area), ",")
		known := chosen == ""
		for _, a := range d.areas {
			row.Areas = append(row.Areas, web.Option{Value: a.ID, Label: a.Name, On: a.ID == chosen})
			known = known || a.ID == chosen
		}
		if !known { // several areas
			row.Areas = append(row.Areas, web.Option{Value: chosen, Label: d.areaNames(codesIn(row.Area)), On: true})
		}
		if row.Priority == "" {
			row.Priority = strconv.Itoa(usualPriority)
			if form.kind == booking.Geographic {
				row.Priority = strconv.Itoa(2 * usualPriority) // an exception decides before the table
			}
		}
	}
	return rows
}

func (d *ruleDesk) areaNames(ids []string) string {
	var names []string
	for _, id := range ids {
		names = append(names, d.area(id).Name)
	}
	return strings.Join(names, " + ")
}

// area is a drawn area by its id; its name is the id where there is none.
func (d *ruleDesk) area(id string) web.RuleArea {
	for _, a := range d.ruleAreas() {
		if a.ID == id {
			return a
		}
	}
	return web.RuleArea{Name: id}
}

func (d *ruleDesk) ruleAreas() []web.RuleArea {
	var list []web.RuleArea
	for _, a := range d.areas {
		list = append(list, web.RuleArea{ID: a.ID, Name: a.Name, Hectares: hectares(d.lang, a.Area), Rules: a.Rules, GeoJSON: a.GeoJSON,
			EditPath: d.path(booking.Geographic) + "&gebiet=" + a.ID + "#area-form"})
	}
	return list
}

// ruleDistricts is the table of districts, with the teams that the form says.
func (d *ruleDesk) ruleDistricts(form ruleForm, rules []booking.Rule, teams []web.RuleTeam) []web.RuleDistrict {
	if form.kind != booking.Geographic {
		return nil
	}
	priority, err := strconv.Atoi(form.priority)
	if err != nil {
		priority = usualPriority
	}
	var list []web.RuleDistrict
	for _, row := range d.districts {
		e := web.RuleDistrict{Code: row.Code, Name: row.Name}
		chosen := form.districts[row.Code]
		e.Options = append([]web.Option{{Label: i18n.Text(d.lang, "rules.nobody", nil), On: chosen == ""}}, teamOptions(teams, chosen)...)
		var several, more []string
		for _, r := range rules {
			switch {
			case !slices.Contains(r.Districts, row.Code):
			case planned(r, priority):
				several = append(several, labelOf(teams, r.Team))
			default:
				more = append(more, labelOf(teams, r.Team))
			}
		}
		if chosen == asItIs {
			e.Options = append(e.Options, web.Option{Value: asItIs, Label: i18n.Text(d.lang, "rules.several", map[string]any{"teams": strings.Join(several, " + ")}), On: true})
		}
		e.Stronger = strings.Join(more, ", ")
		list = append(list, e)
	}
	return list
}

func labelOf(teams []web.RuleTeam, id string) string {
	for _, t := range teams {
		if t.ID == id {
			return t.Label
		}
	}
	return id
}

// letterBars is the picture of surnames from A to Z.
func letterBars(rules []booking.Rule, teams []web.RuleTeam, today time.Time) []web.LetterBar {
	valid := slices.DeleteFunc(slices.Clone(rules), func(r booking.Rule) bool {
		return r.ValidFrom != nil && r.ValidFrom.After(today) || r.ValidTo != nil && !r.ValidTo.After(today)
	})
	at := func(x float64) string { return strconv.FormatFloat(1000*x, 'f', 1, 64) }
	var bars []web.LetterBar
	for _, span := range booking.Letters(valid) {
		b := web.LetterBar{X: at(span.Start), Width: at(max(span.End-span.Start, 0.004)), Middle: at((span.Start + span.End) / 2), Kind: "hole",
			Label: span.First + "–" + span.Last, Wide: span.End-span.Start > 0.04}
		if span.First == span.Last {
			b.Label = span.First
		}
		var labels []string
		for _, r := range valid {
			if slices.Contains(span.Rules, r.ID) && !slices.Contains(labels, labelOf(teams, r.Team)) {
				labels = append(labels, labelOf(teams, r.Team))
				b.Colour = colourOf(teams, r.Team)
			}
		}
		if b.Team = strings.Join(labels, " + "); len(labels) == 1 {
			b.Kind = "team"
		} else if len(labels) > 1 {
			b.Kind = "overlap"
		}
		bars = append(bars, b)
	}
	return bars
}

// letterAxis are the letters in the middle of their place.
func letterAxis() []web.TimeMark {
	var marks []web.TimeMark
	for i := range 26 {
		marks = append(marks, web.TimeMark{X: strconv.FormatFloat((float64(i)+0.5)*1000/26, 'f', 1, 64), Label: string(rune('A' + i))})
	}
	return marks
}

func colourOf(teams []web.RuleTeam, id string) int {
	for _, t := range teams {
		if t.ID == id {
			return t.Colour
		}
	}
	return 0
}

// ruleFindings are the findings in words.
func (s *Server) ruleFindings(d ruleDesk, rules []booking.Rule, found []booking.Finding) []web.RuleFinding {
	teams := d.ruleTeams(rules)
	var list []web.RuleFinding
	for _, f := range found {
		args := map[string]any{"first": f.First, "last": f.Last, "area": hectares(d.lang, f.Area), "teams": d.teamsOf(rules, teams, f.Rules),
			"districts": d.districtNames(f.Districts), "n": len(f.Districts)}
		key := f.Key
		switch f.Key {
		case booking.FoundNoRule:
			args["kind"] = i18n.Text(d.lang, "rules.kind."+f.First, nil)
		case booking.FoundTeamWithoutAny:
			args["team"] = labelOf(teams, f.First)
		case booking.FoundNameHole, booking.FoundNameOverlap:
			if f.First == f.Last {
				key += ".single"
			}
		}
		e := web.RuleFinding{Text: i18n.Text(d.lang, key, args), Soft: f.Key == booking.FoundTeamWithoutAny}
		if f.From.After(s.today()) {
			e.From = s.noon(f.From)
		}
		list = append(list, e)
	}
	return list
}

func (d *ruleDesk) teamsOf(rules []booking.Rule, teams []web.RuleTeam, ids []string) string {
	var labels []string
	for _, r := range rules {
		if l := labelOf(teams, r.Team); slices.Contains(ids, r.ID) && !slices.Contains(labels, l) {
			labels = append(labels, l)
		}
	}
	return strings.Join(labels, ", ")
}

func (d *ruleDesk) districtNames(codes []string) string {
	var names []string
	for _, row := range d.districts {
		if slices.Contains(codes, row.Code) {
			names = append(names, row.Name+" ("+row.Code+")")
		}
	}
	return strings.Join(names, ", ")
}

type mapTeam struct {
	Label  string `json:"label"`
	Colour int    `json:"colour"`
}

type mapFeature struct {
	Type       string          `json:"type"`
	Geometry   json.RawMessage `json:"geometry"`
	Properties map[string]any  `json:"properties"`
}

// ruleMapData is what the map draws beside the districts: teams, areas with
// who decides in them today, what is wrong.
func ruleMapData(d ruleDesk, teams []web.RuleTeam, rules []booking.Rule, found []booking.Finding) (string, error) {
	data := struct {
		Teams    map[string]mapTeam `json:"teams"`
		Areas    []mapFeature       `json:"areas"`
		Findings []mapFeature       `json:"findings"`
	}{map[string]mapTeam{}, []mapFeature{}, []mapFeature{}}
	for _, t := range teams {
		data.Teams[t.ID] = mapTeam{t.Label, t.Colour}
	}
	for _, a := range d.areas {
		team := ""
		for _, r := range rules {
			if slices.Contains(r.Areas, a.ID) {
				team = r.Team
			}
		}
		data.Areas = append(data.Areas, mapFeature{"Feature", json.RawMessage(a.GeoJSON), map[string]any{"id": a.ID, "name": a.Name, "team": team}})
	}
	for _, f := range found {
		if f.GeoJSON == "" {
			continue
		}
		kind := "hole"
		if f.Key == booking.FoundPlaceOverlap {
			kind = "overlap"
		}
		data.Findings = append(data.Findings, mapFeature{"Feature", json.RawMessage(f.GeoJSON),
			map[string]any{"kind": kind, "text": d.teamsOf(rules, teams, f.Rules), "from": f.From.Format(time.DateOnly)}})
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return "", fmt.Errorf("map of the rules: %w", err)
	}
	return string(raw), nil
}

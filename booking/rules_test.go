package booking_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/paulmach/orb"
)

func steward() ortsnah.Actor { return ortsnah.Actor{Role: "staff", Name: "steward"} }

func rulesDay() time.Time { return time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) }

// rulesOf are the stored rules of a scope.
func rulesOf(t *testing.T, tx pgx.Tx, s booking.Scope) []booking.Rule {
	t.Helper()
	all, err := booking.Rules(t.Context(), tx)
	if err != nil {
		t.Fatal(err)
	}
	return s.Rules(all)
}

// attempt runs do in a savepoint, so that a refusal leaves the transaction usable.
func attempt(t *testing.T, tx pgx.Tx, do func(tx pgx.Tx) error) error {
	t.Helper()
	return pgx.BeginFunc(t.Context(), tx, do)
}

func save(t *testing.T, tx pgx.Tx, c booking.RuleChange) error {
	t.Helper()
	return attempt(t, tx, func(tx pgx.Tx) error {
		_, err := booking.SaveRules(t.Context(), tx, rulesDay(), steward(), c)
		return err
	})
}

// said is what is found, in short: "name_hole Bf–Bf".
func said(found []booking.Finding) (list []string) {
	for _, f := range found {
		text := strings.TrimPrefix(f.Key, "booking.found_")
		if f.First != "" {
			text += " " + f.First
		}
		if f.Last != "" {
			text += "–" + f.Last
		}
		if len(f.Districts) > 0 {
			text += " " + strings.Join(f.Districts, "+")
		}
		if !f.From.IsZero() && f.From.After(rulesDay()) {
			text += " ab " + f.From.Format("02.01.")
		}
		list = append(list, text)
	}
	return list
}

// S11 at the editor: a change that leaves a hole is asked about, and named.
func TestS11SaveRules(t *testing.T) {
	tx, _ := loaded(t)
	town(t, tx)
	office := booking.Scope{Office: "auslaenderbehoerde"}
	rules := rulesOf(t, tx, office)
	seen := booking.RulesVersion(rules)
	i := slices.IndexFunc(rules, func(r booking.Rule) bool { return r.PrefixFrom == "Bf" })
	rules[i].PrefixFrom = "Bg"
	err := save(t, tx, booking.RuleChange{Scope: office, Rules: rules, Seen: seen})
	faults, ok := errors.AsType[*booking.HasFaults](err)
	if !ok || !slices.Contains(said(faults.Findings), "name_hole Bf–Bf") {
		t.Fatalf("%v", err)
	}
	if booking.RulesVersion(rulesOf(t, tx, office)) != seen {
		t.Fatal("saved without being asked twice")
	}
	must(t, save(t, tx, booking.RuleChange{Scope: office, Rules: rules, Seen: seen, Force: true}))
	d, err := booking.LoadDirectory(t.Context(), tx)
	must(t, err)
	got, err := d.Decide(booking.Question{Service: "aufenthaltstitel", Name: "Bfister"})
	if err != nil || got.Outcome != booking.InfoDesk {
		t.Errorf("%+v, %v", got, err)
	}
	// The hole is there now: another change that does not widen it is not asked about.
	rules = rulesOf(t, tx, office)
	rules[i].Priority = 30
	must(t, save(t, tx, booking.RuleChange{Scope: office, Rules: rules}))
	if err := save(t, tx, booking.RuleChange{Scope: office, Rules: rules, Seen: seen, Force: true}); ortsnah.KindOf(err) != ortsnah.Conflict {
		t.Errorf("two stewards at once: %v", err)
	}
	trail, err := booking.Audit(t.Context(), tx, "jurisdiction/auslaenderbehoerde", 10)
	if err != nil || len(trail) != 2 || trail[1].Detail["forced"] != true || trail[0].Actor != "staff:steward" {
		t.Errorf("%+v, %v", trail, err)
	}
}

// S12 at the editor: districts given to teams, a hole, a double, and what decides.
func TestS12SaveRules(t *testing.T) {
	tx, _ := loaded(t)
	town(t, tx)
	office := booking.Scope{Office: "bauaufsicht"}
	usual := rulesOf(t, tx, office)
	with := func(change func(rules []booking.Rule) []booking.Rule) []string {
		found, err := booking.Findings(t.Context(), tx, office, change(slices.Clone(usual)), rulesDay())
		must(t, err)
		return slices.DeleteFunc(said(found), func(s string) bool { return strings.HasPrefix(s, "team_without_any") })
	}
	may := time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		change func(rules []booking.Rule) []booking.Rule
		want   []string
	}{
		"as it is": {func(r []booking.Rule) []booking.Rule { return r }, nil},
		"a hole":   {func(r []booking.Rule) []booking.Rule { r[0].Districts = []string{"01"}; return r }, []string{"place_hole 05"}},
		"a double": {func(r []booking.Rule) []booking.Rule { r[0].Districts = []string{"01", "05", "02"}; return r }, []string{"place_overlap 02"}},
		"stronger": {func(r []booking.Rule) []booking.Rule {
			return append(r, booking.Rule{ID: "s", Kind: booking.Geographic, Priority: 40, Districts: []string{"02"}, Team: "bauaufsicht-b1"})
		}, nil},
		"no rules":  {func([]booking.Rule) []booking.Rule { return nil }, []string{"no_rule geographic"}},
		"till May":  {func(r []booking.Rule) []booking.Rule { r[0].ValidTo = &may; return r }, []string{"place_hole 01 ab 01.05.", "place_hole 05 ab 01.05."}},
		"from May":  {func(r []booking.Rule) []booking.Rule { r[0].ValidFrom = &may; return r }, []string{"place_hole 01", "place_hole 05"}},
		"two holes": {func(r []booking.Rule) []booking.Rule { r[0].Districts = nil; return r[1:] }, []string{"place_hole 01", "place_hole 05"}},
	} {
		got := with(c.change)
		if slices.Sort(got); !slices.Equal(got, c.want) {
			// Two districts side by side are one hole.
			if len(c.want) != 2 || len(got) != 1 || !strings.Contains(got[0], "01+05") {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
	}
	changed := slices.Clone(usual)
	changed[0].Districts = []string{"01"}
	if _, ok := errors.AsType[*booking.HasFaults](save(t, tx, booking.RuleChange{Scope: office, Rules: changed})); !ok {
		t.Error("a hole is not asked about")
	}
	changed[1].Districts = append(slices.Clone(changed[1].Districts), "05")
	must(t, save(t, tx, booking.RuleChange{Scope: office, Rules: changed}))
	d, err := booking.LoadDirectory(t.Context(), tx)
	must(t, err)
	got, err := d.Decide(booking.Question{Service: "bauantrag", Located: true, District: "05"})
	if err != nil || got.Team.ID != "bauaufsicht-b2" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestSaveRulesRefuses(t *testing.T) {
	tx, _ := loaded(t)
	town(t, tx)
	office := booking.Scope{Office: "bauaufsicht"}
	may := time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC)
	good := booking.Rule{Kind: booking.Geographic, Districts: []string{"01"}, Team: "bauaufsicht-b1"}
	for key, change := range map[string]func(r *booking.Rule){
		"booking.rule_no_team":          func(r *booking.Rule) { r.Team = "" },
		"booking.rule_unknown_team":     func(r *booking.Rule) { r.Team = "nix'; DROP" },
		"booking.rule_unknown_district": func(r *booking.Rule) { r.Districts = []string{"01", "99"} },
		"booking.rule_unknown_area":     func(r *booking.Rule) { r.Areas = []string{"nirgends"} },
		"booking.rule_no_place":         func(r *booking.Rule) { r.Districts = nil },
		"booking.rule_priority":         func(r *booking.Rule) { r.Priority = -1 },
		"booking.rule_validity":         func(r *booking.Rule) { r.ValidFrom, r.ValidTo = &may, &may },
		"booking.rule_other_kind":       func(r *booking.Rule) { r.PrefixFrom = "A" },
		"booking.rule_bounds": func(r *booking.Rule) {
			*r = booking.Rule{Kind: booking.Alphabetic, Team: r.Team, PrefixFrom: "M", PrefixTo: "A"}
		},
		"booking.bad_rule": func(r *booking.Rule) { *r = booking.Rule{Kind: "zufall", Team: r.Team} },
	} {
		r := good
		change(&r)
		err := save(t, tx, booking.RuleChange{Scope: office, Rules: []booking.Rule{r}, Force: true})
		if e, ok := errors.AsType[*ortsnah.Error](err); !ok || e.Key != key || e.Kind != ortsnah.Invalid {
			t.Errorf("%s: %v", key, err)
		}
	}
	for _, s := range []booking.Scope{{}, {Office: "mond"}, {Office: "bauaufsicht", Concern: "bauantrag"}} {
		if err := save(t, tx, booking.RuleChange{Scope: s}); ortsnah.KindOf(err) != ortsnah.NotFound {
			t.Errorf("%+v: %v", s, err)
		}
	}
	if err := save(t, tx, booking.RuleChange{Scope: office, Rules: make([]booking.Rule, 201)}); ortsnah.KindOf(err) != ortsnah.Invalid {
		t.Error(err)
	}
	// The id of a rule elsewhere is not taken over.
	other := good
	other.ID = "verkehr-b1-districts"
	must(t, save(t, tx, booking.RuleChange{Scope: office, Rules: []booking.Rule{other, good, good}, Force: true}))
	if got := rulesOf(t, tx, office); len(got) != 3 || got[0].ID != "bauaufsicht-b1-geographic" || got[1].ID != "bauaufsicht-b1-geographic-2" {
		t.Errorf("%+v", got)
	}
	if n := len(rulesOf(t, tx, booking.Scope{Office: "verkehr"})); n != 5 {
		t.Errorf("verkehr has %d rules", n)
	}
}

func TestLetters(t *testing.T) {
	rule := func(id, from, to string, priority int) booking.Rule {
		return booking.Rule{ID: id, Kind: booking.Alphabetic, PrefixFrom: from, PrefixTo: to, Priority: priority}
	}
	for name, c := range map[string]struct {
		rules []booking.Rule
		want  string
	}{
		"complete":      {[]booking.Rule{rule("a", "A", "Be", 0), rule("b", "Bf", "Z", 0)}, "A–Be a|Bf–Z b"},
		"S11":           {[]booking.Rule{rule("a", "A", "Be", 0), rule("b", "Bg", "Kz", 0), rule("c", "L", "Z", 0)}, "A–Be a|Bf–Bf |Bg–Kz b|L–Z c"},
		"umlaut":        {[]booking.Rule{rule("a", "Ä", "Z", 0)}, "Aa–Ad |Ae–Z a"},
		"overlap":       {[]booking.Rule{rule("a", "A", "M", 0), rule("b", "M", "Z", 0)}, "A–L a|M–M a+b|N–Z b"},
		"stronger":      {[]booking.Rule{rule("a", "A", "Z", 0), rule("sch", "Sch", "Sch", 9)}, "A–Scg a|Sch–Sch sch|Sci–Z a"},
		"longer than 3": {[]booking.Rule{rule("a", "A", "Schm", 0), rule("b", "Schn", "Z", 0)}, "A–Schm a|Schn–Z b"},
		"other kinds":   {[]booking.Rule{{ID: "x", Kind: booking.Anyone}}, ""},
		"lower case":    {[]booking.Rule{rule("a", "a", "z", 0)}, "A–Z a"},
	} {
		var parts []string
		spans := booking.Letters(c.rules)
		for i, s := range spans {
			parts = append(parts, fmt.Sprintf("%s–%s %s", s.First, s.Last, strings.Join(s.Rules, "+")))
			if i > 0 && s.Start-spans[i-1].End > 1e-9 || s.End <= s.Start {
				t.Errorf("%s: %+v", name, spans)
			}
		}
		if got := strings.Join(parts, "|"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

const ring = `[[8.37,51.90],[8.39,51.90],[8.39,51.91],[8.37,51.91],[8.37,51.90]]`

func TestSaveArea(t *testing.T) {
	tx, _ := loaded(t)
	town(t, tx)
	draw := func(id, name, shape string) (got string, err error) {
		err = attempt(t, tx, func(tx pgx.Tx) error {
			got, err = booking.SaveArea(t.Context(), tx, rulesDay(), steward(), id, name, []byte(shape))
			return err
		})
		return got, err
	}
	many := make([]string, 10_001)
	for i := range many {
		many[i] = fmt.Sprintf("[8.37,%f]", 51.90+float64(i)*1e-6)
	}
	for _, c := range []struct{ key, name, shape string }{
		{"booking.area_name", " ", `{"type":"Polygon","coordinates":[` + ring + `]}`},
		{"booking.area_unreadable", "a", ``},
		{"booking.area_unreadable", "a", `{"type":"Point","coordinates":[8.4,51.9]}`},
		{"booking.area_unreadable", "a", `{"type":"Polygon","coordinates":[[[8.37,51.9],[8.39,51.9],[8.37,51.9]]]}`},
		{"booking.area_unreadable", "a", `{"type":"Polygon","coordinates":[[[370000,5750000],[380000,5750000],[380000,5760000],[370000,5750000]]]}`},
		{"booking.area_unreadable", "a", `{"type":"FeatureCollection","features":[]}`},
		{"booking.area_unreadable", "a", "\xff\xfe"},
		{"booking.area_invalid", "a", `{"type":"Polygon","coordinates":[[[8.37,51.90],[8.39,51.91],[8.39,51.90],[8.37,51.91],[8.37,51.90]]]}`},
		{"booking.area_invalid", "a", `{"type":"MultiPolygon","coordinates":[[` + ring + `],[` + ring + `]]}`},
		{"booking.area_outside", "a", `{"type":"Polygon","coordinates":[[[11.5,48.1],[11.6,48.1],[11.6,48.2],[11.5,48.1]]]}`},
		{"booking.area_points", "a", `{"type":"Polygon","coordinates":[[` + strings.Join(many, ",") + `,[8.37,51.900000]]]}`},
	} {
		_, err := draw("", c.name, c.shape)
		if e, ok := errors.AsType[*ortsnah.Error](err); !ok || e.Key != c.key {
			t.Errorf("%.80s: %v, want %s", c.shape, err, c.key)
		}
	}
	id, err := draw("", "Innenstadt  Süd", `{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[`+ring+`]}}`)
	if err != nil || id != "innenstadt-sued" {
		t.Fatal(id, err)
	}
	if second, err := draw("", "Innenstadt Süd", `{"type":"Polygon","coordinates":[`+ring+`]}`); err != nil || second != "innenstadt-sued-2" {
		t.Error(second, err)
	}
	if _, err := draw("weg", "a", `{"type":"Polygon","coordinates":[`+ring+`]}`); ortsnah.KindOf(err) != ortsnah.NotFound {
		t.Error(err)
	}
	office := booking.Scope{Office: "bauaufsicht"}
	rules := append(rulesOf(t, tx, office), booking.Rule{Kind: booking.Geographic, Areas: []string{id}, Priority: 50, Team: "bauaufsicht-b4"})
	must(t, save(t, tx, booking.RuleChange{Scope: office, Rules: rules}))
	d, err := booking.LoadDirectory(t.Context(), tx)
	must(t, err)
	var x, y float64
	must(t, tx.QueryRow(t.Context(), `SELECT ST_X(p), ST_Y(p) FROM ST_Transform(ST_SetSRID(ST_MakePoint(8.38, 51.905), 4326), catalog.working_srid()) AS p`).Scan(&x, &y))
	ix, err := booking.Districts(t.Context(), tx)
	must(t, err)
	got, err := d.Decide(booking.Question{Service: "bauantrag"}.At(ix, orb.Point{x, y}))
	if err != nil || got.Team.ID != "bauaufsicht-b4" || got.Key != "booking.because_area" {
		t.Errorf("%+v, %v", got, err)
	}
	remove := func(id string) error {
		return attempt(t, tx, func(tx pgx.Tx) error { return booking.RemoveArea(t.Context(), tx, rulesDay(), steward(), id) })
	}
	if err := remove(id); ortsnah.KindOf(err) != ortsnah.Conflict {
		t.Error(err)
	}
	must(t, remove("innenstadt-sued-2"))
	if err := remove("innenstadt-sued-2"); ortsnah.KindOf(err) != ortsnah.NotFound {
		t.Error(err)
	}
	areas, err := booking.DrawnAreas(t.Context(), tx)
	if err != nil || len(areas) != 1 || areas[0].Name != "Innenstadt Süd" || len(areas[0].Rules) != 1 || areas[0].Area < 1e6 {
		t.Errorf("%+v, %v", areas, err)
	}
}

func TestSetTeam(t *testing.T) {
	tx, c := loaded(t)
	town(t, tx)
	c.Staff.Clerks = []booking.Clerk{{Code: "b1", Label: "B1", Office: "bauaufsicht", Teams: []string{"bauaufsicht-b1"}}, {Code: "b2", Label: "B2", Office: "bauaufsicht"}}
	must(t, booking.Load(t.Context(), tx, c))
	clerks, err := booking.Clerks(t.Context(), tx)
	must(t, err)
	b1, b2 := clerks[0].ID, clerks[1].ID
	set := func(team string, seen []int, clerks ...int) error {
		return attempt(t, tx, func(tx pgx.Tx) error {
			return booking.SetTeam(t.Context(), tx, rulesDay(), steward(), team, seen, clerks)
		})
	}
	empty := func() (teams []string) {
		found, err := booking.Findings(t.Context(), tx, booking.Scope{Office: "bauaufsicht"}, rulesOf(t, tx, booking.Scope{Office: "bauaufsicht"}), rulesDay())
		must(t, err)
		for _, f := range found {
			if f.Key == booking.FoundTeamWithoutAny {
				teams = append(teams, f.First[len(f.First)-2:])
			}
		}
		return teams
	}
	if got := empty(); !slices.Equal(got, []string{"b2", "b3", "b4"}) {
		t.Error(got)
	}
	must(t, set("bauaufsicht-b2", []int{}, b2, b1, b2))
	if got := empty(); !slices.Equal(got, []string{"b3", "b4"}) {
		t.Error(got)
	}
	if err := set("bauaufsicht-b2", []int{b1}, b2); ortsnah.KindOf(err) != ortsnah.Conflict {
		t.Error(err)
	}
	must(t, set("bauaufsicht-b2", []int{b1, b2}))
	if got := empty(); !slices.Equal(got, []string{"b2", "b3", "b4"}) {
		t.Error(got)
	}
	for _, err := range []error{set("mond", nil), set("bauaufsicht-b1", nil, -7), set("bauaufsicht-b1", nil, 1<<40)} {
		if ortsnah.KindOf(err) != ortsnah.NotFound {
			t.Error(err)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

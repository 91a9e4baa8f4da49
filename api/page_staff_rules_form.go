package api

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/booking/calendar"
)

const (
	usualPriority = 20
	mostRuleRows  = 220
	asItIs        = "=" // a district that several teams have: leave it so
)

// ruleForm is what the form of one kind of rules says, as it was typed.
type ruleForm struct {
	kind      booking.Kind
	rows      []web.RuleRow
	districts map[string]string // code: team, "" or asItIs
	priority  string            // of the districts
}

// planned says whether a rule is shown in the table of districts: without an
// end, of the usual priority, of districts alone.
func planned(r booking.Rule, priority int) bool {
	return r.Kind == booking.Geographic && r.Priority == priority && r.ValidFrom == nil && r.ValidTo == nil && len(r.Areas) == 0
}

// planPriority is the priority of most rules of districts without an end.
func planPriority(rules []booking.Rule) int {
	n := map[int]int{}
	for _, r := range rules {
		if planned(r, r.Priority) {
			n[r.Priority]++
		}
	}
	best := usualPriority
	for _, p := range slices.Sorted(maps.Keys(n)) {
		if n[p] > n[best] {
			best = p
		}
	}
	return best
}

// formOfRules is the form that shows stored rules.
func formOfRules(rules []booking.Rule, kind booking.Kind) ruleForm {
	f := ruleForm{kind: kind, districts: map[string]string{}}
	priority := planPriority(rules)
	f.priority = strconv.Itoa(priority)
	var mine []booking.Rule
	for _, r := range rules {
		if r.Kind == kind {
			mine = append(mine, r)
		}
	}
	slices.SortStableFunc(mine, func(a, b booking.Rule) int {
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), strings.Compare(booking.NameKey(a.PrefixFrom, true), booking.NameKey(b.PrefixFrom, true)))
	})
	for _, r := range mine {
		if planned(r, priority) {
			for _, code := range r.Districts {
				if before, ok := f.districts[code]; ok && before != r.Team {
					f.districts[code] = asItIs
				} else {
					f.districts[code] = r.Team
				}
			}
			continue
		}
		f.rows = append(f.rows, rowOfRule(r))
	}
	return f
}

// rowOfRule is a rule as a row of the form.
func rowOfRule(r booking.Rule) web.RuleRow {
	row := web.RuleRow{ID: r.ID, From: r.PrefixFrom, To: r.PrefixTo, KeepParticles: r.KeepParticles, Districts: strings.Join(r.Districts, ", "),
		Area: strings.Join(r.Areas, ","), Team: r.Team, Priority: strconv.Itoa(r.Priority)}
	if r.ValidFrom != nil {
		row.FirstDay = r.ValidFrom.Format(time.DateOnly)
	}
	if r.ValidTo != nil {
		row.LastDay = r.ValidTo.AddDate(0, 0, -1).Format(time.DateOnly)
	}
	return row
}

// readRuleForm reads the posted form.
func readRuleForm(v url.Values, kind booking.Kind) ruleForm {
	f := ruleForm{kind: kind, districts: map[string]string{}, priority: typed(v.Get("grundrang"))}
	n, err := strconv.Atoi(v.Get("zeilen"))
	if err != nil {
		n = 0
	}
	for i := range min(max(n, 0), mostRuleRows) {
		at := func(name string) string { return typed(v.Get(fmt.Sprintf("r%d-%s", i, name))) }
		row := web.RuleRow{ID: at("id"), From: at("von"), To: at("bis"), KeepParticles: at("partikel") == "1", Districts: typedList(v.Get(fmt.Sprintf("r%d-stadtteile", i))), Area: typedList(v.Get(fmt.Sprintf("r%d-gebiet", i))),
			Team: at("team"), Priority: at("rang"), FirstDay: at("ab"), LastDay: at("letzter"), Removed: at("weg") == "1"}
		if row.Removed || row.ID == "" && row.Team == "" && row.From+row.To+row.Districts+row.Area == "" {
			continue // taken away, or an empty row at the end
		}
		f.rows = append(f.rows, row)
	}
	for name := range v {
		if code, ok := strings.CutPrefix(name, "stadtteil-"); ok {
			f.districts[code] = typed(v.Get(name))
		}
	}
	return f
}

// codesIn are the codes or ids of a list as people type one.
func codesIn(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ';' || unicode.IsSpace(c) })
}

// typedList is a typed list without what is none.
func typedList(text string) string { return strings.Join(codesIn(text), ", ") }

// rules are what the form says, beside the scope's stored rules of other kinds.
// Errors: Invalid booking.rule_… with the number of the row.
func (f ruleForm) rules(stored []booking.Rule) ([]booking.Rule, error) {
	rules := slices.DeleteFunc(slices.Clone(stored), func(r booking.Rule) bool { return r.Kind == f.kind })
	for i, row := range f.rows {
		r, err := ruleOfRow(row, f.kind, i+1)
		if err != nil {
			return nil, err
		}
		rules = append(rules, r)
	}
	if f.kind != booking.Geographic {
		return rules, nil
	}
	priority, err := strconv.Atoi(cmp.Or(f.priority, strconv.Itoa(usualPriority)))
	if err != nil {
		return nil, ortsnah.E(ortsnah.Invalid, "rules.bad_number", "value", f.priority).About("grundrang")
	}
	return append(rules, f.plan(stored, priority)...), nil
}

// plan are the rules of the table of districts: one per team, which keeps its id.
func (f ruleForm) plan(stored []booking.Rule, priority int) []booking.Rule {
	before := planPriority(stored)
	teams := map[string]*booking.Rule{}
	var order []string
	add := func(team, code string) {
		if teams[team] == nil {
			teams[team] = &booking.Rule{Kind: booking.Geographic, Priority: priority, Team: team}
			for _, r := range stored {
				if planned(r, before) && r.Team == team {
					teams[team].ID = r.ID
					break
				}
			}
			order = append(order, team)
		}
		teams[team].Districts = append(teams[team].Districts, code)
	}
	for _, code := range slices.Sorted(maps.Keys(f.districts)) {
		switch team := f.districts[code]; team {
		case "":
		case asItIs:
			for _, r := range stored {
				if planned(r, before) && slices.Contains(r.Districts, code) {
					add(r.Team, code)
				}
			}
		default:
			add(team, code)
		}
	}
	var rules []booking.Rule
	for _, team := range order {
		rules = append(rules, *teams[team])
	}
	return rules
}

// ruleOfRow reads the n-th row.
func ruleOfRow(row web.RuleRow, kind booking.Kind, n int) (booking.Rule, error) {
	r := booking.Rule{ID: row.ID, Kind: kind, Team: row.Team}
	var err error
	if r.Priority, err = strconv.Atoi(cmp.Or(row.Priority, strconv.Itoa(usualPriority))); err != nil {
		return r, ortsnah.E(ortsnah.Invalid, "rules.bad_number", "value", row.Priority).About("rang")
	}
	switch kind {
	case booking.Alphabetic:
		r.PrefixFrom, r.PrefixTo, r.KeepParticles = row.From, cmp.Or(row.To, row.From), row.KeepParticles
	case booking.Geographic:
		r.Districts, r.Areas = codesIn(row.Districts), codesIn(row.Area)
	}
	if row.FirstDay != "" {
		day, err := calendar.ParseDay(row.FirstDay)
		if err != nil {
			return r, err
		}
		r.ValidFrom = &day
	}
	if row.LastDay != "" {
		day, err := calendar.ParseDay(row.LastDay)
		if err != nil {
			return r, err
		}
		day = day.AddDate(0, 0, 1)
		r.ValidTo = &day
	}
	return r, nil
}

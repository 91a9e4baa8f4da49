package booking

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/paulmach/orb"
)

// Kind is how responsibility for a concern is shared out.
type Kind string

// The kinds of jurisdiction.
const (
	Anyone     Kind = "anyone"
	Alphabetic Kind = "alphabetic" // by the surname
	Geographic Kind = "geographic" // by the district of the home or the plot
)

// Rule makes a team responsible. It belongs to one concern, or to all concerns
// of an office whose kind is the rule's.
type Rule struct {
	ID            string     `json:"id"`
	Concern       string     `json:"concern,omitempty"`
	Office        string     `json:"office,omitempty"`
	Kind          Kind       `json:"kind"`
	Priority      int        `json:"priority"` // the larger one decides
	PrefixFrom    string     `json:"from,omitempty"`
	PrefixTo      string     `json:"to,omitempty"`
	KeepParticles bool       `json:"keep_particles,omitempty"`
	Districts     []string   `json:"districts,omitempty"` // codes
	Areas         []string   `json:"areas,omitempty"`     // ids of drawn areas; of districts and areas any one
	Team          string     `json:"team"`
	ValidFrom     *time.Time `json:"valid_from,omitempty"` // first day, midnight UTC
	ValidTo       *time.Time `json:"valid_to,omitempty"`   // first day no longer valid
}

// Question asks who is responsible for a concern.
type Question struct {
	Service  string
	Name     string     // surname; "" when not given
	District string     // code; "" when Located is false or outside all districts
	Borders  []string   // codes of all districts on whose border the place lies, if several
	Located  bool       // a place was given
	Spot     *orb.Point // the place in the working CRS, for drawn areas
	Day      time.Time  // local day of the visit, midnight UTC
}

// Outcome says what a Decision means to the person who asked.
type Outcome string

// The outcomes. NeedsName and NeedsPlace ask for what was not given.
const (
	Responsible Outcome = "team"
	InfoDesk    Outcome = "info_desk"
	NeedsName   Outcome = "name_needed"
	NeedsPlace  Outcome = "place_needed"
)

// Decision is who is responsible and why. Team and Office are empty when the
// outcome is NeedsName or NeedsPlace; Team is the info desk's when nobody else
// is responsible.
type Decision struct {
	Outcome Outcome
	Team    Team
	Office  Office
	Rule    *Rule          // the one that decided; nil when none did
	Key     string         // sentence that explains: "booking.because_…"
	Args    map[string]any // its placeholders
	Borders []string       // the place lies on the border of these; the lowest code counts
}

// Decide names the team responsible at q.Day. Rules of the concern itself
// replace those of its office; of these the larger priority decides, then the
// smaller id. Nobody is sent to the info desk because of a name or place that
// was not asked for: then the decision says what is needed.
// Error: NotFound booking.no_concern.
func (d *Directory) Decide(q Question) (Decision, error) {
	concern, ok := d.Concern(q.Service)
	if !ok {
		return Decision{}, ortsnah.E(ortsnah.NotFound, "booking.no_concern", "service", q.Service).About("service")
	}
	result := Decision{Office: d.offices[concern.Office], Borders: q.Borders}
	rules := d.rulesFor(concern, q.Day)
	needsName, needsPlace := false, false
	for i := range rules {
		r := &rules[i]
		switch {
		case r.Kind == Alphabetic && q.Name == "":
			needsName = true
		case r.Kind == Geographic && !q.Located:
			needsPlace = true
		case r.holds(q) || d.drawn(r, q):
			result.Outcome, result.Rule, result.Team = Responsible, r, d.teams[r.Team]
			result.Key, result.Args = r.because(q)
			return result, nil
		}
		// A weaker rule must not decide before the stronger one was asked.
		if i+1 == len(rules) || rules[i+1].Priority < r.Priority {
			if needsName {
				return ask(NeedsName, "booking.because_name_needed", concern), nil
			}
			if needsPlace {
				return ask(NeedsPlace, "booking.because_place_needed", concern), nil
			}
		}
	}
	result.Outcome, result.Team = InfoDesk, d.infoDesk
	result.Key, result.Args = whyNobody(rules, q)
	return result, nil
}

func ask(o Outcome, key string, c Concern) Decision {
	return Decision{Outcome: o, Key: key, Args: map[string]any{"service": c.Name.DE}}
}

// rulesFor returns the rules that apply to the concern on day, strongest first.
func (d *Directory) rulesFor(c Concern, day time.Time) []Rule {
	var rules []Rule
	for _, r := range d.rules {
		mine := r.Concern == c.ID || r.Concern == "" && r.Office == c.Office && r.Kind == c.Jurisdiction.Kind
		if mine && r.validOn(day) {
			rules = append(rules, r)
		}
	}
	if slices.ContainsFunc(rules, func(r Rule) bool { return r.Concern != "" }) {
		// What is said about the concern replaces what its office says in general.
		rules = slices.DeleteFunc(rules, func(r Rule) bool { return r.Concern == "" })
	}
	slices.SortFunc(rules, func(a, b Rule) int {
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), cmp.Compare(a.ID, b.ID))
	})
	return rules
}

func (r *Rule) validOn(day time.Time) bool {
	return (r.ValidFrom == nil || !day.Before(*r.ValidFrom)) && (r.ValidTo == nil || day.Before(*r.ValidTo))
}

func (r *Rule) holds(q Question) bool {
	switch r.Kind {
	case Anyone:
		return true
	case Alphabetic:
		return inRange(NameKey(q.Name, r.KeepParticles), r.PrefixFrom, r.PrefixTo)
	case Geographic:
		return q.District != "" && slices.Contains(r.Districts, q.District)
	}
	return false
}

// inRange compares a name's key with prefix bounds, both inclusive, each on as
// many letters as the bound has: "A" to "Be" holds "berg" but not "bf".
func inRange(key, from, to string) bool {
	from, to = NameKey(from, true), NameKey(to, true)
	return key != "" && prefix(key, len(from)) >= from && prefix(key, len(to)) <= to
}

func prefix(key string, length int) string { return key[:min(length, len(key))] }

// because is the sentence for a rule that decided.
func (r *Rule) because(q Question) (key string, args map[string]any) {
	switch {
	case r.Kind == Alphabetic:
		return "booking.because_alphabetic", map[string]any{"from": r.PrefixFrom, "to": r.PrefixTo}
	case r.Kind == Geographic && !slices.Contains(r.Districts, q.District):
		return "booking.because_area", map[string]any{}
	case r.Kind == Geographic && len(q.Borders) > 1:
		return "booking.because_border", map[string]any{"district": q.District, "districts": strings.Join(q.Borders, ", ")}
	case r.Kind == Geographic:
		return "booking.because_geographic", map[string]any{"district": q.District}
	}
	return "booking.because_anyone", map[string]any{}
}

// whyNobody is the sentence for "please go to the info desk".
func whyNobody(rules []Rule, q Question) (key string, args map[string]any) {
	has := func(k Kind) bool {
		return slices.ContainsFunc(rules, func(r Rule) bool { return r.Kind == k })
	}
	switch {
	case len(rules) == 0:
		return "booking.because_no_rule", map[string]any{"service": q.Service}
	case has(Geographic) && q.District == "" && !slices.ContainsFunc(rules, func(r Rule) bool { return len(r.Areas) > 0 }):
		return "booking.because_outside", map[string]any{}
	case has(Geographic):
		return "booking.because_district_without_team", map[string]any{"district": q.District}
	}
	// The name itself is not repeated: it may end up in a log.
	return "booking.because_name_in_no_range", map[string]any{}
}

// check refuses a rule that could never decide. Error: Invalid booking.bad_rule.
func (r *Rule) check() error {
	ok := false
	switch r.Kind {
	case Anyone:
		ok = r.PrefixFrom == "" && r.PrefixTo == "" && len(r.Districts) == 0
	case Alphabetic:
		from, to := NameKey(r.PrefixFrom, true), NameKey(r.PrefixTo, true)
		ok = from != "" && to != "" && prefix(from, len(to)) <= to && len(r.Districts) == 0
	case Geographic:
		ok = len(r.Districts)+len(r.Areas) > 0 && r.PrefixFrom == "" && r.PrefixTo == ""
	}
	if !ok || r.ID == "" || r.Team == "" || (r.Concern == "") == (r.Office == "") {
		return ortsnah.E(ortsnah.Invalid, "booking.bad_rule", "rule", r.ID).About("rules")
	}
	return nil
}

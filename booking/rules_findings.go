package booking

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Finding is something that is wrong with the rules of a scope.
type Finding struct {
	Key       string    // sentence "booking.found_…"
	First     string    // hole between surnames: its first prefix; no clerk: the team
	Last      string    // hole between surnames: its last prefix
	Rules     []string  // ids of those that overlap
	Districts []string  // codes of those it lies in
	Area      float64   // m²; 0 when it is none on the map
	GeoJSON   string    // CRS84
	From      time.Time // first day; midnight UTC

	parts []float64 // m² in each of Districts
}

// Keys of findings.
const (
	FoundNoRule         = "booking.found_no_rule"          // concerns of this kind, but no rule
	FoundNameHole       = "booking.found_name_hole"        // surnames that belong to nobody
	FoundNameOverlap    = "booking.found_name_overlap"     // surnames that belong to two
	FoundPlaceHole      = "booking.found_place_hole"       // places that belong to nobody
	FoundPlaceOverlap   = "booking.found_place_overlap"    // places that belong to two
	FoundTeamWithoutAny = "booking.found_team_without_any" // a team without a clerk
)

// badness is what rules leave to nobody or to several on one day.
type badness struct {
	noRule                 int
	nameHole, nameOverlap  [][2]float64       // runs between A (0) and the end of Z (1)
	placeHole, placeDouble map[string]float64 // m² by district
}

// worse says whether something is left that was not before.
func (b badness) worse(than badness) bool {
	return b.noRule > than.noRule || beyond(b.nameHole, than.nameHole) || beyond(b.nameOverlap, than.nameOverlap) ||
		grown(b.placeHole, than.placeHole) || grown(b.placeDouble, than.placeDouble)
}

// beyond says whether one of runs is not wholly in those that there were,
// which are in order and apart.
func beyond(runs, before [][2]float64) bool {
	const grain = 1e-12
	for _, run := range runs {
		at := run[0]
		for _, old := range before {
			if old[0] <= at+grain {
				at = max(at, old[1])
			}
		}
		if at < run[1]-grain {
			return true
		}
	}
	return false
}

func grown(areas, before map[string]float64) bool {
	const sliver = 100 // m²
	for district, area := range areas {
		if area > before[district]+sliver {
			return true
		}
	}
	return false
}

// Findings looks for holes, double assignments and teams without a clerk in
// the rules of a scope (all that it has, saved or not), today and on every day
// on which that changes.
func Findings(ctx context.Context, db postgis.DB, s Scope, rules []Rule, now time.Time) ([]Finding, error) {
	today, err := townDay(ctx, db, now)
	if err != nil {
		return nil, err
	}
	found, _, err := findings(ctx, db, s, rules, checkedDays(today, rules))
	return found, err
}

func findings(ctx context.Context, db postgis.DB, s Scope, rules []Rule, days []time.Time) ([]Finding, []badness, error) {
	var found []Finding
	var all []badness // per day
	wanted, err := kindsOf(ctx, db, s)
	if err != nil {
		return nil, nil, err
	}
	for _, day := range days {
		valid := slices.DeleteFunc(slices.Clone(rules), func(r Rule) bool { return !r.validOn(day) })
		list := missingKinds(s, wanted, valid)
		list = append(list, nameFindings(valid)...)
		shapes, err := Coverages(ctx, db, valid)
		if err != nil {
			return nil, nil, err
		}
		for _, c := range shapes {
			key := FoundPlaceHole
			if c.Kind == "overlap" {
				key = FoundPlaceOverlap
			}
			list = append(list, Finding{Key: key, Rules: c.Rules, Districts: c.Districts, Area: c.Area, GeoJSON: c.GeoJSON, parts: c.Parts})
		}
		if s.Concern != "" && slices.ContainsFunc(valid, func(r Rule) bool { return r.Kind == Anyone }) {
			// Whom no other rule names, this one does.
			list = slices.DeleteFunc(list, func(f Finding) bool { return f.Key == FoundNameHole || f.Key == FoundPlaceHole })
		}
		list = slices.DeleteFunc(list, func(f Finding) bool { return len(teamsOf(valid, f.Rules)) == 1 }) // twice the same is no harm
		bad := badness{placeHole: map[string]float64{}, placeDouble: map[string]float64{}}
		for _, f := range list {
			bad.add(f)
			f.From = day
			if !slices.ContainsFunc(found, f.same) {
				found = append(found, f)
			}
		}
		all = append(all, bad)
	}
	empty, err := emptyTeams(ctx, db, rules)
	return append(found, empty...), all, err
}

// teamsOf are the teams of the rules with these ids.
func teamsOf(rules []Rule, ids []string) []string {
	var teams []string
	for _, r := range rules {
		if slices.Contains(ids, r.ID) {
			teams = append(teams, r.Team)
		}
	}
	return distinct(teams)
}

func (b *badness) add(f Finding) {
	switch f.Key {
	case FoundNoRule:
		b.noRule++
	case FoundNameHole:
		b.nameHole = append(b.nameHole, [2]float64{prefixStart(f.First), prefixEnd(f.Last)})
	case FoundNameOverlap:
		b.nameOverlap = append(b.nameOverlap, [2]float64{prefixStart(f.First), prefixEnd(f.Last)})
	case FoundPlaceHole:
		for i, district := range f.Districts {
			b.placeHole[district] += f.parts[i]
		}
	case FoundPlaceOverlap:
		for i, district := range f.Districts {
			b.placeDouble[district] += f.parts[i]
		}
	}
}

// same says whether two findings of different days are one.
func (f Finding) same(other Finding) bool {
	return f.Key == other.Key && f.First == other.First && f.Last == other.Last && slices.Equal(f.Rules, other.Rules) && f.GeoJSON == other.GeoJSON
}

// kindsOf are the kinds of the scope's concerns in use.
func kindsOf(ctx context.Context, db postgis.DB, s Scope) ([]Kind, error) {
	concerns, err := Concerns(ctx, db)
	var kinds []Kind
	for _, c := range concerns {
		if (c.ID == s.Concern || c.Office == s.Office) && c.Appointment {
			kinds = append(kinds, c.Jurisdiction.Kind)
		}
	}
	return distinct(kinds), err
}

// missingKinds finds kinds without any rule. A concern without rules of its
// own goes by those of its office.
func missingKinds(s Scope, wanted []Kind, valid []Rule) []Finding {
	var found []Finding
	for _, k := range wanted {
		if s.Office != "" && !slices.ContainsFunc(valid, func(r Rule) bool { return r.Kind == k }) {
			found = append(found, Finding{Key: FoundNoRule, First: string(k)})
		}
	}
	return found
}

// nameFindings are the holes and overlaps between surnames.
func nameFindings(valid []Rule) []Finding {
	var found []Finding
	for _, s := range Letters(valid) {
		switch len(s.Rules) {
		case 0:
			found = append(found, Finding{Key: FoundNameHole, First: s.First, Last: s.Last})
		case 1:
		default:
			found = append(found, Finding{Key: FoundNameOverlap, First: s.First, Last: s.Last, Rules: s.Rules})
		}
	}
	return found
}

// emptyTeams are the teams that rules name and that have no clerk in use.
func emptyTeams(ctx context.Context, db postgis.DB, rules []Rule) ([]Finding, error) {
	clerks, err := Clerks(ctx, db)
	if err != nil {
		return nil, err
	}
	var teams []string
	for _, r := range rules {
		if !slices.ContainsFunc(clerks, func(c Clerk) bool { return slices.Contains(c.Teams, r.Team) }) {
			teams = append(teams, r.Team)
		}
	}
	var found []Finding
	for _, team := range distinct(teams) {
		found = append(found, Finding{Key: FoundTeamWithoutAny, First: team})
	}
	return found, nil
}

// LetterSpan is a run of surnames from First to Last (prefixes, inclusive)
// that the same rules decide: none is a hole, more than one an overlap. Start
// and End are where it lies between A (0) and the end of Z (1).
type LetterSpan struct {
	First, Last string
	Start, End  float64
	Rules       []string
}

// Letters lays the alphabetical ones of rules, of which the strongest decide,
// side by side from A to Z; nil when there are none.
func Letters(rules []Rule) []LetterSpan {
	rules = slices.DeleteFunc(slices.Clone(rules), func(r Rule) bool { return r.Kind != Alphabetic })
	if len(rules) == 0 {
		return nil
	}
	slices.SortFunc(rules, func(a, b Rule) int { return cmp.Or(cmp.Compare(b.Priority, a.Priority), strings.Compare(a.ID, b.ID)) })
	var spans []LetterSpan
	for _, cell := range prefixes(rules) {
		var deciding []string
		strongest := 0
		for _, r := range rules {
			if inRange(cell, r.PrefixFrom, r.PrefixTo) && (len(deciding) == 0 || r.Priority == strongest) {
				deciding, strongest = append(deciding, r.ID), r.Priority
			}
		}
		if n := len(spans); n > 0 && slices.Equal(spans[n-1].Rules, deciding) {
			spans[n-1].Last, spans[n-1].End = title(cell), prefixEnd(cell)
			continue
		}
		spans = append(spans, LetterSpan{First: title(cell), Last: title(cell), Start: prefixStart(cell), End: prefixEnd(cell), Rules: deciding})
	}
	return spans
}

// prefixStart is where the names that begin so lie between A (0) and the end of Z (1).
func prefixStart(prefix string) float64 {
	at, width := 0.0, 1.0
	for _, letter := range strings.ToLower(prefix) {
		width /= float64(len(alphabet))
		at += width * float64(strings.IndexRune(alphabet, letter))
	}
	return at
}

func prefixEnd(prefix string) float64 {
	width := 1.0
	for range prefix {
		width /= float64(len(alphabet))
	}
	return prefixStart(prefix) + width
}

package booking

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Bounds of what a steward may enter.
const (
	mostRules       = 200 // of one scope
	longestBound    = 12  // letters of a bound of surnames
	highestPriority = 1000
)

// known is what rules may refer to.
type known struct {
	Offices, Concerns, Teams, Districts, Areas []string
	Taken                                      []string // ids of the rules of other scopes
}

func loadKnown(ctx context.Context, db postgis.DB, s Scope) (known, error) {
	rows, err := db.Query(ctx, `SELECT
			ARRAY(SELECT id FROM booking.office) AS offices, ARRAY(SELECT id FROM booking.concern) AS concerns,
			ARRAY(SELECT id FROM booking.team) AS teams, '{}'::text[] AS districts,
			ARRAY(SELECT id FROM booking.area) AS areas,
			ARRAY(SELECT id FROM booking.jurisdiction_rule
				WHERE coalesce(office, '') <> @office OR coalesce(concern, '') <> @concern) AS taken`,
		pgx.NamedArgs{"office": s.Office, "concern": s.Concern})
	if err != nil {
		return known{}, err
	}
	k, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[known])
	if err != nil {
		return known{}, err
	}
	if there, err := relationThere(ctx, db, "open.districts"); err != nil || !there {
		return k, err
	}
	rows, err = db.Query(ctx, `SELECT code FROM open.districts WHERE _until IS NULL ORDER BY code`)
	if err != nil {
		return known{}, err
	}
	k.Districts, err = pgx.CollectRows(rows, pgx.RowTo[string])
	return k, err
}

// CheckRules completes rules for a scope (scope, ids of new ones, each district
// once) and refuses what could never decide or refers to nothing. Errors as of
// SaveRules.
func CheckRules(ctx context.Context, db postgis.DB, s Scope, rules []Rule) ([]Rule, error) {
	k, err := loadKnown(ctx, db, s)
	if err != nil {
		return nil, err
	}
	if (s.Office == "") == (s.Concern == "") || !slices.Contains(append(k.Offices, k.Concerns...), s.id()) {
		return nil, ortsnah.E(ortsnah.NotFound, "booking.rule_no_scope", "scope", s.id()).About("scope")
	}
	if len(rules) > mostRules {
		return nil, ortsnah.E(ortsnah.Invalid, "booking.rule_too_many", "most", mostRules).About("rules")
	}
	rules = slices.Clone(rules)
	for i := range rules {
		r := &rules[i]
		r.Office, r.Concern = s.Office, s.Concern
		r.Districts, r.Areas = distinct(r.Districts), distinct(r.Areas)
		r.PrefixFrom, r.PrefixTo = strings.TrimSpace(r.PrefixFrom), strings.TrimSpace(r.PrefixTo)
		if err := r.refused(i+1, k); err != nil {
			return nil, err
		}
		if r.ID == "" || slices.Contains(k.Taken, r.ID) {
			r.ID = freeID(r.Team+"-"+string(r.Kind), k.Taken, rules)
		}
		k.Taken = append(k.Taken, r.ID)
		if err := r.check(); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(rules, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) })
	return rules, nil
}

// freeID is base, or base with the first number that makes it new.
func freeID(base string, taken []string, rules []Rule) string {
	id := base
	for n := 2; slices.Contains(taken, id) || slices.ContainsFunc(rules, func(r Rule) bool { return r.ID == id }); n++ {
		id = fmt.Sprintf("%s-%d", base, n)
	}
	return id
}

// refused says what is wrong with the n-th rule: Invalid booking.rule_….
func (r *Rule) refused(n int, k known) error {
	bad := func(key, field string, args ...any) error {
		return ortsnah.E(ortsnah.Invalid, key, append([]any{"n", n}, args...)...).About(field)
	}
	missing := func(wanted, there []string) (string, bool) {
		i := slices.IndexFunc(wanted, func(id string) bool { return !slices.Contains(there, id) })
		if i < 0 {
			return "", false
		}
		return wanted[i], true
	}
	switch {
	case r.Team == "":
		return bad("booking.rule_no_team", "team")
	case !slices.Contains(k.Teams, r.Team):
		return bad("booking.rule_unknown_team", "team", "team", r.Team)
	case r.Priority < 0 || r.Priority > highestPriority:
		return bad("booking.rule_priority", "priority", "most", highestPriority)
	case r.ValidFrom != nil && r.ValidTo != nil && !r.ValidFrom.Before(*r.ValidTo):
		return bad("booking.rule_validity", "valid_to")
	case r.Kind == Alphabetic && !boundsFit(r.PrefixFrom, r.PrefixTo):
		return bad("booking.rule_bounds", "from", "from", r.PrefixFrom, "to", r.PrefixTo)
	case r.Kind == Geographic && len(r.Districts)+len(r.Areas) == 0:
		return bad("booking.rule_no_place", "districts")
	case r.Kind != Geographic && len(r.Districts)+len(r.Areas) > 0, r.Kind != Alphabetic && r.PrefixFrom+r.PrefixTo != "":
		return bad("booking.rule_other_kind", "kind")
	}
	if id, ok := missing(r.Districts, k.Districts); ok {
		return bad("booking.rule_unknown_district", "districts", "district", id)
	}
	if id, ok := missing(r.Areas, k.Areas); ok {
		return bad("booking.rule_unknown_area", "areas", "area", id)
	}
	return nil
}

// boundsFit says whether two bounds of surnames are Latin letters in order.
func boundsFit(from, to string) bool {
	a, b := NameKey(from, true), NameKey(to, true)
	for _, key := range []string{a, b} {
		if key == "" || len(key) > longestBound || strings.Trim(key, alphabet) != "" {
			return false
		}
	}
	return prefix(a, len(b)) <= b
}

// townDay is the local day of now, midnight UTC.
func townDay(ctx context.Context, db postgis.DB, now time.Time) (time.Time, error) {
	setting, err := Settings(ctx, db)
	if err != nil {
		return time.Time{}, err
	}
	zone, err := time.LoadLocation(setting.Zone)
	if err != nil {
		return time.Time{}, err
	}
	return localDay(now, zone), nil
}

// checkedDays are today and the coming days on which the validity of a rule
// begins or ends: between them nothing changes.
func checkedDays(today time.Time, rules []Rule) []time.Time {
	days := []time.Time{today}
	for _, r := range rules {
		for _, day := range []*time.Time{r.ValidFrom, r.ValidTo} {
			if day != nil && day.After(today) && !slices.ContainsFunc(days, day.Equal) {
				days = append(days, *day)
			}
		}
	}
	slices.SortFunc(days, time.Time.Compare)
	return days[:min(len(days), 24)]
}

package stations

import (
	"cmp"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/teambition/rrule-go"

	"github.com/ortsnah/ortsnah/catalog"
)

// Pattern is a recurring visit: on the days of Rule (an RRULE value of RFC
// 5545, section 3.3.10, by days and longer, counted from FirstDay), from Opens
// to Closes by the clocks of Zone.
type Pattern struct {
	ID       string
	Station  string
	Stop     string
	FirstDay time.Time // midnight UTC
	Rule     string    // e.g. "FREQ=WEEKLY;INTERVAL=2"
	Opens    Clock
	Closes   Clock
	Zone     string // IANA, e.g. "Europe/Berlin"
	Services []string
	Note     string
	Series   string     // visits are named <series>-<day>; patterns that follow each other share it
	UntilDay *time.Time // first day on which it no longer holds; nil: no end
	Kits     []string   // what goes along, ids of Kit
	Origin   Origin
	Revision int // counts changes
}

// Origin says who decided something: what staff have changed stays when a plan
// is loaded again.
type Origin string

// The origins.
const (
	FromPlan  Origin = "plan"
	FromStaff Origin = "staff"
)

// Once is the rule of a visit that comes on FirstDay alone.
const Once = "FREQ=DAILY;COUNT=1"

// Days returns the days in [from, to) (midnights UTC) on which the pattern
// calls for a visit. Error: Invalid stations.bad_rule.
func (p Pattern) Days(from, to time.Time) ([]time.Time, error) {
	option, err := rrule.StrToROption(p.Rule)
	bad := ortsnah.E(ortsnah.Invalid, "stations.bad_rule", "pattern", p.ID, "rule", p.Rule).About("rule")
	if err != nil {
		return nil, bad.Because(err)
	}
	// Hours and minutes belong to Opens and Closes; a rule by seconds would
	// also keep the program busy for hours.
	if option.Freq > rrule.DAILY || len(option.Byhour)+len(option.Byminute)+len(option.Bysecond) > 0 {
		return nil, bad
	}
	option.Dtstart = p.FirstDay
	rule, err := rrule.NewRRule(*option)
	if err != nil {
		return nil, bad.Because(err)
	}
	if p.UntilDay != nil && p.UntilDay.Before(to) {
		to = *p.UntilDay
	}
	if !from.Before(to) {
		return nil, nil
	}
	return rule.Between(from, to.Add(-time.Nanosecond), true), nil
}

// VisitID names the pattern's visit on a local day.
func (p Pattern) VisitID(day time.Time) string {
	return cmp.Or(p.Series, p.ID) + "-" + day.Format(time.DateOnly)
}

// exception is a day on which an announced visit of a pattern is cancelled.
type exception struct {
	Pattern string
	Day     time.Time
	Reason  catalog.Text
}

// expand turns a pattern into its visits on the days in [from, to), without
// the closed days. reasons holds the cancelled days of this pattern.
func (p Pattern) expand(from, to time.Time, closed map[time.Time]bool, reasons map[time.Time]catalog.Text) ([]Visit, error) {
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		return nil, ortsnah.E(ortsnah.Invalid, "stations.unknown_zone", "zone", p.Zone).About("zone").Because(err)
	}
	days, err := p.Days(from, to)
	if err != nil {
		return nil, err
	}
	var visits []Visit
	for _, day := range days {
		start, end, ok := Opening(day, p.Opens, p.Closes, zone)
		if !ok || closed[day] {
			continue
		}
		v := Visit{ID: p.VisitID(day), Pattern: p.ID, Station: p.Station, Stop: p.Stop,
			Day: day, Starts: start, Ends: end, State: Planned, Services: p.Services}
		if reason, ok := reasons[day]; ok {
			v.State, v.Reason = Cancelled, reason
		}
		visits = append(visits, v)
	}
	return visits, nil
}

package calendar

import (
	"slices"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations"
)

// Series is a time quota: Opens to Closes by the clocks of Zone, on First
// alone or on the days of Rule from First on.
type Series struct {
	First  time.Time // day
	Until  time.Time // first day on which it no longer holds; zero: no end
	Rule   string    // RRULE value of RFC 5545, section 3.3.10, by days and longer; empty: First alone
	Opens  stations.Clock
	Closes stations.Clock
	Zone   string             // IANA
	Except map[time.Time]bool // days; false: not on this day, true: on this day whatever else says no
}

// Span is one local day of a Series: from Starts until just before Ends.
type Span struct {
	Day          time.Time
	Starts, Ends time.Time // in the zone of the series
}

const (
	longestRule = 200
	mostYears   = 400 // a rule is looked at from its first day on
)

// Days returns the days in [from, to) on which s holds, in order. A day of
// closed is left out unless s.Except opens it. Error: Invalid
// booking.release_bad_rule.
func (s Series) Days(from, to time.Time, closed map[time.Time]Holiday) ([]time.Time, error) {
	days, err := s.ruled(from, to)
	if err != nil {
		return nil, err
	}
	days = slices.DeleteFunc(days, func(day time.Time) bool {
		_, holiday := closed[day]
		_, named := s.Except[day]
		return holiday || named || !s.Until.IsZero() && !day.Before(s.Until)
	})
	for day, open := range s.Except {
		if open && !day.Before(from) && day.Before(to) {
			days = append(days, day)
		}
	}
	slices.SortFunc(days, time.Time.Compare)
	return days, nil
}

// ruled are the days of the rule alone.
func (s Series) ruled(from, to time.Time) ([]time.Time, error) {
	if from.Before(s.First) {
		from = s.First
	}
	if !to.After(from) {
		return nil, nil
	}
	if s.Rule == "" {
		if s.First.Before(from) {
			return nil, nil
		}
		return []time.Time{s.First}, nil
	}
	bad := ortsnah.E(ortsnah.Invalid, "booking.release_bad_rule", "rule", short(s.Rule, 60)).About("rule")
	if len(s.Rule) > longestRule || to.Year()-s.First.Year() > mostYears {
		return nil, bad
	}
	days, err := stations.Pattern{FirstDay: s.First, Rule: s.Rule}.Days(from, to)
	if err != nil {
		return nil, bad.Because(err)
	}
	return days, nil
}

// Expand returns the spans of s on the days [from, to): the instants at which
// the clocks show its wall times (S14 to S16). A day on which the clocks
// skip all of it has none. Errors: Invalid booking.release_bad_rule,
// booking.unknown_zone.
func (s Series) Expand(from, to time.Time, closed map[time.Time]Holiday) ([]Span, error) {
	zone, err := Zone(s.Zone)
	if err != nil {
		return nil, err
	}
	days, err := s.Days(from, to, closed)
	if err != nil {
		return nil, err
	}
	var spans []Span
	for _, day := range days {
		if starts, ends, ok := stations.Opening(day, s.Opens, s.Closes, zone); ok {
			spans = append(spans, Span{Day: day, Starts: starts, Ends: ends})
		}
	}
	return spans, nil
}

func short(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

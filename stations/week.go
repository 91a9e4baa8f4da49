package stations

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Outlook returns the visits on the local days in [from, to) (midnights UTC) in
// the order of their start: those that are announced, cancelled ones too, and,
// beyond Horizon, those that the patterns will call for.
func Outlook(ctx context.Context, db postgis.DB, now, from, to time.Time) ([]Visit, error) {
	visits, err := Visits(ctx, db, from.AddDate(0, 0, -1), to.AddDate(0, 0, 1))
	if err != nil {
		return nil, err
	}
	visits = slices.DeleteFunc(visits, func(v Visit) bool { return v.Day.Before(from) || !v.Day.Before(to) })
	announced := map[string]bool{}
	for _, v := range visits {
		announced[v.ID] = true
	}
	patterns, err := patternsOf(ctx, db)
	if err != nil {
		return nil, err
	}
	reasons, err := exceptionsOf(ctx, db)
	if err != nil {
		return nil, err
	}
	closed, err := closedDaysOf(ctx, db)
	if err != nil {
		return nil, err
	}
	for _, p := range patterns {
		more, err := p.expand(from, to, closed, reasons[p.ID])
		if err != nil {
			return nil, err
		}
		for _, v := range more {
			if v.Starts.After(now) && !announced[v.ID] {
				v.Zone, v.Note = p.Zone, p.Note
				visits = append(visits, v)
			}
		}
	}
	slices.SortStableFunc(visits, func(a, b Visit) int {
		return cmp.Or(a.Starts.Compare(b.Starts), cmp.Compare(a.ID, b.ID))
	})
	return visits, nil
}

// Skipped returns the closed days in [from, to) on which the pattern would
// have a visit.
func (p Pattern) Skipped(from, to time.Time, closed map[time.Time]catalog.Text) ([]time.Time, error) {
	days, err := p.Days(from, to)
	return slices.DeleteFunc(days, func(d time.Time) bool { _, shut := closed[d]; return !shut }), err
}

// Patterns returns the patterns that hold or will hold on a day from day on,
// by station, weekday of the first day and time.
func Patterns(ctx context.Context, db postgis.DB, day time.Time) ([]Pattern, error) {
	all, err := patternsOf(ctx, db)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(p Pattern) bool {
		days, err := p.Days(day, day.AddDate(farthest+1, 0, 0))
		return err == nil && len(days) == 0
	})
	slices.SortStableFunc(all, func(a, b Pattern) int {
		weekday := func(p Pattern) int { return (int(p.FirstDay.Weekday()) + 6) % 7 }
		return cmp.Or(cmp.Compare(a.Station, b.Station), cmp.Compare(weekday(a), weekday(b)), cmp.Compare(a.Opens, b.Opens))
	})
	return all, nil
}

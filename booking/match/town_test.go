package match

import (
	"testing"
	"time"
)

// The town of the scenarios: rooms E1, E2 for two and F1 for six in the town
// hall; clerks by number. Times are walls clocks of Berlin.

const (
	a1, a2, p1 = 1, 2, 3
	e1, e2, f1 = 11, 12, 13
)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// localDay is the day of a date "2006-01-02" in Berlin.
func localDay(t testing.TB, date string) Day {
	t.Helper()
	d, err := time.Parse(time.DateOnly, date)
	if err != nil {
		t.Fatal(err)
	}
	zone := berlin(t)
	start := time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, zone)
	next := time.Date(d.Year(), d.Month(), d.Day()+1, 0, 0, 0, 0, zone)
	return Day{Date: d, Start: start, Cells: int(next.Sub(start) / cellTime)}
}

// instant reads "2006-01-02 15:04" in Berlin.
func instant(t testing.TB, wall string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", wall, berlin(t))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// clock is the cells between two wall times of a day without a change of clocks.
func clock(t testing.TB, from, to string) (int, int) {
	t.Helper()
	cell := func(wall string) int {
		at, err := time.Parse("15:04", wall)
		if err != nil {
			t.Fatal(err)
		}
		return (at.Hour()*60 + at.Minute()) / CellMinutes
	}
	return cell(from), cell(to)
}

func free(t testing.TB, from, to string) Timeline {
	t.Helper()
	return Span(clock(t, from, to))
}

// hall is one day in the town hall, all rooms free, nobody released.
func hall(t testing.TB, date string) Problem {
	t.Helper()
	d := localDay(t, date)
	day := func() []Timeline { return []Timeline{Span(0, d.Cells)} }
	return Problem{
		Days:   []Day{d},
		Places: []Place{{ID: "site/rathaus", TravelMinutes: -1, Metres: -1}},
		Rooms: []Room{{ID: e1, Persons: 2, Free: day()}, {ID: e2, Persons: 2, Free: day()},
			{ID: f1, Persons: 6, Free: day()}},
		Persons: 1, Where: -1, Sort: Early, Limit: 5,
	}
}

func shift(clerk int, free Timeline) Shift { return Shift{Clerk: clerk, Free: free, Quota: -1} }

func walls(starts []Start) []string {
	var all []string
	for _, s := range starts {
		all = append(all, s.Start.Format("15:04"))
	}
	return all
}

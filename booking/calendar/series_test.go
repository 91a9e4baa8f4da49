package calendar

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations"
	"pgregory.net/rapid"
)

const cell = 5 * time.Minute

func clock(text string) stations.Clock {
	c, err := ParseClock(text)
	if err != nil {
		panic(err)
	}
	return c
}

func daily(first, opens, closes string) Series {
	return Series{First: day(first), Rule: "FREQ=DAILY", Opens: clock(opens), Closes: clock(closes), Zone: "Europe/Berlin"}
}

// span expands s on one day.
func span(t testing.TB, s Series, on string) (spans []Span) {
	t.Helper()
	spans, err := s.Expand(day(on), day(on).AddDate(0, 0, 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	return spans
}

func TestS14ReleaseOverTheMissingHour(t *testing.T) {
	spans := span(t, daily("2026-03-01", "01:00", "04:00"), "2026-03-29")
	if len(spans) != 1 || spans[0].Ends.Sub(spans[0].Starts)/cell != 24 {
		t.Fatalf("%v, want 24 cells", spans)
	}
	for at := spans[0].Starts; at.Before(spans[0].Ends); at = at.Add(cell) {
		if at.Hour() == 2 {
			t.Errorf("start %s", at)
		}
		if at.Format("15:04") == "03:00" && at.UTC().Format("15:04") != "01:00" {
			t.Errorf("03:00 is %s", at.UTC())
		}
	}
}

func TestS15ReleaseOverTheDoubleHour(t *testing.T) {
	spans := span(t, daily("2026-03-01", "01:00", "04:00"), "2026-10-25")
	if len(spans) != 1 || spans[0].Ends.Sub(spans[0].Starts)/cell != 48 {
		t.Fatalf("%v, want 48 cells", spans)
	}
	var half []string
	for at := spans[0].Starts; at.Before(spans[0].Ends); at = at.Add(cell) {
		if at.Hour() == 2 && at.Minute() == 30 {
			half = append(half, at.Format("15:04-07:00"))
		}
	}
	if fmt.Sprint(half) != "[02:30+02:00 02:30+01:00]" {
		t.Error(half)
	}
}

func TestS16AfternoonsOfTheChange(t *testing.T) {
	for on, want := range map[string]string{"2026-03-29": "11-16Z", "2026-10-25": "12-17Z"} {
		s := span(t, daily("2026-03-01", "13:00", "18:00"), on)[0]
		if got := s.Starts.UTC().Format("15") + "-" + s.Ends.UTC().Format("15Z"); got != want {
			t.Errorf("%s: %s, want %s", on, got, want)
		}
	}
}

func TestS19SeriesOnHolidays(t *testing.T) {
	s := Series{First: day("2026-03-30"), Rule: "FREQ=WEEKLY;BYDAY=MO,FR", Opens: clock("08:00"), Closes: clock("12:00"), Zone: "Europe/Berlin"}
	from, to := day("2026-03-30"), day("2026-04-14")
	closed := Closed("NW", from, to)
	list := func() (text string) {
		days, err := s.Days(from, to, closed)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range days {
			text += d.Format(" 02.01.")
		}
		return text
	}
	if got := list(); got != " 30.03. 10.04. 13.04." {
		t.Error("Good Friday and Easter Monday are open:", got)
	}
	s.Except = map[time.Time]bool{day("2026-04-03"): true, day("2026-04-10"): false, day("2026-04-08"): true, day("2026-05-01"): true}
	if got := list(); got != " 30.03. 03.04. 08.04. 13.04." {
		t.Error("exceptions:", got)
	}
	s.Until = day("2026-04-13")
	if got := list(); got != " 30.03. 03.04. 08.04." {
		t.Error("until:", got)
	}
}

func TestSeriesWithoutRule(t *testing.T) {
	s := Series{First: day("2026-03-30"), Opens: clock("08:00"), Closes: clock("12:00"), Zone: "Europe/Berlin"}
	if len(span(t, s, "2026-03-30")) != 1 || len(span(t, s, "2026-03-31")) != 0 || len(span(t, s, "2026-03-29")) != 0 {
		t.Error("it holds on its first day alone")
	}
	s.First, s.Opens, s.Closes = day("2026-03-29"), clock("02:10"), clock("02:50")
	if got := span(t, s, "2026-03-29"); len(got) != 0 {
		t.Error("the skipped hour is open:", got)
	}
}

func TestSeriesRefuses(t *testing.T) {
	for rule, key := range map[string]string{
		"FREQ=HOURLY": "booking.release_bad_rule", "FREQ=DAILY;BYHOUR=3": "booking.release_bad_rule", "every monday": "booking.release_bad_rule",
		"FREQ=DAILY;INTERVAL=-1": "booking.release_bad_rule", "FREQ=WEEKLY;BYDAY=XX": "booking.release_bad_rule", ";": "booking.release_bad_rule",
		"FREQ=SECONDLY;COUNT=1000000000": "booking.release_bad_rule", "FREQ=DAILY;BYMONTHDAY=99": "booking.release_bad_rule",
	} {
		s := daily("2026-03-01", "08:00", "12:00")
		s.Rule = rule
		_, err := s.Expand(day("2026-03-01"), day("2026-04-01"), nil)
		if e, ok := errors.AsType[*ortsnah.Error](err); !ok || e.Key != key || e.Kind != ortsnah.Invalid {
			t.Errorf("%q: %v", rule, err)
		}
	}
	s := daily("2026-03-01", "08:00", "12:00")
	for _, s.Zone = range []string{"", "Local", "Europe/Atlantis", "../etc/passwd"} {
		if _, err := s.Expand(s.First, s.First.AddDate(0, 0, 1), nil); ortsnah.KindOf(err) != ortsnah.Invalid {
			t.Errorf("zone %q: %v", s.Zone, err)
		}
	}
}

// Numbers that overflow must end, not hang.
func TestSeriesWithHugeNumbers(t *testing.T) {
	for _, rule := range []string{"FREQ=WEEKLY;INTERVAL=9223372036854775807", "FREQ=YEARLY;INTERVAL=9999999", "FREQ=DAILY;COUNT=9223372036854775807",
		"FREQ=MONTHLY;INTERVAL=4611686018427387904", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;INTERVAL=4611686018427387904"} {
		s := daily("2026-03-01", "08:00", "12:00")
		s.Rule = rule
		days, err := s.Days(day("2026-03-01"), day("2026-03-10"), nil)
		if len(days) > 9 || err != nil && ortsnah.KindOf(err) != ortsnah.Invalid {
			t.Errorf("%s: %d days, %v", rule, len(days), err)
		}
	}
}

func TestParseWallTimes(t *testing.T) {
	for _, text := range []string{"", "2026-02-31", "2026-2-3", "0026-02-03", "2026-13-01", "9999-01-01", "31.03.2026"} {
		if d, err := ParseDay(text); ortsnah.KindOf(err) != ortsnah.Invalid {
			t.Errorf("%q is %s", text, d)
		}
	}
	zone, err := Zone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Start(day("2026-03-29"), clock("02:30"), zone); ortsnah.KindOf(err) != ortsnah.Invalid {
		t.Errorf("the missing hour: %v", err)
	}
	from, err := Start(day("2026-10-25"), clock("02:30"), zone)
	to, err2 := End(day("2026-10-25"), clock("02:30"), zone)
	if err != nil || err2 != nil || to.Sub(from) != time.Hour {
		t.Errorf("the double hour: %s to %s, %v, %v", from, to, err, err2)
	}
}

// On every day of every zone the spans of two adjoining quotas touch and never
// overlap, and all of a day is as long as the day, except that an hour that
// comes twice belongs to a quota that ends in it and to one that begins in it.
func TestSpansOfOneDay(t *testing.T) {
	zones := []string{"Europe/Berlin", "Atlantic/Azores", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kolkata", "UTC"}
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		on := date(2026, 1, 1).AddDate(0, 0, rapid.IntRange(0, 800).Draw(t, "day"))
		cut := stations.Clock(rapid.IntRange(1, 287).Draw(t, "cut") * 5)
		parts := func(opens, closes stations.Clock) time.Duration {
			spans, err := Series{First: on, Opens: opens, Closes: closes, Zone: zone}.Expand(on, on.AddDate(0, 0, 1), nil)
			if err != nil || len(spans) > 1 {
				t.Fatalf("%v, %v", spans, err)
			}
			if len(spans) == 0 {
				return 0
			}
			return spans[0].Ends.Sub(spans[0].Starts)
		}
		location, err := Zone(zone)
		if err != nil {
			t.Fatal(err)
		}
		twice := time.Duration(0)
		if found := stations.Instants(on, cut, location); len(found) == 2 {
			twice = found[1].Sub(found[0])
		}
		if all, sum := parts(0, 24*60), parts(0, cut)+parts(cut, 24*60)-twice; all != sum || all < 23*time.Hour || all > 25*time.Hour {
			t.Errorf("%s %s: the day has %s, its parts at %s %s", zone, on.Format(time.DateOnly), all, cut, sum)
		}
	})
}

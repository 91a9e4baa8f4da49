package stations

import (
	"testing"
	"time"
)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func day(t testing.TB, text string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParseClock(t *testing.T) {
	for text, want := range map[string]Clock{"00:00": 0, "09:05": 545, "23:59": 1439, "24:00": 1440} {
		if c, err := ParseClock(text); err != nil || c != want || c.String() != text {
			t.Errorf("ParseClock(%q) = %v, %v", text, c, err)
		}
	}
	for _, text := range []string{"", "9:00", "24:01", "09:60", "0900", "-9:00", "09:00:00", "ab:cd", "+9:00", "09:+5"} {
		if c, err := ParseClock(text); err == nil {
			t.Errorf("ParseClock(%q) = %v, want an error", text, c)
		}
	}
}

// S14, S15, S16 of the booking scenarios: the same wall time on both days of
// the change, and on a day like any other.
func TestOpening(t *testing.T) {
	for _, c := range []struct{ day, zone, opens, closes, start, end string }{
		{"2026-03-28", "Europe/Berlin", "01:00", "04:00", "2026-03-28T00:00Z", "2026-03-28T03:00Z"},
		{"2026-03-29", "Europe/Berlin", "01:00", "04:00", "2026-03-29T00:00Z", "2026-03-29T02:00Z"}, // 24 cells of 5 min
		{"2026-10-25", "Europe/Berlin", "01:00", "04:00", "2026-10-24T23:00Z", "2026-10-25T03:00Z"}, // 48 cells
		{"2026-03-29", "Europe/Berlin", "13:00", "18:00", "2026-03-29T11:00Z", "2026-03-29T16:00Z"},
		{"2026-10-25", "Europe/Berlin", "13:00", "18:00", "2026-10-25T12:00Z", "2026-10-25T17:00Z"},
		{"2026-03-29", "Europe/Berlin", "02:30", "04:00", "2026-03-29T01:00Z", "2026-03-29T02:00Z"}, // starts when 03:00 strikes
		{"2026-03-29", "Europe/Berlin", "01:00", "02:30", "2026-03-29T00:00Z", "2026-03-29T01:00Z"},
		{"2026-03-29", "Europe/Berlin", "02:10", "02:50", "", ""}, // wholly skipped
		{"2026-10-25", "Europe/Berlin", "02:30", "02:40", "2026-10-25T00:30Z", "2026-10-25T01:40Z"},
		{"2026-10-25", "Europe/Berlin", "00:00", "24:00", "2026-10-24T22:00Z", "2026-10-25T23:00Z"},       // 300 cells
		{"2026-03-29", "Europe/Berlin", "00:00", "24:00", "2026-03-28T23:00Z", "2026-03-29T22:00Z"},       // 276 cells
		{"2026-04-05", "Australia/Lord_Howe", "01:30", "02:30", "2026-04-04T14:30Z", "2026-04-04T16:00Z"}, // half an hour
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		opens, _ := ParseClock(c.opens)
		closes, _ := ParseClock(c.closes)
		start, end, ok := Opening(day(t, c.day), opens, closes, zone)
		const layout = "2006-01-02T15:04Z07:00"
		if ok != (c.start != "") || ok && (start.UTC().Format(layout) != c.start || end.UTC().Format(layout) != c.end) {
			t.Errorf("%s %s-%s %s = %s to %s, %v; want %s to %s", c.day, c.opens, c.closes, c.zone,
				start.UTC().Format(layout), end.UTC().Format(layout), ok, c.start, c.end)
		}
	}
}

func TestInstants(t *testing.T) {
	for _, c := range []struct {
		day  string
		want int
	}{{"2026-03-29", 0}, {"2026-10-25", 2}, {"2026-10-24", 1}, {"2026-03-30", 1}} {
		got := Instants(day(t, c.day), 150, berlin(t))
		if len(got) != c.want {
			t.Errorf("02:30 on %s comes %d times, want %d", c.day, len(got), c.want)
		}
		for _, at := range got {
			if at.Format("2006-01-02 15:04") != c.day+" 02:30" {
				t.Errorf("02:30 on %s is %s", c.day, at)
			}
		}
	}
}

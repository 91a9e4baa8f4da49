package stations

import (
	"fmt"
	"time"

	"github.com/ortsnah/ortsnah"
)

// Clock is a wall time in minutes after midnight, 0 to 1440 ("24:00").
type Clock int

// ParseClock reads "09:00" to "24:00".
func ParseClock(text string) (Clock, error) {
	if text == "24:00" {
		return 24 * 60, nil
	}
	if t, err := time.Parse("15:04", text); err == nil && len(text) == 5 {
		return Clock(t.Hour()*60 + t.Minute()), nil
	}
	return 0, ortsnah.E(ortsnah.Invalid, "stations.bad_clock", "time", text).About("time")
}

// String is the form "09:00".
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// Day is the calendar day of t in its location, as midnight UTC: the form in
// which days are counted and stored here. Adding days to it is safe, UTC has
// no summer time.
func Day(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Instants returns the moments at which the clocks of zone show c on day, in
// order: one on nearly all days, none when that hour is skipped (S14: 02:30
// on 29 March 2026 in Europe/Berlin), two when it comes twice (S15: 02:30 on 25
// October 2026). time.Date would silently shift the first and choose for the
// second. day is a midnight UTC as returned by Day.
func Instants(day time.Time, c Clock, zone *time.Location) []time.Time {
	wall := day.Add(time.Duration(c) * time.Minute)
	var found []time.Time
	for _, near := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, offset := wall.Add(near).In(zone).Zone()
		t := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if _, real := t.Zone(); real == offset && (len(found) == 0 || !found[0].Equal(t)) {
			found = append(found, t)
		}
	}
	if len(found) == 2 && found[1].Before(found[0]) {
		found[0], found[1] = found[1], found[0]
	}
	return found
}

// Opening returns the interval [start, end) in which the clocks of zone show
// opens to closes on day. At the change of summer time it is the longest such
// interval: an hour that comes twice counts twice, and a bound that is skipped
// is the moment of the change. ok is false when nothing is left between them.
func Opening(day time.Time, opens, closes Clock, zone *time.Location) (start, end time.Time, ok bool) {
	starts, ends := Instants(day, opens, zone), Instants(day, closes, zone)
	if len(starts) == 0 {
		starts = []time.Time{skip(day, opens, zone)}
	}
	if len(ends) == 0 {
		ends = []time.Time{skip(day, closes, zone)}
	}
	start, end = starts[0], ends[len(ends)-1]
	return start, end, start.Before(end)
}

// skip is the moment of the change that leaves c out on day: the clocks jump
// over c, so the offset before it leads to a moment after the change.
func skip(day time.Time, c Clock, zone *time.Location) time.Time {
	wall := day.Add(time.Duration(c) * time.Minute)
	_, before := wall.Add(-24 * time.Hour).In(zone).Zone()
	change, _ := wall.Add(-time.Duration(before) * time.Second).In(zone).ZoneBounds()
	return change
}

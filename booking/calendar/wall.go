package calendar

import (
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations"
)

// Zone is the time zone of an IANA name. Error: Invalid booking.unknown_zone.
func Zone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil, ortsnah.E(ortsnah.Invalid, "booking.unknown_zone", "zone", short(name, 60)).About("zone")
	}
	return zone, nil
}

// ParseDay reads a date such as "2026-03-30" into midnight UTC. Error: Invalid
// booking.bad_day, for dates that there are not, too.
func ParseDay(text string) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Year() < 1900 || day.Year() > 2500 {
		return time.Time{}, ortsnah.E(ortsnah.Invalid, "booking.bad_day", "day", short(text, 20)).About("day")
	}
	return day, nil
}

// ParseClock reads "08:00" to "24:00". Error: Invalid booking.bad_clock.
func ParseClock(text string) (stations.Clock, error) {
	c, err := stations.ParseClock(text)
	if err != nil {
		return 0, ortsnah.E(ortsnah.Invalid, "booking.bad_clock", "time", short(text, 20)).About("time")
	}
	return c, nil
}

// Start is the moment at which the clocks of zone show c on day: the first one
// where it comes twice. Error: Invalid booking.missing_hour where the clocks
// skip it.
func Start(day time.Time, c stations.Clock, zone *time.Location) (time.Time, error) {
	return instant(day, c, zone, false)
}

// End is Start with the second moment where c comes twice.
func End(day time.Time, c stations.Clock, zone *time.Location) (time.Time, error) {
	return instant(day, c, zone, true)
}

func instant(day time.Time, c stations.Clock, zone *time.Location, last bool) (time.Time, error) {
	found := stations.Instants(day, c, zone)
	if len(found) == 0 {
		return time.Time{}, ortsnah.E(ortsnah.Invalid, "booking.missing_hour", "time", c.String(), "day", day.Format(time.DateOnly)).About("time")
	}
	if last {
		return found[len(found)-1], nil
	}
	return found[0], nil
}

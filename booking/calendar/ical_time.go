package calendar

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations"
)

// wallTime is what a DATE or DATE-TIME says.
type wallTime struct {
	day   time.Time
	clock stations.Clock
	zone  string // IANA
	date  bool   // without a time
}

// in is the same moment by other clocks.
func (w wallTime) in(zone *time.Location) wallTime {
	own, err := Zone(w.zone)
	if err != nil {
		return w
	}
	t := time.Date(w.day.Year(), w.day.Month(), w.day.Day(), int(w.clock)/60, int(w.clock)%60, 0, 0, own).In(zone)
	return wallTime{day: stations.Day(t), clock: stations.Clock(t.Hour()*60 + t.Minute()), zone: zone.String()}
}

// parseWall reads one value of a property: a date, a moment in UTC ("Z"), a
// wall time of TZID, or a floating one, which is the town's. Seconds are cut.
func parseWall(p property, value string, town *time.Location) (wallTime, error) {
	w := wallTime{zone: town.String()}
	value = strings.TrimSpace(value)
	layout := icalLocal
	switch {
	case len(value) == len(icalDay):
		layout, w.date = icalDay, true
	case strings.HasSuffix(value, "Z"):
		layout, w.zone = icalUTC, "UTC"
	case p.param("TZID") != "":
		name, known := zoneOf(p.param("TZID"))
		if !known {
			return w, ortsnah.E(ortsnah.Invalid, "booking.ical_bad_zone", "line", p.line, "zone", short(strings.ToValidUTF8(name, "?"), 60)).About("file")
		}
		w.zone = name
	}
	t, err := time.Parse(layout, value)
	if err != nil || t.Year() < 1900 || t.Year() > 2500 {
		return w, badLine(p.line, p.IANAToken)
	}
	w.day, w.clock = stations.Day(t), stations.Clock(t.Hour()*60+t.Minute())
	return w, nil
}

// day is the date of a property by the clocks of the zone called name.
func (r rawEvent) day(property, name string, town *time.Location) (time.Time, error) {
	p := r.all(property)[0]
	w, err := parseWall(p, p.Value, town)
	if err != nil {
		return time.Time{}, err
	}
	zone, err := Zone(name)
	if err != nil {
		return time.Time{}, err
	}
	if !w.date && w.zone != name {
		w = w.in(zone)
	}
	return w.day, nil
}

// zoneOf is the IANA name of a TZID: that itself, also behind a prefix as some
// programs write ("/freeassociation.sourceforge.net/Europe/Berlin"), or what
// Windows calls a zone of middle Europe (CLDR, windowsZones).
func zoneOf(tzid string) (string, bool) {
	windows := map[string]string{
		"W. Europe Standard Time": "Europe/Berlin", "Central Europe Standard Time": "Europe/Budapest", "Romance Standard Time": "Europe/Paris",
		"Central European Standard Time": "Europe/Warsaw", "GMT Standard Time": "Europe/London", "FLE Standard Time": "Europe/Kyiv",
		"GTB Standard Time": "Europe/Bucharest", "E. Europe Standard Time": "Europe/Chisinau", "Turkey Standard Time": "Europe/Istanbul",
		"(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien": "Europe/Berlin",
	}
	if name, known := windows[tzid]; known {
		return name, true
	}
	parts := strings.Split(strings.Trim(tzid, "/"), "/")
	name := strings.Join(parts[max(0, len(parts)-2):], "/")
	zone, err := Zone(name)
	if err != nil {
		return tzid, false
	}
	return zone.String(), true
}

// parseDuration reads "P1W", "P1DT2H30M", "PT90M" (RFC 5545, section 3.3.6).
func parseDuration(text string) (days, minutes int, ok bool) {
	m := regexp.MustCompile(`^\+?P(?:(\d{1,4})W|(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:\d{1,7}S)?)?)$`).FindStringSubmatch(strings.TrimSpace(text))
	if m == nil || strings.HasSuffix(m[0], "P") || strings.HasSuffix(m[0], "T") {
		return 0, 0, false
	}
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			return 0 // the group is empty
		}
		return n
	}
	return 7*number(m[1]) + number(m[2]), 60*number(m[3]) + number(m[4]), true
}

// rule takes an RRULE into the series: its UNTIL becomes the series' own.
func (e *Event) rule(p property) error {
	bad := ortsnah.E(ortsnah.Invalid, "booking.ical_bad_rule", "line", p.line, "rule", short(strings.ToValidUTF8(p.Value, "?"), 60)).About("file")
	var kept []string
	for _, part := range strings.Split(strings.ToUpper(p.Value), ";") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "":
		case "UNTIL":
			zone, err := Zone(e.Zone)
			if err != nil {
				return err
			}
			until, err := parseWall(property{p.line, p.BaseProperty}, value, zone)
			if err != nil {
				return bad
			}
			if until.zone != e.Zone && !until.date {
				until = until.in(zone)
			}
			if e.Until = until.day; until.date || until.clock >= e.Opens {
				e.Until = until.day.AddDate(0, 0, 1)
			}
		default:
			kept = append(kept, part)
		}
	}
	e.Rule = strings.Join(kept, ";")
	if _, err := e.ruled(e.First, e.First.AddDate(0, 0, 1)); err != nil || e.Rule == "" {
		return bad.Because(err)
	}
	return nil
}

package calendar

import (
	"bytes"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations"
)

const (
	mostICal   = 2 // MB
	mostEvents = 5000
)

// ParseICal reads the times of an iCalendar file (RFC 5545) as other programs
// export it, for a town in zone. An event marked free (TRANSP:TRANSPARENT, or
// free in Outlook's words) is released time, every other is busy. Left out are
// cancelled events, free ones of whole days (birthdays), and ones without
// duration. Released times are narrowed to steps of five minutes.
//
// Errors are Invalid booking.ical_… and name the line; nothing of the file's
// texts is in them.
func ParseICal(text []byte, zone *time.Location) ([]Event, error) {
	if len(text) > mostICal<<20 {
		return nil, ortsnah.E(ortsnah.Invalid, "booking.ical_too_large", "most", mostICal).About("file")
	}
	raw, err := components(text)
	if err != nil {
		return nil, err
	}
	byUID := map[string]int{}
	var events []Event
	var moved []rawEvent
	for _, r := range raw {
		if r.has("RECURRENCE-ID") {
			moved = append(moved, r)
			continue
		}
		e, err := r.event(zone)
		if err != nil {
			return nil, err
		}
		if e.wanted(r) {
			byUID[e.UID] = len(events)
			events = append(events, e)
		}
	}
	for _, r := range moved {
		e, day, err := r.moved(zone)
		if err != nil {
			return nil, err
		}
		if i, known := byUID[r.value("UID")]; known {
			if day, err = r.day("RECURRENCE-ID", events[i].Zone, zone); err != nil {
				return nil, err
			}
			events[i].Except[day] = false
		}
		e.UID += "#" + day.Format(icalDay)
		if e.wanted(r) {
			events = append(events, e)
		}
	}
	sortEvents(events)
	return events, nil
}

// wanted says whether e takes or gives any time.
func (e Event) wanted(r rawEvent) bool {
	return !strings.EqualFold(r.value("STATUS"), "CANCELLED") && (e.Busy || !e.AllDay) && (e.Over > 0 || e.Opens < e.Closes)
}

// property is one line of interest.
type property struct {
	line int
	*ics.BaseProperty
}

// param is the first value of a parameter.
func (p property) param(name string) string {
	if v := p.ICalParameters[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// rawEvent is a VEVENT with the properties that say when.
type rawEvent struct {
	line       int
	properties []property
}

func (r rawEvent) all(name string) (found []property) {
	for _, p := range r.properties {
		if p.IANAToken == name {
			found = append(found, p)
		}
	}
	return found
}

func (r rawEvent) has(name string) bool { return len(r.all(name)) > 0 }

func (r rawEvent) value(name string) string {
	if p := r.all(name); len(p) > 0 {
		return p[0].Value
	}
	return ""
}

// telling are the properties that say when; no other is read.
func telling(name string) bool {
	switch name {
	case "UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "TRANSP", "STATUS", "X-MICROSOFT-CDO-BUSYSTATUS":
		return true
	}
	return false
}

// components cuts the file into its events.
func components(text []byte) ([]rawEvent, error) {
	broken := func(line int) error {
		return ortsnah.E(ortsnah.Invalid, "booking.ical_not_calendar", "line", line).About("file")
	}
	var events []rawEvent
	var open []string
	last := 0
	for _, l := range unfold(text) {
		last = l.number
		name, _, _ := strings.Cut(l.text, ":")
		name, _, _ = strings.Cut(strings.ToUpper(name), ";")
		value := strings.ToUpper(strings.TrimSpace(l.text[strings.IndexByte(l.text, ':')+1:]))
		switch {
		case name == "BEGIN":
			if len(open) == 0 && value != "VCALENDAR" || len(open) > 8 {
				return nil, broken(l.number)
			}
			open = append(open, value)
			if value == "VEVENT" {
				events = append(events, rawEvent{line: l.number})
			}
			if len(events) > mostEvents {
				return nil, ortsnah.E(ortsnah.Invalid, "booking.ical_too_many", "most", mostEvents).About("file")
			}
		case len(open) == 0:
			return nil, broken(l.number)
		case name == "END":
			if open[len(open)-1] != value {
				return nil, broken(l.number)
			}
			open = open[:len(open)-1]
		case open[len(open)-1] == "VEVENT" && telling(name):
			p, err := ics.ParseProperty(ics.ContentLine(l.text))
			if err != nil || p == nil {
				return nil, badLine(l.number, name)
			}
			p.IANAToken = name
			e := &events[len(events)-1]
			e.properties = append(e.properties, property{l.number, p})
		}
	}
	if len(open) > 0 || last == 0 {
		return nil, broken(last)
	}
	return events, nil
}

func badLine(line int, name string) error {
	return ortsnah.E(ortsnah.Invalid, "booking.ical_bad_line", "line", line, "property", name).About("file")
}

// contentLine is a line without its folds.
type contentLine struct {
	number int
	text   string
}

// unfold joins folded lines (RFC 5545, section 3.1); empty ones are left out.
func unfold(text []byte) []contentLine {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	text = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	var lines []contentLine
	var folded strings.Builder
	flush := func() {
		if n := len(lines); n > 0 && folded.Len() > 0 {
			lines[n-1].text += folded.String()
		}
		folded.Reset()
	}
	number := 0
	for l := range bytes.SplitSeq(text, []byte("\n")) {
		number++
		switch {
		case len(l) > 0 && (l[0] == ' ' || l[0] == '\t') && len(lines) > 0:
			folded.Write(l[1:])
		case len(bytes.TrimSpace(l)) > 0:
			flush()
			lines = append(lines, contentLine{number, string(l)})
		}
	}
	flush()
	return lines
}

// event reads the times of a whole event or series.
func (r rawEvent) event(town *time.Location) (Event, error) {
	start, err := r.start(town)
	if err != nil {
		return Event{}, err
	}
	end, err := r.end(start, town)
	if err != nil {
		return Event{}, err
	}
	free := strings.EqualFold(r.value("TRANSP"), "TRANSPARENT") || strings.EqualFold(r.value("X-MICROSOFT-CDO-BUSYSTATUS"), "FREE")
	e := Event{UID: short(strings.ToValidUTF8(r.value("UID"), ""), 200), Line: r.line, Busy: !free, AllDay: start.date,
		Series: Series{First: start.day, Opens: start.clock, Closes: end.clock, Zone: start.zone, Except: map[time.Time]bool{}}}
	e.Over = int(end.day.Sub(start.day).Hours() / 24) // of dates in UTC
	if e.Over > 0 && e.Closes == 0 {
		e.Over, e.Closes = e.Over-1, 24*60
	}
	if e.Over < 0 || e.Over == 0 && e.Closes < e.Opens {
		return Event{}, ortsnah.E(ortsnah.Invalid, "booking.ical_no_time", "line", r.line).About("file")
	}
	if free && !e.AllDay {
		if e.Over > 0 {
			return Event{}, ortsnah.E(ortsnah.Invalid, "booking.ical_over_midnight", "line", r.line).About("file")
		}
		e.Opens, e.Closes = (e.Opens+4)/5*5, e.Closes/5*5
	}
	return e, r.recur(&e, town)
}

// moved reads an event of a series that takes place at another time.
func (r rawEvent) moved(town *time.Location) (Event, time.Time, error) {
	p := r.all("RECURRENCE-ID")[0]
	if p.param("RANGE") != "" {
		return Event{}, time.Time{}, badLine(p.line, p.IANAToken)
	}
	day, err := r.day("RECURRENCE-ID", town.String(), town)
	if err != nil {
		return Event{}, day, err
	}
	e, err := r.event(town)
	return e, day, err
}

// start reads DTSTART. A single moment in UTC becomes one of the town's clocks.
func (r rawEvent) start(town *time.Location) (wallTime, error) {
	p := r.all("DTSTART")
	if len(p) != 1 {
		return wallTime{}, ortsnah.E(ortsnah.Invalid, "booking.ical_no_time", "line", r.line).About("file")
	}
	w, err := parseWall(p[0], p[0].Value, town)
	if err == nil && w.zone == "UTC" && !r.has("RRULE") && !r.has("RDATE") {
		w = w.in(town)
	}
	return w, err
}

// end reads DTEND or DURATION, as a wall time of the zone of start.
func (r rawEvent) end(start wallTime, town *time.Location) (wallTime, error) {
	if p := r.all("DTEND"); len(p) > 0 {
		w, err := parseWall(p[0], p[0].Value, town)
		if err != nil || w.zone == start.zone || w.date || start.date {
			if err == nil && w.date != start.date {
				err = badLine(p[0].line, p[0].IANAToken)
			}
			return w, err
		}
		zone, err := Zone(start.zone)
		return w.in(zone), err
	}
	if p := r.all("DURATION"); len(p) > 0 {
		days, minutes, ok := parseDuration(p[0].Value)
		if !ok {
			return start, badLine(p[0].line, p[0].IANAToken)
		}
		total := int(start.clock) + minutes
		start.day, start.clock = start.day.AddDate(0, 0, days+total/(24*60)), stations.Clock(total%(24*60))
		return start, nil
	}
	if start.date {
		start.day = start.day.AddDate(0, 0, 1)
	}
	return start, nil
}

// recur reads the rule and its exceptions into e.
func (r rawEvent) recur(e *Event, town *time.Location) error {
	rules := r.all("RRULE")
	if len(rules) > 1 {
		return badLine(rules[1].line, "RRULE")
	}
	if len(rules) == 1 {
		if err := e.rule(rules[0]); err != nil {
			return err
		}
	}
	for _, name := range []string{"EXDATE", "RDATE"} {
		for _, p := range r.all(name) {
			for _, value := range strings.Split(p.Value, ",") {
				w, err := parseWall(p, value, town)
				if err != nil {
					return err
				}
				if zone, err := Zone(e.Zone); err == nil && !w.date && w.zone != e.Zone {
					w = w.in(zone)
				}
				if name == "RDATE" && !w.date && w.clock != e.Opens {
					return badLine(p.line, name) // another time is another event
				}
				e.Except[w.day] = name == "RDATE"
			}
		}
	}
	return nil
}

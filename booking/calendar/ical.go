package calendar

import (
	"cmp"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/ortsnah/ortsnah/stations"
)

// Event is what an entry of another calendar says about somebody's time, and
// nothing else: no title, no text, no names.
type Event struct {
	UID    string // one event of a series that was moved has "#" and its first day behind
	Line   int    // of the file it was read from
	Busy   bool   // false: released for appointments
	AllDay bool
	Over   int // midnights between the wall times Opens and Closes of the series
	Series
}

// Labels are the titles of exported events, in the reader's language.
type Labels struct{ Released, Closed string }

// Spans returns when the event takes place, for days of its start in [from, to).
func (e Event) Spans(from, to time.Time) ([]Span, error) {
	if e.Over == 0 {
		return e.Expand(from, to, nil)
	}
	zone, err := Zone(e.Zone)
	if err != nil {
		return nil, err
	}
	days, err := e.Days(from, to, nil)
	if err != nil {
		return nil, err
	}
	var spans []Span
	for _, day := range days {
		starts, _, _ := stations.Opening(day, e.Opens, 24*60, zone)
		_, ends, _ := stations.Opening(day.AddDate(0, 0, e.Over), 0, e.Closes, zone)
		spans = append(spans, Span{Day: day, Starts: starts, Ends: ends})
	}
	return spans, nil
}

const (
	icalDay   = "20060102"
	icalLocal = "20060102T150405"
	icalUTC   = "20060102T150405Z"
)

// WriteICal writes events as an iCalendar object (RFC 5545) with wall times,
// their zones as VTIMEZONE, and released time as TRANSPARENT.
func WriteICal(w io.Writer, now time.Time, names Labels, events []Event) error {
	cal := ics.NewCalendar()
	cal.SetProductId("-//Ortsnah//Ortsnah//DE")
	first := map[string]int{} // year of the first event by zone
	for _, e := range events {
		if y, known := first[e.Zone]; !known || e.First.Year() < y {
			first[e.Zone] = e.First.Year()
		}
	}
	var zones []string
	for name := range first {
		zones = append(zones, name)
	}
	slices.Sort(zones)
	for _, name := range zones {
		zone, err := Zone(name)
		if err != nil {
			return err
		}
		if name != "UTC" {
			describe(cal.AddTimezone(name), zone, first[name]-1)
		}
	}
	for _, e := range events {
		if err := e.write(cal, now, names); err != nil {
			return err
		}
	}
	return cal.SerializeTo(w, ics.WithNewLineWindows)
}

func (e Event) write(cal *ics.Calendar, now time.Time, names Labels) error {
	zone, err := Zone(e.Zone)
	if err != nil {
		return err
	}
	first := e.First
	if e.Rule != "" { // DTSTART has to be the first of the set
		days, err := e.ruled(e.First, e.First.AddDate(2, 0, 0))
		if err != nil {
			return err
		}
		if len(days) > 0 {
			first = days[0]
		}
	} else if open, named := e.Except[e.First]; named && !open {
		return nil
	}
	v := cal.AddEvent(e.UID)
	v.SetDtStampTime(now)
	title, transparency := names.Released, "TRANSPARENT"
	if e.Busy {
		title, transparency = names.Closed, "OPAQUE"
	}
	v.SetSummary(title)
	v.AddProperty(ics.ComponentPropertyTransp, transparency)
	e.moment(v, ics.ComponentPropertyDtStart, first, e.Opens)
	e.moment(v, ics.ComponentPropertyDtEnd, first.AddDate(0, 0, e.Over), e.Closes)
	if e.Rule != "" {
		rule := e.Rule
		if !e.Until.IsZero() {
			end, _, _ := stations.Opening(e.Until, 0, 24*60, zone)
			rule += ";UNTIL=" + end.Add(-time.Second).UTC().Format(icalUTC)
			if e.AllDay {
				rule = e.Rule + ";UNTIL=" + e.Until.AddDate(0, 0, -1).Format(icalDay)
			}
		}
		v.AddProperty(ics.ComponentPropertyRrule, rule)
	}
	var days []time.Time
	for day := range e.Except {
		days = append(days, day)
	}
	slices.SortFunc(days, time.Time.Compare)
	for _, day := range days {
		name := ics.ComponentPropertyExdate
		if e.Except[day] {
			name = ics.ComponentPropertyRdate
		}
		e.moment(v, name, day, e.Opens)
	}
	return nil
}

// moment adds a property with a wall time of the event's zone.
func (e Event) moment(v *ics.VEvent, name ics.ComponentProperty, day time.Time, c stations.Clock) {
	if e.AllDay {
		v.AddProperty(name, day.Add(time.Duration(c)*time.Minute).Format(icalDay), ics.WithValue("DATE"))
		return
	}
	text := day.Add(time.Duration(c) * time.Minute).Format(icalLocal)
	if e.Zone == "UTC" {
		v.AddProperty(name, text+"Z")
		return
	}
	v.AddProperty(name, text, ics.WithTZID(e.Zone))
}

// describe writes the changes of a zone's clocks in a year as rules that repeat
// every year: "the last Sunday of March" (RFC 5545, section 3.6.5).
func describe(tz *ics.VTimezone, zone *time.Location, year int) {
	from := time.Date(year, 1, 1, 0, 0, 0, 0, zone)
	found := false
	for at := from; ; {
		_, change := at.ZoneBounds()
		if change.IsZero() || change.In(zone).Year() > year {
			break
		}
		at, found = change.In(zone), true
		_, before := at.Add(-time.Second).Zone()
		wall := at.UTC().Add(time.Duration(before) * time.Second)
		nth := (wall.Day()-1)/7 + 1
		if wall.AddDate(0, 0, 7).Month() != wall.Month() {
			nth = -1
		}
		day := strings.ToUpper(wall.Weekday().String()[:2])
		observe(tz, at, before, wall.Format(icalLocal), "FREQ=YEARLY;BYMONTH="+wall.Format("1")+";BYDAY="+strconv.Itoa(nth)+day)
	}
	if !found {
		_, offset := from.Zone()
		observe(tz, from, offset, "19700101T000000", "")
	}
}

// observe adds what holds from a change on.
func observe(tz *ics.VTimezone, at time.Time, before int, start, rule string) {
	name, after := at.Zone()
	base := ics.ComponentBase{}
	for _, p := range [][2]string{{"DTSTART", start}, {"TZOFFSETFROM", offset(before)}, {"TZOFFSETTO", offset(after)}, {"TZNAME", name}, {"RRULE", rule}} {
		if p[1] != "" {
			base.Properties = append(base.Properties, ics.IANAProperty{BaseProperty: ics.BaseProperty{IANAToken: p[0], Value: p[1]}})
		}
	}
	if at.IsDST() {
		tz.Components = append(tz.Components, &ics.Daylight{ComponentBase: base})
		return
	}
	tz.Components = append(tz.Components, &ics.Standard{ComponentBase: base})
}

// offset is "+0100".
func offset(seconds int) string {
	return time.Unix(0, 0).In(time.FixedZone("", seconds)).Format("-0700")
}

// sortEvents puts events in the order of their first days.
func sortEvents(events []Event) {
	slices.SortStableFunc(events, func(a, b Event) int {
		return cmp.Or(a.First.Compare(b.First), cmp.Compare(a.Opens, b.Opens), cmp.Compare(a.UID, b.UID))
	})
}

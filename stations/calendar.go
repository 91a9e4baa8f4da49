package stations

import (
	"cmp"
	"io"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// Calendar is what a calendar program is told of visits it subscribes to (RFC
// 5545, with the properties of RFC 7986).
type Calendar struct {
	Name   string // shown beside its events
	Domain string // makes the ids of events unique in the world: host of the deployment
	URL    string // page of the same content; may be empty
}

// Event is a visit in a reader's language.
type Event struct {
	Visit
	Title, Place, Text string
	URL                string  // page of the stop; may be empty
	Lon, Lat           float64 // CRS84; both 0: unknown
}

// refresh is how often calendars should ask again. Visits are called off in
// the morning at times, so it is short; a question without news costs a 304.
const refresh = "PT1H"

// Write writes events as an iCalendar object, times in UTC. A cancelled visit
// stays in it as CANCELLED, and every change raises SEQUENCE: programs strike
// an event out only when they are told. Equal visits give equal bytes.
func (c Calendar) Write(w io.Writer, events []Event) error {
	cal := ics.NewCalendar()
	cal.SetProductId("-//Ortsnah//Ortsnah//DE")
	cal.SetMethod(ics.MethodPublish)
	cal.SetName(c.Name) // X-WR-CALNAME, too
	cal.SetRefreshInterval(refresh)
	cal.SetXPublishedTTL(refresh)
	if c.URL != "" {
		cal.SetUrl(c.URL)
	}
	for _, e := range events {
		e.write(cal.AddEvent(e.ID + "@" + c.Domain))
	}
	return cal.SerializeTo(w, ics.WithNewLineWindows)
}

func (e Event) write(v *ics.VEvent) {
	v.SetDtStampTime(e.Changed)
	v.SetLastModifiedAt(e.Changed)
	v.SetSequence(e.Sequence)
	v.SetStartAt(e.Starts)
	v.SetEndAt(e.Ends)
	v.SetSummary(oneLine(e.Title))
	v.SetLocation(oneLine(e.Place))
	if e.Text != "" {
		v.SetDescription(e.Text)
	}
	if e.Lon != 0 || e.Lat != 0 {
		v.SetGeo(e.Lat, e.Lon)
	}
	if e.URL != "" {
		v.SetURL(e.URL)
	}
	v.SetTimeTransparency(ics.TransparencyTransparent) // it is there, the reader need not be
	v.SetStatus(ics.ObjectStatusConfirmed)
	if e.State == Cancelled {
		v.SetStatus(ics.ObjectStatusCancelled)
	}
}

// oneLine has no control characters: some programs cut a title at a line break.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// Habit says when a station comes to a stop again and again.
type Habit struct {
	Weekday       time.Weekday
	Opens, Closes Clock
	EveryWeeks    int       // 0: on single days
	Next          time.Time // start of the next visit of it
}

// Habits reads from visits of one stop what people remember: "Mondays, 9:30 to
// 12:00, every two weeks". visits ascend by start; cancelled ones count, since
// the one after will come. In the order of the week.
func Habits(visits []Visit) []Habit {
	type key struct {
		weekday       time.Weekday
		opens, closes Clock
	}
	var order []key
	days := map[key][]time.Time{}
	next := map[key]time.Time{}
	for _, v := range visits {
		k := key{v.Starts.Weekday(), clockOf(v.Starts), clockOf(v.Ends)}
		if days[k] == nil {
			order = append(order, k)
			next[k] = v.Starts
		}
		days[k] = append(days[k], Day(v.Starts))
	}
	habits := []Habit{}
	for _, k := range order {
		habits = append(habits, Habit{k.weekday, k.opens, k.closes, everyWeeks(days[k]), next[k]})
	}
	slices.SortFunc(habits, func(a, b Habit) int {
		return cmp.Or(cmp.Compare((a.Weekday+6)%7, (b.Weekday+6)%7), cmp.Compare(a.Opens, b.Opens), cmp.Compare(a.Closes, b.Closes))
	})
	return habits
}

func clockOf(t time.Time) Clock { return Clock(t.Hour()*60 + t.Minute()) }

// everyWeeks is the largest number of weeks that divides all distances between
// days of one weekday, so that a holiday in between does not matter; 0 when
// fewer than half of those days are there.
func everyWeeks(days []time.Time) int {
	if len(days) < 2 {
		return 0
	}
	week := 7 * 24 * time.Hour // of UTC midnights
	weeks := 0
	for i, d := range days[1:] {
		for a, b := int(d.Sub(days[i])/week), weeks; ; a, b = b, a%b {
			if b == 0 {
				weeks = a
				break
			}
		}
	}
	span := int(days[len(days)-1].Sub(days[0]) / week)
	if weeks == 0 || 2*len(days) < span/weeks+1 {
		return 0
	}
	return weeks
}

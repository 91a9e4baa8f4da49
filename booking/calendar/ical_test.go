package calendar

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ortsnah/ortsnah"
	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// file is a calendar with one event per argument.
func file(events ...string) []byte {
	text := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//DE\r\n"
	for _, e := range events {
		text += "BEGIN:VEVENT\r\n" + strings.ReplaceAll(e, "\n", "\r\n") + "\r\nEND:VEVENT\r\n"
	}
	return []byte(text + "END:VCALENDAR\r\n")
}

// spans lists when the events of a file take place in 2026: "busy 30.03.
// 06:00Z-07:00Z".
func spans(t testing.TB, text []byte) (found []string) {
	t.Helper()
	events, err := ParseICal(text, zone(t, "Europe/Berlin"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		list, err := e.Spans(day("2026-01-01"), day("2027-01-01"))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			kind := map[bool]string{true: "busy", false: "free"}[e.Busy]
			found = append(found, kind+s.Starts.UTC().Format(" 02.01. 15:04Z-")+s.Ends.UTC().Format("15:04Z"))
		}
	}
	slices.Sort(found)
	return found
}

func TestParseICal(t *testing.T) {
	for name, c := range map[string]struct {
		event string
		want  string
	}{
		"wall time with a zone":         {"UID:1\nDTSTART;TZID=Europe/Berlin:20260330T080000\nDTEND;TZID=Europe/Berlin:20260330T120000", "busy 30.03. 06:00Z-10:00Z"},
		"free":                          {"UID:1\nDTSTART;TZID=Europe/Berlin:20260330T080000\nDTEND;TZID=Europe/Berlin:20260330T120000\nTRANSP:TRANSPARENT", "free 30.03. 06:00Z-10:00Z"},
		"free in Outlook's words":       {"UID:1\nDTSTART;TZID=\"W. Europe Standard Time\":20260330T080000\nDURATION:PT4H\nX-MICROSOFT-CDO-BUSYSTATUS:FREE", "free 30.03. 06:00Z-10:00Z"},
		"UTC":                           {"UID:1\nDTSTART:20260330T060000Z\nDTEND:20260330T100000Z", "busy 30.03. 06:00Z-10:00Z"},
		"UTC, weekly: not by our clock": {"UID:1\nDTSTART:20261019T060000Z\nDTEND:20261019T070000Z\nRRULE:FREQ=WEEKLY;COUNT=2", "busy 19.10. 06:00Z-07:00Z busy 26.10. 06:00Z-07:00Z"},
		"weekly by our clock":           {"UID:1\nDTSTART;TZID=Europe/Berlin:20261019T080000\nDTEND;TZID=Europe/Berlin:20261019T090000\nRRULE:FREQ=WEEKLY;COUNT=2", "busy 19.10. 06:00Z-07:00Z busy 26.10. 07:00Z-08:00Z"},
		"floating":                      {"UID:1\nDTSTART:20260330T080000\nDTEND:20260330T120000", "busy 30.03. 06:00Z-10:00Z"},
		"another zone":                  {"UID:1\nDTSTART;TZID=Europe/London:20260330T080000\nDTEND;TZID=Europe/Berlin:20260330T120000", "busy 30.03. 07:00Z-10:00Z"},
		"a prefix before the zone":      {"UID:1\nDTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20260330T080000\nDURATION:PT30M", "busy 30.03. 06:00Z-06:30Z"},
		"a whole day":                   {"UID:1\nDTSTART;VALUE=DATE:20260330\nDTEND;VALUE=DATE:20260331", "busy 29.03. 22:00Z-22:00Z"},
		"a whole day without an end":    {"UID:1\nDTSTART;VALUE=DATE:20260330", "busy 29.03. 22:00Z-22:00Z"},
		"days of the change":            {"UID:1\nDTSTART;VALUE=DATE:20260328\nDTEND;VALUE=DATE:20260330", "busy 27.03. 23:00Z-22:00Z"},
		"a birthday":                    {"UID:1\nDTSTART;VALUE=DATE:20260330\nRRULE:FREQ=YEARLY\nTRANSP:TRANSPARENT", ""},
		"over night":                    {"UID:1\nDTSTART;TZID=Europe/Berlin:20260330T220000\nDTEND;TZID=Europe/Berlin:20260331T020000", "busy 30.03. 20:00Z-00:00Z"},
		"until midnight, free":          {"UID:1\nDTSTART;TZID=Europe/Berlin:20260330T220000\nDTEND;TZID=Europe/Berlin:20260331T000000\nTRANSP:TRANSPARENT", "free 30.03. 20:00Z-22:00Z"},
		"cancelled":                     {"UID:1\nDTSTART:20260330T080000\nDTEND:20260330T120000\nSTATUS:CANCELLED", ""},
		"no duration":                   {"UID:1\nDTSTART:20260330T080000", ""},
		"odd minutes, free":             {"UID:1\nDTSTART:20260330T080300\nDTEND:20260330T085900\nTRANSP:TRANSPARENT", "free 30.03. 06:05Z-06:55Z"},
		"an exception":                  {"UID:1\nDTSTART:20260330T080000\nDTEND:20260330T090000\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260331T080000", "busy 01.04. 06:00Z-07:00Z busy 30.03. 06:00Z-07:00Z"},
		"exceptions in UTC":             {"UID:1\nDTSTART;TZID=Europe/Berlin:20260330T010000\nDTEND;TZID=Europe/Berlin:20260330T020000\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260329T230000Z,20260330T230000Z", "busy 31.03. 23:00Z-00:00Z"},
		"one more day":                  {"UID:1\nDTSTART:20260330T080000\nDTEND:20260330T090000\nRDATE:20260402T080000", "busy 02.04. 06:00Z-07:00Z busy 30.03. 06:00Z-07:00Z"},
		"until, in UTC, with the last":  {"UID:1\nDTSTART:20260330T080000\nDTEND:20260330T090000\nRRULE:FREQ=DAILY;UNTIL=20260331T060000Z", "busy 30.03. 06:00Z-07:00Z busy 31.03. 06:00Z-07:00Z"},
		"until, just before the last":   {"UID:1\nDTSTART:20260330T080000\nDTEND:20260330T090000\nRRULE:FREQ=DAILY;UNTIL=20260331T055900Z", "busy 30.03. 06:00Z-07:00Z"},
		"until a day":                   {"UID:1\nDTSTART:20260330T080000\nDTEND:20260330T090000\nRRULE:UNTIL=20260331;FREQ=DAILY", "busy 30.03. 06:00Z-07:00Z busy 31.03. 06:00Z-07:00Z"},
		"an alarm has times, too":       {"UID:1\nDTSTART:20260330T080000\nDTEND:20260330T090000\nBEGIN:VALARM\nTRIGGER:-PT15M\nDURATION:PT5M\nDTSTART:nonsense\nEND:VALARM", "busy 30.03. 06:00Z-07:00Z"},
		"folded":                        {"UID:1\nDTSTART;TZID=Euro\n pe/Berlin:202603\n\t30T080000\nDURATION:P0DT1H0M0S", "busy 30.03. 06:00Z-07:00Z"},
		"broken texts do not matter":    {"UID:1\nSUMMARY\nDESCRIPTION;X=\"\nDTSTART:20260330T080000\nDTEND:20260330T090000\nATTENDEE;CN=\xff:x", "busy 30.03. 06:00Z-07:00Z"},
	} {
		if got := strings.Join(spans(t, file(c.event)), " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// One event of a series was moved, another cancelled.
func TestParseMovedEvents(t *testing.T) {
	text := file("UID:1\nRECURRENCE-ID;TZID=Europe/Berlin:20260331T080000\nDTSTART;TZID=Europe/Berlin:20260331T140000\nDTEND;TZID=Europe/Berlin:20260331T150000",
		"UID:1\nDTSTART;TZID=Europe/Berlin:20260330T080000\nDTEND;TZID=Europe/Berlin:20260330T090000\nRRULE:FREQ=DAILY;COUNT=3",
		"UID:1\nRECURRENCE-ID:20260401T060000Z\nDTSTART;TZID=Europe/Berlin:20260401T080000\nDTEND;TZID=Europe/Berlin:20260401T090000\nSTATUS:CANCELLED")
	if got := strings.Join(spans(t, text), ", "); got != "busy 30.03. 06:00Z-07:00Z, busy 31.03. 12:00Z-13:00Z" {
		t.Error(got)
	}
}

func TestParseICalRefuses(t *testing.T) {
	const begin = "UID:1\nDTSTART:20260330T080000\nDTEND:20260330T090000\n"
	for name, c := range map[string]struct {
		text []byte
		key  string
		line any
	}{
		"empty":                {nil, "booking.ical_not_calendar", 0},
		"a picture":            {[]byte("\x89PNG\r\n\x1a\n"), "booking.ical_not_calendar", 1},
		"a web page":           {[]byte("<html>\n"), "booking.ical_not_calendar", 1},
		"cut off":              {file(begin)[:100], "booking.ical_not_calendar", 7},
		"ends mixed up":        {[]byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n"), "booking.ical_not_calendar", 3},
		"31 February":          {file("UID:1\nDTSTART:20260231T080000\nDTEND:20260231T090000"), "booking.ical_bad_line", 6},
		"no colon":             {file("UID:1\nDTSTART"), "booking.ical_bad_line", 6},
		"no start":             {file("UID:1\nDTEND:20260330T080000"), "booking.ical_no_time", 4},
		"two starts":           {file(begin + "DTSTART:20260330T080000"), "booking.ical_no_time", 4},
		"ends before":          {file("UID:1\nDTSTART:20260330T080000\nDTEND:20260330T070000"), "booking.ical_no_time", 4},
		"a day before":         {file("UID:1\nDTSTART:20260330T080000\nDTEND:20260329T090000"), "booking.ical_no_time", 4},
		"unknown zone":         {file("UID:1\nDTSTART;TZID=Mond:20260330T080000"), "booking.ical_bad_zone", 6},
		"hourly":               {file(begin + "RRULE:FREQ=HOURLY"), "booking.ical_bad_rule", 8},
		"nonsense rule":        {file(begin + "RRULE:every monday"), "booking.ical_bad_rule", 8},
		"empty rule":           {file(begin + "RRULE:UNTIL=20260401"), "booking.ical_bad_rule", 8},
		"bad until":            {file(begin + "RRULE:FREQ=DAILY;UNTIL=soon"), "booking.ical_bad_rule", 8},
		"two rules":            {file(begin + "RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY"), "booking.ical_bad_line", 9},
		"bad exception":        {file(begin + "EXDATE:tomorrow"), "booking.ical_bad_line", 8},
		"another time":         {file(begin + "RDATE:20260401T100000"), "booking.ical_bad_line", 8},
		"bad duration":         {file("UID:1\nDTSTART:20260330T080000\nDURATION:an hour"), "booking.ical_bad_line", 7},
		"no duration at all":   {file("UID:1\nDTSTART:20260330T080000\nDURATION:PT"), "booking.ical_bad_line", 7},
		"free over midnight":   {file("UID:1\nDTSTART:20260330T220000\nDTEND:20260331T020000\nTRANSP:TRANSPARENT"), "booking.ical_over_midnight", 4},
		"too large":            {bytes.Repeat([]byte("x"), mostICal<<20+1), "booking.ical_too_large", nil},
		"too many":             {file(slices.Repeat([]string{begin + "TRANSP:OPAQUE"}, mostEvents+1)...), "booking.ical_too_many", nil},
		"this and all to come": {file(begin + "RECURRENCE-ID;RANGE=THISANDFUTURE:20260330T080000"), "booking.ical_bad_line", 8},
	} {
		_, err := ParseICal(c.text, zone(t, "Europe/Berlin"))
		e, ok := errors.AsType[*ortsnah.Error](err)
		if !ok || e.Kind != ortsnah.Invalid || e.Key != c.key || e.Args["line"] != c.line {
			t.Errorf("%s: %v, want %s in line %v", name, err, c.key, c.line)
		}
	}
}

func TestWriteICal(t *testing.T) {
	var b bytes.Buffer
	err := WriteICal(&b, time.Date(2026, 3, 27, 9, 0, 0, 0, time.UTC), Labels{Released: "Sprechzeit", Closed: "nicht da"}, []Event{
		{UID: "a", Series: Series{First: day("2026-03-28"), Until: day("2026-05-01"), Rule: "FREQ=WEEKLY;BYDAY=MO", Opens: clock("08:00"), Closes: clock("12:00"),
			Zone: "Europe/Berlin", Except: map[time.Time]bool{day("2026-04-06"): false, day("2026-04-07"): true}}},
		{UID: "b", Busy: true, AllDay: true, Over: 1, Series: Series{First: day("2026-03-30"), Closes: 24 * 60, Zone: "Europe/Berlin"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"BEGIN:VTIMEZONE", "TZID:Europe/Berlin", "BEGIN:DAYLIGHT", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
		"DTSTART:20250330T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "DTSTART;TZID=Europe/Berlin:20260330T080000", "TRANSP:TRANSPARENT",
		"RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260430T215959Z", "EXDATE;TZID=Europe/Berlin:20260406T080000", "RDATE;TZID=Europe/Berlin:20260407T080000",
		"DTSTART;VALUE=DATE:20260330", "DTEND;VALUE=DATE:20260401", "TRANSP:OPAQUE", "SUMMARY:nicht da"} {
		if !strings.Contains(b.String(), want+"\r\n") {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

// What is written is read as the same.
func TestICalRoundTrip(t *testing.T) {
	rules := []string{"", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,WE", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "FREQ=MONTHLY;BYDAY=1TH", "FREQ=DAILY;COUNT=5", "FREQ=MONTHLY;BYMONTHDAY=31"}
	rapid.Check(t, func(t *rapid.T) {
		var events []Event
		for i := range rapid.IntRange(1, 4).Draw(t, "events") {
			e := Event{UID: fmt.Sprint("release-", i), Busy: rapid.Bool().Draw(t, "busy"), Series: Series{
				First: day("2026-01-01").AddDate(0, 0, rapid.IntRange(0, 400).Draw(t, "first")), Rule: rapid.SampledFrom(rules).Draw(t, "rule"),
				Opens: clock("00:00") + 5*60, Zone: rapid.SampledFrom([]string{"Europe/Berlin", "UTC", "America/New_York", "Asia/Kolkata"}).Draw(t, "zone"), Except: map[time.Time]bool{}}}
			e.Opens, e.Closes = 5*60, 5*60+e.Opens/5*5
			if e.Busy {
				e.Over = rapid.IntRange(0, 3).Draw(t, "over")
			}
			if e.Rule != "" && !strings.Contains(e.Rule, "COUNT") && rapid.Bool().Draw(t, "ends") {
				e.Until = e.First.AddDate(0, 0, rapid.IntRange(40, 200).Draw(t, "until"))
			}
			for range rapid.IntRange(0, 3).Draw(t, "exceptions") {
				e.Except[e.First.AddDate(0, 0, rapid.IntRange(1, 30).Draw(t, "exception"))] = rapid.Bool().Draw(t, "open")
			}
			events = append(events, e)
		}
		var b bytes.Buffer
		if err := WriteICal(&b, time.Now(), Labels{Released: "Sprechzeit"}, events); err != nil {
			t.Fatal(err)
		}
		berlin, err := Zone("Europe/Berlin")
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseICal(b.Bytes(), berlin)
		if err != nil {
			t.Fatal(err, b.String())
		}
		all := func(events []Event) map[string]string {
			found := map[string]string{}
			for _, e := range events {
				spans, err := e.Spans(day("2026-01-01"), day("2028-01-01"))
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range spans {
					found[e.UID] += s.Starts.UTC().Format(" "+icalUTC) + s.Ends.UTC().Format("-"+icalUTC)
				}
				found[e.UID] += fmt.Sprint(" ", e.Busy)
			}
			return found
		}
		if diff := cmp.Diff(all(events), all(back)); diff != "" {
			t.Error(diff, b.String())
		}
	})
}

func FuzzParseICal(f *testing.F) {
	f.Add(file("UID:1\nDTSTART;TZID=Europe/Berlin:20260330T080000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260331"))
	f.Add(file("UID:1\nRECURRENCE-ID:20260331\nDTSTART;VALUE=DATE:20260331"))
	berlin := zone(f, "Europe/Berlin")
	f.Fuzz(func(t *testing.T, text []byte) {
		events, err := ParseICal(text, berlin)
		if err != nil && ortsnah.KindOf(err) != ortsnah.Invalid {
			t.Error(err)
		}
		for _, e := range events {
			if _, err := e.Spans(day("2026-01-01"), day("2026-02-01")); err != nil {
				t.Errorf("%+v: %v", e, err)
			}
		}
	})
}

package booking

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah/booking/calendar"
)

func icalFile(events ...string) []byte {
	return []byte("BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\n" + strings.Join(events, "\nEND:VEVENT\nBEGIN:VEVENT\n") + "\nEND:VEVENT\nEND:VCALENDAR\n")
}

func (q *quotas) imported(text []byte, force bool) (Imported, []Conflict, error) {
	q.t.Helper()
	return ImportICal(q.t.Context(), q, q.now, planner(), q.clerk["A1"], text, Release{Site: "rathaus", Channels: []Channel{Counter}, Concerns: []string{"pass"}}, force)
}

const (
	freeMondays = "UID:m\nSUMMARY:Sprechstunde Frau Beispiel\nTRANSP:TRANSPARENT\nDTSTART;TZID=Europe/Berlin:20260330T080000\nDTEND;TZID=Europe/Berlin:20260330T120000\nRRULE:FREQ=WEEKLY\nEXDATE;TZID=Europe/Berlin:20260413T080000"
	holidays    = "UID:u\nSUMMARY:Urlaub Beispiel\nDTSTART;VALUE=DATE:20260420\nDTEND;VALUE=DATE:20260425"
	meeting     = "UID:b\nDTSTART;TZID=Europe/Berlin:20260330T090000\nDTEND;TZID=Europe/Berlin:20260330T093000\nRRULE:FREQ=WEEKLY;COUNT=2"
	onHoliday   = "UID:h\nTRANSP:TRANSPARENT\nDTSTART:20260403T080000\nDURATION:PT1H"
	longAgo     = "UID:p\nTRANSP:TRANSPARENT\nDTSTART:20200330T080000\nDTEND:20200330T090000"
)

func TestImportICal(t *testing.T) {
	q := quotaTown(t, "2026-03-27 10:00")
	own := q.offer(q.release("A1", "2026-03-31", "", "14:00", "16:00"))
	for range 2 { // the second time nothing is doubled
		done, lost, err := q.imported(icalFile(freeMondays, holidays, meeting, longAgo, onHoliday), false)
		if err != nil || done.Releases != 1 || done.Closures != 3 || done.Left != 2 || len(lost) != 0 {
			t.Fatalf("%+v, %v, %v", done, lost, err)
		}
		releases, err := Releases(t.Context(), q, q.clerk["A1"])
		if err != nil || len(releases) != 2 || releases[0].Imported != "m" || releases[0].Site != "rathaus" {
			t.Fatalf("%+v, %v", releases, err)
		}
		if days := q.days(releases[0].ID); days[0] != "30.03. 06:00Z-10:00Z counter" || !strings.HasPrefix(days[1], "20.04.") { // Easter Monday, then the exception
			t.Errorf("%q", days)
		}
	}
	if n := q.count(`SELECT count(*) FROM booking.closure WHERE kind = 'closed' AND reason_de = ''`); n != 3 {
		t.Error(n, "absences")
	}
	if n := q.count(`SELECT (SELECT count(*) FROM booking.release r WHERE r::text LIKE '%Beispiel%') + (SELECT count(*) FROM booking.closure c WHERE c::text LIKE '%Beispiel%')
		+ (SELECT count(*) FROM booking.audit a WHERE a::text LIKE '%Beispiel%')`); n != 0 {
		t.Error("the file's names were kept")
	}
	q.booked("AAAAAAA1", "A1", "pass", "2026-03-30 10:00", "2026-03-30 10:10", 0)
	away := strings.ReplaceAll(meeting, "T093000", "T103000")
	for name, text := range map[string][]byte{"released no more": icalFile(holidays), "away": icalFile(freeMondays, away)} {
		_, _, err := q.imported(text, false)
		if h, ok := errors.AsType[*HasBookings](err); !ok || len(h.Conflicts) != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := q.count(`SELECT count(*) FROM booking.closure`); n != 3 {
		t.Error(n, "absences after refused imports")
	}
	done, lost, err := q.imported(icalFile(holidays), true)
	if err != nil || done.Withdrawn != 1 || len(lost) != 1 {
		t.Errorf("%+v, %v, %v", done, lost, err)
	}
	if releases, err := Releases(t.Context(), q, q.clerk["A1"]); err != nil || len(releases) != 1 || releases[0].ID != own.ID {
		t.Errorf("%+v, %v", releases, err)
	}
}

func TestImportRefuses(t *testing.T) {
	q := quotaTown(t, "2026-03-27 10:00")
	for name, c := range map[string]struct {
		text []byte
		key  string
	}{
		"no calendar":  {[]byte("hello"), "booking.ical_not_calendar"},
		"hourly":       {icalFile("UID:1\nDTSTART:20260330T080000\nDURATION:PT1H\nRRULE:FREQ=MINUTELY"), "booking.ical_bad_rule"},
		"too far away": {icalFile("UID:1\nTRANSP:TRANSPARENT\nDTSTART:20360331T080000\nDURATION:PT1H"), "booking.release_far_away"},
	} {
		if _, _, err := q.imported(c.text, true); key(err) != c.key {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
	}
	if _, _, err := ImportICal(t.Context(), q, q.now, planner(), 4711, icalFile(meeting), Release{}, true); key(err) != "booking.no_clerk" {
		t.Error(err)
	}
}

// An exported file, read again, changes nothing.
func TestExportAndImport(t *testing.T) {
	q := quotaTown(t, "2026-03-27 10:00")
	r := q.release("A1", "2026-03-01", "FREQ=WEEKLY;BYDAY=MO,FR", "08:00", "12:00")
	until := q.day("2026-06-01")
	r.UntilDay, r.Exceptions = &until, []Exception{{Day: q.day("2026-04-03"), Open: true}, {Day: q.day("2026-04-13")}}
	q.offer(r)
	q.offer(q.release("A1", "2026-03-31", "", "23:00", "24:00"))
	for _, c := range []Closure{{Starts: q.wall("2026-04-20 00:00"), Ends: q.wall("2026-04-25 00:00")}, {Starts: q.wall("2026-05-04 22:00"), Ends: q.wall("2026-05-05 10:00")}} {
		c.Resource, c.Kind = q.clerk["A1"], Sickness
		_, _, err := Close(t.Context(), q, q.now, planner(), c)
		q.must(err)
	}
	picture := func() []string {
		var all []string
		releases, err := Releases(t.Context(), q, q.clerk["A1"])
		q.must(err)
		for _, r := range releases {
			all = append(append(all, r.Note, r.uid()), q.days(r.ID)...)
		}
		closures, err := Closures(t.Context(), q, q.now, q.now.AddDate(1, 0, 0))
		q.must(err)
		for _, c := range closures {
			all = append(all, c.Starts.Format(time.RFC3339)+c.Ends.Format(time.RFC3339)+string(c.Kind))
		}
		return all
	}
	before := picture()
	var file bytes.Buffer
	q.must(ExportReleases(t.Context(), q, q.now, q.clerk["A1"], calendar.Labels{Released: "Sprechzeit", Closed: "nicht da"}, &file))
	if !strings.Contains(file.String(), "EXDATE;TZID=Europe/Berlin:20260406T080000") || strings.Contains(file.String(), "A1") || strings.Contains(file.String(), "sick") {
		t.Error(file.String())
	}
	done, lost, err := q.imported(file.Bytes(), false)
	if err != nil || done.Releases != 2 || done.Closures != 0 || len(lost) != 0 {
		t.Fatalf("%+v, %v, %v", done, lost, err)
	}
	if after := picture(); !slices.Equal(before, after) {
		t.Errorf("before\n%q\nafter\n%q", before, after)
	}
	if err := ExportReleases(t.Context(), q, q.now, 4711, calendar.Labels{}, &file); key(err) != "booking.no_clerk" {
		t.Error(err)
	}
}

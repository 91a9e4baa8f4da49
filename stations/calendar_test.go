package stations

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
)

// TestCalendar: what a program that subscribes reads, by another parser.
func TestCalendar(t *testing.T) {
	visit := Visit{ID: "west-2026-11-23", Starts: at(t, "2026-11-23 09:30"), Ends: at(t, "2026-11-23 12:00"), State: Cancelled, Sequence: 2, Changed: at(t, "2026-11-20 08:00")}
	e := Event{Visit: visit, Title: "Halt;\nWest, Nord", Place: "Am Markt 1, Musterstadt", Text: "Zeile 1\nZeile; 2, ü", URL: "https://stadt.example/stationen/west", Lon: 8.39, Lat: 51.91}
	var out bytes.Buffer
	if err := (Calendar{Name: "Stationen", Domain: "stadt.example"}).Write(&out, []Event{e}); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"UID:west-2026-11-23@stadt.example", "DTSTART:20261123T083000Z", "DTEND:20261123T110000Z", "DTSTAMP:20261120T070000Z",
		"STATUS:CANCELLED", "SEQUENCE:2", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H", "METHOD:PUBLISH", "NAME:Stationen",
		`SUMMARY:Halt\; West\, Nord`, `DESCRIPTION:Zeile 1\nZeile\; 2\, ü`, "GEO:51.91;8.39", "TRANSP:TRANSPARENT"} {
		if !strings.Contains(out.String(), line+"\r\n") {
			t.Errorf("without %q:\n%s", line, out.String())
		}
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(out.String(), "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("RFC 5545, 3.1: %q", line)
		}
	}
	cal, err := ics.ParseCalendar(&out)
	if err != nil || len(cal.Events()) != 1 {
		t.Fatal(err)
	}
}

// TestVisitSequence: a calendar is told of changes, and of nothing else.
func TestVisitSequence(t *testing.T) {
	tx := pgtest.Tx(t, Migrations())
	now := at(t, "2026-06-05 12:00")
	plan := Plan{Zone: "Europe/Berlin", AnchorMonday: "2026-01-05", Stations: []Station{{ID: "bus", Name: catalog.Text{DE: "Bus"}, Kind: "vehicle", Staff: 1}},
		Stops:  []Stop{{ID: "west", Name: catalog.Text{DE: "West"}, Lon: 8.39, Lat: 51.91}},
		Visits: []PlannedVisit{{ID: "west", Station: "bus", Stop: "west", Weekday: 1, Start: "09:30", End: "12:00", EveryWeeks: 1, Services: []string{"reisepass"}}}}
	exec := func(sql string) {
		t.Helper()
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	first := func() Visit {
		t.Helper()
		if err := Load(t.Context(), tx, plan, now); err != nil {
			t.Fatal(err)
		}
		visits, err := Visits(t.Context(), tx, now, now.Add(Horizon))
		if err != nil || len(visits) == 0 {
			t.Fatal(err, len(visits))
		}
		return visits[0]
	}
	for _, step := range []struct {
		name   string
		change func()
		want   int
	}{
		{"announced", func() {}, 0},
		{"loaded again", func() {}, 0},
		{"another note", func() { plan.Visits[0].Note = "Demo" }, 0},
		{"later", func() { plan.Visits[0].End = "12:30" }, 1},
		{"another service", func() { plan.Visits[0].Services = []string{"reisepass", "rente"} }, 2},
		{"cancelled", func() {
			exec(`INSERT INTO stations.pattern_exception (pattern, day, reason_de) VALUES ('west', '2026-06-08', 'Werkstatt')`)
		}, 3},
		{"cancelled still", func() {}, 3},
		{"takes place after all", func() { exec(`DELETE FROM stations.pattern_exception`) }, 4},
	} {
		step.change()
		if v := first(); v.Sequence != step.want || v.Changed.IsZero() {
			t.Errorf("%s: sequence %d, want %d", step.name, v.Sequence, step.want)
		}
	}
}

func TestHabits(t *testing.T) {
	times := func(list ...string) []Visit {
		var visits []Visit
		for _, text := range list {
			start := at(t, text)
			visits = append(visits, Visit{Starts: start, Ends: start.Add(150 * time.Minute)})
		}
		return visits
	}
	for name, c := range map[string]struct {
		visits []Visit
		want   []Habit
	}{
		"none":                  {nil, []Habit{}},
		"once":                  {times("2026-06-08 09:30"), []Habit{{time.Monday, 570, 720, 0, at(t, "2026-06-08 09:30")}}},
		"weekly":                {times("2026-06-08 09:30", "2026-06-15 09:30", "2026-06-22 09:30"), []Habit{{time.Monday, 570, 720, 1, at(t, "2026-06-08 09:30")}}},
		"with a holiday":        {times("2026-06-08 09:30", "2026-06-22 09:30", "2026-07-20 09:30"), []Habit{{time.Monday, 570, 720, 2, at(t, "2026-06-08 09:30")}}},
		"over the clock change": {times("2026-10-22 09:30", "2026-10-29 09:30"), []Habit{{time.Thursday, 570, 720, 1, at(t, "2026-10-22 09:30")}}},
		"single days":           {times("2026-06-08 09:30", "2026-06-15 09:30", "2026-08-31 09:30"), []Habit{{time.Monday, 570, 720, 0, at(t, "2026-06-08 09:30")}}},
		"Sunday is last": {times("2026-06-07 09:30", "2026-06-08 09:30"), []Habit{
			{time.Monday, 570, 720, 0, at(t, "2026-06-08 09:30")}, {time.Sunday, 570, 720, 0, at(t, "2026-06-07 09:30")}}},
	} {
		same := func(a, b Habit) bool {
			return a.Next.Equal(b.Next) && a.Weekday == b.Weekday && a.Opens == b.Opens && a.Closes == b.Closes && a.EveryWeeks == b.EveryWeeks
		}
		if got := Habits(c.visits); !slices.EqualFunc(got, c.want, same) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

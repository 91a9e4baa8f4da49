package booking

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestHideParts(t *testing.T) {
	for _, c := range []struct {
		sum   int
		parts [4]int
		want  string
	}{
		{20, [4]int{20, 0, 0, 0}, "20 0 0 0"},
		{20, [4]int{17, 3, 0, 0}, "<5 <5 0 0"}, // else 20-17 = 3
		{20, [4]int{12, 3, 5, 0}, "12 <5 <5 0"},
		{20, [4]int{10, 3, 2, 5}, "10 <5 <5 5"},
		{4, [4]int{4, 0, 0, 0}, "<5 0 0 0"},
		{3, [4]int{1, 1, 1, 0}, "<5 <5 <5 0"},
		{0, [4]int{}, "0 0 0 0"},
		{5, [4]int{5, 0, 0, 0}, "5 0 0 0"},
	} {
		a, b, d, e := hideParts(c.sum, c.parts)
		if got := fmt.Sprint(a, b, d, e); got != c.want {
			t.Errorf("%d %v: %s, want %s", c.sum, c.parts, got, c.want)
		}
	}
}

func TestMonday(t *testing.T) {
	for day, want := range map[string]string{"2026-03-30": "2026-03-30", "2026-04-05": "2026-03-30", "2027-01-01": "2026-12-28"} {
		d, _ := time.Parse(time.DateOnly, day)
		if got := Monday(d).Format(time.DateOnly); got != want {
			t.Errorf("%s: %s, want %s", day, got, want)
		}
	}
}

// TestReport counts visits that are written as they would have become.
func TestReport(t *testing.T) {
	s := scenarioTown(t, "2026-04-06 08:00")
	visit := func(n int, concern, clerk, state, waited string) {
		t.Helper()
		_, err := s.DB.Exec(t.Context(), `WITH a AS (
				INSERT INTO booking.appointment (id, token_hash, state, channel, via, persons, office, site, zone, wall_start, starts, ends,
					created_at, booked_at, arrived_at, called_at, served_at, ended_at, ended_by)
				SELECT 'R' || lpad((nextval('booking.wish_id_seq'))::text, 7, '0'), decode(repeat('00', 32), 'hex'), @state::text, 'counter', 'web', 1,
					(SELECT office FROM booking.concern WHERE id = @concern), 'rathaus', 'Europe/Berlin', w, w AT TIME ZONE 'Europe/Berlin',
					w AT TIME ZONE 'Europe/Berlin' + interval '10 min', now(), now(),
					CASE WHEN @state = 'done' THEN w AT TIME ZONE 'Europe/Berlin' - interval '20 min' END,
					CASE WHEN @state = 'done' THEN w AT TIME ZONE 'Europe/Berlin' + @waited::text::interval END, NULL,
					CASE WHEN @state <> 'booked' THEN now() END, CASE WHEN @state <> 'booked' THEN 'town' ELSE '' END
				FROM generate_series(1, @n) AS i, LATERAL (SELECT timestamp '2026-03-30 08:00' + i * interval '10 min' AS w) AS x
				RETURNING id, starts, ends)
			INSERT INTO booking.part (appointment, position, concern, team, clerk, starts, ends)
			SELECT id, 1, @concern, (SELECT team FROM booking.clerk_team WHERE clerk = @clerk LIMIT 1), @clerk, starts, ends FROM a`,
			pgx.NamedArgs{"n": n, "concern": concern, "state": state, "clerk": s.clerk[clerk], "waited": waited})
		s.must(err)
	}
	visit(12, "pass", "A1", "done", "4 min")
	visit(6, "pass", "A2", "no_show", "0")
	visit(3, "rente", "P1", "done", "0")
	day := func(text string) time.Time { d, _ := time.Parse(time.DateOnly, text); return d }
	lines, err := Report(t.Context(), s.DB, day("2026-04-01"), day("2026-04-02"), "")
	s.must(err)
	if len(lines) != 2 {
		t.Fatalf("%+v", lines)
	}
	pass, rente := lines[0], lines[1]
	if pass.Week != day("2026-03-30") || fmt.Sprint(pass.Booked, pass.Kept, pass.Missed, pass.Cancelled) != "18 12 6 0" || pass.WaitedMedianMinutes != 4 || fmt.Sprintf("%.3f", pass.MissedShare) != "0.333" {
		t.Errorf("pass %+v", pass)
	}
	if fmt.Sprint(rente.Booked, rente.Kept) != "<5 <5" || rente.WaitedMedianMinutes != -1 || rente.MissedShare != -1 {
		t.Errorf("three visitors can be seen: %+v", rente)
	}
	if n, shown := rente.Booked.Number(); n != 0 || shown {
		t.Errorf("the hidden number is %d", n)
	}
	if lines, err = Report(t.Context(), s.DB, day("2026-03-30"), day("2026-04-06"), "rente"); err != nil || len(lines) != 1 {
		t.Errorf("of one office %+v %v", lines, err)
	}
	if lines, err = Report(t.Context(), s.DB, day("2026-04-06"), day("2026-04-13"), ""); err != nil || len(lines) != 0 {
		t.Errorf("of the next week %+v %v", lines, err)
	}
	// No field of a report is about a clerk or a person.
	for _, typ := range []reflect.Type{reflect.TypeFor[ReportLine](), reflect.TypeFor[UnmetLine](), reflect.TypeFor[WishLine]()} {
		for i := range typ.NumField() {
			if name := strings.ToLower(typ.Field(i).Name); strings.Contains(name, "clerk") || strings.Contains(name, "person") || strings.Contains(name, "room") {
				t.Errorf("%s has a field %s", typ.Name(), name)
			}
		}
	}
}

func TestUnmetAndWishes(t *testing.T) {
	s := scenarioTown(t, "2026-04-06 08:00")
	_, err := s.DB.Exec(t.Context(), `INSERT INTO booking.unmet_demand (concern, week, reason)
		SELECT 'pass', date '2026-03-30', 'full' FROM generate_series(1, 7) UNION ALL SELECT 'rente', date '2026-03-30', 'no_room'
		UNION ALL SELECT 'pass', date '2026-04-06', 'full'`)
	s.must(err)
	_, err = s.DB.Exec(t.Context(), `INSERT INTO booking.wish (token_hash, concern, team, channel, persons, from_day, until_day, state, created_at)
		SELECT decode(repeat('00', 32), 'hex'), 'rente', 'rente', 'counter', 1, date '2026-04-06', date '2026-05-06', CASE WHEN i > 6 THEN 'withdrawn' ELSE 'waiting' END, now()
		FROM generate_series(1, 8) AS i`)
	s.must(err)
	day := func(text string) time.Time { d, _ := time.Parse(time.DateOnly, text); return d }
	unmet, err := UnmetDemand(t.Context(), s.DB, day("2026-03-30"), day("2026-04-06"), "")
	s.must(err)
	if len(unmet) != 2 || unmet[0].Concern != "pass" || unmet[0].Count.String() != "7" || unmet[1].Count.String() != "<5" {
		t.Errorf("%+v", unmet)
	}
	wishes, err := TopWishes(t.Context(), s.DB, "")
	s.must(err)
	if len(wishes) != 1 || wishes[0].Concern != "rente" || wishes[0].Count.String() != "6" {
		t.Errorf("%+v", wishes)
	}
}

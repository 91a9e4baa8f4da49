package booking

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// observe runs the hourly task at a wall time and returns what is known then.
func (s *scenario) observe(wall string) string {
	s.t.Helper()
	s.must(pgx.BeginFunc(s.t.Context(), s.DB, func(tx pgx.Tx) error { return ObserveDemand(s.t.Context(), tx, s.wall(wall)) }))
	rows, err := s.DB.Query(s.t.Context(), `SELECT concern || ' ' || week || ' ' || booked || ' ' || kept || ' ' || walk_ins || ' ' || unmet
		FROM stations.demand_observation ORDER BY 1`)
	s.must(err)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	s.must(err)
	return fmt.Sprint(lines)
}

// visited writes n appointments of the pass office from 8:00 on as they would have become.
func (s *scenario) visited(n int, prefix, day, state string) {
	s.t.Helper()
	_, err := s.DB.Exec(s.t.Context(), `WITH a AS (
			INSERT INTO booking.appointment (id, token_hash, state, channel, via, persons, office, site, zone, wall_start, starts, ends,
				created_at, booked_at, arrived_at, ended_at, ended_by)
			SELECT @prefix || lpad(i::text, 7, '0'), decode(repeat('00', 32), 'hex'), @state::text, 'counter', 'web', 1,
				(SELECT office FROM booking.concern WHERE id = 'pass'), 'rathaus', 'Europe/Berlin', w, w AT TIME ZONE 'Europe/Berlin',
				w AT TIME ZONE 'Europe/Berlin' + interval '10 min', now(), now(),
				CASE WHEN @state = 'done' THEN now() END, CASE WHEN @state <> 'booked' THEN now() END, CASE WHEN @state <> 'booked' THEN 'town' ELSE '' END
			FROM generate_series(1, @n) AS i, LATERAL (SELECT @day::date + time '08:00' + i * interval '10 min' AS w) AS x
			RETURNING id, starts, ends)
		INSERT INTO booking.part (appointment, position, concern, team, clerk, starts, ends)
		SELECT id, 1, 'pass', (SELECT team FROM booking.clerk_team WHERE clerk = @clerk LIMIT 1), @clerk, starts, ends FROM a`,
		pgx.NamedArgs{"n": n, "prefix": prefix, "state": state, "day": day, "clerk": s.clerk["A1"]})
	s.must(err)
}

func TestObserveDemand(t *testing.T) {
	s := scenarioTown(t, "2026-04-06 08:00")
	s.visited(12, "A", "2026-04-02", "done")
	s.visited(3, "B", "2026-03-31", "no_show")
	s.visited(2, "C", "2026-04-07", "done") // this week is not over
	s.visited(4, "D", "2026-04-01", "cancelled")
	_, err := s.DB.Exec(t.Context(), `
		INSERT INTO booking.walk_in (day, site, number, office, concern, state, clerk, created_at, called_at, ended_at)
			SELECT date '2026-04-05', 'rathaus', i, (SELECT office FROM booking.concern WHERE id = 'pass'), CASE WHEN i < 6 THEN 'pass' END, 'done', $1, now(), now(), now()
			FROM generate_series(1, 8) AS i;`, s.clerk["A1"])
	s.must(err)
	_, err = s.DB.Exec(t.Context(), `INSERT INTO booking.unmet_demand (concern, cell, week, reason) VALUES
		('pass', '1kmN3200E4208', '2026-03-30', 'full'), ('pass', '1kmN3200E4208', '2026-03-30', 'no_room'), ('pass', '', '2026-03-30', 'full'), ('rente', '', '2026-04-06', 'full')`)
	s.must(err)
	const want = "[pass 2026-03-30 15 12 5 3]"
	for range 2 {
		if got := s.observe("2026-04-08 10:00"); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	var cells string
	s.must(s.DB.QueryRow(t.Context(), `SELECT string_agg(cell || ' ' || number, ', ' ORDER BY cell) FROM stations.unmet_cell`).Scan(&cells))
	if cells != " 1, 1kmN3200E4208 2" {
		t.Errorf("cells %q", cells)
	}
	// In summer the spring is settled: numbers stay when booking forgets its rows.
	_, err = s.DB.Exec(t.Context(), `DELETE FROM booking.unmet_demand`)
	s.must(err)
	if got := s.observe("2026-07-20 10:00"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := s.observe("2026-04-20 10:00"); got != "[pass 2026-03-30 15 12 5 0 pass 2026-04-06 2 2 0 0]" {
		t.Errorf("%s", got)
	}
}

// Who came to a station is counted when it has left; a count of walk-ins that
// its staff made stays.
func TestObserveStationVisits(t *testing.T) {
	s := scenarioTown(t, "2026-06-08 08:00")
	s.stationed("2026-06-11")
	counts := func() (text string) {
		s.must(s.DB.QueryRow(t.Context(), `SELECT coalesce(string_agg(visit || ' ' || appointments || ' ' || walk_ins || ' ' || no_shows, ', '), '') FROM stations.visit_count`).Scan(&text))
		return text
	}
	s.observe("2026-06-11 10:00")
	if got := counts(); got != "" {
		t.Errorf("counted while it stands there: %q", got)
	}
	s.observe("2026-06-11 13:00")
	if got := counts(); got != "do-2026-06-11 0 0 0" {
		t.Errorf("%q", got)
	}
	_, err := s.DB.Exec(t.Context(), `UPDATE stations.visit_count SET walk_ins = 7`)
	s.must(err)
	_, err = s.DB.Exec(t.Context(), `INSERT INTO booking.appointment (id, token_hash, state, channel, via, persons, office, stop, station_day, zone, wall_start, starts, ends, created_at, booked_at, arrived_at, ended_at, ended_by)
		SELECT 'S000000' || n, decode(repeat('00', 32), 'hex'), CASE n WHEN 1 THEN 'done' ELSE 'no_show' END, 'mobile', 'web', 1, (SELECT office FROM booking.concern WHERE id = 'pass'), d.stop, d.id,
			'Europe/Berlin', d.starts AT TIME ZONE 'Europe/Berlin', d.starts, d.starts + interval '10 min', now(), now(), CASE n WHEN 1 THEN now() END, now(), 'town'
		FROM booking.station_day d, generate_series(1, 3) AS n WHERE d.day = $1`, time.Date(2026, 6, 11, 0, 0, 0, 0, time.UTC))
	s.must(err)
	s.observe("2026-06-11 14:00")
	if got := counts(); got != "do-2026-06-11 1 7 2" {
		t.Errorf("%q", got)
	}
}

package stations

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"

	"github.com/ortsnah/ortsnah/geo/postgis"
)

// MostWalkIns is how many people without an appointment one visit can have had.
const MostWalkIns = 999

// Count is how many came to a visit; numbers only.
type Count struct {
	Visit        string
	Appointments int
	NoShows      int
	Booked       bool // booking has counted appointments and no-shows
	WalkIns      int
	Walked       bool // staff have counted who came without an appointment
}

// Counts returns what has been counted of the visits, by their ids; visits of
// which nothing is known are left out.
func Counts(ctx context.Context, db postgis.DB, visits []string) (map[string]Count, error) {
	rows, err := db.Query(ctx, `SELECT visit, appointments, no_shows, counted_at IS NOT NULL AS booked, walk_ins, walk_ins_at IS NOT NULL AS walked
		FROM stations.visit_count WHERE visit = ANY (@visits)`, pgx.NamedArgs{"visits": nonNil(visits)})
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Count])
	known := make(map[string]Count, len(list))
	for _, c := range list {
		known[c.Visit] = c
	}
	return known, err
}

// CountWalkIns keeps how many came to a visit without an appointment, or
// corrects it. seen is the number that was looked at before, nil: none yet; who
// counted at the same time is told. Errors: Invalid stations.walk_ins_range;
// NotFound stations.visit_gone; Conflict stations.visit_to_come,
// stations.visit_called_off, stations.walk_ins_counted (with the number).
func CountWalkIns(ctx context.Context, tx pgx.Tx, now time.Time, visit string, seen *int, n int) error {
	if n < 0 || n > MostWalkIns {
		return ortsnah.E(ortsnah.Invalid, "stations.walk_ins_range", "most", MostWalkIns).About("walk_ins")
	}
	var starts time.Time
	var state State
	err := tx.QueryRow(ctx, `SELECT starts, state FROM stations.visit WHERE id = $1 FOR UPDATE`, visit).Scan(&starts, &state)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return ortsnah.E(ortsnah.NotFound, "stations.visit_gone")
	case err != nil:
		return err
	case state == Cancelled:
		return ortsnah.E(ortsnah.Conflict, "stations.visit_called_off")
	case starts.After(now):
		return ortsnah.E(ortsnah.Conflict, "stations.visit_to_come")
	}
	known, err := Counts(ctx, tx, []string{visit})
	if err != nil {
		return err
	}
	if c := known[visit]; c.Walked && (seen == nil || *seen != c.WalkIns) {
		return ortsnah.E(ortsnah.Conflict, "stations.walk_ins_counted", "n", c.WalkIns).About("walk_ins")
	}
	_, err = tx.Exec(ctx, `INSERT INTO stations.visit_count (visit, appointments, walk_ins, walk_ins_at) VALUES (@visit, 0, @n, @now)
		ON CONFLICT (visit) DO UPDATE SET walk_ins = excluded.walk_ins, walk_ins_at = excluded.walk_ins_at`,
		pgx.NamedArgs{"visit": visit, "n": n, "now": now})
	return err
}

package planning

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Event is one step of a run's progress; Number counts from 1 and is the id of
// its server-sent event.
type Event struct {
	Number   int
	At       time.Time
	State    State
	Progress Progress
}

// Events returns those of the run after the one numbered after, in order.
func Events(ctx context.Context, db postgis.DB, run string, after int) ([]Event, error) {
	if !isUUID(run) {
		return nil, noRun()
	}
	rows, err := db.Query(ctx, `SELECT number, at, state, progress FROM stations.run_event WHERE run = @run AND number > @after ORDER BY number`,
		pgx.NamedArgs{"run": run, "after": after})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Event])
}

// Settled returns the state of the run and whether all of it is written down: what a
// dismissed run found comes a moment after it was dismissed. Error: NotFound
// planning.no_run.
func Settled(ctx context.Context, db postgis.DB, run string) (State, bool, error) {
	if !isUUID(run) {
		return "", false, noRun()
	}
	var state State
	var settled bool
	err := db.QueryRow(ctx, `SELECT state, state NOT IN ('queued', 'running') AND
			(worker IS NULL OR ended_at < clock_timestamp() - interval '5 seconds') FROM stations.run WHERE id = @run`,
		pgx.NamedArgs{"run": run}).Scan(&state, &settled)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", false, noRun()
	}
	return state, settled, err
}

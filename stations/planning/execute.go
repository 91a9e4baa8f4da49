package planning

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Wanted is what a program that started a run asked to get of it.
type Wanted struct {
	Outputs []string `json:"outputs"`
	Raw     bool     `json:"raw"` // as they are, not in one document
}

// Execute keeps a scenario and starts its run in one step, for programs. When
// the run cannot be started, nothing is kept. Without keep the scenario is
// archived at once: programs ask often, and the planners' list is for people.
// Errors: those of Draft and Start.
func Execute(ctx context.Context, db postgis.DB, now time.Time, s Scenario, keep bool, purpose Purpose, q Question, w Wanted) (r Run, err error) {
	err = pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		if s, err = Draft(ctx, tx, now, s); err != nil {
			return err
		}
		if r, err = Start(ctx, tx, now, s.ID, purpose, q); err != nil {
			return err
		}
		if !keep {
			if err := Archive(ctx, tx, now, s.ID); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, `UPDATE stations.run SET wanted = @wanted WHERE id = @id`, pgx.NamedArgs{"id": r.ID, "wanted": w})
		return err
	})
	return r, err
}

// WantedOf is what the program that started the run asked for; empty for runs
// of people. Error: NotFound planning.no_run.
func WantedOf(ctx context.Context, db postgis.DB, run string) (w Wanted, err error) {
	if !isUUID(run) {
		return w, noRun()
	}
	err = db.QueryRow(ctx, `SELECT coalesce(wanted, '{}') FROM stations.run WHERE id = @id`, pgx.NamedArgs{"id": run}).Scan(&w)
	if errors.Is(err, pgx.ErrNoRows) {
		return w, noRun()
	}
	return w, err
}

package planning

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Publish makes a run that has ended with an answer open data: everybody may
// read it, its sites and cells become datasets. Doing it twice changes
// nothing. The author is never part of it. Errors: NotFound planning.no_run,
// Conflict planning.nothing_to_publish.
func Publish(ctx context.Context, tx pgx.Tx, now time.Time, run string) (Run, error) {
	panic("to be written")
}

// Unpublish takes the run off the public list. Versions that were published
// stay readable, as of every dataset; the next version is without the run.
func Unpublish(ctx context.Context, tx pgx.Tx, now time.Time, run string) (Run, error) {
	panic("to be written")
}

package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Board is what is offered and what is free, in memory: the picture from which
// every instance answers searches. It may lag behind the database by a moment;
// that a slot is really free is decided by the claims alone.
type Board struct {
	db   *pgxpool.Pool
	zone *time.Location
	now  func() time.Time
}

// NewBoard makes an empty board; Load fills it.
func NewBoard(db *pgxpool.Pool, zone *time.Location, now func() time.Time) *Board {
	return &Board{db: db, zone: zone, now: now}
}

// Propose finds the best appointments for r.
func (b *Board) Propose(ctx context.Context, r Request) (Search, error) { return Search{}, errPending }

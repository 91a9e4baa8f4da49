package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Notice is something that a citizen is told in the portal. Kind names its
// sentence: booked, moved, cancelled, cancelled_by_town, alternative, offer,
// no_show, reminder, wish_noted.
type Notice struct {
	ID     int64
	Kind   string
	At     time.Time
	ReadAt *time.Time // before this look at them
}

// Notices returns the notices about an appointment, the newest first, and
// marks them as read when it is the citizen who looks. Error: NotFound
// booking.no_appointment.
func (c *Reception) Notices(ctx context.Context, id string, by By) ([]Notice, error) {
	a, err := find(ctx, c.DB, id, by)
	if err != nil {
		return nil, err
	}
	rows, err := c.DB.Query(ctx, `SELECT id, kind, created_at AS at, read_at FROM booking.outbox WHERE appointment = $1 ORDER BY id DESC`, a.ID)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Notice])
	if err == nil && !by.staff() {
		_, err = c.DB.Exec(ctx, `UPDATE booking.outbox SET read_at = $2 WHERE appointment = $1 AND read_at IS NULL`, a.ID, c.Now())
	}
	return list, err
}

// queueNotice leaves a notice about an appointment in the transaction that
// changes it.
func queueNotice(b *pgx.Batch, appointment, kind string, now time.Time) {
	b.Queue(`INSERT INTO booking.outbox (appointment, kind, created_at, due_at) VALUES (@id, @kind, @now, @now)`,
		pgx.NamedArgs{"id": appointment, "kind": kind, "now": now})
}

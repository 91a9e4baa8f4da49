package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Message is a notice with the appointment that it is about.
type Message struct {
	Appointment string
	Notice
}

// Inbox returns the notices about several appointments, the newest first, and
// marks none as read. It does not ask who wants to know.
func Inbox(ctx context.Context, db postgis.DB, appointments ...string) ([]Message, error) {
	rows, err := db.Query(ctx, `SELECT appointment, id, kind, created_at AS at, read_at FROM booking.outbox
		WHERE appointment = ANY ($1) ORDER BY created_at DESC, id DESC`, appointments)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Message])
}

// MarkRead notes that the citizen has seen messages.
func MarkRead(ctx context.Context, db postgis.DB, now time.Time, messages []Message) error {
	ids := make([]int64, len(messages))
	for i, m := range messages {
		ids[i] = m.ID
	}
	_, err := db.Exec(ctx, `UPDATE booking.outbox SET read_at = $2 WHERE id = ANY ($1) AND read_at IS NULL`, ids, now)
	return err
}

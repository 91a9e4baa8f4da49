package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// SweepHolds ends holds that have run out and frees what they occupied; it
// returns how many. Nobody waits for it: who wants the place takes it anyway.
func (c *Reception) SweepHolds(ctx context.Context) (int, error) {
	return c.each(ctx, `SELECT id FROM booking.appointment WHERE state = 'hold' AND hold_until <= $1 ORDER BY hold_until LIMIT 1000`, func(id string) error {
		_, err := c.change(ctx, id, itself(), func(tx pgx.Tx, a Appointment, now time.Time) error {
			if a.Status != Held || a.HoldUntil.After(now) {
				return nil
			}
			if _, err := tx.Exec(ctx, `UPDATE booking.appointment SET state = 'expired', hold_until = NULL, ended_at = @now, ended_by = 'program'
				WHERE id = @id`, pgx.NamedArgs{"id": a.ID, "now": now}); err != nil {
				return err
			}
			return free(ctx, tx, a.ID)
		})
		return err
	})
}

// Erase removes personal data whose day has come (S37) and answers kept for
// idempotency keys; it returns how many persons went. Appointments without
// persons stay, for the statistics.
func (c *Reception) Erase(ctx context.Context) (int, error) {
	now := c.Now()
	tag, err := c.DB.Exec(ctx, `DELETE FROM booking.person WHERE erase_on <= $1`, localDay(now, c.Zone))
	if err != nil {
		return 0, err
	}
	_, err = c.DB.Exec(ctx, `DELETE FROM booking.idempotency WHERE created_at <= $1`, now.Add(-keptAnswer))
	return int(tag.RowsAffected()), err
}

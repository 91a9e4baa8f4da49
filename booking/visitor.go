package booking

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/ortsnah/ortsnah"
)

// CheckIn notes that the visitor has come; badge may be empty. For staff only:
// a citizen is here when somebody sees him. Errors: Conflict
// booking.come_to_info_desk (too late), booking.not_today, booking.not_booked,
// booking.badge_in_use; Invalid booking.bad_badge.
func (c *Reception) CheckIn(ctx context.Context, id string, by By, badge string) (Appointment, error) {
	if err := forStaff(by); err != nil {
		return Appointment{}, err
	}
	if !plain(badge, 20) {
		return Appointment{}, ortsnah.E(ortsnah.Invalid, "booking.bad_badge", "most", 20).About("badge")
	}
	a, err := c.advance(ctx, id, by, "check_in", func(ctx context.Context, tx pgx.Tx, a Appointment, now time.Time) error {
		late, err := lateAt(ctx, tx, a)
		switch {
		case err != nil:
			return err
		case a.Status == NoShow || a.Status == Booked && !now.Before(late):
			return ortsnah.E(ortsnah.Conflict, "booking.come_to_info_desk")
		case a.Status != Booked:
			return ortsnah.E(ortsnah.Conflict, "booking.not_booked")
		case localDay(now, c.Zone) != localDay(a.Starts, c.Zone):
			return ortsnah.E(ortsnah.Conflict, "booking.not_today")
		}
		args := pgx.NamedArgs{"id": a.ID, "now": now, "badge": badge}
		var b pgx.Batch
		b.Queue(`UPDATE booking.appointment SET state = 'arrived', arrived_at = @now WHERE id = @id`, args)
		b.Queue(`UPDATE booking.registration SET entered_at = @now, badge = @badge WHERE appointment = @id`, args)
		return tx.SendBatch(ctx, &b).Close()
	})
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.ConstraintName == "registration_badge_is_with_one" {
		return Appointment{}, ortsnah.E(ortsnah.Conflict, "booking.badge_in_use").About("badge")
	}
	return a, err
}

// lateAt is the moment from which who has not come counts as not coming.
func lateAt(ctx context.Context, tx pgx.Tx, a Appointment) (time.Time, error) {
	var minutes int
	err := tx.QueryRow(ctx, `SELECT late_minutes FROM booking.setting`).Scan(&minutes)
	return a.Starts.Add(time.Duration(minutes) * time.Minute), err
}

// advance does a step that frees nothing, for staff.
func (c *Reception) advance(ctx context.Context, id string, by By, action string,
	do func(ctx context.Context, tx pgx.Tx, a Appointment, now time.Time) error) (a Appointment, err error) {
	now := c.Now()
	err = pgx.BeginFunc(ctx, c.DB, func(tx pgx.Tx) error {
		if a, err = locked(ctx, tx, id, by); err != nil {
			return err
		}
		if err := do(ctx, tx, a, now); err != nil {
			return err
		}
		if err := record(ctx, tx, now, by, action, a.ID, nil); err != nil {
			return err
		}
		a, err = find(ctx, tx, id, by)
		return err
	})
	if err != nil {
		return Appointment{}, err
	}
	return a, nil
}

// Advance takes an arrived visitor a step on: Called, InService or Done; or a
// step back when that was a mistake: a called one to Arrived, an arrived one to
// Booked; or a booked one, once the appointment has begun, to NoShow. The same
// step twice changes nothing. Errors: Conflict booking.wrong_step, Forbidden
// booking.staff_only.
func (c *Reception) Advance(ctx context.Context, id string, by By, to Status) (Appointment, error) {
	if err := forStaff(by); err != nil {
		return Appointment{}, err
	}
	if to == NoShow {
		return c.noShow(ctx, id, by)
	}
	return c.advance(ctx, id, by, "advance."+string(to), func(ctx context.Context, tx pgx.Tx, a Appointment, now time.Time) error {
		if a.Status == to {
			return nil
		}
		sql, ok := steps()[step{a.Status, to}]
		if !ok {
			return ortsnah.E(ortsnah.Conflict, "booking.wrong_step")
		}
		_, err := tx.Exec(ctx, `UPDATE booking.appointment SET state = @to, `+sql+` WHERE id = @id`,
			pgx.NamedArgs{"id": a.ID, "to": string(to), "now": now})
		if err == nil && to == Booked {
			_, err = tx.Exec(ctx, `UPDATE booking.registration SET entered_at = NULL, badge = '' WHERE appointment = $1`, a.ID)
		}
		return err
	})
}

// step is a change of status.
type step struct{ from, to Status }

// steps lists what may follow what and what is noted with it.
func steps() map[step]string {
	const served = `served_at = @now, called_at = coalesce(called_at, @now)`
	const done = `ended_at = @now, ended_by = 'town'`
	return map[step]string{
		{Arrived, Called}:    `called_at = @now`,
		{Arrived, InService}: served,
		{Called, InService}:  served,
		{Arrived, Done}:      done,
		{Called, Done}:       done,
		{InService, Done}:    done,
		{Called, Arrived}:    `called_at = NULL`,
		{Arrived, Booked}:    `arrived_at = NULL`,
	}
}

// noShow ends an appointment to which nobody came, and frees its claims.
func (c *Reception) noShow(ctx context.Context, id string, by By) (Appointment, error) {
	return c.change(ctx, id, by, func(tx pgx.Tx, a Appointment, now time.Time) error {
		switch {
		case a.Status == NoShow:
			return nil
		case a.Status != Booked || a.Starts.After(now):
			return ortsnah.E(ortsnah.Conflict, "booking.wrong_step")
		}
		var b pgx.Batch
		b.Queue(`UPDATE booking.appointment SET state = 'no_show', ended_at = @now, ended_by = @by WHERE id = @id`,
			pgx.NamedArgs{"id": a.ID, "now": now, "by": by.author()})
		queueNotice(&b, a.ID, "no_show", now)
		if err := tx.SendBatch(ctx, &b).Close(); err != nil {
			return err
		}
		if err := record(ctx, tx, now, by, "advance.no_show", a.ID, nil); err != nil {
			return err
		}
		return free(ctx, tx, a.ID)
	})
}

// MarkNoShows ends the appointments in buildings and at stations to which
// nobody has come late_minutes after the start (S38), and returns how many. A
// call has no door to come through: its clerk says what became of it.
func (c *Reception) MarkNoShows(ctx context.Context) (int, error) {
	return c.each(ctx, `SELECT id FROM booking.appointment
		WHERE state = 'booked' AND channel IN ('counter', 'mobile')
			AND starts <= $1::timestamptz - (SELECT make_interval(mins => late_minutes) FROM booking.setting)
		ORDER BY starts LIMIT 1000`, func(id string) error {
		_, err := c.noShow(ctx, id, itself())
		return err
	})
}

// each runs do on the appointments that sql finds for now, and counts. One
// that somebody else changed in between (Conflict) is left out; other failures
// do not keep the rest from being done.
func (c *Reception) each(ctx context.Context, sql string, do func(id string) error) (int, error) {
	rows, err := c.DB.Query(ctx, sql, c.Now())
	if err != nil {
		return 0, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, err
	}
	done, failed := 0, []error{}
	for _, id := range ids {
		switch err := do(id); {
		case err == nil:
			done++
		case ortsnah.KindOf(err) != ortsnah.Conflict:
			failed = append(failed, err)
		}
	}
	return done, errors.Join(failed...)
}

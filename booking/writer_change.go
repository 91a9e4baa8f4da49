package booking

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// claimed lists the locks of all that an appointment occupies now.
func (c *Reception) claimed(ctx context.Context, db postgis.DB, id string) ([]slot, error) {
	rows, err := db.Query(ctx, `SELECT resource, lower(during), upper(during) FROM booking.claim WHERE appointment = $1 ORDER BY resource, during`, reference(id))
	if err != nil {
		return nil, err
	}
	var slots []slot
	var resource int
	var from, to time.Time
	_, err = pgx.ForEachRow(rows, []any{&resource, &from, &to}, func() error {
		slots = append(slots, c.slotsOf(resource, from, to)...)
		return nil
	})
	return slots, err
}

// errSwapped: the appointment was given another room while its locks were
// being taken; they have to be taken anew.
var errSwapped = errors.New("the claims have changed")

// change runs do on an appointment under the locks of all that it occupies, so
// that do may free it. It returns what became of the appointment.
func (c *Reception) change(ctx context.Context, id string, by By, do func(tx pgx.Tx, a Appointment, now time.Time) error) (a Appointment, err error) {
	now := c.Now()
	for range 10 {
		slots, err := c.claimed(ctx, c.DB, id)
		if err != nil {
			return Appointment{}, err
		}
		err = pgx.BeginFunc(ctx, c.DB, func(tx pgx.Tx) error {
			if err := lockSlots(ctx, tx, slots); err != nil {
				return err
			}
			if a, err = locked(ctx, tx, id, by); err != nil {
				return err
			}
			if is, err := c.claimed(ctx, tx, id); err != nil || !slices.Equal(is, slots) {
				return errors.Join(err, errSwapped)
			}
			if err := do(tx, a, now); err != nil {
				return err
			}
			a, err = find(ctx, tx, id, by)
			return err
		})
		if !errors.Is(err, errSwapped) {
			if err != nil {
				return Appointment{}, err
			}
			c.touch(slots)
			return a, nil
		}
	}
	return Appointment{}, ortsnah.E(ortsnah.Conflict, "booking.changed_meanwhile").Because(errSwapped)
}

// free takes all that an appointment occupies or announces away from it; the
// caller holds its locks.
func free(ctx context.Context, tx pgx.Tx, id string) error {
	var b pgx.Batch
	b.Queue(`DELETE FROM booking.claim WHERE appointment = $1`, id)
	b.Queue(`DELETE FROM booking.registration WHERE appointment = $1`, id)
	return tx.SendBatch(ctx, &b).Close()
}

// Cancel ends a hold or an appointment before it begins and frees its claims.
// What is cancelled already stays so. Errors: NotFound booking.no_appointment,
// Conflict booking.already_begun.
func (c *Reception) Cancel(ctx context.Context, id string, by By) (Appointment, error) {
	return c.change(ctx, id, by, func(tx pgx.Tx, a Appointment, now time.Time) error {
		switch {
		case a.Status == Cancelled || a.Status == Expired:
			return nil
		case a.Status != Held && a.Status != Booked || a.Status == Booked && !a.Starts.After(now):
			return ortsnah.E(ortsnah.Conflict, "booking.already_begun")
		}
		kind := ""
		if a.Status == Booked {
			kind = "cancelled"
			if by.staff() {
				kind = "cancelled_by_town"
			}
		}
		if err := cancelIn(ctx, tx, a.ID, by.author(), kind, now); err != nil {
			return err
		}
		return record(ctx, tx, now, by, "cancel", a.ID, nil)
	})
}

// cancelIn cancels a held or booked appointment, frees its claims and, with a
// kind, leaves a notice. The caller holds the locks of the claims (or of the
// town) and tells the board after the commit. Personal data goes as long after
// the cancellation as it would after the visit.
func cancelIn(ctx context.Context, tx pgx.Tx, id, endedBy, kind string, now time.Time) error {
	args := pgx.NamedArgs{"id": id, "now": now, "by": endedBy}
	var b pgx.Batch
	b.Queue(`UPDATE booking.appointment SET state = 'cancelled', hold_until = NULL, ended_at = @now, ended_by = @by WHERE id = @id`, args)
	b.Queue(`UPDATE booking.person p SET erase_on = least(p.erase_on,
			(@now::timestamptz AT TIME ZONE a.zone)::date + (SELECT erase_days FROM booking.setting))
		FROM booking.appointment a WHERE a.id = @id AND p.appointment = a.id`, args)
	if kind != "" {
		queueNotice(&b, id, kind, now)
	}
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return err
	}
	return free(ctx, tx, id)
}

// Move gives a booked appointment another time or place; its concerns, persons
// and team stay, and so do reference and token. Errors as of Hold, and then the
// old time stays; NotFound booking.no_appointment, Conflict
// booking.already_begun or booking.not_booked.
func (c *Reception) Move(ctx context.Context, id string, by By, starts time.Time, place string) (Appointment, error) {
	a, err := c.movable(ctx, id, by)
	if err != nil {
		return Appointment{}, err
	}
	if a.Starts.Equal(starts) && a.placeID() == place {
		return a, nil
	}
	o := Order{Starts: starts, PlaceID: place, Request: Request{Persons: a.Persons, Via: a.Via, StepFree: a.StepFree, Moving: a.ID,
		Clerk: a.Parts[0].Clerk, Channel: channelOf(place)}}
	for _, p := range a.Parts {
		o.Concerns, o.Teams = append(o.Concerns, p.Concern), append(o.Teams, p.Team)
	}
	prepare := func() (reservation, error) {
		if _, err := c.movable(ctx, id, by); err != nil {
			return reservation{}, err
		}
		was, err := c.claimed(ctx, c.DB, a.ID)
		return reservation{moves: a.ID, was: was}, err
	}
	return c.place(ctx, o, prepare, func(tx pgx.Tx, id string, now time.Time) error {
		var b pgx.Batch
		b.Queue(`UPDATE booking.person p SET erase_on = (a.ends AT TIME ZONE a.zone)::date + (SELECT erase_days FROM booking.setting)
			FROM booking.appointment a WHERE a.id = $1 AND p.appointment = a.id`, id)
		queueNotice(&b, id, "moved", now)
		if err := tx.SendBatch(ctx, &b).Close(); err != nil {
			return err
		}
		return record(ctx, tx, now, by, "move", id, nil)
	})
}

// movable is an appointment that may be moved.
func (c *Reception) movable(ctx context.Context, id string, by By) (Appointment, error) {
	a, err := find(ctx, c.DB, id, by)
	switch {
	case err != nil:
		return Appointment{}, err
	case a.Status != Booked:
		return Appointment{}, ortsnah.E(ortsnah.Conflict, "booking.not_booked")
	case !a.Starts.After(c.Now()):
		return Appointment{}, ortsnah.E(ortsnah.Conflict, "booking.already_begun")
	}
	return a, nil
}

// placeID is the place as proposals name it.
func (a *Appointment) placeID() string {
	switch a.Channel {
	case Counter:
		return "site/" + a.Site
	case Mobile:
		return "stop/" + a.Stop
	}
	return string(a.Channel)
}

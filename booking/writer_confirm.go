package booking

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
)

// Confirm books what is held, for p, who is told of changes in lang. What has
// been confirmed before is returned as it is. Of a hold that the town offers
// (an alternative, the waiting list) an empty p means who it was offered to.
//
// Errors: NotFound booking.no_appointment, for a wrong token too; Gone
// booking.hold_expired or booking.was_cancelled; Invalid booking.… about the
// person.
func (c *Reception) Confirm(ctx context.Context, id string, by By, p Person, lang string) (a Appointment, err error) {
	now := c.Now()
	err = pgx.BeginFunc(ctx, c.DB, func(tx pgx.Tx) error {
		if a, err = locked(ctx, tx, id, by); err != nil {
			return err
		}
		switch {
		case a.Status == Cancelled:
			return ortsnah.E(ortsnah.Gone, "booking.was_cancelled")
		case a.BookedAt != nil:
			return nil
		case a.Status != Held || !a.HoldUntil.After(now):
			return ortsnah.E(ortsnah.Gone, "booking.hold_expired")
		}
		if err := c.confirm(ctx, tx, a, by, p, lang, now); err != nil {
			return err
		}
		if err := record(ctx, tx, now, by, "confirm", a.ID, nil); err != nil {
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

// locked is an appointment that nobody else changes until tx ends.
func locked(ctx context.Context, tx pgx.Tx, id string, by By) (Appointment, error) {
	if _, err := tx.Exec(ctx, `SELECT FROM booking.appointment WHERE id = $1 FOR UPDATE`, reference(id)); err != nil {
		return Appointment{}, err
	}
	return find(ctx, tx, id, by)
}

// confirm turns the locked hold a into a booked appointment: registration at
// the gate, person and notice come into being with it or not at all.
func (c *Reception) confirm(ctx context.Context, tx pgx.Tx, a Appointment, by By, p Person, lang string, now time.Time) error {
	offered := p == Person{} && by.author() == "citizen" && c.takesOver(ctx, tx, a)
	if !offered {
		if err := c.checkPerson(ctx, a, by, &p); err != nil {
			return err
		}
	}
	args := pgx.NamedArgs{"id": a.ID, "now": now, "lang": language(lang), "replaces": a.Replaces}
	var b pgx.Batch
	b.Queue(`UPDATE booking.appointment SET state = 'booked', hold_until = NULL, booked_at = @now, lang = @lang WHERE id = @id`, args)
	queueRegistration(&b, a.ID)
	switch {
	case offered:
		b.Queue(`UPDATE booking.person p SET appointment = a.id, wish = NULL,
				erase_on = (a.ends AT TIME ZONE a.zone)::date + (SELECT erase_days FROM booking.setting)
			FROM booking.appointment a WHERE a.id = @id AND (p.wish = a.wish OR p.appointment = nullif(@replaces::text, ''))`, args)
	case p != Person{}:
		if err := c.queuePerson(&b, a.ID, p); err != nil {
			return err
		}
	}
	b.Queue(`UPDATE booking.wish w SET state = 'taken' FROM booking.appointment a
		WHERE a.id = @id AND w.id = a.wish AND w.state IN ('waiting', 'offered')`, args)
	queueNotice(&b, a.ID, "booked", now)
	return tx.SendBatch(ctx, &b).Close()
}

// takesOver says whether somebody is known for whom the town made the hold.
func (c *Reception) takesOver(ctx context.Context, tx pgx.Tx, a Appointment) (known bool) {
	// On an error it is asked who comes; the next statement meets the error again.
	_ = tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM booking.person p JOIN booking.appointment a ON p.wish = a.wish OR p.appointment = a.replaces
		WHERE a.id = $1)`, a.ID).Scan(&known)
	return known
}

// checkPerson asks for as little as possible: a surname where it decides who
// is responsible, or where somebody calls. A citizen's surname must be one of
// the team that was found with the surname given in the search.
func (c *Reception) checkPerson(ctx context.Context, a Appointment, by By, p *Person) error {
	o, err := c.Board.current(ctx)
	if err != nil {
		return err
	}
	var byName []AppointmentPart
	for _, part := range a.Parts {
		if concern, ok := o.directory.Concern(part.Concern); ok && concern.Jurisdiction.Kind == Alphabetic {
			byName = append(byName, part)
		}
	}
	if err := p.check(len(byName) > 0 || a.Via == ViaPhone); err != nil {
		return err
	}
	if by.staff() || !slices.ContainsFunc(byName, func(part AppointmentPart) bool {
		d, err := o.directory.Decide(Question{Service: part.Concern, Name: p.Surname, Day: localDay(a.Starts, c.Zone)})
		return err != nil || d.Outcome != Responsible || d.Team.ID != part.Team
	}) {
		return nil
	}
	return ortsnah.E(ortsnah.Invalid, "booking.other_surname").About("surname")
}

// queueRegistration announces a visit in a building to its gate: in the half
// hour, by the clock on the wall, in which it starts.
func queueRegistration(b *pgx.Batch, id string) {
	b.Queue(`INSERT INTO booking.registration (appointment, site, day, expected_from, expected_to, room, persons)
		SELECT a.id, a.site, a.wall_start::date, w.begins, w.begins + interval '30 minutes', r.id, a.persons
		FROM booking.appointment a,
			LATERAL (SELECT a.starts - (a.wall_start - date_bin('30 minutes', a.wall_start, timestamp '2000-01-01')) AS begins) w,
			LATERAL (SELECT r.id FROM booking.claim c JOIN booking.resource r ON r.id = c.resource
				WHERE c.appointment = a.id AND r.kind = 'room' ORDER BY r.id LIMIT 1) r
		WHERE a.id = $1 AND a.channel = 'counter'`, id)
}

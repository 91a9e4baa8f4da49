package booking

import (
	"context"
	_ "embed"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

//go:embed sql/appointment.sql
var appointmentSQL string

// stored is an appointment as it is in the database, with its secret.
type stored struct {
	Appointment
	TokenHash []byte
}

// Appointments returns appointments by their ids, in the order of time; ids
// that do not exist are left out. It does not ask who wants to know.
func Appointments(ctx context.Context, db postgis.DB, ids ...string) ([]Appointment, error) {
	all, err := storedBy(ctx, db, ids)
	list := make([]Appointment, len(all))
	for i := range all {
		list[i] = all[i].Appointment
	}
	return list, err
}

func storedBy(ctx context.Context, db postgis.DB, ids []string) ([]stored, error) {
	rows, err := db.Query(ctx, appointmentSQL, pgx.NamedArgs{"ids": ids})
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[stored])
	for i := range all {
		if err := all[i].localize(); err != nil {
			return nil, err
		}
	}
	return all, err
}

// localize puts the promised times into their zone.
func (a *Appointment) localize() error {
	zone, err := time.LoadLocation(a.Zone)
	if err != nil {
		return err
	}
	a.Starts, a.Ends = a.Starts.In(zone), a.Ends.In(zone)
	for i := range a.Parts {
		p := &a.Parts[i]
		p.Starts, p.Ends = p.Starts.In(zone), p.Ends.In(zone)
	}
	return nil
}

// find is the appointment that by may see. Error: NotFound
// booking.no_appointment for everybody else, too.
func find(ctx context.Context, db postgis.DB, id string, by By) (Appointment, error) {
	all, err := storedBy(ctx, db, []string{reference(id)})
	if err != nil {
		return Appointment{}, err
	}
	found := stored{TokenHash: make([]byte, 32)} // the same work when there is none
	if len(all) == 1 {
		found = all[0]
	}
	if !by.staff() && !opens(by.Token, found.TokenHash) || len(all) == 0 {
		return Appointment{}, errNoAppointment()
	}
	return found.Appointment, nil
}

// Appointment returns an appointment to its citizen or to staff. A hold that
// has run out and that nobody has removed yet is Expired. Error: NotFound
// booking.no_appointment, for a wrong token, too.
func (c *Reception) Appointment(ctx context.Context, id string, by By) (Appointment, error) {
	a, err := find(ctx, c.DB, id, by)
	if err == nil && a.Status == Held && !a.HoldUntil.After(c.Now()) {
		a.Status, a.EndedAt, a.HoldUntil, a.EndedBy = Expired, a.HoldUntil, nil, "program"
	}
	return a, err
}

// Alternatives returns what the town holds instead of an appointment that it
// had to cancel: holds with the same token, to be confirmed (with an empty
// Person: who comes stays the same) or cancelled.
func (c *Reception) Alternatives(ctx context.Context, id string, by By) ([]Appointment, error) {
	a, err := find(ctx, c.DB, id, by)
	if err != nil {
		return nil, err
	}
	rows, err := c.DB.Query(ctx, `SELECT id FROM booking.appointment WHERE replaces = @id AND state = 'hold' AND hold_until > @now`,
		pgx.NamedArgs{"id": a.ID, "now": c.Now()})
	if err != nil {
		return nil, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	return Appointments(ctx, c.DB, ids...)
}

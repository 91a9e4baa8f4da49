package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking/seal"
)

// Reception is where appointments are made and kept: its methods are the verbs of
// the counter. Every one is a transaction of its own that takes the locks of
// lock.go first. It is safe for concurrent use.
//
//	Hold → Confirm          a citizen reserves, then books   writer.go, writer_confirm.go
//	Book                    both at once, by the staff       writer.go
//	Move, Cancel            while it has not begun           writer_change.go
//	CheckIn, Advance        the day of the visit             visitor.go
//	Appointment, Person, …  who may read                     writer_read.go, writer_person.go
//	MarkNoShows, SweepHolds, Erase, Reseal                   visitor.go, erase.go: work by the clock
//
// Whoever asks with a token is the citizen of that appointment; an unknown
// reference and a wrong token are told apart by nobody.
type Reception struct {
	DB    *pgxpool.Pool
	Board *Board
	Keys  *seal.Keyring
	Now   func() time.Time
	Zone  *time.Location
}

// Ticket is a fresh hold or appointment with the token that opens it. The token
// is told once and stored nowhere.
type Ticket struct {
	Appointment Appointment
	Token       string // 20 letters and digits of Crockford's base 32
}

// By says in whose name a verb is done: a citizen who proves it with the
// token, or a member of the staff.
type By struct {
	Token string
	Staff ortsnah.Actor
}

// staff says whether it is a member of the staff (or the program itself).
func (b By) staff() bool { return b.Token == "" && b.Staff.Role != "" }

// author is the value of appointment.ended_by.
func (b By) author() string {
	switch {
	case !b.staff():
		return "citizen"
	case b.Staff.Role == "system":
		return "program"
	}
	return "town"
}

// itself is the program, which does by the clock what nobody asks for.
func itself() By { return By{Staff: ortsnah.System("booking")} }

// slotsOf lists the locks that a stay of [start, end) on a resource needs.
func (c *Reception) slotsOf(resource int, start, end time.Time) []slot {
	first, last := localDay(start, c.Zone), localDay(end.Add(-time.Nanosecond), c.Zone)
	var slots []slot
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		slots = append(slots, daySlot(resource, day))
	}
	return slots
}

// touch tells the board what changed, after the commit.
func (c *Reception) touch(slots []slot) {
	var touches []Touch
	for _, s := range slots {
		if s.number >= 0 {
			touches = append(touches, Touch{s.resource, time.Unix(int64(s.number)*86400, 0).UTC()})
		}
	}
	c.Board.Touched(touches...)
}

// forStaff refuses everybody else. Error: Forbidden booking.staff_only.
func forStaff(by By) error {
	if !by.staff() {
		return ortsnah.E(ortsnah.Forbidden, "booking.staff_only")
	}
	return nil
}

// record writes down what the staff did to an appointment; what citizens do
// stands in the appointment itself.
func record(ctx context.Context, tx pgx.Tx, now time.Time, by By, action, id string, detail map[string]any) error {
	if by.author() != "town" {
		return nil
	}
	return audit(ctx, tx, now, by.Staff, action, "appointment/"+id, detail)
}

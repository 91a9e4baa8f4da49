package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking/seal"
)

// Reception is where appointments are made and kept: its methods are the verbs of
// the counter. Every one is a transaction of its own that takes the locks of
// lock.go first. It is safe for concurrent use.
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
	Token       string
}

// By says in whose name a verb is done: a citizen who proves it with the
// token, or a member of the staff.
type By struct {
	Token string
	Staff ortsnah.Actor
}

var errPending = ortsnah.E(ortsnah.Internal, "api.defect")

// Hold reserves the ordered appointment for the setting's hold_minutes (10).
// Errors: *Taken (Conflict), Invalid booking.… for impossible input.
func (c *Reception) Hold(ctx context.Context, o Order) (Ticket, error) { return Ticket{}, errPending }

// Confirm books what is held. Errors: NotFound booking.no_appointment, Gone
// booking.hold_expired, Forbidden booking.wrong_token, Invalid booking.….
func (c *Reception) Confirm(ctx context.Context, id string, by By, p Person, lang string) (Appointment, error) {
	return Appointment{}, errPending
}

// Book is Hold and Confirm in one transaction, for staff.
func (c *Reception) Book(ctx context.Context, o Order, by By, p Person, lang string) (Ticket, error) {
	return Ticket{}, errPending
}

// Appointment returns an appointment to its citizen or to staff.
func (c *Reception) Appointment(ctx context.Context, id string, by By) (Appointment, error) {
	return Appointment{}, errPending
}

// Move gives a booked appointment another time or place; its concerns, persons
// and team stay. Errors as of Hold; the old appointment then stays.
func (c *Reception) Move(ctx context.Context, id string, by By, starts time.Time, place string) (Appointment, error) {
	return Appointment{}, errPending
}

// Cancel ends a hold or an appointment before it begins and frees its claims.
func (c *Reception) Cancel(ctx context.Context, id string, by By) (Appointment, error) {
	return Appointment{}, errPending
}

// CheckIn notes that the visitor has come; badge may be empty.
func (c *Reception) CheckIn(ctx context.Context, id string, by By, badge string) (Appointment, error) {
	return Appointment{}, errPending
}

// Advance takes an arrived visitor a step on: Called, InService or Done; or
// a booked one to NoShow.
func (c *Reception) Advance(ctx context.Context, id string, by By, to Status) (Appointment, error) {
	return Appointment{}, errPending
}

// Person decrypts who comes; NotFound booking.no_person after erasure.
func (c *Reception) Person(ctx context.Context, id string, by By) (Person, error) {
	return Person{}, errPending
}

// Idempotent runs do once per key: whoever comes again with the same key and
// request gets the first answer (S24). Error: Conflict booking.key_reused for
// another request with the same key.
func (c *Reception) Idempotent(ctx context.Context, key string, request []byte,
	do func(ctx context.Context) (status int, body []byte, err error)) (status int, body []byte, err error) {
	return do(ctx)
}

package booking

import (
	"context"
	"time"
)

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

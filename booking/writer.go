package booking

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking/match"
)

// maxTries is how many proposals are tried before the answer is "taken". Who
// lost the best one to somebody else picks one of many: a crowd that wants one
// moment spreads over the clerks who are free then.
const (
	maxTries = 3
	manyWays = 8
)

// Hold reserves the ordered appointment for the setting's hold_minutes (10).
// Whoever is in the way with a hold that has run out loses it here. Errors:
// *Taken (Conflict), Invalid booking.… for impossible input.
func (c *Reception) Hold(ctx context.Context, o Order) (Ticket, error) {
	token := random(tokenLetters)
	with := reservation{TokenHash: hashToken(token)}
	a, err := c.place(ctx, o, func() (reservation, error) { return with, nil }, nil)
	if err != nil {
		return Ticket{}, err
	}
	return Ticket{a, token}, nil
}

// Book is Hold and Confirm in one transaction, for staff. Errors as of these,
// and Forbidden booking.staff_only.
func (c *Reception) Book(ctx context.Context, o Order, by By, p Person, lang string) (Ticket, error) {
	if err := forStaff(by); err != nil {
		return Ticket{}, err
	}
	if o.Via == "" {
		o.Via = ViaPhone
	}
	token := random(tokenLetters)
	with := reservation{TokenHash: hashToken(token), Lang: lang}
	a, err := c.place(ctx, o, func() (reservation, error) { return with, nil }, func(tx pgx.Tx, id string, now time.Time) error {
		held, err := Appointments(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := c.confirm(ctx, tx, held[0], by, p, lang, now); err != nil {
			return err
		}
		return record(ctx, tx, now, by, "book", id, map[string]any{"via": string(o.Via)})
	})
	if err != nil {
		return Ticket{}, err
	}
	return Ticket{a, token}, nil
}

// place finds ways to do o and writes the first that can be had; prepare is
// asked before every try.
func (c *Reception) place(ctx context.Context, o Order, prepare func() (reservation, error),
	then func(tx pgx.Tx, id string, now time.Time) error) (Appointment, error) {
	if err := o.check(c.Now()); err != nil {
		return Appointment{}, err
	}
	tried, ways, fresh := []string{}, 1, false
	for try := 0; try < maxTries; try++ {
		with, err := prepare()
		if err != nil {
			return Appointment{}, err
		}
		s, err := c.Board.at(ctx, o.Request, o.Starts, o.PlaceID, ways, fresh)
		if err != nil {
			return Appointment{}, err
		}
		left := slices.DeleteFunc(s.Proposals, func(p Proposal) bool { return slices.Contains(tried, p.key()) })
		if len(left) == 0 && !fresh { // what is free may be free since a moment ago
			fresh, try = true, try-1
			continue
		}
		if len(left) == 0 {
			return Appointment{}, c.refuse(ctx, o, s)
		}
		next := left[rand.IntN(len(left))]
		a, err := c.write(ctx, o, next, with, then)
		if !lost(err) {
			return a, err
		}
		tried, ways, fresh = append(tried, next.key()), manyWays, true
	}
	return Appointment{}, c.refuse(ctx, o, Search{Why: match.WhyFull})
}

// reserve makes one of the found proposals a hold, for who knows what to hold
// for whom. Error: *Taken without alternatives when none can be had any more.
func (c *Reception) reserve(ctx context.Context, o Order, found []Proposal, with reservation) (Appointment, error) {
	for _, p := range found[:min(maxTries, len(found))] {
		a, err := c.write(ctx, o, p, with, nil)
		if !lost(err) {
			return a, err
		}
	}
	return Appointment{}, &Taken{Why: match.WhyFull}
}

// refuse says why o cannot be had, and what can be had instead.
func (c *Reception) refuse(ctx context.Context, o Order, s Search) error {
	switch s.Why {
	case WhyName:
		return &ortsnah.Error{Kind: ortsnah.Invalid, Key: s.Decision.Key, Args: s.Decision.Args, Field: "name"}
	case WhyPlace:
		return &ortsnah.Error{Kind: ortsnah.Invalid, Key: s.Decision.Key, Args: s.Decision.Args, Field: "place"}
	case WhyInfoDesk:
		return &ortsnah.Error{Kind: ortsnah.Invalid, Key: s.Decision.Key, Args: s.Decision.Args, Field: "service"}
	case WhyChannel:
		return ortsnah.E(ortsnah.Invalid, "booking.wrong_channel").About("channel")
	case WhyNoVisit:
		return ortsnah.E(ortsnah.Invalid, "booking.no_visit_needed").About("service")
	}
	r := o.Request
	r.Limit, r.To = maxTries, time.Time{}
	for _, from := range []time.Time{startOfDay(localDay(o.Starts, c.Zone), c.Zone), {}} {
		r.From = from
		other, err := c.Board.Propose(ctx, r)
		if err != nil {
			return err
		}
		if len(other.Proposals) > 0 {
			return &Taken{Alternatives: other.Proposals, Why: s.Why}
		}
		s.Why = other.Why
	}
	return &Taken{Why: s.Why}
}

package booking

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/ortsnah/ortsnah/stations"
)

// reservation says what a hold is for.
type reservation struct {
	TokenHash []byte
	Until     time.Time // zero: as long as the setting says
	Replaces  string    // the cancelled appointment
	Wish      int64     // of the waiting list
	Lang      string
	moves     string // this appointment gets the new time; none is added
	was       []slot // what it occupies before
}

// lostError says that a proposal can not be had any more; another one might.
type lostError struct{ reason string }

// Error is for logs.
func (e *lostError) Error() string { return "proposal is lost: " + e.reason }

// lost says whether err means "try another one": the claims or the check
// refused it, or the database chose this transaction to end a deadlock.
func lost(err error) bool {
	if _, ok := errors.AsType[*lostError](err); ok {
		return true
	}
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.ConstraintName == "claim_no_overlap" || pg.ConstraintName == "appointment_pkey" ||
		pg.Code == "40P01" || pg.Code == "40001")
}

//go:embed sql/reserve_expire.sql
var reserveExpireSQL string

//go:embed sql/reserve_check.sql
var reserveCheckSQL string

//go:embed sql/reserve_insert.sql
var reserveInsertSQL string

// writing is one proposal on its way into the database.
type writing struct {
	now   time.Time
	zone  *time.Location
	id    string
	order Order
	found Proposal
	with  reservation
	slots []slot
}

func (c *Reception) writing(o Order, p Proposal, with reservation) *writing {
	w := &writing{now: c.Now(), zone: c.Zone, id: with.moves, order: o, found: p, with: with, slots: with.was}
	if w.id == "" {
		w.id = random(referenceLetters)
	}
	for _, m := range p.Match.Claims {
		w.slots = append(w.slots, c.slotsOf(m.Resource, m.From, m.To)...)
	}
	for _, part := range p.Match.Parts {
		w.slots = append(w.slots, weekSlot(part.Clerk, localDay(part.Start, c.Zone)))
	}
	for _, s := range p.Match.Swaps {
		w.slots = append(w.slots, c.slotsOf(s.From, p.Starts, p.Ends)...)
		w.slots = append(w.slots, c.slotsOf(s.To, p.Starts, p.Ends)...)
	}
	return w
}

// write makes the proposal a hold, or moves an appointment to it, and does
// then in the same transaction. lost(err) says that another one may go.
func (c *Reception) write(ctx context.Context, o Order, p Proposal, with reservation,
	then func(tx pgx.Tx, id string, now time.Time) error) (a Appointment, err error) {
	w := c.writing(o, p, with)
	err = pgx.BeginFunc(ctx, c.DB, func(tx pgx.Tx) error {
		if err := w.into(ctx, tx); err != nil {
			return err
		}
		if then != nil {
			if err := then(tx, w.id, w.now); err != nil {
				return err
			}
		}
		all, err := Appointments(ctx, tx, w.id)
		if err == nil {
			a = all[0]
		}
		return err
	})
	c.touch(w.slots) // when it was lost, the picture was wrong there
	return a, err
}

// into takes the locks, then looks, then writes: three round trips.
func (w *writing) into(ctx context.Context, tx pgx.Tx) error {
	var look pgx.Batch
	resources, numbers := lockOrder(w.slots)
	// Planning these statements anew for every hold would cost more than they do.
	look.Queue(`SET LOCAL plan_cache_mode = force_generic_plan`)
	look.Queue(lockSlotsSQL, resources, numbers)
	args := w.args()
	args["touched"] = resources
	look.Queue(reserveExpireSQL, args)
	var reason string
	look.Queue(reserveCheckSQL, args).QueryRow(func(row pgx.Row) error { return row.Scan(&reason) })
	if err := tx.SendBatch(ctx, &look).Close(); err != nil {
		return err
	}
	if reason != "" {
		return &lostError{reason}
	}
	var write pgx.Batch
	w.queueRoom(&write, args)
	if w.with.moves != "" {
		w.queueMove(&write, args)
	} else {
		write.Queue(insertHoldSQL, args)
	}
	write.Queue(reserveInsertSQL, args)
	if w.with.moves != "" {
		queueRegistration(&write, w.id)
	}
	return tx.SendBatch(ctx, &write).Close()
}

const insertHoldSQL = `INSERT INTO booking.appointment (id, token_hash, state, channel, via, persons, step_free, office, site, stop,
		station_day, zone, wall_start, starts, ends, lang, hold_until, replaces, wish, created_at)
	VALUES (@id, @token_hash, 'hold', @channel, @via, @persons, @step_free, @office, nullif(@site::text, ''), nullif(@stop::text, ''),
		nullif(@station_day::bigint, 0), @zone, @since::timestamptz AT TIME ZONE @zone, @since, @until, @lang,
		coalesce(@hold_until, @now::timestamptz + (SELECT make_interval(mins => hold_minutes) FROM booking.setting)),
		nullif(@replaces::text, ''), nullif(@wish::bigint, 0), @now)`

// queueRoom lets booked appointments change rooms: all leave, then all enter.
func (w *writing) queueRoom(b *pgx.Batch, args pgx.NamedArgs) {
	if len(w.found.Match.Swaps) == 0 {
		return
	}
	b.Queue(`DELETE FROM booking.claim c USING unnest(@swapped::text[], @rooms::int[]) AS s (id, room)
		WHERE c.appointment = s.id AND c.resource = s.room`, args)
	b.Queue(`INSERT INTO booking.claim (resource, during, appointment)
		SELECT r.id, tstzrange(a.starts, a.ends + make_interval(mins => r.buffer_minutes)), a.id
		FROM unnest(@swapped::text[], @other_rooms::int[]) AS s (id, room)
		JOIN booking.appointment a ON a.id = s.id JOIN booking.resource r ON r.id = s.room ORDER BY r.id`, args)
	b.Queue(`UPDATE booking.registration g SET room = s.room FROM unnest(@swapped::text[], @other_rooms::int[]) AS s (id, room)
		WHERE g.appointment = s.id`, args)
}

// queueMove takes the old time away from an appointment that keeps its id.
func (w *writing) queueMove(b *pgx.Batch, args pgx.NamedArgs) {
	b.Queue(`DELETE FROM booking.claim WHERE appointment = @id`, args)
	b.Queue(`DELETE FROM booking.part WHERE appointment = @id`, args)
	b.Queue(`DELETE FROM booking.registration WHERE appointment = @id`, args)
	b.Queue(`UPDATE booking.appointment SET channel = @channel, office = @office, site = nullif(@site::text, ''), stop = nullif(@stop::text, ''),
			station_day = nullif(@station_day::bigint, 0), zone = @zone, wall_start = @since::timestamptz AT TIME ZONE @zone,
			starts = @since, ends = @until WHERE id = @id`, args)
}

// args are the values of all statements; pgx passes each one its own.
func (w *writing) args() pgx.NamedArgs {
	p, m := w.found, w.found.Match
	week := localDay(p.Starts, w.zone)
	week = week.AddDate(0, 0, -(int(week.Weekday())+6)%7)
	args := pgx.NamedArgs{"id": w.id, "token_hash": w.with.TokenHash, "channel": string(p.Channel), "via": string(w.order.Via),
		"persons": w.order.Persons, "step_free": w.order.StepFree, "office": p.Office, "station_day": p.Station,
		"zone": w.zone.String(), "since": p.Starts, "until": p.Ends, "lang": language(w.with.Lang), "hold_until": nil,
		"replaces": w.with.Replaces, "wish": w.with.Wish, "now": w.now, "moves": w.with.moves, "named": w.named(),
		"week": startOfDay(week, w.zone), "next_week": startOfDay(week.AddDate(0, 0, 7), w.zone),
		"days": []time.Time{localDay(p.Starts, w.zone), localDay(p.Ends.Add(-time.Nanosecond), w.zone)}}
	if !w.with.Until.IsZero() {
		args["hold_until"] = w.with.Until
	}
	args["site"], args["stop"] = "", ""
	if kind, id, ok := strings.Cut(p.PlaceID, "/"); ok {
		args[kind] = id
	}
	var teams, concerns []string
	var clerks []int32
	var starts, ends []time.Time
	for i, part := range m.Parts {
		clerks, concerns, teams = append(clerks, int32(part.Clerk)), append(concerns, part.Concern), append(teams, p.Teams[i])
		starts, ends = append(starts, part.Start), append(ends, part.End)
	}
	args["clerks"], args["concerns"], args["teams"], args["starts"], args["ends"] = clerks, concerns, teams, starts, ends
	var resources, from, to []int32
	var froms, tos []time.Time
	var swapped []string
	for _, claim := range m.Claims {
		resources, froms, tos = append(resources, int32(claim.Resource)), append(froms, claim.From), append(tos, claim.To)
	}
	args["resources"], args["froms"], args["tos"] = resources, froms, tos
	args["from"], args["to"] = p.Starts.Add(-24*time.Hour), p.Ends.Add(24*time.Hour)
	for _, s := range m.Swaps {
		swapped, from, to = append(swapped, s.ID), append(from, int32(s.From)), append(to, int32(s.To))
	}
	args["swapped"], args["rooms"], args["other_rooms"] = append([]string{}, swapped...), from, to
	return args
}

// named are the appointments that change beside the new one.
func (w *writing) named() []string {
	ids := []string{}
	for _, s := range w.found.Match.Swaps {
		ids = append(ids, s.ID)
	}
	if w.with.moves != "" {
		ids = append(ids, w.with.moves)
	}
	return ids
}

// startOfDay is the first moment of a calendar day in zone.
func startOfDay(day time.Time, zone *time.Location) time.Time {
	start, _, _ := stations.Opening(day, 0, 24*60, zone)
	return start
}

// key names what a proposal would occupy.
func (p *Proposal) key() string { return fmt.Sprint(p.Match.Claims, p.Match.Swaps) }

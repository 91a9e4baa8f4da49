package booking

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/stations"
)

// walkInMinutes is how long a walk-in without a concern is expected to take.
const walkInMinutes = 15

// FreeRoom is a room that nobody occupies at a moment.
type FreeRoom struct {
	ID    int
	Label string
	Site  string
	Until *time.Time // the next visit; nil: none today
}

// FreeRooms are the rooms in buildings that are free at now, those of site when
// it is not "". to ends the look ahead for the next visit.
func FreeRooms(ctx context.Context, db postgis.DB, site string, now, to time.Time) ([]FreeRoom, error) {
	rows, err := db.Query(ctx, `SELECT r.id, r.label, r.site,
			(SELECT min(lower(c.during)) FROM booking.claim c WHERE c.resource = r.id AND lower(c.during) >= @now AND lower(c.during) < @to) AS until
		FROM booking.resource r
		WHERE r.kind = 'room' AND r.active AND r.site IS NOT NULL AND @site IN ('', r.site)
			AND NOT EXISTS (SELECT FROM booking.claim c LEFT JOIN booking.appointment a ON a.id = c.appointment
				WHERE c.resource = r.id AND c.during @> @now::timestamptz AND NOT coalesce(a.hold_until <= @now, false))
			AND NOT EXISTS (SELECT FROM booking.closure x WHERE x.starts <= @now AND @now < x.ends
				AND (x.resource = r.id OR x.resource IS NULL AND coalesce(x.site, r.site) = r.site))
		ORDER BY r.site, r.label`, pgx.NamedArgs{"site": site, "now": now, "to": to})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[FreeRoom])
}

// CallTicket calls a walk-in to a room: that with id, or with 0 the next one
// who waits in the room's building for the clerk's office. The room, and the
// clerk as far as he or she has no appointment, are occupied for the usual
// time. Errors: NotFound booking.nobody_waits, Conflict booking.ticket_taken,
// booking.ticket_of_other_office, booking.room_busy, Invalid booking.unknown_room.
func (c *Reception) CallTicket(ctx context.Context, by By, clerk, room int, id int64) (called WalkIn, err error) {
	now := c.Now()
	day := stations.Day(now.In(c.Zone))
	err = pgx.BeginFunc(ctx, c.DB, func(tx pgx.Tx) error {
		if err := lockSlots(ctx, tx, []slot{daySlot(clerk, day), daySlot(room, day)}); err != nil {
			return err
		}
		if err := roomIsFree(ctx, tx, room, now); err != nil {
			return err
		}
		next, minutes, err := waiting(ctx, tx, day, clerk, room, id)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE booking.walk_in SET state = 'called', clerk = @clerk, room = @room, called_at = @now WHERE id = @id`,
			pgx.NamedArgs{"id": next, "clerk": clerk, "room": room, "now": now}); err != nil {
			return err
		}
		if err := occupy(ctx, tx, next, minutes, []int{clerk, room}, now); err != nil {
			return err
		}
		if called, err = walkIn(ctx, tx, next); err != nil {
			return err
		}
		return audit(ctx, tx, now, by.Staff, "walk_in.call", called.object(), nil)
	})
	if err == nil {
		c.Board.Touched(Touch{clerk, day}, Touch{room, day})
	}
	return called, err
}

// roomIsFree refuses a room that is not there or occupied at now.
func roomIsFree(ctx context.Context, tx pgx.Tx, room int, now time.Time) error {
	var label string
	err := tx.QueryRow(ctx, `SELECT label FROM booking.resource WHERE id = $1 AND kind = 'room' AND site IS NOT NULL AND active`, room).Scan(&label)
	if errors.Is(err, pgx.ErrNoRows) {
		return ortsnah.E(ortsnah.Invalid, "booking.unknown_room").About("room")
	}
	if err != nil {
		return err
	}
	free, err := FreeRooms(ctx, tx, "", now, now)
	if err != nil {
		return err
	}
	for _, r := range free {
		if r.ID == room {
			return nil
		}
	}
	return ortsnah.E(ortsnah.Conflict, "booking.room_busy", "room", label).About("room")
}

// waiting finds and locks the walk-in who is to be called, and how many minutes
// that usually takes.
func waiting(ctx context.Context, tx pgx.Tx, day time.Time, clerk, room int, id int64) (found int64, minutes int, err error) {
	var state WalkInState
	var mine bool
	err = tx.QueryRow(ctx, `SELECT w.id, w.state, coalesce(c.minutes, @usual), w.office = k.office
		FROM booking.walk_in w LEFT JOIN booking.concern c ON c.id = w.concern, booking.clerk k, booking.resource r
		WHERE k.resource = @clerk AND r.id = @room AND w.day = @day AND CASE WHEN @id = 0
			THEN w.state = 'waiting' AND w.office = k.office AND w.site = r.site ELSE w.id = @id END
		ORDER BY w.urgent DESC, w.number LIMIT 1 FOR UPDATE OF w`,
		pgx.NamedArgs{"clerk": clerk, "room": room, "day": day, "id": id, "usual": walkInMinutes}).Scan(&found, &state, &minutes, &mine)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return 0, 0, ortsnah.E(ortsnah.NotFound, "booking.nobody_waits").About("ticket")
	case err != nil:
		return 0, 0, err
	case !mine:
		return 0, 0, ortsnah.E(ortsnah.Forbidden, "booking.ticket_of_other_office").About("ticket")
	case state != WalkInWaiting:
		return 0, 0, ortsnah.E(ortsnah.Conflict, "booking.ticket_taken").About("ticket")
	}
	return found, minutes, nil
}

// occupy claims the resources for a walk-in from now on for the usual time,
// each until its next claim at most; what is occupied already stays as it is.
func occupy(ctx context.Context, tx pgx.Tx, id int64, minutes int, resources []int, now time.Time) error {
	args := pgx.NamedArgs{"id": id, "resources": resources, "now": now, "until": now.Add(time.Duration(minutes) * time.Minute)}
	_, err := tx.Exec(ctx, `DELETE FROM booking.claim c USING booking.appointment a WHERE a.id = c.appointment AND c.resource = ANY (@resources)
		AND a.state = 'hold' AND a.hold_until <= @now AND c.during && tstzrange(@now, @until)`, args)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO booking.claim (resource, during, walk_in)
		SELECT r, tstzrange(@now, least(@until, (SELECT min(lower(c.during)) FROM booking.claim c WHERE c.resource = r AND lower(c.during) > @now))), @id
		FROM unnest(@resources::int[]) AS r
		WHERE NOT EXISTS (SELECT FROM booking.claim c WHERE c.resource = r AND c.during @> @now::timestamptz)`, args)
	return err
}

// AdvanceTicket takes a walk-in of the clerk's office a step on: WalkInServed,
// WalkInDone or WalkInLeft. The last two free room and clerk. Info desk staff
// (clerk 0) may only note that somebody left. Errors: NotFound
// booking.no_ticket, Conflict booking.ticket_taken, Forbidden
// booking.ticket_of_other_office.
func (c *Reception) AdvanceTicket(ctx context.Context, by By, clerk int, id int64, to WalkInState) (w WalkIn, err error) {
	now := c.Now()
	var freed []int
	err = pgx.BeginFunc(ctx, c.DB, func(tx pgx.Tx) error {
		if err := lockWalkIn(ctx, tx, id); err != nil {
			return err
		}
		var mine bool
		var state WalkInState
		err := tx.QueryRow(ctx, `SELECT state, @clerk = 0 OR office = (SELECT office FROM booking.clerk WHERE resource = @clerk)
			FROM booking.walk_in WHERE id = @id FOR UPDATE`, pgx.NamedArgs{"id": id, "clerk": clerk}).Scan(&state, &mine)
		switch {
		case err != nil:
			return err
		case !mine || clerk == 0 && to != WalkInLeft:
			return ortsnah.E(ortsnah.Forbidden, "booking.ticket_of_other_office").About("ticket")
		case !follows(state, to):
			return ortsnah.E(ortsnah.Conflict, "booking.ticket_taken").About("ticket")
		}
		if freed, err = advanceWalkIn(ctx, tx, id, to, now); err != nil {
			return err
		}
		if w, err = walkIn(ctx, tx, id); err != nil {
			return err
		}
		return audit(ctx, tx, now, by.Staff, "walk_in."+string(to), w.object(), nil)
	})
	if err == nil {
		for _, r := range freed {
			c.Board.Touched(Touch{r, w.Day})
		}
	}
	return w, err
}

// lockWalkIn takes the locks of what a walk-in occupies.
func lockWalkIn(ctx context.Context, tx pgx.Tx, id int64) error {
	var day time.Time
	var clerk, room int
	err := tx.QueryRow(ctx, `SELECT day, coalesce(clerk, 0), coalesce(room, 0) FROM booking.walk_in WHERE id = $1`, id).Scan(&day, &clerk, &room)
	if errors.Is(err, pgx.ErrNoRows) {
		return ortsnah.E(ortsnah.NotFound, "booking.no_ticket").About("ticket")
	}
	if err != nil || room == 0 {
		return err
	}
	return lockSlots(ctx, tx, []slot{daySlot(clerk, day), daySlot(room, day)})
}

// follows says whether a walk-in may go from one state to another.
func follows(from, to WalkInState) bool {
	switch to {
	case WalkInServed:
		return from == WalkInCalled
	case WalkInDone:
		return from == WalkInCalled || from == WalkInServed
	case WalkInLeft:
		return from == WalkInWaiting || from == WalkInCalled
	}
	return false
}

// advanceWalkIn writes the state; freed are the resources that it gives back.
func advanceWalkIn(ctx context.Context, tx pgx.Tx, id int64, to WalkInState, now time.Time) (freed []int, err error) {
	ended := to == WalkInDone || to == WalkInLeft
	_, err = tx.Exec(ctx, `UPDATE booking.walk_in SET state = @to, ended_at = CASE WHEN @ended THEN @now::timestamptz END WHERE id = @id`,
		pgx.NamedArgs{"id": id, "to": to, "ended": ended, "now": now})
	if err != nil || !ended {
		return nil, err
	}
	rows, err := tx.Query(ctx, `DELETE FROM booking.claim WHERE walk_in = $1 RETURNING resource`, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int])
}

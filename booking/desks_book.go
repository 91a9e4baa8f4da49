package booking

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations"
)

// DeskWish is what a member of the staff asks for: a desk in a building for a
// local day.
type DeskWish struct {
	Account string
	Site    string
	Day     time.Time // midnight UTC
	Desk    int       // 0: any
}

// deskHorizon is how many days ahead desks can be booked.
const deskHorizon = 90

// BookDesk books a desk for the local day, [00:00, next 00:00) in zone. Without
// a free one the wish goes on the list (S42). Who has something for the day
// already keeps it. Errors: Invalid booking.desk_past, booking.desk_too_far,
// booking.no_desks; Conflict booking.desk_taken, booking.desk_has_one.
func BookDesk(ctx context.Context, tx pgx.Tx, now time.Time, zone *time.Location, w DeskWish) (DeskBooking, error) {
	today := stations.Day(now.In(zone))
	if w.Day.Before(today) {
		return DeskBooking{}, deskDayError("booking.desk_past", w.Day)
	}
	if w.Day.After(today.AddDate(0, 0, deskHorizon)) {
		return DeskBooking{}, ortsnah.E(ortsnah.Invalid, "booking.desk_too_far", "n", deskHorizon).About("day")
	}
	if err := lockDesks(ctx, tx, w.Site, w.Day); err != nil {
		return DeskBooking{}, err
	}
	had, err := MyDesks(ctx, tx, w.Account, w.Day, w.Day.AddDate(0, 0, 1))
	if err != nil {
		return DeskBooking{}, err
	}
	if len(had) > 0 {
		if had[0].Site != w.Site || w.Desk != 0 && had[0].Desk != w.Desk {
			return had[0], hasDesk(w.Day)
		}
		return had[0], nil
	}
	if err := wishDesk(ctx, tx, now, zone, w); err != nil {
		return DeskBooking{}, err
	}
	mine, err := MyDesks(ctx, tx, w.Account, w.Day, w.Day.AddDate(0, 0, 1))
	if err != nil {
		return DeskBooking{}, err
	}
	return mine[0], nil
}

func hasDesk(day time.Time) error {
	return ortsnah.E(ortsnah.Conflict, "booking.desk_has_one", "day", day.Format(time.DateOnly)).About("day")
}

// wishDesk puts the wish on the list and serves the list.
func wishDesk(ctx context.Context, tx pgx.Tx, now time.Time, zone *time.Location, w DeskWish) error {
	// The same account may book in another building at this moment.
	done, err := tx.Exec(ctx, `INSERT INTO booking.desk_booking (account, site, day, wished_at)
		VALUES (@account, @site, @day, @now) ON CONFLICT (account, day) DO NOTHING`,
		pgx.NamedArgs{"account": w.Account, "site": w.Site, "day": w.Day, "now": now})
	if err != nil {
		return err
	}
	if done.RowsAffected() == 0 {
		return hasDesk(w.Day)
	}
	if w.Desk == 0 {
		return serveDesks(ctx, tx, zone, w.Site, w.Day)
	}
	day, err := Desks(ctx, tx, w.Site, w.Day, zone, w.Account)
	if err != nil {
		return err
	}
	for _, d := range day.Desks {
		if d.ID == w.Desk && d.State == "free" {
			return giveDesk(ctx, tx, zone, w.Day, w.Account, w.Desk)
		}
	}
	return ortsnah.E(ortsnah.Conflict, "booking.desk_taken").About("desk")
}

// CancelDesk gives up what account has for the day; the first on the list moves
// up. Who has nothing gives up nothing: a button pressed twice. Error: Invalid
// booking.desk_past.
func CancelDesk(ctx context.Context, tx pgx.Tx, now time.Time, zone *time.Location, account string, day time.Time) error {
	if day.Before(stations.Day(now.In(zone))) {
		return deskDayError("booking.desk_past", day)
	}
	// The building is looked up first: it decides which locks are taken.
	var site string
	err := tx.QueryRow(ctx, `SELECT site FROM booking.desk_booking WHERE account = @account AND day = @day`,
		pgx.NamedArgs{"account": account, "day": day}).Scan(&site)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := lockDesks(ctx, tx, site, day); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM booking.desk_booking WHERE account = @account AND day = @day AND site = @site`,
		pgx.NamedArgs{"account": account, "day": day, "site": site}); err != nil {
		return err
	}
	return serveDesks(ctx, tx, zone, site, day)
}

// lockDesks locks all desks of a building for a day: the list is one for all of
// them. Error: Invalid booking.no_desks.
func lockDesks(ctx context.Context, tx pgx.Tx, site string, day time.Time) error {
	// Also those out of use, where any is in use: so all lock the same ones.
	rows, err := tx.Query(ctx, `SELECT id FROM booking.resource r WHERE kind = 'desk' AND site = $1
		AND EXISTS (SELECT FROM booking.resource WHERE kind = 'desk' AND site = r.site AND active) ORDER BY id`, site)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return ortsnah.E(ortsnah.Invalid, "booking.no_desks").About("site")
	}
	slots := make([]slot, len(ids))
	for i, id := range ids {
		slots[i] = daySlot(id, day)
	}
	return lockSlots(ctx, tx, slots)
}

// serveDesks gives the free desks to the first on the list. The locks of
// lockDesks are held.
func serveDesks(ctx context.Context, tx pgx.Tx, zone *time.Location, site string, day time.Time) error {
	rows, err := tx.Query(ctx, `SELECT account FROM booking.desk_booking
		WHERE site = @site AND day = @day AND desk IS NULL ORDER BY wished_at, id`, pgx.NamedArgs{"site": site, "day": day})
	if err != nil {
		return err
	}
	waiting, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(waiting) == 0 {
		return err
	}
	d, err := Desks(ctx, tx, site, day, zone, "")
	if err != nil {
		return err
	}
	for _, desk := range d.Desks {
		if desk.State != "free" || len(waiting) == 0 {
			continue
		}
		if err := giveDesk(ctx, tx, zone, day, waiting[0], desk.ID); err != nil {
			return err
		}
		waiting = waiting[1:]
	}
	return nil
}

// giveDesk takes account off the list and claims the desk.
func giveDesk(ctx context.Context, tx pgx.Tx, zone *time.Location, day time.Time, account string, desk int) error {
	start, end, _ := stations.Opening(day, 0, 24*60, zone)
	_, err := tx.Exec(ctx, `WITH b AS (
			UPDATE booking.desk_booking SET desk = @desk WHERE account = @account AND day = @day RETURNING id)
		INSERT INTO booking.claim (resource, during, desk_booking) SELECT @desk, tstzrange(@start, @end), id FROM b`,
		pgx.NamedArgs{"desk": desk, "account": account, "day": day, "start": start, "end": end})
	return err
}

package stations

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// ClosedDays returns the days in [from, to) on which no station comes, with
// the reason.
func ClosedDays(ctx context.Context, db postgis.DB, from, to time.Time) (map[time.Time]catalog.Text, error) {
	rows, err := db.Query(ctx, `SELECT day, reason, reason_en FROM stations.closed_day WHERE NOT reopened AND day >= @from AND day < @to`,
		pgx.NamedArgs{"from": from, "to": to})
	if err != nil {
		return nil, err
	}
	closed := map[time.Time]catalog.Text{}
	var day time.Time
	var reason catalog.Text
	_, err = pgx.ForEachRow(rows, []any{&day, &reason.DE, &reason.EN}, func() error {
		closed[day] = reason
		return nil
	})
	return closed, err
}

// closedDaysOf are all closed days.
func closedDaysOf(ctx context.Context, db postgis.DB) (map[time.Time]bool, error) {
	rows, err := db.Query(ctx, `SELECT day FROM stations.closed_day WHERE NOT reopened`)
	if err != nil {
		return nil, err
	}
	days, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
	closed := map[time.Time]bool{}
	for _, d := range days {
		closed[d] = true
	}
	return closed, err
}

// CloseDay closes a day: no station comes, visits that have not begun are
// called off with the reason, which everybody reads. It returns those visits,
// also those that are not announced yet. now is in the zone of the town. Errors:
// Invalid stations.closing_reason_missing, text_too_long, day_past, day_far;
// Conflict stations.closed_already; and as of Extend.
func CloseDay(ctx context.Context, tx pgx.Tx, now, day time.Time, reason catalog.Text) ([]Visit, error) {
	if reason.DE == "" {
		return nil, ortsnah.E(ortsnah.Invalid, "stations.closing_reason_missing").About("reason")
	}
	if err := errors.Join(checkReason(reason, true), checkClosing(now, day)); err != nil {
		return nil, first(err)
	}
	if err := lock(ctx, tx); err != nil {
		return nil, err
	}
	off, err := Outlook(ctx, tx, now, day, day.AddDate(0, 0, 1))
	if err != nil {
		return nil, err
	}
	done, err := tx.Exec(ctx, `INSERT INTO stations.closed_day AS c (day, reason, reason_en, origin) VALUES (@day, @de, @en, 'staff')
		ON CONFLICT (day) DO UPDATE SET reason = excluded.reason, reason_en = excluded.reason_en, origin = 'staff', reopened = false
		WHERE c.reopened`, pgx.NamedArgs{"day": day, "de": reason.DE, "en": reason.EN})
	if err != nil {
		return nil, err
	}
	if done.RowsAffected() == 0 {
		return nil, ortsnah.E(ortsnah.Conflict, "stations.closed_already", "day", day.Format(time.DateOnly)).About("day")
	}
	// Extend would only say that the plan has changed.
	if _, err := tx.Exec(ctx, `UPDATE stations.visit SET state = 'cancelled', reason_de = @de, reason_en = @en
		WHERE day = @day AND starts > @now AND state = 'planned'`,
		pgx.NamedArgs{"day": day, "now": now, "de": reason.DE, "en": reason.EN}); err != nil {
		return nil, err
	}
	var lost []Visit
	for _, v := range off {
		if v.State == Planned && v.Starts.After(now) {
			lost = append(lost, v)
		}
	}
	return lost, Extend(ctx, tx, now)
}

// ReopenDay takes back that a day is closed: its visits come again, unless they
// are called off by themselves. Errors: Invalid stations.day_past, day_far;
// NotFound stations.not_closed; and as of Extend.
func ReopenDay(ctx context.Context, tx pgx.Tx, now, day time.Time) error {
	if err := checkClosing(now, day); err != nil {
		return err
	}
	if err := lock(ctx, tx); err != nil {
		return err
	}
	// The row stays: a plan file that still closes the day shall not win.
	done, err := tx.Exec(ctx, `UPDATE stations.closed_day SET reopened = true, origin = 'staff' WHERE day = $1 AND NOT reopened`, day)
	if err != nil {
		return err
	}
	if done.RowsAffected() == 0 {
		return ortsnah.E(ortsnah.NotFound, "stations.not_closed", "day", day.Format(time.DateOnly)).About("day")
	}
	return Extend(ctx, tx, now)
}

// checkClosing: a day can be closed and opened from today on, as far ahead as
// visits are planned.
func checkClosing(now, day time.Time) error {
	switch today := Day(now); {
	case day.Before(today):
		return ortsnah.E(ortsnah.Invalid, "stations.day_past", "day", day.Format(time.DateOnly)).About("day")
	case day.After(today.AddDate(farthest, 0, 0)):
		return ortsnah.E(ortsnah.Invalid, "stations.day_far", "day", day.Format(time.DateOnly)).About("day")
	}
	return nil
}

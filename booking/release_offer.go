package booking

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking/calendar"
	"github.com/ortsnah/ortsnah/stations"
)

// The verbs of this file take the town's lock, so that nobody books meanwhile;
// the caller owns the transaction. What they return are the appointments from
// which the change takes the ground: when there are any and force is not set,
// the error is *HasBookings and nothing is changed; with force it is changed
// and the caller re-matches. Every board hears of it at the commit.

// Offer stores a release: a new one, or, with an ID, the changed one of the
// same clerk. It returns the release as stored. Errors: Invalid
// booking.release_…; Conflict booking.release_overlaps where the clerk would
// have to be at two places at once; NotFound booking.no_release,
// booking.no_clerk; *HasBookings.
func Offer(ctx context.Context, tx pgx.Tx, now time.Time, actor ortsnah.Actor, r Release, force bool) (Release, []Conflict, error) {
	lost, err := change(ctx, tx, now, r.Clerk, force, func(tx pgx.Tx) error {
		action := "release.add"
		if r.ID != 0 {
			action = "release.change"
			stored, err := FindRelease(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			if stored.Clerk != r.Clerk {
				return ortsnah.E(ortsnah.NotFound, "booking.no_release")
			}
			if r.Exceptions == nil {
				r.Exceptions = stored.Exceptions
			}
		}
		if err := r.check(ctx, tx, now); err != nil {
			return err
		}
		if err := r.store(ctx, tx); err != nil {
			return err
		}
		if err := onePlace(ctx, tx, now, r.Clerk); err != nil {
			return err
		}
		if err := audit(ctx, tx, now, actor, action, r.object(), r.detail()); err != nil {
			return err
		}
		return noteHolidays(ctx, tx, now, actor, r, r.Exceptions)
	})
	if err != nil {
		return Release{}, nil, err
	}
	return r, lost, nil
}

// object is the release in the audit trail.
func (r Release) object() string { return fmt.Sprintf("release/%d", r.ID) }

func (r Release) detail() map[string]any {
	d := map[string]any{"clerk": r.Clerk, "first_day": r.FirstDay.Format(time.DateOnly), "rule": r.Rule, "opens": r.Opens.String(),
		"closes": r.Closes.String(), "channels": r.Channels, "via": r.Via, "concerns": r.Concerns}
	if r.UntilDay != nil {
		d["until_day"] = r.UntilDay.Format(time.DateOnly)
	}
	return d
}

// store writes r and its exceptions.
func (r *Release) store(ctx context.Context, tx pgx.Tx) error {
	values := pgx.NamedArgs{"id": r.ID, "clerk": r.Clerk, "site": r.Site, "station": r.StationDay, "first": r.FirstDay, "until": r.UntilDay,
		"rule": r.Rule, "opens": r.Opens.String(), "closes": r.Closes.String(), "zone": r.Zone, "channels": r.Channels, "via": r.Via,
		"concerns": r.Concerns, "visible_from": r.VisibleFrom, "visible_days": r.VisibleDays, "note": r.Note, "imported": r.Imported}
	sql := `INSERT INTO booking.release (clerk, site, station_day, first_day, until_day, rule, opens, closes, zone, channels, via,
			concerns, visible_from, visible_days, note, imported)
		VALUES (@clerk, nullif(@site, ''), nullif(@station::bigint, 0), @first, @until, @rule, @opens::text::time, @closes::text::time,
			@zone, @channels, @via, @concerns, @visible_from, @visible_days, @note, @imported)
		RETURNING id`
	if r.ID != 0 {
		sql = `UPDATE booking.release SET site = nullif(@site, ''), station_day = nullif(@station::bigint, 0), first_day = @first,
			until_day = @until, rule = @rule, opens = @opens::text::time, closes = @closes::text::time, zone = @zone, channels = @channels,
			via = @via, concerns = @concerns, visible_from = @visible_from, visible_days = @visible_days, note = @note, imported = @imported
		WHERE id = @id RETURNING id`
	}
	if err := tx.QueryRow(ctx, sql, values).Scan(&r.ID); err != nil {
		return absent(err, "booking.no_release")
	}
	if _, err := tx.Exec(ctx, `DELETE FROM booking.release_exception WHERE release = @id`, pgx.NamedArgs{"id": r.ID}); err != nil {
		return err
	}
	for _, x := range r.Exceptions {
		if err := storeException(ctx, tx, r.ID, x); err != nil {
			return err
		}
	}
	return nil
}

func storeException(ctx context.Context, tx pgx.Tx, release int64, x Exception) error {
	_, err := tx.Exec(ctx, `INSERT INTO booking.release_exception (release, day, open, reason) VALUES (@release, @day, @open, @reason)
		ON CONFLICT (release, day) DO UPDATE SET open = excluded.open, reason = excluded.reason`,
		pgx.NamedArgs{"release": release, "day": x.Day, "open": x.Open, "reason": x.Reason})
	return err
}

// noteHolidays records that exceptions open a release on public holidays (S19).
func noteHolidays(ctx context.Context, tx pgx.Tx, now time.Time, actor ortsnah.Actor, r Release, exceptions []Exception) error {
	setting, err := Settings(ctx, tx)
	if err != nil {
		return err
	}
	for _, x := range exceptions {
		h, holiday := calendar.Closed(setting.State, x.Day, x.Day.AddDate(0, 0, 1))[x.Day]
		if !holiday || !x.Open {
			continue
		}
		detail := map[string]any{"day": x.Day.Format(time.DateOnly), "holiday": h.Name.DE, "reason": x.Reason}
		if err := audit(ctx, tx, now, actor, "release.open_on_holiday", r.object(), detail); err != nil {
			return err
		}
	}
	return nil
}

// Withdraw ends a release altogether. Errors: NotFound booking.no_release;
// *HasBookings.
func Withdraw(ctx context.Context, tx pgx.Tx, now time.Time, actor ortsnah.Actor, id int64, force bool) ([]Conflict, error) {
	return edit(ctx, tx, now, id, force, func(tx pgx.Tx, r Release) error {
		if _, err := tx.Exec(ctx, `DELETE FROM booking.release WHERE id = @id`, pgx.NamedArgs{"id": id}); err != nil {
			return err
		}
		return audit(ctx, tx, now, actor, "release.withdraw", r.object(), r.detail())
	})
}

// edit changes what belongs to the stored release id.
func edit(ctx context.Context, tx pgx.Tx, now time.Time, id int64, force bool, do func(tx pgx.Tx, r Release) error) ([]Conflict, error) {
	if err := lockTown(ctx, tx); err != nil { // before the look
		return nil, err
	}
	r, err := FindRelease(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	return change(ctx, tx, now, r.Clerk, force, func(tx pgx.Tx) error { return do(tx, r) })
}

// Except makes a release not hold on a day, or hold on one more (x.Open), even
// if that is a public holiday; the trail then says so. Errors as of Offer.
func Except(ctx context.Context, tx pgx.Tx, now time.Time, actor ortsnah.Actor, release int64, x Exception, force bool) ([]Conflict, error) {
	return edit(ctx, tx, now, release, force, func(tx pgx.Tx, r Release) error {
		if len(r.Exceptions) >= mostExceptions {
			return ortsnah.E(ortsnah.Invalid, "booking.release_exceptions", "most", mostExceptions).About("exceptions")
		}
		if err := x.check(stations.Day(now.UTC())); err != nil {
			return err
		}
		if err := storeException(ctx, tx, r.ID, x); err != nil {
			return err
		}
		if err := onePlace(ctx, tx, now, r.Clerk); err != nil {
			return err
		}
		detail := map[string]any{"day": x.Day.Format(time.DateOnly), "open": x.Open}
		if err := audit(ctx, tx, now, actor, "release.except", r.object(), detail); err != nil {
			return err
		}
		return noteHolidays(ctx, tx, now, actor, r, []Exception{x})
	})
}

// AsUsual takes back the exception of a release on a day. Errors as of Offer;
// NotFound booking.no_exception.
func AsUsual(ctx context.Context, tx pgx.Tx, now time.Time, actor ortsnah.Actor, release int64, day time.Time, force bool) ([]Conflict, error) {
	return edit(ctx, tx, now, release, force, func(tx pgx.Tx, r Release) error {
		done, err := tx.Exec(ctx, `DELETE FROM booking.release_exception WHERE release = @release AND day = @day`,
			pgx.NamedArgs{"release": release, "day": day})
		if err != nil {
			return err
		}
		if done.RowsAffected() == 0 {
			return ortsnah.E(ortsnah.NotFound, "booking.no_exception")
		}
		if err := onePlace(ctx, tx, now, r.Clerk); err != nil {
			return err
		}
		return audit(ctx, tx, now, actor, "release.as_usual", r.object(), map[string]any{"day": day.Format(time.DateOnly)})
	})
}

// HomeOffice says that a clerk works from home on a day (on) or comes to the
// office after all. At home only phone and video stay of the releases (S42).
// Doing it again changes nothing. Errors: NotFound booking.no_clerk, Invalid
// booking.bad_day; *HasBookings.
func HomeOffice(ctx context.Context, tx pgx.Tx, now time.Time, actor ortsnah.Actor, clerk int, day time.Time, on, force bool) ([]Conflict, error) {
	return change(ctx, tx, now, clerk, force, func(tx pgx.Tx) error {
		if err := isClerk(ctx, tx, clerk); err != nil {
			return err
		}
		if day.Before(now.AddDate(0, 0, -2)) || day.After(now.AddDate(0, 0, farthestDays)) {
			return ortsnah.E(ortsnah.Invalid, "booking.home_office_day", "day", day.Format(time.DateOnly)).About("day")
		}
		sql := `DELETE FROM booking.home_office WHERE clerk = @clerk AND day = @day`
		if on {
			sql = `INSERT INTO booking.home_office (clerk, day) VALUES (@clerk, @day) ON CONFLICT DO NOTHING`
		}
		done, err := tx.Exec(ctx, sql, pgx.NamedArgs{"clerk": clerk, "day": day})
		if err != nil || done.RowsAffected() == 0 {
			return err
		}
		if err := onePlace(ctx, tx, now, clerk); err != nil {
			return err
		}
		return audit(ctx, tx, now, actor, "home_office", fmt.Sprintf("clerk/%d", clerk), map[string]any{"day": day.Format(time.DateOnly), "on": on})
	})
}

// Quota limits how many minutes per ISO week may be booked with a clerk on a
// way (S32); nil takes the limit away. What is booked stays. Errors: NotFound
// booking.no_clerk, Invalid booking.bad_quota.
func Quota(ctx context.Context, tx pgx.Tx, now time.Time, actor ortsnah.Actor, clerk int, via Via, minutes *int) error {
	if err := lockTown(ctx, tx); err != nil {
		return err
	}
	if err := isClerk(ctx, tx, clerk); err != nil {
		return err
	}
	if !slices.Contains([]Via{ViaWeb, ViaPhone, ViaDesk}, via) {
		return ortsnah.E(ortsnah.Invalid, "booking.release_bad_way").About("via")
	}
	if minutes != nil && (*minutes < 0 || *minutes > 3000) {
		return ortsnah.E(ortsnah.Invalid, "booking.bad_quota", "minutes", *minutes).About("minutes")
	}
	sql := `INSERT INTO booking.quota (clerk, via, minutes) VALUES (@clerk, @via, @minutes)
		ON CONFLICT (clerk, via) DO UPDATE SET minutes = excluded.minutes`
	if minutes == nil {
		sql = `DELETE FROM booking.quota WHERE clerk = @clerk AND via = @via AND @minutes::int IS NULL`
	}
	if _, err := tx.Exec(ctx, sql, pgx.NamedArgs{"clerk": clerk, "via": via, "minutes": minutes}); err != nil {
		return err
	}
	return audit(ctx, tx, now, actor, "quota", fmt.Sprintf("clerk/%d", clerk), map[string]any{"via": via, "minutes": minutes})
}

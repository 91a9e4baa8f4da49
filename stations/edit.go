package stations

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// The verbs of planners. Each takes the lock of the plan, changes it for the
// days to come, and writes the visits anew (Extend), all in the transaction of
// the caller, who then publishes and tells booking. What has begun stays.
//
// Who changes something names the revision that was looked at: when somebody
// else was faster, the answer is Conflict stations.changed_meanwhile.

// farthest is how far ahead a pattern may begin.
const farthest = 2 // years

// FindPattern returns a pattern that holds. Error: NotFound stations.no_pattern.
func FindPattern(ctx context.Context, db postgis.DB, id string) (Pattern, error) {
	all, err := patternsOf(ctx, db)
	if err != nil {
		return Pattern{}, err
	}
	for _, p := range all {
		if p.ID == id {
			return p, nil
		}
	}
	return Pattern{}, ortsnah.E(ortsnah.NotFound, "stations.no_pattern")
}

// Arrange adds a pattern: its ID, Series and Revision are given here. Errors:
// Invalid stations.bad_rule, times_swapped, day_past, day_far, pattern_never,
// text_too_long; NotFound stations.no_station, no_stop, no_kit; Conflict
// stations.day_closed, and as of Extend.
func Arrange(ctx context.Context, tx pgx.Tx, now time.Time, p Pattern) (Pattern, error) {
	if err := lock(ctx, tx); err != nil {
		return p, err
	}
	if err := p.check(ctx, tx, now); err != nil {
		return p, err
	}
	var err error
	if p.ID, err = freeID(ctx, tx, "visit_pattern", p.Station+" "+p.Stop); err != nil {
		return p, err
	}
	p.Series = p.ID
	if err := insertPattern(ctx, tx, p); err != nil {
		return p, err
	}
	return p, Extend(ctx, tx, now)
}

// Rearrange lets a pattern go on with other values from p.FirstDay on; the days
// before stay as they were. While station and stop are the same, visits of the
// same day are the same visits at another time; else the old ones are cancelled
// and stay visible. Days cancelled before stay cancelled. p.ID and p.Revision say
// which one and as of when. Errors as of Arrange, and NotFound
// stations.no_pattern, Conflict stations.changed_meanwhile.
func Rearrange(ctx context.Context, tx pgx.Tx, now time.Time, p Pattern) (Pattern, error) {
	old, err := lockPattern(ctx, tx, p.ID, p.Revision)
	if err != nil {
		return p, err
	}
	if err := p.check(ctx, tx, now); err != nil {
		return p, err
	}
	p.Series = old.Series
	if old.Station != p.Station || old.Stop != p.Stop {
		if p.Series, err = freeID(ctx, tx, "visit_pattern", p.Station+" "+p.Stop); err != nil {
			return p, err
		}
	}
	begun := old.FirstDay.Before(p.FirstDay)
	if begun {
		if p.ID, err = freeID(ctx, tx, "visit_pattern", p.Station+" "+p.Stop); err != nil {
			return p, err
		}
		if old.Series != p.Series {
			p.Series = p.ID
		}
		err = until(ctx, tx, old.ID, p.FirstDay)
	} else {
		_, err = tx.Exec(ctx, `DELETE FROM stations.pattern_kit WHERE pattern = $1`, p.ID)
	}
	if err != nil {
		return p, err
	}
	if err := insertPattern(ctx, tx, p); err != nil {
		return p, err
	}
	if begun {
		if _, err := tx.Exec(ctx, `INSERT INTO stations.pattern_exception (pattern, day, reason_de, reason_en)
			SELECT @new, day, reason_de, reason_en FROM stations.pattern_exception WHERE pattern = @old AND day >= @day`,
			pgx.NamedArgs{"new": p.ID, "old": old.ID, "day": p.FirstDay}); err != nil {
			return p, err
		}
	}
	return p, Extend(ctx, tx, now)
}

// End ends a pattern: day is the first on which it no longer holds. Coming
// visits from then on are cancelled with the reason, if one is given. Errors as
// of Rearrange.
func End(ctx context.Context, tx pgx.Tx, now time.Time, id string, revision int, day time.Time, reason catalog.Text) error {
	old, err := lockPattern(ctx, tx, id, revision)
	if err != nil {
		return err
	}
	if err := checkReason(reason, false); err != nil {
		return err
	}
	zone, err := time.LoadLocation(old.Zone)
	if err != nil {
		return err
	}
	if day.Before(Day(now.In(zone))) {
		return ortsnah.E(ortsnah.Invalid, "stations.day_past", "day", day.Format(time.DateOnly)).About("day")
	}
	if reason.DE != "" {
		if _, err := tx.Exec(ctx, `UPDATE stations.visit SET state = 'cancelled', reason_de = @de, reason_en = @en
			WHERE pattern = @id AND day >= @day AND starts > @now AND state = 'planned'`,
			pgx.NamedArgs{"id": id, "day": day, "now": now, "de": reason.DE, "en": reason.EN}); err != nil {
			return err
		}
	}
	if err := until(ctx, tx, id, day); err != nil {
		return err
	}
	return Extend(ctx, tx, now)
}

// CancelDay calls the visit of a pattern on a day off, for a reason that
// everybody reads. Errors as of Rearrange, and Invalid stations.reason_missing;
// NotFound stations.no_visit; Conflict stations.visit_begun.
func CancelDay(ctx context.Context, tx pgx.Tx, now time.Time, id string, revision int, day time.Time, reason catalog.Text) error {
	p, err := lockPattern(ctx, tx, id, revision)
	if err != nil {
		return err
	}
	if err := checkReason(reason, true); err != nil {
		return err
	}
	if err := p.comes(ctx, tx, now, day); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO stations.pattern_exception (pattern, day, reason_de, reason_en) VALUES (@id, @day, @de, @en)
		ON CONFLICT (pattern, day) DO UPDATE SET reason_de = excluded.reason_de, reason_en = excluded.reason_en`,
		pgx.NamedArgs{"id": id, "day": day, "de": reason.DE, "en": reason.EN}); err != nil {
		return err
	}
	return Extend(ctx, tx, now)
}

// ReinstateDay takes the cancellation of a day back. Errors as of CancelDay, and
// NotFound stations.not_cancelled.
func ReinstateDay(ctx context.Context, tx pgx.Tx, now time.Time, id string, revision int, day time.Time) error {
	p, err := lockPattern(ctx, tx, id, revision)
	if err != nil {
		return err
	}
	if err := p.comes(ctx, tx, now, day); err != nil {
		return err
	}
	done, err := tx.Exec(ctx, `DELETE FROM stations.pattern_exception WHERE pattern = $1 AND day = $2`, id, day)
	if err != nil {
		return err
	}
	if done.RowsAffected() == 0 {
		return ortsnah.E(ortsnah.NotFound, "stations.not_cancelled")
	}
	return Extend(ctx, tx, now)
}

// lockPattern takes the lock of the plan, finds the pattern in the revision
// that was looked at, and counts the change.
func lockPattern(ctx context.Context, tx pgx.Tx, id string, revision int) (Pattern, error) {
	if err := lock(ctx, tx); err != nil {
		return Pattern{}, err
	}
	p, err := FindPattern(ctx, tx, id)
	if err != nil {
		return p, err
	}
	if p.Revision != revision {
		return p, ortsnah.E(ortsnah.Conflict, "stations.changed_meanwhile")
	}
	_, err = tx.Exec(ctx, `UPDATE stations.visit_pattern SET revision = revision + 1 WHERE id = $1`, id)
	return p, err
}

// until lets a pattern end; before its first day it never was.
func until(ctx context.Context, tx pgx.Tx, id string, day time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE stations.visit_pattern SET origin = 'staff', until_day = greatest(first_day, @day::date),
		active = first_day < @day::date WHERE id = @id`, pgx.NamedArgs{"id": id, "day": day})
	return err
}

func insertPattern(ctx context.Context, tx pgx.Tx, p Pattern) error {
	_, err := tx.Exec(ctx, `INSERT INTO stations.visit_pattern
			(id, series, station, stop, first_day, until_day, rule, opens, closes, zone, services, note, origin)
		VALUES (@id, @series, @station, @stop, @first_day, @until_day, @rule, @opens::text::time, @closes::text::time, @zone, @services, @note, 'staff')
		ON CONFLICT (id) DO UPDATE SET series = excluded.series, station = excluded.station, stop = excluded.stop,
			first_day = excluded.first_day, until_day = excluded.until_day, rule = excluded.rule, opens = excluded.opens,
			closes = excluded.closes, zone = excluded.zone, services = excluded.services, note = excluded.note, origin = 'staff'`,
		pgx.NamedArgs{"id": p.ID, "series": p.Series, "station": p.Station, "stop": p.Stop, "first_day": p.FirstDay, "until_day": p.UntilDay,
			"rule": p.Rule, "opens": p.Opens.String(), "closes": p.Closes.String(), "zone": p.Zone, "services": nonNil(p.Services), "note": p.Note})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO stations.pattern_kit (pattern, kit) SELECT DISTINCT @id, k FROM unnest(@kits::text[]) AS k`,
		pgx.NamedArgs{"id": p.ID, "kits": nonNil(p.Kits)})
	return err
}

// check refuses a pattern that cannot be.
func (p Pattern) check(ctx context.Context, db postgis.DB, now time.Time) error {
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		return ortsnah.E(ortsnah.Invalid, "stations.unknown_zone", "zone", p.Zone).About("zone").Because(err)
	}
	today := Day(now.In(zone))
	switch {
	case p.Opens >= p.Closes:
		return ortsnah.E(ortsnah.Invalid, "stations.times_swapped", "from", p.Opens.String(), "to", p.Closes.String()).About("opens")
	case p.FirstDay.Before(today):
		return ortsnah.E(ortsnah.Invalid, "stations.day_past", "day", p.FirstDay.Format(time.DateOnly)).About("day")
	case p.FirstDay.After(today.AddDate(farthest, 0, 0)):
		return ortsnah.E(ortsnah.Invalid, "stations.day_far", "day", p.FirstDay.Format(time.DateOnly)).About("day")
	}
	if err := errors.Join(checkLength("note", p.Note)); err != nil {
		return first(err)
	}
	if err := p.known(ctx, db); err != nil {
		return err
	}
	return p.happens(ctx, db, now)
}

// known holds a pattern's references against what is in use.
func (p Pattern) known(ctx context.Context, db postgis.DB) error {
	var station, stop, kits bool
	err := db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM stations.station WHERE id = @station AND NOT retired),
			EXISTS (SELECT FROM stations.stop WHERE id = @stop AND NOT retired),
			NOT EXISTS (SELECT FROM unnest(@kits::text[]) AS k WHERE NOT EXISTS (SELECT FROM stations.kit WHERE id = k AND NOT retired))`,
		pgx.NamedArgs{"station": p.Station, "stop": p.Stop, "kits": nonNil(p.Kits)}).Scan(&station, &stop, &kits)
	switch {
	case err != nil:
		return err
	case !station:
		return ortsnah.E(ortsnah.NotFound, "stations.no_station").About("station")
	case !stop:
		return ortsnah.E(ortsnah.NotFound, "stations.no_stop").About("stop")
	case !kits:
		return ortsnah.E(ortsnah.NotFound, "stations.no_kit").About("kit")
	}
	return nil
}

// happens refuses a pattern that never leads to a visit.
func (p Pattern) happens(ctx context.Context, db postgis.DB, now time.Time) error {
	closed, err := closedDaysOf(ctx, db)
	if err != nil {
		return err
	}
	visits, err := p.expand(p.FirstDay, p.FirstDay.AddDate(farthest, 0, 0), closed, nil)
	if err != nil {
		return err
	}
	for _, v := range visits {
		if v.Starts.After(now) {
			return nil
		}
	}
	if closed[p.FirstDay] && p.Rule == Once {
		return ortsnah.E(ortsnah.Conflict, "stations.day_closed", "day", p.FirstDay.Format(time.DateOnly)).About("day")
	}
	return ortsnah.E(ortsnah.Invalid, "stations.pattern_never", "day", p.FirstDay.Format(time.DateOnly)).About("day")
}

// comes says whether the pattern has a visit on a day that has not begun.
func (p Pattern) comes(ctx context.Context, db postgis.DB, now time.Time, day time.Time) error {
	closed, err := closedDaysOf(ctx, db)
	if err != nil {
		return err
	}
	visits, err := p.expand(day, day.AddDate(0, 0, 1), closed, nil)
	switch {
	case err != nil:
		return err
	case len(visits) == 0:
		return ortsnah.E(ortsnah.NotFound, "stations.no_visit", "day", day.Format(time.DateOnly)).About("day")
	case !visits[0].Starts.After(now):
		return ortsnah.E(ortsnah.Conflict, "stations.visit_begun", "day", day.Format(time.DateOnly)).About("day")
	}
	return nil
}

// longestText is how many characters a note, an address or a reason may have.
const longestText = 500

func checkLength(field string, texts ...string) error {
	for _, t := range texts {
		if utf8.RuneCountInString(t) > longestText {
			return ortsnah.E(ortsnah.Invalid, "stations.text_too_long", "most", longestText).About(field)
		}
	}
	return nil
}

func checkReason(reason catalog.Text, needed bool) error {
	if needed && reason.DE == "" {
		return ortsnah.E(ortsnah.Invalid, "stations.reason_missing").About("reason")
	}
	return checkLength("reason", reason.DE, reason.EN)
}

package booking

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking/calendar"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

//go:embed sql/under_closure.sql
var underClosureSQL string

// ClosureKind says why something is closed, as far as others must know.
type ClosureKind string

// The kinds.
const (
	ClosedFor   ClosureKind = "closed"
	Sickness    ClosureKind = "sickness" // of a clerk: somebody is away, for whatever reason
	Maintenance ClosureKind = "maintenance"
)

// Closure takes a resource, a building or (with neither) the whole town out of
// use in [Starts, Ends). Of a clerk no reason is kept: why somebody is away is
// nobody's business, and the row goes with the town's erase_days.
type Closure struct {
	ID       int64 // 0: a new one
	Site     string
	Resource int
	Starts   time.Time
	Ends     time.Time
	Kind     ClosureKind
	ReasonDE string
	ReasonEN string
	Imported string // UID of the iCalendar event it came from
}

// longestClosure is about a year and a half, for a building under repair.
const longestClosure = 550 * 24 * time.Hour

// Closures returns what is closed at some time in [from, to), by start.
func Closures(ctx context.Context, db postgis.DB, from, to time.Time) ([]Closure, error) {
	return closuresOf(ctx, db, 0, from, to)
}

// closuresOf returns those of one resource, or of all (0).
func closuresOf(ctx context.Context, db postgis.DB, resource int, from, to time.Time) ([]Closure, error) {
	setting, err := Settings(ctx, db)
	if err != nil {
		return nil, err
	}
	zone, err := calendar.Zone(setting.Zone)
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, `SELECT id, coalesce(site, '') AS site, coalesce(resource, 0) AS resource, starts, ends, kind,
			reason_de, reason_en, imported
		FROM booking.closure WHERE starts < @to AND ends > @from AND (@resource = 0 OR resource = @resource) ORDER BY starts, id`,
		pgx.NamedArgs{"from": from, "to": to, "resource": resource})
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Closure])
	for i := range found {
		found[i].Starts, found[i].Ends = found[i].Starts.In(zone), found[i].Ends.In(zone)
	}
	return found, err
}

// Close stores a closure, with an ID the changed one, and returns the coming
// appointments under it: the caller re-matches. Nobody is asked first, for who
// is ill is ill. Errors: Invalid booking.closure_…, booking.no_site; NotFound
// booking.no_resource, booking.no_closure.
func Close(ctx context.Context, tx pgx.Tx, now time.Time, actor ortsnah.Actor, c Closure) (Closure, []Conflict, error) {
	if err := lockTown(ctx, tx); err != nil {
		return c, nil, err
	}
	person, err := c.check(ctx, tx, now)
	if err != nil {
		return c, nil, err
	}
	sql := `INSERT INTO booking.closure (site, resource, starts, ends, kind, reason_de, reason_en, imported)
		VALUES (nullif(@site, ''), nullif(@resource::int, 0), @starts, @ends, @kind, @de, @en, @imported) RETURNING id`
	if c.ID != 0 {
		sql = `UPDATE booking.closure SET site = nullif(@site, ''), resource = nullif(@resource::int, 0), starts = @starts, ends = @ends,
			kind = @kind, reason_de = @de, reason_en = @en, imported = @imported WHERE id = @id RETURNING id`
	}
	err = tx.QueryRow(ctx, sql, pgx.NamedArgs{"id": c.ID, "site": c.Site, "resource": c.Resource, "starts": c.Starts, "ends": c.Ends,
		"kind": c.Kind, "de": c.ReasonDE, "en": c.ReasonEN, "imported": c.Imported}).Scan(&c.ID)
	if err != nil {
		return c, nil, absent(err, "booking.no_closure")
	}
	var detail map[string]any
	if !person { // the trail is for ever: it does not list when somebody was away
		detail = map[string]any{"site": c.Site, "resource": c.Resource, "from": c.Starts.UTC().Format(time.RFC3339), "to": c.Ends.UTC().Format(time.RFC3339)}
	}
	if err := audit(ctx, tx, now, actor, "close", c.object(), detail); err != nil {
		return c, nil, err
	}
	under, err := underClosure(ctx, tx, now, c.ID)
	return c, under, err
}

func (c Closure) object() string { return fmt.Sprintf("closure/%d", c.ID) }

// check refuses what cannot be; person says that it is of a clerk.
func (c *Closure) check(ctx context.Context, db postgis.DB, now time.Time) (person bool, err error) {
	if err := c.checkSelf(now); err != nil {
		return false, err
	}
	var site, resource bool
	err = db.QueryRow(ctx, `SELECT @site = '' OR EXISTS (SELECT FROM booking.site WHERE id = @site),
			@resource = 0 OR EXISTS (SELECT FROM booking.resource WHERE id = @resource),
			EXISTS (SELECT FROM booking.clerk WHERE resource = @resource)`,
		pgx.NamedArgs{"site": c.Site, "resource": c.Resource}).Scan(&site, &resource, &person)
	switch {
	case err != nil:
		return person, err
	case !site:
		return person, ortsnah.E(ortsnah.Invalid, "booking.no_site", "site", short(c.Site)).About("site")
	case !resource:
		return person, ortsnah.E(ortsnah.NotFound, "booking.no_resource").About("resource")
	case person && c.ReasonDE+c.ReasonEN != "":
		return person, ortsnah.E(ortsnah.Invalid, "booking.closure_of_person").About("reason")
	case !person && c.Kind == Sickness:
		return person, ortsnah.E(ortsnah.Invalid, "booking.closure_kind").About("kind")
	}
	return person, nil
}

func (c *Closure) checkSelf(now time.Time) error {
	switch {
	case !c.Starts.Before(c.Ends):
		return ortsnah.E(ortsnah.Invalid, "booking.closure_ends_before_it_starts").About("ends")
	case c.Ends.Sub(c.Starts) > longestClosure || c.Starts.After(now.AddDate(0, 0, farthestDays)):
		return ortsnah.E(ortsnah.Invalid, "booking.closure_too_long").About("ends")
	case !c.Ends.After(now):
		return ortsnah.E(ortsnah.Invalid, "booking.closure_past").About("ends")
	case c.Site != "" && c.Resource != 0:
		return ortsnah.E(ortsnah.Invalid, "booking.closure_of_two").About("resource")
	case !slices.Contains([]ClosureKind{ClosedFor, Sickness, Maintenance}, c.Kind):
		return ortsnah.E(ortsnah.Invalid, "booking.closure_kind").About("kind")
	}
	for _, reason := range []string{c.ReasonDE, c.ReasonEN} {
		if utf8.RuneCountInString(reason) > longestNote || !utf8.ValidString(reason) {
			return ortsnah.E(ortsnah.Invalid, "booking.closure_reason", "most", longestNote).About("reason")
		}
	}
	return nil
}

// Reopen takes a closure back. Error: NotFound booking.no_closure.
func Reopen(ctx context.Context, tx pgx.Tx, now time.Time, actor ortsnah.Actor, id int64) error {
	if err := lockTown(ctx, tx); err != nil {
		return err
	}
	done, err := tx.Exec(ctx, `DELETE FROM booking.closure WHERE id = @id`, pgx.NamedArgs{"id": id})
	if err != nil {
		return err
	}
	if done.RowsAffected() == 0 {
		return ortsnah.E(ortsnah.NotFound, "booking.no_closure")
	}
	return audit(ctx, tx, now, actor, "reopen", Closure{ID: id}.object(), nil)
}

// underClosure lists coming appointments under a closure (0: under any).
func underClosure(ctx context.Context, db postgis.DB, now time.Time, id int64) ([]Conflict, error) {
	setting, err := Settings(ctx, db)
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, underClosureSQL, pgx.NamedArgs{"now": now, "closure": id})
	if err != nil {
		return nil, err
	}
	return conflicts(rows, setting.Zone)
}

// Conflicts lists all coming appointments that have lost their ground: their
// clerk's time is not released, something of theirs is closed, or the mobile
// station does not come. An appointment is listed once, under the first of
// these that holds. It is what a re-match has to mend.
func Conflicts(ctx context.Context, db postgis.DB, now time.Time) ([]Conflict, error) {
	var all []Conflict
	for _, look := range []func() ([]Conflict, error){
		func() ([]Conflict, error) { return stationAway(ctx, db, now) },
		func() ([]Conflict, error) { return underClosure(ctx, db, now, 0) },
		func() ([]Conflict, error) { return uncovered(ctx, db, now, nil) },
	} {
		found, err := look()
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			if !slices.ContainsFunc(all, func(o Conflict) bool { return o.Appointment == c.Appointment }) {
				all = append(all, c)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Conflict) int { return a.Starts.Compare(b.Starts) })
	return all, nil
}

package booking

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking/calendar"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/stations"
)

//go:embed sql/release_day.sql
var releaseDaySQL string

//go:embed sql/uncovered.sql
var uncoveredSQL string

// dated is one local day of a release.
type dated struct {
	release *Release
	calendar.Span
	home bool // the clerk works from home
}

// place is where the clerk then has to be; empty: anywhere.
func (d dated) place() string {
	switch {
	case d.release.StationDay != 0 && !d.home:
		return fmt.Sprintf("station day %d", d.release.StationDay)
	case slices.Contains(d.release.Channels, Counter) && !d.home:
		return "site " + d.release.Site
	}
	return ""
}

// almanac is what decides, beside the releases, on which days they hold.
type almanac struct {
	setting Setting
	today   time.Time // local day of the town
	home    map[int]map[time.Time]bool
	stands  map[int64]calendar.Span // planned station days
}

func readAlmanac(ctx context.Context, db postgis.DB, now time.Time, clerks []int) (a almanac, err error) {
	if a.setting, err = Settings(ctx, db); err != nil {
		return a, err
	}
	zone, err := calendar.Zone(a.setting.Zone)
	if err != nil {
		return a, err
	}
	a.today, a.home, a.stands = stations.Day(now.In(zone)), map[int]map[time.Time]bool{}, map[int64]calendar.Span{}
	rows, err := db.Query(ctx, `SELECT clerk, day FROM booking.home_office WHERE clerk = ANY (@clerks) AND day >= @today`,
		pgx.NamedArgs{"clerks": clerks, "today": a.today})
	if err != nil {
		return a, err
	}
	var clerk int
	var day time.Time
	if _, err = pgx.ForEachRow(rows, []any{&clerk, &day}, func() error {
		if a.home[clerk] == nil {
			a.home[clerk] = map[time.Time]bool{}
		}
		a.home[clerk][day] = true
		return nil
	}); err != nil {
		return a, err
	}
	rows, err = db.Query(ctx, `SELECT id, day, starts, ends FROM booking.station_day WHERE state = 'planned' AND day >= @today`,
		pgx.NamedArgs{"today": a.today})
	if err != nil {
		return a, err
	}
	var id int64
	var stand calendar.Span
	_, err = pgx.ForEachRow(rows, []any{&id, &stand.Day, &stand.Starts, &stand.Ends}, func() error {
		a.stands[id] = stand
		return nil
	})
	return a, err
}

// spans expands a release on the days [from, to). Of a release at a station
// only what lies within the station's stay is left.
func (a almanac) spans(r *Release, from, to time.Time) ([]dated, error) {
	spans, err := r.series().Expand(from, to, calendar.Closed(a.setting.State, from, to))
	if err != nil {
		return nil, err
	}
	var found []dated
	for _, s := range spans {
		d := dated{release: r, Span: s, home: a.home[r.Clerk][s.Day]}
		if d.home && !slices.Contains(r.Channels, Phone) && !slices.Contains(r.Channels, Video) {
			continue
		}
		if r.StationDay != 0 && !d.home {
			stand, comes := a.stands[r.StationDay]
			if stand.Starts.After(d.Starts) {
				d.Starts = stand.Starts
			}
			if stand.Ends.Before(d.Ends) {
				d.Ends = stand.Ends
			}
			if !comes || !d.Starts.Before(d.Ends) {
				continue
			}
		}
		found = append(found, d)
	}
	return found, nil
}

// visibleFrom is when the public sees the release on a day; nil: at once.
func (d dated) visibleFrom() *time.Time {
	from := d.release.VisibleFrom
	if n := d.release.VisibleDays; n != nil {
		first, _, _ := stations.Opening(d.Day.AddDate(0, 0, -*n), 0, 24*60, d.Starts.Location())
		if from == nil || first.After(*from) {
			return &first
		}
	}
	return from
}

// rewrite makes release_day of clerks, from today to the horizon, what their
// releases come to. lockTown is held.
func rewrite(ctx context.Context, tx pgx.Tx, now time.Time, clerks []int) error {
	a, err := readAlmanac(ctx, tx, now, clerks)
	if err != nil {
		return err
	}
	list, err := releasesOf(ctx, tx, clerks)
	if err != nil {
		return err
	}
	var releases []int64
	var days, starts, ends []time.Time
	var homes []bool
	var visible []*time.Time
	for i := range list {
		// A day more at the end: release and town may have different zones.
		spans, err := a.spans(&list[i], a.today, a.today.AddDate(0, 0, a.setting.HorizonDays+1))
		if err != nil {
			return err
		}
		for _, d := range spans {
			releases, days, starts, ends = append(releases, d.release.ID), append(days, d.Day), append(starts, d.Starts), append(ends, d.Ends)
			homes, visible = append(homes, d.home), append(visible, d.visibleFrom())
		}
	}
	_, err = tx.Exec(ctx, releaseDaySQL, pgx.NamedArgs{"clerks": clerks, "today": a.today, "releases": releases, "days": days,
		"starts": starts, "ends": ends, "homes": homes, "visible": visible})
	return err
}

// ExtendReleases works out the releases of all clerks for today to the horizon:
// the nightly task, and after the demo's load. What is older than the town's
// erase_days goes: nobody's working times are kept for longer.
func ExtendReleases(ctx context.Context, tx pgx.Tx, now time.Time) error {
	if err := lockTown(ctx, tx); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `SELECT resource FROM booking.clerk ORDER BY resource`)
	if err != nil {
		return err
	}
	clerks, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return err
	}
	if err := rewrite(ctx, tx, now, clerks); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `WITH days AS (DELETE FROM booking.release_day USING booking.setting s WHERE day < @now::timestamptz::date - s.erase_days),
			home AS (DELETE FROM booking.home_office USING booking.setting s WHERE day < @now::timestamptz::date - s.erase_days)
		DELETE FROM booking.closure c USING booking.setting s, booking.clerk k
		WHERE c.resource = k.resource AND c.ends < @now::timestamptz - make_interval(days => s.erase_days)`, pgx.NamedArgs{"now": now})
	return err
}

// uncovered lists appointments of clerks (nil: of everybody) whose time is not
// released, one entry each.
func uncovered(ctx context.Context, db postgis.DB, now time.Time, clerks []int) ([]Conflict, error) {
	setting, err := Settings(ctx, db)
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, uncoveredSQL, pgx.NamedArgs{"now": now, "clerks": clerks, "until": now.AddDate(0, 0, setting.HorizonDays)})
	if err != nil {
		return nil, err
	}
	return conflicts(rows, setting.Zone)
}

// conflicts collects the answer, the first entry of each appointment.
func conflicts(rows pgx.Rows, zoneName string) ([]Conflict, error) {
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Conflict])
	if err != nil {
		return nil, err
	}
	zone, err := calendar.Zone(zoneName)
	if err != nil {
		return nil, err
	}
	seen, found := map[string]bool{}, []Conflict{}
	for _, c := range list {
		if !seen[c.Appointment] {
			c.Starts, c.Ends = c.Starts.In(zone), c.Ends.In(zone)
			seen[c.Appointment], found = true, append(found, c)
		}
	}
	return found, nil
}

// change does something to the releases of a clerk: the locks, what is done,
// the days anew, and what is then without ground. Unless it is forced, that
// is an error (*HasBookings) and nothing is changed.
func change(ctx context.Context, tx pgx.Tx, now time.Time, clerk int, force bool, do func(tx pgx.Tx) error) ([]Conflict, error) {
	if err := lockTown(ctx, tx); err != nil {
		return nil, err
	}
	clerks, fresh := []int{clerk}, []Conflict{}
	err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error { // a savepoint
		before, err := uncovered(ctx, tx, now, clerks)
		if err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		if err := rewrite(ctx, tx, now, clerks); err != nil {
			return err
		}
		after, err := uncovered(ctx, tx, now, clerks)
		for _, c := range after {
			if !slices.ContainsFunc(before, func(b Conflict) bool { return b.Appointment == c.Appointment }) {
				fresh = append(fresh, c)
			}
		}
		if err == nil && len(fresh) > 0 && !force {
			return &HasBookings{Conflicts: fresh}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return fresh, nil
}

// farthestDays is how far ahead a release may begin and overlaps are looked for.
const farthestDays = 731

// onePlace refuses releases that need their clerk at two places at once. Error:
// Conflict booking.release_overlaps.
func onePlace(ctx context.Context, tx pgx.Tx, now time.Time, clerk int) error {
	a, err := readAlmanac(ctx, tx, now, []int{clerk})
	if err != nil {
		return err
	}
	releases, err := Releases(ctx, tx, clerk)
	if err != nil {
		return err
	}
	var all []dated
	for i := range releases {
		spans, err := a.spans(&releases[i], a.today, a.today.AddDate(0, 0, farthestDays))
		if err != nil {
			return err
		}
		for _, d := range spans {
			if d.place() != "" {
				all = append(all, d)
			}
		}
	}
	slices.SortFunc(all, func(a, b dated) int {
		return cmp.Or(a.Starts.Compare(b.Starts), cmp.Compare(a.release.ID, b.release.ID))
	})
	latest := map[string]dated{} // by place, the span that ends last
	for _, d := range all {
		for place, o := range latest {
			if place != d.place() && d.Starts.Before(o.Ends) {
				return ortsnah.E(ortsnah.Conflict, "booking.release_overlaps", "day", d.Day.Format(time.DateOnly),
					"opens", o.release.Opens.String(), "closes", o.release.Closes.String()).About("opens")
			}
		}
		if o, known := latest[d.place()]; !known || o.Ends.Before(d.Ends) {
			latest[d.place()] = d
		}
	}
	return nil
}

package stations

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/ortsnah/ortsnah"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Horizon is how far ahead visits are announced.
const Horizon = 8 * 7 * 24 * time.Hour

//go:embed sql/extend.sql
var extendSQL string

// Extend writes the visits that the active patterns call for from today until
// Horizon, and what goes along on them. A visit that has begun keeps its times and
// state; coming visits that no pattern calls for any more are cancelled. Doing it
// again changes nothing. Errors: Conflict stations.station_at_two_places,
// stations.kit_at_two_places; Invalid as of Pattern.Days.
func Extend(ctx context.Context, tx pgx.Tx, now time.Time) error {
	if err := lock(ctx, tx); err != nil {
		return err
	}
	visits, err := expected(ctx, tx, now)
	if err != nil {
		return err
	}
	if err := oneplace(ctx, tx, visits); err != nil {
		return err
	}
	var ids, patterns, states, de, en []string
	var days, starts, ends []time.Time
	for _, v := range visits {
		ids, patterns, states = append(ids, v.ID), append(patterns, v.Pattern), append(states, string(v.State))
		de, en = append(de, v.Reason.DE), append(en, v.Reason.EN)
		days, starts, ends = append(days, v.Day), append(starts, v.Starts), append(ends, v.Ends)
	}
	if _, err = tx.Exec(ctx, extendSQL, pgx.NamedArgs{"now": now, "ids": ids, "patterns": patterns, "states": states,
		"reasons_de": de, "reasons_en": en, "days": days, "starts": starts, "ends": ends}); err != nil {
		return fmt.Errorf("extend visits: %w", err)
	}
	if err = packKits(ctx, tx, now); err != nil {
		return err
	}
	return guard(ctx, tx)
}

// expected expands the stored patterns.
func expected(ctx context.Context, tx postgis.DB, now time.Time) ([]Visit, error) {
	patterns, err := patternsOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	reasons, err := exceptionsOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	closed, err := closedDaysOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	var visits []Visit
	for _, p := range patterns {
		// A day more on both sides: the local day may differ from UTC's.
		more, err := p.expand(Day(now.UTC()).AddDate(0, 0, -1), Day(now.UTC().Add(Horizon)).AddDate(0, 0, 1), closed, reasons[p.ID])
		if err != nil {
			return nil, err
		}
		visits = append(visits, more...)
	}
	return slices.DeleteFunc(visits, func(v Visit) bool {
		return !v.Ends.After(now) || v.Starts.After(now.Add(Horizon))
	}), nil
}

// oneplace refuses patterns that need a station at two places at once, with
// words; the constraint visit_station_is_at_one_place is the guard.
func oneplace(ctx context.Context, tx pgx.Tx, visits []Visit) error {
	planned := slices.Clone(visits)
	slices.SortFunc(planned, func(a, b Visit) int {
		return cmp.Or(cmp.Compare(a.Station, b.Station), a.Starts.Compare(b.Starts), cmp.Compare(a.ID, b.ID))
	})
	planned = slices.DeleteFunc(planned, func(v Visit) bool { return v.State != Planned })
	for i := 1; i < len(planned); i++ {
		a, b := planned[i-1], planned[i]
		if a.Station == b.Station && b.Starts.Before(a.Ends) {
			return twoPlaces(ctx, tx, a, b)
		}
	}
	return nil
}

// twoPlaces is the refusal in names and times of the town.
func twoPlaces(ctx context.Context, tx pgx.Tx, a, b Visit) error {
	var station, stop, other string
	err := tx.QueryRow(ctx, `SELECT t.name_de, p.name_de, o.name_de
		FROM stations.station t, stations.stop p, stations.stop o WHERE t.id = @station AND p.id = @stop AND o.id = @other`,
		pgx.NamedArgs{"station": a.Station, "stop": a.Stop, "other": b.Stop}).Scan(&station, &stop, &other)
	if err != nil {
		return err
	}
	return ortsnah.E(ortsnah.Conflict, "stations.station_at_two_places", "station", station, "day", b.Day.Format(time.DateOnly),
		"stop", stop, "from", a.Starts.Format("15:04"), "to", a.Ends.Format("15:04"),
		"other", other, "other_from", b.Starts.Format("15:04"), "other_to", b.Ends.Format("15:04"))
}

// guard lets the deferred constraints look now, so that their refusal is a
// sentence: they see visits that have begun, too.
func guard(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `SET CONSTRAINTS stations.visit_station_is_at_one_place, stations.kit_is_at_one_visit IMMEDIATE;
		SET CONSTRAINTS stations.visit_station_is_at_one_place, stations.kit_is_at_one_visit DEFERRED`)
	pg, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case ok && pg.ConstraintName == "visit_station_is_at_one_place":
		return ortsnah.E(ortsnah.Conflict, "stations.station_is_away").Because(err)
	case ok && pg.ConstraintName == "kit_is_at_one_visit":
		return ortsnah.E(ortsnah.Conflict, "stations.kit_is_away").Because(err)
	}
	return err
}

// patternsOf reads the patterns that hold, ascending id.
func patternsOf(ctx context.Context, db postgis.DB) ([]Pattern, error) {
	rows, err := db.Query(ctx, `SELECT id, station, stop, first_day, rule,
			(extract(epoch FROM opens) / 60)::int AS opens, (extract(epoch FROM closes) / 60)::int AS closes,
			zone, services, note, series, until_day, origin, revision,
			ARRAY(SELECT kit FROM stations.pattern_kit k WHERE k.pattern = p.id ORDER BY kit) AS kits
		FROM stations.visit_pattern p WHERE active ORDER BY id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Pattern])
}

func exceptionsOf(ctx context.Context, tx postgis.DB) (map[string]map[time.Time]catalog.Text, error) {
	rows, err := tx.Query(ctx, `SELECT pattern, day, jsonb_build_object('de', reason_de, 'en', reason_en) AS reason
		FROM stations.pattern_exception`)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[exception])
	if err != nil {
		return nil, err
	}
	byPattern := map[string]map[time.Time]catalog.Text{}
	for _, e := range list {
		if byPattern[e.Pattern] == nil {
			byPattern[e.Pattern] = map[time.Time]catalog.Text{}
		}
		byPattern[e.Pattern][e.Day] = e.Reason
	}
	return byPattern, nil
}

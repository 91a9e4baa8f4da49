package booking

import (
	"context"
	_ "embed"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking/calendar"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/stations"
)

//go:embed sql/station_day.sql
var stationDaySQL string

// StationDay is a mobile station at a stop on one day, as booking sees it: the
// station is claimed from Starts until it is back, TravelMinutes after Ends.
type StationDay struct {
	ID            int64
	Visit         string // of stations.Visit
	Station       int    // id of the resource
	StationName   string // German
	Stop          string
	Day           time.Time // local day, midnight UTC
	Starts        time.Time
	Ends          time.Time
	TravelMinutes int
	Services      []string       // concerns offered there; empty: all mobile ones
	State         stations.State // a cancelled one stays
}

// StationDays returns the station days that are open at some time in [from,
// to), by start, cancelled ones too.
func StationDays(ctx context.Context, db postgis.DB, from, to time.Time) ([]StationDay, error) {
	setting, err := Settings(ctx, db)
	if err != nil {
		return nil, err
	}
	zone, err := calendar.Zone(setting.Zone)
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, `SELECT d.id, d.visit, d.station, r.label AS station_name, d.stop, d.day, d.starts, d.ends,
			d.travel_minutes, d.services, d.state
		FROM booking.station_day d JOIN booking.resource r ON r.id = d.station
		WHERE d.starts < @to AND d.ends > @from ORDER BY d.starts, d.id`, pgx.NamedArgs{"from": from, "to": to})
	if err != nil {
		return nil, err
	}
	days, err := pgx.CollectRows(rows, pgx.RowToStructByName[StationDay])
	for i := range days {
		days[i].Starts, days[i].Ends = days[i].Starts.In(zone), days[i].Ends.In(zone)
	}
	return days, err
}

// SyncStationDays makes station days, their claims and the releases there what
// the visits of the stations room say, in the transaction that changed these.
// Every station gets its resource and a counter. It returns the appointments
// whose station does not come (as promised): the caller holds alternatives for
// them. Doing it again changes nothing.
//
// Error: Conflict booking.station_on_the_way where a station would have to be
// at a stop before it is back from the last (S28), booking.station_busy where
// something else occupies it; the transaction must then be rolled back.
func SyncStationDays(ctx context.Context, tx pgx.Tx, now time.Time, actor ortsnah.Actor) ([]Conflict, error) {
	if err := lockTown(ctx, tx); err != nil {
		return nil, err
	}
	if err := stationResources(ctx, tx); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, stationDaySQL, pgx.NamedArgs{"now": now})
	if err != nil {
		return nil, err
	}
	changed, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, err
	}
	if err := claimStations(ctx, tx, now, changed); err != nil {
		return nil, err
	}
	if len(changed) > 0 {
		if err := rewriteAtStations(ctx, tx, now, changed); err != nil {
			return nil, err
		}
		if err := audit(ctx, tx, now, actor, "station_days", "station_days", map[string]any{"changed": changed}); err != nil {
			return nil, err
		}
	}
	return stationAway(ctx, tx, now)
}

// stationResources gives every station its resource and a counter for four,
// where a planner has not made one. A kit is as step-free as its stop, a
// vehicle if it has a ramp or a lift.
func stationResources(ctx context.Context, tx pgx.Tx) error {
	const equipment = `ARRAY(SELECT e ->> 'id' FROM jsonb_array_elements(CASE WHEN jsonb_typeof(s.equipment) = 'array'
			THEN s.equipment ELSE '[]' END) AS e WHERE e ->> 'state' IN ('present', 'checked') AND e ->> 'id' IS NOT NULL)`
	_, err := tx.Exec(ctx, `INSERT INTO booking.resource AS r (kind, code, label, station, equipment)
		SELECT s.kind, s.id, s.name_de, s.id, `+equipment+` FROM stations.station s ORDER BY s.id
		ON CONFLICT (kind, code) DO UPDATE SET label = excluded.label, station = excluded.station, equipment = excluded.equipment
		WHERE (r.label, r.station, r.equipment) IS DISTINCT FROM (excluded.label, excluded.station, excluded.equipment)`)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `WITH s AS (SELECT s.*, `+equipment+` AS has FROM stations.station s)
		INSERT INTO booking.resource AS r (kind, code, label, station, persons, step_free, equipment)
		SELECT 'room', s.id || '-counter', s.name_de, s.id, 4, s.kind = 'kit' OR s.has && ARRAY['ramp', 'lift'], s.has
		FROM s WHERE NOT EXISTS (SELECT FROM booking.resource o WHERE o.kind = 'room' AND o.station = s.id AND o.code <> s.id || '-counter')
		ORDER BY s.id
		ON CONFLICT (kind, code) DO UPDATE SET label = excluded.label, step_free = excluded.step_free, equipment = excluded.equipment
		WHERE (r.label, r.step_free, r.equipment) IS DISTINCT FROM (excluded.label, excluded.step_free, excluded.equipment)`)
	return err
}

// claimStations occupies the stations on their coming days and frees them on
// cancelled ones.
func claimStations(ctx context.Context, tx pgx.Tx, now time.Time, changed []int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM booking.claim WHERE station_day = ANY (@changed)`, pgx.NamedArgs{"changed": changed}); err != nil {
		return err
	}
	if err := onTheWay(ctx, tx, now); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO booking.claim (resource, during, station_day)
		SELECT station, tstzrange(starts, ends + make_interval(mins => travel_minutes)), id FROM booking.station_day d
		WHERE state = 'planned' AND ends > @now AND NOT EXISTS (SELECT FROM booking.claim c WHERE c.station_day = d.id)
		ORDER BY station, starts`, pgx.NamedArgs{"now": now})
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.ConstraintName == "claim_no_overlap" {
		return ortsnah.E(ortsnah.Conflict, "booking.station_busy").Because(err)
	}
	return err
}

// onTheWay refuses a day that begins before the station is back from another.
func onTheWay(ctx context.Context, tx pgx.Tx, now time.Time) error {
	setting, err := Settings(ctx, tx)
	if err != nil {
		return err
	}
	zone, err := calendar.Zone(setting.Zone)
	if err != nil {
		return err
	}
	var station, stop string
	var starts, back time.Time
	var minutes int
	err = tx.QueryRow(ctx, `SELECT r.label, p.name_de, b.starts, a.ends + make_interval(mins => a.travel_minutes), a.travel_minutes
		FROM booking.station_day a
		JOIN booking.station_day b ON b.station = a.station AND b.state = 'planned' AND (b.starts, b.id) > (a.starts, a.id)
			AND b.starts < a.ends + make_interval(mins => a.travel_minutes)
		JOIN booking.resource r ON r.id = a.station
		JOIN stations.stop p ON p.id = b.stop
		WHERE a.state = 'planned' AND a.ends > @now ORDER BY b.starts, b.id LIMIT 1`, pgx.NamedArgs{"now": now}).
		Scan(&station, &stop, &starts, &back, &minutes)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	starts = starts.In(zone)
	return ortsnah.E(ortsnah.Conflict, "booking.station_on_the_way", "station", station, "stop", stop, "day", starts.Format(time.DateOnly),
		"time", starts.Format("15:04"), "back", back.In(zone).Format("15:04"), "minutes", minutes).About("start")
}

// rewriteAtStations makes the days of the clerks who have released time at
// these station days anew.
func rewriteAtStations(ctx context.Context, tx pgx.Tx, now time.Time, days []int64) error {
	rows, err := tx.Query(ctx, `SELECT DISTINCT clerk FROM booking.release WHERE station_day = ANY (@days) ORDER BY clerk`, pgx.NamedArgs{"days": days})
	if err != nil {
		return err
	}
	clerks, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil || len(clerks) == 0 {
		return err
	}
	return rewrite(ctx, tx, now, clerks)
}

// stationAway lists coming appointments whose station day is cancelled, at
// another stop, or open at other times than the appointment.
func stationAway(ctx context.Context, db postgis.DB, now time.Time) ([]Conflict, error) {
	setting, err := Settings(ctx, db)
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, `SELECT a.id AS appointment, p.concern, p.clerk, p.starts, p.ends, 'station_day' AS cause
		FROM booking.appointment a
		JOIN booking.station_day s ON s.id = a.station_day
		JOIN booking.part p ON p.appointment = a.id
		WHERE a.starts > @now AND (a.state = 'booked' OR a.state = 'hold' AND a.hold_until > @now)
			AND (s.state = 'cancelled' OR s.stop <> a.stop OR a.starts < s.starts OR a.ends > s.ends)
		ORDER BY p.starts, a.id, p.position`, pgx.NamedArgs{"now": now})
	if err != nil {
		return nil, err
	}
	return conflicts(rows, setting.Zone)
}

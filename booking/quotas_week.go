package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/stations"
)

// ReleasedTime is what a release comes to on one day.
type ReleasedTime struct {
	Release int64
	Day     time.Time // local day, midnight UTC
	From    time.Time // half-open
	To      time.Time
	// Channels are what is left of the release's: at home phone and video only.
	Channels []Channel
	Via      []Via
}

// ReleasedTimes returns the released time of a clerk on local days in [from,
// to), in order, with times in zone.
func ReleasedTimes(ctx context.Context, db postgis.DB, clerk int, from, to time.Time, zone *time.Location) ([]ReleasedTime, error) {
	rows, err := db.Query(ctx, `SELECT release, day, lower(during) AS "from", upper(during) AS "to", channels, via
		FROM booking.release_day WHERE clerk = @clerk AND day >= @from AND day < @to ORDER BY during, release`,
		pgx.NamedArgs{"clerk": clerk, "from": from, "to": to})
	if err != nil {
		return nil, err
	}
	times, err := pgx.CollectRows(rows, pgx.RowToStructByName[ReleasedTime])
	for i := range times {
		times[i].From, times[i].To = times[i].From.In(zone), times[i].To.In(zone)
	}
	return times, err
}

// OccupiedTimes returns when a resource is occupied on local days in [from, to),
// in order, in zone; holds that have expired at now do not count.
func OccupiedTimes(ctx context.Context, db postgis.DB, resource int, from, to, now time.Time, zone *time.Location) ([]TimeSpan, error) {
	start, _, _ := stations.Opening(from, 0, 24*60, zone)
	end, _, _ := stations.Opening(to, 0, 24*60, zone)
	rows, err := db.Query(ctx, `SELECT lower(c.during) AS "from", upper(c.during) AS "to"
		FROM booking.claim c LEFT JOIN booking.appointment a ON a.id = c.appointment
		WHERE c.resource = @resource AND c.during && tstzrange(@start, @end) AND (a.hold_until > @now) IS NOT FALSE ORDER BY c.during`,
		pgx.NamedArgs{"resource": resource, "start": start, "end": end, "now": now})
	if err != nil {
		return nil, err
	}
	spans, err := pgx.CollectRows(rows, pgx.RowToStructByName[TimeSpan])
	for i := range spans {
		spans[i] = TimeSpan{spans[i].From.In(zone), spans[i].To.In(zone)}
	}
	return spans, err
}

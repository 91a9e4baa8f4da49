package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// StationUse is what booking knows of a visit of the stations room.
type StationUse struct {
	Visit        string // of stations.Visit
	Offered      bool   // a clerk has released time there
	Appointments int    // booked there, not over yet
}

// StationUses returns what hangs on the visits that are open at some time in
// [from, to), by the visit's id: numbers only, no names.
func StationUses(ctx context.Context, db postgis.DB, now, from, to time.Time) (map[string]StationUse, error) {
	rows, err := db.Query(ctx, `SELECT d.visit,
			EXISTS (SELECT FROM booking.release_day r WHERE r.day = d.day AND r.station_day = d.id) AS offered,
			(SELECT count(*) FROM booking.appointment a WHERE a.station_day = d.id AND a.state = 'booked' AND a.ends > @now)::int AS appointments
		FROM booking.station_day d WHERE d.starts < @to AND d.ends > @from`, pgx.NamedArgs{"now": now, "from": from, "to": to})
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[StationUse])
	uses := map[string]StationUse{}
	for _, u := range list {
		uses[u.Visit] = u
	}
	return uses, err
}

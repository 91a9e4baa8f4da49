package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/booking/match"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/stations"
	"github.com/paulmach/orb"
)

// Unmet is a wish for an appointment that could not be met. It is anonymous:
// a square of one kilometre, a week and a concern, never a person.
type Unmet struct {
	Concern string
	Where   *orb.Point // x/y of the working CRS; nil when no place was given
	Day     time.Time  // local day of the search
	Reason  match.Why
}

// NoteUnmet writes one anonymous row of unmet demand (S46). The square is
// that of the INSPIRE grid (D2.8.I.2, grid ETRS89-LAEA, EPSG:3035) of 1 km,
// named by its south-western corner; the week begins on the ISO Monday.
func NoteUnmet(ctx context.Context, db postgis.DB, u Unmet) error {
	var x, y *float64
	if u.Where != nil {
		x, y = &u.Where[0], &u.Where[1]
	}
	_, err := db.Exec(ctx, `INSERT INTO booking.unmet_demand (concern, cell, week, reason)
		SELECT @concern, coalesce('1kmN' || floor(ST_Y(g) / 1000)::int || 'E' || floor(ST_X(g) / 1000)::int, ''),
			date_trunc('week', @day::date::timestamp)::date, @reason
		FROM open.setting, ST_Transform(ST_SetSRID(ST_MakePoint(@x, @y), working_srid), 3035) AS g`,
		pgx.NamedArgs{"concern": u.Concern, "x": x, "y": y, "day": stations.Day(u.Day), "reason": string(u.Reason)})
	return err
}

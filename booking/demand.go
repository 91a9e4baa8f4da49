package booking

import (
	"context"
	_ "embed"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/booking/calendar"
	"github.com/ortsnah/ortsnah/stations"
)

// observedAgain is how long numbers of the past can still change: a clerk may
// close a visit late. Older weeks stay as they were counted.
const observedAgain = 8 * 7 * 24 * time.Hour

var (
	//go:embed sql/observe_demand.sql
	observeDemandSQL string
	//go:embed sql/observe_visits.sql
	observeVisitsSQL string
)

// ObserveDemand counts, for the room stations, what whole past weeks asked for
// per concern - appointments, walk-ins, searches that found nothing - and who
// came to the visits of stations that are over. Only numbers leave booking, no
// person; walk-ins for concerns that need no appointment, such as children at
// risk, are not told apart, as in Report. Doing it again changes nothing.
func ObserveDemand(ctx context.Context, tx pgx.Tx, now time.Time) error {
	setting, err := Settings(ctx, tx)
	if err != nil {
		return err
	}
	zone, err := calendar.Zone(setting.Zone)
	if err != nil {
		return err
	}
	monday := Monday(stations.Day(now.In(zone)))
	var known bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM stations.demand_observation)`).Scan(&known); err != nil {
		return err
	}
	first := time.Date(2000, 1, 3, 0, 0, 0, 0, time.UTC) // everything there is
	if known {
		first = monday.Add(-observedAgain)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM stations.demand_observation WHERE week >= @first`, pgx.NamedArgs{"first": first}); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, observeDemandSQL, pgx.NamedArgs{"first": first, "monday": monday}); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, observeVisitsSQL, pgx.NamedArgs{"first": now.Add(-observedAgain), "now": now})
	return err
}

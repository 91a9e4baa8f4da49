package booking

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Teams returns all teams ordered by office, label and id.
func Teams(ctx context.Context, db postgis.DB) ([]Team, error) {
	rows, err := db.Query(ctx, `SELECT id, office, label, name, info_desk FROM open.booking_team ORDER BY office, label, id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Team])
}

// SetTeam says which clerks (resource ids) are in a team; others leave it. What
// is booked with those who leave stays with them. Errors: NotFound
// booking.no_team {team}, booking.no_clerk; Conflict booking.team_changed when
// seen (the clerks that the steward saw, nil for any) are no longer in it.
func SetTeam(ctx context.Context, tx pgx.Tx, now time.Time, actor ortsnah.Actor, team string, seen, clerks []int) error {
	if err := lockTown(ctx, tx); err != nil {
		return err
	}
	var there bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM booking.team WHERE id = @id)`, pgx.NamedArgs{"id": team}).Scan(&there); err != nil {
		return err
	}
	if !there {
		return ortsnah.E(ortsnah.NotFound, "booking.no_team", "team", team).About("team")
	}
	all, err := Clerks(ctx, tx)
	if err != nil {
		return err
	}
	var before []int
	for _, c := range all {
		if slices.Contains(c.Teams, team) {
			before = append(before, c.ID)
		}
	}
	clerks = distinct(clerks)
	for _, id := range clerks {
		if !slices.ContainsFunc(all, func(c Clerk) bool { return c.ID == id }) {
			return ortsnah.E(ortsnah.NotFound, "booking.no_clerk", "clerk", strconv.Itoa(id)).About("clerk")
		}
	}
	if seen != nil && !slices.Equal(distinct(seen), before) {
		return ortsnah.E(ortsnah.Conflict, "booking.team_changed").About("team")
	}
	if slices.Equal(before, clerks) {
		return nil
	}
	_, err = tx.Exec(ctx, `WITH gone AS (
			DELETE FROM booking.clerk_team t USING booking.resource r
			WHERE t.team = @team AND r.id = t.clerk AND r.active AND t.clerk <> ALL (@clerks))
		INSERT INTO booking.clerk_team (clerk, team) SELECT unnest(@clerks::int[]), @team ON CONFLICT DO NOTHING`,
		pgx.NamedArgs{"team": team, "clerks": clerks})
	if err != nil {
		return err
	}
	return audit(ctx, tx, now, actor, "team.change", "team/"+team, map[string]any{"before": before, "after": clerks})
}

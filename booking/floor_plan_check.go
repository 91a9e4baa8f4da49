package booking

import (
	"context"
	_ "embed"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
)

//go:embed sql/floor_plan_check.sql
var floorPlanCheckSQL string

// checkFloorPlan holds the shapes of a building against each other and gives
// doors to the rooms they open.
func checkFloorPlan(ctx context.Context, tx pgx.Tx, site string) error {
	var rule, shape, other string
	var level int
	err := tx.QueryRow(ctx, floorPlanCheckSQL, pgx.NamedArgs{"site": site}).Scan(&rule, &level, &shape, &other)
	if errors.Is(err, pgx.ErrNoRows) {
		return openDoors(ctx, tx, site)
	}
	if err != nil {
		return err
	}
	switch rule {
	case "invalid":
		return ortsnah.E(ortsnah.Invalid, "booking.floor_plan_crossing", "shape", shape, "level", level, "reason", other).About("geometry")
	case "far":
		return ortsnah.E(ortsnah.Invalid, "booking.floor_plan_far", "shape", shape, "level", level, "metres", other).About("geometry")
	case "no_outline":
		return ortsnah.E(ortsnah.Invalid, "booking.floor_plan_no_outline", "shape", shape, "level", level).About("geometry")
	case "outside":
		return ortsnah.E(ortsnah.Invalid, "booking.floor_plan_outside", "shape", shape, "level", level).About("geometry")
	case "storey":
		return ortsnah.E(ortsnah.Invalid, "booking.floor_plan_storey", "shape", shape, "level", level, "floor", other).About("level")
	}
	return ortsnah.E(ortsnah.Invalid, "booking.floor_plan_overlap", "shape", shape, "other", other, "level", level).About("geometry")
}

// openDoors gives every door that lies at exactly one bookable room to it.
func openDoors(ctx context.Context, tx pgx.Tx, site string) error {
	_, err := tx.Exec(ctx, `UPDATE booking.floor_shape door SET room = at.room
		FROM (SELECT d.id, min(r.room) AS room
			FROM booking.floor_shape d JOIN booking.floor_shape r ON r.site = d.site AND r.level = d.level
				AND r.kind = 'room' AND r.room IS NOT NULL AND ST_DWithin(d.geometry, r.geometry, 0.3)
			WHERE d.site = @site AND d.kind = 'entrance' AND d.room IS NULL
			GROUP BY d.id HAVING count(*) = 1) at
		WHERE door.id = at.id`, pgx.NamedArgs{"site": site})
	return err
}

func reportFloorPlan(ctx context.Context, tx pgx.Tx, site string) (FloorPlanReport, error) {
	rows, err := tx.Query(ctx, `SELECT count(*) AS shapes, count(DISTINCT level) AS levels,
			ARRAY(SELECT code FROM booking.room r WHERE r.site = @site AND NOT EXISTS (
				SELECT FROM booking.floor_shape WHERE room = r.id AND kind = 'room') ORDER BY code) AS missing
		FROM booking.floor_shape WHERE site = @site`, pgx.NamedArgs{"site": site})
	if err != nil {
		return FloorPlanReport{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[FloorPlanReport])
}

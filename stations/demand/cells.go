package demand

import (
	"context"
	_ "embed"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

//go:embed sql/cells.sql
var cellsSQL string

// cellsIn reads the cells that count as demand in an area, with their people;
// those without number are only counted.
func cellsIn(ctx context.Context, db postgis.DB, source, area string) (Demand, []counts, error) {
	d := Demand{Cells: []Cell{}, Scale: 1}
	shape, err := areaQuery(ctx, db, area)
	if err != nil {
		return d, nil, err
	}
	rows, err := db.Query(ctx, cellsSQL, pgx.NamedArgs{"source": source, "shape": shape})
	if err != nil {
		return d, nil, err
	}
	defer rows.Close()
	var people []counts
	for rows.Next() {
		var c Cell
		var n counts
		var inside, hasNumber bool
		if err := rows.Scan(&c.ID, &c.Lon, &c.Lat, &inside, &hasNumber, &c.Guessed,
			&n[nAll], &n[nUnder18], &n[n18to29], &n[n30to49], &n[n50to64], &n[n18to64], &n[nOver65]); err != nil {
			return d, nil, err
		}
		switch {
		case !inside:
			d.Outside++
		case !hasNumber:
			d.Suppressed++
		default:
			c.People, c.Over65 = n[nAll], n[nOver65]
			d.Cells, people = append(d.Cells, c), append(people, n)
		}
	}
	return d, people, rows.Err()
}

// areaQuery is the shape of the area in the working CRS; nil: everything.
// Error: NotFound demand.no_such_area.
func areaQuery(ctx context.Context, db postgis.DB, code string) (*postgis.Geometry, error) {
	table := "open.municipality"
	if code != "" {
		table = "open.districts"
	}
	missing := ortsnah.E(ortsnah.NotFound, "demand.no_such_area", "area", shortened(code)).About("area")
	there, err := relationThere(ctx, db, table)
	if err != nil {
		return nil, err
	}
	var shape postgis.Geometry
	if there && code != "" {
		err = db.QueryRow(ctx, `SELECT ST_Union(_geom) FROM open.districts WHERE _until IS NULL AND code = @code`, pgx.NamedArgs{"code": code}).Scan(&shape)
	} else if there {
		err = db.QueryRow(ctx, `SELECT ST_Union(_geom) FROM open.municipality WHERE _until IS NULL`).Scan(&shape)
	}
	if err == nil && shape.Geometry == nil && code != "" {
		return nil, missing
	}
	if err != nil || shape.Geometry == nil {
		return nil, err
	}
	return &shape, nil
}

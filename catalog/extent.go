package catalog

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/paulmach/orb"
)

// Extent is where and when the features of a dataset's current version are.
type Extent struct {
	Bounds   *orb.Bound // CRS84; nil without geometry
	From, To time.Time  // first start and last end, by Role; zero when unknown
}

// Measure reads the extent of d's current version. The bounds enclose the box
// of the working CRS, which is quick to find and never too small.
func Measure(ctx context.Context, db postgis.DB, d Dataset) (Extent, error) {
	first, last := "NULL", "NULL"
	if f, ok := d.Schema.WithRole(RoleStart); ok {
		first = "min(" + pgx.Identifier{f.Name}.Sanitize() + ")"
		last = "max(" + pgx.Identifier{f.Name}.Sanitize() + ")"
	}
	if f, ok := d.Schema.WithRole(RoleEnd); ok {
		last = "max(" + pgx.Identifier{f.Name}.Sanitize() + ")"
	}
	var west, south, east, north *float64
	var from, to *time.Time
	err := db.QueryRow(ctx, `SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box), first, last FROM (
		SELECT ST_Transform(ST_Segmentize(ST_SetSRID(ST_Extent(_geom)::geometry,
			(SELECT working_srid FROM open.setting)), 1000), 4326) AS box,
			(`+first+`)::timestamptz AS first, (`+last+`)::timestamptz AS last
		FROM `+View(d.ID).Sanitize()+` WHERE _until IS NULL) AS measured`).
		Scan(&west, &south, &east, &north, &from, &to)
	if err != nil {
		return Extent{}, err
	}
	var e Extent
	if west != nil {
		e.Bounds = &orb.Bound{Min: orb.Point{*west, *south}, Max: orb.Point{*east, *north}}
	}
	if from != nil {
		e.From = *from
	}
	if to != nil {
		e.To = *to
	}
	return e, nil
}

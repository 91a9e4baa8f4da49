package booking

import (
	"context"
	_ "embed"
	"encoding/json"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Area is drawn by a steward where districts do not fit (x/y, working CRS).
type Area struct {
	ID    string
	Name  string
	Shape orb.MultiPolygon
}

// Areas returns all drawn areas ordered by id.
func Areas(ctx context.Context, db postgis.DB) ([]Area, error) {
	rows, err := db.Query(ctx, `SELECT id, name, shape FROM open.booking_area ORDER BY id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Area, error) {
		var a Area
		var shape orb.Geometry
		err := row.Scan(&a.ID, &a.Name, &shape)
		a.Shape, _ = shape.(orb.MultiPolygon) // the constraint area_is_valid
		return a, err
	})
}

// drawn says whether the place is in one of the rule's areas. On a border it
// is in; of two rules the stronger decides, then the smaller id, as always.
func (d *Directory) drawn(r *Rule, q Question) bool {
	if r.Kind != Geographic || q.Spot == nil {
		return false
	}
	return slices.ContainsFunc(d.areas, func(a Area) bool {
		return slices.Contains(r.Areas, a.ID) && planar.MultiPolygonContains(a.Shape, *q.Spot)
	})
}

// Coverage is a place where geographic rules go wrong on the map.
type Coverage struct {
	Kind      string    // "hole": nobody; "overlap": several of the strongest
	Rules     []string  // ids that overlap
	Districts []string  // codes of the districts it lies in
	Parts     []float64 // m² in each of them
	Area      float64   // m²
	GeoJSON   string    // CRS84
}

//go:embed sql/coverage.sql
var coverageSQL string

// Coverages finds the holes and double assignments of the geographic ones of
// rules (those of one office or concern that are valid on one day), whether by
// districts or by drawn areas, largest first. Where a stronger rule decides
// nothing is double; without districts nothing is a hole. Slivers below 100 m² are the drawing's, not a mistake.
func Coverages(ctx context.Context, db postgis.DB, rules []Rule) ([]Coverage, error) {
	rules = slices.DeleteFunc(slices.Clone(rules), func(r Rule) bool { return r.Kind != Geographic })
	there, err := relationThere(ctx, db, "open.districts")
	if err != nil || !there || len(rules) == 0 {
		return []Coverage{}, err
	}
	raw, err := json.Marshal(rules)
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, coverageSQL, pgx.NamedArgs{"rules": string(raw)})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Coverage])
}

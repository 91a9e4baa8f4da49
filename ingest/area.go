package ingest

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/paulmach/orb"
)

// areas knows, per reference system, where Germany lies in it. A coordinate
// elsewhere is a wrong CRS or swapped axes far more often than a fact.
type areas struct {
	ctx    context.Context
	db     postgis.DB
	bounds map[geo.SRID]orb.Bound
}

func newAreas(ctx context.Context, db postgis.DB) *areas {
	return &areas{ctx: ctx, db: db, bounds: map[geo.SRID]orb.Bound{geo.CRS84: geo.Germany()}}
}

// of returns Germany's bounds in srid's own units and axis order.
func (a *areas) of(srid geo.SRID) (orb.Bound, error) {
	if b, ok := a.bounds[srid]; ok {
		return b, nil
	}
	de := geo.Germany()
	var known bool
	if err := a.db.QueryRow(a.ctx, `SELECT EXISTS (SELECT FROM spatial_ref_sys WHERE srid = @srid)`,
		pgx.NamedArgs{"srid": int(srid)}).Scan(&known); err != nil {
		return orb.Bound{}, err
	}
	if !known {
		return orb.Bound{}, ortsnah.E(ortsnah.Invalid, "geo.unknown_crs", "crs", srid.String()).About("crs")
	}
	var b orb.Bound
	err := a.db.QueryRow(a.ctx, `SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e)
		FROM ST_Transform(ST_Segmentize(ST_MakeEnvelope(@w, @s, @e, @n, 4326), 0.25), @srid::int) e`, pgx.NamedArgs{
		"w": de.Min.X(), "s": de.Min.Y(), "e": de.Max.X(), "n": de.Max.Y(), "srid": int(srid),
	}).Scan(&b.Min[0], &b.Min[1], &b.Max[0], &b.Max[1])
	if err != nil {
		return b, err
	}
	a.bounds[srid] = b
	return b, nil
}

// verdict says whether a geometry can be where its CRS puts it.
type verdict int

const (
	inside verdict = iota
	swapped
	outside
)

func (a *areas) judge(g orb.Geometry, srid geo.SRID) (verdict, error) {
	area, err := a.of(srid)
	if err != nil || g == nil {
		return inside, err
	}
	b := g.Bound()
	if b.IsEmpty() || area.Contains(b.Min) && area.Contains(b.Max) {
		return inside, nil // what is empty is refused by the catalogue
	}
	if area.Contains(orb.Point{b.Min.Y(), b.Min.X()}) && area.Contains(orb.Point{b.Max.Y(), b.Max.X()}) {
		return swapped, nil
	}
	return outside, nil
}

// fits names the reference systems, of those in German use, in which the
// geometry would lie in Germany: the hint that a person needs.
func (a *areas) fits(g orb.Geometry) string {
	var names []string
	for _, srid := range []geo.SRID{25832, 4647, 25833, 5650, 31467, 31466, 31468, 3857, 3035, geo.CRS84} {
		if v, err := a.judge(g, srid); err == nil && v == inside {
			names = append(names, srid.String())
		}
	}
	return strings.Join(names, ", ")
}

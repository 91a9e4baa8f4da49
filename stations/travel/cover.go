package travel

import (
	"context"
	"errors"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Margin is how far around the town streets are read unless somebody asks for
// more, metres: a way of half an hour by car leaves the town by less and comes
// back.
const Margin = 15_000.0

// town is the municipality in lon/lat.
type town struct {
	name string
	area orb.MultiPolygon // empty where the deployment has none
}

func townOf(ctx context.Context, db postgis.DB) (town, error) {
	type row struct {
		Name string
		Area postgis.Geometry
	}
	rows, err := db.Query(ctx, `SELECT name, ST_Transform(_geom, 4326) AS area FROM `+catalog.View(catalog.Municipality).Sanitize()+`
		WHERE _until IS NULL AND _geom IS NOT NULL ORDER BY _key`)
	var parts []row
	if err == nil {
		parts, err = pgx.CollectRows(rows, pgx.RowToStructByName[row])
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == "42P01" {
		return town{}, nil // a deployment that does not publish the dataset
	}
	var t town
	for _, part := range parts {
		t.name = part.Name
		switch g := part.Area.Geometry.(type) {
		case orb.Polygon:
			t.area = append(t.area, g)
		case orb.MultiPolygon:
			t.area = append(t.area, g...)
		}
	}
	return t, err
}

// clip is the part of an extract that the town needs.
func (t town) clip(margin float64) Clip {
	if len(t.area) == 0 {
		return Clip{}
	}
	return Around(t.area.Bound(), margin)
}

// errOutside: streets there are, but none inside the clip.
var errOutside = errors.New("all streets are outside the clip")

// elsewhere says that an extract is that of another place.
func (t town) elsewhere(file string) error {
	return ortsnah.E(ortsnah.Invalid, "travel.elsewhere", "file", file, "town", t.name)
}

// sparse is how far from every street a place of a town whose map is complete
// hardly ever is, metres.
const sparse = 750.0

// covered is the share of the town that has streets near: of the points of a
// raster of about 40 × 40 those inside.
func (n *Network) covered(area orb.MultiPolygon) float64 {
	const lines = 40
	b := area.Bound()
	inside, near := 0, 0
	for i := range lines * lines {
		p := orb.Point{b.Min[0] + (b.Max[0]-b.Min[0])*(float64(i%lines)+0.5)/lines, b.Min[1] + (b.Max[1]-b.Min[1])*(float64(i/lines)+0.5)/lines}
		if !planar.MultiPolygonContains(area, p) {
			continue
		}
		inside++
		if _, _, _, found := n.grid.nearest(n.s, spotOf(p), sparse, func(int32) bool { return true }); found {
			near++
		}
	}
	if inside == 0 {
		return 1 // a town too thin to be judged
	}
	return float64(near) / float64(inside)
}

// enough is the share of a town's points near streets from which on nobody
// needs to be told: forests and heaths have fewer ways than the rest.
const enough = 0.97

// judge refuses an extract of another place and warns of one that has only a
// part of the town.
func (t town) judge(n *Network, file string, log *slog.Logger) error {
	if len(t.area) == 0 {
		return nil
	}
	share := n.covered(t.area)
	if share == 0 {
		return t.elsewhere(file)
	}
	if share < enough {
		log.Warn("the street map covers the town only in part; places without streets near are unreachable: take a larger extract",
			"file", file, "town", t.name, "covered_percent", int(share*100))
	}
	return nil
}

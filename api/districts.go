package api

import (
	"context"
	"errors"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Districts answers in which district a place is, from an index in memory
// that follows the dataset's versions. It is safe for concurrent use.
type Districts struct {
	pool *pgxpool.Pool

	mu      sync.RWMutex
	version int // of the dataset, 0 before the first
	index   *geo.Index
}

// NewDistricts makes an empty index over pool, which may be that of the read
// role. The first Reload or Locate fills it.
func NewDistricts(pool *pgxpool.Pool) *Districts { return &Districts{pool: pool} }

// Reload builds the index from the current version of the dataset. When it
// fails the old index stays.
func (d *Districts) Reload(ctx context.Context) error {
	set, err := catalog.Find(ctx, d.pool, catalog.Districts)
	if err != nil {
		return err
	}
	srid, err := catalog.WorkingCRS(ctx, d.pool)
	if err != nil {
		return err
	}
	var areas []geo.District
	err = catalog.Each(ctx, d.pool, set, catalog.Query{Version: set.Version}, int(srid), func(f *catalog.Feature) error {
		area := areaOf(f.Geometry)
		if area == nil {
			return nil // a district without an area contains nothing
		}
		name, _ := titleOf(set, f)
		areas = append(areas, geo.District{Code: f.Key, Name: name, Area: area})
		return nil
	})
	if err != nil {
		return err
	}
	index, err := geo.NewIndex(areas)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if set.Version >= d.version {
		d.version, d.index = set.Version, index
	}
	return nil
}

// areaOf gives polygons and multipolygons one type; nil for anything else.
func areaOf(g orb.Geometry) orb.MultiPolygon {
	switch g := g.(type) {
	case orb.Polygon:
		return orb.MultiPolygon{g}
	case orb.MultiPolygon:
		return g
	}
	return nil
}

// titleOf is the value of the field that names a feature.
func titleOf(d catalog.Dataset, f *catalog.Feature) (string, bool) {
	for i, field := range d.Schema.Public() {
		if field.Role == catalog.RoleTitle {
			text, ok := f.Values[i].(string)
			return text, ok
		}
	}
	return "", false
}

// Place is a point and the district it is in.
type Place struct {
	Lon, Lat float64 // degrees, CRS84
	Found    bool    // lies in a district
	District geo.District
	Border   []string // codes of the districts whose common border it is on
}

// Locate finds the district of a point in CRS84 degrees. PostGIS transforms
// the point, so that it meets the districts' borders to the last bit, and the
// same answer says which version of the districts is current: a Districts that
// nobody tells about new versions is right all the same. Errors are those of
// the database and of building the index.
func (d *Districts) Locate(ctx context.Context, lon, lat float64) (Place, error) {
	var x, y float64
	var version int
	err := d.pool.QueryRow(ctx, `SELECT ST_X(p), ST_Y(p),
			coalesce((SELECT version FROM open.dataset WHERE id = @districts), 0)
		FROM ST_Transform(ST_SetSRID(ST_MakePoint(@lon, @lat), 4326), (SELECT working_srid FROM open.setting)) AS p`,
		pgx.NamedArgs{"lon": lon, "lat": lat, "districts": catalog.Districts}).Scan(&x, &y, &version)
	p := Place{Lon: lon, Lat: lat}
	if postgis.OutsideProjection(err) || version == 0 && err == nil {
		return p, nil // where the working CRS has no coordinates there is no district
	}
	if err != nil {
		return p, err
	}
	index, err := d.at(ctx, version)
	if err != nil {
		return p, err
	}
	if p.District, p.Found = index.Locate(x, y); p.Found {
		p.Border = index.OnBorder(x, y)
	}
	return p, nil
}

// at is the index of a version or a newer one.
func (d *Districts) at(ctx context.Context, version int) (*geo.Index, error) {
	current := func() (*geo.Index, bool) {
		d.mu.RLock()
		defer d.mu.RUnlock()
		return d.index, d.index != nil && d.version >= version
	}
	if index, ok := current(); ok {
		return index, nil
	}
	if err := d.Reload(ctx); err != nil {
		return nil, err
	}
	index, ok := current()
	if !ok {
		return nil, errors.New("districts: version went backwards")
	}
	return index, nil
}

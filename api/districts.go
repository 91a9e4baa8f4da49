package api

import (
	"context"
	"errors"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/stations"
)

// Districts answers in which district a place is, from an index in memory
// that follows the dataset's versions. It is safe for concurrent use.
type Districts struct {
	pool *pgxpool.Pool

	mu      sync.RWMutex
	version int // of the dataset
	index   *geo.Index
}

// NewDistricts makes an empty index over pool, which may be that of the read
// role. The first Reload or Locate fills it.
func NewDistricts(pool *pgxpool.Pool) *Districts { return &Districts{pool: pool} }

// Reload builds the index from the current version of the dataset. When it
// fails the old index stays.
func (d *Districts) Reload(ctx context.Context) error {
	// One snapshot: the version must be that of the areas.
	return pgx.BeginTxFunc(ctx, d.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		set, err := catalog.Find(ctx, tx, catalog.Districts)
		if err != nil {
			return err
		}
		index, err := booking.Districts(ctx, tx)
		if err != nil {
			return err
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.index == nil || set.Version >= d.version {
			d.version, d.index = set.Version, index
		}
		return nil
	})
}

// Place is a point and the district it is in.
type Place struct {
	Lon, Lat float64      // degrees, CRS84
	At       orb.Point    // x/y in the working CRS
	District geo.District // without a code outside all districts
	Border   []string     // codes of the districts whose common border it is on, ascending
}

// Locate finds the district of a point in CRS84 degrees. PostGIS transforms
// the point, as it did with the districts, so that both meet to the last bit;
// and the database is asked which version is current, so that a Districts that
// nobody tells about new versions is right all the same. Errors: Invalid
// stations.place_outside far from Germany, and those of the database.
func (d *Districts) Locate(ctx context.Context, lon, lat float64) (Place, error) {
	p := Place{Lon: lon, Lat: lat}
	var err error
	if p.At, err = stations.Place(ctx, d.pool, lon, lat); err != nil {
		return p, err
	}
	index, err := d.current(ctx)
	if err != nil {
		return p, err
	}
	var found bool
	if p.District, found = index.Locate(p.At[0], p.At[1]); found {
		if on := index.OnBorder(p.At[0], p.At[1]); len(on) > 1 {
			p.Border = on
		}
	}
	return p, nil
}

// current is the index of the current version; empty when the deployment has
// no districts.
func (d *Districts) current(ctx context.Context) (*geo.Index, error) {
	var version int
	err := d.pool.QueryRow(ctx, `SELECT version FROM open.dataset WHERE id = $1`, catalog.Districts).Scan(&version)
	if errors.Is(err, pgx.ErrNoRows) {
		return geo.NewIndex(nil)
	}
	if err != nil {
		return nil, err
	}
	if index, known := d.known(version); known {
		return index, nil
	}
	if err := d.Reload(ctx); err != nil {
		return nil, err
	}
	index, _ := d.known(0)
	return index, nil
}

// known is the index, when it is of that version or a newer one.
func (d *Districts) known(version int) (*geo.Index, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.index, d.index != nil && d.version >= version
}

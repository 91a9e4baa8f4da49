package main

import (
	"context"
	"log/slog"
	"math"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/cmd/ortsnah/demo"
	"github.com/ortsnah/ortsnah/stations/travel"
)

// ways are the flags of commands that work with travel times.
type ways struct {
	Roads       string  `type:"existingfile" placeholder:"FILE" help:"OpenStreetMap extract (.osm.pbf) for travel times; without it they are estimated from straight lines."`
	RoadsMargin float64 `default:"15" placeholder:"KM" help:"How far around the municipality the extract is read, in kilometres (${default})."`

	live *travel.Live // once asked for
}

// roads is the street network of the town: that of the extract, in the demo
// town an invented one, or straight lines. It is made once.
func (w *ways) roads(ctx context.Context, log *slog.Logger, d *deployment, invented bool) (*travel.Live, error) {
	if w.live != nil {
		return w.live, nil
	}
	var err error
	if w.Roads != "" || !invented {
		if !(w.RoadsMargin >= 0 && w.RoadsMargin <= 20_000) { // NaN, too
			return nil, ortsnah.E(ortsnah.Invalid, "travel.bad_margin", "margin", w.RoadsMargin)
		}
		w.live, err = travel.OpenExtract(ctx, d.open, travel.Extract{Path: w.Roads, Folder: d.roads(), Margin: math.Ceil(w.RoadsMargin * 1000)}, log)
		return w.live, err
	}
	n, err := demo.Roads()
	if err != nil {
		return nil, err
	}
	junctions, edges := n.Size()
	log.Info("street network of the demo, invented", "junctions", junctions, "edges", edges, "version", n.Version())
	w.live, err = travel.With(ctx, d.open, n)
	return w.live, err
}

package main

import (
	"context"
	"log/slog"

	"github.com/ortsnah/ortsnah/cmd/ortsnah/demo"
	"github.com/ortsnah/ortsnah/stations/travel"
)

// ways are the flags of commands that work with travel times.
type ways struct {
	Roads string `type:"existingfile" placeholder:"FILE" help:"OpenStreetMap extract (.osm.pbf) for travel times; without it they are estimated from straight lines."`
}

// roads is the street network of the town: that of the extract, in the demo
// town an invented one, or straight lines.
func (w ways) roads(ctx context.Context, log *slog.Logger, d *deployment, invented bool) (*travel.Live, error) {
	if w.Roads != "" || !invented {
		return travel.Open(ctx, d.open, w.Roads, d.roads(), log)
	}
	n, err := demo.Roads()
	if err != nil {
		return nil, err
	}
	junctions, edges := n.Size()
	log.Info("street network of the demo, invented", "junctions", junctions, "edges", edges, "version", n.Version())
	return travel.With(ctx, d.open, n)
}

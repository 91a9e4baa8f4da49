package api

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/osm"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/stations/travel"
)

// TestWorksCloseStreets: a construction site of the dataset closes its street,
// and when it is gone, in whichever instance, the street is open again.
func TestWorksCloseStreets(t *testing.T) {
	x := smallTown(t)
	street := func(nodes ...int64) travel.Way {
		return travel.Way{Nodes: nodes, Tags: osm.Tags{{Key: "highway", Value: "residential"}, {Key: "name", Value: "Königstraße"}}}
	}
	n, err := travel.Build(travel.Map{Ways: []travel.Way{street(1, 2), street(2, 3, 1)}, Nodes: []travel.Node{
		{ID: 1, At: orb.Point{8.390, 51.905}}, {ID: 2, At: orb.Point{8.392, 51.906}}, {ID: 3, At: orb.Point{8.390, 51.908}}}})
	must(t, err)
	x.Travel, err = travel.With(t.Context(), x.Open, n)
	must(t, err)
	if streets := x.Travel.Closed(clock()); len(streets) != 1 || streets[0].Closure != "s-1" || streets[0].Profile != travel.Car {
		t.Errorf("closed streets: %+v", streets)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- x.Listen(ctx) }()
	until(t, "listening", func() bool {
		x.state.mu.Lock()
		defer x.state.mu.Unlock()
		return x.state.listening
	})
	must(t, pgx.BeginFunc(t.Context(), x.DB, func(tx pgx.Tx) error {
		return catalog.Replace(t.Context(), tx, catalog.ConstructionSites, "test", nil)
	}))
	until(t, "the street is open", func() bool { return x.Travel.Times(clock()) == x.Travel.Undisturbed() })
	cancel()
	must(t, <-done)
}

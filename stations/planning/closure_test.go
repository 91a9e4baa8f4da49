package planning_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"
	"github.com/paulmach/osm"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/travel"
)

// street is one street through the ten cells.
func street(t *testing.T, pool *pgxpool.Pool) *travel.Live {
	t.Helper()
	m := travel.Map{Attribution: "Kartenamt", Demo: true}
	way := travel.Way{Tags: osm.Tags{{Key: "highway", Value: "residential"}}}
	for i := range 10 {
		m.Nodes = append(m.Nodes, travel.Node{ID: int64(i + 1), At: at(t, pool, 4200.5+float64(i), 3202.5)})
		way.Nodes = append(way.Nodes, int64(i+1))
	}
	m.Ways = []travel.Way{way}
	n, err := travel.Build(m)
	must(t, err)
	live, err := travel.With(t.Context(), pool, n)
	must(t, err)
	return live
}

// TestClosure: a street closed in the middle parts the town; the plan follows,
// and on a day without the closure it is what it was, to the last byte.
func TestClosure(t *testing.T) {
	pool := lineTown(t)
	from, to := at(t, pool, 4204.6, 3202.5), at(t, pool, 4205.4, 3202.5)
	day := func(text string) time.Time { d, err := time.Parse(time.DateOnly, text); must(t, err); return d }
	must(t, pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		return catalog.Replace(t.Context(), tx, catalog.ConstructionSites, "test", []catalog.Named{{Geometry: orb.LineString{from, to},
			Fields: map[string]any{"id": "s", "title": "Kanalbau", "start": day("2026-12-01"), "end": day("2026-12-05"), "status": "active",
				"affects_foot": "closed", "affects_bike": "closed", "affects_car": "closed"}}})
	}))
	live := street(t, pool)
	must(t, live.Reload(t.Context()))
	desk := &planning.Desk{DB: pool, Travel: live, Now: clock, Log: slog.New(slog.DiscardHandler), Pace: 0.1}
	run := func(p int, day string) planning.Run {
		d := line(t, pool, instance.PMedian, p)
		d.Day = day
		r := start(t, pool, d, planning.Solve, planning.Question{})
		must(t, desk.Finish(context.Background()))
		return ended(t, pool, r.ID)
	}
	open, closed, after := run(2, ""), run(2, "2026-12-03"), run(2, "2026-12-24")
	for _, r := range []planning.Run{open, closed, after} {
		if r.State != planning.Done || r.Result.Basis != "road_network" || r.Result.Attribution != "Kartenamt" || !r.Result.DemoRoads {
			t.Fatalf("%s %v %+v", r.State, r.Error, r.Result)
		}
	}
	if open.InputsHash != after.InputsHash || open.Result.Value != after.Result.Value {
		t.Errorf("undone: %s %d, was %s %d", after.InputsHash, after.Result.Value, open.InputsHash, open.Result.Value)
	}
	if closed.InputsHash == open.InputsHash || closed.Result.Travel == open.Result.Travel || closed.Result.Value < open.Result.Value {
		t.Errorf("closed: %d, open: %d", closed.Result.Value, open.Result.Value)
	}
	// One site for a town in two parts: no choice serves both.
	if r := run(1, "2026-12-03"); r.State != planning.NoAnswer || r.Error == nil {
		t.Errorf("one site for two parts: %s %v", r.State, r.Error)
	}
	if r := run(1, ""); r.State != planning.Done {
		t.Errorf("one site: %s %v", r.State, r.Error)
	}
}

package planning_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
	"github.com/ortsnah/ortsnah/stations"
	"github.com/ortsnah/ortsnah/stations/demand"
	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/travel"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func clock() time.Time { return time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) }

// lineTown is a town of ten square kilometres in a row, 10 people in each:
// the example of ten cells on a line.
func lineTown(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool := pgtest.Pool(t, stations.Migrations())
	build(t, pool, 10)
	return pool
}

func build(t testing.TB, db postgis.DB, cells int) {
	t.Helper()
	must(t, catalog.RegisterBuiltin(t.Context(), db))
	area := orb.Polygon{{at(t, db, 4199, 3201), at(t, db, 4201+float64(cells), 3201), at(t, db, 4201+float64(cells), 3204), at(t, db, 4199, 3204), at(t, db, 4199, 3201)}}
	must(t, pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error {
		return catalog.Replace(t.Context(), tx, catalog.Municipality, "test",
			[]catalog.Named{{Geometry: area, Fields: map[string]any{"name": "Musterstadt", "ags": "05754999"}}})
	}))
	text := "Gitter_ID_1km;x_mp_1km;y_mp_1km;Einwohner\n"
	for i := range cells {
		text += fmt.Sprintf("1kmN3202E%d;%d500;3202500;10\n", 4200+i, 4200+i)
	}
	_, err := demand.Import(t.Context(), db, clock(), demand.Source{ID: "zensus", Name: "Zensus", Licence: "dl-by-de/2.0", Attribution: "Amt"},
		[]demand.File{{Name: "zensus.csv", Size: int64(len(text)), Text: strings.NewReader(text)}}, nil)
	must(t, err)
}

// at is a place of the grid, in kilometres, as lon/lat.
func at(t testing.TB, db postgis.DB, east, north float64) orb.Point {
	t.Helper()
	var p orb.Point
	must(t, db.QueryRow(t.Context(), `SELECT ST_X(g), ST_Y(g) FROM ST_Transform(ST_SetSRID(ST_MakePoint($1::float8 * 1000, $2::float8 * 1000), 3035), 4326) AS g`,
		east, north).Scan(&p[0], &p[1]))
	return p
}

// line is the question about the line town: a candidate in each cell.
func line(t testing.TB, db postgis.DB, kind instance.Kind, p int) planning.Definition {
	t.Helper()
	d := planning.Definition{Demand: planning.Demand{Source: "zensus", Measure: "people"}, Profile: travel.Walk, Objective: kind, P: p}
	for i := range 10 {
		place := at(t, db, 4200.5+float64(i), 3202.5)
		d.Candidates = append(d.Candidates, planning.Candidate{ID: fmt.Sprintf("c%d", i), Name: fmt.Sprintf("Platz %d", i), Kind: "drawn",
			Lon: place[0], Lat: place[1], StepFree: i%2 == 0})
	}
	return d
}

func draft(t testing.TB, db postgis.DB, d planning.Definition) planning.Scenario {
	t.Helper()
	s, err := planning.Draft(t.Context(), db, clock(), planning.Scenario{Name: "Linie", Author: "Planerin", Definition: d})
	must(t, err)
	return s
}

// desk works on runs of the database, ten times as fast as usual.
func desk(t testing.TB, pool *pgxpool.Pool) *planning.Desk {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	ways, err := travel.Open(t.Context(), pool, "", t.TempDir(), log)
	must(t, err)
	return &planning.Desk{DB: pool, Travel: ways, Now: clock, Log: log, Pace: 0.1}
}

// working is a desk that works until stop.
func working(t testing.TB, pool *pgxpool.Pool) (d *planning.Desk, stop func()) {
	t.Helper()
	d = desk(t, pool)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = d.Work(ctx) // ends with the context's error
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return d, stop
}

// ended waits until the run is in an end state.
func ended(t testing.TB, pool *pgxpool.Pool, id string) planning.Run {
	t.Helper()
	return until(t, pool, id, func(r planning.Run) bool { return r.State != planning.Queued && r.State != planning.Running })
}

// until waits until the run is as wanted.
func until(t testing.TB, pool *pgxpool.Pool, id string, wanted func(planning.Run) bool) planning.Run {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		r, err := planning.FindRun(ctx, pool, id)
		must(t, err)
		if wanted(r) {
			return r
		}
		select {
		case <-ctx.Done():
			t.Fatalf("run is %s, %+v", r.State, r.Progress)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func start(t testing.TB, pool *pgxpool.Pool, d planning.Definition, purpose planning.Purpose, q planning.Question) planning.Run {
	t.Helper()
	r, err := planning.Start(t.Context(), pool, clock(), draft(t, pool, d).ID, purpose, q)
	must(t, err)
	return r
}

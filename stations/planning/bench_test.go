package planning_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
	"github.com/ortsnah/ortsnah/stations"
	"github.com/ortsnah/ortsnah/stations/demand"
	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/travel"
)

// city is a town of 10,000 cells of 100 m, with 1,000 candidates.
func city(b *testing.B) (*pgxpool.Pool, planning.Definition) {
	b.Helper()
	pool := pgtest.Pool(b, stations.Migrations())
	must(b, catalog.RegisterBuiltin(b.Context(), pool))
	area := orb.Polygon{{at(b, pool, 4199, 3199), at(b, pool, 4211, 3199), at(b, pool, 4211, 3211), at(b, pool, 4199, 3211), at(b, pool, 4199, 3199)}}
	must(b, pgx.BeginFunc(b.Context(), pool, func(tx pgx.Tx) error {
		return catalog.Replace(b.Context(), tx, catalog.Municipality, "test",
			[]catalog.Named{{Geometry: area, Fields: map[string]any{"name": "Großstadt", "ags": "05754998"}}})
	}))
	var text strings.Builder
	text.WriteString("Gitter_ID_100m;x_mp_100m;y_mp_100m;Einwohner\n")
	d := planning.Definition{Demand: planning.Demand{Source: "zensus", Measure: "people"}, Profile: travel.Bike, Objective: instance.MCLP, P: 10, Radius: 600, Cutoff: 1800}
	corner, far := at(b, pool, 4200.05, 3200.05), at(b, pool, 4209.95, 3209.95)
	for i := range 100 {
		for j := range 100 {
			fmt.Fprintf(&text, "100mN%dE%d;%d50;%d50;%d\n", 32000+i, 42000+j, 42000+j, 32000+i, 3+(i*7919+j*104729)%60)
			if n := i*100 + j; n%10 == 0 {
				x, y := float64((n*37)%997)/997, float64((n*101)%991)/991
				d.Candidates = append(d.Candidates, planning.Candidate{ID: fmt.Sprintf("c%04d", n/10),
					Lon: corner[0] + x*(far[0]-corner[0]), Lat: corner[1] + y*(far[1]-corner[1])})
			}
		}
	}
	_, err := demand.Import(b.Context(), pool, clock(), demand.Source{ID: "zensus", Name: "Zensus"},
		[]demand.File{{Name: "zensus.csv", Size: int64(text.Len()), Text: strings.NewReader(text.String())}}, nil)
	must(b, err)
	return pool, d
}

// BenchmarkMovePin: x is the 99th percentile against 20 ms.
func BenchmarkMovePin(b *testing.B) {
	pool, d := city(b)
	d.Seconds = 2 // the choice need not be the best
	k := desk(b, pool)
	r := start(b, pool, d, planning.Solve, planning.Question{})
	must(b, k.Finish(b.Context()))
	r = ended(b, pool, r.ID)
	if r.State != planning.Done {
		b.Fatal(r.State, r.Error)
	}
	site := r.Result.Sites[3]
	_, err := k.MovePin(b.Context(), r.ID, site.ID, site.Lon, site.Lat)
	must(b, err)
	var took []time.Duration
	n := 0
	for b.Loop() {
		began := time.Now()
		_, err := k.MovePin(b.Context(), r.ID, site.ID, site.Lon+float64(n%20)*1e-4, site.Lat)
		must(b, err)
		took = append(took, time.Since(began))
		n++
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100])/float64(20*time.Millisecond), "x")
}

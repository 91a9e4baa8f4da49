package demo

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ortsnah/ortsnah/stations/demand"
	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/travel"
)

// LoadPlanning gives the planners a scenario with a finished, published run,
// once: what visitors of the demo make of it stays. ways is asked only then.
func LoadPlanning(ctx context.Context, pool *pgxpool.Pool, log *slog.Logger, ways func() (*travel.Live, error)) error {
	var known bool
	if err := pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM stations.scenario)`).Scan(&known); err != nil || known {
		return err
	}
	live, err := ways()
	if err != nil {
		return err
	}
	d, err := fourSites(ctx, pool)
	if err != nil {
		return fmt.Errorf("demo planning: %w", err)
	}
	run, err := planning.Execute(ctx, pool, time.Now(), planning.Scenario{
		Name: "Demo: Vier Standorte an Haltestellen", Author: "Demo", Definition: d,
		Note: "Demo: Wo stünden vier weitere Stationen, damit die Wege mit dem Rad insgesamt am kürzesten sind? Das Rathaus steht schon.",
	}, true, planning.Solve, planning.Question{}, planning.Wanted{})
	if err != nil {
		return fmt.Errorf("demo planning: %w", err)
	}
	desk := &planning.Desk{DB: pool, Travel: live, Now: time.Now, Log: log}
	if err := desk.Finish(ctx); err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		_, err := planning.Publish(ctx, tx, time.Now(), run.ID)
		return err
	})
}

// fourSites asks for four sites at public transport stops beside the town hall.
func fourSites(ctx context.Context, pool *pgxpool.Pool) (planning.Definition, error) {
	d := planning.Definition{Demand: planning.Demand{Source: CensusSource, Measure: demand.People}, Profile: travel.Bike,
		Objective: instance.PMedian, P: 4}
	rows, err := pool.Query(ctx, `SELECT 'transit:' || t._key AS id, t.name, 'transit_stop' AS kind, round(ST_X(at)::numeric, 7)::float8 AS lon, round(ST_Y(at)::numeric, 7)::float8 AS lat,
			'free' AS role, false AS step_free, 0::bigint AS capacity
		FROM open.transit_stops t, ST_Transform(t._geom, 4326) AS at, open.municipality m
		WHERE t._until IS NULL AND m._until IS NULL AND ST_Covers(m._geom, t._geom)
		UNION ALL
		SELECT 'building:rathaus', 'Rathaus', 'building', 8.380622, 51.907893, 'existing', true, 0
		ORDER BY id`)
	if err != nil {
		return d, err
	}
	d.Candidates, err = pgx.CollectRows(rows, pgx.RowToStructByName[planning.Candidate])
	return d, err
}

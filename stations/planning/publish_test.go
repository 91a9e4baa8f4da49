package planning_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

func publish(t *testing.T, pool *pgxpool.Pool, run string) (r planning.Run, err error) {
	t.Helper()
	err = pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) (err error) {
		r, err = planning.Publish(t.Context(), tx, clock(), run)
		return err
	})
	return r, err
}

func TestPublish(t *testing.T) {
	pool := lineTown(t)
	working(t, pool)
	done := ended(t, pool, start(t, pool, line(t, pool, instance.PMedian, 2), planning.Solve, planning.Question{}).ID)
	for range 2 { // twice is once
		r, err := publish(t, pool, done.ID)
		must(t, err)
		if r.PublishedAt == nil {
			t.Fatal("not published")
		}
	}
	for id, rows := range map[string]int{planning.RunsDataset: 1, planning.SitesDataset: 2, planning.CellsDataset: 10} {
		d, err := catalog.Find(t.Context(), pool, id)
		must(t, err)
		if d.Rows != rows || d.Version != 1 || d.Metadata.Attribution != "Amt" {
			t.Errorf("%s: %d rows, version %d, %q", id, d.Rows, d.Version, d.Metadata.Attribution)
		}
	}
	var text string
	must(t, pool.QueryRow(t.Context(), `SELECT string_agg(_geojson, '') FROM (SELECT _geojson FROM open.siting_runs UNION ALL
		SELECT _geojson FROM open.siting_sites UNION ALL SELECT _geojson FROM open.siting_cells) AS f`).Scan(&text))
	if strings.Contains(text, "Planerin") || !strings.Contains(text, done.InputsHash) || strings.Count(text, `"Polygon"`) != 10 {
		t.Errorf("published: %.2000s", text)
	}
	shown, err := planning.Runs(t.Context(), pool, planning.RunFilter{Published: true})
	must(t, err)
	if len(shown) != 1 {
		t.Errorf("%d published", len(shown))
	}
	must(t, pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		_, err := planning.Unpublish(t.Context(), tx, done.ID)
		return err
	}))
	d, err := catalog.Find(t.Context(), pool, planning.CellsDataset)
	must(t, err)
	if d.Rows != 0 || d.Version != 2 {
		t.Errorf("taken back: %d rows, version %d", d.Rows, d.Version)
	}
}

func TestPublishRefuses(t *testing.T) {
	pool := lineTown(t)
	waiting := start(t, pool, line(t, pool, instance.PMedian, 2), planning.Solve, planning.Question{})
	if _, err := publish(t, pool, waiting.ID); keyOf(err) != "planning.nothing_to_publish" {
		t.Errorf("waiting: %v", err)
	}
	if _, err := publish(t, pool, "nothing"); keyOf(err) != "planning.no_run" {
		t.Errorf("no run: %v", err)
	}
	_, stop := working(t, pool)
	ended(t, pool, waiting.ID)
	stop()
	_, err := pool.Exec(context.Background(), `UPDATE stations.run SET definition = jsonb_set(definition, '{demand,calibrated}', 'true')`)
	must(t, err)
	if _, err := publish(t, pool, waiting.ID); keyOf(err) != "planning.calibrated_stays_inside" {
		t.Errorf("calibrated: %v", err)
	}
}

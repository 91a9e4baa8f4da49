package ingest

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
	"github.com/paulmach/orb"
)

// benchRows is how many points BenchmarkImport brings in.
const benchRows = 100_000

// BenchmarkImport measures the whole way of a GeoJSON file with 100,000 points
// into a dataset, as its first version ("new") and once more ("same"). The
// limit is a plain COPY of the same rows into a table with the same columns
// and one index: "x-COPY" is how many times as long the import takes.
func BenchmarkImport(b *testing.B) {
	pool := pgtest.Pool(b, Migrations())
	file, rows := benchPoints(b)
	limit := plainCopy(b, pool, rows)
	n := 0
	run := func(b *testing.B, dataset func() string, versions int) {
		for b.Loop() {
			rep, err := Import(b.Context(), pool, Job{Source: file, Dataset: dataset(), Actor: ortsnah.System("bench")})
			if err != nil || rep.Version.Rows != benchRows || rep.Version.Number != versions {
				b.Fatalf("%v %+v", err, rep)
			}
		}
		each := b.Elapsed() / time.Duration(b.N)
		b.ReportMetric(float64(each)/float64(limit), "x-COPY")
		b.ReportMetric(benchRows/each.Seconds(), "rows/s")
	}
	b.Run("new", func(b *testing.B) {
		run(b, func() string { n++; return fmt.Sprintf("points-%d", n) }, 1)
	})
	b.Run("same", func(b *testing.B) {
		run(b, func() string { return "points-1" }, 1)
	})
}

// benchPoints writes the file and returns its rows as COPY takes them.
func benchPoints(b *testing.B) (file string, rows [][]any) {
	random := rand.New(rand.NewPCG(1, 2))
	var text bytes.Buffer
	text.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range benchRows {
		pt := orb.Point{8.2 + random.Float64()*0.3, 51.8 + random.Float64()*0.2}
		name, value := fmt.Sprintf("Punkt %d", i), random.IntN(1000)
		if i > 0 {
			text.WriteString(",\n")
		}
		fmt.Fprintf(&text, `{"type":"Feature","id":"p%d","geometry":{"type":"Point","coordinates":[%.7f,%.7f]},"properties":{"name":%q,"value":%d}}`,
			i, pt[0], pt[1], name, value)
		rows = append(rows, []any{fmt.Sprintf("p%d", i), name, int64(value), postgis.Geometry{Geometry: pt, SRID: 4326}})
	}
	text.WriteString(`]}`)
	file = filepath.Join(b.TempDir(), "points.geojson")
	if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	return file, rows
}

// plainCopy is the time that PostgreSQL needs for the bare rows: the best of
// three.
func plainCopy(b *testing.B, pool *pgxpool.Pool, rows [][]any) time.Duration {
	best := time.Duration(1<<63 - 1)
	for range 3 {
		began := time.Now()
		err := pgx.BeginFunc(b.Context(), pool, func(tx pgx.Tx) error { return copyRows(b.Context(), tx, rows) })
		if err != nil {
			b.Fatal(err)
		}
		best = min(best, time.Since(began))
	}
	return best
}

func copyRows(ctx context.Context, tx pgx.Tx, rows [][]any) error {
	if _, err := tx.Exec(ctx, `DROP TABLE IF EXISTS public.plain;
		CREATE TABLE public.plain (key text, name text, value bigint, geom geometry)`); err != nil {
		return err
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"public", "plain"}, []string{"key", "name", "value", "geom"}, pgx.CopyFromRows(rows)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `CREATE UNIQUE INDEX ON public.plain (key)`)
	return err
}

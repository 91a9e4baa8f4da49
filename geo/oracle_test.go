package geo_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// PostGIS is the oracle: the lowest code whose district ST_Covers the point.
// Coordinates are whole metres, which both sides represent exactly.
func TestLocateEqualsPostGIS(t *testing.T) {
	url := pgtest.URL(t, []postgis.Migrations{})
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), `CREATE EXTENSION IF NOT EXISTS postgis;
		CREATE TEMP TABLE district (code text, area geometry)`); err != nil {
		t.Fatal(err)
	}
	if err := postgis.RegisterGeometry(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(11, 12))
	districts := raggedTown(r)
	for _, d := range districts {
		if _, err := conn.Exec(t.Context(), `INSERT INTO district VALUES ($1, $2)`,
			d.Code, postgis.Geometry{Geometry: d.Area, SRID: geo.UTM32N}); err != nil {
			t.Fatal(err)
		}
	}
	ix, err := geo.NewIndex(districts)
	if err != nil {
		t.Fatal(err)
	}
	var xs, ys []float64
	for range 20_000 {
		xs = append(xs, 439_000+float64(r.IntN(10_000)))
		ys = append(ys, 5_739_000+float64(r.IntN(10_000)))
	}
	for _, d := range districts { // all corners: three districts meet in many
		for _, p := range d.Area[0][0] {
			xs, ys = append(xs, p[0]), append(ys, p[1])
		}
	}
	rows, err := conn.Query(t.Context(), `SELECT coalesce(min(d.code COLLATE "C"), '')
		FROM unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS p (x, y, n)
		LEFT JOIN district d ON ST_Covers(d.area, ST_SetSRID(ST_MakePoint(p.x, p.y), 25832))
		GROUP BY n ORDER BY n`, xs, ys)
	if err != nil {
		t.Fatal(err)
	}
	want, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for i, code := range want {
		d, ok := ix.Locate(xs[i], ys[i])
		if d.Code != code {
			t.Errorf("Locate(%v, %v) = %q, PostGIS says %q", xs[i], ys[i], d.Code, code)
		}
		if ok {
			found++
		}
	}
	if found < 10_000 || found == len(want) {
		t.Errorf("%d of %d points lie in a district: the test asks the wrong places", found, len(want))
	}
}

// raggedTown is 6 × 6 quadrilaterals on a lattice of moved corners, each with
// a lake (a hole) and an exclave in its neighbour's lake.
func raggedTown(r *rand.Rand) []geo.District {
	const n, pitch = 6, 1400
	var at [n + 1][n + 1]orb.Point
	for i := range at {
		for j := range at[i] {
			at[i][j] = orb.Point{440_000 + float64(pitch*i+r.IntN(500)), 5_740_000 + float64(pitch*j+r.IntN(500))}
		}
	}
	square := func(i, j int, half float64) orb.Ring {
		x, y := 440_000+pitch*(float64(i)+0.5)+250, 5_740_000+pitch*(float64(j)+0.5)+250
		return orb.Ring{{x - half, y - half}, {x + half, y - half}, {x + half, y + half}, {x - half, y + half}, {x - half, y - half}}
	}
	var districts []geo.District
	for i := range n {
		for j := range n {
			ring := orb.Ring{at[i][j], at[i+1][j], at[i+1][j+1], at[i][j+1], at[i][j]}
			areas := orb.MultiPolygon{{ring, square(i, j, 100)}}
			if i > 0 {
				areas = append(areas, orb.Polygon{square(i-1, j, 100)})
			}
			districts = append(districts, geo.District{Code: fmt.Sprintf("%02d", 99-i*n-j), Area: areas})
		}
	}
	return districts
}

package postgis_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
	"github.com/paulmach/orb"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// TestGeometryCodec sends every kind of geometry to PostGIS and back, as a
// parameter, in a COPY and in text form, and asks PostGIS what it saw.
func TestGeometryCodec(t *testing.T) {
	tx := pgtest.Tx(t, nil)
	ctx := t.Context()
	if _, err := tx.Exec(ctx, `CREATE TEMP TABLE g (id int, geom geometry)`); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		geom orb.Geometry
		wkt  string
	}{
		{orb.Point{8.38, 51.9}, "SRID=4326;POINT(8.38 51.9)"},
		{orb.LineString{{1, 2}, {3, 4}}, "SRID=4326;LINESTRING(1 2,3 4)"},
		{orb.Polygon{{{0, 0}, {4, 0}, {4, 4}, {0, 0}}, {{1, .5}, {2, .5}, {2, 1}, {1, .5}}}, "SRID=4326;POLYGON((0 0,4 0,4 4,0 0),(1 0.5,2 0.5,2 1,1 0.5))"},
		{orb.MultiPoint{{1, 2}, {3, 4}}, "SRID=4326;MULTIPOINT(1 2,3 4)"},
		{orb.MultiLineString{{{1, 2}, {3, 4}}}, "SRID=4326;MULTILINESTRING((1 2,3 4))"},
		{orb.MultiPolygon{{{{0, 0}, {4, 0}, {4, 4}, {0, 0}}}}, "SRID=4326;MULTIPOLYGON(((0 0,4 0,4 4,0 0)))"},
		{orb.Collection{orb.Point{1, 2}, orb.LineString{{1, 2}, {3, 4}}}, "SRID=4326;GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(1 2,3 4))"},
	} {
		in := postgis.Geometry{Geometry: c.geom, SRID: geo.CRS84}
		var wkt string
		var out postgis.Geometry
		if err := tx.QueryRow(ctx, `SELECT ST_AsEWKT($1::geometry), $1::geometry`, in).Scan(&wkt, &out); err != nil {
			t.Errorf("%s: %v", c.wkt, err)
			continue
		}
		if wkt != c.wkt || !cmp.Equal(in, out) {
			t.Errorf("PostGIS saw %s, want %s; came back %+v", wkt, c.wkt, out)
		}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"g"}, []string{"id", "geom"}, pgx.CopyFromRows([][]any{{i, in}})); err != nil {
			t.Errorf("copy %s: %v", c.wkt, err)
		}
		var bare orb.Geometry
		if err := tx.QueryRow(ctx, `SELECT geom FROM g WHERE id = $1`, pgx.QueryResultFormats{pgx.TextFormatCode}, i).Scan(&bare); err != nil || !orb.Equal(bare, c.geom) {
			t.Errorf("text form of %s: %v %v", c.wkt, bare, err)
		}
	}
	none := postgis.Geometry{Geometry: orb.Point{1, 1}}
	if err := tx.QueryRow(ctx, `SELECT $1::geometry`, postgis.Geometry{}).Scan(&none); err != nil || none.Geometry != nil {
		t.Errorf("NULL came back as %v, %v", none, err)
	}
}

func step(sql string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("-- +goose Up\n" + sql)}
}

func TestMigrate(t *testing.T) {
	url := pgtest.Empty(t)
	first := []postgis.Migrations{{Schema: "a", Files: fstest.MapFS{"00001_x.sql": step("CREATE TABLE a.t (id int);")}},
		{Schema: "b", Files: fstest.MapFS{"00001_x.sql": step("CREATE TABLE b.t AS SELECT * FROM a.t;")}}}
	var wait sync.WaitGroup
	for range 4 { // instances that start at once
		wait.Go(func() {
			if err := postgis.Migrate(t.Context(), url, first); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	next := fstest.MapFS{"00001_x.sql": step("CREATE TABLE a.t (id int);"), "00002_y.sql": step("ALTER TABLE a.t ADD COLUMN n int;\nSELECT nonsense;")}
	err := postgis.Migrate(t.Context(), url, []postgis.Migrations{{Schema: "a", Files: next}})
	if e, ok := errors.AsType[*ortsnah.Error](err); !ok || e.Key != "geo.migration_failed" {
		t.Errorf("a broken step: %v", err)
	}
	pool, err := postgis.Open(t.Context(), url, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var columns int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM information_schema.columns WHERE table_schema = 'a' AND table_name = 't'`).Scan(&columns); err != nil || columns != 1 {
		t.Errorf("a broken step must leave nothing: %d columns, %v", columns, err)
	}
}

func TestReadRoleCannotWrite(t *testing.T) {
	pool := pgtest.Pool(t, nil)
	read := pgtest.Read(t, pool)
	var role string
	if err := read.QueryRow(t.Context(), `SELECT current_user`).Scan(&role); err != nil || role != postgis.OpenRole {
		t.Errorf("reads as %q, %v", role, err)
	}
	if _, err := read.Exec(t.Context(), `SET default_transaction_read_only = off; CREATE TABLE public.x ()`, pgx.QueryExecModeSimpleProtocol); err == nil {
		t.Error("the read role made a table")
	}
}

func TestAway(t *testing.T) {
	_, err := postgis.Open(t.Context(), "postgres://nobody@127.0.0.1:1/x?connect_timeout=2", 1)
	if ortsnah.KindOf(err) != ortsnah.Unavailable || !postgis.Away(err) {
		t.Errorf("nothing listens: %v", err)
	}
	_, err = postgis.Open(t.Context(), "postgres://user:sec ret@[::1", 1)
	if ortsnah.KindOf(err) != ortsnah.Invalid || postgis.Away(err) {
		t.Errorf("bad address: %v", err)
	}
	if s := fmt.Sprint(err); strings.Contains(s, "sec ret") {
		t.Errorf("the error shows the password: %s", s)
	}
	pool := pgtest.Pool(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := pool.Exec(ctx, `SELECT 1`); postgis.Away(err) {
		t.Errorf("a cancelled request is not a lost database: %v", err)
	}
}

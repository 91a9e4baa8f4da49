package api

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
)

// TestHangUp lets many clients go away in the middle of an answer; afterwards
// no connection may be held.
func TestHangUp(t *testing.T) {
	x := smallTown(t)
	x.stagePoints(20000)
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			conn, err := net.Dial("tcp", x.http.Listener.Addr().String())
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			fmt.Fprintf(conn, "GET /ogc/collections/points/items?limit=10000&after=%d HTTP/1.1\r\nHost: x\r\n\r\n", i)
			if i%3 > 0 { // some hang up before the first byte, some after it
				bufio.NewReader(conn).ReadByte()
			}
		})
	}
	wg.Wait()
	if a := x.get("/ogc/collections/points/items"); a.StatusCode != 200 {
		t.Errorf("%d after clients hung up", a.StatusCode)
	}
	x.http.Close() // waits for the handlers
	// A connection whose query was cut off is closed in the background.
	until(t, "all connections are free", func() bool { return x.Open.Stat().AcquiredConns() == 0 })
	if strings.Contains(x.logs.String(), "panicked") {
		t.Error(x.logs.String())
	}
}

// wire is a network that can be cut.
type wire struct {
	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

func (w *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cut {
		return nil, &net.OpError{Op: "dial", Net: network, Err: errors.New("connection refused")}
	}
	var d net.Dialer
	c, err := d.DialContext(ctx, network, address)
	if err == nil {
		w.conns[c] = true
	}
	return c, err
}

func (w *wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	for c := range w.conns {
		c.Close()
	}
	clear(w.conns)
}

// TestDatabaseGone cuts the network to the database and mends it.
func TestDatabaseGone(t *testing.T) {
	url := pgtest.URL(t, booking.Migrations())
	w := &wire{conns: map[net.Conn]bool{}}
	cfg, err := pgxpool.ParseConfig(url)
	must(t, err)
	cfg.ConnConfig.DialFunc = w.dial
	cfg.AfterConnect = postgis.RegisterGeometry
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	must(t, err)
	t.Cleanup(pool.Close)
	must(t, catalog.RegisterBuiltin(t.Context(), pool))
	x := serve(t, pool, pool)
	x.stagePoints(25)
	paths := []string{"/", "/karte", "/ogc/collections/points/items", "/catalog.ttl", "/daten/points", "/api/v1/services", "/readyz", "/api/v1/jurisdiction?lon=8.4&lat=51.9"}
	for _, p := range paths {
		if a := x.get(p); a.StatusCode != 200 {
			t.Fatalf("%s: %d before", p, a.StatusCode)
		}
	}
	w.set(true)
	for _, accept := range []string{browser, "application/json"} {
		for _, p := range paths {
			a := x.get(p, "Accept", accept)
			if a.StatusCode != 503 || a.Header.Get("Retry-After") == "" || a.Header.Get("ETag") != "" {
				t.Errorf("%s: %d %v %s", p, a.StatusCode, a.Header, a.body)
			}
		}
	}
	if a := x.get("/healthz"); a.StatusCode != 200 {
		t.Errorf("healthz: %d without database", a.StatusCode)
	}
	w.set(false)
	for _, p := range paths {
		if a := x.get(p); a.StatusCode != 200 {
			t.Errorf("%s: %d afterwards\n%s", p, a.StatusCode, a.body)
		}
	}
}

// TestListen: what another instance writes is seen at once, and again after
// the connection was lost.
func TestListen(t *testing.T) {
	x := smallTown(t)
	x.stagePoints(3)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- x.Listen(ctx) }()
	until(t, "listening", func() bool {
		x.state.mu.Lock()
		defer x.state.mu.Unlock()
		return x.state.listening
	})
	rows := func() (n int) {
		var f featureCollection
		x.json("/ogc/collections/points/items?limit=100", &f)
		return *f.NumberMatched
	}
	if rows() != 3 || rows() != 3 || !x.remembers("points") {
		t.Fatal("nothing is remembered")
	}
	x.stagePoints(4)
	until(t, "the new version", func() bool { return rows() == 4 })
	for range 2 {
		_, err := x.DB.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND query LIKE 'LISTEN%'`)
		must(t, err)
		x.stagePoints(5)
		until(t, "the version after the connection was lost", func() bool { return rows() == 5 })
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if rows(); x.remembers("points") {
		t.Error("still remembers")
	}
}

func (x *town) remembers(id string) bool {
	x.state.mu.Lock()
	defer x.state.mu.Unlock()
	_, ok := x.state.datasets[id]
	return ok
}

// until polls until the condition holds; the test's own deadline ends it.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); <-tick.C {
		if holds() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

// TestDistricts: a new version counts at once, borders belong to the lowest code.
func TestDistricts(t *testing.T) {
	x := smallTown(t)
	at := func(lon, lat float64) string {
		p, err := x.Districts.Locate(t.Context(), lon, lat)
		must(t, err)
		return p.District.Code
	}
	if got := at(8.39, 51.91) + at(8.41, 51.91) + at(8.5, 51.91); got != "0102" {
		t.Errorf("%q", got)
	}
	must(t, pgx.BeginFunc(t.Context(), x.DB, func(tx pgx.Tx) error {
		stage(t, tx, catalog.Districts, []catalog.Row{row("07", orb.Polygon{{{8.38, 51.9}, {8.42, 51.9}, {8.42, 51.92}, {8.38, 51.92}, {8.38, 51.9}}}, "code", "07", "name", "Alles")})
		return nil
	}))
	if got := at(8.39, 51.91) + at(8.41, 51.91); got != "0707" {
		t.Errorf("%q after a new version", got)
	}
	for _, p := range []orb.Point{{math.NaN(), 51}, {51.9, 8.4}, {0, 0}} {
		if _, err := x.Districts.Locate(t.Context(), p[0], p[1]); err == nil {
			t.Errorf("%v has no error", p)
		}
	}
}

// TestBorder asks for a point that is a corner of both districts.
func TestBorder(t *testing.T) {
	x := smallTown(t)
	var a jurisdictionAnswer
	x.json("/api/v1/jurisdiction?service=bauberatung&lon=8.4&lat=51.9", &a)
	if a.District == nil || a.District.Code != "01" || a.Border == nil || len(a.Border.Districts) != 2 || !strings.Contains(a.Explanation.DE, "Grenze") {
		t.Errorf("%+v", a)
	}
}

// TestDefect: a panic and an unforeseen error become one sentence, and the
// cause is in the log only.
func TestDefect(t *testing.T) {
	x := emptyTown(t)
	for name, h := range map[string]handler{
		"panic": func(http.ResponseWriter, *http.Request) error { panic("s3cret") },
		"error": func(http.ResponseWriter, *http.Request) error { return errors.New("s3cret") },
	} {
		rec := httptest.NewRecorder()
		x.recovered(x.answer(h)).ServeHTTP(rec, httptest.NewRequest("GET", "/ogc/Geheimname?name=Geheimname", nil))
		if rec.Code != 500 || strings.Contains(rec.Body.String(), "s3cret") {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
	if !strings.Contains(x.logs.String(), "s3cret") || strings.Contains(x.logs.String(), "Geheimname") {
		t.Error(x.logs.String())
	}
}

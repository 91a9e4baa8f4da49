package travel

import (
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func day(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func date(text string) any {
	if text == "" {
		return nil
	}
	return day(text + "T00:00:00Z")
}

// works is a construction site of the dataset on the ladder's street 3-4.
func works(id, from, to, status, foot, car string) catalog.Named {
	return catalog.Named{Geometry: orb.LineString{at(410, 0), at(590, 0)}, Fields: map[string]any{"id": id, "title": "Kanalbau", "street": "Hauptweg",
		"start": date(from), "end": date(to), "status": status, "affects_foot": foot, "affects_bike": "none", "affects_car": car}}
}

// TestLive: closures come from the dataset and hold on their days alone, read
// as the public reads.
func TestLive(t *testing.T) {
	pool := pgtest.Pool(t, catalog.Migrations())
	if err := catalog.RegisterBuiltin(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	replace := func(sites ...catalog.Named) {
		t.Helper()
		if err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
			return catalog.Replace(t.Context(), tx, catalog.ConstructionSites, "test", sites)
		}); err != nil {
			t.Fatal(err)
		}
	}
	coarse := works("f", "2028-01-01", "2028-01-01", "active", "", "")
	coarse.Fields["affects_bike"], coarse.Fields["impact"] = "", "closed"
	replace(works("a", "2026-11-10", "2026-11-20", "planned", "closed", "none"),
		works("b", "2026-11-01", "", "cancelled", "closed", "closed"),
		works("c", "2026-11-01", "", "finished", "closed", "closed"),
		works("d", "2026-12-01", "", "", "none", "partial"),
		works("e", "", "2025-12-31", "active", "partial", "none"), coarse)
	n := ladder(t)
	l, err := With(t.Context(), pgtest.Read(t, pool), n)
	if err != nil {
		t.Fatal(err)
	}
	foot := func(when string) float64 {
		return minutes(t, l.Times(day(when)).(*Network), Walk, at(400, 0), at(600, 0))
	}
	car := func(when string) float64 {
		return minutes(t, l.Times(day(when)).(*Network), Car, at(400, 0), at(600, 0))
	}
	for _, c := range []struct {
		when      string
		foot, car float64
	}{
		{"2026-11-09T22:59:59Z", 2.5, 0.5}, // a quarter of an hour before midnight in Gütersloh is one to midnight here
		{"2026-11-09T23:00:00Z", 5, 0.5},
		{"2026-11-20T22:59:59Z", 5, 0.5},
		{"2026-11-20T23:00:00Z", 2.5, 0.5},
		{"2027-06-01T12:00:00Z", 2.5, 0.95},
		{"2025-06-01T12:00:00Z", 4.75, 0.5},
		{"2028-01-01T12:00:00Z", 2.5, 1},
	} {
		if got := foot(c.when); !near(got, c.foot) {
			t.Errorf("%s on foot: %v minutes, want %v", c.when, got, c.foot)
		}
		if got := car(c.when); !near(got, c.car) {
			t.Errorf("%s by car: %v minutes, want %v", c.when, got, c.car)
		}
	}
	if quiet := day("2026-11-09T12:00:00Z"); l.Times(quiet) != l.Undisturbed() || len(l.Closed(quiet)) != 0 {
		t.Error("a day without works is undisturbed")
	}
	busy := day("2026-11-12T12:00:00Z")
	if l.Times(busy) != l.Times(busy.AddDate(0, 0, 1)) {
		t.Error("days with the same works share a network")
	}
	if streets := l.Closed(busy); len(streets) != 1 || streets[0].Closure != "a" || streets[0].Name != "Hauptweg" {
		t.Errorf("closed streets: %+v", streets)
	}
	before := l.Times(busy)
	replace()
	if l.Times(busy) != before {
		t.Error("nothing changes without Reload")
	}
	if err := l.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if l.Times(busy) != l.Undisturbed() || l.Undisturbed() != Times(n) {
		t.Error("undone, everything is as it was")
	}
	if before.Version() == n.Version() || !near(minutes(t, before.(*Network), Walk, at(400, 0), at(600, 0)), 5) {
		t.Error("times that somebody holds stay as they are")
	}
}

// TestOpen: an extract through the cache, no extract, and no Live at all.
func TestOpen(t *testing.T) {
	pool := pgtest.Pool(t, catalog.Migrations()) // without the dataset
	var lines strings.Builder
	log := slog.New(slog.NewTextHandler(&lines, nil))
	path, folder := written(t, extract(city(10, 100, 3))), t.TempDir()
	for _, cached := range []string{"cached=false", "cached=true"} {
		l, err := Open(t.Context(), pool, path, folder, log)
		if err != nil || l.Times(day("2026-11-12T12:00:00Z")).Basis() != RoadNetwork {
			t.Fatal("an extract gives a network", err)
		}
		if !strings.Contains(lines.String(), cached) || !strings.Contains(lines.String(), "edges=") {
			t.Errorf("the log says %q, not %s", lines.String(), cached)
		}
	}
	if _, err := Open(t.Context(), pool, written(t, []byte("no")), folder, log); key(err) != "travel.not_an_extract" {
		t.Error(err)
	}
	plain, err := Open(t.Context(), pool, "", folder, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []*Live{plain, nil} {
		if l.Times(day("2026-11-12T12:00:00Z")).Basis() != StraightLine || l.Undisturbed().Basis() != StraightLine || l.Closed(time.Time{}) != nil || l.Reload(t.Context()) != nil {
			t.Error("without an extract there are straight lines")
		}
	}
}

// TestLiveTogether asks while sites change (run with -race).
func TestLiveTogether(t *testing.T) {
	n := ladder(t)
	l := &Live{network: n, zone: time.UTC, days: map[string]*Network{}}
	var wait sync.WaitGroup
	for i := range 4 {
		wait.Go(func() {
			for k := range 200 {
				at := day("2026-01-01T12:00:00Z").AddDate(0, 0, (i*50+k)%40)
				if i == 0 && k%10 == 0 {
					l.mu.Lock()
					l.sites, l.days = shifting(k), map[string]*Network{}
					l.mu.Unlock()
				}
				if l.Times(at).Basis() != RoadNetwork {
					t.Error("no network")
				}
			}
		})
	}
	wait.Wait()
}

func shifting(k int) []site {
	var sites []site
	for i := range 30 {
		from := day("2026-01-01T00:00:00Z").AddDate(0, 0, i)
		c := shut(orb.LineString{at(410, 0), at(590, 0)}, Closed, Partial, None)
		sites = append(sites, site{c, from.Format(time.DateOnly), from.AddDate(0, 0, k%7).Format(time.DateOnly)})
	}
	return sites
}

package stations_test

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
	"github.com/ortsnah/ortsnah/stations"
	"github.com/ortsnah/ortsnah/stations/travel"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// monday is 8 June 2026, 06:00 in Gütersloh.
var monday = time.Date(2026, 6, 8, 4, 0, 0, 0, time.UTC)

func plan() stations.Plan {
	return stations.Plan{
		Zone: "Europe/Berlin", AnchorMonday: "2026-01-05", ClosedDays: []string{"2026-06-25"},
		Stations: []stations.Station{{ID: "mobil", Name: catalog.Text{DE: "Rathausmobil"}, Kind: "vehicle", Staff: 2}},
		Stops: []stations.Stop{
			{ID: "bibliothek", Name: catalog.Text{DE: "Bibliothek", EN: "Library"}, Lon: 8.377789, Lat: 51.904098, StepFree: true},
			{ID: "halle", Name: catalog.Text{DE: "Halle"}, Lon: 8.458237, Lat: 51.921247},
		},
		Visits: []stations.PlannedVisit{
			{ID: "do", Station: "mobil", Stop: "bibliothek", Weekday: 4, Start: "09:00", End: "12:30", EveryWeeks: 1,
				Services:   []string{"reisepass"},
				Exceptions: []stations.PlannedException{{WeekFromNow: 1, Reason: catalog.Text{DE: "Krankheit"}}}},
			{ID: "mo", Station: "mobil", Stop: "halle", Weekday: 1, Start: "14:00", End: "17:00", EveryWeeks: 2},
		},
	}
}

func load(t *testing.T, tx pgx.Tx, p stations.Plan, now time.Time) {
	t.Helper()
	if err := stations.Load(t.Context(), tx, p, now); err != nil {
		t.Fatal(err)
	}
	// What a commit would check.
	if _, err := tx.Exec(t.Context(), `SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED`); err != nil {
		t.Fatal(err)
	}
}

func visits(t *testing.T, tx pgx.Tx, now time.Time) []stations.Visit {
	t.Helper()
	list, err := stations.Visits(t.Context(), tx, now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func states(list []stations.Visit) map[string]stations.State {
	m := map[string]stations.State{}
	for _, v := range list {
		m[v.ID] = v.State
	}
	return m
}

func TestLoad(t *testing.T) {
	tx := pgtest.Tx(t, stations.Migrations())
	load(t, tx, plan(), monday)
	first := visits(t, tx, monday)
	got := states(first)
	for id, want := range map[string]stations.State{
		"do-2026-06-11": stations.Planned, "do-2026-06-18": stations.Cancelled, "do-2026-06-25": "",
		"do-2026-07-30": stations.Planned, "do-2026-08-06": "", "mo-2026-06-08": stations.Planned, "mo-2026-06-15": "",
	} {
		if got[id] != want {
			t.Errorf("%s is %q, want %q", id, got[id], want)
		}
	}
	if v := first[0]; v.Starts.Format(time.RFC3339) != "2026-06-08T14:00:00+02:00" {
		t.Errorf("first visit starts %s", v.Starts)
	}

	load(t, tx, plan(), monday.AddDate(0, 0, 3)) // Thursday: the same plan again
	again := visits(t, tx, monday)
	if len(again) != len(first) && len(again) != len(first)+1 {
		t.Errorf("%d visits after loading again, before %d", len(again), len(first))
	}
	if n := countCancelled(again); n != 1 {
		t.Errorf("%d visits cancelled after loading again, want 1", n)
	}
}

func countCancelled(list []stations.Visit) int {
	n := 0
	for _, v := range list {
		if v.State == stations.Cancelled {
			n++
		}
	}
	return n
}

// A promise stays visible: what the plan drops is cancelled, what is over or
// has begun is left alone.
func TestLoadKeepsPromises(t *testing.T) {
	tx := pgtest.Tx(t, stations.Migrations())
	load(t, tx, plan(), monday)
	p := plan()
	p.Visits = p.Visits[1:]     // no more Thursdays
	p.Visits[0].Start = "15:00" // Mondays an hour later
	load(t, tx, p, time.Date(2026, 6, 11, 8, 0, 0, 0, time.UTC))
	var mo []string
	for _, v := range visits(t, tx, monday) {
		switch {
		case v.ID == "do-2026-06-11" && v.State != stations.Planned:
			t.Errorf("the visit that runs just now became %s", v.State)
		case v.Pattern == "do" && v.ID != "do-2026-06-11" && v.State != stations.Cancelled:
			t.Errorf("%s is %s, want cancelled", v.ID, v.State)
		case v.Pattern == "mo":
			mo = append(mo, v.Starts.Format("02.01. 15:04"))
		}
	}
	if want := []string{"08.06. 14:00", "22.06. 15:00", "06.07. 15:00", "20.07. 15:00", "03.08. 15:00"}; !slices.Equal(mo, want) {
		t.Errorf("Mondays %v, want %v", mo, want)
	}
}

func TestLoadRefuses(t *testing.T) {
	for key, change := range map[string]func(p *stations.Plan){
		"stations.unknown_zone":          func(p *stations.Plan) { p.Zone = "Europe/Guetersloh" },
		"stations.bad_day":               func(p *stations.Plan) { p.AnchorMonday = "2026-01-06" },
		"stations.bad_clock":             func(p *stations.Plan) { p.Visits[0].Start = "9 Uhr" },
		"stations.bad_pattern":           func(p *stations.Plan) { p.Visits[0].Weekday = 8 },
		"stations.unknown_reference":     func(p *stations.Plan) { p.Visits[0].Stop = "mond" },
		"stations.stop_outside":          func(p *stations.Plan) { p.Stops[0].Lon, p.Stops[0].Lat = 51.9, 8.4 },
		"stations.station_at_two_places": func(p *stations.Plan) { p.Visits[1].Weekday, p.Visits[1].Start = 4, "12:00" },
	} {
		p := plan()
		change(&p)
		err := stations.Load(t.Context(), pgtest.Tx(t, stations.Migrations()), p, monday)
		if e, ok := err.(*ortsnah.Error); !ok || e.Key != key {
			t.Errorf("got %v, want %s", err, key)
		}
	}
}

// The constraint guards what words did not: a visit that has begun.
func TestStationIsAtOnePlace(t *testing.T) {
	tx := pgtest.Tx(t, stations.Migrations())
	load(t, tx, plan(), monday)
	_, err := tx.Exec(t.Context(), `SET CONSTRAINTS ALL IMMEDIATE;
		INSERT INTO stations.visit (id, pattern, station, stop, day, starts, ends, state)
		SELECT 'x', pattern, station, 'halle', day, starts + interval '1 hour', ends, 'planned'
		FROM stations.visit WHERE id = 'do-2026-06-11'`)
	if err == nil {
		t.Error("a station may be at two places at once")
	}
}

func TestNearestReadsAsPublic(t *testing.T) {
	pool := pgtest.Pool(t, stations.Migrations())
	if err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		return stations.Load(t.Context(), tx, plan(), monday)
	}); err != nil {
		t.Fatal(err)
	}
	read := pgtest.Read(t, pool)
	from, err := stations.Place(t.Context(), read, 8.3779, 51.9042)
	if err != nil {
		t.Fatal(err)
	}
	timetable, err := stations.LoadTimetable(t.Context(), read, monday)
	if err != nil {
		t.Fatal(err)
	}
	ways, err := timetable.Ways(t.Context(), nil, travel.Walk, orb.Point{8.3779, 51.9042})
	if err != nil {
		t.Fatal(err)
	}
	options, err := timetable.Nearest(stations.Question{From: from, At: monday, Service: "reisepass"}, ways)
	if err != nil {
		t.Fatal(err)
	}
	if len(options) != 1 || options[0].Visit.ID != "do-2026-06-11" || options[0].Distance > 20 || options[0].Visit.StationName.DE != "Rathausmobil" {
		t.Errorf("%+v", options)
	}
	if _, err := stations.Place(t.Context(), read, 51.9, 8.4); ortsnah.KindOf(err) != ortsnah.Invalid {
		t.Errorf("swapped coordinates: %v", err)
	}
	if _, err := stations.Stations(t.Context(), read); err == nil {
		t.Error("the read role reads schema stations")
	}
}

// The demo town's file loads, publishes, and publishes nothing the second time.
func TestPublishDemo(t *testing.T) {
	text, err := os.ReadFile("../cmd/ortsnah/demo/data/stations.json")
	if err != nil {
		t.Fatal(err)
	}
	var p stations.Plan
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	tx := pgtest.Tx(t, stations.Migrations())
	if err := catalog.RegisterBuiltin(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	load(t, tx, p, monday)
	versions := func() (v [3]int) {
		for i, id := range []string{catalog.Stations, catalog.Stops, catalog.Visits} {
			d, err := catalog.Find(t.Context(), tx, id)
			if err != nil || d.Rows == 0 {
				t.Errorf("%s has %d rows, %v", id, d.Rows, err)
			}
			v[i] = d.Version
		}
		return v
	}
	for range 2 {
		if err := stations.Publish(t.Context(), tx, monday); err != nil {
			t.Fatal(err)
		}
		if v := versions(); v != [3]int{1, 1, 1} {
			t.Errorf("versions %v, want 1 each", v)
		}
	}
	checkGeoJSON(t.Context(), t, tx)
}

func checkGeoJSON(ctx context.Context, t *testing.T, db postgis.DB) {
	t.Helper()
	var lon, lat float64
	var services []string
	err := db.QueryRow(ctx, `SELECT (_geojson::jsonb #>> '{geometry,coordinates,0}')::float8,
			(_geojson::jsonb #>> '{geometry,coordinates,1}')::float8,
			ARRAY(SELECT jsonb_array_elements_text(services))
		FROM open.visits WHERE stop = 'bibliothek' AND _until IS NULL LIMIT 1`).Scan(&lon, &lat, &services)
	if err != nil {
		t.Fatal(err)
	}
	if at := (orb.Point{lon, lat}); at != (orb.Point{8.377789, 51.904098}) || len(services) == 0 {
		t.Errorf("the library is at %v with services %v", at, services)
	}
}

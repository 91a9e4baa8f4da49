package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
	"github.com/ortsnah/ortsnah/publish"
	"github.com/ortsnah/ortsnah/stations"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// clock is the time of all tests: Monday, 23 November 2026, 9:00 in Berlin.
func clock() time.Time { return time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) }

// town is a server over a database of its own.
type town struct {
	*Server
	t    testing.TB
	http *httptest.Server
	logs *lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// emptyTown has the built-in datasets without a row.
func emptyTown(t testing.TB) *town {
	t.Helper()
	pool := pgtest.Pool(t, auth.Migrations())
	must(t, catalog.RegisterBuiltin(t.Context(), pool))
	return serve(t, pool, pgtest.Read(t, pool))
}

func serve(t testing.TB, pool, read *pgxpool.Pool) *town {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	must(t, err)
	pages, err := web.New(web.Town{Name: "Musterstadt", Kind: "Stadt"})
	must(t, err)
	logs := &lockedBuffer{}
	s := &Server{DB: pool, Open: read, Pages: pages, Files: t.TempDir(), Log: slog.New(slog.NewTextHandler(logs, nil)),
		Metrics: prometheus.NewRegistry(), Now: clock, Staff: auth.NewDoor(pool, keys(t), clock), Zone: zone, Districts: NewDistricts(read),
		Town: catalog.Town{Name: "Musterstadt"}}
	x := &town{Server: s, t: t, logs: logs}
	x.http = httptest.NewServer(s.Handler())
	s.BaseURL = x.http.URL
	t.Cleanup(x.http.Close)
	return x
}

// smallTown has a little of everything.
func smallTown(t testing.TB) *town {
	t.Helper()
	x := emptyTown(t)
	must(t, pgx.BeginFunc(t.Context(), x.DB, func(tx pgx.Tx) error {
		stageDistricts(t, tx)
		stageSites(t, tx)
		stageAddresses(t, tx)
		must(t, booking.Load(t.Context(), tx, smallCatalogue()))
		must(t, booking.Publish(t.Context(), tx))
		must(t, stations.Load(t.Context(), tx, smallPlan(), clock()))
		must(t, stations.Publish(t.Context(), tx, clock()))
		return nil
	}))
	return x
}

// publishFiles writes the snapshot files.
func (x *town) publishFiles(datasets ...string) []catalog.Distribution {
	x.t.Helper()
	_, err := publish.Snapshot(x.t.Context(), x.DB, x.Open, publish.Folder(x.Files), datasets, []string{"geojson", "csv"})
	must(x.t, err)
	files, err := catalog.Distributions(x.t.Context(), x.Open, "")
	must(x.t, err)
	return files
}

// Districts are squares of 0.02°: 01 west, 02 east of 8.40°, from 51.90° north.
func stageDistricts(t testing.TB, tx pgx.Tx) {
	t.Helper()
	square := func(w float64) orb.Polygon {
		return orb.Polygon{{{w, 51.90}, {w + 0.02, 51.90}, {w + 0.02, 51.92}, {w, 51.92}, {w, 51.90}}}
	}
	stage(t, tx, catalog.Districts, []catalog.Row{
		row("01", square(8.38), "code", "01", "name", "Weststadt", "building_team", "B1", "approximate", true),
		row("02", square(8.40), "code", "02", "name", "Oststadt", "building_team", "B2"),
	})
	stage(t, tx, catalog.Municipality, []catalog.Row{row("05000000",
		orb.Polygon{{{8.38, 51.90}, {8.42, 51.90}, {8.42, 51.92}, {8.38, 51.92}, {8.38, 51.90}}}, "ags", "05000000", "name", "Musterstadt")})
}

func stageSites(t testing.TB, tx pgx.Tx) {
	t.Helper()
	day := func(d int) time.Time { return time.Date(2026, 11, 23+d, 0, 0, 0, 0, time.UTC) }
	line := orb.LineString{{8.390, 51.905}, {8.392, 51.906}}
	stage(t, tx, catalog.ConstructionSites, []catalog.Row{
		row("s-1", line, "id", "s-1", "title", "Kanalbau Königstraße", "street", "Königstraße", "district", "01", "start", day(-10), "end", day(10), "status", "active", "impact", "closed", "affects_car", "closed", "affects_foot", "none", "step_free", true),
		row("s-2", orb.Point{8.41, 51.91}, "id", "s-2", "title", "Glasfaser", "district", "02", "start", day(5), "end", day(6), "status", "planned", "affects_bike", "partial"),
		row("s-3", line, "id", "s-3", "title", "Alte Baustelle", "start", day(-30), "end", day(-1), "status", "active"),
		row("s-4", nil, "id", "s-4", "title", "Ohne Ort <b>", "start", day(0), "end", day(0), "status", "active"),
		row("a/b c", line, "id", "a/b c", "title", "Abgesagt", "status", "cancelled"),
	})
}

func stageAddresses(t testing.TB, tx pgx.Tx) {
	t.Helper()
	stage(t, tx, catalog.Addresses, []catalog.Row{
		row("1", orb.Point{8.39, 51.91}, "id", "1", "street", "Berliner Straße", "house_number", "70", "label", "Berliner Straße 70"),
		row("2", orb.Point{8.41, 51.91}, "id", "2", "street", "Lindenweg", "house_number", "1", "label", "Lindenweg 1, Ost"),
		row("3", orb.Point{8.39, 51.915}, "id", "3", "street", "Lindenweg", "house_number", "1", "label", "Lindenweg 1, West"),
	})
}

// stagePoints makes a dataset "points" of n points in a row with all types.
func (x *town) stagePoints(n int) {
	x.t.Helper()
	title := func(s string) catalog.Text { return catalog.Text{DE: s} }
	d := catalog.Dataset{ID: "points", Public: true, Metadata: catalog.Metadata{Title: title("Punkte"), Licence: "cc-zero", Themes: []string{"ENVI"}},
		Schema: catalog.Schema{Shape: catalog.Point, Fields: []catalog.Field{
			{Name: "name", Type: catalog.String, Title: title("Name"), Role: catalog.RoleTitle},
			{Name: "n", Type: catalog.Integer, Title: title("Nummer")}, {Name: "even", Type: catalog.Boolean, Title: title("gerade")},
			{Name: "at", Type: catalog.DateTime, Title: title("Zeit"), Role: catalog.RoleStart},
			{Name: "limit", Type: catalog.Integer, Title: title("heißt wie ein Parameter")},
			{Name: "secret", Type: catalog.String, Title: title("intern"), Internal: true}}}}
	must(x.t, catalog.Register(x.t.Context(), x.DB, d))
	rows := make([]catalog.Row, n)
	for i := range rows {
		rows[i] = row(fmt.Sprintf("p%06d", i), orb.Point{8.3 + float64(i%1000)*1e-4, 51.9 + float64(i/1000)*1e-4},
			"name", fmt.Sprintf("Punkt %d", i), "n", int64(i), "even", i%2 == 0, "at", clock().Add(time.Duration(i)*time.Hour), "secret", "geheim")
	}
	must(x.t, pgx.BeginFunc(x.t.Context(), x.DB, func(tx pgx.Tx) error {
		stage(x.t, tx, "points", rows)
		return nil
	}))
}

// row makes a row of alternating field names and values; stage orders them.
func row(key string, g orb.Geometry, pairs ...any) catalog.Row {
	r := catalog.Row{Key: key, Geometry: g, SRID: geo.CRS84}
	r.Values = pairs
	return r
}

func stage(t testing.TB, tx pgx.Tx, id string, rows []catalog.Row) {
	t.Helper()
	d, err := catalog.Find(t.Context(), tx, id)
	must(t, err)
	st, err := catalog.Stage(t.Context(), tx, d)
	must(t, err)
	for _, r := range rows {
		values := make([]any, len(d.Schema.Fields))
		for i := 0; i < len(r.Values); i += 2 {
			for j, f := range d.Schema.Fields {
				if f.Name == r.Values[i] {
					values[j] = r.Values[i+1]
				}
			}
		}
		r.Values = values
		must(t, st.Add(t.Context(), r))
	}
	_, err = st.Commit(t.Context(), catalog.Change{Actor: ortsnah.System("test"), Source: "test"})
	must(t, err)
}

func smallCatalogue() booking.Catalogue {
	raw, err := os.ReadFile("testdata/catalogue.json")
	if err != nil {
		panic(err)
	}
	var c booking.Catalogue
	if err := json.Unmarshal(raw, &c); err != nil {
		panic(err)
	}
	return c
}

func smallPlan() stations.Plan {
	text := func(s string) catalog.Text { return catalog.Text{DE: s, EN: s + " (en)"} }
	return stations.Plan{Zone: "Europe/Berlin", AnchorMonday: "2026-01-05",
		Stations: []stations.Station{{ID: "bus", Name: text("Rathausmobil"), Kind: "vehicle", Staff: 1}},
		Stops: []stations.Stop{{ID: "west", Name: text("Bücherei West"), Address: "Am Markt 1", District: "01", Lon: 8.39, Lat: 51.91, StepFree: true},
			{ID: "ost", Name: text("Halle Ost"), Address: "Weg 2", District: "02", Lon: 8.41, Lat: 51.91}},
		Visits: []stations.PlannedVisit{
			{ID: "west-mo", Station: "bus", Stop: "west", Weekday: 1, Start: "09:30", End: "12:00", EveryWeeks: 1, Services: []string{"reisepass"}},
			{ID: "ost-di", Station: "bus", Stop: "ost", Weekday: 2, Start: "14:00", End: "17:00", EveryWeeks: 1, Services: []string{"reisepass", "ummeldung"},
				Exceptions: []stations.PlannedException{{Day: "2026-12-01", State: stations.Cancelled, Reason: text("Fahrzeug in der Werkstatt")}}}}}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// answer is a response with its body.
type answer struct {
	*http.Response
	body string
}

// ask sends a request without following redirects; headers alternate.
func (x *town) ask(method, path string, headers ...string) answer {
	x.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, x.http.URL+path, nil)
	must(x.t, err)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	must(x.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(x.t, err)
	return answer{resp, string(body)}
}

func (x *town) get(path string, headers ...string) answer {
	x.t.Helper()
	return x.ask(http.MethodGet, path, headers...)
}

// json decodes a 200 answer.
func (x *town) json(path string, into any, headers ...string) answer {
	x.t.Helper()
	a := x.get(path, headers...)
	if a.StatusCode != http.StatusOK {
		x.t.Fatalf("GET %s: %d %s", path, a.StatusCode, a.body)
	}
	if err := json.NewDecoder(strings.NewReader(a.body)).Decode(into); err != nil {
		x.t.Fatalf("GET %s: %v in %s", path, err, a.body)
	}
	return a
}

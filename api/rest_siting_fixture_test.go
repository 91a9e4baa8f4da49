package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/stations/demand"
	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/travel"
)

// sitingTown is a town with demand - ten cells of 100 m in a row, ten people
// in each - whose desk works, and a planner who has signed in.
type sitingTown struct {
	*bookingTown
	planner *http.Client
	stop    func() // the desk's work
}

func newSitingTown(t testing.TB) *sitingTown {
	t.Helper()
	x := &sitingTown{bookingTown: openTown(t)}
	text := "Gitter_ID_100m;x_mp_100m;y_mp_100m;Einwohner\n"
	for i := range 10 {
		p := x.grid(i)
		text += fmt.Sprintf("100mN%dE%d;%d50;%d50;10\n", int(p[1]), int(p[0]), int(p[0]), int(p[1]))
	}
	_, err := demand.Import(t.Context(), x.DB, clock(), demand.Source{ID: "zensus", Name: "Zensus", Licence: "dl-by-de/2.0", Attribution: "Amt"},
		[]demand.File{{Name: "zensus.csv", Size: int64(len(text)), Text: strings.NewReader(text)}}, nil)
	must(t, err)
	ways, err := travel.Open(t.Context(), x.DB, "", t.TempDir(), slog.New(slog.DiscardHandler))
	must(t, err)
	x.Planning = &planning.Desk{DB: x.DB, Travel: ways, Now: x.Now, Log: x.Log, Pace: 0.1}
	x.stop = x.work(t)
	x.planner = x.signedIn(t, auth.Account{Roles: []auth.Role{auth.Planner}, Name: "Petra Planerin"})
	return x
}

// work lets the desk work until stop.
func (x *sitingTown) work(t testing.TB) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = x.Planning.Work(ctx) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

// grid is the south-west corner of cell i in hundreds of metres of EPSG:3035.
func (x *sitingTown) grid(i int) orb.Point {
	x.t.Helper()
	var p orb.Point
	must(x.t, x.DB.QueryRow(x.t.Context(), `SELECT floor(ST_X(g) / 100) + $1, floor(ST_Y(g) / 100)
		FROM ST_Transform(ST_SetSRID(ST_MakePoint(8.39, 51.91), 4326), 3035) AS g`, i).Scan(&p[0], &p[1]))
	return p
}

// definition is the question for p sites, a candidate in each cell.
func (x *sitingTown) definition(p int) planning.Definition {
	x.t.Helper()
	d := planning.Definition{Demand: planning.Demand{Source: "zensus", Measure: "people"}, Profile: travel.Walk, Objective: instance.PMedian, P: p}
	for i := range 10 {
		c, g := planning.Candidate{ID: fmt.Sprintf("c%d", i), Name: fmt.Sprintf("Platz %d", i), Kind: "drawn", Role: planning.Free}, x.grid(i)
		must(x.t, x.DB.QueryRow(x.t.Context(), `SELECT ST_X(g), ST_Y(g) FROM ST_Transform(ST_SetSRID(ST_MakePoint($1, $2), 3035), 4326) AS g`,
			g[0]*100+50, g[1]*100+50).Scan(&c.Lon, &c.Lat))
		d.Candidates = append(d.Candidates, c)
	}
	return d
}

// call sends JSON as the planner, or as client says.
func (x *sitingTown) call(c *http.Client, method, path string, body any, headers ...string) answer {
	x.t.Helper()
	var reader io.Reader
	if text, ok := body.(string); ok {
		reader = strings.NewReader(text)
	} else if body != nil {
		text, err := json.Marshal(body)
		must(x.t, err)
		reader = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(x.t.Context(), method, x.http.URL+path, reader)
	must(x.t, err)
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := c.Do(req)
	must(x.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	must(x.t, err)
	return answer{resp, string(text)}
}

// scenario makes one with the definition.
func (x *sitingTown) scenario(d planning.Definition) (c scenarioAnswer) {
	x.t.Helper()
	x.call(x.planner, "POST", "/api/v1/siting/scenarios", scenarioAsked{Name: "Linie", Definition: d}).is(x.t, 201, &c)
	return c
}

// run starts one and waits for its end.
func (x *sitingTown) run(d planning.Definition, purpose planning.Purpose, q planning.Question) (r runAnswer) {
	x.t.Helper()
	a := x.call(x.planner, "POST", "/api/v1/siting/runs", runAsked{Scenario: x.scenario(d).ID, Purpose: purpose, Question: q})
	a.is(x.t, 202, &r)
	return x.ended(r.ID)
}

func (x *sitingTown) ended(id string) (r runAnswer) {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(x.t.Context(), time.Minute)
	defer cancel()
	for {
		x.call(x.planner, "GET", "/api/v1/siting/runs/"+id, nil).is(x.t, 200, &r)
		if r.State != planning.Queued && r.State != planning.Running {
			return r
		}
		select {
		case <-ctx.Done():
			x.t.Fatalf("still %s: %+v", r.State, r.Progress)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// sse reads server-sent events until the stream ends or stop says so.
type sse struct{ name, id, data string }

func (x *sitingTown) events(c *http.Client, run, last string, stop func(sse) bool) []sse {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(x.t.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", x.http.URL+"/api/v1/siting/runs/"+run+"/events", nil)
	must(x.t, err)
	req.Header.Set("Accept-Encoding", "gzip")
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	resp, err := c.Do(req)
	must(x.t, err)
	defer resp.Body.Close()
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != eventStream || resp.Header.Get("Content-Encoding") != "" {
		x.t.Fatalf("events: %d %v", resp.StatusCode, resp.Header)
	}
	var all []sse
	var now sse
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "event":
			now.name = value
		case "id":
			now.id = value
		case "data":
			now.data = value
		case "":
			if now.name == "" {
				continue
			}
			all = append(all, now)
			if stop != nil && stop(now) {
				return all
			}
			now = sse{}
		}
	}
	return all
}

// hold keeps runs in their first step until release.
func (x *sitingTown) hold() (release func()) {
	tx, err := x.DB.Begin(x.t.Context())
	must(x.t, err)
	_, err = tx.Exec(x.t.Context(), `LOCK TABLE stations.census_cell IN ACCESS EXCLUSIVE MODE`)
	must(x.t, err)
	release = func() { _ = tx.Rollback(context.Background()) }
	x.t.Cleanup(release)
	return release
}

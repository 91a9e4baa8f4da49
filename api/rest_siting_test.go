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
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/stations/demand"
	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
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

// TestSitingJourney: from the scenario to the certificate, over HTTP.
func TestSitingJourney(t *testing.T) {
	x := newSitingTown(t)
	c := x.scenario(x.definition(2))
	var listed scenariosAnswer
	x.call(x.planner, "GET", "/api/v1/siting/scenarios", nil).is(t, 200, &listed)
	if len(listed.Scenarios) != 1 || strings.Contains(fmt.Sprint(listed), "Petra") {
		t.Errorf("%+v", listed)
	}
	path := "/api/v1/siting/scenarios/" + c.ID
	c.Definition.P = 3
	x.call(x.planner, "PUT", path, scenarioAsked{Name: "Neu", Revision: 1, Definition: c.Definition}).is(t, 200, &c)
	x.call(x.planner, "PUT", path, scenarioAsked{Name: "Alt", Revision: 1, Definition: c.Definition}).is(t, 409, nil)

	start := x.call(x.planner, "POST", "/api/v1/siting/runs", runAsked{Scenario: c.ID})
	var r runAnswer
	start.is(t, 202, &r)
	if start.Header.Get("Location") != x.http.URL+"/api/v1/siting/runs/"+r.ID || r.State != planning.Queued {
		t.Errorf("%s %+v", start.Header.Get("Location"), r.Run)
	}
	r = x.ended(r.ID)
	if r.State != planning.Done || r.Result.Status != proof.Optimal || len(r.Result.Sites) != 3 {
		t.Fatalf("%s %+v", r.State, r.Error)
	}
	own := "/api/v1/siting/runs/" + r.ID
	certificate := x.call(x.planner, "GET", own+"/certificate", nil)
	f, err := proof.ReadFile(strings.NewReader(certificate.body), "certificate")
	must(t, err)
	must(t, f.Check())
	inputs := x.call(x.planner, "GET", own+"/inputs", nil)
	p, err := instance.Read(strings.NewReader(inputs.body), "json", "inputs")
	must(t, err)
	if p.Hash() != r.InputsHash || f.Problem.Hash() != r.InputsHash {
		t.Errorf("hashes: %s %s %s", p.Hash(), f.Problem.Hash(), r.InputsHash)
	}
	x.call(x.planner, "POST", own+"/move", object{"site": r.Result.Sites[0].ID, "lon": 8.395, "lat": 51.91}).is(t, 200, nil)
	x.call(x.planner, "POST", own+"/move", object{"site": "c99", "lon": 8.395, "lat": 51.91}).is(t, 400, nil)
	x.call(x.planner, "POST", own+"/move", object{"site": "c1"}).is(t, 400, nil)

	// The public sees nothing of it until it is published.
	for _, part := range []string{"", "/events", "/certificate", "/inputs"} {
		x.call(http.DefaultClient, "GET", own+part, nil).is(t, 404, nil)
	}
	x.call(x.planner, "POST", own+"/publication", nil).is(t, 200, nil)
	x.call(http.DefaultClient, "GET", own, nil).is(t, 200, nil)
	var all runsAnswer
	x.call(http.DefaultClient, "GET", "/api/v1/siting/runs", nil).is(t, 200, &all)
	if len(all.Runs) != 1 {
		t.Errorf("%d published runs", len(all.Runs))
	}
	x.call(http.DefaultClient, "GET", "/ogc/collections/siting-sites/items?f=json", nil).is(t, 200, nil)
	x.call(x.planner, "DELETE", own+"/publication", nil).is(t, 200, nil)
	x.call(http.DefaultClient, "GET", own, nil).is(t, 404, nil)
	x.call(x.planner, "DELETE", path, nil).is(t, 204, nil)
}

// TestSitingWho: only planners plan.
func TestSitingWho(t *testing.T) {
	x := newSitingTown(t)
	c := x.scenario(x.definition(1))
	clerk := x.signedIn(t, auth.Account{Roles: []auth.Role{auth.Steward}})
	foreign := x.signedIn(t, auth.Account{Roles: []auth.Role{auth.Planner}})
	for _, a := range []struct{ method, path string }{{"GET", "/scenarios"}, {"POST", "/scenarios"}, {"GET", "/scenarios/" + c.ID},
		{"PUT", "/scenarios/" + c.ID}, {"DELETE", "/scenarios/" + c.ID}, {"POST", "/runs"}, {"DELETE", "/runs/" + c.ID}, {"POST", "/runs/" + c.ID + "/move"}, {"POST", "/runs/" + c.ID + "/publication"}} {
		path := "/api/v1/siting" + a.path
		x.call(http.DefaultClient, a.method, path, nil).is(t, 401, nil)
		x.call(clerk, a.method, path, nil).is(t, 403, nil)
		if a.method != "GET" {
			x.call(foreign, a.method, path, object{}, "Origin", "https://elsewhere.example", "Sec-Fetch-Site", "cross-site").is(t, 403, nil)
		}
	}
}

// TestSitingBadInput: a sentence that names the field, and nothing lost.
func TestSitingBadInput(t *testing.T) {
	x := newSitingTown(t)
	good, err := json.Marshal(scenarioAsked{Name: "x", Definition: x.definition(2)})
	must(t, err)
	edit := func(old, new string) string { return strings.Replace(string(good), old, new, 1) }
	for name, c := range map[string]struct{ body, key string }{
		"no JSON":          {"{", "api.bad_json"},
		"a list":           {"[]", "api.bad_json"},
		"twice":            {edit(`"name":"x"`, `"name":"x","name":"y"`), "api.repeated_field"},
		"unknown, deep":    {edit(`"id":"c3"`, `"id":"c3","colour":"red"`), "planning.unknown_field"},
		"text for number":  {edit(`"p":2`, `"p":"two"`), "api.wrong_type"},
		"duplicate ids":    {edit(`"id":"c3"`, `"id":"c4"`), "planning.candidate_twice"},
		"too deep":         {`{"definition":` + strings.Repeat(`{"x":`, 50) + "1" + strings.Repeat("}", 51), "api.too_deep"},
		"something behind": {string(good) + "{}", "api.bad_json"},
		"huge number":      {edit(`"p":2`, `"p":1e400`), "api.wrong_type"},
		"a byte of zero":   {edit(`"name":"x"`, `"name":"\u0000"`), "api.bad_text"},
	} {
		a := x.call(x.planner, "POST", "/api/v1/siting/scenarios", c.body)
		if a.StatusCode != 400 || !strings.Contains(a.body, c.key) || !strings.Contains(a.body, "detail_en") {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
	x.call(x.planner, "POST", "/api/v1/siting/scenarios", "name=x", "Content-Type", "text/plain").is(t, 415, nil)
	x.call(x.planner, "POST", "/api/v1/siting/runs", runAsked{Scenario: "nothing"}).is(t, 404, nil)
	x.call(x.planner, "GET", "/api/v1/siting/runs?wrong=1", nil).is(t, 400, nil)
	far := x.definition(1)
	far.Candidates[0].Lon, far.Candidates[0].Lat = far.Candidates[0].Lat, far.Candidates[0].Lon
	a := x.call(x.planner, "POST", "/api/v1/siting/runs", runAsked{Scenario: x.scenario(far).ID})
	if a.StatusCode != 400 || !strings.Contains(a.body, "Platz 0") {
		t.Errorf("swapped: %d %s", a.StatusCode, a.body)
	}
	// Nothing for the search: the run ends at once with a sentence.
	scarce := x.definition(2)
	scarce.Objective, scarce.Capacity = instance.Capacitated, 40
	if r := x.run(scarce, planning.Solve, planning.Question{}); r.State != planning.NoAnswer || r.Error == nil || r.Error.Detail == "" || r.Error.DetailEN == "" {
		t.Errorf("capacity: %+v %+v", r.State, r.Error)
	}
}

// TestSitingOnce: who repeats a request starts nothing twice.
func TestSitingOnce(t *testing.T) {
	x := newSitingTown(t)
	c := x.scenario(x.definition(2))
	var first, second runAnswer
	for _, r := range []*runAnswer{&first, &second} {
		a := x.call(x.planner, "POST", "/api/v1/siting/runs", runAsked{Scenario: c.ID}, "Idempotency-Key", "0123456789abcdef0")
		a.is(t, 202, r)
		if a.Header.Get("Location") == "" {
			t.Error("no Location")
		}
	}
	if first.ID != second.ID {
		t.Errorf("two runs: %s, %s", first.ID, second.ID)
	}
}

// TestSitingEvents: several watchers, one that leaves, one that comes back, one
// that comes late: all see the same steps, and the run does not care.
func TestSitingEvents(t *testing.T) {
	x := newSitingTown(t)
	release := x.hold()
	c := x.scenario(x.definition(2))
	var r runAnswer
	x.call(x.planner, "POST", "/api/v1/siting/runs", runAsked{Scenario: c.ID, Purpose: planning.Curve}).is(t, 202, &r)
	// The browser closes in the middle.
	begun := x.events(x.planner, r.ID, "", func(e sse) bool { return strings.Contains(e.data, `"demand"`) })
	watched := make(chan []sse, 2)
	for range 2 {
		go func() { watched <- x.events(x.planner, r.ID, "", nil) }()
	}
	release()
	whole := <-watched
	if again := <-watched; fmt.Sprint(again) != fmt.Sprint(whole) {
		t.Errorf("two watchers saw\n%v\n%v", whole, again)
	}
	last := whole[len(whole)-1]
	if last.name != "end" || last.data != `{"status":"done"}` {
		t.Errorf("last event %+v", last)
	}
	if late := x.events(x.planner, r.ID, "", nil); fmt.Sprint(late) != fmt.Sprint(whole) {
		t.Errorf("who came late saw\n%v\nnot\n%v", late, whole)
	}
	rest := x.events(x.planner, r.ID, begun[len(begun)-1].id, nil)
	if got := fmt.Sprint(append(begun, rest...)); got != fmt.Sprint(whole) {
		t.Errorf("who came back saw\n%v\nnot\n%v", got, whole)
	}
	if r := x.ended(r.ID); r.State != planning.Done || len(r.Result.Curve) != 10 {
		t.Errorf("%s", r.State)
	}
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

// TestSitingDismissed: the stream of a cancelled run ends, whoever watches.
func TestSitingDismissed(t *testing.T) {
	x := newSitingTown(t)
	release := x.hold()
	var r runAnswer
	x.call(x.planner, "POST", "/api/v1/siting/runs", runAsked{Scenario: x.scenario(x.definition(2)).ID}).is(t, 202, &r)
	end := make(chan sse, 1)
	go func() {
		all := x.events(x.planner, r.ID, "", nil)
		end <- all[len(all)-1]
	}()
	x.events(x.planner, r.ID, "", func(e sse) bool { return strings.Contains(e.data, `"demand"`) })
	x.call(x.planner, "DELETE", "/api/v1/siting/runs/"+r.ID, nil).is(t, 200, &r)
	release()
	if e := <-end; r.State != planning.Dismissed || e.name != "end" || e.data != `{"status":"dismissed"}` {
		t.Errorf("%s, %+v", r.State, e)
	}
	x.call(x.planner, "DELETE", "/api/v1/siting/runs/"+r.ID, nil).is(t, 200, nil)
}

// TestSitingStreamEndsWithTheProgram: a watcher does not keep it from ending.
func TestSitingStreamEndsWithTheProgram(t *testing.T) {
	x := newSitingTown(t)
	x.hold()
	var r runAnswer
	x.call(x.planner, "POST", "/api/v1/siting/runs", runAsked{Scenario: x.scenario(x.definition(2)).ID}).is(t, 202, &r)
	ended := make(chan []sse, 1)
	begun := make(chan bool, 1)
	go func() {
		ended <- x.events(x.planner, r.ID, "", func(sse) bool {
			select {
			case begun <- true:
			default:
			}
			return false
		})
	}()
	<-begun
	x.stop()
	<-ended
}

// TestSitingStreamOutlivesTimeouts: the server's limits are for requests.
func TestSitingStreamOutlivesTimeouts(t *testing.T) {
	x := newSitingTown(t)
	short := httptest.NewUnstartedServer(x.Handler())
	short.Config.ReadTimeout, short.Config.WriteTimeout = 200*time.Millisecond, 200*time.Millisecond
	short.Start()
	t.Cleanup(short.Close)
	release := x.hold()
	var r runAnswer
	x.call(x.planner, "POST", "/api/v1/siting/runs", runAsked{Scenario: x.scenario(x.definition(2)).ID}).is(t, 202, &r)
	x.http.URL = short.URL
	home, err := url.Parse(short.URL)
	must(t, err)
	x.planner.Jar.SetCookies(home, x.planner.Jar.Cookies(home))
	late := time.AfterFunc(time.Second, release)
	defer late.Stop()
	all := x.events(x.planner, r.ID, "", nil)
	if len(all) == 0 || all[len(all)-1].name != "end" {
		t.Errorf("the stream broke off: %v", all)
	}
}

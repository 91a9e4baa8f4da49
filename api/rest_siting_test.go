package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

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

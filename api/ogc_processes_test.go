package api

import (
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"

	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/stations/planning"
)

// execution is the body of an execution for p sites in the siting town.
func (x *sitingTown) execution(p int, more object) object {
	var features []object
	for _, c := range x.definition(p).Candidates {
		features = append(features, feature(c.ID, c.Lon, c.Lat, object{"name": c.Name}))
	}
	inputs := object{"candidates": collectionOf(features), "demand": object{"source": "zensus"}, "objective": "pmedian", "p": p}
	body := object{"inputs": inputs}
	for k, v := range more {
		body[k] = v
	}
	return body
}

const executionPath = "/ogc/processes/siting/execution"

// TestProcessesAsync: a job from its start to its results, held against the
// OpenAPI document.
func TestProcessesAsync(t *testing.T) {
	x := newSitingTown(t)
	_, router := contract(t, x.town, "/ogc/api")
	openapi3filter.RegisterBodyDecoder("multipart/related", openapi3filter.FileBodyDecoder)
	t.Cleanup(func() { openapi3filter.UnregisterBodyDecoder("multipart/related") })
	do := func(status int, c *http.Client, method, path string, body any, headers ...string) answer {
		t.Helper()
		a := x.call(c, method, path, body, headers...)
		if a.StatusCode != status {
			t.Errorf("%s %s: %d %s", method, path, a.StatusCode, a.body)
		}
		text, err := json.Marshal(body)
		must(t, err)
		if body == nil {
			text = nil
		}
		x.holdContract(router, a, method, path, string(text), headers, status < 400)
		return a
	}
	everybody := http.DefaultClient
	do(200, everybody, "GET", "/ogc/processes", nil)
	do(200, everybody, "GET", "/ogc/processes/siting", nil)
	if a := do(404, everybody, "GET", "/ogc/processes/nothing", nil); !strings.Contains(a.body, ogcException+"no-such-process") {
		t.Errorf("%s", a.body)
	}
	do(401, everybody, "POST", executionPath, x.execution(2, nil))
	do(403, x.signedIn(t, auth.Account{Roles: []auth.Role{auth.Clerk}}), "POST", executionPath, x.execution(2, nil))

	release := x.hold()
	started := do(201, x.planner, "POST", executionPath, x.execution(2, object{"response": "document"}), "Prefer", "respond-async")
	var job jobAnswer
	started.is(t, 201, &job)
	path := strings.TrimPrefix(started.Header.Get("Location"), x.http.URL)
	if path != "/ogc/jobs/"+job.JobID || started.Header.Get("Preference-Applied") != "respond-async" || job.Status != "accepted" {
		t.Errorf("%v %+v", started.Header, job)
	}
	if a := do(404, x.planner, "GET", path+"/results", nil); !strings.Contains(a.body, ogcException+"result-not-ready") {
		t.Errorf("%s", a.body)
	}
	release()
	x.ended(job.JobID)
	do(200, x.planner, "GET", path, nil).is(t, 200, &job)
	if job.Status != "successful" || job.Progress != 100 || len(job.Links) != 2 {
		t.Errorf("%+v", job)
	}
	var document struct {
		Outcome     planning.Outcome `json:"outcome"`
		Sites       struct{ Features []any }
		Cells       struct{ Features []any }
		Certificate object
	}
	do(200, x.planner, "GET", path+"/results", nil).is(t, 200, &document)
	if document.Outcome.Status != "optimal" || len(document.Sites.Features) != 2 || len(document.Cells.Features) != 10 || document.Certificate == nil {
		t.Errorf("%+v", document)
	}
	for _, p := range []string{path, path + "/results"} {
		if a := do(404, everybody, "GET", p, nil); !strings.Contains(a.body, ogcException+"no-such-job") {
			t.Errorf("%s", a.body)
		}
	}
	do(404, x.planner, "GET", "/ogc/jobs/00000000-0000-0000-0000-000000000000", nil)
	x.jobList(t, do)
	var listed scenariosAnswer
	x.call(x.planner, "GET", "/api/v1/siting/scenarios", nil).is(t, 200, &listed)
	if len(listed.Scenarios) != 0 {
		t.Errorf("a program's question is among the planners': %+v", listed)
	}
}

// jobList asks for one finished job in all ways of the standard.
func (x *sitingTown) jobList(t *testing.T, do func(status int, c *http.Client, method, path string, body any, headers ...string) answer) {
	t.Helper()
	var none, all struct{ Jobs []jobAnswer }
	do(200, http.DefaultClient, "GET", "/ogc/jobs", nil).is(t, 200, &none)
	do(200, x.planner, "GET", "/ogc/jobs?status=successful,failed&processID=siting&type=process&minDuration=0&datetime=2026-01-01T00:00:00Z/..", nil).is(t, 200, &all)
	if len(none.Jobs) != 0 || len(all.Jobs) != 1 {
		t.Errorf("jobs: %d public, %d of planners", len(none.Jobs), len(all.Jobs))
	}
	for _, query := range []string{"status=running", "processID=x", "type=x", "minDuration=1e9", "datetime=../2025-01-01T00:00:00Z"} {
		do(200, x.planner, "GET", "/ogc/jobs?"+query, nil).is(t, 200, &all)
		if len(all.Jobs) != 0 {
			t.Errorf("%s: %d jobs", query, len(all.Jobs))
		}
	}
	for _, query := range []string{"limit=0", "limit=x", "minDuration=-1", "datetime=yesterday", "color=red"} {
		if a := x.call(x.planner, "GET", "/ogc/jobs?"+query, nil); a.StatusCode != 400 {
			t.Errorf("%s: %d", query, a.StatusCode)
		}
	}
}

// TestProcessesSync: raw and document, one output and several.
func TestProcessesSync(t *testing.T) {
	x := newSitingTown(t)
	one := x.call(x.planner, "POST", executionPath, x.execution(2, object{"outputs": object{"sites": object{"transmissionMode": "value"}}}))
	if one.StatusCode != 200 || one.Header.Get("Content-Type") != geoJSONMedia || strings.Count(one.body, `"Feature"`) != 2 {
		t.Errorf("%d %v %s", one.StatusCode, one.Header, one.body)
	}
	document := x.call(x.planner, "POST", executionPath, x.execution(2, object{"response": "document", "outputs": object{"outcome": object{}}}))
	if document.StatusCode != 200 || !strings.Contains(document.body, `{"outcome":{"status":"optimal"`) {
		t.Errorf("%d %s", document.StatusCode, document.body)
	}
	many := x.call(x.planner, "POST", executionPath, x.execution(2, nil))
	media, values, err := mime.ParseMediaType(many.Header.Get("Content-Type"))
	must(t, err)
	if media != "multipart/related" {
		t.Fatalf("%s: %s", media, many.body)
	}
	var ids []string
	for parts := multipart.NewReader(strings.NewReader(many.body), values["boundary"]); ; {
		p, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		must(t, err)
		ids = append(ids, p.Header.Get("Content-Id"))
	}
	if strings.Join(ids, "") != "<outcome><sites><cells><certificate>" {
		t.Errorf("parts %v", ids)
	}
}

func TestProcessesBadInput(t *testing.T) {
	x := newSitingTown(t)
	with := func(name string, value any) object {
		b := x.execution(2, nil)
		b["inputs"].(object)[name] = value
		return b
	}
	for name, c := range map[string]struct {
		body object
		key  string
	}{
		"no inputs":         {object{}, "planning.no_candidates"},
		"no collection":     {with("candidates", object{"type": "Point"}), "planning.not_geojson"},
		"a line":            {with("candidates", collectionOf([]object{{"type": "Feature", "geometry": object{"type": "LineString", "coordinates": [][2]float64{{8, 51}, {9, 52}}}}})), "planning.not_a_point"},
		"empty":             {with("candidates", collectionOf(nil)), "planning.no_candidates"},
		"unknown input":     {with("colour", "red"), "planning.unknown_field"},
		"unknown objective": {with("objective", "luck"), "planning.unknown_objective"},
		"unknown source":    {with("demand", object{"source": "atlantis"}), "planning.unknown_source"},
		"p above":           {with("p", 11), "planning.p_above_candidates"},
		"unknown output":    {x.execution(2, object{"outputs": object{"cake": object{}}}), "planning.no_such_output"},
		"by reference":      {x.execution(2, object{"outputs": object{"sites": object{"transmissionMode": "reference"}}}), "api.no_such_format"},
		"response":          {x.execution(2, object{"response": "fax"}), "api.no_such_format"},
	} {
		a := x.call(x.planner, "POST", executionPath, c.body)
		if a.StatusCode != 400 || !strings.Contains(a.body, c.key) {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
	var scenarios int
	must(t, x.DB.QueryRow(t.Context(), `SELECT count(*) FROM stations.scenario`).Scan(&scenarios))
	if scenarios != 0 {
		t.Errorf("%d scenarios of questions that were refused", scenarios)
	}
}

func TestProcessesDismiss(t *testing.T) {
	x := newSitingTown(t)
	x.hold()
	var job jobAnswer
	x.call(x.planner, "POST", executionPath, x.execution(2, nil), "Prefer", "wait=1, respond-async;x=y").is(t, 201, &job)
	x.call(http.DefaultClient, "DELETE", "/ogc/jobs/"+job.JobID, nil).is(t, 401, nil)
	x.call(x.planner, "DELETE", "/ogc/jobs/"+job.JobID, nil).is(t, 200, &job)
	if job.Status != "dismissed" {
		t.Errorf("%+v", job)
	}
	x.call(x.planner, "GET", "/ogc/jobs/"+job.JobID+"/results", nil).is(t, 404, nil)
	x.call(x.planner, "DELETE", "/ogc/jobs/nothing", nil).is(t, 404, nil)
}

// TestProcessesDeclared: the landing page leads there, and says what holds.
func TestProcessesDeclared(t *testing.T) {
	x := newSitingTown(t)
	landing, classes := x.get("/ogc/?f=json"), x.get("/ogc/conformance?f=json")
	for text, a := range map[string]answer{relProcesses: landing, relJobs: landing, "ogcapi-processes-1/1.0/conf/dismiss": classes} {
		if !strings.Contains(a.body, text) {
			t.Errorf("%s is missing in %s", text, a.body)
		}
	}
}

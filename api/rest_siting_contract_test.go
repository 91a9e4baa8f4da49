package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"

	"github.com/ortsnah/ortsnah/stations/planning"
)

// TestSitingContract holds every operation of siting against the OpenAPI
// document: what planners' programs send, and what they get.
func TestSitingContract(t *testing.T) {
	x := newSitingTown(t)
	openapi3filter.RegisterBodyDecoder(eventStream, openapi3filter.FileBodyDecoder)
	t.Cleanup(func() { openapi3filter.UnregisterBodyDecoder(eventStream) })
	doc, router := contract(t, x.town, "/api/v1/openapi.json")
	checked := map[string]bool{}
	do := func(status int, c *http.Client, method, path string, body any, headers ...string) answer {
		t.Helper()
		a := x.call(c, method, path, body, headers...)
		if a.StatusCode != status {
			t.Errorf("%s %s: %d, want %d: %s", method, path, a.StatusCode, status, a.body)
		}
		text, err := json.Marshal(body)
		must(t, err)
		if body == nil {
			text = nil
		}
		checked[x.holdContract(router, a, method, path, string(text), headers, status < 400)] = true
		return a
	}
	const root = "/api/v1/siting"
	p, everybody := x.planner, http.DefaultClient
	var c scenarioAnswer
	do(201, p, "POST", root+"/scenarios", scenarioAsked{Name: "Linie", Definition: x.definition(2)}, "Idempotency-Key", "0123456789abcdef").is(t, 201, &c)
	do(400, p, "POST", root+"/scenarios", scenarioAsked{})
	do(401, everybody, "POST", root+"/scenarios", scenarioAsked{Name: "x"})
	do(200, p, "GET", root+"/scenarios", nil)
	do(200, p, "GET", root+"/scenarios/"+c.ID, nil)
	do(404, p, "GET", root+"/scenarios/nothing", nil)
	do(200, p, "PUT", root+"/scenarios/"+c.ID, scenarioAsked{Name: "Zeile", Revision: 1, Definition: c.Definition})
	do(409, p, "PUT", root+"/scenarios/"+c.ID, scenarioAsked{Name: "Zeile", Revision: 1, Definition: c.Definition})
	var own string
	for _, order := range []runAsked{{}, {Purpose: planning.Curve, Question: planning.Question{From: 1, To: 3}},
		{Purpose: planning.Price, Question: planning.Question{Site: "c0"}}, {Purpose: planning.Stability, Question: planning.Question{Draws: 3, Seed: 1}}} {
		var r runAnswer
		order.Scenario = c.ID
		do(202, p, "POST", root+"/runs", order).is(t, 202, &r)
		x.ended(r.ID)
		own = root + "/runs/" + r.ID
		do(200, p, "GET", own, nil)
	}
	do(400, p, "POST", root+"/runs", runAsked{Scenario: c.ID, Purpose: planning.Price})
	do(200, p, "GET", root+"/runs?scenario="+c.ID, nil)
	do(200, everybody, "GET", root+"/runs", nil)
	do(404, everybody, "GET", own, nil)
	do(200, p, "GET", own+"/events", nil)
	do(200, p, "GET", own+"/inputs", nil)
	do(200, p, "GET", own+"/certificate", nil)
	do(200, p, "POST", own+"/move", object{"site": "c2", "lon": 8.395, "lat": 51.91})
	do(400, p, "POST", own+"/move", object{"site": "c2", "lon": 8.395, "lat": 52.91})
	do(200, p, "POST", own+"/publication", nil)
	do(200, everybody, "GET", own, nil)
	do(200, p, "DELETE", own+"/publication", nil)
	do(200, p, "DELETE", own, nil)
	do(204, p, "DELETE", root+"/scenarios/"+c.ID, nil)
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			if strings.HasPrefix(path, root) && !checked[method+" "+path] {
				t.Errorf("%s %s was not checked", method, path)
			}
		}
	}
}

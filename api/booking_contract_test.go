package api

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// TestBookingContract holds every operation about appointments against the
// OpenAPI document: what the clients of the journey send, and what they get.
func TestBookingContract(t *testing.T) {
	x := openTown(t)
	for _, media := range []string{fhirLines, "text/calendar"} {
		openapi3filter.RegisterBodyDecoder(media, openapi3filter.FileBodyDecoder)
		t.Cleanup(func() { openapi3filter.UnregisterBodyDecoder(media) })
	}
	doc, router := contract(t, x.town, "/api/v1/openapi.json")
	checked := map[string]bool{}
	do := func(status int, method, path, body string, headers ...string) answer {
		t.Helper()
		a := x.send(method, path, body, headers...)
		if a.StatusCode != status {
			t.Errorf("%s %s: %d, want %d: %s", method, path, a.StatusCode, status, a.body)
		}
		checked[x.holdContract(router, a, method, path, body, headers, status < 400)] = true
		return a
	}
	do(200, "POST", "/api/v1/proposals", `{"service":["reisepass"],"persons":2,"lon":8.39,"lat":51.91}`)
	do(200, "POST", "/api/v1/proposals", `{"service":"reisepass","from":"2026-12-07"}`)
	do(400, "POST", "/api/v1/proposals", `{"service":"bauberatung","address":"Lindenweg 1"}`)
	do(200, "GET", "/api/v1/proposals?service=reisepass&service=ummeldung", "")
	do(400, "GET", "/api/v1/proposals?service=reisepass&persons=1000", "")
	do(200, "GET", "/api/v1/challenge", "")
	mine := x.booked("08:00")
	auth := []string{"Authorization", "Bearer " + mine.Token}
	do(201, "POST", "/api/v1/holds", passport("08:00"), "Idempotency-Key", "0123456789abcdef")
	do(409, "POST", "/api/v1/holds", passport("08:00"))
	do(201, "POST", "/api/v1/appointments", `{"hold":"`+mine.ID+`","surname":"Muster"}`, auth...) // once more changes nothing
	h := x.held("09:00")
	do(201, "POST", "/api/v1/appointments", `{"hold":"`+h.ID+`","surname":"Muster","email":"m@example.org","lang":"en"}`, "Authorization", "Bearer "+h.Token)
	own := "/api/v1/appointments/" + mine.ID
	do(200, "GET", own, "", auth...)
	do(401, "GET", own, "")
	do(404, "GET", "/api/v1/appointments/00000000", "", auth...)
	do(200, "GET", own+"/calendar.ics", "", auth...)
	do(200, "PATCH", own, `{"start":"2026-11-30T10:00:00+01:00","place":"site/rathaus"}`, auth...)
	do(409, "PATCH", own, `{"start":"2026-11-30T13:00:00+01:00"}`, auth...)
	do(200, "DELETE", own, "", auth...)
	noted := do(201, "POST", "/api/v1/wishes", `{"service":"reisepass","from_day":"2026-12-01","until_day":"2026-12-04","surname":"Geheimname"}`)
	var w wishAnswer
	noted.is(t, 201, &w)
	wish := strings.TrimPrefix(noted.Header.Get("Location"), x.http.URL)
	do(200, "GET", wish, "", "Authorization", "Bearer "+w.Token)
	do(404, "GET", wish, "", auth...)
	do(204, "DELETE", wish, "", "Authorization", "Bearer "+w.Token)
	do(400, "POST", "/api/v1/wishes", `{"service":"reisepass","from_day":"2026-12-04","until_day":"2026-12-01","surname":"M"}`)
	for _, path := range []string{"/api/v1/slots.ndjson", "/api/v1/slots/schedules.ndjson", "/api/v1/slots/locations.ndjson", "/api/v1/slots/$bulk-publish"} {
		do(200, "GET", path, "")
	}
	x.Limits = Limits{Requests: Rate{PerMinute: 1, Burst: 1}}
	do(200, "GET", "/api/v1/challenge", "")
	do(429, "GET", "/api/v1/challenge", "")
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if strings.Contains(op.OperationID, "services") || !isLimited(path) && !strings.HasPrefix(path, "/api/v1/slots") {
				continue
			}
			if !checked[method+" "+path] {
				t.Errorf("%s %s was not checked", method, path)
			}
		}
	}
}

// holdContract holds one answer against the document, and the request, too,
// where it is a good one; it returns the operation.
func (x *bookingTown) holdContract(router routers.Router, a answer, method, path, body string, headers []string, good bool) string {
	x.t.Helper()
	req, err := http.NewRequest(method, x.http.URL+path, strings.NewReader(body))
	must(x.t, err)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	route, vars, err := router.FindRoute(req)
	if err != nil {
		x.t.Errorf("%s %s: %v", method, path, err)
		return ""
	}
	in := &openapi3filter.RequestValidationInput{Request: req, PathParams: vars, Route: route, Options: &openapi3filter.Options{
		IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}}
	if good {
		if err := openapi3filter.ValidateRequest(x.t.Context(), in); err != nil {
			x.t.Errorf("%s %s %s: %v", method, path, body, err)
		}
	}
	err = openapi3filter.ValidateResponse(x.t.Context(), &openapi3filter.ResponseValidationInput{RequestValidationInput: in,
		Status: a.StatusCode, Header: a.Header, Body: io.NopCloser(bytes.NewReader([]byte(a.body)))})
	if err != nil {
		x.t.Errorf("%s %s: %v\n%s", method, path, err, a.body)
	}
	return method + " " + route.Path
}

package api

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// contract reads an OpenAPI document of the server.
func contract(t *testing.T, x *town, path string) (*openapi3.T, routers.Router) {
	t.Helper()
	a := x.get(path)
	if a.StatusCode != 200 {
		t.Fatalf("%s: %d %s", path, a.StatusCode, a.body)
	}
	doc, err := openapi3.NewLoader().LoadFromData([]byte(a.body))
	must(t, err)
	must(t, doc.Validate(t.Context()))
	router, err := gorillamux.NewRouter(doc)
	must(t, err)
	return doc, router
}

// TestContract holds answers of /api/v1 and /ogc against the documents that
// the server publishes about them: media type, status and schema.
func TestContract(t *testing.T) {
	x := smallTown(t)
	x.stagePoints(25)
	_, rest := contract(t, x, "/api/v1/openapi.json")
	_, ogc := contract(t, x, "/ogc/api")
	checked := map[string]bool{}
	for _, c := range append(restScenarios(), ogcScenarios()...) {
		router := rest
		if strings.HasPrefix(c.path, "/ogc/") {
			router = ogc
		}
		req, err := http.NewRequest(http.MethodGet, x.http.URL+c.path, nil)
		must(t, err)
		route, vars, err := router.FindRoute(req)
		if err != nil || c.status == 406 && router == rest {
			if c.status < 400 && c.status >= 300 || c.status >= 400 || c.path == "/ogc/collections/transit-stops" {
				continue // not part of the contract
			}
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		a := x.get(c.path, "Accept", c.accept)
		checked[route.Path] = true
		if strings.HasPrefix(a.Header.Get("Content-Type"), html) {
			continue
		}
		in := &openapi3filter.RequestValidationInput{Request: req, PathParams: vars, Route: route,
			Options: &openapi3filter.Options{IncludeResponseStatus: true}}
		err = openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{RequestValidationInput: in,
			Status: a.StatusCode, Header: a.Header, Body: io.NopCloser(bytes.NewReader([]byte(a.body)))})
		if err != nil {
			t.Errorf("%s: %v\n%s", c.path, err, a.body)
		}
	}
	for path := range map[string]bool{"/api/v1/jurisdiction": true, "/api/v1/services/{id}": true, "/collections/points/items": true, "/collections/{collectionId}": true} {
		if !checked[path] {
			t.Errorf("%s was not checked", path)
		}
	}
}

// etsAPIDefinition holds the definition against the data dictionary.
func etsAPIDefinition(t *testing.T, x *town) {
	doc, _ := contract(t, x, "/ogc/api")
	op := doc.Paths.Value("/collections/points/items").Get
	for name, want := range map[string]string{"bbox": "", "datetime": "string", "limit": "integer", "n": "integer", "even": "boolean", "name": "string"} {
		p := op.Parameters.GetByInAndName("query", name)
		if p == nil || p.Required || want != "" && !p.Schema.Value.Type.Is(want) {
			t.Errorf("parameter %s: %+v", name, p)
		}
	}
	limit := op.Parameters.GetByInAndName("query", "limit").Schema.Value
	if *limit.Min != 1 || *limit.Max != largestLimit || limit.Default != float64(defaultLimit) {
		t.Errorf("limit: %v %v %v", *limit.Min, *limit.Max, limit.Default)
	}
	if op.Parameters.GetByInAndName("query", "secret") != nil {
		t.Error("an internal field is a parameter")
	}
}

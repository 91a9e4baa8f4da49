package api

import (
	_ "embed"
	"net/http"
	"strings"
)

//go:embed openapi.json
var openAPIDocument string

// openAPI answers /api/v1/openapi.json: the contract of /api/v1, written by
// hand; contract_test.go holds the server against it.
func (s *Server) openAPI(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	document := strings.ReplaceAll(openAPIDocument, "https://example.invalid", s.base(r))
	return writeBytes(w, r, "application/vnd.oai.openapi+json;version=3.1", []byte(document))
}

package api

import (
	"net/http"
	"strings"

	"github.com/ortsnah/ortsnah/api/web"
)

// legalPage answers /impressum, /datenschutz and /barrierefreiheit.
func (s *Server) legalPage(w http.ResponseWriter, r *http.Request) error {
	kind := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/en"), "/")
	return s.page(w, r, web.Legal{Kind: kind})
}

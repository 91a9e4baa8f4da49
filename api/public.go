package api

import (
	"net/http"
	"strings"
)

// public lets programs on every web site read open data (Fetch standard,
// section 3.2): the answer is the same for everyone and carries no cookie.
// Appointments are open to other web sites, too: their token is in a header
// that only who knows it can send. It answers preflight requests itself.
func public(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isData(r.URL.Path) {
			head := w.Header()
			head.Set("Access-Control-Allow-Origin", "*")
			head.Set("Access-Control-Expose-Headers", "ETag, Link, Location, Content-Disposition, Content-Range, Accept-Ranges, Retry-After")
		}
		if r.Method != http.MethodOptions {
			h.ServeHTTP(w, r)
			return
		}
		head := w.Header()
		methods := allowedMethods
		if isLimited(r.URL.Path) {
			methods = bookingMethods
		}
		head.Set("Allow", methods)
		if isData(r.URL.Path) && r.Header.Get("Access-Control-Request-Method") != "" {
			head.Set("Access-Control-Allow-Methods", methods)
			head.Set("Access-Control-Allow-Headers", "Accept, Accept-Language, If-None-Match, If-Modified-Since, Range, Content-Type, Authorization, Idempotency-Key")
			head.Set("Access-Control-Max-Age", "86400")
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

const (
	allowedMethods = "GET, HEAD, OPTIONS"
	bookingMethods = "GET, HEAD, POST, PATCH, DELETE, OPTIONS"
)

// isData tells open data from pages.
func isData(path string) bool {
	for _, prefix := range []string{"/ogc", "/catalog", "/datasets/", "/api/", "/feeds/"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ortsnah/ortsnah"
)

// healthz says that the process runs and can answer. It asks nothing else, so
// that a lost database does not make a supervisor kill the program.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write([]byte("ok\n"))
	return err
}

// readyz says whether requests will be served now: both pools answer.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	for _, pool := range []interface{ Ping(context.Context) error }{s.DB, s.Open} {
		if err := pool.Ping(ctx); err != nil {
			return ortsnah.E(ortsnah.Unavailable, "geo.database_away").Because(err)
		}
	}
	return s.healthz(w, r)
}

// robots lets search engines read everything but the API's endless pages.
func (s *Server) robots(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write([]byte("User-agent: *\nDisallow: /ogc/collections/\nDisallow: /api/\n"))
	return err
}

// measured counts and times the requests of one route.
func (s *Server) measured(path string, h http.Handler) http.Handler {
	seconds := s.requestSeconds()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		code := &codeWriter{ResponseWriter: w, code: http.StatusOK}
		defer func() {
			seconds.WithLabelValues(r.Method, path, strconv.Itoa(code.code)).Observe(time.Since(began).Seconds())
		}()
		h.ServeHTTP(code, r)
	})
}

func (s *Server) requestSeconds() *prometheus.HistogramVec {
	v := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "ortsnah_http_request_seconds", Help: "Time to answer a request, by route and status.",
		Buckets: []float64{.001, .005, .025, .1, .5, 2, 10},
	}, []string{"method", "route", "status"})
	if err := s.Metrics.Register(v); err != nil {
		if old, ok := err.(prometheus.AlreadyRegisteredError); ok {
			return old.ExistingCollector.(*prometheus.HistogramVec)
		}
	}
	return v
}

// codeWriter remembers the status of the answer.
type codeWriter struct {
	http.ResponseWriter
	code int
}

func (w *codeWriter) WriteHeader(code int) {
	w.code = code
	w.ResponseWriter.WriteHeader(code)
}

// Unwrap gives http.ResponseController the writer below.
func (w *codeWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// compressible says which answers gzip makes smaller.
func compressible(contentType string) bool {
	for _, p := range []string{"text/", "application/json", "application/geo+json", "application/ld+json",
		"application/problem+json", "application/rdf+xml", "application/n-triples", "application/vnd.oai",
		"application/javascript", "image/svg"} {
		if strings.HasPrefix(contentType, p) {
			return true
		}
	}
	return false
}

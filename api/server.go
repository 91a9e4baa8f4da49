package api

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/gorilla/mux"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/klauspost/compress/gzhttp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/travel"
)

// Server answers every HTTP request of one town. All fields are set once,
// before Handler; it is safe for concurrent use.
type Server struct {
	DB      *pgxpool.Pool // owner of the schemas
	Open    *pgxpool.Pool // role ortsnah_open: schema open only
	Town    catalog.Town
	Pages   *web.Renderer
	Files   string // folder of published snapshots, <data>/files
	BaseURL string // scheme and host of absolute links, without slash at the end
	Log     *slog.Logger
	Metrics *prometheus.Registry
	Now     func() time.Time // the clock; time.Now outside tests
	Zone    *time.Location   // of the town

	Districts *Districts   // in-memory index, reloaded when the dataset changes
	Travel    *travel.Live // how long ways take, reloaded when construction sites change; nil: straight lines

	Reception *booking.Reception // makes and keeps appointments
	Planning  *planning.Desk     // works on runs of siting; nil: runs wait
	Staff     *auth.Door         // lets members of the staff in
	Limits    Limits             // how often one address may ask
	Proof     bool               // reserving on the web needs a proof of work

	OnVersion func(dataset string) // called by Listen for every new version; may be nil

	limiters    limiters
	unmet       unmetMemory
	feed        slotFeed
	placesKnown placeMemory
	state       state   // what is remembered of the catalogue
	buffers     buffers // of answers
}

// Handler is the public HTTP interface: the routes, wrapped in what every
// answer needs.
func (s *Server) Handler() http.Handler {
	router := mux.NewRouter().UseEncodedPath().SkipClean(true)
	// The path comes before the methods: mux takes a method that another path
	// has for a match, and would answer 404 instead of 405.
	for _, rt := range s.routes() {
		router.StrictSlash(rt.oneSlash())
		h := s.recovered(s.answer(s.guarded(rt)))
		router.Path(rt.path).Methods(rt.methods()...).Handler(s.measured(rt.path, h))
		if rt.page && rt.path != "/" {
			router.Path("/en" + rt.path).Methods(rt.methods()...).Handler(s.measured("/en"+rt.path, h))
		}
		if rt.page && rt.path == "/" {
			router.Path("/en").Methods(rt.methods()...).Handler(s.measured("/en", h))
			router.Path("/en/").Methods(rt.methods()...).Handler(s.measured("/en", h))
		}
	}
	router.PathPrefix(web.AssetPrefix).Handler(s.answer(func(w http.ResponseWriter, r *http.Request) error {
		s.Pages.Assets().ServeHTTP(w, r)
		return nil
	}))
	router.NotFoundHandler = s.answer(s.noRoute)
	router.MethodNotAllowedHandler = s.answer(noMethod(router))
	return s.recovered(secured(public(compressed(s.limited(router)))))
}

// compressed answers with gzip where it is asked for and pays: text, not
// archives or ranges of files.
func compressed(h http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.CompressionLevel(1), gzhttp.MinSize(1024),
		gzhttp.ContentTypeFilter(compressible))
	if err != nil {
		panic(err) // constant options: cannot happen
	}
	return wrap(h)
}

// secured sets the headers that every answer carries. Pages add their own
// Content-Security-Policy; everything else gets the strictest.
func secured(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "same-origin")
		head.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
		head.Set("Cross-Origin-Resource-Policy", "cross-origin") // open data is for every site
		h.ServeHTTP(w, r)
	})
}

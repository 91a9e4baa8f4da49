package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gorilla/mux"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// handler is what routes.go lists: it answers, or returns why it cannot.
type handler func(w http.ResponseWriter, r *http.Request) error

// status maps each kind of error to its HTTP status (RFC 9110, section 15).
func status(k ortsnah.Kind) int {
	switch k {
	case ortsnah.Invalid:
		return http.StatusBadRequest
	case ortsnah.NotFound:
		return http.StatusNotFound
	case ortsnah.Gone:
		return http.StatusGone
	case ortsnah.Conflict:
		return http.StatusConflict
	case ortsnah.Forbidden:
		return http.StatusForbidden
	case ortsnah.Unacceptable:
		return http.StatusNotAcceptable
	case ortsnah.Unsupported:
		return http.StatusMethodNotAllowed
	case ortsnah.TooLarge:
		return http.StatusRequestEntityTooLarge
	case ortsnah.TooMany:
		return http.StatusTooManyRequests
	case ortsnah.Unproven:
		return http.StatusUnauthorized
	case ortsnah.WrongMedia:
		return http.StatusUnsupportedMediaType
	case ortsnah.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// longestAnswer bounds what one request may keep the database busy with.
const longestAnswer = 2 * time.Minute

// answer runs h and turns the error it returns into an answer.
func (s *Server) answer(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), longestAnswer)
		defer cancel()
		sent := &sentWriter{ResponseWriter: w}
		err := h(sent, r.WithContext(context.WithValue(ctx, wholeKey{}, whole(r))))
		if err == nil {
			return
		}
		if sent.wrote {
			// The head is out: breaking the connection is the only way left
			// to tell the client that this is not the whole answer.
			if r.Context().Err() == nil {
				s.Log.Error("answer broke off", "route", routeOf(r), "error", err)
			}
			panic(http.ErrAbortHandler)
		}
		s.fail(w, r, err)
	})
}

type wholeKey struct{}

// whole is the context of a request that may take longer than longestAnswer,
// because its answer comes in pieces: it ends when the client hangs up.
func whole(r *http.Request) context.Context {
	if ctx, ok := r.Context().Value(wholeKey{}).(context.Context); ok {
		return ctx
	}
	return r.Context()
}

// routeOf names the route of r in logs: never the address itself, in which a
// person may have typed a name. "" where no route fits.
func routeOf(r *http.Request) string {
	if route := mux.CurrentRoute(r); route != nil {
		if path, err := route.GetPathTemplate(); err == nil {
			return path
		}
	}
	return ""
}

// fail answers with err's sentence. Only what the program did not foresee is
// logged.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the client hung up: nobody to answer
	}
	if away(err) {
		err = ortsnah.E(ortsnah.Unavailable, "geo.database_away").Because(err)
	}
	kind := ortsnah.KindOf(err)
	code := status(kind)
	if code >= 500 {
		s.Log.Error("request failed", "method", r.Method, "route", routeOf(r), "error", err)
	}
	if kind == ortsnah.Unavailable {
		w.Header().Set("Retry-After", "10")
	}
	if e, ok := errors.AsType[*ortsnah.Error](err); ok && kind == ortsnah.TooMany {
		w.Header().Set("Retry-After", fmt.Sprint(e.Args["n"])) // RFC 6585, section 4
	}
	if kind == ortsnah.Unproven {
		w.Header().Set("WWW-Authenticate", `Bearer realm="appointment"`) // RFC 6750, section 3
	}
	w.Header().Set("Cache-Control", "no-store")
	for _, name := range []string{"ETag", "Content-Disposition", "Link"} {
		w.Header().Del(name) // of the answer that did not come
	}
	if wantsPage(r) {
		lang := web.LangOf(r)
		page := web.ErrorPage{Status: code, Sentence: i18n.Error(lang, err), Next: i18n.Next(lang, kind)}
		if s.Pages.Render(w, r, code, page) == nil {
			return
		}
	}
	writeProblem(w, code, err)
}

// away reports whether err means that the database cannot answer now: it is
// not there, it broke off in the middle of an answer, or it took too long.
func away(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true // also where the server is there and lets nobody in
	}
	return postgis.Away(err) || errors.Is(err, context.DeadlineExceeded) || pgconn.SafeToRetry(err) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed)
}

// problem is RFC 9457 problem details with the sentence in both languages.
type problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	DetailEN string `json:"detail_en"`
	Field    string `json:"field,omitempty"`

	// Beside booking.taken and api.choose_an_address.
	Alternatives []proposalAnswer  `json:"alternatives,omitzero"`
	None         *saidWhy          `json:"none,omitzero"`
	Addresses    []booking.Address `json:"addresses,omitzero"`
}

func writeProblem(w http.ResponseWriter, code int, err error) {
	p := problem{Type: "about:blank", Title: http.StatusText(code), Status: code,
		Detail: i18n.Error("de", err), DetailEN: i18n.Error("en", err)}
	if e, ok := errors.AsType[*ortsnah.Error](err); ok {
		p.Type, p.Field = "urn:ortsnah:problem:"+e.Key, e.Field
		if standard, ok := ogcExceptions()[e.Key]; ok {
			p.Type = standard
		}
	}
	p.more(err)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(code)
	// The client may have hung up; there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(p)
}

// wantsPage reports whether a person is looking: a page's path, or an Accept
// header that prefers HTML.
func wantsPage(r *http.Request) bool {
	if strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/feeds/") {
		return false
	}
	if f := r.URL.Query().Get("f"); f != "" {
		return f == "html"
	}
	accept := r.Header.Values("Accept")
	if !isData(r.URL.Path) && acceptable(accept, "text/html") > 0 {
		return true
	}
	return acceptable(accept, "text/html") > acceptable(accept, "application/problem+json")
}

func (s *Server) noRoute(http.ResponseWriter, *http.Request) error {
	return ortsnah.E(ortsnah.NotFound, "api.no_such_page")
}

// noMethod says which methods the address has (RFC 9110, section 15.5.6).
func noMethod(router *mux.Router) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		allowed := allowedFor(router, r)
		w.Header().Set("Allow", allowed)
		return ortsnah.E(ortsnah.Unsupported, "api.no_such_method", "method", r.Method, "allowed", allowed)
	}
}

// allowedFor lists the methods of the address of r.
func allowedFor(router *mux.Router, r *http.Request) string {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = method
		var match mux.RouteMatch
		if router.Match(other, &match) && match.MatchErr == nil {
			allowed = append(allowed, method)
		}
	}
	return strings.Join(append(allowed, http.MethodOptions), ", ")
}

// recovered keeps one broken handler from ending the program.
func (s *Server) recovered(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler:
				panic(p)
			default:
				s.Log.Error("handler panicked", "route", routeOf(r), "panic", p, "stack", string(debug.Stack()))
				s.fail(w, r, ortsnah.E(ortsnah.Internal, "api.defect"))
			}
		}()
		h.ServeHTTP(w, r)
	})
}

// sentWriter remembers whether the head of the answer is out.
type sentWriter struct {
	http.ResponseWriter
	wrote bool
}

func (w *sentWriter) WriteHeader(code int) {
	w.wrote = true
	w.ResponseWriter.WriteHeader(code)
}

// A client must take a piece of an answer within this time: slow lines may,
// one that reads nothing does not keep an answer in memory for ever.
const (
	piece     = 256 << 10
	pieceTime = 30 * time.Second
)

func (w *sentWriter) Write(b []byte) (n int, err error) {
	w.wrote = true
	patience := http.NewResponseController(w.ResponseWriter)
	for first := true; first || len(b) > 0; first = false {
		// Not every writer has deadlines; then the server's own holds.
		_ = patience.SetWriteDeadline(time.Now().Add(pieceTime))
		m, err := w.ResponseWriter.Write(b[:min(piece, len(b))])
		n += m
		if err != nil {
			return n, err
		}
		b = b[m:]
	}
	return n, nil
}

// Unwrap gives http.ResponseController the writer below.
func (w *sentWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

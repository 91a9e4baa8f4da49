package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/api/web"
)

// Where members of the staff sign in, and what they see first.
const (
	signInPath  = "/dienst/anmelden"
	signOutPath = "/dienst/abmelden"
	staffPath   = "/dienst"
)

// Bounds of what a form may send; staff also upload plans.
const (
	longestPost      = 64 << 10
	longestStaffPost = 16 << 20
)

type signedInKey struct{}

// guarded wraps the handler of rt in what its line in the table asks for: who
// may, that the request comes from our own pages, and how much it may send.
func (s *Server) guarded(rt route) handler {
	h := rt.handler
	if strings.HasPrefix(rt.path, ownPath) {
		h = s.opened(h)
	}
	if !rt.page && rt.who == nil {
		return h
	}
	if len(rt.who) > 0 {
		h = s.only(rt.who, h)
	}
	if rt.method == get {
		return h
	}
	crossOrigin := http.NewCrossOriginProtection()
	if s.BaseURL != "" {
		// Behind a proxy the host may differ from what the browser was told.
		if err := crossOrigin.AddTrustedOrigin(s.BaseURL); err != nil {
			s.Log.Warn("the base URL is no origin; forms are held against the host alone", "error", err)
		}
	}
	longest := int64(longestPost)
	if len(rt.who) > 0 {
		longest = longestStaffPost
	}
	if rt.path == demandPath+"/einspielen" {
		longest = longestCensus
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		if err := crossOrigin.Check(r); err != nil {
			return ortsnah.E(ortsnah.Forbidden, "auth.cross_origin").Because(err)
		}
		r.Body = http.MaxBytesReader(w, r.Body, longest)
		return h(w, r)
	}
}

// only lets members of the staff pass who have one of roles. Others are shown
// the way: to the sign-in, or to whom to ask.
func (s *Server) only(roles []auth.Role, h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		head := w.Header()
		head.Set("Cache-Control", "no-store")
		head.Set("Cross-Origin-Resource-Policy", "same-origin")
		head.Set("Vary", "Cookie")
		session, err := s.session(r)
		if err != nil && ortsnah.KindOf(err) != ortsnah.Forbidden {
			return err
		}
		if err != nil || session.Stage != auth.Complete {
			return s.signInFirst(w, r, session)
		}
		ctx := context.WithValue(r.Context(), signedInKey{}, session)
		framed := r.WithContext(s.inFrame(ctx, session.Account)) // errors are shown in the frame, too
		s.answer(func(w http.ResponseWriter, r *http.Request) error {
			if !session.Account.Has(roles...) {
				return ortsnah.E(ortsnah.Forbidden, "auth.wrong_role")
			}
			return h(w, r)
		}).ServeHTTP(w, framed)
		return nil
	}
}

// signInFirst leads a person to the sign-in and back; programs get 401.
func (s *Server) signInFirst(w http.ResponseWriter, r *http.Request, session auth.Session) error {
	if !wantsPage(r) {
		w.Header().Set("WWW-Authenticate", `Cookie realm="ortsnah"`)
		return ortsnah.E(ortsnah.Unproven, "auth.sign_in_first")
	}
	lang := web.LangOf(r)
	if session.Stage != "" {
		return redirect(w, http.StatusSeeOther, inLang(lang, stepPath(session.Stage)))
	}
	back := staffPath
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		back = strings.TrimPrefix(r.URL.Path, "/en")
	}
	return redirect(w, http.StatusSeeOther, inLang(lang, signInPath)+"?weiter="+url.QueryEscape(back))
}

// inLang is the path of a page in a language.
func inLang(lang, path string) string {
	if lang == "en" {
		return "/en" + path
	}
	return path
}

// session is the session that the request's cookie opens.
func (s *Server) session(r *http.Request) (auth.Session, error) {
	cookie, err := r.Cookie(s.cookieName(r))
	if err != nil || s.Staff == nil {
		return auth.Session{}, ortsnah.E(ortsnah.Forbidden, "auth.no_session")
	}
	return s.Staff.Session(r.Context(), cookie.Value)
}

// signedIn is the session of the request; only routes that name roles have one.
func (s *Server) signedIn(r *http.Request) auth.Session {
	session, _ := r.Context().Value(signedInKey{}).(auth.Session)
	return session
}

// account is who has signed in, on routes that name roles.
func (s *Server) account(r *http.Request) auth.Account { return s.signedIn(r).Account }

// actor is who has signed in, as audit rows name it.
func (s *Server) actor(r *http.Request) ortsnah.Actor { return auth.Actor(s.account(r).ID) }

func (s *Server) https(r *http.Request) bool { return strings.HasPrefix(s.base(r), "https://") }

// cookieName has the prefix that keeps other hosts of the domain from setting
// the cookie (RFC 6265bis, section 4.1.3.2) wherever the browser allows it.
func (s *Server) cookieName(r *http.Request) string {
	if s.https(r) {
		return "__Host-ortsnah"
	}
	return "ortsnah"
}

// setSession gives the browser a session; an empty token takes it away.
func (s *Server) setSession(w http.ResponseWriter, r *http.Request, token string) {
	s.setCookie(w, r, s.cookieName(r), token)
}

func (s *Server) setCookie(w http.ResponseWriter, r *http.Request, name, value string) {
	c := &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, Secure: s.https(r), SameSite: http.SameSiteLaxMode}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// form reads the form that was posted: well-formed, valid UTF-8, without bytes that
// no text has. Errors: Invalid api.bad_form, TooLarge api.form_too_large.
func form(r *http.Request) (url.Values, error) {
	var err error
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		err = r.ParseMultipartForm(1 << 20)
	} else {
		err = r.ParseForm()
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, ortsnah.E(ortsnah.TooLarge, "auth.form_too_large")
	}
	if err != nil {
		return nil, ortsnah.E(ortsnah.Invalid, "auth.bad_form").Because(err)
	}
	for name, values := range r.PostForm {
		for _, v := range append(values, name) {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return nil, ortsnah.E(ortsnah.Invalid, "auth.bad_form").About(name)
			}
		}
	}
	return r.PostForm, nil
}

// ofStaff says whether members of the staff work at a path.
func ofStaff(path string) bool {
	for _, prefix := range []string{staffPath, web.PlanningPrefix} {
		if path == prefix || strings.HasPrefix(path, prefix+"/") {
			return true
		}
	}
	return false
}

// localPath is a path of our own pages that somebody may be sent to, or
// otherwise: never another host, however the browser reads it.
func localPath(path, otherwise string) string {
	u, err := url.Parse(strings.TrimPrefix(path, "/en"))
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !ofStaff(u.Path) ||
		strings.ContainsAny(path, "\\\r\n\t\x00") || strings.Contains(u.Path, "//") || strings.HasPrefix(u.Path, signInPath) || u.Path == signOutPath {
		return otherwise
	}
	return u.RequestURI()
}

package api

import (
	"net/http"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
)

// returnPath is where the provider of the single sign-on sends people back to;
// the operator enters it there.
const returnPath = signInPath + "/zurueck"

func (s *Server) handshakeCookie(r *http.Request) string { return s.cookieName(r) + "-stadtkonto" }

// signInElsewhere answers GET /dienst/anmelden/stadtkonto: off to the provider.
func (s *Server) signInElsewhere(w http.ResponseWriter, r *http.Request) error {
	if s.Staff.OIDC == nil {
		return s.noRoute(w, r)
	}
	next := inLang(web.LangOf(r), localPath(r.URL.Query().Get("weiter"), staffPath))
	address, cookie, err := s.Staff.Depart(r.Context(), s.base(r)+returnPath, next)
	if err != nil {
		return s.signInFailed(w, r, err)
	}
	s.setCookie(w, r, s.handshakeCookie(r), cookie)
	w.Header().Set("Cache-Control", "no-store")
	return redirect(w, http.StatusSeeOther, address)
}

// signInReturned answers GET /dienst/anmelden/zurueck.
func (s *Server) signInReturned(w http.ResponseWriter, r *http.Request) error {
	if s.Staff.OIDC == nil {
		return s.noRoute(w, r)
	}
	back := auth.Return{State: r.URL.Query().Get("state"), Code: r.URL.Query().Get("code"), Back: s.base(r) + returnPath,
		Device: deviceOf(r.UserAgent())}
	if cookie, err := r.Cookie(s.handshakeCookie(r)); err == nil {
		back.Cookie = cookie.Value
	}
	s.setCookie(w, r, s.handshakeCookie(r), "")
	token, stage, next, err := s.Staff.Arrive(r.Context(), back)
	if err != nil {
		return s.signInFailed(w, r, err)
	}
	if err := s.forgetSession(r); err != nil {
		return err
	}
	s.setSession(w, r, token)
	w.Header().Set("Cache-Control", "no-store")
	if stage != auth.Complete {
		return onward(w, r, stage, next)
	}
	return redirect(w, http.StatusSeeOther, next)
}

// signInFailed shows the sign-in with why the single one did not work.
func (s *Server) signInFailed(w http.ResponseWriter, r *http.Request, err error) error {
	kind := ortsnah.KindOf(err)
	if kind != ortsnah.Forbidden && kind != ortsnah.Unavailable {
		return err
	}
	s.Log.Warn("single sign-on failed", "error", err)
	notice := web.Notice{Text: i18n.Error(web.LangOf(r), err), Error: true}
	return s.staffPage(w, r, status(kind), s.signInForm("", staffPath, notice))
}

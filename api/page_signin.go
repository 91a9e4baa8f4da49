package api

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
)

// stepPath is the page of what a session still needs.
func stepPath(stage auth.Stage) string {
	switch stage {
	case auth.NeedsCode:
		return signInPath + "/code"
	case auth.NeedsPassword:
		return signInPath + "/passwort"
	case auth.NeedsEnrol:
		return signInPath + "/faktor"
	}
	return staffPath
}

// onward leads to the next step of signing in, or to where it was wanted for.
func onward(w http.ResponseWriter, r *http.Request, stage auth.Stage, next string) error {
	lang := web.LangOf(r)
	next = localPath(next, staffPath)
	if stage == auth.Complete {
		return redirect(w, http.StatusSeeOther, inLang(lang, next))
	}
	return redirect(w, http.StatusSeeOther, inLang(lang, stepPath(stage))+"?weiter="+url.QueryEscape(next))
}

// objection is the sentence about an error at a form of signing in; other
// errors are given back.
func objection(w http.ResponseWriter, r *http.Request, err error) (notice web.Notice, code int, other error) {
	if e, ok := errors.AsType[*auth.TooMany](err); ok {
		w.Header().Set("Retry-After", strconv.Itoa(int((e.After+time.Second-1)/time.Second)))
		return web.Notice{Text: i18n.Error(web.LangOf(r), err), Error: true}, http.StatusTooManyRequests, nil
	}
	return refusal(r, err)
}

// attempt is what a form of signing in says about who is at it.
func (s *Server) attempt(r *http.Request) auth.Attempt {
	return auth.Attempt{Address: s.client(r), Device: deviceOf(r.UserAgent())}
}

// client is the network that the request comes from.
func (s *Server) client(r *http.Request) string { return clientOf(r, s.Limits.TrustedProxies).String() }

// signIn answers GET /dienst/anmelden.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) error {
	next := localPath(r.URL.Query().Get("weiter"), staffPath)
	if session, err := s.session(r); err == nil {
		return onward(w, r, session.Stage, next)
	}
	return s.staffPage(w, r, http.StatusOK, s.signInForm("", next, doneNotice(r)))
}

func (s *Server) signInForm(name, next string, notice web.Notice) web.SignIn {
	p := web.SignIn{Name: name, Next: next, Notice: notice}
	if s.Staff.OIDC != nil {
		p.OIDCPath = signInPath + "/stadtkonto?weiter=" + url.QueryEscape(next)
	}
	return p
}

// signInPosted answers POST /dienst/anmelden.
func (s *Server) signInPosted(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	next := localPath(v.Get("weiter"), staffPath)
	a := s.attempt(r)
	a.Name, a.Password = v.Get("name"), v.Get("password")
	token, stage, err := s.Staff.SignIn(r.Context(), a)
	if err != nil {
		notice, code, other := objection(w, r, err)
		if other != nil {
			return other
		}
		return s.staffPage(w, r, code, s.signInForm(typed(a.Name), next, notice))
	}
	if err := s.forgetSession(r); err != nil {
		return err
	}
	s.setSession(w, r, token)
	return onward(w, r, stage, next)
}

// forgetSession ends the session that the browser had before, if any.
func (s *Server) forgetSession(r *http.Request) error {
	cookie, err := r.Cookie(s.cookieName(r))
	if err != nil {
		return nil
	}
	return s.Staff.SignOut(r.Context(), cookie.Value)
}

// signOut answers POST /dienst/abmelden.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.forgetSession(r); err != nil {
		return err
	}
	s.setSession(w, r, "")
	w.Header().Set("Clear-Site-Data", `"cache"`)
	return s.done(w, r, signInPath, "signed_out")
}

// atStep runs h for who has signed in as far as stage; others are sent to
// where they are.
func (s *Server) atStep(stage auth.Stage, h func(http.ResponseWriter, *http.Request, auth.Session, url.Values) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := form(r)
		if err != nil {
			return err
		}
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			v = r.URL.Query()
		}
		session, err := s.session(r)
		switch {
		case ortsnah.KindOf(err) == ortsnah.Forbidden && err != nil:
			return redirect(w, http.StatusSeeOther, inLang(web.LangOf(r), signInPath))
		case err != nil:
			return err
		case session.Stage != stage:
			return onward(w, r, session.Stage, v.Get("weiter"))
		}
		v.Set("weiter", localPath(v.Get("weiter"), staffPath))
		return h(w, r, session, v)
	}
}

// signInCode answers /dienst/anmelden/code.
func (s *Server) signInCode(w http.ResponseWriter, r *http.Request, session auth.Session, v url.Values) error {
	p := web.SignInCode{Next: v.Get("weiter")}
	if r.Method != http.MethodPost {
		return s.staffPage(w, r, http.StatusOK, p)
	}
	token, stage, err := s.Staff.SecondFactor(r.Context(), session, v.Get("code"), s.client(r))
	if err != nil {
		notice, code, other := objection(w, r, err)
		if other != nil {
			return other
		}
		p.Notice = notice
		return s.staffPage(w, r, code, p)
	}
	s.setSession(w, r, token)
	return onward(w, r, stage, p.Next)
}

// signInPassword answers /dienst/anmelden/passwort.
func (s *Server) signInPassword(w http.ResponseWriter, r *http.Request, session auth.Session, v url.Values) error {
	p := web.SignInPassword{Next: v.Get("weiter"), Name: session.Account.ID, Min: auth.ShortestPassword}
	if r.Method != http.MethodPost {
		return s.staffPage(w, r, http.StatusOK, p)
	}
	token, stage, err := s.newPassword(r, session, v)
	if err != nil {
		notice, code, other := objection(w, r, err)
		if other != nil {
			return other
		}
		p.Notice = notice
		return s.staffPage(w, r, code, p)
	}
	s.setSession(w, r, token)
	return onward(w, r, stage, p.Next)
}

// newPassword sets the password that was typed twice.
func (s *Server) newPassword(r *http.Request, session auth.Session, v url.Values) (string, auth.Stage, error) {
	if v.Get("fresh") != v.Get("again") {
		return "", "", ortsnah.E(ortsnah.Invalid, "auth.password_differs").About("again")
	}
	return s.Staff.SetPassword(r.Context(), session, v.Get("old"), v.Get("fresh"), s.client(r))
}

// signInEnrol answers /dienst/anmelden/faktor and /dienst/konto/faktor.
func (s *Server) signInEnrol(w http.ResponseWriter, r *http.Request, session auth.Session, v url.Values) error {
	if r.Method != http.MethodPost {
		return s.enrolForm(w, r, http.StatusOK, session, v, web.Notice{})
	}
	token, codes, err := s.Staff.ConfirmEnrol(r.Context(), session, v.Get("code"), v.Get("old"), s.client(r))
	if err != nil {
		notice, code, other := objection(w, r, err)
		if other != nil {
			return other
		}
		return s.enrolForm(w, r, code, session, v, notice)
	}
	s.setSession(w, r, token)
	next := v.Get("weiter")
	if session.Stage == auth.Complete {
		next = "/dienst/konto"
	}
	return s.staffPage(w, r, http.StatusOK, web.SignInCodes{Codes: codes, Next: localPath(next, staffPath)})
}

func (s *Server) enrolForm(w http.ResponseWriter, r *http.Request, code int, session auth.Session, v url.Values, notice web.Notice) error {
	e, err := s.Staff.Enrol(r.Context(), session, s.Town.Name)
	if err != nil {
		return err
	}
	entry, err := auth.EntryOf(r.Context(), s.DB, session.Account.ID)
	if err != nil {
		return err
	}
	picture, err := qrPath(e.URI)
	if err != nil {
		return err
	}
	return s.staffPage(w, r, code, web.SignInEnrol{Path: strings.TrimPrefix(r.URL.Path, "/en"), Next: v.Get("weiter"), Secret: e.Secret,
		QR: picture, Needed: session.Stage == auth.NeedsEnrol, Name: session.Account.ID,
		Password: session.Stage == auth.Complete && entry.HasPassword, Notice: notice})
}

// deviceOf names browser and system in two words, so that people know their
// sign-ins apart.
func deviceOf(userAgent string) string {
	first := func(names ...string) string {
		for i := 0; i+1 < len(names); i += 2 {
			if strings.Contains(userAgent, names[i]) {
				return names[i+1]
			}
		}
		return ""
	}
	browser := first("Edg", "Edge", "OPR/", "Opera", "Firefox", "Firefox", "Chrom", "Chrome", "Safari", "Safari")
	system := first("Windows", "Windows", "Android", "Android", "iPhone", "iPhone", "iPad", "iPad", "Mac OS", "macOS", "Linux", "Linux")
	return strings.Trim(browser+", "+system, ", ")
}

package api

import (
	"context"
	"net/http"
	"regexp"
	"strings"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
)

// The citizen's account, which nobody needs: /termin works without. Who has
// signed in opens the appointments of the account without typing their codes.
//
//	/konto/anmelden, /konto/neu   sign in, open an account
//	/konto                        appointments, what the town holds instead
//	/konto/postfach               messages
//	/konto/einstellungen          address, password, sign-ins, details
//	/konto/auskunft.json          everything that is stored (GDPR, articles 15 and 20)
//	/konto/loeschen               everything goes
const (
	kontoPath         = "/konto"
	kontoSignInPath   = "/konto/anmelden"
	kontoSettingsPath = "/konto/einstellungen"
	ownPath           = "/termin/b/" // pages of an appointment, which an account opens
)

// ofCitizen runs h for a citizen who has signed in; others are led to the
// sign-in and back.
func (s *Server) ofCitizen(h func(http.ResponseWriter, *http.Request, auth.CitizenSession) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		personal(w)
		session, err := s.citizen(r)
		if ortsnah.KindOf(err) == ortsnah.Forbidden && err != nil {
			s.setCookie(w, r, s.kontoCookie(r), "")
			back := kontoPath
			if r.Method == http.MethodGet || r.Method == http.MethodHead {
				back = germanPath(r)
			}
			return see(w, r, signInFor(back))
		}
		if err != nil {
			return err
		}
		return h(w, r, session)
	}
}

// personal marks an answer that is for one reader alone.
func personal(w http.ResponseWriter) {
	head := w.Header()
	head.Set("Cache-Control", private)
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
	head.Set("Vary", "Cookie")
}

func (s *Server) kontoPage(w http.ResponseWriter, r *http.Request, code int, p web.Page) error {
	personal(w)
	return s.Pages.Render(w, r, code, p)
}

// kontoCookie names the cookie of a citizen's session, as cookieName does the
// staff's.
func (s *Server) kontoCookie(r *http.Request) string {
	if s.https(r) {
		return "__Host-konto"
	}
	return "konto"
}

// citizen is the session that the request's cookie opens. Error: Forbidden
// auth.no_session.
func (s *Server) citizen(r *http.Request) (auth.CitizenSession, error) {
	cookie, err := r.Cookie(s.kontoCookie(r))
	if err != nil || s.Staff == nil {
		return auth.CitizenSession{}, ortsnah.E(ortsnah.Forbidden, "auth.no_session")
	}
	return s.Staff.Citizens().Session(r.Context(), cookie.Value)
}

// isCitizen is citizen for pages that everybody may see; ok says whether
// anybody has signed in.
func (s *Server) isCitizen(r *http.Request) (session auth.CitizenSession, ok bool, err error) {
	session, err = s.citizen(r)
	if err != nil && ortsnah.KindOf(err) == ortsnah.Forbidden {
		return session, false, nil
	}
	return session, err == nil, err
}

// signInFor is the sign-in that leads back to path.
func signInFor(path string) string {
	if path == kontoPath {
		return kontoSignInPath
	}
	return kontoSignInPath + "?weiter=" + path
}

// kontoNext is a page of ours that one may be sent to after the sign-in.
func kontoNext(path string) string {
	if regexp.MustCompile(`^/(konto|termin)(/[A-Za-z0-9._-]+)*$`).MatchString(path) && !strings.HasPrefix(path, kontoSignInPath) && path != "/konto/neu" {
		return path
	}
	return kontoPath
}

// kontoNotice is the sentence about what has just been done.
func kontoNotice(r *http.Request) web.Notice {
	key := "konto.done." + typed(r.URL.Query().Get("meldung"))
	if !i18n.Has(key) {
		return web.Notice{}
	}
	return web.Notice{Text: i18n.Text(web.LangOf(r), key, nil)}
}

// kontoSignIn answers GET and POST /konto/anmelden.
func (s *Server) kontoSignIn(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		return s.kontoEntrance(w, r, func(next string) web.Page { return web.AccountSignIn{Next: next, Notice: kontoNotice(r)} })
	}
	v, err := form(r)
	if err != nil {
		return err
	}
	a, next := s.attempt(r), kontoNext(v.Get("weiter"))
	a.Name, a.Password = v.Get("email"), v.Get("password")
	token, err := s.Staff.Citizens().SignIn(r.Context(), a)
	if err != nil {
		notice, code, other := objection(w, r, err)
		if other != nil {
			return other
		}
		return s.kontoPage(w, r, code, web.AccountSignIn{Email: typed(a.Name), Next: next, Notice: notice})
	}
	return s.enter(w, r, token, next)
}

// kontoNew answers GET and POST /konto/neu.
func (s *Server) kontoNew(w http.ResponseWriter, r *http.Request) error {
	p := web.AccountNew{Min: auth.ShortestPassword, Months: auth.CitizenMonths}
	if r.Method != http.MethodPost {
		return s.kontoEntrance(w, r, func(next string) web.Page { p.Next = next; return p })
	}
	v, err := form(r)
	if err != nil {
		return err
	}
	if err := s.person(r); err != nil {
		return err
	}
	a := s.attempt(r)
	a.Name, a.Password, p.Email, p.Next = v.Get("email"), v.Get("fresh"), typed(v.Get("email")), kontoNext(v.Get("weiter"))
	token, err := "", error(ortsnah.E(ortsnah.Invalid, "auth.password_differs").About("again"))
	if v.Get("fresh") == v.Get("again") {
		token, err = s.Staff.Citizens().Open(r.Context(), a)
	}
	if err != nil {
		notice, code, other := objection(w, r, err)
		if other != nil {
			return other
		}
		p.Notice = notice
		return s.kontoPage(w, r, code, p)
	}
	return s.enter(w, r, token, p.Next)
}

// kontoEntrance shows a form of signing in, unless somebody has done so.
func (s *Server) kontoEntrance(w http.ResponseWriter, r *http.Request, page func(next string) web.Page) error {
	next := kontoNext(r.URL.Query().Get("weiter"))
	_, in, err := s.isCitizen(r)
	if err != nil {
		return err
	}
	if in {
		personal(w)
		return see(w, r, next)
	}
	return s.kontoPage(w, r, http.StatusOK, page(next))
}

// enter gives the browser a session in place of the one it had.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, token, next string) error {
	if cookie, err := r.Cookie(s.kontoCookie(r)); err == nil {
		if err := s.Staff.Citizens().SignOut(r.Context(), cookie.Value); err != nil {
			return err
		}
	}
	s.setCookie(w, r, s.kontoCookie(r), token)
	return see(w, r, next)
}

// kontoSignOut answers POST /konto/abmelden.
func (s *Server) kontoSignOut(w http.ResponseWriter, r *http.Request) error {
	if cookie, err := r.Cookie(s.kontoCookie(r)); err == nil {
		if err := s.Staff.Citizens().SignOut(r.Context(), cookie.Value); err != nil {
			return err
		}
	}
	return s.leave(w, r, "signed_out")
}

// leave takes the session away and says what was done.
func (s *Server) leave(w http.ResponseWriter, r *http.Request, what string) error {
	personal(w)
	s.setCookie(w, r, s.kontoCookie(r), "")
	s.cookie(w, r, toldCookie, "", "/", 0)
	w.Header().Set("Clear-Site-Data", `"cache"`)
	return see(w, r, kontoSignInPath+"?meldung="+what)
}

type accountCodeKey struct{}

// opened lets the pages of an appointment use the code that the account of who
// has signed in has for it.
func (s *Server) opened(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		cookie, err := r.Cookie(s.kontoCookie(r))
		if err != nil || s.Staff == nil {
			return h(w, r)
		}
		code, err := s.Staff.Citizens().Code(r.Context(), cookie.Value, strings.ToUpper(pathVar(r, "reference")))
		if err != nil {
			return err
		}
		if code != "" {
			r = r.WithContext(context.WithValue(r.Context(), accountCodeKey{}, code))
		}
		return h(w, r)
	}
}

// accountCode is the code that opened has found; "" none.
func accountCode(r *http.Request) string {
	code, _ := r.Context().Value(accountCodeKey{}).(string)
	return code
}

// intoAccount puts an appointment into the account of who has signed in, if
// anybody has. From then on the account opens it, and the browser forgets the
// code: it may not be the citizen's own.
func (s *Server) intoAccount(w http.ResponseWriter, r *http.Request, reference, code string) error {
	session, ok, err := s.isCitizen(r)
	if err != nil || !ok {
		return err
	}
	err = s.Staff.Citizens().Link(r.Context(), session.Citizen.ID, auth.Link{Appointment: reference, Code: code})
	if ortsnah.KindOf(err) == ortsnah.Conflict && err != nil {
		return nil // the account is full: the browser keeps the code
	}
	if err != nil {
		return err
	}
	s.keepCode(w, r, reference, "")
	return nil
}

// bookingIntoAccount answers POST /termin/b/{reference}/konto.
func (s *Server) bookingIntoAccount(w http.ResponseWriter, r *http.Request) error {
	a, err := s.mine(r)
	if err != nil {
		return s.notMine(w, r, err)
	}
	if a.Status != booking.Held {
		if err := s.intoAccount(w, r, a.ID, codeOf(r)); err != nil {
			return err
		}
	}
	return see(w, r, "/termin/b/"+a.ID)
}

// knownPerson is what a citizen wants written into the form of an appointment.
func (s *Server) knownPerson(r *http.Request) (booking.Person, error) {
	session, ok, err := s.isCitizen(r)
	if err != nil || !ok || !session.Citizen.Fill {
		return booking.Person{}, err
	}
	who := booking.Person{Surname: session.Citizen.Surname, Email: session.Citizen.Email}
	if name := s.toldBy(r).Name; name != "" {
		who.Surname = name // which has decided who is responsible
	}
	return who, nil
}

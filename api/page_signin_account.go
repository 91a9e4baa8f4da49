package api

import (
	"net/http"
	"net/url"

	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
)

const accountPath = "/dienst/konto"

// staffHome answers /dienst.
func (s *Server) staffHome(w http.ResponseWriter, r *http.Request) error {
	a := s.account(r)
	return s.staffPage(w, r, http.StatusOK, web.StaffHome{Name: a.Name, Entries: s.entriesOf(a)})
}

// ownAccount answers GET /dienst/konto.
func (s *Server) ownAccount(w http.ResponseWriter, r *http.Request) error {
	return s.accountPage(w, r, http.StatusOK, doneNotice(r))
}

func (s *Server) accountPage(w http.ResponseWriter, r *http.Request, code int, notice web.Notice) error {
	session := s.signedIn(r)
	entry, err := auth.EntryOf(r.Context(), s.DB, session.Account.ID)
	if err != nil {
		return err
	}
	sessions, err := s.Staff.Sessions(r.Context(), entry.ID)
	if err != nil {
		return err
	}
	p := web.StaffAccount{ID: entry.ID, Name: entry.Name, Roles: roleTexts(web.LangOf(r), entry.Roles), Password: entry.HasPassword,
		Min: auth.ShortestPassword, SecondFactor: entry.SecondFactor, FactorNeeded: entry.Has(auth.Administrator), Notice: notice}
	for _, other := range sessions {
		p.Sessions = append(p.Sessions, web.StaffSession{ID: other.ID, Device: other.Device, Since: other.Created,
			Seen: other.Seen, Here: other.ID == session.ID})
	}
	return s.staffPage(w, r, code, p)
}

// onAccount answers a form of /dienst/konto: do says what was done.
func (s *Server) onAccount(do func(http.ResponseWriter, *http.Request, auth.Session, url.Values) (string, error)) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := form(r)
		if err != nil {
			return err
		}
		what, err := do(w, r, s.signedIn(r), v)
		if err != nil {
			notice, code, other := objection(w, r, err)
			if other != nil {
				return other
			}
			return s.accountPage(w, r, code, notice)
		}
		return s.done(w, r, accountPath, what)
	}
}

// changePassword answers POST /dienst/konto/passwort.
func (s *Server) changePassword(w http.ResponseWriter, r *http.Request, session auth.Session, v url.Values) (string, error) {
	token, _, err := s.newPassword(r, session, v)
	if err == nil {
		s.setSession(w, r, token)
	}
	return "password_changed", err
}

// endSession answers POST /dienst/konto/anmeldung.
func (s *Server) endSession(_ http.ResponseWriter, r *http.Request, session auth.Session, v url.Values) (string, error) {
	return "session_ended", s.Staff.Revoke(r.Context(), session.Account.ID, v.Get("id"))
}

// dropFactor answers POST /dienst/konto/faktor/aus.
func (s *Server) dropFactor(_ http.ResponseWriter, r *http.Request, session auth.Session, v url.Values) (string, error) {
	return "factor_off", s.Staff.DropSecondFactor(r.Context(), session, v.Get("old"), s.client(r))
}

// roleTexts are the names of roles.
func roleTexts(lang string, roles []auth.Role) []string {
	texts := make([]string, len(roles))
	for i, role := range roles {
		texts[i] = i18n.Text(lang, "role."+string(role), nil)
	}
	return texts
}

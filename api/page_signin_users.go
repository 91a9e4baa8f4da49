package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
)

const usersPath = "/dienst/benutzer"

// users answers GET /dienst/benutzer.
func (s *Server) users(w http.ResponseWriter, r *http.Request) error {
	entries, err := auth.Entries(r.Context(), s.DB, "")
	if err != nil {
		return err
	}
	p := web.StaffUsers{Users: make([]web.StaffUser, len(entries))}
	for i, e := range entries {
		p.Users[i] = web.StaffUser{ID: e.ID, Name: e.Name, RoleNames: roleTexts(web.LangOf(r), e.Roles), Active: e.Active,
			MustChange: e.MustChange, SecondFactor: e.SecondFactor}
	}
	return s.staffPage(w, r, http.StatusOK, p)
}

// newUser answers GET /dienst/benutzer-neu.
func (s *Server) newUser(w http.ResponseWriter, r *http.Request) error {
	return s.userPage(w, r, http.StatusOK, web.StaffUser{New: true}, auth.Change{})
}

// userAdded answers POST /dienst/benutzer: the password is told here and never
// again.
func (s *Server) userAdded(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	c := changeOf(v)
	c.ID = strings.ToLower(strings.TrimSpace(v.Get("id")))
	password := auth.Invented()
	if err := s.Staff.Add(r.Context(), s.actor(r), c, password, true); err != nil {
		return s.userRefused(w, r, err, web.StaffUser{New: true}, c)
	}
	return s.userShown(w, r, http.StatusCreated, c.ID, web.StaffUser{Password: password})
}

// user answers GET /dienst/benutzer/{id}.
func (s *Server) user(w http.ResponseWriter, r *http.Request) error {
	return s.userShown(w, r, http.StatusOK, pathVar(r, "id"), web.StaffUser{Notice: doneNotice(r)})
}

// userEdited answers POST /dienst/benutzer/{id}.
func (s *Server) userEdited(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	c := changeOf(v)
	c.ID = pathVar(r, "id")
	if err := s.Staff.Edit(r.Context(), s.actor(r), c); err != nil {
		entry, missing := auth.EntryOf(r.Context(), s.DB, c.ID)
		if missing != nil {
			return missing
		}
		return s.userRefused(w, r, err, shownUser(entry), c)
	}
	return s.done(w, r, userPath(c.ID), "account_saved")
}

// userLocked answers POST /dienst/benutzer/{id}/sperre.
func (s *Server) userLocked(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	id, locked := pathVar(r, "id"), v.Get("gesperrt") == "ja"
	if err := s.Staff.Lock(r.Context(), s.actor(r), id, locked); err != nil {
		return s.userKept(w, r, err, id)
	}
	if locked {
		return s.done(w, r, userPath(id), "account_locked")
	}
	return s.done(w, r, userPath(id), "account_unlocked")
}

// userReset answers POST /dienst/benutzer/{id}/passwort.
func (s *Server) userReset(w http.ResponseWriter, r *http.Request) error {
	id, password := pathVar(r, "id"), auth.Invented()
	if err := s.Staff.Reset(r.Context(), s.actor(r), id, password, true); err != nil {
		return s.userKept(w, r, err, id)
	}
	return s.userShown(w, r, http.StatusOK, id, web.StaffUser{Password: password})
}

// userFactor answers POST /dienst/benutzer/{id}/faktor.
func (s *Server) userFactor(w http.ResponseWriter, r *http.Request) error {
	id := pathVar(r, "id")
	if err := s.Staff.ResetSecondFactor(r.Context(), s.actor(r), id); err != nil {
		return s.userKept(w, r, err, id)
	}
	return s.done(w, r, userPath(id), "factor_reset")
}

func userPath(id string) string { return usersPath + "/" + url.PathEscape(id) }

func changeOf(v url.Values) auth.Change {
	c := auth.Change{Name: typed(v.Get("name")), Clerk: v.Get("clerk"), Office: v.Get("office"), Site: v.Get("site")}
	for _, role := range v["roles"] {
		c.Roles = append(c.Roles, auth.Role(role))
	}
	return c
}

// userShown answers with the page of an account and what p says beside it.
func (s *Server) userShown(w http.ResponseWriter, r *http.Request, code int, id string, p web.StaffUser) error {
	entry, err := auth.EntryOf(r.Context(), s.DB, id)
	if err != nil {
		return err
	}
	shown := shownUser(entry)
	shown.Password, shown.Notice = p.Password, p.Notice
	return s.userPage(w, r, code, shown, auth.Change{ID: id, Name: entry.Name, Roles: entry.Roles, Clerk: entry.ClerkCode,
		Office: entry.Office, Site: entry.Site})
}

// userKept answers with the account as it is and why it was not changed.
func (s *Server) userKept(w http.ResponseWriter, r *http.Request, err error, id string) error {
	notice, code, other := refusal(r, err)
	if other != nil {
		return other
	}
	return s.userShown(w, r, code, id, web.StaffUser{Notice: notice})
}

// userRefused answers with the form as it was sent and what is wrong in it.
func (s *Server) userRefused(w http.ResponseWriter, r *http.Request, err error, p web.StaffUser, c auth.Change) error {
	notice, code, other := refusal(r, err)
	if other != nil {
		return other
	}
	p.Notice = notice
	return s.userPage(w, r, code, p, c)
}

func shownUser(e auth.Entry) web.StaffUser {
	return web.StaffUser{ID: e.ID, Name: e.Name, Active: e.Active, MustChange: e.MustChange, HasPassword: e.HasPassword, SecondFactor: e.SecondFactor}
}

// userPage fills the choices of the form with what c chooses.
func (s *Server) userPage(w http.ResponseWriter, r *http.Request, code int, p web.StaffUser, c auth.Change) error {
	lang := web.LangOf(r)
	clerks, err := booking.Clerks(r.Context(), s.DB)
	if err != nil {
		return err
	}
	offices, err := booking.Offices(r.Context(), s.Open)
	if err != nil {
		return err
	}
	sites, err := booking.Sites(r.Context(), s.Open)
	if err != nil {
		return err
	}
	if p.New {
		p.ID = c.ID
		p.Name = c.Name
	}
	for _, role := range auth.AllRoles() {
		p.Roles = append(p.Roles, web.Option{Value: string(role), Label: roleTexts(lang, []auth.Role{role})[0], On: slices.Contains(c.Roles, role)})
	}
	for _, k := range clerks {
		p.Clerks = append(p.Clerks, web.Option{Value: k.Code, Label: k.Label, On: k.Code == c.Clerk})
	}
	for _, o := range offices {
		p.Offices = append(p.Offices, web.Option{Value: o.ID, Label: o.Name.In(lang), On: o.ID == c.Office})
	}
	for _, site := range sites {
		p.Sites = append(p.Sites, web.Option{Value: site.ID, Label: site.Name.In(lang), On: site.ID == c.Site})
	}
	return s.staffPage(w, r, code, p)
}

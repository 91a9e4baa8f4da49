package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
)

// kontoSettings answers GET /konto/einstellungen.
func (s *Server) kontoSettings(w http.ResponseWriter, r *http.Request, session auth.CitizenSession) error {
	return s.settingsPage(w, r, http.StatusOK, session, kontoNotice(r))
}

func (s *Server) settingsPage(w http.ResponseWriter, r *http.Request, code int, session auth.CitizenSession, notice web.Notice) error {
	sessions, err := s.Staff.Citizens().Sessions(r.Context(), session.Citizen.ID)
	if err != nil {
		return err
	}
	c := session.Citizen
	p := web.AccountSettings{Email: c.Email, Surname: c.Surname, Fill: c.Fill, Created: c.Created, Min: auth.ShortestPassword,
		Months: auth.CitizenMonths, Notice: notice}
	for _, other := range sessions {
		p.Sessions = append(p.Sessions, web.StaffSession{ID: other.ID, Device: other.Device, Since: other.Created, Seen: other.Seen, Here: other.ID == session.ID})
	}
	return s.kontoPage(w, r, code, p)
}

// onKonto answers a form of /konto/einstellungen: do changes something and
// gives the token of the session that goes on, "" where it is the same one.
func (s *Server) onKonto(what string, do func(*http.Request, auth.CitizenSession, url.Values) (token string, err error)) handler {
	return s.ofCitizen(func(w http.ResponseWriter, r *http.Request, session auth.CitizenSession) error {
		v, err := form(r)
		if err != nil {
			return err
		}
		token, err := do(r, session, v)
		if err != nil {
			notice, code, other := objection(w, r, err)
			if other != nil {
				return other
			}
			return s.settingsPage(w, r, code, session, notice)
		}
		if token != "" {
			s.setCookie(w, r, s.kontoCookie(r), token)
		}
		return see(w, r, kontoSettingsPath+"?meldung="+what)
	})
}

// kontoPassword changes the password.
func (s *Server) kontoPassword(r *http.Request, session auth.CitizenSession, v url.Values) (string, error) {
	if v.Get("fresh") != v.Get("again") {
		return "", ortsnah.E(ortsnah.Invalid, "auth.password_differs").About("again")
	}
	return s.Staff.Citizens().SetPassword(r.Context(), session, v.Get("old"), v.Get("fresh"), s.client(r))
}

// kontoAddress changes the e-mail address.
func (s *Server) kontoAddress(r *http.Request, session auth.CitizenSession, v url.Values) (string, error) {
	return s.Staff.Citizens().SetEmail(r.Context(), session, v.Get("email"), v.Get("old"), s.client(r))
}

// kontoDetails keeps the surname and whether forms are filled in.
func (s *Server) kontoDetails(r *http.Request, session auth.CitizenSession, v url.Values) (string, error) {
	return "", s.Staff.Citizens().SetDetails(r.Context(), session, typed(v.Get("nachname")), v.Get("ausfuellen") != "")
}

// kontoEverywhere answers POST /konto/abmelden/ueberall.
func (s *Server) kontoEverywhere(w http.ResponseWriter, r *http.Request, session auth.CitizenSession) error {
	if err := s.Staff.Citizens().SignOutEverywhere(r.Context(), session.Citizen.ID); err != nil {
		return err
	}
	return s.leave(w, r, "signed_out_everywhere")
}

// kontoDelete answers GET and POST /konto/loeschen: it asks once, for the
// password, then everything goes.
func (s *Server) kontoDelete(w http.ResponseWriter, r *http.Request, session auth.CitizenSession) error {
	p, code := web.AccountDelete{Email: session.Citizen.Email}, http.StatusOK
	if r.Method == http.MethodPost {
		v, err := form(r)
		if err != nil {
			return err
		}
		err = s.Staff.Citizens().Delete(r.Context(), session, v.Get("old"), s.client(r))
		if err == nil {
			return s.leave(w, r, "deleted")
		}
		var other error
		if p.Notice, code, other = objection(w, r, err); other != nil {
			return other
		}
	}
	visits, err := s.ownVisits(r.Context(), session.Citizen.ID)
	if err != nil {
		return err
	}
	for _, v := range visits {
		if !s.coming(v) {
			continue
		}
		line, err := s.accountVisit(r, v)
		if err != nil {
			return err
		}
		line.Code = spelledOut(v.code)
		p.Coming = append(p.Coming, line)
	}
	return s.kontoPage(w, r, code, p)
}

// Everything that is stored about the citizen of an account, for GDPR articles
// 15 and 20. The password is not in it: nobody but its owner knows it.
type (
	kontoData struct {
		Account      kontoAccount       `json:"account"`
		Sessions     []kontoSession     `json:"sessions"`
		Appointments []kontoAppointment `json:"appointments"`
	}
	kontoAccount struct {
		Email       string `json:"email"`
		Surname     string `json:"surname,omitempty"`
		FillInForms bool   `json:"fill_in_forms"`
		Created     string `json:"created"`      // day
		LastSignIn  string `json:"last_sign_in"` // day
	}
	kontoSession struct {
		Device   string    `json:"device,omitempty"`
		Since    time.Time `json:"since"`
		LastSeen time.Time `json:"last_seen"`
	}
	kontoAppointment struct {
		Reference string          `json:"reference"`
		Code      string          `json:"code"`
		Status    booking.Status  `json:"status"`
		Channel   booking.Channel `json:"channel"`
		Services  []string        `json:"services"` // names
		Place     string          `json:"place,omitempty"`
		Starts    time.Time       `json:"starts"`
		Ends      time.Time       `json:"ends"`
		Persons   int             `json:"persons"`
		StepFree  bool            `json:"step_free"`
		Language  string          `json:"language"`
		BookedVia booking.Via     `json:"booked_via"`
		BookedAt  *time.Time      `json:"booked_at,omitempty"`
		ArrivedAt *time.Time      `json:"arrived_at,omitempty"`
		EndedAt   *time.Time      `json:"ended_at,omitempty"`
		EndedBy   string          `json:"ended_by,omitempty"`
		Badge     string          `json:"badge,omitempty"`
		Person    *booking.Person `json:"person,omitempty"` // until it is erased
		Messages  []kontoMessage  `json:"messages"`
	}
	kontoMessage struct {
		Kind   string     `json:"kind"`
		At     time.Time  `json:"at"`
		ReadAt *time.Time `json:"read_at,omitempty"`
	}
)

// kontoExport answers /konto/auskunft.json.
func (s *Server) kontoExport(w http.ResponseWriter, r *http.Request, session auth.CitizenSession) error {
	c := session.Citizen
	data := kontoData{Account: kontoAccount{c.Email, c.Surname, c.Fill, c.Created.Format(time.DateOnly), c.LastSignIn.Format(time.DateOnly)},
		Sessions: []kontoSession{}, Appointments: []kontoAppointment{}}
	sessions, err := s.Staff.Citizens().Sessions(r.Context(), c.ID)
	if err != nil {
		return err
	}
	for _, other := range sessions {
		data.Sessions = append(data.Sessions, kontoSession{other.Device, other.Created, other.Seen})
	}
	visits, err := s.ownVisits(r.Context(), c.ID)
	if err != nil {
		return err
	}
	for _, v := range visits {
		entry, err := s.exported(r, v)
		if err != nil {
			return err
		}
		data.Appointments = append(data.Appointments, entry)
	}
	body, err := json.MarshalIndent(data, "", "  ")
	if err != nil {
		return err
	}
	return sendFile(w, "application/json", "konto.json", body)
}

// exported is all there is about an appointment that is the citizen's; which
// clerk and which room it had is not.
func (s *Server) exported(r *http.Request, v ownVisit) (kontoAppointment, error) {
	line, err := s.accountVisit(r, v)
	if err != nil {
		return kontoAppointment{}, err
	}
	e := kontoAppointment{Reference: v.ID, Code: v.code, Status: v.Status, Channel: v.Channel, Services: line.Concerns, Place: line.Place,
		Starts: v.Starts, Ends: v.Ends, Persons: v.Persons, StepFree: v.StepFree, Language: v.Lang, BookedVia: v.Via, BookedAt: v.BookedAt,
		ArrivedAt: v.ArrivedAt, EndedAt: v.EndedAt, EndedBy: v.EndedBy, Badge: v.Badge, Messages: []kontoMessage{}}
	who, err := s.Reception.Person(r.Context(), v.ID, booking.By{Token: v.code})
	if err == nil {
		e.Person = &who
	} else if ortsnah.KindOf(err) != ortsnah.NotFound {
		return e, err
	}
	messages, err := booking.Inbox(r.Context(), s.DB, v.ID)
	for _, m := range messages {
		e.Messages = append(e.Messages, kontoMessage{m.Kind, m.At, m.ReadAt})
	}
	return e, err
}

package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/stations"
)

const deskPath = "/dienst/infotheke"

// staffDesk answers /dienst/infotheke.
func (s *Server) staffDesk(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	return s.showDesk(w, r, http.StatusOK, deskView{site: v.Get("haus"), query: v.Get("nummer"), ticket: v.Get("marke"), notice: doneNotice(r)})
}

// deskView is what the info desk looks at.
type deskView struct {
	site   string
	query  string // reference that was looked for
	ticket string // id of the ticket just drawn
	notice web.Notice
}

func (s *Server) showDesk(w http.ResponseWriter, r *http.Request, code int, d deskView) error {
	lang := web.LangOf(r)
	site, options, err := s.siteAsked(r, d.site)
	if err != nil {
		return err
	}
	p := web.StaffDesk{Notice: d.notice, Site: site.ID, SiteName: site.Name.In(lang), Sites: options, Query: reference(d.query)}
	if p.Query != "" {
		if p.Found, err = s.arrival(r, p.Query); err != nil {
			n, notFound, other := refusal(r, err)
			if other != nil {
				return other
			}
			p.Notice, code = n, max(code, notFound)
		}
	}
	if err := s.fillTickets(r, &p, d.ticket, lang); err != nil {
		return err
	}
	if err := s.fillOffices(r, &p, lang); err != nil {
		return err
	}
	return s.staffPage(w, r, code, p)
}

// arrival is an appointment as the info desk sees it: no name, no concern.
func (s *Server) arrival(r *http.Request, id string) (*web.StaffArrival, error) {
	a, err := s.Reception.Appointment(r.Context(), id, s.by(r))
	if err != nil {
		return nil, err
	}
	place, err := s.placeOf(r.Context(), a, web.LangOf(r))
	if err != nil {
		return nil, err
	}
	now := s.Now().In(s.Zone)
	v := web.StaffArrival{ID: a.ID, Reference: spaced(a.ID), Start: a.Starts, End: a.Ends, Room: a.RoomLabel, Place: place, Persons: a.Persons,
		Status: string(a.Status), Badge: a.Badge, StepFree: a.StepFree, OtherDay: !stations.Day(a.Starts).Equal(stations.Day(now)), OtherPlace: a.Channel != booking.Counter}
	if a.Status == booking.Booked && !v.OtherDay {
		v.CanCheckIn = true
		v.Late, v.Early = now.After(a.Starts), now.Before(a.Starts.Add(-time.Hour))
	}
	return &v, nil
}

// fillTickets adds who waits, and the ticket that was just drawn.
func (s *Server) fillTickets(r *http.Request, p *web.StaffDesk, drawn, lang string) error {
	list, err := booking.WalkIns(r.Context(), s.DB, s.today(), p.Site, "")
	for _, w := range list {
		c := staffCall(w, lang)
		p.Waiting = append(p.Waiting, c)
		if strconv.FormatInt(w.ID, 10) == drawn {
			p.Drawn = &c
		}
	}
	return err
}

// fillOffices adds for whom tickets can be drawn.
func (s *Server) fillOffices(r *http.Request, p *web.StaffDesk, lang string) error {
	offices, err := booking.Offices(r.Context(), s.Open)
	if err != nil {
		return err
	}
	concerns, err := booking.Concerns(r.Context(), s.Open)
	if err != nil {
		return err
	}
	byID := map[string]booking.Office{}
	for _, o := range offices {
		byID[o.ID] = o
		waits := 0
		for _, c := range p.Waiting {
			if c.Office == o.Name.In(lang) && c.State == string(booking.WalkInWaiting) {
				waits++
			}
		}
		p.Offices = append(p.Offices, web.StaffOffice{ID: o.ID, Name: o.Name.In(lang), Waiting: waits})
	}
	slices.SortFunc(p.Offices, func(a, b web.StaffOffice) int { return strings.Compare(fold(a.Name), fold(b.Name)) })
	for _, c := range concerns {
		if !c.Appointment {
			o := byID[c.Office]
			p.Exempt = append(p.Exempt, web.StaffExempt{ID: c.ID, Name: c.Name.In(lang), Office: o.Name.In(lang), Phone: o.Phone})
		}
	}
	return nil
}

// staffDeskArrival checks somebody in who stands at the info desk.
func (s *Server) staffDeskArrival(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	id := reference(v.Get("nummer"))
	if _, err := s.Reception.CheckIn(r.Context(), id, s.by(r), typed(v.Get("ausweis"))); err != nil {
		n, code, other := refusal(r, err)
		if other != nil {
			return other
		}
		return s.showDesk(w, r, code, deskView{site: v.Get("haus"), query: id, notice: n})
	}
	return s.done(w, r, deskPath, "arrived", "haus", v.Get("haus"), "nummer", id)
}

// staffDeskTicket draws a ticket for an office, or for a concern for which
// nobody is ever put off: one tap, no name.
func (s *Server) staffDeskTicket(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	site, _, err := s.siteAsked(r, v.Get("haus"))
	if err != nil {
		return err
	}
	drawn, err := s.Reception.DrawTicket(r.Context(), s.by(r), booking.WalkIn{Site: site.ID, Office: v.Get("amt"), Concern: v.Get("anliegen")})
	if err != nil {
		n, code, other := refusal(r, err)
		if other != nil {
			return other
		}
		return s.showDesk(w, r, code, deskView{site: site.ID, notice: n})
	}
	return s.done(w, r, deskPath, "", "haus", v.Get("haus"), "marke", strconv.FormatInt(drawn.ID, 10))
}

// staffDeskLeft notes that somebody who waited has gone.
func (s *Server) staffDeskLeft(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(v.Get("marke"), 10, 64)
	if err != nil {
		err = ortsnah.E(ortsnah.NotFound, "booking.no_ticket").About("marke")
	} else {
		_, err = s.Reception.AdvanceTicket(r.Context(), s.by(r), 0, id, booking.WalkInLeft)
	}
	if err != nil {
		n, code, other := refusal(r, err)
		if other != nil {
			return other
		}
		return s.showDesk(w, r, code, deskView{site: v.Get("haus"), notice: n})
	}
	return s.done(w, r, deskPath, "ticket_left", "haus", v.Get("haus"))
}

// staffDisplay answers /dienst/anzeige, the screen in the waiting room: who is
// called where, numbers and rooms only, the latest first. Everybody may look.
func (s *Server) staffDisplay(w http.ResponseWriter, r *http.Request) error {
	lang := web.LangOf(r)
	site, _, err := s.siteAsked(r, r.URL.Query().Get("haus"))
	if err != nil {
		return err
	}
	calls, err := booking.Calls(r.Context(), s.DB, site.ID, s.today(), s.Now().Add(-displayFor))
	if err != nil {
		return err
	}
	p := web.StaffDisplay{At: s.Now(), Place: site.Name.In(lang)}
	for _, c := range calls[:min(len(calls), displayRows)] {
		number := c.Ticket
		if c.Appointment != "" {
			number = spaced(c.Appointment)
		}
		p.Called = append(p.Called, web.StaffCall{Ticket: number, Room: c.Room, New: s.Now().Sub(c.CalledAt) < time.Minute})
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.Pages.Render(w, r, http.StatusOK, p)
}

// What the screen shows: the latest calls, for a while.
const (
	displayRows = 8
	displayFor  = 20 * time.Minute
)

// textIn is a text of the catalogue in a language, or the general one.
func textIn(t catalog.Text, lang, otherwise string) string {
	if text := t.In(lang); text != "" {
		return text
	}
	return i18n.Text(lang, otherwise, nil)
}

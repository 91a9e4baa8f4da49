package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/booking/match"
	"github.com/ortsnah/ortsnah/stations"
)

const bookPath = "/dienst/buchen"

// proposalsForStaff are offered at once.
const proposalsForStaff = 8

// staffBook answers /dienst/buchen: choose a concern, or the form for one.
// What a citizen says goes the way of forms, never into an address.
func (s *Server) staffBook(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	if id := reference(v.Get("nummer")); id != "" {
		return s.staffFind(w, r, id)
	}
	p, err := s.bookForm(r, v)
	if err != nil {
		return s.refuseBooking(w, r, p, err)
	}
	p.Notice = doneNotice(r)
	return s.staffPage(w, r, http.StatusOK, p)
}

// staffFind leads to an appointment by its reference.
func (s *Server) staffFind(w http.ResponseWriter, r *http.Request, id string) error {
	a, err := s.Reception.Appointment(r.Context(), id, s.by(r))
	if err != nil {
		return s.refuseBooking(w, r, web.StaffBook{Desk: s.atDesk(r, r.URL.Query())}, err)
	}
	return redirect(w, http.StatusSeeOther, inLang(web.LangOf(r), "/dienst/termin/"+url.PathEscape(a.ID)))
}

func (s *Server) refuseBooking(w http.ResponseWriter, r *http.Request, p web.StaffBook, err error) error {
	n, code, other := refusal(r, err)
	if other != nil {
		return other
	}
	p.Notice = n
	return s.staffPage(w, r, code, p)
}

// atDesk says whether the citizen stands at the info desk: then what is kept
// back for urgent ones is offered, too.
func (s *Server) atDesk(r *http.Request, v url.Values) bool {
	a := s.account(r)
	return a.Has(auth.InfoDesk) && (v.Get("fuer") == "infotheke" || !a.Has(auth.Clerk))
}

// bookForm is the page as far as v says what is wanted.
func (s *Server) bookForm(r *http.Request, v url.Values) (web.StaffBook, error) {
	lang := web.LangOf(r)
	p := web.StaffBook{Desk: s.atDesk(r, v), Query: typed(v.Get("q")), Persons: 1, StepFree: v.Get("stufenlos") != "",
		Surname: typed(v.Get("nachname")), Address: typed(v.Get("adresse")), Date: typed(v.Get("ab")), Channel: typed(v.Get("weg")),
		Given: web.StaffPerson{GivenName: typed(v.Get("vorname")), Surname: typed(v.Get("nachname")), Phone: typed(v.Get("telefon")),
			Email: typed(v.Get("email")), Note: typed(v.Get("notiz"))}}
	id := v.Get("anliegen")
	if id == "" {
		found, err := s.concerns(r, p.Query)
		if err != nil {
			return p, err
		}
		for _, c := range found {
			p.Found = append(p.Found, serviceEntry(c, lang))
		}
		slices.SortStableFunc(p.Found, func(a, b web.Service) int {
			if p.Query != "" {
				return 0 // the search has the best first
			}
			return strings.Compare(fold(a.Name), fold(b.Name))
		})
		return p, nil
	}
	c, err := booking.FindConcern(r.Context(), s.Open, id)
	if err != nil {
		return p, err
	}
	entry := serviceEntry(c, lang)
	p.Concern, p.Exempt = &entry, !c.Appointment
	p.NeedsName, p.NeedsPlace = c.Jurisdiction.Kind == booking.Alphabetic, c.Jurisdiction.Kind == booking.Geographic
	p.FurtherMinutes, p.Persons = c.FurtherMinutes, 1
	for _, ch := range c.Channels {
		if ch == "phone" || ch == "video" {
			p.Channels = append(p.Channels, web.Option{Value: ch, Label: i18n.Text(lang, "channel."+ch, nil), On: p.Channel == ch})
		}
	}
	if text := typed(v.Get("personen")); text != "" {
		if p.Persons, err = strconv.Atoi(text); err != nil || p.Persons < 1 || p.Persons > 100 {
			p.Persons = 1
			return p, ortsnah.E(ortsnah.Invalid, "staff.bad_persons").About("personen")
		}
	}
	return p, nil
}

// staffBookForm answers the form: search, or book what was chosen.
func (s *Server) staffBookForm(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	p, err := s.bookForm(r, v)
	if err != nil || p.Concern == nil {
		return s.refuseBooking(w, r, p, cmp.Or(err, error(ortsnah.E(ortsnah.Invalid, "staff.choose_concern").About("anliegen"))))
	}
	request, err := s.requestOf(r, p)
	if err != nil {
		return s.refuseBooking(w, r, p, err)
	}
	if v.Get("schritt") == "buchen" {
		ticket, err := s.bookChosen(r, request, p, v.Get("wahl"))
		if err == nil {
			return s.done(w, r, "/dienst/termin/"+ticket.Appointment.ID, "booked")
		}
		n, _, other := refusal(r, err)
		if other != nil {
			return other
		}
		p.Notice = n
	}
	if err := s.fillProposals(r.Context(), &p, request, web.LangOf(r), v.Get("wahl")); err != nil {
		return s.refuseBooking(w, r, p, err)
	}
	code := http.StatusOK
	if p.Notice.Error {
		code = http.StatusConflict
	}
	return s.staffPage(w, r, code, p)
}

// requestOf is what the form asks for.
func (s *Server) requestOf(r *http.Request, p web.StaffBook) (booking.Request, error) {
	request := booking.Request{Concerns: []string{p.Concern.ID}, Persons: p.Persons, Name: p.Surname, StepFree: p.StepFree,
		Channel: booking.Channel(p.Channel), Via: booking.ViaPhone, Sort: match.Early, Limit: proposalsForStaff}
	if p.Desk {
		request.Via = booking.ViaDesk
	}
	var err error
	if request.From, err = s.dayFrom(p.Date); err != nil {
		return request, err
	}
	if p.NeedsName && p.Surname == "" {
		return request, ortsnah.E(ortsnah.Invalid, "staff.needs_name").About("nachname")
	}
	if !p.NeedsPlace {
		return request, nil
	}
	if p.Address == "" {
		return request, ortsnah.E(ortsnah.Invalid, "staff.needs_place").About("adresse")
	}
	q, err := s.placeAsked(r.Context(), url.Values{"address": {p.Address}})
	if err != nil {
		return request, err
	}
	if q.choice != nil {
		return request, ortsnah.E(ortsnah.Invalid, "staff.choose_address", "addresses", addressList(q.choice)).About("adresse")
	}
	request.Where = &q.place.At
	return request, nil
}

// dayFrom is the beginning of the local day that was typed; zero for none.
func (s *Server) dayFrom(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, ortsnah.E(ortsnah.Invalid, "staff.bad_day").About("ab")
	}
	start, _, _ := stations.Opening(day, 0, 24*60, s.Zone)
	if start.Before(s.Now()) {
		return time.Time{}, nil
	}
	return start, nil
}

// fillProposals adds what there is, or why there is nothing.
func (s *Server) fillProposals(ctx context.Context, p *web.StaffBook, request booking.Request, lang, chosen string) error {
	found, err := s.Reception.Board.Propose(ctx, request)
	if err != nil {
		return err
	}
	p.Searched = true
	if len(found.Proposals) == 0 {
		p.Why = i18n.Text(lang, "booking.why_"+string(found.Why), nil)
		if found.Why == match.WhyNobody && found.Decision.Key != "" {
			p.Why = i18n.Text(lang, found.Decision.Key, found.Decision.Args)
		}
	}
	for i, f := range found.Proposals {
		value := f.Starts.Format(time.RFC3339) + "|" + f.PlaceID
		e := web.StaffProposal{Value: value, Start: f.Starts, End: f.Ends, Place: f.PlaceName.In(lang), On: value == chosen || chosen == "" && i == 0}
		if e.Place == "" {
			e.Place = i18n.Text(lang, "channel."+string(f.Channel), nil)
		}
		for _, reason := range f.Reasons {
			if reason == match.Earliest || reason == match.Nearest { // others are the town's own care
				e.Reasons = append(e.Reasons, i18n.Text(lang, "booking.reason_"+string(reason), nil))
			}
		}
		p.Proposals = append(p.Proposals, e)
	}
	if len(p.Proposals) > 0 && !slices.ContainsFunc(p.Proposals, func(e web.StaffProposal) bool { return e.On }) {
		p.Proposals[0].On = true
	}
	return nil
}

// bookChosen books the proposal "2026-03-30T08:00:00+02:00|site/rathaus".
func (s *Server) bookChosen(r *http.Request, request booking.Request, p web.StaffBook, choice string) (booking.Ticket, error) {
	starts, place, err := chosenSlot(choice)
	if err != nil {
		return booking.Ticket{}, err
	}
	person := booking.Person{GivenName: p.Given.GivenName, Surname: p.Given.Surname, Phone: p.Given.Phone, Email: p.Given.Email, Note: p.Given.Note}
	return s.Reception.Book(r.Context(), booking.Order{Request: request, Starts: starts, PlaceID: place}, s.by(r), person, web.LangOf(r))
}

func chosenSlot(choice string) (time.Time, string, error) {
	at, place, _ := strings.Cut(choice, "|")
	starts, err := time.Parse(time.RFC3339, at)
	if err != nil || place == "" {
		return time.Time{}, "", ortsnah.E(ortsnah.Invalid, "staff.choose_slot").About("wahl")
	}
	return starts, place, nil
}

// staffBooked answers /dienst/termin/{id}: what to tell the citizen.
func (s *Server) staffBooked(w http.ResponseWriter, r *http.Request) error {
	return s.showBooked(w, r, http.StatusOK, doneNotice(r), false)
}

func (s *Server) showBooked(w http.ResponseWriter, r *http.Request, code int, n web.Notice, search bool) error {
	a, err := s.Reception.Appointment(r.Context(), reference(pathVar(r, "id")), s.by(r))
	if err != nil {
		return err
	}
	p, err := s.bookedPage(r, a)
	if err != nil {
		return err
	}
	p.Notice = n
	if search && p.Movable {
		if err := s.fillMoves(r, &p, a); err != nil {
			return err
		}
	}
	return s.staffPage(w, r, code, p)
}

func (s *Server) bookedPage(r *http.Request, a booking.Appointment) (web.StaffBooked, error) {
	lang := web.LangOf(r)
	p := web.StaffBooked{ID: a.ID, Reference: spaced(a.ID), Start: a.Starts, End: a.Ends, Room: a.RoomLabel, Persons: a.Persons, Status: string(a.Status), Channel: string(a.Channel),
		Movable: a.Status == booking.Booked && a.Starts.After(s.Now()), From: typed(r.URL.Query().Get("ab"))}
	seen := map[string]bool{}
	for _, part := range a.Parts {
		p.Concerns = append(p.Concerns, part.Name.In(lang))
		c, err := booking.FindConcern(r.Context(), s.Open, part.Concern)
		if err != nil {
			continue // out of use since: the appointment still is
		}
		for _, d := range c.Documents {
			if !seen[d.ID] {
				seen[d.ID] = true
				p.Documents = append(p.Documents, web.Document{Name: in(lang, d.DE, d.EN), Condition: in(lang, d.ConditionDE, d.ConditionEN)})
			}
		}
	}
	var err error
	p.Place, err = s.placeOf(r.Context(), a, lang)
	return p, err
}

// placeOf is where an appointment is, "" for a call.
func (s *Server) placeOf(ctx context.Context, a booking.Appointment, lang string) (string, error) {
	if a.Stop != "" {
		stops, err := stations.Stops(ctx, s.Open)
		for _, stop := range stops {
			if stop.ID == a.Stop {
				return stop.Name.In(lang) + ", " + stop.Address, nil
			}
		}
		return "", err
	}
	sites, err := booking.Sites(ctx, s.Open)
	for _, site := range sites {
		if site.ID == a.Site {
			return site.Name.In(lang) + ", " + site.Address, nil
		}
	}
	return "", err
}

// fillMoves adds the other times that an appointment could have.
func (s *Server) fillMoves(r *http.Request, p *web.StaffBooked, a booking.Appointment) error {
	from, err := s.dayFrom(p.From)
	if err != nil {
		from = time.Time{}
	}
	request := booking.Request{Persons: a.Persons, Via: a.Via, StepFree: a.StepFree, From: from, Sort: match.Early, Limit: proposalsForStaff}
	if a.Channel == booking.Phone || a.Channel == booking.Video {
		request.Channel = a.Channel
	}
	for _, part := range a.Parts {
		request.Concerns = append(request.Concerns, part.Concern)
		request.Teams = append(request.Teams, part.Team)
	}
	var book web.StaffBook
	if err := s.fillProposals(r.Context(), &book, request, web.LangOf(r), ""); err != nil {
		return err
	}
	p.Searched, p.Proposals, p.Why = true, book.Proposals, book.Why
	return nil
}

// staffMoves answers /dienst/termin/{id}/verschieben: other times.
func (s *Server) staffMoves(w http.ResponseWriter, r *http.Request) error {
	return s.showBooked(w, r, http.StatusOK, doneNotice(r), true)
}

// staffMove gives a citizen's appointment another time.
func (s *Server) staffMove(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	return s.changeBooked(w, r, "moved", func(id string) error {
		starts, place, err := chosenSlot(v.Get("wahl"))
		if err != nil {
			return err
		}
		_, err = s.Reception.Move(r.Context(), id, s.by(r), starts, place)
		return err
	})
}

// staffCancel calls a citizen's appointment off.
func (s *Server) staffCancel(w http.ResponseWriter, r *http.Request) error {
	return s.changeBooked(w, r, "cancelled", func(id string) error {
		_, err := s.Reception.Cancel(r.Context(), id, s.by(r))
		return err
	})
}

// changeBooked changes an appointment and shows what became of it.
func (s *Server) changeBooked(w http.ResponseWriter, r *http.Request, what string, change func(id string) error) error {
	id := reference(pathVar(r, "id"))
	err := change(id)
	if err == nil {
		return s.done(w, r, "/dienst/termin/"+url.PathEscape(id), what)
	}
	n, code, other := refusal(r, err)
	if other != nil || ortsnah.KindOf(err) == ortsnah.NotFound {
		return err
	}
	var taken *booking.Taken
	return s.showBooked(w, r, code, n, what == "moved" || errors.As(err, &taken))
}

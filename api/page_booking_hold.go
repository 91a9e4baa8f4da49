package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/stations"
)

// bookingHold answers POST /termin/{id}/halten: the chosen time is held and
// the browser gets the code that opens it. Sent twice, it holds one.
func (s *Server) bookingHold(w http.ResponseWriter, r *http.Request) error {
	c, err := s.concern(r)
	if err != nil {
		return err
	}
	v, err := bookingForm(w, r)
	if err != nil {
		return err
	}
	asked, t := wantedIn(c.ID, v), s.openTold(v.Get("angaben"))
	starts, place, err := slotIn(v.Get("termin"))
	if err != nil {
		return err
	}
	order := booking.Order{Request: asked.request(t), Starts: starts, PlaceID: place}
	held, err := once(r.Context(), s, v, order, func(ctx context.Context) (opened, error) {
		if err := s.person(r); err != nil {
			return opened{}, err
		}
		ticket, err := s.Reception.Hold(ctx, order)
		return opened{ticket.Appointment.ID, ticket.Token}, err
	})
	if taken, ok := errors.AsType[*booking.Taken](err); ok {
		return s.takenPage(w, r, c, asked, t, taken)
	}
	if err != nil {
		return err
	}
	if t.Name != "" { // the details page need not ask for it again
		if err := s.keepTold(w, r, t); err != nil {
			return err
		}
	}
	s.keepCode(w, r, held.ID, held.Code)
	return see(w, r, "/termin/b/"+held.ID)
}

// opened is what the answer to a form says again to who sends it twice: what
// was made and the code that opens it.
type opened struct {
	ID   string `json:"id"`
	Code string `json:"code"`
}

// takenPage says that somebody was faster and shows what there is instead.
func (s *Server) takenPage(w http.ResponseWriter, r *http.Request, c booking.Concern, asked wanted, t told, taken *booking.Taken) error {
	found := booking.Search{Proposals: taken.Alternatives, Why: taken.Why}
	p, err := s.timesPage(r, c, asked, t, found)
	if err != nil {
		return err
	}
	p.Here = asked.at("zeiten")
	p.Notice = web.Notice{Text: i18n.Error(web.LangOf(r), taken), Error: true}
	return s.bookingPage(w, r, http.StatusConflict, p)
}

// detailsPage asks who comes, with what was typed and what is wrong with it.
func (s *Server) detailsPage(w http.ResponseWriter, r *http.Request, code int, a booking.Appointment, who booking.Person, wrong []web.BookingFieldError) error {
	visit, err := s.factsOf(r, a)
	if err != nil {
		return err
	}
	setting, err := booking.Settings(r.Context(), s.DB)
	if err != nil {
		return err
	}
	needed, err := s.nameNeeded(r.Context(), a)
	if err != nil {
		return err
	}
	path := "/termin/b/" + a.ID
	p := web.BookingDetails{Booking: bookingFrame(r, 4, ""), Visit: visit, Until: s.untilText(web.LangOf(r), *a.HoldUntil),
		Name: who.Surname, Email: who.Email, Phone: who.Phone, PhoneNeeded: a.Channel == booking.Phone, NameNeeded: needed, EraseDays: setting.EraseDays, Errors: wrong,
		Confirm: path + "/bestaetigen", Release: path + "/freigeben", Fields: []web.BookingField{onceKey()}}
	p.Here = path
	if p.Name == "" && len(wrong) == 0 {
		p.Name = s.toldBy(r).Name
	}
	return s.bookingPage(w, r, code, p)
}

// untilText is a moment in words, the day only where it is not today.
func (s *Server) untilText(lang string, t time.Time) string {
	t = t.In(s.Zone)
	if stations.Day(t).Equal(stations.Day(s.Now().In(s.Zone))) {
		return i18n.Clock(t)
	}
	return i18n.Date(lang, t) + ", " + i18n.Clock(t)
}

// bookingConfirm answers POST /termin/b/{reference}/bestaetigen.
func (s *Server) bookingConfirm(w http.ResponseWriter, r *http.Request) error {
	v, err := bookingForm(w, r)
	if err != nil {
		return err
	}
	a, err := s.mine(r)
	if err != nil {
		return s.notMine(w, r, err)
	}
	if a.Status != booking.Held { // sent twice, or a tab that was left open
		return see(w, r, "/termin/b/"+a.ID)
	}
	lang := web.LangOf(r)
	who := booking.Person{Surname: typed(v.Get("nachname")), Email: typed(v.Get("email")), Phone: typed(v.Get("telefon"))}
	needed, err := s.nameNeeded(r.Context(), a)
	if err != nil {
		return err
	}
	if wrong := personErrors(lang, who, needed, a.Channel); len(wrong) > 0 {
		return s.detailsPage(w, r, http.StatusBadRequest, a, who, wrong)
	}
	_, err = s.Reception.Confirm(r.Context(), a.ID, booking.By{Token: codeOf(r)}, who, lang)
	switch ortsnah.KindOf(err) {
	case ortsnah.Gone, ortsnah.Conflict:
		if err != nil { // expired meanwhile, or booked by the same click: the page says what is
			return see(w, r, "/termin/b/"+a.ID)
		}
	case ortsnah.Invalid:
		return s.detailsPage(w, r, http.StatusBadRequest, a, who, fieldErrors(lang, err))
	}
	if err != nil {
		return err
	}
	s.keepFresh(w, r, a.ID, "1")
	if err := s.intoAccount(w, r, a.ID, codeOf(r)); err != nil {
		return err
	}
	s.cookie(w, r, toldCookie, "", "/", 0)
	return see(w, r, "/termin/b/"+a.ID)
}

// nameNeeded says whether the surname decides who is responsible for one of
// the concerns. Nobody else has to say who they are.
func (s *Server) nameNeeded(ctx context.Context, a booking.Appointment) (bool, error) {
	for _, id := range concernsOf(a) {
		c, err := booking.FindConcern(ctx, s.Open, id)
		if err != nil && ortsnah.KindOf(err) != ortsnah.NotFound {
			return false, err
		}
		if c.Jurisdiction.Kind == booking.Alphabetic {
			return true, nil
		}
	}
	return false, nil
}

// personErrors are the sentences about what is missing in the form.
func personErrors(lang string, who booking.Person, named bool, channel booking.Channel) []web.BookingFieldError {
	var wrong []web.BookingFieldError
	if named && booking.NameKey(who.Surname, true) == "" {
		wrong = append(wrong, web.BookingFieldError{Field: "nachname", Sentence: i18n.Text(lang, "booking_details.name.error", nil)})
	}
	if channel == booking.Phone && who.Phone == "" {
		wrong = append(wrong, web.BookingFieldError{Field: "telefon", Sentence: i18n.Text(lang, "booking_details.phone.error", nil)})
	}
	return wrong
}

// fieldErrors puts booking's sentence to the field of the form that it is
// about.
func fieldErrors(lang string, err error) []web.BookingFieldError {
	field := "nachname"
	if e, ok := errors.AsType[*ortsnah.Error](err); ok {
		switch e.Field {
		case "email":
			field = "email"
		case "phone":
			field = "telefon"
		case "until":
			field = "bis"
		}
	}
	return []web.BookingFieldError{{Field: field, Sentence: i18n.Error(lang, err)}}
}

// bookingRelease answers POST /termin/b/{reference}/freigeben: the held time
// is given back, and one chooses another.
func (s *Server) bookingRelease(w http.ResponseWriter, r *http.Request) error {
	a, err := s.mine(r)
	if err != nil {
		return s.notMine(w, r, err)
	}
	if a.Status == booking.Held && a.Replaces == "" {
		if _, err := s.Reception.Cancel(r.Context(), a.ID, booking.By{Token: codeOf(r)}); err != nil && ortsnah.KindOf(err) == ortsnah.Internal {
			return err
		}
	}
	return see(w, r, againPath(a))
}

// againPath is where one looks for another time for the same visit.
func againPath(a booking.Appointment) string {
	if len(a.Parts) == 0 {
		return "/termin"
	}
	return wantedAgain(a).at("zeiten")
}

// concernsOf are the ids of an appointment's concerns, each once.
func concernsOf(a booking.Appointment) []string {
	var ids []string
	for _, part := range a.Parts {
		if !slices.Contains(ids, part.Concern) {
			ids = append(ids, part.Concern)
		}
	}
	return ids
}

// over says whether a hold has run out.
func over(a booking.Appointment, now time.Time) bool {
	return a.Status == booking.Expired || a.Status == booking.Held && a.HoldUntil != nil && !now.Before(*a.HoldUntil)
}

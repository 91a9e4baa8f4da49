package api

import (
	"context"
	"encoding/json"
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
	if err := s.human(r); err != nil {
		return err
	}
	asked, t := wantedIn(c.ID, v), s.openTold(v.Get("angaben"))
	starts, place, err := slotIn(v.Get("termin"))
	if err != nil {
		return err
	}
	order := booking.Order{Request: asked.request(t), Starts: starts, PlaceID: place}
	held, err := s.holdOnce(r.Context(), onceOf(v, v.Get("termin")), order)
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

// heldTime is what the answer to a hold says again to who sends it twice.
type heldTime struct {
	ID   string `json:"id"`
	Code string `json:"code"`
}

func (s *Server) holdOnce(ctx context.Context, key string, order booking.Order) (heldTime, error) {
	var held heldTime
	request, err := json.Marshal(order)
	if err != nil {
		return held, err
	}
	_, body, err := s.Reception.Idempotent(ctx, key, request, func(ctx context.Context) (int, []byte, error) {
		ticket, err := s.Reception.Hold(ctx, order)
		if err != nil {
			return 0, nil, err
		}
		body, err := json.Marshal(heldTime{ticket.Appointment.ID, ticket.Token})
		return http.StatusCreated, body, err
	})
	if err != nil {
		return held, err
	}
	return held, json.Unmarshal(body, &held)
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
	path := "/termin/b/" + a.ID
	p := web.BookingDetails{Booking: bookingFrame(r, 4, ""), Visit: visit, Until: s.untilText(web.LangOf(r), *a.HoldUntil),
		Name: who.Surname, Email: who.Email, Phone: who.Phone, PhoneNeeded: a.Channel == booking.Phone, EraseDays: setting.EraseDays, Errors: wrong,
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
	if wrong := personErrors(lang, who, a.Channel); len(wrong) > 0 {
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
	s.cookie(w, r, toldCookie, "", "/", 0)
	return see(w, r, "/termin/b/"+a.ID)
}

// personErrors are the sentences about what is missing in the form.
func personErrors(lang string, who booking.Person, channel booking.Channel) []web.BookingFieldError {
	var wrong []web.BookingFieldError
	if booking.NameKey(who.Surname, true) == "" {
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

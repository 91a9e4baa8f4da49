package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/booking/match"
	"github.com/ortsnah/ortsnah/stations"
)

// canWait says whether more may become free than there is now.
func canWait(asked wanted, why match.Why) bool {
	return asked.more == "" && slices.Contains([]match.Why{"", match.WhyFull, match.WhyQuota, match.WhyNoRelease, match.WhyLead}, why)
}

// usualWait is the period that the form proposes.
const usualWait = 28 // days

// bookingWish answers /termin/{id}/warteliste and notes the wish.
func (s *Server) bookingWish(w http.ResponseWriter, r *http.Request) error {
	c, err := s.concern(r)
	if err != nil {
		return err
	}
	setting, err := booking.Settings(r.Context(), s.DB)
	if err != nil {
		return err
	}
	lang, asked, t := web.LangOf(r), wantedIn(c.ID, r.URL.Query()), s.toldBy(r)
	asked.more = ""
	today := stations.Day(s.Now().In(s.Zone))
	p := web.BookingWish{Booking: bookingFrame(r, 0, asked.at("zeiten")), Concern: c.Name.In(lang), Action: asked.at("warteliste"),
		First: today.Format(time.DateOnly), Last: today.AddDate(0, 0, usualWait).Format(time.DateOnly), Name: t.Name, NameNeeded: c.Jurisdiction.Kind == booking.Alphabetic,
		Earliest: today.Format(time.DateOnly), EraseDays: setting.EraseDays, Fields: []web.BookingField{onceKey()}}
	if r.Method != http.MethodPost {
		return s.bookingPage(w, r, http.StatusOK, p)
	}
	return s.wishSent(w, r, asked, t, p)
}

// wishSent notes the wish of the form, or shows the form again with what is
// wrong with it.
func (s *Server) wishSent(w http.ResponseWriter, r *http.Request, asked wanted, t told, p web.BookingWish) error {
	lang := web.LangOf(r)
	v, err := bookingForm(w, r)
	if err != nil {
		return err
	}
	p.First, p.Last, p.Name, p.Email, p.Phone = typed(v.Get("von")), typed(v.Get("bis")), typed(v.Get("nachname")), typed(v.Get("email")), typed(v.Get("telefon"))
	who := booking.Person{Surname: p.Name, Email: p.Email, Phone: p.Phone}
	first, last, wrong := wishDays(lang, p.First, p.Last)
	if p.Errors = append(wrong, personErrors(lang, who, p.NameNeeded, booking.Channel(asked.channel))...); len(p.Errors) > 0 {
		return s.bookingPage(w, r, http.StatusBadRequest, p)
	}
	if t.Name == "" {
		t.Name = p.Name
	}
	wish, err := once(r.Context(), s, v, []any{asked.request(t), first, last, who}, func(ctx context.Context) (noted, error) {
		if err := s.person(r); err != nil {
			return noted{}, err
		}
		wish, code, err := s.Reception.Wait(ctx, asked.request(t), first, last.AddDate(0, 0, 1), who, lang)
		return noted{wish.ID, code}, err
	})
	if ortsnah.KindOf(err) == ortsnah.Invalid {
		p.Errors = fieldErrors(lang, err)
		return s.bookingPage(w, r, http.StatusBadRequest, p)
	}
	if err != nil {
		return err
	}
	s.keepWish(w, r, wish.ID, wish.Code, "1")
	return see(w, r, wishPath(wish.ID))
}

// noted is opened for a wish.
type noted struct {
	ID   int64  `json:"id"`
	Code string `json:"code"`
}

// wishDays reads both days of the form.
func wishDays(lang, from, until string) (first, last time.Time, wrong []web.BookingFieldError) {
	for _, d := range []struct {
		field, text string
		day         *time.Time
	}{{"von", from, &first}, {"bis", until, &last}} {
		var err error
		if *d.day, err = time.Parse(time.DateOnly, d.text); err != nil {
			wrong = append(wrong, web.BookingFieldError{Field: d.field, Sentence: i18n.Text(lang, "booking_wish.bad_day", nil)})
		}
	}
	return first, last, wrong
}

// wishNumber is the number of a wish as people see it: never as long as the
// reference of an appointment.
func wishNumber(id int64) string { return fmt.Sprintf("W%08d", id) }

func wishPath(id int64) string { return "/termin/w/" + wishNumber(id) }

// wishID reads wishNumber; ok is false for anything else.
func wishID(number string) (id int64, ok bool) {
	digits, ok := strings.CutPrefix(number, "W")
	if !ok || len(digits) < 8 {
		return 0, false
	}
	id, err := strconv.ParseInt(digits, 10, 64)
	return id, err == nil && id > 0
}

func (s *Server) keepWish(w http.ResponseWriter, r *http.Request, id int64, code, fresh string) {
	for _, prefix := range []string{"", "/en"} {
		s.cookie(w, r, codeCookie, code, prefix+wishPath(id), codeFor)
		s.cookie(w, r, freshCookie, fresh, prefix+wishPath(id), freshFor)
	}
}

// myWish is the wish of the path, opened with the code that the browser has.
func (s *Server) myWish(r *http.Request) (booking.Wish, []booking.Appointment, error) {
	id, ok := wishID(strings.ToUpper(pathVar(r, "number")))
	if !ok {
		return booking.Wish{}, nil, ortsnah.E(ortsnah.NotFound, "booking.no_wish")
	}
	return s.Reception.Wish(r.Context(), id, codeOf(r))
}

// wishNotMine asks for the code where the browser does not have it.
func (s *Server) wishNotMine(w http.ResponseWriter, r *http.Request, err error) error {
	if ortsnah.KindOf(err) != ortsnah.NotFound {
		return err
	}
	p := web.BookingLookup{Booking: bookingFrame(r, 0, "/termin"), Reference: strings.ToUpper(pathVar(r, "number"))}
	p.Here = "/termin/meine"
	return s.bookingPage(w, r, http.StatusOK, p)
}

// bookingWaiting answers /termin/w/{number}.
func (s *Server) bookingWaiting(w http.ResponseWriter, r *http.Request) error {
	wish, offers, err := s.myWish(r)
	if err != nil {
		return s.wishNotMine(w, r, err)
	}
	lang := web.LangOf(r)
	c, err := booking.FindConcern(r.Context(), s.Open, wish.Concern)
	if err != nil {
		return err
	}
	p := web.BookingWaiting{Booking: bookingFrame(r, 0, ""), Number: wishNumber(wish.ID), Concern: c.Name.In(lang), State: wish.State,
		Period: i18n.Period(lang, wish.FromDay, wish.UntilDay), Persons: wish.Persons, Again: wanted{concern: c.ID}.at("zeiten"), Fields: []web.BookingField{onceKey()}}
	if cookie, err := r.Cookie(freshCookie); err == nil && cookie.Value != "" {
		p.Code = spelledOut(codeOf(r))
	}
	for _, a := range offers {
		if a.Status != booking.Held {
			continue
		}
		visit, err := s.factsOf(r, a)
		if err != nil {
			return err
		}
		p.Offers = append(p.Offers, web.BookingOffer{Reference: a.ID, Visit: visit, Until: i18n.Moment(lang, a.HoldUntil.In(s.Zone))})
	}
	return s.bookingPage(w, r, http.StatusOK, p)
}

// bookingOffer answers POST /termin/w/{number}/angebot: the citizen takes or
// refuses what became free. It has the same code.
func (s *Server) bookingOffer(w http.ResponseWriter, r *http.Request) error {
	v, err := bookingForm(w, r)
	if err != nil {
		return err
	}
	wish, offers, err := s.myWish(r)
	if err != nil {
		return s.wishNotMine(w, r, err)
	}
	reference := spelled(v.Get("nummer"))
	i := slices.IndexFunc(offers, func(a booking.Appointment) bool { return a.ID == reference })
	if i < 0 {
		return see(w, r, wishPath(wish.ID)) // gone meanwhile: the page says how it stands
	}
	return s.answerOffer(w, r, offers[i], v.Get("antwort") == "ja", wishPath(wish.ID))
}

// bookingWithdraw answers POST /termin/w/{number}/zurueckziehen.
func (s *Server) bookingWithdraw(w http.ResponseWriter, r *http.Request) error {
	wish, _, err := s.myWish(r)
	if err != nil {
		return s.wishNotMine(w, r, err)
	}
	if err := s.Reception.Withdraw(r.Context(), wish.ID, codeOf(r)); err != nil {
		return err
	}
	return see(w, r, wishPath(wish.ID))
}

package api

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/booking/match"
	"github.com/ortsnah/ortsnah/stations"
)

// mine is the appointment of the path, opened with the code that the browser
// has. Error: NotFound booking.no_appointment_here without a code or with a
// wrong one.
func (s *Server) mine(r *http.Request) (booking.Appointment, error) {
	return s.Reception.Appointment(r.Context(), strings.ToUpper(pathVar(r, "reference")), booking.By{Token: codeOf(r)})
}

// notMine asks for the code where the browser does not have it.
func (s *Server) notMine(w http.ResponseWriter, r *http.Request, err error) error {
	if kind := ortsnah.KindOf(err); kind != ortsnah.NotFound && kind != ortsnah.Forbidden {
		return err
	}
	p := web.BookingLookup{Booking: bookingFrame(r, 0, "/termin"), Reference: strings.ToUpper(pathVar(r, "reference"))}
	p.Here = "/termin/meine"
	if codeOf(r) != "" {
		p.Error = i18n.Error(web.LangOf(r), err)
	}
	return s.bookingPage(w, r, http.StatusOK, p)
}

// bookingLookup answers /termin/meine: with reference and code the browser gets
// the appointment's cookie. A wrong code and an unknown reference look the same.
func (s *Server) bookingLookup(w http.ResponseWriter, r *http.Request) error {
	p := web.BookingLookup{Booking: bookingFrame(r, 0, "/termin")}
	p.Here = "/termin/meine"
	if r.Method != http.MethodPost {
		return s.bookingPage(w, r, http.StatusOK, p)
	}
	v, err := bookingForm(w, r)
	if err != nil {
		return err
	}
	if err := s.person(r); err != nil {
		return err
	}
	p.Reference = spelled(v.Get("nummer"))
	code := spelled(v.Get("code"))
	if id, ok := wishID(p.Reference); ok {
		if _, _, err := s.Reception.Wish(r.Context(), id, code); err == nil {
			s.keepWish(w, r, id, code, "")
			return see(w, r, wishPath(id))
		}
	}
	a, err := s.Reception.Appointment(r.Context(), p.Reference, booking.By{Token: cmp.Or(code, "-")})
	switch kind := ortsnah.KindOf(err); {
	case err == nil:
		s.keepCode(w, r, a.ID, code)
		return see(w, r, "/termin/b/"+a.ID)
	case kind == ortsnah.NotFound || kind == ortsnah.Forbidden || kind == ortsnah.Invalid:
		p.Error = i18n.Text(web.LangOf(r), "booking_lookup.error", nil)
		return s.bookingPage(w, r, http.StatusNotFound, p)
	}
	return err
}

// spelled reads a reference or code as people type them: case, spaces and
// hyphens do not count, and letters that look like digits are those digits
// (Crockford's base 32).
func spelled(text string) string {
	return strings.NewReplacer(" ", "", "-", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(typed(text)))
}

// bookingOwn answers /termin/b/{reference}: of a hold it asks who comes; of an
// appointment it says all there is to know.
func (s *Server) bookingOwn(w http.ResponseWriter, r *http.Request) error {
	a, err := s.mine(r)
	if err != nil {
		return s.notMine(w, r, err)
	}
	if a.Status == booking.Held && !over(a, s.Now()) && a.Replaces == "" {
		who, err := s.knownPerson(r)
		if err != nil {
			return err
		}
		return s.detailsPage(w, r, http.StatusOK, a, who, nil)
	}
	return s.ownPage(w, r, http.StatusOK, a, web.Notice{})
}

func (s *Server) ownPage(w http.ResponseWriter, r *http.Request, code int, a booking.Appointment, notice web.Notice) error {
	visit, err := s.factsOf(r, a)
	if err != nil {
		return err
	}
	p := web.BookingAppointment{Booking: bookingFrame(r, 0, ""), Visit: visit, Again: againPath(a), EndedByTown: a.EndedBy == "town",
		Fields: []web.BookingField{onceKey()}}
	p.Here, p.Notice = "/termin/b/"+a.ID, notice
	if over(a, s.Now()) {
		p.Visit.Status, code = string(booking.Expired), http.StatusGone
	}
	if a.Status == booking.Booked {
		p.Movable = a.Starts.After(s.Now())
		p.Calendar, p.PDF = p.Here+"/termin.ics", p.Here+"/termin.pdf"
		if p.QR, err = qrPath(a.ID); err != nil {
			return err
		}
		if c, err := r.Cookie(freshCookie); err == nil && c.Value != "" {
			p.Fresh, p.Code = c.Value == "1", spelledOut(codeOf(r))
		}
	}
	if err := s.addInbox(r, &p, a); err != nil {
		return err
	}
	if p.InAccount = accountCode(r) != ""; !p.InAccount && a.Status != booking.Held {
		if _, p.IntoAccount, err = s.isCitizen(r); err != nil {
			return err
		}
	}
	return s.bookingPage(w, r, code, p)
}

// spelledOut writes a code in groups of five.
func spelledOut(code string) string {
	var groups []string
	for group := range slices.Chunk([]byte(code), 5) {
		groups = append(groups, string(group))
	}
	return strings.Join(groups, " ")
}

// addInbox adds what the town has to say about the appointment.
func (s *Server) addInbox(r *http.Request, p *web.BookingAppointment, a booking.Appointment) error {
	by, lang := booking.By{Token: codeOf(r)}, web.LangOf(r)
	notices, err := s.Reception.Notices(r.Context(), a.ID, by)
	if err != nil {
		return err
	}
	for _, n := range notices {
		if key := "booking_appointment.notice." + n.Kind; i18n.Has(key) {
			p.Notices = append(p.Notices, web.BookingNote{At: n.At, Text: i18n.Text(lang, key, nil)})
		}
	}
	if a.Status != booking.Cancelled {
		return nil
	}
	held, err := s.Reception.Alternatives(r.Context(), a.ID, by)
	if err != nil {
		return err
	}
	for _, other := range held {
		visit, err := s.factsOf(r, other)
		if err != nil {
			return err
		}
		p.Alternatives = append(p.Alternatives, web.BookingOffer{Reference: other.ID, Visit: visit, Until: i18n.Moment(lang, other.HoldUntil.In(s.Zone))})
	}
	return nil
}

// bookingAlternative answers POST /termin/b/{reference}/alternative: the citizen
// takes or refuses what the town holds instead. It has the same code.
func (s *Server) bookingAlternative(w http.ResponseWriter, r *http.Request) error {
	v, err := bookingForm(w, r)
	if err != nil {
		return err
	}
	a, err := s.mine(r)
	if err != nil {
		return s.notMine(w, r, err)
	}
	by, other := booking.By{Token: codeOf(r)}, spelled(v.Get("nummer"))
	held, err := s.Reception.Alternatives(r.Context(), a.ID, by)
	if err != nil {
		return err
	}
	if taken, err := s.Reception.Appointment(r.Context(), other, by); err == nil && taken.Replaces == a.ID {
		held = append(held, taken) // answered before: the same click twice
	}
	i := slices.IndexFunc(held, func(h booking.Appointment) bool { return h.ID == other })
	yes := v.Get("antwort") == "ja"
	if i < 0 || held[i].Status != booking.Held && held[i].Status != booking.Booked {
		if !yes { // refused before: the same click twice
			return see(w, r, "/termin/b/"+a.ID)
		}
		return s.ownPage(w, r, http.StatusGone, a, web.Notice{Text: i18n.Text(web.LangOf(r), "booking_appointment.alternative.gone", nil), Error: true})
	}
	return s.answerOffer(w, r, held[i], yes, "/termin/b/"+a.ID)
}

// answerOffer takes or refuses what the town holds for somebody. Said twice it
// counts once, and what was taken is not refused by a tab that was left open.
func (s *Server) answerOffer(w http.ResponseWriter, r *http.Request, a booking.Appointment, yes bool, back string) error {
	by := booking.By{Token: codeOf(r)}
	if !yes && a.Status == booking.Booked {
		return see(w, r, "/termin/b/"+a.ID)
	}
	if !yes {
		if _, err := s.Reception.Cancel(r.Context(), a.ID, by); err != nil && ortsnah.KindOf(err) != ortsnah.Conflict {
			return err
		}
		return see(w, r, back)
	}
	_, err := s.Reception.Confirm(r.Context(), a.ID, by, booking.Person{}, web.LangOf(r))
	if ortsnah.KindOf(err) == ortsnah.Gone {
		return see(w, r, back) // the page says how it stands
	}
	if err != nil {
		return err
	}
	s.keepCode(w, r, a.ID, codeOf(r))
	s.keepFresh(w, r, a.ID, "1")
	if err := s.intoAccount(w, r, a.ID, codeOf(r)); err != nil {
		return err
	}
	return see(w, r, "/termin/b/"+a.ID)
}

// bookingCancel answers /termin/b/{reference}/absagen: it asks once, then
// cancels.
func (s *Server) bookingCancel(w http.ResponseWriter, r *http.Request) error {
	a, err := s.mine(r)
	if err != nil {
		return s.notMine(w, r, err)
	}
	path := "/termin/b/" + a.ID
	if a.Status != booking.Booked || !a.Starts.After(s.Now()) {
		return see(w, r, path) // nothing to cancel: the page says how it stands
	}
	if r.Method == http.MethodPost {
		if _, err := s.Reception.Cancel(r.Context(), a.ID, booking.By{Token: codeOf(r)}); err != nil && ortsnah.KindOf(err) != ortsnah.Conflict {
			return err
		}
		return see(w, r, path)
	}
	visit, err := s.factsOf(r, a)
	if err != nil {
		return err
	}
	p := web.BookingCancel{Booking: bookingFrame(r, 0, path), Visit: visit, Fields: []web.BookingField{onceKey()}}
	return s.bookingPage(w, r, http.StatusOK, p)
}

// wantedAgain is what was wanted of an appointment.
func wantedAgain(a booking.Appointment) wanted {
	ids := concernsOf(a)
	w := wanted{concern: ids[0], persons: strconv.Itoa(a.Persons), stepFree: a.StepFree, sort: match.Best}
	if len(ids) > 1 {
		w.more = ids[1]
	}
	if a.Channel == booking.Phone || a.Channel == booking.Video {
		w.channel = string(a.Channel)
	}
	return w
}

// whenAndWhere is an appointment in one line.
func (s *Server) whenAndWhere(ctx context.Context, a booking.Appointment, lang string) string {
	place, err := s.placeOfVisit(ctx, a, lang)
	if err != nil || place.Place == "" {
		return spanText(lang, a.Starts, a.Ends, s.Zone)
	}
	return spanText(lang, a.Starts, a.Ends, s.Zone) + ", " + place.Place
}

// factsOf is what a citizen sees of an appointment.
func (s *Server) factsOf(r *http.Request, a booking.Appointment) (web.BookingFacts, error) {
	ctx, lang := r.Context(), web.LangOf(r)
	f, err := s.placeOfVisit(ctx, a, lang)
	if err != nil {
		return f, err
	}
	f.Reference, f.Status, f.Channel, f.Persons = a.ID, string(a.Status), string(a.Channel), a.Persons
	f.Start, f.End, f.Label = a.Starts, a.Ends, spanText(lang, a.Starts, a.Ends, s.Zone)
	offices, err := booking.Offices(ctx, s.Open)
	if err != nil {
		return f, err
	}
	for _, o := range offices {
		if o.ID == a.Office {
			f.Office, f.Phone = o.Name.In(lang), o.Phone
		}
	}
	for _, id := range concernsOf(a) {
		c, err := booking.FindConcern(ctx, s.Open, id)
		if ortsnah.KindOf(err) == ortsnah.NotFound {
			continue // withdrawn since
		}
		if err != nil {
			return f, err
		}
		f.Concerns = append(f.Concerns, c.Name.In(lang))
		for _, d := range c.Documents {
			doc := web.Document{Name: in(lang, d.DE, d.EN), Condition: in(lang, d.ConditionDE, d.ConditionEN)}
			if !slices.Contains(f.Documents, doc) {
				f.Documents = append(f.Documents, doc)
			}
		}
	}
	return f, nil
}

// placeOfVisit is where an appointment is.
func (s *Server) placeOfVisit(ctx context.Context, a booking.Appointment, lang string) (web.BookingFacts, error) {
	switch a.Channel {
	case booking.Counter:
		sites, err := booking.Sites(ctx, s.Open)
		if err != nil {
			return web.BookingFacts{}, err
		}
		for _, site := range sites {
			if site.ID == a.Site {
				return web.BookingFacts{Place: site.Name.In(lang), Address: site.Address, StepFree: yesNo(&site.StepFree), MapPath: "/karte?ebene=rooms"}, nil
			}
		}
	case booking.Mobile:
		stops, err := stations.Stops(ctx, s.Open)
		if err != nil {
			return web.BookingFacts{}, err
		}
		for _, stop := range stops {
			if stop.ID == a.Stop {
				return web.BookingFacts{Place: stop.Name.In(lang), Address: stop.Address, StepFree: yesNo(&stop.StepFree),
					MapPath: "/karte?auswahl=stops/" + url.QueryEscape(stop.ID)}, nil
			}
		}
	}
	return web.BookingFacts{Place: i18n.Text(lang, "channel."+string(a.Channel), nil)}, nil
}

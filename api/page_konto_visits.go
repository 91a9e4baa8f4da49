package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
)

// ownVisit is an appointment of an account with the code that opens it.
type ownVisit struct {
	booking.Appointment
	code string
}

// ownVisits are the appointments of an account in the order of time. A code
// that does not open its appointment any more opens nothing here either.
func (s *Server) ownVisits(ctx context.Context, citizen [16]byte) ([]ownVisit, error) {
	links, err := s.Staff.Citizens().Links(ctx, citizen)
	if err != nil {
		return nil, err
	}
	var list []ownVisit
	for _, l := range links {
		a, err := s.Reception.Appointment(ctx, l.Appointment, booking.By{Token: l.Code})
		if ortsnah.KindOf(err) == ortsnah.NotFound && err != nil {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, ownVisit{a, l.Code})
	}
	slices.SortFunc(list, func(a, b ownVisit) int { return cmp.Or(a.Starts.Compare(b.Starts), cmp.Compare(a.ID, b.ID)) })
	return list, nil
}

// coming says whether somebody still has to go there, or is there.
func (s *Server) coming(v ownVisit) bool {
	return v.Ends.After(s.Now()) && slices.Contains([]booking.Status{booking.Booked, booking.Arrived, booking.Called, booking.InService}, v.Status)
}

// konto answers /konto.
func (s *Server) konto(w http.ResponseWriter, r *http.Request, session auth.CitizenSession) error {
	return s.overview(w, r, http.StatusOK, session, web.Account{Notice: kontoNotice(r)})
}

// overview fills p and shows it.
func (s *Server) overview(w http.ResponseWriter, r *http.Request, code int, session auth.CitizenSession, p web.Account) error {
	p.Email = session.Citizen.Email
	visits, err := s.ownVisits(r.Context(), session.Citizen.ID)
	if err != nil {
		return err
	}
	messages, err := booking.Inbox(r.Context(), s.DB, idsOf(visits)...)
	if err != nil {
		return err
	}
	for _, m := range shown(messages) {
		if m.ReadAt == nil {
			p.Unread++
		}
	}
	for _, v := range visits {
		entry, err := s.accountVisit(r, v)
		if err != nil {
			return err
		}
		if s.coming(v) {
			p.Coming = append(p.Coming, entry)
		} else {
			p.Past = append(p.Past, entry)
		}
		if v.Status != booking.Cancelled {
			continue
		}
		offers, err := s.offersFor(r, v)
		if err != nil {
			return err
		}
		p.Offers = append(p.Offers, offers...)
	}
	slices.Reverse(p.Past)
	return s.kontoPage(w, r, code, p)
}

func idsOf(visits []ownVisit) []string {
	ids := make([]string, len(visits))
	for i, v := range visits {
		ids[i] = v.ID
	}
	return ids
}

// accountVisit is an appointment as a line of a list.
func (s *Server) accountVisit(r *http.Request, v ownVisit) (web.AccountVisit, error) {
	lang := web.LangOf(r)
	place, err := s.placeOfVisit(r.Context(), v.Appointment, lang)
	line := web.AccountVisit{Path: "/termin/b/" + v.ID, Reference: v.ID, Label: spanText(lang, v.Starts, v.Ends, s.Zone), Place: place.Place,
		Status: string(v.Status), EndedByTown: v.EndedBy == "town"}
	for _, part := range v.Parts {
		if name := part.Name.In(lang); !slices.Contains(line.Concerns, name) {
			line.Concerns = append(line.Concerns, name)
		}
	}
	return line, err
}

// offersFor is what the town holds instead of a cancelled appointment.
func (s *Server) offersFor(r *http.Request, v ownVisit) ([]web.AccountOffer, error) {
	held, err := s.Reception.Alternatives(r.Context(), v.ID, booking.By{Token: v.code})
	if err != nil {
		return nil, err
	}
	var list []web.AccountOffer
	for _, other := range held {
		visit, err := s.factsOf(r, other)
		if err != nil {
			return nil, err
		}
		list = append(list, web.AccountOffer{Action: "/termin/b/" + v.ID + "/alternative", Reference: other.ID, Visit: visit,
			Until: i18n.Moment(web.LangOf(r), other.HoldUntil.In(s.Zone))})
	}
	return list, nil
}

// kontoAdd answers POST /konto/termine: reference and code put an appointment
// into the account. A wrong code and an unknown reference look the same.
func (s *Server) kontoAdd(w http.ResponseWriter, r *http.Request, session auth.CitizenSession) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	if err := s.person(r); err != nil {
		return err
	}
	reference, code := spelled(v.Get("nummer")), spelled(v.Get("code"))
	a, err := s.Reception.Appointment(r.Context(), reference, booking.By{Token: cmp.Or(code, "-")})
	if err == nil && (a.Status == booking.Held || a.Status == booking.Expired) {
		err = ortsnah.E(ortsnah.NotFound, "booking.no_appointment")
	}
	if err == nil {
		err = s.Staff.Citizens().Link(r.Context(), session.Citizen.ID, auth.Link{Appointment: a.ID, Code: code})
	}
	sentence := ""
	switch kind := ortsnah.KindOf(err); {
	case err == nil:
		return see(w, r, kontoPath+"?meldung=added")
	case kind == ortsnah.Conflict:
		sentence = i18n.Error(web.LangOf(r), err)
	case kind == ortsnah.NotFound || kind == ortsnah.Forbidden || kind == ortsnah.Invalid:
		sentence = i18n.Text(web.LangOf(r), "booking_lookup.error", nil)
	default:
		return err
	}
	return s.overview(w, r, status(ortsnah.KindOf(err)), session, web.Account{Reference: reference, Notice: web.Notice{Text: sentence, Error: true}})
}

// kontoRemove answers POST /konto/termine/entfernen.
func (s *Server) kontoRemove(w http.ResponseWriter, r *http.Request, session auth.CitizenSession) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	if err := s.Staff.Citizens().Unlink(r.Context(), session.Citizen.ID, spelled(v.Get("nummer"))); err != nil {
		return err
	}
	return see(w, r, kontoPath+"?meldung=removed")
}

// shown are the messages that have a sentence.
func shown(messages []booking.Message) []booking.Message {
	return slices.DeleteFunc(messages, func(m booking.Message) bool { return !i18n.Has("booking_appointment.notice." + m.Kind) })
}

// kontoInbox answers /konto/postfach: what the town has to say about all
// appointments. Who looks has read it.
func (s *Server) kontoInbox(w http.ResponseWriter, r *http.Request, session auth.CitizenSession) error {
	visits, err := s.ownVisits(r.Context(), session.Citizen.ID)
	if err != nil {
		return err
	}
	messages, err := booking.Inbox(r.Context(), s.DB, idsOf(visits)...)
	if err != nil {
		return err
	}
	lang, when := web.LangOf(r), map[string]string{}
	for _, v := range visits {
		when[v.ID] = spanText(lang, v.Starts, v.Ends, s.Zone)
	}
	var p web.AccountInbox
	for _, m := range shown(messages) {
		p.Messages = append(p.Messages, web.AccountMessage{At: m.At, Text: i18n.Text(lang, "booking_appointment.notice."+m.Kind, nil), New: m.ReadAt == nil,
			Path: "/termin/b/" + m.Appointment, Reference: m.Appointment, When: when[m.Appointment]})
	}
	if r.Method == http.MethodGet {
		if err := booking.MarkRead(r.Context(), s.DB, s.Now(), messages); err != nil {
			return err
		}
	}
	return s.kontoPage(w, r, http.StatusOK, p)
}

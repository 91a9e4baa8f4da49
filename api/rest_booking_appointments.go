package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking"
)

// appointmentAnswer is a hold or an appointment as its citizen sees it: neither
// clerk nor room, which may still change.
type appointmentAnswer struct {
	ID           string              `json:"id"`
	Status       booking.Status      `json:"status"`
	Token        string              `json:"token,omitzero"` // told once, with the hold
	HoldUntil    *time.Time          `json:"hold_until,omitzero"`
	Start        time.Time           `json:"start"`
	End          time.Time           `json:"end"`
	Zone         string              `json:"zone"`
	Text         texts               `json:"text"`
	Place        bookedPlace         `json:"place"`
	Channel      booking.Channel     `json:"channel"`
	StepFree     bool                `json:"step_free"`
	Persons      int                 `json:"persons"`
	Services     []named             `json:"services"`
	Department   string              `json:"department"`
	Lang         string              `json:"lang"`
	Replaces     string              `json:"replaces,omitzero"`
	Alternatives []appointmentAnswer `json:"alternatives,omitempty"` // held by the town for who was put off
	Links        []link              `json:"links"`
}

// orderAsked is the body of POST /api/v1/holds.
type orderAsked struct {
	visitAsked
	Start  string `json:"start"`
	Place  string `json:"place"`
	Altcha string `json:"altcha"`
}

// confirmAsked is the body of POST /api/v1/appointments.
type confirmAsked struct {
	Hold      string `json:"hold"`
	GivenName string `json:"given_name"`
	Surname   string `json:"surname"`
	Email     string `json:"email"`
	Phone     string `json:"phone"`
	Note      string `json:"note"`
	Lang      string `json:"lang"`
}

// moveAsked is the body of PATCH /api/v1/appointments/{id}.
type moveAsked struct {
	Start string `json:"start"`
	Place string `json:"place"`
}

// hold answers POST /api/v1/holds: 201 with the token, or 409 with what else
// there is.
func (s *Server) hold(w http.ResponseWriter, r *http.Request) error {
	var n orderAsked
	raw, err := s.posted(w, r, &n)
	if err != nil {
		return err
	}
	order, err := s.order(r, n)
	if err != nil {
		return err
	}
	return s.once(w, r, "", raw, func(ctx context.Context) (int, []byte, error) {
		if err := s.mayHold(r); err != nil {
			return 0, nil, err
		}
		if s.Proof {
			if err := s.proven(r, n.Altcha); err != nil {
				return 0, nil, err
			}
		}
		ticket, err := s.Reception.Hold(ctx, order)
		if err != nil {
			return 0, nil, err
		}
		return s.created(ctx, r, ticket.Appointment, ticket.Token)
	})
}

// order reads which proposal is wanted.
func (s *Server) order(r *http.Request, n orderAsked) (booking.Order, error) {
	q, err := s.askedFor(r, n.visitAsked)
	if err != nil {
		return booking.Order{}, err
	}
	start, place, err := s.chosen(n.Start, n.Place)
	return booking.Order{Request: q, Starts: start, PlaceID: place}, err
}

// chosen reads start and place, which together name a proposal.
func (s *Server) chosen(startText, place string) (time.Time, string, error) {
	if startText == "" || dayShape.MatchString(startText) {
		return time.Time{}, "", ortsnah.E(ortsnah.Invalid, "api.bad_moment", "name", "start").About("start")
	}
	if place == "" {
		return time.Time{}, "", ortsnah.E(ortsnah.Invalid, "api.place_not_chosen").About("place")
	}
	start, err := s.moment("start", startText, false)
	return start, place, err
}

// confirm answers POST /api/v1/appointments: what was held is booked.
func (s *Server) confirm(w http.ResponseWriter, r *http.Request) error {
	token, err := bearer(r)
	if err != nil {
		return err
	}
	var n confirmAsked
	raw, err := s.posted(w, r, &n)
	if err != nil {
		return err
	}
	if n.Lang != "" && n.Lang != "de" && n.Lang != "en" {
		return ortsnah.E(ortsnah.Invalid, "api.bad_language", "value", shortened(n.Lang)).About("lang")
	}
	return s.once(w, r, token, raw, func(ctx context.Context) (int, []byte, error) {
		person := booking.Person{GivenName: n.GivenName, Surname: n.Surname, Email: n.Email, Phone: n.Phone, Note: n.Note}
		a, err := s.Reception.Confirm(ctx, n.Hold, booking.By{Token: token}, person, n.Lang)
		if err != nil {
			return 0, nil, err
		}
		return s.created(ctx, r, a, "")
	})
}

// appointment answers GET /api/v1/appointments/{id}; a hold that has run out
// is gone.
func (s *Server) appointment(w http.ResponseWriter, r *http.Request) error {
	a, err := s.ownAppointment(r)
	if err != nil {
		return err
	}
	if a.Status == booking.Expired {
		return ortsnah.E(ortsnah.Gone, "booking.hold_expired")
	}
	answer, err := s.appointmentAnswer(r.Context(), r, a)
	if err != nil {
		return err
	}
	if a.Status == booking.Cancelled {
		if err := s.addAlternatives(r, &answer); err != nil {
			return err
		}
	}
	return s.told(w, answer)
}

// ownAppointment is the one of the path, for who has its token.
func (s *Server) ownAppointment(r *http.Request) (booking.Appointment, error) {
	token, err := s.holder(r)
	if err != nil {
		return booking.Appointment{}, err
	}
	return s.Reception.Appointment(r.Context(), pathVar(r, "id"), booking.By{Token: token})
}

// addAlternatives adds what the town holds for who was put off.
func (s *Server) addAlternatives(r *http.Request, answer *appointmentAnswer) error {
	token, err := bearer(r)
	if err != nil {
		return err
	}
	held, err := s.Reception.Alternatives(r.Context(), answer.ID, booking.By{Token: token})
	if err != nil {
		return err
	}
	for _, a := range held {
		other, err := s.appointmentAnswer(r.Context(), r, a)
		if err != nil {
			return err
		}
		answer.Alternatives = append(answer.Alternatives, other)
	}
	return nil
}

// move answers PATCH /api/v1/appointments/{id}: another time or place.
func (s *Server) move(w http.ResponseWriter, r *http.Request) error {
	token, err := s.holder(r)
	if err != nil {
		return err
	}
	var n moveAsked
	if _, err := s.posted(w, r, &n); err != nil {
		return err
	}
	by := booking.By{Token: token}
	if n.Place == "" { // stay where it was
		a, err := s.Reception.Appointment(r.Context(), pathVar(r, "id"), by)
		if err != nil {
			return err
		}
		n.Place = placeID(a)
	}
	start, place, err := s.chosen(n.Start, n.Place)
	if err != nil {
		return err
	}
	if err := s.mayHold(r); err != nil {
		return err
	}
	a, err := s.Reception.Move(r.Context(), pathVar(r, "id"), by, start, place)
	if err != nil {
		return err
	}
	return s.tell(w, r, a)
}

// cancel answers DELETE /api/v1/appointments/{id}.
func (s *Server) cancel(w http.ResponseWriter, r *http.Request) error {
	token, err := s.holder(r)
	if err != nil {
		return err
	}
	a, err := s.Reception.Cancel(r.Context(), pathVar(r, "id"), booking.By{Token: token})
	if err != nil {
		return err
	}
	return s.tell(w, r, a)
}

// tell answers with an appointment.
func (s *Server) tell(w http.ResponseWriter, r *http.Request, a booking.Appointment) error {
	answer, err := s.appointmentAnswer(r.Context(), r, a)
	if err != nil {
		return err
	}
	return s.told(w, answer)
}

func (s *Server) told(w http.ResponseWriter, answer appointmentAnswer) error {
	body, err := encoded(answer)
	if err != nil {
		return err
	}
	return answerJSON(w, http.StatusOK, body)
}

// holder is the token of a request about an appointment.
func (s *Server) holder(r *http.Request) (string, error) {
	if s.Reception == nil {
		return "", ortsnah.E(ortsnah.Unavailable, "api.no_booking")
	}
	if _, err := parameters(r); err != nil {
		return "", err
	}
	return bearer(r)
}

// bearer reads the token (RFC 6750, section 2.1). It is never taken from the
// address, which is logged and remembered in many places. Error: Unproven
// api.no_token.
func bearer(r *http.Request) (string, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", ortsnah.E(ortsnah.Unproven, "api.no_token").About("Authorization")
	}
	return token, nil
}

// posted reads the body of a request that changes something.
func (s *Server) posted(w http.ResponseWriter, r *http.Request, into any) ([]byte, error) {
	if s.Reception == nil {
		return nil, ortsnah.E(ortsnah.Unavailable, "api.no_booking")
	}
	if _, err := parameters(r); err != nil {
		return nil, err
	}
	return readJSON(w, r, into)
}

// once does it, and for the same Idempotency-Key only once: whoever repeats
// the request gets the first answer (IETF draft-ietf-httpapi-idempotency-key-header).
// token keeps the keys of one client apart from those of another.
func (s *Server) once(w http.ResponseWriter, r *http.Request, token string, raw []byte,
	do func(context.Context) (int, []byte, error)) error {
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		code, body, err := do(r.Context())
		return answerOnce(w, code, body, err)
	}
	if len(key) < shortestKey || len(key) > longestKey {
		return ortsnah.E(ortsnah.Invalid, "api.bad_idempotency_key", "low", shortestKey, "high", longestKey).About("Idempotency-Key")
	}
	client := sha256.Sum256([]byte(token))
	scope := strings.Join([]string{r.Method, r.URL.Path, hex.EncodeToString(client[:8]), key}, " ")
	code, body, err := s.Reception.Idempotent(r.Context(), scope, raw, do)
	return answerOnce(w, code, body, err)
}

// A short key may be another client's, and the answer holds a token.
const (
	shortestKey = 16
	longestKey  = 128
)

func answerOnce(w http.ResponseWriter, code int, body []byte, err error) error {
	if err != nil {
		return err
	}
	if self := selfIn(body); (code == http.StatusCreated || code == http.StatusAccepted) && self != "" {
		w.Header().Set("Location", self)
	}
	return answerJSON(w, code, body)
}

// created is the answer to who reserved or booked.
func (s *Server) created(ctx context.Context, r *http.Request, a booking.Appointment, token string) (int, []byte, error) {
	answer, err := s.appointmentAnswer(ctx, r, a)
	if err != nil {
		return 0, nil, err
	}
	answer.Token = token
	body, err := encoded(answer)
	return http.StatusCreated, body, err
}

func (s *Server) appointmentAnswer(ctx context.Context, r *http.Request, a booking.Appointment) (appointmentAnswer, error) {
	place, err := s.placeBooked(ctx, a)
	if err != nil {
		return appointmentAnswer{}, err
	}
	path := s.base(r) + "/api/v1/appointments/" + a.ID
	answer := appointmentAnswer{ID: a.ID, Status: a.Status, HoldUntil: a.HoldUntil, Start: a.Starts, End: a.Ends, Zone: a.Zone, Place: place,
		Channel: a.Channel, StepFree: a.StepFree, Persons: a.Persons, Services: []named{}, Department: a.Office, Lang: a.Lang, Replaces: a.Replaces,
		Links: []link{{Href: path, Rel: "self", Type: jsonMedia}}}
	if a.HoldUntil != nil {
		until := a.HoldUntil.In(s.Zone)
		answer.HoldUntil = &until
	}
	if a.Status == booking.Booked {
		answer.Links = append(answer.Links, link{Href: path + "/calendar.ics", Rel: "alternate", Type: calendarMedia})
	}
	zone := a.Starts.Location()
	answer.Text = texts{spanText("de", a.Starts, a.Ends, zone) + ", " + place.Name.DE, spanText("en", a.Starts, a.Ends, zone) + ", " + place.Name.EN}
	for _, p := range a.Parts {
		answer.Services = append(answer.Services, named{ID: p.Concern, Name: bothLanguages(p.Name)})
	}
	return answer, nil
}

// placeID names the place of an appointment as proposals do.
func placeID(a booking.Appointment) string {
	switch a.Channel {
	case booking.Counter:
		return "site/" + a.Site
	case booking.Mobile:
		return "stop/" + a.Stop
	}
	return string(a.Channel)
}

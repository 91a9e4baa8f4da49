package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking"
)

// wishAsked is the body of POST /api/v1/wishes: a place on the waiting list.
type wishAsked struct {
	visitAsked
	FromDay   string `json:"from_day"`
	UntilDay  string `json:"until_day"` // included
	GivenName string `json:"given_name"`
	Surname   string `json:"surname"`
	Email     string `json:"email"`
	Phone     string `json:"phone"`
	Lang      string `json:"lang"`
	Altcha    string `json:"altcha"`
}

// wishAnswer is a wish as its citizen sees it.
type wishAnswer struct {
	ID       int64               `json:"id"`
	State    string              `json:"state"`
	Token    string              `json:"token,omitzero"` // told once; opens what is offered, too
	Service  string              `json:"service"`
	Channel  booking.Channel     `json:"channel"`
	Persons  int                 `json:"persons"`
	StepFree bool                `json:"step_free"`
	FromDay  string              `json:"from_day"`
	UntilDay string              `json:"until_day"`
	Offers   []appointmentAnswer `json:"offers"` // to confirm or cancel like any hold
	Links    []link              `json:"links"`
}

// wish answers POST /api/v1/wishes.
func (s *Server) wish(w http.ResponseWriter, r *http.Request) error {
	var n wishAsked
	raw, err := s.posted(w, r, &n)
	if err != nil {
		return err
	}
	q, err := s.askedFor(r, n.visitAsked)
	if err != nil {
		return err
	}
	from, err := calendarDay("from_day", n.FromDay)
	if err != nil {
		return err
	}
	last, err := calendarDay("until_day", n.UntilDay)
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
		person := booking.Person{GivenName: n.GivenName, Surname: n.Surname, Email: n.Email, Phone: n.Phone}
		noted, token, err := s.Reception.Wait(ctx, q, from, last.AddDate(0, 0, 1), person, n.Lang)
		if err != nil {
			return 0, nil, err
		}
		answer := s.wishAnswer(r, noted)
		answer.Token = token
		body, err := encoded(answer)
		return http.StatusCreated, body, err
	})
}

// wishNow answers GET /api/v1/wishes/{id}.
func (s *Server) wishNow(w http.ResponseWriter, r *http.Request) error {
	id, token, err := s.wishAskedFor(r)
	if err != nil {
		return err
	}
	noted, offers, err := s.Reception.Wish(r.Context(), id, token)
	if err != nil {
		return err
	}
	answer := s.wishAnswer(r, noted)
	for _, a := range offers {
		offered, err := s.appointmentAnswer(r.Context(), r, a)
		if err != nil {
			return err
		}
		answer.Offers = append(answer.Offers, offered)
	}
	body, err := encoded(answer)
	if err != nil {
		return err
	}
	return answerJSON(w, http.StatusOK, body)
}

// unwish answers DELETE /api/v1/wishes/{id}.
func (s *Server) unwish(w http.ResponseWriter, r *http.Request) error {
	id, token, err := s.wishAskedFor(r)
	if err != nil {
		return err
	}
	if err := s.Reception.Withdraw(r.Context(), id, token); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", private)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// wishAskedFor reads id and token; an id that is no number is one that does
// not exist.
func (s *Server) wishAskedFor(r *http.Request) (int64, string, error) {
	token, err := s.holder(r)
	if err != nil {
		return 0, "", err
	}
	id, err := strconv.ParseInt(pathVar(r, "id"), 10, 64)
	if err != nil {
		return 0, "", ortsnah.E(ortsnah.NotFound, "booking.no_wish")
	}
	return id, token, nil
}

func (s *Server) wishAnswer(r *http.Request, n booking.Wish) wishAnswer {
	return wishAnswer{ID: n.ID, State: n.State, Service: n.Concern, Channel: n.Channel, Persons: n.Persons, StepFree: n.StepFree,
		FromDay: n.FromDay.Format(time.DateOnly), UntilDay: n.UntilDay.AddDate(0, 0, -1).Format(time.DateOnly), Offers: []appointmentAnswer{},
		Links: []link{{Href: s.base(r) + "/api/v1/wishes/" + strconv.FormatInt(n.ID, 10), Rel: "self", Type: jsonMedia}}}
}

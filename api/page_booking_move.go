package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/booking/match"
)

// bookingMove answers /termin/b/{reference}/verschieben: other times for the same
// visit; the old one stays until a new one is had.
func (s *Server) bookingMove(w http.ResponseWriter, r *http.Request) error {
	a, err := s.mine(r)
	if err != nil {
		return s.notMine(w, r, err)
	}
	if a.Status != booking.Booked || !a.Starts.After(s.Now()) || len(a.Parts) == 0 {
		return see(w, r, "/termin/b/"+a.ID)
	}
	if r.Method != http.MethodPost {
		q := moveRequest(a, r.URL.Query())
		found, err := s.Reception.Board.Propose(r.Context(), q)
		if err != nil {
			return err
		}
		return s.movePage(w, r, http.StatusOK, a, q, found, web.Notice{})
	}
	v, err := bookingForm(w, r)
	if err != nil {
		return err
	}
	starts, place, err := slotIn(v.Get("termin"))
	if err != nil {
		return err
	}
	_, err = once(r.Context(), s, v, []any{a.ID, a.Starts, starts, place}, func(ctx context.Context) (string, error) {
		if err := s.person(r); err != nil {
			return "", err
		}
		moved, err := s.Reception.Move(ctx, a.ID, booking.By{Token: codeOf(r)}, starts, place)
		return moved.ID, err
	})
	if taken, ok := errors.AsType[*booking.Taken](err); ok {
		notice := web.Notice{Text: i18n.Error(web.LangOf(r), taken), Error: true}
		return s.movePage(w, r, http.StatusConflict, a, moveRequest(a, r.URL.Query()), booking.Search{Proposals: taken.Alternatives, Why: taken.Why}, notice)
	}
	if err != nil {
		return err
	}
	s.keepFresh(w, r, a.ID, "2") // shows the code again, but is no new appointment
	return see(w, r, "/termin/b/"+a.ID)
}

// moveRequest asks for other times with the team that was decided on.
func moveRequest(a booking.Appointment, v url.Values) booking.Request {
	q := wantedAgain(a).request(told{})
	q.Concerns, q.Limit = nil, bestTimes
	for _, part := range a.Parts {
		q.Concerns, q.Teams = append(q.Concerns, part.Concern), append(q.Teams, part.Team)
	}
	if v.Get("zuerst") == "frueh" {
		q.Sort = match.Early
	}
	return q
}

func (s *Server) movePage(w http.ResponseWriter, r *http.Request, code int, a booking.Appointment, q booking.Request, found booking.Search, notice web.Notice) error {
	lang, path := web.LangOf(r), "/termin/b/"+a.ID
	c, err := booking.FindConcern(r.Context(), s.Open, q.Concerns[0])
	if err != nil {
		return err
	}
	p := web.BookingTimes{Booking: bookingFrame(r, 0, path), Minutes: found.Minutes, Persons: a.Persons, Moving: a.ID,
		Old: s.whenAndWhere(r.Context(), a, lang), Action: path + "/verschieben", Fields: []web.BookingField{onceKey()}, Slots: s.suggestions(lang, found.Proposals)}
	p.Notice = notice
	for _, part := range a.Parts {
		p.Concerns = append(p.Concerns, part.Name.In(lang))
	}
	calendar := r.URL.Query().Get("ansicht") == "kalender"
	p.Tabs = []web.BookingTab{{ID: "best", Path: p.Action, On: !calendar && q.Sort != match.Early}, {ID: "early", Path: p.Action + "?zuerst=frueh", On: !calendar && q.Sort == match.Early},
		{ID: "calendar", Path: p.Action + "?ansicht=kalender", On: calendar}}
	if len(found.Proposals) == 0 {
		if p.Why, err = s.whyNone(r, c, wanted{}, found.Why); err != nil {
			return err
		}
	} else if calendar {
		if err := s.addCalendar(r, &p, q, found.Proposals); err != nil {
			return err
		}
	}
	return s.bookingPage(w, r, code, p)
}

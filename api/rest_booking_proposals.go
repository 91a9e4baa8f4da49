package api

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/booking/match"
)

// proposalsAnswer is the answer of /api/v1/proposals.
type proposalsAnswer struct {
	Proposals   []proposalAnswer      `json:"proposals"`
	None        *saidWhy              `json:"none,omitzero"`
	Services    []string              `json:"services"`
	Persons     int                   `json:"persons"`
	Minutes     int                   `json:"minutes"`
	Documents   []documentAnswerEntry `json:"documents"`
	Responsible *responsibleAnswer    `json:"responsible,omitzero"`
}

// proposalAnswer is one proposal; start and place name it to POST /api/v1/holds.
type proposalAnswer struct {
	Start      time.Time       `json:"start"`
	End        time.Time       `json:"end"`
	Text       texts           `json:"text"`
	Place      bookedPlace     `json:"place"`
	Channel    booking.Channel `json:"channel"`
	StepFree   bool            `json:"step_free"`
	Metres     *int            `json:"metres,omitzero"` // straight line
	Reasons    []saidWhy       `json:"reasons"`
	Department string          `json:"department,omitzero"`
}

// bookedPlace is where an appointment is. Phone and video have an id only.
type bookedPlace struct {
	ID      string   `json:"id"`
	Type    string   `json:"type"` // site, stop, phone, video
	Name    texts    `json:"name"`
	Address string   `json:"address,omitzero"`
	Lon     *float64 `json:"lon,omitzero"`
	Lat     *float64 `json:"lat,omitzero"`
}

// saidWhy is a reason for machines and people.
type saidWhy struct {
	Key string `json:"key"`
	texts
}

type responsibleAnswer struct {
	Outcome     string `json:"outcome"`
	Department  *named `json:"department,omitzero"`
	Phone       string `json:"phone,omitzero"` // of the department
	Explanation texts  `json:"explanation"`
}

// proposals answers GET /api/v1/proposals.
func (s *Server) proposals(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", private)
	n, err := visitQuery(r)
	if err != nil {
		return err
	}
	return s.propose(w, r, n)
}

// proposalsPosted answers POST /api/v1/proposals: the same question as JSON.
func (s *Server) proposalsPosted(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	var n visitAsked
	if _, err := readJSON(w, r, &n); err != nil {
		return err
	}
	return s.propose(w, r, n)
}

func (s *Server) propose(w http.ResponseWriter, r *http.Request, n visitAsked) error {
	q, err := s.askedFor(r, n)
	if err != nil {
		return err
	}
	found, err := s.Reception.Board.Propose(r.Context(), q)
	if err != nil {
		return err
	}
	if err := stillNeeded(found); err != nil {
		return err
	}
	if found.Why != "" {
		if err := s.noteUnmet(r, q, found); err != nil {
			return err
		}
	}
	body, err := encoded(answerProposals(q, found))
	if err != nil {
		return err
	}
	return answerJSON(w, http.StatusOK, body)
}

// askedFor is request, refusing an address that several places fit.
func (s *Server) askedFor(r *http.Request, n visitAsked) (booking.Request, error) {
	if s.Reception == nil {
		return booking.Request{}, ortsnah.E(ortsnah.Unavailable, "api.no_booking")
	}
	q, place, err := s.request(r.Context(), n)
	if err == nil && place.choice != nil {
		return q, &ambiguous{place.choice}
	}
	return q, err
}

// ambiguous is an address that a person has to choose from.
type ambiguous struct{ addresses []booking.Address }

// Error is the text for logs, without the addresses.
func (a *ambiguous) Error() string { return a.Unwrap().Error() }

// Unwrap gives the sentence and the kind.
func (a *ambiguous) Unwrap() error {
	return ortsnah.E(ortsnah.Invalid, "api.choose_an_address").About("address")
}

// stillNeeded is the error that asks for the name or the place that decides.
func stillNeeded(found booking.Search) error {
	switch found.Why {
	case booking.WhyName:
		return ortsnah.E(ortsnah.Invalid, "api.name_decides").About("name")
	case booking.WhyPlace:
		return ortsnah.E(ortsnah.Invalid, "api.place_decides").About("address")
	}
	return nil
}

func answerProposals(q booking.Request, found booking.Search) proposalsAnswer {
	a := proposalsAnswer{Proposals: proposalAnswers(found.Proposals), Services: q.Concerns, Persons: q.Persons,
		Minutes: found.Minutes, Documents: documentAnswers(found.Documents)}
	if found.Why != "" {
		a.None = whyTexts(found.Why)
	}
	if d := found.Decision; d.Outcome != "" {
		a.Responsible = &responsibleAnswer{Outcome: string(d.Outcome), Explanation: sentence(d.Key, d.Args)}
		if d.Office.ID != "" {
			a.Responsible.Phone = d.Office.Phone
			a.Responsible.Department = &named{ID: d.Office.ID, Name: bothLanguages(d.Office.Name)}
		}
	}
	return a
}

func proposalAnswers(list []booking.Proposal) []proposalAnswer {
	all := make([]proposalAnswer, 0, len(list))
	for _, p := range list {
		a := proposalAnswer{Start: p.Starts, End: p.Ends, Text: slotText(p), Place: placeOf(p),
			Channel: p.Channel, StepFree: p.StepFree, Reasons: []saidWhy{}, Department: p.Office}
		if p.Metres >= 0 {
			a.Metres = &p.Metres
		}
		for _, reason := range p.Reasons {
			a.Reasons = append(a.Reasons, reasonTexts(reason))
		}
		all = append(all, a)
	}
	return all
}

// placeOf names phone and video, which have no name of their own.
func placeOf(p booking.Proposal) bookedPlace {
	kind, _, _ := strings.Cut(p.PlaceID, "/")
	a := bookedPlace{ID: p.PlaceID, Type: kind, Name: bothLanguages(p.PlaceName), Address: p.Address}
	if p.Channel == booking.Phone || p.Channel == booking.Video {
		a.Name = sentence("booking.place_"+string(p.Channel), nil)
		return a
	}
	if p.Lon != 0 || p.Lat != 0 {
		a.Lon, a.Lat = &p.Lon, &p.Lat
	}
	return a
}

// slotText says all of a time and place: "Montag, 30. März 2026, 08:00 bis
// 08:10 Uhr, Rathaus" (S44).
func slotText(p booking.Proposal) texts {
	place := placeOf(p).Name
	return texts{spanText("de", p.Starts, p.Ends, p.Starts.Location()) + ", " + place.DE, spanText("en", p.Starts, p.Ends, p.Starts.Location()) + ", " + place.EN}
}

// spanText is a time as the clocks of the zone show it; an hour that comes
// twice on that day is told with its offset (S15).
func spanText(lang string, starts, ends time.Time, zone *time.Location) string {
	starts, ends = starts.In(zone), ends.In(zone)
	text := i18n.Opening(lang, starts, ends)
	for _, shift := range []time.Duration{-time.Hour, time.Hour} {
		if twin := starts.Add(shift); twin.Format("2006-01-02T15:04") == starts.Format("2006-01-02T15:04") {
			return text + " (UTC" + starts.Format("-07:00") + ")"
		}
	}
	return text
}

// reasonTexts is the sentence about a proposal.
func reasonTexts(reason match.Reason) saidWhy {
	return saidWhy{string(reason), sentence("booking.reason_"+string(reason), nil)}
}

// whyTexts is the sentence why there is nothing and what to do instead.
func whyTexts(why match.Why) *saidWhy {
	return &saidWhy{string(why), sentence("booking.why_"+string(why), nil)}
}

func documentAnswers(list []booking.Document) []documentAnswerEntry {
	all := make([]documentAnswerEntry, 0, len(list))
	for _, d := range list {
		e := documentAnswerEntry{ID: d.ID, Name: texts{d.DE, either(d.EN, d.DE)}}
		if d.ConditionDE != "" {
			e.Condition = &texts{d.ConditionDE, either(d.ConditionEN, d.ConditionDE)}
		}
		all = append(all, e)
	}
	return all
}

// more is what a problem says beyond its sentence (RFC 9457, section 3.2).
func (p *problem) more(err error) {
	if taken, ok := errors.AsType[*booking.Taken](err); ok {
		p.Alternatives = proposalAnswers(taken.Alternatives)
		if len(taken.Alternatives) == 0 && taken.Why != "" {
			p.None = whyTexts(taken.Why)
		}
	}
	if a, ok := errors.AsType[*ambiguous](err); ok {
		p.Addresses = a.addresses
	}
}

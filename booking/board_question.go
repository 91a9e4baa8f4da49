package booking

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking/match"
	"github.com/ortsnah/ortsnah/stations"
)

// question is a request on its way to the matcher.
type question struct {
	Search
	request  Request
	offer    *offer
	concerns []Concern
	days     []int // index in offer.days of each day of the problem
	places   []int // index in offer.places of each place of the problem
	problem  match.Problem
}

func (b *Board) ask(ctx context.Context, r Request, fresh bool) (*question, error) {
	o, err := b.current(ctx)
	if err != nil {
		return nil, err
	}
	q := &question{request: r, offer: o}
	if err := q.check(); err != nil {
		return nil, err
	}
	if q.Why != "" {
		return q, nil
	}
	now := b.now()
	if q.period(now); fresh && len(q.problem.Days) > 0 {
		if err := b.refresh(ctx, o, q.problem.Days[0].Date, q.problem.Days[len(q.problem.Days)-1].Date); err != nil {
			return nil, err
		}
	}
	if err := q.decide(now.In(b.zone)); err != nil {
		return nil, err
	}
	if q.Why != "" {
		return q, nil
	}
	if !b.fill(q, now) {
		return b.ask(ctx, r, fresh) // loaded anew in between
	}
	return q, nil
}

// fill adds what is free; false when the offer is no longer the one of q.
func (b *Board) fill(q *question, now time.Time) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if b.offer != q.offer {
		return false
	}
	q.choosePlaces()
	q.addRooms(b, now)
	q.addParts(b, now)
	return true
}

// check refuses what can be nobody's wish and collects what the concerns say.
func (q *question) check() error {
	r := &q.request
	if len(r.Concerns) == 0 || len(r.Concerns) > maxConcerns {
		return ortsnah.E(ortsnah.Invalid, "booking.bad_concerns", "most", maxConcerns).About("service")
	}
	if r.Persons < 1 || r.Persons > maxPersons {
		return ortsnah.E(ortsnah.Invalid, "booking.bad_persons", "most", maxPersons).About("persons")
	}
	if r.Channel != "" && !slices.Contains([]Channel{Counter, Mobile, Phone, Video}, r.Channel) {
		return ortsnah.E(ortsnah.Invalid, "booking.bad_channel", "channel", string(r.Channel)).About("channel")
	}
	if !r.To.IsZero() && !r.From.Before(r.To) {
		return ortsnah.E(ortsnah.Invalid, "booking.bad_period").About("to")
	}
	if r.Via == "" {
		r.Via = ViaWeb
	}
	for i, id := range r.Concerns {
		c, ok := q.offer.directory.Concern(id)
		if !ok {
			return ortsnah.E(ortsnah.NotFound, "booking.no_concern", "service", id).About("service")
		}
		if slices.Contains(r.Concerns[:i], id) {
			return ortsnah.E(ortsnah.Invalid, "booking.bad_concerns", "most", maxConcerns).About("service")
		}
		q.concerns = append(q.concerns, c)
		q.Minutes += c.Minutes + c.FurtherMinutes*(r.Persons-1)
		for _, d := range c.Documents {
			if !slices.Contains(q.Documents, d) {
				q.Documents = append(q.Documents, d)
			}
		}
		switch {
		case !c.Appointment:
			q.Why = WhyNoVisit
		case len(q.channels()) == 0:
			q.Why = WhyChannel
		}
	}
	return nil
}

// channels are those on which all concerns can be done and which are wanted.
func (q *question) channels() []Channel {
	wanted := []Channel{Counter, Mobile}
	if q.request.Channel != "" {
		wanted = []Channel{q.request.Channel}
	}
	return slices.DeleteFunc(wanted, func(w Channel) bool {
		return slices.ContainsFunc(q.concerns, func(c Concern) bool {
			return !slices.Contains(c.Channels, string(w)) || w == Mobile && !c.Mobile
		})
	})
}

// period sets the first and last start that r, lead times and horizons allow.
func (q *question) period(now time.Time) {
	p, r, o := &q.problem, q.request, q.offer
	p.Earliest, p.Latest = now, o.days[len(o.days)-1].Start.AddDate(0, 0, 1)
	if r.Via == ViaWeb {
		for _, c := range q.concerns {
			rule := o.concerns[c.ID]
			if t := now.Add(time.Duration(rule.LeadMinutes) * time.Minute); t.After(p.Earliest) {
				p.Earliest = t
			}
			if i := rule.HorizonDays + 1; i < len(o.days) && o.days[i].Start.Before(p.Latest) {
				p.Latest = o.days[i].Start
			}
		}
	}
	if r.From.After(p.Earliest) {
		p.Earliest = r.From
	}
	if !r.To.IsZero() && r.To.Before(p.Latest) {
		p.Latest = r.To
	}
	for i, d := range o.days {
		end := d.Start.Add(time.Duration(d.Cells*match.CellMinutes) * time.Minute)
		if end.After(p.Earliest) && d.Start.Before(p.Latest) {
			p.Days, q.days = append(p.Days, d), append(q.days, i)
		}
	}
}

// decide finds who is responsible for each concern. Rules may change within
// the period; what holds on its first day is asked here, addParts asks for
// every day.
func (q *question) decide(today time.Time) error {
	day := stations.Day(today)
	if len(q.problem.Days) > 0 {
		day = q.problem.Days[0].Date
	}
	for i := range q.concerns {
		d, err := q.team(i, day)
		if err != nil {
			return err
		}
		if i == 0 || d.Outcome != Responsible {
			q.Decision = d
		}
		switch d.Outcome {
		case NeedsName:
			q.Why = WhyName
		case NeedsPlace:
			q.Why = WhyPlace
		case InfoDesk:
			q.Why = WhyInfoDesk
		default:
			continue
		}
		return nil
	}
	return nil
}

// team is who does concern i on that day.
func (q *question) team(i int, day time.Time) (Decision, error) {
	r, c := q.request, q.concerns[i]
	if i < len(r.Teams) {
		return Decision{Outcome: Responsible, Team: q.offer.directory.teams[r.Teams[i]], Office: q.offer.directory.offices[c.Office],
			Key: "booking.because_anyone"}, nil
	}
	asked := Question{Service: c.ID, Name: r.Name, Day: day}
	if r.Where != nil {
		asked = asked.At(q.offer.districts, *r.Where)
	}
	return q.offer.directory.Decide(asked)
}

// choosePlaces lists the places of the wanted channels with the way there.
func (q *question) choosePlaces() {
	for i, p := range q.offer.places {
		if !slices.Contains(q.channels(), channelOf(p.id)) {
			continue
		}
		at := match.Place{ID: p.id, TravelMinutes: -1, Metres: -1, StepFree: p.name.StepFree, Roomless: p.roomless}
		if w := q.request.Where; w != nil && !p.roomless && !q.plot() {
			at.Metres = int(math.Round(math.Hypot(p.at[0]-w[0], p.at[1]-w[1])))
			at.TravelMinutes = int(math.Round(float64(at.Metres) * detour / metresPerMinute))
		}
		q.problem.Places, q.places = append(q.problem.Places, at), append(q.places, i)
	}
	q.problem.Where = -1
}

// plot says that the place given is that of the matter, not of the citizen.
func (q *question) plot() bool { return q.concerns[0].Jurisdiction.Place == "plot" }

func channelOf(placeID string) Channel {
	switch {
	case len(placeID) > 5 && placeID[:5] == "site/":
		return Counter
	case len(placeID) > 5 && placeID[:5] == "stop/":
		return Mobile
	}
	return Channel(placeID)
}

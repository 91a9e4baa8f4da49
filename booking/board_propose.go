package booking

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/ortsnah/ortsnah/booking/match"
)

// Reasons why there is no proposal that the matcher does not know.
const (
	WhyName     match.Why = "name_needed"    // the rule asks for the surname
	WhyPlace    match.Why = "place_needed"   // the rule asks for the place
	WhyInfoDesk match.Why = "info_desk"      // nobody is responsible; the info desk helps
	WhyChannel  match.Why = "channel"        // not done on this channel
	WhyNoVisit  match.Why = "no_appointment" // one comes without an appointment
)

// How fast a citizen comes along, for lack of a road network: straight line
// times detour at the pace of a bicycle or a bus with its stops.
const (
	detour          = 1.3
	metresPerMinute = 250
)

const (
	maxPersons   = 100
	maxConcerns  = 3
	fewProposals = 5
)

// Propose finds the best appointments for r, or says why there are none.
// Errors: NotFound booking.no_concern, Invalid booking.bad_persons,
// booking.bad_concerns, booking.bad_period, booking.bad_channel.
func (b *Board) Propose(ctx context.Context, r Request) (Search, error) {
	q, err := b.ask(ctx, r, true)
	if err != nil {
		return Search{}, err
	}
	if q.Why != "" {
		return q.Search, nil
	}
	out := match.Solve(q.problem)
	q.Why = out.Why
	for _, p := range out.Proposals {
		q.Proposals = append(q.Proposals, q.proposal(p))
	}
	return q.Search, nil
}

// At finds up to n ways - other clerks, other rooms - to do r at exactly that
// start and place. Errors as of Propose.
func (b *Board) At(ctx context.Context, r Request, starts time.Time, placeID string, n int) (Search, error) {
	return b.at(ctx, r, starts, placeID, n, true)
}

// at is At; a picture that need not be fresh costs no query. Whoever writes
// after a glance learns from the claims what was wrong with it.
func (b *Board) at(ctx context.Context, r Request, starts time.Time, placeID string, n int, fresh bool) (Search, error) {
	r.From, r.To, r.Limit = starts, starts.Add(time.Nanosecond), 1
	if r.Channel == "" {
		r.Channel = channelOf(placeID)
	}
	q, err := b.ask(ctx, r, fresh)
	if err != nil {
		return Search{}, err
	}
	if q.Why != "" {
		return q.Search, nil
	}
	p := q.problem
	p.At, p.Where = starts, slices.IndexFunc(p.Places, func(x match.Place) bool { return x.ID == placeID })
	if p.Where < 0 {
		q.Why = match.WhyNoRelease
		return q.Search, nil
	}
	for _, found := range match.Ways(p, n) {
		q.Proposals = append(q.Proposals, q.proposal(found))
	}
	if len(q.Proposals) == 0 {
		q.Why = match.Solve(p).Why
	}
	return q.Search, nil
}

// Starts lists every start and place at which r could be, in order of time.
// The proposals say nothing of who and which room. Errors as of Propose.
func (b *Board) Starts(ctx context.Context, r Request) (Search, error) {
	q, err := b.ask(ctx, r, true)
	if err != nil {
		return Search{}, err
	}
	if q.Why != "" {
		return q.Search, nil
	}
	for _, s := range match.Starts(q.problem) {
		q.Proposals = append(q.Proposals, q.proposal(match.Proposal{Place: s.Place, Day: s.Day, Start: s.Start, End: s.End}))
	}
	slices.SortStableFunc(q.Proposals, func(a, b Proposal) int {
		return cmp.Or(a.Starts.Compare(b.Starts), cmp.Compare(a.PlaceID, b.PlaceID))
	})
	if len(q.Proposals) == 0 {
		q.Why = match.Solve(q.problem).Why
	}
	return q.Search, nil
}

// Fresh is Version after everything known has been read.
func (b *Board) Fresh(ctx context.Context) (int64, error) {
	o, err := b.current(ctx)
	if err == nil {
		err = b.refresh(ctx, o, o.days[0].Date, o.days[len(o.days)-1].Date)
	}
	return b.Version(), err
}

// Version counts the changes that this instance has seen: equal versions mean
// equal answers, but for the passing of time.
func (b *Board) Version() int64 {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.version
}

// proposal dresses the matcher's answer.
func (q *question) proposal(m match.Proposal) Proposal {
	at := q.offer.places[q.places[m.Place]]
	p := at.name
	p.Starts, p.Ends, p.PlaceID, p.Channel = m.Start, m.End, at.id, channelOf(at.id)
	p.Metres, p.Office, p.Reasons, p.Match = q.problem.Places[m.Place].Metres, q.concerns[0].Office, m.Reasons, m
	for i, part := range m.Parts {
		p.Teams = append(p.Teams, q.teamOn(i, q.problem.Days[m.Day].Date))
		for _, d := range q.offer.released[part.Clerk] {
			if d.StationDay != 0 && "stop/"+d.Stop == at.id && !d.Starts.After(part.Start) && d.Ends.After(part.Start) {
				p.Station = d.StationDay
			}
		}
	}
	return p
}

// teamOn is the team of concern i on a day, "" when nobody is responsible.
func (q *question) teamOn(i int, day time.Time) string {
	d, err := q.team(i, day)
	if err != nil || d.Outcome != Responsible {
		return ""
	}
	return d.Team.ID
}

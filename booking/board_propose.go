package booking

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking/match"
	"github.com/ortsnah/ortsnah/stations"
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
	q, err := b.ask(ctx, r)
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
	r.From, r.To, r.Limit = starts, starts.Add(time.Nanosecond), 1
	if r.Channel == "" {
		r.Channel = channelOf(placeID)
	}
	q, err := b.ask(ctx, r)
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
	q, err := b.ask(ctx, r)
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
		err = b.refresh(ctx, o)
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

func (b *Board) ask(ctx context.Context, r Request) (*question, error) {
	o, err := b.current(ctx)
	if err != nil {
		return nil, err
	}
	if err := b.refresh(ctx, o); err != nil {
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
	q.period(now)
	if err := q.decide(now.In(b.zone)); err != nil {
		return nil, err
	}
	if q.Why != "" {
		return q, nil
	}
	if !b.fill(q, now) {
		return b.ask(ctx, r) // loaded anew in between
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

// addRooms adds rooms and kits at the places, and what occupies the rooms.
func (q *question) addRooms(b *Board, now time.Time) {
	p, o := &q.problem, q.offer
	bits := equipmentBits{}
	for _, c := range q.concerns {
		p.Needs |= bits.of(o.concerns[c.ID].Needs)
	}
	p.Persons, p.StepFree, p.Clerk = q.request.Persons, q.request.StepFree, q.request.Clerk
	p.Sort, p.Limit = cmp.Or(q.request.Sort, match.Best), cmp.Or(q.request.Limit, fewProposals)
	for _, r := range o.rooms {
		at := slices.Index(q.places, r.place)
		if at < 0 {
			continue
		}
		p.Rooms = append(p.Rooms, match.Room{ID: r.ID, Place: at, Persons: r.Persons, StepFree: r.StepFree,
			Equipment: bits.of(r.Equipment), BufferMinutes: r.BufferMinutes, Free: q.free(b, r.ID, o.places[r.place].id, r.open)})
		q.addVisits(b, len(p.Rooms)-1, bits, now)
	}
	for _, k := range o.kits {
		p.Kits = append(p.Kits, match.Kit{ID: k.ID, Kind: k.Code, Place: -1, Free: q.free(b, k.ID, "", nil)})
	}
}

// equipmentBits numbers kinds of equipment within one problem.
type equipmentBits map[string]uint64

// of is the set of names.
func (e equipmentBits) of(names []string) (set uint64) {
	for _, n := range names {
		if _, ok := e[n]; !ok {
			e[n] = 1 << (len(e) % 64)
		}
		set |= e[n]
	}
	return set
}

// free is when a resource is neither closed nor claimed, per day of the
// problem.
func (q *question) free(b *Board, resource int, placeID string, open []match.Timeline) []match.Timeline {
	free := make([]match.Timeline, len(q.days))
	busy := b.busy[resource]
	for i, d := range q.days {
		if open != nil {
			free[i] = open[d]
		} else {
			free[i] = q.offer.whole(d)
		}
		if busy != nil {
			free[i] = without(free[i], busy[d])
		}
		free[i] = without(free[i], q.offer.closedMask(d, resource, placeID))
	}
	return free
}

// whole is a day of which every cell is free.
func (o *offer) whole(d int) (t match.Timeline) {
	for w, left := 0, o.days[d].Cells; left > 0; w, left = w+1, left-64 {
		if left >= 64 {
			t[w] = ^uint64(0)
		} else {
			t[w] = 1<<left - 1
		}
	}
	return t
}

// closedMask is when a resource, its building or the whole town is closed.
func (o *offer) closedMask(d, resource int, placeID string) (t match.Timeline) {
	for _, c := range o.closed {
		hit := c.Resource == resource && c.Resource != 0 || c.Resource == 0 && (c.Site == "" || "site/"+c.Site == placeID)
		if hit {
			t = union(t, o.mask(d, c.Starts, c.Ends, false))
		}
	}
	return t
}

// addVisits adds the appointments in room i, which may have to make room.
func (q *question) addVisits(b *Board, i int, bits equipmentBits, now time.Time) {
	p, o := &q.problem, q.offer
	for k, d := range q.days {
		for _, v := range b.visits[d] {
			if v.room != p.Rooms[i].ID {
				continue
			}
			m := o.days[d].Start
			const cell = match.CellMinutes * time.Minute
			booked := match.Booked{ID: v.Appointment, Room: i, Day: k, Persons: v.Persons, StepFree: v.StepFree,
				From: max(0, int(v.Starts.Sub(m)/cell)), To: int((v.Ends.Sub(m) + cell - 1) / cell),
				Swappable: v.Status == Booked && v.VisitStarts.Sub(now) > time.Duration(o.setting.FixedMinutes)*time.Minute}
			for _, c := range v.Concerns {
				booked.Needs |= bits.of(o.concerns[c].Needs)
			}
			p.Booked = append(p.Booked, booked)
		}
	}
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

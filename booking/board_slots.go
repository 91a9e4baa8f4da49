package booking

import (
	"context"
	"slices"
	"time"

	"github.com/ortsnah/ortsnah/booking/match"
)

// Slot is a free time as the open feed tells it: nothing of clerks or rooms,
// and no counts of them. Slots of one concern, team and place do not overlap.
type Slot struct {
	Concern string
	Team    string // responsible team: who that is for a citizen says the jurisdiction
	PlaceID string
	Channel Channel
	Starts  time.Time
	Ends    time.Time
}

// Slots yields the free times for one person within the next days, by
// concern, team, place and time, until yield returns an error, which is
// returned.
func (b *Board) Slots(ctx context.Context, days int, yield func(Slot) error) error {
	o, err := b.current(ctx)
	if err != nil {
		return err
	}
	to := o.days[min(days, len(o.days)-1)].Start
	for _, c := range sortedConcerns(o) {
		for _, team := range o.directory.teamsOf(c, o.days[0].Date) {
			for _, channel := range []Channel{"", Phone, Video} {
				r := Request{Concerns: []string{c.ID}, Persons: 1, Teams: []string{team}, Via: ViaWeb, Channel: channel, To: to}
				if err := b.slotsOf(ctx, r, yield); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (b *Board) slotsOf(ctx context.Context, r Request, yield func(Slot) error) error {
	q, err := b.ask(ctx, r, true)
	if err != nil || q.Why != "" {
		return err
	}
	taken := map[int]time.Time{} // place → until when slots have been told
	for _, s := range match.Starts(q.problem) {
		if s.Start.Before(taken[s.Place]) {
			continue
		}
		taken[s.Place] = s.End
		id := q.offer.places[q.places[s.Place]].id
		if err := yield(Slot{r.Concerns[0], r.Teams[0], id, channelOf(id), s.Start, s.End}); err != nil {
			return err
		}
	}
	return nil
}

// sortedConcerns are those with appointments, by id.
func sortedConcerns(o *offer) []Concern {
	var list []Concern
	for _, c := range o.directory.concerns {
		if c.Appointment {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b Concern) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return list
}

// teamsOf are all teams that a rule makes responsible for c on day, by id.
func (d *Directory) teamsOf(c Concern, day time.Time) []string {
	var teams []string
	for _, r := range d.rulesFor(c, day) {
		teams = append(teams, r.Team)
	}
	slices.Sort(teams)
	return slices.Compact(teams)
}

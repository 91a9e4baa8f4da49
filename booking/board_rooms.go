package booking

import (
	"cmp"
	"slices"
	"time"

	"github.com/ortsnah/ortsnah/booking/match"
)

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
			free[i] = without(free[i], without(busy[d], q.own(b, d, resource)))
		}
		free[i] = without(free[i], q.offer.closedMask(d, resource, placeID))
	}
	return free
}

// own is what the appointment that is moved occupies itself: it does not stand
// in its own way.
func (q *question) own(b *Board, d, resource int) (t match.Timeline) {
	if q.request.Moving == "" {
		return t
	}
	for _, v := range b.visits[d][resource] {
		if v.Appointment == q.request.Moving {
			t = union(t, q.offer.mask(d, v.Starts, v.Ends, false))
		}
	}
	return t
}

// whole is a day of which every cell is free.
func (o *offer) whole(d int) match.Timeline { return match.Span(0, o.days[d].Cells) }

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
		for _, v := range b.visits[d][p.Rooms[i].ID] {
			if v.Appointment == q.request.Moving {
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

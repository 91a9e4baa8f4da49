package booking

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking/match"
)

// Rematched says what became of the appointments that had lost their clerk or
// room.
type Rematched struct {
	Kept []string      // ids of those that keep time and place, with another clerk or room
	Lost []Appointment // nobody or no room is left at their time: a person decides (CallOff)
}

// Rematch finds other clerks and rooms for what a sickness, a closure or a
// shrunk release has upset. Times and places stay: they are promised. Others'
// appointments of those days may change clerk or room so that more can stay.
func (c *Reception) Rematch(ctx context.Context, actor ortsnah.Actor) (result Rematched, err error) {
	var touches []Touch
	err = pgx.BeginFunc(ctx, c.DB, func(tx pgx.Tx) error {
		if err := lockTown(ctx, tx); err != nil {
			return err
		}
		u, err := c.upset(ctx, tx)
		if err != nil || u == nil {
			return err
		}
		for _, place := range slices.Sorted(maps.Keys(u.places)) {
			out := match.Rematch(u.disruption(place))
			for _, k := range out.Kept {
				if k.Changed {
					result.Kept = append(result.Kept, k.ID)
				}
			}
			for _, id := range out.Lost {
				result.Lost = append(result.Lost, u.visits[id])
			}
			if err := u.write(ctx, tx, actor, out.Kept, &touches); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Rematched{}, err
	}
	slices.Sort(result.Kept)
	slices.SortFunc(result.Lost, func(a, b Appointment) int { return a.Starts.Compare(b.Starts) })
	c.Board.Touched(touches...)
	return result, nil
}

// upset is what Rematch knows: the offer, the visits that lost something and
// those beside them, and what is claimed by anything else.
type upset struct {
	c      *Reception
	now    time.Time
	offer  *offer
	visits map[string]Appointment
	firm   map[string]bool
	places map[string][]string // place → ids of its visits
	busy   map[int][]match.Timeline
	load   map[int][]int
}

// upset reads all of that; nil when nothing has lost anything.
func (c *Reception) upset(ctx context.Context, tx pgx.Tx) (*upset, error) {
	now := c.Now()
	lost, err := Endangered(ctx, tx, now)
	if err != nil || len(lost) == 0 {
		return nil, err
	}
	u := &upset{c: c, now: now, visits: map[string]Appointment{}, firm: map[string]bool{}, places: map[string][]string{},
		busy: map[int][]match.Timeline{}, load: map[int][]int{}}
	if u.offer, err = c.Board.loadOffer(ctx, tx); err != nil {
		return nil, err
	}
	days := map[time.Time]bool{}
	for _, a := range lost {
		if u.offer.dayIndex(localDay(a.Starts, c.Zone)) < 0 {
			continue // beyond the horizon nothing is released yet
		}
		u.add(a)
		days[localDay(a.Starts, c.Zone)] = true
	}
	if err := u.addFirm(ctx, tx, days); err != nil {
		return nil, err
	}
	p, err := readWork(ctx, tx, u.offer, nil, now)
	if err != nil {
		return nil, err
	}
	for _, w := range p.claims {
		u.occupy(w)
	}
	return u, nil
}

func (u *upset) add(a Appointment) {
	u.visits[a.ID] = a
	u.places[a.placeID()] = append(u.places[a.placeID()], a.ID)
}

// addFirm adds what else is booked on these days at these places.
func (u *upset) addFirm(ctx context.Context, tx pgx.Tx, days map[time.Time]bool) error {
	dates := slices.Collect(maps.Keys(days))
	fixed := u.now.Add(time.Duration(u.offer.setting.FixedMinutes) * time.Minute)
	rows, err := tx.Query(ctx, `SELECT id FROM booking.appointment
		WHERE state = 'booked' AND starts > @fixed AND wall_start::date = ANY (@days::date[])`, pgx.NamedArgs{"fixed": fixed, "days": dates})
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { _, lost := u.visits[id]; return lost })
	if len(ids) == 0 {
		return nil
	}
	beside, err := Appointments(ctx, tx, ids...)
	for _, a := range beside {
		if u.places[a.placeID()] != nil {
			u.add(a)
			u.firm[a.ID] = true
		}
	}
	return err
}

// occupy notes a claim of somebody who is not to be matched anew.
func (u *upset) occupy(w work) {
	if _, mine := u.visits[w.Appointment]; mine || w.Status == Held && !w.HoldUntil.After(u.now) {
		return
	}
	o := u.offer
	for d := range o.days {
		m := o.mask(d, w.Starts, w.Ends, false)
		if m == (match.Timeline{}) {
			continue
		}
		if u.busy[w.Resource] == nil {
			u.busy[w.Resource], u.load[w.Resource] = make([]match.Timeline, len(o.days)), make([]int, len(o.days))
		}
		u.busy[w.Resource][d] = union(u.busy[w.Resource][d], m)
		u.load[w.Resource][d] += w.Minutes
	}
}

// disruption is the problem of one place.
func (u *upset) disruption(placeID string) match.Disruption {
	o, bits := u.offer, equipmentBits{}
	at := o.placeAt(placeID)
	d := match.Disruption{Days: o.days}
	for _, r := range o.rooms {
		if r.place == at && at >= 0 {
			d.Rooms = append(d.Rooms, match.Room{ID: r.ID, Place: at, Persons: r.Persons, StepFree: r.StepFree, Equipment: bits.of(r.Equipment),
				BufferMinutes: r.BufferMinutes, Free: u.free(r.ID, placeID, func(d int) match.Timeline {
					if r.open != nil {
						return r.open[d]
					}
					return o.whole(d)
				})})
		}
	}
	concerns := map[string]bool{}
	for _, id := range u.places[placeID] {
		for _, p := range u.visits[id].Parts {
			concerns[p.Concern] = true
		}
	}
	for clerk, released := range o.released {
		open := make([]match.Timeline, len(o.days))
		for _, r := range released {
			all := len(r.Concerns) == 0 || !slices.ContainsFunc(slices.Collect(maps.Keys(concerns)), func(c string) bool { return !slices.Contains(r.Concerns, c) })
			if r.isAt(placeID) && all {
				open[r.day] = union(open[r.day], o.mask(r.day, r.Starts, r.Ends, true))
			}
		}
		load := 0
		for _, minutes := range u.load[clerk] {
			load += minutes
		}
		d.Clerks = append(d.Clerks, match.Clerk{ID: clerk, Load: load, Free: u.free(clerk, placeID, func(d int) match.Timeline { return open[d] })})
	}
	slices.SortFunc(d.Clerks, func(a, b match.Clerk) int { return a.ID - b.ID })
	for _, id := range u.places[placeID] {
		d.Visits = append(d.Visits, u.visit(u.visits[id], at, bits))
	}
	return d
}

// free is what is open of a resource and neither claimed nor closed.
func (u *upset) free(resource int, placeID string, open func(day int) match.Timeline) []match.Timeline {
	free := make([]match.Timeline, len(u.offer.days))
	for d := range free {
		free[d] = without(open(d), u.offer.closedMask(d, resource, placeID))
		if busy := u.busy[resource]; busy != nil {
			free[d] = without(free[d], busy[d])
		}
	}
	return free
}

func (u *upset) visit(a Appointment, at int, bits equipmentBits) match.Visit {
	o := u.offer
	day := o.dayIndex(localDay(a.Starts, u.c.Zone))
	v := match.Visit{ID: a.ID, Place: at, Day: day, Persons: a.Persons, StepFree: a.StepFree, Roomless: a.Room == 0, Room: a.Room, Firm: u.firm[a.ID]}
	const cell = match.CellMinutes * time.Minute
	for _, p := range a.Parts {
		rule := o.concerns[p.Concern]
		v.Needs |= bits.of(rule.Needs)
		part := match.VisitPart{Clerk: p.Clerk, BufferMinutes: rule.BufferMinutes,
			From: int(p.Starts.Sub(o.days[day].Start) / cell), To: int((p.Ends.Sub(o.days[day].Start) + cell - 1) / cell)}
		for id, c := range o.clerks {
			if slices.Contains(c.Teams, p.Team) && (rule.Skill == "" || slices.Contains(c.Skills, rule.Skill)) {
				part.Clerks = append(part.Clerks, id)
			}
		}
		slices.Sort(part.Clerks)
		v.Parts = append(v.Parts, part)
	}
	return v
}

// write gives the kept appointments their new clerks and rooms: all leave
// first, then all enter.
func (u *upset) write(ctx context.Context, tx pgx.Tx, actor ortsnah.Actor, kept []match.Kept, touches *[]Touch) error {
	var b pgx.Batch
	changed := slices.DeleteFunc(slices.Clone(kept), func(k match.Kept) bool { return !k.Changed })
	for _, k := range changed {
		before, err := u.c.claimed(ctx, tx, k.ID)
		if err != nil {
			return err
		}
		*touches = append(*touches, touchesOf(before)...)
		// A portable kit stays with its visit.
		b.Queue(`DELETE FROM booking.claim c USING booking.resource r
			WHERE c.appointment = $1 AND r.id = c.resource AND r.kind IN ('clerk', 'room')`, k.ID)
	}
	for _, k := range changed {
		for _, c := range k.Claims {
			b.Queue(`INSERT INTO booking.claim (resource, during, appointment) VALUES ($1, tstzrange($2, $3), $4)`, c.Resource, c.From, c.To, k.ID)
			*touches = append(*touches, Touch{c.Resource, localDay(c.From, u.c.Zone)})
		}
		for i, clerk := range k.Clerks {
			b.Queue(`UPDATE booking.part SET clerk = $3 WHERE appointment = $1 AND position = $2`, k.ID, i+1, clerk)
		}
		if k.Room != 0 {
			b.Queue(`UPDATE booking.registration SET room = $2 WHERE appointment = $1`, k.ID, k.Room)
		}
	}
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return err
	}
	for _, k := range changed {
		if err := audit(ctx, tx, u.now, actor, "rematch", "appointment/"+k.ID, nil); err != nil {
			return err
		}
	}
	return nil
}

package booking

import (
	"slices"
	"time"

	"github.com/ortsnah/ortsnah/booking/match"
)

// addParts adds, for every concern, when clerks who may do it are free.
func (q *question) addParts(b *Board, now time.Time) {
	for i, c := range q.concerns {
		rule := q.offer.concerns[c.ID]
		q.problem.Parts = append(q.problem.Parts, match.Part{Concern: c.ID, BufferMinutes: rule.BufferMinutes, Kit: rule.Kit,
			Minutes: c.Minutes + c.FurtherMinutes*(q.request.Persons-1), Clerks: q.able(i, rule), Shifts: q.shifts(b, i, rule, now)})
	}
}

// able counts the clerks who may do concern i, released or not.
func (q *question) able(i int, rule concernRule) (n int) {
	team := q.teamOn(i, q.offer.days[0].Date)
	for _, c := range q.offer.clerks {
		if slices.Contains(c.Teams, team) && (rule.Skill == "" || slices.Contains(c.Skills, rule.Skill)) {
			n++
		}
	}
	return n
}

// shifts are the free times of the clerks who may do concern i, joined per
// clerk, place and day. b.mu is held for reading.
func (q *question) shifts(b *Board, i int, rule concernRule, now time.Time) []match.Shift {
	o, r := q.offer, q.request
	teams := q.teamsByDay(i)
	var shifts []match.Shift
	for clerk, released := range o.released {
		c := o.clerks[clerk]
		if rule.Skill != "" && !slices.Contains(c.Skills, rule.Skill) {
			continue
		}
		limit, limited := o.quotas[quotaLimit{clerk, r.Via}]
		first := len(shifts)
		for _, d := range released {
			k := slices.Index(q.days, d.day)
			if k < 0 || !slices.Contains(c.Teams, teams[k]) || !d.allows(r.Via, rule.ID, now) {
				continue
			}
			for at, place := range q.places {
				id := o.places[place].id
				if !d.isAt(id) {
					continue
				}
				s := match.Shift{Clerk: clerk, Place: at, Day: k, Free: o.mask(d.day, d.Starts, d.Ends, true), Quota: -1}
				if limited {
					s.Quota = max(0, limit-b.used[quotaKey{clerk, isoWeek(o.days[d.day].Date), r.Via}])
				}
				shifts = join(shifts, first, s)
			}
		}
		for j := first; j < len(shifts); j++ {
			s := &shifts[j]
			d := q.days[s.Day]
			shut := o.closedMask(d, clerk, o.places[q.places[s.Place]].id)
			s.Free = without(s.Free, shut)
			s.Open = s.Free
			if busy := b.busy[clerk]; busy != nil {
				s.Free = without(s.Free, without(busy[d], q.own(b, d, clerk)))
				s.Load = b.load[clerk][d]
			}
		}
	}
	slices.SortFunc(shifts, func(a, b match.Shift) int {
		return compareShifts(a, b)
	})
	return shifts
}

func compareShifts(a, b match.Shift) int {
	switch {
	case a.Clerk != b.Clerk:
		return a.Clerk - b.Clerk
	case a.Day != b.Day:
		return a.Day - b.Day
	}
	return a.Place - b.Place
}

// join adds s to the shifts from first on; releases that meet become one.
func join(shifts []match.Shift, first int, s match.Shift) []match.Shift {
	for j := first; j < len(shifts); j++ {
		if shifts[j].Day == s.Day && shifts[j].Place == s.Place {
			shifts[j].Free = union(shifts[j].Free, s.Free)
			return shifts
		}
	}
	return append(shifts, s)
}

// teamsByDay is the team responsible for concern i on each day of the problem.
func (q *question) teamsByDay(i int) []string {
	teams := make([]string, len(q.days))
	fixed := !slices.ContainsFunc(q.offer.directory.rules, func(r Rule) bool { return r.ValidFrom != nil || r.ValidTo != nil })
	for k := range teams {
		if k > 0 && fixed {
			teams[k] = teams[0]
		} else {
			teams[k] = q.teamOn(i, q.problem.Days[k].Date)
		}
	}
	return teams
}

// allows says whether the release is for that way and concern, and already to
// be seen.
func (d *releaseDay) allows(via Via, concern string, now time.Time) bool {
	return slices.Contains(d.Via, string(via)) &&
		(len(d.Concerns) == 0 || slices.Contains(d.Concerns, concern)) &&
		(len(d.offers) == 0 || slices.Contains(d.offers, concern)) &&
		(d.VisibleFrom == nil || !now.Before(*d.VisibleFrom))
}

// isAt says whether the clerk can be met at the place under that release.
func (d *releaseDay) isAt(placeID string) bool {
	channel := channelOf(placeID)
	if !slices.Contains(d.Channels, string(channel)) {
		return false
	}
	switch channel {
	case Counter:
		return placeID == "site/"+d.Site
	case Mobile:
		return placeID == "stop/"+d.Stop
	}
	return true
}

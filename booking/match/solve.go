package match

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Solve finds the best appointments, or why there is none.
//
// The first proposal is the best one by p.Sort: Best by cost, Early by start,
// Near by the nearness of the place and then the start; ties by cost, start,
// place, ids of clerks and room. The others are the best of their kind that give
// a choice: one per half-day, with Early one per hour, and with Best rather
// another place or day than the same again; only then further ones, one per hour
// before any. All are sorted as p.Sort says.
//
// At each start and place there is one proposal: the cheapest clerks, the
// smallest free room; room swaps only where no sufficient room is free.
func Solve(p Problem) Outcome {
	s := newSearch(&p)
	s.lineUp()
	chosen := s.choose(max(p.Limit, 1))
	if len(chosen) == 0 {
		return Outcome{Why: s.why()}
	}
	proposals := make([]Proposal, len(chosen))
	for i, o := range chosen {
		proposals[i] = s.proposal(o)
	}
	return Outcome{Proposals: proposals}
}

// Start is a time at which a visit could begin, for a view of the calendar.
type Start struct {
	Place, Day int // indices in Places and Days
	Cell       int
	Start, End time.Time // in the zone of the town
	Swap       bool      // only if other visits change their rooms
}

// Starts are all starts that Solve could propose, by time and place; those that
// need swaps are among them and marked.
func Starts(p Problem) []Start {
	s := newSearch(&p)
	s.lineUp()
	starts := []Start{}
	for _, b := range s.blocks {
		for _, o := range s.look(b) {
			day := p.Days[o.day]
			starts = append(starts, Start{Place: o.place, Day: o.day, Cell: o.cell, Start: day.At(o.cell),
				End: day.At(o.cell + s.total), Swap: len(o.swaps) > 0})
		}
	}
	slices.SortFunc(starts, func(a, b Start) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Place, b.Place))
	})
	return starts
}

// choose looks at blocks, best bound first, until the rest cannot matter.
func (s *search) choose(limit int) []*option {
	var leaders []*option // the best of each half-day, or hour, of a block
	worst := int64(math.MinInt64)
	var chosen []*option
	for _, b := range s.blocks {
		if len(leaders) >= limit && b.bound > worst {
			if chosen, worst = s.spread(leaders, limit); b.bound > worst {
				return s.sorted(chosen)
			}
		}
		leaders = append(leaders, s.leaders(b, s.p.Sort == Early)...)
	}
	chosen, _ = s.spread(leaders, limit)
	return s.sorted(s.fillUp(chosen, limit))
}

func (s *search) sorted(options []*option) []*option {
	slices.SortFunc(options, s.better)
	return options
}

// leaders are the best options of a block: one per hour, or one before noon and
// one after.
func (s *search) leaders(b *block, hourly bool) []*option {
	var found []*option
	options := s.look(b)
	for i := range options {
		o := &options[i]
		last := len(found) - 1
		switch {
		case last < 0 || s.portion(o, hourly) != s.portion(found[last], hourly):
			found = append(found, o)
		case s.better(o, found[last]) < 0:
			found[last] = o
		}
	}
	return found
}

// portion numbers the hour or the half of the day in which an option starts.
// Clocks change at night only, so that noon is 144 cells before midnight.
func (s *search) portion(o *option, hourly bool) int {
	sinceNoon := o.cell - (s.p.Days[o.day].Cells - 144)
	if hourly {
		return (sinceNoon + 25*12) / 12
	}
	if sinceNoon < 0 {
		return 0
	}
	return 1
}

// spread takes the best leaders; with Best, one at a place or on a day that was
// taken already counts as dearer each time. What is worse than the second
// result cannot be among them.
func (s *search) spread(leaders []*option, limit int) ([]*option, int64) {
	limit = min(limit, len(leaders))
	rest := slices.Clone(leaders)
	if s.p.Sort == Early || s.p.Sort == Near {
		slices.SortFunc(rest, s.better)
		if limit == 0 {
			return nil, math.MinInt64
		}
		return rest[:limit], s.key(rest[limit-1])
	}
	chosen := make([]*option, 0, limit)
	places, days := make([]int, len(s.p.Places)), make([]int, len(s.p.Days))
	worst := int64(math.MinInt64)
	for len(chosen) < limit {
		best, bestCost := -1, 0
		for i, o := range rest {
			cost := o.cost + perAgain*(places[o.place]+days[o.day])
			if best < 0 || cost < bestCost || cost == bestCost && s.better(o, rest[best]) < 0 {
				best, bestCost = i, cost
			}
		}
		o := rest[best]
		chosen, worst = append(chosen, o), max(worst, int64(bestCost))
		places[o.place]++
		days[o.day]++
		rest[best] = rest[len(rest)-1]
		rest = rest[:len(rest)-1]
	}
	return chosen, worst
}

// fillUp adds what was passed over: the best of every hour that has none, then
// the rest.
func (s *search) fillUp(chosen []*option, limit int) []*option {
	if len(chosen) >= limit {
		return chosen
	}
	type hour struct{ place, day, hour int }
	taken, hours := map[*option]bool{}, map[hour]bool{}
	for _, o := range chosen {
		taken[o], hours[hour{o.place, o.day, s.portion(o, true)}] = true, true
	}
	for _, hourly := range []bool{true, false} {
		var more []*option
		for _, b := range s.blocks {
			if hourly {
				more = append(more, s.leaders(b, true)...)
			} else {
				for i := range b.options {
					more = append(more, &b.options[i])
				}
			}
		}
		for _, o := range s.sorted(more) {
			h := hour{o.place, o.day, s.portion(o, true)}
			if len(chosen) < limit && !taken[o] && !(hourly && hours[h]) {
				chosen = append(chosen, o)
				taken[o], hours[h] = true, true
			}
		}
	}
	return chosen
}

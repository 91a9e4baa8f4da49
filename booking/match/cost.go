package match

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// What a citizen, or the town for them, would give to avoid something, in
// seconds. The weights are chosen so that one sentence says what each means.
const (
	waitPerDay   = 8 * 60  // a day later is as bad as eight minutes more on the way
	perOddRun    = 3 * 60  // a hole of no use in a clerk's day: nine hours later
	perChange    = 5 * 60  // a second clerk: five minutes
	perSwap      = 2 * 60  // another visit changes its room: two minutes
	perSeat      = 30      // a seat more than the smallest sufficient room has
	seatsCounted = 20      // and no more than so many
	otherClerk   = 20 * 60 // not the clerk asked for: two and a half days later
	perLoad      = 30      // per hour that the clerk is booked already, for even work
	perAgain     = 4 * 60  // another proposal at the same place or on the same day
	metresPerMin = 250     // where the travel time is unknown: 15 km/h straight
)

// wait is how long after the earliest moment a cell begins, in minutes.
func (s *search) wait(day, cell int) int {
	from := s.p.Earliest
	if from.IsZero() {
		from = s.p.Days[0].Start
	}
	return int(s.p.Days[day].At(cell).Sub(from) / time.Minute)
}

func waitCost(minutes int) int { return minutes * waitPerDay / (24 * 60) }

// sortPlaces weighs the way to each place and ranks the places by nearness: by
// minutes, then metres; a place without rooms is at home, an unknown way last.
func (s *search) sortPlaces() {
	type way struct{ minutes, metres, place int }
	ways := make([]way, len(s.p.Places))
	s.travel, s.rank = make([]int, len(ways)), make([]int, len(ways))
	for i, at := range s.p.Places {
		w := way{at.TravelMinutes, at.Metres, i}
		switch {
		case w.minutes >= 0:
		case at.Roomless:
			w.minutes = 0
		case w.metres >= 0:
			w.minutes = w.metres / metresPerMin
		default:
			w.minutes, w.metres = math.MaxInt32, math.MaxInt32
		}
		if w.minutes < math.MaxInt32 {
			s.travel[i] = 2 * 60 * w.minutes
		}
		ways[i] = w
	}
	slices.SortFunc(ways, func(a, b way) int {
		return cmp.Or(cmp.Compare(a.minutes, b.minutes), cmp.Compare(a.metres, b.metres), cmp.Compare(a.place, b.place))
	})
	for i := 1; i < len(ways); i++ {
		s.rank[ways[i].place] = s.rank[ways[i-1].place]
		if ways[i].minutes != ways[i-1].minutes || ways[i].metres != ways[i-1].metres {
			s.rank[ways[i].place]++
		}
	}
}

// bound is the first of what options are sorted by, for one that starts at a
// place so many minutes after the earliest moment, were everything else ideal.
func (s *search) bound(place, wait int) int64 {
	switch s.p.Sort {
	case Early:
		return int64(wait)
	case Near:
		return int64(s.rank[place])<<32 + int64(wait)
	}
	return int64(waitCost(wait) + s.travel[place])
}

// key is the first of what options are sorted by.
func (s *search) key(o *option) int64 {
	if s.p.Sort == Early || s.p.Sort == Near {
		return s.bound(o.place, o.wait)
	}
	return int64(o.cost)
}

// better sorts options: by key, then cost, start and place.
func (s *search) better(a, b *option) int {
	return cmp.Or(cmp.Compare(s.key(a), s.key(b)), cmp.Compare(a.cost, b.cost),
		cmp.Compare(a.wait, b.wait), cmp.Compare(a.place, b.place))
}

// oversize is the cost of a room larger than needed.
func (s *search) oversize(room int32) int {
	r := &s.p.Rooms[room]
	return perSeat * min(r.Persons-s.smallest[r.Place], seatsCounted)
}

package siting

import (
	"cmp"
	"math/bits"
	"slices"
)

// Session is one half-day of a station at a stop.
type Session struct {
	Station int    // 1 …
	Day     int    // 1 Monday … 5 Friday
	Half    string // "am", "pm"
	Site    int32
	WalkIns int64
	Booked  int64
}

// timetable lays the sessions of a plan into the week: at most so many in a
// half-day as there are stations, those of one stop far apart, each station
// out equally often. The demand of a stop is shared evenly by its sessions.
func (p *WeekProblem) timetable(a *allocator, best *plan) []Session {
	slots := laySlots(best.take, p.Stations)
	walking, booked := make([]int64, p.Sites), make([]int64, p.Sites)
	for _, sh := range best.shares {
		if a.walk[sh.item] {
			walking[sh.site] += sh.weight
		} else {
			booked[sh.site] += sh.weight
		}
	}
	var sessions []Session
	for j, n := range best.take {
		k := int64(0)
		for slot := range HalfDaysOfWeek {
			if slots[j]>>slot&1 == 0 {
				continue
			}
			s := Session{Day: slot/2 + 1, Half: "am", Site: int32(j), WalkIns: part(walking[j], k, int64(n))}
			if slot%2 == 1 {
				s.Half = "pm"
			}
			all := walking[j] + booked[j]
			s.Booked = part(all, k, int64(n)) - s.WalkIns // sums to booked, and no session is over its capacity
			sessions = append(sessions, s)
			k++
		}
	}
	slices.SortStableFunc(sessions, func(x, y Session) int {
		return cmp.Or(cmp.Compare(x.Day, y.Day), cmp.Compare(x.Half, y.Half), cmp.Compare(x.Site, y.Site))
	})
	seat(sessions, p.Stations)
	return sessions
}

// part is the k-th of n parts of a whole that differ by one at most.
func part(whole, k, n int64) int64 {
	share := whole / n
	if k < whole%n {
		share++
	}
	return share
}

// laySlots gives every stop its half-days, as a set of bits. Stops with many
// sessions choose first; a choice is allowed when all later stops still find
// room (Gale 1957, Ryser 1957).
func laySlots(take []int32, stations int) []uint16 {
	slots := make([]uint16, len(take))
	room := slices.Repeat([]int{stations}, HalfDaysOfWeek)
	order := make([]int, 0, len(take))
	for j, n := range take {
		if n > 0 {
			order = append(order, j)
		}
	}
	slices.SortStableFunc(order, func(x, y int) int { return int(take[y]) - int(take[x]) })
	rest := make([]int, HalfDaysOfWeek+1) // stops that are still to be laid, by sessions
	for _, j := range order {
		rest[take[j]]++
	}
	sets := setsBySize()
	for _, j := range order {
		n := int(take[j])
		rest[n]--
		best, least := uint16(0), [2]int{}
		for _, set := range sets[n] {
			worse := [2]int{crowding(set), fullness(set, room, stations)}
			if best != 0 && slices.Compare(worse[:], least[:]) >= 0 {
				continue
			}
			if fits(set, room, rest) {
				best, least = set, worse
			}
		}
		slots[j] = best
		for slot := range HalfDaysOfWeek {
			room[slot] -= int(best >> slot & 1)
		}
	}
	return slots
}

// setsBySize are the 1,023 sets of half-days.
func setsBySize() [HalfDaysOfWeek + 1][]uint16 {
	var sets [HalfDaysOfWeek + 1][]uint16
	for set := uint16(1); set < 1<<HalfDaysOfWeek; set++ {
		n := bits.OnesCount16(set)
		sets[n] = append(sets[n], set)
	}
	return sets
}

// crowding is small when the half-days are far apart: the sum of the squares of
// the waits between them, round the week of 14 half-days, and much for a day
// that is used twice.
func crowding(set uint16) int {
	sum, first, last, twice := 0, -1, -1, 0
	for slot := range HalfDaysOfWeek {
		if set>>slot&1 == 0 {
			continue
		}
		if first < 0 {
			first = slot
		} else {
			sum += (slot - last) * (slot - last)
			if slot/2 == last/2 {
				twice++
			}
		}
		last = slot
	}
	return sum + (first+14-last)*(first+14-last) + 1000*twice
}

// fullness is how full the half-days of set are, squared: stations are to be out
// about equally many at any time.
func fullness(set uint16, room []int, stations int) int {
	sum := 0
	for slot, left := range room {
		if set>>slot&1 == 1 {
			sum += (stations - left + 1) * (stations - left + 1)
		}
	}
	return sum
}

// fits says whether, after a stop took set, the rest still finds room: for
// every number of half-days kept in view, the fullest ones, no more sessions
// have to be in the others than there is room.
func fits(set uint16, room, rest []int) bool {
	var left [HalfDaysOfWeek]int
	for slot := range left {
		left[slot] = room[slot] - int(set>>slot&1)
		if left[slot] < 0 {
			return false
		}
	}
	slices.Sort(left[:])
	sum := 0
	for k := range left { // the k+1 half-days with the least room
		sum += left[k]
		need := 0 // sessions that cannot all be in the other 9-k half-days
		for n, stops := range rest {
			need += stops * max(0, n-(HalfDaysOfWeek-1-k))
		}
		if need > sum {
			return false
		}
	}
	return true
}

// seat gives the sessions, sorted by half-day, to stations: round about, so
// that each is out equally often and never twice at a time. Within a half-day
// a station stays where it was in the morning, if that is open to it.
func seat(sessions []Session, stations int) {
	for from := 0; from < len(sessions); {
		to := from
		for to < len(sessions) && sessions[to].Day == sessions[from].Day && sessions[to].Half == sessions[from].Half {
			to++
		}
		free := make([]int, 0, to-from)
		for k := from; k < to; k++ {
			free = append(free, k%stations+1)
		}
		stay(sessions[:from], sessions[from:to], &free)
		for k := from; k < to; k++ {
			if sessions[k].Station == 0 {
				sessions[k].Station = free[0]
				free = free[1:]
			}
		}
		from = to
	}
}

// stay seats the stations that can remain at the stop of the same morning.
func stay(before, now []Session, free *[]int) {
	for k := range now {
		for _, b := range slices.Backward(before) {
			if b.Day != now[k].Day {
				break
			}
			if at := slices.Index(*free, b.Station); b.Site == now[k].Site && at >= 0 {
				now[k].Station = b.Station
				*free = slices.Delete(*free, at, at+1)
				break
			}
		}
	}
}

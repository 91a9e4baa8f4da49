package match

import (
	"cmp"
	"math/bits"
	"slices"
	"time"
)

// maxParts is the longest chain; the ways to share a chain among clerks grow
// with the Bell numbers (203 for six).
const maxParts = 6

// search is a Problem prepared: what belongs to a place and day can be found
// at once, and is looked at only when it can still matter.
type search struct {
	p       *Problem
	length  []int    // cells per part
	claim   []int    // the same with the clerk's pause
	offset  []int    // cells from the start of the visit
	total   int      // cells of the visit
	minutes int      // of all parts
	hole    int      // a hole of fewer cells is of no use
	kinds   []string // of kits, sorted
	splits  []split  // ways to share the parts among clerks

	shifts   [][]int32 // per part: indices of Shifts by block
	first    [][]int32 // per part and block: where its shifts begin
	rooms    [][]int32 // per place: indices of all Rooms, smallest first
	suits    [][]int32 // per place: those that suffice
	smallest []int     // per place: persons of the smallest that suffices
	travel   []int     // per place: seconds there and back
	rank     []int     // per place: 0 for the nearest; as near is the same rank

	blocks  []*block
	outside bool    // look for starts outside of the window instead
	booked  []int32 // indices of Booked by day and room; made when needed
	bucket  []int32
	hands   [][]hand // scratch, per part
	union   []int    // scratch: clerks of several parts
	at      [][]int16
	top     [1 << maxParts]ranking // scratch: per set of parts
	shared  []int32                // scratch: the clerks found
	moves   mover
}

// block is a place on a day.
type block struct {
	place, day int
	bound      int64 // no option is better
	looked     bool
	options    []option
}

// newSearch prepares p. A chain without parts or above maxParts has no blocks.
func newSearch(p *Problem) *search {
	s := &search{p: p}
	for _, part := range p.Parts {
		length := max(1, cells(part.Minutes))
		s.offset = append(s.offset, s.total)
		s.length = append(s.length, length)
		s.claim = append(s.claim, length+cells(part.BufferMinutes))
		s.total += length
		s.minutes += part.Minutes
		if part.Kit != "" {
			s.kinds = append(s.kinds, part.Kit)
		}
	}
	slices.Sort(s.kinds)
	s.kinds = slices.Compact(s.kinds)
	s.hole = 64
	if len(p.Parts) > 0 && len(p.Parts) <= maxParts {
		s.hole = min(slices.Min(s.length), 64)
		s.splits = splits(len(p.Parts))
	}
	if p.Shortest > 0 {
		s.hole = min(cells(p.Shortest), 64)
	}
	s.hands = make([][]hand, len(p.Parts))
	s.sortPlaces()
	s.sortRooms()
	s.sortShifts()
	return s
}

// sortRooms gives each place its rooms from the smallest: persons, then
// equipment, step-free ones last, id.
func (s *search) sortRooms() {
	p := s.p
	all := make([]int32, 0, len(p.Rooms))
	for i, r := range p.Rooms {
		if r.Place >= 0 && r.Place < len(p.Places) && len(r.Free) >= len(p.Days) {
			all = append(all, int32(i))
		}
	}
	slices.SortFunc(all, func(i, j int32) int { return byRoom(&p.Rooms[i], &p.Rooms[j]) })
	s.rooms, s.suits = make([][]int32, len(p.Places)), make([][]int32, len(p.Places))
	s.smallest = make([]int, len(p.Places))
	for _, i := range all {
		r := &p.Rooms[i]
		s.rooms[r.Place] = append(s.rooms[r.Place], i)
		if !r.suffices(p.Persons, p.StepFree, p.Needs) {
			continue
		}
		if len(s.suits[r.Place]) == 0 {
			s.smallest[r.Place] = r.Persons
		}
		s.suits[r.Place] = append(s.suits[r.Place], i)
	}
}

func byRoom(a, b *Room) int {
	stairs := func(r *Room) int {
		if r.StepFree {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(a.Persons, b.Persons),
		cmp.Compare(bits.OnesCount64(a.Equipment), bits.OnesCount64(b.Equipment)),
		cmp.Compare(stairs(a), stairs(b)), cmp.Compare(a.ID, b.ID))
}

func (r *Room) suffices(persons int, stepFree bool, needs uint64) bool {
	return r.Persons >= persons && (r.StepFree || !stepFree) && r.Equipment&needs == needs
}

// sortShifts is a counting sort of each part's shifts by block.
func (s *search) sortShifts() {
	p := s.p
	days := len(p.Days)
	for _, part := range p.Parts {
		first := make([]int32, days*len(p.Places)+2)
		for i := range part.Shifts {
			if b := s.blockOf(&part.Shifts[i]); b >= 0 {
				first[b+2]++
			}
		}
		for b := 2; b < len(first); b++ {
			first[b] += first[b-1]
		}
		order := make([]int32, first[len(first)-1])
		for i := range part.Shifts {
			if b := s.blockOf(&part.Shifts[i]); b >= 0 {
				order[first[b+1]] = int32(i)
				first[b+1]++
			}
		}
		s.shifts, s.first = append(s.shifts, order), append(s.first, first)
	}
}

// blockOf is the number of a shift's place and day; -1 where nobody may go.
func (s *search) blockOf(h *Shift) int {
	p := s.p
	if h.Place < 0 || h.Place >= len(p.Places) || h.Day < 0 || h.Day >= len(p.Days) || !s.open(h.Place) {
		return -1
	}
	return h.Place*len(p.Days) + h.Day
}

// open tells whether the citizen may be sent to a place.
func (s *search) open(place int) bool {
	at := &s.p.Places[place]
	return (s.p.Where < 0 || s.p.Where == place) && (!s.p.StepFree || at.StepFree || at.Roomless)
}

// shiftsOf are the indices of a part's shifts in a block, by clerk.
func (s *search) shiftsOf(part, place, day int) []int32 {
	b := place*len(s.p.Days) + day
	found := s.shifts[part][s.first[part][b]:s.first[part][b+1]]
	all := s.p.Parts[part].Shifts
	for i := 1; i < len(found); i++ { // mostly sorted already
		for j := i; j > 0 && all[found[j]].Clerk < all[found[j-1]].Clerk; j-- {
			found[j], found[j-1] = found[j-1], found[j]
		}
	}
	return found
}

// lineUp lists the blocks in which there could be an option, best bound first.
func (s *search) lineUp() {
	p := s.p
	if len(s.splits) == 0 {
		return
	}
	all := make([]block, 0, len(p.Days)*len(p.Places))
	for day := range p.Days {
		w := s.window(day)
		if w.empty() {
			continue
		}
		from := s.wait(day, w.first())
		for place := range p.Places {
			if s.staffed(place, day) && (p.Places[place].Roomless || len(s.suits[place]) > 0) {
				all = append(all, block{place: place, day: day, bound: s.bound(place, from)})
			}
		}
	}
	slices.SortFunc(all, func(a, b block) int {
		return cmp.Or(cmp.Compare(a.bound, b.bound), cmp.Compare(a.place, b.place), cmp.Compare(a.day, b.day))
	})
	s.blocks = make([]*block, len(all))
	for i := range all {
		s.blocks[i] = &all[i]
	}
}

// window are the cells of a day at which the visit may start.
func (s *search) window(day int) Timeline {
	w := s.p.window(day)
	if s.outside {
		p := *s.p
		p.Earliest, p.Latest = time.Time{}, time.Time{}
		return minus(p.window(day), w)
	}
	return w
}

// staffed tells whether every part has a shift at the place on the day.
func (s *search) staffed(place, day int) bool {
	b := place*len(s.p.Days) + day
	for part := range s.first {
		if s.first[part][b] == s.first[part][b+1] {
			return false
		}
	}
	return true
}

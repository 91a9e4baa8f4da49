package match

import (
	"cmp"
	"slices"
)

// Rooms are promised by size only. Where all that suffice are occupied, a visit
// that is booked may move to another room, pushing a third one at most. The
// search is bounded and so may miss what a total re-arrangement would find; what
// it finds holds.
const (
	maxPush  = 2   // a visit pushes one, which pushes one more
	maxSwaps = 4   // for one new visit
	maxTries = 400 // rooms looked at for one start
)

// relief is a room made free by swaps.
type relief struct {
	room  int32
	swaps []Swap
}

// mover is the state of rooms of one place on one day while visits are pushed.
type mover struct {
	s     *search
	day   int
	local []int32 // indices of the rooms, smallest first
	free  []Timeline
	in    [][]int32 // per room: visits booked there, by start
	moved []move
	saved []saved
	tries int
	spare [2][]Timeline // scratch
}

type move struct {
	visit    int32
	from, to int // local rooms
}

type saved struct {
	room int
	free Timeline
}

// swaps finds for each of the starts a room that can be made free.
func (s *search) swaps(place, day int, starts Timeline) map[int]relief {
	if len(s.p.Booked) == 0 || len(s.suits[place]) == 0 {
		return nil
	}
	m := &s.moves
	m.load(s, place, day)
	starts.and(m.reach())
	if starts.empty() {
		return nil
	}
	found := map[int]relief{}
	starts.each(func(cell int) {
		if r, ok := m.relieve(cell); ok {
			found[cell] = r
		}
	})
	return found
}

// load takes up the rooms of a place on a day.
func (m *mover) load(s *search, place, day int) {
	if s.bucket == nil {
		s.sortBooked()
	}
	m.s, m.day, m.local = s, day, s.rooms[place]
	m.free, m.in = m.free[:0], m.in[:0]
	open := Span(0, s.p.Days[day].Cells)
	for _, room := range m.local {
		free := s.p.Rooms[room].Free[day]
		free.and(open)
		m.free = append(m.free, free)
		b := day*len(s.p.Rooms) + int(room)
		visits := s.booked[s.bucket[b]:s.bucket[b+1]]
		slices.SortFunc(visits, func(i, j int32) int {
			a, b := &s.p.Booked[i], &s.p.Booked[j]
			if a.From != b.From {
				return cmp.Compare(a.From, b.From)
			}
			return cmp.Compare(a.ID, b.ID)
		})
		m.in = append(m.in, visits)
	}
}

// sortBooked is a counting sort of what is booked by day and room.
func (s *search) sortBooked() {
	p := s.p
	s.bucket = make([]int32, len(p.Days)*len(p.Rooms)+2)
	number := func(b *Booked) int {
		if b.Day < 0 || b.Day >= len(p.Days) || b.Room < 0 || b.Room >= len(p.Rooms) {
			return -1
		}
		return b.Day*len(p.Rooms) + b.Room
	}
	for i := range p.Booked {
		if n := number(&p.Booked[i]); n >= 0 {
			s.bucket[n+2]++
		}
	}
	for n := 2; n < len(s.bucket); n++ {
		s.bucket[n] += s.bucket[n-1]
	}
	s.booked = make([]int32, s.bucket[len(s.bucket)-1])
	for i := range p.Booked {
		if n := number(&p.Booked[i]); n >= 0 {
			s.booked[s.bucket[n+1]] = int32(i)
			s.bucket[n+1]++
		}
	}
}

func (m *mover) room(local int) *Room { return &m.s.p.Rooms[m.local[local]] }

// need is the time that a visit booked in one room occupies in another.
func (m *mover) need(b *Booked, to int) (from, until int) {
	return b.From, b.To - m.pause(b) + cells(m.room(to).BufferMinutes)
}

// pause is the part of a visit's time that is its room's pause.
func (m *mover) pause(b *Booked) int {
	return min(cells(m.s.p.Rooms[b.Room].BufferMinutes), b.To-b.From-1)
}

// fits tells whether a visit can go to another room that is free as given.
func (m *mover) fits(b *Booked, to int, free *Timeline) bool {
	if m.local[to] == int32(b.Room) || !m.room(to).suffices(b.Persons, b.StepFree, b.Needs) {
		return false
	}
	from, until := m.need(b, to)
	return free.Free(from, until)
}

// reach is an upper bound of the starts that pushing can serve: a room could
// only become free where the visits in it could go somewhere.
func (m *mover) reach() Timeline {
	var starts Timeline
	free, next := append(m.spare[0][:0], m.free...), m.spare[1]
	for range maxPush {
		next = append(next[:0], m.free...)
		var any Timeline // free in some room
		for i := range free {
			any.or(free[i])
		}
		some := false
		for room, visits := range m.in {
			for _, v := range visits {
				b := &m.s.p.Booked[v]
				if b.Swappable && any.Free(b.From, b.To-m.pause(b)) && m.goesSomewhere(b, free) {
					next[room].Add(b.From, b.To)
					some = true
				}
			}
		}
		if !some {
			return starts
		}
		free, next = next, free
	}
	m.spare = [2][]Timeline{free, next}
	for i := range m.local {
		if r := m.room(i); r.suffices(m.s.p.Persons, m.s.p.StepFree, m.s.p.Needs) {
			can := free[i]
			can.and(Span(0, m.s.p.Days[m.day].Cells))
			can.erode(m.s.total + cells(r.BufferMinutes))
			starts.or(can)
		}
	}
	return starts
}

func (m *mover) goesSomewhere(b *Booked, free []Timeline) bool {
	for to := range m.local {
		if m.fits(b, to, &free[to]) {
			return true
		}
	}
	return false
}

// relieve makes a room free for a start, with as few pushes in a row as it can,
// the smallest room first.
func (m *mover) relieve(cell int) (relief, bool) {
	m.tries = 0
	for depth := 1; depth <= maxPush; depth++ {
		for i := range m.local {
			r := m.room(i)
			if !r.suffices(m.s.p.Persons, m.s.p.StepFree, m.s.p.Needs) {
				continue
			}
			found := m.clear(i, cell, cell+m.s.total+cells(r.BufferMinutes), depth)
			swaps := m.take()
			if found {
				return relief{m.local[i], swaps}, true
			}
		}
	}
	return relief{}, false
}

// take reads the swaps and puts everything back.
func (m *mover) take() []Swap {
	var swaps []Swap
	for _, mv := range m.moved {
		swaps = append(swaps, Swap{ID: m.s.p.Booked[mv.visit].ID, From: m.room(mv.from).ID, To: m.room(mv.to).ID})
	}
	m.undo(0, 0)
	slices.SortFunc(swaps, func(a, b Swap) int { return cmp.Compare(a.ID, b.ID) })
	return swaps
}

func (m *mover) undo(saves, moves int) {
	for i := len(m.saved) - 1; i >= saves; i-- {
		m.free[m.saved[i].room] = m.saved[i].free
	}
	m.saved, m.moved = m.saved[:saves], m.moved[:moves]
}

// clear makes [from, to) free in a room and takes it.
func (m *mover) clear(room, from, to, depth int) bool {
	if m.tries++; m.tries > maxTries || to > m.s.p.Days[m.day].Cells {
		return false
	}
	blocked := minus(Span(from, to), m.free[room])
	freed := m.free[room]
	var pushed []int32
	for _, v := range m.in[room] {
		b := &m.s.p.Booked[v]
		if b.From >= to || b.To <= from || m.hasMoved(v) {
			continue
		}
		if !b.Swappable || len(m.moved)+len(pushed) == maxSwaps {
			return false
		}
		pushed = append(pushed, v)
		span := Span(b.From, b.To)
		blocked.andNot(span)
		freed.or(span)
	}
	if !blocked.empty() {
		return false
	}
	saves, moves := len(m.saved), len(m.moved)
	m.set(room, minus(freed, Span(from, to)))
	for _, v := range pushed {
		if !m.push(v, room, depth) {
			m.undo(saves, moves)
			return false
		}
	}
	return true
}

func (m *mover) hasMoved(visit int32) bool {
	return slices.ContainsFunc(m.moved, func(mv move) bool { return mv.visit == visit })
}

func (m *mover) set(room int, free Timeline) {
	m.saved = append(m.saved, saved{room, m.free[room]})
	m.free[room] = free
}

// push finds another room for a visit: a free one, else one that can be cleared.
func (m *mover) push(visit int32, room, depth int) bool {
	b := &m.s.p.Booked[visit]
	if len(m.moved) == maxSwaps {
		return false
	}
	m.moved = append(m.moved, move{visit, room, room})
	mine := len(m.moved) - 1
	for to := range m.local {
		if m.fits(b, to, &m.free[to]) {
			from, until := m.need(b, to)
			m.set(to, minus(m.free[to], Span(from, until)))
			m.moved[mine].to = to
			return true
		}
	}
	for to := range m.local {
		if depth <= 1 || to == room || !m.room(to).suffices(b.Persons, b.StepFree, b.Needs) {
			continue
		}
		from, until := m.need(b, to)
		if m.clear(to, from, until, depth-1) {
			m.moved[mine].to = to
			return true
		}
	}
	return false
}

package match

import (
	"cmp"
	"slices"
)

// option is a start at a place with the best that can be had for it.
type option struct {
	place, day, cell int
	wait             int // minutes
	cost             int // seconds
	room             int32
	clerks           []int32
	swaps            []Swap
}

// look finds the options of a block, by start.
func (s *search) look(b *block) []option {
	if b.looked {
		return b.options
	}
	b.looked = true
	starts := s.able(b.place, b.day, s.window(b.day), false, true)
	if starts.empty() {
		return nil
	}
	starts.and(s.kits(b.place, b.day))
	room, roomed := s.assignRooms(b.place, b.day, starts)
	var swapped map[int]relief
	if blocked := minus(starts, roomed); !blocked.empty() {
		swapped = s.swaps(b.place, b.day, blocked)
		for cell := range swapped {
			roomed.Add(cell, cell+1)
		}
	}
	b.options = make([]option, 0, roomed.Count())
	clerks := make([]int32, 0, roomed.Count()*len(s.hands))
	s.staff(roomed, func(cell, cost int, chosen []int32) {
		o := option{place: b.place, day: b.day, cell: cell, wait: s.wait(b.day, cell), room: room[cell]}
		if r, ok := swapped[cell]; ok {
			o.room, o.swaps = r.room, r.swaps
		}
		if o.room >= 0 {
			cost += s.oversize(o.room)
		}
		if s.p.Clerk != 0 {
			cost += otherClerk
		}
		o.cost = cost + waitCost(o.wait) + s.travel[b.place] + perSwap*len(o.swaps)
		clerks = append(clerks, chosen...)
		o.clerks = clerks[len(clerks)-len(chosen):]
		b.options = append(b.options, o)
	})
	return b.options
}

func minus(a, b Timeline) Timeline {
	a.andNot(b)
	return a
}

// able are the starts at which every part has a clerk; s.hands has them.
func (s *search) able(place, day int, starts Timeline, released, limits bool) Timeline {
	for part := range s.hands {
		var any Timeline
		for i := range s.gather(part, place, day, starts, released, limits) {
			any.or(s.hands[part][i].can)
		}
		if starts.and(any); starts.empty() {
			break
		}
	}
	return starts
}

// kits are the starts at which a kit of each kind is free for the whole visit.
func (s *search) kits(place, day int) Timeline {
	starts := Span(0, s.p.Days[day].Cells)
	for _, kind := range s.kinds {
		var some Timeline
		for i := range s.p.Kits {
			if s.p.Kits[i].serves(kind, place, day) {
				free := s.p.Kits[i].Free[day]
				free.and(Span(0, s.p.Days[day].Cells))
				free.erode(s.total)
				some.or(free)
			}
		}
		starts.and(some)
	}
	return starts
}

func (k *Kit) serves(kind string, place, day int) bool {
	return k.Kind == kind && (k.Place == place || k.Place < 0) && day < len(k.Free)
}

// kitsAt are the ids of the kits to take for a start: one that belongs to the
// place rather than one that must be brought, then the lowest id.
func (s *search) kitsAt(place, day, cell int) []int {
	var ids []int
	for _, kind := range s.kinds {
		best := -1
		for i := range s.p.Kits {
			k := &s.p.Kits[i]
			if !k.serves(kind, place, day) || !k.Free[day].Free(cell, cell+s.total) {
				continue
			}
			if best < 0 || cmp.Or(-cmp.Compare(k.Place, s.p.Kits[best].Place), cmp.Compare(k.ID, s.p.Kits[best].ID)) < 0 {
				best = i
			}
		}
		if best >= 0 {
			ids = append(ids, s.p.Kits[best].ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// assignRooms gives every start the smallest room that is free for the visit
// and its own pause; roomed are the starts that have one.
func (s *search) assignRooms(place, day int, starts Timeline) (room [Words * 64]int32, roomed Timeline) {
	if s.p.Places[place].Roomless {
		starts.each(func(cell int) { room[cell] = -1 })
		return room, starts
	}
	open := Span(0, s.p.Days[day].Cells)
	for _, i := range s.suits[place] {
		free := s.p.Rooms[i].Free[day]
		free.and(open)
		free.erode(s.total + cells(s.p.Rooms[i].BufferMinutes))
		free.and(starts)
		free.each(func(cell int) { room[cell] = i })
		roomed.or(free)
		if starts.andNot(free); starts.empty() {
			break
		}
	}
	return room, roomed
}

// tidy tells whether an option leaves no hole of no use in the clerks' days.
func (s *search) tidy(o *option) bool {
	clerks, cell := o.clerks, o.cell
	for part := range clerks {
		s.gather(part, o.place, o.day, Span(cell, cell+1), false, false)
	}
	for part := 0; part < len(clerks); {
		last := part
		for last+1 < len(clerks) && clerks[last+1] == clerks[part] {
			last++
		}
		if odd(s.handOf(part, clerks[part]), s.handOf(last, clerks[last]), cell) > 0 {
			return false
		}
		part = last + 1
	}
	return true
}

func (s *search) handOf(part int, clerk int32) *hand {
	hands := s.hands[part]
	i, _ := slices.BinarySearchFunc(hands, int(clerk), func(h hand, id int) int { return cmp.Compare(h.clerk, id) })
	return &hands[i]
}

package match

import "slices"

// why finds why there is no option, in the order of the Why constants: the
// first condition that no place and day can meet together with those before it.
func (s *search) why() Why {
	p := s.p
	if len(p.Parts) == 0 {
		return WhyNobody
	}
	for _, part := range p.Parts {
		if part.Clerks == 0 && len(part.Shifts) == 0 {
			return WhyNobody
		}
	}
	switch {
	case !s.some(func(place, day int) bool { return s.released(place, day) }):
		return WhyNoRelease
	case len(p.Parts) > maxParts:
		return WhyTooLong
	case !s.some(func(place, day int) bool { return s.possible(place, day, true, false) }):
		return WhyTooLong
	case !s.some(func(place, day int) bool { return s.possible(place, day, true, true) }):
		return WhyQuota
	case !s.some(func(place, day int) bool { return s.equipped(place, day) && s.possible(place, day, true, true) }):
		return WhyNoRoom
	}
	if s.freeOutside() {
		return WhyLead
	}
	return WhyFull
}

// some tells whether there is a place and day at which every part has a shift
// and the condition holds.
func (s *search) some(condition func(place, day int) bool) bool {
	for day := range s.p.Days {
		for place := range s.p.Places {
			if s.staffed(place, day) && condition(place, day) {
				return true
			}
		}
	}
	return false
}

// released tells whether every part has released time.
func (s *search) released(place, day int) bool {
	for part := range s.first {
		open := false
		for _, i := range s.shiftsOf(part, place, day) {
			shift := &s.p.Parts[part].Shifts[i]
			open = open || !shift.Open.empty() || !shift.Free.empty()
		}
		if !open {
			return false
		}
	}
	return true
}

// possible tells whether clerks could do the chain at any time of the day, were
// released time free.
func (s *search) possible(place, day int, released, limits bool) bool {
	starts := s.able(place, day, Span(0, s.p.Days[day].Cells), released, limits)
	found := false
	if !starts.empty() {
		s.staff(starts, func(int, int, []int32) { found = true })
	}
	return found
}

// equipped tells whether the place has a sufficient room, and the kits there are.
func (s *search) equipped(place, day int) bool {
	if !s.p.Places[place].Roomless && len(s.suits[place]) == 0 {
		return false
	}
	for _, kind := range s.kinds {
		found := false
		for i := range s.p.Kits {
			found = found || s.p.Kits[i].serves(kind, place, day)
		}
		if !found {
			return false
		}
	}
	return true
}

// freeOutside tells whether there is an option before Earliest or from Latest on.
// A moment asked for must lie there itself.
func (s *search) freeOutside() bool {
	at := s.p.At
	if !at.IsZero() && !at.Before(s.p.Earliest) && (s.p.Latest.IsZero() || at.Before(s.p.Latest)) {
		return false
	}
	s.outside, s.blocks = true, nil
	s.lineUp()
	return slices.ContainsFunc(s.blocks, func(b *block) bool { return len(s.look(b)) > 0 })
}

package match

import (
	"cmp"
	"slices"
)

// proposal writes an option out.
func (s *search) proposal(o *option) Proposal {
	day := s.p.Days[o.day]
	pr := Proposal{Place: o.place, Day: o.day, Start: day.At(o.cell), End: day.At(o.cell + s.total),
		Kits: s.kitsAt(o.place, o.day, o.cell), Swaps: o.swaps, Cost: o.cost / 60}
	for i, part := range s.p.Parts {
		from := o.cell + s.offset[i]
		pr.Parts = append(pr.Parts, Assignment{Concern: part.Concern, Clerk: int(o.clerks[i]),
			Start: day.At(from), End: day.At(from + s.length[i])})
		pr.Claims = append(pr.Claims, Claim{int(o.clerks[i]), day.At(from), day.At(from + s.claim[i])})
	}
	if o.room >= 0 {
		r := &s.p.Rooms[o.room]
		pr.Room, pr.RoomBuffer = r.ID, r.BufferMinutes
		pr.Claims = append(pr.Claims, Claim{r.ID, pr.Start, day.At(o.cell + s.total + cells(r.BufferMinutes))})
	}
	for _, kit := range pr.Kits {
		pr.Claims = append(pr.Claims, Claim{kit, pr.Start, pr.End})
	}
	pr.Claims = merged(pr.Claims)
	pr.Reasons = s.reasons(o)
	return pr
}

// merged sorts claims and joins those of a resource that touch: a clerk's pause
// between two parts of one visit is no pause.
func merged(claims []Claim) []Claim {
	slices.SortFunc(claims, func(a, b Claim) int {
		return cmp.Or(cmp.Compare(a.Resource, b.Resource), a.From.Compare(b.From))
	})
	joined := claims[:0]
	for _, c := range claims {
		if last := len(joined) - 1; last >= 0 && joined[last].Resource == c.Resource && !c.From.After(joined[last].To) {
			if c.To.After(joined[last].To) {
				joined[last].To = c.To
			}
			continue
		}
		joined = append(joined, c)
	}
	return joined
}

// reasons are the true sentences about an option, strongest first. Of one moment
// that was asked for it says nothing is earliest or nearest.
func (s *search) reasons(o *option) []Reason {
	var found []Reason
	say := func(r Reason, ok bool) {
		if ok {
			found = append(found, r)
		}
	}
	search := s.p.At.IsZero()
	if s.p.Sort == Near {
		say(Nearest, search && s.isNearest(o))
		say(Earliest, search && s.isEarliest(o))
	} else {
		say(Earliest, search && s.isEarliest(o))
		say(Nearest, search && s.isNearest(o))
	}
	say(SameClerk, s.p.Clerk != 0 && slices.Contains(o.clerks, int32(s.p.Clerk)))
	say(OneClerk, len(o.clerks) > 1 && len(slices.Compact(slices.Clone(o.clerks))) == 1)
	say(NoGap, s.tidy(o))
	say(RoomFits, o.room >= 0 && s.p.Rooms[o.room].Persons == s.smallest[o.place])
	return found
}

// isEarliest looks at the blocks that could have an earlier option.
func (s *search) isEarliest(o *option) bool {
	for _, b := range s.blocks {
		if s.wait(b.day, 0) < o.wait {
			if options := s.look(b); len(options) > 0 && options[0].wait < o.wait {
				return false
			}
		}
	}
	return true
}

// isNearest looks at the blocks of nearer places; it is not worth saying where
// all are as near, or the way is unknown.
func (s *search) isNearest(o *option) bool {
	far := 0
	for _, b := range s.blocks {
		far = max(far, s.rank[b.place])
		if s.rank[b.place] < s.rank[o.place] && len(s.look(b)) > 0 {
			return false
		}
	}
	at := s.p.Places[o.place]
	known := at.TravelMinutes >= 0 || at.Metres >= 0
	return known && far > s.rank[o.place]
}

package match

import "slices"

// Ways lists up to n ways to do p at the moment p.At and the place p.Where, the
// best first: for a writer who finds one taken meanwhile. Each is without the
// clerks and the room of those before it; when that leaves nothing, without the
// room alone, then without the clerks alone. Swaps count as taking their rooms.
func Ways(p Problem, n int) []Proposal {
	p.Limit = 1
	found := Solve(p).Proposals
	for len(found) > 0 && len(found) < n {
		last := found[len(found)-1]
		var next []Proposal
		for _, without := range []Problem{withoutRoom(withoutClerks(p, last), last), withoutRoom(p, last), withoutClerks(p, last)} {
			if next = Solve(without).Proposals; len(next) > 0 {
				p = without
				break
			}
		}
		if len(next) == 0 {
			break
		}
		found = append(found, next[0])
	}
	return found
}

func withoutClerks(p Problem, taken Proposal) Problem {
	p.Parts = slices.Clone(p.Parts)
	for i, part := range p.Parts {
		p.Parts[i].Shifts = slices.DeleteFunc(slices.Clone(part.Shifts), func(s Shift) bool {
			return slices.ContainsFunc(taken.Parts, func(a Assignment) bool { return a.Clerk == s.Clerk })
		})
	}
	return p
}

// withoutRoom leaves the rooms of a proposal and its swaps no free time; indices
// stay what they are.
func withoutRoom(p Problem, taken Proposal) Problem {
	p.Rooms = slices.Clone(p.Rooms)
	for i, r := range p.Rooms {
		if r.ID == taken.Room || slices.ContainsFunc(taken.Swaps, func(s Swap) bool { return s.To == r.ID }) {
			p.Rooms[i].Free = make([]Timeline, len(r.Free))
		}
	}
	// A visit in a room that is out of play moves nowhere.
	p.Booked = slices.DeleteFunc(slices.Clone(p.Booked), func(b Booked) bool {
		return b.Room >= 0 && b.Room < len(p.Rooms) && p.Rooms[b.Room].ID == taken.Room
	})
	return p
}

package match

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestWhyAgainstBruteForce lifts one condition after the other.
func TestWhyAgainstBruteForce(t *testing.T) {
	days := []Day{localDay(t, "2026-03-28"), localDay(t, "2026-03-29")}
	manyTimes(t, func(t *rapid.T) {
		p := small(t, days)
		p.At = time.Time{}
		p.Booked = nil
		for i := range p.Parts {
			for j := range p.Parts[i].Shifts {
				s := &p.Parts[i].Shifts[j]
				s.Open = s.Free
				s.Free.Remove(rapid.IntRange(120, 150).Draw(t, "busy from"), 160)
			}
		}
		if got, want := Solve(p).Why, naiveWhy(p); got != want {
			t.Fatalf("%q, not %q", got, want)
		}
	})
}

func naiveWhy(p Problem) Why {
	possible := func(p Problem) bool {
		return slices.ContainsFunc(newOracle(&p).truths(), func(t truth) bool { return t.room != -2 })
	}
	if possible(p) {
		return ""
	}
	wide := p
	wide.Earliest, wide.Latest = time.Time{}, time.Time{}
	if possible(wide) {
		return WhyLead
	}
	lift := func(p Problem, change func(s *Shift)) Problem {
		p.Parts = slices.Clone(p.Parts)
		for i := range p.Parts {
			p.Parts[i].Shifts = slices.Clone(p.Parts[i].Shifts)
			for j := range p.Parts[i].Shifts {
				change(&p.Parts[i].Shifts[j])
			}
		}
		return p
	}
	always := slices.Repeat([]Timeline{Span(0, 320)}, len(p.Days))
	wide = lift(wide, func(s *Shift) { s.Free = s.Open })
	wide.Rooms, wide.Kits = slices.Clone(p.Rooms), slices.Clone(p.Kits)
	for i := range wide.Rooms {
		wide.Rooms[i].Free = always
	}
	for i := range wide.Kits {
		wide.Kits[i].Free = always
	}
	if possible(wide) {
		return WhyFull
	}
	wide.Needs, wide.Persons = 0, 1
	for place := range p.Places {
		wide.Rooms = append(wide.Rooms, Room{Place: place, Persons: 10, StepFree: true, Free: always})
	}
	wide.Kits = []Kit{{Kind: "koffer", Place: -1, Free: always}}
	if possible(wide) {
		return WhyNoRoom
	}
	if possible(lift(wide, func(s *Shift) { s.Quota = -1 })) {
		return WhyQuota
	}
	wide.Parts = slices.Clone(wide.Parts)
	for i := range wide.Parts {
		wide.Parts[i].Minutes, wide.Parts[i].BufferMinutes = 1, 0
	}
	if possible(lift(wide, func(s *Shift) { s.Free, s.Quota = Span(0, 288), -1 })) {
		return WhyTooLong
	}
	return WhyNoRelease
}

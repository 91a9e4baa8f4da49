package match

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWays(t *testing.T) {
	p := hall(t, "2026-03-30")
	p.At, p.Where = instant(t, "2026-03-30 08:00"), 0
	morning := free(t, "08:00", "12:00")
	for _, test := range []struct {
		name   string
		clerks []int
		rooms  int
		n      int
		want   []string
	}{
		{"others each time", []int{a1, a2, p1}, 3, 3, []string{"1 11", "2 12", "3 13"}},
		{"one clerk, other rooms", []int{a1}, 3, 3, []string{"1 11", "1 12", "1 13"}},
		{"one room, other clerks", []int{a1, a2}, 1, 3, []string{"1 11", "2 11"}},
		{"no more than asked for", []int{a1, a2}, 3, 1, []string{"1 11"}},
		{"none", nil, 3, 3, nil},
	} {
		q := p
		q.Rooms = slices.Clone(p.Rooms[:test.rooms])
		q.Parts = []Part{{Minutes: 10}}
		for _, clerk := range test.clerks {
			q.Parts[0].Shifts = append(q.Parts[0].Shifts, shift(clerk, morning))
		}
		var got []string
		for _, w := range Ways(q, test.n) {
			got = append(got, fmt.Sprint(w.Parts[0].Clerk, w.Room))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func TestWhyInItsOrder(t *testing.T) {
	morning, none := free(t, "08:00", "12:00"), Timeline{}
	for _, test := range []struct {
		want   Why
		change func(p *Problem)
	}{
		{WhyNobody, func(p *Problem) { p.Parts = nil }},
		{WhyNobody, func(p *Problem) { p.Parts[0].Shifts = nil }},
		{WhyNoRelease, func(p *Problem) { p.Parts[0].Shifts, p.Parts[0].Clerks = nil, 2 }},
		{WhyNoRelease, func(p *Problem) { p.Parts[0].Shifts[0].Free = none }},
		{WhyNoRelease, func(p *Problem) { p.Where = 7 }},
		{WhyTooLong, func(p *Problem) { p.Parts[0].Minutes = 245 }},
		{WhyTooLong, func(p *Problem) { p.Parts = slices.Repeat(p.Parts, maxParts+1) }},
		{WhyQuota, func(p *Problem) { p.Parts[0].Shifts[0].Quota = 9 }},
		{WhyQuota, func(p *Problem) {
			p.Parts[0].Shifts[0].Quota = 19
			p.Parts = slices.Repeat(p.Parts, 2)
		}},
		{WhyNoRoom, func(p *Problem) { p.Persons = 7 }},
		{WhyNoRoom, func(p *Problem) { p.Parts[0].Kit = "koffer" }},
		{WhyFull, func(p *Problem) { p.Parts[0].Shifts[0].Open, p.Parts[0].Shifts[0].Free = morning, none }},
		{WhyFull, func(p *Problem) { p.At = instant(t, "2026-03-30 12:00") }},
		{WhyFull, func(p *Problem) { p.Rooms[2].Free[0], p.Persons = none, 4 }},
		{WhyLead, func(p *Problem) { p.Earliest = instant(t, "2026-03-30 11:55") }},
		{WhyLead, func(p *Problem) { p.Latest = instant(t, "2026-03-30 08:00") }},
	} {
		p := hall(t, "2026-03-30")
		p.Parts = []Part{{Minutes: 10, Shifts: []Shift{shift(a1, morning)}}}
		test.change(&p)
		if got := Solve(p); got.Why != test.want || got.Proposals != nil {
			t.Errorf("%q, not %q", got.Why, test.want)
		}
	}
}

func TestPreferences(t *testing.T) {
	morning := free(t, "08:00", "12:00")
	for _, test := range []struct {
		name   string
		change func(p *Problem)
		start  string
		clerk  int
		room   int
	}{
		{"who has less to do", func(p *Problem) { p.Parts[0].Shifts[0].Load = 60 }, "08:00", a2, e1},
		{"the clerk asked for, later", func(p *Problem) {
			p.Clerk = a2
			p.Parts[0].Shifts[1].Free.Remove(0, 10*12)
		}, "10:00", a2, e1},
		{"no hole of no use", func(p *Problem) {
			p.Parts[0].Minutes, p.Parts[0].Shifts = 30, p.Parts[0].Shifts[:1]
			p.Rooms[0].Free[0].Remove(8*12, 8*12+1) // from 08:05 only
			p.Rooms[1].Free[0], p.Rooms[2].Free[0] = Timeline{}, Timeline{}
		}, "08:30", a1, e1},
		{"not the large room while a small one is free", func(p *Problem) {
			p.Rooms[0].Free[0].Remove(8*12, 9*12)
			p.Rooms[1].Free[0].Remove(8*12, 8*12+1)
		}, "08:10", a1, e2},
		{"the room's pause must be free", func(p *Problem) {
			p.Rooms = p.Rooms[:1]
			p.Rooms[0].BufferMinutes = 30
			p.Rooms[0].Free[0].Remove(8*12+6, 8*12+7)
		}, "08:35", a1, e1},
	} {
		p := hall(t, "2026-03-30")
		p.Sort = Best
		p.Parts = []Part{{Minutes: 10, Shifts: []Shift{shift(a1, morning), shift(a2, morning)}}}
		test.change(&p)
		got := Solve(p).Proposals[0]
		if wall := got.Start.Format("15:04"); wall != test.start || got.Parts[0].Clerk != test.clerk || got.Room != test.room {
			t.Errorf("%s: %s with %d in %d", test.name, wall, got.Parts[0].Clerk, got.Room)
		}
	}
}

// TestVisitEndsWithTheDay: nothing reaches into the next day.
func TestVisitEndsWithTheDay(t *testing.T) {
	p := hall(t, "2026-03-29")
	p.Parts = []Part{{Minutes: 10, BufferMinutes: 5, Shifts: []Shift{shift(a1, Span(270, Words*64))}}}
	for i := range p.Rooms {
		p.Rooms[i].Free[0] = Span(0, Words*64)
	}
	starts := Starts(p)
	if last := starts[len(starts)-1]; last.Cell != 276-3 {
		t.Errorf("last start at cell %d", last.Cell)
	}
}

// TestOddInput: what a caller gets wrong is nobody's appointment, and no panic.
func TestOddInput(t *testing.T) {
	morning := free(t, "08:00", "12:00")
	for name, change := range map[string]func(p *Problem){
		"nothing":                    func(p *Problem) { *p = Problem{} },
		"no days":                    func(p *Problem) { p.Days = nil },
		"no places":                  func(p *Problem) { p.Places = nil },
		"a shift nowhere":            func(p *Problem) { p.Parts[0].Shifts[0].Place = 9 },
		"a shift on no day":          func(p *Problem) { p.Parts[0].Shifts[0].Day = -1 },
		"rooms without time":         func(p *Problem) { p.Rooms[0].Free, p.Rooms[1].Free, p.Rooms[2].Free = nil, nil, nil },
		"longer than a day":          func(p *Problem) { p.Parts[0].Minutes = 100_000 },
		"a moment between two cells": func(p *Problem) { p.At = instant(t, "2026-03-30 08:00").Add(1) },
		"a moment years away":        func(p *Problem) { p.At = instant(t, "2226-03-30 08:00") },
		"an endless lead time":       func(p *Problem) { p.Earliest = instant(t, "2226-03-30 08:00") },
	} {
		p := hall(t, "2026-03-30")
		p.Parts = []Part{{Minutes: 10, Shifts: []Shift{shift(a1, morning)}}}
		p.Booked = []Booked{{ID: "NOWHERE", Room: 7, Day: 3, To: 5, Swappable: true}}
		change(&p)
		if got := Solve(p); got.Proposals != nil || got.Why == "" || len(Starts(p)) > 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
	p := hall(t, "2026-03-30")
	p.Parts = []Part{{Minutes: -5, BufferMinutes: -5, Shifts: []Shift{shift(a1, morning)}}}
	p.Limit, p.Persons, p.Shortest = -1, -1, -1
	if got := Solve(p); len(got.Proposals) != 1 {
		t.Errorf("%v", got)
	}
}

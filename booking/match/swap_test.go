package match

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestCrowdedRooms draws problems in which rooms are all that is scarce.
func TestCrowdedRooms(t *testing.T) {
	days := []Day{localDay(t, "2026-03-30")}
	manyTimes(t, func(t *rapid.T) {
		number := func(name string, from, to int) int { return rapid.IntRange(from, to).Draw(t, name) }
		p := Problem{Days: days, Places: make([]Place, 1), Where: -1, Limit: 5, Persons: number("persons", 1, 3),
			Parts: []Part{{Minutes: 5 * number("cells", 1, 5), Shifts: []Shift{shift(1, Span(120, 140))}}}}
		for i := range number("rooms", 2, 4) {
			p.Rooms = append(p.Rooms, Room{ID: 100 + i, Persons: number("seats", 1, 4), Free: []Timeline{Span(number("opens", 115, 125), 150)}})
		}
		for i := range number("booked", 1, 12) {
			from, room := number("from", 116, 140), number("room", 0, len(p.Rooms)-1)
			b := Booked{ID: string(rune('A' + i)), Room: room, From: from, To: from + number("lasts", 1, 8),
				Persons: number("guests", 1, p.Rooms[room].Persons), Swappable: number("swappable", 0, 5) > 0}
			if p.Rooms[room].Free[0].Free(b.From, b.To) {
				p.Rooms[room].Free[0].Remove(b.From, b.To)
				p.Booked = append(p.Booked, b)
			}
		}
		truths := newOracle(&p).truths()
		checkOptions(t, &p, truths, everyOption(&p))
	})
}

// checkSwaps does the swaps on a plan of cells and looks whether everybody has
// a room of their own that suffices.
func checkSwaps(t *rapid.T, p *Problem, o *option) {
	free := map[int]*[400]bool{}
	index := map[int]int{}
	for i, r := range p.Rooms {
		index[r.ID] = i
		free[i] = new([400]bool)
		for c := range p.Days[o.day].Cells {
			free[i][c] = r.Free[o.day][c/64]>>(c%64)&1 == 1
		}
	}
	take := func(room, from, to int) {
		if !allFree(free[room], from, to) {
			t.Fatalf("room %d is taken twice by %v", p.Rooms[room].ID, o.swaps)
		}
		for c := from; c < to; c++ {
			free[room][c] = false
		}
	}
	booked := func(id string) Booked {
		return p.Booked[slices.IndexFunc(p.Booked, func(b Booked) bool { return b.ID == id && b.Day == o.day })]
	}
	if len(o.swaps) == 0 || len(o.swaps) > maxSwaps {
		t.Fatalf("%d swaps", len(o.swaps))
	}
	for _, sw := range o.swaps {
		b := booked(sw.ID)
		if p.Rooms[b.Room].ID != sw.From || !b.Swappable {
			t.Fatalf("%v cannot move", sw)
		}
		for c := b.From; c < b.To; c++ {
			free[b.Room][c] = true
		}
	}
	for _, sw := range o.swaps {
		b, r := booked(sw.ID), p.Rooms[index[sw.To]]
		if r.Place != o.place || r.Persons < b.Persons || b.StepFree && !r.StepFree || b.Needs&^r.Equipment != 0 {
			t.Fatalf("%v: the room does not suffice", sw)
		}
		take(index[sw.To], b.From, b.To)
	}
	take(int(o.room), o.cell, o.cell+newOracle(p).total)
}

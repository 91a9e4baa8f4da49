package match

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// sick is a morning in the town hall on which a1 is sick.
func sick(t testing.TB, visits ...Visit) Disruption {
	t.Helper()
	h := hall(t, "2026-03-30")
	free := []Timeline{free(t, "08:00", "12:00")}
	d := Disruption{Days: h.Days, Rooms: h.Rooms, Visits: visits, Clerks: []Clerk{{ID: a2, Free: free}, {ID: p1, Free: free}}}
	return d
}

func passport(t testing.TB, id, from, to string, clerk int, clerks ...int) Visit {
	t.Helper()
	begin, end := clock(t, from, to)
	return Visit{ID: id, Persons: 1, Room: e1, Parts: []VisitPart{{From: begin, To: end, Clerk: clerk, Clerks: clerks}}}
}

func TestRematchSickClerk(t *testing.T) {
	two := passport(t, "B", "08:05", "08:15", a1, a1, a2)
	two.Room = e2
	firm := passport(t, "C", "09:00", "09:10", a2, a1, a2, p1)
	firm.Firm, firm.Room = true, e2
	d := sick(t,
		passport(t, "A", "08:00", "08:10", a1, a1, a2, p1),
		two,  // a2 alone can take it: A goes to p1
		firm, // a2 is needed for D: p1 takes over
		passport(t, "D", "09:05", "09:15", a1, a1, a2),
		passport(t, "E", "11:55", "12:05", a1, a1, a2))
	got := Rematch(d)
	var lines []string
	for _, k := range got.Kept {
		lines = append(lines, fmt.Sprint(k.ID, k.Clerks, k.Room, k.Changed))
	}
	if diff := cmp.Diff([]string{"A[3] 11 true", "B[2] 12 true", "C[3] 12 true", "D[2] 11 true"}, lines); diff != "" {
		t.Error(diff)
	}
	if !slices.Equal(got.Lost, []string{"E"}) {
		t.Errorf("lost %v", got.Lost)
	}
}

func TestRematchSpreadsTheWork(t *testing.T) {
	var visits []Visit
	for i := range 20 {
		from := 8*60 + 10*i
		visits = append(visits, passport(t, fmt.Sprintf("V%02d", i), fmt.Sprintf("%02d:%02d", from/60, from%60),
			fmt.Sprintf("%02d:%02d", (from+10)/60, (from+10)%60), a1, a1, a2, p1))
	}
	count := map[int]int{}
	for _, k := range Rematch(sick(t, visits...)).Kept {
		count[k.Clerks[0]]++
	}
	if diff := cmp.Diff(map[int]int{a2: 10, p1: 10}, count); diff != "" {
		t.Error(diff)
	}
}

func TestRematchClosedRoom(t *testing.T) {
	family := passport(t, "FAMILY", "08:00", "08:30", a2, a2)
	family.Persons, family.Room = 4, f1
	single := passport(t, "SINGLE", "08:10", "08:20", p1, p1)
	d := sick(t, family, single)
	d.Rooms[0].Free[0], d.Rooms[1].Free[0] = Timeline{}, Timeline{}
	got := Rematch(d)
	if len(got.Kept) != 1 || len(got.Lost) != 1 || got.Kept[0].Changed != (got.Kept[0].ID == "SINGLE") {
		t.Errorf("%v", got)
	}
	d.Visits[0].Firm = true
	if got := Rematch(d); got.Kept[0].ID != "FAMILY" || got.Kept[0].Changed {
		t.Errorf("a firm visit is lost: %v", got)
	}
}

// disruption draws a few visits of one morning, some firm.
func disruption(t *rapid.T, days []Day) Disruption {
	number := func(name string, from, to int) int { return rapid.IntRange(from, to).Draw(t, name) }
	d := Disruption{Days: days}
	for i := range number("clerks", 1, 4) {
		d.Clerks = append(d.Clerks, Clerk{ID: i + 1, Load: 10 * number("load", 0, 5), Free: []Timeline{Span(number("opens", 92, 97), number("closes", 102, 112))}})
	}
	for i := range number("rooms", 1, 3) {
		d.Rooms = append(d.Rooms, Room{ID: 101 + i, Persons: number("seats", 1, 4), BufferMinutes: 5 * number("air", 0, 1),
			Free: []Timeline{Span(number("opens", 92, 97), number("closes", 102, 112))}})
	}
	for i := range number("visits", 1, 5) {
		v := Visit{ID: string(rune('A' + i)), Persons: number("persons", 1, 2), Room: number("room", 101, 104), Roomless: number("phone", 0, 9) == 0}
		at := number("at", 96, 101)
		for range number("parts", 1, 2) {
			part := VisitPart{From: at, To: at + number("long", 1, 3), BufferMinutes: 5 * number("pause", 0, 1), Clerk: number("clerk", 1, 5)}
			part.Clerks = append(rapid.SliceOfN(rapid.IntRange(1, 5), 2, 4).Draw(t, "may"), part.Clerk)
			at = part.To
			v.Parts = append(v.Parts, part)
		}
		d.Visits = append(d.Visits, v)
	}
	for i := range d.Visits { // firm where it and the firm ones before it can stay as they are
		d.Visits[i].Firm = number("firm", 0, 2) == 0
		if d.Visits[i].Firm && !stand(&d) {
			d.Visits[i].Firm = false
		}
	}
	return d
}

// stand tells whether all firm visits can stay as they are.
func stand(d *Disruption) bool {
	var held []span
	for i := range d.Visits {
		v := &d.Visits[i]
		if !v.Firm {
			continue
		}
		var clerks []int
		for _, p := range v.Parts {
			clerks = append(clerks, p.Clerk)
		}
		spans, _ := attempt(d, v, clerks, v.Room)
		if spans == nil || slices.ContainsFunc(spans, func(s span) bool { return taken(held, s) }) {
			return false
		}
		held = append(held, spans...)
	}
	return true
}

// attempt is what a visit would occupy with clerks and room; nil if it cannot.
func attempt(d *Disruption, v *Visit, clerks []int, room int) (spans []span, changes int) {
	for i, p := range v.Parts {
		until := p.To + (p.BufferMinutes+4)/5
		who := slices.IndexFunc(d.Clerks, func(c Clerk) bool { return c.ID == clerks[i] })
		if who < 0 || !slices.Contains(p.Clerks, clerks[i]) {
			return nil, 0
		}
		for c := p.From; c < until; c++ {
			if d.Clerks[who].Free[0][c/64]>>(c%64)&1 == 0 {
				return nil, 0
			}
		}
		if clerks[i] != p.Clerk {
			changes++
		}
		spans = append(spans, span{false, clerks[i], p.From, until})
	}
	if v.Roomless {
		return spans, changes
	}
	which := slices.IndexFunc(d.Rooms, func(r Room) bool { return r.ID == room })
	if which < 0 || d.Rooms[which].Persons < v.Persons {
		return nil, 0
	}
	until := v.Parts[len(v.Parts)-1].To + (d.Rooms[which].BufferMinutes+4)/5
	for c := v.Parts[0].From; c < until; c++ {
		if d.Rooms[which].Free[0][c/64]>>(c%64)&1 == 0 {
			return nil, 0
		}
	}
	if room != v.Room {
		changes++
	}
	return append(spans, span{true, room, v.Parts[0].From, until}), changes
}

func taken(held []span, s span) bool {
	return slices.ContainsFunc(held, func(h span) bool {
		return h.id == s.id && h.room == s.room && h.from < s.to && s.from < h.to
	})
}

// fewest tries everything for the visits from i on.
func fewest(d *Disruption, i int, held []span) score {
	if i == len(d.Visits) {
		return score{}
	}
	v := &d.Visits[i]
	best := score{lost: 1000}
	if !v.Firm {
		best = fewest(d, i+1, held)
		best.lost++
	}
	rooms := []int{0}
	if !v.Roomless {
		rooms = nil
		for _, r := range d.Rooms {
			rooms = append(rooms, r.ID)
		}
	}
	for first := 1; first <= 5; first++ {
		for second := 1; second <= 5; second++ {
			if len(v.Parts) == 1 && second > 1 {
				break
			}
			for _, room := range rooms {
				spans, changes := attempt(d, v, []int{first, second}[:len(v.Parts)], room)
				if spans == nil || slices.ContainsFunc(spans, func(s span) bool { return taken(held, s) }) {
					continue
				}
				s := fewest(d, i+1, append(slices.Clone(held), spans...))
				s.changes += changes
				if s.less(best) {
					best = s
				}
			}
		}
	}
	return best
}

func TestRematchAgainstBruteForce(t *testing.T) {
	days := []Day{localDay(t, "2026-03-30")}
	manyTimes(t, func(t *rapid.T) {
		d := disruption(t, days)
		got := Rematch(d)
		var held []span
		result := score{lost: len(got.Lost)}
		for _, k := range got.Kept {
			v := &d.Visits[slices.IndexFunc(d.Visits, func(v Visit) bool { return v.ID == k.ID })]
			spans, changes := attempt(&d, v, k.Clerks, k.Room)
			if spans == nil || slices.ContainsFunc(spans, func(s span) bool { return taken(held, s) }) {
				t.Fatalf("%s cannot have %v and %d", k.ID, k.Clerks, k.Room)
			}
			if k.Changed != (changes > 0) {
				t.Fatalf("%s: %d changes", k.ID, changes)
			}
			held = append(held, spans...)
			result.changes += changes
		}
		if want := fewest(&d, 0, nil); result != want || len(got.Kept)+len(got.Lost) != len(d.Visits) {
			t.Fatalf("%+v, not %+v", result, want)
		}
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		shuffledInput := Disruption{d.Days, shuffled(random, d.Rooms), shuffled(random, d.Clerks), shuffled(random, d.Visits)}
		if diff := cmp.Diff(got, Rematch(shuffledInput)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestRematchPushes: in a group too large to try everything, the visit that one
// clerk alone can take makes three others move up.
func TestRematchPushes(t *testing.T) {
	d := sick(t, passport(t, "SICK", "08:00", "08:10", 99, 1))
	d.Visits[0].Roomless = true
	d.Clerks = nil
	for i := 1; i <= 14; i++ {
		d.Clerks = append(d.Clerks, Clerk{ID: i, Free: []Timeline{free(t, "08:00", "12:00")}})
		v := passport(t, fmt.Sprintf("V%02d", i), "08:00", "08:10", i, i, i+1)
		if v.Firm, v.Roomless = true, true; i > 4 {
			v.Parts[0].Clerks = []int{i}
		}
		if i != 4 {
			d.Visits = append(d.Visits, v)
		}
	}
	got := Rematch(d)
	var changed []string
	for _, k := range got.Kept {
		if k.Changed {
			changed = append(changed, k.ID)
		}
	}
	if diff := cmp.Diff([]string{"SICK", "V01", "V02", "V03"}, changed); diff != "" || len(got.Lost) > 0 {
		t.Errorf("lost %v, changed %s", got.Lost, diff)
	}
}

// TestRematchManyFirmStay is a day too large to try everything: a wing with half
// of the rooms is closed. Nobody who was not affected is lost.
func TestRematchManyFirmStay(t *testing.T) {
	p := townOf(t, 1, 8, 12, 1, 0.9)
	d := Disruption{Days: p.Days, Rooms: p.Rooms}
	for _, s := range p.Parts[0].Shifts {
		d.Clerks = append(d.Clerks, Clerk{ID: s.Clerk, Free: []Timeline{s.Open}})
	}
	for i := range d.Rooms {
		if d.Rooms[i].Free = []Timeline{Span(7*12, 19*12)}; i%2 == 0 {
			d.Rooms[i].Free = []Timeline{{}}
		}
	}
	for i, b := range p.Booked {
		d.Visits = append(d.Visits, Visit{ID: b.ID, Persons: b.Persons, Room: d.Rooms[b.Room].ID, Firm: b.Room%2 == 1,
			Parts: []VisitPart{{From: b.From, To: b.To, Clerk: i + 1000, Clerks: []int{i + 1000}}}})
		d.Clerks = append(d.Clerks, Clerk{ID: i + 1000, Free: []Timeline{Span(b.From, b.To)}})
	}
	got := Rematch(d)
	for _, id := range got.Lost {
		if v := d.Visits[slices.IndexFunc(d.Visits, func(v Visit) bool { return v.ID == id })]; v.Firm {
			t.Errorf("%s is firm and lost", id)
		}
	}
	moved := 0
	for _, k := range got.Kept {
		if k.Changed {
			moved++
		}
	}
	t.Logf("%d visits: %d kept, %d changed, %d lost", len(d.Visits), len(got.Kept), moved, len(got.Lost))
	if moved == 0 {
		t.Error("nobody found another room")
	}
}

package match

import (
	stdcmp "cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// manyTimes checks a property in thousands of small problems.
func manyTimes(t *testing.T, property func(*rapid.T)) {
	for range 20 {
		rapid.Check(t, property)
	}
}

// small draws a problem small enough for the oracle: a morning, few clerks.
func small(t *rapid.T, days []Day) Problem {
	number := func(name string, from, to int) int { return rapid.IntRange(from, to).Draw(t, name) }
	flag := func(name string) bool { return rapid.Bool().Draw(t, name) }
	p := Problem{Days: days[:number("days", 1, 2)], Persons: number("persons", 1, 4), Where: number("where", -4, 1),
		Sort: rapid.SampledFrom([]Sort{Best, Early, Near}).Draw(t, "sort"), Limit: number("limit", 1, 8),
		StepFree: number("step free", 0, 3) == 0, Clerk: number("clerk", -3, 4), Shortest: number("shortest", 0, 20)}
	p.Where, p.Clerk = max(p.Where, -1), max(p.Clerk, 0)
	if flag("needs") {
		p.Needs = 1
	}
	for range 2 {
		p.Places = append(p.Places, Place{TravelMinutes: number("travel", -1, 20), Metres: number("metres", -1, 3000),
			StepFree: flag("place"), Roomless: number("roomless", 0, 4) == 0})
	}
	for i := range number("rooms", 0, 5) {
		p.Rooms = append(p.Rooms, Room{ID: 100 + i, Place: number("of", 0, 1), Persons: number("seats", 1, 5),
			StepFree: flag("stairs"), Equipment: uint64(number("equipment", 0, 3))})
		for range p.Days {
			p.Rooms[i].Free = append(p.Rooms[i].Free, blocks(t, 2))
		}
	}
	for i := range number("kits", 0, 2) {
		p.Kits = append(p.Kits, Kit{ID: 200 + i, Kind: "koffer", Place: number("kit at", -1, 1)})
		for range p.Days {
			p.Kits[i].Free = append(p.Kits[i].Free, blocks(t, 1))
		}
	}
	for range number("parts", 1, 3) {
		part := Part{Minutes: number("minutes", 3, 21), BufferMinutes: max(0, number("pause", -10, 10))}
		if number("kit", 0, 5) == 0 {
			part.Kit = "koffer"
		}
		for range number("shifts", 1, 6) {
			part.Shifts = append(part.Shifts, Shift{Clerk: number("who", 1, 4), Place: number("at", 0, 1),
				Day: number("on", 0, len(p.Days)-1), Free: blocks(t, 2), Load: 10 * number("load", 0, 40),
				Quota: max(-1, number("quota", -20, 40))})
		}
		p.Parts = append(p.Parts, part)
	}
	if flag("window") {
		p.Earliest = p.Days[0].Start.Add(time.Duration(number("earliest", 9*60, 13*60)) * time.Minute)
		p.Latest = p.Earliest.Add(time.Duration(number("latest", 0, 2000)) * time.Minute)
	}
	if number("at", 0, 9) == 0 {
		p.At = p.Days[0].Start.Add(time.Duration(number("moment", 9*60, 10*60)) * time.Minute)
	}
	if flag("pauses of rooms") { // the oracle knows swaps only without them
		for i := range p.Rooms {
			p.Rooms[i].BufferMinutes = number("pause of room", 0, 12)
		}
		return p
	}
	occupy(t, &p)
	return p
}

// blocks is free time around noon, where the halves of the day and the words
// of a timeline meet.
func blocks(t *rapid.T, most int) Timeline {
	var free Timeline
	for range rapid.IntRange(1, most).Draw(t, "blocks") {
		from := rapid.IntRange(120, 142).Draw(t, "from")
		free.Add(from, from+rapid.IntRange(1, 14).Draw(t, "long"))
	}
	return free
}

// occupy books some rooms.
func occupy(t *rapid.T, p *Problem) {
	for i := range rapid.IntRange(0, min(8, 3*len(p.Rooms))).Draw(t, "booked") {
		b := Booked{ID: string(rune('A' + i)), Room: rapid.IntRange(0, len(p.Rooms)-1).Draw(t, "in"),
			Day: rapid.IntRange(0, len(p.Days)-1).Draw(t, "when"), From: rapid.IntRange(120, 150).Draw(t, "begins"),
			Swappable: rapid.IntRange(0, 4).Draw(t, "swappable") > 0}
		b.To = b.From + rapid.IntRange(1, 6).Draw(t, "lasts")
		r := &p.Rooms[b.Room]
		b.Persons, b.Needs = rapid.IntRange(1, r.Persons).Draw(t, "guests"), r.Equipment&1
		if slices.ContainsFunc(p.Booked, func(o Booked) bool {
			return o.Room == b.Room && o.Day == b.Day && o.From < b.To && b.From < o.To
		}) {
			continue
		}
		p.Booked = append(p.Booked, b)
		r.Free[b.Day].Remove(b.From, b.To)
	}
}

func TestSolveAgainstBruteForce(t *testing.T) {
	days := []Day{localDay(t, "2026-03-28"), localDay(t, "2026-03-29")}
	manyTimes(t, func(t *rapid.T) {
		p := small(t, days)
		truths := newOracle(&p).truths()
		options := everyOption(&p)
		checkOptions(t, &p, truths, options)
		checkStarts(t, &p, options)
		checkOutcome(t, &p, options, Solve(p))
	})
}

// TestSearchStopsInTime holds what is chosen, with most of two weeks never looked
// at, against a choice from everything.
func TestSearchStopsInTime(t *testing.T) {
	var days []Day
	for d := range 14 {
		days = append(days, localDay(t, fmt.Sprintf("2026-03-%02d", 16+d)))
	}
	manyTimes(t, func(t *rapid.T) {
		number := func(name string, from, to int) int { return rapid.IntRange(from, to).Draw(t, name) }
		p := Problem{Days: days, Where: -1, Limit: number("limit", 1, 6), Clerk: max(0, number("clerk", -4, 4)),
			Sort: rapid.SampledFrom([]Sort{Best, Early, Near}).Draw(t, "sort"), Parts: []Part{{Minutes: number("minutes", 5, 30)}}}
		for range 3 {
			p.Places = append(p.Places, Place{TravelMinutes: number("travel", -1, 30), Metres: number("metres", -1, 3), Roomless: true})
		}
		for range number("shifts", 1, 30) {
			p.Parts[0].Shifts = append(p.Parts[0].Shifts, Shift{Clerk: number("who", 1, 4), Place: number("at", 0, 2), Quota: -1,
				Day: number("on", 0, len(days)-1), Free: blocks(t, 2), Load: 60 * number("load", 0, 20)})
		}
		checkOutcome(t, &p, everyOption(&p), Solve(p))
	})
}

// everyOption is what Solve chooses from.
func everyOption(p *Problem) []*option {
	s := newSearch(p)
	s.lineUp()
	var all []*option
	for _, b := range s.blocks {
		options := s.look(b)
		for i := range options {
			all = append(all, &options[i])
		}
	}
	return all
}

// checkOptions holds feasibility, clerks, room and cost of every start against
// the oracle.
func checkOptions(t *rapid.T, p *Problem, truths []truth, options []*option) {
	at := func(place, day, cell int) *option {
		i := slices.IndexFunc(options, func(o *option) bool { return o.place == place && o.day == day && o.cell == cell })
		if i < 0 {
			return nil
		}
		return options[i]
	}
	found := 0
	for _, want := range truths {
		got := at(want.place, want.day, want.cell)
		if got == nil {
			if want.room != -2 || want.pushable {
				t.Fatalf("%v is missing, place %d", want.start, want.place)
			}
			continue
		}
		found++
		clerks := make([]int, len(got.clerks))
		for i, c := range got.clerks {
			clerks[i] = int(c)
		}
		cost := want.cost
		if want.room == -2 {
			checkSwaps(t, p, got)
			cost += perSwap*len(got.swaps) + newOracle(p).oversize(int(got.room))
		} else if int(got.room) != want.room || got.swaps != nil {
			t.Fatalf("%v has room %d, not %d; swaps %v", want.start, got.room, want.room, got.swaps)
		}
		if got.cost != cost || !slices.Equal(clerks, want.clerks) {
			t.Fatalf("%v costs %d with %v, not %d with %v", want.start, got.cost, clerks, cost, want.clerks)
		}
	}
	if found != len(options) {
		t.Fatalf("%d options, %d are legal", len(options), found)
	}
}

func checkStarts(t *rapid.T, p *Problem, options []*option) {
	starts := Starts(*p)
	if len(starts) != len(options) {
		t.Fatalf("%d starts, %d options", len(starts), len(options))
	}
	for i, s := range starts {
		if i > 0 && (s.Start.Before(starts[i-1].Start) || s.Start.Equal(starts[i-1].Start) && s.Place <= starts[i-1].Place) {
			t.Fatalf("starts are not sorted")
		}
	}
}

// checkOutcome holds the proposals against what is best of all options.
func checkOutcome(t *rapid.T, p *Problem, options []*option, got Outcome) {
	if len(got.Proposals) != min(p.Limit, len(options)) {
		t.Fatalf("%d proposals of %d options", len(got.Proposals), len(options))
	}
	if (got.Why == "") != (len(options) > 0) {
		t.Fatalf("%d options and %q", len(options), got.Why)
	}
	want := naiveChoice(p, options)
	for i, pr := range got.Proposals {
		o := want[i]
		if pr.Place != o.place || pr.Day != o.day || !pr.Start.Equal(p.Days[o.day].At(o.cell)) {
			t.Fatalf("proposal %d is at %v in %d, not %v in %d", i, pr.Start, pr.Place, p.Days[o.day].At(o.cell), o.place)
		}
		earliest := !slices.ContainsFunc(options, func(other *option) bool { return other.wait < o.wait })
		if slices.Contains(pr.Reasons, Earliest) != (earliest && p.At.IsZero()) {
			t.Fatalf("proposal %d, earliest: %t, reasons %v", i, earliest, pr.Reasons)
		}
		if slices.Contains(pr.Reasons, Nearest) && slices.ContainsFunc(options, func(other *option) bool { return nearer(p, other.place, pr.Place) }) {
			t.Fatalf("proposal %d is not nearest: %v", i, pr.Reasons)
		}
		if slices.Contains(pr.Reasons, SameClerk) != slices.ContainsFunc(pr.Parts, func(a Assignment) bool { return a.Clerk == p.Clerk }) {
			t.Fatalf("proposal %d: clerk %d, reasons %v", i, p.Clerk, pr.Reasons)
		}
	}
}

func nearer(p *Problem, a, b int) bool {
	var o oracle
	unknown := func(at *Place) bool { return at.TravelMinutes < 0 && at.Metres < 0 && !at.Roomless }
	if unknown(&p.Places[a]) || unknown(&p.Places[b]) {
		return unknown(&p.Places[b]) && !unknown(&p.Places[a])
	}
	if way, other := o.way(&p.Places[a]), o.way(&p.Places[b]); way != other {
		return way < other
	}
	return p.Places[a].Metres < p.Places[b].Metres
}

// naiveChoice chooses from all options at once: what is described at Solve.
func naiveChoice(p *Problem, options []*option) []*option {
	s := newSearch(p)
	var chosen []*option
	order := func(a, b *option) int {
		key := 0
		switch p.Sort {
		case Near:
			if nearer(p, a.place, b.place) {
				key = -1
			} else if nearer(p, b.place, a.place) {
				key = 1
			}
			key = stdcmp.Or(key, stdcmp.Compare(a.wait, b.wait))
		case Early:
			key = stdcmp.Compare(a.wait, b.wait)
		}
		return stdcmp.Or(key, stdcmp.Compare(a.cost, b.cost), stdcmp.Compare(a.wait, b.wait), stdcmp.Compare(a.place, b.place))
	}
	half := func(o *option) [3]int { return [3]int{o.place, o.day, s.portion(o, p.Sort == Early)} }
	hour := func(o *option) [3]int { return [3]int{o.place, o.day, s.portion(o, true)} }
	pick := func(apart func(*option) [3]int, again int) {
		for len(chosen) < p.Limit {
			var best *option
			var bestCost int
			for _, o := range options {
				cost := o.cost
				taken := false
				for _, c := range chosen {
					taken = taken || c == o || apart != nil && apart(c) == apart(o)
					if p.Sort == Best && c.place == o.place {
						cost += again
					}
					if p.Sort == Best && c.day == o.day {
						cost += again
					}
				}
				if p.Sort != Best {
					cost = 0
				}
				if !taken && (best == nil || cost < bestCost || cost == bestCost && order(o, best) < 0) {
					best, bestCost = o, cost
				}
			}
			if best == nil {
				return
			}
			chosen = append(chosen, best)
		}
	}
	pick(half, perAgain)
	pick(hour, 0)
	pick(nil, 0)
	slices.SortFunc(chosen, order)
	return chosen
}

// TestOrderOfInputIsIndifferent shuffles everything that has an id.
func TestOrderOfInputIsIndifferent(t *testing.T) {
	days := []Day{localDay(t, "2026-03-28"), localDay(t, "2026-03-29")}
	manyTimes(t, func(t *rapid.T) {
		p := small(t, days)
		want := Solve(p)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		q := p
		q.Parts = slices.Clone(p.Parts)
		for i := range q.Parts {
			q.Parts[i].Shifts = shuffled(random, p.Parts[i].Shifts)
		}
		q.Kits = shuffled(random, p.Kits)
		q.Rooms = shuffled(random, p.Rooms)
		q.Booked = shuffled(random, p.Booked)
		for i, b := range q.Booked {
			q.Booked[i].Room = slices.IndexFunc(q.Rooms, func(r Room) bool { return r.ID == p.Rooms[b.Room].ID })
		}
		if diff := cmp.Diff(want, Solve(q)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func shuffled[T any](random *rand.Rand, list []T) []T {
	list = slices.Clone(list)
	random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

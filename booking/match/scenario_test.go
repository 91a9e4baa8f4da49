package match

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestS01FirstPassport(t *testing.T) {
	p := hall(t, "2026-03-30")
	p.Earliest = instant(t, "2026-03-27 10:00")
	p.Parts = []Part{{Concern: "reisepass", Minutes: 10, Shifts: []Shift{shift(a1, free(t, "08:00", "12:00"))}}}
	got := Solve(p).Proposals
	if len(got) != 5 {
		t.Fatalf("%d proposals", len(got))
	}
	from := instant(t, "2026-03-30 08:00")
	want := Proposal{Start: from, End: from.Add(10 * time.Minute), Room: e1, Cost: 23,
		Parts:   []Assignment{{"reisepass", a1, from, from.Add(10 * time.Minute)}},
		Claims:  []Claim{{a1, from, from.Add(10 * time.Minute)}, {e1, from, from.Add(10 * time.Minute)}},
		Reasons: []Reason{Earliest, NoGap, RoomFits}}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Error(diff)
	}
	if text := got[0].Start.Format(time.RFC3339); text != "2026-03-30T08:00:00+02:00" || got[0].Start.UTC().Hour() != 6 {
		t.Errorf("starts at %s", text)
	}
}

func TestS02ExactlyTwentyStarts(t *testing.T) {
	p := hall(t, "2026-03-30")
	day := free(t, "08:00", "12:00")
	day.Remove(clock(t, "09:00", "09:30"))
	p.Parts = []Part{{Concern: "rente", Minutes: 60, Shifts: []Shift{shift(p1, day)}}}
	want := []string{"08:00", "09:30"}
	for at := 9*60 + 35; at <= 11*60; at += 5 {
		want = append(want, fmt.Sprintf("%02d:%02d", at/60, at%60))
	}
	got := walls(Starts(p))
	if diff := cmp.Diff(want, got); diff != "" || len(got) != 20 {
		t.Errorf("%d starts: %s", len(got), diff)
	}
	p.Limit = 100
	if n := len(Solve(p).Proposals); n != 20 {
		t.Errorf("%d proposals", n)
	}
}

func TestS04FamilyWaitsForTheLargeRoom(t *testing.T) {
	p := hall(t, "2026-03-30")
	p.Persons = 4
	p.Rooms[2].Free[0].Remove(clock(t, "08:00", "10:00"))
	p.Parts = []Part{{Concern: "ummeldung", Minutes: 30, Shifts: []Shift{shift(a1, free(t, "08:00", "12:00"))}}}
	got := Solve(p).Proposals[0]
	if got.Room != f1 || got.Start.Format("15:04") != "10:00" {
		t.Errorf("room %d at %s", got.Room, got.Start)
	}
}

func TestS06SingleMakesRoomForAFamily(t *testing.T) {
	for _, arrived := range []bool{false, true} {
		p := hall(t, "2026-03-30")
		p.Persons = 4
		from, to := clock(t, "08:00", "09:00")
		p.Rooms[2].Free[0].Remove(from, to)
		p.Rooms[1].Free[0] = Timeline{}
		p.Booked = []Booked{{ID: "SINGLE", Room: 2, From: from, To: to, Persons: 1, Swappable: !arrived}}
		p.Parts = []Part{{Concern: "ummeldung", Minutes: 30, Shifts: []Shift{shift(a1, free(t, "08:00", "12:00"))}}}
		got := Solve(p).Proposals[0]
		start, swaps := "08:00", []Swap{{ID: "SINGLE", From: f1, To: e1}}
		if arrived {
			start, swaps = "09:00", nil
		}
		if diff := cmp.Diff(swaps, got.Swaps); diff != "" || got.Start.Format("15:04") != start || got.Room != f1 {
			t.Errorf("arrived %t: room %d at %s, swaps %s", arrived, got.Room, got.Start, diff)
		}
	}
}

// TestSwapsInARow: the group of four makes room for five, the single for the group.
func TestSwapsInARow(t *testing.T) {
	p := hall(t, "2026-03-30")
	p.Persons = 5
	p.Rooms[1].Persons = 4
	from, to := clock(t, "08:00", "09:00")
	p.Rooms[1].Free[0].Remove(from, to)
	p.Rooms[2].Free[0].Remove(from, to)
	p.Booked = []Booked{{ID: "SINGLE", Room: 1, From: from, To: to, Persons: 1, Swappable: true},
		{ID: "GROUP", Room: 2, From: from, To: to, Persons: 4, Swappable: true}}
	p.Parts = []Part{{Concern: "ummeldung", Minutes: 30, Shifts: []Shift{shift(a1, free(t, "08:00", "12:00"))}}}
	got := Solve(p).Proposals[0]
	want := []Swap{{ID: "GROUP", From: f1, To: e2}, {ID: "SINGLE", From: e2, To: e1}}
	if diff := cmp.Diff(want, got.Swaps); diff != "" || got.Start.Format("15:04") != "08:00" {
		t.Errorf("at %s, swaps %s", got.Start, diff)
	}
}

// TestSwapsKeepPauses: two short visits in a row would do for the family room, but
// the other room must be aired after each of them.
func TestSwapsKeepPauses(t *testing.T) {
	p := hall(t, "2026-03-30")
	p.Persons = 5
	p.Rooms = []Room{p.Rooms[0], p.Rooms[2]}
	p.Rooms[0].BufferMinutes = 10
	from, to := clock(t, "08:00", "08:20")
	p.Rooms[1].Free[0].Remove(from, to)
	p.Booked = []Booked{{ID: "ONE", Room: 1, From: from, To: from + 2, Persons: 1, Swappable: true},
		{ID: "TWO", Room: 1, From: from + 2, To: to, Persons: 1, Swappable: true}}
	p.Parts = []Part{{Concern: "ummeldung", Minutes: 20, Shifts: []Shift{shift(a1, free(t, "08:00", "12:00"))}}}
	got := Solve(p).Proposals[0]
	want := []Swap{{ID: "TWO", From: f1, To: e1}}
	if diff := cmp.Diff(want, got.Swaps); diff != "" || got.Start.Format("15:04") != "08:10" {
		t.Errorf("at %s, swaps %s", got.Start, diff)
	}
}

func TestS14ClocksForward(t *testing.T) {
	p := hall(t, "2026-03-29")
	day := p.Days[0]
	release := day.Inside(instant(t, "2026-03-29 01:00"), instant(t, "2026-03-29 04:00"))
	if day.Cells != 276 || release.Count() != 24 {
		t.Fatalf("%d of %d cells", release.Count(), day.Cells)
	}
	p.Parts = []Part{{Concern: "reisepass", Minutes: 10, Shifts: []Shift{shift(a1, release)}}}
	starts := Starts(p)
	if len(starts) != 23 {
		t.Errorf("%d starts", len(starts))
	}
	for _, s := range starts {
		if s.Start.Hour() == 2 {
			t.Errorf("starts at %s, which does not exist", s.Start)
		}
		if s.Start.Format("15:04") == "03:00" && s.Start.UTC().Hour() != 1 {
			t.Errorf("03:00 is %s", s.Start.UTC())
		}
	}
}

func TestS15ClocksBack(t *testing.T) {
	p := hall(t, "2026-10-25")
	day := p.Days[0]
	release := day.Inside(day.Start.Add(time.Hour), instant(t, "2026-10-25 04:00"))
	if day.Cells != 300 || release.Count() != 48 {
		t.Fatalf("%d of %d cells", release.Count(), day.Cells)
	}
	p.Parts = []Part{{Concern: "reisepass", Minutes: 10, Shifts: []Shift{shift(a1, release)}}}
	var twice []string
	for _, s := range Starts(p) {
		if s.Start.Format("15:04") == "02:30" {
			twice = append(twice, s.Start.Format(time.RFC3339))
		}
	}
	if want := []string{"2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"}; !slices.Equal(twice, want) {
		t.Errorf("02:30 is %v", twice)
	}
	for _, wall := range twice {
		at, _ := time.Parse(time.RFC3339, wall)
		p.At = at
		if got := Solve(p); len(got.Proposals) != 1 || !got.Proposals[0].Start.Equal(at) {
			t.Errorf("%s: %v", wall, got)
		}
	}
}

func TestS25TwoConcernsOneBlock(t *testing.T) {
	p := hall(t, "2026-03-30")
	morning := free(t, "08:00", "12:00")
	p.Parts = []Part{
		{Concern: "ummeldung", Minutes: 15, BufferMinutes: 5, Shifts: []Shift{shift(a2, morning), shift(a1, morning)}},
		{Concern: "reisepass", Minutes: 10, Shifts: []Shift{shift(a1, morning), shift(a2, morning)}},
	}
	got := Solve(p).Proposals[0]
	from := instant(t, "2026-03-30 08:00")
	end := from.Add(25 * time.Minute)
	if !got.Start.Equal(from) || !got.End.Equal(end) || !slices.Contains(got.Reasons, OneClerk) {
		t.Errorf("from %s to %s: %v", got.Start, got.End, got.Reasons)
	}
	if diff := cmp.Diff([]Claim{{a1, from, end}, {e1, from, end}}, got.Claims); diff != "" {
		t.Error(diff)
	}
}

func TestS27LastStartOfAFamily(t *testing.T) {
	p := hall(t, "2026-03-30")
	p.Persons = 4
	p.Parts = []Part{{Concern: "ummeldung", Minutes: 15 + 3*5, Shifts: []Shift{shift(a1, free(t, "08:00", "12:00"))}}}
	starts := Starts(p)
	last := starts[len(starts)-1].Start
	p.At = last
	got := Solve(p).Proposals
	if last.Format("15:04") != "11:30" || len(got) != 1 || got[0].Room != f1 {
		t.Errorf("last start %s: %v", last, got)
	}
}

// TestS29EarlyOrNear is the choice between the town hall far away tomorrow and
// the library next door in three days.
func TestS29EarlyOrNear(t *testing.T) {
	p := hall(t, "2026-06-08")
	p.Days = append(p.Days, localDay(t, "2026-06-09"), localDay(t, "2026-06-10"), localDay(t, "2026-06-11"))
	p.Places = []Place{{ID: "site/rathaus", TravelMinutes: 20, Metres: 5800}, {ID: "stop/bibliothek@1", TravelMinutes: 6, Metres: 1200}}
	all := func() []Timeline { return slices.Repeat([]Timeline{Span(0, 288)}, 4) }
	p.Rooms = []Room{{ID: e1, Place: 0, Persons: 2, Free: all()}, {ID: f1, Place: 1, Persons: 2, Free: all()}}
	p.Earliest = p.Days[0].Start
	p.Parts = []Part{{Concern: "reisepass", Minutes: 10, Shifts: []Shift{
		{Clerk: a1, Place: 0, Day: 1, Free: free(t, "08:00", "12:00"), Quota: -1},
		{Clerk: a2, Place: 1, Day: 3, Free: free(t, "09:00", "12:30"), Quota: -1},
	}}}
	for _, test := range []struct {
		sort   Sort
		place  int
		reason Reason
	}{{Early, 0, Earliest}, {Near, 1, Nearest}, {Best, 1, Nearest}} {
		p.Sort = test.sort
		got := Solve(p).Proposals[0]
		if got.Place != test.place || got.Reasons[0] != test.reason {
			t.Errorf("%s: %s %v", test.sort, p.Places[got.Place].ID, got.Reasons)
		}
	}
}

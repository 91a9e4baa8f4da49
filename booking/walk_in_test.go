package booking

import (
	"sync"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah"
)

// key is the key of the error, "" for none.
func errorKey(err error) string {
	if e, ok := err.(*ortsnah.Error); ok {
		return e.Key
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestTicketsFollowEachOther(t *testing.T) {
	s := scenarioTown(t, "2026-03-30 09:00")
	const people = 30
	var wg sync.WaitGroup
	numbers := make([]int, people)
	for i := range people {
		wg.Go(func() {
			w, err := s.DrawTicket(t.Context(), staffNamed("info"), WalkIn{Site: "rathaus", Office: "buergerbuero"})
			if err != nil {
				t.Error(err)
			}
			numbers[i] = w.Number
		})
	}
	wg.Wait()
	seen := map[int]bool{}
	for _, n := range numbers {
		seen[n] = true
	}
	for n := 1; n <= people; n++ {
		if !seen[n] {
			t.Errorf("nobody has number %d", n)
		}
	}
	w, err := s.DrawTicket(t.Context(), staffNamed("info"), WalkIn{Site: "bibliothek", Office: "rente"})
	s.must(err)
	if w.Number != 1 || w.Ticket() != "R-001" {
		t.Errorf("another building begins with %s", w.Ticket())
	}
	s.at("2026-03-31 09:00")
	if w, err = s.DrawTicket(t.Context(), staffNamed("info"), WalkIn{Site: "rathaus", Office: "buergerbuero"}); err != nil || w.Ticket() != "B-001" {
		t.Errorf("another day begins with %s %v", w.Ticket(), err)
	}
}

func TestTicketRefused(t *testing.T) {
	s := scenarioTown(t, "2026-03-30 09:00")
	for want, w := range map[string]WalkIn{
		"booking.unknown_office": {Site: "rathaus", Office: "nirgends"},
		"booking.unknown_site":   {Site: "mond", Office: "rente"},
		"booking.no_concern":     {Site: "rathaus", Concern: "zauberei"},
	} {
		if _, err := s.DrawTicket(t.Context(), staffNamed("info"), w); errorKey(err) != want {
			t.Errorf("%+v: %v, want %s", w, err, want)
		}
	}
	if n := s.count(`SELECT count(*) FROM booking.walk_in`); n != 0 {
		t.Errorf("%d tickets were drawn all the same", n)
	}
}

// TestCallTicket: urgent ones first, the room is occupied, nobody is called
// twice, and done frees everything.
func TestCallTicket(t *testing.T) {
	s := scenarioTown(t, "2026-03-30 09:00")
	s.released("A1", "2026-03-30", "08:00", "12:00")
	s.booked(s.order("pass", 1, "2026-03-30 09:10")) // A1, the first of E1 and E2
	_, err := s.DB.Exec(t.Context(), `UPDATE booking.concern SET urgent = true WHERE id = 'ummeldung'`)
	s.must(err)
	draw := func(w WalkIn) WalkIn {
		t.Helper()
		w.Site = "rathaus"
		drawn, err := s.DrawTicket(t.Context(), staffNamed("info"), w)
		s.must(err)
		return drawn
	}
	plain, urgent, other := draw(WalkIn{Office: "buergerbuero"}), draw(WalkIn{Concern: "ummeldung"}), draw(WalkIn{Office: "rente"})
	if !urgent.Urgent || urgent.Office != "buergerbuero" || plain.Urgent {
		t.Fatalf("%+v %+v", plain, urgent)
	}
	call := func(clerk, room string, id int64) (WalkIn, error) {
		return s.CallTicket(t.Context(), staffNamed(clerk), s.clerk[clerk], s.room[room], id)
	}
	got, err := call("A1", "E2", 0)
	s.must(err)
	if got.ID != urgent.ID || got.RoomLabel != "E2" || got.State != WalkInCalled {
		t.Errorf("called first: %+v", got)
	}
	// Fifteen minutes in the room; of the clerk only the ten before the appointment.
	for resource, minutes := range map[int]int{s.room["E2"]: 15, s.clerk["A1"]: 10} {
		if n := s.count(`SELECT coalesce(sum(extract(epoch FROM upper(during) - lower(during)) / 60), 0)::int FROM booking.claim WHERE walk_in = $1 AND resource = $2`, got.ID, resource); n != minutes {
			t.Errorf("resource %d is occupied for %d minutes, want %d", resource, n, minutes)
		}
	}
	for want, c := range map[string]func() (WalkIn, error){
		"booking.room_busy":              func() (WalkIn, error) { return call("A2", "E2", 0) },
		"booking.ticket_taken":           func() (WalkIn, error) { return call("A2", "F1", urgent.ID) },
		"booking.ticket_of_other_office": func() (WalkIn, error) { return call("A2", "F1", other.ID) },
		"booking.nobody_waits":           func() (WalkIn, error) { return call("B1", "F1", 0) },
		"booking.unknown_room": func() (WalkIn, error) {
			return s.CallTicket(t.Context(), staffNamed("a2"), s.clerk["A2"], s.clerk["A1"], 0)
		},
	} {
		if _, err := c(); errorKey(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	step := func(clerk int, id int64, to WalkInState) error {
		_, err := s.AdvanceTicket(t.Context(), staffNamed("a1"), clerk, id, to)
		return err
	}
	if err := step(s.clerk["P1"], urgent.ID, WalkInServed); errorKey(err) != "booking.ticket_of_other_office" {
		t.Errorf("another office serves: %v", err)
	}
	if err := step(0, urgent.ID, WalkInDone); errorKey(err) != "booking.ticket_of_other_office" {
		t.Errorf("the info desk is done: %v", err)
	}
	s.must(step(s.clerk["A1"], urgent.ID, WalkInServed))
	s.after(3 * time.Minute)
	s.must(step(s.clerk["A1"], urgent.ID, WalkInDone))
	if err := step(s.clerk["A1"], urgent.ID, WalkInLeft); errorKey(err) != "booking.ticket_taken" {
		t.Errorf("done, then left: %v", err)
	}
	if n := s.count(`SELECT count(*) FROM booking.claim WHERE walk_in IS NOT NULL`); n != 0 {
		t.Errorf("%d claims are left", n)
	}
	s.must(step(0, plain.ID, WalkInLeft))
	if list, err := WalkIns(t.Context(), s.DB, other.Day, "rathaus", ""); err != nil || len(list) != 1 || list[0].ID != other.ID {
		t.Errorf("waiting: %+v %v", list, err)
	}
}

// TestTicketIsCalledOnce: twenty clerks' clicks on "next" call each waiting
// person once.
func TestTicketIsCalledOnce(t *testing.T) {
	s := scenarioTown(t, "2026-03-30 09:00")
	for range 3 {
		_, err := s.DrawTicket(t.Context(), staffNamed("info"), WalkIn{Site: "rathaus", Office: "buergerbuero"})
		s.must(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	called := map[int]int{}
	rooms := []string{"E1", "E2", "F1"}
	for i := range 21 {
		wg.Go(func() {
			w, err := s.CallTicket(t.Context(), staffNamed("a"), s.clerk[[]string{"A1", "A2"}[i%2]], s.room[rooms[i%3]], 0)
			if kind := ortsnah.KindOf(err); err != nil && kind != ortsnah.Conflict && kind != ortsnah.NotFound {
				t.Error(err)
			}
			if err == nil {
				mu.Lock()
				called[w.Number]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(called) != 3 || called[1] != 1 || called[2] != 1 || called[3] != 1 {
		t.Errorf("called %v", called)
	}
}

// TestWalkInTakesNoBookedRoom: a slot that is booked now is not free, a room
// with a walk-in is not bookable.
func TestWalkInTakesNoBookedRoom(t *testing.T) {
	s := scenarioTown(t, "2026-03-30 08:00")
	s.released("P1", "2026-03-30", "08:00", "12:00")
	a := s.booked(s.order("rente", 1, "2026-03-30 09:00"))
	s.at("2026-03-30 09:01")
	_, err := s.DrawTicket(t.Context(), staffNamed("info"), WalkIn{Site: "rathaus", Office: "buergerbuero"})
	s.must(err)
	if _, err := s.CallTicket(t.Context(), staffNamed("a1"), s.clerk["A1"], a.Appointment.Room, 0); errorKey(err) != "booking.room_busy" {
		t.Errorf("a booked room: %v", err)
	}
	free, err := FreeRooms(t.Context(), s.DB, "rathaus", s.Now(), s.wall("2026-03-30 23:00"))
	s.must(err)
	if len(free) != 2 {
		t.Errorf("free rooms %+v", free)
	}
	_, err = s.DB.Exec(t.Context(), `INSERT INTO booking.closure (site, starts, ends, kind) VALUES ('rathaus', $1, $2, 'closed')`, s.wall("2026-03-30 09:00"), s.wall("2026-03-30 10:00"))
	s.must(err)
	if free, err = FreeRooms(t.Context(), s.DB, "", s.Now(), s.Now()); err != nil || len(free) != 0 {
		t.Errorf("in a closed building %+v are free, %v", free, err)
	}
}

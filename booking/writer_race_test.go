package booking

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah"
)

// together runs do n times at once.
func together(n int, do func(i int)) {
	var group sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		group.Go(func() {
			<-start
			do(i)
		})
	}
	close(start)
	group.Wait()
}

// noOverlap holds the claims against rule 1, without trusting the constraint.
func (s *scenario) noOverlap() {
	s.t.Helper()
	if n := s.count(`SELECT count(*) FROM booking.claim a JOIN booking.claim b ON a.resource = b.resource AND a.id < b.id AND a.during && b.during`); n > 0 {
		s.t.Errorf("%d pairs of claims overlap", n)
	}
}

// whole: every live appointment has all of its claims, every other has none;
// booked visits in buildings are registered and announced.
func (s *scenario) whole() {
	s.t.Helper()
	if n := s.count(`SELECT count(*) FROM booking.appointment a WHERE
			CASE WHEN a.state IN ('hold', 'booked', 'arrived', 'called', 'in_service')
			THEN (SELECT count(*) FROM booking.claim c WHERE c.appointment = a.id) < 2 OR NOT EXISTS (SELECT FROM booking.part p WHERE p.appointment = a.id)
			WHEN a.state = 'done' THEN false
			ELSE EXISTS (SELECT FROM booking.claim c WHERE c.appointment = a.id) END
		OR (a.state IN ('booked', 'arrived')) <> EXISTS (SELECT FROM booking.registration g WHERE g.appointment = a.id)
		OR a.state = 'booked' AND NOT EXISTS (SELECT FROM booking.outbox o WHERE o.appointment = a.id AND o.kind = 'booked')`); n > 0 {
		s.t.Errorf("%d appointments are half there", n)
	}
	if n := s.count(`SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`); n > 0 {
		s.t.Errorf("%d deadlocks", n)
	}
}

// S20: 200 clients, one slot.
func TestS20TwoHundredClientsOneSlot(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("P1", "2026-03-30", "08:00", "10:00")
	o := s.order("rente", 1, "2026-03-30 08:00")
	var won, lost atomic.Int64
	var slowest atomic.Int64
	together(200, func(int) {
		began := time.Now()
		_, err := s.Hold(t.Context(), o)
		for took := int64(time.Since(began)); ; {
			old := slowest.Load()
			if took <= old || slowest.CompareAndSwap(old, took) {
				break
			}
		}
		taken, ok := errors.AsType[*Taken](err)
		switch {
		case err == nil:
			won.Add(1)
		case ok && len(taken.Alternatives) > 0:
			lost.Add(1)
		default:
			t.Errorf("neither won nor lost: %v", err)
		}
	})
	if won.Load() != 1 || lost.Load() != 199 {
		t.Errorf("%d won, %d lost", won.Load(), lost.Load())
	}
	t.Logf("slowest answer %v", time.Duration(slowest.Load()).Round(time.Millisecond))
	s.noOverlap()
	s.whole()
}

// Ten thousand attempts at few slots, with everything that changes them: no
// deadlock, no overlap, nothing half.
func TestManyContend(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	for _, clerk := range []string{"A1", "A2", "P1"} {
		s.released(clerk, "2026-03-30", "08:00", "09:00")
	}
	orders := []Order{s.order("pass", 1, "2026-03-30 08:00"), s.order("pass", 2, "2026-03-30 08:05"), s.order("ummeldung+pass", 1, "2026-03-30 08:10"),
		s.order("ummeldung", 4, "2026-03-30 08:20"), s.order("rente", 1, "2026-03-30 08:00"), s.order("pass+ummeldung", 3, "2026-03-30 08:25")}
	// A picture from before: most attempts run into somebody else's claims.
	old := map[int][]Proposal{}
	for i, o := range orders {
		search, err := s.Board.At(t.Context(), o.Request, o.Starts, o.PlaceID, 3)
		s.must(err)
		if len(search.Proposals) == 0 {
			t.Fatalf("order %d has no proposal", i)
		}
		old[i] = search.Proposals
	}
	const clients, each = 16, 625
	var held, refused, moved, cancelled atomic.Int64
	fine := func(err error) {
		if k := ortsnah.KindOf(err); err != nil && k != ortsnah.Conflict && k != ortsnah.Gone {
			t.Error(err)
		}
	}
	together(clients, func(i int) {
		var mine []Ticket
		for n := range each {
			o := orders[(i*7+n)%len(orders)]
			switch {
			case n%5 < 2:
				token := random(tokenLetters)
				found := old[(i*7+n)%len(orders)]
				a, err := s.write(t.Context(), o, found[n%len(found)], reservation{TokenHash: hashToken(token)}, nil)
				if lost(err) {
					refused.Add(1)
					continue
				}
				fine(err)
				if err == nil {
					held.Add(1)
					mine = append(mine, Ticket{a, token})
				}
			case len(mine) == 0:
				ticket, err := s.Hold(t.Context(), o)
				fine(err)
				if err == nil {
					held.Add(1)
					mine = append(mine, ticket)
				}
			case n%5 == 2:
				_, err := s.Confirm(t.Context(), mine[0].Appointment.ID, By{Token: mine[0].Token}, Person{}, "de")
				fine(err)
			case n%5 == 3:
				a, err := s.Move(t.Context(), mine[0].Appointment.ID, By{Token: mine[0].Token}, o.Starts, o.PlaceID)
				fine(err)
				if err == nil && a.Starts.Equal(o.Starts) {
					moved.Add(1)
				}
			default:
				_, err := s.Cancel(t.Context(), mine[0].Appointment.ID, By{Token: mine[0].Token})
				fine(err)
				cancelled.Add(1)
				mine = slices.Delete(mine, 0, 1)
			}
		}
	})
	t.Logf("%d held, %d refused by claims or checks, %d moved, %d cancelled of %d attempts", held.Load(), refused.Load(), moved.Load(), cancelled.Load(), clients*each)
	if held.Load() < 50 || moved.Load() == 0 {
		t.Error("hardly anything happened")
	}
	s.noOverlap()
	s.whole()
}

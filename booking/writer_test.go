package booking

import (
	"errors"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah"
)

// key is the key of the sentence of err, "" without.
func key(err error) string {
	if e, ok := errors.AsType[*ortsnah.Error](err); ok {
		return e.Key
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func (s *scenario) expect(err error, want string) {
	s.t.Helper()
	if key(err) != want {
		s.t.Errorf("got %q (%v), want %q", key(err), err, want)
	}
}

// S03: half-open times: 08:00-08:10 and 08:10-08:20 in one room; 08:05 is taken.
func TestS03NeighboursInOneRoom(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("A1", "2026-03-30", "08:00", "12:00")
	s.must2(s.DB.Exec(t.Context(), `UPDATE booking.resource SET active = false WHERE code IN ('e2', 'f1')`))
	s.reload()
	first := s.booked(s.order("pass", 1, "2026-03-30 08:00"))
	second := s.booked(s.order("pass", 1, "2026-03-30 08:10"))
	if first.Appointment.RoomLabel != second.Appointment.RoomLabel || first.Appointment.RoomLabel == "" {
		t.Errorf("rooms %q and %q", first.Appointment.RoomLabel, second.Appointment.RoomLabel)
	}
	_, err := s.Hold(t.Context(), s.order("pass", 1, "2026-03-30 08:05"))
	taken, ok := errors.AsType[*Taken](err)
	if !ok || ortsnah.KindOf(err) != ortsnah.Conflict || len(taken.Alternatives) == 0 {
		t.Fatalf("08:05: %v", err)
	}
	if got := taken.Alternatives[0].Starts; !got.Equal(s.wall("2026-03-30 08:20")) {
		t.Errorf("offered instead: %v", got)
	}
}

func (s *scenario) must2(_ any, err error) { s.t.Helper(); s.must(err) }

// S22: a hold guards its slot for ten minutes to the moment, without a sweeper.
func TestS22HoldRunsOut(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("A1", "2026-03-30", "08:00", "08:10")
	o := s.order("pass", 1, "2026-03-30 08:00")
	first, err := s.Hold(t.Context(), o)
	s.must(err)
	if !first.Appointment.HoldUntil.Equal(s.Now().Add(10 * time.Minute)) {
		t.Errorf("held until %v", first.Appointment.HoldUntil)
	}
	s.after(9*time.Minute + 59*time.Second)
	if _, err = s.Hold(t.Context(), o); ortsnah.KindOf(err) != ortsnah.Conflict {
		t.Errorf("at T+9:59: %v", err)
	}
	s.after(time.Second)
	second, err := s.Hold(t.Context(), o)
	s.must(err)
	_, err = s.Confirm(t.Context(), first.Appointment.ID, By{Token: first.Token}, Person{}, "de")
	s.expect(err, "booking.hold_expired")
	if ortsnah.KindOf(err) != ortsnah.Gone {
		t.Errorf("kind %v", err)
	}
	a, err := s.Confirm(t.Context(), second.Appointment.ID, By{Token: second.Token}, Person{}, "de")
	s.must(err)
	if a.Status != Booked || a.HoldUntil != nil {
		t.Errorf("%+v", a)
	}
	again, err := s.Confirm(t.Context(), second.Appointment.ID, By{Token: second.Token}, Person{}, "de")
	if err != nil || again.ID != a.ID || s.count(`SELECT count(*) FROM booking.outbox WHERE kind = 'booked'`) != 1 {
		t.Errorf("replayed: %v, %v", again, err)
	}
	// The clock of another instance goes back: what is booked stays booked.
	s.after(-5 * time.Minute)
	if _, err = s.Hold(t.Context(), o); ortsnah.KindOf(err) != ortsnah.Conflict {
		t.Errorf("after the clock went back: %v", err)
	}
}

package booking

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
)

// A sick clerk's appointments go to a colleague at the same time; what nobody
// can take is told, not touched.
func TestRematchAfterSickness(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("A1", "2026-03-30", "08:00", "10:00")
	taken := map[string]string{}
	for _, at := range []string{"2026-03-30 08:00", "2026-03-30 08:10", "2026-03-30 09:30"} {
		taken[at] = s.booked(s.order("pass", 1, at)).Appointment.ID
	}
	s.released("A2", "2026-03-30", "08:00", "09:00")
	s.closed(Closure{Resource: s.clerk["A1"], Kind: Sickness, Starts: s.wall("2026-03-30 00:00"), Ends: s.wall("2026-03-31 00:00")})
	got, err := s.Rematch(t.Context(), ortsnah.System("test"))
	s.must(err)
	if len(got.Kept) != 2 || len(got.Lost) != 1 || got.Lost[0].ID != taken["2026-03-30 09:30"] {
		t.Fatalf("%+v", got)
	}
	for _, at := range []string{"2026-03-30 08:00", "2026-03-30 08:10"} {
		a, err := s.Appointment(t.Context(), taken[at], By{Staff: ortsnah.Actor{Role: "staff"}})
		s.must(err)
		if a.Parts[0].Clerk != s.clerk["A2"] || !a.Starts.Equal(s.wall(at)) || a.Room == 0 {
			t.Errorf("%+v", a)
		}
	}
	if n := s.count(`SELECT count(*) FROM booking.claim c JOIN booking.resource r ON r.id = c.resource WHERE r.label = 'A1'`); n != 1 {
		t.Error(n, "claims of the sick clerk, want the lost one's")
	}
	again, err := s.Rematch(t.Context(), ortsnah.System("test"))
	s.must(err)
	if len(again.Kept) != 0 || len(again.Lost) != 1 {
		t.Errorf("again: %+v", again)
	}
	s.must(s.CallOff(t.Context(), ortsnah.System("test"), []string{got.Lost[0].ID}))
	if left, err := Endangered(t.Context(), s.DB, s.Now()); err != nil || len(left) != 0 {
		t.Error(left, err)
	}
}

// A closed room is left for another one, and its gate entry goes along.
func TestRematchAfterClosedRoom(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("A1", "2026-03-30", "08:00", "10:00")
	a := s.booked(s.order("pass", 1, "2026-03-30 08:00")).Appointment
	s.closed(Closure{Resource: a.Room, Kind: Maintenance, Starts: s.wall("2026-03-30 08:05"), Ends: s.wall("2026-03-30 12:00")})
	got, err := s.Rematch(t.Context(), ortsnah.System("test"))
	s.must(err)
	if len(got.Kept) != 1 {
		t.Fatalf("%+v", got)
	}
	b, err := s.Appointment(t.Context(), a.ID, By{Staff: ortsnah.Actor{Role: "staff"}})
	s.must(err)
	if b.Room == a.Room || b.Parts[0].Clerk != a.Parts[0].Clerk || s.count(`SELECT room FROM booking.registration WHERE appointment = $1`, a.ID) != b.Room {
		t.Errorf("%+v", b)
	}
}

func (s *scenario) closed(c Closure) {
	s.t.Helper()
	s.must(pgx.BeginFunc(s.t.Context(), s.DB, func(tx pgx.Tx) error {
		_, _, err := Close(s.t.Context(), tx, s.Now(), ortsnah.System("test"), c)
		return err
	}))
	s.reload()
}

package booking

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking/seal"
)

func desk() By { return By{Staff: ortsnah.Actor{Role: "staff", Name: "infotheke"}} }

// S38: nobody came by start + 15 minutes: no show, claims free; who comes late
// goes to the info desk, whether or not the task has run.
func TestS38NoShow(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("A1", "2026-03-30", "08:00", "10:00")
	ctx := t.Context()
	late, early := s.booked(s.order("pass", 1, "2026-03-30 08:00")), s.booked(s.order("pass", 1, "2026-03-30 08:10"))
	_, err := s.CheckIn(ctx, late.Appointment.ID, desk(), "")
	s.expect(err, "booking.not_today")
	s.at("2026-03-30 08:14")
	if n, err := s.MarkNoShows(ctx); n != 0 || err != nil {
		t.Errorf("at 08:14: %d, %v", n, err)
	}
	_, err = s.CheckIn(ctx, early.Appointment.ID, desk(), "17")
	s.must(err)
	s.at("2026-03-30 08:15")
	_, err = s.CheckIn(ctx, late.Appointment.ID, desk(), "")
	s.expect(err, "booking.come_to_info_desk")
	if n, err := s.MarkNoShows(ctx); n != 1 || err != nil {
		t.Errorf("at 08:15: %d, %v", n, err)
	}
	if n, err := s.MarkNoShows(ctx); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
	a, err := s.Appointment(ctx, late.Appointment.ID, By{Token: late.Token})
	s.must(err)
	if a.Status != NoShow || a.EndedBy != "program" || s.count(`SELECT count(*) FROM booking.claim WHERE appointment = $1`, a.ID) != 0 ||
		s.count(`SELECT count(*) FROM booking.outbox WHERE appointment = $1 AND kind = 'no_show'`, a.ID) != 1 {
		t.Errorf("%+v", a)
	}
	_, err = s.CheckIn(ctx, late.Appointment.ID, desk(), "")
	s.expect(err, "booking.come_to_info_desk")
	s.whole()
}

func TestVisit(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("A1", "2026-03-30", "08:00", "10:00")
	ctx := t.Context()
	one, two := s.booked(s.order("pass", 1, "2026-03-30 08:00")), s.booked(s.order("pass", 2, "2026-03-30 08:10"))
	id := one.Appointment.ID
	s.at("2026-03-30 07:55")
	_, err := s.CheckIn(ctx, id, By{Token: one.Token}, "")
	s.expect(err, "booking.staff_only")
	_, err = s.CheckIn(ctx, id, desk(), strings.Repeat("9", 21))
	s.expect(err, "booking.bad_badge")
	_, err = s.Advance(ctx, id, desk(), Called)
	s.expect(err, "booking.wrong_step")
	a, err := s.CheckIn(ctx, strings.ToLower(id[:4])+" "+id[4:], desk(), "17")
	s.must(err)
	if a.Status != Arrived || a.Badge != "17" || !a.ArrivedAt.Equal(s.Now()) {
		t.Errorf("%+v", a)
	}
	_, err = s.CheckIn(ctx, id, desk(), "17")
	s.expect(err, "booking.not_booked")
	_, err = s.CheckIn(ctx, two.Appointment.ID, desk(), "17")
	s.expect(err, "booking.badge_in_use")
	_, err = s.Cancel(ctx, id, By{Token: one.Token})
	s.expect(err, "booking.already_begun")
	_, err = s.Move(ctx, id, By{Token: one.Token}, s.wall("2026-03-30 09:00"), "site/rathaus")
	s.expect(err, "booking.not_booked")
	for _, to := range []Status{Called, Called, Arrived, Booked} { // called twice, and all of it a mistake
		if a, err = s.Advance(ctx, id, desk(), to); err != nil || a.Status != to {
			t.Fatalf("to %s: %v, %v", to, a.Status, err)
		}
	}
	if a.Badge != "" || a.ArrivedAt != nil || a.CalledAt != nil {
		t.Errorf("%+v", a)
	}
	_, err = s.CheckIn(ctx, id, desk(), "")
	s.must(err)
	for _, to := range []Status{InService, Done} {
		if a, err = s.Advance(ctx, id, desk(), to); err != nil || a.Status != to {
			t.Fatalf("to %s: %v, %v", to, a.Status, err)
		}
	}
	_, err = s.Advance(ctx, id, desk(), InService)
	s.expect(err, "booking.wrong_step")
	_, err = s.Advance(ctx, two.Appointment.ID, desk(), NoShow)
	s.expect(err, "booking.wrong_step") // it has not begun
	_, err = s.Advance(ctx, "ZZZZZZZZ", desk(), Called)
	s.expect(err, "booking.no_appointment")
	_, err = s.Advance(ctx, id, By{Token: one.Token}, Done)
	s.expect(err, "booking.staff_only")
	trail, err := Audit(ctx, s.DB, "appointment/"+id, 100)
	s.must(err)
	if len(trail) != 8 || trail[0].Action != "advance.done" || trail[0].Actor != "staff:infotheke" || !trail[0].At.Equal(s.Now()) {
		t.Errorf("%d entries: %+v", len(trail), trail)
	}
}

// The trail is only ever added to, whoever asks.
func TestAuditIsAppendOnly(t *testing.T) {
	s := scenarioTown(t, "2026-03-30 07:00")
	s.released("A1", "2026-03-30", "08:00", "10:00")
	ticket, err := s.Book(t.Context(), s.order("pass", 1, "2026-03-30 08:00"), desk(), Person{Surname: "Muster"}, "de")
	s.must(err)
	for _, sql := range []string{`UPDATE booking.audit SET actor = 'x'`, `DELETE FROM booking.audit`, `TRUNCATE booking.audit`,
		`DELETE FROM booking.audit WHERE false`} {
		if _, err := s.DB.Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", sql, err)
		}
	}
	trail, err := Audit(t.Context(), s.DB, "", 10)
	s.must(err)
	if len(trail) != 1 || trail[0].Action != "book" || trail[0].Object != "appointment/"+ticket.Appointment.ID {
		t.Errorf("%+v", trail)
	}
}

// S37: thirty days after the visit the person is gone, the rest stays.
func TestS37Erase(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("A1", "2026-03-30", "08:00", "10:00")
	ctx := t.Context()
	visited, cancelled := s.booked(s.order("pass", 1, "2026-03-30 08:00")), s.booked(s.order("pass", 1, "2026-03-30 08:10"))
	_, err := s.Cancel(ctx, cancelled.Appointment.ID, By{Token: cancelled.Token})
	s.must(err)
	before := s.count(`SELECT count(*) FROM booking.appointment`)
	for _, x := range []struct {
		wall string
		left int
	}{{"2026-04-25 23:59", 2}, {"2026-04-26 00:01", 1}, {"2026-04-28 23:59", 1}, {"2026-04-29 00:01", 0}} {
		s.at(x.wall)
		if _, err := s.Erase(ctx); err != nil {
			t.Fatal(err)
		}
		if n := s.count(`SELECT count(*) FROM booking.person`); n != x.left {
			t.Errorf("%s: %d persons left, want %d", x.wall, n, x.left)
		}
	}
	_, err = s.Person(ctx, visited.Appointment.ID, By{Token: visited.Token})
	s.expect(err, "booking.no_person")
	if n := s.count(`SELECT count(*) FROM booking.appointment`); n != before || s.count(`SELECT count(*) FROM booking.part`) != 2 {
		t.Errorf("%d appointments left of %d", n, before)
	}
}

func TestSweepHolds(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("A1", "2026-03-30", "08:00", "10:00")
	held, err := s.Hold(t.Context(), s.order("pass", 1, "2026-03-30 08:00"))
	s.must(err)
	s.after(10*time.Minute - time.Nanosecond)
	if n, err := s.SweepHolds(context.Background()); n != 0 || err != nil {
		t.Errorf("too early: %d, %v", n, err)
	}
	s.after(time.Nanosecond)
	a, err := s.Appointment(t.Context(), held.Appointment.ID, By{Token: held.Token})
	if err != nil || a.Status != Expired {
		t.Errorf("before the sweep: %s, %v", a.Status, err)
	}
	if n, err := s.SweepHolds(context.Background()); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if s.count(`SELECT count(*) FROM booking.claim`) != 0 {
		t.Error("claims are left")
	}
	s.whole()
}

// A program with another key file must not start: it would seal what the
// others cannot open.
func TestCheckKeys(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("A1", "2026-03-30", "08:00", "12:00")
	s.booked(s.order("pass", 1, "2026-03-30 08:00"))
	s.must(s.CheckKeys(t.Context()))
	other, err := seal.Open(filepath.Join(t.TempDir(), "keys.json"))
	s.must(err)
	s.Keys = other
	if err := s.CheckKeys(t.Context()); ortsnah.KindOf(err) != ortsnah.Invalid {
		t.Error(err)
	}
}

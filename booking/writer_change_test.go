package booking

import (
	"errors"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking/match"
)

// A moved appointment keeps reference, token and person; the old time stays
// when the new one cannot be had.
func TestMove(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("A1", "2026-03-30", "08:00", "12:00")
	s.released("A1", "2026-03-31", "08:00", "12:00")
	ctx := t.Context()
	mine, other := s.booked(s.order("ummeldung+pass", 1, "2026-03-30 08:00")), s.booked(s.order("pass", 1, "2026-03-31 08:00"))
	by, id := By{Token: mine.Token}, mine.Appointment.ID
	for _, x := range []struct{ wall, place, want string }{
		{"2026-03-31 08:00", "site/rathaus", "booking.taken"},
		{"2026-03-31 03:00", "site/rathaus", "booking.taken"},
		{"2026-03-31 09:00", "site/bibliothek", "booking.taken"},
		{"2026-03-26 09:00", "site/rathaus", "booking.start_is_past"},
		{"2026-03-31 09:00", "", "booking.no_slot_chosen"},
	} {
		_, err := s.Move(ctx, id, by, s.wall(x.wall), x.place)
		s.expect(err, x.want)
		if a, err := s.Appointment(ctx, id, by); err != nil || !a.Starts.Equal(mine.Appointment.Starts) || len(a.Parts) != 2 || a.RoomLabel == "" {
			t.Errorf("%s %s: %+v, %v", x.wall, x.place, a, err)
		}
	}
	a, err := s.Move(ctx, id, by, s.wall("2026-03-31 09:00"), "site/rathaus")
	s.must(err)
	if a.ID != id || a.Status != Booked || !a.Ends.Equal(s.wall("2026-03-31 09:25")) || len(a.Parts) != 2 || !a.Parts[1].Starts.Equal(s.wall("2026-03-31 09:15")) {
		t.Errorf("%+v", a)
	}
	if p, err := s.Person(ctx, id, by); err != nil || p.Surname != "Muster" {
		t.Errorf("%+v, %v", p, err)
	}
	if s.count(`SELECT count(*) FROM booking.person WHERE erase_on = '2026-04-30'`) != 2 || s.count(`SELECT count(*) FROM booking.registration
			WHERE day = '2026-03-31' AND expected_from = '2026-03-31 07:00Z' AND expected_to = '2026-03-31 07:30Z'`) != 1 {
		t.Error("the gate or the day of erasure does not know of the new day")
	}
	s.booked(s.order("pass", 1, "2026-03-30 08:00")) // the old time is free
	before := s.count(`SELECT count(*) FROM booking.outbox`)
	if _, err = s.Move(ctx, id, by, s.wall("2026-03-31 09:00"), "site/rathaus"); err != nil || s.count(`SELECT count(*) FROM booking.outbox`) != before {
		t.Errorf("to where it is: %v", err)
	}
	s.at("2026-03-31 09:00")
	_, err = s.Move(ctx, id, by, s.wall("2026-03-31 10:00"), "site/rathaus")
	s.expect(err, "booking.already_begun")
	_, err = s.Cancel(ctx, id, by)
	s.expect(err, "booking.already_begun")
	held, err := s.Hold(ctx, s.order("pass", 1, "2026-03-31 11:00"))
	s.must(err)
	_, err = s.Move(ctx, held.Appointment.ID, By{Token: held.Token}, s.wall("2026-03-31 10:00"), "site/rathaus")
	s.expect(err, "booking.not_booked")
	_, err = s.Confirm(ctx, "", By{Token: other.Token}, Person{}, "de")
	s.expect(err, "booking.no_appointment")
	s.noOverlap()
	s.whole()
}

// Rooms are swapped with the booking that needs it, in one transaction, unless
// the visitor has come or is about to.
func TestRoomSwap(t *testing.T) {
	for _, x := range []struct {
		name, clock string
		arrived     bool
		reason      string
	}{
		{"free to move", "2026-03-30 07:44", false, ""},
		{"too close", "2026-03-30 07:45", false, "swap"},
		{"arrived", "2026-03-30 07:40", true, "swap"},
	} {
		s := scenarioTown(t, "2026-03-30 07:30")
		s.released("A1", "2026-03-30", "08:00", "12:00")
		s.released("A2", "2026-03-30", "08:00", "12:00")
		single := s.booked(s.order("pass", 1, "2026-03-30 08:00"))
		from, f1 := single.Appointment.Room, s.room["F1"]
		s.must2(s.DB.Exec(t.Context(), `UPDATE booking.claim SET resource = $2 WHERE appointment = $1 AND resource = $3`, single.Appointment.ID, f1, from))
		clerk := s.clerk["A1"] + s.clerk["A2"] - single.Appointment.Parts[0].Clerk
		start, end := s.wall("2026-03-30 08:00"), s.wall("2026-03-30 08:30")
		family := Proposal{Starts: start, Ends: end, Channel: Counter, PlaceID: "site/rathaus", Office: "buergerbuero", Teams: []string{"buergerbuero"},
			Match: match.Proposal{Start: start, End: end, Room: f1, Parts: []match.Assignment{{Concern: "ummeldung", Clerk: clerk, Start: start, End: end}},
				Claims: []match.Claim{{Resource: clerk, From: start, To: end}, {Resource: f1, From: start, To: end}},
				Swaps:  []match.Swap{{ID: single.Appointment.ID, From: f1, To: from}}}}
		if x.arrived {
			s.must2(s.CheckIn(t.Context(), single.Appointment.ID, desk(), ""))
		}
		s.at(x.clock)
		_, err := s.write(t.Context(), s.order("ummeldung", 4, "2026-03-30 08:00"), family, reservation{TokenHash: hashToken("x")}, nil)
		if l, ok := errors.AsType[*lostError](err); x.reason == "" && err != nil || x.reason != "" && (!ok || l.reason != x.reason) {
			t.Errorf("%s: %v, want %q", x.name, err, x.reason)
		}
		a, err := s.Appointment(t.Context(), single.Appointment.ID, By{Token: single.Token})
		s.must(err)
		if (a.Room == from) != (x.reason == "") || !a.Starts.Equal(start) {
			t.Errorf("%s: the single is in %s at %v", x.name, a.RoomLabel, a.Starts)
		}
		if n := s.count(`SELECT count(*) FROM booking.registration WHERE appointment = $1 AND room = $2`, a.ID, a.Room); x.reason == "" && n != 1 {
			t.Errorf("%s: the gate knows another room", x.name)
		}
		s.noOverlap()
	}
}

// What the town holds instead of a cancelled appointment opens with the same
// token for two days, and who comes stays the same.
func TestAlternative(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("A1", "2026-03-30", "08:00", "12:00")
	ctx := t.Context()
	mine := s.booked(s.order("pass", 1, "2026-03-30 08:00"))
	by := By{Token: mine.Token}
	cancelled, err := s.Cancel(ctx, mine.Appointment.ID, desk())
	if err != nil || cancelled.EndedBy != "town" {
		t.Fatalf("%+v, %v", cancelled, err)
	}
	o := s.order("pass", 1, "2026-03-30 09:00")
	search, err := s.Board.At(ctx, o.Request, o.Starts, o.PlaceID, 1)
	s.must(err)
	hold := func() Appointment {
		a, err := s.reserve(ctx, o, search.Proposals, reservation{TokenHash: hashToken(mine.Token), Until: s.Now().Add(48 * time.Hour), Replaces: mine.Appointment.ID})
		s.must(err)
		return a
	}
	first := hold()
	s.after(47 * time.Hour)
	s.must2(s.Cancel(ctx, first.ID, by)) // declined
	second := hold()
	list, err := s.Alternatives(ctx, mine.Appointment.ID, by)
	if err != nil || len(list) != 1 || list[0].ID != second.ID {
		t.Fatalf("%+v, %v", list, err)
	}
	a, err := s.Confirm(ctx, second.ID, by, Person{}, "de")
	s.must(err)
	if p, err := s.Person(ctx, a.ID, by); err != nil || p.Surname != "Muster" || a.Status != Booked {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := s.reserve(ctx, o, search.Proposals, reservation{TokenHash: hashToken("x")}); ortsnah.KindOf(err) != ortsnah.Conflict {
		t.Errorf("the same again: %v", err)
	}
	if list, err = s.Alternatives(ctx, mine.Appointment.ID, by); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	s.whole()
}

package booking

import (
	"slices"
	"strings"
	"testing"

	"github.com/ortsnah/ortsnah"
)

func staffNamed(name string) By { return By{Staff: ortsnah.Actor{Role: "staff", Name: name}} }

// TestS35 is what the gate sees: today, windows of half an hour, room and
// badge, not the concern; no names when it only shows the way; nothing after
// midnight.
func TestS35(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("A1", "2026-03-30", "08:00", "12:00")
	first := s.booked(s.order("pass", 1, "2026-03-30 08:10"))
	second := s.booked(s.order("ummeldung", 2, "2026-03-30 08:40"))
	gate := staffNamed("pforte")
	day := func() Gate {
		t.Helper()
		g, err := s.GateToday(t.Context(), gate, "rathaus", true)
		s.must(err)
		return g
	}

	if g := day(); len(g.Visitors) != 0 {
		t.Errorf("on the Friday before the gate sees %+v", g.Visitors)
	}
	s.at("2026-03-30 00:00")
	g := day()
	if !g.Controls || len(g.Visitors) != 2 {
		t.Fatalf("%+v", g)
	}
	v := g.Visitors[0]
	if v.Appointment != first.Appointment.ID || !v.From.Equal(s.wall("2026-03-30 08:00")) || !v.To.Equal(s.wall("2026-03-30 08:30")) || v.Room == "" || v.Persons != 1 || v.Name != "Muster" {
		t.Errorf("first visitor %+v", v)
	}
	if v := g.Visitors[1]; !v.From.Equal(s.wall("2026-03-30 08:30")) || v.Persons != 2 {
		t.Errorf("second visitor %+v", v)
	}
	trail, err := Audit(t.Context(), s.DB, "site/rathaus", 10)
	s.must(err)
	if len(trail) != 1 || trail[0].Action != "gate.read_names" || trail[0].Actor != "staff:pforte" {
		t.Errorf("reading names left the trail %+v", trail)
	}

	s.at("2026-03-30 08:05")
	if _, err := s.CheckIn(t.Context(), first.Appointment.ID, gate, "7"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CheckIn(t.Context(), second.Appointment.ID, gate, "7"); ortsnah.KindOf(err) != ortsnah.Conflict {
		t.Errorf("badge 7 with two visitors: %v", err)
	}
	if v := day().Visitors[0]; v.Badge != "7" || v.Status != Arrived || v.Name != "" {
		t.Errorf("after entering %+v", v)
	}
	s.must(s.ReturnBadge(t.Context(), gate, first.Appointment.ID))
	if err := s.ReturnBadge(t.Context(), gate, first.Appointment.ID); ortsnah.KindOf(err) != ortsnah.NotFound {
		t.Errorf("a badge comes back twice: %v", err)
	}
	if _, err := s.CheckIn(t.Context(), second.Appointment.ID, gate, "7"); err != nil {
		t.Errorf("the badge that came back: %v", err)
	}

	third := s.booked(s.order("pass", 1, "2026-03-30 11:00"))
	s.must(s.SwitchGate(t.Context(), staffNamed("admin"), false))
	g = day()
	if g.Controls || slices.ContainsFunc(g.Visitors, func(v Visitor) bool { return v.Name != "" }) {
		t.Errorf("orientation shows names: %+v", g)
	}
	if last := g.Visitors[len(g.Visitors)-1]; last.Appointment != third.Appointment.ID {
		t.Errorf("orientation lacks the third: %+v", g)
	}
	s.must(s.SwitchGate(t.Context(), staffNamed("admin"), true))
	if trail, err = Audit(t.Context(), s.DB, "setting/gate_controls", 10); err != nil || len(trail) != 2 {
		t.Errorf("switching left the trail %+v %v", trail, err)
	}
	if g, err := s.GateToday(t.Context(), staffNamed("admin"), "rathaus", false); err != nil || slices.ContainsFunc(g.Visitors, func(v Visitor) bool { return v.Name != "" }) {
		t.Errorf("who may not read names sees them: %+v %v", g, err)
	}

	s.at("2026-03-31 00:00")
	if g := day(); len(g.Visitors) != 0 {
		t.Errorf("after midnight the gate still sees %+v", g.Visitors)
	}
}

func TestAgendaIsOnesOwn(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("A1", "2026-03-30", "08:00", "12:00")
	s.released("P1", "2026-03-30", "08:00", "12:00")
	mine := s.booked(s.order("pass+ummeldung", 2, "2026-03-30 09:00"))
	s.booked(s.order("rente", 1, "2026-03-30 09:00"))
	day := s.wall("2026-03-30 00:00").UTC()
	day = day.Add(2 * 3600e9).Truncate(24 * 3600e9)
	list, err := s.Agenda(t.Context(), staffNamed("a1"), s.clerk["A1"], day)
	s.must(err)
	if len(list) != 1 || list[0].ID != mine.Appointment.ID || len(list[0].Concerns) != 2 || list[0].Person.Surname != "Muster" || !strings.HasPrefix(list[0].Room, "E") {
		t.Fatalf("agenda %+v", list)
	}
	if n := s.count(`SELECT count(*) FROM booking.audit WHERE action = 'person.read' AND actor = 'staff:a1' AND detail -> 'appointments' ? $1`, mine.Appointment.ID); n != 1 {
		t.Errorf("reading the name left %d rows in the trail", n)
	}
	if other, err := s.Agenda(t.Context(), staffNamed("a1"), s.clerk["A2"], day); err != nil || len(other) != 0 {
		t.Errorf("A2 has %+v %v", other, err)
	}
	for clerk, want := range map[string]bool{"A1": true, "A2": false, "P1": false} {
		if got, err := Serves(t.Context(), s.DB, s.clerk[clerk], mine.Appointment.ID); err != nil || got != want {
			t.Errorf("Serves %s: %v %v", clerk, got, err)
		}
	}
	s.at("2026-03-30 08:50")
	for _, step := range []func() error{
		func() error {
			_, err := s.CheckIn(t.Context(), mine.Appointment.ID, staffNamed("a1"), "")
			return err
		},
		func() error {
			_, err := s.Advance(t.Context(), mine.Appointment.ID, staffNamed("a1"), Called)
			return err
		},
	} {
		s.must(step())
	}
	calls, err := Calls(t.Context(), s.DB, "rathaus", day, s.wall("2026-03-30 08:30"))
	s.must(err)
	if len(calls) != 1 || calls[0].Appointment != mine.Appointment.ID || calls[0].Room == "" {
		t.Errorf("the screen shows %+v", calls)
	}
}

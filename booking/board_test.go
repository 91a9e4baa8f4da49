package booking

import (
	"testing"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking/match"
)

func (s *scenario) propose(r Request) Search {
	s.t.Helper()
	if r.Persons == 0 {
		r.Persons = 1
	}
	found, err := s.Board.Propose(s.t.Context(), r)
	s.must(err)
	return found
}

func (s *scenario) starts(r Request) (walls []string) {
	s.t.Helper()
	found, err := s.Board.Starts(s.t.Context(), r)
	s.must(err)
	for _, p := range found.Proposals {
		walls = append(walls, p.Starts.Format("15:04"))
	}
	return walls
}

// S01: the earliest appointment of the one released clerk, with its documents.
func TestS01BoardProposesTheFirstReleasedTime(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("A1", "2026-03-30", "08:00", "12:00")
	found := s.propose(Request{Concerns: []string{"pass"}})
	if len(found.Proposals) == 0 {
		t.Fatal("none:", found.Why)
	}
	p := found.Proposals[0]
	if got := p.Starts.Format(time.RFC3339) + " " + p.Ends.Format("15:04"); got != "2026-03-30T08:00:00+02:00 08:10" {
		t.Error(got)
	}
	if p.PlaceID != "site/rathaus" || p.Match.Room != s.room["E1"] || p.Match.Parts[0].Clerk != s.clerk["A1"] || p.Teams[0] != "buergerbuero" {
		t.Errorf("%+v", p)
	}
	if len(found.Documents) != 2 || found.Minutes != 10 {
		t.Error(found.Documents, found.Minutes)
	}
}

// S02: a booked hour leaves exactly twenty starts.
func TestS02BoardStartsAroundABooking(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("P1", "2026-03-30", "08:00", "12:00")
	s.blocked("P1", "2026-03-30 09:00", "2026-03-30 09:30")
	got := s.starts(Request{Concerns: []string{"rente"}, Persons: 1})
	if len(got) != 20 || got[0] != "08:00" || got[1] != "09:30" || got[19] != "11:00" {
		t.Error(len(got), got)
	}
}

// blocked claims a clerk for a desk-less meeting.
func (s *scenario) blocked(clerk, from, to string) {
	s.t.Helper()
	_, err := s.DB.Exec(s.t.Context(), `WITH b AS (
			INSERT INTO booking.desk_booking (account, day, site, wished_at) VALUES ('meeting', '2026-01-01', 'rathaus', now())
			ON CONFLICT (account, day) DO UPDATE SET wished_at = excluded.wished_at RETURNING id)
		INSERT INTO booking.claim (resource, during, desk_booking) SELECT $1, tstzrange($2, $3), id FROM b`,
		s.clerk[clerk], s.wall(from), s.wall(to))
	s.must(err)
	s.reload()
}

func TestBoardSaysWhyThereIsNone(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("A1", "2026-03-30", "08:00", "08:05")
	s.releasedFor("X1", "2026-03-30", "08:00", "12:00", "counter", "{desk}", "{}")
	for _, c := range []struct {
		request Request
		why     match.Why
	}{
		{Request{Concerns: []string{"pass"}}, match.WhyTooLong},
		{Request{Concerns: []string{"rente"}}, match.WhyNoRelease},
		{Request{Concerns: []string{"aufenthalt"}}, WhyName},
		{Request{Concerns: []string{"aufenthalt"}, Name: "Berg"}, match.WhyNoRelease}, // the web must not see the desk's reserve
		{Request{Concerns: []string{"aufenthalt"}, Name: "Łukasz"}, match.WhyNoRelease},
		{Request{Concerns: []string{"aufenthalt"}, Name: "山田"}, WhyInfoDesk},
		{Request{Concerns: []string{"bau"}}, WhyPlace},
		{Request{Concerns: []string{"rente"}, Channel: Video}, WhyChannel},
		{Request{Concerns: []string{"rente"}, Channel: Mobile}, WhyChannel},
	} {
		if got := s.propose(c.request); got.Why != c.why || len(got.Proposals) > 0 {
			t.Errorf("%+v: %q, want %q", c.request, got.Why, c.why)
		}
	}
	if got := s.propose(Request{Concerns: []string{"aufenthalt"}, Name: "Berg", Via: ViaDesk}); len(got.Proposals) == 0 {
		t.Error("the desk does not see its reserve:", got.Why)
	}
}

func TestBoardRefusesNonsense(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	for _, c := range []struct {
		request Request
		key     string
	}{
		{Request{Persons: 1}, "booking.bad_concerns"},
		{Request{Concerns: []string{"pass", "pass"}, Persons: 1}, "booking.bad_concerns"},
		{Request{Concerns: []string{"pass"}, Persons: 0}, "booking.bad_persons"},
		{Request{Concerns: []string{"pass"}, Persons: 1000}, "booking.bad_persons"},
		{Request{Concerns: []string{"hexen"}, Persons: 1}, "booking.no_concern"},
		{Request{Concerns: []string{"pass"}, Persons: 1, Channel: "fax"}, "booking.bad_channel"},
		{Request{Concerns: []string{"pass"}, Persons: 1, From: s.Now(), To: s.Now()}, "booking.bad_period"},
	} {
		_, err := s.Board.Propose(t.Context(), c.request)
		if e, ok := err.(*ortsnah.Error); !ok || e.Key != c.key {
			t.Errorf("%+v: %v, want %s", c.request, err, c.key)
		}
	}
}

// A change of what is offered reaches every listening board, and so does a
// claim that another instance has made.
func TestBoardHearsOfChanges(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	ctx := t.Context()
	other := NewBoard(s.DB, s.Zone, s.Now)
	for _, b := range []*Board{s.Board, other} {
		unheard := b.Version()
		go b.Listen(ctx, discard())
		waitFor(t, func() bool { return b.Version() > unheard })
	}
	before := other.Version()
	s.released("A1", "2026-03-30", "08:00", "08:10")
	waitFor(t, func() bool { return other.Version() > before })
	free := func() bool {
		found, err := other.Propose(ctx, Request{Concerns: []string{"pass"}, Persons: 1})
		s.must(err)
		return len(found.Proposals) > 0
	}
	if !free() {
		t.Fatal("the release is not seen")
	}
	if _, err := s.Hold(ctx, s.order("pass", 1, "2026-03-30 08:00")); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return !free() })
	s.after(10 * time.Minute) // the hold runs out: nobody tells, everybody knows
	if !free() {
		t.Error("an expired hold still occupies the board")
	}
}

// An appointment that is moved does not stand in its own way.
func TestMoveByTenMinutes(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("P1", "2026-03-30", "08:00", "09:15")
	x := s.booked(s.order("rente", 1, "2026-03-30 08:00"))
	a, err := s.Move(t.Context(), x.Appointment.ID, By{Token: x.Token}, s.wall("2026-03-30 08:10"), "site/rathaus")
	s.must(err)
	if !a.Starts.Equal(s.wall("2026-03-30 08:10")) || s.count(`SELECT count(*) FROM booking.claim`) != 2 {
		t.Errorf("%+v", a)
	}
}

package booking

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
)

// deskTown is the scenario town with n desks in the town hall, on Monday
// 2026-03-30.
func deskTown(t *testing.T, n int) *scenario {
	t.Helper()
	s := scenarioTown(t, "2026-03-30 10:00")
	f := DesksFile{Site: "rathaus"}
	for i := range n {
		f.Desks = append(f.Desks, Desk{Code: fmt.Sprintf("platz-%02d", i+1), Label: fmt.Sprintf("Platz %d", i+1)})
	}
	s.must(pgx.BeginFunc(t.Context(), s.DB, func(tx pgx.Tx) error { return LoadDesks(t.Context(), tx, f) }))
	return s
}

func (s *scenario) bookDesk(ctx context.Context, w DeskWish) (b DeskBooking, err error) {
	err = pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) (err error) {
		b, err = BookDesk(ctx, tx, s.Now(), s.Zone, w)
		return err
	})
	return b, err
}

func (s *scenario) cancelDesk(account string, day time.Time) {
	s.t.Helper()
	s.must(pgx.BeginFunc(s.t.Context(), s.DB, func(tx pgx.Tx) error {
		return CancelDesk(s.t.Context(), tx, s.Now(), s.Zone, account, day)
	}))
}

func date(day string) time.Time {
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	return d
}

// S42: 12 desks, 18 requests for Tuesday, all at once → 12 booked, 6 on the
// list, in a clear order; who gives a desk back makes the first one move up.
func TestS42Desks(t *testing.T) {
	s := deskTown(t, 12)
	tuesday := date("2026-03-31")
	got := make([]DeskBooking, 18)
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() {
			var err error
			if got[i], err = s.bookDesk(t.Context(), DeskWish{Account: fmt.Sprintf("p%02d", i), Site: "rathaus", Day: tuesday}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	desks, places := map[int]bool{}, map[int]string{}
	for i, b := range got {
		if b.Desk != 0 {
			desks[b.Desk] = true
		} else {
			places[b.Place] = fmt.Sprintf("p%02d", i)
		}
	}
	if len(desks) != 12 || len(places) != 6 || places[1] == "" || places[6] == "" {
		t.Fatalf("%d desks, list %v", len(desks), places)
	}
	if n := s.count(`SELECT count(*) FROM booking.claim WHERE desk_booking IS NOT NULL
		AND during = tstzrange('2026-03-31 00:00+02', '2026-04-01 00:00+02')`); n != 12 {
		t.Errorf("%d claims of the whole local day, want 12", n)
	}
	for i, b := range got {
		if b.Desk != 0 {
			s.cancelDesk(fmt.Sprintf("p%02d", i), tuesday)
			break
		}
	}
	first, err := MyDesks(t.Context(), s.DB, places[1], tuesday, tuesday.AddDate(0, 0, 1))
	s.must(err)
	second, err := MyDesks(t.Context(), s.DB, places[2], tuesday, tuesday.AddDate(0, 0, 1))
	s.must(err)
	if len(first) != 1 || first[0].Desk == 0 || len(second) != 1 || second[0].Place != 1 {
		t.Errorf("after one gave a desk back: %+v, %+v", first, second)
	}
}

func TestDesks(t *testing.T) {
	s := deskTown(t, 2)
	monday := date("2026-03-30")
	day := func() DeskDay {
		d, err := Desks(t.Context(), s.DB, "rathaus", monday, s.Zone, "anna")
		s.must(err)
		return d
	}
	if d := day(); d.Free() != 2 || d.Mine != nil || d.Desks[0].Label != "Platz 1" {
		t.Fatalf("%+v", d)
	}
	second := day().Desks[1].ID
	b, err := s.bookDesk(t.Context(), DeskWish{Account: "anna", Site: "rathaus", Day: monday, Desk: second})
	if err != nil || b.Desk != second || b.Label != "Platz 2" {
		t.Fatalf("%+v, %v", b, err)
	}
	again, err := s.bookDesk(t.Context(), DeskWish{Account: "anna", Site: "rathaus", Day: monday})
	if err != nil || again.Desk != second {
		t.Errorf("pressed twice: %+v, %v", again, err)
	}
	if d := day(); d.Free() != 1 || d.Desks[1].State != "mine" || d.Mine == nil {
		t.Errorf("%+v", d)
	}
	for _, x := range []struct {
		key  string
		wish DeskWish
	}{
		{"booking.desk_taken", DeskWish{"ben", "rathaus", monday, second}},
		{"booking.desk_taken", DeskWish{"ben", "rathaus", monday, s.room["E1"]}}, // not a desk
		{"booking.desk_has_one", DeskWish{"anna", "rathaus", monday, day().Desks[0].ID}},
		{"booking.no_desks", DeskWish{"ben", "bibliothek", monday, 0}},
		{"booking.no_desks", DeskWish{"ben", "mond", monday, 0}},
		{"booking.desk_past", DeskWish{"ben", "rathaus", date("2026-03-29"), 0}},
		{"booking.desk_too_far", DeskWish{"ben", "rathaus", date("2027-03-29"), 0}},
	} {
		if _, err := s.bookDesk(t.Context(), x.wish); err == nil || keyOf(err) != x.key {
			t.Errorf("%+v: %v, want %s", x.wish, err, x.key)
		}
	}
	s.cancelDesk("anna", monday)
	s.cancelDesk("anna", monday)
	if d := day(); d.Free() != 2 || s.count(`SELECT count(*) FROM booking.claim`) != 0 {
		t.Errorf("after cancelling: %+v", d)
	}
}

func keyOf(err error) string {
	if e, ok := err.(*ortsnah.Error); ok {
		return e.Key
	}
	return err.Error()
}

// A closed desk is not given away, and the night forgets who sat where.
func TestDesksClosedAndForgotten(t *testing.T) {
	s := deskTown(t, 2)
	monday := date("2026-03-30")
	_, err := s.DB.Exec(t.Context(), `INSERT INTO booking.closure (resource, starts, ends, kind)
		SELECT min(id), '2026-03-30 12:00+02', '2026-03-30 13:00+02', 'maintenance' FROM booking.resource WHERE kind = 'desk'`)
	s.must(err)
	a, err := s.bookDesk(t.Context(), DeskWish{Account: "anna", Site: "rathaus", Day: monday})
	s.must(err)
	b, err := s.bookDesk(t.Context(), DeskWish{Account: "ben", Site: "rathaus", Day: monday})
	s.must(err)
	if a.Label != "Platz 2" || b.Place != 1 {
		t.Errorf("%+v, %+v", a, b)
	}
	s.must(ForgetDesks(t.Context(), s.DB, monday))
	if n := s.count(`SELECT count(*) FROM booking.desk_booking`); n != 2 {
		t.Errorf("%d bookings of today, want 2", n)
	}
	s.must(ForgetDesks(t.Context(), s.DB, monday.AddDate(0, 0, 1)))
	if n := s.count(`SELECT count(*) FROM booking.claim`) + s.count(`SELECT count(*) FROM booking.desk_booking`); n != 0 {
		t.Errorf("%d rows of yesterday", n)
	}
}

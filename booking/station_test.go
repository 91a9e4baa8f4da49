package booking

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking/match"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/stations"
	"github.com/paulmach/orb"
)

// stationed lets the kit K1 stand at the library every Thursday from 9:00 to
// 12:30, and A1 work there on that day.
func (s *scenario) stationed(thursday string) {
	s.t.Helper()
	plan := stations.Plan{Zone: "Europe/Berlin", AnchorMonday: "2026-01-05",
		Stations: []stations.Station{{ID: "k1", Kind: "kit", Name: catalog.Text{DE: "K1"}, Staff: 1, Equipment: []stations.Equipment{}}},
		Stops:    []stations.Stop{{ID: "library", Name: catalog.Text{DE: "Bibliothek"}, Address: "Blessenstätte 1", Lon: 8.43, Lat: 51.92, StepFree: true}},
		Visits:   []stations.PlannedVisit{{ID: "do", Station: "k1", Stop: "library", Weekday: 4, Start: "09:00", End: "12:30", EveryWeeks: 1, Services: []string{}}}}
	day, err := time.Parse(time.DateOnly, thursday)
	s.must(err)
	s.must(pgx.BeginFunc(s.t.Context(), s.DB, func(tx pgx.Tx) error {
		if err := stations.Load(s.t.Context(), tx, plan, s.Now()); err != nil {
			return err
		}
		_, err := SyncStationDays(s.t.Context(), tx, s.Now(), ortsnah.System("test"))
		return err
	}))
	_, err = s.DB.Exec(s.t.Context(), `WITH d AS (SELECT * FROM booking.station_day WHERE day = @day), r AS (
			INSERT INTO booking.release (clerk, station_day, first_day, opens, closes, channels)
			SELECT @clerk, id, day, '09:00', '12:30', '{mobile}' FROM d RETURNING *)
		INSERT INTO booking.release_day (release, day, clerk, during, station_day, channels, via, concerns)
		SELECT r.id, d.day, r.clerk, tstzrange(d.starts, d.ends), d.id, r.channels, r.via, r.concerns FROM r, d`,
		pgx.NamedArgs{"day": day, "clerk": s.clerk["A1"]})
	s.must(err)
	s.reload()
}

// S28: a mobile station is bookable like the town hall, for mobile concerns.
func TestS28StationOffersMobileConcernsOnly(t *testing.T) {
	s := scenarioTown(t, "2026-06-08 10:00")
	s.released("P1", "2026-06-11", "09:00", "12:00")
	s.stationed("2026-06-11")
	for _, p := range s.propose(Request{Concerns: []string{"rente"}, Limit: 50}).Proposals {
		if p.Channel == Mobile {
			t.Error("pension advice at a station", p.Starts)
		}
	}
	found := s.propose(Request{Concerns: []string{"pass"}, Channel: Mobile})
	if len(found.Proposals) == 0 {
		t.Fatal(found.Why)
	}
	p := found.Proposals[0]
	if p.PlaceID != "stop/library" || p.Starts.Format("2006-01-02 15:04") != "2026-06-11 09:00" || p.Station == 0 {
		t.Errorf("%+v", p)
	}
	a := s.booked(Order{Request: Request{Concerns: []string{"pass"}, Persons: 1, Via: ViaWeb}, Starts: p.Starts, PlaceID: p.PlaceID}).Appointment
	if a.Channel != Mobile || a.Stop != "library" || a.StationDay != p.Station || a.RoomLabel == "" {
		t.Errorf("%+v", a)
	}
}

// S29: the town hall tomorrow, far away, or the library in three days, near.
func TestS29EarlyOrNear(t *testing.T) {
	s := scenarioTown(t, "2026-06-08 10:00")
	s.released("A2", "2026-06-09", "08:00", "12:00")
	s.stationed("2026-06-11")
	var home [2]float64
	s.must(s.DB.QueryRow(t.Context(), `SELECT x + 1200, y FROM open.stations_stop WHERE id = 'library'`).Scan(&home[0], &home[1]))
	for sort, want := range map[string]string{"early": "site/rathaus", "near": "stop/library"} {
		r := Request{Concerns: []string{"pass"}, Where: (*orb.Point)(&home), Sort: match.Sort(sort)}
		if got := s.propose(r).Proposals[0]; got.PlaceID != want || want == "stop/library" && got.Metres != 1200 {
			t.Errorf("%s: %s, %d m", sort, got.PlaceID, got.Metres)
		}
	}
}

// S30: a cancelled station day; everybody gets a neutral notice and an
// alternative that is held for two days.
func TestS30CancelledStationDay(t *testing.T) {
	s := scenarioTown(t, "2026-06-08 10:00")
	s.stationed("2026-06-11")
	var ids []string
	tokens := map[string]string{}
	for i := range 10 {
		starts := s.wall("2026-06-11 09:00").Add(time.Duration(i) * 10 * time.Minute)
		x := s.booked(Order{Request: Request{Concerns: []string{"pass"}, Persons: 1, Via: ViaWeb}, Starts: starts, PlaceID: "stop/library"})
		ids, tokens[x.Appointment.ID] = append(ids, x.Appointment.ID), x.Token
	}
	s.released("A2", "2026-06-15", "08:00", "12:00")
	_, err := s.DB.Exec(t.Context(), `UPDATE stations.visit SET state = 'cancelled' WHERE day = '2026-06-11'`)
	s.must(err)
	s.must(pgx.BeginFunc(t.Context(), s.DB, func(tx pgx.Tx) error {
		_, err := SyncStationDays(t.Context(), tx, s.Now(), ortsnah.System("test"))
		return err
	}))
	s.reload()
	lost, err := Endangered(t.Context(), s.DB, s.Now())
	s.must(err)
	if len(lost) != 10 {
		t.Fatal(len(lost), "endangered")
	}
	s.must(s.CallOff(t.Context(), ortsnah.Actor{Role: "staff", Name: "planner"}, ids))
	for id, token := range tokens {
		other, err := s.Alternatives(t.Context(), id, By{Token: token})
		s.must(err)
		if len(other) != 1 || other[0].Status != Held || !other[0].HoldUntil.Equal(s.Now().Add(48*time.Hour)) || other[0].Site != "rathaus" {
			t.Fatalf("%+v", other)
		}
		notices, err := s.Notices(t.Context(), id, By{Token: token})
		s.must(err)
		if notices[0].Kind != "cancelled_by_town" {
			t.Error(notices)
		}
	}
	if n := s.count(`SELECT count(*) FROM booking.claim c JOIN booking.appointment a ON a.id = c.appointment WHERE a.state = 'cancelled'`); n != 0 {
		t.Error(n, "claims of cancelled appointments")
	}
	// One is accepted without saying again who comes.
	other, err := s.Alternatives(t.Context(), ids[0], By{Token: tokens[ids[0]]})
	s.must(err)
	if a, err := s.Confirm(t.Context(), other[0].ID, By{Token: tokens[ids[0]]}, Person{}, "de"); err != nil || a.Status != Booked {
		t.Error(a.Status, err)
	}
}

// S38, second half: what nobody came for is offered to who waits, one at a
// time, and to the next when it is not taken.
func TestS38WaitingListIsOfferedWhatBecomesFree(t *testing.T) {
	s := scenarioTown(t, "2026-03-30 07:00")
	s.released("P1", "2026-03-31", "08:00", "09:00")
	taken := s.booked(s.order("rente", 1, "2026-03-31 08:00"))
	wait := func(name string) (Wish, string) {
		w, token, err := s.Wait(t.Context(), Request{Concerns: []string{"rente"}, Persons: 1}, day("2026-03-30"), day("2026-04-10"), Person{Surname: name}, "de")
		s.must(err)
		s.after(time.Second)
		return w, token
	}
	first, firstToken := wait("Erste")
	second, secondToken := wait("Zweite")
	offered := func(want int) {
		t.Helper()
		if n, err := s.OfferFreed(t.Context()); err != nil || n != want {
			t.Fatal(n, "offers,", err)
		}
	}
	offered(0)
	_, err := s.Cancel(t.Context(), taken.Appointment.ID, By{Token: taken.Token})
	s.must(err)
	offered(1)
	offered(0)
	w, offers, err := s.Wish(t.Context(), first.ID, firstToken)
	s.must(err)
	if w.State != "offered" || len(offers) != 1 {
		t.Fatalf("%+v %+v", w, offers)
	}
	if _, _, err := s.Wish(t.Context(), first.ID, secondToken); ortsnah.KindOf(err) != ortsnah.NotFound {
		t.Error("a strange token opens a wish:", err)
	}
	if _, err := s.Cancel(t.Context(), offers[0].ID, By{Token: firstToken}); err != nil {
		t.Fatal(err)
	}
	offered(1)
	w, offers, err = s.Wish(t.Context(), second.ID, secondToken)
	s.must(err)
	if w.State != "offered" || len(offers) != 1 {
		t.Fatalf("%+v %+v", w, offers)
	}
	a, err := s.Confirm(t.Context(), offers[0].ID, By{Token: secondToken}, Person{}, "de")
	s.must(err)
	who, err := s.Person(t.Context(), a.ID, By{Token: secondToken})
	s.must(err)
	if who.Surname != "Zweite" {
		t.Error(who)
	}
	s.must(s.Withdraw(t.Context(), first.ID, firstToken))
	if n := s.count(`SELECT count(*) FROM booking.person WHERE wish = $1`, first.ID); n != 0 {
		t.Error("a withdrawn wish still knows who it was")
	}
}

func day(text string) time.Time {
	d, _ := time.Parse(time.DateOnly, text)
	return d
}

package booking

import (
	"context"
	"log/slog"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/ortsnah/ortsnah/booking/seal"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
	"github.com/ortsnah/ortsnah/stations"
)

// scenario is the town of the booking scenarios (S01 to S46): rooms E1, E2 for
// two, F1 for six; clerks A1, A2 (anyone), P1 (pensions), X1 to X5 (by
// surname), B1, B2 (building districts); concerns pass 10 min, rente 60,
// aufenthalt 30, bau 45, ummeldung 15 + 5 per further person. Its clock stands
// still until at is called.
type scenario struct {
	*Reception
	t     testing.TB
	clock atomic.Pointer[time.Time]
	clerk map[string]int // resource ids by label: "A1"
	room  map[string]int // "E1"
}

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// scenarioTown makes the town at a wall time such as "2026-03-27 10:00".
func scenarioTown(t testing.TB, now string) *scenario {
	t.Helper()
	pool := pgtest.Pool(t, Migrations())
	s := &scenario{t: t, clerk: map[string]int{}, room: map[string]int{}}
	zone := berlin(t)
	clock := func() time.Time { return *s.clock.Load() }
	keys, err := seal.Open(filepath.Join(t.TempDir(), "keys.json"))
	s.must(err)
	s.Reception = &Reception{DB: pool, Board: NewBoard(pool, zone, clock), Keys: keys, Now: clock, Zone: zone}
	s.at(now)
	s.must(pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error { return Load(t.Context(), tx, scenarioCatalogue()) }))
	s.ids(pool)
	s.reload()
	return s
}

func (s *scenario) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// ids remembers the resources by their labels.
func (s *scenario) ids(pool *pgxpool.Pool) {
	s.t.Helper()
	rows, err := pool.Query(s.t.Context(), `SELECT id, kind, label FROM booking.resource`)
	s.must(err)
	var id int
	var kind, label string
	_, err = pgx.ForEachRow(rows, []any{&id, &kind, &label}, func() error {
		if kind == "clerk" {
			s.clerk[label] = id
		} else {
			s.room[label] = id
		}
		return nil
	})
	s.must(err)
}

// wall is an instant named by its wall time in Berlin, which must exist once.
func (s *scenario) wall(text string) time.Time {
	s.t.Helper()
	w, err := time.Parse("2006-01-02 15:04", text)
	s.must(err)
	found := stations.Instants(stations.Day(w), stations.Clock(w.Hour()*60+w.Minute()), s.Zone)
	if len(found) != 1 {
		s.t.Fatalf("%s is not one moment", text)
	}
	return found[0]
}

// at sets the clock.
func (s *scenario) at(wall string) {
	zone := berlin(s.t)
	w, err := time.ParseInLocation("2006-01-02 15:04", wall, zone)
	s.must(err)
	s.clock.Store(&w)
}

// after moves the clock on.
func (s *scenario) after(d time.Duration) {
	t := s.clock.Load().Add(d)
	s.clock.Store(&t)
}

// reload makes the board see what was written past it.
func (s *scenario) reload() {
	s.t.Helper()
	s.must(s.Board.Load(s.t.Context()))
}

// released releases a clerk's time in the town hall on one day, for
// everything and every way: released("A1", "2026-03-30", "08:00", "12:00").
func (s *scenario) released(clerk, day, opens, closes string) int64 {
	s.t.Helper()
	return s.releasedFor(clerk, day, opens, closes, "counter", "{web,phone,desk}", "{}")
}

func (s *scenario) releasedFor(clerk, day, opens, closes, channel, via, concerns string) int64 {
	s.t.Helper()
	date, err := time.Parse(time.DateOnly, day)
	s.must(err)
	from, err := stations.ParseClock(opens)
	s.must(err)
	to, err := stations.ParseClock(closes)
	s.must(err)
	start, end, ok := stations.Opening(date, from, to, s.Zone)
	if !ok {
		s.t.Fatal("empty release")
	}
	var id int64
	s.must(s.DB.QueryRow(s.t.Context(), `WITH r AS (
			INSERT INTO booking.release (clerk, site, first_day, opens, closes, channels, via, concerns)
			VALUES (@clerk, CASE WHEN @channel = 'counter' THEN 'rathaus' END, @day, @opens::text::time, @closes::text::time,
				ARRAY[@channel::text], @via::text::text[], @concerns::text::text[])
			RETURNING *)
		INSERT INTO booking.release_day (release, day, clerk, during, site, channels, via, concerns)
		SELECT id, first_day, clerk, tstzrange(@start, @end), site, channels, via, concerns FROM r RETURNING release`,
		pgx.NamedArgs{"clerk": s.clerk[clerk], "channel": channel, "day": date, "opens": opens, "closes": closes,
			"via": via, "concerns": concerns, "start": start, "end": end}).Scan(&id))
	s.reload()
	return id
}

// order asks for one appointment at a wall time in the town hall.
func (s *scenario) order(concern string, persons int, wall string) Order {
	s.t.Helper()
	return Order{Request: Request{Concerns: strings.Split(concern, "+"), Persons: persons, Via: ViaWeb, Limit: 3},
		Starts: s.wall(wall), PlaceID: "site/rathaus"}
}

// booked holds and confirms an order.
func (s *scenario) booked(o Order) Ticket {
	s.t.Helper()
	held, err := s.Hold(s.t.Context(), o)
	s.must(err)
	a, err := s.Confirm(s.t.Context(), held.Appointment.ID, By{Token: held.Token}, Person{Surname: "Muster"}, "de")
	s.must(err)
	return Ticket{Appointment: a, Token: held.Token}
}

// count runs a query for one number.
func (s *scenario) count(sql string, args ...any) (n int) {
	s.t.Helper()
	s.must(s.DB.QueryRow(context.WithoutCancel(s.t.Context()), sql, args...).Scan(&n))
	return n
}

func scenarioCatalogue() Catalogue {
	text := func(s string) catalog.Text { return catalog.Text{DE: s, EN: s} }
	var c Catalogue
	c.Rooms.Sites = []Site{{ID: "rathaus", Kind: "town_hall", Name: text("Rathaus"), Address: "Berliner Straße 70", Lon: 8.38, Lat: 51.9, StepFree: true},
		{ID: "bibliothek", Kind: "library", Name: text("Bibliothek"), Address: "Blessenstätte 1", Lon: 8.43, Lat: 51.92, StepFree: true}}
	for _, r := range []Room{{ID: "e1", Code: "E1", Persons: 2}, {ID: "e2", Code: "E2", Persons: 2}, {ID: "f1", Code: "F1", Persons: 6}} {
		r.Site, r.Name, r.StepFree = "rathaus", text(r.Code), true
		c.Rooms.Rooms = append(c.Rooms.Rooms, r)
	}
	c.Services.Documents = []Document{{ID: "ausweis", DE: "Ausweis", EN: "ID card"}, {ID: "foto", DE: "Foto", EN: "Photo"}}
	concern := func(id, office string, minutes, further int, kind Kind, mobile bool, documents ...string) {
		channels := []string{"counter", "phone"}
		if mobile {
			channels = append(channels, "mobile")
		}
		n := Concern{ID: id, Name: text(id), Office: office, Minutes: minutes, FurtherMinutes: further, Channels: channels,
			Mobile: mobile, Appointment: true, Jurisdiction: Jurisdiction{Kind: kind}, Documents: []Document{}}
		if kind == Geographic {
			n.Jurisdiction.Place = "plot"
		}
		for _, d := range documents {
			n.Documents = append(n.Documents, Document{ID: d})
		}
		c.Services.Services = append(c.Services.Services, n)
	}
	concern("pass", "buergerbuero", 10, 0, Anyone, true, "ausweis", "foto")
	concern("ummeldung", "buergerbuero", 15, 5, Anyone, true, "ausweis")
	concern("rente", "rente", 60, 0, Anyone, false)
	concern("aufenthalt", "abh", 30, 0, Alphabetic, false)
	concern("bau", "bau", 45, 0, Geographic, false)
	for _, o := range []string{"buergerbuero", "rente", "abh", "bau"} {
		c.Services.Offices = append(c.Services.Offices, Office{ID: o, Name: text(o), Site: "rathaus"})
	}
	j := &c.Jurisdiction
	j.Fallback.Team, j.Fallback.Name = "infotheke", text("Infotheke")
	team := func(id, office string, rule Rule, clerks ...string) {
		j.Teams = append(j.Teams, Team{ID: id, Office: office, Name: text(id)})
		rule.ID, rule.Office, rule.Team = id, office, id
		j.Rules = append(j.Rules, rule)
		for _, k := range clerks {
			c.Staff.Clerks = append(c.Staff.Clerks, Clerk{Code: strings.ToLower(k), Label: k, Office: office, Teams: []string{id}})
		}
	}
	team("buergerbuero", "buergerbuero", Rule{Kind: Anyone}, "A1", "A2")
	team("rente", "rente", Rule{Kind: Anyone}, "P1")
	for _, x := range [][3]string{{"X1", "A", "Be"}, {"X2", "Bf", "Kz"}, {"X3", "La", "Mt"}, {"X4", "Mu", "Sc"}, {"X5", "Sd", "Z"}} {
		team(strings.ToLower(x[0]), "abh", Rule{Kind: Alphabetic, PrefixFrom: x[1], PrefixTo: x[2]}, x[0])
	}
	team("b1", "bau", Rule{Kind: Geographic, Districts: []string{"B1"}}, "B1")
	team("b2", "bau", Rule{Kind: Geographic, Districts: []string{"B2"}}, "B2")
	return c
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// waitFor polls until ok, for at most ten seconds.
func waitFor(t testing.TB, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); runtime.Gosched() {
		if ok() {
			return
		}
	}
	t.Fatal("waited in vain")
}

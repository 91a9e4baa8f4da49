package api

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/booking"
)

// houseTown is openTown with a floor plan (E1 and a corridor on the ground floor,
// F1 on the second), a third room E2 and three desks.
func houseTown(t testing.TB) *bookingTown {
	t.Helper()
	x := openTown(t)
	plot := func(w, s, e, n float64) orb.Polygon {
		at := func(a, b float64) orb.Point { return orb.Point{8.39 + a/10000, 51.91 + b/10000} }
		return orb.Polygon{{at(w, s), at(e, s), at(e, n), at(w, n), at(w, s)}}
	}
	must(t, pgx.BeginFunc(t.Context(), x.DB, func(tx pgx.Tx) error {
		c := smallCatalogue()
		e2 := c.Rooms.Rooms[0]
		e2.ID, e2.Code, e2.Persons = "e2", "E2", 2
		c.Rooms.Rooms = append(c.Rooms.Rooms, e2)
		must(t, booking.Load(t.Context(), tx, c))
		_, err := booking.ImportFloorPlan(t.Context(), tx, "rathaus", []booking.FloorShape{
			{Kind: booking.OutlineShape, Geometry: plot(0, 0, 4, 2)}, {Kind: booking.CorridorShape, Geometry: plot(0, 1, 4, 2), Label: "Flur"},
			{Kind: booking.RoomShape, Room: "e1", Label: "E1", Geometry: plot(0, 0, 1, 1)}, {Kind: booking.RoomShape, Room: "e2", Label: "E2", Geometry: plot(1, 0, 2, 1)},
			{Kind: booking.RoomShape, Label: "Archiv <b>", Geometry: plot(2, 0, 4, 1)}, {Kind: booking.EntranceShape, Geometry: orb.Point{8.3901, 51.9102}},
			{Level: 2, Kind: booking.OutlineShape, Geometry: plot(0, 0, 4, 2)}, {Level: 2, Kind: booking.RoomShape, Room: "f1", Label: "F1", Geometry: plot(0, 0, 2, 2)}})
		must(t, err)
		f := booking.DesksFile{Site: "rathaus"}
		for i := range 3 {
			f.Desks = append(f.Desks, booking.Desk{Code: fmt.Sprintf("platz-%d", i+1), Label: fmt.Sprintf("Platz %d", i+1)})
		}
		return booking.LoadDesks(t.Context(), tx, f)
	}))
	must(t, x.Reception.Board.Load(t.Context()))
	return x
}

// room is the resource of a room or clerk.
func (x *bookingTown) resource(code string) string {
	return fmt.Sprint(x.count(`SELECT id FROM booking.resource WHERE code = $1`, code))
}

func TestRoomsPage(t *testing.T) {
	x := houseTown(t)
	x.booked("09:00")
	m := x.member("", auth.RoomManager)
	page := "/dienst/raeume?tag=2026-11-30&zeit=09:00"
	a := m.get(page)
	a.says(t, 200, "Erdgeschoss", "2. Obergeschoss", "Flur", "Archiv &lt;b&gt;", "shape--free", "shape--occupied", "belegt: 09:00–", "Raum sperren", "viewBox=\"0 0 ")
	a.saysNot(t, "<b>", "shape--closed\" d=", "Reisepass")
	if n := strings.Count(a.body, `shape--occupied" d=`); n != 1 {
		t.Errorf("%d rooms drawn as occupied, want 1", n)
	}
	m.get(page+"&personen=5").says(t, 200, "shape--small")
	m.get(page+"&ebene=2&personen=5").says(t, 200, "Raum F1", "shape--free")
	m.get("/en"+page).says(t, 200, "Ground floor", "occupied")
	for _, odd := range []string{"tag=2026-02-31", "zeit=25:00", "zeit=24:00", "personen=-1", "personen=x", "ebene=99", "haus=mond", "haus=%00%ff", "tag=2027-03-28&zeit=02:30"} {
		m.get("/dienst/raeume?"+odd).says(t, 200, "Räume")
	}
	clerk := x.member("a1", auth.Clerk)
	clerk.get(page).saysNot(t, "Raum sperren")
	if a := clerk.post("/dienst/raeume/schliessen", "haus", "rathaus"); a.StatusCode != 403 {
		t.Errorf("a clerk closes rooms: %d", a.StatusCode)
	}
}

// Closing a room lists the appointments under it first, and only then closes.
func TestRoomsClose(t *testing.T) {
	x := houseTown(t)
	b := x.booked("09:00")
	m := x.member("", auth.RoomManager)
	var room string
	must(t, x.DB.QueryRow(t.Context(), `SELECT c.resource::text FROM booking.claim c JOIN booking.resource r ON r.id = c.resource
		WHERE c.appointment = $1 AND r.kind = 'room'`, b.ID).Scan(&room))
	fields := []string{"haus", "rathaus", "raum", room, "von", "2026-11-30T08:00", "bis", "2026-11-30T12:00", "art", "maintenance", "grund", "Wasserschaden"}
	a := m.post("/dienst/raeume/schliessen", fields...)
	a.says(t, 200, "1 Termin liegt in dieser Zeit", spaced(b.ID), "Trotzdem sperren", `value="Wasserschaden"`)
	if n := x.count(`SELECT count(*) FROM booking.closure`); n != 0 {
		t.Fatal("closed without being asked twice")
	}
	m.leads(m.post("/dienst/raeume/schliessen", append(fields, "ja", "1")...), "/dienst/raeume").says(t, 200, "Gesperrt.", "selben Zeit: 1; noch ohne Ersatz: 0", "Wasserschaden", "Sperrung aufheben")
	if n := x.count(`SELECT count(*) FROM booking.claim WHERE appointment = $1 AND resource = $2::int`, b.ID, x.count(`SELECT $1::text::int`, room)); n != 0 {
		t.Error("the appointment is still in the closed room")
	}
	m.get("/dienst/raeume?tag=2026-11-30&zeit=11:00").says(t, 200, `shape--closed" d=`)
	id := fmt.Sprint(x.count(`SELECT id FROM booking.closure`))
	m.leads(m.post("/dienst/raeume/oeffnen", "haus", "rathaus", "sperre", id), "/dienst/raeume").says(t, 200, "Die Sperrung ist aufgehoben.", "Zurzeit ist nichts gesperrt")
	if n := x.count(`SELECT count(*) FROM booking.audit WHERE action IN ('close', 'reopen') AND actor LIKE 'staff:konto-%'`); n != 2 {
		t.Errorf("%d audit rows, want 2", n)
	}
}

// Where the whole building closes nothing is left: the appointments are listed
// and can be called off.
func TestRoomsCallOff(t *testing.T) {
	x := houseTown(t)
	b := x.booked("09:00")
	m := x.member("", auth.RoomManager)
	m.leads(m.post("/dienst/raeume/schliessen", "haus", "rathaus", "raum", "haus", "von", "2026-11-30T00:00", "bis", "2026-12-01T00:00", "art", "closed", "ja", "1"), "/dienst/raeume").
		says(t, 200, "noch ohne Ersatz: 1", "1 Termin ohne Raum", spaced(b.ID), "Ja, absagen")
	m.leads(m.post("/dienst/raeume/absagen", "haus", "rathaus", "termin", b.ID), "/dienst/raeume").saysNot(t, "Termin ohne Raum")
	if n := x.count(`SELECT count(*) FROM booking.appointment WHERE id = $1 AND state = 'cancelled' AND ended_by = 'town'`, b.ID); n != 1 {
		t.Error("not cancelled by the town")
	}
	other := x.bookedLater(t)
	m.leads(m.post("/dienst/raeume/absagen", "haus", "rathaus", "termin", other), "/dienst/raeume")
	if n := x.count(`SELECT count(*) FROM booking.appointment WHERE id = $1 AND state = 'booked'`, other); n != 1 {
		t.Error("an appointment that nothing has upset was cancelled")
	}
}

// bookedLater books on a day that no closure touches.
func (x *bookingTown) bookedLater(t testing.TB) string {
	t.Helper()
	_, err := x.DB.Exec(t.Context(), `DELETE FROM booking.closure`)
	must(t, err)
	must(t, x.Reception.Board.Load(t.Context()))
	return x.booked("10:00").ID
}

func TestRoomsCloseRefuses(t *testing.T) {
	x := houseTown(t)
	m := x.member("", auth.RoomManager)
	usual := map[string]string{"haus": "rathaus", "raum": x.resource("e1"), "von": "2026-11-30T08:00", "bis": "2026-11-30T12:00", "art": "maintenance"}
	for _, c := range []struct {
		field, value, sentence string
		code                   int
	}{
		{"raum", "", "Wählen Sie einen Raum", 400}, {"raum", x.resource("a1"), "Wählen Sie einen Raum", 400}, {"raum", "99999999999999999999", "Wählen Sie einen Raum", 400},
		{"haus", "mond", "Wählen Sie einen Raum", 400}, {"von", "2026-02-31T08:00", "2026-02-31", 400}, {"von", "morgen", "kein Zeitpunkt", 400}, {"von", "2026-11-30T", "", 400},
		{"bis", "2026-11-30T08:00", "", 400}, {"bis", "2020-01-01T08:00", "", 400}, {"bis", "2036-01-01T08:00", "", 400}, {"von", "2027-03-28T02:30", "02:30", 400},
		{"art", "sickness", "", 400}, {"art", "party", "", 400}, {"grund", strings.Repeat("x", 300), "", 303},
	} {
		v := url.Values{}
		for name, value := range usual {
			v.Set(name, value)
		}
		v.Set(c.field, c.value)
		if a := m.ask("POST", "/dienst/raeume/schliessen", v); c.code != 303 {
			a.says(t, c.code, `role="alert"`, c.sentence)
		}
	}
	if n := x.count(`SELECT count(*) FROM booking.closure WHERE length(reason_de) <> 200`); n != 0 {
		t.Errorf("%d closures", n)
	}
	// The sickness of a clerk is nobody's business here.
	_, err := x.DB.Exec(t.Context(), `INSERT INTO booking.closure (resource, starts, ends, kind) VALUES ($1::int, '2026-11-30', '2026-12-01', 'sickness')`, x.count(`SELECT id FROM booking.resource WHERE code = 'a1'`))
	must(t, err)
	m.get("/dienst/raeume").saysNot(t, "abwesend")
	id := fmt.Sprint(x.count(`SELECT max(id) FROM booking.closure`))
	m.post("/dienst/raeume/oeffnen", "haus", "rathaus", "sperre", id).says(t, 404, `role="alert"`)
	other := member{t, x, x.signedIn(t, auth.Account{ID: "andere", Roles: []auth.Role{auth.RoomManager}, Site: "rathaus"})}
	if a := other.post("/dienst/raeume/schliessen", "haus", "bibliothek", "raum", "haus"); a.StatusCode != 403 {
		t.Errorf("another building: %d", a.StatusCode)
	}
}

// S42 at the page: desks are booked, the list moves up, nobody's name is shown.
func TestS42DeskPages(t *testing.T) {
	x := houseTown(t)
	persons := make([]member, 5)
	for i := range persons {
		persons[i] = member{t, x, x.signedIn(t, auth.Account{ID: fmt.Sprintf("person-%d", i), Name: fmt.Sprintf("Geheim%d", i), Roles: []auth.Role{auth.Steward}})}
		a := persons[i].post("/dienst/plaetze", "haus", "rathaus", "tag", "2026-11-24")
		want := "Der Platz ist für Sie gebucht."
		if i >= 3 {
			want = "Sie stehen auf der Liste"
		}
		persons[i].leads(a, "/dienst/plaetze").says(t, 200, want, "Arbeitsplätze")
	}
	a := persons[4].get("/dienst/plaetze?tag=2026-11-24")
	a.says(t, 200, "0 von 3 Plätzen frei", "an Stelle 2", "2 Personen stehen auf der Liste")
	a.saysNot(t, "Geheim0", "person-0", "von zu Hause")
	persons[1].leads(persons[1].post("/dienst/plaetze/zurueck", "haus", "rathaus", "tag", "2026-11-24"), "/dienst/plaetze").says(t, 200, "zurückgegeben", "Auf die Liste setzen")
	persons[3].get("/dienst/plaetze?tag=2026-11-24").says(t, 200, "Platz 2 ist für Sie gebucht")
	for _, c := range [][3]string{{"rathaus", "2026-11-20", "vorbei"}, {"rathaus", "2026-02-31", "2026-02-31"}, {"mond", "2026-11-25", "keine buchbaren"}, {"rathaus", "2027-11-25", "im Voraus"}} {
		persons[0].post("/dienst/plaetze", "haus", c[0], "tag", c[1]).says(t, 400, `role="alert"`, c[2])
	}
	persons[0].post("/dienst/plaetze", "haus", "rathaus", "tag", "2026-11-25", "platz", x.resource("e1")).says(t, 409, `role="alert"`, "eben vergeben")
	persons[0].post("/dienst/plaetze/daheim", "haus", "rathaus", "tag", "2026-11-25", "daheim", "1").says(t, 409, "keinem Terminkalender")
	persons[0].get("/dienst/plaetze?tag=2020-01-01&haus=x").says(t, 200, "Arbeitsplätze")
}

// S42, second half: a home-office day blocks the clerk's counter release;
// appointments on it are asked about.
func TestS42HomeOfficePage(t *testing.T) {
	x := houseTown(t)
	clerk := x.member("a1", auth.Clerk)
	must(t, pgx.BeginFunc(t.Context(), x.DB, func(tx pgx.Tx) error { return booking.ExtendReleases(t.Context(), tx, x.Now()) }))
	clerk.leads(clerk.post("/dienst/plaetze", "haus", "rathaus", "tag", "2026-11-30"), "/dienst/plaetze")
	released := func() int {
		return x.count(`SELECT count(*) FROM booking.release_day WHERE day = '2026-11-30' AND clerk = (SELECT id FROM booking.resource WHERE code = 'a1')`)
	}
	if released() != 1 {
		t.Fatal("A1 has no time on Monday")
	}
	clerk.leads(clerk.post("/dienst/plaetze/daheim", "haus", "rathaus", "tag", "2026-11-30", "daheim", "1"), "/dienst/plaetze").
		says(t, 200, "von zu Hause", "Doch im Haus arbeiten")
	if released() != 0 || x.count(`SELECT count(*) FROM booking.desk_booking`) != 0 {
		t.Error("at home, but time in the town hall or a desk is left")
	}
	clerk.leads(clerk.post("/dienst/plaetze/daheim", "haus", "rathaus", "tag", "2026-11-30", "daheim", "0"), "/dienst/plaetze").says(t, 200, "An diesem Tag zu Hause arbeiten")
	must(t, x.Reception.Board.Load(t.Context()))
	b := x.booked("09:00")
	own := x.count(`SELECT clerk FROM booking.part WHERE appointment = $1`, b.ID)
	mine := member{t, x, x.signedIn(t, auth.Account{ID: "wer-auch-immer", Roles: []auth.Role{auth.Clerk}, Clerk: own})}
	mine.post("/dienst/plaetze/daheim", "haus", "rathaus", "tag", "2026-11-30", "daheim", "1").says(t, 200, "1 Termin im Rathaus", spaced(b.ID), "Trotzdem zu Hause arbeiten")
	mine.leads(mine.post("/dienst/plaetze/daheim", "haus", "rathaus", "tag", "2026-11-30", "daheim", "1", "ja", "1"), "/dienst/plaetze").says(t, 200, "von zu Hause")
}

func TestTimeAxis(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	must(t, err)
	day := time.Date(2026, 3, 30, 0, 0, 0, 0, time.UTC)
	a := newTimeAxis(day, zone)
	at := func(clock string) time.Time {
		c, err := time.ParseInLocation("2006-01-02 15:04", "2026-03-30 "+clock, zone)
		must(t, err)
		return c
	}
	if x, ok := a.x(at("13:00")); !ok || x != "500.0" {
		t.Errorf("13:00 is at %s", x)
	}
	if _, ok := a.x(at("19:00")); ok {
		t.Error("19:00 is on the picture")
	}
	bars := a.bar(nil, at("06:00"), at("08:12"), "taken")
	bars = a.bar(bars, at("19:00"), at("20:00"), "taken")
	if len(bars) != 1 || bars[0].X != "0.0" || bars[0].Width != "100.0" {
		t.Errorf("%+v", bars)
	}
	d := booking.RoomDay{Persons: 2, Taken: []booking.TimeSpan{{From: at("09:00"), To: at("09:30")}, {From: at("09:30"), To: at("10:00")}}, Closed: []booking.TimeSpan{{From: at("12:00"), To: at("13:00")}}}
	for clock, want := range map[string]string{"08:00": "09:00", "09:00": "10:00", "09:59": "10:00", "10:00": "12:00", "12:30": "13:00"} {
		if got := changes(d, at(clock)); got.Format("15:04") != want {
			t.Errorf("at %s it changes at %s, want %s", clock, got.Format("15:04"), want)
		}
	}
	if got := changes(d, at("13:00")); !got.IsZero() {
		t.Errorf("after the last use it changes at %s", got)
	}
}

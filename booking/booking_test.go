package booking_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
	"github.com/ortsnah/ortsnah/stations"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func read(t testing.TB, file string, into any) {
	t.Helper()
	text, err := os.ReadFile("../cmd/ortsnah/demo/data/" + file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(file, err)
	}
}

func demo(t *testing.T) booking.Catalogue {
	t.Helper()
	var c booking.Catalogue
	read(t, "services.json", &c.Services)
	read(t, "rooms.json", &c.Rooms)
	read(t, "jurisdiction.json", &c.Jurisdiction)
	return c
}

// loaded is a transaction with the demo town's catalogue.
func loaded(t *testing.T) (pgx.Tx, booking.Catalogue) {
	t.Helper()
	tx, c := pgtest.Tx(t, booking.Migrations()), demo(t)
	if err := booking.Load(t.Context(), tx, c); err != nil {
		t.Fatal(err)
	}
	return tx, c
}

func TestLoad(t *testing.T) {
	tx, c := loaded(t)
	for range 2 { // twice: loading again changes nothing
		if err := booking.Load(t.Context(), tx, c); err != nil {
			t.Fatal(err)
		}
		concerns, err := booking.Concerns(t.Context(), tx)
		if err != nil || len(concerns) != len(c.Services.Services) {
			t.Fatalf("%d concerns, %v; want %d", len(concerns), err, len(c.Services.Services))
		}
		rooms, err := booking.Rooms(t.Context(), tx)
		if err != nil || len(rooms) != len(c.Rooms.Rooms) || len(rooms[0].Equipment) == 0 {
			t.Errorf("rooms %+v, %v", rooms, err)
		}
		sites, err := booking.Sites(t.Context(), tx)
		if err != nil || len(sites) != len(c.Rooms.Sites) || sites[0].Lon < 8 || sites[0].Lon > 9 {
			t.Errorf("sites %+v, %v", sites, err)
		}
	}
	for _, want := range c.Services.Services {
		got, err := booking.FindConcern(t.Context(), tx, want.ID)
		if err != nil || got.Name != want.Name || got.Minutes != want.Minutes || len(got.Documents) != len(want.Documents) ||
			got.Jurisdiction != want.Jurisdiction || got.Appointment != want.Appointment || got.FIMKey != want.FIMKey {
			t.Fatalf("%+v, %v; want %+v", got, err, want)
		}
		for i, d := range got.Documents {
			if d.ID != want.Documents[i].ID || d.DE == "" || d.ConditionDE != want.Documents[i].ConditionDE {
				t.Errorf("%s, document %d: %+v", want.ID, i, d)
			}
		}
	}
	if _, err := booking.FindConcern(t.Context(), tx, "nix"); ortsnah.KindOf(err) != ortsnah.NotFound {
		t.Errorf("unknown concern: %v", err)
	}
	c.Services.Services = c.Services.Services[1:]
	if err := booking.Load(t.Context(), tx, c); err != nil {
		t.Fatal(err)
	}
	if concerns, err := booking.Concerns(t.Context(), tx); err != nil || len(concerns) != len(c.Services.Services) {
		t.Errorf("%d concerns after one was dropped, %v", len(concerns), err)
	}
}

// What the struct cannot refuse, a named constraint does; the steward reads
// which entry and which reference or rule it is.
func TestLoadRefuses(t *testing.T) {
	for _, x := range []struct {
		key, entry, about string
		change            func(c *booking.Catalogue)
	}{
		{"booking.bad_rule", "", "", func(c *booking.Catalogue) { c.Jurisdiction.Rules[0].Kind = "random" }},
		{"booking.bad_entry", "service s", "concern_minutes_are_a_visit", func(c *booking.Catalogue) { c.Services.Services[0].Minutes = 0 }},
		{"booking.bad_entry", "service s", "concern_channels_are_known", func(c *booking.Catalogue) { c.Services.Services[0].Channels = []string{"fax"} }},
		{"booking.bad_entry", "service s", "concern_jurisdiction_is_known", func(c *booking.Catalogue) { c.Services.Services[0].Jurisdiction.Kind = "" }},
		{"booking.bad_entry", "service s", "concern_has_a_name", func(c *booking.Catalogue) { c.Services.Services[0].Name.DE = "" }},
		{"booking.bad_entry", "room r", "room_holds_someone", func(c *booking.Catalogue) { c.Rooms.Rooms[0].Persons = 0 }},
		{"booking.bad_entry", "room second", "room_code_is_unique_in_its_site", func(c *booking.Catalogue) {
			c.Rooms.Rooms[1].ID, c.Rooms.Rooms[1].Code = "second", c.Rooms.Rooms[0].Code
		}},
		{"booking.unknown_reference", "service s", "mond", func(c *booking.Catalogue) { c.Services.Services[0].Office = "mond" }},
		{"booking.unknown_reference", "rule x", "niemand", func(c *booking.Catalogue) {
			c.Jurisdiction.Rules[0].ID, c.Jurisdiction.Rules[0].Team = "x", "niemand"
		}},
		{"booking.unknown_reference", "room r", "luftschloss", func(c *booking.Catalogue) { c.Rooms.Rooms[0].Site = "luftschloss" }},
		{"booking.unknown_reference", "documents of service s", "nix", func(c *booking.Catalogue) {
			c.Services.Services[0].Documents = []booking.Document{{ID: "nix"}}
		}},
	} {
		c := demo(t)
		c.Services.Services[0].ID, c.Rooms.Rooms[0].ID = "s", "r"
		c.Jurisdiction.Rules = c.Jurisdiction.Rules[:1]
		x.change(&c)
		e, ok := booking.Load(t.Context(), pgtest.Tx(t, booking.Migrations()), c).(*ortsnah.Error)
		if !ok || e.Kind != ortsnah.Invalid || e.Key != x.key {
			t.Errorf("%s %s: got %v", x.key, x.about, e)
		} else if x.entry != "" && (e.Args["entry"] != x.entry || e.Args["reference"] != x.about && e.Args["rule"] != x.about) {
			t.Errorf("%s: %v, want entry %q and %q", x.key, e.Args, x.entry, x.about)
		}
	}
}

func TestSearchConcerns(t *testing.T) {
	tx, _ := loaded(t)
	for text, want := range map[string]string{
		"Reisepass":            "reisepass",
		"Reisepas":             "reisepass",
		"reisspass":            "reisepass",
		"Ausweis verloren":     "personalausweis",
		"Ich habe einen Umzug": "ummeldung",
		"umzug":                "ummeldung",
		"Rente":                "rentenberatung",
		"Führungszeugniss":     "fuehrungszeugnis",
		"hund anmelden":        "hund-anmelden",
		"Wohngelt":             "wohngeld",
		"Kind in Gefahr":       "kinderschutz",
		"Strom abgestellt":     "akute-notlage",
		"Aufenthaltstitel":     "aufenthaltstitel",
		"'; DROP TABLE & | !":  "",
		"":                     "",
		"xyzzy qwrtp":          "",
		"\xff\x00":             "",
	} {
		found, err := booking.SearchConcerns(t.Context(), tx, text, 5)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		var ids []string
		for _, f := range found {
			ids = append(ids, f.ID)
		}
		top := strings.Join(ids[:min(3, len(ids))], " ") + " "
		if want == "" && len(ids) > 0 || want != "" && !strings.Contains(top, want+" ") {
			t.Errorf("%q finds %v, want %q among the first three", text, ids, want)
		}
	}
}

func TestPublishDemo(t *testing.T) {
	tx, _ := loaded(t)
	if err := catalog.RegisterBuiltin(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `UPDATE booking.room SET internal_note = 'Tresor hinter dem Bild', buffer_minutes = 15`); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := booking.Publish(t.Context(), tx); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{catalog.Services, catalog.Rooms} {
			d, err := catalog.Find(t.Context(), tx, id)
			if err != nil || d.Version != 1 || d.Rows == 0 {
				t.Errorf("%s: version %d with %d rows, %v", id, d.Version, d.Rows, err)
			}
		}
	}
	var leaks int
	err := tx.QueryRow(t.Context(), `SELECT count(*) FROM open.rooms r WHERE r::text ~ 'Tresor|buffer'`).Scan(&leaks)
	if err != nil || leaks != 0 {
		t.Errorf("%d rooms publish internal attributes, %v", leaks, err)
	}
}

// town stores the demo town's addresses and districts.
func town(t *testing.T, tx pgx.Tx) {
	t.Helper()
	if err := catalog.RegisterBuiltin(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	var addresses struct {
		Addresses []struct {
			ID, Address, Street, District string
			HouseNumber                   string `json:"house_number"`
			Lon, Lat                      float64
		}
	}
	read(t, "addresses.json", &addresses)
	var features []catalog.Named
	for _, a := range addresses.Addresses {
		features = append(features, catalog.Named{Geometry: orb.Point{a.Lon, a.Lat}, Fields: map[string]any{
			"id": a.ID, "label": a.Address, "street": a.Street, "house_number": a.HouseNumber, "district": a.District}})
	}
	if err := catalog.Replace(t.Context(), tx, catalog.Addresses, "test", features); err != nil {
		t.Fatal(err)
	}
	var districts struct {
		Features []struct {
			Properties struct{ Code, Name string }
			Geometry   struct{ Coordinates json.RawMessage }
		}
	}
	read(t, "districts.geojson", &districts)
	features = nil
	for _, f := range districts.Features {
		var areas orb.MultiPolygon
		var area orb.Polygon
		if err := json.Unmarshal(f.Geometry.Coordinates, &area); err == nil {
			areas = orb.MultiPolygon{area}
		} else if err := json.Unmarshal(f.Geometry.Coordinates, &areas); err != nil {
			t.Fatal(err)
		}
		features = append(features, catalog.Named{Geometry: areas, Fields: map[string]any{
			"code": f.Properties.Code, "name": f.Properties.Name}})
	}
	if err := catalog.Replace(t.Context(), tx, catalog.Districts, "test", features); err != nil {
		t.Fatal(err)
	}
}

// From an address to the team, as the API does it.
func TestJurisdictionOfTheDemo(t *testing.T) {
	tx, c := loaded(t)
	town(t, tx)
	directory, err := booking.LoadDirectory(t.Context(), tx)
	if err != nil {
		t.Fatal(err)
	}
	ix, err := booking.Districts(t.Context(), tx)
	if err != nil {
		t.Fatal(err)
	}
	found, err := booking.LocateAddress(t.Context(), tx, "Berliner Straße 70")
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 6, 8, 0, 0, 0, 0, time.UTC)
	for _, service := range c.Services.Services {
		q := booking.Question{Service: service.ID, Name: "Müller", Day: day}.At(ix, orb.Point{found[0].X, found[0].Y})
		got, err := directory.Decide(q)
		if err != nil || got.Outcome != booking.Responsible || got.Team.ID == "" || got.Team.Office != service.Office || got.Office.ID != service.Office {
			t.Errorf("%s: %+v, %v", service.ID, got, err)
		}
	}
	if got, err := directory.Decide(booking.Question{Service: "bauberatung", Located: true}); err != nil || got.Team.ID != c.Jurisdiction.Fallback.Team {
		t.Errorf("outside: %+v, %v", got, err)
	}
	var codes []string
	for _, d := range ix.Districts() {
		codes = append(codes, d.Code)
	}
	rules, err := booking.Rules(t.Context(), tx)
	if err != nil {
		t.Fatal(err)
	}
	if faults := booking.Lint(rules, codes, day); len(faults) > 0 {
		t.Errorf("the demo's rules: %+v", faults)
	}
}

func TestReadsAsPublic(t *testing.T) {
	pool := pgtest.Pool(t, booking.Migrations())
	if err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		if err := catalog.RegisterBuiltin(t.Context(), tx); err != nil {
			return err
		}
		return booking.Load(t.Context(), tx, demo(t))
	}); err != nil {
		t.Fatal(err)
	}
	public := pgtest.Read(t, pool)
	if _, err := booking.LoadDirectory(t.Context(), public); err != nil {
		t.Error(err)
	}
	if found, err := booking.SearchConcerns(t.Context(), public, "Reisepas", 3); err != nil || len(found) == 0 {
		t.Errorf("%v, %v", found, err)
	}
	if _, err := booking.LocateAddress(t.Context(), public, "Hauptstraße 1"); ortsnah.KindOf(err) != ortsnah.NotFound {
		t.Error(err)
	}
	if _, err := booking.Districts(t.Context(), public); err != nil {
		t.Error(err)
	}
	if _, err := stations.Stops(t.Context(), public); err != nil {
		t.Error(err)
	}
	var n int
	if err := public.QueryRow(t.Context(), `SELECT count(*) FROM booking.room`).Scan(&n); err == nil {
		t.Error("the read role reads schema booking")
	}
}

// BenchmarkSearchConcerns reports "x", the ratio to the limit: reading one
// concern by its id.
func BenchmarkSearchConcerns(b *testing.B) {
	tx := pgtest.Tx(b, booking.Migrations())
	var c booking.Catalogue
	read(b, "services.json", &c.Services)
	read(b, "rooms.json", &c.Rooms)
	if err := booking.Load(b.Context(), tx, c); err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	for range 100 {
		if _, err := booking.FindConcern(b.Context(), tx, "reisepass"); err != nil {
			b.Fatal(err)
		}
	}
	limit := float64(time.Since(start)) / 100
	for b.Loop() {
		if _, err := booking.SearchConcerns(b.Context(), tx, "Ausweis verloren", 10); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/limit, "x")
}

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
	"github.com/ortsnah/ortsnah/geo"
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

// town stages the demo town's addresses and districts.
func town(t *testing.T, tx pgx.Tx) {
	t.Helper()
	if err := catalog.RegisterBuiltin(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	var file struct{ Addresses []map[string]any }
	read(t, "addresses.json", &file)
	var rows []catalog.Row
	for _, a := range file.Addresses {
		a["label"] = a["address"]
		rows = append(rows, catalog.Row{Key: a["id"].(string), SRID: geo.CRS84,
			Geometry: orb.Point{a["lon"].(float64), a["lat"].(float64)}, Values: values(t, tx, catalog.Addresses, a)})
	}
	stage(t, tx, catalog.Addresses, rows)
	var districts struct {
		Features []struct {
			Properties map[string]any
			Geometry   struct {
				Type        string
				Coordinates json.RawMessage
			}
		}
	}
	read(t, "districts.geojson", &districts)
	rows = nil
	for _, f := range districts.Features {
		var area orb.MultiPolygon
		var one orb.Polygon
		if err := json.Unmarshal(f.Geometry.Coordinates, &one); err == nil {
			area = orb.MultiPolygon{one}
		} else if err := json.Unmarshal(f.Geometry.Coordinates, &area); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, catalog.Row{Key: f.Properties["code"].(string), SRID: geo.CRS84, Geometry: area,
			Values: values(t, tx, catalog.Districts, f.Properties)})
	}
	stage(t, tx, catalog.Districts, rows)
}

func values(t *testing.T, tx pgx.Tx, id string, fields map[string]any) []any {
	t.Helper()
	d, err := catalog.Find(t.Context(), tx, id)
	if err != nil {
		t.Fatal(err)
	}
	var list []any
	for _, f := range d.Schema.Fields {
		list = append(list, fields[f.Name])
	}
	return list
}

func stage(t *testing.T, tx pgx.Tx, id string, rows []catalog.Row) {
	t.Helper()
	d, err := catalog.Find(t.Context(), tx, id)
	if err != nil {
		t.Fatal(err)
	}
	s, err := catalog.Stage(t.Context(), tx, d)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := s.Add(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Commit(t.Context(), catalog.Change{Actor: ortsnah.System("test")}); err != nil {
		t.Fatal(err)
	}
}

func TestLocateAddress(t *testing.T) {
	tx := pgtest.Tx(t, booking.Migrations())
	town(t, tx)
	if _, err := tx.Exec(t.Context(), `UPDATE catalog.feature_addresses SET street = 'Böhmerstraße', house_number = '3 A',
		label = 'Böhmerstraße 3 A' WHERE _key = (SELECT min(_key) FROM catalog.feature_addresses)`); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"Boehmerstr. 3a":                    "Böhmerstraße 3 A",
		"Berliner Straße 70":                "Berliner Straße 70",
		"berliner str. 70, 33330 Gütersloh": "Berliner Straße 70",
		"Berliner Strasse 70":               "Berliner Straße 70",
		"BERLINERSTR 70":                    "Berliner Straße 70",
		"Berlinr Straße 70":                 "Berliner Straße 70",
	} {
		found, err := booking.LocateAddress(t.Context(), tx, text)
		if err != nil || !strings.HasPrefix(found[0].Label, want) || found[0].Lon < 8 || found[0].X < 400_000 {
			t.Errorf("%q: %+v, %v; want %s", text, found, err, want)
		}
	}
	if found, err := booking.LocateAddress(t.Context(), tx, "Berliner Straße 70"); err != nil || len(found) != 1 || !found[0].Exact {
		t.Errorf("exact: %+v, %v", found, err)
	}
	if found, err := booking.LocateAddress(t.Context(), tx, "Berliner Straße 9999999999"); err != nil || found[0].Exact {
		t.Errorf("unknown number: %+v, %v", found, err)
	}
	for text, key := range map[string]string{
		"": "booking.address_empty", ", Gütersloh": "booking.address_empty", "???": "booking.address_empty",
		strings.Repeat("a", 300): "booking.address_empty", "Qwrtzpl 5": "booking.address_unknown", "\xff": "booking.address_empty",
		"a'b\x00c": "booking.address_unknown",
	} {
		found, err := booking.LocateAddress(t.Context(), tx, text)
		if e, ok := err.(*ortsnah.Error); !ok || e.Key != key {
			t.Errorf("%q: %v %v, want %s", text, found, err, key)
		}
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

func BenchmarkSearchConcerns(b *testing.B) {
	tx := pgtest.Tx(b, booking.Migrations())
	var c booking.Catalogue
	read(b, "services.json", &c.Services)
	read(b, "rooms.json", &c.Rooms)
	if err := booking.Load(b.Context(), tx, c); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := booking.SearchConcerns(b.Context(), tx, "Ausweis verloren", 10); err != nil {
			b.Fatal(err)
		}
	}
}

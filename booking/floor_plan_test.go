package booking

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/paulmach/orb"
)

// planTx is a transaction in the scenario town, whose town hall is at 8.38, 51.9.
func planTx(t *testing.T) pgx.Tx {
	t.Helper()
	s := scenarioTown(t, "2026-03-27 10:00")
	tx, err := s.DB.Begin(t.Context())
	s.must(err)
	t.Cleanup(func() { tx.Rollback(t.Context()) })
	return tx
}

// plot is a rectangle in steps of 0.0001° from the south-west of the town hall.
func plot(w, s, e, n float64) orb.Polygon {
	at := func(x, y float64) orb.Point { return orb.Point{8.38 + x/10000, 51.9 + y/10000} }
	return orb.Polygon{{at(w, s), at(e, s), at(e, n), at(w, n), at(w, s)}}
}

func soundPlan() []FloorShape {
	return []FloorShape{
		{Kind: OutlineShape, Geometry: plot(0, 0, 4, 2)},
		{Kind: RoomShape, Room: "e1", Label: "E1", Geometry: plot(0, 0, 1, 1)},
		{Kind: RoomShape, Room: "E2", Label: "E2", Geometry: plot(1, 0, 2, 1)},
		{Kind: CorridorShape, Geometry: plot(0, 1, 4, 2)},
		{Kind: EntranceShape, Geometry: orb.Point{8.38005, 51.9001}}, // in the wall of E1
		{Kind: EntranceShape, Geometry: orb.LineString{{8.3803, 51.9002}, {8.38035, 51.9002}}},
	}
}

func TestImportFloorPlan(t *testing.T) {
	tx := planTx(t)
	for range 2 { // twice: the second replaces the first
		report, err := ImportFloorPlan(t.Context(), tx, "rathaus", soundPlan())
		if err != nil || report.Shapes != 6 || report.Levels != 1 || strings.Join(report.Missing, " ") != "F1" {
			t.Fatalf("%+v, %v", report, err)
		}
	}
	shapes, err := FloorPlan(t.Context(), tx, "rathaus")
	if err != nil || len(shapes) != 6 || shapes[0].Kind != OutlineShape || shapes[5].Kind != EntranceShape {
		t.Fatalf("%+v, %v", shapes, err)
	}
	doors := map[string]int{}
	for _, s := range shapes {
		if s.Kind == EntranceShape {
			doors[s.Room]++
		}
		if b := s.Geometry.Bound(); b.Min[0] < 100_000 {
			t.Errorf("%s is not in metres: %v", s.name(), b)
		}
	}
	if doors["e1"] != 1 || doors[""] != 1 {
		t.Errorf("doors %v", doors)
	}
}

func TestImportFloorPlanRefuses(t *testing.T) {
	tx := planTx(t)
	bowtie := orb.Polygon{{{8.38, 51.9}, {8.3801, 51.9001}, {8.3801, 51.9}, {8.38, 51.9001}, {8.38, 51.9}}}
	for _, x := range []struct {
		key    string
		change func(p []FloorShape) []FloorShape
	}{
		{"booking.floor_plan_empty", func([]FloorShape) []FloorShape { return nil }},
		{"booking.floor_plan_unknown_room", func(p []FloorShape) []FloorShape { p[1].Room = "E9"; return p }},
		{"booking.floor_plan_room_twice", func(p []FloorShape) []FloorShape { p[2].Room = "E1"; return p }},
		{"booking.floor_plan_without_rooms", func(p []FloorShape) []FloorShape { return p[3:] }},
		{"booking.floor_plan_level", func(p []FloorShape) []FloorShape { p[0].Level = 999; return p }},
		{"booking.floor_plan_kind", func(p []FloorShape) []FloorShape { p[3].Kind = "dungeon"; return p }},
		{"booking.floor_plan_geometry", func(p []FloorShape) []FloorShape { p[1].Geometry = nil; return p }},
		{"booking.floor_plan_geometry", func(p []FloorShape) []FloorShape { p[1].Geometry = orb.Polygon{}; return p }},
		{"booking.floor_plan_geometry", func(p []FloorShape) []FloorShape {
			p[1].Geometry = orb.Polygon{{{8.38, 51.9}, {8.39, 51.9}}}
			return p
		}},
		{"booking.floor_plan_geometry", func(p []FloorShape) []FloorShape { p[4].Geometry = plot(0, 0, 1, 1); return p }},
		{"booking.floor_plan_not_degrees", func(p []FloorShape) []FloorShape { p[4].Geometry = orb.Point{457000, 5750000}; return p }},
		{"booking.floor_plan_crossing", func(p []FloorShape) []FloorShape { p[1].Geometry = bowtie; return p }},
		{"booking.floor_plan_far", func(p []FloorShape) []FloorShape { p[4].Geometry = orb.Point{8.48, 51.9}; return p }},
		{"booking.floor_plan_no_outline", func(p []FloorShape) []FloorShape { return p[1:] }},
		{"booking.floor_plan_outside", func(p []FloorShape) []FloorShape { p[2].Geometry = plot(3, 0, 5, 1); return p }},
		{"booking.floor_plan_overlap", func(p []FloorShape) []FloorShape { p[2].Geometry = plot(0.5, 0, 2, 1); return p }},
		{"booking.floor_plan_storey", func(p []FloorShape) []FloorShape { p[0].Level, p[1].Level = 1, 1; return p }},
	} {
		if _, err := tx.Exec(t.Context(), "SAVEPOINT one"); err != nil {
			t.Fatal(err)
		}
		_, err := ImportFloorPlan(t.Context(), tx, "rathaus", x.change(soundPlan()))
		if e, ok := err.(*ortsnah.Error); !ok || e.Key != x.key {
			t.Errorf("%v, want %s", err, x.key)
		}
		if _, err := tx.Exec(t.Context(), "ROLLBACK TO one"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ImportFloorPlan(t.Context(), tx, "mond", soundPlan()); ortsnah.KindOf(err) != ortsnah.NotFound {
		t.Errorf("unknown building: %v", err)
	}
}

func TestReadFloorPlanDemo(t *testing.T) {
	file, err := os.ReadFile("../cmd/ortsnah/demo/data/floor_plan.geojson")
	if err != nil {
		t.Fatal(err)
	}
	shapes, err := ReadFloorPlan(file)
	if err != nil {
		t.Fatal(err)
	}
	rooms := map[string]int{}
	for _, s := range shapes {
		if s.Kind == RoomShape && s.Room != "" {
			rooms[s.Room] = s.Level
		}
	}
	if len(rooms) != 8 || rooms["rathaus-t1"] != 3 || rooms["rathaus-e1"] != 0 {
		t.Errorf("rooms of the demo %v", rooms)
	}
}

func TestReadFloorPlanRefuses(t *testing.T) {
	feature := func(properties, geometry string) string {
		return `{"type":"FeatureCollection","features":[{"type":"Feature","properties":` + properties + `,"geometry":` + geometry + `}]}`
	}
	square := `{"type":"Polygon","coordinates":[[[8,51],[9,51],[9,52],[8,51]]]}`
	for text, key := range map[string]string{
		"":                            "booking.floor_plan_unreadable",
		"{}":                          "booking.floor_plan_unreadable",
		"\xff":                        "booking.floor_plan_unreadable",
		`{"type":"FeatureCollection"`: "booking.floor_plan_unreadable",
		feature(`{"kind":"room"}`, `{"type":"Polygon","coordinates":"x"}`):                             "booking.floor_plan_unreadable",
		feature(`{"kind":"room"}`, `{"type":"Polygon","coordinates":[[[8],[9,51],[9,52],[8]]]}`):       "booking.floor_plan_unreadable",
		feature(`{"kind":"room"}`, `null`):                                                             "booking.floor_plan_geometry",
		feature(`{"kind":"room"}`, `{"type":"Polygon","coordinates":[]}`):                              "booking.floor_plan_geometry",
		feature(`{"kind":"room"}`, `{"type":"GeometryCollection","geometries":[]}`):                    "booking.floor_plan_geometry",
		feature(`{"kind":"room"}`, `{"type":"Polygon","coordinates":[[[8,51],[9,51],[9,52],[8,53]]]}`): "booking.floor_plan_geometry",
		feature(`{"kind":"room","level":"EG"}`, square):                                                "booking.floor_plan_level",
		feature(`{"kind":"room","level":0.5}`, square):                                                 "booking.floor_plan_level",
		feature(`null`, square): "booking.floor_plan_kind",
	} {
		_, err := ReadFloorPlan([]byte(text))
		if e, ok := err.(*ortsnah.Error); !ok || e.Key != key {
			t.Errorf("%s: %v, want %s", text, err, key)
		}
	}
}

// imdfVenue is a small archive: two levels, rooms known by name, alternative
// name and occupant, a wall, a lift, doors.
func imdfVenue() fstest.MapFS {
	square := func(x string) string {
		return `{"type":"Polygon","coordinates":[[[8.38` + x + `,51.9],[8.38` + x + `9,51.9],[8.38` + x + `9,51.9001],[8.38` + x + `,51.9001],[8.38` + x + `,51.9]]]}`
	}
	collection := func(features ...string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(`{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`)}
	}
	f := func(id, geometry, properties string) string {
		return `{"id":"` + id + `","type":"Feature","geometry":` + geometry + `,"properties":{` + properties + `}}`
	}
	outline := `{"type":"Polygon","coordinates":[[[8.38,51.9],[8.381,51.9],[8.381,51.9002],[8.38,51.9002],[8.38,51.9]]]}`
	return fstest.MapFS{
		"venue/manifest.json": {Data: []byte(`{"version":"1.0.0"}`)},
		"venue/level.geojson": collection(f("l0", outline, `"ordinal":0,"outdoor":false`), f("l1", outline, `"ordinal":1`)),
		"venue/unit.geojson": collection(
			f("u1", square("01"), `"level_id":"l0","category":"room","name":{"en":"E1","de":"E1"}`),
			f("u2", square("02"), `"level_id":"l0","category":"office","name":{"de":"Beratung"},"alt_name":{"de":"E2"}`),
			f("u3", square("03"), `"level_id":"l0","category":"conferenceroom","name":null`),
			f("u4", square("04"), `"level_id":"l0","category":"elevator"`),
			f("u5", square("05"), `"level_id":"l0","category":"concrete"`),
			f("u6", square("06"), `"level_id":"l1","category":"restroom.female","name":{"en":"E1"}`),
			f("u7", square("07"), `"level_id":"l1","category":"office","name":{"en":"Mayor"}`)),
		"venue/anchor.geojson":   collection(f("a1", `{"type":"Point","coordinates":[8.38035,51.90005]}`, `"unit_id":"u3"`)),
		"venue/occupant.geojson": collection(f("o1", `null`, `"anchor_id":"a1","name":{"de":"F1"}`)),
		"venue/opening.geojson": collection(
			f("d1", `{"type":"LineString","coordinates":[[8.38012,51.9001],[8.38014,51.9001]]}`, `"level_id":"l0","category":"pedestrian"`),
			f("d2", `{"type":"LineString","coordinates":[[8.381,51.9001],[8.381,51.90011]]}`, `"level_id":"l0","category":"pedestrian.principal"`),
			f("d3", `{"type":"LineString","coordinates":[[8.381,51.9001],[8.381,51.90011]]}`, `"level_id":"l0","category":"automobile"`)),
	}
}

func TestReadIMDF(t *testing.T) {
	shapes, err := ReadIMDF(imdfVenue(), []string{"e1", "E1", "e2", "E2", "f1", "F1"})
	if err != nil {
		t.Fatal(err)
	}
	kinds, rooms := map[ShapeKind]int{}, map[string]string{}
	for _, s := range shapes {
		kinds[s.Kind]++
		if s.Room != "" {
			rooms[s.Room] = s.Label
		}
	}
	if kinds[OutlineShape] != 2 || kinds[RoomShape] != 4 || kinds[LiftShape] != 1 || kinds[ToiletShape] != 1 || kinds[EntranceShape] != 2 {
		t.Errorf("kinds %v", kinds)
	}
	if len(rooms) != 3 || rooms["E1"] != "E1" || rooms["E2"] != "E2" || rooms["F1"] != "F1" {
		t.Errorf("rooms %v", rooms)
	}
	report, err := ImportFloorPlan(t.Context(), planTx(t), "rathaus", shapes)
	if err != nil || report.Levels != 2 || len(report.Missing) != 0 {
		t.Errorf("import: %+v, %v", report, err)
	}
}

func TestReadIMDFRefuses(t *testing.T) {
	for _, x := range []struct {
		key    string
		change func(f fstest.MapFS)
	}{
		{"booking.floor_plan_no_imdf", func(f fstest.MapFS) { delete(f, "venue/unit.geojson") }},
		{"booking.floor_plan_no_imdf", func(f fstest.MapFS) { delete(f, "venue/level.geojson") }},
		{"booking.floor_plan_unreadable", func(f fstest.MapFS) { f["venue/level.geojson"].Data = []byte("PK") }},
		{"booking.floor_plan_level", func(f fstest.MapFS) {
			f["venue/level.geojson"].Data = []byte(strings.Replace(string(f["venue/level.geojson"].Data), `"l1"`, `"lx"`, 1))
		}},
	} {
		files := imdfVenue()
		x.change(files)
		_, err := ReadIMDF(files, nil)
		if e, ok := err.(*ortsnah.Error); !ok || e.Key != x.key {
			t.Errorf("%v, want %s", err, x.key)
		}
	}
}

func TestRoomDays(t *testing.T) {
	s := scenarioTown(t, "2026-03-30 07:00")
	for _, sql := range []string{
		`INSERT INTO booking.appointment (id, token_hash, state, channel, via, persons, office, site, zone, wall_start, starts, ends, hold_until, booked_at, created_at)
		 SELECT id, sha256(id::bytea), state, 'counter', 'web', 1, 'rente', 'rathaus', 'Europe/Berlin', '2026-03-30 09:00', '2026-03-30 09:00+02', '2026-03-30 09:30+02',
			hold, CASE WHEN hold IS NULL THEN now() END, now()
		 FROM (VALUES ('AAAAAAAA', 'booked', NULL::timestamptz), ('BBBBBBBB', 'hold', '2026-03-30 06:59+02')) v (id, state, hold)`,
		`INSERT INTO booking.claim (resource, during, appointment) SELECT id, tstzrange('2026-03-30 09:00+02', '2026-03-30 09:30+02'),
			CASE label WHEN 'E1' THEN 'AAAAAAAA' ELSE 'BBBBBBBB' END FROM booking.resource WHERE label IN ('E1', 'E2')`,
		`INSERT INTO booking.closure (resource, starts, ends, kind) SELECT id, '2026-03-29 12:00+02', '2026-03-30 09:15+02', 'maintenance'
			FROM booking.resource WHERE label = 'F1'`,
		`INSERT INTO booking.closure (site, starts, ends, kind) VALUES ('rathaus', '2026-03-30 18:00+02', '2026-03-31 06:00+02', 'closed')`,
		`INSERT INTO booking.closure (site, starts, ends, kind) VALUES ('bibliothek', '2026-03-30 00:00+02', '2026-03-31 00:00+02', 'closed')`,
	} {
		_, err := s.DB.Exec(t.Context(), sql)
		s.must(err)
	}
	days, err := RoomDays(t.Context(), s.DB, "rathaus", date("2026-03-30"), s.Now(), s.Zone)
	if err != nil || len(days) != 3 {
		t.Fatalf("%+v, %v", days, err)
	}
	for _, x := range []struct {
		room, at string
		persons  int
		want     Availability
	}{
		{"E1", "08:55", 1, RoomFree}, {"E1", "09:00", 1, RoomOccupied}, {"E1", "09:30", 1, RoomFree}, {"E1", "08:55", 3, RoomTooSmall},
		{"E1", "18:00", 1, RoomClosed}, {"E2", "09:00", 2, RoomFree}, {"F1", "09:00", 1, RoomClosed}, {"F1", "09:15", 6, RoomFree},
	} {
		for _, d := range days {
			if got := d.At(s.wall("2026-03-30 "+x.at), x.persons); d.Code == x.room && got != x.want {
				t.Errorf("%s at %s for %d: %s, want %s", x.room, x.at, x.persons, got, x.want)
			}
		}
	}
}

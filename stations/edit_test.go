package stations_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
	"github.com/ortsnah/ortsnah/stations"
)

// planning is a plan in a transaction, at a moment.
type planning struct {
	*testing.T
	pgx.Tx
	now time.Time
}

func planned(t *testing.T) *planning {
	t.Helper()
	q := &planning{t, pgtest.Tx(t, stations.Migrations()), monday}
	load(t, q.Tx, plan(), q.now)
	return q
}

func day(text string) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return d
}

func (q *planning) find(id string) stations.Pattern {
	q.Helper()
	p, err := stations.FindPattern(q.Context(), q.Tx, id)
	q.must(err)
	return p
}

func (q *planning) must(err error) {
	q.Helper()
	if err != nil {
		q.Fatal(err)
	}
}

// seen are visits with local start and state, by id.
func (q *planning) seen() map[string]string {
	q.Helper()
	m := map[string]string{}
	for _, v := range visits(q.T, q.Tx, q.now) {
		m[v.ID] = v.Starts.Format("15:04 ") + v.Stop + " " + string(v.State)
	}
	return m
}

func (q *planning) sees(want map[string]string) {
	q.Helper()
	got := q.seen()
	for id, w := range want {
		if got[id] != w {
			q.Errorf("%s is %q, want %q", id, got[id], w)
		}
	}
}

func keyOf(err error) string {
	if e, ok := errors.AsType[*ortsnah.Error](err); ok {
		return e.Key
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// A pattern goes on with other times: the same visits move; with another stop
// the old ones stay visible as cancelled. The days before stay.
func TestRearrange(t *testing.T) {
	q := planned(t)
	p := q.find("do")
	p.FirstDay, p.Opens, p.Closes = day("2026-06-18"), 14*60, 17*60
	p, err := stations.Rearrange(t.Context(), q.Tx, q.now, p)
	q.must(err)
	q.sees(map[string]string{"do-2026-06-11": "09:00 bibliothek planned", "do-2026-06-18": "14:00 bibliothek cancelled", "do-2026-07-02": "14:00 bibliothek planned"})
	p = q.find(p.ID)
	p.FirstDay, p.Stop = day("2026-07-09"), "halle"
	moved, err := stations.Rearrange(t.Context(), q.Tx, q.now, p)
	q.must(err)
	q.sees(map[string]string{"do-2026-07-02": "14:00 bibliothek planned", "do-2026-07-09": "14:00 bibliothek cancelled", moved.ID + "-2026-07-09": "14:00 halle planned"})
	if _, err := stations.Rearrange(t.Context(), q.Tx, q.now, p); keyOf(err) != "stations.changed_meanwhile" {
		t.Error("an older revision was saved:", err)
	}
	// From the first day on it is changed in place.
	p = q.find(moved.ID)
	p.Opens = 15 * 60
	again, err := stations.Rearrange(t.Context(), q.Tx, q.now, p)
	q.must(err)
	if again.ID != moved.ID || q.find(moved.ID).Revision != 2 {
		t.Errorf("%+v", again)
	}
	q.sees(map[string]string{moved.ID + "-2026-07-09": "15:00 halle planned"})
	load(t, q.Tx, plan(), q.now) // the plan file changes nothing of it
	q.sees(map[string]string{"do-2026-07-02": "14:00 bibliothek planned", moved.ID + "-2026-07-09": "15:00 halle planned"})
}

// On the Sunday when the clocks change a visit keeps its wall times.
func TestArrangeAcrossTheClockChange(t *testing.T) {
	q := planned(t)
	q.now = time.Date(2026, 10, 20, 6, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		first, from, to, starts string
		hours                   float64
	}{{"2026-10-25", "01:30", "03:30", "2026-10-25T01:30:00+02:00", 3}, {"2026-10-26", "09:00", "12:00", "2026-10-26T09:00:00+01:00", 3}} {
		opens, err := stations.ParseClock(c.from)
		q.must(err)
		closes, err := stations.ParseClock(c.to)
		q.must(err)
		p, err := stations.Arrange(t.Context(), q.Tx, q.now, stations.Pattern{Station: "mobil", Stop: "halle", FirstDay: day(c.first), Rule: stations.Once, Opens: opens, Closes: closes, Zone: "Europe/Berlin"})
		q.must(err)
		for _, v := range visits(t, q.Tx, q.now) {
			if v.Pattern == p.ID && (v.Starts.Format(time.RFC3339) != c.starts || v.Ends.Sub(v.Starts).Hours() != c.hours) {
				t.Errorf("%s, %v", v.Starts.Format(time.RFC3339), v.Ends.Sub(v.Starts))
			}
		}
	}
	_, err := stations.Arrange(t.Context(), q.Tx, q.now, stations.Pattern{Station: "mobil", Stop: "halle", FirstDay: day("2027-03-28"), Rule: stations.Once, Opens: 130, Closes: 170, Zone: "Europe/Berlin"})
	if keyOf(err) != "stations.pattern_never" {
		t.Error("in the hour that is left out:", err)
	}
}

func TestEndAndCancel(t *testing.T) {
	q := planned(t)
	ctx := t.Context()
	reason := catalog.Text{DE: "Umbau"}
	for want, do := range map[string]func() error{
		"stations.reason_missing": func() error {
			return stations.CancelDay(ctx, q.Tx, q.now, "do", 1, day("2026-06-11"), catalog.Text{EN: "x"})
		},
		"stations.no_visit":          func() error { return stations.CancelDay(ctx, q.Tx, q.now, "do", 1, day("2026-06-12"), reason) },
		"stations.changed_meanwhile": func() error { return stations.CancelDay(ctx, q.Tx, q.now, "do", 7, day("2026-06-11"), reason) },
		"stations.no_pattern":        func() error { return stations.CancelDay(ctx, q.Tx, q.now, "mond", 1, day("2026-06-11"), reason) },
		"stations.not_cancelled":     func() error { return stations.ReinstateDay(ctx, q.Tx, q.now, "do", 1, day("2026-06-11")) },
		"stations.day_past":          func() error { return stations.End(ctx, q.Tx, q.now, "do", 1, day("2026-06-07"), reason) },
		"stations.visit_begun": func() error {
			return stations.CancelDay(ctx, q.Tx, time.Date(2026, 6, 11, 8, 0, 0, 0, time.UTC), "do", 1, day("2026-06-11"), reason)
		},
	} {
		nested, err := q.Begin(ctx)
		q.must(err)
		if got := keyOf(do()); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		q.must(nested.Rollback(ctx))
	}
	q.must(stations.CancelDay(ctx, q.Tx, q.now, "do", 1, day("2026-06-11"), reason))
	q.sees(map[string]string{"do-2026-06-11": "09:00 bibliothek cancelled"})
	q.must(stations.ReinstateDay(ctx, q.Tx, q.now, "do", 2, day("2026-06-18"))) // which the plan had cancelled
	q.sees(map[string]string{"do-2026-06-18": "09:00 bibliothek planned"})
	load(t, q.Tx, plan(), q.now)
	q.sees(map[string]string{"do-2026-06-11": "09:00 bibliothek cancelled", "do-2026-06-18": "09:00 bibliothek planned"})
	q.must(stations.End(ctx, q.Tx, q.now, "do", 3, day("2026-07-02"), reason))
	q.sees(map[string]string{"do-2026-06-18": "09:00 bibliothek planned", "do-2026-07-02": "09:00 bibliothek cancelled", "do-2026-07-30": "09:00 bibliothek cancelled"})
	q.must(stations.End(ctx, q.Tx, q.now, "mo", 1, day("2026-06-08"), catalog.Text{}))
	q.sees(map[string]string{"mo-2026-06-22": "14:00 halle cancelled"})
	list, err := stations.Patterns(ctx, q.Tx, day("2026-07-02"))
	q.must(err)
	if len(list) != 0 {
		t.Errorf("%+v", list)
	}
}

// Beyond the horizon the week shows what the patterns will call for.
func TestOutlook(t *testing.T) {
	q := planned(t)
	for _, c := range []struct {
		from string
		want []string
	}{{"2026-06-08", []string{"mo-2026-06-08", "do-2026-06-11"}}, {"2026-08-31", []string{"mo-2026-08-31", "do-2026-09-03"}}, {"2026-01-05", nil}} {
		list, err := stations.Outlook(t.Context(), q.Tx, q.now, day(c.from), day(c.from).AddDate(0, 0, 7))
		q.must(err)
		var got []string
		for _, v := range list {
			got = append(got, v.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.from, got, c.want)
		}
	}
	closed, err := stations.ClosedDays(t.Context(), q.Tx, day("2026-06-01"), day("2026-07-01"))
	q.must(err)
	skipped, err := q.find("do").Skipped(day("2026-06-01"), day("2026-07-01"), closed)
	q.must(err)
	if len(closed) != 1 || len(skipped) != 1 || !skipped[0].Equal(day("2026-06-25")) {
		t.Error(closed, skipped)
	}
}

func TestFindings(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 6, 11, hour, 0, 0, 0, time.UTC) }
	visit := func(id, station, stop string, from, to int) stations.Visit {
		return stations.Visit{ID: id, Pattern: id, Station: station, Stop: stop, Day: day("2026-06-11"), Starts: at(from), Ends: at(to), State: stations.Planned, Services: []string{"pass"}}
	}
	around := func() stations.Surroundings {
		return stations.Surroundings{
			Stations: map[string]stations.Station{"a": {ID: "a", Equipment: []stations.Equipment{{ID: "scanner", State: "checked"}}}, "b": {ID: "b", Equipment: []stations.Equipment{{ID: "scanner", State: "checked"}}}},
			Stops:    map[string]stations.Stop{"x": {ID: "x", Power: true}, "y": {ID: "y", Power: true}}, Kits: map[string]stations.Kit{"k": {ID: "k", Devices: []string{"printer"}}},
			Along: map[string][]string{}, Needs: map[string][]string{"pass": {"scanner"}}, Outside: map[string]bool{}, Offered: map[string]bool{}, Way: func(_, _ stations.Stop, _ time.Time) int { return 20 }}
	}
	type change = func(s *stations.Surroundings, v []stations.Visit)
	for name, c := range map[string]struct {
		change change
		want   []stations.FindingKind
	}{
		"all is well":         {func(*stations.Surroundings, []stations.Visit) {}, nil},
		"no time for the way": {func(_ *stations.Surroundings, v []stations.Visit) { v[1].Starts = at(12).Add(19 * time.Minute) }, []stations.FindingKind{stations.ShortWay}},
		"just enough time":    {func(_ *stations.Surroundings, v []stations.Visit) { v[1].Starts = at(12).Add(20 * time.Minute) }, nil},
		"at the same stop":    {func(_ *stations.Surroundings, v []stations.Visit) { v[1].Starts, v[1].Stop = at(12), "x" }, nil},
		"cancelled": {func(_ *stations.Surroundings, v []stations.Visit) {
			v[1].Starts, v[0].State = at(12), stations.Cancelled
		}, nil},
		"outside": {func(s *stations.Surroundings, _ []stations.Visit) { s.Outside["y"] = true }, []stations.FindingKind{stations.OutsideTown}},
		"no socket": {func(s *stations.Surroundings, _ []stations.Visit) {
			s.Stations["b"] = stations.Station{NeedsPower: true, Equipment: s.Stations["a"].Equipment}
			s.Stops["x"] = stations.Stop{}
		}, []stations.FindingKind{stations.NoPower}},
		"not checked": {func(s *stations.Surroundings, _ []stations.Visit) {
			s.Stations["b"] = stations.Station{Equipment: []stations.Equipment{{ID: "scanner", State: "present"}}}
		}, []stations.FindingKind{stations.DeviceCheck}},
		"only planned": {func(s *stations.Surroundings, _ []stations.Visit) {
			s.Stations["b"] = stations.Station{Equipment: []stations.Equipment{{ID: "scanner", State: "planned"}}}
		}, []stations.FindingKind{stations.DeviceLacks}},
		"another device is needed": {func(s *stations.Surroundings, _ []stations.Visit) { s.Needs["pass"] = []string{"scanner", "printer"} }, []stations.FindingKind{stations.DeviceLacks, stations.DeviceLacks, stations.DeviceLacks}},
		"a kit brings it": {func(s *stations.Surroundings, _ []stations.Visit) {
			s.Needs["pass"] = []string{"printer"}
			s.Along["1"], s.Along["2"] = []string{"k"}, []string{"k"}
		}, []stations.FindingKind{stations.DeviceLacks}},
		"a kit between stations": {func(s *stations.Surroundings, v []stations.Visit) {
			s.Along["1"], s.Along["3"] = []string{"k"}, []string{"k"}
			v[2].Starts, v[2].Stop = at(12), "y"
		}, []stations.FindingKind{stations.KitWay}},
		"nobody offers": {func(s *stations.Surroundings, _ []stations.Visit) { s.OfferedUntil, s.Offered["1"] = at(14), true }, []stations.FindingKind{stations.NobodyOffers}},
		"retired":       {func(s *stations.Surroundings, _ []stations.Visit) { s.Stops["y"] = stations.Stop{Retired: true} }, []stations.FindingKind{stations.RetiredPlace}},
	} {
		s, v := around(), []stations.Visit{visit("1", "a", "x", 9, 12), visit("2", "a", "y", 14, 16), visit("3", "b", "x", 13, 15)}
		c.change(&s, v)
		var got []stations.FindingKind
		for _, f := range stations.Findings(v, s) {
			got = append(got, f.Kind)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// The constraint guards a kit, too.
func TestKitIsAtOneVisit(t *testing.T) {
	q := planned(t)
	k, err := stations.SaveKit(t.Context(), q.Tx, q.now, stations.Kit{Name: catalog.Text{DE: "Köfferchen Nr. 1"}, Kind: "case"})
	q.must(err)
	if k.ID != "koefferchen-nr-1" {
		t.Error(k.ID)
	}
	for _, v := range []string{"do-2026-06-11", "mo-2026-06-08"} {
		_, err := q.Exec(t.Context(), `INSERT INTO stations.visit_kit VALUES ($1, $2, '[2026-06-11 08:00, 2026-06-11 09:00)')`, v, k.ID)
		q.must(err)
	}
	if _, err := q.Exec(t.Context(), `SET CONSTRAINTS ALL IMMEDIATE`); err == nil {
		t.Error("a kit may be at two places at once")
	}
}

func TestReadPhoto(t *testing.T) {
	wide := image.NewRGBA(image.Rect(0, 0, 3200, 100))
	for x := range 3200 {
		for y := range 100 {
			wide.Set(x, y, color.RGBA{uint8(255 * (x / 1600)), 0, 0, 255})
		}
	}
	var asPNG, asJPEG bytes.Buffer
	if err := errors.Join(png.Encode(&asPNG, wide), jpeg.Encode(&asJPEG, wide, nil)); err != nil {
		t.Fatal(err)
	}
	turned := func(order string, n byte) []byte {
		tiff := "MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(n) + "\x00\x00\x00\x00"
		if order == "II" {
			tiff = "II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00" + string(n) + "\x00\x00\x00\x00\x00"
		}
		body := "Exif\x00\x00" + tiff
		return append([]byte("\xff\xd8\xff\xe1\x00"+string(byte(len(body)+2))+body), asJPEG.Bytes()[2:]...)
	}
	for name, c := range map[string]struct {
		file []byte
		w, h int
		red  image.Point // where it is red
	}{
		"PNG": {asPNG.Bytes(), 1600, 50, image.Pt(1500, 25)}, "JPEG": {asJPEG.Bytes(), 1600, 50, image.Pt(1500, 25)},
		"to the right": {turned("MM", 6), 50, 1600, image.Pt(25, 1500)}, "to the left": {turned("II", 8), 50, 1600, image.Pt(25, 100)}, "upside down": {turned("MM", 3), 1600, 50, image.Pt(100, 25)},
		"mirrored": {turned("II", 2), 1600, 50, image.Pt(100, 25)}, "nonsense": {turned("MM", 99), 1600, 50, image.Pt(1500, 25)},
	} {
		p, err := stations.ReadPhoto(c.file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := jpeg.Decode(bytes.NewReader(p.JPEG))
		if err != nil || p.Width != c.w || p.Height != c.h || bytes.Contains(p.JPEG, []byte("Exif")) {
			t.Errorf("%s: %dx%d %v", name, p.Width, p.Height, err)
			continue
		}
		if r, _, _, _ := got.At(c.red.X, c.red.Y).RGBA(); r < 0xc000 {
			t.Errorf("%s is turned wrongly", name)
		}
	}
}

// No file crashes it.
func FuzzReadPhoto(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00MM\x00*\xff\xff\xff\xff"))
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if p, err := stations.ReadPhoto(file); err == nil && len(p.JPEG) == 0 {
			t.Error("neither picture nor error")
		}
	})
}

package stations

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/stations/travel"
	"github.com/paulmach/orb"
)

func at(t testing.TB, text string) time.Time {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04", text, berlin(t))
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// onFoot are ways at 80 m a minute, 1.3 times as long as the line from a place.
func onFoot(t *Timetable, from orb.Point) Ways {
	times := []int32{}
	for _, s := range t.stops {
		times = append(times, int32(math.Round(math.Hypot(s.X-from[0], s.Y-from[1])*1.3/80*600)))
	}
	return Ways{Profile: travel.Walk, Basis: travel.StraightLine, Free: times,
		On: func(time.Time) ([]int32, error) { return times, nil }}
}

func nearest(t testing.TB, timetable *Timetable, q Question) []Option {
	t.Helper()
	options, err := timetable.Nearest(q, onFoot(timetable, q.From))
	if err != nil {
		t.Fatal(err)
	}
	return options
}

// The library is 800 m away (13 min on foot), the hall 8 km (130 min).
func fixture(t testing.TB) *Timetable {
	visit := func(stop, from, to string, state State, services ...string) Visit {
		return Visit{ID: stop + from, Stop: stop, Starts: at(t, from), Ends: at(t, to), State: state, Services: services}
	}
	return NewTimetable(
		[]Stop{{ID: "hall", X: 8000}, {ID: "library", X: 800}, {ID: "never", X: 1}},
		[]Visit{
			visit("library", "2026-06-18 09:00", "2026-06-18 12:30", Planned, "reisepass"),
			visit("library", "2026-06-11 09:00", "2026-06-11 12:30", Planned, "reisepass"),
			visit("hall", "2026-06-09 14:00", "2026-06-09 17:00", Cancelled, "reisepass", "rente"),
			visit("hall", "2026-06-10 14:00", "2026-06-10 17:00", Planned, "reisepass", "rente"),
			visit("unknown", "2026-06-08 09:00", "2026-06-08 12:30", Planned, "reisepass"),
		})
}

func TestTimetableNearest(t *testing.T) {
	for name, c := range map[string]struct {
		q     Question
		stops []string
		ready []string
	}{
		"early: the farther one opens first": {Question{At: at(t, "2026-06-08 10:00")},
			[]string{"hall", "library"}, []string{"2026-06-10 14:00", "2026-06-11 09:00"}},
		"near": {Question{At: at(t, "2026-06-08 10:00"), Sort: Near},
			[]string{"library", "hall"}, []string{"2026-06-11 09:00", "2026-06-10 14:00"}},
		"near, one": {Question{At: at(t, "2026-06-08 10:00"), Sort: Near, Limit: 1},
			[]string{"library"}, []string{"2026-06-11 09:00"}},
		"open on arrival": {Question{At: at(t, "2026-06-11 10:00"), Limit: 1},
			[]string{"library"}, []string{"2026-06-11 10:13"}},
		"too late to get there": {Question{At: at(t, "2026-06-11 12:20")},
			[]string{"library"}, []string{"2026-06-18 09:00"}},
		"arrives as it closes": {Question{At: at(t, "2026-06-11 12:17")},
			[]string{"library"}, []string{"2026-06-18 09:00"}},
		"a minute before it closes": {Question{At: at(t, "2026-06-11 12:16"), Limit: 1},
			[]string{"library"}, []string{"2026-06-11 12:29"}},
		"by service": {Question{At: at(t, "2026-06-08 10:00"), Service: "rente"},
			[]string{"hall"}, []string{"2026-06-10 14:00"}},
		"open now":         {Question{At: at(t, "2026-06-11 10:00"), When: Now}, []string{"library"}, []string{"2026-06-11 10:13"}},
		"nothing now":      {Question{At: at(t, "2026-06-11 08:00"), When: Now}, nil, nil},
		"today":            {Question{At: at(t, "2026-06-11 08:00"), When: Today}, []string{"library"}, []string{"2026-06-11 09:00"}},
		"not today":        {Question{At: at(t, "2026-06-10 23:59"), When: Today}, nil, nil},
		"in 7 days":        {Question{At: at(t, "2026-06-11 13:00"), When: Week}, []string{"library"}, []string{"2026-06-18 09:00"}},
		"in 8 days":        {Question{At: at(t, "2026-06-10 18:00"), When: Week, Limit: 5}, []string{"library"}, []string{"2026-06-11 09:00"}},
		"steps everywhere": {Question{At: at(t, "2026-06-08 10:00"), StepFree: true}, nil, nil},
		"nobody offers it": {Question{At: at(t, "2026-06-08 10:00"), Service: "trauung"}, nil, nil},
		"after all visits": {Question{At: at(t, "2027-01-01 10:00")}, nil, nil},
	} {
		got := nearest(t, fixture(t), c.q)
		if len(got) != len(c.stops) || got == nil {
			t.Errorf("%s: %d options, want %d", name, len(got), len(c.stops))
			continue
		}
		for i, o := range got {
			if o.Stop.ID != c.stops[i] || o.Ready.Format("2006-01-02 15:04") != c.ready[i] || o.TravelBasis != "straight_line" {
				t.Errorf("%s: option %d is %s at %s, want %s at %s", name, i, o.Stop.ID, o.Ready, c.stops[i], c.ready[i])
			}
		}
	}
}

func TestTimetableShowsCancelled(t *testing.T) {
	got := nearest(t, fixture(t), Question{At: at(t, "2026-06-08 10:00"), Limit: 1})
	if len(got) != 1 || len(got[0].Cancelled) != 1 || got[0].Cancelled[0].State != Cancelled {
		t.Fatalf("%+v", got)
	}
	if o := got[0]; o.OpenOnArrival || o.TravelMinutes != 130 || o.Distance != 8000 {
		t.Errorf("open %v, %d min, %v m", o.OpenOnArrival, o.TravelMinutes, o.Distance)
	}
}

// A road that is closed on the day of the visit counts, one that is closed
// today does not.
func TestTimetableRoadworksOfTheDay(t *testing.T) {
	timetable := fixture(t)
	w := onFoot(timetable, orb.Point{})
	w.On = func(day time.Time) ([]int32, error) {
		switch day.Format(time.DateOnly) {
		case "2026-06-11":
			return []int32{w.Free[0], w.Free[1] + 600, w.Free[2]}, nil // the library a minute longer
		case "2026-06-10":
			return []int32{travel.Unreachable, w.Free[1], w.Free[2]}, nil // no way to the hall
		}
		return w.Free, nil
	}
	got, err := timetable.Nearest(Question{At: at(t, "2026-06-08 10:00")}, w)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Stop.ID != "library" || got[0].Roadworks != 1 || got[0].TravelMinutes != 14 {
		t.Errorf("%+v", got)
	}
}

// Near must not lose a stop because nearer ones have no visit.
func TestTimetableNearPassesEmptyStops(t *testing.T) {
	var stops []Stop
	for i := range 100 {
		stops = append(stops, Stop{ID: string(rune('a' + i)), X: float64(i)})
	}
	far := Visit{ID: "v", Stop: stops[99].ID, Starts: at(t, "2026-06-11 09:00"), Ends: at(t, "2026-06-11 12:30"), State: Planned}
	got := nearest(t, NewTimetable(stops, []Visit{far}), Question{At: at(t, "2026-06-08 10:00"), Sort: Near, Limit: 1})
	if len(got) != 1 || got[0].Visit.ID != "v" {
		t.Errorf("%+v", got)
	}
	if got := nearest(t, NewTimetable(nil, nil), Question{From: orb.Point{1, 1}}); got == nil || len(got) != 0 {
		t.Errorf("an empty timetable found %+v", got)
	}
}

func TestPatternDays(t *testing.T) {
	p := Pattern{ID: "p", FirstDay: day(t, "2026-01-05"), Rule: "FREQ=WEEKLY;INTERVAL=2", Opens: 540, Closes: 750, Zone: "Europe/Berlin"}
	closed := map[time.Time]bool{day(t, "2026-04-13"): true}
	reasons := map[time.Time]catalog.Text{day(t, "2026-03-30"): {DE: "Krankheit"}}
	visits, err := p.expand(day(t, "2026-03-16"), day(t, "2026-04-27"), closed, reasons)
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		id, start string
		state     State
	}{ // 9:00 by the clocks before and after the change on 29 March
		{"p-2026-03-16", "2026-03-16T09:00:00+01:00", Planned},
		{"p-2026-03-30", "2026-03-30T09:00:00+02:00", Cancelled},
	}
	if len(visits) != len(want) {
		t.Fatalf("%d visits, want %d: %v", len(visits), len(want), visits)
	}
	for i, w := range want {
		if v := visits[i]; v.ID != w.id || v.Starts.Format(time.RFC3339) != w.start || v.State != w.state || v.Ends.Sub(v.Starts) != 210*time.Minute {
			t.Errorf("visit %d: %+v, want %+v", i, v, w)
		}
	}
	for _, rule := range []string{"", "FREQ=SECONDLY", "FREQ=HOURLY", "FREQ=DAILY;BYHOUR=3", "every day", "FREQ=WEEKLY;INTERVAL=x"} {
		p.Rule = rule
		if days, err := p.Days(day(t, "2026-03-16"), day(t, "2026-04-27")); err == nil {
			t.Errorf("rule %q gives %v, want an error", rule, days)
		}
	}
}

// BenchmarkTimetable asks 1,000 stops with 8 visits each. "x" is the ratio to
// the limit: the distance to every stop.
func BenchmarkTimetable(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	var stops []Stop
	var visits []Visit
	start := time.Date(2026, 6, 8, 7, 0, 0, 0, time.UTC)
	for i := range 1000 {
		id := strconv.Itoa(i)
		stops = append(stops, Stop{ID: id, X: 15_000 * r.Float64(), Y: 15_000 * r.Float64()})
		for w := range 8 {
			at := start.Add(time.Duration(r.IntN(7*24))*time.Hour + time.Duration(w)*7*24*time.Hour)
			visits = append(visits, Visit{ID: id, Stop: id, Starts: at, Ends: at.Add(3 * time.Hour), State: Planned})
		}
	}
	t := NewTimetable(stops, visits)
	ways := onFoot(t, orb.Point{7500, 7500})
	for _, sort := range []Sort{Early, Near} {
		b.Run(string(sort), func(b *testing.B) {
			began, nearest := time.Now(), math.Inf(1)
			for range 1000 {
				for i := range stops {
					nearest = min(nearest, math.Hypot(stops[i].X-7500, stops[i].Y-7500))
				}
			}
			limit := float64(time.Since(began)) / 1000
			for b.Loop() {
				if _, err := t.Nearest(Question{From: orb.Point{7500, 7500}, At: start, Sort: sort}, ways); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/limit, "x")
		})
	}
}

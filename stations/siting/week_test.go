package siting_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/siting"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

// planned solves the week, holds the certificate against the question and the
// timetable against the rules.
func planned(t fataler, ctx context.Context, p *siting.WeekProblem, o siting.Options) *siting.WeekResult {
	t.Helper()
	r, err := siting.SolveWeek(ctx, p, o)
	if err != nil {
		t.Fatalf("SolveWeek: %v", err)
	}
	c := &r.Certificate
	if err := siting.CheckWeek(p, c); err != nil {
		t.Fatalf("the certificate (%s, value %d, bound %d) is wrong: %v", c.Status, c.Value, c.Bound, err)
	}
	if c.Status == proof.Optimal || c.Status == proof.Gap {
		if wrong := wrongInTimetable(p, r); wrong != "" {
			t.Fatalf("timetable: %s\n%+v", wrong, r.Sessions)
		}
	}
	return r
}

// wrongInTimetable names the first rule of the weekly plan that is broken.
func wrongInTimetable(p *siting.WeekProblem, r *siting.WeekResult) string {
	type slot struct {
		day  int
		half string
		what int
	}
	stationAt, stopAt := map[slot]bool{}, map[slot]bool{}
	drives := make([]int, p.Stations+1)
	held := make([]int32, p.Sites)
	walking, booked := make([]int64, p.Sites), make([]int64, p.Sites)
	for _, s := range r.Sessions {
		if s.Day < 1 || s.Day > 5 || s.Half != "am" && s.Half != "pm" || s.Station < 1 || s.Station > p.Stations {
			return fmt.Sprintf("no such half-day or station: %+v", s)
		}
		if s.WalkIns < 0 || s.Booked < 0 || s.WalkIns+s.Booked > p.Capacity {
			return fmt.Sprintf("over capacity %d: %+v", p.Capacity, s)
		}
		station, stop := slot{s.Day, s.Half, s.Station}, slot{s.Day, s.Half, int(s.Site)}
		if stationAt[station] || stopAt[stop] {
			return fmt.Sprintf("a station at two stops or two at one: %+v", s)
		}
		stationAt[station], stopAt[stop] = true, true
		drives[s.Station]++
		held[s.Site]++
		walking[s.Site] += s.WalkIns
		booked[s.Site] += s.Booked
	}
	for station, n := range drives[1:] {
		if n != p.HalfDays {
			return fmt.Sprintf("station %d is out for %d half-days", station+1, n)
		}
	}
	if diff := cmp.Diff(held, r.Certificate.Held); diff != "" {
		return diff
	}
	for i, w := range p.WalkIns { // the nearest stop that is served in the week
		row := p.Costs.Site[p.Costs.Row[i]:p.Costs.Row[i+1]]
		if at := slices.IndexFunc(row, func(j int32) bool { return held[j] > 0 }); at >= 0 {
			walking[row[at]] -= w
		}
	}
	for _, s := range r.Certificate.Booked {
		booked[s.Site] -= s.Weight
	}
	if slices.ContainsFunc(slices.Concat(walking, booked), func(w int64) bool { return w != 0 }) {
		return fmt.Sprintf("the sessions serve others than the stops: %v %v", walking, booked)
	}
	return ""
}

func lineWeek() *siting.WeekProblem {
	q := line(instance.PMedian, 1)
	return &siting.WeekProblem{Stations: 1, HalfDays: 2, Capacity: 50, Sites: 10, WalkIns: slices.Repeat([]int64{4}, 10), Booked: slices.Repeat([]int64{6}, 10), Costs: q.Costs}
}

func TestWeekOfTheLine(t *testing.T) {
	p := lineWeek()
	r := planned(t, t.Context(), p, siting.Options{})
	if c := r.Certificate; c.Status != proof.Optimal || c.Value != 120 {
		t.Errorf("%s %d, want 120", c.Status, c.Value)
	}
	want := []siting.Session{{Station: 1, Day: 1, Half: "am", Site: 2, WalkIns: 20, Booked: 30}, {Station: 1, Day: 1, Half: "pm", Site: 7, WalkIns: 20, Booked: 30}}
	if diff := cmp.Diff(want, r.Sessions); diff != "" {
		t.Error(diff)
	}
	p.Capacity = 49
	r = planned(t, t.Context(), p, siting.Options{})
	if r.Certificate.Status != proof.Infeasible || r.Nodes != 0 || r.Why == nil || fmt.Sprint(r.Why.Args["capacity"], r.Why.Args["demand"]) != "98 100" {
		t.Errorf("capacity 49: %s after %d nodes, %v; want infeasible: 98 < 100", r.Certificate.Status, r.Nodes, r.Why)
	}
	// Four people of every cell walk in: with a stop at 0 forced, who is nearest
	// to it comes there, and the other stop moves.
	p.Capacity, p.Required, p.Forbidden = 60, []int32{0}, []int32{6, 7}
	if got, want := planned(t, t.Context(), p, siting.Options{}).Certificate.Value, bruteWeek(p, dense(p)); got != want {
		t.Errorf("with 0 required: %d, want %d", got, want)
	}
}

func TestWeekRefusesNonsense(t *testing.T) {
	for want, spoil := range map[string]func(*siting.WeekProblem){
		"siting.week_stations":          func(p *siting.WeekProblem) { p.Stations = 0 },
		"siting.week_half_days":         func(p *siting.WeekProblem) { p.HalfDays = 11 },
		"siting.week_capacity":          func(p *siting.WeekProblem) { p.Capacity = 0 },
		"siting.week_too_many_stations": func(p *siting.WeekProblem) { p.Stations = 1 << 30 },
		"siting.week_cells":             func(p *siting.WeekProblem) { p.Booked = p.Booked[1:] },
		"siting.negative_weight":        func(p *siting.WeekProblem) { p.Booked[3] = -2 },
		"siting.no_demand":              func(p *siting.WeekProblem) { clear(p.Booked); clear(p.WalkIns) },
		"siting.no_cells":               func(p *siting.WeekProblem) { p.Booked, p.WalkIns, p.Costs.Row = nil, nil, []int64{0} },
		"siting.site_twice":             func(p *siting.WeekProblem) { p.Required, p.Forbidden = []int32{3}, []int32{3} },
	} {
		p := lineWeek()
		spoil(p)
		_, err := siting.SolveWeek(t.Context(), p, siting.Options{})
		if e, ok := errors.AsType[*ortsnah.Error](err); !ok || e.Key != want || e.Kind != ortsnah.Invalid {
			t.Errorf("%v, want %s", err, want)
		}
	}
	for want, spoil := range map[string]func(*siting.WeekProblem){
		"siting.week_required": func(p *siting.WeekProblem) { p.Required, p.Capacity = []int32{1, 2, 3}, 100 },
		"siting.week_too_few_stops": func(p *siting.WeekProblem) {
			p.Stations, p.HalfDays, p.Forbidden = 2, 10, []int32{0, 1, 2, 3, 4, 5, 6, 7, 8}
		},
		"siting.cell_without_site":  func(p *siting.WeekProblem) { p.Costs.Site, p.Costs.Cost, p.Costs.Row = nil, nil, make([]int64, 11) },
		"siting.capacity_too_small": func(p *siting.WeekProblem) { p.Capacity = 1 },
		"siting.week_out_of_reach": func(p *siting.WeekProblem) { // two sessions at stop 0 and one at stop 1 are one too many
			p.WalkIns, p.Booked, p.Sites = []int64{51, 1}, []int64{0, 0}, 2
			p.Costs = table(instance.PMedian, p.WalkIns, [][]int32{{3, -1}, {-1, 4}}).Costs
		},
	} {
		p := lineWeek()
		spoil(p)
		r := planned(t, t.Context(), p, siting.Options{})
		if r.Certificate.Status != proof.Infeasible || r.Why == nil || r.Why.Key != want {
			t.Errorf("%s: %s, %v", want, r.Certificate.Status, r.Why)
		}
	}
}

func dense(p *siting.WeekProblem) [][]int32 {
	costs := make([][]int32, len(p.WalkIns))
	for i := range costs {
		costs[i] = slices.Repeat([]int32{-1}, p.Sites)
		for k := p.Costs.Row[i]; k < p.Costs.Row[i+1]; k++ {
			costs[i][p.Costs.Site[k]] = p.Costs.Cost[k]
		}
	}
	return costs
}

// bruteWeek tries all numbers of sessions; -1 when there is no plan.
func bruteWeek(p *siting.WeekProblem, costs [][]int32) int64 {
	best := int64(-1)
	held := make([]int64, p.Sites)
	var try func(j, left int)
	try = func(j, left int) {
		if j == p.Sites {
			if v := weekCost(p, costs, held); left == 0 && v >= 0 && (best < 0 || v < best) {
				best = v
			}
			return
		}
		for n := range min(left, 10) + 1 {
			if n == 0 && slices.Contains(p.Required, int32(j)) || n > 0 && slices.Contains(p.Forbidden, int32(j)) {
				continue
			}
			held[j] = int64(n)
			try(j+1, left-n)
		}
		held[j] = 0
	}
	try(0, p.Stations*p.HalfDays)
	return best
}

func weekCost(p *siting.WeekProblem, costs [][]int32, held []int64) int64 {
	room := make([]int64, p.Sites)
	var open []int32
	for j, n := range held {
		room[j] = n * p.Capacity
		if n > 0 {
			open = append(open, int32(j))
		}
	}
	var total int64
	for i, w := range p.WalkIns {
		nearest := int32(-1)
		for _, j := range open {
			if costs[i][j] >= 0 && (nearest < 0 || costs[i][j] < costs[i][nearest]) {
				nearest = j
			}
		}
		if w == 0 {
			continue
		}
		if nearest < 0 {
			return -1
		}
		if room[nearest] -= w; room[nearest] < 0 {
			return -1
		}
		total += w * int64(costs[i][nearest])
	}
	sent := flow(p.Booked, costs, open, room)
	if sent < 0 {
		return -1
	}
	return total + sent
}

func TestWeekEqualsBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q, costs := drawTable(t, instance.PMedian)
		p := &siting.WeekProblem{
			Stations: rapid.IntRange(1, 3).Draw(t, "stations"), HalfDays: rapid.IntRange(1, 3).Draw(t, "half-days"),
			Capacity: rapid.Int64Range(1, 15).Draw(t, "capacity"), Sites: q.Sites, WalkIns: q.Weights, Costs: q.Costs,
			Booked: rapid.SliceOfN(rapid.Int64Range(0, 9), len(q.Weights), len(q.Weights)).Draw(t, "booked"),
		}
		p.Booked[0]++
		p.Stations = min(p.Stations, 10*p.Sites)
		for j := range int32(p.Sites) {
			switch rapid.IntRange(0, 9).Draw(t, "role") {
			case 0:
				p.Required = append(p.Required, j)
			case 1:
				p.Forbidden = append(p.Forbidden, j)
			}
		}
		if len(p.Forbidden) == p.Sites {
			p.Forbidden = nil
		}
		want := bruteWeek(p, costs)
		c := planned(t, context.Background(), p, siting.Options{}).Certificate
		switch {
		case want < 0 && c.Status != proof.Infeasible:
			t.Fatalf("%s with %d, but there is no plan", c.Status, c.Value)
		case want >= 0 && (c.Status != proof.Optimal || c.Value != want):
			t.Fatalf("%s with %d, want %d", c.Status, c.Value, want)
		}
		// Half the nodes: what is claimed still has to be true.
		c = planned(t, context.Background(), p, siting.Options{Nodes: rapid.IntRange(1, 4).Draw(t, "nodes")}).Certificate
		if want >= 0 && (c.Bound > want || c.Status != proof.Unknown && c.Value < want) {
			t.Fatalf("%s: %d … %d does not hold %d", c.Status, c.Bound, c.Value, want)
		}
	})
}

// Whatever the numbers of sessions, the half-days can be laid out.
func TestWeekFitsAnyNumberOfStations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sites := rapid.IntRange(1, 9).Draw(t, "sites")
		p := &siting.WeekProblem{Stations: rapid.IntRange(1, sites).Draw(t, "stations"), HalfDays: rapid.IntRange(1, 10).Draw(t, "half-days"), Sites: sites}
		weights := rapid.SliceOfN(rapid.Int64Range(1, 90), 6, 6).Draw(t, "weights")
		costs := make([][]int32, 6)
		for i := range costs {
			costs[i] = rapid.SliceOfN(rapid.Int32Range(0, 50), sites, sites).Draw(t, "row")
		}
		p.Costs, p.Booked, p.WalkIns = table(instance.PMedian, weights, costs).Costs, weights, make([]int64, 6)
		p.Capacity = rapid.Int64Range(540/int64(p.Stations*p.HalfDays)+1, 600).Draw(t, "capacity")
		if c := planned(t, context.Background(), p, siting.Options{Nodes: 1}).Certificate; c.Status == proof.Infeasible {
			t.Fatalf("%s, but there is room", c.Status)
		}
	})
}

// cityWeek is a town that needs use per cent of what its stations can serve; a
// part of the demand walks in.
func cityWeek(seed uint64, cells, sites, stations, halfDays, walkIn, use int) *siting.WeekProblem {
	q := town(seed, cells, sites, 0)
	p := &siting.WeekProblem{Stations: stations, HalfDays: halfDays, Sites: sites, Costs: q.Costs}
	var all int64
	for _, w := range q.Weights {
		all += w
		p.WalkIns = append(p.WalkIns, w*int64(walkIn)/100)
		p.Booked = append(p.Booked, w-w*int64(walkIn)/100)
	}
	p.Capacity = all*100/int64(use)/int64(stations*halfDays) + 1
	return p
}

func TestWeekOfATownTwiceAlike(t *testing.T) {
	p := cityWeek(2, 60, 12, 2, 5, 40, 80)
	var answers [2][]byte
	for k := range answers {
		r := planned(t, t.Context(), p, siting.Options{})
		if r.Certificate.Status != proof.Optimal {
			t.Fatalf("%s: %d against %d", r.Certificate.Status, r.Certificate.Value, r.Certificate.Bound)
		}
		answers[k], _ = json.Marshal(r)
	}
	if string(answers[0]) != string(answers[1]) {
		t.Error("two runs differ")
	}
}

func TestWeekSpreadsTheSessionsOfAStop(t *testing.T) {
	p := lineWeek()
	p.HalfDays, p.Forbidden = 3, []int32{0, 1, 2, 3, 4, 6, 7, 8, 9}
	var days []int
	for _, s := range planned(t, t.Context(), p, siting.Options{}).Sessions {
		days = append(days, s.Day)
	}
	if diff := cmp.Diff([]int{1, 3, 5}, days); diff != "" {
		t.Errorf("three sessions of one stop: %s", diff)
	}
}

func TestCheckWeekRejectsWhatWasChanged(t *testing.T) {
	p := cityWeek(2, 40, 10, 2, 4, 40, 80)
	good := planned(t, t.Context(), p, siting.Options{}).Certificate
	text, _ := json.Marshal(good)
	for name, spoil := range map[string]func(c *siting.WeekCertificate){
		"value":  func(c *siting.WeekCertificate) { c.Value-- },
		"bound":  func(c *siting.WeekCertificate) { c.Bound++ },
		"both":   func(c *siting.WeekCertificate) { c.Value--; c.Bound-- },
		"status": func(c *siting.WeekCertificate) { c.Status = proof.Infeasible },
		"session": func(c *siting.WeekCertificate) {
			c.Held[slices.IndexFunc(c.Held, func(n int32) bool { return n > 0 })]--
		},
		"share":    func(c *siting.WeekCertificate) { c.Booked[0].Weight++ },
		"lambda":   func(c *siting.WeekCertificate) { clear(c.Lambda[0]) },
		"negative": func(c *siting.WeekCertificate) { c.Lambda[0][len(c.Lambda[0])-1] = -5 },
		"overflow": func(c *siting.WeekCertificate) { c.Lambda[0][0] = 1 << 62 },
		"tree":     func(c *siting.WeekCertificate) { c.Tree = c.Tree[:len(c.Tree)-1] },
		"more":     func(c *siting.WeekCertificate) { c.Tree = append(c.Tree, siting.WeekNode{Site: -1}) },
		"leaf":     func(c *siting.WeekCertificate) { c.Tree = []siting.WeekNode{{Site: -1, By: -1}} },
		"scale":    func(c *siting.WeekCertificate) { c.Scale = 1 << 50 },
	} {
		var c siting.WeekCertificate
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatal(err)
		}
		if spoil(&c); siting.CheckWeek(p, &c) == nil {
			t.Errorf("a changed %s went through", name)
		}
	}
}

// BenchmarkWeek plans towns of 500 cells and 40 stops. gap is in per cent after
// 300 nodes.
func BenchmarkWeek(b *testing.B) {
	for _, c := range []struct{ stations, halfDays, walkIn, use int }{{1, 6, 30, 80}, {2, 5, 30, 80}, {2, 10, 30, 80}, {3, 8, 60, 90}} {
		b.Run(fmt.Sprintf("s%d_h%d_walk%d_use%d", c.stations, c.halfDays, c.walkIn, c.use), func(b *testing.B) {
			p := cityWeek(3, 500, 40, c.stations, c.halfDays, c.walkIn, c.use)
			for b.Loop() {
				r := planned(b, b.Context(), p, siting.Options{Nodes: 300})
				b.ReportMetric(100*float64(r.Certificate.Value-r.Certificate.Bound)/float64(max(1, r.Certificate.Value)), "gap")
				b.ReportMetric(float64(r.Nodes), "nodes")
			}
		})
	}
}

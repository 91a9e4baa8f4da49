package siting_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ortsnah/ortsnah/stations/siting"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// solved answers p and holds the certificate against it.
func solved(t interface {
	Helper()
	Fatalf(string, ...any)
}, ctx context.Context, p *instance.Problem, o siting.Options) *siting.Result {
	t.Helper()
	r, err := siting.Solve(ctx, p, o)
	if err != nil {
		t.Fatalf("Solve: %v", err)
	}
	if err := proof.Check(p, &r.Certificate); err != nil {
		t.Fatalf("the certificate (%s, value %d, bound %d) is wrong: %v", r.Certificate.Status, r.Certificate.Value, r.Certificate.Bound, err)
	}
	return r
}

func TestCapacitatedLine(t *testing.T) {
	p := line(instance.Capacitated, 1)
	p.P, p.Capacity = 2, slices.Repeat([]int64{50}, 10)
	r := solved(t, t.Context(), p, siting.Options{})
	if c := r.Certificate; c.Status != proof.Optimal || c.Value != 120 || cmp.Diff([]int32{2, 7}, c.Open) != "" {
		t.Errorf("capacity 50: %s %d at %v, want 120 at {2, 7}", c.Status, c.Value, c.Open)
	}
	p.Capacity = slices.Repeat([]int64{40}, 10)
	r = solved(t, t.Context(), p, siting.Options{})
	if r.Certificate.Status != proof.Infeasible || r.Why == nil || fmt.Sprint(r.Why.Args["capacity"], r.Why.Args["demand"]) != "80 100" || r.Nodes != 0 {
		t.Errorf("capacity 40: %s after %d nodes, %v; want infeasible: 80 < 100 before any search", r.Certificate.Status, r.Nodes, r.Why)
	}
}

func TestCapacitatedOutOfReach(t *testing.T) {
	// Room for 12, demand of 10, but six of it reach the small site alone.
	p := table(instance.Capacitated, []int64{6, 4}, [][]int32{{2, -1, -1}, {1, 5, 6}})
	p.P, p.Capacity = 2, []int64{5, 7, 4}
	r := solved(t, t.Context(), p, siting.Options{})
	if r.Certificate.Status != proof.Infeasible || r.Why == nil || r.Why.Key != "siting.capacity_out_of_reach" {
		t.Errorf("%s, %v", r.Certificate.Status, r.Why)
	}
	p.Capacity[0] = 6
	if c := solved(t, t.Context(), p, siting.Options{}).Certificate; c.Value != 12+20 {
		t.Errorf("with room for six: %s %d, want 32", c.Status, c.Value)
	}
	// The weight of a cell is split where that is cheaper.
	p.Capacity[0] = 9
	c := solved(t, t.Context(), p, siting.Options{}).Certificate
	want := []proof.Share{{Cell: 0, Site: 0, Weight: 6}, {Cell: 1, Site: 0, Weight: 3}, {Cell: 1, Site: 1, Weight: 1}}
	if diff := cmp.Diff(want, c.Flow); c.Value != 12+3+5 || diff != "" {
		t.Errorf("with room for nine: %d, %s", c.Value, diff)
	}
}

// flow is the transportation problem as a textbook has it: unit by unit
// along the shortest path of the whole residual network; -1 when not all can go.
func flow(weights []int64, costs [][]int32, open []int32, room []int64) int64 {
	type arc struct {
		from, to int
		cap      int64
		cost     int64
	}
	n := len(weights)
	source, sink := n+len(open), n+len(open)+1
	var arcs []arc
	add := func(from, to int, room, cost int64) {
		arcs = append(arcs, arc{from, to, room, cost}, arc{to, from, 0, -cost})
	}
	var need int64
	for i, w := range weights {
		need += w
		add(source, i, w, 0)
		for k, j := range open {
			if costs[i][j] >= 0 {
				add(i, n+k, w, int64(costs[i][j]))
			}
		}
	}
	for k, j := range open {
		add(n+k, sink, room[j], 0)
	}
	var total int64
	for ; need > 0; need-- {
		dist := slices.Repeat([]int64{math.MaxInt64 / 2}, n+len(open)+2)
		by := make([]int, len(dist))
		dist[source] = 0
		for range dist {
			for e, x := range arcs {
				if x.cap > 0 && dist[x.from]+x.cost < dist[x.to] {
					dist[x.to], by[x.to] = dist[x.from]+x.cost, e
				}
			}
		}
		if dist[sink] >= math.MaxInt64/4 {
			return -1
		}
		total += dist[sink]
		for at := sink; at != source; at = arcs[by[at]].from {
			arcs[by[at]].cap--
			arcs[by[at]^1].cap++
		}
	}
	return total
}

// bruteCapacitated tries every choice; -1 when there is none.
func bruteCapacitated(p *instance.Problem, costs [][]int32) int64 {
	best := int64(-1)
	for mask := range 1 << p.Sites {
		chosen, open := 0, []int32{}
		allowed := true
		for j := range int32(p.Sites) {
			in, existing := mask>>j&1 == 1, slices.Contains(p.Existing, j)
			allowed = allowed && (in || !slices.Contains(p.Required, j)) && (!in || !slices.Contains(p.Forbidden, j)) && (in || !existing)
			if in && !existing {
				chosen++
			}
			if in {
				open = append(open, j)
			}
		}
		if !allowed || chosen > p.P {
			continue
		}
		if v := flow(p.Weights, costs, open, p.Capacity); v >= 0 && (best < 0 || v < best) {
			best = v
		}
	}
	return best
}

func drawCapacitated(t *rapid.T) (*instance.Problem, [][]int32) {
	p, costs := drawTable(t, instance.Capacitated)
	p.Radius = 0
	if p.Weights[0] == 0 {
		p.Weights[0] = 1
	}
	for j := range int32(p.Sites) {
		p.Capacity = append(p.Capacity, rapid.Int64Range(0, 30).Draw(t, "capacity"))
		switch rapid.IntRange(0, 9).Draw(t, "role") {
		case 0:
			p.Required = append(p.Required, j)
		case 1:
			p.Forbidden = append(p.Forbidden, j)
		case 2:
			p.Existing = append(p.Existing, j)
		}
	}
	free := p.Sites - len(p.Forbidden) - len(p.Existing)
	if free == 0 {
		p.Forbidden, p.Existing, p.Required, free = nil, nil, nil, p.Sites
	}
	p.P = rapid.IntRange(max(1, len(p.Required)), free).Draw(t, "p")
	return p, costs
}

func TestCapacitatedEqualsBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, costs := drawCapacitated(t)
		want := bruteCapacitated(p, costs)
		c := solved(t, context.Background(), p, siting.Options{}).Certificate
		switch {
		case want < 0 && c.Status != proof.Infeasible:
			t.Fatalf("%s with %d, but there is no answer", c.Status, c.Value)
		case want >= 0 && (c.Status != proof.Optimal || c.Value != want):
			t.Fatalf("%s with %d, want %d", c.Status, c.Value, want)
		}
	})
}

// Numbers near the limit of the program give the same choice, and a proof.
func TestCapacitatedWithLargeNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, _ := drawCapacitated(t)
		small := solved(t, context.Background(), p, siting.Options{}).Certificate
		const million = 1_000_000
		large := *p
		large.Weights, large.Capacity = slices.Clone(p.Weights), slices.Clone(p.Capacity)
		large.Costs.Cost = slices.Clone(p.Costs.Cost)
		for i := range large.Weights {
			large.Weights[i] *= million
		}
		for j := range large.Capacity {
			large.Capacity[j] *= million
		}
		for k := range large.Costs.Cost {
			large.Costs.Cost[k] *= million
		}
		c := solved(t, context.Background(), &large, siting.Options{}).Certificate
		if c.Status != small.Status || c.Value != small.Value*million*million {
			t.Fatalf("%s %d, want %s %d·10¹²", c.Status, c.Value, small.Status, small.Value)
		}
	})
}

// One unit too many among millions cannot be proven with whole numbers of 62
// bits: then nothing more is claimed than can be.
func TestCapacitatedClaimsNoMoreThanItProves(t *testing.T) {
	const million = 1_000_000
	p := table(instance.Capacitated, []int64{million + 1, 4 * million}, [][]int32{{0, 0, -1}, {12 * million, 0, 0}})
	p.P, p.Capacity, p.Required = 3, []int64{million, 0, 6 * million}, []int32{0, 1, 2}
	r := solved(t, t.Context(), p, siting.Options{})
	if r.Certificate.Status != proof.Unknown {
		t.Errorf("%s, want unknown", r.Certificate.Status)
	}
}

func TestCapacitatedCancelledBeforeItBegins(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := solved(t, ctx, cityCapacitated(5, 150, 40, 6, 2), siting.Options{}).Certificate
	w := planned(t, ctx, cityWeek(2, 60, 12, 2, 5, 40, 80), siting.Options{}).Certificate
	if c.Status == proof.Optimal || w.Status == proof.Optimal {
		t.Errorf("proven without work: %s, %s", c.Status, w.Status)
	}
}

// cityCapacitated is a town whose sites have room for slack per cent more than
// the demand, unequal by a factor of up to three.
func cityCapacitated(seed uint64, cells, sites, p int, slack int64) *instance.Problem {
	q := town(seed, cells, sites, 0)
	q.Kind, q.P = instance.Capacitated, p
	var demand int64
	for _, w := range q.Weights {
		demand += w
	}
	for j := range sites {
		factor := int64(bits.Reverse8(uint8(j)))%3 + 1
		q.Capacity = append(q.Capacity, demand*(100+slack)/100*factor/2/int64(p))
	}
	return q
}

func TestCapacitatedTownIsProvenTwiceAlike(t *testing.T) {
	p := cityCapacitated(3, 120, 30, 5, 10)
	var certificates [2][]byte
	for k := range certificates {
		r := solved(t, t.Context(), p, siting.Options{})
		if r.Certificate.Status != proof.Optimal {
			t.Fatalf("%s: %d against %d", r.Certificate.Status, r.Certificate.Value, r.Certificate.Bound)
		}
		certificates[k], _ = json.Marshal(r.Certificate)
	}
	if string(certificates[0]) != string(certificates[1]) {
		t.Error("two runs differ")
	}
}

func TestCapacitatedEndsWithAnHonestGap(t *testing.T) {
	p := cityCapacitated(5, 150, 40, 6, 2)
	full := solved(t, t.Context(), p, siting.Options{})
	for _, nodes := range []int{1, 2, 5, 9} {
		c := solved(t, t.Context(), p, siting.Options{Nodes: nodes}).Certificate
		if c.Bound > full.Certificate.Value || c.Status != proof.Unknown && c.Value < full.Certificate.Value {
			t.Errorf("%d nodes: %d … %d does not hold %d", nodes, c.Bound, c.Value, full.Certificate.Value)
		}
	}
	for _, after := range []int{0, 1, 3, 7} {
		ctx, cancel := context.WithCancel(t.Context())
		seen := 0
		c := solved(t, ctx, p, siting.Options{Progress: func(siting.Progress) {
			if seen++; seen > after {
				cancel()
			}
		}}).Certificate
		cancel()
		if c.Bound > full.Certificate.Value {
			t.Errorf("cancelled after %d reports: bound %d above the optimum %d", after, c.Bound, full.Certificate.Value)
		}
	}
}

// BenchmarkCapacitated proves towns of 200 sites and 2,000 cells. gap is in per
// cent after 200 nodes, 0: proven.
func BenchmarkCapacitated(b *testing.B) {
	for _, c := range []struct {
		p     int
		slack int64
	}{{5, 5}, {5, 30}, {10, 5}, {10, 30}, {20, 5}, {20, 30}} {
		b.Run(fmt.Sprintf("p%d_slack%d", c.p, c.slack), func(b *testing.B) {
			p := cityCapacitated(3, 2000, 200, c.p, c.slack)
			for b.Loop() {
				r, err := siting.Solve(b.Context(), p, siting.Options{Nodes: 200})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(100*float64(r.Certificate.Value-r.Certificate.Bound)/float64(r.Certificate.Value), "gap")
				b.ReportMetric(float64(r.Nodes), "nodes")
			}
		})
	}
}

package travel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

// oracle is the time between two joined places by Bellman and Ford, over edges
// as they stand, without rows, buckets or search trees.
func oracle(n *Network, profile int, from place, to []place) []int32 {
	times := make([]int32, len(to))
	dist := slices.Repeat([]int32{closed}, int(n.s.Junctions))
	if from.edge >= 0 {
		for _, s := range n.leaves(profile, from) {
			dist[s.junction] = min(dist[s.junction], s.time)
		}
	}
	for changed := true; changed; {
		changed = false
		for edge := range int32(n.s.edges()) {
			a, b := n.s.From[edge], n.s.To[edge]
			for direction := range 2 {
				if t := sum(dist[a], n.part(profile, direction, edge, 0, 1)); t < dist[b] {
					dist[b], changed = t, true
				}
				a, b = b, a
			}
		}
	}
	for i, p := range to {
		times[i] = closed
		if from.edge < 0 || p.edge < 0 {
			continue
		}
		if p.edge == from.edge {
			times[i] = n.direct(profile, from, p)
		}
		for _, s := range n.arrives(profile, p) {
			times[i] = min(times[i], sum(dist[s.junction], s.time))
		}
	}
	return times
}

// closuresIn are random construction sites in the city.
func closuresIn(n *Network, count int, seed uint64) []Closure {
	r := rand.New(rand.NewPCG(seed, 3))
	effects := []Effect{None, Partial, Closed}
	var list []Closure
	for i := range count {
		edge := int32(r.IntN(n.s.edges()))
		if n.s.pointlike(edge) {
			continue
		}
		low := r.Float64() * 0.8
		line := n.s.cut(edge, low, low+0.2+r.Float64()*(0.8-low))
		c := Closure{ID: fmt.Sprint(i), Geometry: line}
		switch r.IntN(4) {
		case 0:
			c.Geometry = line[0]
		case 1:
			c.Geometry = line.Bound().Pad(0.0004).ToPolygon()
		}
		for p := range c.Effects {
			c.Effects[p] = effects[r.IntN(3)]
		}
		list = append(list, c)
	}
	return list
}

func built(t testing.TB, m Map) *Network {
	t.Helper()
	n, err := Build(m)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestAgainstOracle: From and Matrix give the oracle's times, to the
// decisecond, with and without closures, for all profiles and cut-offs.
func TestAgainstOracle(t *testing.T) {
	for seed := range uint64(12) {
		base := built(t, city(12, 100, seed))
		for _, n := range []*Network{base, base.Close(closuresIn(base, 12, seed))} {
			cells, sites := scattered(40, 12, 100, seed+100), scattered(15, 12, 100, seed+200)
			sites = append(sites, cells[0], cells[1], orb.Point{10, 53}) // on a cell; out of reach
			for profile, p := range Profiles() {
				for _, cutoff := range []int32{0, 3000, 250} {
					compare(t, n, profile, p, cells, sites, cutoff)
				}
			}
		}
	}
}

func compare(t *testing.T, n *Network, profile int, p Profile, cells, sites []orb.Point, cutoff int32) {
	t.Helper()
	m, err := n.Matrix(t.Context(), p, cells, sites, cutoff)
	if err != nil {
		t.Fatal(err)
	}
	ends := make([]place, len(sites))
	for i, s := range sites {
		ends[i] = n.join(profile, s)
	}
	for i, cell := range cells {
		want := oracle(n, profile, n.join(profile, cell), ends)
		for k := range want {
			if want[k] >= closed || cutoff > 0 && want[k] > cutoff {
				want[k] = Unreachable
			}
		}
		got, err := n.From(t.Context(), p, cell, sites, cutoff)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s cell %d cutoff %d: From %s", p, i, cutoff, diff)
		}
		row := slices.Repeat([]int32{Unreachable}, len(sites))
		for k := m.Row[i]; k < m.Row[i+1]; k++ {
			row[m.Site[k]] = m.Cost[k]
			if k > m.Row[i] && (m.Cost[k-1] > m.Cost[k] || m.Cost[k-1] == m.Cost[k] && m.Site[k-1] >= m.Site[k]) {
				t.Fatalf("%s cell %d: the row is not ordered", p, i)
			}
		}
		if diff := cmp.Diff(want, row); diff != "" {
			t.Fatalf("%s cell %d cutoff %d: Matrix %s", p, i, cutoff, diff)
		}
	}
}

func dense(m instance.Matrix, sites int) [][]int32 {
	rows := make([][]int32, len(m.Row)-1)
	for i := range rows {
		rows[i] = slices.Repeat([]int32{closed}, sites)
		for k := m.Row[i]; k < m.Row[i+1]; k++ {
			rows[i][m.Site[k]] = m.Cost[k]
		}
	}
	return rows
}

// TestClosuresOnlyRaiseTimes, one after the other, and undoing them gives the
// same bytes.
func TestClosuresOnlyRaiseTimes(t *testing.T) {
	for seed := range uint64(8) {
		base := built(t, city(12, 100, seed))
		cells, sites := scattered(60, 12, 100, seed+100), scattered(20, 12, 100, seed+200)
		closures := closuresIn(base, 15, seed)
		for _, p := range Profiles() {
			before, err := base.Matrix(t.Context(), p, cells, sites, 0)
			if err != nil {
				t.Fatal(err)
			}
			last, raised := before, 0
			for k := 1; k <= len(closures); k++ {
				now, err := base.Close(closures[:k]).Matrix(t.Context(), p, cells, sites, 0)
				if err != nil {
					t.Fatal(err)
				}
				a, b := dense(last, len(sites)), dense(now, len(sites))
				for i := range a {
					for j := range a[i] {
						if b[i][j] < a[i][j] {
							t.Fatalf("seed %d %s: closure %d lowers %d → %d", seed, p, k, a[i][j], b[i][j])
						}
						if b[i][j] > a[i][j] {
							raised++
						}
					}
				}
				last = now
			}
			if raised == 0 {
				t.Errorf("seed %d %s: no closure had an effect", seed, p)
			}
			undone := base.Close(closures).Close(nil)
			after, err := undone.Matrix(t.Context(), p, cells, sites, 0)
			if err != nil {
				t.Fatal(err)
			}
			if undone.Version() != base.Version() || !bytes.Equal(fmt.Append(nil, before), fmt.Append(nil, after)) {
				t.Errorf("seed %d %s: undoing closures does not restore the matrix", seed, p)
			}
		}
	}
}

// TestVersion: what gives other times has another name, what doesn't, the same.
func TestVersion(t *testing.T) {
	base, again := built(t, city(8, 100, 1)), built(t, city(8, 100, 1))
	if base.Version() != again.Version() {
		t.Error("equal maps give equal versions")
	}
	if built(t, city(8, 100, 2)).Version() == base.Version() {
		t.Error("other streets give another version")
	}
	c := closuresIn(base, 6, 1)
	one, two := base.Close(c), again.Close(c)
	if one.Version() != two.Version() || one.Version() == base.Version() {
		t.Errorf("versions of closures: %s %s %s", base.Version(), one.Version(), two.Version())
	}
	nowhere := Closure{ID: "far", Geometry: orb.Point{10, 53}, Effects: [3]Effect{Closed, Closed, Closed}}
	if base.Close([]Closure{nowhere}) != base {
		t.Error("a closure without a street changes nothing")
	}
	if one.Close(c).Version() != one.Version() {
		t.Error("closures replace closures")
	}
}

func TestManyProcessorsSameBytes(t *testing.T) {
	n := built(t, city(20, 80, 5))
	cells, sites := scattered(300, 20, 80, 1), scattered(40, 20, 80, 2)
	first, err := n.Matrix(t.Context(), Bike, cells, sites, 4000)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := n.Matrix(t.Context(), Bike, cells, sites, 4000)
		if err != nil || !slices.Equal(first.Site, again.Site) || !slices.Equal(first.Cost, again.Cost) {
			t.Fatal("the same question has two answers", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := n.Matrix(ctx, Bike, cells, sites, 4000); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled question ends: %v", err)
	}
	if _, err := n.From(ctx, Bike, cells[0], sites, 4000); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled question ends: %v", err)
	}
}

func key(err error) string {
	if e, ok := errors.AsType[*ortsnah.Error](err); ok {
		return e.Key
	}
	return fmt.Sprint(err)
}

func TestNoStreets(t *testing.T) {
	for name, m := range map[string]Map{
		"empty":         {},
		"no nodes":      {Ways: []Way{{Nodes: []int64{1, 2}, Tags: tagged("highway", "residential")}}},
		"nobody may":    {Nodes: []Node{{ID: 1, At: at(0, 0)}, {ID: 2, At: at(9, 0)}}, Ways: []Way{{Nodes: []int64{1, 2}, Tags: tagged("highway", "proposed")}}},
		"a single node": {Nodes: []Node{{ID: 1, At: at(0, 0)}}, Ways: []Way{{Nodes: []int64{1}, Tags: tagged("highway", "residential")}}},
	} {
		if _, err := Build(m); key(err) != "travel.no_streets" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package travel

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

// TestCoreChangesNothing: questions about many sites, which are answered on a
// core, give the matrix of the questions about few, which are not: with and
// without closures, cut-offs and one-way streets.
func TestCoreChangesNothing(t *testing.T) {
	n := built(t, city(40, 100, 5))
	for name, n := range map[string]*Network{"open": n, "closures": n.Close(closuresIn(n, 60, 9))} {
		cells, sites := scattered(300, 40, 100, 1), scattered(3*worthwhile/2, 40, 100, 2)
		for _, p := range Profiles() {
			for _, cutoff := range []int32{0, 1, 900, 4000} {
				at := func(from, to int) instance.Matrix {
					m, err := n.Matrix(t.Context(), p, cells, sites[from:to], cutoff)
					if err != nil {
						t.Fatal(err)
					}
					return m
				}
				whole, half := at(0, len(sites)), len(sites)/2
				if diff := cmp.Diff(beside(at(0, half), at(half, len(sites)), half), pairsOf(whole)); diff != "" {
					t.Errorf("%s, %s within %d: %s", name, p, cutoff, diff)
				}
			}
		}
	}
}

// TestCoreIsSmaller: where few junctions matter, most are left out.
func TestCoreIsSmaller(t *testing.T) {
	n := built(t, city(40, 100, 5))
	stay := make([]bool, n.s.Junctions)
	for v := range stay {
		stay[v] = v%7 == 0
	}
	k := coreOf(&n.reversed[0], stay, 18000)
	if len(k.junction) > len(stay)*3/4 || len(k.list) > len(n.reversed[0].list)*5/4 || !slices.IsSorted(k.junction) {
		t.Errorf("%d of %d junctions, %d of %d arcs are left", len(k.junction), len(stay), len(k.list), len(n.reversed[0].list))
	}
}

// TestByCost sorts as everybody does.
func TestByCost(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 63, 64, 65, 500} {
		for _, most := range []int32{1, 200, 300, 70_000, closed} {
			keys := make([]uint64, n)
			for site := range keys {
				keys[site] = uint64(r.Int32N(most))<<32 | uint64(site)
			}
			want := slices.Sorted(slices.Values(keys))
			if byCost(keys, make([]uint64, n)); !slices.Equal(keys, want) {
				t.Errorf("%d keys up to %d are not in order", n, most)
			}
		}
	}
}

// pairsOf are the rows of a matrix: cell, cost, site.
func pairsOf(m instance.Matrix) [][3]int64 {
	var list [][3]int64
	for cell := range len(m.Row) - 1 {
		for k := m.Row[cell]; k < m.Row[cell+1]; k++ {
			list = append(list, [3]int64{int64(cell), int64(m.Cost[k]), int64(m.Site[k])})
		}
	}
	return list
}

// beside are the rows of two matrices, of which the sites of the second come
// after half others.
func beside(a, b instance.Matrix, half int) [][3]int64 {
	list := pairsOf(a)
	for _, p := range pairsOf(b) {
		list = append(list, [3]int64{p[0], p[1], p[2] + int64(half)})
	}
	slices.SortFunc(list, func(x, y [3]int64) int { return slices.Compare(x[:], y[:]) })
	return list
}

package siting

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestColumns compares what columns give with what rows give, below fixings.
func TestColumns(t *testing.T) {
	town := even(200, 30, 5)
	k := draft{p: town, weight: town.Weights, radius: 6000, limit: func(int) int64 { return 1 }}.kernel(4)
	fates := slices.Clone(k.fates)
	fates[3], fates[11], fates[12] = in, out, out
	byColumns, byRows := newRelaxation(k), newRelaxation(k)
	byColumns.cols.fill(k.sites, k.row, k.arcs) // of the root, where nothing was fixed
	byRows.cols = nil
	mu := make([]int64, k.cells())
	up, down := make([]float64, k.cells()), make([]float64, k.cells())
	r := rand.New(rand.NewPCG(7, 7))
	for range 50 {
		for i := range mu {
			mu[i] = r.Int64N(2*k.scale()) - k.scale()/2
		}
		for _, x := range []*relaxation{byColumns, byRows} {
			x.narrow(k.row, k.arcs, k.limit, fates)
			x.clamp(mu)
		}
		if a, b := byColumns.bound(mu), byRows.bound(mu); a != b {
			t.Fatalf("bound %d by columns, %d by rows", a, b)
		}
		byColumns.slopeFlat(mu, up)
		byRows.slope(mu, down)
		for _, i := range byRows.live {
			if mu[i] > byRows.least[i] && up[i] != down[i] { // at the least, rows see no site
				t.Fatalf("slope of cell %d: %v by columns, %v by rows", i, up[i], down[i])
			}
		}
	}
}

package proof

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

// city has cells and sites in a square with the times between all of them.
func city(cells, sites, p int) *instance.Problem {
	random := rand.New(rand.NewPCG(7, 7))
	at := func() [2]int32 { return [2]int32{random.Int32N(10_000), random.Int32N(10_000)} }
	home, stop := make([][2]int32, cells), make([][2]int32, sites)
	weights := make([]int64, cells)
	for i := range home {
		home[i], weights[i] = at(), random.Int64N(60)
	}
	for j := range stop {
		stop[j] = at()
	}
	return &instance.Problem{Kind: instance.PMedian, P: p, Sites: sites, Weights: weights, Costs: instance.Dense(cells, sites, func(i, j int) int32 {
		dx, dy := home[i][0]-stop[j][0], home[i][1]-stop[j][1]
		return max(dx, -dx) + max(dy, -dy)
	})}
}

// BenchmarkCheck is the check of a choice among 1,000 sites for 10,000 cells
// with one row of multipliers; the limit is 100 ms.
func BenchmarkCheck(b *testing.B) {
	p := city(10_000, 1000, 10)
	c := Certificate{Format: Format, Status: Gap, Scale: 1024, Tree: []Node{{Site: -1}}, Lambda: [][]int64{make([]int64, 10_000)}}
	for j := range int32(10) {
		c.Open = append(c.Open, j*97)
	}
	open := make([]bool, p.Sites)
	for _, j := range c.Open {
		open[j] = true
	}
	for i, w := range p.Weights { // the way to the nearest open site and half of that to the next
		var near []int64
		for e := p.Costs.Row[i]; len(near) < 2; e++ {
			if open[p.Costs.Site[e]] {
				near = append(near, int64(p.Costs.Cost[e]))
			}
		}
		c.Lambda[0][i] = w * (near[0] + near[1]) / 2 * c.Scale
	}
	c.Value, _ = pays(p, open)
	t := &tree{&c, p, 1, make([]state, p.Sites), make([]*bound, 1)}
	r := t.relax(c.Lambda[0])
	slices.Sort(r.rho)
	c.Bound = r.sum
	for _, v := range r.rho[:p.P] {
		c.Bound += v
	}
	c.Bound = max(0, c.Bound/c.Scale)
	for b.Loop() {
		if err := Check(p, &c); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/0.1, "x/limit")
	b.ReportMetric(100*float64(c.Value-c.Bound)/float64(c.Value), "%gap")
}

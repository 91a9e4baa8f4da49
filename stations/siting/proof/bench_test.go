package proof

import (
	"math/rand/v2"
	"slices"
	"syscall"
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
	for i, w := range p.Weights { // the way to the nearest open site and half of that to the next
		var near []int64
		for e := p.Costs.Row[i]; len(near) < 2; e++ {
			if slices.Contains(c.Open, p.Costs.Site[e]) {
				near = append(near, int64(p.Costs.Cost[e]))
			}
		}
		c.Lambda[0][i] = w * (near[0] + near[1]) / 2 * c.Scale
		c.Value += w * near[0]
	}
	r := claimOf(p, &c, 1).relax(c.Lambda[0], bound{0, make([]int64, p.Sites)})
	slices.Sort(r.rho)
	c.Bound = r.sum
	for _, v := range r.rho[:p.P] {
		c.Bound += v
	}
	c.Bound = max(0, c.Bound/c.Scale)
	before := userTime(b)
	for b.Loop() {
		if err := Check(p, &c); err != nil {
			b.Fatal(err)
		}
	}
	used := (userTime(b) - before) / float64(b.N)
	b.ReportMetric(1000*used, "ms-cpu")
	b.ReportMetric(used/0.1, "x")
	b.ReportMetric(100*float64(c.Value-c.Bound)/float64(c.Value), "%gap")
}

// userTime is the processor time of the program, in seconds: what a machine
// with other work does not change.
func userTime(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()) / 1e9
}

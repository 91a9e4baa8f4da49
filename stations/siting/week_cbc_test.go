package siting_test

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ortsnah/ortsnah/stations/siting"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// TestWeekEqualsCBC compares weeks that are too large to try all plans with
// COIN-OR CBC.
func TestWeekEqualsCBC(t *testing.T) {
	cbc, err := exec.LookPath("cbc")
	if err != nil {
		t.Fatal("Debian's coinor-cbc is needed: apt-get install coinor-cbc")
	}
	dir := t.TempDir()
	nodes, infeasible := 0, 0
	for n := range 20 {
		p := randomWeek(rand.New(rand.NewPCG(11, uint64(n))))
		r := planned(t, t.Context(), p, siting.Options{})
		c := r.Certificate
		nodes += r.Nodes
		want, feasible := oracle(t, cbc, filepath.Join(dir, fmt.Sprint(n)), weekProgram(p))
		if !feasible {
			infeasible++
		}
		if feasible && (c.Status != proof.Optimal || c.Value != want) || !feasible && c.Status != proof.Infeasible {
			t.Errorf("week %d: %s %d, CBC says %d", n, c.Status, c.Value, want)
		}
	}
	if nodes < 40 || infeasible > 10 {
		t.Errorf("%d nodes, %d of 20 without an answer: the weeks are too easy", nodes, infeasible)
	}
}

// randomWeek needs 75 to 98 per cent of its room, in a plane of 40 by 40.
func randomWeek(r *rand.Rand) *siting.WeekProblem {
	cells, sites := 8+r.IntN(10), 6+r.IntN(5)
	p := &siting.WeekProblem{Stations: 1 + r.IntN(2), HalfDays: 3 + r.IntN(3), Sites: sites}
	var points [][2]int32
	for range cells + sites {
		points = append(points, [2]int32{r.Int32N(40), r.Int32N(40)})
	}
	p.Costs = instance.Dense(cells, sites, func(i, j int) int32 {
		a, b := points[i], points[cells+j]
		return max(a[0]-b[0], b[0]-a[0]) + max(a[1]-b[1], b[1]-a[1])
	})
	var all int64
	for range cells {
		p.WalkIns, p.Booked = append(p.WalkIns, r.Int64N(30)), append(p.Booked, r.Int64N(15))
		all += p.WalkIns[len(p.WalkIns)-1] + p.Booked[len(p.Booked)-1]
	}
	p.Capacity = all*100/int64(75+r.IntN(24))/int64(p.Stations*p.HalfDays) + 1
	if r.IntN(2) == 0 {
		p.Required, p.Forbidden = []int32{r.Int32N(3)}, []int32{3 + r.Int32N(3)}
	}
	return p
}

// weekProgram is the week as a mixed-integer program in the CPLEX LP format:
// z_j says that stop j has a session, n_j how many, v_i_j that the walk-ins of
// cell i come there, x_i_j how many of those who book.
func weekProgram(p *siting.WeekProblem) string {
	var objective, rows, bounds, binaries strings.Builder
	total := make([]string, p.Sites)
	loads := make([]string, p.Sites)
	for j := range p.Sites {
		total[j] = fmt.Sprintf("n_%d", j)
		fmt.Fprintf(&rows, " n_%d - 10 z_%d <= 0\n n_%d - z_%d >= 0\n", j, j, j, j)
		fmt.Fprintf(&bounds, " n_%d <= 10\n", j)
		fmt.Fprintf(&binaries, " z_%d\n", j)
	}
	for _, j := range p.Required {
		fmt.Fprintf(&bounds, " z_%d = 1\n", j)
	}
	for _, j := range p.Forbidden {
		fmt.Fprintf(&bounds, " z_%d = 0\n", j)
	}
	for i := range p.WalkIns {
		var walk, sent []string
		for k := p.Costs.Row[i]; k < p.Costs.Row[i+1]; k++ {
			j, cost := p.Costs.Site[k], int64(p.Costs.Cost[k])
			v, x := fmt.Sprintf("v_%d_%d", i, j), fmt.Sprintf("x_%d_%d", i, j)
			walk, sent = append(walk, v), append(sent, x)
			fmt.Fprintf(&objective, " + %d %s + %d %s", cost*p.WalkIns[i], v, cost, x)
			fmt.Fprintf(&rows, " %s - z_%d <= 0\n %s - %d z_%d <= 0\n", v, j, x, p.Booked[i], j)
			fmt.Fprintf(&rows, " %s - z_%d >= 0\n", strings.Join(walk, " + "), j) // this stop or a nearer one
			loads[j] += fmt.Sprintf(" + %d %s + %s", p.WalkIns[i], v, x)
			fmt.Fprintf(&binaries, " %s\n", v)
		}
		fmt.Fprintf(&rows, " %s = 1\n %s = %d\n", strings.Join(walk, " + "), strings.Join(sent, " + "), p.Booked[i])
	}
	for j, load := range loads {
		fmt.Fprintf(&rows, "%s - %d n_%d <= 0\n", load, p.Capacity, j)
	}
	fmt.Fprintf(&rows, " %s = %d\n", strings.Join(total, " + "), p.Stations*p.HalfDays)
	return "Minimize\n obj:" + objective.String() + "\nSubject To\n" + rows.String() + "Bounds\n" + bounds.String() +
		"Generals\n " + strings.Join(total, "\n ") + "\nBinaries\n" + binaries.String() + "End\n"
}

package siting_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ortsnah/ortsnah/stations/siting"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// TestCBC compares 100 small problems of all kinds with COIN-OR CBC, which
// gets them as mixed-integer programs in the CPLEX LP format.
func TestCBC(t *testing.T) {
	cbc, err := exec.LookPath("cbc")
	if err != nil {
		t.Fatal("Debian's coinor-cbc is needed: apt-get install coinor-cbc")
	}
	kinds := []instance.Kind{instance.PMedian, instance.Capacitated, instance.MCLP, instance.LSCP, instance.PCenter}
	dir := t.TempDir()
	counts := map[proof.Status]int{}
	for n := range 100 {
		p := random(rand.New(rand.NewPCG(4, uint64(n))), kinds[n%len(kinds)])
		r := solve(t, p, siting.Options{})
		counts[r.Certificate.Status]++
		want, feasible := oracle(t, cbc, filepath.Join(dir, fmt.Sprint(n)), program(p))
		c := r.Certificate
		if feasible && (c.Status != proof.Optimal || c.Value != want) || !feasible && c.Status != proof.Infeasible {
			t.Errorf("%d: %s p=%d: %s %d, CBC says %d (%v)\n%s", n, p.Kind, p.P, c.Status, c.Value, want, feasible, canonical(p))
		}
	}
	t.Log(counts)
	if counts[proof.Infeasible] < 5 || counts[proof.Optimal] < 50 {
		t.Errorf("the problems are too much alike: %v", counts)
	}
}

func canonical(p *instance.Problem) string {
	var b bytes.Buffer
	_ = p.Write(&b) // a buffer takes everything
	return b.String()
}

// random is a small problem with everything that a problem may have.
func random(r *rand.Rand, kind instance.Kind) *instance.Problem {
	cells, sites := 5+r.IntN(20), 5+r.IntN(10)
	reach := 0.6 + 0.4*r.Float64()
	p := &instance.Problem{Kind: kind, Sites: sites, Weights: make([]int64, cells), Radius: r.Int32N(25), Capacity: make([]int64, sites)}
	for i := range p.Weights {
		p.Weights[i] = max(0, r.Int64N(30)-3)
	}
	p.Weights[0] = 1 // there is some demand
	total := int64(0)
	for _, w := range p.Weights {
		total += w
	}
	p.Costs = instance.Dense(cells, sites, func(int, int) int32 {
		if r.Float64() > reach {
			return -1
		}
		return r.Int32N(50)
	})
	order := r.Perm(sites)
	for k, list := range []*[]int32{&p.Required, &p.Forbidden, &p.Existing} {
		if r.IntN(3) == 0 {
			*list = []int32{int32(order[k])}
		}
	}
	p.P = 1 + r.IntN(min(5, sites-3))
	if kind == instance.PMedian && r.IntN(3) == 0 {
		p.Cap = 1 + r.Int32N(40)
	}
	for j := range p.Capacity {
		p.Capacity[j] = r.Int64N(3*total/int64(p.P) + 2)
	}
	return p
}

// oracle asks CBC for the optimum of a program in the CPLEX LP format.
func oracle(t *testing.T, cbc, file, program string) (value int64, feasible bool) {
	t.Helper()
	if err := os.WriteFile(file+".lp", []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command(cbc, file+".lp", "ratioGap", "0", "allowableGap", "0", "solve", "solution", file+".txt").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	answer, err := os.ReadFile(file + ".txt")
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	first, _, _ := strings.Cut(string(answer), "\n")
	var v float64
	switch {
	case strings.HasPrefix(first, "Optimal"):
		if _, err := fmt.Sscanf(first, "Optimal - objective value %g", &v); err != nil {
			t.Fatalf("%s: %v", first, err)
		}
		return int64(math.Round(math.Abs(v))), true
	case strings.HasPrefix(first, "Infeasible"), strings.HasPrefix(first, "Integer infeasible"):
		return 0, false
	}
	t.Fatalf("CBC says %q\n%s\n%s", first, text, program)
	return 0, false
}

// program is p as a mixed-integer program: y_j says that site j is open, x_i_j
// which share of cell i it serves (its weight, if capacitated), u_i what is not served.
func program(p *instance.Problem) string {
	var objective, rows, bounds strings.Builder
	for j := range p.Sites {
		fixed := map[bool]string{slices.Contains(p.Required, int32(j)) || slices.Contains(p.Existing, int32(j)): "1", slices.Contains(p.Forbidden, int32(j)): "0"}[true]
		if fixed != "" {
			fmt.Fprintf(&bounds, " y_%d = %s\n", j, fixed)
		}
	}
	bounds.WriteString(" none = 0\n")
	counted := "none"
	for j := range p.Sites {
		if !slices.Contains(p.Existing, int32(j)) {
			counted += fmt.Sprintf(" + y_%d", j)
		}
	}
	switch p.Kind {
	case instance.LSCP:
		objective.WriteString(counted)
	case instance.PCenter:
		objective.WriteString("r")
	default:
		objective.WriteString("none")
	}
	if p.Kind != instance.LSCP {
		fmt.Fprintf(&rows, " count: %s <= %d\n", counted, p.P)
	}
	loads := make([]string, p.Sites)
	for i, w := range p.Weights {
		if w > 0 {
			programCell(p, i, &objective, &rows, loads)
		}
	}
	if p.Kind == instance.Capacitated {
		for j, load := range loads {
			fmt.Fprintf(&rows, " load_%d: none%s - %d y_%d <= 0\n", j, load, p.Capacity[j], j)
		}
	}
	var names []string
	for j := range p.Sites {
		names = append(names, fmt.Sprintf("y_%d", j))
	}
	return "Minimize\n obj: " + objective.String() + "\nSubject To\n" + rows.String() + "Bounds\n" + bounds.String() + "Binaries\n " + strings.Join(names, " ") + "\nEnd\n"
}

func programCell(p *instance.Problem, i int, objective, rows *strings.Builder, loads []string) {
	w, served, way := p.Weights[i], "none", "none"
	for e := p.Costs.Row[i]; e < p.Costs.Row[i+1]; e++ {
		j, c := p.Costs.Site[e], p.Costs.Cost[e]
		switch {
		case (p.Kind == instance.MCLP || p.Kind == instance.LSCP) && c <= p.Radius:
			served += fmt.Sprintf(" + y_%d", j)
		case p.Kind == instance.MCLP || p.Kind == instance.LSCP:
		default:
			served += fmt.Sprintf(" + x_%d_%d", i, j)
			way += fmt.Sprintf(" + %d x_%d_%d", c, i, j)
			loads[j] += fmt.Sprintf(" + x_%d_%d", i, j)
			if p.Kind != instance.Capacitated {
				fmt.Fprintf(rows, " open_%d_%d: x_%d_%d - y_%d <= 0\n", i, j, i, j, j)
			}
		}
		if p.Kind == instance.PMedian {
			fmt.Fprintf(objective, " + %d x_%d_%d", w*int64(c), i, j)
		} else if p.Kind == instance.Capacitated {
			fmt.Fprintf(objective, " + %d x_%d_%d", c, i, j)
		}
	}
	switch {
	case p.Kind == instance.MCLP: // the value is the weight less what is lost
		fmt.Fprintf(objective, " - %d z_%d", w, i)
		fmt.Fprintf(rows, " cover_%d: z_%d - %s <= 0\n one_%d: z_%d <= 1\n", i, i, strings.ReplaceAll(served, "+", "-"), i, i)
	case p.Kind == instance.PMedian && p.Cap > 0:
		fmt.Fprintf(objective, " + %d u_%d", w*int64(p.Cap), i)
		fmt.Fprintf(rows, " serve_%d: %s + u_%d = 1\n", i, served, i)
	case p.Kind == instance.Capacitated:
		fmt.Fprintf(rows, " serve_%d: %s = %d\n", i, served, w)
	case p.Kind == instance.LSCP:
		fmt.Fprintf(rows, " serve_%d: %s >= 1\n", i, served)
	default:
		fmt.Fprintf(rows, " serve_%d: %s = 1\n", i, served)
	}
	if p.Kind == instance.PCenter {
		fmt.Fprintf(rows, " way_%d: %s - r <= 0\n", i, way)
	}
}

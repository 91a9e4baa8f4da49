package proof

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

// line is ten cells on a line, one minute apart, ten people each; every cell
// is a site, too.
func line(kind instance.Kind, p int) *instance.Problem {
	return &instance.Problem{Kind: kind, P: p, Sites: 10, Weights: slices.Repeat([]int64{10}, 10),
		Costs: instance.Dense(10, 10, func(i, j int) int32 { return int32(max(i-j, j-i)) })}
}

// row is a list of n equal multipliers but for those given by number.
func row(n int, v int64, but map[int]int64) []int64 {
	list := slices.Repeat([]int64{v}, n)
	for i, v := range but {
		list[i] = v
	}
	return list
}

// full is the certificate whose tree looks at every choice.
func full(p *instance.Problem, choose int) []Node {
	var tree []Node
	var grow func(site int32, left int)
	grow = func(site int32, left int) {
		for int(site) < p.Sites && slices.Contains(slices.Concat(p.Required, p.Forbidden, p.Existing), site) {
			site++
		}
		if left == 0 || int(site) == p.Sites {
			tree = append(tree, Node{Site: -1, By: -1})
			return
		}
		tree = append(tree, Node{Site: site})
		grow(site+1, left)
		grow(site+1, left-1)
	}
	grow(0, choose-len(p.Required))
	return tree
}

// proven has a right certificate for each kind, by λ and by looking.
func proven() map[string]struct {
	p *instance.Problem
	c Certificate
} {
	type pair = struct {
		p *instance.Problem
		c Certificate
	}
	median := line(instance.PMedian, 2)
	cover := line(instance.MCLP, 2)
	cover.Radius = 1
	few := line(instance.LSCP, 0)
	few.Radius = 2
	center := line(instance.PCenter, 2)
	rooms := line(instance.Capacitated, 2)
	rooms.Capacity = slices.Repeat([]int64{50}, 10)
	small := line(instance.Capacitated, 2)
	small.Capacity = slices.Repeat([]int64{40}, 10)
	lone := line(instance.PMedian, 2)
	lone.Costs = instance.Dense(10, 10, func(i, j int) int32 {
		if i == 4 {
			return -1
		}
		return int32(max(i-j, j-i))
	})
	listed := line(instance.PMedian, 2)
	listed.Required, listed.Existing, listed.Forbidden = []int32{0}, []int32{9}, []int32{4}
	var flow []Share
	for i := range int32(10) {
		flow = append(flow, Share{i, 2 + i/5*5, 10})
	}
	one := []Node{{Site: -1}}
	return map[string]pair{
		"pmedian": {median, Certificate{Format, Optimal, 120, 120, []int32{2, 7}, nil, 1, [][]int64{}, full(median, 2)}},
		// Ten cells of 20 each, and any site draws Σ (20 − 10d)⁺ = 40 at most: 200 − 80.
		"pmedian by λ":  {median, Certificate{Format, Optimal, 120, 120, []int32{2, 7}, nil, 4, [][]int64{row(10, 80, nil)}, one}},
		"listed":        {listed, Certificate{Format, Optimal, 100, 100, []int32{0, 5, 9}, nil, 1, [][]int64{}, full(listed, 2)}},
		"mclp":          {cover, Certificate{Format, Optimal, 60, 60, []int32{1, 4}, nil, 1, [][]int64{row(10, 10, nil)}, one}},
		"lscp":          {few, Certificate{Format, Optimal, 2, 2, []int32{2, 7}, nil, 1, [][]int64{row(10, 0, map[int]int64{0: 1, 9: 1})}, one}},
		"pcenter":       {center, Certificate{Format, Optimal, 2, 2, []int32{2, 7}, nil, 1, [][]int64{row(10, 0, map[int]int64{0: 1, 4: 1, 9: 1})}, one}},
		"capacitated":   {rooms, Certificate{Format, Optimal, 120, 120, []int32{2, 7}, flow, 1, [][]int64{row(10, 2, nil)}, one}},
		"80 < 100":      {small, Certificate{Format, Infeasible, 0, 0, nil, nil, 1, [][]int64{}, []Node{{Site: -1, By: -1}}}},
		"80 < 100 by λ": {small, Certificate{Format, Infeasible, 0, 0, nil, nil, 1, [][]int64{row(10, 100, nil)}, one}},
		"lone cell":     {lone, Certificate{Format, Infeasible, 0, 0, nil, nil, 3, [][]int64{row(10, 0, map[int]int64{4: 3})}, one}},
		"gap":           {median, Certificate{Format, Gap, 130, 0, []int32{1, 7}, nil, 1, nil, nil}},
		"unknown":       {rooms, Certificate{Format, Unknown, 0, 0, nil, nil, 1, nil, nil}},
	}
}

func TestRightCertificatesAreAccepted(t *testing.T) {
	for name, c := range proven() {
		if err := Check(c.p, &c.c); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// truth is the best value by trying every choice; ok says whether there is one.
func truth(p *instance.Problem) (best int64, ok bool) {
	for set := range 1 << p.Sites {
		c := Certificate{}
		for j := range int32(p.Sites) {
			if set>>j&1 == 1 {
				c.Open = append(c.Open, j)
			}
		}
		for _, v := range valuesOf(p, c.Open) {
			if better := p.Kind == instance.MCLP && v > best || p.Kind != instance.MCLP && v < best; better || !ok {
				best, ok = v, true
			}
		}
	}
	return best, ok
}

// valuesOf is the value of a choice, none when it is not allowed.
func valuesOf(p *instance.Problem, chosen []int32) []int64 {
	counted, most, value := len(chosen)-len(p.Existing), int64(0), int64(0)
	for j := range int32(p.Sites) {
		is := slices.Contains(chosen, j)
		if is && slices.Contains(p.Forbidden, j) || !is && slices.Contains(slices.Concat(p.Required, p.Existing), j) {
			return nil
		}
	}
	if p.Kind != instance.LSCP && counted > p.P {
		return nil
	}
	for i, w := range p.Weights {
		near := int64(-1)
		for e := p.Costs.Row[i]; e < p.Costs.Row[i+1] && near < 0; e++ {
			if slices.Contains(chosen, p.Costs.Site[e]) {
				near = int64(p.Costs.Cost[e])
			}
		}
		within := near >= 0 && near <= int64(p.Radius)
		switch {
		case w == 0:
		case p.Kind == instance.MCLP && within:
			value += w
		case p.Kind == instance.MCLP:
		case p.Kind == instance.LSCP && !within:
			return nil
		case p.Kind == instance.PMedian && p.Cap > 0 && (near < 0 || near > int64(p.Cap)):
			value += w * int64(p.Cap)
		case near < 0:
			return nil
		default:
			most = max(most, near)
			value += w * near
		}
	}
	return []int64{map[instance.Kind]int64{instance.LSCP: int64(counted), instance.PCenter: most, instance.PMedian: value, instance.MCLP: value}[p.Kind]}
}

// TestTamperedCertificates changes one number after the other. What is still
// accepted must still be true: the value is of the choice and the bound holds.
func TestTamperedCertificates(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, right := range proven() {
		optimum, feasible := int64(120), right.c.Status != Infeasible
		if right.p.Kind != instance.Capacitated {
			optimum, feasible = truth(right.p)
		}
		harmless := 0
		for range 3000 {
			c := tampered(random, right.c)
			if Check(right.p, &c) != nil {
				continue
			}
			harmless++
			holds := c.Status == Infeasible && !feasible
			if c.Status != Infeasible && feasible {
				holds = c.Bound <= optimum
				if right.p.Kind == instance.MCLP {
					holds = c.Bound >= optimum
				}
				if c.Status != Unknown && right.p.Kind != instance.Capacitated {
					holds = holds && slices.Contains(valuesOf(right.p, c.Open), c.Value)
				}
				if c.Status == Optimal {
					holds = holds && c.Value == optimum
				}
			}
			if !feasible && c.Status == Unknown { // says nothing about a choice
				holds = true
			}
			if !holds {
				t.Fatalf("%s: accepted: %+v, the optimum is %d", name, c, optimum)
			}
		}
		t.Logf("%s: %d of 3000 are harmless", name, harmless)
	}
}

// tampered is c with one number changed.
func tampered(random *rand.Rand, right Certificate) Certificate {
	c := right
	c.Open, c.Flow, c.Tree = slices.Clone(c.Open), slices.Clone(c.Flow), slices.Clone(c.Tree)
	c.Lambda = slices.Clone(c.Lambda)
	by := []int64{-100, -10, -2, -1, 1, 2, 10, 100, 1 << 40, -1 << 62, 1<<63 - 1}[random.IntN(11)]
	switch n := random.IntN(10); {
	case n == 0:
		c.Value += by
	case n == 1:
		c.Bound += by
	case n == 2:
		c.Value, c.Bound = c.Value+by, c.Bound+by
	case n == 3:
		c.Scale += by
	case n == 4:
		c.Status = []Status{Optimal, Gap, Infeasible, Unknown, ""}[random.IntN(5)]
	case n == 5 && len(c.Open) > 0:
		c.Open[random.IntN(len(c.Open))] += int32(by)
	case n == 6 && len(c.Flow) > 0:
		f := &c.Flow[random.IntN(len(c.Flow))]
		switch random.IntN(3) {
		case 0:
			f.Cell += int32(by)
		case 1:
			f.Site += int32(by)
		case 2:
			f.Weight += by
		}
	case n == 7 && len(c.Lambda) > 0:
		l := random.IntN(len(c.Lambda))
		c.Lambda[l] = slices.Clone(c.Lambda[l])
		c.Lambda[l][random.IntN(len(c.Lambda[l]))] += by
	case n == 8 && len(c.Tree) > 0:
		c.Tree[random.IntN(len(c.Tree))].Site += int32(by)
	case n == 9 && len(c.Tree) > 0:
		c.Tree[random.IntN(len(c.Tree))].By += int32(by)
	}
	return c
}

// TestWrongCertificates has the lies that matter, by name.
func TestWrongCertificates(t *testing.T) {
	for _, lie := range []struct {
		of, say, key string
		tell         func(p *instance.Problem, c *Certificate)
	}{
		{"pmedian", "a better value", "siting.proof_value", func(_ *instance.Problem, c *Certificate) { c.Value, c.Bound = 110, 110 }},
		{"pmedian", "a better bound", "siting.proof_tree", func(_ *instance.Problem, c *Certificate) {
			c.Status, c.Value, c.Bound, c.Open = Gap, 130, 121, []int32{1, 7}
		}},
		{"pmedian", "optimal with a gap", "siting.proof_status", func(_ *instance.Problem, c *Certificate) { c.Bound = 100 }},
		{"pmedian", "three sites", "siting.proof_value", func(_ *instance.Problem, c *Certificate) { c.Open = []int32{2, 4, 7}; c.Value, c.Bound = 90, 90 }},
		{"pmedian", "a site twice", "siting.proof_value", func(_ *instance.Problem, c *Certificate) { c.Open = []int32{2, 2} }},
		{"pmedian", "a leaf is missing", "siting.proof_tree", func(_ *instance.Problem, c *Certificate) { c.Tree = c.Tree[:len(c.Tree)-1] }},
		{"pmedian", "a leaf too many", "siting.proof_tree", func(_ *instance.Problem, c *Certificate) { c.Tree = append(c.Tree, Node{Site: -1, By: -1}) }},
		{"pmedian", "no tree", "siting.proof_tree", func(_ *instance.Problem, c *Certificate) { c.Tree = nil }},
		{"pmedian", "a site branched twice", "siting.proof_tree", func(_ *instance.Problem, c *Certificate) {
			c.Tree = append([]Node{{Site: 0}, {Site: 0}, {Site: -1, By: -1}, {Site: -1, By: -1}}, c.Tree...)
		}},
		{"pmedian by λ", "multipliers of nobody", "siting.proof_tree", func(_ *instance.Problem, c *Certificate) { c.Tree = []Node{{Site: -1, By: 1}} }},
		{"pmedian by λ", "multipliers of too few", "siting.proof_tree", func(_ *instance.Problem, c *Certificate) { c.Lambda[0] = c.Lambda[0][:9] }},
		{"pmedian by λ", "a scale that overflows", "siting.proof_format", func(_ *instance.Problem, c *Certificate) { c.Scale = 1 << 60 }},
		{"pmedian by λ", "multipliers that overflow", "siting.proof_tree", func(_ *instance.Problem, c *Certificate) { c.Lambda[0] = row(10, 1<<61, nil) }},
		{"listed", "without the required site", "siting.proof_value", func(_ *instance.Problem, c *Certificate) { c.Open = []int32{1, 5, 9} }},
		{"listed", "without the existing site", "siting.proof_value", func(_ *instance.Problem, c *Certificate) { c.Open = []int32{0, 5} }},
		{"listed", "with the forbidden site", "siting.proof_value", func(_ *instance.Problem, c *Certificate) { c.Open = []int32{0, 4, 9} }},
		{"mclp", "more than can be covered", "siting.proof_value", func(_ *instance.Problem, c *Certificate) { c.Value, c.Bound = 70, 70 }},
		{"mclp", "infeasible", "siting.proof_status", func(_ *instance.Problem, c *Certificate) { c.Status, c.Value, c.Bound, c.Open = Infeasible, 0, 0, nil }},
		{"lscp", "one site is enough", "siting.proof_value", func(_ *instance.Problem, c *Certificate) { c.Value, c.Bound, c.Open = 1, 1, []int32{4} }},
		{"pcenter", "a value above the largest cost", "siting.proof_value", func(_ *instance.Problem, c *Certificate) { c.Value, c.Bound = 3, 3 }},
		{"pcenter", "infeasible", "siting.proof_tree", func(_ *instance.Problem, c *Certificate) { c.Status, c.Value, c.Bound, c.Open = Infeasible, 0, 0, nil }},
		{"capacitated", "a full site takes more", "siting.proof_value", func(_ *instance.Problem, c *Certificate) { c.Flow[5].Site = 2 }},
		{"capacitated", "somebody is not served", "siting.proof_value", func(_ *instance.Problem, c *Certificate) { c.Flow[3].Weight = 9 }},
		{"capacitated", "a weight below 0", "siting.proof_value", func(_ *instance.Problem, c *Certificate) { c.Flow = append(c.Flow, Share{0, 2, -5}) }},
		{"capacitated", "infeasible by looking", "siting.proof_tree", func(_ *instance.Problem, c *Certificate) {
			*c = Certificate{Format, Infeasible, 0, 0, nil, nil, 1, nil, []Node{{Site: -1, By: -1}}}
		}},
		{"gap", "a bound without a tree", "siting.proof_tree", func(_ *instance.Problem, c *Certificate) { c.Bound = 1 }},
		{"gap", "another version", "siting.proof_format", func(_ *instance.Problem, c *Certificate) { c.Format = "x" }},
		{"pmedian", "of another problem", "siting.proof_value", func(p *instance.Problem, _ *Certificate) { p.Weights[9] = 11 }},
		{"pmedian", "of a problem that is none", "siting.negative_weight", func(p *instance.Problem, _ *Certificate) { p.Weights[9] = -1 }},
	} {
		c := proven()[lie.of]
		lie.tell(c.p, &c.c)
		if err := Check(c.p, &c.c); err == nil || !strings.Contains(err.Error(), lie.key) {
			t.Errorf("%s, %s: %v, want %s", lie.of, lie.say, err, lie.key)
		}
	}
}

// TestShort keeps the verifier readable in one sitting (what capacities add is in
// capacity.go).
func TestShort(t *testing.T) {
	text, err := os.ReadFile("check.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "\n"); n > 150 {
		t.Errorf("check.go has %d lines, more than 150", n)
	}
}

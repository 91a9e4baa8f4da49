package planning_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ortsnah/ortsnah/stations/planning"
)

// Ten cells on a line, one minute apart, stations at 2 and 7.
func lineWays() []planning.Way {
	var ways []planning.Way
	for i := range int32(10) {
		site := 2 + i/5*5
		ways = append(ways, planning.Way{Site: site, Cost: 600 * max(i-site, site-i), Weight: 10})
	}
	return ways
}

func TestFiguresOfTheLine(t *testing.T) {
	got := planning.Measure(lineWays(), []int{0, 60, 300})
	want := planning.Figures{Served: 100, Mean: 72, Median: 60, WorstTenth: 120, Max: 120, Gini: 1.0 / 3,
		Within: []planning.Within{{Seconds: 0, Weight: 20}, {Seconds: 60, Weight: 60}, {Seconds: 300, Weight: 100}}}
	if diff := cmp.Diff(want, got, nearly()); diff != "" {
		t.Error(diff)
	}
	sites := planning.Catchments([]int32{2, 5, 7}, lineWays())
	if diff := cmp.Diff([]planning.SiteFigures{{Weight: 50, Mean: 72, Farthest: 120}, {}, {Weight: 50, Mean: 72, Farthest: 120}}, sites, nearly()); diff != "" {
		t.Error(diff)
	}
}

func TestFiguresOfNobody(t *testing.T) {
	got := planning.Measure([]planning.Way{{Site: -1, Weight: 7}, {Site: 1, Cost: 9}}, []int{60})
	want := planning.Figures{Unserved: 7, Within: []planning.Within{{Seconds: 60}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if planning.MeanTime(nil) != nil {
		t.Error("nobody has a mean time")
	}
}

func nearly() cmp.Option {
	return cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a)) })
}

// TestFiguresAgreeWithTheDefinitions counts people one by one.
func TestFiguresAgreeWithTheDefinitions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ways := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) planning.Way {
			return planning.Way{Site: rapid.Int32Range(-1, 3).Draw(t, "site"), Cost: 10 * rapid.Int32Range(0, 20).Draw(t, "cost"), Weight: rapid.Int64Range(0, 6).Draw(t, "weight")}
		}), 0, 12).Draw(t, "ways")
		got := planning.Measure(ways, []int{5})
		if diff := cmp.Diff(got, planning.Measure(shuffled(ways), []int{5})); diff != "" {
			t.Fatalf("the order matters: %s", diff)
		}
		want := oneByOne(ways)
		if diff := cmp.Diff(want, got, nearly()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func shuffled(ways []planning.Way) []planning.Way {
	ways = slices.Clone(ways)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(ways), func(i, j int) { ways[i], ways[j] = ways[j], ways[i] })
	return ways
}

// oneByOne measures with one entry per person, each cut in ten so that a tenth
// of the people is a whole number of entries.
func oneByOne(ways []planning.Way) planning.Figures {
	f := planning.Figures{Within: []planning.Within{{Seconds: 5}}}
	var times []float64
	for _, w := range ways {
		if w.Site < 0 {
			f.Unserved += w.Weight
			continue
		}
		f.Served += w.Weight
		if w.Cost <= 50 {
			f.Within[0].Weight += w.Weight
		}
		times = append(times, slices.Repeat([]float64{float64(w.Cost) / 10}, int(10*w.Weight))...)
	}
	n := len(times)
	if n == 0 {
		return f
	}
	slices.Sort(times)
	f.Median, f.Max = times[(n-1)/2], times[n-1]
	var sum, differences float64
	for k, t := range times {
		sum += t
		if k >= n-n/10 {
			f.WorstTenth += t / float64(n/10)
		}
		for _, u := range times {
			differences += math.Abs(t - u)
		}
	}
	f.Mean = sum / float64(n)
	if sum > 0 {
		f.Gini = differences / (2 * float64(n) * sum)
	}
	return f
}

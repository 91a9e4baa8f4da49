package geo

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

func TestNearest(t *testing.T) {
	p := NewPoints([]orb.Point{{0, 0}, {10, 0}, {0, 10}, {math.NaN(), 0}, {10, 10}, {3, 4}})
	for name, c := range map[string]struct {
		x, y float64
		k    int
		want []Neighbour
	}{
		"one":       {0, 0, 1, []Neighbour{{0, 0}}},
		"two":       {0, 0, 2, []Neighbour{{0, 0}, {5, 5}}},
		"ties":      {5, 5, 4, []Neighbour{{5, math.Sqrt(5)}, {0, math.Sqrt(50)}, {1, math.Sqrt(50)}, {2, math.Sqrt(50)}}},
		"too many":  {0, 0, 99, []Neighbour{{0, 0}, {5, 5}, {1, 10}, {2, 10}, {4, math.Sqrt(200)}}},
		"none":      {0, 0, 0, nil},
		"no number": {math.NaN(), 0, 1, nil},
	} {
		if got := p.Nearest(c.x, c.y, c.k); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if got := NewPoints(nil).Nearest(0, 0, 3); len(got) != 0 {
		t.Errorf("nearest of nothing: %v", got)
	}
}

func TestNearestEqualsScan(t *testing.T) {
	coordinate := rapid.Map(rapid.IntRange(0, 12), func(i int) float64 { return float64(i) })
	point := rapid.Custom(func(t *rapid.T) orb.Point { return orb.Point{coordinate.Draw(t, "x"), coordinate.Draw(t, "y")} })
	rapid.Check(t, func(t *rapid.T) {
		points := rapid.SliceOfN(point, 0, 60).Draw(t, "points")
		from, k := point.Draw(t, "from"), rapid.IntRange(1, 10).Draw(t, "k")
		var want []Neighbour
		for i, p := range points {
			want = append(want, Neighbour{i, math.Sqrt((p[0]-from[0])*(p[0]-from[0]) + (p[1]-from[1])*(p[1]-from[1]))})
		}
		slices.SortStableFunc(want, func(a, b Neighbour) int {
			if a.Distance < b.Distance {
				return -1
			} else if a.Distance > b.Distance {
				return 1
			}
			return 0
		})
		want = want[:min(k, len(want))]
		if got := NewPoints(points).Nearest(from[0], from[1], k); !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

// BenchmarkNearest reports "x", the ratio to the limit: looking at each of the
// points once and keeping nothing. Below 1 the tree is worth it.
func BenchmarkNearest(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 8))
	points := make([]orb.Point, 1000)
	for i := range points {
		points[i] = orb.Point{15_000 * r.Float64(), 15_000 * r.Float64()}
	}
	p := NewPoints(points)
	start, nearest := time.Now(), math.Inf(1)
	for i := range 1000 {
		for _, other := range points {
			nearest = min(nearest, math.Hypot(other[0]-points[i][0]-100, other[1]-points[i][1]))
		}
	}
	limit := float64(time.Since(start)) / 1000
	if nearest == 0 {
		b.Fatal("two points are one")
	}
	for i := 0; b.Loop(); i++ {
		at := points[i%1000]
		p.Nearest(at[0]+100, at[1], 5)
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/limit, "x")
}

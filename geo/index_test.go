package geo

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

func box(x0, y0, x1, y1 float64) orb.Ring {
	return orb.Ring{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}, {x0, y0}}
}

func area(rings ...orb.Ring) orb.MultiPolygon { return orb.MultiPolygon{orb.Polygon(rings)} }

func index(t testing.TB, districts ...District) *Index {
	t.Helper()
	ix, err := NewIndex(districts)
	if err != nil {
		t.Fatal(err)
	}
	return ix
}

// S12 of the booking scenarios, and what a hole, an island and a corner do.
func TestLocate(t *testing.T) {
	ix := index(t,
		District{Code: "B2", Area: area(box(100, 0, 200, 100))},
		District{Code: "B1", Area: area(box(0, 0, 100, 100))},
		District{Code: "C1", Area: area(box(0, 100, 100, 200), box(20, 120, 80, 180))},
		District{Code: "D1", Area: orb.MultiPolygon{{box(30, 130, 70, 170)}, {box(300, 300, 310, 310)}}},
	)
	for _, c := range []struct {
		x, y float64
		want string
	}{
		{100, 50, "B1"}, {150, 50, "B2"}, {500, 500, ""}, // S12
		{0, 0, "B1"}, {200, 100, "B2"}, {100, 100, "B1"}, {100, 0, "B1"}, // corners
		{50, 100, "B1"}, {150, 100, "B2"}, // edges
		{math.Nextafter(100, 200), 50, "B2"}, {100, math.Nextafter(100, 200), "C1"}, // a hair beside the border
		{10, 150, "C1"}, {20, 150, "C1"}, {25, 150, ""}, {50, 150, "D1"}, {305, 305, "D1"}, // hole, its rim, island
		{200.0001, 50, ""}, {-0.0001, 50, ""},
		{math.NaN(), 50, ""}, {50, math.Inf(1), ""}, {1e300, -1e300, ""},
	} {
		d, ok := ix.Locate(c.x, c.y)
		if d.Code != c.want || ok != (c.want != "") {
			t.Errorf("Locate(%v, %v) = %q, %v; want %q", c.x, c.y, d.Code, ok, c.want)
		}
	}
	if got := ix.OnBorder(100, 100); len(got) != 3 || got[0] != "B1" || got[2] != "C1" {
		t.Errorf("OnBorder(100, 100) = %v, want B1 B2 C1", got)
	}
}

// A border that no float64 lies on except where exact arithmetic says so.
func TestLocateSlantedBorder(t *testing.T) {
	left := orb.Ring{{0, 0}, {3, 0}, {1, 10}, {0, 10}, {0, 0}}
	right := orb.Ring{{3, 0}, {9, 0}, {9, 10}, {1, 10}, {3, 0}}
	ix := index(t, District{Code: "2", Area: area(left)}, District{Code: "1", Area: area(right)})
	for _, c := range []struct {
		x, y float64
		want string
	}{
		{2, 5, "1"}, {math.Nextafter(2, 0), 5, "2"}, {math.Nextafter(2, 3), 5, "1"}, {2.5, 2.5, "1"},
		{2.8, 1, "2"}, // the float64 2.8 is a little less than 2.8
	} {
		if d, _ := ix.Locate(c.x, c.y); d.Code != c.want {
			t.Errorf("Locate(%v, %v) = %q, want %q", c.x, c.y, d.Code, c.want)
		}
	}
}

func TestNewIndexRefuses(t *testing.T) {
	open := orb.Ring{{0, 0}, {1, 0}, {1, 1}, {0, 1}}
	for name, c := range map[string]struct {
		districts []District
		key       string
	}{
		"twice":    {[]District{{Code: "1", Area: area(box(0, 0, 1, 1))}, {Code: "1", Area: area(box(1, 0, 2, 1))}}, "geo.district_twice"},
		"no code":  {[]District{{Area: area(box(0, 0, 1, 1))}}, "geo.district_twice"},
		"open":     {[]District{{Code: "1", Area: area(open)}}, "geo.district_not_an_area"},
		"empty":    {[]District{{Code: "1"}}, "geo.district_not_an_area"},
		"one spot": {[]District{{Code: "1", Area: area(box(1, 1, 1, 1))}}, "geo.district_not_an_area"},
		"NaN":      {[]District{{Code: "1", Area: area(box(0, 0, math.NaN(), 1))}}, "geo.district_not_an_area"},
		"infinite": {[]District{{Code: "1", Area: area(box(0, 0, 1, math.Inf(1)))}}, "geo.district_not_an_area"},
		"huge":     {[]District{{Code: "1", Area: area(box(-1e308, 0, 1e308, 1))}}, "geo.district_not_an_area"},
	} {
		_, err := NewIndex(c.districts)
		if e, ok := err.(*ortsnah.Error); !ok || e.Key != c.key {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
	}
	if _, ok := index(t).Locate(0, 0); ok {
		t.Error("an index of nothing found something")
	}
}

// bruteForce is the even-odd rule over every edge in rational arithmetic.
func bruteForce(districts []District, x, y float64) string {
	lowest := ""
	for _, d := range districts {
		edges, _ := edgesOf(d.Area)
		inside, on := false, false
		for _, e := range edges {
			if y < e.ay || y > e.by {
				continue
			}
			side := orientExact(e, x, y)
			inBox := x >= min(e.ax, e.bx) && x <= max(e.ax, e.bx)
			on = on || side == 0 && inBox
			if e.ay <= y && y < e.by && side > 0 {
				inside = !inside
			}
		}
		if (inside || on) && (lowest == "" || d.Code < lowest) {
			lowest = d.Code
		}
	}
	return lowest
}

// Any rings on a small integer lattice, self-crossing ones too, with points on
// the lattice and between: every kind of degeneracy occurs.
func TestLocateEqualsBruteForce(t *testing.T) {
	lattice := func(min, max int) *rapid.Generator[float64] {
		return rapid.Map(rapid.IntRange(2*min, 2*max), func(i int) float64 { return float64(i) / 2 })
	}
	corner := rapid.Custom(func(t *rapid.T) orb.Point {
		return orb.Point{lattice(0, 8).Draw(t, "x"), lattice(0, 8).Draw(t, "y")}
	})
	ring := rapid.Custom(func(t *rapid.T) orb.Ring {
		r := orb.Ring(rapid.SliceOfN(corner, 3, 9).Draw(t, "ring"))
		return append(r, r[0])
	})
	rapid.Check(t, func(t *rapid.T) {
		shift := rapid.SampledFrom([]float64{0, 0.1, 5_750_000}).Draw(t, "shift")
		var districts []District
		for _, code := range []string{"3", "1", "2"} {
			d := District{Code: code}
			for range rapid.IntRange(1, 2).Draw(t, "polygons") {
				rings := rapid.SliceOfN(ring, 1, 2).Draw(t, "rings")
				for _, r := range rings {
					for i := range r[:len(r)-1] {
						r[i][0] += shift
					}
					r[len(r)-1] = r[0]
				}
				d.Area = append(d.Area, orb.Polygon(rings))
			}
			districts = append(districts, d)
		}
		ix, err := NewIndex(districts)
		if err != nil {
			t.Skip("all corners equal")
		}
		for range 20 {
			x, y := lattice(-1, 9).Draw(t, "px")+shift, lattice(-1, 9).Draw(t, "py")
			if got, want := codeAt(ix, x, y), bruteForce(districts, x, y); got != want {
				t.Fatalf("Locate(%v, %v) = %q, want %q", x, y, got, want)
			}
		}
	})
}

func codeAt(ix *Index, x, y float64) string {
	d, _ := ix.Locate(x, y)
	return d.Code
}

// town is n × n districts of a ragged lattice over 15 km, neighbours sharing
// every corner of their common border, steps corners a side.
func town(n, steps int) []District {
	r := rand.New(rand.NewPCG(1, 2))
	side := n*steps + 1
	at := make([]orb.Point, side*side)
	pitch := 15_000 / float64(n*steps)
	for i := range at {
		at[i] = orb.Point{
			440_000 + pitch*(float64(i%side)+0.4*(r.Float64()-0.5)),
			5_740_000 + pitch*(float64(i/side)+0.4*(r.Float64()-0.5)),
		}
	}
	var districts []District
	for d := range n * n {
		c0, r0 := d%n*steps, d/n*steps
		var ring orb.Ring
		for i := range steps {
			ring = append(ring, at[r0*side+c0+i])
		}
		for i := range steps {
			ring = append(ring, at[(r0+i)*side+c0+steps])
		}
		for i := range steps {
			ring = append(ring, at[(r0+steps)*side+c0+steps-i])
		}
		for i := range steps {
			ring = append(ring, at[(r0+steps-i)*side+c0])
		}
		districts = append(districts, District{Code: string(rune('A'+d/26)) + string(rune('A'+d%26)), Area: area(append(ring, ring[0]))})
	}
	return districts
}

func TestLocateEqualsBruteForceOnATown(t *testing.T) {
	districts := town(4, 60)
	ix := index(t, districts...)
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		x, y := 439_900+15_200*r.Float64(), 5_739_900+15_200*r.Float64()
		if got, want := codeAt(ix, x, y), bruteForce(districts, x, y); got != want {
			t.Fatalf("Locate(%v, %v) = %q, want %q", x, y, got, want)
		}
	}
	for _, d := range districts { // every corner and every middle of an edge
		ring := d.Area[0][0]
		for i := range len(ring) - 1 {
			for _, p := range []orb.Point{ring[i], {(ring[i][0] + ring[i+1][0]) / 2, (ring[i][1] + ring[i+1][1]) / 2}} {
				if got, want := codeAt(ix, p[0], p[1]), bruteForce(districts, p[0], p[1]); got != want {
					t.Fatalf("on the border at %v: %q, want %q", p, got, want)
				}
			}
		}
	}
}

// BenchmarkLocate reports "x", the ratio to the limit: reading the point's
// cell of the grid, as if no border ran through any.
func BenchmarkLocate(b *testing.B) {
	for name, districts := range map[string][]District{"14_districts": town(4, 60), "100_districts_40000_edges": town(10, 100)} {
		ix := index(b, districts...)
		r := rand.New(rand.NewPCG(5, 6))
		points := make([]orb.Point, 4096)
		for i := range points {
			points[i] = orb.Point{440_000 + 15_000*r.Float64(), 5_740_000 + 15_000*r.Float64()}
		}
		b.Run(name, func(b *testing.B) {
			start, sum := time.Now(), int64(0)
			for i := range 1 << 22 {
				p := points[i&4095]
				sum += int64(ix.cells[ix.row(p[1])*ix.cols+ix.col(p[0])])
			}
			limit := float64(time.Since(start)) / (1 << 22)
			if sum == 0 { // it is used: the loop cannot be optimised away
				b.Fatal("every cell is of the first district")
			}
			for i := 0; b.Loop(); i++ {
				p := points[i&4095]
				ix.Locate(p[0], p[1])
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/limit, "x")
		})
	}
}

func BenchmarkNewIndex(b *testing.B) {
	districts := town(10, 100)
	for b.Loop() {
		if _, err := NewIndex(districts); err != nil {
			b.Fatal(err)
		}
	}
}

package publish

import (
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/geo"
)

// TestHilbert walks the curve of order 32 near its corners and through a small
// square: each cell once, each step to a neighbour.
func TestHilbert(t *testing.T) {
	if hilbert(0, 0) != 0 || hilbert(math.MaxUint32, 0) != math.MaxUint64 {
		t.Errorf("ends: %x, %x", hilbert(0, 0), hilbert(math.MaxUint32, 0))
	}
	const n = 64
	type step struct {
		d    uint64
		x, y int
	}
	for _, corner := range []uint32{0, 1 << 31, math.MaxUint32 - n + 1} {
		var all []step
		for x := range n {
			for y := range n {
				all = append(all, step{hilbert(corner+uint32(x), corner+uint32(y)), x, y})
			}
		}
		slices.SortFunc(all, func(a, b step) int {
			if a.d < b.d {
				return -1
			}
			return 1
		})
		for i := 1; i < len(all); i++ {
			a, b := all[i-1], all[i]
			if b.d != a.d+1 || (b.x-a.x)*(b.x-a.x)+(b.y-a.y)*(b.y-a.y) != 1 {
				t.Fatalf("from %+v to %+v is no step of the curve", a, b)
			}
		}
	}
}

func TestHilbertOf(t *testing.T) {
	town := hilbertOf(orb.Point{8.38, 51.9}, geo.CRS84)
	if hilbertOf(nil, geo.CRS84) != math.MaxUint64 {
		t.Error("what has no geometry does not come last")
	}
	if hilbertOf(orb.LineString{{8.37, 51.89}, {8.39, 51.91}}, geo.CRS84) != town {
		t.Error("a line does not count by the middle of its bounds")
	}
	for _, far := range []orb.Point{{1e300, 1e300}, {-1e300, -1e300}, {180, 90}} {
		hilbertOf(far, geo.CRS84) // outside the world: still somewhere
	}
	if hilbertOf(orb.Point{457288, 5750853}, geo.UTM32N) == hilbertOf(orb.Point{457289, 5750853}, geo.UTM32N) {
		t.Error("a metre makes no difference in UTM")
	}
}

func TestSpill(t *testing.T) {
	for _, c := range []struct{ name, limit, n, size int }{
		{0, 1 << 20, 1000, 20}, {1, 1000, 1000, 20}, {2, 1, 50, 20}, {3, 1000, 0, 0}, {4, 100, 10, 5000}, {5, 1000, 500, 0},
		{6, 1, maxRuns*maxRuns + 3*maxRuns + 5, 0}, // a run for each record: three levels
	} {
		s := &spill{limit: c.limit}
		r := rand.New(rand.NewPCG(uint64(c.name), 7))
		type item struct{ key, number uint64 }
		var want []item
		for i := range c.n {
			it := item{uint64(r.IntN(50)), uint64(i)}
			want = append(want, it)
			record := binary.LittleEndian.AppendUint64(nil, it.key)
			record = binary.LittleEndian.AppendUint64(record, it.number)
			if err := s.add(it.key, append(record, make([]byte, c.size)...)); err != nil {
				t.Fatal(err)
			}
		}
		slices.SortStableFunc(want, func(a, b item) int { return int(a.key) - int(b.key) })
		var got []item
		if err := s.each(func(record []byte) error {
			if len(record) != 16+c.size {
				t.Fatalf("record of %d bytes", len(record))
			}
			got = append(got, item{binary.LittleEndian.Uint64(record), binary.LittleEndian.Uint64(record[8:])})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if len(s.runs) > 3*maxRuns {
			t.Errorf("case %d holds %d files open", c.name, len(s.runs))
		}
		if !slices.Equal(want, got) {
			t.Errorf("case %d with %d runs: not sorted or not stable", c.name, len(s.runs))
		}
		s.close()
	}
}

func TestSpillPassesErrorsOn(t *testing.T) {
	stop := errors.New("stop")
	for _, limit := range []int{10, 1 << 20} {
		s := &spill{limit: limit}
		for i := range 10 {
			if err := s.add(uint64(i), make([]byte, 8)); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.each(func([]byte) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("limit %d: %v", limit, err)
		}
		s.close()
	}
	t.Setenv("TMPDIR", "/dev/null/nowhere")
	s := &spill{limit: 1}
	if err := errors.Join(s.add(1, []byte("ab")), s.add(1, []byte("ab"))); err == nil {
		t.Error("no temporary folder: no error")
	}
	s.close()
}

func TestSpillLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	s := &spill{limit: 10}
	for i := range 20 {
		if err := s.add(uint64(i), make([]byte, 8)); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 || len(s.runs) == 0 {
		t.Errorf("%d runs, %d names in the folder before it is closed, %v", len(s.runs), len(left), err)
	}
	s.close()
}

func TestFloat32Box(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 10000 {
		x, y := (r.Float64()-.5)*1e7, (r.Float64()-.5)*360
		b := float32Box(orb.Bound{Min: orb.Point{x, y}, Max: orb.Point{x, y}})
		if float64(b[0]) > x || float64(b[1]) > y || float64(b[2]) < x || float64(b[3]) < y {
			t.Fatalf("%v does not hold %v %v", b, x, y)
		}
	}
}

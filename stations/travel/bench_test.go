package travel

import (
	"syscall"
	"testing"
	"time"
)

// share reports x: the processor time of one turn, on however many goroutines,
// as a share of a limit. The machine's other work does not count.
func share(b *testing.B, limit time.Duration, turn func()) {
	var before, after syscall.Rusage
	turn() // the first turn fills memories
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &before); err != nil {
		b.Fatal(err)
	}
	turns := 0
	for b.Loop() {
		turn()
		turns++
	}
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &after); err != nil {
		b.Fatal(err)
	}
	used := after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano()
	b.ReportMetric(float64(used)/float64(turns)/float64(limit), "x")
}

// The targets: 1,000 sites × 10,000 cells within 30 minutes on a network of
// 62,500 crossings in 250 ms, a citizen's question in 10 ms. The target does not
// say how large the town is: the work grows with the streets within 30 minutes.
func BenchmarkMatrix(b *testing.B) {
	for _, town := range []struct {
		name    string
		spacing float64
		profile Profile
	}{{"walk_10km", 42, Walk}, {"walk_25km", 100, Walk}, {"bike_25km", 100, Bike}} {
		b.Run(town.name, func(b *testing.B) {
			n := built(b, city(250, town.spacing, 1))
			cells, sites := scattered(10000, 250, town.spacing, 1), scattered(1000, 250, town.spacing, 2)
			pairs := 0
			share(b, 250*time.Millisecond, func() {
				n.memory.crowds = nil // places are joined anew
				m, err := n.Matrix(b.Context(), town.profile, cells, sites, 18000)
				if err != nil {
					b.Fatal(err)
				}
				pairs = len(m.Cost)
			})
			b.ReportMetric(float64(pairs), "pairs")
		})
	}
}

// BenchmarkPin: a pin is moved among 10,000 cells that stay.
func BenchmarkPin(b *testing.B) {
	n := built(b, city(250, 42, 1))
	cells, pins := scattered(10000, 250, 42, 1), scattered(100, 250, 42, 3)
	i := 0
	share(b, 10*time.Millisecond, func() {
		i = (i + 1) % len(pins)
		if _, err := n.Matrix(b.Context(), Walk, cells, pins[i:i+1], 18000); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkFrom(b *testing.B) {
	n := built(b, city(250, 100, 1))
	home, stops := scattered(1, 250, 100, 1)[0], scattered(50, 250, 100, 2)
	for _, cutoff := range []int32{18000, 0} {
		b.Run((time.Duration(cutoff) * 100 * time.Millisecond).String(), func(b *testing.B) {
			share(b, 10*time.Millisecond, func() {
				if _, err := n.From(b.Context(), Walk, home, stops, cutoff); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

// BenchmarkPBF: an extract of 10 MB becomes a network in 2 seconds.
func BenchmarkPBF(b *testing.B) {
	file := extract(houses(city(250, 60, 1), 240_000))
	path := written(b, file)
	limit := 2 * time.Second * time.Duration(len(file)) / 10e6
	share(b, limit, func() {
		m, err := ReadPBF(b.Context(), path, Clip{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Build(m); err != nil {
			b.Fatal(err)
		}
	})
	b.ReportMetric(float64(len(file))/1e6, "MB")
}

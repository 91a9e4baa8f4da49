package travel

import (
	"runtime"
	"testing"
	"time"

	"github.com/paulmach/orb"
)

// BenchmarkRegion: a town read out of an extract 20 times as large. x is the
// processor time as a share of 2 seconds per 10 MB; near_MB is what stays in
// memory of the extract.
func BenchmarkRegion(b *testing.B) {
	town := houses(city(120, 60, 1), 60_000)
	region, corner := town, int64(10_000_000)
	for i := range 19 {
		region = joined(region, beyond(town, 40_000*float64(i+1), corner*int64(i+1)))
	}
	file := extract(region)
	region, town = Map{}, Map{}
	path := written(b, file)
	size := len(file)
	file = nil
	for _, c := range []struct {
		name string
		clip Clip
	}{{"town", Around(orb.Bound{Min: at(0, 0), Max: at(7200, 7200)}, Margin)}, {"all", Clip{}}} {
		b.Run(c.name, func(b *testing.B) {
			var before, after runtime.MemStats
			var kept Map
			share(b, 2*time.Second*time.Duration(size)/10e6, func() {
				kept = Map{}
				runtime.GC()
				runtime.ReadMemStats(&before)
				m, err := ReadPBF(b.Context(), path, c.clip)
				if err != nil {
					b.Fatal(err)
				}
				runtime.GC()
				runtime.ReadMemStats(&after)
				kept = m
			})
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "near_MB")
			b.ReportMetric(float64(size)/1e6, "MB")
			b.ReportMetric(float64(len(kept.Nodes)), "nodes")
		})
	}
}

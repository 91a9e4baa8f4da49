package api

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// percentile of durations, which it sorts.
func percentile(all []time.Duration, p float64) time.Duration {
	slices.Sort(all)
	return all[min(len(all)-1, int(float64(len(all))*p))]
}

// BenchmarkProposals asks at the rate of the target, 200 requests a second,
// whatever the answers take, and reports the percentiles from the moment at
// which each should have been sent. Target: p99 of at most 50 ms.
func BenchmarkProposals(b *testing.B) {
	x := openTown(b)
	for day := 1; day <= 28; day++ {
		for _, clerk := range []string{"a1", "a2", "x4", "b1"} {
			x.release(clerk, fmt.Sprintf("2026-12-%02d", day), "08:00", "16:00")
		}
	}
	const gap = time.Second / 200
	n := max(b.N, 400)
	took := make([]time.Duration, n)
	bodies := []string{`{"service":"reisepass"}`, `{"service":["ummeldung","reisepass"],"persons":3}`,
		`{"service":"aufenthaltstitel","name":"Müller"}`, `{"service":"bauberatung","lon":8.39,"lat":51.91,"sort":"near"}`}
	b.ResetTimer()
	began := time.Now()
	var all sync.WaitGroup
	for i := range n {
		due := began.Add(time.Duration(i) * gap)
		time.Sleep(time.Until(due))
		all.Go(func() {
			if a := x.send("POST", "/api/v1/proposals", bodies[i%len(bodies)]); a.StatusCode != 200 {
				b.Error(a.StatusCode, a.body)
			}
			took[i] = time.Since(due)
		})
	}
	all.Wait()
	b.ReportMetric(float64(n)/time.Since(began).Seconds(), "requests/s")
	b.ReportMetric(percentile(took, 0.5).Seconds()*1000, "p50-ms")
	b.ReportMetric(percentile(took, 0.99).Seconds()*1000, "p99-ms")
}

// BenchmarkHolds reserves distinct slots of many clerks by 32 clients and
// cancels nothing; beside it stands the rate of the emptiest transaction that
// waits for the disk as a hold does.
func BenchmarkHolds(b *testing.B) {
	x := openTown(b)
	const days = 50 // of more than there are clients: nobody waits for another's lock
	date := func(day int) string { return time.Date(2026, 12, day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly) }
	for day := 1; day <= days; day++ {
		x.release("a1", date(day), "00:00", "24:00")
	}
	type slot struct{ day, minute int }
	slots := make(chan slot, days*144)
	for minute := 0; minute < 1440; minute += 10 { // neighbours are of different days: no common lock
		for day := 1; day <= days; day++ {
			slots <- slot{day, minute}
		}
	}
	n := min(max(b.N, 400), len(slots))
	work := make(chan slot, n)
	for range n {
		work <- <-slots
	}
	close(work)
	b.ResetTimer()
	began := time.Now()
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			for w := range work {
				body := fmt.Sprintf(`{"service":"reisepass","place":"site/rathaus","start":"%sT%02d:%02d:00+01:00"}`, date(w.day), w.minute/60, w.minute%60)
				if a := x.send("POST", "/api/v1/holds", body); a.StatusCode != 201 {
					b.Error(a.StatusCode, a.body)
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	b.ReportMetric(float64(n)/time.Since(began).Seconds(), "holds/s")
	b.ReportMetric(x.bareCommits(b, 400), "bare-commits/s")
}

// bareCommits is how many transactions of one insert the same clients commit
// a second.
func (x *bookingTown) bareCommits(b *testing.B, n int) float64 {
	b.Helper()
	began := time.Now()
	var all sync.WaitGroup
	for c := range 32 {
		all.Go(func() {
			for i := range n / 32 {
				hash := []byte(fmt.Sprintf("%016d%016d", c, i))
				if _, err := x.DB.Exec(b.Context(), `INSERT INTO booking.proof (hash, expires) VALUES ($1, now())`, hash); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	return float64(n/32*32) / time.Since(began).Seconds()
}

package api

import (
	"io"
	"log/slog"
	"net/http"
	"testing"
)

// BenchmarkItems measures pages of features over HTTP, connections kept alive,
// from four clients for each processor.
func BenchmarkItems(b *testing.B) {
	x := emptyTown(b)
	x.Log = slog.New(slog.DiscardHandler)
	x.stagePoints(100_000)
	x.state.listen(true)
	for _, query := range []string{"limit=10", "limit=1000", "limit=1000&after=90000", "bbox=8.30,51.89990,8.35,51.90005&limit=1000", "limit=10000"} {
		b.Run(query, func(b *testing.B) {
			transport := &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport}
			b.SetParallelism(4)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					resp, err := client.Get(x.http.URL + "/ogc/collections/points/items?" + query)
					if err != nil {
						b.Error(err)
						return
					}
					n, err := io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
					b.SetBytes(n)
					if err != nil || resp.StatusCode != 200 {
						b.Error(resp.Status, err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
		})
	}
}

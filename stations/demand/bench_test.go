package demand_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/ortsnah/ortsnah/stations/demand"
)

// grid is a file of n × n hectares from the town's south-western corner on, every
// seventh of them secret.
func grid(n int) string {
	var b strings.Builder
	b.WriteString("GITTER_ID_100m;x_mp_100m;y_mp_100m;Insgesamt_Bevoelkerung;Unter18;a18bis29;a30bis49;a50bis64;a65undaelter;werterlaeuternde_Zeichen\n")
	for i := range n * n {
		e, north := 4208000+100*(i%n), 3200000+100*(i/n)
		if i%7 == 3 {
			fmt.Fprintf(&b, "CRS3035RES100mN%dE%d;%d;%d;–;–;–;–;–;–;\n", north, e, e+50, north+50)
			continue
		}
		fmt.Fprintf(&b, "CRS3035RES100mN%dE%d;%d;%d;%d;4;3;%d;4;4;\n", north, e, e+50, north+50, 20+i%5, 5+i%5)
	}
	return b.String()
}

// BenchmarkSelect reports x, the time for 10,000 cells against 200 ms.
func BenchmarkSelect(b *testing.B) {
	tx := town(b)
	s := load(b, tx, "gross", file("100m.csv", grid(100)))
	if s.Report.Cells < 3000 {
		b.Fatal(s.Report)
	}
	setRates(b, tx, "pass", demand.Rate{Age: demand.All, Visits: 100})
	for _, measure := range []string{demand.People, demand.Visits} {
		b.Run(measure, func(b *testing.B) {
			for b.Loop() {
				if _, err := demand.Select(b.Context(), tx, demand.Selection{Source: "gross", Measure: measure, Groups: map[string]int{"65_plus": 150}}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/0.2*10_000/float64(s.Report.Cells), "x")
		})
	}
}

// BenchmarkRead reports lines per second; all of Germany has 3.1 million in 100 m.
func BenchmarkRead(b *testing.B) {
	text := grid(400)
	shape := demand.Area{Name: "x"}
	for b.Loop() {
		if _, err := demand.Read(b.Context(), shape, []demand.File{{Name: "a", Size: int64(len(text)), Text: readerAt(text)}}, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(160_000*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}

func readerAt(text string) io.ReaderAt { return strings.NewReader(text) }

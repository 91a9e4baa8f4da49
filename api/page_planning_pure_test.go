package api

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/planning"
)

func TestDrawnPoints(t *testing.T) {
	taken := []planning.Candidate{{ID: "drawn:1"}}
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"Markt; 8,38; 51,9", "drawn:2 Markt 8.38 51.9"},
		{"Markt;8.38;51.9\n\nPark; 8.39; 51.91\n", "drawn:2 Markt 8.38 51.9|drawn:3 Park 8.39 51.91"},
		{"\ufefflat,lon,name\r\n51.9,8.38,\"Haus, groß\"\r\n", "drawn:2 Haus, groß 8.38 51.9"},
		{"Name\tLänge\tBreite\nMarkt\t8,38\t51,9", "drawn:2 Markt 8.38 51.9"},
		{"8.38;51.9", "drawn:2 Punkt 2 8.38 51.9"},
		{"Markt; 51,9; 8,38; 1", "drawn:2 Markt 51.9 8.38"}, // swapped: refused when it is saved, outside the town
		{`{"type":"Feature","properties":{"name":"A"},"geometry":{"type":"Point","coordinates":[8.38,51.9]}}`, "drawn:2 A 8.38 51.9"},
		{`{"type":"FeatureCollection","features":[{"type":"Feature","properties":null,"geometry":{"type":"LineString","coordinates":[[8,51],[9,52]]}}]}`, "drawn:2 Punkt 2 8.5 51.5"},
		{"Markt; 8,38", "!1"},
		{"A; 8; 51\nB; NaN; 51", "!2"},
		{"A; 8; 51\nB; 8; 91", "!2"},
		{"A; 1e999; 51", "!1"},
		{`{"type":"FeatureCollection","features":[null]}`, "!"},
		{`{"type":"Point","coordinates":[8,51]}`, "!"},
		{"{", "!"},
		{"\x00", "!1"},
		{strings.Repeat("a;8;51\n", mostPoints+1), "!"},
	} {
		list, err := drawnPoints("de", c.text, taken)
		got := ""
		for i, p := range list {
			if i > 0 {
				got += "|"
			}
			got += fmt.Sprintf("%s %s %v %v", p.ID, p.Name, p.Lon, p.Lat)
		}
		if err != nil {
			got = "!"
			if e, ok := err.(*ortsnah.Error); !ok || e.Kind != ortsnah.Invalid { //nolint:errorlint // exactly what it returns
				t.Errorf("%.40q: %v", c.text, err)
			} else if line, ok := e.Args["line"]; ok {
				got = fmt.Sprintf("!%v", line)
			}
		}
		if got != c.want && !(c.want == "!" && strings.HasPrefix(got, "!")) {
			t.Errorf("%.40q: %q, want %q", c.text, got, c.want)
		}
	}
}

func TestKnee(t *testing.T) {
	points := func(values ...int64) (list []planning.CurvePoint) {
		for i, v := range values {
			list = append(list, planning.CurvePoint{P: i + 1, Value: v})
		}
		return list
	}
	for _, c := range []struct {
		values []int64
		want   int
	}{{[]int64{100}, -1}, {[]int64{100, 50}, -1}, {[]int64{100, 75, 50, 25}, -1}, {[]int64{7, 7, 7}, -1},
		{[]int64{100, 40, 35, 32, 30}, 1}, {[]int64{100, 60, 30, 28, 26, 25}, 2}, {[]int64{10, 60, 80, 85, 88}, 2}} {
		if got := kneeOf(points(c.values...)); got != c.want {
			t.Errorf("%v: %d, want %d", c.values, got, c.want)
		}
	}
}

func TestPercent(t *testing.T) {
	for share, want := range map[float64]string{0: "0 %", 1: "100 %", 0.5: "50 %", 0.00002: "0,002 %", 0.9999: "99,99 %", 0.012: "1,2 %"} {
		if got := percent("de", share); got != want {
			t.Errorf("%v: %q, want %q", share, got, want)
		}
	}
}

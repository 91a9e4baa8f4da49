package demand

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Whatever is shared out, nobody is lost and nobody gets more than one unit
// above or below the exact part.
func TestShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1<<40), 1, 60).Draw(t, "weights")
		total := rapid.Int64Range(0, 1<<50).Draw(t, "total")
		var sum, all float64
		for _, w := range weights {
			all += float64(w)
		}
		var got int64
		for i, part := range share(total, weights) {
			got += part
			if weights[i] == 0 && part != 0 {
				t.Fatalf("who weighs nothing gets %d", part)
			}
			if all > 0 {
				if exact := float64(total) * float64(weights[i]) / all; float64(part) < exact*(1-1e-12)-1.01 || float64(part) > exact*(1+1e-12)+1.01 {
					t.Fatalf("part %d of %g", part, exact)
				}
			}
		}
		if sum = float64(total); all == 0 {
			sum = 0
		}
		if float64(got) != sum {
			t.Fatalf("parts sum to %d of %d", got, total)
		}
	})
}

// Square kilometres keep their people, and all ages of the town together stay
// within a few people of what is known of them.
func TestEstimates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var fine, coarse bytes.Buffer
		fine.WriteString("Gitter_ID_100m;Einwohner;Unter18;a18bis29;a30bis49;a50bis64;a65undaelter\n")
		coarse.WriteString("Gitter_ID_1km;Einwohner;Unter18;a18bis29;a30bis49;a50bis64;a65undaelter\n")
		want, old := 0, 0
		for km := range rapid.IntRange(1, 6).Draw(t, "kilometres") {
			people := 0
			cells := rapid.IntRange(1, 40).Draw(t, "cells")
			for i := range cells {
				n := rapid.IntRange(1, 30).Draw(t, "people")
				people += n
				text := fmt.Sprint(n)
				if i == 0 || rapid.Bool().Draw(t, "secret") {
					text = "–"
				}
				fmt.Fprintf(&fine, "100mN%dE%d;%s;–;–;–;–;–\n", 32000+i/10, 42000+10*km+i%10, text)
			}
			fifth := people / 5
			fmt.Fprintf(&coarse, "1kmN3200E%d;%d;%d;%d;%d;%d;%d\n", 4200+km, people, fifth, fifth, fifth, fifth, people-4*fifth)
			want, old = want+people, old+people-4*fifth
		}
		g, err := Read(t.Context(), Area{}, []File{textFile("fine", fine.String()), textFile("coarse", coarse.String())}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := g.Report.People + g.Report.Estimated; got != int64(want) {
			t.Fatalf("%d people of %d", got, want)
		}
		gotOld := int64(0)
		for _, c := range g.cells {
			if n, ok := c.n[nOver65].best(); c.counts && ok {
				gotOld += n
			}
		}
		if d := gotOld - int64(old); d < -3 || d > 3 {
			t.Fatalf("%d old people of %d", gotOld, old)
		}
	})
}

func textFile(name, text string) File {
	return File{Name: name, Size: int64(len(text)), Text: strings.NewReader(text)}
}

func TestParseThousandths(t *testing.T) {
	for text, want := range map[string]string{
		"12": "12000 1 true", "12,5": "12500 1 true", "12.345": "12345 1 true", "0,0004": "0 1 true", "(7)": "7000 2 true", " 3 ": "3000 1 true",
		"–": "0 3 true", "": "0 3 true", "-1": "0 3 true", "-9,00": "0 3 true", "\x96": "0 3 true", "(–)": "0 3 true",
		"-2": "0 3 false", "5,": "0 1 false", ",5": "0 1 false", "1.2.3": "", "1e3": "0 1 false", "()": "0 3 true", "--1": "0 3 false", "12345678901": "0 1 false",
	} {
		n, s, ok := parseThousandths([]byte(text))
		if got := fmt.Sprint(n, s, ok); got != want && (want != "" || ok) {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// FuzzRead: no file makes the reader fall over.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"Gitter_ID_1km;x_mp_1km;y_mp_1km;Einwohner\n1kmN3200E4208;4208500;3200500;44\n", "x,y,ew_geschaetzt\n4208050,3200050,1.5\n",
		"Gitter_ID_100m;Merkmal;Auspraegung_Code;Anzahl\n100mN32000E42080;ALTER_KURZ;5;9\n", "\"x\";y;Einwohner;\"unter18_A\nab", "PK\x03\x04"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := Read(t.Context(), Area{}, []File{{Name: "a", Size: int64(len(b)), Text: bytes.NewReader(b)}}, nil)
		if (err == nil) == (g == nil) {
			t.Errorf("%v, %v", g, err)
		}
		if err == nil && (g.Report.People < 0 || g.Report.Estimated < 0) {
			t.Errorf("%+v", g.Report)
		}
	})
}

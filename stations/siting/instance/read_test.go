package instance

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
)

func read(t testing.TB, format, text string) *Problem {
	t.Helper()
	p, err := Read(strings.NewReader(text), format, "test")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// cost is the cost of a pair, -1 where there is none.
func (m Matrix) cost(i, j int) int32 {
	for k := m.Row[i]; k < m.Row[i+1]; k++ {
		if m.Site[k] == int32(j) {
			return m.Cost[k]
		}
	}
	return -1
}

func TestORLibraryTakesTheLastOfEqualEdges(t *testing.T) {
	p := read(t, "", " 4 4 2 \n 1 2 5\n 2 3 1\n\n 2 1 9 \n 1 1 3\n")
	for _, want := range []struct{ i, j, cost int }{{0, 1, 9}, {1, 0, 9}, {0, 2, 10}, {2, 0, 10}, {0, 0, 0}, {3, 0, -1}, {3, 3, 0}} {
		if c := p.Costs.cost(want.i, want.j); int(c) != want.cost {
			t.Errorf("cost(%d,%d) = %d, want %d", want.i, want.j, c, want.cost)
		}
	}
	if p.P != 2 || p.Sites != 4 || p.Kind != PMedian || p.Check() != nil {
		t.Errorf("%+v, %v", p, p.Check())
	}
}

func TestTSPLIBFloorsThePlainRoot(t *testing.T) {
	p := read(t, "", "NAME : x\nCOMMENT: y: z\nTYPE : TSP\nDIMENSION : 3\nEDGE_WEIGHT_TYPE : EUC_2D\nNODE_COORD_SECTION\n"+
		"1 0 0\n3 3.0e+00 4\n2 1 1\nEOF\n")
	if got := [3]int32{p.Costs.cost(0, 2), p.Costs.cost(0, 1), p.Costs.cost(1, 2)}; got != [3]int32{5, 1, 3} {
		t.Errorf("distances %v", got)
	}
}

func TestJSONFormsOfTheSameProblem(t *testing.T) {
	byPoints := read(t, "", `{"format": "`+JSONFormat+`", "problem": "pmedian", "p": 1, "required": ["t"],
		"cells": {"points": [[0,0],[1,0],[2.5,0]], "weights": [10,0,25]},
		"sites": {"ids": ["s","t"], "points": [[0,0],[2,0]]}, "distance": "euclid_floor"}`)
	dense := read(t, "", `{"p":1,"required":[1],"cells":{"weights":[10,0,25]},"sites":{"ids":["s","t"]},"costs":[[0,2],[1,1],[2,0]]}`)
	sparse := read(t, "", `{"p":1,"required":[1],"cells":{"weights":[10,0,25]},"sites":{"ids":["s","t"],"count":2},"rows":[[1,2,0,0],[1,1,0,1],[0,2,1,0]]}`)
	for name, p := range map[string]*Problem{"dense": dense, "sparse": sparse} {
		if d := cmp.Diff(byPoints, p); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if p.Hash() != byPoints.Hash() {
			t.Errorf("%s: another hash", name)
		}
	}
	holed := read(t, "", `{"p":1,"costs":[[0,null],[null,null]]}`)
	if holed.Costs.cost(0, 1) != -1 || holed.Costs.Row[2] != 1 || holed.Cells() != 2 || holed.Sites != 2 {
		t.Errorf("null: %+v", holed)
	}
	if d := read(t, "", `{"cells":{"points":[[0,0]]},"sites":{"points":[[0.26,0]]},"distance":"euclid_decimeter"}`).Costs.cost(0, 0); d != 3 {
		t.Errorf("decimetres: %d", d)
	}
}

func TestWriteReadsBack(t *testing.T) {
	for _, p := range samples() {
		var first, second bytes.Buffer
		if err := p.Write(&first); err != nil {
			t.Fatal(err)
		}
		back := read(t, "json", first.String())
		if err := back.Check(); err != nil {
			t.Fatalf("%s: %v", p.Kind, err)
		}
		if err := back.Write(&second); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s: written again it is\n%s\nnot\n%s", p.Kind, second.String(), first.String())
		}
	}
}

// samples has a problem of each kind.
func samples() []*Problem {
	line := Dense(4, 3, func(i, j int) int32 { return int32(max(i-j, j-i)) })
	return []*Problem{
		{Kind: PMedian, P: 1, Sites: 3, Weights: []int64{1, 2, 3, 4}, Costs: line, Cap: 5, Required: []int32{2}, SiteIDs: []string{"ä", `"`, "\n"}},
		{Kind: Capacitated, P: 2, Sites: 3, Weights: []int64{1, 2, 3, 0}, Costs: line, Capacity: []int64{9, 0, 5}, Forbidden: []int32{1}},
		{Kind: MCLP, P: 1, Sites: 3, Weights: []int64{1, 2, 3, 4}, Costs: line, Radius: 1, Existing: []int32{1}, CellIDs: []string{"a", "b", "c", "d"}},
		{Kind: LSCP, Sites: 3, Weights: []int64{1, 1, 1, 1}, Costs: line, Radius: 0},
		{Kind: PCenter, P: 2, Sites: 3, Weights: []int64{1, 1, 1, 1}, Costs: Dense(4, 3, func(i, j int) int32 { return int32(i*j - 2) }), Existing: []int32{2, 1}[:1]},
	}
}

func TestDenseSortsRows(t *testing.T) {
	costs := []int32{1 << 30, 3, 0, 3, 4096, 2048, -1, 2047, 1<<31 - 1, 0}
	p := &Problem{Kind: PMedian, P: 1, Sites: len(costs), Weights: []int64{1}, Costs: Dense(1, len(costs), func(_, j int) int32 { return costs[j] })}
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(p.Costs.Site, []int32{2, 9, 1, 3, 7, 5, 4, 0, 8}); d != "" {
		t.Error(d)
	}
}

// BenchmarkRead reads the largest OR-Library and TSPLIB files at hand and a
// JSON document of 200 × 5,000.
func BenchmarkRead(b *testing.B) {
	for _, file := range [][]string{{"pmed", "pmed20.txt"}, {"pmed", "pmed16.txt"}, {"tsplib", "u1432.tsp"}} {
		b.Run(file[1], func(b *testing.B) {
			text, err := os.ReadFile(pgtest.Shared(b, append([]string{"siting"}, file...)...))
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				read(b, "", string(text))
			}
		})
	}
	b.Run("json", func(b *testing.B) {
		var text bytes.Buffer
		p := &Problem{Kind: PMedian, P: 1, Sites: 200, Weights: ones(5000), Costs: Dense(5000, 200, func(i, j int) int32 { return int32(i * j % 9973) })}
		if err := p.Write(&text); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(text.Len()))
		for b.Loop() {
			read(b, "", text.String())
		}
	})
}

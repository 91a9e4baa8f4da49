package instance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/ortsnah/ortsnah"
)

// TestBadFiles has what people and disks do to instance files.
func TestBadFiles(t *testing.T) {
	tsp := "DIMENSION : 2\nEDGE_WEIGHT_TYPE : EUC_2D\nNODE_COORD_SECTION\n"
	for _, c := range []struct {
		text, key string
		line      int // 0: the message has none
	}{
		{"", "siting.file_empty", 0},
		{" \n\n ", "siting.file_empty", 0},
		{"\x00\x00\x00", "siting.not_text", 0},
		{"{\"p\": \"\xff\"}", "siting.not_text", 0},
		{"hello\n", "siting.tsplib_line", 1},

		{"3 2", "siting.line_words", 1},
		{"3 1 1\n1 2\n", "siting.line_words", 2},
		{"3 1 1\n1 2 -5\n", "siting.bad_number", 2},
		{"3 1 1\n1 2 NaN\n", "siting.bad_number", 2},
		{"3 1 1\n1 2 1.5\n", "siting.bad_number", 2},
		{"3 1 1\n1 2 99999999999\n", "siting.bad_number", 2},
		{"3 1 1\n\n1 4 5\n", "siting.node_unknown", 3},
		{"3 1 1\n0 2 5\n", "siting.node_unknown", 2},
		{"3 2 1\n1 2 5\n", "siting.edges_missing", 2},
		{"3 1 1\n1 2 5\n1 3 5\n", "siting.edges_too_many", 3},
		{"99999 0 1\n", "siting.too_many_pairs", 0},
		{"3 2 1\n1 2 2147483647\n2 3 1\n", "siting.path_too_long", 0},

		{"NAME: x\n", "siting.tsplib_no_cities", 1},
		{"DIMENSION : x\n", "siting.bad_number", 1},
		{"DIMENSION : 0\n", "siting.bad_number", 1},
		{"EDGE_WEIGHT_TYPE : GEO\n", "siting.tsplib_type", 1},
		{"DIMENSION : 2\nNODE_COORD_SECTION\n", "siting.tsplib_incomplete", 2},
		{tsp + "1 0 0\nEOF\n", "siting.cities_missing", 5},
		{tsp + "1 0 0\n1 1 1\n", "siting.city_twice", 5},
		{tsp + "3 0 0\n", "siting.node_unknown", 4},
		{tsp + "1 0 NaN\n", "siting.bad_coordinate", 4},
		{tsp + "1 0 Inf\n", "siting.bad_coordinate", 4},
		{tsp + "1 0\n", "siting.line_words", 4},
		{tsp + "1 0 0\n2 1e300 0\n", "siting.distance_too_long", 0},
		{tsp + "1 0 0\n2 1 1\n3 2 2\n", "siting.tsplib_line", 6},
		{"DIMENSION : 900000\nEDGE_WEIGHT_TYPE : EUC_2D\nNODE_COORD_SECTION\n", "siting.too_many_pairs", 0},

		{"[1]", "siting.json_no_object", 1},
		{"{", "siting.json_no_text", 1},
		{"{\"p\"}", "siting.json_syntax", 1},
		{"{\"p\":1", "siting.json_syntax", 1},
		{"{\"p\":1}\n}", "siting.json_syntax", 2},
		{"{\n\"q\": 1}", "siting.json_unknown_field", 2},
		{"{\"p\":1,\n\"p\": 1}", "siting.json_field_twice", 2},
		{"{\"p\": -1}", "siting.json_no_count", 1},
		{"{\"p\": null}", "siting.json_no_count", 1},
		{"{\"p\": 1.5}", "siting.json_no_count", 1},
		{"{\"p\": 1e3}", "siting.json_no_count", 1},
		{"{\"p\": 01}", "siting.json_syntax", 1},
		{"{\"problem\": 1}", "siting.json_no_text", 1},
		{"{\"cells\": []}", "siting.json_no_object", 1},
		{"{\"cells\": {\"weights\": 5}}", "siting.json_no_list", 1},
		{"{\"cells\": {\"weights\": [1,\nNaN]}}", "siting.json_no_count", 2},
		{"{\"cells\": {\"weights\": [null]}}", "siting.json_no_count", 1},
		{"{\"cells\": {\"points\": [[0,NaN]]}}", "siting.json_no_number", 1},
		{"{\"cells\": {\"points\": [[0,1e999]]}}", "siting.json_no_number", 1},
		{"{\"cells\": {\"points\": [[0]]}}", "siting.json_point", 1},
		{"{\"cells\": {\"points\": [[0,1,2]]}}", "siting.json_point", 1},
		{"{\"costs\": [[0,1],[2]]}", "siting.json_row", 1},
		{"{\"costs\": [[0,-1]]}", "siting.json_no_cost", 1},
		{"{\"costs\": [[0,2147483648]]}", "siting.json_no_cost", 1},
		{"{\"costs\": [[0,1.0]]}", "siting.json_no_cost", 1},
		{"{\"costs\": [[00]]}", "siting.json_no_cost", 1},
		{"{\"rows\": [[0]]}", "siting.json_pairs", 1},
		{"{\"rows\": [[0,null]]}", "siting.json_pairs", 1},
		{"{\"p\": 1}", "siting.json_no_costs", 0},
		{"{\"costs\": [[1]], \"rows\": [[0,1]]}", "siting.json_two_costs", 0},
		{"{\"costs\": [[1]], \"distance\": \"euclid_floor\"}", "siting.json_two_costs", 0},
		{"{\"costs\": [[1]], \"cells\": {\"weights\": [1,2]}}", "siting.json_sizes", 0},
		{"{\"costs\": [[1]], \"sites\": {\"ids\": [\"a\",\"b\"]}}", "siting.json_sizes", 0},
		{"{\"costs\": [[1]],\n\"required\": [\"a\"]}", "siting.unknown_id", 2},
		{"{\"cells\":{\"points\":[[0,0]]},\"sites\":{\"points\":[[0,0]]}}", "siting.unknown_distance", 0},
		{"{\"cells\":{\"points\":[[0,0]]},\"sites\":{\"points\":[[1e300,0]]},\"distance\":\"euclid_floor\"}", "siting.distance_too_long", 0},
		{"{\"rows\": [[0,1]], \"sites\": {\"count\": 2000000000}}", "siting.too_many_pairs", 0},
		{"{\"format\":\"x\",\"costs\":[[1]]}", "siting.json_format", 0},
	} {
		_, err := Read(strings.NewReader(c.text), "", "x.txt")
		e, ok := errors.AsType[*ortsnah.Error](err)
		if !ok || e.Key != c.key || c.line > 0 && e.Args["line"] != c.line {
			t.Errorf("%q: %v, want %s in line %d", c.text, err, c.key, c.line)
		}
	}
	if _, err := Read(strings.NewReader("1 0 1"), "xls", "x"); err == nil || !strings.Contains(err.Error(), "siting.unknown_format") {
		t.Errorf("xls: %v", err)
	}
}

// endless gives the same byte for ever.
type endless byte

func (e endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(e)
	}
	return len(b), nil
}

func TestEndlessSources(t *testing.T) {
	if _, err := Read(endless(0), "", "/dev/zero"); err == nil || !strings.Contains(err.Error(), "siting.not_text") {
		t.Errorf("zeros: %v", err)
	}
	if testing.Short() {
		return // the other reads to the limit
	}
	if _, err := Read(io.MultiReader(strings.NewReader("1 0 1"), endless(' ')), "", "blanks"); ortsnah.KindOf(err) != ortsnah.TooLarge {
		t.Errorf("blanks: %v", err)
	}
}

// TestQuestionsWithoutSense has one for each sentence of Check.
func TestQuestionsWithoutSense(t *testing.T) {
	for key, spoil := range map[string]func(p *Problem){
		"unknown_problem":      func(p *Problem) { p.Kind = "tsp" },
		"no_cells":             func(p *Problem) { p.Weights = nil },
		"no_sites":             func(p *Problem) { p.Sites = 0 },
		"no_demand":            func(p *Problem) { p.Weights = make([]int64, 4) },
		"negative_cap":         func(p *Problem) { p.Cap = -1 },
		"negative_radius":      func(p *Problem) { p.Radius = -1 },
		"negative_weight":      func(p *Problem) { p.Weights[1] = -1 },
		"numbers_too_large":    func(p *Problem) { p.Weights[1], p.Weights[2] = 1<<49, 1<<49 },
		"matrix_shape":         func(p *Problem) { p.Costs.Row = p.Costs.Row[1:] },
		"negative_cost":        func(p *Problem) { p.Costs.Cost[0] = -1 },
		"cost_of_unknown_site": func(p *Problem) { p.Costs.Site[2] = 3 },
		"cost_twice":           func(p *Problem) { p.Costs.Site[1] = p.Costs.Site[0] },
		"costs_unsorted":       func(p *Problem) { p.Costs.Cost[0] = 9 },
		"unknown_site":         func(p *Problem) { p.Forbidden = []int32{3} },
		"site_twice":           func(p *Problem) { p.Required, p.Forbidden = []int32{1}, []int32{1} },
		"count":                func(p *Problem) { p.Kind, p.Capacity = Capacitated, []int64{1} },
		"negative_capacity":    func(p *Problem) { p.Kind, p.Capacity = Capacitated, []int64{1, -1, 1} },
		"capacity_too_large":   func(p *Problem) { p.Kind, p.Capacity = Capacitated, []int64{1, 1 << 60, 1} },
		"id_empty":             func(p *Problem) { p.SiteIDs = []string{"a", "", "c"} },
		"id_twice":             func(p *Problem) { p.CellIDs = []string{"a", "b", "c", "a"} },
		"p_too_small":          func(p *Problem) { p.P = 0 },
		"p_too_large":          func(p *Problem) { p.P, p.Existing = 3, []int32{0} },
		"too_many_required":    func(p *Problem) { p.P, p.Required = 1, []int32{0, 1} },
	} {
		p := samples()[0]
		p.Required, p.SiteIDs = nil, nil
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
		spoil(p)
		if err := p.Check(); err == nil || !strings.Contains(err.Error(), "siting."+key) {
			t.Errorf("%s: %v", key, err)
		}
	}
	today := samples()[0]
	if today.P, today.Required, today.Existing = 0, nil, []int32{1}; today.Check() != nil {
		t.Error("no further site beside existing ones is a question: what is there today")
	}
}

// FuzzRead looks for what makes a reader fail, and holds what it took: it has
// the shape that Check wants, and its canonical form is JSON that gives it back.
func FuzzRead(f *testing.F) {
	for _, p := range samples() {
		var b bytes.Buffer
		if err := p.Write(&b); err != nil {
			f.Fatal(err)
		}
		f.Add(b.String(), uint8(2))
	}
	f.Add("4 4 2\n1 2 5\n2 3 1\n2 1 9\n1 1 3\n", uint8(0))
	f.Add("DIMENSION : 2\nEDGE_WEIGHT_TYPE : EUC_2D\nNODE_COORD_SECTION\n1 0 0\n2 3 4\nEOF\n", uint8(1))
	f.Add(`{"cells":{"points":[[0,0],[1,2.5e0]]},"sites":{"points":[[0,-1]],"ids":["\u00e4"]},"distance":"euclid_round","required":["ä"]}`, uint8(2))
	f.Add(`{"p":1,"costs":[[0,null],[5,2147483647]],"problem":"mclp","radius":3}`, uint8(2))
	f.Fuzz(func(t *testing.T, text string, format uint8) {
		var sites int
		if n, _ := fmt.Sscan(text, &sites); n == 1 && sites > 300 {
			return // a large graph takes its time; limits are tested elsewhere
		}
		name := Formats()[int(format)%3]
		p, err := Read(strings.NewReader(text), name, "fuzz")
		if err != nil {
			if k := ortsnah.KindOf(err); k != ortsnah.Invalid && k != ortsnah.TooLarge {
				t.Fatal(err)
			}
			return
		}
		if name == "json" && !json.Valid([]byte(strings.TrimPrefix(text, "\ufeff"))) {
			t.Fatalf("not JSON, but read: %q", text)
		}
		if p.Check() != nil {
			return
		}
		var first, second bytes.Buffer
		if err := p.Write(&first); err != nil || !json.Valid(first.Bytes()) {
			t.Fatalf("%v: %s", err, first.String())
		}
		back, err := Read(bytes.NewReader(first.Bytes()), "", "fuzz")
		if err != nil {
			t.Fatalf("%v\n%s", err, first.String())
		}
		if err := back.Write(&second); err != nil || first.String() != second.String() {
			t.Fatalf("%s\n%s", first.String(), second.String())
		}
	})
}

package instance

import (
	"math"
	"slices"

	"github.com/ortsnah/ortsnah"
)

// JSONFormat names the version of our own instance format:
//
//	{
//	  "format": "ortsnah-siting-instance/1",
//	  "problem": "pmedian",                   pmedian, capacitated, mclp, lscp or pcenter
//	  "p": 2,                                 sites to open beside the existing ones
//	  "radius": 600, "cap": 1800,             as in Problem; optional
//	  "cells": {"count": 3,                   needed only where nothing else says how many
//	            "weights": [10, 0, 25],       whole numbers; without them each cell weighs 1
//	            "ids": ["a", "b", "c"],       optional
//	            "points": [[0, 0], [1, 0], [2.5, 0]]},
//	  "sites": {"count": 2, "ids": ["s", "t"], "points": [[0, 0], [2, 0]], "capacity": [50, 50]},
//	  "required": ["s"], "forbidden": [], "existing": [1],    by id or by number from 0
//	  "distance": "euclid_floor"              with points: euclid_floor, euclid_round or euclid_decimeter
//	}
//
// Instead of points and a distance the costs may be given: "costs" has a row
// per cell with the cost of each site, null where the site cannot serve the
// cell; "rows" has a row per cell with site, cost, site, cost, … (sites by
// number) of those that can. Costs are whole numbers from 0 to 2³¹−1. Fields that are unknown
// or come twice are refused. euclid_floor and euclid_round give whole units of
// the coordinates, euclid_decimeter tenths of them (half up).
const JSONFormat = "ortsnah-siting-instance/1"

// document is what a JSON instance says.
type document struct {
	p                             Problem
	format, problem               string
	p64                           int32
	cells, sites                  side
	distance                      string
	rows                          [][]uint64 // of "costs" or "rows", as keys
	width                         int        // of "costs"
	dense, sparse                 bool
	required, forbidden, existing []reference
}

// side are the cells or the sites.
type side struct {
	count    int32
	ids      []string
	weights  []int64
	capacity []int64
	points   [][2]float64
}

// reference names a site by its id or by its number.
type reference struct {
	id     string
	number int32
	at     int // byte of the source
}

func readJSON(src source) (*Problem, error) {
	s := &scanner{source: src}
	var d document
	if err := s.object(d.fields(s)); err != nil {
		return nil, err
	}
	if s.peek() != 0 || s.at < len(s.text) {
		return nil, s.want("siting.json_syntax")
	}
	if d.format != "" && d.format != JSONFormat {
		return nil, invalid("siting.json_format", "file", s.name, "format", d.format, "want", JSONFormat)
	}
	return d.problemOf(src)
}

func (d *document) fields(s *scanner) map[string]func() error {
	text := func(into *string) func() error {
		return func() (err error) { *into, err = s.string(); return err }
	}
	return map[string]func() error{
		"format": text(&d.format), "problem": text(&d.problem), "distance": text(&d.distance),
		"p": s.count(&d.p64), "radius": s.count(&d.p.Radius), "cap": s.count(&d.p.Cap),
		"cells": func() error {
			return s.object(map[string]func() error{"count": s.count(&d.cells.count), "ids": s.strings(&d.cells.ids),
				"weights": s.integers(&d.cells.weights), "points": s.points(&d.cells.points)})
		},
		"sites": func() error {
			return s.object(map[string]func() error{"count": s.count(&d.sites.count), "ids": s.strings(&d.sites.ids),
				"capacity": s.integers(&d.sites.capacity), "points": s.points(&d.sites.points)})
		},
		"required": s.references(&d.required), "forbidden": s.references(&d.forbidden), "existing": s.references(&d.existing),
		"costs": func() error { d.dense = true; return d.readCosts(s) },
		"rows":  func() error { d.sparse = true; return d.readRows(s) },
	}
}

// references reads a list of sites.
func (s *scanner) references(into *[]reference) func() error {
	return func() error {
		return s.list(func() error {
			r := reference{number: -1, at: s.at}
			var err error
			if s.peek() == '"' {
				r.id, err = s.string()
			} else {
				err = s.count(&r.number)()
			}
			*into = append(*into, r)
			return err
		})
	}
}

// readCosts reads the dense matrix; its rows are sorted as they come.
func (d *document) readCosts(s *scanner) error {
	d.width = -1
	pairs := 0
	row := newSorter(0)
	return s.list(func() error {
		j := 0
		row.keys = row.keys[:0]
		err := s.list(func() error {
			c, err := s.cost()
			if c >= 0 {
				row.keys = append(row.keys, key(c, int32(j)))
			}
			if j++; pairs+j > mostPairs {
				return s.manyPairs()
			}
			return err
		})
		if err != nil {
			return err
		}
		if d.width >= 0 && j != d.width {
			return s.fail("siting.json_row", "row", len(d.rows), "want", d.width, "found", j)
		}
		d.width, pairs = j, pairs+j
		row.sort()
		d.rows = append(d.rows, slices.Clone(row.keys))
		return nil
	})
}

// readRows reads the sparse matrix.
func (d *document) readRows(s *scanner) error {
	pairs := 0
	return s.list(func() error {
		var row []uint64
		n := 0
		var site int32
		err := s.list(func() error {
			if n++; n%2 == 1 {
				return s.count(&site)()
			}
			c, err := s.cost()
			if err == nil && c < 0 {
				err = s.fail("siting.json_pairs", "row", len(d.rows))
			}
			row = append(row, key(c, site))
			return err
		})
		if err != nil {
			return err
		}
		if n%2 == 1 {
			return s.fail("siting.json_pairs", "row", len(d.rows))
		}
		if pairs += len(row); pairs > mostPairs {
			return s.manyPairs()
		}
		slices.Sort(row)
		d.rows = append(d.rows, row)
		return nil
	})
}

func (s *scanner) manyPairs() error {
	return ortsnah.E(ortsnah.TooLarge, "siting.matrix_too_large", "file", s.name, "limit", mostPairs)
}

// problemOf joins what the document says to a problem.
func (d *document) problemOf(s source) (*Problem, error) {
	p := &d.p
	p.Kind, p.P = Kind(d.problem), int(d.p64)
	if d.problem == "" {
		p.Kind = PMedian
	}
	cells, err := s.size("cells", d.cells, len(d.cells.weights), len(d.rows), d.cells.weights != nil, d.dense || d.sparse)
	if err != nil {
		return nil, err
	}
	width := d.width
	sites, err := s.size("sites", d.sites, len(d.sites.capacity), width, d.sites.capacity != nil, d.dense && len(d.rows) > 0)
	if err != nil {
		return nil, err
	}
	if err := s.tooMany(1, sites); err != nil { // a count costs nothing to write
		return nil, err
	}
	p.Sites, p.Capacity, p.CellIDs, p.SiteIDs = sites, d.sites.capacity, d.cells.ids, d.sites.ids
	if p.Weights = d.cells.weights; p.Weights == nil {
		p.Weights = ones(cells)
	}
	if err := d.costs(s, cells, sites); err != nil {
		return nil, err
	}
	return p, d.lists(s)
}

// size is the number of cells or sites: everything that counts them must agree.
func (s source) size(field string, d side, listed, rows int, hasList, hasRows bool) (int, error) {
	n := -1
	for _, c := range []struct {
		what string
		n    int
		has  bool
	}{{"count", int(d.count), d.count > 0}, {"ids", len(d.ids), d.ids != nil}, {"points", len(d.points), d.points != nil},
		{map[string]string{"cells": "weights", "sites": "capacity"}[field], listed, hasList}, {"costs", rows, hasRows}} {
		switch {
		case !c.has:
		case n < 0:
			n = c.n
		case n != c.n:
			return 0, invalid("siting.json_sizes", "file", s.name, "field", field+"."+c.what, "found", c.n, "want", n)
		}
	}
	return max(n, 0), nil
}

// costs fills the matrix from the one source that is given.
func (d *document) costs(s source, cells, sites int) (err error) {
	points := d.cells.points != nil && d.sites.points != nil
	switch {
	case d.dense && d.sparse:
		return invalid("siting.json_two_costs", "file", s.name)
	case d.dense || d.sparse:
		if d.distance != "" {
			return invalid("siting.json_two_costs", "file", s.name)
		}
		d.p.Costs = Matrix{Row: make([]int64, 1, cells+1)}
		for i, row := range d.rows {
			d.p.Costs.add(row)
			d.rows[i] = nil
		}
		return nil
	case !points:
		return invalid("siting.json_no_costs", "file", s.name)
	}
	round := map[string]func(float64) float64{"euclid_floor": math.Floor,
		"euclid_round":     func(v float64) float64 { return math.Floor(v + 0.5) },
		"euclid_decimeter": func(v float64) float64 { return math.Floor(10*v + 0.5) }}[d.distance]
	if round == nil {
		return invalid("siting.unknown_distance", "file", s.name, "distance", d.distance).About("distance")
	}
	if err := s.tooMany(cells, sites); err != nil {
		return err
	}
	d.p.Costs, err = s.distances(d.cells.points, d.sites.points, round)
	return err
}

// lists looks the special sites up.
func (d *document) lists(s source) error {
	number := make(map[string]int32, len(d.sites.ids))
	for j, id := range d.sites.ids {
		number[id] = int32(j)
	}
	for _, list := range []struct {
		field string
		from  []reference
		to    *[]int32
	}{{"required", d.required, &d.p.Required}, {"forbidden", d.forbidden, &d.p.Forbidden}, {"existing", d.existing, &d.p.Existing}} {
		for _, r := range list.from {
			j := r.number
			if j < 0 {
				var ok bool
				if j, ok = number[r.id]; !ok {
					return (&scanner{source: s, at: r.at, path: list.field}).fail("siting.unknown_id", "id", r.id)
				}
			}
			*list.to = append(*list.to, j)
		}
	}
	return nil
}

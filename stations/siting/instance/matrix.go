package instance

import (
	"math"
	"strconv"
)

// Dense makes the matrix of cost(cell, site) for all pairs; a negative cost
// says that the site cannot serve the cell.
func Dense(cells, sites int, cost func(cell, site int) int32) Matrix {
	m := Matrix{Row: make([]int64, 1, cells+1), Site: make([]int32, 0, cells*sites), Cost: make([]int32, 0, cells*sites)}
	s := newSorter(sites)
	for i := range cells {
		s.keys = s.keys[:0]
		for j := range sites {
			if c := cost(i, j); c >= 0 {
				s.keys = append(s.keys, key(c, int32(j)))
			}
		}
		s.sort()
		m.add(s.keys)
	}
	return m
}

// key packs a pair so that keys order by cost, then by site.
func key(cost, site int32) uint64 { return uint64(cost)<<32 | uint64(uint32(site)) }

// add appends a sorted row.
func (m *Matrix) add(row []uint64) {
	for _, k := range row {
		m.Site = append(m.Site, int32(uint32(k)))
		m.Cost = append(m.Cost, int32(k>>32))
	}
	m.Row = append(m.Row, int64(len(m.Site)))
}

// sorter sorts rows by cost with a radix sort, eleven bits at a time. Rows come
// in ascending order of sites and the sort is stable, so only costs are looked
// at: a row of 1,000 costs half what a sort by comparison costs.
type sorter struct {
	keys, spare []uint64
}

func newSorter(sites int) *sorter {
	return &sorter{make([]uint64, 0, sites), make([]uint64, sites)}
}

func (s *sorter) sort() {
	const bits, mask = 11, 1<<11 - 1
	var most uint64
	for _, k := range s.keys {
		most = max(most, k>>32)
	}
	if len(s.spare) < len(s.keys) {
		s.spare = make([]uint64, len(s.keys))
	}
	from, to := s.keys, s.spare[:len(s.keys)]
	for shift := uint(32); shift == 32 || most>>(shift-32) > 0; shift += bits {
		var at [mask + 1]int32
		for _, k := range from {
			at[k>>shift&mask]++
		}
		sum := int32(0)
		for d, n := range at {
			at[d], sum = sum, sum+n
		}
		for _, k := range from {
			d := k >> shift & mask
			to[at[d]] = k
			at[d]++
		}
		from, to = to, from
	}
	s.keys, s.spare = from, to[:cap(to)]
}

// Cells is the number of cells.
func (p *Problem) Cells() int { return len(p.Weights) }

// CellName is the name of cell i for people: its id, else its number.
func (p *Problem) CellName(i int) string { return name(p.CellIDs, i) }

// SiteName is the name of site j for people: its id, else its number.
func (p *Problem) SiteName(j int32) string { return name(p.SiteIDs, int(j)) }

func name(ids []string, i int) string {
	if i >= 0 && i < len(ids) {
		return ids[i]
	}
	return strconv.Itoa(i)
}

// euclid is the distance of two points. It is math.Sqrt of the sum of squares
// because that is how TSPLIB's reference values were made; math.Hypot rounds
// otherwise, and the floor of a distance shows it.
func euclid(a, b [2]float64) float64 {
	dx, dy := a[0]-b[0], a[1]-b[1]
	// The conversions keep compilers from fusing the products with the sum.
	return math.Sqrt(float64(dx*dx) + float64(dy*dy))
}

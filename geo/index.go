package geo

import (
	"math"
	"slices"
	"strings"

	"github.com/ortsnah/ortsnah"
	"github.com/paulmach/orb"
)

// District is an area with a code, in the working CRS (x/y, metres).
type District struct {
	Code string
	Name string
	Area orb.MultiPolygon // rings closed; holes after their outer ring
}

// Index answers "which district is this point in?" from memory. It is
// immutable and safe for any number of readers.
//
// Border rule: a point exactly on a common border belongs to the district
// with the lowest code (compared as text), always. "Exactly" is meant
// exactly: orientation is decided with exact arithmetic where float64 could
// err, so equal input gives the equal answer on every machine.
//
// How: the bounds are cut into a grid. A cell that no edge touches lies wholly
// inside or outside of every district, so its answer is stored. In a cell that
// edges touch, the districts touching it are tried in the order of their codes
// by ray casting over the edges of the cell's row (even-odd rule, Shimrat
// 1962), the boundary counting as inside.
type Index struct {
	districts  []District // ascending code
	bound      orb.Bound
	cols, rows int
	perX, perY float64   // cells per metre
	cells      []int32   // see the cell constants
	mixed      [][]int32 // per mixed cell the districts to try, ascending
	slabs      [][]edge  // per row × district the edges that the row's y-range meets
}

// edge is one piece of a boundary, a.y <= b.y.
type edge struct{ ax, ay, bx, by float64 }

// A cell holds a district's number, outside, or firstMixed-n for mixed[n].
const (
	outside    int32 = -1
	firstMixed int32 = -2
)

// maxSide limits the grid to a million cells (4 MB).
const maxSide = 1024

// NewIndex builds the index. Errors are Invalid: geo.district_twice for a
// repeated or empty code, geo.district_not_an_area for rings that are open,
// have fewer than three corners or a coordinate beyond 1e9 m, NaN or infinite.
// An index of no districts is valid and finds nothing.
func NewIndex(districts []District) (*Index, error) {
	ix := &Index{districts: slices.Clone(districts), bound: orb.Bound{
		Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)},
	}}
	slices.SortStableFunc(ix.districts, func(a, b District) int { return strings.Compare(a.Code, b.Code) })
	edges := make([][]edge, len(ix.districts))
	count := 0
	for i, d := range ix.districts {
		if d.Code == "" || i > 0 && ix.districts[i-1].Code == d.Code {
			return nil, ortsnah.E(ortsnah.Invalid, "geo.district_twice", "code", d.Code).About("code")
		}
		var ok bool
		if edges[i], ok = edgesOf(d.Area); !ok {
			return nil, ortsnah.E(ortsnah.Invalid, "geo.district_not_an_area", "code", d.Code, "name", d.Name).About("geometry")
		}
		count += len(edges[i])
		for _, e := range edges[i] {
			ix.bound = ix.bound.Extend(orb.Point{e.ax, e.ay}).Extend(orb.Point{e.bx, e.by})
		}
	}
	if count > 0 {
		ix.lay(count)
		ix.fill(edges)
	}
	return ix, nil
}

func edgesOf(area orb.MultiPolygon) ([]edge, bool) {
	var edges []edge
	for _, polygon := range area {
		for _, ring := range polygon {
			if len(ring) < 4 || ring[0] != ring[len(ring)-1] {
				return nil, false
			}
			for i := range len(ring) - 1 {
				a, b := ring[i], ring[i+1]
				if !metric(a) || !metric(b) {
					return nil, false
				}
				if a[1] > b[1] {
					a, b = b, a
				}
				if a != b {
					edges = append(edges, edge{a[0], a[1], b[0], b[1]})
				}
			}
		}
	}
	return edges, len(edges) > 0
}

// metric reports whether p can be metres of any CRS: no NaN, no infinity and
// nothing so large that differences lose their meaning.
func metric(p orb.Point) bool {
	const limit = 1e9
	return math.Abs(p[0]) <= limit && math.Abs(p[1]) <= limit
}

// lay chooses a grid with about four cells per edge: then nearly all points
// fall into cells that no edge touches.
func (ix *Index) lay(edges int) {
	side := min(maxSide, max(16, int(2*math.Sqrt(float64(edges))*4)))
	ix.cols, ix.rows = side, side
	ix.perX = float64(side) / max(ix.bound.Max[0]-ix.bound.Min[0], math.SmallestNonzeroFloat32)
	ix.perY = float64(side) / max(ix.bound.Max[1]-ix.bound.Min[1], math.SmallestNonzeroFloat32)
}

// col and row are monotone in x and y: what lies between two points lies in
// the cells between theirs. The edges' registration rests on that.
func (ix *Index) col(x float64) int { return min(int((x-ix.bound.Min[0])*ix.perX), ix.cols-1) }
func (ix *Index) row(y float64) int { return min(int((y-ix.bound.Min[1])*ix.perY), ix.rows-1) }

func (ix *Index) fill(edges [][]edge) {
	n := len(ix.districts)
	ix.slabs = make([][]edge, ix.rows*n)
	touched := make([][]int32, ix.rows*ix.cols)
	for d := range edges {
		for _, e := range edges[d] {
			for r := ix.row(e.ay); r <= ix.row(e.by); r++ {
				ix.slabs[r*n+d] = append(ix.slabs[r*n+d], e)
				from, to := ix.span(e, r)
				for c := from; c <= to; c++ {
					t := &touched[r*ix.cols+c]
					if k := len(*t); k == 0 || (*t)[k-1] != int32(d) {
						*t = append(*t, int32(d))
					}
				}
			}
		}
	}
	ix.cells = make([]int32, ix.rows*ix.cols)
	for r := range ix.rows {
		for c := range ix.cols {
			ix.fillCell(r, c, touched[r*ix.cols+c])
		}
	}
}

// fillCell decides a cell: the districts that cover it wholly count by their
// centre; of these only the lowest matters.
func (ix *Index) fillCell(r, c int, touching []int32) {
	cell := &ix.cells[r*ix.cols+c]
	if left := r*ix.cols + c - 1; c > 0 && len(touching) == 0 && ix.cells[left] > firstMixed {
		*cell = ix.cells[left] // no border lies between two untouched cells
		return
	}
	p := orb.Point{
		ix.bound.Min[0] + (float64(c)+0.5)/ix.perX,
		ix.bound.Min[1] + (float64(r)+0.5)/ix.perY,
	}
	whole := outside
	for d := range int32(len(ix.districts)) {
		if _, is := slices.BinarySearch(touching, d); !is && ix.covers(int(d), ix.row(p[1]), p[0], p[1]) {
			whole = d
			break
		}
	}
	if len(touching) == 0 {
		*cell = whole
		return
	}
	if whole != outside {
		at, _ := slices.BinarySearch(touching, whole)
		touching = append(touching[:at:at], whole) // higher codes cannot win
	}
	*cell = firstMixed - int32(len(ix.mixed))
	ix.mixed = append(ix.mixed, touching)
}

// span is the range of columns that e may touch within row r, with a margin
// that is wide for rounding and narrow for a cell.
func (ix *Index) span(e edge, r int) (from, to int) {
	lo, hi := e.ax, e.bx
	if e.by > e.ay {
		margin := 1e-6 / ix.perY
		y0 := ix.bound.Min[1] + float64(r)/ix.perY - margin
		y1 := ix.bound.Min[1] + float64(r+1)/ix.perY + margin
		slope := (e.bx - e.ax) / (e.by - e.ay)
		if y0 > e.ay {
			lo = e.ax + slope*(y0-e.ay)
		}
		if y1 < e.by {
			hi = e.ax + slope*(y1-e.ay)
		}
	}
	if lo > hi {
		lo, hi = hi, lo
	}
	margin := 1e-6 / ix.perX
	lo = max(lo, min(e.ax, e.bx)) - margin
	hi = min(hi, max(e.ax, e.bx)) + margin
	return ix.col(max(lo, ix.bound.Min[0])), ix.col(max(hi, ix.bound.Min[0]))
}

// Locate returns the district that covers the point (x/y in the working CRS),
// on a common border the one with the lowest code; false where there is none.
func (ix *Index) Locate(x, y float64) (District, bool) {
	if d := ix.locate(x, y); d >= 0 {
		return ix.districts[d], true
	}
	return District{}, false
}

// OnBorder returns the codes of all districts that cover the point, ascending:
// more than one only on a common border (or where districts overlap).
func (ix *Index) OnBorder(x, y float64) []string {
	var codes []string
	if !ix.within(x, y) {
		return codes
	}
	r := ix.row(y)
	for d := range ix.districts {
		if ix.covers(d, r, x, y) {
			codes = append(codes, ix.districts[d].Code)
		}
	}
	return codes
}

// Districts returns the districts in the order of their codes.
func (ix *Index) Districts() []District { return slices.Clone(ix.districts) }

func (ix *Index) within(x, y float64) bool {
	return len(ix.cells) > 0 && x >= ix.bound.Min[0] && x <= ix.bound.Max[0] &&
		y >= ix.bound.Min[1] && y <= ix.bound.Max[1]
}

func (ix *Index) locate(x, y float64) int32 {
	if !ix.within(x, y) { // NaN too: it fails every comparison
		return outside
	}
	r := ix.row(y)
	cell := ix.cells[r*ix.cols+ix.col(x)]
	if cell > firstMixed {
		return cell
	}
	for _, d := range ix.mixed[firstMixed-cell] {
		if ix.covers(int(d), r, x, y) {
			return d
		}
	}
	return outside
}

// covers casts a ray from the point towards greater x. An edge counts when it
// straddles the ray by the half-open rule, so a shared corner counts once; a
// point on an edge is covered at once.
func (ix *Index) covers(district, row int, x, y float64) bool {
	inside := false
	for _, e := range ix.slabs[row*len(ix.districts)+district] {
		if y < e.ay || y > e.by || x > max(e.ax, e.bx) {
			continue
		}
		straddles := e.ay <= y && y < e.by
		if x < min(e.ax, e.bx) {
			inside = inside != straddles
			continue
		}
		switch side := orient(e, x, y); {
		case side == 0:
			return true
		case side > 0: // left of the upward edge
			inside = inside != straddles
		}
	}
	return inside
}

package travel

import (
	"math"

	"github.com/paulmach/orb"
)

// Reach is how far from a street a place may be, metres; farther ones are
// reached by nobody.
const Reach = 1500.0

// place is where a point joins the network.
type place struct {
	edge   int32   // -1: it is out of reach
	share  float64 // of the edge's length, from From
	access int32   // deciseconds on foot between the point and the edge
}

// piece is one straight piece of an edge, between its spots spot and spot+1.
type piece struct{ edge, spot int32 }

// grid finds the pieces of edges near a place: square cells, each with the
// pieces that cross it. It is immutable.
type grid struct {
	west, south   int32
	width, height int32 // of a cell, 1e-7 degrees
	columns, rows int32
	first         []int32
	pieces        []piece
}

// newGrid indexes all edges that have a length.
func newGrid(s *streets) *grid {
	low, high := s.Spots[0], s.Spots[0]
	for _, at := range s.Spots {
		low = spot{min(low[0], at[0]), min(low[1], at[1])}
		high = spot{max(high[0], at[0]), max(high[1], at[1])}
	}
	wide, tall := float64(int64(high[0])-int64(low[0])), float64(int64(high[1])-int64(low[1]))
	shrink := math.Cos(float64(int64(low[1])+int64(high[1])) / 2e7 * math.Pi / 180)
	// About one piece per cell, cells of 60 m and more.
	size := max(60/metresPerUnit, math.Sqrt(wide*shrink*tall/float64(len(s.Spots))), max(wide*shrink, tall)/20000)
	g := &grid{west: low[0], south: low[1], width: int32(min(size/max(shrink, 0.01), 1e9)), height: int32(min(size, 1e9))}
	g.columns, g.rows = int32(wide/float64(g.width))+1, int32(tall/float64(g.height))+1
	g.first = make([]int32, int(g.columns)*int(g.rows)+1)
	g.each(s, func(cell int, _ piece) { g.first[cell+1]++ })
	for i := 1; i < len(g.first); i++ {
		g.first[i] += g.first[i-1]
	}
	g.pieces = make([]piece, g.first[len(g.first)-1])
	next := append([]int32(nil), g.first...)
	g.each(s, func(cell int, p piece) {
		g.pieces[next[cell]] = p
		next[cell]++
	})
	return g
}

// each calls put with every piece and the cells it crosses.
func (g *grid) each(s *streets, put func(cell int, p piece)) {
	for edge := range int32(s.edges()) {
		if s.pointlike(edge) {
			continue
		}
		for i := s.Shape[edge]; i < s.Shape[edge+1]-1; i++ {
			g.cross(s.Spots[i], s.Spots[i+1], func(cell int) { put(cell, piece{edge, i}) })
		}
	}
}

// cross calls put with the cells that the line from a to b meets: row by row,
// those between where the line enters the row and where it leaves.
func (g *grid) cross(a, b spot, put func(cell int)) {
	if a[1] > b[1] {
		a, b = b, a
	}
	ax, ay := float64(int64(a[0])-int64(g.west)), float64(int64(a[1])-int64(g.south))
	bx, by := float64(int64(b[0])-int64(g.west)), float64(int64(b[1])-int64(g.south))
	w, h := float64(g.width), float64(g.height)
	for row := int(ay / h); row <= int(by/h); row++ {
		from, to := ax, bx
		if by > ay {
			from = ax + (bx-ax)*(max(ay, float64(row)*h)-ay)/(by-ay)
			to = ax + (bx-ax)*(min(by, float64(row+1)*h)-ay)/(by-ay)
		}
		left, right := int(min(from, to)/w), int(max(from, to)/w)
		for column := max(left, 0); column <= min(right, int(g.columns)-1); column++ {
			put(row*int(g.columns) + column)
		}
	}
}

// plane measures in metres around a point.
type plane struct {
	x, y   int64
	shrink float64 // of a degree of longitude
}

func planeAt(s spot) plane {
	return plane{int64(s[0]), int64(s[1]), math.Cos(float64(s[1]) / 1e7 * math.Pi / 180)}
}

func (p plane) of(s spot) (x, y float64) {
	return float64(int64(s[0])-p.x) * p.shrink * metresPerUnit, float64(int64(s[1])-p.y) * metresPerUnit
}

// foot is the point of the line from a to b that is nearest to the plane's
// origin: its share of the line and its squared distance.
func (p plane) foot(a, b spot) (share, squared float64) {
	ax, ay := p.of(a)
	bx, by := p.of(b)
	dx, dy := bx-ax, by-ay
	if l := dx*dx + dy*dy; l > 0 {
		share = max(0, min(1, -(ax*dx+ay*dy)/l))
	}
	x, y := ax+share*dx, ay+share*dy
	return share, x*x + y*y
}

// nearest is the piece that wanted accepts nearest to a point, within so many
// metres; of equally near ones the one with the lower number.
func (g *grid) nearest(s *streets, at spot, within float64, wanted func(edge int32) bool) (best piece, share, metres float64, found bool) {
	p, squared := planeAt(at), math.Nextafter(within*within, math.Inf(1))
	g.rings(at, func(p0 piece) {
		if !wanted(p0.edge) {
			return
		}
		t, d := p.foot(s.Spots[p0.spot], s.Spots[p0.spot+1])
		if d < squared || d == squared && found && p0.spot < best.spot {
			best, share, squared, found = p0, t, d, true
		}
	}, func(sure float64) bool { return sure*sure > squared })
	return best, share, math.Sqrt(squared), found
}

// rings calls each with the pieces in square rings of cells around a place.
// Before every further ring it asks enough, with the metres below which all
// pieces have been seen.
func (g *grid) rings(at spot, each func(piece), enough func(sure float64) bool) {
	x, y := (int64(at[0])-int64(g.west))/int64(g.width), (int64(at[1])-int64(g.south))/int64(g.height)
	if at[0] < g.west {
		x--
	}
	if at[1] < g.south {
		y--
	}
	column, row := int(x), int(y)
	ring := max(0, -column, -row, column-int(g.columns)+1, row-int(g.rows)+1)
	// A ring is as far as its narrower cells reach; the nearer pole has the narrowest.
	cell := min(float64(g.height), float64(g.width)*math.Cos(min(89, math.Abs(float64(at[1]))/1e7+0.1)*math.Pi/180)) * metresPerUnit
	for most := max(int(g.columns), int(g.rows)) + ring; ring <= most; ring++ {
		if ring > 0 && enough(float64(ring-1)*cell) {
			return
		}
		for r := row - ring; r <= row+ring; r++ {
			if r < 0 || r >= int(g.rows) {
				continue
			}
			step := 2 * ring
			if r == row-ring || r == row+ring || ring == 0 {
				step = 1
			}
			for c := column - ring; c <= column+ring; c += step {
				if c >= 0 && c < int(g.columns) {
					k := r*int(g.columns) + c
					for _, p := range g.pieces[g.first[k]:g.first[k+1]] {
						each(p)
					}
				}
			}
		}
	}
}

// within calls each with the pieces in the cells between two corners; a piece
// comes once per cell.
func (g *grid) within(low, high spot, each func(piece)) {
	cell := func(at, origin, size int32, count int32) int {
		return int(max(-1, min(int64(count), (int64(at)-int64(origin))/int64(size))))
	}
	for row := max(0, cell(low[1], g.south, g.height, g.rows)); row <= min(int(g.rows)-1, cell(high[1], g.south, g.height, g.rows)); row++ {
		for column := max(0, cell(low[0], g.west, g.width, g.columns)); column <= min(int(g.columns)-1, cell(high[0], g.west, g.width, g.columns)); column++ {
			k := row*int(g.columns) + column
			for _, p := range g.pieces[g.first[k]:g.first[k+1]] {
				each(p)
			}
		}
	}
}

// join finds where a point joins the network of a profile.
func (n *Network) join(profile int, at orb.Point) place {
	wanted := n.joinable[profile]
	p, share, metres, found := n.grid.nearest(n.s, spotOf(at), Reach, func(edge int32) bool { return wanted[edge] })
	if !found {
		return place{edge: -1}
	}
	return place{p.edge, n.s.shareAt(p, share), duration(metres, walkSpeed)}
}

// shareAt turns a share of a piece into one of its edge.
func (s *streets) shareAt(p piece, share float64) float64 {
	before := lengthOf(s.Spots[s.Shape[p.edge] : p.spot+1])
	here := distance(s.Spots[p.spot], s.Spots[p.spot+1])
	return max(0, min(1, (before+share*here)/s.length(p.edge)))
}

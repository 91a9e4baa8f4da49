package geo

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Points finds the nearest of many points in a metric CRS: a k-d tree
// (Bentley 1975) laid out in one slice, the median of each range at its
// middle. It is immutable and safe for any number of readers.
type Points struct{ nodes []node }

type node struct {
	at    orb.Point
	index int // in the slice given to NewPoints
}

// Neighbour is a point found: its position in the slice given to NewPoints
// and its distance in metres.
type Neighbour struct {
	Index    int
	Distance float64
}

// NewPoints indexes points (x/y, metres). Points with a coordinate that is no
// number of metres (NaN, infinite, beyond 1e9) are left out: they are near nothing.
func NewPoints(points []orb.Point) *Points {
	p := &Points{}
	for i, at := range points {
		if metric(at) {
			p.nodes = append(p.nodes, node{at, i})
		}
	}
	split(p.nodes, 0)
	return p
}

func split(nodes []node, axis int) {
	if len(nodes) < 2 {
		return
	}
	slices.SortFunc(nodes, func(a, b node) int {
		return cmp.Or(cmp.Compare(a.at[axis], b.at[axis]), cmp.Compare(a.index, b.index))
	})
	mid := len(nodes) / 2
	split(nodes[:mid], 1-axis)
	split(nodes[mid+1:], 1-axis)
}

// Nearest returns the k points nearest to (x, y), nearest first, equal
// distances in the order given to NewPoints; fewer when there are fewer.
func (p *Points) Nearest(x, y float64, k int) []Neighbour {
	if k <= 0 || !metric(orb.Point{x, y}) {
		return nil
	}
	s := search{from: orb.Point{x, y}, best: make([]candidate, 0, min(k, len(p.nodes))+1), k: k}
	s.visit(p.nodes, 0)
	found := make([]Neighbour, len(s.best))
	for i, c := range s.best {
		found[i] = Neighbour{c.index, math.Sqrt(c.squared)}
	}
	return found
}

type candidate struct {
	squared float64
	index   int
}

type search struct {
	from orb.Point
	best []candidate // ascending
	k    int
}

func (s *search) visit(nodes []node, axis int) {
	if len(nodes) == 0 {
		return
	}
	mid := len(nodes) / 2
	s.offer(nodes[mid])
	off := s.from[axis] - nodes[mid].at[axis]
	near, far := nodes[:mid], nodes[mid+1:]
	if off > 0 {
		near, far = far, near
	}
	s.visit(near, 1-axis)
	// "<=": an equally distant point with a lower index may wait there.
	if len(s.best) < s.k || off*off <= s.best[len(s.best)-1].squared {
		s.visit(far, 1-axis)
	}
}

func (s *search) offer(n node) {
	dx, dy := n.at[0]-s.from[0], n.at[1]-s.from[1]
	c := candidate{dx*dx + dy*dy, n.index}
	at, _ := slices.BinarySearchFunc(s.best, c, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.squared, b.squared), cmp.Compare(a.index, b.index))
	})
	if at == s.k {
		return
	}
	s.best = slices.Insert(s.best, at, c)
	s.best = s.best[:min(len(s.best), s.k)]
}

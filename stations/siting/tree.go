package siting

import (
	"container/heap"

	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// multipliers of the relaxation; those that close a leaf get a number in the
// certificate.
type multipliers struct {
	mu     []int64
	number int32 // in the certificate, while that is written
	kept   bool  // a leaf needs them
}

// twig is a node of the certificate's tree while it grows.
type twig struct {
	site    int32 // −1: leaf
	by      *multipliers
	out, in int32
}

// tree grows from its root; leaves are open until they are closed.
type tree struct {
	twigs []twig
	kept  int // multipliers that leaves need
}

// split makes twig t a branching on site j.
func (t *tree) split(at, j int32) (out, in int32) {
	out, in = int32(len(t.twigs)), int32(len(t.twigs))+1
	t.twigs = append(t.twigs, twig{site: -1}, twig{site: -1})
	t.twigs[at] = twig{site: j, out: out, in: in}
	return out, in
}

// close makes twig t a leaf; by nil: all sites are fixed.
func (t *tree) close(at int32, by *multipliers) {
	t.twigs[at] = twig{site: -1, by: by}
	if by != nil && !by.kept {
		by.kept = true
		t.kept++
	}
}

// certificate writes the tree in preorder and the multipliers it uses.
func (t *tree) certificate(k *kernel, c *proof.Certificate) {
	c.Scale = k.scale()
	c.Tree = make([]proof.Node, 0, len(t.twigs))
	c.Lambda = [][]int64{}
	for _, w := range t.twigs {
		if w.by != nil {
			w.by.number = -1
		}
	}
	stack := []int32{0}
	for len(stack) > 0 {
		w := t.twigs[stack[len(stack)-1]]
		stack = stack[:len(stack)-1]
		if w.site >= 0 {
			c.Tree = append(c.Tree, proof.Node{Site: w.site})
			stack = append(stack, w.in, w.out)
			continue
		}
		by := int32(-1)
		if w.by != nil {
			if w.by.number < 0 {
				w.by.number = int32(len(c.Lambda))
				c.Lambda = append(c.Lambda, k.lambda(w.by.mu))
			}
			by = w.by.number
		}
		c.Tree = append(c.Tree, proof.Node{Site: -1, By: by})
	}
}

// node is an open node of the search.
type node struct {
	bound int64 // times the scale
	fates []fate
	by    *multipliers // that attain the bound
	twig  int32
	born  int
	depth int // of a search that dives: it wants any choice without loss
}

// queue holds open nodes: the deepest first if the search dives, else the worst
// bound first; of equals the youngest.
type queue []*node

func (q queue) Len() int      { return len(q) }
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q queue) Less(i, j int) bool {
	if q[i].depth != q[j].depth {
		return q[i].depth > q[j].depth
	}
	return q[i].bound < q[j].bound || q[i].bound == q[j].bound && q[i].born > q[j].born
}
func (q *queue) Push(n any) { *q = append(*q, n.(*node)) }
func (q *queue) Pop() any {
	n := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return n
}

var _ heap.Interface = (*queue)(nil)

package instance

import (
	"bytes"
	"math"
	"slices"
	"strconv"
)

// readORLib reads an uncapacitated p-median file of the OR-Library (Beasley
// 1990): "vertices edges p", then one "from to cost" per undirected edge. The
// costs of a problem are the lengths of shortest paths. Of edges between the
// same two vertices the last one counts, whatever its cost: so Beasley's file
// format says, and the published optima hold only then.
func readORLib(s source) (*Problem, error) {
	n, edges, p, at, err := s.readHeader()
	if err != nil {
		return nil, err
	}
	if err := s.tooMany(n, n); err != nil {
		return nil, err
	}
	cost := map[[2]int32]int32{} // of the last edge between two vertices, the smaller first
	for found := 0; ; {
		text, ok := at.next()
		if !ok {
			if found < edges {
				return nil, s.wrong("siting.edges_missing", at.line, "want", edges, "found", found)
			}
			break
		}
		v, err := s.integers(at.line, text, 3)
		if err != nil {
			return nil, err
		}
		if v == nil {
			continue
		}
		if found++; found > edges {
			return nil, s.wrong("siting.edges_too_many", at.line, "want", edges)
		}
		for _, node := range v[:2] {
			if node < 1 || node > n {
				return nil, s.wrong("siting.node_unknown", at.line, "node", node, "n", n)
			}
		}
		cost[[2]int32{int32(min(v[0], v[1]) - 1), int32(max(v[0], v[1]) - 1)}] = int32(v[2])
	}
	g := graph{out: make([][]arc, n)}
	for ends, c := range cost { // in any order: only lengths come of it
		g.out[ends[0]] = append(g.out[ends[0]], arc{ends[1], c})
		g.out[ends[1]] = append(g.out[ends[1]], arc{ends[0], c})
	}
	costs, err := g.allPairs(s)
	if err != nil {
		return nil, err
	}
	return nodes(n, p, costs), nil
}

func (s source) readHeader() (n, edges, p int, at *lines, err error) {
	at = &lines{rest: s.text}
	for {
		text, ok := at.next()
		if !ok {
			return 0, 0, 0, nil, invalid("siting.file_empty", "file", s.name)
		}
		v, err := s.integers(at.line, text, 3)
		if err != nil {
			return 0, 0, 0, nil, err
		}
		if v != nil {
			return v[0], v[1], v[2], at, nil
		}
	}
}

// nodes is the p-median problem where every node is a cell of weight 1 and a
// site; their ids are the numbers of the file, from 1.
func nodes(n, p int, costs Matrix) *Problem {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = strconv.Itoa(i + 1)
	}
	return &Problem{Kind: PMedian, P: p, Sites: n, Weights: ones(n), Costs: costs, CellIDs: ids, SiteIDs: ids}
}

func ones(n int) []int64 { return slices.Repeat([]int64{1}, n) }

// lines walks over the lines of a text and counts them.
type lines struct {
	rest []byte
	line int
}

func (l *lines) next() ([]byte, bool) {
	if len(l.rest) == 0 {
		return nil, false
	}
	l.line++
	text, rest, _ := bytes.Cut(l.rest, []byte("\n"))
	l.rest = rest
	return bytes.TrimSpace(text), true
}

// integers reads the want whole numbers ≥ 0 of a line; nil for an empty line.
func (s source) integers(line int, text []byte, want int) ([]int, error) {
	if len(text) == 0 {
		return nil, nil
	}
	fields := bytes.Fields(text)
	if len(fields) != want {
		return nil, s.wrong("siting.line_words", line, "want", want, "found", len(fields))
	}
	v := make([]int, want)
	for i, f := range fields {
		number, err := strconv.ParseInt(string(f), 10, 32)
		if err != nil || number < 0 {
			return nil, s.wrong("siting.bad_number", line, "text", shorten(f))
		}
		v[i] = int(number)
	}
	return v, nil
}

// shorten keeps a quotation short enough for a sentence.
func shorten(b []byte) string {
	if r := []rune(string(b)); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return string(b)
}

// graph has the arcs of each vertex.
type graph struct{ out [][]arc }

type arc struct {
	to, cost int32
}

// allPairs is Dijkstra's algorithm from every vertex. It settles vertices in
// the order that a row of Matrix wants but for ties. Once the distances from a
// vertex are known, its arcs that are longer than the way round are dropped:
// in the OR-Library's graphs those are most.
func (g *graph) allPairs(s source) (Matrix, error) {
	n := len(g.out)
	m := Matrix{Row: make([]int64, 1, n+1), Site: make([]int32, 0, n*n), Cost: make([]int32, 0, n*n)}
	dist := make([]int64, n)
	var queue heap
	rows := newSorter(n)
	for from := range n {
		g.search(from, dist, &queue)
		rows.keys = rows.keys[:0]
		for j, d := range dist {
			if d == math.MaxInt64 {
				continue
			}
			if d > math.MaxInt32 {
				return m, invalid("siting.path_too_long", "file", s.name, "from", from+1, "to", j+1)
			}
			rows.keys = append(rows.keys, key(int32(d), int32(j)))
		}
		rows.sort()
		m.add(rows.keys)
		g.out[from] = slices.DeleteFunc(g.out[from], func(a arc) bool { return int64(a.cost) > dist[a.to] })
	}
	return m, nil
}

// search fills dist with the lengths of the shortest paths from a vertex.
func (g *graph) search(from int, dist []int64, queue *heap) {
	for j := range dist {
		dist[j] = math.MaxInt64
	}
	dist[from] = 0
	queue.push(reached{0, int32(from)})
	for len(*queue) > 0 {
		at := queue.pop()
		if at.dist > dist[at.vertex] {
			continue
		}
		for _, a := range g.out[at.vertex] {
			if d := at.dist + int64(a.cost); d < dist[a.to] {
				dist[a.to] = d
				queue.push(reached{d, a.to})
			}
		}
	}
}

type reached struct {
	dist   int64
	vertex int32
}

// heap is a binary heap, nearest first (container/heap boxes every element).
type heap []reached

func (h *heap) push(r reached) {
	*h = append(*h, r)
	a := *h
	i := len(a) - 1
	for i > 0 && a[(i-1)/2].dist > r.dist {
		a[i] = a[(i-1)/2]
		i = (i - 1) / 2
	}
	a[i] = r
}

func (h *heap) pop() reached {
	a := *h
	top, last := a[0], a[len(a)-1]
	a = a[:len(a)-1]
	*h = a
	i := 0
	for child := 1; child < len(a); child = 2*i + 1 {
		if child+1 < len(a) && a[child+1].dist < a[child].dist {
			child++
		}
		if a[child].dist >= last.dist {
			break
		}
		a[i] = a[child]
		i = child
	}
	if len(a) > 0 {
		a[i] = last
	}
	return top
}

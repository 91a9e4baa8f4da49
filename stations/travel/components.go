package travel

// components numbers the strongly connected components of a graph (Tarjan
// 1972, without recursion) and returns their sizes.
func components(a arcs) (of []int32, sizes []int32) {
	n := len(a.first) - 1
	of = make([]int32, n)
	order, low, next := make([]int32, n), make([]int32, n), make([]int32, n)
	for v := range n {
		of[v] = -1
	}
	var stack, calls []int32
	count := int32(0)
	for root := range n {
		if order[root] != 0 {
			continue
		}
		calls = append(calls[:0], int32(root))
		for len(calls) > 0 {
			v := calls[len(calls)-1]
			if order[v] == 0 {
				count++
				order[v], low[v], next[v] = count, count, a.first[v]
				stack = append(stack, v)
			}
			if next[v] < a.first[v+1] {
				w := a.list[next[v]].head
				next[v]++
				if order[w] == 0 {
					calls = append(calls, w)
				} else if of[w] < 0 {
					low[v] = min(low[v], order[w])
				}
				continue
			}
			calls = calls[:len(calls)-1]
			if len(calls) > 0 {
				parent := calls[len(calls)-1]
				low[parent] = min(low[parent], low[v])
			}
			if low[v] != order[v] {
				continue
			}
			size := int32(0)
			for {
				w := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				of[w] = int32(len(sizes))
				size++
				if w == v {
					break
				}
			}
			sizes = append(sizes, size)
		}
	}
	return of, sizes
}

// minorShare is the part of the largest component's junctions from which on
// another one counts as a place of its own rather than a flaw of the map.
const minorShare = 10

// joinable marks the edges that places may join: with length, open, inside one
// component that is large.
func (s *streets) joinable(profile int, forward arcs) []bool {
	of, sizes := components(forward)
	largest := int32(0)
	for _, size := range sizes {
		largest = max(largest, size)
	}
	ok := make([]bool, s.edges())
	for edge := range int32(s.edges()) {
		c := of[s.From[edge]]
		ok[edge] = c == of[s.To[edge]] && sizes[c]*minorShare >= largest && s.open(profile, edge) && !s.pointlike(edge)
	}
	return ok
}

// pointlike edges have no extent: those through a gate.
func (s *streets) pointlike(edge int32) bool {
	shape := s.shape(edge)
	for _, at := range shape[1:] {
		if at != shape[0] {
			return false
		}
	}
	return true
}

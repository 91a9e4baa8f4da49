package travel

// width is the number of bits of a bucket: 2^width deciseconds. Times inside a
// bucket are corrected until they stand, so that any width gives the same
// answer; this one is quick for streets (BenchmarkMatrix).
const width = 6

// start is a junction from which a search sets out, with the time until there.
type start struct{ junction, time int32 }

// search is Dial's algorithm (1969) with buckets in a ring, and with
// corrections inside a bucket (Denardo and Fox 1979). One goroutine uses it,
// again and again.
type search struct {
	time    []int32 // per junction; far where the search has not come to
	far     int32
	met     []int32    // junctions with a time
	buckets [][]uint64 // time and junction
}

// newSearch makes room for searches that end at the cut-off.
func newSearch(junctions int32, cutoff int32) *search {
	q := &search{time: make([]int32, junctions), far: cutoff + 1, buckets: make([][]uint64, 64)}
	for i := range q.time {
		q.time[i] = q.far
	}
	return q
}

// clear forgets the last search.
func (q *search) clear() {
	for _, v := range q.met {
		q.time[v] = q.far
	}
	q.met = q.met[:0]
}

// room makes the ring longer than what may wait at one moment.
func (q *search) room(span int32) {
	if need := int(span>>width) + 2; need > len(q.buckets) {
		size := len(q.buckets)
		for size < need {
			size *= 2
		}
		q.buckets = make([][]uint64, size)
	}
}

// run finds the times from starts to all junctions within the cut-off. After
// each of some buckets it asks enough, which may be nil, whether times below
// floor are all that is wanted.
func (q *search) run(a *arcs, starts []start, enough func(floor int32) bool) {
	q.clear()
	first, last := q.far, int32(0)
	for _, s := range starts {
		if s.time < q.far {
			first, last = min(first, s.time), max(last, s.time)
		}
	}
	if first == q.far {
		return
	}
	q.room(max(a.longest, last-first))
	waiting := 0
	for _, s := range starts {
		if s.time < q.time[s.junction] {
			waiting += q.put(s.junction, s.time)
		}
	}
	mask := int32(len(q.buckets) - 1)
	for now := first >> width; waiting > 0; now++ {
		b := &q.buckets[now&mask]
		for len(*b) > 0 {
			entry := (*b)[len(*b)-1]
			*b = (*b)[:len(*b)-1]
			waiting--
			v, t := int32(uint32(entry)), int32(entry>>32)
			if q.time[v] != t {
				continue
			}
			for _, next := range a.list[a.first[v]:a.first[v+1]] {
				if sum := t + next.time; sum < q.time[next.head] {
					waiting += q.put(next.head, sum)
				}
			}
		}
		if enough != nil && now&31 == 0 && enough((now+1)<<width) {
			q.drop()
			return
		}
	}
}

func (q *search) put(v, t int32) int {
	if q.time[v] == q.far {
		q.met = append(q.met, v)
	}
	q.time[v] = t
	k := int(t>>width) & (len(q.buckets) - 1)
	q.buckets[k] = append(q.buckets[k], uint64(t)<<32|uint64(uint32(v)))
	return 1
}

// drop empties the buckets of a search that ended early.
func (q *search) drop() {
	for i := range q.buckets {
		q.buckets[i] = q.buckets[i][:0]
	}
}

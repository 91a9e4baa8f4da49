package travel

import "slices"

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
	buckets []int32 // the last entry of each; 0: empty
	entries []entry // in the order of coming; 0 is none
	settled []start // whose turn has come, with the time then
}

// entry waits in a bucket until its junction's turn comes.
type entry struct{ junction, time, before int32 }

// newSearch makes room for searches that end at the cut-off.
func newSearch(junctions int32, cutoff int32) *search {
	q := &search{time: make([]int32, junctions), far: cutoff + 1, buckets: make([]int32, 64)}
	for i := range q.time {
		q.time[i] = q.far
	}
	return q
}

// clear forgets the last search and makes the ring longer than what may wait
// at one moment.
func (q *search) clear(span int32) {
	for _, e := range q.entries {
		q.time[e.junction] = q.far
	}
	size := len(q.buckets)
	for size < int(span>>width)+2 {
		size *= 2
	}
	if size > len(q.buckets) {
		q.buckets = make([]int32, size)
	}
	q.entries, q.settled = append(q.entries[:0], entry{}), q.settled[:0]
}

// run finds the times from starts to all junctions within the cut-off. After
// each of some buckets it asks enough, which may be nil, whether times below
// floor are all that is wanted.
func (q *search) run(a *arcs, starts []start, enough func(floor int32) bool) {
	first, last := q.far, int32(0)
	for _, s := range starts {
		if s.time < q.far {
			first, last = min(first, s.time), max(last, s.time)
		}
	}
	q.clear(max(a.longest, last-first))
	for _, s := range starts {
		if s.time < q.time[s.junction] {
			q.put(s.junction, s.time)
		}
	}
	waiting := len(q.entries) - 1
	mask := int32(len(q.buckets) - 1)
	for now := first >> width; waiting > 0; now++ {
		waiting += q.empty(a, &q.buckets[now&mask])
		if enough != nil && now&31 == 0 && enough((now+1)<<width) {
			clear(q.buckets)
			return
		}
	}
}

// met calls each with the junctions that have a time, once each, after a search
// that nobody ended early: one that went on with a better time later is not at
// its time yet.
func (q *search) met(each func(junction, time int32)) {
	for _, s := range q.settled {
		if q.time[s.junction] == s.time {
			each(s.junction, s.time)
		}
	}
}

// put writes down a better time and lets the junction wait for its turn.
func (q *search) put(junction, time int32) {
	q.time[junction] = time
	b := &q.buckets[int(time>>width)&(len(q.buckets)-1)]
	q.entries = append(q.entries, entry{junction, time, *b})
	*b = int32(len(q.entries) - 1)
}

// empty lets everybody in one bucket go on and returns by how many more wait.
// It is the inner loop of everything: what it needs stands in variables of its
// own, and whether a time is better decides no jump, as no processor guesses
// that right: an entry is always written, and counts when it is.
func (q *search) empty(a *arcs, bucket *int32) (more int) {
	times, entries, buckets := q.time, q.entries, q.buckets
	list, first, changed := a.list, a.first, a.changed
	before, taken, mask := len(entries), 0, int32(len(buckets)-1)
	n, entries, settled := before, entries[:cap(entries)], q.settled
	for *bucket != 0 {
		e := entries[*bucket]
		*bucket = e.before
		taken++
		if times[e.junction] != e.time {
			continue // a better time came later
		}
		settled = append(settled, start{e.junction, e.time})
		row := list[first[e.junction]:first[e.junction+1]]
		if changed != nil {
			row = a.row(e.junction)
		}
		if n+len(row) > len(entries) {
			entries = slices.Grow(entries[:n], n+len(row))
			entries = entries[:cap(entries)]
		}
		for _, next := range row {
			time := e.time + next.time
			known, b := &times[next.head], &buckets[(time>>width)&mask]
			old, last, step := *known, *b, 0
			entries[n] = entry{next.head, time, last}
			if time < old {
				last = int32(n)
			}
			if time < old {
				step = 1
			}
			*known, *b = min(time, old), last
			n += step
		}
	}
	q.entries, q.settled = entries[:n], settled
	return n - before - taken
}

package match

import (
	"math/bits"
	"time"
)

// Span is the timeline of the cells [from, to); what lies outside of the
// longest day is cut off.
func Span(from, to int) Timeline {
	var t Timeline
	from, to = max(from, 0), min(to, Words*64)
	for i := range t {
		lo, hi := max(from-64*i, 0), min(to-64*i, 64)
		if lo < hi {
			t[i] = ^uint64(0) >> (64 - hi) &^ (1<<lo - 1)
		}
	}
	return t
}

// Add frees the cells [from, to).
func (t *Timeline) Add(from, to int) { t.or(Span(from, to)) }

// Remove takes the cells [from, to).
func (t *Timeline) Remove(from, to int) { t.andNot(Span(from, to)) }

// Free tells whether all cells [from, to) of the longest day are free.
func (t *Timeline) Free(from, to int) bool {
	if from < 0 || to > Words*64 {
		return false
	}
	for i := from >> 6; i < Words && from < to; i++ {
		hi := min(to-64*i, 64)
		want := ^uint64(0) >> (64 - hi) &^ (1<<(from&63) - 1)
		if t[i]&want != want {
			return false
		}
		from = 64 * (i + 1)
	}
	return true
}

// Count is the number of free cells.
func (t *Timeline) Count() int {
	n := 0
	for _, w := range t {
		n += bits.OnesCount64(w)
	}
	return n
}

func (t *Timeline) empty() bool { return t[0]|t[1]|t[2]|t[3]|t[4] == 0 }

func (t *Timeline) has(cell int) bool { return t[cell>>6]>>(cell&63)&1 == 1 }

func (t *Timeline) and(o Timeline) {
	for i := range t {
		t[i] &= o[i]
	}
}

func (t *Timeline) or(o Timeline) {
	for i := range t {
		t[i] |= o[i]
	}
}

func (t *Timeline) andNot(o Timeline) {
	for i := range t {
		t[i] &^= o[i]
	}
}

// word is the 64 cells from cell 64i+n on.
func (t *Timeline) word(i, n int) uint64 {
	i, n = i+n>>6, n&63
	switch {
	case i >= Words:
		return 0
	case i == Words-1:
		return t[i] >> n
	}
	return t[i]>>n | t[i+1]<<(64-n)
}

// earlier moves every cell n cells towards midnight: cell i is what i+n was.
func (t *Timeline) earlier(n int) {
	for i := range t {
		t[i] = t.word(i, n)
	}
}

// later moves every cell n cells away from midnight.
func (t *Timeline) later(n int) {
	skip, n := n>>6, n&63
	for i := Words - 1; i >= 0; i-- {
		var w uint64
		if j := i - skip; j >= 0 {
			w = t[j] << n
			if j > 0 {
				w |= t[j-1] >> (64 - n)
			}
		}
		t[i] = w
	}
}

// erode keeps the cells from which n cells are free, itself among them. The
// width that is known to be free doubles with every step.
func (t *Timeline) erode(n int) {
	for have := 1; have < n; {
		step := min(have, n-have)
		for i := range t {
			t[i] &= t.word(i, step)
		}
		have += step
	}
}

// each calls do with every free cell in ascending order.
func (t *Timeline) each(do func(cell int)) {
	for i, w := range t {
		for ; w != 0; w &= w - 1 {
			do(64*i + bits.TrailingZeros64(w))
		}
	}
}

// cells is the number of cells that minutes occupy.
func cells(minutes int) int { return max(0, (minutes+CellMinutes-1)/CellMinutes) }

const cellTime = CellMinutes * time.Minute

// At is the instant at which a cell begins, in the zone of the day.
func (d Day) At(cell int) time.Time { return d.Start.Add(time.Duration(cell) * cellTime) }

// Inside are the cells wholly within [from, to): what a release opens.
func (d Day) Inside(from, to time.Time) Timeline {
	return Span(d.ceil(from), min(d.floor(to), d.Cells))
}

// Touching are the cells that share a moment with [from, to): what a claim or a
// closure takes.
func (d Day) Touching(from, to time.Time) Timeline {
	return Span(d.floor(from), min(d.ceil(to), d.Cells))
}

// floor is the cell in which t lies, bounded to a little outside of the day.
func (d Day) floor(t time.Time) int {
	since := min(max(t.Sub(d.Start), -cellTime), time.Duration(d.Cells+1)*cellTime)
	if since < 0 {
		return -1
	}
	return int(since / cellTime)
}

// ceil is the first cell that begins at t or later.
func (d Day) ceil(t time.Time) int {
	cell := d.floor(t)
	if cell >= 0 && d.At(cell).Before(t) {
		cell++
	}
	return max(cell, 0)
}

// window are the cells of day d at which a visit may start.
func (p *Problem) window(d int) Timeline {
	day := p.Days[d]
	from, to := 0, day.Cells
	if !p.Earliest.IsZero() {
		from = day.ceil(p.Earliest)
	}
	if !p.Latest.IsZero() {
		to = min(to, day.ceil(p.Latest))
	}
	w := Span(from, to)
	if !p.At.IsZero() {
		cell := day.floor(p.At)
		if cell < 0 || cell >= day.Cells || !day.At(cell).Equal(p.At) {
			return Timeline{}
		}
		w.and(Span(cell, cell+1))
	}
	return w
}

// first is the first free cell; the length of the timeline when there is none.
func (t *Timeline) first() int {
	for i, w := range t {
		if w != 0 {
			return 64*i + bits.TrailingZeros64(w)
		}
	}
	return Words * 64
}

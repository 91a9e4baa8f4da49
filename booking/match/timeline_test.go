package match

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// cellsOf writes a timeline out.
func cellsOf(t Timeline) (free [Words * 64]bool) {
	for c := range free {
		free[c] = t[c/64]>>(c%64)&1 == 1
	}
	return free
}

func TestTimelineAgainstCells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := Timeline(rapid.SliceOfN(rapid.Uint64(), Words, Words).Draw(t, "line"))
		from, to := rapid.IntRange(-5, 325).Draw(t, "from"), rapid.IntRange(-5, 325).Draw(t, "to")
		line.Add(40, rapid.IntRange(40, 300).Draw(t, "free"))
		was := cellsOf(line)
		n := rapid.IntRange(0, 330).Draw(t, "n")
		at := func(c int) bool { return c >= 0 && c < len(was) && was[c] }
		whole := func(c, n int) bool {
			for i := range n {
				if !at(c + i) {
					return false
				}
			}
			return true
		}
		eroded, earlier, later, added, removed := line, line, line, line, line
		eroded.erode(n)
		earlier.earlier(n)
		later.later(n)
		added.Add(from, to)
		removed.Remove(from, to)
		for c := range was {
			within := c >= from && c < to
			if eroded.has(c) != whole(c, max(n, 1)) || earlier.has(c) != at(c+n) || later.has(c) != at(c-n) ||
				added.has(c) != (was[c] || within) || removed.has(c) != (was[c] && !within) {
				t.Fatalf("cell %d, n %d, [%d, %d)", c, n, from, to)
			}
		}
		if line.Free(from, to) != (from >= 0 && to <= len(was) && whole(from, max(to-from, 0))) {
			t.Fatalf("free [%d, %d): %t", from, to, line.Free(from, to))
		}
	})
}

func TestDayRanges(t *testing.T) {
	day := localDay(t, "2026-03-29")
	from, to := day.Start.Add(7*time.Minute), day.Start.Add(23*time.Minute)
	for _, test := range []struct {
		name      string
		got, want Timeline
	}{
		{"a release opens whole cells", day.Inside(from, to), Span(2, 4)},
		{"a claim takes touched cells", day.Touching(from, to), Span(1, 5)},
		{"from the day before", day.Touching(day.Start.Add(-100*time.Hour), to), Span(0, 5)},
		{"to the day after", day.Inside(from, day.Start.Add(100*time.Hour)), Span(2, 276)},
		{"the day before", day.Touching(day.Start.Add(-time.Hour), day.Start.Add(-time.Minute)), Timeline{}},
		{"the day after", day.Touching(day.Start.Add(23*time.Hour), day.Start.Add(24*time.Hour)), Timeline{}},
	} {
		if test.got != test.want {
			t.Errorf("%s: %b", test.name, test.got)
		}
	}
}

package demand

import (
	"bytes"

	"github.com/ortsnah/ortsnah"
)

// rows takes the lines of one file.
type rows struct {
	*reader
	layout layout
	report *FileReport
	number int // of the file, from 1
	fields [][]byte
}

// take reads one line. Its error ends the reading; a line that cannot be used
// is noted instead.
func (r *rows) take(line int64, text []byte) error {
	r.report.Lines++
	r.fields = split(text, r.layout.sep, r.fields)
	// The last column, of signs, is left out by some exports when it is empty.
	if len(r.fields) < r.layout.width && !(len(r.fields) == r.layout.width-1 && r.layout.mark == r.layout.width-1) {
		r.refuse(line, "demand.line_short", "has", len(r.fields), "wanted", r.layout.width)
		return nil
	}
	where, key := r.square()
	if key != "" {
		r.refuse(line, key)
		return nil
	}
	if !r.keeps(where) {
		r.report.Outside++
		return nil
	}
	c := r.grid.cells[where]
	if c == nil {
		if len(r.grid.cells) >= mostCells {
			return ortsnah.E(ortsnah.TooLarge, "demand.too_many_cells", "most", mostCells)
		}
		c = &cell{square: where, shares: noShares()}
	}
	if r.layout.perCell && c.file == r.number {
		r.refuse(line, "demand.line_twice", "cell", where.id())
		return nil
	}
	if bad := r.fill(c); bad != nil {
		r.refuse(line, "demand.line_no_number", "value", shortened(string(bad)))
		return nil
	}
	c.file = r.number
	r.grid.cells[where] = c
	r.report.Kept++
	return nil
}

func noShares() (s [nFeatures]int32) {
	for i := range s {
		s[i] = -1
	}
	return s
}

// refuse notes a line that cannot be used.
func (r *rows) refuse(line int64, key string, args ...any) {
	r.report.Unusable++
	if all := &r.grid.Report; len(all.Problems) < mostTold {
		e := ortsnah.E(ortsnah.Invalid, key, args...)
		all.Problems = append(all.Problems, Problem{File: r.report.Name, Line: line, Key: key, Args: e.Args})
	}
}

func (r *rows) field(at int) []byte {
	if at < 0 || at >= len(r.fields) {
		return nil
	}
	return bytes.TrimSpace(r.fields[at])
}

// square is the cell of the line, or the key of what is wrong with it. Where
// id and centre are given they must agree: that shows swapped axes.
func (r *rows) square() (square, string) {
	named, hasID := square{}, false
	if r.layout.id >= 0 {
		if named, hasID = parseSquare(r.field(r.layout.id)); !hasID {
			return named, "demand.line_bad_cell"
		}
	}
	if r.layout.x < 0 || r.layout.y < 0 {
		return named, r.placed(named)
	}
	x, _, okX := parseThousandths(r.field(r.layout.x))
	y, _, okY := parseThousandths(r.field(r.layout.y))
	x, y = x/1000, y/1000
	size := r.layout.size
	if hasID {
		size = named.size
	}
	s, ok := squareAround(x, y, size)
	if !okX || !okY || !ok {
		r.nowhere++
		return s, "demand.line_no_centre"
	}
	turned := square{s.size, s.north, s.east}
	if hasID && s != named {
		if turned == named {
			r.swapped++
			return s, "demand.line_swapped"
		}
		return s, "demand.line_disagrees"
	}
	return s, r.placed(s)
}

// placed checks that a cell can be one of Germany.
func (r *rows) placed(s square) string {
	switch {
	case s.size != 100 && s.size != 1000:
		return "demand.line_bad_cell"
	case germany().Contains(s.centre()):
		return ""
	case germany().Contains(square{s.size, s.north, s.east}.centre()):
		r.swapped++
		return "demand.line_swapped"
	}
	r.nowhere++
	return "demand.line_nowhere"
}

// fill takes the numbers of the line into c; it returns what is no number and
// then changes nothing.
func (r *rows) fill(c *cell) []byte {
	if r.layout.merkmal >= 0 {
		return r.fillLong(c)
	}
	marked := bytes.EqualFold(r.field(r.layout.mark), []byte("KLAMMERN"))
	var values [16]int64
	var states [16]state
	for i, col := range r.layout.columns {
		v, s, ok := parseThousandths(r.field(col.at))
		if !ok || !plausible(col.kind, v, s) {
			return r.field(col.at)
		}
		if marked && s == known {
			s = uncertain
		}
		values[i], states[i] = v, s
	}
	for i, col := range r.layout.columns {
		c.set(col, values[i], states[i])
	}
	return nil
}

func plausible(kind columnKind, thousandths int64, s state) bool {
	switch kind {
	case countOf:
		return thousandths%1000 == 0 && thousandths <= mostPeople*1000
	case shareOf:
		return thousandths <= 100_000
	}
	return thousandths <= mostPeople*1000
}

func (c *cell) set(col column, thousandths int64, s state) {
	n := &c.n[col.feature]
	switch col.kind {
	case shareOf:
		c.shareState[col.feature] = s
		if s != suppressed {
			c.shares[col.feature] = int32(thousandths / 10)
		}
		return
	case guessOf:
		// Nobody counted here: whatever the file says, the number itself is not given.
		if s != suppressed {
			c.guess = thousandths
		}
		s, thousandths = suppressed, 0
	}
	// A number given beats a suppressed one, then the better column wins.
	given := s == known || s == uncertain
	if n.given() && (!given || n.rank >= col.rank) || !n.given() && !given && n.state != absent {
		return
	}
	*n = number{value: int32(thousandths / 1000), estimate: -1, state: s, rank: col.rank}
}

// fillLong takes one value of the layout of Zensus 2011 with a row per value:
// Merkmal INSGESAMT, ALTER_KURZ (some files write " ALTER_KURZ") with codes 1 to 5;
// other features are left out. Anzahl_q above 0 says that the census changed the
// number more than a little to protect people.
func (r *rows) fillLong(c *cell) []byte {
	feature := -1
	code := string(r.field(r.layout.code))
	switch string(r.field(r.layout.merkmal)) {
	case "INSGESAMT":
		feature = nAll
	case "ALTER_KURZ":
		if len(code) != 1 || code < "1" || code > "5" {
			return r.field(r.layout.code)
		}
		feature = fiveGroups()[code[0]-'1']
	default:
		return nil
	}
	v, s, ok := parseThousandths(r.field(r.layout.count))
	if !ok || !plausible(countOf, v, s) {
		return r.field(r.layout.count)
	}
	if q := r.field(r.layout.deviation); len(q) > 0 && string(q) != "0" && s == known {
		s = uncertain
	}
	c.set(column{feature: feature, kind: countOf, rank: 2}, v, s)
	return nil
}

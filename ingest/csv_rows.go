package ingest

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/ortsnah/ortsnah"
	"golang.org/x/text/encoding/charmap"
)

// maxQuotedLines is how many lines a quoted field may span. A quote that is
// never closed would otherwise swallow the rest of the file.
const maxQuotedLines = 1000

// csvRows cuts CSV (RFC 4180, any one-byte delimiter) into rows. Unlike
// encoding/csv it knows the bytes of every row and goes on behind a row whose
// quotes are wrong: it reports the line on which that row begins and continues
// with the next line, so that nothing behind an unclosed quote is lost.
type csvRows struct {
	file    io.ReadSeeker
	frames  *frames
	delim   byte
	enc     *charmap.Charmap // nil is UTF-8
	guessed bool             // enc is a guess: cells that are UTF-8 are taken as such
	max     int64
	fields  []string
	cell    []byte
}

// csvState walks over the bytes of one row.
type csvState struct {
	delim           byte
	quoted, justEnd bool // inside quotes; behind a quote that closed or doubles
	fieldStart      bool
	lines           int
	bad             bool
}

// step takes one byte and reports whether it ends the row.
func (s *csvState) step(c byte) bool {
	switch {
	case s.bad:
		return c == '\n'
	case s.quoted:
		if c == '"' {
			s.quoted, s.justEnd = false, true
		} else if c == '\n' {
			s.lines++
		}
	case c == '\n':
		return true
	case c == s.delim:
		s.fieldStart, s.justEnd = true, false
		return false
	case c == '"' && (s.fieldStart || s.justEnd):
		s.quoted, s.justEnd = true, false
	case c == '\r':
	case s.justEnd && c == ' ':
	case s.justEnd:
		s.bad = true
	}
	if c != ' ' {
		s.fieldStart = false
	}
	return false
}

// blank reports whether a row holds nothing, or nothing but delimiters: what
// spreadsheets write for empty lines.
func (r *csvRows) blank(row []byte) bool {
	for _, c := range row {
		if c != r.delim && c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}

// next cuts the next row that is not blank. A wrong row is an error beside
// the frame of its first line; then the caller goes on.
func (r *csvRows) next() (frame, *ortsnah.Error, error) {
	for {
		at, line := r.frames.at(), r.frames.line
		fr, st, err := r.row()
		if err != nil {
			return fr, nil, err
		}
		if fr.length == 0 {
			return fr, nil, io.EOF
		}
		if !st.quoted && !st.bad || fr.over {
			if !fr.over && r.blank(fr.bytes) {
				continue
			}
			return fr, nil, nil
		}
		key := "ingest.csv_bad_quote"
		if st.quoted || st.lines > 0 {
			key = "ingest.csv_open_quote"
		}
		if st.lines > 0 { // take the first line only and go on behind it
			if fr, err = r.firstLine(at, line); err != nil {
				return fr, nil, err
			}
		}
		return fr, ortsnah.E(ortsnah.Invalid, key, "line", line), nil
	}
}

// row cuts up to the end of line outside quotes.
func (r *csvRows) row() (frame, *csvState, error) {
	st := &csvState{delim: r.delim, fieldStart: true}
	fr, err := r.frames.cut(func(b []byte) (int, bool) {
		for i, c := range b {
			if st.step(c) {
				return i + 1, true
			}
			if st.lines > maxQuotedLines {
				return i + 1, true
			}
		}
		return len(b), false
	}, func() bool { return true })
	return fr, st, err
}

func (r *csvRows) firstLine(at, line int64) (frame, error) {
	if _, err := r.file.Seek(at, io.SeekStart); err != nil {
		return frame{}, readFailed(err)
	}
	r.frames = newFrames(r.file, at, line, r.max)
	fr, err := r.frames.until('\n')
	if err == nil && r.frames.pos < len(r.frames.buf) {
		r.frames.pos++
		r.frames.line++
	}
	return fr, err
}

// split decodes the fields of a row whose quotes are right. The strings are
// new, the slice is reused.
func (r *csvRows) split(row []byte) []string {
	row = bytes.TrimSuffix(bytes.TrimSuffix(row, []byte("\n")), []byte("\r"))
	r.fields = r.fields[:0]
	for {
		field, rest, more := r.field(row)
		r.fields = append(r.fields, field)
		if !more {
			return r.fields
		}
		row = rest
	}
}

func (r *csvRows) field(row []byte) (field string, rest []byte, more bool) {
	body := bytes.TrimLeft(row, " ")
	if len(body) == 0 || body[0] != '"' {
		raw, rest, more := bytes.Cut(row, []byte{r.delim})
		return r.decode(raw), rest, more
	}
	r.cell = r.cell[:0]
	for body = body[1:]; ; {
		k := bytes.IndexByte(body, '"')
		if k < 0 {
			r.cell = append(r.cell, body...)
			return r.decode(r.cell), nil, false
		}
		r.cell = append(r.cell, body[:k]...)
		if body = body[k+1:]; len(body) == 0 || body[0] != '"' {
			_, rest, more := bytes.Cut(body, []byte{r.delim})
			return r.decode(r.cell), rest, more
		}
		r.cell = append(r.cell, '"')
		body = body[1:]
	}
}

func (r *csvRows) decode(b []byte) string {
	if r.enc == nil || isASCII(b) || r.guessed && utf8.Valid(b) {
		return string(b)
	}
	s, err := r.enc.NewDecoder().String(string(b))
	if err != nil {
		return string(b) // a charmap maps every byte: cannot happen
	}
	return s
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// guessDelimiter finds the byte that splits the first lines into the same
// number of fields, more than one; 0 when none does.
func guessDelimiter(head []byte) byte {
	best, bestScore := byte(0), 0
	for _, d := range []byte{';', '\t', ',', '|'} {
		widths := sampleWidths(head, d)
		width, count := mostCommon(widths)
		if width < 2 || count*2 < len(widths) {
			continue
		}
		if score := count*100/len(widths)*10 + min(width, 9); score > bestScore {
			best, bestScore = d, score
		}
	}
	return best
}

// sampleWidths counts the fields of up to 50 complete rows.
func sampleWidths(head []byte, delim byte) []int {
	var widths []int
	st := csvState{delim: delim, fieldStart: true}
	n, blank := 1, true
	for _, c := range head {
		if c == delim && !st.quoted {
			n++
		}
		blank = blank && (c == '\r' || c == '\n' || c == ' ' || c == delim)
		if !st.step(c) {
			continue
		}
		if !blank {
			widths = append(widths, n)
		}
		n, blank = 1, true
		st = csvState{delim: delim, fieldStart: true}
		if len(widths) == 50 {
			return widths
		}
	}
	if !blank && len(head) < headSize {
		widths = append(widths, n)
	}
	return widths
}

// mostCommon is the most frequent of widths (the larger of equals).
func mostCommon(widths []int) (width, count int) {
	counts := map[int]int{}
	for _, w := range widths {
		counts[w]++
	}
	for w, n := range counts {
		if n > count || n == count && w > width {
			width, count = w, n
		}
	}
	return width, count
}

// isEOF keeps the end of a file apart from a fault.
func isEOF(err error) bool { return errors.Is(err, io.EOF) }

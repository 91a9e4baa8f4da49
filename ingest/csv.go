package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
	"golang.org/x/text/encoding/charmap"
)

// csvReader reads CSV files: delimiter, encoding, decimal comma, header row
// and the columns with the geometry are detected where Options do not say.
// Values stay text, so that keys such as 05754008 keep their zeros; only with
// a decimal comma numbers are rewritten. Columns that make the geometry are no
// properties.
type csvReader struct {
	in      Input
	options Options
	rows    csvRows
	file    *os.File
	header  []byte   // bytes of the header row
	columns []string // names, cleaned
	place   columns
	comma   bool // numbers have a decimal comma
	crs     geo.SRID
	n       int64
	pending []frame // rows that were read in search of a header and are data
	rec     Record
}

func openCSV(_ context.Context, in Input, o Options) (Reader, error) {
	f, err := os.Open(in.Path)
	if err != nil {
		return nil, readFailed(err)
	}
	c := &csvReader{in: in, options: o, file: f}
	if err := c.start(); err != nil {
		f.Close()
		return nil, err
	}
	return c, nil
}

func (c *csvReader) CRS() geo.SRID   { return c.crs }
func (c *csvReader) Close() error    { return c.file.Close() }
func (c *csvReader) consumed() int64 { return c.rows.frames.at() }
func (c *csvReader) head() []byte    { return c.header }

// start detects everything and stands before the first row of data.
func (c *csvReader) start() error {
	enc, err := c.encoding()
	if err != nil {
		return err
	}
	sample, err := headOf(c.in.Path)
	if err != nil {
		return err
	}
	var text io.ReadSeeker = c.file
	if bytes.IndexByte(sample, '\n') < 0 {
		text, sample = oldMac{c.file}, bytes.ReplaceAll(sample, []byte("\r"), []byte("\n"))
	}
	bom := 0
	if bytes.HasPrefix(sample, []byte("\xef\xbb\xbf")) {
		bom = 3
	}
	delim := byte(c.options.Delimiter)
	if c.options.Delimiter > 127 {
		return ortsnah.E(ortsnah.Invalid, "ingest.csv_delimiter", "delimiter", string(c.options.Delimiter)).About("delimiter")
	}
	if delim == 0 {
		if delim = guessDelimiter(sample[bom:]); delim == 0 {
			delim = ';' // one column: any delimiter that does not occur
		}
	}
	if _, err := c.file.Seek(int64(bom), io.SeekStart); err != nil {
		return readFailed(err)
	}
	c.rows = csvRows{file: text, frames: newFrames(text, int64(bom), 1, c.options.MaxRecord), delim: delim, enc: enc,
		guessed: c.options.Encoding == "", max: c.options.MaxRecord}
	width, _ := mostCommon(sampleWidths(sample[bom:], delim))
	if err := c.readHeader(width); err != nil {
		return err
	}
	c.comma = c.options.DecimalComma || delim != ',' && c.sampleComma(sample[bom:])
	c.place, err = findColumns(c.columns, c.options)
	c.crs = c.place.crs
	return err
}

func (c *csvReader) encoding() (*charmap.Charmap, error) {
	if !isUTF8(c.options.Encoding) {
		enc, err := encodingNamed(c.options.Encoding)
		if err != nil {
			return nil, err
		}
		one, ok := enc.(*charmap.Charmap)
		if !ok {
			return nil, nil // Source has recoded the file
		}
		return one, nil
	}
	if c.options.Encoding != "" {
		return nil, nil
	}
	return guessCharmap(c.file)
}

// readHeader finds the row with the names: the first that has about the usual
// number of fields filled, all of them text. Titles above it are passed over. In
// a file whose first such row is data, every row is, and the columns are called
// column_1, column_2 …
func (c *csvReader) readHeader(width int) error {
	for len(c.pending) < maxTitles {
		fr, bad, err := c.rows.next()
		if isEOF(err) && len(c.pending) > 0 {
			break
		}
		if isEOF(err) {
			return ortsnah.E(ortsnah.Invalid, "ingest.empty_file", "file", c.in.Name)
		}
		if err != nil {
			return err
		}
		if bad != nil || fr.over {
			return ortsnah.E(ortsnah.Invalid, "ingest.csv_bad_header", "line", fr.line)
		}
		fields := c.rows.split(fr.bytes)
		n := filled(fields)
		if wide := n*2 >= width && (n > 1 || width < 2); wide && isHeader(fields) {
			c.columns, c.header, c.pending = cleanNames(fields), bytes.Clone(fr.bytes), nil
			return nil
		} else if fr.bytes = bytes.Clone(fr.bytes); wide {
			c.pending = append(c.pending, fr)
			break
		}
		c.pending = append(c.pending, fr)
	}
	c.columns = cleanNames(make([]string, max(width, 1)))
	c.header = []byte(strings.Join(c.columns, string(rune(c.rows.delim))) + "\n")
	return nil
}

// maxTitles is how many rows of titles may stand above the header.
const maxTitles = 20

// filled counts the fields up to the last that is not empty.
func filled(fields []string) int {
	n := len(fields)
	for n > 0 && strings.TrimSpace(fields[n-1]) == "" {
		n--
	}
	return n
}

// oldMac reads text whose lines end in CR alone, as Excel for Mac still saves
// it, with LF instead. Offsets stay.
type oldMac struct{ io.ReadSeeker }

// Read is io.Reader.
func (m oldMac) Read(b []byte) (int, error) {
	n, err := m.ReadSeeker.Read(b)
	for i, c := range b[:n] {
		if c == '\r' {
			b[i] = '\n'
		}
	}
	return n, err
}

var numeric = regexp.MustCompile(`^[+-]?[0-9][0-9.,]*$`)

// isHeader reports whether no field is a number and most have text.
func isHeader(fields []string) bool {
	filled := 0
	for _, f := range fields {
		if f = strings.TrimSpace(f); numeric.MatchString(f) {
			return false
		} else if f != "" {
			filled++
		}
	}
	return filled*2 > len(fields)
}

// cleanNames makes names that are unique and not empty.
func cleanNames(fields []string) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		f = strings.Trim(strings.Join(strings.FieldsFunc(f, func(r rune) bool {
			return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\ufeff' || r == '\u00a0'
		}), " "), `"'`)
		if f = strings.ToValidUTF8(f, ""); f == "" {
			f = "column_" + strconv.Itoa(i+1)
		}
		name := f
		for n := 2; slices.Contains(out[:i], name); n++ {
			name = f + "_" + strconv.Itoa(n)
		}
		out[i] = name
	}
	return out
}

var commaDecimal = regexp.MustCompile(`^[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+$`)
var pointDecimal = regexp.MustCompile(`^[+-]?\d+\.\d+$`)

// sampleComma reports whether the first rows have numbers with a comma and
// none with a point.
func (c *csvReader) sampleComma(sample []byte) bool {
	rows := csvRows{frames: newFrames(bytes.NewReader(sample), 0, 1, headSize), delim: c.rows.delim, max: headSize, file: bytes.NewReader(sample)}
	comma := 0
	for range 200 {
		fr, bad, err := rows.next()
		if err != nil {
			break
		}
		if bad != nil {
			continue
		}
		for _, f := range rows.split(fr.bytes) {
			f = strings.TrimSpace(f)
			if commaDecimal.MatchString(f) {
				comma++
			} else if pointDecimal.MatchString(f) {
				return false
			}
		}
	}
	return comma > 0
}

// Read returns the next row.
func (c *csvReader) Read() (*Record, error) {
	fr, bad, err := c.nextRow()
	if err != nil {
		return nil, err
	}
	c.n++
	place := Place{File: c.in.Name, Line: fr.line, Feature: c.n, Offset: fr.offset, Length: fr.length}
	if fr.over {
		bad = ortsnah.E(ortsnah.TooLarge, "ingest.record_too_large", "megabytes", fr.length>>20, "limit", c.options.MaxRecord>>20, "line", fr.line)
	}
	if bad == nil && c.rows.enc == nil && !utf8.Valid(fr.bytes) {
		bad = ortsnah.E(ortsnah.Invalid, "ingest.not_utf8", "line", fr.line, "near", excerpt(fr.bytes))
	}
	if bad == nil && bytes.IndexByte(fr.bytes, 0) >= 0 {
		bad = ortsnah.E(ortsnah.Invalid, "ingest.nul_character", "line", fr.line)
	}
	var fields []string
	if bad == nil {
		fields = c.rows.split(fr.bytes)
		if bad = c.checkWidth(&fields, fr.line); bad == nil {
			bad = c.fill(fields, fr.line)
		}
	}
	if bad != nil {
		return nil, &RowError{Place: place, Raw: fr.bytes[:min(len(fr.bytes), MaxRaw)], Key: c.keyOf(fields), Err: bad}
	}
	c.rec.Place, c.rec.Raw = place, fr.bytes
	return &c.rec, nil
}

func (c *csvReader) nextRow() (frame, *ortsnah.Error, error) {
	if len(c.pending) > 0 {
		fr := c.pending[0]
		c.pending = c.pending[1:]
		return fr, nil, nil
	}
	fr, bad, err := c.rows.next()
	if err != nil && !isEOF(err) {
		err = readFailed(err)
	}
	return fr, bad, err
}

// checkWidth refuses rows with missing or surplus fields; empty fields at the
// end, which spreadsheets like to write, do not count.
func (c *csvReader) checkWidth(fields *[]string, line int64) *ortsnah.Error {
	f := *fields
	for len(f) > len(c.columns) && strings.TrimSpace(f[len(f)-1]) == "" {
		f = f[:len(f)-1]
	}
	if *fields = f; len(f) != len(c.columns) {
		return ortsnah.E(ortsnah.Invalid, "ingest.csv_width", "line", line, "n", len(f), "want", len(c.columns))
	}
	return nil
}

func (c *csvReader) fill(fields []string, line int64) *ortsnah.Error {
	c.rec = Record{Properties: c.rec.Properties[:0]}
	g, crs, err := c.place.geometry(fields, c.comma, c.options.SwapAxes, line)
	if err != nil {
		return err
	}
	c.rec.Geometry = g
	if crs != 0 { // EWKT says it row by row
		c.crs = crs
	}
	for i, f := range fields {
		if !c.place.uses(i) {
			c.rec.Properties = append(c.rec.Properties, Property{Name: c.columns[i], Value: c.value(f)})
		}
	}
	return nil
}

func (c *csvReader) value(f string) any {
	f = strings.TrimSpace(f)
	switch {
	case f == "":
		return nil
	case c.comma && commaDecimal.MatchString(f):
		return json.Number(pointed(f))
	}
	return f
}

// pointed rewrites 1.234,5 as 1234.5.
func pointed(f string) string {
	f = strings.TrimPrefix(strings.Replace(strings.ReplaceAll(f, ".", ""), ",", ".", 1), "+")
	sign, digits := "", f
	if rest, ok := strings.CutPrefix(f, "-"); ok {
		sign, digits = "-", rest
	}
	digits = strings.TrimLeft(digits, "0")
	if digits == "" || digits[0] == '.' {
		digits = "0" + digits
	}
	return sign + digits
}

func (c *csvReader) keyOf(fields []string) string {
	for i, f := range fields {
		if i < len(c.columns) && c.options.Key != "" && sameName(c.columns[i], c.options.Key) {
			return strings.TrimSpace(f)
		}
	}
	return ""
}

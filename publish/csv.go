package publish

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// writeCSV writes comma-separated values (RFC 4180: CRLF, header line) in
// UTF-8 without a byte order mark. Columns: key, the public fields, then the
// place: lon and lat (x and y in other CRS) where every feature is a point,
// else WKT in column geometry. A field of one of these names keeps it; the
// other column gets a leading underscore.
//
// NULL is an empty cell, the empty text is "". Dates are YYYY-MM-DD, times
// RFC 3339 in UTC, numbers plain with a decimal point.
//
// Text that a spreadsheet would run as a formula (it starts with = + - @, tab
// or carriage return) gets a leading apostrophe, as OWASP advises; text that
// starts with apostrophes followed by such a character gets one more, so that
// removing one restores every cell. Numbers are left as they are. CSV has no
// place for licence and attribution; the catalogue and the dataset's page have.
func writeCSV(ctx context.Context, w io.Writer, db postgis.DB, d catalog.Dataset, q catalog.Query, o Options) error {
	_, q, err := labelOf(ctx, db, d, q)
	if err != nil {
		return err
	}
	points, err := onlyPoints(ctx, db, d, q.Version)
	if err != nil {
		return err
	}
	fields := d.Schema.Public()
	out := bufio.NewWriterSize(w, bufferSize)
	row := csvRow{}
	for _, name := range csvHeader(d, points, o.srid()) {
		row.text(name)
	}
	out.Write(row.end())
	err = catalog.Each(ctx, db, d, q, int(o.srid()), func(f *catalog.Feature) error {
		row.text(f.Key)
		for i := range fields {
			row.value(fields[i].Type, f.Values[i])
		}
		row.place(f.Geometry, d.Schema.Shape, points, precisionOf(o.srid()))
		_, err := out.Write(row.end())
		return err
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

// onlyPoints reports whether all features of the version are single points.
// It looks at the whole version whatever is selected: a file's columns do not
// depend on a filter.
func onlyPoints(ctx context.Context, db postgis.DB, d catalog.Dataset, version int) (bool, error) {
	if d.Schema.Shape != catalog.Point {
		return false, nil
	}
	var yes bool
	err := db.QueryRow(ctx, `SELECT NOT EXISTS (SELECT FROM `+catalog.View(d.ID).Sanitize()+`
		WHERE _since <= @version AND (_until IS NULL OR _until > @version)
			AND GeometryType(_geom) <> 'POINT')`, pgx.NamedArgs{"version": version}).Scan(&yes)
	return yes, err
}

func csvHeader(d catalog.Dataset, points bool, crs geo.SRID) []string {
	names := []string{"key"}
	for _, f := range d.Schema.Public() {
		names = append(names, f.Name)
	}
	place := []string{"geometry"}
	switch {
	case d.Schema.Shape == catalog.NoShape:
		place = nil
	case points && crs == geo.CRS84:
		place = []string{"lon", "lat"}
	case points:
		place = []string{"x", "y"}
	}
	return free(append(names, place...), len(place))
}

// free gives the first name and the last n an underscore where a field between
// them is called the same.
func free(names []string, n int) []string {
	fields := names[1 : len(names)-n]
	for i := range names {
		if (i == 0 || i >= len(names)-n) && slices.Contains(fields, names[i]) {
			names[i] = "_" + names[i]
		}
	}
	return names
}

func precisionOf(crs geo.SRID) float64 {
	if crs == geo.CRS84 {
		return degrees
	}
	return metres
}

// csvRow builds one line in a buffer that is used again.
type csvRow struct {
	line  []byte
	cells int
}

func (r *csvRow) separate() {
	if r.cells > 0 {
		r.line = append(r.line, ',')
	}
	r.cells++
}

// end completes the line; the bytes are valid until the next cell.
func (r *csvRow) end() []byte {
	line := append(r.line, '\r', '\n')
	r.line, r.cells = line[:0], 0
	return line
}

func (r *csvRow) null() { r.separate() }

// plain adds a cell that needs neither quotes nor protection.
func (r *csvRow) plain(s string) {
	r.separate()
	r.line = append(r.line, s...)
}

func (r *csvRow) text(s string) {
	r.separate()
	if isFormula(s) {
		s = "'" + s
	}
	if s != "" && !strings.ContainsAny(s, ",\"\r\n") && s[0] != ' ' && s[len(s)-1] != ' ' {
		r.line = append(r.line, s...)
		return
	}
	r.line = append(r.line, '"')
	for i := range len(s) {
		if s[i] == '"' {
			r.line = append(r.line, '"')
		}
		r.line = append(r.line, s[i])
	}
	r.line = append(r.line, '"')
}

// isFormula reports whether a spreadsheet might run s, or whether s looks as
// if it had been protected already.
func isFormula(s string) bool {
	s = strings.TrimLeft(s, "'")
	return s != "" && strings.IndexByte("=+-@\t\r", s[0]) >= 0
}

func (r *csvRow) value(t catalog.Type, value any) {
	switch v := value.(type) {
	case string:
		r.text(v)
	case json.RawMessage:
		r.text(string(v))
	case int64:
		r.plain(strconv.FormatInt(v, 10))
	case float64:
		r.plain(decimal(v))
	case bool:
		r.plain(strconv.FormatBool(v))
	case time.Time:
		if t == catalog.Date {
			r.plain(v.Format(time.DateOnly))
		} else {
			r.plain(v.UTC().Format(time.RFC3339Nano))
		}
	default:
		r.null()
	}
}

// place adds the geometry's cells.
func (r *csvRow) place(g orb.Geometry, shape catalog.Shape, points bool, precision float64) {
	p, isPoint := g.(orb.Point)
	switch {
	case shape == catalog.NoShape:
	case points && isPoint:
		r.plain(decimal(round(p[0], precision)))
		r.plain(decimal(round(p[1], precision)))
	case points:
		r.null()
		r.null()
	case g == nil:
		r.null()
	default:
		r.text(string(appendWKT(nil, g, precision)))
	}
}

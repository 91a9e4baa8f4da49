package demand

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/ortsnah/ortsnah"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Bounds of what is read.
const (
	longestLine = 64 << 10
	mostCells   = 400_000 // Berlin has 90,000 cells of 100 m, inhabited ones fewer
	mostPeople  = 200_000 // in one cell
	mostTold    = 50      // problems that a report names
)

// Area is the part of the grid that is kept, in EPSG:3035 (x east, y north).
type Area struct {
	Name  string
	Shape orb.MultiPolygon // with the margin around the town; empty: everything
}

// Progress is how far a reading is.
type Progress struct {
	File  string
	Bytes int64 // read of all files
	Total int64
	Lines int64
	Kept  int64
}

// cell is one square with what the files say of it.
type cell struct {
	square
	n          [nFeatures]number
	shares     [nFeatures]int32 // hundredths of a per cent, -1: none; Under18 and Over65
	guess      int64            // thousandths of people that somebody estimated; 0: nobody
	shareState [nFeatures]state
	file       int // that gave its row last, to notice rows that come twice
	counts     bool
}

// Grid is what files hold about an area.
type Grid struct {
	cells      map[square]*cell
	Resolution int // metres of the finest cells
	Report     Report
}

// Report tells what an import found.
type Report struct {
	Files      []FileReport `json:"files"`
	Unused     []string     `json:"unused,omitempty"` // files that hold no grid of 100 m or 1 km
	Lines      int64        `json:"lines"`
	Outside    int64        `json:"outside"` // lines of cells beyond the town and its margin
	Unusable   int64        `json:"unusable"`
	Problems   []Problem    `json:"problems,omitempty"` // the first of them
	Cells      int          `json:"cells"`              // that count as demand
	Coarse     int          `json:"coarse"`             // cells of 1 km that only help to estimate
	People     int64        `json:"people"`             // as the census says
	Estimated  int64        `json:"estimated"`          // people in cells with an estimate
	Guessed    int          `json:"guessed"`            // cells with an estimate
	Suppressed int          `json:"suppressed"`         // cells without any number
	Uncertain  int          `json:"uncertain"`          // cells with a number in brackets
	Groups     []Feature    `json:"groups"`             // the ages that the source can tell apart
}

// FileReport is the part of one file.
type FileReport struct {
	Name     string `json:"name"`
	Layout   string `json:"layout"`
	Lines    int64  `json:"lines"`
	Kept     int64  `json:"kept"`
	Outside  int64  `json:"outside"`
	Unusable int64  `json:"unusable"`
}

// Problem is a line that could not be used.
type Problem struct {
	File string         `json:"file"`
	Line int64          `json:"line"`
	Key  string         `json:"key"` // of the sentence
	Args map[string]any `json:"args,omitempty"`
}

// reader reads files into a grid.
type reader struct {
	area     Area
	bound    orb.Bound
	grid     *Grid
	progress func(Progress)
	at       Progress
	swapped  int64 // lines with x and y the wrong way round
	nowhere  int64 // lines whose coordinates are not of the grid of Germany
}

// Read reads grid files (CSV, or ZIP archives of them) and keeps what lies in
// the area. Whole Germany streams through it: memory holds the area alone.
// Errors: Invalid demand.no_files, demand.unknown_columns, demand.not_text,
// demand.swapped_axes, demand.not_the_grid, demand.all_outside,
// demand.nothing_usable, demand.bad_archive, TooLarge demand.too_many_cells,
// demand.archive_too_large; what one line holds is told in the report.
func Read(ctx context.Context, area Area, files []File, progress func(Progress)) (*Grid, error) {
	if len(files) == 0 {
		return nil, ortsnah.E(ortsnah.Invalid, "demand.no_files")
	}
	r := &reader{area: area, grid: &Grid{cells: map[square]*cell{}}, progress: progress}
	r.bound = germany()
	if len(area.Shape) > 0 {
		r.bound = area.Shape.Bound()
	}
	for _, f := range files {
		r.at.Total += f.Size
	}
	for _, f := range files {
		if err := r.open(ctx, f); err != nil {
			return nil, err
		}
	}
	if err := r.verdict(); err != nil {
		return nil, err
	}
	r.grid.finish()
	return r.grid, nil
}

// verdict refuses a reading that found nothing, with the likely reason.
func (r *reader) verdict() error {
	rep := &r.grid.Report
	if len(r.grid.cells) > 0 {
		return nil
	}
	switch {
	case len(rep.Files) == 0:
		return ortsnah.E(ortsnah.Invalid, "demand.no_grid", "files", strings.Join(rep.Unused, ", "))
	case r.swapped > rep.Lines/2:
		return ortsnah.E(ortsnah.Invalid, "demand.swapped_axes", "n", r.swapped)
	case r.nowhere > rep.Lines/2:
		return ortsnah.E(ortsnah.Invalid, "demand.not_the_grid", "n", r.nowhere)
	case rep.Outside > 0:
		return ortsnah.E(ortsnah.Invalid, "demand.all_outside", "n", rep.Outside, "town", r.area.Name)
	case rep.Lines == 0:
		return ortsnah.E(ortsnah.Invalid, "demand.no_lines")
	}
	e := ortsnah.E(ortsnah.Invalid, "demand.nothing_usable", "n", rep.Unusable, "line", 0, "file", "")
	if len(rep.Problems) > 0 {
		p := rep.Problems[0]
		e.Args["line"] = p.Line
		e.Args["file"] = p.File
		e.Err = &ortsnah.Error{Kind: ortsnah.Invalid, Key: p.Key, Args: p.Args}
	}
	return e
}

// table reads one CSV text.
func (r *reader) table(ctx context.Context, name string, text io.Reader) error {
	b := bufio.NewReaderSize(text, longestLine)
	head, err := nextLine(b)
	if err != nil && !errors.Is(err, io.EOF) {
		return broken(name, err)
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return ortsnah.E(ortsnah.Invalid, "demand.not_text", "file", name)
	}
	l, e := readLayout(head)
	if e != nil {
		return e
	}
	if l.size == 10000 {
		r.grid.Report.Unused = append(r.grid.Report.Unused, name)
		return nil
	}
	rep := FileReport{Name: name, Layout: l.name}
	rd := &rows{reader: r, layout: l, report: &rep, number: len(r.grid.Report.Files) + 1}
	for line := int64(2); ; line++ {
		if line%4096 == 0 {
			if err := r.tell(ctx, name, rep); err != nil {
				return err
			}
		}
		text, err := nextLine(b)
		r.at.Bytes += int64(len(text))
		if len(bytes.TrimSpace(text)) > 0 {
			if err := rd.take(line, bytes.TrimRight(text, "\r\n")); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return broken(name, err)
		}
	}
	r.add(rep)
	return r.tell(ctx, name, FileReport{})
}

func broken(name string, err error) error {
	if errors.Is(err, bufio.ErrBufferFull) {
		return ortsnah.E(ortsnah.Invalid, "demand.not_text", "file", name).Because(err)
	}
	if e, ok := errors.AsType[*ortsnah.Error](err); ok {
		return e
	}
	return ortsnah.E(ortsnah.Invalid, "demand.unreadable", "file", name).Because(err)
}

// nextLine is the next line; its memory is good until the next call.
func nextLine(b *bufio.Reader) ([]byte, error) {
	line, err := b.ReadSlice('\n')
	return line, err
}

func (r *reader) add(rep FileReport) {
	all := &r.grid.Report
	all.Files = append(all.Files, rep)
	all.Lines, all.Outside, all.Unusable = all.Lines+rep.Lines, all.Outside+rep.Outside, all.Unusable+rep.Unusable
}

func (r *reader) tell(ctx context.Context, name string, rep FileReport) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.progress != nil {
		r.at.File, r.at.Lines, r.at.Kept = name, r.grid.Report.Lines+rep.Lines, int64(len(r.grid.cells))
		r.progress(r.at)
	}
	return nil
}

// keeps says whether the cell lies in the area.
func (r *reader) keeps(s square) bool {
	centre := s.centre()
	return r.bound.Contains(centre) && (len(r.area.Shape) == 0 || planar.MultiPolygonContains(r.area.Shape, centre))
}

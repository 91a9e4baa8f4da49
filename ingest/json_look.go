package ingest

import (
	"bytes"
	"errors"
	"io"

	"github.com/ortsnah/ortsnah"
)

// looked is what a pass over a top-level object has found.
type looked struct {
	members  members
	features int64 // offset behind the opening bracket; 0 when there are none
	line     int64
}

// look collects the members before the features, and those behind them when
// one that counts is missing and its name occurs there. A file that ends too
// early is no error here: reading its features will say where it ends.
func (d *document) look(offset, line int64) (looked, error) {
	l := looked{members: members{}}
	section := io.NewSectionReader(d.file, offset, 1<<62)
	f := newFrames(section, offset, line, MaxRaw)
	if err := f.want('{'); err != nil {
		return l, err
	}
	for first := true; ; first = false {
		name, ok, err := f.member(first)
		if err != nil || !ok {
			return l, d.early(err, l)
		}
		if f.buf[f.pos] == '[' && name == "features" {
			if l.features > 0 {
				return l, ortsnah.E(ortsnah.Invalid, "ingest.duplicate_member", "name", name, "line", f.line)
			}
			l.features, l.line = f.at()+1, f.line
			if !d.lateMembers(l) {
				return l, nil
			}
		}
		v, err := f.value()
		if err != nil {
			return l, d.early(err, l)
		}
		if !v.over && name != "features" {
			l.members[name] = bytes.Clone(v.bytes)
		}
	}
}

// early drops the error of a pass that has found the features.
func (d *document) early(err error, l looked) error {
	if l.features > 0 {
		return nil
	}
	if e, ok := errors.AsType[*ortsnah.Error](err); ok && e.Key == "ingest.truncated" {
		e.Args["feature"] = d.n + 1
	}
	return err
}

// lateMembers reports whether a member that counts may stand behind the
// features. Looking for its name is far cheaper than cutting the whole file.
func (d *document) lateMembers(l looked) bool {
	var missing [][]byte
	for _, name := range d.late {
		if l.members[name] == nil {
			missing = append(missing, []byte(`"`+name+`"`))
		}
	}
	if len(missing) == 0 {
		return false
	}
	const overlap = 64
	buf := make([]byte, 1<<20)
	for at := l.features; ; {
		n, err := d.file.ReadAt(buf, at)
		for _, name := range missing {
			if bytes.Contains(buf[:n], name) {
				return true
			}
		}
		if err != nil || n <= overlap {
			return false
		}
		at += int64(n - overlap)
	}
}

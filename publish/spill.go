package publish

import (
	"bufio"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"
)

// spill sorts records of any number by a key in little memory: when the
// buffer is full it is sorted and written to a temporary file, and in the end
// the files are merged (Knuth, The Art of Computer Programming, vol. 3, 5.4).
// Records with equal keys keep the order in which they came. So that a dataset
// of any size stays below the limit of open files, maxRuns files of one level
// are merged into one of the next as soon as there are so many: each record is
// then written once per level, and level three holds a terabyte.
type spill struct {
	limit   int // bytes of records held at once
	data    []byte
	entries []spilled
	runs    []sortedRun // levels descend: what came earlier is of a higher level
}

// sortedRun is a file; one of level n was merged of maxRuns of level n-1.
type sortedRun struct {
	file  *os.File
	level int
}

// maxRuns is how many files of one level may stand open at once.
const maxRuns = 64

// spilled is where a record lies in the buffer.
type spilled struct {
	key        uint64
	start, end int
}

// add takes a copy of record.
func (s *spill) add(key uint64, record []byte) error {
	if len(s.entries) > 0 && len(s.data)+len(record) > s.limit {
		if err := s.flush(); err != nil {
			return err
		}
	}
	start := len(s.data)
	s.data = append(s.data, record...)
	s.entries = append(s.entries, spilled{key, start, len(s.data)})
	return nil
}

func (s *spill) sort() {
	slices.SortStableFunc(s.entries, func(a, b spilled) int { return cmp.Compare(a.key, b.key) })
}

// flush writes the sorted buffer to a file.
func (s *spill) flush() error {
	s.sort()
	err := s.write(0, func(write func(key uint64, record []byte) error) error {
		for _, e := range s.entries {
			if err := write(e.key, s.data[e.start:e.end]); err != nil {
				return err
			}
		}
		return nil
	})
	s.data, s.entries = s.data[:0], s.entries[:0]
	if err != nil {
		return err
	}
	return s.gather()
}

// gather merges the last runs while maxRuns of them are of one level.
func (s *spill) gather() error {
	for {
		first := len(s.runs) - maxRuns
		if first < 0 || s.runs[first].level != s.runs[len(s.runs)-1].level {
			return nil
		}
		parts := s.runs[first:]
		s.runs = slices.Clone(s.runs[:first])
		err := s.write(parts[0].level+1, func(write func(key uint64, record []byte) error) error {
			return merge(parts, write)
		})
		closeAll(parts)
		if err != nil {
			return err
		}
	}
}

// write makes a run of what fill hands over in order. Its file has no name any
// more, so that nothing is left behind however the program ends.
func (s *spill) write(level int, fill func(write func(key uint64, record []byte) error) error) error {
	f, err := os.CreateTemp("", "ortsnah-sort-*")
	if err != nil {
		return err
	}
	s.runs = append(s.runs, sortedRun{f, level})
	if err := os.Remove(f.Name()); err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, 1<<16)
	var head [12]byte
	if err := fill(func(key uint64, record []byte) error {
		binary.LittleEndian.PutUint64(head[:8], key)
		binary.LittleEndian.PutUint32(head[8:], uint32(len(record)))
		out.Write(head[:])
		_, err := out.Write(record)
		return err
	}); err != nil {
		return err
	}
	return out.Flush()
}

// each calls f with every record in order; a record is valid during the call.
func (s *spill) each(f func(record []byte) error) error {
	if len(s.runs) == 0 {
		s.sort()
		for _, e := range s.entries {
			if err := f(s.data[e.start:e.end]); err != nil {
				return err
			}
		}
		return nil
	}
	if err := s.flush(); err != nil {
		return err
	}
	s.data, s.entries = nil, nil // the merge has buffers of its own
	return merge(s.runs, func(_ uint64, record []byte) error { return f(record) })
}

// merge hands the records of all runs over in order; of equal keys that of the
// earlier run comes first. A record is valid during the call.
func merge(runs []sortedRun, f func(key uint64, record []byte) error) error {
	var h runHeap
	for i, run := range runs {
		if _, err := run.file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		r := &runReader{in: bufio.NewReaderSize(run.file, 1<<16), number: i}
		if err := r.next(); err == nil {
			h = append(h, r)
		} else if !errors.Is(err, io.EOF) {
			return err
		}
	}
	heap.Init(&h)
	for len(h) > 0 {
		r := h[0]
		if err := f(r.key, r.record); err != nil {
			return err
		}
		switch err := r.next(); {
		case err == nil:
			heap.Fix(&h, 0)
		case errors.Is(err, io.EOF):
			heap.Pop(&h)
		default:
			return err
		}
	}
	return nil
}

// close gives the temporary files' space back.
func (s *spill) close() {
	closeAll(s.runs)
	s.runs = nil
}

func closeAll(runs []sortedRun) {
	for _, r := range runs {
		r.file.Close() // unlinked already: nothing to lose
	}
}

// runReader reads one sorted run.
type runReader struct {
	in     *bufio.Reader
	number int // earlier runs hold earlier records
	key    uint64
	record []byte
}

func (r *runReader) next() error {
	var head [12]byte
	if _, err := io.ReadFull(r.in, head[:]); err != nil {
		return err
	}
	r.key = binary.LittleEndian.Uint64(head[:8])
	n := int(binary.LittleEndian.Uint32(head[8:]))
	r.record = slices.Grow(r.record[:0], n)[:n]
	_, err := io.ReadFull(r.in, r.record)
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// runHeap is the heap of runs, smallest key first.
type runHeap []*runReader

func (h runHeap) Len() int { return len(h) }
func (h runHeap) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(h[i].key, h[j].key), cmp.Compare(h[i].number, h[j].number)) < 0
}
func (h runHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *runHeap) Push(x any)   { *h = append(*h, x.(*runReader)) }
func (h *runHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

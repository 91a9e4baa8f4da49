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
// Records with equal keys keep the order in which they came.
type spill struct {
	limit   int // bytes of records held at once
	data    []byte
	entries []spilled
	runs    []*os.File
}

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

// flush writes the sorted buffer to a file that has no name any more, so that
// nothing is left behind however the program ends.
func (s *spill) flush() error {
	f, err := os.CreateTemp("", "ortsnah-sort-*")
	if err != nil {
		return err
	}
	s.runs = append(s.runs, f)
	if err := os.Remove(f.Name()); err != nil {
		return err
	}
	s.sort()
	out := bufio.NewWriterSize(f, 1<<16)
	var head [12]byte
	for _, e := range s.entries {
		binary.LittleEndian.PutUint64(head[:8], e.key)
		binary.LittleEndian.PutUint32(head[8:], uint32(e.end-e.start))
		out.Write(head[:])
		out.Write(s.data[e.start:e.end])
	}
	s.data, s.entries = s.data[:0], s.entries[:0]
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
	return s.merge(f)
}

func (s *spill) merge(f func(record []byte) error) error {
	var m merge
	for i, run := range s.runs {
		if _, err := run.Seek(0, io.SeekStart); err != nil {
			return err
		}
		r := &runReader{in: bufio.NewReaderSize(run, 1<<16), number: i}
		if err := r.next(); err == nil {
			m = append(m, r)
		} else if !errors.Is(err, io.EOF) {
			return err
		}
	}
	heap.Init(&m)
	for len(m) > 0 {
		r := m[0]
		if err := f(r.record); err != nil {
			return err
		}
		switch err := r.next(); {
		case err == nil:
			heap.Fix(&m, 0)
		case errors.Is(err, io.EOF):
			heap.Pop(&m)
		default:
			return err
		}
	}
	return nil
}

// close gives the temporary files' space back.
func (s *spill) close() {
	for _, f := range s.runs {
		f.Close() // unlinked already: nothing to lose
	}
	s.runs = nil
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

// merge is the heap of runs, smallest key first.
type merge []*runReader

func (m merge) Len() int { return len(m) }
func (m merge) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(m[i].key, m[j].key), cmp.Compare(m[i].number, m[j].number)) < 0
}
func (m merge) Swap(i, j int) { m[i], m[j] = m[j], m[i] }
func (m *merge) Push(x any)   { *m = append(*m, x.(*runReader)) }
func (m *merge) Pop() any {
	old := *m
	last := old[len(old)-1]
	*m = old[:len(old)-1]
	return last
}

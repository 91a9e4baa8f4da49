package travel

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// format is the version of the cache's format and of the rules by which streets
// get their times: whoever changes one of them counts it up.
const format = 1

var errCache = errors.New("the cached street network is damaged or of another format")

// hash names the streets: SHA-256 of what the cache holds, in hex.
func (s *streets) hash() string {
	sum := sha256.New()
	_ = s.encode(sum) // a hash takes everything
	return hex.EncodeToString(sum.Sum(nil))
}

// encode writes the streets: numbers of four bytes, little endian, each list
// after its length.
func (s *streets) encode(w io.Writer) error {
	buffered := bufio.NewWriterSize(w, 1<<16)
	put := func(values ...int32) {
		for _, v := range values {
			_, _ = buffered.Write(binary.LittleEndian.AppendUint32(buffered.AvailableBuffer(), uint32(v)))
		}
	}
	demo := int32(0)
	if s.Demo {
		demo = 1
	}
	put(format, s.Junctions, demo, int32(len(s.From)), int32(len(s.Spots)), int32(len(s.Names)))
	for _, list := range s.lists() {
		put(*list...)
	}
	for _, at := range s.Spots {
		put(at[0], at[1])
	}
	for _, text := range append([]string{s.Attribution}, s.Names...) {
		put(int32(len(text)))
		_, _ = buffered.WriteString(text)
	}
	return buffered.Flush() // a bufio.Writer keeps its first error
}

// lists are those with one number per edge, and Shape with one more.
func (s *streets) lists() []*[]int32 {
	all := []*[]int32{&s.From, &s.To, &s.Name, &s.Shape}
	for i := range s.Time {
		all = append(all, &s.Time[i])
	}
	return all
}

// decode reads what encode wrote. The bytes have passed their checksum; the
// lengths are looked at all the same.
func decode(b []byte) (*streets, error) {
	r := &reader{b: b}
	if r.number() != format {
		return nil, errCache
	}
	s := &streets{Junctions: r.number(), Demo: r.number() == 1}
	edges, spots, names := int(r.number()), int(r.number()), int(r.number())
	for _, list := range s.lists() {
		n := edges
		if list == &s.Shape {
			n++
		}
		*list = r.numbers(n)
	}
	flat := r.numbers(2 * spots)
	s.Spots = make([]spot, len(flat)/2)
	for i := range s.Spots {
		s.Spots[i] = spot{flat[2*i], flat[2*i+1]}
	}
	s.Attribution = r.text()
	for i := 0; i < names && !r.broken; i++ {
		s.Names = append(s.Names, r.text())
	}
	if r.broken || len(r.b) != 0 || edges == 0 {
		return nil, errCache
	}
	return s, nil
}

// reader takes numbers and texts from the front of b.
type reader struct {
	b      []byte
	broken bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.broken, r.b = true, nil
		return nil
	}
	taken := r.b[:n]
	r.b = r.b[n:]
	return taken
}

func (r *reader) number() int32 {
	if b := r.take(4); b != nil {
		return int32(binary.LittleEndian.Uint32(b))
	}
	return -1
}

func (r *reader) numbers(n int) []int32 {
	b := r.take(4 * n)
	list := make([]int32, len(b)/4)
	for i := range list {
		list[i] = int32(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return list
}

func (r *reader) text() string { return string(r.take(int(r.number()))) }

// load reads a cache file: the streets and, behind them, their SHA-256.
func load(path string) (*streets, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	at := len(b) - sha256.Size
	if at < 0 {
		return nil, errCache
	}
	if sum := sha256.Sum256(b[:at]); !bytes.Equal(sum[:], b[at:]) {
		return nil, errCache
	}
	return decode(b[:at])
}

// save writes a cache file so that it is whole or not there, and removes those
// of older extracts.
func (s *streets) save(path string) (err error) {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, ".roads-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}()
	var sum hash.Hash = sha256.New()
	if err := s.encode(io.MultiWriter(f, sum)); err != nil {
		return err
	}
	if _, err := f.Write(sum.Sum(nil)); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	others, err := filepath.Glob(filepath.Join(folder, "*"+cacheSuffix))
	for _, other := range slices.DeleteFunc(others, func(o string) bool { return o == path }) {
		err = errors.Join(err, os.Remove(other))
	}
	return err
}

const cacheSuffix = ".streets"

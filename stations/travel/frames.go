package travel

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"

	"github.com/klauspost/compress/zlib"

	"github.com/ortsnah/ortsnah"
)

// Limits of the format (OSM wiki, "PBF Format": 64 KiB and 32 MiB).
const (
	largestHead = 64 << 10
	largestBlob = 32 << 20
)

// readFrames reads an extract once before anything believes it: every frame is
// whole, every block's checksum right, everything of a kind that the decoder
// knows. A file that was cut off ends between two blocks as often as inside
// one, and the decoder, which works on several goroutines, cannot be caught
// when it panics. On the way it keeps the nodes inside clip and remembers where
// the ways are, so that nothing is unpacked twice but them.
func readFrames(ctx context.Context, f io.Reader, name string, clip Clip) (*frames, error) {
	c := &frames{r: bufio.NewReaderSize(f, 1<<20), name: name, kept: area{clip: clip}}
	for first := true; ; first = false {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		start := c.at
		kind, blob, err := c.next(first)
		if err == io.EOF && !first {
			c.kept.order()
			return c, nil
		}
		if err != nil {
			return nil, c.explain(err, first)
		}
		if first != (kind == "OSMHeader") {
			return nil, c.explain(errFrame, first)
		}
		ways, err := c.check(blob, kind)
		if err != nil {
			return nil, c.explain(err, false)
		}
		if first || ways {
			c.remember(start)
		}
	}
}

// remember adds the frame from start to here to those that are read again.
func (c *frames) remember(start int64) {
	if last := len(c.again) - 1; last >= 0 && c.again[last][1] == start {
		c.again[last][1] = c.at
		return
	}
	c.again = append(c.again, [2]int64{start, c.at})
}

// rest reads the frames remembered, one after the other: the header and those
// with ways.
func (c *frames) rest(f io.ReaderAt) io.Reader {
	var parts []io.Reader
	for _, from := range c.again {
		parts = append(parts, io.NewSectionReader(f, from[0], from[1]-from[0]))
	}
	return bufio.NewReaderSize(io.MultiReader(parts...), 1<<20)
}

var (
	errFrame   = errors.New("no frame of a PBF file")
	errUnknown = errors.New("a compression or a kind of node that is not read")
)

type frames struct {
	r    *bufio.Reader
	name string
	at   int64 // bytes read
	data []byte
	raw  []byte
	zlib io.ReadCloser

	again [][2]int64 // from byte to byte: the header and the frames with ways
	kept  area
}

// explain makes a sentence of what is wrong.
func (c *frames) explain(err error, first bool) error {
	key := "travel.broken_extract"
	switch {
	case errors.Is(err, errUnknown):
		key = "travel.unsupported_extract"
	case first:
		key = "travel.not_an_extract"
	case errors.Is(err, io.ErrUnexpectedEOF):
		key = "travel.cut_off"
	}
	return ortsnah.E(ortsnah.Invalid, key, "file", c.name, "place", c.at).Because(err)
}

// next reads one frame: the length of its head, the head, the blob. io.EOF is
// the end between two frames.
func (c *frames) next(first bool) (kind string, blob []byte, err error) {
	var length [4]byte
	n, err := io.ReadFull(c.r, length[:])
	if c.at += int64(n); err != nil {
		return "", nil, err
	}
	size := binary.BigEndian.Uint32(length[:])
	if size == 0 || size >= largestHead {
		return "", nil, errFrame
	}
	head, err := c.read(int(size))
	if err != nil {
		return "", nil, err
	}
	var datasize uint64
	err = fields(head, func(number int, value uint64, b []byte) error {
		switch number {
		case 1:
			kind = string(b)
		case 3:
			datasize = value
		}
		return nil
	})
	if err != nil || datasize == 0 || datasize >= largestBlob || first && kind != "OSMHeader" {
		return "", nil, errFrame
	}
	blob, err = c.read(int(datasize))
	return kind, blob, err
}

// read reads n bytes, which are good until the next call.
func (c *frames) read(n int) ([]byte, error) {
	if cap(c.data) < n {
		c.data = make([]byte, n+n/4)
	}
	got, err := io.ReadFull(c.r, c.data[:n])
	c.at += int64(got)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return c.data[:n], err
}

// check unpacks a blob, which compares its checksum, looks for nodes that are
// not dense, and keeps those that are; ways tells whether it has some.
func (c *frames) check(blob []byte, kind string) (ways bool, err error) {
	var raw, packed []byte
	var size uint64
	unknown := false
	err = fields(blob, func(number int, value uint64, b []byte) error {
		switch number {
		case 1:
			raw = b
		case 2:
			size = value
		case 3:
			packed = b
		default:
			unknown = true
		}
		return nil
	})
	switch {
	case err != nil || size > largestBlob:
		return false, errFrame
	case raw == nil && packed == nil && unknown:
		return false, errUnknown
	}
	if packed != nil {
		if raw, err = c.unpack(packed, int(size)); err != nil {
			return false, err
		}
	}
	if kind == "OSMHeader" {
		return false, nil
	}
	return c.kept.take(raw)
}

func (c *frames) unpack(packed []byte, size int) ([]byte, error) {
	source := bytes.NewReader(packed)
	if c.zlib == nil {
		var err error
		if c.zlib, err = zlib.NewReader(source); err != nil {
			return nil, errFrame
		}
	} else if err := c.zlib.(zlib.Resetter).Reset(source, nil); err != nil {
		return nil, errFrame
	}
	if cap(c.raw) < size {
		c.raw = make([]byte, size+size/4)
	}
	raw := c.raw[:size]
	if _, err := io.ReadFull(c.zlib, raw); err != nil {
		return nil, errFrame
	}
	if n, err := c.zlib.Read(make([]byte, 1)); n != 0 || err != io.EOF { // the checksum is compared at the end
		return nil, errFrame
	}
	return raw, nil
}

// fields walks over a message in the wire format of Protocol Buffers
// (protobuf.dev/programming-guides/encoding): numbers as value, the rest as b.
func fields(b []byte, each func(number int, value uint64, b []byte) error) error {
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		if n <= 0 {
			return errFrame
		}
		b = b[n:]
		var value uint64
		var part []byte
		switch key & 7 {
		case 0:
			if value, n = binary.Uvarint(b); n <= 0 {
				return errFrame
			}
			b = b[n:]
		case 1, 5:
			if n = 4; key&7 == 1 {
				n = 8
			}
			if len(b) < n {
				return errFrame
			}
			b = b[n:]
		case 2:
			length, n := binary.Uvarint(b)
			if n <= 0 || length > uint64(len(b)-n) {
				return errFrame
			}
			part, b = b[n:n+int(length)], b[n+int(length):]
		default:
			return errFrame
		}
		if err := each(int(key>>3), value, part); err != nil {
			return err
		}
	}
	return nil
}

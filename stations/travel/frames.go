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

// checkFrames reads an extract once before anything believes it: every frame is
// whole, every block's checksum right, everything of a kind that the decoder
// knows. A file that was cut off ends between two blocks as often as inside
// one, and the decoder, which works on several goroutines, cannot be caught
// when it panics.
func checkFrames(ctx context.Context, f io.Reader, name string) error {
	c := &frames{r: bufio.NewReaderSize(f, 1<<20), name: name}
	for first := true; ; first = false {
		if err := ctx.Err(); err != nil {
			return err
		}
		kind, blob, err := c.next(first)
		if err == io.EOF && !first {
			return nil
		}
		if err != nil {
			return c.explain(err, first)
		}
		if first != (kind == "OSMHeader") {
			return c.explain(errFrame, first)
		}
		if err := c.check(blob, kind); err != nil {
			return c.explain(err, false)
		}
	}
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
	zlib io.ReadCloser
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
	if n, err := io.ReadFull(c.r, length[:]); err != nil {
		c.at += int64(n)
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

// check unpacks a blob, which compares its checksum, and looks for nodes that
// are not dense.
func (c *frames) check(blob []byte, kind string) error {
	var raw, packed []byte
	var size uint64
	unknown := false
	err := fields(blob, func(number int, value uint64, b []byte) error {
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
		return errFrame
	case raw == nil && packed == nil && unknown:
		return errUnknown
	}
	if packed != nil {
		if raw, err = c.unpack(packed, int(size)); err != nil {
			return err
		}
	}
	if kind == "OSMHeader" {
		return nil
	}
	return fields(raw, func(number int, _ uint64, group []byte) error {
		if number != 2 {
			return nil
		}
		return fields(group, func(number int, _ uint64, _ []byte) error {
			if number == 1 {
				return errUnknown
			}
			return nil
		})
	})
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
	raw := make([]byte, size)
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

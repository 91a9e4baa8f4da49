package instance

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"strconv"
)

// Write writes p as JSON in its canonical form: the same question gives the
// same bytes. It has one line per cell of costs, sites in ascending order, and
// only what the kind of problem uses. Read gives p back.
func (p *Problem) Write(w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<16)
	out.WriteString("{\n\"format\": " + quote(JSONFormat) + ",\n\"problem\": " + quote(string(p.Kind)))
	for _, f := range []struct {
		name string
		v    int64
		used bool
	}{{"p", int64(p.P), p.Kind != LSCP}, {"radius", int64(p.Radius), p.Kind == MCLP || p.Kind == LSCP}, {"cap", int64(p.Cap), p.Kind == PMedian && p.Cap > 0}} {
		if f.used {
			out.WriteString(",\n\"" + f.name + "\": " + strconv.FormatInt(f.v, 10))
		}
	}
	out.WriteString(",\n\"cells\": {\"weights\": ")
	writeList(out, p.Weights)
	writeIDs(out, p.CellIDs)
	out.WriteString("},\n\"sites\": {\"count\": " + strconv.Itoa(p.Sites))
	if p.Kind == Capacitated {
		out.WriteString(", \"capacity\": ")
		writeList(out, p.Capacity)
	}
	writeIDs(out, p.SiteIDs)
	out.WriteString("}")
	for _, l := range []struct {
		name  string
		sites []int32
	}{{"required", p.Required}, {"forbidden", p.Forbidden}, {"existing", p.Existing}} {
		if len(l.sites) > 0 {
			out.WriteString(",\n\"" + l.name + "\": ")
			writeList(out, slices.Sorted(slices.Values(l.sites)))
		}
	}
	p.Costs.write(out)
	out.WriteString("\n}\n")
	return out.Flush()
}

// write writes the rows of the matrix.
func (m Matrix) write(out *bufio.Writer) {
	out.WriteString(",\n\"rows\": [")
	var b []byte
	for i := range len(m.Row) - 1 {
		b = append(b[:0], "\n["...)
		if i > 0 {
			b = append(b[:0], ",\n["...)
		}
		for k := m.Row[i]; k < m.Row[i+1]; k++ {
			if k > m.Row[i] {
				b = append(b, ',')
			}
			b = strconv.AppendInt(b, int64(m.Site[k]), 10)
			b = append(b, ',')
			b = strconv.AppendInt(b, int64(m.Cost[k]), 10)
		}
		out.Write(append(b, ']')) // a failed write is reported by Flush
	}
	out.WriteString("]")
}

func writeList[T int32 | int64](out *bufio.Writer, list []T) {
	out.WriteByte('[')
	for i, v := range list {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(strconv.FormatInt(int64(v), 10))
	}
	out.WriteByte(']')
}

func writeIDs(out *bufio.Writer, ids []string) {
	if ids == nil {
		return
	}
	out.WriteString(", \"ids\": [")
	for i, id := range ids {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(quote(id))
	}
	out.WriteByte(']')
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string always has a JSON form
	return string(b)
}

// Hash is the SHA-256 of the canonical bytes in hexadecimal.
func (p *Problem) Hash() string {
	sum := sha256.New()
	_ = p.Write(sum) // a hash takes everything
	return hex.EncodeToString(sum.Sum(nil))
}

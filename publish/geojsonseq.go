package publish

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// writeGeoJSONSeq writes GeoJSON Text Sequences (RFC 8142): each feature on a
// line of its own between a record separator (0x1E) and a line feed. The
// separator stays, although many tools also read lines without it: the media
// type asks for it, GDAL expects it in files named .geojsons, and with it a
// reader notices a truncated download. Such a file has no place for metadata
// of the whole, so the first feature carries the label as foreign member
// "collection" (RFC 7946, section 6.1). Line feeds inside nested values of a
// source are taken out for the sake of readers that go by lines.
func writeGeoJSONSeq(ctx context.Context, w io.Writer, db postgis.DB, d catalog.Dataset, q catalog.Query, o Options) error {
	if o.srid() != geo.CRS84 {
		return noCRS("GeoJSON Text Sequence", o.srid())
	}
	l, q, err := labelOf(ctx, db, d, q)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, bufferSize)
	first := true
	var line bytes.Buffer
	err = catalog.EachGeoJSON(ctx, db, d, q, func(_ int64, feature []byte) error {
		if bytes.IndexByte(feature, '\n') >= 0 {
			line.Reset()
			if err := json.Compact(&line, feature); err != nil {
				return err
			}
			feature = line.Bytes()
		}
		out.WriteByte(0x1e)
		if first {
			first = false
			body := bytes.TrimSuffix(bytes.TrimSpace(feature), []byte("}"))
			out.Write(body)
			out.WriteString(`,"collection":{`)
			out.Write(l.appendJSON(nil))
			out.WriteString("}}")
		} else {
			out.Write(feature)
		}
		return out.WriteByte('\n')
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

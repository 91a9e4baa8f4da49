package publish

import (
	"bufio"
	"context"
	"io"
	"time"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// bufferSize of writers: large enough that system calls do not count.
const bufferSize = 256 << 10

// writeGeoJSON writes one FeatureCollection (RFC 7946): CRS84, right-hand
// rule, 7 decimals. The features are the catalogue's finished texts, copied.
// What the file is and who may do what with it comes first, as foreign
// members (section 6.1). "bbox" is there for a whole version, which has it
// read beforehand; a filtered export is written without (it is optional,
// section 5) so that it starts at once.
func writeGeoJSON(ctx context.Context, w io.Writer, db postgis.DB, d catalog.Dataset, q catalog.Query, o Options) error {
	if o.srid() != geo.CRS84 {
		return noCRS("GeoJSON", o.srid())
	}
	l, q, err := labelOf(ctx, db, d, q)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, bufferSize)
	out.WriteString(`{"type":"FeatureCollection",`)
	out.Write(l.appendJSON(nil))
	if whole(q) && d.Schema.Shape != catalog.NoShape {
		if err := writeBounds(ctx, out, db, d, q.Version); err != nil {
			return err
		}
	}
	out.WriteString(`,"features":[`)
	separator := "\n"
	err = catalog.EachGeoJSON(ctx, db, d, q, func(_ int64, feature []byte) error {
		out.WriteString(separator)
		separator = ",\n"
		_, err := out.Write(feature)
		return err
	})
	if err != nil {
		return err
	}
	out.WriteString("\n]}\n")
	return out.Flush()
}

func writeBounds(ctx context.Context, out *bufio.Writer, db postgis.DB, d catalog.Dataset, version int) error {
	b, ok, err := boundsOf(ctx, db, d, version)
	if err != nil || !ok {
		return err
	}
	out.WriteString(`,"bbox":[` +
		decimal(round(b.Min[0], degrees)) + "," + decimal(round(b.Min[1], degrees)) + "," +
		decimal(round(b.Max[0], degrees)) + "," + decimal(round(b.Max[1], degrees)) + "]")
	return nil
}

// appendJSON appends the label as members of a JSON object, without braces.
func (l label) appendJSON(b []byte) []byte {
	text := func(name, value string) {
		if value != "" {
			b = append(b, `,"`+name+`":`+jsonText(value)...)
		}
	}
	b = append(b, `"dataset":`+jsonText(l.Dataset)...)
	text("title", l.Title.DE)
	b = append(b, `,"version":`+decimal(float64(l.Version))...)
	text("modified", l.Created.UTC().Format(time.RFC3339))
	text("publisher", l.Publisher)
	text("license", l.Licence.URL)
	text("license_title", l.Licence.Title)
	text("attribution", l.Attribution)
	if l.Demo {
		text("note", demoNote().DE)
	}
	return b
}

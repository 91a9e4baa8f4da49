package publish

import (
	"context"
	"encoding/json"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Limits that keep the memory of a writer flat, whatever the dataset.
const (
	sortBytes  = 8 << 20  // records held for sorting before they go to a file
	groupRows  = 100_000  // rows of a row group
	groupBytes = 16 << 20 // records of a row group: large geometries end it early
)

// writeGeoParquet writes GeoParquet 1.1.0 whose geometry column also has the
// native logical type GEOMETRY of Parquet 2.11, in one file: older readers go
// by the "geo" metadata, newer ones by the type. Rows are in Hilbert order over
// the whole file (sorted outside memory), in zstd row groups of up to 100,000
// rows, with a bbox column as covering, so that a reader interested in one
// place skips most of the file.
//
// CRS84 is the default of both standards and is left out, which every reader
// understands; ETRS89 / UTM is written as PROJJSON. Coordinates have the
// decimals of the other formats. A dataset without geometry is plain Parquet.
func writeGeoParquet(ctx context.Context, w io.Writer, db postgis.DB, d catalog.Dataset, q catalog.Query, o Options) error {
	crs := o.srid()
	definition, ok := projJSON(crs)
	if crs != geo.CRS84 && !ok {
		return noCRS("GeoParquet", crs)
	}
	l, q, err := labelOf(ctx, db, d, q)
	if err != nil {
		return err
	}
	s := &spill{limit: sortBytes}
	defer s.close()
	t := newTable(d, string(definition))
	var record []byte
	err = catalog.Each(ctx, db, d, q, int(crs), func(f *catalog.Feature) error {
		if f.Geometry != nil {
			f.Geometry = roundGeometry(f.Geometry, precisionOf(crs))
		}
		if record, err = t.encode(record[:0], f); err != nil {
			return err
		}
		return s.add(hilbertOf(f.Geometry, crs), record)
	})
	if err != nil {
		return err
	}
	return t.write(w, s, l, definition)
}

// write writes the sorted records as rows.
func (t *table) write(w io.Writer, s *spill, l label, definition json.RawMessage) error {
	out := parquet.NewGenericWriter[any](w, t.schema,
		parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}),
		parquet.CreatedBy("ortsnah", "1", ""),
		parquet.DictionaryMaxBytes(256<<10),
		parquet.SkipPageBounds(t.geometry))
	for _, m := range l.members() {
		if m[1] != "" {
			out.SetKeyValueMetadata(m[0], m[1])
		}
	}
	rows, size := 0, 0
	row := make([]parquet.Row, 1)
	err := s.each(func(record []byte) error {
		if rows == groupRows || (rows > 0 && size+len(record) > groupBytes) {
			if err := out.Flush(); err != nil {
				return err
			}
			rows, size = 0, 0
		}
		rows, size = rows+1, size+len(record)
		row[0] = t.decode(row[0][:0], record)
		_, err := out.WriteRows(row)
		return err
	})
	if err != nil {
		return err
	}
	if t.geometry != "" {
		doc, err := json.Marshal(t.geoMetadata(definition))
		if err != nil {
			return err
		}
		out.SetKeyValueMetadata("geo", string(doc))
	}
	return out.Close()
}

// geoMetadata is the file's "geo" entry (GeoParquet 1.1.0, "File metadata").
func (t *table) geoMetadata(definition json.RawMessage) any {
	type covering map[string][2]string
	type column struct {
		Encoding string              `json:"encoding"`
		Types    []string            `json:"geometry_types"`
		CRS      json.RawMessage     `json:"crs,omitempty"`
		Bounds   []float64           `json:"bbox,omitempty"`
		Covering map[string]covering `json:"covering"`
	}
	c := column{Encoding: "WKB", Types: []string{}, CRS: definition, Covering: map[string]covering{"bbox": {}}}
	for name := range t.types {
		c.Types = append(c.Types, name)
	}
	slices.Sort(c.Types)
	if b := t.bounds; b != nil {
		c.Bounds = []float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}
	}
	for _, side := range boxSides() {
		c.Covering["bbox"][side] = [2]string{t.box, side}
	}
	return struct {
		Version string            `json:"version"`
		Primary string            `json:"primary_column"`
		Columns map[string]column `json:"columns"`
	}{"1.1.0", t.geometry, map[string]column{t.geometry: c}}
}

// roundGeometry rounds g's coordinates in place.
func roundGeometry(g orb.Geometry, precision float64) orb.Geometry {
	if p, ok := g.(orb.Point); ok {
		return orb.Point{round(p[0], precision), round(p[1], precision)}
	}
	return orb.Round(g, int(precision))
}

package publish

import (
	"context"
	"io"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Format is one export format.
type Format struct {
	Name      string // on the command line, in ?f= and in the database
	Extension string // of file names, without the dot
	MediaType string // registered with IANA
	FileType  string // IRI in the EU file-type table
	Title     string // what people call it
	Write     WriteFunc
}

// WriteFunc writes the features of d that q selects to w while it reads them
// from db. A q without a version is pinned to d's, so that what is written is
// one state even if a newer one appears meanwhile. Errors are those of db and
// w, and Unsupported "publish.no_crs" where the format cannot have o.CRS.
type WriteFunc func(ctx context.Context, w io.Writer, db postgis.DB, d catalog.Dataset, q catalog.Query, o Options) error

// Options are choices that a caller of a format has. The zero Options are
// those of the published files.
type Options struct {
	CRS geo.SRID // of the coordinates; 0 is CRS84 (longitude, latitude)
}

func (o Options) srid() geo.SRID {
	if o.CRS == 0 {
		return geo.CRS84
	}
	return o.CRS
}

// Formats is the list of export formats, the most asked-for first.
func Formats() []Format {
	return []Format{
		{"geojson", "geojson", "application/geo+json", eu("file-type", "GEOJSON"), "GeoJSON", writeGeoJSON},
		{"csv", "csv", "text/csv", eu("file-type", "CSV"), "CSV", writeCSV},
		{"geoparquet", "parquet", "application/vnd.apache.parquet", eu("file-type", "PARQUET"), "GeoParquet", writeGeoParquet},
		{"geojsonseq", "geojsons", "application/geo+json-seq", eu("file-type", "GEOJSON"), "GeoJSON Text Sequence", writeGeoJSONSeq},
	}
}

// FormatNamed returns the format of that name, or Unsupported
// "publish.no_format".
func FormatNamed(name string) (Format, error) {
	for _, f := range Formats() {
		if f.Name == name {
			return f, nil
		}
	}
	return Format{}, ortsnah.E(ortsnah.Unsupported, "publish.no_format", "format", name).About("format")
}

// noCRS says that a format cannot have coordinates in that CRS.
func noCRS(format string, crs geo.SRID) error {
	return ortsnah.E(ortsnah.Unsupported, "publish.no_crs", "format", format, "crs", crs.String()).About("crs")
}

package catalog

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Version is one published state of a dataset. It never changes.
type Version struct {
	Dataset string
	Number  int
	Created time.Time
	Actor   string // in whose name, see ortsnah.Actor
	Source  string // where the data came from: a file name or a URL without its query
	Added   int
	Changed int
	Removed int
	Rows    int // features in this version
}

// Distribution is a file made of one version in one format.
type Distribution struct {
	Dataset   string
	Version   int
	Format    string // name in publish.Formats, e.g. "geojson"
	File      string // base name, e.g. "construction-sites-v3.geojson"
	MediaType string
	Bytes     int64
	SHA256    string // hex
	Created   time.Time
}

// Versions returns a public dataset's versions, newest first.
func Versions(ctx context.Context, db postgis.DB, dataset string) ([]Version, error) {
	rows, err := db.Query(ctx, `SELECT dataset, number, created, actor, source, added, changed, removed, rows
		FROM open.version WHERE dataset = @dataset ORDER BY number DESC`, pgx.NamedArgs{"dataset": dataset})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Version])
}

// Distributions returns the files of all public datasets (dataset "") or of
// one, newest version first, then by format.
func Distributions(ctx context.Context, db postgis.DB, dataset string) ([]Distribution, error) {
	rows, err := db.Query(ctx, `SELECT dataset, version, format, file, media_type, bytes, sha256, created
		FROM open.distribution WHERE @dataset IN ('', dataset)
		ORDER BY dataset, version DESC, format`, pgx.NamedArgs{"dataset": dataset})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Distribution])
}

// RecordDistribution registers a finished file. Repeating it changes nothing:
// the first record of a dataset, version and format stands.
func RecordDistribution(ctx context.Context, db postgis.DB, d Distribution) error {
	_, err := db.Exec(ctx, `INSERT INTO catalog.distribution
			(dataset, version, format, file, media_type, bytes, sha256)
		VALUES (@dataset, @version, @format, @file, @media_type, @bytes, @sha256)
		ON CONFLICT DO NOTHING`, pgx.NamedArgs{
		"dataset": d.Dataset, "version": d.Version, "format": d.Format, "file": d.File,
		"media_type": d.MediaType, "bytes": d.Bytes, "sha256": d.SHA256,
	})
	return err
}

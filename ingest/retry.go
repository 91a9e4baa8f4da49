package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Retry reads a quarantined row again, from its original bytes or from
// corrected ones, and merges it into the dataset as a new version. The options
// are those of the import that delivered it; change may alter them first. The
// row is solved when it could be used; otherwise the reason is the error.
func Retry(ctx context.Context, pool *pgxpool.Pool, id int64, corrected []byte, actor ortsnah.Actor, change func(*Options)) (catalog.Version, error) {
	q, err := FindQuarantined(ctx, pool, id)
	if err != nil {
		return catalog.Version{}, err
	}
	if q.State != "open" {
		return catalog.Version{}, ortsnah.E(ortsnah.Conflict, "ingest.row_not_open", "id", id)
	}
	options, header, err := retryOptions(ctx, pool, id)
	if err != nil {
		return catalog.Version{}, err
	}
	if corrected == nil {
		corrected = q.Original
	}
	options.Stdin = bytes.NewReader(append(header, corrected...))
	if change != nil {
		change(&options)
	}
	src, err := Open(ctx, "-", options)
	if err != nil {
		return catalog.Version{}, err
	}
	defer src.Close()
	var v catalog.Version
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		v, err = merge(ctx, tx, q, src, options, actor)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE ingest.quarantine SET state = 'solved' WHERE id = @id`, pgx.NamedArgs{"id": id})
		return err
	})
	return v, err
}

// merge stages the records of src beside everything the dataset has.
func merge(ctx context.Context, tx pgx.Tx, q Quarantined, src *Source, o Options, actor ortsnah.Actor) (catalog.Version, error) {
	d, err := catalog.FindAny(ctx, tx, q.Dataset)
	if err != nil {
		return catalog.Version{}, err
	}
	im := importer{ctx: ctx, tx: tx, job: Job{Options: o}, src: src, dataset: d, report: &Report{},
		areas: newAreas(ctx, tx), convert: newConverter(d.Schema, o.Key, berlin()), votes: map[verdict]int64{}}
	im.convert.nameless = q.Key
	if im.staging, err = catalog.Stage(ctx, tx, d); err != nil {
		return catalog.Version{}, err
	}
	im.staging.KeepOthers()
	if err := im.addOnly(q); err != nil {
		return catalog.Version{}, err
	}
	refused, _, err := im.staging.Check(ctx)
	if err != nil {
		return catalog.Version{}, err
	}
	if len(refused) > 0 {
		return catalog.Version{}, refused[0].Reason
	}
	return im.staging.Commit(ctx, catalog.Change{Actor: actor, Source: q.Source})
}

// addOnly stages the one record of the source.
func (im *importer) addOnly(q Quarantined) error {
	rec, err := im.src.Read()
	if bad, ok := errors.AsType[*RowError](err); ok {
		return q.still(bad)
	}
	if err != nil {
		return ortsnah.E(ortsnah.Invalid, "ingest.retry_unreadable", "id", q.ID).Because(err)
	}
	if q.ReasonKey == duplicateKey && im.convert.keyOf(rec) == q.Key {
		return q.Reason() // it would take the place of the first
	}
	bad, err := im.add(rec)
	if err != nil {
		return err
	}
	if bad != nil {
		return q.still(bad)
	}
	if _, err := im.src.Read(); !errors.Is(err, io.EOF) {
		return ortsnah.E(ortsnah.Invalid, "ingest.retry_several", "id", q.ID)
	}
	return nil
}

// still is what is wrong with the row now, with its line in the source.
func (q Quarantined) still(bad *RowError) *ortsnah.Error {
	if _, ok := bad.Err.Args["line"]; ok && q.Line > 0 {
		bad.Err.Args["line"] = q.Line
	}
	return bad.Err
}

// duplicateKey is the reason with which the catalogue refuses a key's second row.
const duplicateKey = "catalog.duplicate_key"

func retryOptions(ctx context.Context, db postgis.DB, id int64) (Options, []byte, error) {
	var doc, header []byte
	var format string
	err := db.QueryRow(ctx, `SELECT r.options, r.format, q.header FROM ingest.quarantine q
		JOIN ingest.run r ON r.id = q.last_run WHERE q.id = @id`, pgx.NamedArgs{"id": id}).Scan(&doc, &format, &header)
	if err != nil {
		return Options{}, nil, err
	}
	o, err := loadOptions(doc)
	if o.Format == "" {
		o.Format = format
	}
	return o, header, err
}

// loadOptions is the reverse of saved.
func loadOptions(doc []byte) (Options, error) {
	var s savedOptions
	if err := json.Unmarshal(doc, &s); err != nil {
		return Options{}, err
	}
	o := Options{Format: s.Format, Encoding: s.Encoding, DecimalComma: s.DecimalComma, CRS: geo.SRID(s.CRS),
		X: s.X, Y: s.Y, WKT: s.WKT, SwapAxes: s.SwapAxes, Layer: s.Layer, Key: s.Key,
		AllowPrivate: s.AllowPrivate, AnyPlace: s.AnyPlace}
	for _, r := range s.Delimiter {
		o.Delimiter = r
	}
	return o, nil
}

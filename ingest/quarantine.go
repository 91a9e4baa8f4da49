package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Quarantined is a row that an import could not use.
type Quarantined struct {
	ID         int64
	Dataset    string
	State      string // open, solved, dismissed
	Seen       int    // imports that delivered it
	File       string
	Line       int64
	Feature    int64
	ByteOffset int64
	ByteLength int64
	Key        string
	ReasonKey  string
	ReasonArgs map[string]any
	Created    time.Time
	Source     string // of the last import that delivered it
	Original   []byte // its bytes as delivered, at most MaxRaw
}

// Reason is why the row is here, as a sentence's key and placeholders.
func (q Quarantined) Reason() *ortsnah.Error {
	return &ortsnah.Error{Kind: ortsnah.Invalid, Key: q.ReasonKey, Args: q.ReasonArgs}
}

const selectQuarantine = `SELECT q.id, q.dataset, q.state, q.seen, q.file, q.line, q.feature, q.byte_offset, q.byte_length,
		q.key, q.reason_key, q.reason_args, q.created, r.source, q.original
	FROM ingest.quarantine q JOIN ingest.run r ON r.id = q.last_run `

// Quarantine returns the open rows of a dataset ("" for all), oldest first.
func Quarantine(ctx context.Context, db postgis.DB, dataset string, limit int) ([]Quarantined, error) {
	rows, err := db.Query(ctx, selectQuarantine+`WHERE q.state = 'open' AND @dataset IN ('', q.dataset)
		ORDER BY q.dataset, q.id LIMIT @limit`, pgx.NamedArgs{"dataset": dataset, "limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Quarantined])
}

// FindQuarantined returns one row, whatever its state.
func FindQuarantined(ctx context.Context, db postgis.DB, id int64) (Quarantined, error) {
	rows, err := db.Query(ctx, selectQuarantine+`WHERE q.id = @id`, pgx.NamedArgs{"id": id})
	if err != nil {
		return Quarantined{}, err
	}
	q, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Quarantined])
	if errors.Is(err, pgx.ErrNoRows) {
		return q, ortsnah.E(ortsnah.NotFound, "ingest.no_quarantined_row", "id", id)
	}
	return q, err
}

// Dismiss takes a row off the list: a person has decided that it is not
// needed. It stays in the database.
func Dismiss(ctx context.Context, db postgis.DB, id int64) error {
	tag, err := db.Exec(ctx, `UPDATE ingest.quarantine SET state = 'dismissed' WHERE id = @id AND state = 'open'`, pgx.NamedArgs{"id": id})
	if err == nil && tag.RowsAffected() == 0 {
		return ortsnah.E(ortsnah.NotFound, "ingest.no_quarantined_row", "id", id)
	}
	return err
}

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
	if im.staging, err = catalog.Stage(ctx, tx, d); err != nil {
		return catalog.Version{}, err
	}
	im.staging.KeepOthers()
	rec, err := src.Read()
	if err != nil {
		if bad, ok := errors.AsType[*RowError](err); ok {
			return catalog.Version{}, bad.Err
		}
		return catalog.Version{}, ortsnah.E(ortsnah.Invalid, "ingest.retry_unreadable", "id", q.ID).Because(err)
	}
	bad, err := im.add(rec)
	if err != nil {
		return catalog.Version{}, err
	}
	if bad != nil {
		return catalog.Version{}, bad.Err
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
		X: s.X, Y: s.Y, WKT: s.WKT, SwapAxes: s.SwapAxes, Layer: s.Layer, Key: s.Key}
	for _, r := range s.Delimiter {
		o.Delimiter = r
	}
	return o, nil
}

package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
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
// needed. It stays in the database, and when it is delivered again unchanged it
// stays off the list.
func Dismiss(ctx context.Context, db postgis.DB, id int64) error {
	tag, err := db.Exec(ctx, `UPDATE ingest.quarantine SET state = 'dismissed' WHERE id = @id AND state = 'open'`, pgx.NamedArgs{"id": id})
	if err == nil && tag.RowsAffected() == 0 {
		return ortsnah.E(ortsnah.NotFound, "ingest.no_quarantined_row", "id", id)
	}
	return err
}

// intake brings the unusable rows of one import to quarantine, many at a time.
type intake struct {
	run     int64
	staging *catalog.Staging
	tx      pgx.Tx
	batch   pgx.Batch
	bytes   int
	settled []settledRow // of the batch that is being sent
	known   int64        // rows that a person dismissed or corrected before
}

// settledRow is a row that was corrected once and is delivered broken again.
type settledRow struct {
	id  int64
	key string
}

// Rows and bytes that are sent together: enough to hide the round trip.
const (
	intakeRows  = 500
	intakeBytes = 8 << 20
)

// add keeps a row with its original bytes. The same row with the same fault is
// one entry, however often it is delivered.
func (in *intake) add(ctx context.Context, header []byte, bad *RowError) error {
	args, err := json.Marshal(bad.Err.Args)
	if err != nil || bad.Err.Args == nil {
		args = []byte("{}")
	}
	original := append([]byte{}, bad.Raw...) // the reader reuses it
	in.batch.Queue(quarantineSQL, pgx.NamedArgs{
		"run": in.run, "file": bad.File, "line": bad.Line, "feature": bad.Feature, "offset": bad.Offset, "length": bad.Length,
		"key": storable(bad.Key), "reason": bad.Err.Key, "args": strings.ReplaceAll(string(args), `\u0000`, ""),
		"original": original, "header": append([]byte{}, header...),
	}).QueryRow(func(row pgx.Row) error {
		var r settledRow
		var state string
		if err := row.Scan(&r.id, &state, &r.key); err != nil {
			return err
		}
		switch state {
		case "dismissed":
			in.known++
		case "solved":
			in.settled = append(in.settled, r)
		}
		return nil
	})
	if in.bytes += len(original) + len(header); in.batch.Len() < intakeRows && in.bytes < intakeBytes {
		return nil
	}
	return in.flush(ctx)
}

// quarantineSQL counts the entry that is there already or makes a new one. An
// entry that a person settled stays settled.
const quarantineSQL = `WITH known AS (
		UPDATE ingest.quarantine SET last_run = @run, seen = seen + (last_run <> @run)::int, file = @file, line = @line,
			feature = @feature, byte_offset = @offset, byte_length = @length, header = @header
		WHERE id = (SELECT q.id FROM ingest.quarantine q JOIN ingest.run r ON r.dataset = q.dataset
			WHERE r.id = @run AND q.key = @key AND q.reason_key = @reason AND q.hash = sha256(@original)
			ORDER BY q.state = 'open' DESC, q.id DESC LIMIT 1)
		RETURNING id, state, key
	), new AS (
		INSERT INTO ingest.quarantine (dataset, first_run, last_run, file, line, feature, byte_offset, byte_length,
			key, reason_key, reason_args, original, header)
		SELECT dataset, id, id, @file, @line, @feature, @offset, @length, @key, @reason, @args, @original, @header
		FROM ingest.run WHERE id = @run AND NOT EXISTS (SELECT FROM known)
		RETURNING id, state, key
	) SELECT * FROM known UNION ALL SELECT * FROM new`

// flush sends what was added. A row that was solved is open again when the
// feature that came of it is gone.
func (in *intake) flush(ctx context.Context) error {
	if in.batch.Len() == 0 {
		return nil
	}
	if err := in.staging.Wait(); err != nil {
		return err
	}
	if err := in.tx.SendBatch(ctx, &in.batch).Close(); err != nil {
		return err
	}
	in.batch, in.bytes = pgx.Batch{}, 0
	if len(in.settled) == 0 {
		return nil
	}
	keys := make([]string, len(in.settled))
	for i, r := range in.settled {
		keys[i] = r.key
	}
	here, err := in.staging.Present(ctx, keys)
	if err != nil {
		return err
	}
	var gone []int64
	for _, r := range in.settled {
		if !here[r.key] {
			gone = append(gone, r.id)
		}
	}
	in.known += int64(len(in.settled) - len(gone))
	in.settled = in.settled[:0]
	if len(gone) == 0 {
		return nil
	}
	_, err = in.tx.Exec(ctx, `UPDATE ingest.quarantine SET state = 'open' WHERE id = ANY(@gone)`, pgx.NamedArgs{"gone": gone})
	return err
}

// storable is text as PostgreSQL can hold it.
func storable(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\ufffd")
}

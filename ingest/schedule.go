package ingest

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// ScheduledSource is a source that is imported again and again.
type ScheduledSource struct {
	ID      string
	Dataset string
	URL     string
	Every   time.Duration
	NextRun time.Time

	LastState string         // of its last import: "", "running", "done", "refused", "interrupted"
	LastError *ortsnah.Error // of its last import
}

// Scheduled returns all sources with a schedule, by id.
func Scheduled(ctx context.Context, db postgis.DB) ([]ScheduledSource, error) {
	rows, err := db.Query(ctx, `SELECT s.id, s.dataset, s.url, s.every, s.next_run,
			coalesce(r.state, ''), coalesce(r.error_key, ''), coalesce(r.error_args, '{}')
		FROM ingest.source s LEFT JOIN LATERAL (SELECT * FROM ingest.run
			WHERE dataset = s.dataset AND actor = 'system:source ' || s.id ORDER BY id DESC LIMIT 1) r ON true
		ORDER BY s.id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (ScheduledSource, error) {
		var s ScheduledSource
		var key string
		var args map[string]any
		err := row.Scan(&s.ID, &s.Dataset, &s.URL, &s.Every, &s.NextRun, &s.LastState, &key, &args)
		if key != "" {
			s.LastError = &ortsnah.Error{Kind: ortsnah.Invalid, Key: key, Args: args}
		}
		return s, err
	})
}

// Lasting is a source as another process finds it: the path of a file or folder
// is absolute. Standard input cannot be read again: "ingest.source_not_lasting".
func Lasting(source string) (string, error) {
	if source == "-" {
		return "", ortsnah.E(ortsnah.Invalid, "ingest.source_not_lasting").About("source")
	}
	if strings.Contains(source, "://") {
		return source, nil
	}
	return filepath.Abs(source)
}

// Schedule adds a source or changes it; it is due at once.
func Schedule(ctx context.Context, db postgis.DB, s ScheduledSource, o Options) error {
	if err := catalog.CheckID(s.ID); err != nil {
		return err
	}
	if err := catalog.CheckID(s.Dataset); err != nil {
		return err
	}
	if s.Every < time.Minute {
		return ortsnah.E(ortsnah.Invalid, "ingest.too_often", "every", s.Every.String()).About("every")
	}
	doc, err := json.Marshal(saved(o))
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, `INSERT INTO ingest.source (id, dataset, url, options, every)
		VALUES (@id, @dataset, @url, @options, @every)
		ON CONFLICT (id) DO UPDATE SET dataset = excluded.dataset, url = excluded.url,
			options = excluded.options, every = excluded.every, next_run = now()`,
		pgx.NamedArgs{"id": s.ID, "dataset": s.Dataset, "url": s.URL, "options": string(doc), "every": s.Every})
	return err
}

// Unschedule removes a source. Its dataset stays.
func Unschedule(ctx context.Context, db postgis.DB, id string) error {
	tag, err := db.Exec(ctx, `DELETE FROM ingest.source WHERE id = @id`, pgx.NamedArgs{"id": id})
	if err == nil && tag.RowsAffected() == 0 {
		return ortsnah.E(ortsnah.NotFound, "ingest.no_source", "id", id)
	}
	return err
}

// ImportDue imports every source whose time has come, one after the other,
// and tells each about every result. A failure of one source does not keep
// the others waiting; it is tried again at its next time.
func ImportDue(ctx context.Context, pool *pgxpool.Pool, each func(id string, rep Report, err error)) error {
	for {
		var s ScheduledSource
		var doc []byte
		// Claiming and setting the next time is one statement: two instances
		// never import the same source at once.
		err := pool.QueryRow(ctx, `UPDATE ingest.source SET next_run = now() + every WHERE id = (
				SELECT id FROM ingest.source WHERE enabled AND next_run <= now()
				ORDER BY next_run, id LIMIT 1 FOR UPDATE SKIP LOCKED)
			RETURNING id, dataset, url, options`).Scan(&s.ID, &s.Dataset, &s.URL, &doc)
		if err == pgx.ErrNoRows {
			return nil
		}
		if err != nil {
			return err
		}
		o, err := loadOptions(doc)
		if err != nil {
			each(s.ID, Report{}, err)
			continue
		}
		rep, err := Import(ctx, pool, Job{Source: s.URL, Dataset: s.Dataset, Options: o, Actor: ortsnah.System("source " + s.ID)})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		each(s.ID, rep, err)
	}
}

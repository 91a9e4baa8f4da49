package ingest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// run is the log entry of one import. It is written outside the import's
// transaction, so that it tells of imports that failed as well. While it
// runs, its session holds an advisory lock; a "running" entry whose lock is
// free was interrupted.
type run struct {
	id   int64
	conn *pgxpool.Conn
}

// lockClass is the first half of the two-part advisory locks of runs.
const lockClass = 0x0215

func beginRun(ctx context.Context, pool *pgxpool.Pool, job Job) (*run, error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, ortsnah.E(ortsnah.Unavailable, "geo.database_away").Because(err)
	}
	r := &run{conn: conn}
	options, err := json.Marshal(saved(job.Options))
	if err != nil {
		conn.Release()
		return nil, err
	}
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `INSERT INTO ingest.run (dataset, source, options, actor)
			VALUES (@dataset, @source, @options, @actor) RETURNING id`, pgx.NamedArgs{
			"dataset": job.Dataset, "source": cmp.Or(job.Name, sourceName(job.Source)), "options": string(options), "actor": job.Actor.String(),
		}).Scan(&r.id)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `SELECT pg_advisory_lock($1, $2)`, lockClass, int32(r.id))
		return err
	})
	if err != nil {
		conn.Release()
		return nil, err
	}
	return r, nil
}

// savedOptions is the part of Options that a retry or a schedule repeats.
type savedOptions struct {
	Format       string `json:"format,omitzero"`
	Encoding     string `json:"encoding,omitzero"`
	Delimiter    string `json:"delimiter,omitzero"`
	DecimalComma bool   `json:"decimal_comma,omitzero"`
	CRS          int    `json:"crs,omitzero"`
	X            string `json:"x,omitzero"`
	Y            string `json:"y,omitzero"`
	WKT          string `json:"wkt,omitzero"`
	SwapAxes     bool   `json:"swap_axes,omitzero"`
	Layer        string `json:"layer,omitzero"`
	Key          string `json:"key,omitzero"`
	AllowPrivate bool   `json:"allow_private,omitzero"`
	AnyPlace     bool   `json:"any_place,omitzero"`
}

func saved(o Options) savedOptions {
	s := savedOptions{Format: o.Format, Encoding: o.Encoding, DecimalComma: o.DecimalComma, CRS: int(o.CRS),
		X: o.X, Y: o.Y, WKT: o.WKT, SwapAxes: o.SwapAxes, Layer: o.Layer, Key: o.Key,
		AllowPrivate: o.AllowPrivate, AnyPlace: o.AnyPlace}
	if o.Delimiter != 0 {
		s.Delimiter = string(o.Delimiter)
	}
	return s
}

// release frees the run's lock and connection.
func (r *run) release() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := r.conn.Exec(ctx, `SELECT pg_advisory_unlock($1, $2)`, lockClass, int32(r.id)); err != nil {
		r.conn.Conn().Close(ctx) // a broken session must not go back with its lock
	}
	r.conn.Release()
}

// fail records why the import ended without a version. The import's own
// context may be cancelled already.
func (r *run) fail(cause error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	state, key, args := "refused", "error.unexpected", map[string]any{}
	if e, ok := errors.AsType[*ortsnah.Error](cause); ok {
		key, args = e.Key, e.Args
	}
	if errors.Is(cause, context.Canceled) {
		state, key = "interrupted", ""
	}
	if errors.Is(cause, errDry) {
		key = "ingest.dry_run"
	}
	doc, err := json.Marshal(args)
	if err != nil {
		doc = []byte("{}")
	}
	// The database may be the cause; then the sweeper records it later.
	_, _ = r.conn.Exec(ctx, `UPDATE ingest.run SET state = @state, ended = now(), error_key = @key, error_args = @args WHERE id = @id`,
		pgx.NamedArgs{"state": state, "key": key, "args": string(doc), "id": r.id})
}

// done completes the entry in the import's own transaction: it says "done"
// exactly when the version is there.
func (r *run) done(ctx context.Context, tx pgx.Tx, rep Report) error {
	_, err := tx.Exec(ctx, `UPDATE ingest.run SET state = 'done', ended = now(), format = @format, version = @version,
		read = @read, quarantined = @quarantined, repaired = @repaired WHERE id = @id`, pgx.NamedArgs{
		"id": r.id, "format": rep.Format, "version": rep.Version.Number, "read": rep.Read,
		"quarantined": rep.Quarantined, "repaired": rep.Repaired,
	})
	return err
}

func (r *run) repaired(ctx context.Context, tx pgx.Tx, repairs []catalog.Repair) error {
	rows := make([][]any, len(repairs))
	for i, m := range repairs {
		rows[i] = []any{r.id, m.Key, m.Fault}
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"ingest", "repair"}, []string{"run", "key", "fault"}, pgx.CopyFromRows(rows))
	return err
}

// keepRuns is how long the log tells of imports that changed nothing.
const keepRuns = 90 * 24 * time.Hour

// SweepRuns marks imports as interrupted whose program ended before they did,
// and forgets those that ended long before now and left nothing: neither a
// version nor a row in quarantine.
func SweepRuns(ctx context.Context, db postgis.DB, now time.Time) (interrupted int, err error) {
	tag, err := db.Exec(ctx, `WITH dead AS (
			SELECT id FROM ingest.run WHERE state = 'running'
			AND NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory'
				AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
				AND classid = @class AND objid = id::int AND objsubid = 2))
		UPDATE ingest.run SET state = 'interrupted', ended = now() WHERE id IN (SELECT id FROM dead)`,
		pgx.NamedArgs{"class": lockClass})
	if err != nil {
		return 0, err
	}
	_, err = db.Exec(ctx, `DELETE FROM ingest.run r WHERE ended < @before
			AND (version IS NULL OR EXISTS (SELECT FROM ingest.run e WHERE e.dataset = r.dataset AND e.version = r.version AND e.id < r.id))
			AND NOT EXISTS (SELECT FROM ingest.quarantine q WHERE r.id IN (q.first_run, q.last_run))
			AND NOT EXISTS (SELECT FROM ingest.repair m WHERE m.run = r.id)`,
		pgx.NamedArgs{"before": now.Add(-keepRuns)})
	return int(tag.RowsAffected()), err
}

// ref packs a place into the catalogue's opaque reference.
func (p Place) ref() string {
	return fmt.Sprintf("%d %d %d %d %s", p.Line, p.Feature, p.Offset, p.Length, p.File)
}

func parsePlace(ref string) Place {
	parts := strings.SplitN(ref, " ", 5)
	if len(parts) < 5 {
		return Place{}
	}
	n := func(i int) int64 {
		v, err := strconv.ParseInt(parts[i], 10, 64)
		if err != nil {
			return 0
		}
		return v
	}
	return Place{Line: n(0), Feature: n(1), Offset: n(2), Length: n(3), File: parts[4]}
}

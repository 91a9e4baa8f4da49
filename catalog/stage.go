package catalog

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/paulmach/orb"
)

// Row is one feature of the next state.
type Row struct {
	Key      string
	Geometry orb.Geometry // in SRID; nil for none
	SRID     geo.SRID
	Values   []any  // one per field of the schema given to Stage, Go types of Type; nil is NULL
	Ref      string // opaque to the catalogue: where the row came from, given back in a Refusal
}

// Refusal is a staged row that cannot be part of the dataset.
type Refusal struct {
	Key, Ref string
	Reason   *ortsnah.Error
}

// Repair is a geometry that was invalid and was mended without changing what
// it is.
type Repair struct {
	Key, Ref string
	Fault    string // PostGIS' reason and place, e.g. "Self-intersection[8.4 51.9]"
}

// Change says who makes a version and from what.
type Change struct {
	Actor  ortsnah.Actor
	Source string
}

// Staging collects the complete next state of one dataset inside a
// transaction. Nobody else can stage the same dataset until it ends.
type Staging struct {
	tx      pgx.Tx
	dataset Dataset
	columns []string
	buffer  [][]any
	spare   [][]any    // of the chunk before, while that is being copied
	copying chan error // result of the copy under way; nil when there is none
	kept    []string
	others  bool // keep every feature that was not added
	checked bool
	names   *strings.Replacer // names of this staging's tables in the SQL files
}

const chunk = 2000 // rows per COPY: enough to hide its fixed cost, small in memory

// Stage begins the next state of d in tx: then Add every row, Check what was
// added (Commit does it where the caller did not), Commit. It waits while
// another transaction stages or extends the same dataset. Fields that the
// dataset was given since d was read are NULL in the rows added.
// Errors: NotFound "catalog.no_dataset", Conflict "catalog.schema_changed"
// where d's fields are not the first of those stored.
func Stage(ctx context.Context, tx pgx.Tx, d Dataset) (*Staging, error) {
	var srid int // in the text of statements: as a function call per row it costs a second per 100,000
	given := d.Schema.Fields
	err := tx.QueryRow(ctx, `SELECT version, rows, schema, catalog.working_srid() FROM catalog.dataset WHERE id = @id FOR NO KEY UPDATE`,
		pgx.NamedArgs{"id": d.ID}).Scan(&d.Version, &d.Rows, &d.Schema, &srid)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ortsnah.E(ortsnah.NotFound, "catalog.no_dataset", "id", d.ID).About("dataset")
	}
	if err != nil {
		return nil, err
	}
	if !startsWith(d.Schema.Fields, given) {
		return nil, ortsnah.E(ortsnah.Conflict, "catalog.schema_changed", "dataset", d.ID)
	}
	s := &Staging{tx: tx, dataset: d}
	word := strings.ReplaceAll(d.ID, "-", "_")
	var fields []string
	for _, f := range d.Schema.Fields {
		fields = append(fields, pgx.Identifier{f.Name}.Sanitize())
	}
	list := strings.Join(fields, ", ")
	if list != "" {
		list = ", " + list
	}
	s.names = strings.NewReplacer("{srid}", strconv.Itoa(srid),
		"{staged}", "staged_"+word, "{prepared}", "prepared_"+word, "{next}", "next_"+word,
		"{feature}", featureTable(d.ID).Sanitize(), "{index_key}", indexName(d.ID, "key"),
		"{index_now}", indexName(d.ID, "now"), "{index_geom}", indexName(d.ID, "geom"), "{, fields}", list, "{internal}", internalText(d.Schema))
	s.columns = []string{"_key", "_ref", "_properties", "_geom"}
	for _, f := range d.Schema.Fields {
		s.columns = append(s.columns, f.Name)
	}
	create := append([]string{"_ord bigint GENERATED ALWAYS AS IDENTITY", "_key text", "_ref text",
		"_properties text", "_geom geometry"}, columnsOf(d.Schema.Fields)...)
	// Sorting and hashing the staged rows in memory is worth this much of it for
	// the one transaction.
	if err := s.exec(ctx, "SET LOCAL work_mem = '256MB'"); err != nil {
		return nil, err
	}
	return s, s.exec(ctx, "CREATE TEMP TABLE {staged} ("+strings.Join(create, ", ")+") ON COMMIT DROP")
}

// startsWith reports whether the stored fields begin with those given, in name
// and type.
func startsWith(stored, given []Field) bool {
	if len(given) > len(stored) {
		return false
	}
	for i, f := range given {
		if stored[i].Name != f.Name || stored[i].Type != f.Type {
			return false
		}
	}
	return true
}

// internalText is the SQL text that makes internal fields part of a row's
// content hash although they are not part of its GeoJSON.
func internalText(s Schema) string {
	var parts []string
	for _, f := range s.Fields {
		if f.Internal {
			parts = append(parts, pgx.Identifier{f.Name}.Sanitize()+"::text")
		}
	}
	if len(parts) == 0 {
		return "''"
	}
	return "concat_ws(chr(31), " + strings.Join(parts, ", ") + ")"
}

// Add appends one row. What Values points to (texts, JSON, coordinates) must
// not change until Check: rows go to the database in chunks.
func (s *Staging) Add(ctx context.Context, r Row) error {
	for len(r.Values) < len(s.dataset.Schema.Fields) {
		r.Values = append(r.Values, nil)
	}
	row := make([]any, 0, len(s.columns))
	row = append(row, r.Key, r.Ref,
		string(appendProperties(make([]byte, 0, 256), s.dataset.Schema.Fields, r.Values)),
		postgis.Geometry{Geometry: r.Geometry, SRID: r.SRID})
	row = append(row, r.Values...)
	s.buffer = append(s.buffer, row)
	if len(s.buffer) == chunk {
		return s.flush(ctx)
	}
	return nil
}

// Keep leaves the current feature of that key as it is although no row for it
// was added: its source delivered something unreadable this time.
func (s *Staging) Keep(key string) {
	if key != "" {
		s.kept = append(s.kept, key)
	}
}

// KeepOthers leaves every current feature for which no row was added as it is:
// the staging adds and changes, but removes nothing.
func (s *Staging) KeepOthers() { s.others = true }

// flush sends the buffer to the database while the caller fills the next one.
func (s *Staging) flush(ctx context.Context) error {
	if err := s.Wait(); err != nil || len(s.buffer) == 0 {
		return err
	}
	table := pgx.Identifier{"staged_" + strings.ReplaceAll(s.dataset.ID, "-", "_")}
	rows, done := s.buffer, make(chan error, 1)
	s.buffer, s.spare, s.copying = s.spare[:0], rows, done
	go func() {
		_, err := s.tx.CopyFrom(ctx, table, s.columns, pgx.CopyFromRows(rows))
		done <- err
	}()
	return nil
}

// Wait returns when the transaction is free for other statements: Add may
// still be sending rows. It has to be called before the transaction is used or
// ended, after a failure as well.
func (s *Staging) Wait() error {
	if s.copying == nil {
		return nil
	}
	err := <-s.copying
	s.copying = nil
	return err
}

// Present returns those of the keys that the current version has.
func (s *Staging) Present(ctx context.Context, keys []string) (map[string]bool, error) {
	if err := s.Wait(); err != nil {
		return nil, err
	}
	rows, err := s.tx.Query(ctx, s.names.Replace(`SELECT _key FROM {feature} WHERE _until IS NULL AND _key = ANY(@keys)`), pgx.NamedArgs{"keys": keys})
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	present := make(map[string]bool, len(found))
	for _, key := range found {
		present[key] = true
	}
	return present, err
}

//go:embed sql/prepare.sql
var prepareSQL string

//go:embed sql/repair.sql
var repairSQL string

//go:embed sql/refuse.sql
var refuseSQL string

// Check transforms and validates what was added. It returns the rows that
// cannot be used, which are taken out, and the geometries it repaired.
func (s *Staging) Check(ctx context.Context) ([]Refusal, []Repair, error) {
	s.checked = true
	if err := s.flush(ctx); err != nil {
		return nil, nil, err
	}
	if err := s.Wait(); err != nil {
		return nil, nil, err
	}
	if err := s.prepare(ctx); err != nil {
		return nil, nil, err
	}
	rows, err := s.tx.Query(ctx, s.names.Replace(repairSQL))
	if err != nil {
		return nil, nil, err
	}
	repairs, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Repair])
	if err != nil {
		return nil, nil, err
	}
	rows, err = s.tx.Query(ctx, s.names.Replace(refuseSQL))
	if err != nil {
		return nil, nil, err
	}
	refusals, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Refusal, error) {
		var r Refusal
		var key, detail string
		err := row.Scan(&r.Key, &r.Ref, &key, &detail)
		r.Reason = ortsnah.E(ortsnah.Invalid, key, "detail", detail, "key", r.Key)
		return r, err
	})
	for _, r := range refusals {
		if r.Reason.Key != "catalog.duplicate_key" {
			s.Keep(r.Key)
		}
	}
	return refusals, repairs, err
}

// prepare transforms all rows in one statement. When a single coordinate makes
// PROJ fail, the statement is repeated with a transform that yields NULL for
// such a row, which refuse.sql then reports.
func (s *Staging) prepare(ctx context.Context) error {
	run := func(transform string) error {
		return pgx.BeginFunc(ctx, s.tx, func(nested pgx.Tx) error {
			_, err := nested.Exec(ctx, strings.ReplaceAll(s.names.Replace(prepareSQL), "{transform}", transform))
			return err
		})
	}
	err := run("ST_Transform")
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == "XX000" {
		err = run("catalog.try_transform")
	}
	if err != nil {
		return fmt.Errorf("prepare staged rows: %w", err)
	}
	return nil
}

//go:embed sql/next.sql
var nextSQL string

//go:embed sql/end.sql
var endSQL string

//go:embed sql/apply.sql
var applySQL string

// Commit compares the staged rows with the current version and writes the
// difference as the next version, which it returns. Where nothing differs it
// writes nothing and returns the current one with all counts zero. The
// transaction is still the caller's to commit.
func (s *Staging) Commit(ctx context.Context, c Change) (Version, error) {
	if !s.checked {
		refused, _, err := s.Check(ctx)
		if err != nil {
			return Version{}, err
		}
		if len(refused) > 0 { // the program's own rows: a defect, not a delivery
			return Version{}, fmt.Errorf("%s: %d rows refused, first: %w", s.dataset.ID, len(refused), refused[0].Reason)
		}
	}
	v := Version{Dataset: s.dataset.ID, Number: s.dataset.Version, Actor: c.Actor.String(), Source: c.Source, Rows: s.dataset.Rows}
	if v.Number == 0 {
		return s.commitFirst(ctx, v)
	}
	if err := s.exec(ctx, "CREATE TEMP TABLE {next} ON COMMIT DROP AS "+nextSQL); err != nil {
		return Version{}, fmt.Errorf("compare versions: %w", err)
	}
	err := s.tx.QueryRow(ctx, s.names.Replace(`SELECT
			count(*) FILTER (WHERE _state = 'added'), count(*) FILTER (WHERE _state = 'changed'),
			(SELECT count(*) FROM {feature} f WHERE _until IS NULL AND NOT @others AND _key <> ALL (@kept::text[])
				AND NOT EXISTS (SELECT FROM {next} n WHERE n._key = f._key))
		FROM {next}`), pgx.NamedArgs{"kept": s.keptOrEmpty(), "others": s.others}).Scan(&v.Added, &v.Changed, &v.Removed)
	if err != nil {
		return Version{}, err
	}
	if v.Added+v.Changed+v.Removed > 0 {
		v.Number++
		v.Rows += v.Added - v.Removed
		if err := s.apply(ctx, v, endSQL+applySQL); err != nil {
			return Version{}, err
		}
	}
	return v, s.exec(ctx, "DROP TABLE {staged}, {prepared}, {next}")
}

// commitFirst writes the first version: there is nothing to compare with, so
// the rows need not be kept beside before they are written.
func (s *Staging) commitFirst(ctx context.Context, v Version) (Version, error) {
	if err := s.exec(ctx, "CREATE TEMP VIEW {next} AS "+nextSQL); err != nil {
		return Version{}, err
	}
	if err := s.tx.QueryRow(ctx, s.names.Replace("SELECT count(*) FROM {prepared}")).Scan(&v.Added); err != nil {
		return Version{}, err
	}
	v.Number, v.Rows = 1, v.Added
	if err := s.apply(ctx, v, applySQL); err != nil {
		return Version{}, err
	}
	return v, s.exec(ctx, "DROP VIEW {next}; DROP TABLE {staged}, {prepared}")
}

func (s *Staging) apply(ctx context.Context, v Version, statements string) error {
	args := pgx.NamedArgs{"version": v.Number, "kept": s.keptOrEmpty(), "others": s.others, "dataset": v.Dataset, "actor": v.Actor,
		"source": v.Source, "added": v.Added, "changed": v.Changed, "removed": v.Removed, "rows": v.Rows}
	for _, sql := range strings.Split(s.names.Replace(statements), ";\n") {
		if strings.TrimSpace(sql) == "" {
			continue
		}
		if _, err := s.tx.Exec(ctx, sql, args); err != nil {
			return fmt.Errorf("write version: %w", err)
		}
	}
	if v.Added+v.Changed+v.Removed < 1000 {
		return nil
	}
	return s.exec(ctx, "ANALYZE {feature}") // the planner must not meet a large table unprepared
}

func (s *Staging) keptOrEmpty() []string {
	if s.kept == nil {
		return []string{}
	}
	return s.kept
}

func (s *Staging) exec(ctx context.Context, sql string) error {
	_, err := s.tx.Exec(ctx, s.names.Replace(sql))
	return err
}

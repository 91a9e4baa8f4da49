package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Register makes the dataset known: its row, its feature table and, when it is
// public, its view in schema open. A dataset that exists keeps its metadata;
// fields that its schema lacks are appended, none is ever dropped. Appending
// waits until an import of that dataset has ended.
// Errors: Invalid as of CheckID and Schema.Check, Conflict
// "catalog.field_type_changed" for a field that exists with another type.
func Register(ctx context.Context, db postgis.DB, d Dataset) error {
	if err := CheckID(d.ID); err != nil {
		return err
	}
	if err := d.Schema.Check(); err != nil {
		return err
	}
	// Nothing to do is the usual case, and must not wait for a long import
	// that registered another dataset.
	if old, err := FindAny(ctx, db, d.ID); err == nil {
		if missing, err := lacking(old, d.Schema); err != nil || len(missing) == 0 {
			return err
		}
	}
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		// One at a time: two programs may start, or import, at once.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, postgis.LockKey("register")); err != nil {
			return err
		}
		old, err := FindAny(ctx, tx, d.ID)
		switch {
		case err == nil:
			return extend(ctx, tx, old, d.Schema)
		case ortsnah.KindOf(err) == ortsnah.NotFound:
			return create(ctx, tx, d)
		}
		return err
	})
}

func create(ctx context.Context, tx pgx.Tx, d Dataset) error {
	meta, err := json.Marshal(d.Metadata)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO catalog.dataset (id, schema, metadata, public)
		VALUES (@id, @schema, @metadata, @public)`, pgx.NamedArgs{
		"id": d.ID, "schema": d.Schema, "metadata": string(meta), "public": d.Public,
	}); err != nil {
		return err
	}
	table := featureTable(d.ID)
	columns := []string{
		"_row bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
		"_key text NOT NULL", "_since integer NOT NULL", "_until integer",
		"_hash bytea NOT NULL", "_geojson text NOT NULL", "_geom geometry",
	}
	columns = append(columns, columnsOf(d.Schema.Fields)...)
	statements := []string{
		fmt.Sprintf(`CREATE TABLE %s (%s, CHECK (_until > _since))`, table.Sanitize(), strings.Join(columns, ", ")),
		viewSQL(d),
	}
	if _, ok := d.Schema.Field("street"); ok && d.ID == Addresses {
		statements = append(statements, `SELECT catalog.index_streets()`)
	}
	return execAll(ctx, tx, statements...)
}

// lacking returns the fields of next that the dataset's schema does not have.
func lacking(d Dataset, next Schema) ([]Field, error) {
	var missing []Field
	for _, f := range next.Fields {
		old, ok := d.Schema.Field(f.Name)
		if ok && old.Type != f.Type {
			return nil, ortsnah.E(ortsnah.Conflict, "catalog.field_type_changed",
				"dataset", d.ID, "field", f.Name, "old", string(old.Type), "new", string(f.Type))
		}
		if !ok {
			missing = append(missing, f)
		}
	}
	return missing, nil
}

// extend appends the fields of next that the dataset's schema lacks.
func extend(ctx context.Context, tx pgx.Tx, d Dataset, next Schema) error {
	missing, err := lacking(d, next)
	if err != nil || len(missing) == 0 {
		return err
	}
	d.Schema.Fields = append(slices.Clone(d.Schema.Fields), missing...)
	alter := make([]string, len(missing))
	for i, c := range columnsOf(missing) {
		alter[i] = "ADD COLUMN " + c
	}
	if _, err := tx.Exec(ctx, `UPDATE catalog.dataset SET schema = @schema WHERE id = @id`,
		pgx.NamedArgs{"schema": d.Schema, "id": d.ID}); err != nil {
		return err
	}
	lock := ""
	if d.Public {
		// Readers come through the view to the table: in another order both
		// could wait for each other. Locking a view locks its table, too.
		lock = "LOCK TABLE " + View(d.ID).Sanitize()
	}
	return execAll(ctx, tx, lock,
		"ALTER TABLE "+featureTable(d.ID).Sanitize()+" "+strings.Join(alter, ", "),
		viewSQL(d),
	)
}

// indexName names an index of the dataset's feature table. Two long ids never
// share one: the table's own name is at most 58 bytes.
func indexName(id, suffix string) string {
	return pgx.Identifier{featureTable(id)[1][len("feature_"):] + "_" + suffix}.Sanitize()
}

func columnsOf(fields []Field) []string {
	types := Types()
	columns := make([]string, len(fields))
	for i, f := range fields {
		columns[i] = pgx.Identifier{f.Name}.Sanitize() + " " + types[f.Type]
	}
	return columns
}

// viewSQL makes the dataset's view in schema open, or appends new fields to it;
// nothing when the dataset is not public. Internal fields are not part of it.
func viewSQL(d Dataset) string {
	if !d.Public {
		return ""
	}
	view := View(d.ID).Sanitize()
	columns := []string{"_row", "_key", "_since", "_until", "_geojson", "_geom"}
	for _, f := range d.Schema.Public() {
		columns = append(columns, pgx.Identifier{f.Name}.Sanitize())
	}
	// Replaced, not dropped: readers and views upon it never miss it.
	return fmt.Sprintf("CREATE OR REPLACE VIEW %s AS SELECT %s FROM %s; GRANT SELECT ON %s TO %s", view,
		strings.Join(columns, ", "), featureTable(d.ID).Sanitize(), view, postgis.OpenRole)
}

// execAll runs statements made of identifiers only; no value is ever in them.
func execAll(ctx context.Context, tx pgx.Tx, statements ...string) error {
	for _, sql := range statements {
		if _, err := tx.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
	}
	return nil
}

// Describe replaces the metadata of a dataset and tells everyone who listens
// to "catalog_version". Error: NotFound "catalog.no_dataset".
func Describe(ctx context.Context, db postgis.DB, id string, m Metadata) error {
	tag, err := db.Exec(ctx, `WITH described AS (
			UPDATE catalog.dataset SET metadata = @metadata WHERE id = @id RETURNING id, version)
		SELECT pg_notify('catalog_version', id || ' ' || version) FROM described`,
		pgx.NamedArgs{"metadata": m, "id": id})
	if err == nil && tag.RowsAffected() == 0 {
		return ortsnah.E(ortsnah.NotFound, "catalog.no_dataset", "id", id).About("dataset")
	}
	return err
}

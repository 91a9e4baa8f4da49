package postgis

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // database/sql driver "pgx", which goose needs
	"github.com/pressly/goose/v3"

	"github.com/ortsnah/ortsnah"
)

// Migrations are one room's steps: goose SQL files at the top of Files that
// build the schema of that name.
type Migrations struct {
	Schema string
	Files  fs.FS
}

// MigrationsIn are the steps in the embedded folder "migrations" of the room
// that owns schema.
func MigrationsIn(files embed.FS, schema string) Migrations {
	steps, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the name is a constant and valid: cannot happen
	}
	return Migrations{Schema: schema, Files: steps}
}

// Migrate brings the database at url up to date, room by room in the order
// given. It holds an advisory lock, so that instances which start together
// migrate once; each file is one transaction. A room that is named twice
// (because two rooms above both list it) is migrated once.
func Migrate(ctx context.Context, url string, rooms []Migrations) error {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return ortsnah.E(ortsnah.Invalid, "geo.bad_database_url").About("database")
	}
	defer db.Close()
	db.SetMaxOpenConns(2)
	lock, err := db.Conn(ctx)
	if err != nil {
		return ortsnah.E(ortsnah.Unavailable, "geo.database_away").Because(err)
	}
	defer lock.Close()
	if err := prepare(ctx, lock); err != nil {
		return err
	}
	defer lock.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, LockKey("migrate"))
	done := map[string]bool{}
	for _, room := range rooms {
		if done[room.Schema] {
			continue
		}
		done[room.Schema] = true
		if err := migrateRoom(ctx, db, lock, room); err != nil {
			return ortsnah.E(ortsnah.Internal, "geo.migration_failed", "room", room.Schema).Because(err)
		}
	}
	return nil
}

// prepare takes the lock and creates what only an owner of the database or a
// superuser can; on the private cluster all of it exists already.
func prepare(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, LockKey("migrate")); err != nil {
		return ortsnah.E(ortsnah.Unavailable, "geo.database_away").Because(err)
	}
	var num int
	if err := conn.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int`).Scan(&num); err != nil {
		return err
	}
	if num < 150000 {
		return ortsnah.E(ortsnah.Invalid, "geo.database_too_old", "version", num/10000)
	}
	for _, x := range []string{"postgis", "btree_gist", "pg_trgm", "unaccent"} {
		if _, err := conn.ExecContext(ctx, `CREATE EXTENSION IF NOT EXISTS `+x); err != nil {
			return ortsnah.E(ortsnah.Forbidden, "geo.extension_missing", "extension", x).Because(err)
		}
	}
	_, err := conn.ExecContext(ctx, `DO $$ BEGIN
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ortsnah_open') THEN
			CREATE ROLE ortsnah_open NOLOGIN;
		END IF;
		IF NOT pg_has_role(current_user, 'ortsnah_open', 'MEMBER') THEN
			EXECUTE format('GRANT ortsnah_open TO %I', current_user);
		END IF;
	END $$`)
	if err != nil {
		return ortsnah.E(ortsnah.Forbidden, "geo.role_missing", "role", OpenRole).Because(err)
	}
	return nil
}

func migrateRoom(ctx context.Context, db *sql.DB, lock *sql.Conn, room Migrations) error {
	schema := pgx.Identifier{room.Schema}.Sanitize()
	if _, err := lock.ExecContext(ctx, `CREATE SCHEMA IF NOT EXISTS `+schema); err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, room.Files,
		goose.WithTableName(room.Schema+".migration"))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	_, err = p.Up(ctx)
	return err
}

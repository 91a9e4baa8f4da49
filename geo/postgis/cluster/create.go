package cluster

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/ortsnah/ortsnah"
)

// extensions of every database of a cluster: they are made in template1, so
// that a database made later has them too.
func extensions() []string { return []string{"postgis", "btree_gist", "pg_trgm", "unaccent"} }

// workMarker lies beside the cluster while it is made. A folder with it may be
// removed at the next start.
const workMarker = "ortsnah-init"

func workPattern(dir string) string { return filepath.Base(dir) + ".init-" }

// create makes the cluster in a folder beside p.dir and renames it into place
// when it is complete and on disk.
func create(ctx context.Context, p plan, fast bool, log *slog.Logger) (err error) {
	began := time.Now()
	work, err := makeWork(p.dir, p.account)
	if err != nil {
		return err
	}
	defer func() {
		if left := discard(work); left != nil {
			err = errors.Join(err, left)
		}
	}()
	data := filepath.Join(work, "data")
	if err := p.initdb(ctx, data); err != nil {
		return p.inPlace(ctx, err)
	}
	if err := p.fill(ctx, data, log); err != nil {
		return p.inPlace(ctx, err)
	}
	if err := replaceFile(filepath.Join(data, markerFile), "1\n", p.account); err != nil {
		return folderError(p.dir, err)
	}
	if !fast {
		if out, err := p.account.output(ctx, work, p.program.path("initdb"), "--sync-only", "-D", data); err != nil {
			return p.inPlace(ctx, explain(p.dir, out, err))
		}
	}
	if err := os.Rename(data, p.dir); err != nil {
		return folderError(p.dir, err)
	}
	log.Info("database cluster made", "folder", p.dir, "version", p.program.major, "took", time.Since(began).Round(time.Millisecond))
	return syncFolder(filepath.Dir(p.dir))
}

// inPlace turns an error of the work folder into one of the folder a person
// knows, and that of a killed child into that of ctx.
func (p plan) inPlace(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return interrupted(ctx, p.dir)
	}
	if e, ok := errors.AsType[*ortsnah.Error](err); ok && e.Args["folder"] != nil {
		e.Args["folder"] = p.dir
	}
	return err
}

// makeWork makes the folder to work in; its marker comes first.
func makeWork(dir string, a account) (string, error) {
	work, err := os.MkdirTemp(filepath.Dir(dir), workPattern(dir)+"*")
	if err != nil {
		return "", folderError(filepath.Dir(dir), err)
	}
	err = os.WriteFile(filepath.Join(work, workMarker), nil, 0o600)
	if err == nil {
		err = a.own(work)
	}
	if err != nil {
		return "", errors.Join(folderError(dir, err), discard(work))
	}
	return work, nil
}

// initdb makes an empty cluster. It is synced once at the end, not here.
func (p plan) initdb(ctx context.Context, data string) error {
	out, err := p.account.output(ctx, filepath.Dir(data), p.program.path("initdb"),
		"-D", data, "--username", Superuser, "--auth", "trust",
		"--data-checksums", "--encoding", "UTF8",
		"--locale", "C", "--lc-ctype", "C.UTF-8",
		"--text-search-config", "simple",
		"--no-sync", "--no-instructions")
	if err != nil {
		return explain(data, out, err)
	}
	files := []struct{ name, content string }{
		{"postgresql.conf", ownSettings}, {settingsFile, settings}, {"pg_hba.conf", access},
	}
	for _, file := range files {
		if err := replaceFile(filepath.Join(data, file.name), file.content, p.account); err != nil {
			return folderError(data, err)
		}
	}
	return nil
}

// fill runs a server on the new cluster and makes what every town needs.
func (p plan) fill(ctx context.Context, data string, log *slog.Logger) error {
	s, err := serve(ctx, p, data, true, log, "-c", "wal_level=minimal", "-c", "max_wal_senders=0")
	if err != nil {
		return err
	}
	defer s.stop(log)
	if err := execute(ctx, p.sockets, "template1", templateStatements()); err != nil {
		return p.sqlError(data, err)
	}
	// From another database: a template must not be in use.
	if err := execute(ctx, p.sockets, "postgres", []string{"CREATE DATABASE " + Name + " OWNER " + Owner + " TEMPLATE template1"}); err != nil {
		return p.sqlError(data, err)
	}
	return nil
}

// templateStatements make the roles and, in template1, the extensions.
func templateStatements() []string {
	all := []string{
		"CREATE ROLE " + Owner + " LOGIN",
		"CREATE ROLE " + ReadRole + " NOLOGIN",
		"GRANT " + ReadRole + " TO " + Owner,
	}
	for _, name := range extensions() {
		all = append(all, "CREATE EXTENSION "+pgx.Identifier{name}.Sanitize())
	}
	return all
}

// execute runs statements as the superuser, one by one.
func execute(ctx context.Context, sockets, database string, statements []string) error {
	conn, err := pgx.Connect(ctx, address(sockets, Superuser, database))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// sqlError explains why the new cluster could not be filled.
func (p plan) sqlError(data string, err error) error {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case ok && pg.Code == "53100": // disk_full
		return noSpace(data, err)
	case ok && (pg.Code == "58P01" || pg.Code == "0A000"): // the extension's files are missing
		return ortsnah.E(ortsnah.Unavailable, "cluster.no_postgis", "version", p.program.major, "packages", packages(p.program.major)).Because(err)
	}
	return ortsnah.E(ortsnah.Unavailable, "cluster.start_failed", "folder", data).Because(err)
}

// discard removes a work folder, its marker last: what is left when this is
// killed must still be known as ours. A child of a killed initdb may write into
// the folder for a moment more, hence the repetition.
func discard(work string) (err error) {
	for range 50 {
		if err = os.RemoveAll(filepath.Join(work, "data")); err == nil {
			err = os.RemoveAll(work)
		}
		if err == nil {
			return nil
		}
		time.Sleep(pollEvery)
	}
	return folderError(work, err)
}

// discardLeftovers removes the work folders of starts that were killed; it is
// called under the lock. A folder that has no marker is ours only if empty.
func discardLeftovers(dir string) error {
	entries, err := os.ReadDir(filepath.Dir(dir))
	if err != nil {
		return folderError(filepath.Dir(dir), err)
	}
	for _, entry := range entries {
		if !entry.IsDir() || !strings.HasPrefix(entry.Name(), workPattern(dir)) {
			continue
		}
		work := filepath.Join(filepath.Dir(dir), entry.Name())
		_, err := os.Lstat(filepath.Join(work, workMarker))
		if errors.Is(err, fs.ErrNotExist) {
			_ = os.Remove(work) // refuses a folder that holds something
			continue
		}
		if err == nil {
			err = discard(work)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// syncFolder makes a rename in folder survive a power cut.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return folderError(folder, err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return folderError(folder, err)
	}
	return nil
}

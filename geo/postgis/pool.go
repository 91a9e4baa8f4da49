package postgis

import (
	"context"
	"errors"
	"io"
	"net"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/ortsnah/ortsnah"
)

// OpenRole is the role that may read schema "open" and nothing else.
const OpenRole = "ortsnah_open"

// DB is what functions of the rooms take: a pool, a connection or a
// transaction. The caller owns the transaction.
type DB interface {
	Begin(ctx context.Context) (pgx.Tx, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
	CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error)
}

var (
	_ DB = (*pgxpool.Pool)(nil)
	_ DB = (*pgx.Conn)(nil)
	_ DB = (pgx.Tx)(nil)
)

// Open connects to url (libpq URL or DSN) for reading and writing and waits
// for the first answer. conns is the most connections held at once.
func Open(ctx context.Context, url string, conns int) (*pgxpool.Pool, error) {
	return open(ctx, url, conns, nil)
}

// OpenRead connects to url as role ortsnah_open, read only. The login of url
// must be a member of that role.
func OpenRead(ctx context.Context, url string, conns int) (*pgxpool.Pool, error) {
	return open(ctx, url, conns, map[string]string{
		"role": OpenRole, "default_transaction_read_only": "on",
	})
}

func open(ctx context.Context, url string, conns int, params map[string]string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The cause may quote the URL with its password: it stays out.
		return nil, ortsnah.E(ortsnah.Invalid, "geo.bad_database_url").About("database")
	}
	cfg.MaxConns = int32(conns)
	cfg.ConnConfig.RuntimeParams["application_name"] = "ortsnah"
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	for k, v := range params {
		cfg.ConnConfig.RuntimeParams[k] = v
	}
	cfg.AfterConnect = RegisterGeometry
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, ortsnah.E(ortsnah.Unavailable, "geo.database_away").Because(err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, ortsnah.E(ortsnah.Unavailable, "geo.database_away").Because(err)
	}
	return pool, nil
}

// Away reports whether err says that the database cannot be reached or is
// shutting down, as opposed to refusing a statement.
func Away(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true // also a server that refuses logins
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "57P01" || pg.Code == "57P02" || pg.Code == "57P03" || pg.Code == "53300"
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return true
	}
	return errors.Is(err, io.ErrUnexpectedEOF) // the connection broke in the middle of an answer
}

// Explained turns what the database's surroundings did to a statement into an
// error with a sentence; every other error comes back as it is.
func Explained(err error) error {
	if _, ok := errors.AsType[*ortsnah.Error](err); ok || err == nil {
		return err
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && (pg.Code == "53100" || pg.Code == "58030") {
		return ortsnah.E(ortsnah.Unavailable, "geo.disk_full").Because(err)
	}
	if Away(err) {
		return ortsnah.E(ortsnah.Unavailable, "geo.database_away").Because(err)
	}
	return err
}

// LockKey turns a name into the key of an advisory lock. Equal names give
// equal keys on every instance.
func LockKey(name string) int64 {
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a, 64 bit
	h := uint64(offset)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * prime
	}
	return int64(h)
}

// Version is the server's major version, for example 15.
func Version(ctx context.Context, db DB) (int, error) {
	var num string
	if err := db.QueryRow(ctx, `SELECT current_setting('server_version_num')`).Scan(&num); err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(num)
	return n / 10000, err
}

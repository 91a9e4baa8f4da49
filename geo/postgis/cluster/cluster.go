package cluster

import (
	"context"
	"log/slog"
	"net/url"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Names inside every cluster. Owner owns the database Name and everything the
// migrations make; ReadRole cannot log in, Owner takes it with SET ROLE to
// read what is public (schema open).
const (
	Name      = "ortsnah"
	Owner     = "ortsnah"
	ReadRole  = "ortsnah_open"
	Superuser = "postgres"
)

// port only names the socket file (.s.PGSQL.5432): nothing listens on TCP.
const port = "5432"

// Patience with a server that was told to end: fast shutdown writes a
// checkpoint; after that the server is made to quit and recovers at the next
// start, which loses nothing that was committed.
const (
	fastPatience = 20 * time.Second
	quitPatience = 5 * time.Second
)

// Options say where the cluster is and how it runs.
type Options struct {
	// Dir is the folder of the cluster, <data folder>/postgres. It is created
	// with mode 0700 when it is absent or empty.
	Dir string
	// Fast turns fsync off: for tests only, a power cut destroys the data.
	Fast bool
	// Log receives the server's log lines; nil drops them.
	Log *slog.Logger
}

// StopMode says how [Cluster.Stop] treats clients that are still connected.
type StopMode int

const (
	// Fast ends every session and rolls back what is open (SIGINT).
	Fast StopMode = iota
	// Smart refuses new sessions and waits for the present ones (SIGTERM).
	Smart
)

// Cluster is a running PostgreSQL, started by this program or joined.
type Cluster struct {
	dir     string
	sockets string
	log     *slog.Logger

	server   *server // nil when joined
	stopping atomic.Bool
	ended    chan struct{} // closed when the server ended by itself
	gone     chan struct{} // closed when the server ended and the lock is free
}

// URL is the address of database "ortsnah" for role "ortsnah", in the form
// that pgx and psql read (libpq connection URI with the socket folder as host).
func (c *Cluster) URL() string { return c.Database(Name) }

// SuperURL is the address of database "ortsnah" for the superuser.
func (c *Cluster) SuperURL() string { return address(c.sockets, Superuser, Name) }

// Database is like URL for another database of the cluster.
func (c *Cluster) Database(name string) string { return address(c.sockets, Owner, name) }

// address is a libpq connection URI over the unix socket. It says what the
// environment of the user (PGSSLMODE, PGTARGETSESSIONATTRS) must not decide.
func address(sockets, role, database string) string {
	query := url.Values{
		"host": {sockets}, "port": {port},
		"sslmode": {"disable"}, "target_session_attrs": {"any"},
	}
	u := url.URL{Scheme: "postgres", User: url.User(role), Path: "/" + database, RawQuery: query.Encode()}
	return u.String()
}

// Wait is closed when the server ends without having been told to: the caller
// should end too or start again. The lock is free by then. It stays open after
// [Cluster.Stop] and on a joined cluster.
func (c *Cluster) Wait() <-chan struct{} { return c.ended }

// watch frees what the cluster holds once the server has ended.
func (c *Cluster) watch(release func()) {
	<-c.server.exited
	release()
	if !c.stopping.Load() {
		c.log.Error("PostgreSQL ended by itself", "folder", c.dir, "state", c.server.state())
		close(c.ended)
	}
	close(c.gone)
}

// Stop ends the server and returns when it is gone and the folder is free.
// Smart waits for connected clients until ctx ends, then stops fast. A fast
// stop is not cut short by ctx, because it must not leave a server behind; it
// takes 0.1 s as a rule. A server that does not end in 20 s is made to quit and
// recovers at the next start. Stop on a joined or stopped cluster does nothing.
func (c *Cluster) Stop(ctx context.Context, mode StopMode) error {
	if c.server == nil {
		return nil
	}
	c.stopping.Store(true)
	if mode == Smart {
		c.server.signal(syscall.SIGTERM)
		select {
		case <-c.gone:
			return nil
		case <-ctx.Done():
		}
	}
	c.server.stop(c.log)
	<-c.gone
	return nil
}

// answers makes one connection and one query.
func answers(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return conn.Ping(ctx)
}

// Package pgtest gives tests a real PostGIS. One private cluster runs per test
// binary (without fsync, in a temporary folder); Main stops and removes it:
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
//
// Most tests want Tx: a transaction in a migrated database that is rolled back
// at the end. Tests with several connections, such as races, take Pool or URL:
// a database of their own, copied from a migrated template.
package pgtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/geo/postgis/cluster"
)

// server is the cluster of this test binary and the templates made in it.
type server struct {
	cluster *cluster.Cluster
	folder  string

	mu        sync.Mutex
	templates map[string]string // names of rooms → database
	copies    atomic.Int64
}

// running is the one cluster of the test binary, started by the first test
// that needs it. Tests of one binary have no other place to share it.
var running = sync.OnceValues(start)

// started says whether running has anything to stop.
var started atomic.Bool

func start() (*server, error) {
	folder, err := os.MkdirTemp("", "ortsnah-pgtest-")
	if err != nil {
		return nil, err
	}
	// As root the server runs as user postgres, who must be able to enter.
	if err := os.Chmod(folder, 0o711); err != nil {
		return nil, err
	}
	c, err := cluster.Start(context.Background(), cluster.Options{Dir: filepath.Join(folder, "postgres"), Fast: true})
	if err != nil {
		return nil, fmt.Errorf("start test cluster: %w", err)
	}
	started.Store(true)
	return &server{cluster: c, folder: folder, templates: map[string]string{}}, nil
}

// Main runs the tests of a package and then stops the cluster they used.
func Main(m *testing.M) {
	code := m.Run()
	if started.Load() {
		s, _ := running()
		if err := s.cluster.Stop(context.Background(), cluster.Fast); err != nil {
			fmt.Fprintln(os.Stderr, "pgtest: stop:", err)
			code = max(code, 1)
		}
		os.RemoveAll(s.folder)
	}
	os.Exit(code)
}

// Tx returns a transaction in a database migrated for the rooms. It is rolled
// back when the test ends, so that tests may share the database.
func Tx(t testing.TB, rooms []postgis.Migrations) pgx.Tx {
	t.Helper()
	s := serverFor(t)
	name, err := s.template(rooms)
	if err != nil {
		t.Fatal(err)
	}
	// The template itself must stay free of sessions, else it cannot be copied.
	conn, err := pgx.Connect(t.Context(), s.cluster.Database(name+"_shared"))
	if err != nil {
		t.Fatal(err)
	}
	if err := postgis.RegisterGeometry(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		tx.Rollback(context.Background())
		conn.Close(context.Background())
	})
	return tx
}

// URL returns the address of a migrated database of the test's own.
func URL(t testing.TB, rooms []postgis.Migrations) string {
	t.Helper()
	s := serverFor(t)
	template, err := s.template(rooms)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("copy_%d", s.copies.Add(1))
	if err := s.copy(name, template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.super("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return s.cluster.Database(name)
}

// Empty returns the address of a database of the test's own without any
// migration.
func Empty(t testing.TB) string { return URL(t, nil) }

// Pool returns connections to a migrated database of the test's own.
func Pool(t testing.TB, rooms []postgis.Migrations) *pgxpool.Pool {
	t.Helper()
	pool, err := postgis.Open(t.Context(), URL(t, rooms), 8)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// Read returns connections of the read role to the database of pool.
func Read(t testing.TB, pool *pgxpool.Pool) *pgxpool.Pool {
	t.Helper()
	read, err := postgis.OpenRead(t.Context(), pool.Config().ConnString(), 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(read.Close)
	return read
}

// Shared returns the folder of real data for tests, ../shared/data beside the
// checkout (or ORTSNAH_SHARED), and skips the test where it is absent.
func Shared(t testing.TB, path ...string) string {
	t.Helper()
	root := os.Getenv("ORTSNAH_SHARED")
	if root == "" {
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for filepath.Dir(dir) != dir {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				break
			}
			dir = filepath.Dir(dir)
		}
		root = filepath.Join(filepath.Dir(dir), "shared")
	}
	full := filepath.Join(append([]string{root, "data"}, path...)...)
	if _, err := os.Stat(full); err != nil {
		t.Skipf("real data is absent: %s (set ORTSNAH_SHARED to the folder that holds data/)", filepath.Join(path...))
	}
	return full
}

func serverFor(t testing.TB) *server {
	t.Helper()
	s, err := running()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// template returns the name of the migrated template for the rooms; beside it
// stands a copy, <name>_shared, for transactions.
func (s *server) template(rooms []postgis.Migrations) (string, error) {
	words := []string{"tpl"}
	for _, r := range rooms {
		words = append(words, r.Schema)
	}
	key := strings.Join(words, "_")
	s.mu.Lock()
	defer s.mu.Unlock()
	if name, ok := s.templates[key]; ok {
		return name, nil
	}
	if err := s.super("CREATE DATABASE " + key + " OWNER " + cluster.Owner); err != nil {
		return "", err
	}
	if len(rooms) > 0 {
		if err := postgis.Migrate(context.Background(), s.cluster.Database(key), rooms); err != nil {
			return "", err
		}
	}
	s.templates[key] = key
	return key, s.copyLocked(key+"_shared", key)
}

func (s *server) copy(name, template string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.copyLocked(name, template)
}

func (s *server) copyLocked(name, template string) error {
	return s.super("CREATE DATABASE " + name + " TEMPLATE " + template + " OWNER " + cluster.Owner + " STRATEGY file_copy")
}

// super runs one statement as the superuser.
func (s *server) super(sql string) error {
	conn, err := pgx.Connect(context.Background(), s.cluster.SuperURL())
	if err != nil {
		return err
	}
	defer conn.Close(context.Background())
	_, err = conn.Exec(context.Background(), sql)
	return err
}

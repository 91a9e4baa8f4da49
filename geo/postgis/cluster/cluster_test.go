package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"github.com/ortsnah/ortsnah"
)

// TestCluster follows one cluster, with fsync, through its life; every step
// finds it stopped and leaves it stopped.
func TestCluster(t *testing.T) {
	o := Options{Dir: filepath.Join(place(t), "not", "there", "yet", "postgres")}
	began := time.Now()
	c, err := Start(t.Context(), o)
	must(t, err)
	t.Logf("cold start %v", time.Since(began).Round(time.Millisecond))
	t.Run("new", func(t *testing.T) { newCluster(t, c) })
	must(t, c.Stop(t.Context(), Fast))

	for _, step := range []struct {
		name string
		run  func(*testing.T, Options)
	}{
		{"warm start and stop", warmStart},
		{"program killed", programKilled},
		{"postgres killed", postgresKilled},
		{"backend killed", backendKilled},
		{"two programs", twoPrograms},
		{"many at once", manyAtOnce},
		{"join", join},
		{"smart stop", smartStop},
		{"pid of another process", stalePid},
		{"started by hand", byHand},
		{"own settings win", ownSettingsWin},
		{"open folder", openFolder},
		{"wrong version", wrongVersion},
		{"copied by root", copiedByRoot},
		{"no personal data in the log", quietLog},
	} {
		t.Run(step.name, func(t *testing.T) { step.run(t, o) })
	}
	goleak.VerifyNone(t)
}

func newCluster(t *testing.T, c *Cluster) {
	fresh := ask[string](t, c.SuperURL(), "SELECT current_user || ' ' || current_database()")
	if fresh != "postgres ortsnah" {
		t.Errorf("superuser's address leads to %q", fresh)
	}
	for _, row := range []struct{ what, sql, want string }{
		{"role and database", "SELECT current_user || ' ' || current_database()", "ortsnah ortsnah"},
		{"not superuser", "SELECT concat(rolsuper, rolcreaterole, rolbypassrls, rolcanlogin) FROM pg_roles WHERE rolname = 'ortsnah'", "ffft"},
		{"read role", "SELECT concat(rolsuper, rolcanlogin, pg_has_role('ortsnah', oid, 'member')) FROM pg_roles WHERE rolname = 'ortsnah_open'", "fft"},
		{"owner", "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = 'ortsnah'", "ortsnah"},
		{"may make schemas", "SELECT has_database_privilege('ortsnah', 'CREATE')::text", "true"},
		{"checksums", "SELECT current_setting('data_checksums')", "on"},
		{"encoding", "SELECT current_setting('server_encoding')", "UTF8"},
		{"time zone", "SELECT current_setting('TimeZone')", "UTC"},
		{"order by code point", "SELECT string_agg(x, '' ORDER BY x) FROM unnest(array['ä','z','a','Z','ß']) x", "Zazßä"},
		{"German order on demand", `SELECT string_agg(x, '' ORDER BY x COLLATE "de-x-icu") FROM unnest(array['ä','z','a','ß']) x`, "aäßz"},
		{"Unicode letters", "SELECT upper('äöü') || lower('ÄÖÜ')", "ÄÖÜäöü"},
		{"no TCP", "SELECT concat('<', current_setting('listen_addresses'), '>')", "<>"},
		{"fsync", "SELECT current_setting('fsync')", "on"},
		{"jit", "SELECT current_setting('jit')", "off"},
		{"memory", "SELECT current_setting('shared_buffers')", "256MB"},
		{"PostGIS", "SELECT ST_AsText(ST_Transform(ST_SetSRID(ST_Point(8.38, 51.9), 4326), 25832), 0)", "POINT(457342 5750098)"},
		{"extensions", "SELECT string_agg(extname, ' ' ORDER BY extname) FROM pg_extension", "btree_gist pg_trgm plpgsql postgis unaccent"},
	} {
		if got := ask[string](t, c.URL(), row.sql); got != row.want {
			t.Errorf("%s: %q, want %q", row.what, got, row.want)
		}
	}
	must(t, execute(t.Context(), c.sockets, "postgres", []string{`CREATE DATABASE "a b/c"`}))
	if got := ask[string](t, c.Database("a b/c"), "SELECT PostGIS_Lib_Version()"); got == "" {
		t.Error("a database made later has no PostGIS")
	}
	for _, dir := range []string{c.dir, c.sockets} {
		info, err := os.Stat(dir)
		must(t, err)
		if info.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %v", dir, info.Mode())
		}
	}
	if sid, err := unix.Getsid(c.server.cmd.Process.Pid); err != nil || sid != c.server.cmd.Process.Pid {
		t.Errorf("postgres is in session %d (%v): Ctrl-C would reach it", sid, err)
	}
	nothingBeside(t, c.dir, "postgres", "postgres.lock")
}

// nothingBeside fails when the folder above dir has more or less than want.
func nothingBeside(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(dir))
	must(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if !slices.Equal(names, want) {
		t.Errorf("beside the cluster: %v, want %v", names, want)
	}
}

func warmStart(t *testing.T, o Options) {
	began := time.Now()
	c := start(t, o)
	warm := time.Since(began)
	ends := watchProcess(t, c.server.cmd.Process.Pid)
	began = time.Now()
	must(t, c.Stop(t.Context(), Fast))
	t.Logf("warm start %v, stop %v", warm.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
	ends()
	must(t, c.Stop(t.Context(), Smart)) // again: nothing to do
	select {
	case <-c.Wait():
		t.Error("Wait is closed after an orderly stop")
	default:
	}
	nothingBeside(t, o.Dir, "postgres")
	if _, err := os.Lstat(c.sockets); err == nil {
		t.Error("the socket folder is still there")
	}
}

func programKilled(t *testing.T, o Options) {
	program := startChild(t, os.Args[0], o.Dir, nil)
	var pid int
	if _, err := fmt.Sscanf(program.says(t), "ready %d", &pid); err != nil {
		t.Fatal(err)
	}
	ends := watchProcess(t, pid)
	program.kill(t)
	c := start(t, o) // at once: waits for what is left
	ends()
	if n := ask[int64](t, c.URL(), "SELECT count(*) FROM kept"); n != 1 {
		t.Errorf("%d committed rows are there, want 1", n)
	}
	must(t, c.Stop(t.Context(), Fast))

	program = startChild(t, os.Args[0], o.Dir, nil)
	if _, err := fmt.Sscanf(program.says(t), "ready %d", &pid); err != nil {
		t.Fatal(err)
	}
	ends = watchProcess(t, pid)
	program.kill(t)
	ends() // also without anybody who starts again
}

func postgresKilled(t *testing.T, o Options) {
	c := start(t, o)
	must(t, execute(t.Context(), c.sockets, Name, []string{"SET ROLE ortsnah", "CREATE TABLE crash AS SELECT generate_series(1, 1000) AS n"}))
	// A client in a computation outlives its postmaster.
	busy, err := pgx.Connect(t.Context(), c.URL())
	must(t, err)
	defer busy.Close(context.Background())
	computed := make(chan error, 1)
	go func() {
		_, err := busy.Exec(context.Background(), "SELECT count(*) FROM generate_series(1, 100000000000)")
		computed <- err
	}()
	must(t, syscall.Kill(c.server.cmd.Process.Pid, syscall.SIGKILL))
	closedSoon(t, "Wait", c.Wait())
	must(t, c.Stop(t.Context(), Fast))
	again := start(t, o)
	if err := <-computed; err == nil {
		t.Error("the orphaned computation ended well")
	}
	if n := ask[int64](t, again.URL(), "SELECT count(*) FROM crash"); n != 1000 {
		t.Errorf("%d rows after recovery, want 1000", n)
	}
	must(t, again.Stop(t.Context(), Fast))
}

func backendKilled(t *testing.T, o Options) {
	c := start(t, o)
	conn, err := pgx.Connect(t.Context(), c.URL())
	must(t, err)
	must(t, syscall.Kill(int(conn.PgConn().PID()), syscall.SIGKILL))
	_ = conn.Ping(t.Context()) // the server starts anew inside
	_ = conn.Close(t.Context())
	deadline, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for answers(deadline, c.URL()) != nil {
		must(t, deadline.Err())
	}
	select {
	case <-c.Wait():
		t.Error("one killed backend ended the cluster")
	default:
	}
	must(t, c.Stop(t.Context(), Fast))
}

func twoPrograms(t *testing.T, o Options) {
	program := startChild(t, os.Args[0], o.Dir, nil)
	if said := program.says(t); !strings.HasPrefix(said, "ready") {
		t.Fatal(said)
	}
	link := filepath.Join(place(t), "link")
	must(t, os.Symlink(o.Dir, link))
	for _, dir := range []string{o.Dir, o.Dir + "/../postgres/", link} {
		_, err := Start(t.Context(), Options{Dir: dir})
		e := wantError(t, err, ortsnah.Conflict, "cluster.in_use")
		if e.Args["pid"] != program.cmd.Process.Pid {
			t.Errorf("pid %v, want %d", e.Args["pid"], program.cmd.Process.Pid)
		}
	}
	c, ok, err := Join(t.Context(), o)
	if err != nil || !ok {
		t.Fatal("the first program's cluster is gone", ok, err)
	}
	if n := ask[int64](t, c.URL(), "SELECT count(*) FROM kept"); n < 1 {
		t.Error("the first program's rows are gone")
	}
	program.stdin.Close()
	must(t, program.cmd.Wait())
	must(t, start(t, o).Stop(t.Context(), Fast))
}

// manyAtOnce lets programs race for a stopped cluster again and again: one has
// it, the others are told so, nobody is stuck.
func manyAtOnce(t *testing.T, o Options) {
	const racers, rounds = 6, 4
	for range rounds {
		won := make(chan *Cluster, racers)
		var all sync.WaitGroup
		for range racers {
			all.Go(func() {
				c, err := Start(t.Context(), o)
				if err == nil {
					won <- c
				} else if ortsnah.KindOf(err) != ortsnah.Conflict {
					t.Error(err)
				}
			})
		}
		all.Wait()
		close(won)
		if len(won) != 1 {
			t.Errorf("%d programs have the cluster", len(won))
		}
		for c := range won {
			must(t, answers(t.Context(), c.URL()))
			must(t, c.Stop(t.Context(), Fast))
		}
	}
}

func join(t *testing.T, o Options) {
	if _, ok, err := Join(t.Context(), o); ok || err != nil {
		t.Fatal("joined a cluster that does not run", err)
	}
	c := start(t, o)
	joined, ok, err := Join(t.Context(), o)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if joined.URL() != c.URL() || joined.SuperURL() != c.SuperURL() || joined.Database("x") != c.Database("x") {
		t.Error("other addresses when joined")
	}
	must(t, joined.Stop(t.Context(), Fast))
	if ask[int32](t, c.URL(), "SELECT 1") != 1 {
		t.Error("stopping a joined cluster stopped it")
	}
	must(t, c.Stop(t.Context(), Fast))

	// A program that has the lock and is not ready yet is waited for.
	account, err := accountFor(o.Dir)
	must(t, err)
	lock, err := take(o.Dir, account, time.Now())
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, _, err = Join(ctx, o)
	wantError(t, err, ortsnah.Unavailable, "cluster.interrupted")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error("the cause is not the context's", err)
	}
	lock.release()
}

func smartStop(t *testing.T, o Options) {
	for _, patient := range []bool{true, false} {
		c := start(t, o)
		conn, err := pgx.Connect(t.Context(), c.URL())
		must(t, err)
		ctx, giveUp := context.WithCancel(t.Context())
		stopped := make(chan error, 1)
		go func() { stopped <- c.Stop(ctx, Smart) }()
		refused(t, c.URL())
		_, err = conn.Exec(t.Context(), "SELECT 1")
		must(t, err) // who is inside may finish
		if patient {
			must(t, conn.Close(t.Context()))
		} else {
			giveUp()
		}
		must(t, <-stopped)
		giveUp()
		if err := conn.Ping(t.Context()); err == nil {
			t.Error("the connection outlived the server")
		}
		_ = conn.Close(t.Context())
	}
}

// refused returns when the server takes no new sessions.
func refused(t *testing.T, url string) {
	t.Helper()
	for t.Context().Err() == nil {
		conn, err := pgx.Connect(t.Context(), url)
		if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == "57P03" { // cannot_connect_now
			return
		}
		must(t, err)
		must(t, conn.Close(t.Context()))
	}
}

func ownSettingsWin(t *testing.T, o Options) {
	path := filepath.Join(o.Dir, "postgresql.conf")
	old, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, append(slices.Clone(old), "work_mem = 5MB\nlisten_addresses = '*'\n"...), 0o600))
	c := start(t, o)
	if got := ask[string](t, c.URL(), "SELECT current_setting('work_mem') || current_setting('listen_addresses')"); got != "5MB" {
		t.Errorf("work_mem and listen_addresses: %q, want 5MB and none", got)
	}
	must(t, c.Stop(t.Context(), Fast))
	must(t, os.WriteFile(path, append(slices.Clone(old), "work_mem = 'a lot'\n"...), 0o600))
	_, err = Start(t.Context(), o)
	e := wantError(t, err, ortsnah.Unavailable, "cluster.start_failed")
	if !strings.Contains(e.Error(), "work_mem") {
		t.Error("the cause does not name the bad setting:", e)
	}
	must(t, os.WriteFile(path, old, 0o600))
	must(t, start(t, o).Stop(t.Context(), Fast))
}

func quietLog(t *testing.T, o Options) {
	var r recorder
	o.Log = r.log()
	c := start(t, o)
	conn, err := pgx.Connect(t.Context(), c.URL())
	must(t, err)
	for _, sql := range []string{
		"SELECT 'Maria Muster'::date",
		"DO $$ BEGIN RAISE WARNING 'Maria %', 1; END $$",
		"SELECT 'Maria' FROM nowhere",
		"CREATE TEMP TABLE once (name text PRIMARY KEY); INSERT INTO once VALUES ('Maria'), ('Maria')",
	} {
		_, _ = conn.Exec(t.Context(), sql) // they fail, as they should
	}
	must(t, conn.Close(t.Context()))
	must(t, c.Stop(t.Context(), Fast))
	if strings.Contains(r.String(), "Maria") {
		t.Error("a name is in the log:\n", r.String())
	}
	if !strings.Contains(r.String(), "22007") {
		t.Error("not even the SQLSTATE is in the log:\n", r.String())
	}
}

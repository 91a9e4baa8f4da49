package cluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"

	"github.com/ortsnah/ortsnah"
)

// childEnv makes the test binary play a program of its own: its value is the
// folder of the cluster that it starts.
const childEnv = "ORTSNAH_CLUSTER_TEST_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		os.Exit(child(dir))
	}
	os.Exit(m.Run())
}

// child starts a cluster, commits a row, says so with the server's pid, and
// lives until its stdin is closed.
func child(dir string) int {
	ctx := context.Background()
	c, err := Start(ctx, Options{Dir: dir})
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	if err := execute(ctx, c.sockets, Name, []string{
		"SET ROLE ortsnah",
		"CREATE TABLE IF NOT EXISTS kept (at timestamptz)",
		"INSERT INTO kept VALUES (now())",
	}); err != nil {
		fmt.Println("error", err)
		return 1
	}
	fmt.Println("ready", c.server.cmd.Process.Pid)
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := c.Stop(ctx, Fast); err != nil {
		return 1
	}
	return 0
}

// program of its own that a test talks to and kills.
type childProgram struct {
	cmd   *exec.Cmd
	stdin io.Closer
	lines *bufio.Scanner
}

// startChild runs binary (this test) on dir; credential may be nil.
func startChild(t *testing.T, binary, dir string, credential *syscall.Credential, env ...string) *childProgram {
	t.Helper()
	cmd := exec.Command(binary)
	cmd.Dir = "/"
	cmd.Env = append(append(os.Environ(), childEnv+"="+dir), env...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
	stdin, err := cmd.StdinPipe()
	must(t, err)
	stdout, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	c := &childProgram{cmd: cmd, stdin: stdin, lines: bufio.NewScanner(stdout)}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return c
}

// says is the child's next line.
func (c *childProgram) says(t *testing.T) string {
	t.Helper()
	if !c.lines.Scan() {
		t.Fatalf("the child ended without a word: %v", c.lines.Err())
	}
	return c.lines.Text()
}

// kill is kill -9.
func (c *childProgram) kill(t *testing.T) {
	t.Helper()
	must(t, c.cmd.Process.Kill())
	c.cmd.Wait()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantError fails unless err has this kind and key.
func wantError(t *testing.T, err error, kind ortsnah.Kind, key string) *ortsnah.Error {
	t.Helper()
	e, ok := errors.AsType[*ortsnah.Error](err)
	if !ok || e.Kind != kind || e.Key != key {
		t.Fatalf("error = %v, want %s: %s", err, kind, key)
	}
	return e
}

// place is a new data folder that the account of PostgreSQL may enter, which
// t.TempDir is not when the tests run as root.
func place(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cluster-test-*")
	must(t, err)
	must(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	return dir
}

// start starts a cluster that is stopped with the test.
func start(t *testing.T, o Options) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), o)
	must(t, err)
	t.Cleanup(func() { c.Stop(context.Background(), Fast) })
	return c
}

// ask is the one value that a query gives.
func ask[T any](t *testing.T, url, sql string) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), sql)
	must(t, err)
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	must(t, err)
	return v
}

// watchProcess returns a function that waits for the end of process pid, which
// need not be a child (pidfd_open(2)), and fails if it does not come.
func watchProcess(t *testing.T, pid int) (ends func()) {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	must(t, err)
	t.Cleanup(func() { unix.Close(fd) })
	return func() {
		t.Helper()
		for {
			n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 20_000)
			if errors.Is(err, unix.EINTR) {
				continue
			}
			if err != nil || n == 0 {
				t.Fatalf("process %d is still there (%v)", pid, err)
			}
			return
		}
	}
}

// listing is every path below dir with mode, owner, size and time.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		st := info.Sys().(*syscall.Stat_t)
		fmt.Fprintln(&b, path, info.Mode(), st.Uid, info.Size(), info.ModTime().UnixNano())
		return nil
	}))
	return b.String()
}

// recorder keeps log records as lines.
type recorder struct {
	mu    sync.Mutex
	lines strings.Builder
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lines.Write(p)
}

func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lines.String()
}

func (r *recorder) log() *slog.Logger {
	return slog.New(slog.NewTextHandler(r, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// closedSoon waits for a channel to be closed.
func closedSoon(t *testing.T, what string, ch <-chan struct{}) {
	t.Helper()
	select {
	case <-ch:
	case <-time.After(30 * time.Second):
		t.Fatal(what, "did not happen")
	}
}

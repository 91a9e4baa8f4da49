package cluster

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/ortsnah/ortsnah"
)

// server is one running postmaster, our child.
type server struct {
	cmd     *exec.Cmd
	journal *journal
	exited  chan struct{} // closed when it is gone and its log is read
}

// serve starts PostgreSQL on dir and returns when it answers. When ctx ends
// before, the server is ended and gone on return.
func serve(ctx context.Context, p plan, dir string, fast bool, log *slog.Logger, more ...string) (*server, error) {
	s, err := launch(p, dir, append(arguments(dir, p.sockets, fast), more...), log)
	if err != nil {
		return nil, err
	}
	if err := s.ready(ctx, dir, p.sockets); err != nil {
		s.stop(log)
		return nil, err
	}
	return s, nil
}

// launch starts the process. The kernel sends the parent death signal when the
// thread that started a child dies (prctl(2), PR_SET_PDEATHSIG), so that
// thread belongs to the server for as long as it lives.
func launch(p plan, dir string, args []string, log *slog.Logger) (*server, error) {
	out, in, err := os.Pipe()
	if err != nil {
		return nil, ortsnah.E(ortsnah.Unavailable, "cluster.start_failed", "folder", dir).Because(err)
	}
	// Not bound to a context: the server outlives the start.
	cmd := p.account.command(context.Background(), filepath.Dir(dir), syscall.SIGINT, p.program.path("postgres"), args...)
	cmd.Stdout, cmd.Stderr = in, in
	s := &server{cmd: cmd, journal: &journal{log: log}, exited: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		in.Close()
		started <- err
		if err == nil {
			s.attend(out)
		}
		out.Close()
	}()
	if err := <-started; err != nil {
		return nil, ortsnah.E(ortsnah.Unavailable, "cluster.start_failed", "folder", dir).Because(err)
	}
	return s, nil
}

// attend reads the server's log and waits for its end.
func (s *server) attend(out *os.File) {
	read := make(chan struct{})
	go func() { s.journal.follow(out); close(read) }()
	// How it ended is in ProcessState; Wait has no other error, as it copies nothing.
	_ = s.cmd.Wait()
	// Processes that outlived a killed postmaster may hold the pipe for a while.
	if err := out.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
		out.Close()
	}
	<-read
	close(s.exited)
}

// state says how the server ended; only after exited.
func (s *server) state() string { return s.cmd.ProcessState.String() }

// signal does nothing when the server is gone, which is the only error.
func (s *server) signal(sig syscall.Signal) { _ = s.cmd.Process.Signal(sig) }

// stop ends the server, if need be by force, and returns when it is gone.
func (s *server) stop(log *slog.Logger) {
	for _, step := range []struct {
		sig      syscall.Signal
		patience time.Duration
	}{{syscall.SIGINT, fastPatience}, {syscall.SIGQUIT, quitPatience}} {
		s.signal(step.sig)
		timer := time.NewTimer(step.patience)
		defer timer.Stop()
		select {
		case <-s.exited:
			return
		case <-timer.C:
			log.Warn("PostgreSQL does not end, pressing harder", "pid", s.cmd.Process.Pid)
		}
	}
	s.signal(syscall.SIGKILL)
	<-s.exited
}

// ready waits until the server says so in its pid file and answers a query. A
// recovery after a crash may take minutes; only ctx limits it.
func (s *server) ready(ctx context.Context, dir, sockets string) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		pm, err := readPostmaster(dir)
		if err == nil && pm.pid == s.cmd.Process.Pid && pm.status == "ready" {
			break
		}
		select {
		case <-s.exited:
			return s.failure(dir)
		case <-ctx.Done():
			return interrupted(ctx, dir)
		case <-tick.C:
		}
	}
	if err := answers(ctx, address(sockets, Superuser, "postgres")); err != nil {
		if ctx.Err() != nil {
			return interrupted(ctx, dir)
		}
		return ortsnah.E(ortsnah.Unavailable, "cluster.start_failed", "folder", dir).Because(err)
	}
	return nil
}

// failure is the error of a server that ended while it was starting.
func (s *server) failure(dir string) error {
	return explain(dir, s.journal.tail(), errors.New(s.state()))
}

// explain finds the reasons that a person can do something about in what
// PostgreSQL's programs said.
func explain(dir, said string, err error) error {
	cause := errors.Join(err, errors.New(strings.TrimSpace(said)))
	switch {
	case strings.Contains(said, "No space left on device"), strings.Contains(said, "Disk quota exceeded"):
		return noSpace(dir, cause)
	case strings.Contains(said, "Cannot allocate memory"):
		return ortsnah.E(ortsnah.Unavailable, "cluster.no_memory", "folder", dir).Because(cause)
	case strings.Contains(said, "has invalid permissions"):
		return ortsnah.E(ortsnah.Forbidden, "cluster.open_folder", "folder", dir).Because(cause)
	}
	return ortsnah.E(ortsnah.Unavailable, "cluster.start_failed", "folder", dir).Because(cause)
}

// output runs a short program of the account to its end. It dies with ctx and
// with the program.
func (a account) output(ctx context.Context, dir, name string, args ...string) (string, error) {
	runtime.LockOSThread() // the parent death signal goes by thread
	defer runtime.UnlockOSThread()
	cmd := a.command(ctx, dir, syscall.SIGKILL, name, args...)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // its session, so its children too
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

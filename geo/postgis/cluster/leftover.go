package cluster

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/ortsnah/ortsnah"
)

// Patience with what an earlier run left. A server whose program was killed is
// shutting down already; one that neither stops nor is ours was started by
// hand. Processes without their postmaster end within milliseconds, unless one
// is deep in a computation.
const (
	patienceWithServer   = 3 * time.Second
	patienceWithShutdown = 15 * time.Second
	patienceWithOrphans  = 500 * time.Millisecond
	patienceAtAll        = 30 * time.Second
)

// settle returns when no process of an earlier run works on p.dir any more and
// its traces are gone. It is called under the lock, so whatever runs is left
// over or was started by hand.
func settle(ctx context.Context, p plan) error {
	began := time.Now()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		left := p.processes()
		if len(left) == 0 {
			return p.clearTraces()
		}
		if err := p.press(left, time.Since(began)); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return interrupted(ctx, p.dir)
		case <-tick.C:
		}
	}
}

// press does what is due after waiting for the processes left.
func (p plan) press(left []int, waited time.Duration) error {
	pm, _ := readPostmaster(p.dir) // absent or half written: then there is no postmaster to spare
	alive := slices.Contains(left, pm.pid)
	switch {
	case waited > patienceAtAll:
		return ortsnah.E(ortsnah.Conflict, "cluster.leftover", "folder", p.dir, "pid", left[0])
	case alive && pm.status != "stopping":
		if waited > patienceWithServer {
			return ortsnah.E(ortsnah.Conflict, "cluster.by_hand", "folder", p.dir, "pid", pm.pid)
		}
	case alive && waited < patienceWithShutdown:
	case alive || waited > patienceWithOrphans:
		// Quitting at once loses nothing that was committed: the next start recovers.
		sig := syscall.SIGQUIT
		if waited > patienceWithShutdown+quitPatience {
			sig = syscall.SIGKILL
		}
		for _, pid := range left {
			_ = syscall.Kill(pid, sig) // it may have ended since
		}
	}
	return nil
}

// clearTraces removes pid and socket files that no process belongs to any
// more. PostgreSQL itself would refuse to start when the pid in them has been
// given to another process, as happens after a restart of a container.
func (p plan) clearTraces() error {
	socket := filepath.Join(p.sockets, ".s.PGSQL."+port)
	for _, path := range []string{filepath.Join(p.dir, "postmaster.pid"), socket, socket + ".lock"} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return folderError(path, err)
		}
	}
	return discardLeftovers(p.dir)
}

// processes are the ids of the account's postgres processes that work on the
// cluster: their title has its identity (cluster_name), or they were started
// by hand with its folder as argument.
func (p plan) processes() []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err == nil && p.owns(pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// owns says whether process pid belongs to the cluster. Only files of /proc
// that all may read are used, and the user must be right: others could give
// their processes any title.
func (p plan) owns(pid int) bool {
	folder := filepath.Join("/proc", strconv.Itoa(pid))
	info, err := os.Stat(folder)
	if err != nil || int(info.Sys().(*syscall.Stat_t).Uid) != p.account.uid {
		return false
	}
	comm, err := os.ReadFile(filepath.Join(folder, "comm"))
	if err != nil || strings.TrimSpace(string(comm)) != "postgres" {
		return false
	}
	line, err := os.ReadFile(filepath.Join(folder, "cmdline"))
	if err != nil || len(line) == 0 { // a zombie has none
		return false
	}
	words := strings.Split(string(line), "\x00")
	return slices.Contains(words, p.dir) || strings.Contains(string(line), identity(p.dir))
}

// postmaster is what a server wrote about itself.
type postmaster struct {
	pid    int
	status string // starting, ready, stopping, standby; empty when not said yet
}

// readPostmaster reads postmaster.pid of the cluster at dir: one fact a line,
// the first is the pid, the eighth the status (PostgreSQL: pidfile.h).
func readPostmaster(dir string) (postmaster, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "postmaster.pid"))
	if err != nil {
		return postmaster{}, err
	}
	lines := strings.Split(string(raw), "\n")
	pm := postmaster{}
	pm.pid, _ = strconv.Atoi(strings.TrimSpace(lines[0]))
	if len(lines) > 7 {
		pm.status = strings.TrimSpace(lines[7])
	}
	return pm, nil
}

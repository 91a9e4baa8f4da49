package cluster

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/ortsnah/ortsnah"
)

// pollEvery is how often a state that sends no event (a pid file, a process
// that is not our child) is looked at.
const pollEvery = 5 * time.Millisecond

// Start makes the cluster when o.Dir is absent or empty, starts PostgreSQL and
// returns when it answers. ctx bounds the start only; the server runs until
// Stop, and ends with the program even when that is killed.
//
// Errors: Conflict cluster.in_use when another program owns the folder,
// Conflict cluster.foreign when it holds something else, cluster.version when
// another major version wrote it, Unavailable cluster.no_server,
// cluster.no_postgis, cluster.no_user, cluster.no_space, cluster.start_failed,
// Forbidden cluster.other_owner, cluster.unreachable, cluster.socket_owner. A
// start that failed leaves behind nothing that it made.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	log := journalOf(o)
	dir, err := resolve(o.Dir)
	if err != nil {
		return nil, err
	}
	plan, err := prepare(ctx, dir)
	if ctx.Err() != nil {
		return nil, interrupted(ctx, dir)
	}
	if err != nil {
		return nil, err
	}
	undo, err := makeParents(filepath.Dir(dir))
	if err != nil {
		return nil, err
	}
	c, err := plan.start(ctx, o.Fast, log)
	if err != nil {
		undo()
		return nil, err
	}
	return c, nil
}

func journalOf(o Options) *slog.Logger {
	if o.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Log
}

// plan is everything about a start that can be found out without touching
// anything.
type plan struct {
	dir     string
	sockets string
	folder  folder
	account account
	program program
}

// prepare looks at the folder, the machine and the user, in the order in which
// a person can mend what is wrong.
func prepare(ctx context.Context, dir string) (plan, error) {
	p := plan{dir: dir, sockets: socketFolder(dir)}
	var err error
	if p.account, err = accountFor(dir); err != nil {
		return p, err
	}
	if p.folder, err = inspect(dir); err != nil {
		return p, err
	}
	if p.program, err = installed(os.Getenv("ORTSNAH_PG_BIN")).program(ctx, p.folder.major, dir); err != nil {
		return p, err
	}
	if p.folder.state != ours {
		err = enoughSpace(dir)
	}
	return p, err
}

// start takes the lock and everything after it.
func (p plan) start(ctx context.Context, fast bool, log *slog.Logger) (*Cluster, error) {
	if err := p.account.reaches(ctx, p.program, filepath.Dir(p.dir)); err != nil {
		return nil, err
	}
	lock, err := take(p.dir, p.account, time.Now())
	if err != nil {
		return nil, err
	}
	release := lock.release
	server, err := p.locked(ctx, fast, log)
	if err != nil {
		release()
		return nil, err
	}
	c := &Cluster{dir: p.dir, sockets: p.sockets, log: log, server: server,
		ended: make(chan struct{}), gone: make(chan struct{})}
	go c.watch(func() { os.Remove(p.sockets); release() })
	return c, nil
}

// locked runs under the lock: socket folder, cluster, server.
func (p plan) locked(ctx context.Context, fast bool, log *slog.Logger) (*server, error) {
	if err := makeSocketFolder(p.sockets, p.account); err != nil {
		return nil, err
	}
	server, err := p.run(ctx, fast, log)
	if err != nil {
		os.Remove(p.sockets) // fails while something is in it, as it should
		return nil, err
	}
	return server, nil
}

// run waits for what an earlier run left, makes the cluster if there is none
// yet and starts the server.
func (p plan) run(ctx context.Context, fast bool, log *slog.Logger) (*server, error) {
	if err := settle(ctx, p); err != nil {
		return nil, err
	}
	found, err := inspect(p.dir) // again: it may have changed before the lock
	if err != nil {
		return nil, err
	}
	if found.state != ours {
		if err := create(ctx, p, fast, log); err != nil {
			return nil, err
		}
	}
	if err := p.account.adopt(p.dir); err != nil {
		return nil, folderError(p.dir, err)
	}
	if err := writeSettings(p.dir, p.account); err != nil {
		return nil, err
	}
	return serve(ctx, p, p.dir, fast, log)
}

// Join finds the cluster that another program runs on o.Dir, for commands that
// are used while the server program runs. ok is false when none runs. A
// cluster that is being started is waited for until ctx ends (Unavailable
// cluster.interrupted). A folder of another user is Forbidden
// cluster.other_owner.
func Join(ctx context.Context, o Options) (c *Cluster, ok bool, err error) {
	dir, err := resolve(o.Dir)
	if err != nil {
		return nil, false, err
	}
	account, err := accountFor(dir)
	if err != nil {
		return nil, false, err
	}
	sockets := socketFolder(dir)
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if held, err := lockHeld(dir); !held {
			return nil, false, err
		}
		if pm, err := readPostmaster(dir); err == nil && pm.status == "ready" {
			if err := checkSocketFolder(sockets, account); err != nil {
				return nil, false, err
			}
			if err := answers(ctx, address(sockets, Superuser, "postgres")); err == nil {
				return &Cluster{dir: dir, sockets: sockets, log: journalOf(o), ended: make(chan struct{})}, true, nil
			}
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, false, folderError(dir, err)
		}
		select {
		case <-ctx.Done():
			return nil, false, interrupted(ctx, dir)
		case <-tick.C:
		}
	}
}

// interrupted is the error of a start that ctx ended.
func interrupted(ctx context.Context, dir string) error {
	return ortsnah.E(ortsnah.Unavailable, "cluster.interrupted", "folder", dir).Because(context.Cause(ctx))
}

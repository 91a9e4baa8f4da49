package cluster

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ortsnah/ortsnah"
)

func stalePid(t *testing.T, o Options) {
	account, err := accountFor(o.Dir)
	must(t, err)
	other := account.command(t.Context(), "/", syscall.SIGKILL, "/bin/cat")
	stdin, err := other.StdinPipe()
	must(t, err)
	must(t, other.Start())
	defer func() { stdin.Close(); other.Wait() }()
	pid := strconv.Itoa(other.Process.Pid)
	must(t, replaceFile(filepath.Join(o.Dir, "postmaster.pid"), pid+"\n"+o.Dir+"\n1700000000\n5432\n\n\n\nready   \n", account))
	sockets := socketFolder(o.Dir)
	must(t, makeSocketFolder(sockets, account))
	must(t, replaceFile(filepath.Join(sockets, ".s.PGSQL.5432.lock"), pid+"\n"+o.Dir+"\n1700000000\n5432\n"+sockets+"\n", account))
	must(t, start(t, o).Stop(t.Context(), Fast))
}

func byHand(t *testing.T, o Options) {
	account, err := accountFor(o.Dir)
	must(t, err)
	program, err := installed("").program(t.Context(), "", o.Dir)
	must(t, err)
	elsewhere := place(t)
	must(t, account.own(elsewhere))
	p := plan{dir: o.Dir, sockets: elsewhere, account: account, program: program}
	s, err := launch(p, o.Dir, []string{"-D", o.Dir, "-c", "listen_addresses=", "-c", "unix_socket_directories=" + elsewhere}, journalOf(o))
	must(t, err)
	defer s.stop(journalOf(o))
	must(t, s.ready(t.Context(), o.Dir, elsewhere))
	_, err = Start(t.Context(), o)
	e := wantError(t, err, ortsnah.Conflict, "cluster.by_hand")
	if e.Args["pid"] != s.cmd.Process.Pid {
		t.Error(e)
	}
	must(t, answers(t.Context(), address(elsewhere, Superuser, Name)))
}

func openFolder(t *testing.T, o Options) {
	must(t, os.Chmod(o.Dir, 0o777))
	_, err := Start(t.Context(), o)
	wantError(t, err, ortsnah.Forbidden, "cluster.open_folder")
	must(t, os.Chmod(o.Dir, 0o700))
}

func wrongVersion(t *testing.T, o Options) {
	path := filepath.Join(o.Dir, "PG_VERSION")
	old, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, []byte("14\n"), 0o600))
	before := listing(t, filepath.Dir(o.Dir))
	_, err = Start(t.Context(), o)
	e := wantError(t, err, ortsnah.Conflict, "cluster.version")
	if e.Args["wrote"] != "14" {
		t.Error(e)
	}
	if after := listing(t, filepath.Dir(o.Dir)); after != before {
		t.Errorf("something was touched:\n%s\n%s", before, after)
	}
	must(t, os.WriteFile(path, old, 0o600))
}

func copiedByRoot(t *testing.T, o Options) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a cluster to root")
	}
	must(t, filepath.WalkDir(o.Dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, 0, 0)
	}))
	must(t, start(t, o).Stop(t.Context(), Fast))
}

func TestForeignFolder(t *testing.T) {
	for name, fill := range map[string]func(t *testing.T, dir string){
		"photos": func(t *testing.T, dir string) {
			must(t, os.Mkdir(dir, 0o755))
			must(t, os.WriteFile(filepath.Join(dir, "cat.jpg"), []byte("meow"), 0o644))
		},
		"cluster of somebody else": func(t *testing.T, dir string) {
			must(t, os.MkdirAll(filepath.Join(dir, "base"), 0o700))
			must(t, os.WriteFile(filepath.Join(dir, "PG_VERSION"), []byte("15\n"), 0o600))
		},
		"file": func(t *testing.T, dir string) { must(t, os.WriteFile(dir, nil, 0o644)) },
	} {
		t.Run(name, func(t *testing.T) {
			above := place(t)
			dir := filepath.Join(above, "postgres")
			fill(t, dir)
			before := listing(t, above)
			_, err := Start(t.Context(), Options{Dir: dir})
			wantError(t, err, ortsnah.Conflict, "cluster.foreign")
			if after := listing(t, above); after != before {
				t.Errorf("touched:\n%s\n%s", before, after)
			}
		})
	}
}

func TestUnusableFolder(t *testing.T) {
	above := place(t)
	must(t, os.Mkdir(filepath.Join(above, "half"), 0o700))
	must(t, os.WriteFile(filepath.Join(above, "half", markerFile), nil, 0o600))
	must(t, os.Symlink("/nowhere/at/all", filepath.Join(above, "dangling")))
	must(t, os.WriteFile(filepath.Join(above, "file"), nil, 0o600))
	before := listing(t, above)
	for _, row := range []struct {
		dir  string
		kind ortsnah.Kind
		key  string
	}{
		{"", ortsnah.Invalid, "cluster.no_folder"},
		{filepath.Join(above, "half"), ortsnah.Conflict, "cluster.damaged"},
		{filepath.Join(above, "dangling"), ortsnah.Unavailable, "cluster.folder"},
		{filepath.Join(above, "file", "below"), ortsnah.Unavailable, "cluster.folder"},
		{"/proc/ortsnah/postgres", ortsnah.Unavailable, "cluster.no_space"},
	} {
		_, err := Start(t.Context(), Options{Dir: row.dir})
		wantError(t, err, row.kind, row.key)
	}
	if after := listing(t, above); after != before {
		t.Errorf("touched:\n%s\n%s", before, after)
	}
}

// A folder that only root may enter is refused by name, the folders that the
// attempt made are taken away.
func TestClosedToPostgres(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root changes to another user")
	}
	closed := filepath.Join(place(t), "closed")
	must(t, os.Mkdir(closed, 0o700))
	_, err := Start(t.Context(), Options{Dir: filepath.Join(closed, "a", "b", "postgres")})
	e := wantError(t, err, ortsnah.Forbidden, "cluster.unreachable")
	if e.Args["folder"] != closed {
		t.Errorf("the folder named is %v, want %s", e.Args["folder"], closed)
	}
	if entries, err := os.ReadDir(closed); err != nil || len(entries) != 0 {
		t.Error("left behind:", entries, err)
	}
}

// The socket folder lies in /tmp, where anybody could have made it before.
func TestSocketFolderOfSomebodyElse(t *testing.T) {
	for name, make := range map[string]func(t *testing.T, path string){
		"open to all": func(t *testing.T, path string) {
			must(t, os.Mkdir(path, 0o777))
			must(t, os.Chmod(path, 0o777))
		},
		"link":  func(t *testing.T, path string) { must(t, os.Symlink(place(t), path)) },
		"file":  func(t *testing.T, path string) { must(t, os.WriteFile(path, nil, 0o600)) },
		"other": func(t *testing.T, path string) { must(t, os.Mkdir(path, 0o700)); chownNobody(t, path) },
	} {
		t.Run(name, func(t *testing.T) {
			above := place(t)
			dir := filepath.Join(above, "postgres")
			path := socketFolder(dir)
			defer os.RemoveAll(path)
			make(t, path)
			_, err := Start(t.Context(), Options{Dir: dir})
			wantError(t, err, ortsnah.Forbidden, "cluster.socket_owner")
			nothingBeside(t, dir)
		})
	}
}

func chownNobody(t *testing.T, path string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can give a folder away")
	}
	must(t, os.Chown(path, 65534, 65534))
}

func TestDiskFull(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a small disk")
	}
	disk := place(t)
	must(t, unix.Mount("tmpfs", disk, "tmpfs", 0, "size=24m,mode=0755"))
	defer func() { must(t, unix.Unmount(disk, 0)) }()
	dir := filepath.Join(disk, "data", "postgres")
	_, err := Start(t.Context(), Options{Dir: dir})
	e := wantError(t, err, ortsnah.Unavailable, "cluster.no_space")
	if e.Args["free_mb"] != uint64(24) || e.Args["needed_mb"] != 200 {
		t.Error(e)
	}
	nothingBeside(t, filepath.Join(disk, "any"))

	// Without a folder in between, the disk itself would have to be renamed away.
	_, err = Start(t.Context(), Options{Dir: disk})
	wantError(t, err, ortsnah.Conflict, "cluster.mounted")

	// The disk was big enough when it was looked at, and filled up since.
	account, err := accountFor(dir)
	must(t, err)
	program, err := installed("").program(t.Context(), "", dir)
	must(t, err)
	for _, size := range []string{"24m", "45m"} { // in initdb, in CREATE EXTENSION
		must(t, unix.Mount("tmpfs", disk, "tmpfs", unix.MS_REMOUNT, "size="+size+",mode=0755"))
		p := plan{dir: filepath.Join(disk, "postgres"), sockets: socketFolder(dir), account: account, program: program}
		_, err = p.start(t.Context(), false, journalOf(Options{}))
		wantError(t, err, ortsnah.Unavailable, "cluster.disk_full")
		nothingBeside(t, p.dir)
		if _, err := os.Lstat(p.sockets); err == nil {
			t.Error("the socket folder is left behind")
		}
	}
}

// haltingInitdb is a folder of programs whose initdb makes half a cluster,
// says so on a pipe and hangs. started returns when it is there.
func haltingInitdb(t *testing.T) (folder string, started func()) {
	t.Helper()
	real, err := installed("").program(t.Context(), "", "")
	must(t, err)
	folder = place(t)
	pipe := filepath.Join(folder, "pipe")
	must(t, unix.Mkfifo(pipe, 0o666))
	must(t, os.Chmod(pipe, 0o666))
	must(t, os.Symlink(real.path("postgres"), filepath.Join(folder, "postgres")))
	script := "#!/bin/sh\nmkdir -p \"$2/base\"\necho 15 >\"$2/PG_VERSION\"\necho $$ >" + pipe + "\nexec sleep 1000\n"
	must(t, os.WriteFile(filepath.Join(folder, "initdb"), []byte(script), 0o755))
	return folder, func() {
		t.Helper()
		f, err := os.Open(pipe)
		must(t, err)
		defer f.Close()
		_, err = io.ReadAll(f)
		must(t, err)
	}
}

func TestKilledWhileCreating(t *testing.T) {
	dir := filepath.Join(place(t), "postgres")
	folder, started := haltingInitdb(t)
	program := startChild(t, os.Args[0], dir, nil, "ORTSNAH_PG_BIN="+folder)
	started()
	program.kill(t)
	if left, err := filepath.Glob(dir + ".init-*"); err != nil || len(left) != 1 {
		t.Fatal("the test did not interrupt anything", left, err)
	}
	must(t, os.Mkdir(dir+".init-photos", 0o755)) // not ours: no marker
	must(t, os.WriteFile(dir+".init-photos/cat.jpg", nil, 0o644))
	c := start(t, Options{Dir: dir, Fast: true})
	nothingBeside(t, dir, "postgres", "postgres.init-photos", "postgres.lock")
	must(t, c.Stop(t.Context(), Fast))
}

// A removal that does not get to its end can be taken up again: the marker goes
// last.
func TestHalfRemoved(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can mount what stops a removal")
	}
	dir := filepath.Join(place(t), "postgres")
	account, err := accountFor(dir)
	must(t, err)
	work, err := makeWork(dir, account)
	must(t, err)
	stuck := filepath.Join(work, "data", "stuck")
	must(t, os.MkdirAll(stuck, 0o700))
	must(t, unix.Mount("tmpfs", stuck, "tmpfs", 0, "size=1m"))
	if err := discardLeftovers(dir); err == nil {
		t.Error("a mounted disk was removed")
	}
	must(t, unix.Unmount(stuck, 0))
	must(t, discardLeftovers(dir))
	nothingBeside(t, dir)
}

func TestCancelledWhileCreating(t *testing.T) {
	dir := filepath.Join(place(t), "above", "postgres")
	folder, started := haltingInitdb(t)
	t.Setenv("ORTSNAH_PG_BIN", folder)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { started(); cancel() }()
	_, err := Start(ctx, Options{Dir: dir})
	wantError(t, err, ortsnah.Unavailable, "cluster.interrupted")
	nothingBeside(t, filepath.Dir(dir))
	_, err = Start(ctx, Options{Dir: dir}) // ctx has ended before anything began
	wantError(t, err, ortsnah.Unavailable, "cluster.interrupted")
	nothingBeside(t, filepath.Dir(dir))
}

// TestOrdinaryUser runs a whole program as "nobody".
func TestOrdinaryUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("not root: all other tests run as an ordinary user already")
	}
	nobody := &syscall.Credential{Uid: 65534, Gid: 65534}
	above := place(t)
	binary := filepath.Join(above, "program")
	must(t, exec.Command("cp", os.Args[0], binary).Run())
	data := filepath.Join(above, "data")
	must(t, os.Mkdir(data, 0o700))
	chownNobody(t, data)

	dir := filepath.Join(data, "postgres")
	program := startChild(t, binary, dir, nobody)
	if said := program.says(t); !strings.HasPrefix(said, "ready") {
		t.Fatal(said)
	}
	if _, ok, err := Join(t.Context(), Options{Dir: dir}); !ok || err != nil {
		t.Error("root cannot join a user's cluster:", err)
	}
	program.stdin.Close()
	must(t, program.cmd.Wait())

	must(t, start(t, Options{Dir: dir}).Stop(t.Context(), Fast)) // root: as its owner
	owner, _, err := ownerOf(filepath.Join(dir, "PG_VERSION"))
	if err != nil || owner.uid != 65534 {
		t.Error("root changed the owner", owner, err)
	}

	must(t, os.Chmod(data, 0o755))
	must(t, os.Chown(dir, 1, 1)) // somebody else's folder
	if said := startChild(t, binary, dir, nobody).says(t); !strings.Contains(said, "cluster.other_owner") {
		t.Error(said)
	}
	if said := startChild(t, binary, "/root/postgres", nobody).says(t); !strings.Contains(said, "cluster.no_access") {
		t.Error(said)
	}
}

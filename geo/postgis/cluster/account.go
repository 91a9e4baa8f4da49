package cluster

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"github.com/ortsnah/ortsnah"
)

// account is the system user that PostgreSQL runs as.
type account struct {
	name     string
	uid, gid int
	drop     bool // the program is root and becomes this user for PostgreSQL
}

// accountFor decides who runs PostgreSQL on dir: an ordinary user runs it
// himself; root runs it as the owner of the folder, or as "postgres" when the
// folder is root's or absent.
func accountFor(dir string) (account, error) {
	owner, found, err := ownerOf(dir)
	if err != nil {
		return account{}, err
	}
	if me := os.Geteuid(); me != 0 {
		if found && owner.uid != me {
			return account{}, ortsnah.E(ortsnah.Forbidden, "cluster.other_owner", "folder", dir, "owner", owner.name)
		}
		return account{name: nameOf(me), uid: me, gid: os.Getegid()}, nil
	}
	if found && owner.uid != 0 {
		owner.drop = true
		return owner, nil
	}
	return systemAccount("postgres")
}

// systemAccount is the account of the system user name, to become from root.
func systemAccount(name string) (account, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return account{}, ortsnah.E(ortsnah.Unavailable, "cluster.no_user", "user", name).Because(err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return account{}, ortsnah.E(ortsnah.Unavailable, "cluster.no_user", "user", name).Because(err)
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return account{}, ortsnah.E(ortsnah.Unavailable, "cluster.no_user", "user", name).Because(err)
	}
	return account{name: name, uid: uid, gid: gid, drop: true}, nil
}

// ownerOf is the owner of path; found is false when there is no such path.
func ownerOf(path string) (owner account, found bool, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return account{}, false, nil
	}
	if err != nil {
		return account{}, false, folderError(path, err)
	}
	st := info.Sys().(*syscall.Stat_t)
	return account{name: nameOf(int(st.Uid)), uid: int(st.Uid), gid: int(st.Gid)}, true, nil
}

// nameOf is the login name of uid, or its number when it has none.
func nameOf(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return strconv.Itoa(uid)
}

// attributes are those of a child process: its own session, so that Ctrl-C on
// the terminal reaches only the program, and death when the program dies.
func (a account) attributes(death syscall.Signal) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setsid: true, Pdeathsig: death}
	if a.drop {
		attr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return attr
}

// own gives path to the account when the program is root.
func (a account) own(path string) error {
	if !a.drop {
		return nil
	}
	return os.Lchown(path, a.uid, a.gid)
}

// adopt gives a whole cluster that belongs to root (copied or unpacked by an
// administrator) to the account; links are not followed.
func (a account) adopt(dir string) error {
	owner, _, err := ownerOf(dir)
	if err != nil || !a.drop || owner.uid == a.uid {
		return err
	}
	var paths []string
	err = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		paths = append(paths, path)
		return err
	})
	if err != nil {
		return err
	}
	for _, path := range slices.Backward(paths) { // dir last: it says whether all is done
		if err := a.own(path); err != nil {
			return err
		}
	}
	return nil
}

// reaches says whether the account can get to folder and run the program:
// root's own folders (mode 0700) are closed to it. It asks the kernel by
// running a process there, which is right with access control lists too.
func (a account) reaches(ctx context.Context, p program, folder string) error {
	if !a.drop {
		return nil
	}
	try := func(dir string) error {
		_, err := a.output(ctx, dir, p.path("postgres"), "--version")
		return err
	}
	err := try(folder)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return interrupted(ctx, folder)
	}
	if denied := try("/"); errors.Is(denied, fs.ErrPermission) { // then it is the program
		return ortsnah.E(ortsnah.Forbidden, "cluster.unreachable", "folder", p.folder, "user", a.name).Because(denied)
	}
	for _, above := range ancestors(folder) {
		if denied := try(above); errors.Is(denied, fs.ErrPermission) {
			return ortsnah.E(ortsnah.Forbidden, "cluster.unreachable", "folder", above, "user", a.name).Because(denied)
		}
	}
	return ortsnah.E(ortsnah.Unavailable, "cluster.start_failed", "folder", folder).Because(err)
}

// ancestors are folder and the folders above it, the root first.
func ancestors(folder string) []string {
	if up := filepath.Dir(folder); up != folder {
		return append(ancestors(up), folder)
	}
	return []string{folder}
}

// environment is all that PostgreSQL's programs see: settings of the user
// (PGDATA, PGOPTIONS, LC_ALL, TZ …) must not change a cluster.
func environment() []string {
	return []string{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC"}
}

// command is a process of the account that works in dir.
func (a account) command(ctx context.Context, dir string, death syscall.Signal, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = environment()
	cmd.SysProcAttr = a.attributes(death)
	return cmd
}

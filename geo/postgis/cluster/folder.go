package cluster

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ortsnah/ortsnah"
)

// markerFile in a cluster's folder says that this program made it completely.
const markerFile = "ortsnah-cluster"

// spaceNeeded is free space in bytes that a new cluster must find: 75 MB of
// files and two WAL segments, and room to work.
const spaceNeeded = 200 << 20

// folderState is what is at the place of the cluster.
type folderState int

const (
	absent folderState = iota
	empty
	ours
)

// folder is what inspect found; major is the version of PostgreSQL that wrote
// it ("15"), empty unless state is ours.
type folder struct {
	state folderState
	major string
}

// inspect looks at dir without touching it. Anything that is not absent, empty
// or a cluster of ours is Conflict cluster.foreign.
func inspect(dir string) (folder, error) {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return folder{state: absent}, nil
	}
	if err != nil {
		return folder{}, folderError(dir, err)
	}
	foreign := ortsnah.E(ortsnah.Conflict, "cluster.foreign", "folder", dir)
	if !info.IsDir() {
		return folder{}, foreign
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return folder{}, folderError(dir, err)
	}
	if len(entries) == 0 {
		return folder{state: empty}, replaceable(dir, info)
	}
	if _, err := os.Lstat(filepath.Join(dir, markerFile)); err != nil {
		return folder{}, foreign.Because(err)
	}
	version, err := os.ReadFile(filepath.Join(dir, "PG_VERSION"))
	if err != nil {
		return folder{}, ortsnah.E(ortsnah.Conflict, "cluster.damaged", "folder", dir).Because(err)
	}
	return folder{state: ours, major: strings.TrimSpace(string(version))}, nil
}

// replaceable says whether the finished cluster can be renamed to the empty
// folder dir: not when that is a volume of its own.
func replaceable(dir string, info fs.FileInfo) error {
	above, err := os.Stat(filepath.Dir(dir))
	if err != nil {
		return folderError(filepath.Dir(dir), err)
	}
	if above.Sys().(*syscall.Stat_t).Dev != info.Sys().(*syscall.Stat_t).Dev {
		return ortsnah.E(ortsnah.Conflict, "cluster.mounted", "folder", dir)
	}
	return nil
}

// resolve is the absolute path of dir without links, so that a folder has one
// name whichever way a program came to it. Parts that do not exist yet stay.
func resolve(dir string) (string, error) {
	if dir == "" {
		return "", ortsnah.E(ortsnah.Invalid, "cluster.no_folder").About("data")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", folderError(dir, err)
	}
	rest := ""
	for at := dir; ; at = filepath.Dir(at) {
		real, err := filepath.EvalSymlinks(at)
		if err == nil {
			return filepath.Join(real, rest), nil
		}
		_, there := os.Lstat(at)
		if !errors.Is(err, fs.ErrNotExist) || there == nil { // a link to nowhere is not ours to fill
			return "", folderError(at, err)
		}
		rest = filepath.Join(filepath.Base(at), rest)
	}
}

// enoughSpace says whether a new cluster fits where dir will be.
func enoughSpace(dir string) error {
	at := dir
	for _, err := os.Stat(at); err != nil && at != filepath.Dir(at); _, err = os.Stat(at) {
		at = filepath.Dir(at)
	}
	var st unix.Statfs_t
	if err := unix.Statfs(at, &st); err != nil {
		return folderError(at, err)
	}
	if free := st.Bavail * uint64(st.Bsize); free < spaceNeeded {
		return noSpace(dir, nil, "free_mb", free>>20)
	}
	return nil
}

// noSpace is the error of a full disk.
func noSpace(dir string, cause error, more ...any) error {
	if len(more) == 0 {
		return ortsnah.E(ortsnah.Unavailable, "cluster.disk_full", "folder", dir).Because(cause)
	}
	args := append([]any{"folder", dir, "needed_mb", spaceNeeded >> 20}, more...)
	return ortsnah.E(ortsnah.Unavailable, "cluster.no_space", args...).Because(cause)
}

// makeParents makes dir and the folders above it that do not exist; undo takes
// away those that are still empty. As root they are made passable for the
// account whatever the umask is; folders that exist keep their modes.
func makeParents(dir string) (undo func(), err error) {
	var made []string
	undo = func() {
		for i := len(made) - 1; i >= 0; i-- {
			os.Remove(made[i])
		}
	}
	for _, at := range ancestors(dir) {
		err := os.Mkdir(at, 0o755)
		if errors.Is(err, fs.ErrExist) || (err != nil && isFolder(at)) {
			continue
		}
		if err == nil {
			made = append(made, at)
			if os.Geteuid() == 0 {
				err = os.Chmod(at, 0o755)
			}
		}
		if err != nil {
			undo()
			return nil, folderError(at, err)
		}
	}
	return undo, nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// replaceFile writes a file of the account in one step. It never writes
// through a link: the folder belongs to the account, the program may be root.
func replaceFile(path string, content string, a account) error {
	next := path + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.WriteString(content); err != nil {
		return err
	}
	if a.drop {
		if err := f.Chown(a.uid, a.gid); err != nil {
			return err
		}
	}
	return os.Rename(next, path)
}

// folderError says that a folder cannot be used, by the reason of the system.
func folderError(path string, err error) error {
	switch {
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
		return noSpace(path, err)
	case errors.Is(err, fs.ErrPermission):
		return ortsnah.E(ortsnah.Forbidden, "cluster.no_access", "folder", path).Because(err)
	case errors.Is(err, unix.EBUSY), errors.Is(err, unix.EXDEV):
		return ortsnah.E(ortsnah.Conflict, "cluster.mounted", "folder", path).Because(err)
	}
	return ortsnah.E(ortsnah.Unavailable, "cluster.folder", "folder", path).Because(err)
}

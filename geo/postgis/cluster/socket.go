package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/ortsnah/ortsnah"
)

// identity is a short name of the cluster at dir (absolute, resolved): it
// names the socket folder and, as cluster_name, stands in the title of every
// process of the server, by which leftovers of an earlier run are recognised.
func identity(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	return "ortsnah-" + hex.EncodeToString(sum[:8])
}

// socketFolder is where the server of dir listens. It is the same for every
// program of every session, so it lies in /tmp and not in TMPDIR or
// XDG_RUNTIME_DIR; its length (29 bytes, the socket 43) does not depend on dir,
// because a socket's path may have 107 bytes (unix(7), sun_path).
func socketFolder(dir string) string { return "/tmp/" + identity(dir) }

// makeSocketFolder makes the folder, or takes one that is the account's.
func makeSocketFolder(path string, a account) error {
	err := os.Mkdir(path, 0o700)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return folderError(path, err)
	}
	if a.drop {
		// Root's own is that of a start which was killed before this line.
		if owner, err := lstatOwner(path); err == nil && owner == 0 {
			if err := os.Lchown(path, a.uid, a.gid); err != nil {
				return folderError(path, err)
			}
		}
	}
	return checkSocketFolder(path, a)
}

// checkSocketFolder refuses a folder that somebody else could have put there
// (/tmp belongs to all): its server would be asked in place of ours.
func checkSocketFolder(path string, a account) error {
	info, err := os.Lstat(path)
	if err != nil {
		return folderError(path, err)
	}
	owner, err := lstatOwner(path)
	if err != nil {
		return folderError(path, err)
	}
	if !info.IsDir() || owner != a.uid || info.Mode().Perm()&0o077 != 0 {
		return ortsnah.E(ortsnah.Forbidden, "cluster.socket_owner", "folder", path, "user", a.name, "owner", nameOf(owner))
	}
	return nil
}

// lstatOwner is the user id of path itself, not of what a link points to.
func lstatOwner(path string) (int, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, err
	}
	return int(info.Sys().(*syscall.Stat_t).Uid), nil
}

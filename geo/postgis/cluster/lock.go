package cluster

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ortsnah/ortsnah"
)

// lock is the claim of one program on one cluster: an exclusive open file
// description lock on <dir>.lock (Linux fcntl(2), F_OFD_SETLK). Unlike flock
// it can be asked for without being taken, so that Join never disturbs Start.
// The content, "pid time", is for people.
type lock struct {
	file *os.File
	path string
}

func lockPath(dir string) string { return dir + ".lock" }

// take claims dir, or says who has it (Conflict cluster.in_use). The file is
// removed on release, so after locking it is checked that the name still means
// the file that was locked.
func take(dir string, a account, now time.Time) (*lock, error) {
	path := lockPath(dir)
	for {
		f, err := openLock(path)
		if errors.Is(err, fs.ErrExist) {
			continue // somebody made it between the two attempts
		}
		if err != nil {
			return nil, folderError(path, err)
		}
		ask := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart}
		err = unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &ask)
		if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
			defer f.Close()
			return nil, inUse(dir, f)
		}
		if err != nil {
			f.Close()
			return nil, folderError(path, err)
		}
		if !stillAt(path, f) {
			f.Close()
			continue
		}
		l := &lock{file: f, path: path}
		if err := l.sign(a, now); err != nil {
			l.release()
			return nil, folderError(path, err)
		}
		return l, nil
	}
}

// openLock opens the file or makes it. In two steps: with O_CREAT alone Linux
// refuses files of others in folders like /tmp even to root (proc_sys_fs(5),
// protected_regular).
func openLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOFOLLOW, 0)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|unix.O_NOFOLLOW, 0o600)
}

// sign writes who holds the lock.
func (l *lock) sign(a account, now time.Time) error {
	if a.drop {
		if err := l.file.Chown(a.uid, a.gid); err != nil {
			return err
		}
	}
	// Overwritten, then cut: a file that a killed program left is never empty.
	line := fmt.Sprintf("%d %s\n", os.Getpid(), now.UTC().Format(time.RFC3339))
	if _, err := l.file.WriteAt([]byte(line), 0); err != nil {
		return err
	}
	return l.file.Truncate(int64(len(line)))
}

// release gives the folder free. The kernel does the same when the program
// dies, only the file stays then.
func (l *lock) release() {
	os.Remove(l.path)
	l.file.Close()
}

// stillAt says whether path names the open file f.
func stillAt(path string, f *os.File) bool {
	named, err := os.Lstat(path)
	if err != nil {
		return false
	}
	open, err := f.Stat()
	return err == nil && os.SameFile(named, open)
}

// inUse names the program that holds the lock on f. Between its taking the
// lock and signing lies a moment in which f is still empty or has an old pid.
func inUse(dir string, f io.ReaderAt) error {
	var pid int
	var since string
	buf := make([]byte, 100)
	n, _ := f.ReadAt(buf, 0)
	fmt.Sscan(string(buf[:n]), &pid, &since)
	if pid == 0 {
		return ortsnah.E(ortsnah.Conflict, "cluster.in_use_now", "folder", dir)
	}
	return ortsnah.E(ortsnah.Conflict, "cluster.in_use", "folder", dir, "pid", pid, "since", since)
}

// lockHeld says whether a program holds dir, without touching the lock.
func lockHeld(dir string) (bool, error) {
	f, err := os.Open(lockPath(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, folderError(lockPath(dir), err)
	}
	defer f.Close()
	ask := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart}
	if err := unix.FcntlFlock(f.Fd(), unix.F_OFD_GETLK, &ask); err != nil {
		return false, folderError(lockPath(dir), err)
	}
	return ask.Type != unix.F_UNLCK, nil
}

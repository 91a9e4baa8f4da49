package ingest

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/ortsnah/ortsnah"
)

// spool is a temporary folder for what cannot be read twice where it is. It
// is removed on close. A program that was killed leaves it behind; the lock on
// a file inside, which dies with the program, lets a later one see that.
type spool struct {
	dir   string
	lock  *os.File
	limit int64 // bytes that may still be written
	n     int
}

const (
	spoolPrefix = "ortsnah-spool-"
	spoolBirth  = "ortsnah-newspool-"
)

func newSpool(parent string, limit int64) (*spool, error) {
	if parent == "" {
		parent = os.TempDir()
	}
	sweepSpools(parent)
	// Only a folder whose lock is held gets the name that others sweep.
	born, err := os.MkdirTemp(parent, spoolBirth)
	if err != nil {
		return nil, ortsnah.E(ortsnah.Unavailable, "ingest.no_spool", "folder", parent).Because(err)
	}
	dir := filepath.Join(parent, spoolPrefix+strings.TrimPrefix(filepath.Base(born), spoolBirth))
	lock, err := os.Create(filepath.Join(born, ".lock"))
	if err == nil {
		err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err == nil {
		err = os.Rename(born, dir)
	}
	if err != nil {
		os.RemoveAll(born)
		return nil, ortsnah.E(ortsnah.Unavailable, "ingest.no_spool", "folder", parent).Because(err)
	}
	return &spool{dir: dir, lock: lock, limit: limit}, nil
}

// sweepSpools removes the folders of programs that are gone. Those it may not
// touch are another user's business.
func sweepSpools(parent string) {
	old, err := filepath.Glob(filepath.Join(parent, spoolPrefix+"*"))
	if err != nil {
		return
	}
	born, err := filepath.Glob(filepath.Join(parent, spoolBirth+"*"))
	if err != nil {
		return
	}
	for _, dir := range append(old, born...) {
		lock, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_RDWR|syscall.O_NOFOLLOW, 0)
		if errors.Is(err, os.ErrNotExist) || err == nil && strings.HasPrefix(filepath.Base(dir), spoolBirth) {
			// Either just being made or left between two steps.
			if info, err := os.Lstat(dir); err == nil && info.IsDir() && time.Since(info.ModTime()) > time.Hour {
				os.RemoveAll(dir)
			}
			if lock != nil {
				lock.Close()
			}
			continue
		}
		if err != nil {
			continue
		}
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			os.RemoveAll(dir)
		}
		lock.Close()
	}
}

func (s *spool) close() error {
	if s == nil {
		return nil
	}
	err := os.RemoveAll(s.dir)
	return errors.Join(err, s.lock.Close())
}

// folder makes a new empty folder in the spool.
func (s *spool) folder() (string, error) {
	s.n++
	dir := filepath.Join(s.dir, strconv.Itoa(s.n))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", ortsnah.E(ortsnah.Unavailable, "ingest.no_spool", "folder", s.dir).Because(err)
	}
	return dir, nil
}

// file writes r to a new file called name in a folder of its own.
func (s *spool) file(ctx context.Context, name string, r io.Reader, bomb *ratio) (string, error) {
	dir, err := s.folder()
	if err != nil {
		return "", err
	}
	name = strings.Map(func(r rune) rune {
		if r == '/' || r == '\\' || r < ' ' {
			return '_'
		}
		return r
	}, name)
	if name == "" || name == "." || name == ".." || len(name) > 200 {
		name = "source" + filepath.Ext(name)[:min(len(filepath.Ext(name)), 20)]
	}
	path := filepath.Join(dir, name)
	return path, s.write(ctx, path, r, bomb)
}

// ratio notices an archive that unpacks to far more than data does: above
// 100 MB no more than a thousand bytes may come out of one.
type ratio struct {
	packed, out int64
}

func (b *ratio) exceeded(n int) bool {
	if b == nil {
		return false
	}
	b.out += int64(n)
	return b.out > 100e6 && b.out > 1000*b.packed
}

// write copies r to path within the spool's limit.
func (s *spool) write(ctx context.Context, path string, r io.Reader, bomb *ratio) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return ortsnah.E(ortsnah.Unavailable, "ingest.no_spool", "folder", filepath.Dir(path)).Because(err)
	}
	defer f.Close()
	buf := make([]byte, 256<<10)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, rerr := r.Read(buf)
		if s.limit -= int64(n); s.limit < 0 {
			return ortsnah.E(ortsnah.TooLarge, "ingest.source_too_large")
		}
		if bomb.exceeded(n) {
			return ortsnah.E(ortsnah.TooLarge, "ingest.archive_bomb")
		}
		if _, err := f.Write(buf[:n]); err != nil {
			return ortsnah.E(ortsnah.Unavailable, "ingest.spool_full", "folder", s.dir).Because(err)
		}
		if errors.Is(rerr, io.EOF) {
			return f.Close()
		}
		if rerr != nil {
			return rerr
		}
	}
}

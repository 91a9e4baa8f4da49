package publish

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
)

// Folder is where published files are kept on this machine: the files of a
// version are below <folder>/<dataset>/<version>/. Whatever is there never
// changes; names that begin with a dot are being written.
type Folder string

// Path is where a file is, whether it exists or not. Names that lead out of
// the folder or to a file still being written are NotFound "publish.no_file".
func (f Folder) Path(d catalog.Distribution) (string, error) {
	plain := d.File == filepath.Base(d.File) && filepath.IsLocal(d.File) && !strings.HasPrefix(d.File, ".")
	if catalog.CheckID(d.Dataset) != nil || d.Version < 1 || !plain {
		return "", ortsnah.E(ortsnah.NotFound, "publish.no_file", "file", d.File)
	}
	return filepath.Join(string(f), d.Dataset, strconv.Itoa(d.Version), d.File), nil
}

// Open opens a published file for reading, NotFound "publish.no_file" when it
// is not there. The caller closes it.
func (f Folder) Open(d catalog.Distribution) (*os.File, error) {
	path, err := f.Path(d)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ortsnah.E(ortsnah.NotFound, "publish.no_file", "file", d.File).Because(err)
	}
	return file, err
}

// Has reports whether the file is there with the recorded size.
func (f Folder) Has(d catalog.Distribution) bool {
	path, err := f.Path(d)
	if err != nil {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() == d.Bytes
}

// put writes a file under a temporary name, gives it its own only when all of
// it is on disk, and notes size and checksum in d. With a checksum given the
// file must have that one, else it is not kept. The caller holds the lock of
// this file: nobody else writes it.
func (f Folder) put(d *catalog.Distribution, checksum string, write func(io.Writer) error) error {
	path, err := f.Path(*d)
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := sweep(dir, d.File); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, "."+d.File+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // gone already when all went well
	file := &countingWriter{out: tmp, hash: sha256.New()}
	if err := finish(tmp, write(file)); err != nil {
		return err
	}
	d.Bytes, d.SHA256 = file.size, hex.EncodeToString(file.hash.Sum(nil))
	if checksum != "" && d.SHA256 != checksum {
		return ortsnah.E(ortsnah.Conflict, "publish.file_differs", "file", d.File)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return syncFolders(dir, filepath.Dir(dir), string(f))
}

// sweep removes temporary files of that name, which a crash has left.
func sweep(dir, file string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "."+file+".") {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// finish makes the file readable for others, safe on disk, and closes it.
func finish(file *os.File, err error) error {
	if err == nil {
		err = file.Chmod(0o644)
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// syncFolders makes new names safe on disk.
func syncFolders(dirs ...string) error {
	for _, dir := range dirs {
		d, err := os.Open(dir)
		if err != nil {
			return err
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return err
		}
	}
	return nil
}

// countingWriter knows the size and checksum of what goes through it.
type countingWriter struct {
	out  io.Writer
	hash hash.Hash
	size int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.out.Write(p)
	c.hash.Write(p[:n])
	c.size += int64(n)
	return n, err
}

package seal

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/ortsnah/ortsnah"
)

// Open reads the key file at path; when there is none, it makes one with a
// fresh key that only the owner may read. Instances that start together agree
// on one file. Errors: Forbidden seal.open_to_others, Invalid seal.bad_keys,
// Unavailable seal.no_file.
func Open(path string) (*Keyring, error) {
	r, err := read(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return r, err
	}
	if err := create(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, ortsnah.E(ortsnah.Unavailable, "seal.no_file", "file", path).Because(err)
	}
	return read(path)
}

func read(path string) (*Keyring, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, ortsnah.E(ortsnah.Unavailable, "seal.no_file", "file", path).Because(err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, ortsnah.E(ortsnah.Forbidden, "seal.open_to_others", "file", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, ortsnah.E(ortsnah.Unavailable, "seal.no_file", "file", path).Because(err)
	}
	var keys []Key
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	// The cause is left out: it may quote a key.
	if dec.Decode(&keys) != nil || dec.More() {
		return nil, ortsnah.E(ortsnah.Invalid, "seal.bad_keys")
	}
	return New(keys...)
}

// create writes a file with one fresh key. It appears at path complete or not
// at all, and never replaces another one.
func create(path string) error {
	key := Key{ID: time.Now().UTC().Format("2006-01-02"), Key: make([]byte, KeyBytes)}
	rand.Read(key.Key)
	text, err := json.MarshalIndent([]Key{key}, "", "  ")
	if err != nil {
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(path), ".keys-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(part.Name())
	_, err = part.Write(append(text, '\n'))
	if err := errors.Join(err, part.Sync(), part.Close()); err != nil {
		return err
	}
	return os.Link(part.Name(), path)
}

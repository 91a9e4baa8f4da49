package seal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/ortsnah/ortsnah"
)

func ring(t *testing.T, ids ...string) *Keyring {
	t.Helper()
	var keys []Key
	for _, id := range ids {
		keys = append(keys, Key{id, bytes.Repeat([]byte(id), KeyBytes)[:KeyBytes]})
	}
	r, err := New(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSeal(t *testing.T) {
	r, plain, context := ring(t, "a"), []byte("Müller"), []byte("row 1")
	id, sealed := r.Seal(plain, context)
	if _, again := r.Seal(plain, context); bytes.Equal(sealed, again) {
		t.Error("the same bytes twice: the nonce is not fresh")
	}
	if bytes.Contains(sealed, plain) {
		t.Error("the plain text shows")
	}
	if got, err := r.Open(id, sealed, context); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("opened %q, %v", got, err)
	}
	rotated := ring(t, "b", "a")
	if got, err := rotated.Open(id, sealed, context); err != nil || !bytes.Equal(got, plain) || rotated.Current() != "b" {
		t.Errorf("after rotation: %q, %v", got, err)
	}
	changed := bytes.Clone(sealed)
	changed[30] ^= 1
	for name, open := range map[string]func() ([]byte, error){
		"other row":     func() ([]byte, error) { return r.Open(id, sealed, []byte("row 2")) },
		"changed":       func() ([]byte, error) { return r.Open(id, changed, context) },
		"cut short":     func() ([]byte, error) { return r.Open(id, sealed[:20], context) },
		"empty":         func() ([]byte, error) { return r.Open(id, nil, context) },
		"key is gone":   func() ([]byte, error) { return ring(t, "b").Open(id, sealed, context) },
		"other key":     func() ([]byte, error) { return rotated.Open("b", sealed, context) },
		"no key at all": func() ([]byte, error) { return r.Open("", sealed, context) },
	} {
		if got, err := open(); got != nil || ortsnah.KindOf(err) != ortsnah.Internal {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	var group sync.WaitGroup
	rings := make([]*Keyring, 8)
	for i := range rings { // instances that start together
		group.Go(func() {
			r, err := Open(path)
			if err != nil {
				t.Error(err)
			}
			rings[i] = r
		})
	}
	group.Wait()
	if t.Failed() {
		return
	}
	id, sealed := rings[0].Seal([]byte("x"), nil)
	for i, r := range rings {
		if _, err := r.Open(id, sealed, nil); err != nil {
			t.Errorf("instance %d: %v", i, err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	const key = `"QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="`
	for _, x := range []struct {
		name, text, key string
		mode            os.FileMode
	}{
		{"readable by the group", `[{"id":"a","key":` + key + `}]`, "seal.open_to_others", 0o640},
		{"readable by all", `[{"id":"a","key":` + key + `}]`, "seal.open_to_others", 0o604},
		{"empty", ``, "seal.bad_keys", 0o600},
		{"no key", `[]`, "seal.bad_keys", 0o600},
		{"short key", `[{"id":"a","key":"QUE="}]`, "seal.bad_keys", 0o600},
		{"no id", `[{"id":"","key":` + key + `}]`, "seal.bad_keys", 0o600},
		{"one id twice", `[{"id":"a","key":` + key + `},{"id":"a","key":` + key + `}]`, "seal.bad_keys", 0o600},
		{"two lists", `[{"id":"a","key":` + key + `}][]`, "seal.bad_keys", 0o600},
		{"misspelt", `[{"id":"a","kye":` + key + `}]`, "seal.bad_keys", 0o600},
	} {
		path := filepath.Join(t.TempDir(), "keys.json")
		if err := os.WriteFile(path, []byte(x.text), x.mode); err != nil {
			t.Fatal(err)
		}
		_, err := Open(path)
		if e, ok := errors.AsType[*ortsnah.Error](err); !ok || e.Key != x.key {
			t.Errorf("%s: %v", x.name, err)
		}
		if left, _ := os.ReadFile(path); string(left) != x.text {
			t.Errorf("%s: the file was changed", x.name)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "absent", "keys.json")); ortsnah.KindOf(err) != ortsnah.Unavailable {
		t.Errorf("no folder: %v", err)
	}
}

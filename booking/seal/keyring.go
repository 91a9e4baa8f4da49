// Package seal encrypts personal data at rest: XChaCha20-Poly1305 with a random
// nonce of 24 bytes (draft-irtf-cfrg-xchacha-03), so that a key may seal any
// number of rows. What is sealed is bound to where it is stored by associated
// data, such as the id of its row: bytes moved to another row do not open.
//
// A Keyring is read from a file of its own, apart from the database: whoever
// has only a copy of the database has no personal data. The file is a JSON list
//
//	[{"id": "2026-03", "key": "<32 bytes in base64>"}]
//
// whose first key seals, and all of whose keys open. To rotate: put a new key
// in front, restart every instance, wait until nothing is sealed with the old
// one (booking.Reception.Reseal), then take the old one out.
package seal

import (
	"crypto/cipher"
	"crypto/rand"
	"fmt"

	"github.com/ortsnah/ortsnah"
	"golang.org/x/crypto/chacha20poly1305"
)

// KeyBytes is the length of a key.
const KeyBytes = chacha20poly1305.KeySize

// Keyring holds the keys of a deployment: the first one seals, all open. It is
// immutable and safe for concurrent use.
type Keyring struct {
	first string
	keys  map[string]cipher.AEAD
}

// Key is an entry of the file.
type Key struct {
	ID  string `json:"id"`
	Key []byte `json:"key"` // 32 bytes, base64 in the file
}

// New makes a keyring; the first key seals. Error: Invalid seal.bad_keys.
func New(keys ...Key) (*Keyring, error) {
	if len(keys) == 0 {
		return nil, ortsnah.E(ortsnah.Invalid, "seal.bad_keys")
	}
	r := &Keyring{first: keys[0].ID, keys: make(map[string]cipher.AEAD, len(keys))}
	for _, k := range keys {
		aead, err := chacha20poly1305.NewX(k.Key)
		if _, twice := r.keys[k.ID]; err != nil || k.ID == "" || twice {
			return nil, ortsnah.E(ortsnah.Invalid, "seal.bad_keys")
		}
		r.keys[k.ID] = aead
	}
	return r, nil
}

// Current is the id of the key that seals now.
func (r *Keyring) Current() string { return r.first }

// Seal encrypts plain with the first key and binds it to context. The result
// is nonce, ciphertext and tag.
func (r *Keyring) Seal(plain, context []byte) (keyID string, sealed []byte) {
	aead := r.keys[r.first]
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	rand.Read(nonce) // never fails: crypto/rand.Read ends the program instead
	return r.first, aead.Seal(nonce, nonce, plain, context)
}

// Open decrypts what Seal made with the key of that id and the same context.
// Error: Internal seal.unreadable when the key is not on the ring or the
// bytes or their context were changed.
func (r *Keyring) Open(keyID string, sealed, context []byte) ([]byte, error) {
	aead, ok := r.keys[keyID]
	if !ok {
		return nil, unreadable(fmt.Errorf("key %q is not in the key file", keyID))
	}
	if len(sealed) < aead.NonceSize() {
		return nil, unreadable(fmt.Errorf("%d bytes are too few", len(sealed)))
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], context)
	if err != nil {
		return nil, unreadable(err)
	}
	return plain, nil
}

func unreadable(cause error) error {
	return ortsnah.E(ortsnah.Internal, "seal.unreadable").Because(cause)
}

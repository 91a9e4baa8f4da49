package booking

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"strings"

	"github.com/ortsnah/ortsnah"
)

// crockford is the alphabet of references and tokens (Douglas Crockford,
// "Base 32"): no I, L, O, U, which are misread.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Lengths in characters of 5 bits: a reference is no secret, a token has 100
// bits and can still be typed on a phone.
const (
	referenceLetters = 8
	tokenLetters     = 20
)

func random(letters int) string {
	b := make([]byte, letters)
	rand.Read(b)
	for i := range b {
		b[i] = crockford[b[i]%32] // 256 is a multiple of 32: no letter is likelier
	}
	return string(b)
}

// typed reads what a person typed: case, spaces and hyphens do not count, and
// letters that are misread are the digits they look like.
func typed(s string) string {
	return strings.NewReplacer(" ", "", "-", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(s))
}

// reference is the id that a person typed; "" when it cannot be one.
func reference(id string) string {
	if len(id) > 100 {
		return ""
	}
	id = typed(id)
	if len(id) != referenceLetters || strings.Trim(id, crockford) != "" {
		return ""
	}
	return id
}

// hashToken is what is stored of a token. A token is random and long: it needs
// no slow hash.
func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(typed(token)))
	return sum[:]
}

// opens compares in constant time.
func opens(token string, hash []byte) bool {
	return len(token) < 100 && subtle.ConstantTimeCompare(hashToken(token), hash) == 1
}

// errNoAppointment is the answer to an unknown reference and to a wrong token
// alike, so that nobody learns which references exist.
func errNoAppointment() error {
	return ortsnah.E(ortsnah.NotFound, "booking.no_appointment").About("id")
}

package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/ortsnah/ortsnah"
)

// Bounds of a password in characters (NIST SP 800-63B-4, section 3.1.1.2).
const (
	ShortestPassword = 12
	LongestPassword  = 200
)

// cost are the parameters of argon2id: the second recommended option of RFC
// 9106, section 4.
type cost struct {
	passes, kibibytes uint32
	lanes             uint8
}

func today() cost { return cost{passes: 3, kibibytes: 64 << 10, lanes: 4} }

const keyLength, saltLength = 32, 16

// hash is argon2id of password in PHC string form
// ($argon2id$v=19$m=65536,t=3,p=4$salt$key).
func (d *Door) hash(ctx context.Context, password string) (string, error) {
	var salt [saltLength]byte
	rand.Read(salt[:])
	c := today()
	key, err := d.derive(ctx, password, salt[:], c)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.kibibytes, c.passes, c.lanes,
		b64(salt[:]), b64(key)), err
}

// derive waits for its turn: a crowd that signs in must not need more memory
// than the machine has.
func (d *Door) derive(ctx context.Context, password string, salt []byte, c cost) ([]byte, error) {
	select {
	case d.working <- struct{}{}:
		defer func() { <-d.working }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(norm.NFKC.String(password)), salt, c.passes, c.kibibytes, c.lanes, keyLength), nil
}

// matches says whether password is the one of phc, and whether phc was made
// with other parameters than today's. An empty phc, of an account without
// password or of no account, does the same work and never matches.
func (d *Door) matches(ctx context.Context, phc, password string) (ok, old bool, err error) {
	c, salt, want, known := readPHC(phc)
	if !known {
		c, salt, want = today(), make([]byte, saltLength), make([]byte, keyLength)
	}
	key, err := d.derive(ctx, password, salt, c)
	if err != nil {
		return false, false, err
	}
	return subtle.ConstantTimeCompare(key, want) == 1 && known, c != today(), nil
}

func readPHC(phc string) (c cost, salt, key []byte, ok bool) {
	part := strings.Split(phc, "$")
	if len(part) != 6 || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, false
	}
	if _, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &c.kibibytes, &c.passes, &c.lanes); err != nil {
		return c, nil, nil, false
	}
	if c.passes == 0 || c.lanes == 0 || c.kibibytes > 1<<20 || c.passes > 100 {
		return c, nil, nil, false
	}
	salt, err := base64.RawStdEncoding.DecodeString(part[4])
	key, err2 := base64.RawStdEncoding.DecodeString(part[5])
	return c, salt, key, err == nil && err2 == nil && len(key) == keyLength
}

// CheckPassword says what is wrong with a new password for account. Errors:
// Invalid auth.password_short, .password_long, .password_name, .password_common.
func CheckPassword(password, id, name string) error {
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return ortsnah.E(ortsnah.Invalid, "auth.password_text").About("password")
	case n < ShortestPassword:
		return ortsnah.E(ortsnah.Invalid, "auth.password_short", "min", ShortestPassword).About("password")
	case n > LongestPassword:
		return ortsnah.E(ortsnah.Invalid, "auth.password_long", "max", LongestPassword).About("password")
	}
	plain := letters(password)
	for _, own := range append(strings.FieldsFunc(id, func(r rune) bool { return r == '.' || r == '-' }), id, name) {
		if own = letters(own); plain != "" && (plain == own || len(own) >= 4 && strings.ReplaceAll(plain, own, "") == "") {
			return ortsnah.E(ortsnah.Invalid, "auth.password_name").About("password")
		}
	}
	if few(password) || slices.Contains(common(), plain) {
		return ortsnah.E(ortsnah.Invalid, "auth.password_common").About("password")
	}
	return nil
}

// letters is what is left of text for comparing: lower case, letters only,
// without what people hang on to fill up.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r > 127 {
			return r
		}
		return -1
	}, strings.ToLower(norm.NFKC.String(text)))
}

// few says whether a password has fewer than five different characters, or is
// a run on the keyboard or of the alphabet.
func few(password string) bool {
	different := map[rune]bool{}
	for _, r := range password {
		different[r] = true
	}
	if len(different) < 5 {
		return true
	}
	lower := strings.ToLower(password)
	for _, run := range []string{"0123456789012345678901234567890", "9876543210987654321098765432109876543210",
		"abcdefghijklmnopqrstuvwxyz", "qwertzuiopasdfghjklyxcvbnm", "qwertyuiopasdfghjklzxcvbnm", "1q2w3e4r5t6z7u8i9o0p", "1q2w3e4r5t6y7u8i9o0p"} {
		if strings.Contains(run, lower) {
			return true
		}
	}
	return false
}

// common are passwords that fill lists of stolen ones, as far as they reach the
// length, by their letters.
func common() []string {
	return []string{"password", "passwort", "passwordpassword", "passwortpasswort", "meinpasswort", "mypassword",
		"geheim", "geheimgeheim", "geheimespasswort", "hallo", "hallohallo", "hallowelt", "welcome", "willkommen",
		"letmein", "iloveyou", "ichliebedich", "administrator", "admin", "adminadmin", "qwertz", "qwertzqwertz",
		"qwerty", "qwertyqwerty", "qwertyuiop", "qwertzuiop", "asdfghjkl", "changeme", "changemenow", "start",
		"startpasswort", "sommer", "winter", "herbst", "fruehling", "stadtverwaltung", "rathaus", "buergerbuero",
		"guetersloh", "gütersloh", "ortsnah", "trustno", "football", "fussball", "schalke", "borussia", "bayern",
		"sunshine", "princess", "monkey", "dragon", "superman", "batman", "schatz", "schatzi", "test", "testtest",
		"testpasswort", "abcd", "abc", "abcdef", "correcthorsebatterystaple"}
}

// Invented is a password to give out once: 20 characters of 32, 100 bits, in
// groups that can be read out.
func Invented() string {
	const alphabet = "abcdefghjkmnpqrstuvwxyz23456789x" // without i, l, o, 0, 1; the 32nd repeats
	var raw [20]byte
	rand.Read(raw[:])
	var b strings.Builder
	for i, r := range raw {
		if i > 0 && i%5 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(alphabet[r&31])
	}
	return b.String()
}

package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Citizens keeps the optional accounts of citizens. It shares the staff's
// throttle and the bound on hashes at once, and nothing else: a citizen's
// session never opens a page of the staff.
//
// An account is found by its address and its password together. Nobody has to
// prove an address, because nothing but bare links is ever sent to it; so the
// same address may have several accounts, which do not know of each other. That
// way nobody learns whether an address has one, nobody can occupy the address
// of somebody else, and who has forgotten a password opens a fresh account and
// adds the appointments by reference and code.
type Citizens struct{ door *Door }

// Citizens are the accounts behind the same door.
func (d *Door) Citizens() Citizens { return Citizens{d} }

// Details are what a citizen has said about himself or herself. They are stored
// encrypted only.
type Details struct {
	Email   string `json:"email"`
	Surname string `json:"surname,omitempty"`
	Fill    bool   `json:"fill,omitempty"` // write both into the form of the next appointment
}

// Citizen is an account.
type Citizen struct {
	ID [16]byte // UUID
	Details
	Created, LastSignIn time.Time // days
}

// ready refuses where nothing can be sealed. Error: Unavailable auth.citizen_closed.
func (c Citizens) ready() error {
	if c.door == nil || c.door.Keys == nil {
		return ortsnah.E(ortsnah.Unavailable, "auth.citizen_closed")
	}
	return nil
}

// Address reads an e-mail address as accounts have it: without blanks around
// it, in small letters. Error: Invalid auth.citizen_email.
func Address(text string) (string, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	a, err := mail.ParseAddress(text)
	_, domain, _ := strings.Cut(text, "@")
	if err != nil || a.Name != "" || a.Address != text || len(text) > 254 || !utf8.ValidString(text) ||
		!strings.Contains(strings.Trim(domain, "."), ".") || strings.ContainsAny(text, " <>\"\x00") {
		return "", ortsnah.E(ortsnah.Invalid, "auth.citizen_email").About("email")
	}
	return text, nil
}

// citizenCosts are the parameters of argon2id of citizens' passwords, the
// present ones first. An older entry stays until no account can have it.
func citizenCosts() []cost { return []cost{{passes: 3, kibibytes: 64 << 10, lanes: 4}} }

// proofs are what the database may have for address and password, one for each
// cost. The salt is the address under a secret key: without the key file
// nobody can even begin to guess.
func (c Citizens) proofs(ctx context.Context, email, password string) ([][]byte, error) {
	key, err := c.key(ctx)
	if err != nil {
		return nil, err
	}
	if len(password) > 8*LongestPassword {
		password = "" // nobody has one as long; an empty one belongs to nobody
	}
	var all [][]byte
	for _, cost := range citizenCosts() {
		derived, err := c.door.derive(ctx, password, keyed(key, "salt", email)[:saltLength], cost)
		if err != nil {
			return nil, err
		}
		all = append(all, keyed(key, "proof", email, string(derived)))
	}
	return all, nil
}

// keyed is HMAC-SHA256 (RFC 2104) over parts, none of which runs into the next.
func keyed(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	for _, part := range parts {
		sum := sha256.Sum256([]byte(part))
		h.Write(sum[:])
	}
	return h.Sum(nil)
}

const citizenKeyContext = "key of the accounts of citizens"

// key is the secret under which addresses and passwords are hashed; the first
// who asks makes it.
func (c Citizens) key(ctx context.Context) ([]byte, error) {
	fresh := make([]byte, 32)
	rand.Read(fresh)
	id, sealed := c.door.Keys.Seal(fresh, []byte(citizenKeyContext))
	rows, err := c.door.DB.Query(ctx, `WITH made AS (
			INSERT INTO auth.citizen_key (key_id, sealed) SELECT @id, @sealed WHERE NOT EXISTS (SELECT FROM auth.citizen_key)
			ON CONFLICT DO NOTHING RETURNING key_id, sealed)
		SELECT key_id, sealed FROM made UNION ALL SELECT key_id, sealed FROM auth.citizen_key`,
		pgx.NamedArgs{"id": id, "sealed": sealed})
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[sealedText])
	if err != nil {
		return nil, err
	}
	if len(found) == 0 { // somebody else made it in this moment
		return c.key(ctx)
	}
	return c.door.Keys.Open(found[0].KeyID, found[0].Sealed, []byte(citizenKeyContext))
}

type sealedText struct {
	KeyID  string
	Sealed []byte
}

// throttled are the counters of attempts at an address: a keyed name, because
// a plain hash of an address could be guessed.
func (c Citizens) throttled(ctx context.Context, email string) (string, error) {
	key, err := c.key(ctx)
	return "citizen " + string(keyed(key, "throttle", email)), err
}

// Open opens an account and signs in to it. Address and password of an account
// that is there already sign in to that one: the answer is the same.
// Errors: Invalid auth.citizen_email, auth.password_…; *TooMany.
func (c Citizens) Open(ctx context.Context, a Attempt) (token string, err error) {
	if err := c.ready(); err != nil {
		return "", err
	}
	email, err := Address(a.Name)
	if err != nil {
		return "", err
	}
	if err := c.checkPassword(a.Password, email); err != nil {
		return "", err
	}
	name, err := c.throttled(ctx, email)
	if err != nil {
		return "", err
	}
	// Counted like a sign-in and never taken back: whoever opens accounts for
	// one address over and over guesses passwords.
	if err := c.door.attempt(ctx, gates(name, a.Address)); err != nil {
		return "", err
	}
	proofs, err := c.proofs(ctx, email, a.Password)
	if err != nil {
		return "", err
	}
	err = pgx.BeginFunc(ctx, c.door.DB, func(tx pgx.Tx) error {
		citizen, err := c.openOrFind(ctx, tx, proofs, email)
		if err == nil {
			token, err = c.begin(ctx, tx, citizen, a.Device)
		}
		return err
	})
	return token, err
}

func (c Citizens) checkPassword(password, email string) error {
	local, _, _ := strings.Cut(email, "@")
	return CheckPassword(password, email, local)
}

func (c Citizens) openOrFind(ctx context.Context, tx pgx.Tx, proofs [][]byte, email string) ([16]byte, error) {
	id, found, err := findCitizen(ctx, tx, proofs)
	if err != nil || found {
		return id, err
	}
	rand.Read(id[:])
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // RFC 9562, section 5.4
	key, sealed, err := c.seal(id, Details{Email: email})
	if err != nil {
		return id, err
	}
	err = tx.QueryRow(ctx, `INSERT INTO auth.citizen (id, proof, key_id, sealed, created, last_sign_in)
		VALUES (@id, @proof, @key, @sealed, @today, @today)
		ON CONFLICT (proof) DO UPDATE SET last_sign_in = excluded.last_sign_in RETURNING id`,
		pgx.NamedArgs{"id": id, "proof": proofs[0], "key": key, "sealed": sealed, "today": c.door.Now()}).Scan(&id)
	return id, err
}

// findCitizen is the account with one of proofs, which it then has under the
// first one.
func findCitizen(ctx context.Context, db postgis.DB, proofs [][]byte) (id [16]byte, found bool, err error) {
	err = db.QueryRow(ctx, `UPDATE auth.citizen SET proof = $2 WHERE proof = ANY ($1) RETURNING id`, proofs, proofs[0]).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return id, false, nil
	}
	return id, err == nil, err
}

func (c Citizens) seal(id [16]byte, d Details) (key string, sealed []byte, err error) {
	plain, err := json.Marshal(d)
	if err != nil {
		return "", nil, err
	}
	key, sealed = c.door.Keys.Seal(plain, id[:])
	return key, sealed, nil
}

// SignIn begins a session. Errors: Invalid auth.citizen_wrong, whatever was
// wrong; *TooMany.
func (c Citizens) SignIn(ctx context.Context, a Attempt) (token string, err error) {
	if err := c.ready(); err != nil {
		return "", err
	}
	email := signInName(a.Name)
	name, err := c.throttled(ctx, email)
	if err != nil {
		return "", err
	}
	if err := c.door.attempt(ctx, gates(name, a.Address)); err != nil {
		return "", err
	}
	proofs, err := c.proofs(ctx, email, a.Password)
	if err != nil {
		return "", err
	}
	id, found, err := findCitizen(ctx, c.door.DB, proofs)
	if err != nil {
		return "", err
	}
	if !found {
		return "", ortsnah.E(ortsnah.Invalid, "auth.citizen_wrong")
	}
	if err := c.door.succeeded(ctx, name, a.Address); err != nil {
		return "", err
	}
	err = pgx.BeginFunc(ctx, c.door.DB, func(tx pgx.Tx) error {
		token, err = c.begin(ctx, tx, id, a.Device)
		return err
	})
	return token, err
}

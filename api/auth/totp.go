package auth

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238 with HMAC-SHA-1 is what every authenticator app speaks
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
)

const (
	codeDigits    = 6
	codePeriod    = 30 // seconds
	recoveryCodes = 10
)

// codeAt is the code of one time step (RFC 4226, section 5.3).
func codeAt(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	_ = binary.Write(mac, binary.BigEndian, step) // a hash never fails
	sum := mac.Sum(nil)
	n := binary.BigEndian.Uint32(sum[sum[19]&15:]) & 0x7fffffff
	return fmt.Sprintf("%06d", n%1_000_000)
}

// matchingStep is the time step of code, which may be one before or after now
// (RFC 6238, section 5.2): clocks of phones differ and people type slowly.
func matchingStep(secret []byte, code string, now time.Time) (step int64, ok bool) {
	current := now.Unix() / codePeriod
	for s := current - 1; s <= current+1; s++ {
		if subtle.ConstantTimeCompare([]byte(codeAt(secret, s)), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// sealSecret is "<key>\0<sealed>": the secret can be used only with this account.
func (d *Door) sealSecret(account string, secret []byte) ([]byte, error) {
	if d.Keys == nil {
		return nil, ortsnah.E(ortsnah.Unavailable, "auth.no_keys")
	}
	key, sealed := d.Keys.Seal(secret, []byte("totp of "+account))
	return append([]byte(key+"\x00"), sealed...), nil
}

func (d *Door) openSecret(account string, stored []byte) ([]byte, error) {
	if d.Keys == nil {
		return nil, ortsnah.E(ortsnah.Unavailable, "auth.no_keys")
	}
	key, sealed, _ := bytes.Cut(stored, []byte{0})
	return d.Keys.Open(string(key), sealed, []byte("totp of "+account))
}

var base32Plain = base32.StdEncoding.WithPadding(base32.NoPadding)

// Enrolment is a second factor that waits for its first code.
type Enrolment struct {
	Secret string // base32 in groups of four, to type in
	URI    string // otpauth:// for the QR code
}

// Enrol returns the second factor that the session's account is setting up; a new
// one where there is none. issuer is the town's name, shown by the app.
func (d *Door) Enrol(ctx context.Context, s Session, issuer string) (Enrolment, error) {
	if s.Stage != NeedsEnrol && s.Stage != Complete {
		return Enrolment{}, ortsnah.E(ortsnah.Conflict, "auth.wrong_step")
	}
	secret := make([]byte, 20)
	rand.Read(secret)
	sealed, err := d.sealSecret(s.Account.ID, secret)
	if err != nil {
		return Enrolment{}, err
	}
	var stored []byte
	err = d.DB.QueryRow(ctx, `UPDATE auth.account SET totp_new = coalesce(totp_new, $2) WHERE id = $1 RETURNING totp_new`,
		s.Account.ID, sealed).Scan(&stored)
	if err != nil {
		return Enrolment{}, err
	}
	if secret, err = d.openSecret(s.Account.ID, stored); err != nil {
		return Enrolment{}, err
	}
	return enrolment(secret, issuer, s.Account.ID), nil
}

func enrolment(secret []byte, issuer, account string) Enrolment {
	plain := base32Plain.EncodeToString(secret)
	var groups []string
	for i := 0; i < len(plain); i += 4 {
		groups = append(groups, plain[i:min(i+4, len(plain))])
	}
	uri := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + account,
		RawQuery: "secret=" + plain + "&issuer=" + url.PathEscape(issuer) + "&algorithm=SHA1&digits=6&period=30"}
	return Enrolment{Secret: strings.Join(groups, " "), URI: uri.String()}
}

// ConfirmEnrol makes the second factor count once its first code is right, and
// returns fresh recovery codes, which are told once. The session moves on under
// a new token; others of the account end. Who is signed in completely types the
// password again: an unattended screen is not enough. Errors: Invalid
// auth.wrong_code, auth.wrong_old.
func (d *Door) ConfirmEnrol(ctx context.Context, s Session, code, password, address string) (token string, codes []string, err error) {
	if s.Stage != NeedsEnrol && s.Stage != Complete {
		return "", nil, ortsnah.E(ortsnah.Conflict, "auth.wrong_step")
	}
	if err := d.ownerAgain(ctx, s, password, address); err != nil {
		return "", nil, err
	}
	name := "enrol " + s.Account.ID
	if err := d.attempt(ctx, gates(name, address)); err != nil {
		return "", nil, err
	}
	err = pgx.BeginFunc(ctx, d.DB, func(tx pgx.Tx) error {
		var stored []byte
		if err := tx.QueryRow(ctx, `SELECT totp_new FROM auth.account WHERE id = $1 FOR UPDATE`, s.Account.ID).Scan(&stored); err != nil {
			return err
		}
		if stored == nil {
			return ortsnah.E(ortsnah.Conflict, "auth.wrong_step")
		}
		secret, err := d.openSecret(s.Account.ID, stored)
		if err != nil {
			return err
		}
		step, ok := matchingStep(secret, strings.ReplaceAll(code, " ", ""), d.Now())
		if !ok {
			return ortsnah.E(ortsnah.Invalid, "auth.wrong_code").About("code")
		}
		if codes, err = d.enrolled(ctx, tx, s, step); err != nil {
			return err
		}
		token, err = d.pass(ctx, tx, s, Complete)
		return err
	})
	if err != nil {
		return "", nil, err
	}
	return token, codes, d.succeeded(ctx, name, address)
}

func (d *Door) enrolled(ctx context.Context, tx pgx.Tx, s Session, step int64) ([]string, error) {
	_, err := tx.Exec(ctx, `UPDATE auth.account SET totp = totp_new, totp_new = NULL, totp_step = $2 WHERE id = $1`, s.Account.ID, step)
	if err != nil {
		return nil, err
	}
	if err := revokeAll(ctx, tx, s.Account.ID, s.ID); err != nil {
		return nil, err
	}
	if err := d.audit(ctx, tx, Actor(s.Account.ID), "set up second factor", s.Account.ID, nil); err != nil {
		return nil, err
	}
	return newRecoveryCodes(ctx, tx, s.Account.ID)
}

// newRecoveryCodes replaces the recovery codes of account: 80 bits each.
func newRecoveryCodes(ctx context.Context, tx pgx.Tx, account string) ([]string, error) {
	if _, err := tx.Exec(ctx, `DELETE FROM auth.recovery WHERE account = $1`, account); err != nil {
		return nil, err
	}
	codes := make([]string, recoveryCodes)
	hashes := make([][]byte, recoveryCodes)
	for i := range codes {
		plain := strings.ToLower(rand.Text()[:16])
		hashes[i] = hashOf(plain)
		codes[i] = plain[:4] + "-" + plain[4:8] + "-" + plain[8:12] + "-" + plain[12:]
	}
	_, err := tx.Exec(ctx, `INSERT INTO auth.recovery (account, code) SELECT $1, unnest($2::bytea[])`, account, hashes)
	return codes, err
}

// DropSecondFactor removes the second factor of the session's account after its
// password was typed again. Errors: Forbidden auth.factor_needed for
// administrators, Invalid auth.wrong_old.
func (d *Door) DropSecondFactor(ctx context.Context, s Session, password, address string) error {
	if s.Account.Has(Administrator) {
		return ortsnah.E(ortsnah.Forbidden, "auth.factor_needed")
	}
	if err := d.ownerAgain(ctx, s, password, address); err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, d.DB, func(tx pgx.Tx) error {
		return d.dropFactor(ctx, tx, Actor(s.Account.ID), s.Account.ID)
	})
}

func (d *Door) dropFactor(ctx context.Context, tx pgx.Tx, actor ortsnah.Actor, id string) error {
	if _, err := tx.Exec(ctx, `UPDATE auth.account SET totp = NULL, totp_new = NULL WHERE id = $1`, id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM auth.recovery WHERE account = $1`, id); err != nil {
		return err
	}
	return d.audit(ctx, tx, actor, "drop second factor", id, nil)
}

// Reseal seals the secrets of second factors that an older key sealed with the
// first key of the ring, so that the older one may be thrown away. It returns how
// many it did.
func (d *Door) Reseal(ctx context.Context) (done int, err error) {
	if d.Keys == nil {
		return 0, nil
	}
	prefix := append([]byte(d.Keys.Current()), 0)
	for _, column := range []string{"totp", "totp_new"} {
		n, err := d.reseal(ctx, pgx.Identifier{column}.Sanitize(), prefix)
		if done += n; err != nil {
			return done, err
		}
	}
	return done, nil
}

func (d *Door) reseal(ctx context.Context, column string, prefix []byte) (int, error) {
	rows, err := d.DB.Query(ctx, `SELECT id, `+column+` AS sealed FROM auth.account
		WHERE substring(`+column+` FROM 1 FOR $2) <> $1`, prefix, len(prefix))
	if err != nil {
		return 0, err
	}
	type row struct {
		ID     string
		Sealed []byte
	}
	old, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return 0, err
	}
	for i, r := range old {
		secret, err := d.openSecret(r.ID, r.Sealed)
		if err != nil {
			return i, err
		}
		sealed, err := d.sealSecret(r.ID, secret)
		if err != nil {
			return i, err
		}
		if _, err := d.DB.Exec(ctx, `UPDATE auth.account SET `+column+` = $2 WHERE id = $1 AND `+column+` = $3`, r.ID, sealed, r.Sealed); err != nil {
			return i, err
		}
	}
	return len(old), nil
}

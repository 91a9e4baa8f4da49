package auth

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Attempt is what somebody who wants in has shown.
type Attempt struct {
	Name, Password string
	Address        string // of the client or its network, for throttling only
	Device         string // as Session.Device
}

// known is what signing in needs of an account.
type known struct {
	ID, Name, Password string
	MustChange         bool
	TOTP               []byte
	Roles              []Role
}

// next is the first stage from from on that the account has not passed.
func (k known) next(from Stage, single bool) Stage {
	switch {
	case from == NeedsCode && k.TOTP != nil:
		return NeedsCode
	case from != NeedsEnrol && k.MustChange && !single:
		return NeedsPassword
	case k.TOTP == nil && (Account{Roles: k.Roles}).Has(Administrator):
		return NeedsEnrol
	}
	return Complete
}

// known reads an account that may sign in. Error: Forbidden auth.no_session
// because of pgx.ErrNoRows.
func (d *Door) known(ctx context.Context, db postgis.DB, id string) (known, error) {
	rows, err := db.Query(ctx, `SELECT id, name, password, must_change, totp, roles FROM auth.account WHERE id = $1 AND active`, id)
	if err != nil {
		return known{}, err
	}
	k, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[known])
	if errors.Is(err, pgx.ErrNoRows) {
		err = ortsnah.E(ortsnah.Forbidden, "auth.no_session").Because(err)
	}
	return k, err
}

// SignIn checks name and password and begins a session; stage says what it
// still needs. Errors: Invalid auth.wrong, the same for a wrong name, a wrong
// password and a locked account; *TooMany.
func (d *Door) SignIn(ctx context.Context, a Attempt) (token string, stage Stage, err error) {
	name := signInName(a.Name)
	if err := d.attempt(ctx, gates(name, a.Address)); err != nil {
		return "", "", err
	}
	k, err := d.known(ctx, d.DB, name)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", "", err
	}
	password := a.Password
	if len(password) > 8*LongestPassword {
		password = "" // nobody has one as long; an empty one matches nothing
	}
	ok, old, err := d.matches(ctx, k.Password, password)
	if err != nil {
		return "", "", err
	}
	if !ok {
		return "", "", ortsnah.E(ortsnah.Invalid, "auth.wrong")
	}
	if err := d.succeeded(ctx, name, a.Address); err != nil {
		return "", "", err
	}
	if old {
		if err := d.rehash(ctx, k, password); err != nil {
			return "", "", err
		}
	}
	stage = k.next(NeedsCode, false)
	token, err = d.admit(ctx, k, stage, a.Device)
	return token, stage, err
}

// admit begins a session at stage for an account that has proved who it is.
func (d *Door) admit(ctx context.Context, k known, stage Stage, device string) (token string, err error) {
	err = pgx.BeginFunc(ctx, d.DB, func(tx pgx.Tx) error {
		if token, err = d.open(ctx, tx, k.ID, stage, device); err != nil || stage != Complete {
			return err
		}
		return d.signedIn(ctx, tx, k.ID)
	})
	return token, err
}

// signedIn notes the day and an audit row.
func (d *Door) signedIn(ctx context.Context, tx pgx.Tx, id string) error {
	if _, err := tx.Exec(ctx, `UPDATE auth.account SET last_sign_in = $2 WHERE id = $1`, id, d.Now()); err != nil {
		return err
	}
	return d.audit(ctx, tx, Actor(id), "sign in", id, nil)
}

// rehash brings a password that was hashed with older parameters up to date.
func (d *Door) rehash(ctx context.Context, k known, password string) error {
	phc, err := d.hash(ctx, password)
	if err != nil {
		return err
	}
	_, err = d.DB.Exec(ctx, `UPDATE auth.account SET password = $2 WHERE id = $1 AND password = $3`, k.ID, phc, k.Password)
	return err
}

// SecondFactor takes a session that needs a code a step on: code is six digits
// of the app or a recovery code. Errors: Invalid auth.wrong_code, *TooMany.
func (d *Door) SecondFactor(ctx context.Context, s Session, code, address string) (token string, stage Stage, err error) {
	if s.Stage != NeedsCode {
		return "", "", ortsnah.E(ortsnah.Conflict, "auth.wrong_step")
	}
	name := "code of " + s.Account.ID
	if err := d.attempt(ctx, gates(name, address)); err != nil {
		return "", "", err
	}
	k, err := d.known(ctx, d.DB, s.Account.ID)
	if err != nil {
		return "", "", err
	}
	stage = k.next(NeedsPassword, false)
	err = pgx.BeginFunc(ctx, d.DB, func(tx pgx.Tx) error {
		if err := d.spend(ctx, tx, k, code); err != nil {
			return err
		}
		token, err = d.pass(ctx, tx, s, stage)
		return err
	})
	if err != nil {
		return "", "", err
	}
	return token, stage, d.succeeded(ctx, name, address)
}

// spend uses up a code, or fails.
func (d *Door) spend(ctx context.Context, tx pgx.Tx, k known, code string) error {
	code = strings.ToLower(strings.Join(strings.FieldsFunc(code, func(r rune) bool { return r == ' ' || r == '-' }), ""))
	wrong := ortsnah.E(ortsnah.Invalid, "auth.wrong_code").About("code")
	if len(code) != codeDigits {
		tag, err := tx.Exec(ctx, `DELETE FROM auth.recovery WHERE account = $1 AND code = $2`, k.ID, hashOf(code))
		if err == nil && tag.RowsAffected() == 0 {
			err = wrong
		}
		if err == nil {
			err = d.audit(ctx, tx, Actor(k.ID), "use recovery code", k.ID, nil)
		}
		return err
	}
	secret, err := d.openSecret(k.ID, k.TOTP)
	if err != nil {
		return err
	}
	step, ok := matchingStep(secret, code, d.Now())
	if !ok {
		return wrong
	}
	tag, err := tx.Exec(ctx, `UPDATE auth.account SET totp_step = $2 WHERE id = $1 AND totp_step < $2`, k.ID, step)
	if err == nil && tag.RowsAffected() == 0 {
		err = wrong // somebody has used this code already
	}
	return err
}

// pass takes a session to its next stage, under a new token.
func (d *Door) pass(ctx context.Context, tx pgx.Tx, s Session, stage Stage) (string, error) {
	token, err := d.renew(ctx, tx, s, stage)
	if err == nil && stage == Complete && s.Stage != Complete {
		err = d.signedIn(ctx, tx, s.Account.ID)
	}
	return token, err
}

// SetPassword replaces the password of the session's account and ends its
// other sessions. old is checked but where the stage is NeedsPassword: there it
// was typed a moment ago. Errors: Invalid auth.wrong_old, auth.password_….
func (d *Door) SetPassword(ctx context.Context, s Session, old, fresh, address string) (token string, stage Stage, err error) {
	if s.Stage != NeedsPassword && s.Stage != Complete {
		return "", "", ortsnah.E(ortsnah.Conflict, "auth.wrong_step")
	}
	k, err := d.known(ctx, d.DB, s.Account.ID)
	if err != nil {
		return "", "", err
	}
	if err := CheckPassword(fresh, k.ID, k.Name); err != nil {
		return "", "", err
	}
	if err := d.ownerAgain(ctx, s, old, address); err != nil {
		return "", "", err
	}
	if same, _, err := d.matches(ctx, k.Password, fresh); err != nil || same {
		if same {
			err = ortsnah.E(ortsnah.Invalid, "auth.password_same").About("password")
		}
		return "", "", err
	}
	phc, err := d.hash(ctx, fresh)
	if err != nil {
		return "", "", err
	}
	k.MustChange = false
	stage = k.next(NeedsPassword, false)
	err = pgx.BeginFunc(ctx, d.DB, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE auth.account SET password = $2, must_change = false WHERE id = $1`, k.ID, phc)
		if err != nil {
			return err
		}
		if err := revokeAll(ctx, tx, k.ID, s.ID); err != nil {
			return err
		}
		if err := d.audit(ctx, tx, Actor(k.ID), "change password", k.ID, nil); err != nil {
			return err
		}
		token, err = d.pass(ctx, tx, s, stage)
		return err
	})
	return token, stage, err
}

// ownerAgain is sameOwner for a session that is complete, where the account has
// a password.
func (d *Door) ownerAgain(ctx context.Context, s Session, password, address string) error {
	k, err := d.known(ctx, d.DB, s.Account.ID)
	if err != nil || s.Stage != Complete || k.Password == "" {
		return err
	}
	return d.sameOwner(ctx, k, password, address)
}

// sameOwner asks for the password again before something that matters.
func (d *Door) sameOwner(ctx context.Context, k known, password, address string) error {
	name := "again " + k.ID
	if err := d.attempt(ctx, gates(name, address)); err != nil {
		return err
	}
	ok, _, err := d.matches(ctx, k.Password, password)
	if err != nil {
		return err
	}
	if !ok {
		return ortsnah.E(ortsnah.Invalid, "auth.wrong_old").About("old")
	}
	return d.succeeded(ctx, name, address)
}

// Actor is the actor of audit rows for an account.
func Actor(id string) ortsnah.Actor { return ortsnah.Actor{Role: "staff", Name: id} }

// signInName is how names are compared: people type capitals and blanks.
func signInName(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	if len(name) > 200 {
		name = ""
	}
	return strings.ToValidUTF8(strings.ReplaceAll(name, "\x00", ""), "")
}

// audit writes what happened to the trail that nobody can change.
func (d *Door) audit(ctx context.Context, tx pgx.Tx, actor ortsnah.Actor, action, account string, detail map[string]any) error {
	return booking.Record(ctx, tx, d.Now(), actor, action, "account/"+account, detail)
}

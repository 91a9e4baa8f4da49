package auth

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// CitizenSession is a sign-in of a citizen on one device. It lives as long as
// one of the staff: Idle and Longest.
type CitizenSession struct {
	ID      string // names it in lists; opens nothing
	Device  string // browser and system in two words
	Created time.Time
	Seen    time.Time
	Citizen Citizen
}

// begin makes a session and notes the day.
func (c Citizens) begin(ctx context.Context, tx pgx.Tx, citizen [16]byte, device string) (string, error) {
	token, hash := newToken()
	now := c.door.Now()
	if _, err := tx.Exec(ctx, `UPDATE auth.citizen SET last_sign_in = $2 WHERE id = $1`, citizen, now); err != nil {
		return "", err
	}
	_, err := tx.Exec(ctx, `INSERT INTO auth.citizen_session (token, id, citizen, device, created, seen, ends)
		VALUES (@token, @id, @citizen, @device, @now, @now, @ends)`,
		pgx.NamedArgs{"token": hash, "id": rand.Text()[:12], "citizen": citizen, "device": device, "now": now, "ends": now.Add(Longest)})
	return token, err
}

type citizenRow struct {
	ID, Device           string
	Created, Seen        time.Time
	Citizen              [16]byte
	KeyID                string
	Sealed               []byte
	Opened, LastSignedIn time.Time
}

const citizenSessions = `SELECT s.id, s.device, s.created, s.seen, c.id AS citizen, c.key_id, c.sealed,
		c.created AS opened, c.last_sign_in AS last_signed_in
	FROM auth.citizen_session s JOIN auth.citizen c ON c.id = s.citizen
	WHERE s.ends > @now AND s.seen > @idle AND `

// sessions are the living sessions that fulfil a condition.
func (c Citizens) sessions(ctx context.Context, condition string, args pgx.NamedArgs) ([]CitizenSession, error) {
	now := c.door.Now()
	args["now"], args["idle"] = now, now.Add(-Idle)
	rows, err := c.door.DB.Query(ctx, citizenSessions+condition+` ORDER BY s.created DESC, s.id`, args)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[citizenRow])
	if err != nil {
		return nil, err
	}
	all := make([]CitizenSession, len(list))
	for i, r := range list {
		plain, err := c.door.Keys.Open(r.KeyID, r.Sealed, r.Citizen[:])
		if err != nil {
			return nil, err
		}
		all[i] = CitizenSession{ID: r.ID, Device: r.Device, Created: r.Created, Seen: r.Seen,
			Citizen: Citizen{ID: r.Citizen, Created: r.Opened, LastSignIn: r.LastSignedIn}}
		if err := json.Unmarshal(plain, &all[i].Citizen.Details); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Session finds the session that token opens and notes that it is alive.
// Error: Forbidden auth.no_session when there is none or it has ended.
func (c Citizens) Session(ctx context.Context, token string) (CitizenSession, error) {
	none := ortsnah.E(ortsnah.Forbidden, "auth.no_session")
	if c.ready() != nil || len(token) != 43 {
		return CitizenSession{}, none
	}
	found, err := c.sessions(ctx, `s.token = @token`, pgx.NamedArgs{"token": hashOf(token)})
	if err != nil {
		return CitizenSession{}, err
	}
	if len(found) == 0 {
		return CitizenSession{}, none
	}
	now := c.door.Now()
	if now.Sub(found[0].Seen) > time.Minute { // not a write for every request
		_, err = c.door.DB.Exec(ctx, `UPDATE auth.citizen_session SET seen = $2 WHERE token = $1`, hashOf(token), now)
	}
	return found[0], err
}

// Sessions lists the living sessions of an account, the newest first.
func (c Citizens) Sessions(ctx context.Context, citizen [16]byte) ([]CitizenSession, error) {
	return c.sessions(ctx, `c.id = @citizen`, pgx.NamedArgs{"citizen": citizen})
}

// SignOut ends the session that token opens, if there is one.
func (c Citizens) SignOut(ctx context.Context, token string) error {
	_, err := c.door.DB.Exec(ctx, `DELETE FROM auth.citizen_session WHERE token = $1`, hashOf(token))
	return err
}

// SignOutEverywhere ends all sessions of an account, this one, too.
func (c Citizens) SignOutEverywhere(ctx context.Context, citizen [16]byte) error {
	return endCitizenSessions(ctx, c.door.DB, citizen)
}

func endCitizenSessions(ctx context.Context, db postgis.DB, citizen [16]byte) error {
	_, err := db.Exec(ctx, `DELETE FROM auth.citizen_session WHERE citizen = $1`, citizen)
	return err
}

// again asks for the password again before something that matters. Errors:
// Invalid auth.citizen_old, *TooMany.
func (c Citizens) again(ctx context.Context, s CitizenSession, password, address string) error {
	name, err := c.throttled(ctx, "again "+s.Citizen.Email)
	if err != nil {
		return err
	}
	if err := c.door.attempt(ctx, gates(name, address)); err != nil {
		return err
	}
	proofs, err := c.proofs(ctx, s.Citizen.Email, password)
	if err != nil {
		return err
	}
	id, found, err := findCitizen(ctx, c.door.DB, proofs)
	if err != nil {
		return err
	}
	if !found || id != s.Citizen.ID {
		return ortsnah.E(ortsnah.Invalid, "auth.citizen_old").About("old")
	}
	return c.door.succeeded(ctx, name, address)
}

// SetPassword replaces the password, ends all sessions and begins a new one.
// Errors: Invalid auth.citizen_old, auth.password_…; *TooMany.
func (c Citizens) SetPassword(ctx context.Context, s CitizenSession, old, fresh, address string) (token string, err error) {
	if err := c.checkPassword(fresh, s.Citizen.Email); err != nil {
		return "", err
	}
	if err := c.again(ctx, s, old, address); err != nil {
		return "", err
	}
	if old == fresh {
		return "", ortsnah.E(ortsnah.Invalid, "auth.password_same").About("fresh")
	}
	return c.become(ctx, s, s.Citizen.Details, fresh)
}

// SetEmail replaces the address that one signs in with, ends all sessions and
// begins a new one. Errors: Invalid auth.citizen_old, auth.citizen_email,
// auth.password_name; *TooMany.
func (c Citizens) SetEmail(ctx context.Context, s CitizenSession, email, password, address string) (token string, err error) {
	d := s.Citizen.Details
	if d.Email, err = Address(email); err != nil {
		return "", err
	}
	if err := c.again(ctx, s, password, address); err != nil {
		return "", err
	}
	if err := c.checkPassword(password, d.Email); err != nil {
		return "", err
	}
	return c.become(ctx, s, d, password)
}

// become gives an account new details and a new password. The same address
// with the same password may be another account already; then it stays as it
// is. Error: Invalid
// auth.citizen_other_password.
func (c Citizens) become(ctx context.Context, s CitizenSession, d Details, password string) (token string, err error) {
	proofs, err := c.proofs(ctx, d.Email, password)
	if err != nil {
		return "", err
	}
	key, sealed, err := c.seal(s.Citizen.ID, d)
	if err != nil {
		return "", err
	}
	err = pgx.BeginFunc(ctx, c.door.DB, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE auth.citizen SET proof = @proof, key_id = @key, sealed = @sealed WHERE id = @id`,
			pgx.NamedArgs{"id": s.Citizen.ID, "proof": proofs[0], "key": key, "sealed": sealed})
		if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.ConstraintName == "citizen_proof_is_unique" {
			return ortsnah.E(ortsnah.Invalid, "auth.citizen_other_password").About("fresh")
		}
		if err == nil && tag.RowsAffected() == 0 {
			err = ortsnah.E(ortsnah.Forbidden, "auth.no_session") // deleted a moment ago
		}
		if err != nil {
			return err
		}
		if err := endCitizenSessions(ctx, tx, s.Citizen.ID); err != nil {
			return err
		}
		token, err = c.begin(ctx, tx, s.Citizen.ID, s.Device)
		return err
	})
	return token, err
}

// SetDetails keeps surname and whether forms are filled in; the address stays.
// Error: Invalid auth.citizen_surname.
func (c Citizens) SetDetails(ctx context.Context, s CitizenSession, surname string, fill bool) error {
	if len([]rune(surname)) > 100 {
		return ortsnah.E(ortsnah.Invalid, "auth.citizen_surname", "max", 100).About("surname")
	}
	key, sealed, err := c.seal(s.Citizen.ID, Details{Email: s.Citizen.Email, Surname: surname, Fill: fill})
	if err != nil {
		return err
	}
	_, err = c.door.DB.Exec(ctx, `UPDATE auth.citizen SET key_id = $2, sealed = $3 WHERE id = $1`, s.Citizen.ID, key, sealed)
	return err
}

// Delete removes an account with all it has. Its appointments stay; reference
// and code open them. Errors: Invalid auth.citizen_old, *TooMany.
func (c Citizens) Delete(ctx context.Context, s CitizenSession, password, address string) error {
	if err := c.again(ctx, s, password, address); err != nil {
		return err
	}
	_, err := c.door.DB.Exec(ctx, `DELETE FROM auth.citizen WHERE id = $1`, s.Citizen.ID)
	return err
}

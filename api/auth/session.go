package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// How long a session lives.
const (
	Idle     = 30 * time.Minute // without a request
	Longest  = 12 * time.Hour   // in any case
	StepTime = 10 * time.Minute // for the steps of signing in
)

// Stage is what a session still needs before it opens anything.
type Stage string

// The stages, in the order in which they are passed.
const (
	NeedsCode     Stage = "code"     // the second factor
	NeedsPassword Stage = "password" // a password of one's own instead of the one given out
	NeedsEnrol    Stage = "enrol"    // a second factor, which the role asks for
	Complete      Stage = "complete"
)

// Session is a sign-in of an account on one device.
type Session struct {
	ID      string // names it in lists; opens nothing
	Stage   Stage
	Device  string // browser and system in two words
	Created time.Time
	Seen    time.Time
	Account Account
}

// newToken is a random secret of 256 bits and what the database keeps of it.
func newToken() (token string, hash []byte) {
	var raw [32]byte
	rand.Read(raw[:]) // never fails (crypto/rand)
	token = base64.RawURLEncoding.EncodeToString(raw[:])
	return token, hashOf(token)
}

func hashOf(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// open begins a session of account at stage and returns its token.
func (d *Door) open(ctx context.Context, db postgis.DB, account string, stage Stage, device string) (string, error) {
	token, hash := newToken()
	now, life := d.Now(), Longest
	if stage != Complete {
		life = StepTime
	}
	_, err := db.Exec(ctx, `INSERT INTO auth.session (token, id, account, stage, device, created, seen, ends)
		VALUES (@token, @id, @account, @stage, @device, @now, @now, @ends)`,
		pgx.NamedArgs{"token": hash, "id": rand.Text()[:12], "account": account, "stage": string(stage),
			"device": device, "now": now, "ends": now.Add(life)})
	return token, err
}

// renew takes a session to stage under a new token. The old token opens
// nothing any more.
func (d *Door) renew(ctx context.Context, db postgis.DB, s Session, stage Stage) (string, error) {
	tag, err := db.Exec(ctx, `DELETE FROM auth.session WHERE id = $1`, s.ID)
	if err == nil && tag.RowsAffected() == 0 {
		err = ortsnah.E(ortsnah.Forbidden, "auth.no_session") // ended, or renewed, a moment ago
	}
	if err != nil {
		return "", err
	}
	return d.open(ctx, db, s.Account.ID, stage, s.Device)
}

// Session finds the session that token opens and notes that it is alive.
// Error: Forbidden auth.no_session when there is none, it has ended, or its
// account was locked.
func (d *Door) Session(ctx context.Context, token string) (Session, error) {
	none := ortsnah.E(ortsnah.Forbidden, "auth.no_session")
	if len(token) != 43 {
		return Session{}, none
	}
	now := d.Now()
	rows, err := d.DB.Query(ctx, `SELECT s.id, s.stage, s.device, s.created, s.seen, a.id AS account, a.name, a.roles,
			coalesce(a.clerk, 0) AS clerk, coalesce(a.office, '') AS office, coalesce(a.site, '') AS site
		FROM auth.session s JOIN auth.account a ON a.id = s.account
		WHERE s.token = @token AND s.ends > @now AND s.seen > @idle AND a.active`,
		pgx.NamedArgs{"token": hashOf(token), "now": now, "idle": now.Add(-Idle)})
	if err != nil {
		return Session{}, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[sessionRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return Session{}, none
	}
	if err != nil {
		return Session{}, err
	}
	if now.Sub(row.Seen) > time.Minute { // not a write for every request
		_, err = d.DB.Exec(ctx, `UPDATE auth.session SET seen = $2 WHERE token = $1`, hashOf(token), now)
	}
	return row.session(), err
}

type sessionRow struct {
	ID, Stage, Device string
	Created, Seen     time.Time
	Account, Name     string
	Roles             []Role
	Clerk             int
	Office, Site      string
}

func (r sessionRow) session() Session {
	return Session{ID: r.ID, Stage: Stage(r.Stage), Device: r.Device, Created: r.Created, Seen: r.Seen,
		Account: Account{ID: r.Account, Name: r.Name, Roles: r.Roles, Clerk: r.Clerk, Office: r.Office, Site: r.Site}}
}

// SignOut ends the session that token opens, if there is one.
func (d *Door) SignOut(ctx context.Context, token string) error {
	_, err := d.DB.Exec(ctx, `DELETE FROM auth.session WHERE token = $1`, hashOf(token))
	return err
}

// Sessions lists the living sessions of an account, the newest first.
func (d *Door) Sessions(ctx context.Context, account string) ([]Session, error) {
	now := d.Now()
	rows, err := d.DB.Query(ctx, `SELECT s.id, s.stage, s.device, s.created, s.seen, a.id AS account, a.name, a.roles,
			coalesce(a.clerk, 0) AS clerk, coalesce(a.office, '') AS office, coalesce(a.site, '') AS site
		FROM auth.session s JOIN auth.account a ON a.id = s.account
		WHERE a.id = @account AND s.ends > @now AND s.seen > @idle AND s.stage = 'complete' ORDER BY s.created DESC, s.id`,
		pgx.NamedArgs{"account": account, "now": now, "idle": now.Add(-Idle)})
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[sessionRow])
	sessions := make([]Session, len(list))
	for i, r := range list {
		sessions[i] = r.session()
	}
	return sessions, err
}

// Revoke ends a session of account by its id. Error: NotFound auth.no_such_session.
func (d *Door) Revoke(ctx context.Context, account, id string) error {
	tag, err := d.DB.Exec(ctx, `DELETE FROM auth.session WHERE id = $1 AND account = $2`, id, account)
	if err == nil && tag.RowsAffected() == 0 {
		err = ortsnah.E(ortsnah.NotFound, "auth.no_such_session")
	}
	return err
}

// revokeAll ends every session of account but the one called except.
func revokeAll(ctx context.Context, db postgis.DB, account, except string) error {
	_, err := db.Exec(ctx, `DELETE FROM auth.session WHERE account = $1 AND id <> $2`, account, except)
	return err
}

// Sweep removes what has ended: sessions, old failures, sign-ins that never
// came back from the provider. What has ended opens nothing without it, too.
func (d *Door) Sweep(ctx context.Context) error {
	now := d.Now()
	batch := &pgx.Batch{}
	batch.Queue(`DELETE FROM auth.session WHERE ends <= $1 OR seen <= $2`, now, now.Add(-Idle))
	batch.Queue(`DELETE FROM auth.throttle WHERE last < $1 AND until < $2`, now.Add(-forgetFailures), now)
	batch.Queue(`DELETE FROM auth.handshake WHERE ends < $1`, now)
	return d.DB.SendBatch(ctx, batch).Close()
}

package booking

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
)

const (
	keptAnswer = 24 * time.Hour // so long an answer is given again
	keyLease   = time.Minute    // so long an instance may work on one; then it is thought to have died
	keyPoll    = 20 * time.Millisecond
)

// Idempotent runs do once per key: whoever comes again within 24 hours with
// the same key and request gets the first answer (S24); who comes while it is
// being made waits for it. Only answers below 500 are kept, sealed: they hold
// tokens. key has 16 to 255 characters, so that no two clients think of the
// same one; request is all that makes up the request.
//
// The key is a row, not a lock: a lock would need a connection while do needs
// another, and a pool of waiting clients would never get done. Errors: Invalid
// booking.bad_key, Conflict booking.key_reused for another request with the
// same key, and those of do.
func (c *Reception) Idempotent(ctx context.Context, key string, request []byte,
	do func(ctx context.Context) (status int, body []byte, err error)) (status int, body []byte, err error) {
	if !plain(key, 255) || len(key) < 16 {
		return 0, nil, ortsnah.E(ortsnah.Invalid, "booking.bad_key").About("Idempotency-Key")
	}
	k := idempotencyKey{hash: sha256.Sum256([]byte(key)), request: sha256.Sum256(request)}
	for {
		mine, err := c.take(ctx, k)
		if err != nil {
			return 0, nil, err
		}
		if mine {
			return c.answer(ctx, k, do)
		}
		status, body, err := c.kept(ctx, k)
		if !errors.Is(err, pgx.ErrNoRows) {
			return status, body, err
		}
		select {
		case <-ctx.Done():
			return 0, nil, ortsnah.E(ortsnah.Unavailable, "booking.key_busy").Because(ctx.Err())
		case <-time.After(keyPoll):
		}
	}
}

type idempotencyKey struct{ hash, request [32]byte }

// take makes the key this caller's; one whose owner has died or whose answer
// is too old is taken over.
func (c *Reception) take(ctx context.Context, k idempotencyKey) (bool, error) {
	tag, err := c.DB.Exec(ctx, `INSERT INTO booking.idempotency AS i (key_hash, request_hash, status, key_id, sealed, created_at)
		VALUES (@key, @request, 0, '', '', @now)
		ON CONFLICT (key_hash) DO UPDATE SET request_hash = @request, status = 0, key_id = '', sealed = '', created_at = @now
		WHERE i.created_at <= CASE i.status WHEN 0 THEN @dead::timestamptz ELSE @old::timestamptz END`,
		pgx.NamedArgs{"key": k.hash[:], "request": k.request[:], "now": c.Now(), "dead": c.Now().Add(-keyLease), "old": c.Now().Add(-keptAnswer)})
	return err == nil && tag.RowsAffected() == 1, err
}

// kept is the first answer; pgx.ErrNoRows while it is not there.
func (c *Reception) kept(ctx context.Context, k idempotencyKey) (status int, body []byte, err error) {
	var request, sealed []byte
	var keyID string
	err = c.DB.QueryRow(ctx, `SELECT request_hash, status, key_id, sealed FROM booking.idempotency WHERE key_hash = $1`, k.hash[:]).
		Scan(&request, &status, &keyID, &sealed)
	if err != nil {
		return 0, nil, err
	}
	if subtle.ConstantTimeCompare(request, k.request[:]) == 0 {
		return 0, nil, ortsnah.E(ortsnah.Conflict, "booking.key_reused").About("Idempotency-Key")
	}
	if status == 0 {
		return 0, nil, pgx.ErrNoRows
	}
	body, err = c.Keys.Open(keyID, sealed, k.hash[:])
	return status, body, err
}

// answer runs do and keeps what it says, or gives the key back.
func (c *Reception) answer(ctx context.Context, k idempotencyKey,
	do func(ctx context.Context) (status int, body []byte, err error)) (status int, body []byte, err error) {
	keep := false
	defer func() { // also when do panics
		if !keep {
			c.DB.Exec(context.WithoutCancel(ctx), `DELETE FROM booking.idempotency WHERE key_hash = $1 AND status = 0`, k.hash[:])
		}
	}()
	status, body, err = do(ctx)
	if err != nil || status >= 500 {
		return status, body, err
	}
	keyID, sealed := c.Keys.Seal(body, k.hash[:])
	_, err = c.DB.Exec(context.WithoutCancel(ctx), `UPDATE booking.idempotency SET status = @status, key_id = @key_id, sealed = @sealed WHERE key_hash = @key`,
		pgx.NamedArgs{"key": k.hash[:], "status": status, "key_id": keyID, "sealed": sealed})
	keep = err == nil
	return status, body, err
}

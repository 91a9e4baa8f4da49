package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// ProofKey is the key with which proofs of work are signed, the same on every
// instance.
func ProofKey(ctx context.Context, db postgis.DB) (key []byte, err error) {
	err = db.QueryRow(ctx, `SELECT key FROM booking.proof_key`).Scan(&key)
	return key, err
}

// SpendProof notes that the proof named hash has been used; first is false
// when it was used before. Proofs that have expired by now are forgotten:
// they are refused anyway.
func SpendProof(ctx context.Context, db postgis.DB, hash [32]byte, expires, now time.Time) (first bool, err error) {
	tag, err := db.Exec(ctx, `WITH old AS (DELETE FROM booking.proof WHERE expires <= @now AND hash <> @hash)
		INSERT INTO booking.proof (hash, expires) VALUES (@hash, @expires) ON CONFLICT DO NOTHING`,
		pgx.NamedArgs{"hash": hash[:], "expires": expires, "now": now})
	if err != nil {
		return false, err
	}
	return tag.RowsAffected() == 1, nil
}

package auth

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
)

// How many attempts may fail before the next one has to wait. Who guesses from
// one address waits soon and does not lock the owner of the account out, who
// comes from another; a town hall behind one address still gets in.
const (
	freeHere    = 5   // one name from one address
	freeName    = 30  // one name from anywhere
	freeAddress = 100 // one address, any name
)

const (
	firstWait      = 30 * time.Second // doubles with every further failure
	longestWait    = 15 * time.Minute
	forgetFailures = 24 * time.Hour
)

// gate is one counter of failures.
type gate struct {
	key  []byte
	free int
}

// gates are the counters of an attempt, in the order in which they are locked.
func gates(name, address string) []gate {
	all := []gate{
		{hashOf("name and address\x00" + name + "\x00" + address), freeHere},
		{hashOf("name\x00" + name), freeName},
		{hashOf("address\x00" + address), freeAddress},
	}
	slices.SortFunc(all, func(a, b gate) int { return bytes.Compare(a.key, b.key) })
	return all
}

// attempt counts an attempt as failed before it is looked at; succeeded takes
// it back. Error: *TooMany with the minutes to wait.
func (d *Door) attempt(ctx context.Context, all []gate) error {
	now := d.Now()
	var wait time.Duration
	err := pgx.BeginFunc(ctx, d.DB, func(tx pgx.Tx) error {
		for _, g := range all {
			var failures int
			var last, until time.Time
			err := tx.QueryRow(ctx, `INSERT INTO auth.throttle AS t (key, failures, last, until) VALUES (@key, 0, @now, @now)
				ON CONFLICT (key) DO UPDATE SET failures = CASE WHEN t.last < @old THEN 0 ELSE t.failures END
				RETURNING failures, last, until`,
				pgx.NamedArgs{"key": g.key, "now": now, "old": now.Add(-forgetFailures)}).Scan(&failures, &last, &until)
			if err != nil {
				return err
			}
			wait = max(wait, min(until.Sub(now), longestWait)) // a clock set back locks nobody out
			_, err = tx.Exec(ctx, `UPDATE auth.throttle SET failures = @n, last = @now, until = @until WHERE key = @key`,
				pgx.NamedArgs{"key": g.key, "n": failures + 1, "now": now, "until": now.Add(pause(failures+1, g.free))})
			if err != nil {
				return err
			}
		}
		if wait > 0 {
			return errWait // whoever has to wait is not counted again
		}
		return nil
	})
	if errors.Is(err, errWait) {
		return &TooMany{After: wait}
	}
	return err
}

var errWait = errors.New("an attempt has to wait")

// pause is how long the next attempt has to wait after so many failures.
func pause(failures, free int) time.Duration {
	if failures < free {
		return 0
	}
	return min(firstWait<<min(failures-free, 10), longestWait)
}

// succeeded forgets the failures of a name and takes the attempt of its
// address back.
func (d *Door) succeeded(ctx context.Context, name, address string) error {
	batch := &pgx.Batch{}
	for _, g := range gates(name, address) {
		if g.free == freeAddress {
			batch.Queue(`UPDATE auth.throttle SET failures = greatest(failures - 1, 0), until = least(until, $2) WHERE key = $1`, g.key, d.Now())
			continue
		}
		batch.Queue(`DELETE FROM auth.throttle WHERE key = $1`, g.key)
	}
	return d.DB.SendBatch(ctx, batch).Close()
}

// TooMany is the error of an attempt that comes too soon after failed ones.
type TooMany struct{ After time.Duration }

// Error is the text for logs.
func (e *TooMany) Error() string { return e.Unwrap().Error() }

// Unwrap gives the sentence: auth.too_many.
func (e *TooMany) Unwrap() error {
	return ortsnah.E(ortsnah.TooMany, "auth.too_many", "n", int((e.After+time.Minute-1)/time.Minute))
}

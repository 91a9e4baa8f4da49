package auth

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// CitizenMonths is how many months an account stays that nobody signs in to.
const CitizenMonths = 24

// Sweep removes what has had its time: accounts that nobody has signed in to
// for 24 months, sessions that have ended, and appointments whose personal
// data is erased by now (booking.Reception.Erase). It returns how many accounts
// went.
func (c Citizens) Sweep(ctx context.Context) (accounts int, err error) {
	now := c.door.Now()
	tag, err := c.door.DB.Exec(ctx, `DELETE FROM auth.citizen WHERE last_sign_in < $1`, now.AddDate(0, -CitizenMonths, 0))
	if err != nil {
		return 0, err
	}
	batch := &pgx.Batch{}
	batch.Queue(`DELETE FROM auth.citizen_session WHERE ends <= $1 OR seen <= $2`, now, now.Add(-Idle))
	batch.Queue(`DELETE FROM auth.citizen_appointment l USING booking.appointment a, booking.setting s
		WHERE a.id = l.appointment AND (a.ends AT TIME ZONE a.zone)::date + s.erase_days <= ($1::timestamptz AT TIME ZONE a.zone)::date`, now)
	return int(tag.RowsAffected()), c.door.DB.SendBatch(ctx, batch).Close()
}

// Reseal seals what an older key sealed with the first key of the ring, so that
// the older one may be thrown away. It returns how many rows it did.
func (c Citizens) Reseal(ctx context.Context) (done int, err error) {
	if c.ready() != nil {
		return 0, nil
	}
	for _, t := range []struct{ table, context string }{
		{"auth.citizen_key", `convert_to('` + citizenKeyContext + `', 'UTF8')`},
		{"auth.citizen", `uuid_send(id)`},
		{"auth.citizen_appointment", `uuid_send(citizen) || convert_to(appointment, 'UTF8')`},
	} {
		n, err := c.reseal(ctx, t.table, t.context)
		if done += n; err != nil {
			return done, err
		}
	}
	return done, nil
}

// reseal does one table. context is the SQL of what a row's seal is bound to.
func (c Citizens) reseal(ctx context.Context, table, context string) (int, error) {
	keys := c.door.Keys
	rows, err := c.door.DB.Query(ctx, `SELECT key_id, sealed, `+context+` AS context FROM `+table+` WHERE key_id <> $1`, keys.Current())
	if err != nil {
		return 0, err
	}
	type row struct {
		KeyID           string
		Sealed, Context []byte
	}
	old, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return 0, err
	}
	for i, r := range old {
		plain, err := keys.Open(r.KeyID, r.Sealed, r.Context)
		if err != nil {
			return i, err
		}
		key, sealed := keys.Seal(plain, r.Context)
		// What somebody has written meanwhile stays: a seal never occurs twice.
		_, err = c.door.DB.Exec(ctx, `UPDATE `+table+` SET key_id = $1, sealed = $2 WHERE sealed = $3`, key, sealed, r.Sealed)
		if err != nil {
			return i, err
		}
	}
	return len(old), nil
}

package auth

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
)

// mostLinks bounds how many appointments one account opens.
const mostLinks = 100

// Link is an appointment that an account opens: reference and code.
type Link struct {
	Appointment string
	Code        string
}

// linkContext binds a sealed code to its row.
func linkContext(citizen [16]byte, appointment string) []byte {
	return append(citizen[:], appointment...)
}

// Link lets an account open an appointment, whose code must have been checked
// before. Error: Conflict auth.citizen_full.
func (c Citizens) Link(ctx context.Context, citizen [16]byte, l Link) error {
	key, sealed := c.door.Keys.Seal([]byte(l.Code), linkContext(citizen, l.Appointment))
	tag, err := c.door.DB.Exec(ctx, `INSERT INTO auth.citizen_appointment (citizen, appointment, key_id, sealed)
		SELECT @citizen, @appointment, @key, @sealed
		WHERE (SELECT count(*) FROM auth.citizen_appointment WHERE citizen = @citizen AND appointment <> @appointment) < @most
		ON CONFLICT (citizen, appointment) DO UPDATE SET key_id = excluded.key_id, sealed = excluded.sealed`,
		pgx.NamedArgs{"citizen": citizen, "appointment": l.Appointment, "key": key, "sealed": sealed, "most": mostLinks})
	if err == nil && tag.RowsAffected() == 0 {
		err = ortsnah.E(ortsnah.Conflict, "auth.citizen_full", "n", mostLinks)
	}
	return err
}

// Unlink takes an appointment out of an account; the appointment stays.
func (c Citizens) Unlink(ctx context.Context, citizen [16]byte, appointment string) error {
	_, err := c.door.DB.Exec(ctx, `DELETE FROM auth.citizen_appointment WHERE citizen = $1 AND appointment = $2`, citizen, appointment)
	return err
}

// Links are the appointments that an account opens.
func (c Citizens) Links(ctx context.Context, citizen [16]byte) ([]Link, error) {
	rows, err := c.door.DB.Query(ctx, `SELECT appointment, key_id, sealed FROM auth.citizen_appointment
		WHERE citizen = $1 ORDER BY appointment`, citizen)
	if err != nil {
		return nil, err
	}
	type row struct {
		Appointment string
		KeyID       string
		Sealed      []byte
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return nil, err
	}
	links := make([]Link, len(list))
	for i, r := range list {
		code, err := c.door.Keys.Open(r.KeyID, r.Sealed, linkContext(citizen, r.Appointment))
		if err != nil {
			return nil, err
		}
		links[i] = Link{r.Appointment, string(code)}
	}
	return links, nil
}

// Code is the code of an appointment that the session of token opens; "" when
// it opens no such appointment, or nothing at all.
func (c Citizens) Code(ctx context.Context, token, appointment string) (string, error) {
	session, err := c.Session(ctx, token)
	if ortsnah.KindOf(err) == ortsnah.Forbidden && err != nil {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var r sealedText
	err = c.door.DB.QueryRow(ctx, `SELECT key_id, sealed FROM auth.citizen_appointment WHERE citizen = $1 AND appointment = $2`,
		session.Citizen.ID, appointment).Scan(&r.KeyID, &r.Sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	code, err := c.door.Keys.Open(r.KeyID, r.Sealed, linkContext(session.Citizen.ID, appointment))
	return string(code), err
}

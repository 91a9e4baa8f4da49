package booking

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
)

// queuePerson adds who comes, sealed, with the day on which the row goes.
func (c *Reception) queuePerson(b *pgx.Batch, appointment string, p Person) error {
	plain, err := json.Marshal(p)
	if err != nil {
		return err
	}
	id := randomUUID()
	key, sealed := c.Keys.Seal(plain, id[:])
	b.Queue(`INSERT INTO booking.person (id, appointment, key_id, sealed, erase_on)
		SELECT @row, a.id, @key, @sealed, (a.ends AT TIME ZONE a.zone)::date + (SELECT erase_days FROM booking.setting)
		FROM booking.appointment a WHERE a.id = @id`,
		pgx.NamedArgs{"row": id, "id": appointment, "key": key, "sealed": sealed})
	return nil
}

// randomUUID is a UUID of version 4 (RFC 9562, section 5.4).
func randomUUID() (id [16]byte) {
	rand.Read(id[:])
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return id
}

// Person decrypts who comes, for the citizen or for staff. Errors: NotFound
// booking.no_appointment; NotFound booking.no_person when nobody was named or
// the data has been erased.
func (c *Reception) Person(ctx context.Context, id string, by By) (Person, error) {
	a, err := find(ctx, c.DB, id, by)
	if err != nil {
		return Person{}, err
	}
	people, err := c.People(ctx, a.ID)
	if err != nil {
		return Person{}, err
	}
	p, ok := people[a.ID]
	if !ok {
		return Person{}, ortsnah.E(ortsnah.NotFound, "booking.no_person")
	}
	return p, nil
}

// People decrypts who comes to several appointments, by their ids: for the
// lists of the staff. It does not ask who wants to know.
func (c *Reception) People(ctx context.Context, appointments ...string) (map[string]Person, error) {
	rows, err := c.DB.Query(ctx, `SELECT appointment, id, key_id, sealed FROM booking.person WHERE appointment = ANY ($1)`, appointments)
	if err != nil {
		return nil, err
	}
	people := make(map[string]Person, len(appointments))
	var appointment, key string
	var id [16]byte
	var sealed []byte
	_, err = pgx.ForEachRow(rows, []any{&appointment, &id, &key, &sealed}, func() error {
		p, err := c.openPerson(id, key, sealed)
		people[appointment] = p
		return err
	})
	return people, err
}

func (c *Reception) openPerson(id [16]byte, key string, sealed []byte) (p Person, err error) {
	plain, err := c.Keys.Open(key, sealed, id[:])
	if err != nil {
		return Person{}, err
	}
	return p, json.Unmarshal(plain, &p)
}

// Reseal seals up to limit rows of older keys with the newest one and returns
// how many it found; 0: the older keys are no longer needed for persons.
func (c *Reception) Reseal(ctx context.Context, limit int) (int, error) {
	rows, err := c.DB.Query(ctx, `SELECT id, key_id, sealed FROM booking.person WHERE key_id <> $1 ORDER BY id LIMIT $2`, c.Keys.Current(), limit)
	if err != nil {
		return 0, err
	}
	type row struct {
		ID     [16]byte
		KeyID  string
		Sealed []byte
	}
	old, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return 0, err
	}
	var failed []error
	for _, r := range old {
		plain, err := c.Keys.Open(r.KeyID, r.Sealed, r.ID[:])
		if err != nil {
			failed = append(failed, err)
			continue
		}
		key, sealed := c.Keys.Seal(plain, r.ID[:])
		// Only what is still what was read: the row may have gone or changed.
		if _, err := c.DB.Exec(ctx, `UPDATE booking.person SET key_id = @key, sealed = @sealed WHERE id = @id AND key_id = @old`,
			pgx.NamedArgs{"id": r.ID, "key": key, "sealed": sealed, "old": r.KeyID}); err != nil {
			return 0, err
		}
	}
	return len(old), errors.Join(failed...)
}

// CheckKeys opens one person of each key: a program with the wrong key file
// must not begin to seal with it. Error: Invalid booking.other_keys.
func (c *Reception) CheckKeys(ctx context.Context) error {
	rows, err := c.DB.Query(ctx, `SELECT DISTINCT ON (key_id) id, key_id, sealed FROM booking.person ORDER BY key_id`)
	if err != nil {
		return err
	}
	var id [16]byte
	var key string
	var sealed []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &key, &sealed}, func() error {
		if _, err := c.openPerson(id, key, sealed); err != nil {
			return ortsnah.E(ortsnah.Invalid, "booking.other_keys").About("keys").Because(err)
		}
		return nil
	})
	return err
}

package auth

import (
	"runtime"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ortsnah/ortsnah/booking/seal"
)

// Door lets members of the staff in. Make one with NewDoor; it is safe for
// concurrent use.
type Door struct {
	DB   *pgxpool.Pool // owner of the schemas
	Keys *seal.Keyring // seals secrets of second factors; nil: nobody can set one up
	Now  func() time.Time
	OIDC *Provider // single sign-on; nil: none

	working chan struct{} // bounds hashes at once: each takes 64 MiB
}

// NewDoor returns a door over db.
func NewDoor(db *pgxpool.Pool, keys *seal.Keyring, now func() time.Time) *Door {
	return &Door{DB: db, Keys: keys, Now: now, working: make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))}
}

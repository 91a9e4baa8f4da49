package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// AuditEntry says which member of the staff did what. It never holds personal
// data of citizens: the object names the row, "appointment/<id>".
type AuditEntry struct {
	ID     int64
	At     time.Time
	Actor  string // ortsnah.Actor: "staff:<account>"
	Action string // verb: "book", "cancel", "release.change"
	Object string // what it was done to: "appointment/<id>", "release/<id>"
	Detail map[string]any
}

// Audit returns the trail of an object ("" all), the newest first, at most
// limit entries.
func Audit(ctx context.Context, db postgis.DB, object string, limit int) ([]AuditEntry, error) {
	rows, err := db.Query(ctx, `SELECT id, at, actor, action, object, detail FROM booking.audit
		WHERE @object = '' OR object = @object ORDER BY id DESC LIMIT @limit`, pgx.NamedArgs{"object": object, "limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[AuditEntry])
}

// Record adds an entry to the trail in the transaction of the change itself:
// for verbs of other rooms, such as accounts. detail must not name citizens.
func Record(ctx context.Context, tx pgx.Tx, now time.Time, actor ortsnah.Actor, action, object string, detail map[string]any) error {
	return audit(ctx, tx, now, actor, action, object, detail)
}

// audit adds an entry; every verb of the staff calls it. The database refuses
// to change or delete one.
func audit(ctx context.Context, tx pgx.Tx, now time.Time, actor ortsnah.Actor, action, object string, detail map[string]any) error {
	if detail == nil {
		detail = map[string]any{}
	}
	_, err := tx.Exec(ctx, `INSERT INTO booking.audit (at, actor, action, object, detail) VALUES (@at, @actor, @action, @object, @detail)`,
		pgx.NamedArgs{"at": now, "actor": actor.String(), "action": action, "object": object, "detail": detail})
	return err
}

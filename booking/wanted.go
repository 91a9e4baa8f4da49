package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah/geo/postgis"
)

// fewest is how many appointments must stand behind a public statement, so
// that nobody can tell from it what a single person came for.
const fewest = 3

// Wanted returns the ids of the concerns most often booked since then, at most
// limit: most appointments first, equal ones by German name.
func Wanted(ctx context.Context, db postgis.DB, since time.Time, limit int) ([]string, error) {
	rows, err := db.Query(ctx, `SELECT c.id FROM booking.part p
			JOIN booking.appointment a ON a.id = p.appointment
			JOIN open.booking_concern c ON c.id = p.concern
		WHERE a.booked_at >= @since
		GROUP BY c.id, c.name HAVING count(DISTINCT a.id) >= @fewest
		ORDER BY count(DISTINCT a.id) DESC, c.name ->> 'de', c.id LIMIT @limit`,
		pgx.NamedArgs{"since": since, "fewest": fewest, "limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

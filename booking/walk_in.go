package booking

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/stations"
)

// WalkIn is somebody who came without an appointment and waits with a number.
// Nothing else is known about the person.
type WalkIn struct {
	ID          int64
	Day         time.Time // local, as midnight UTC
	Site        string
	Number      int // counts from 1 per day and site
	Office      string
	OfficeName  catalog.Text
	Concern     string       // "" when nobody asked
	ConcernName catalog.Text // empty without Concern
	Urgent      bool         // called before the others
	State       WalkInState
	Clerk       int // who called; id of the resource, 0: nobody yet
	Room        int // where to; id of the resource, 0: not called yet
	RoomLabel   string
	CreatedAt   time.Time
	CalledAt    *time.Time
	EndedAt     *time.Time
}

// WalkInState is where a walk-in stands.
type WalkInState string

// The states of a walk-in.
const (
	WalkInWaiting WalkInState = "waiting"
	WalkInCalled  WalkInState = "called"
	WalkInServed  WalkInState = "in_service"
	WalkInDone    WalkInState = "done"
	WalkInLeft    WalkInState = "left" // went away, or did not come when called
)

// Ticket is what stands on the slip and on the screen: the first letter of the
// office and the number, "B-017".
func (w WalkIn) Ticket() string {
	letter := "A"
	if key := NameKey(w.OfficeName.DE, true); key != "" && key[0] >= 'a' && key[0] <= 'z' {
		letter = strings.ToUpper(key[:1])
	}
	return fmt.Sprintf("%s-%03d", letter, w.Number)
}

const selectWalkIn = `SELECT w.id, w.day, w.site, w.number, w.office, jsonb_build_object('de', o.name_de, 'en', o.name_en) AS office_name,
		coalesce(w.concern, '') AS concern, CASE WHEN c.id IS NULL THEN '{}' ELSE jsonb_build_object('de', c.name_de, 'en', c.name_en) END AS concern_name,
		w.urgent, w.state, coalesce(w.clerk, 0) AS clerk, coalesce(w.room, 0) AS room, coalesce(r.label, '') AS room_label, w.created_at, w.called_at, w.ended_at
	FROM booking.walk_in w JOIN booking.office o ON o.id = w.office
		LEFT JOIN booking.concern c ON c.id = w.concern LEFT JOIN booking.resource r ON r.id = w.room `

// WalkIns are those of a local day (midnight UTC) who still wait or are being
// served, in the order in which they are called. Site and office may be "": any.
func WalkIns(ctx context.Context, db postgis.DB, day time.Time, site, office string) ([]WalkIn, error) {
	rows, err := db.Query(ctx, selectWalkIn+`WHERE w.day = @day AND @site IN ('', w.site) AND @office IN ('', w.office)
			AND w.state IN ('waiting', 'called', 'in_service')
		ORDER BY w.urgent DESC, w.number`, pgx.NamedArgs{"day": day, "site": site, "office": office})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[WalkIn])
}

// DrawTicket gives somebody who came without an appointment a number at a site.
// Of w it reads Site, Office and Concern; a concern for which nobody is ever
// put off goes before the others. Errors: Invalid booking.unknown_office,
// booking.unknown_site, NotFound booking.no_concern.
func (c *Reception) DrawTicket(ctx context.Context, by By, w WalkIn) (drawn WalkIn, err error) {
	now := c.Now()
	err = pgx.BeginFunc(ctx, c.DB, func(tx pgx.Tx) error {
		if err := checkWalkIn(ctx, tx, &w); err != nil {
			return err
		}
		day := stations.Day(now.In(c.Zone))
		// Numbers follow each other without gaps: one after the other.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('booking.walk_in/' || $1, 0))`, w.Site); err != nil {
			return err
		}
		var id int64
		err := tx.QueryRow(ctx, `INSERT INTO booking.walk_in (day, site, number, office, concern, urgent, state, created_at)
			SELECT @day, @site, 1 + coalesce(max(number), 0), @office, nullif(@concern, ''), @urgent, 'waiting', @now
			FROM booking.walk_in WHERE day = @day AND site = @site RETURNING id`,
			pgx.NamedArgs{"day": day, "site": w.Site, "office": w.Office, "concern": w.Concern, "urgent": w.Urgent, "now": now}).Scan(&id)
		if err != nil {
			return err
		}
		if drawn, err = walkIn(ctx, tx, id); err != nil {
			return err
		}
		return audit(ctx, tx, now, by.Staff, "walk_in.draw", drawn.object(), map[string]any{"office": w.Office})
	})
	return drawn, err
}

// object names a walk-in in the audit trail.
func (w WalkIn) object() string {
	return fmt.Sprintf("walk_in/%s/%s/%d", w.Site, w.Day.Format(time.DateOnly), w.Number)
}

// checkWalkIn holds what was chosen against what there is, and takes office and
// urgency from the concern.
func checkWalkIn(ctx context.Context, db postgis.DB, w *WalkIn) error {
	w.Urgent = false
	if w.Concern != "" {
		concern, err := FindConcern(ctx, db, w.Concern)
		if err != nil {
			return err
		}
		w.Office, w.Urgent = concern.Office, concern.Urgent || !concern.Appointment
	}
	var office, site bool
	err := db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM booking.office WHERE id = $1), EXISTS (SELECT FROM booking.site WHERE id = $2)`,
		w.Office, w.Site).Scan(&office, &site)
	switch {
	case err != nil:
		return err
	case !office:
		return ortsnah.E(ortsnah.Invalid, "booking.unknown_office").About("office")
	case !site:
		return ortsnah.E(ortsnah.Invalid, "booking.unknown_site").About("site")
	}
	return nil
}

// walkIn reads one walk-in, NotFound booking.no_ticket.
func walkIn(ctx context.Context, db postgis.DB, id int64) (WalkIn, error) {
	rows, err := db.Query(ctx, selectWalkIn+`WHERE w.id = @id`, pgx.NamedArgs{"id": id})
	if err != nil {
		return WalkIn{}, err
	}
	w, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[WalkIn])
	if errors.Is(err, pgx.ErrNoRows) {
		return WalkIn{}, ortsnah.E(ortsnah.NotFound, "booking.no_ticket").About("ticket")
	}
	return w, err
}

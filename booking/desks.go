package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/stations"
)

// Desk is a place to work that nobody owns.
type Desk struct {
	ID        int      `json:"-"`
	Code      string   `json:"id"`    // slug, "rathaus-platz-01"
	Label     string   `json:"label"` // sign on the desk, "Platz 1"
	StepFree  bool     `json:"step_free"`
	Equipment []string `json:"equipment"`
	// State is "free", "mine", "taken" or "closed" on the day asked for. Whose it
	// is, is told to nobody.
	State string `json:"-"`
}

// DesksFile is the document desks.json: the desks of one building.
type DesksFile struct {
	Site  string `json:"site"`
	Desks []Desk `json:"desks"`
}

// DeskBooking is what one member of the staff has for a day: a desk, or a
// place on the list.
type DeskBooking struct {
	Site  string
	Day   time.Time // midnight UTC
	Desk  int       // 0: on the list
	Label string
	Place int // on the list, from 1; 0 with a desk
}

// DeskDay is one day in a building, as one member of the staff may see it.
type DeskDay struct {
	Desks   []Desk
	Waiting int          // how many are on the list
	Mine    *DeskBooking // nil: nothing; may be in another building
}

// Free counts the desks that can be booked.
func (d DeskDay) Free() int {
	n := 0
	for _, desk := range d.Desks {
		if desk.State == "free" {
			n++
		}
	}
	return n
}

// LoadDesks makes the desks of a building equal to f; those that f lacks are
// taken out of use. Bookings stay.
func LoadDesks(ctx context.Context, tx pgx.Tx, f DesksFile) error {
	codes := []string{}
	for _, d := range f.Desks {
		codes = append(codes, d.Code)
		if _, err := tx.Exec(ctx, `INSERT INTO booking.resource (kind, code, label, site, step_free, equipment)
			VALUES ('desk', @code, @label, @site, @step_free, coalesce(@equipment::text[], '{}'))
			ON CONFLICT (kind, code) DO UPDATE SET label = excluded.label, site = excluded.site,
				step_free = excluded.step_free, equipment = excluded.equipment, active = true`,
			pgx.NamedArgs{"code": d.Code, "label": d.Label, "site": f.Site, "step_free": d.StepFree, "equipment": d.Equipment}); err != nil {
			return refused("desk", []byte(`{"id":"`+d.Code+`"}`), err)
		}
	}
	_, err := tx.Exec(ctx, `UPDATE booking.resource SET active = false
		WHERE kind = 'desk' AND site = @site AND active AND code <> ALL (@codes)`, pgx.NamedArgs{"site": f.Site, "codes": codes})
	return err
}

// DeskSites returns the ids of the buildings that have desks, in order.
func DeskSites(ctx context.Context, db postgis.DB) ([]string, error) {
	rows, err := db.Query(ctx, `SELECT DISTINCT site FROM booking.resource WHERE kind = 'desk' AND active ORDER BY site`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// Desks returns a day in a building as account sees it. day is a midnight UTC.
func Desks(ctx context.Context, db postgis.DB, site string, day time.Time, zone *time.Location, account string) (DeskDay, error) {
	start, end, _ := stations.Opening(day, 0, 24*60, zone)
	rows, err := db.Query(ctx, `SELECT r.id, r.code, r.label, r.step_free, r.equipment, CASE
			WHEN EXISTS (SELECT FROM booking.desk_booking b WHERE b.desk = r.id AND b.day = @day AND b.account = @account) THEN 'mine'
			WHEN EXISTS (SELECT FROM booking.closure c WHERE c.starts < @end AND c.ends > @start
				AND (c.resource = r.id OR c.site = r.site OR num_nonnulls(c.resource, c.site) = 0)) THEN 'closed'
			WHEN EXISTS (SELECT FROM booking.claim c WHERE c.resource = r.id AND c.during && tstzrange(@start, @end)) THEN 'taken'
			ELSE 'free' END AS state
		FROM booking.resource r WHERE r.kind = 'desk' AND r.active AND r.site = @site
		ORDER BY length(r.label), r.label, r.id`,
		pgx.NamedArgs{"site": site, "day": day, "start": start, "end": end, "account": account})
	if err != nil {
		return DeskDay{}, err
	}
	var d DeskDay
	if d.Desks, err = pgx.CollectRows(rows, pgx.RowToStructByName[Desk]); err != nil {
		return DeskDay{}, err
	}
	if err := db.QueryRow(ctx, `SELECT count(*) FROM booking.desk_booking WHERE site = @site AND day = @day AND desk IS NULL`,
		pgx.NamedArgs{"site": site, "day": day}).Scan(&d.Waiting); err != nil {
		return DeskDay{}, err
	}
	mine, err := MyDesks(ctx, db, account, day, day.AddDate(0, 0, 1))
	if len(mine) > 0 {
		d.Mine = &mine[0]
	}
	return d, err
}

// MyDesks returns what account has in [from, to), days as midnights UTC.
func MyDesks(ctx context.Context, db postgis.DB, account string, from, to time.Time) ([]DeskBooking, error) {
	rows, err := db.Query(ctx, `SELECT b.site, b.day, coalesce(b.desk, 0) AS desk, coalesce(r.label, '') AS label,
			CASE WHEN b.desk IS NULL THEN (SELECT count(*) FROM booking.desk_booking o WHERE o.site = b.site AND o.day = b.day
				AND o.desk IS NULL AND (o.wished_at, o.id) <= (b.wished_at, b.id)) ELSE 0 END AS place
		FROM booking.desk_booking b LEFT JOIN booking.resource r ON r.id = b.desk
		WHERE b.account = @account AND b.day >= @from AND b.day < @to ORDER BY b.day`,
		pgx.NamedArgs{"account": account, "from": from, "to": to})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[DeskBooking])
}

// ForgetDesks deletes what was booked for days before the given one: nobody
// can look up later who was in the building when. For the same reason desk
// bookings leave no audit row.
func ForgetDesks(ctx context.Context, db postgis.DB, before time.Time) error {
	_, err := db.Exec(ctx, `DELETE FROM booking.desk_booking WHERE day < $1`, before)
	return err
}

func deskDayError(key string, day time.Time) *ortsnah.Error {
	return ortsnah.E(ortsnah.Invalid, key, "day", day.Format(time.DateOnly)).About("day")
}

package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/stations"
)

// Availability is what a room is at a moment.
type Availability string

// The availabilities, the strongest first.
const (
	RoomClosed   Availability = "closed"
	RoomOccupied Availability = "occupied"
	RoomTooSmall Availability = "small"
	RoomFree     Availability = "free"
)

// RoomDay is what a room of a building is used for on one day: when, never by
// whom or why.
type RoomDay struct {
	Resource int
	Room     string // id, as in FloorShape
	Code     string // door sign
	Name     catalog.Text
	Floor    int
	Persons  int
	StepFree bool
	Taken    []TimeSpan // in order, without overlap
	Closed   []TimeSpan // of the room, its building or the town
}

// TimeSpan is a half-open interval.
type TimeSpan struct{ From, To time.Time }

func (s TimeSpan) holds(t time.Time) bool { return !t.Before(s.From) && t.Before(s.To) }

// At says what the room is at t for so many persons.
func (d RoomDay) At(t time.Time, persons int) Availability {
	for _, s := range d.Closed {
		if s.holds(t) {
			return RoomClosed
		}
	}
	for _, s := range d.Taken {
		if s.holds(t) {
			return RoomOccupied
		}
	}
	if persons > d.Persons {
		return RoomTooSmall
	}
	return RoomFree
}

// RoomDays returns the bookable rooms of a building by floor and door sign with
// their use on a local day (midnight UTC), in zone. Holds that have expired at
// now do not count.
func RoomDays(ctx context.Context, db postgis.DB, site string, day, now time.Time, zone *time.Location) ([]RoomDay, error) {
	start, end, _ := stations.Opening(day, 0, 24*60, zone)
	args := pgx.NamedArgs{"site": site, "start": start, "end": end, "now": now}
	rows, err := db.Query(ctx, `SELECT r.id AS resource, m.id AS room, m.code, m.floor, r.persons, r.step_free,
			jsonb_build_object('de', m.name_de, 'en', m.name_en) AS name
		FROM booking.resource r JOIN booking.room m ON m.id = r.room
		WHERE r.kind = 'room' AND r.active AND r.site = @site ORDER BY m.floor, m.code`, args)
	if err != nil {
		return nil, err
	}
	days, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[RoomDay])
	if err != nil {
		return nil, err
	}
	at := make(map[int]*RoomDay, len(days))
	for i := range days {
		at[days[i].Resource] = &days[i]
	}
	rows, err = db.Query(ctx, `SELECT r.id, lower(c.during), upper(c.during), false
			FROM booking.claim c JOIN booking.resource r ON r.id = c.resource
			LEFT JOIN booking.appointment a ON a.id = c.appointment
			WHERE r.kind = 'room' AND r.site = @site AND c.during && tstzrange(@start, @end) AND (a.hold_until > @now) IS NOT FALSE
		UNION ALL
		SELECT r.id, x.starts, x.ends, true
			FROM booking.closure x JOIN booking.resource r ON r.id = x.resource OR x.site = r.site OR num_nonnulls(x.resource, x.site) = 0
			WHERE r.kind = 'room' AND r.site = @site AND x.starts < @end AND x.ends > @start
		ORDER BY 2, 3`, args)
	if err != nil {
		return nil, err
	}
	var id int
	var span TimeSpan
	var closed bool
	_, err = pgx.ForEachRow(rows, []any{&id, &span.From, &span.To, &closed}, func() error {
		d, known := at[id]
		if !known {
			return nil // out of use
		}
		local := TimeSpan{span.From.In(zone), span.To.In(zone)}
		if closed {
			d.Closed = append(d.Closed, local)
		} else {
			d.Taken = append(d.Taken, local)
		}
		return nil
	})
	return days, err
}

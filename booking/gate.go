package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/stations"
)

// Visitor is what the gate knows of an appointment: when and where, not why.
type Visitor struct {
	Appointment string    // reference
	From, To    time.Time // the window of half an hour, half-open
	Room        string    // door sign
	Persons     int
	Status      Status
	Badge       string
	EnteredAt   *time.Time
	Name        string // only where the gate controls, and only until entering
}

// Gate is the gate's picture of one day in one building.
type Gate struct {
	Day      time.Time // local, as midnight UTC
	Controls bool      // false: the gate only shows the way; no names
	Visitors []Visitor // in order of their windows and rooms
}

// GateToday is who is expected in a building on the local day of the clock;
// after midnight nobody of the day before is in it (S35). With names, and where
// the gate controls, the names of those who are still to come are decrypted,
// and the audit trail says whose.
func (c *Reception) GateToday(ctx context.Context, by By, site string, names bool) (Gate, error) {
	now := c.Now()
	g := Gate{Day: stations.Day(now.In(c.Zone))}
	err := pgx.BeginFunc(ctx, c.DB, func(tx pgx.Tx) error {
		setting, err := Settings(ctx, tx)
		if err != nil {
			return err
		}
		g.Controls = setting.GateControls
		if g.Visitors, err = visitors(ctx, tx, site, g.Day, c.Zone); err != nil || !g.Controls || !names {
			return err
		}
		return c.nameVisitors(ctx, tx, by, site, g.Visitors)
	})
	return g, err
}

func visitors(ctx context.Context, db postgis.DB, site string, day time.Time, zone *time.Location) ([]Visitor, error) {
	rows, err := db.Query(ctx, `SELECT g.appointment, g.expected_from AS "from", g.expected_to AS "to", r.label AS room,
			g.persons, a.state AS status, g.badge, g.entered_at, '' AS name
		FROM booking.registration g JOIN booking.resource r ON r.id = g.room JOIN booking.appointment a ON a.id = g.appointment
		WHERE g.site = @site AND g.day = @day AND a.state IN ('booked', 'arrived', 'called', 'in_service', 'done')
		ORDER BY g.expected_from, r.label, g.appointment`, pgx.NamedArgs{"site": site, "day": day})
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Visitor])
	for i := range list {
		list[i].From, list[i].To = list[i].From.In(zone), list[i].To.In(zone)
	}
	return list, err
}

// nameVisitors fills the names of those who are still to come.
func (c *Reception) nameVisitors(ctx context.Context, tx pgx.Tx, by By, site string, list []Visitor) error {
	var ids []string
	for _, v := range list {
		if v.EnteredAt == nil && v.Status == Booked {
			ids = append(ids, v.Appointment)
		}
	}
	persons, err := c.persons(ctx, tx, by, "gate.read_names", "site/"+site, ids)
	for i, v := range list {
		if p, ok := persons[v.Appointment]; ok {
			list[i].Name = p.FullName()
		}
	}
	return err
}

// FullName is given name and surname, "" when neither was given.
func (p Person) FullName() string {
	if p.GivenName == "" || p.Surname == "" {
		return p.GivenName + p.Surname
	}
	return p.GivenName + " " + p.Surname
}

// persons decrypts who comes to the appointments ids, and writes one row of
// the audit trail that names them. Those who gave nothing or are erased are
// not in the answer.
func (c *Reception) persons(ctx context.Context, tx pgx.Tx, by By, action, object string, ids []string) (map[string]Person, error) {
	found := map[string]Person{}
	if len(ids) == 0 {
		return found, nil
	}
	rows, err := tx.Query(ctx, `SELECT id, appointment, key_id, sealed FROM booking.person WHERE appointment = ANY ($1) ORDER BY appointment`, ids)
	if err != nil {
		return nil, err
	}
	var id [16]byte
	var appointment, key string
	var sealed []byte
	read := []string{}
	_, err = pgx.ForEachRow(rows, []any{&id, &appointment, &key, &sealed}, func() error {
		p, err := c.openPerson(id, key, sealed)
		if err != nil {
			return err
		}
		found[appointment] = p
		read = append(read, appointment)
		return nil
	})
	if err != nil || len(read) == 0 {
		return found, err
	}
	return found, audit(ctx, tx, c.Now(), by.Staff, action, object, map[string]any{"appointments": read})
}

// ReturnBadge notes that a visitor who leaves has given the badge back, so that
// it can be given to somebody else. Error: NotFound booking.no_badge.
func (c *Reception) ReturnBadge(ctx context.Context, by By, id string) error {
	return pgx.BeginFunc(ctx, c.DB, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE booking.registration SET badge = '' WHERE appointment = $1 AND badge <> ''`, id)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ortsnah.E(ortsnah.NotFound, "booking.no_badge").About("badge")
		}
		return audit(ctx, tx, c.Now(), by.Staff, "gate.return_badge", "appointment/"+id, nil)
	})
}

// SwitchGate says whether the gate controls who comes in or only shows the way.
func (c *Reception) SwitchGate(ctx context.Context, by By, controls bool) error {
	return pgx.BeginFunc(ctx, c.DB, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE booking.setting SET gate_controls = $1 WHERE gate_controls <> $1`, controls)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return audit(ctx, tx, c.Now(), by.Staff, "gate.switch", "setting/gate_controls", map[string]any{"controls": controls})
	})
}

package booking

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/stations"
)

// AgendaEntry is one appointment in a clerk's day.
type AgendaEntry struct {
	ID        string
	Starts    time.Time // of the clerk's part
	Ends      time.Time
	Status    Status
	Channel   Channel
	Persons   int
	StepFree  bool
	Room      string // door sign; "" without
	Badge     string
	ArrivedAt *time.Time
	CalledAt  *time.Time
	Concerns  []AgendaConcern
	Person    Person // empty: not given or erased
}

// AgendaConcern is what a clerk does in an appointment.
type AgendaConcern struct {
	ID   string       `json:"id"`
	Name catalog.Text `json:"name"`
}

// Agenda is a clerk's own appointments of a local day (midnight UTC) in order
// of time, with who comes; the audit trail says whose names were read.
func (c *Reception) Agenda(ctx context.Context, by By, clerk int, day time.Time) (list []AgendaEntry, err error) {
	from, to, _ := stations.Opening(day, 0, 24*60, c.Zone)
	err = pgx.BeginFunc(ctx, c.DB, func(tx pgx.Tx) error {
		if list, err = agenda(ctx, tx, clerk, from, to); err != nil {
			return err
		}
		ids := make([]string, len(list))
		for i := range list {
			ids[i] = list[i].ID
		}
		persons, err := c.persons(ctx, tx, by, "person.read", "agenda/"+day.Format(time.DateOnly), ids)
		if err != nil {
			return err
		}
		for i := range list {
			list[i].Starts, list[i].Ends = list[i].Starts.In(c.Zone), list[i].Ends.In(c.Zone)
			list[i].Person = persons[list[i].ID]
		}
		return nil
	})
	return list, err
}

func agenda(ctx context.Context, db postgis.DB, clerk int, from, to time.Time) ([]AgendaEntry, error) {
	rows, err := db.Query(ctx, `SELECT a.id, p.starts, p.ends, a.state AS status, a.channel, a.persons, a.step_free,
			coalesce(x.label, r.label, '') AS room, coalesce(g.badge, '') AS badge, a.arrived_at, a.called_at, p.concerns
		FROM (SELECT p.appointment, min(p.starts) AS starts, max(p.ends) AS ends,
				jsonb_agg(jsonb_build_object('id', n.id, 'name', jsonb_build_object('de', n.name_de, 'en', n.name_en)) ORDER BY p.position) AS concerns
			FROM booking.part p JOIN booking.concern n ON n.id = p.concern
			WHERE p.clerk = @clerk AND p.starts >= @from AND p.starts < @to GROUP BY p.appointment) p
		JOIN booking.appointment a ON a.id = p.appointment
		LEFT JOIN booking.registration g ON g.appointment = a.id
		LEFT JOIN booking.resource x ON x.id = g.room
		LEFT JOIN LATERAL (SELECT y.label FROM booking.claim c JOIN booking.resource y ON y.id = c.resource
			WHERE c.appointment = a.id AND y.kind = 'room' LIMIT 1) r ON true
		WHERE a.state NOT IN ('hold', 'expired', 'cancelled')
		ORDER BY p.starts, a.id`, pgx.NamedArgs{"clerk": clerk, "from": from, "to": to})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (e AgendaEntry, err error) {
		err = row.Scan(&e.ID, &e.Starts, &e.Ends, &e.Status, &e.Channel, &e.Persons, &e.StepFree, &e.Room, &e.Badge, &e.ArrivedAt, &e.CalledAt, &e.Concerns)
		return e, err
	})
}

// Serves says whether a clerk has a part in an appointment.
func Serves(ctx context.Context, db postgis.DB, clerk int, id string) (mine bool, err error) {
	err = db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM booking.part WHERE clerk = $1 AND appointment = $2)`, clerk, id).Scan(&mine)
	return mine, err
}

// Call is somebody who is called to a room, as the screen in the waiting room
// shows it: a number, no name.
type Call struct {
	Ticket      string // of a walk-in
	Appointment string // reference, of others
	Room        string // door sign
	CalledAt    time.Time
}

// Calls are those who were called in a building on a local day (midnight UTC)
// since a moment and have not been met yet, the latest first.
func Calls(ctx context.Context, db postgis.DB, site string, day, since time.Time) ([]Call, error) {
	walkIns, err := WalkIns(ctx, db, day, site, "")
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, `SELECT '' AS ticket, a.id AS appointment, r.label AS room, a.called_at
		FROM booking.appointment a JOIN booking.registration g ON g.appointment = a.id JOIN booking.resource r ON r.id = g.room
		WHERE g.site = @site AND g.day = @day AND a.state = 'called' AND a.called_at >= @since`,
		pgx.NamedArgs{"site": site, "day": day, "since": since})
	if err != nil {
		return nil, err
	}
	calls, err := pgx.CollectRows(rows, pgx.RowToStructByName[Call])
	for _, w := range walkIns {
		if w.State == WalkInCalled && !w.CalledAt.Before(since) {
			calls = append(calls, Call{Ticket: w.Ticket(), Room: w.RoomLabel, CalledAt: *w.CalledAt})
		}
	}
	slices.SortFunc(calls, func(a, b Call) int {
		return cmp.Or(b.CalledAt.Compare(a.CalledAt), cmp.Compare(a.Ticket+a.Appointment, b.Ticket+b.Appointment))
	})
	return calls, err
}

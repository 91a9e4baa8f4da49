package booking

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Clerk is a member of the staff as the matcher sees one: a function, never a
// name. ID is that of the resource.
type Clerk struct {
	ID     int      `json:"-"`
	Code   string   `json:"id"`    // slug, "a1"
	Label  string   `json:"label"` // as on the door, "A1"
	Office string   `json:"office"`
	Teams  []string `json:"teams"`
	Skills []string `json:"skills"`
}

// StaffFile is the document staff.json: who can have appointments.
type StaffFile struct {
	Clerks []Clerk `json:"clerks"`
}

// Clerks returns all clerks in use, ordered by id.
func Clerks(ctx context.Context, db postgis.DB) ([]Clerk, error) {
	rows, err := db.Query(ctx, `SELECT r.id, r.code, r.label, c.office, c.skills,
			ARRAY(SELECT team FROM booking.clerk_team t WHERE t.clerk = r.id ORDER BY team) AS teams
		FROM booking.clerk c JOIN booking.resource r ON r.id = c.resource
		WHERE r.active ORDER BY r.id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Clerk])
}

// loadRoomResources makes every room something that can be occupied.
func loadRoomResources(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `INSERT INTO booking.resource (kind, code, label, site, room, persons, step_free, equipment, buffer_minutes)
		SELECT 'room', id, code, site, id, persons, step_free,
			ARRAY(SELECT jsonb_path_query(equipment, '$[*].id') #>> '{}'), buffer_minutes
		FROM booking.room ORDER BY id
		ON CONFLICT (room) DO UPDATE SET label = excluded.label, site = excluded.site, persons = excluded.persons,
			step_free = excluded.step_free, equipment = excluded.equipment, buffer_minutes = excluded.buffer_minutes`)
	return err
}

// loadClerks writes the clerks of the document; others stay.
func loadClerks(ctx context.Context, tx pgx.Tx, c Catalogue) error {
	return each(ctx, tx, "clerk", `WITH i AS (
			SELECT * FROM jsonb_to_record(@item::jsonb) AS i (id text, label text, office text, teams text[], skills text[])),
		r AS (
			INSERT INTO booking.resource (kind, code, label) SELECT 'clerk', id, label FROM i
			ON CONFLICT (kind, code) DO UPDATE SET label = excluded.label, active = true RETURNING id),
		c AS (
			INSERT INTO booking.clerk (resource, office, skills) SELECT r.id, i.office, coalesce(i.skills, '{}') FROM i, r
			ON CONFLICT (resource) DO UPDATE SET office = excluded.office, skills = excluded.skills RETURNING resource),
		gone AS (
			DELETE FROM booking.clerk_team t USING i, r WHERE t.clerk = r.id AND t.team <> ALL (coalesce(i.teams, '{}')))
		INSERT INTO booking.clerk_team (clerk, team) SELECT c.resource, unnest(i.teams) FROM i, c
		ON CONFLICT DO NOTHING`, c.Staff.Clerks)
}

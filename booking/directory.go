package booking

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/paulmach/orb"
)

// Directory is what Decide needs, in memory: concerns, rules, teams, offices.
// It is immutable.
type Directory struct {
	concerns map[string]Concern
	teams    map[string]Team
	offices  map[string]Office
	infoDesk Team
	rules    []Rule
	areas    []Area
}

// NewDirectory indexes its arguments. The info desk is the team marked so.
func NewDirectory(concerns []Concern, offices []Office, teams []Team, rules []Rule) *Directory {
	d := &Directory{concerns: map[string]Concern{}, teams: map[string]Team{}, offices: map[string]Office{}, rules: rules}
	for _, c := range concerns {
		d.concerns[c.ID] = c
	}
	for _, o := range offices {
		d.offices[o.ID] = o
	}
	for _, t := range teams {
		d.teams[t.ID] = t
		if t.InfoDesk {
			d.infoDesk = t
		}
	}
	return d
}

// Concern returns the concern of that id.
func (d *Directory) Concern(id string) (Concern, bool) {
	c, ok := d.concerns[id]
	return c, ok
}

// LoadDirectory reads the Directory.
func LoadDirectory(ctx context.Context, db postgis.DB) (*Directory, error) {
	concerns, err := Concerns(ctx, db)
	if err != nil {
		return nil, err
	}
	offices, err := Offices(ctx, db)
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, `SELECT id, office, label, name, info_desk FROM open.booking_team ORDER BY id`)
	if err != nil {
		return nil, err
	}
	teams, err := pgx.CollectRows(rows, pgx.RowToStructByName[Team])
	if err != nil {
		return nil, err
	}
	rules, err := Rules(ctx, db)
	if err != nil {
		return nil, err
	}
	d := NewDirectory(concerns, offices, teams, rules)
	d.areas, err = Areas(ctx, db)
	return d, err
}

// Offices returns all offices ordered by id.
func Offices(ctx context.Context, db postgis.DB) ([]Office, error) {
	rows, err := db.Query(ctx, `SELECT id, name, site, phone, note FROM open.booking_office ORDER BY id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Office])
}

// Rules returns all jurisdiction rules ordered by id.
func Rules(ctx context.Context, db postgis.DB) ([]Rule, error) {
	rows, err := db.Query(ctx, `SELECT id, concern, office, kind, priority, prefix_from, prefix_to, keep_particles,
			districts, team, valid_from, valid_to, areas
		FROM open.booking_rule ORDER BY id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Rule])
}

// Districts reads the current version of the dataset "districts" into an index
// (x/y of the working CRS). Errors as of geo.NewIndex.
func Districts(ctx context.Context, db postgis.DB) (*geo.Index, error) {
	rows, err := db.Query(ctx, `SELECT code, name, ST_Multi(_geom) AS area
		FROM open.districts WHERE _until IS NULL ORDER BY code`)
	if err != nil {
		return nil, err
	}
	districts, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (geo.District, error) {
		var d geo.District
		var area orb.Geometry
		err := row.Scan(&d.Code, &d.Name, &area)
		d.Area, _ = area.(orb.MultiPolygon) // another type is refused by NewIndex
		return d, err
	})
	if err != nil {
		return nil, err
	}
	return geo.NewIndex(districts)
}

// At returns q with the district of the place (x/y of the working CRS).
func (q Question) At(ix *geo.Index, place orb.Point) Question {
	q.Located, q.Spot = true, &place
	d, ok := ix.Locate(place[0], place[1])
	q.District, q.Borders = "", nil
	if ok {
		q.District = d.Code
		if on := ix.OnBorder(place[0], place[1]); len(on) > 1 {
			q.Borders = on
		}
	}
	return q
}

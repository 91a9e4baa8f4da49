package demand

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/paulmach/orb"
)

// Margin is how far around the town cells are kept, metres: a square kilometre
// on the border is only understood with all of its hectares.
const Margin = 2000

// Source is an imported census grid.
type Source struct {
	ID           string
	Name         string
	Format       string     // layouts of its files, "einwohner, altersklassen"
	Resolution   int        // metres of its finest cells: 100 or 1000
	ReferenceDay *time.Time // day that the census speaks of, midnight UTC
	Licence      string
	Attribution  string
	Files        []string // names
	SHA256       string   // of all files
	ImportedAt   time.Time
	Report       Report
}

// Import reads files as the next state of the source that s describes (ID,
// Name, ReferenceDay, Licence, Attribution). Whatever fails, what was there
// stays. Errors: those of Read, Invalid demand.bad_id, demand.no_name,
// demand.no_town.
func Import(ctx context.Context, db postgis.DB, now time.Time, s Source, files []File, progress func(Progress)) (Source, error) {
	if !regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(s.ID) || len(s.ID) > 60 {
		return s, ortsnah.E(ortsnah.Invalid, "demand.bad_id", "id", shortened(s.ID)).About("id")
	}
	if s.Name = strings.TrimSpace(s.Name); s.Name == "" || len([]rune(s.Name)) > 200 {
		return s, ortsnah.E(ortsnah.Invalid, "demand.no_name").About("name")
	}
	area, err := TownArea(ctx, db, Margin)
	if err != nil {
		return s, err
	}
	grid, err := Read(ctx, area, files, progress)
	if err != nil {
		return s, err
	}
	if s.SHA256, err = hashOf(files); err != nil {
		return s, err
	}
	s.Resolution, s.ImportedAt, s.Report = grid.Resolution, now, grid.Report
	s.Files, s.Format = namesOf(files), formatOf(grid.Report)
	err = pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error { return store(ctx, tx, s, grid) })
	return s, err
}

func hashOf(files []File) (string, error) {
	sum := sha256.New()
	for _, f := range files {
		if _, err := io.Copy(sum, io.NewSectionReader(f.Text, 0, f.Size)); err != nil {
			return "", broken(f.Name, err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func namesOf(files []File) []string {
	names := []string{}
	for _, f := range files {
		names = append(names, shortened(f.Name))
	}
	return names
}

func formatOf(rep Report) string {
	var layouts []string
	for _, f := range rep.Files {
		if !strings.Contains(strings.Join(layouts, ", "), f.Layout) {
			layouts = append(layouts, f.Layout)
		}
	}
	return strings.Join(layouts, ", ")
}

// TownArea is the town with a margin (metres) as the grid sees it. Error:
// Conflict demand.no_town while the boundary is not known.
func TownArea(ctx context.Context, db postgis.DB, margin float64) (Area, error) {
	a := Area{}
	if there, err := relationThere(ctx, db, "open.municipality"); err != nil || !there {
		if err == nil {
			err = ortsnah.E(ortsnah.Conflict, "demand.no_town")
		}
		return a, err
	}
	var shape orb.Geometry
	err := db.QueryRow(ctx, `SELECT coalesce((SELECT town ->> 'name' FROM open.setting), ''),
			(SELECT ST_Multi(ST_Transform(ST_Buffer(ST_Union(_geom), @margin), 3035)) FROM open.municipality WHERE _until IS NULL)`,
		pgx.NamedArgs{"margin": margin}).Scan(&a.Name, &shape)
	if err != nil {
		return a, err
	}
	a.Shape, _ = shape.(orb.MultiPolygon)
	if len(a.Shape) == 0 {
		return a, ortsnah.E(ortsnah.Conflict, "demand.no_town")
	}
	return a, nil
}

func relationThere(ctx context.Context, db postgis.DB, name string) (there bool, err error) {
	err = db.QueryRow(ctx, `SELECT to_regclass(@name) IS NOT NULL`, pgx.NamedArgs{"name": name}).Scan(&there)
	return there, err
}

// store writes the source anew; readers see the old one until the commit.
func store(ctx context.Context, tx pgx.Tx, s Source, g *Grid) error {
	report, err := json.Marshal(s.Report)
	if err != nil {
		return err
	}
	// Two imports of one source take turns; the later one stays.
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, postgis.LockKey("census "+s.ID)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM stations.census_source WHERE id = @id`, pgx.NamedArgs{"id": s.ID}); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO stations.census_source
			(id, name, format, resolution, reference_day, licence, attribution, files, sha256, imported_at, report)
		VALUES (@id, @name, @format, @resolution, @day, @licence, @attribution, @files, @sha256, @now, @report)`,
		pgx.NamedArgs{"id": s.ID, "name": s.Name, "format": s.Format, "resolution": s.Resolution, "day": s.ReferenceDay, "licence": s.Licence,
			"attribution": s.Attribution, "files": s.Files, "sha256": s.SHA256, "now": s.ImportedAt, "report": string(report)})
	if err != nil {
		return err
	}
	list := g.sorted()
	if err := copyCells(ctx, tx, s.ID, list); err != nil {
		return err
	}
	return copyCounts(ctx, tx, s.ID, list)
}

// copyCells brings cells over by COPY and lets PostGIS place them.
func copyCells(ctx context.Context, tx pgx.Tx, source string, list []*cell) error {
	if _, err := tx.Exec(ctx, `CREATE TEMPORARY TABLE IF NOT EXISTS arriving_cell (id text, size integer, x integer, y integer, counts boolean) ON COMMIT DROP;
		TRUNCATE arriving_cell`); err != nil {
		return err
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"arriving_cell"}, []string{"id", "size", "x", "y", "counts"},
		pgx.CopyFromSlice(len(list), func(i int) ([]any, error) {
			c := list[i]
			return []any{c.id(), c.size, c.east + c.size/2, c.north + c.size/2, c.counts}, nil
		}))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO stations.census_cell (source, id, size, x_3035, y_3035, lon, lat, place, counts)
		SELECT @source, a.id, a.size, a.x, a.y, round(ST_X(d)::numeric, 7), round(ST_Y(d)::numeric, 7), ST_Transform(p, catalog.working_srid()), a.counts
		FROM arriving_cell a, ST_SetSRID(ST_MakePoint(a.x, a.y), 3035) AS p, ST_Transform(p, 4326) AS d`, pgx.NamedArgs{"source": source})
	return err
}

func copyCounts(ctx context.Context, tx pgx.Tx, source string, list []*cell) error {
	var rows [][]any
	names := features()
	for _, c := range list {
		id := c.id()
		for f, n := range c.n {
			if n.state == absent {
				continue
			}
			row := []any{source, id, string(names[f]), nil, string(Suppressed), nil}
			switch {
			case n.given():
				row[3], row[4] = n.value, string(Known)
				if n.state == uncertain {
					row[4] = string(Uncertain)
				}
			case n.estimate >= 0:
				row[5] = n.estimate
			}
			rows = append(rows, row)
		}
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"stations", "census_count"},
		[]string{"source", "cell", "feature", "people", "quality", "estimate"}, pgx.CopyFromRows(rows))
	return err
}

// Sources lists the imported grids, newest first.
func Sources(ctx context.Context, db postgis.DB) ([]Source, error) {
	rows, err := db.Query(ctx, selectSource+`ORDER BY imported_at DESC, id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Source])
}

const selectSource = `SELECT id, name, format, resolution, reference_day, licence, attribution, files, sha256, imported_at, report
	FROM stations.census_source `

// FindSource returns one source. Error: NotFound demand.no_such_source.
func FindSource(ctx context.Context, db postgis.DB, id string) (Source, error) {
	rows, err := db.Query(ctx, selectSource+`WHERE id = @id`, pgx.NamedArgs{"id": id})
	if err != nil {
		return Source{}, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Source])
	if err == nil && len(list) == 0 {
		err = ortsnah.E(ortsnah.NotFound, "demand.no_such_source", "source", shortened(id)).About("source")
	}
	if err != nil {
		return Source{}, err
	}
	return list[0], nil
}

// RemoveSource deletes a source and its cells. Runs keep their own copy of
// what they were computed from. Error: NotFound demand.no_such_source.
func RemoveSource(ctx context.Context, db postgis.DB, id string) error {
	tag, err := db.Exec(ctx, `DELETE FROM stations.census_source WHERE id = @id`, pgx.NamedArgs{"id": id})
	if err == nil && tag.RowsAffected() == 0 {
		return ortsnah.E(ortsnah.NotFound, "demand.no_such_source", "source", shortened(id)).About("source")
	}
	return err
}

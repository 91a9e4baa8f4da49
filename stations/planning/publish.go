package planning

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/paulmach/orb"
)

// Publish makes a run that has ended with an answer open data: everybody may
// read it, and it becomes part of the datasets of siting. Doing it twice
// changes nothing. Neither author nor note are part of it. Demand that was
// calibrated by bookings stays inside: few cells have many bookings. Errors:
// NotFound planning.no_run, Conflict planning.nothing_to_publish,
// planning.calibrated_stays_inside.
func Publish(ctx context.Context, tx pgx.Tx, now time.Time, run string) (Run, error) {
	r, err := lockRun(ctx, tx, run)
	if err != nil || r.PublishedAt != nil {
		return r, err
	}
	if r.State != Done {
		return r, ortsnah.E(ortsnah.Conflict, "planning.nothing_to_publish")
	}
	if r.Definition.Demand.Calibrated {
		return r, ortsnah.E(ortsnah.Conflict, "planning.calibrated_stays_inside")
	}
	return marked(ctx, tx, run, &now)
}

// Unpublish takes a run off the public list. Versions that were published stay
// readable, as those of every dataset do; the next one is without the run.
// Error: NotFound planning.no_run.
func Unpublish(ctx context.Context, tx pgx.Tx, run string) (Run, error) {
	r, err := lockRun(ctx, tx, run)
	if err != nil || r.PublishedAt == nil {
		return r, err
	}
	return marked(ctx, tx, run, nil)
}

func lockRun(ctx context.Context, tx pgx.Tx, id string) (Run, error) {
	return oneRun(ctx, tx, `SELECT `+runColumns+` FROM stations.run WHERE id = @id FOR UPDATE`, pgx.NamedArgs{"id": id})
}

func marked(ctx context.Context, tx pgx.Tx, id string, at *time.Time) (Run, error) {
	if _, err := tx.Exec(ctx, `UPDATE stations.run SET published_at = @at WHERE id = @id`, pgx.NamedArgs{"id": id, "at": at}); err != nil {
		return Run{}, err
	}
	if err := publishAll(ctx, tx); err != nil {
		return Run{}, err
	}
	return FindRun(ctx, tx, id)
}

// publishAll writes the next versions of the datasets from all published runs.
func publishAll(ctx context.Context, tx pgx.Tx) error {
	// One at a time: each writes all that is published.
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, postgis.LockKey("publish siting")); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `SELECT s.name AS scenario_name, r.id::text, r.scenario::text, r.revision, r.purpose, r.question, r.definition,
			r.state, r.progress, r.result, r.inputs_hash, r.error, r.queued_at, r.started_at, r.ended_at, r.published_at
		FROM stations.run r JOIN stations.scenario s ON s.id = r.scenario
		WHERE r.published_at IS NOT NULL ORDER BY r.published_at, r.id`)
	if err != nil {
		return err
	}
	runs, err := pgx.CollectRows(rows, pgx.RowToStructByName[publishedRow])
	if err != nil {
		return err
	}
	squares, err := squaresOf(ctx, tx, runs)
	if err != nil {
		return err
	}
	var all, sites, cells []catalog.Named
	for _, r := range runs {
		all = append(all, r.row())
		sites = append(sites, r.siteRows()...)
		cells = append(cells, r.cellRows(squares)...)
	}
	for _, d := range []struct {
		set  catalog.Dataset
		rows []catalog.Named
	}{{runsDataset(), all}, {sitesDataset(), sites}, {cellsDataset(), cells}} {
		if err := catalog.Register(ctx, tx, d.set); err != nil {
			return err
		}
		if err := catalog.Replace(ctx, tx, d.set.ID, "planning", d.rows); err != nil {
			return err
		}
		if err := credit(ctx, tx, d.set.ID, runs); err != nil {
			return err
		}
	}
	return nil
}

// credit names those whose data the published runs rest on, once each.
func credit(ctx context.Context, tx pgx.Tx, id string, runs []publishedRow) error {
	d, err := catalog.FindAny(ctx, tx, id)
	if err != nil {
		return err
	}
	var names []string
	demo := false
	for _, r := range runs {
		names = append(names, r.Result.Demand.Attribution, r.Result.Attribution)
		demo = demo || r.Result.DemoRoads || strings.HasPrefix(r.ScenarioName, "Demo")
	}
	slices.Sort(names)
	names = slices.DeleteFunc(slices.Compact(names), func(n string) bool { return n == "" })
	text := strings.Join(names, "; ")
	if d.Metadata.Attribution == text && d.Metadata.Demo == demo {
		return nil
	}
	d.Metadata.Attribution, d.Metadata.Demo = text, demo
	return catalog.Describe(ctx, tx, id, d.Metadata)
}

// publishedRow is a run with the name of its scenario.
type publishedRow struct {
	ScenarioName string
	runRow
}

func (r publishedRow) row() catalog.Named {
	o, d := r.Result, r.Definition
	return catalog.Named{Fields: map[string]any{
		"id": r.ID, "name": r.ScenarioName, "objective": string(d.Objective), "weekly": d.Weekly != nil, "p": d.P,
		"radius_s": unlessZero(d.Radius), "cap_s": unlessZero(d.Cap), "cutoff_s": unlessZero(d.Cutoff), "profile": string(d.Profile), "day": dayOf(d.Day),
		"measure": d.Demand.Measure, "source": o.Demand.Source, "source_sha256": o.Demand.SHA256,
		"status": string(o.Status), "value": o.Value, "bound": o.Bound, "gap": o.Gap, "unit": o.Unit, "scale": o.Scale,
		"sites": len(o.Sites), "served": o.Figures.Served, "unserved": o.Figures.Unserved, "unreachable": o.Unreachable,
		"mean_s": o.Figures.Mean, "median_s": o.Figures.Median, "worst_tenth_s": o.Figures.WorstTenth, "max_s": o.Figures.Max,
		"gini": o.Figures.Gini, "within": o.Figures.Within, "travel_basis": o.Basis, "travel_version": o.Travel,
		"attribution": credits(o), "computed": r.EndedAt.UTC(), "inputs_sha256": r.InputsHash,
		"inputs": runPath(r.ID) + "/inputs", "certificate": runPath(r.ID) + "/certificate", "definition": d,
	}}
}

func credits(o *Outcome) string {
	return strings.Trim(o.Demand.Attribution+"; "+o.Attribution, "; ")
}

// runPath is where the HTTP interface has the run.
func runPath(id string) string { return "/api/v1/siting/runs/" + id }

// unlessZero leaves out limits that are not set.
func unlessZero(n int) any {
	if n == 0 {
		return nil
	}
	return n
}

func dayOf(text string) any {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return nil
	}
	return day
}

func (r publishedRow) siteRows() []catalog.Named {
	role := map[string]Role{}
	for _, c := range r.Definition.Candidates {
		role[c.ID] = c.Role
	}
	var rows []catalog.Named
	for _, s := range r.Result.Sites {
		rows = append(rows, catalog.Named{Geometry: orb.Point{s.Lon, s.Lat}, Fields: map[string]any{
			"id": r.ID + "." + s.ID, "run": r.ID, "site": s.ID, "name": s.label(), "role": string(role[s.ID]), "step_free": s.StepFree,
			"weight": s.Weight, "scale": r.Result.Scale, "mean_s": s.Mean, "farthest_s": s.Farthest, "loss": s.Loss, "loss_unserved": s.LossUnserved,
		}})
	}
	return rows
}

func (s SiteFigures) label() string { return Candidate{ID: s.ID, Name: s.Name}.label() }

func (r publishedRow) cellRows(squares map[string]orb.Polygon) []catalog.Named {
	var rows []catalog.Named
	for _, c := range r.Result.Cells {
		n := catalog.Named{Geometry: orb.Point{c.Lon, c.Lat}, Fields: map[string]any{
			"id": r.ID + "." + c.ID, "run": r.ID, "cell": c.ID, "weight": c.Weight, "scale": r.Result.Scale,
			"people": c.People, "over_65": c.Over65, "guessed": c.Guessed, "site": c.Site}}
		if c.Site != "" {
			n.Fields["seconds"] = c.Seconds
		}
		if square, ok := squares[c.ID]; ok {
			n.Geometry = square
		}
		rows = append(rows, n)
	}
	return rows
}

// squaresOf draws the cells whose ids are INSPIRE's: corners in EPSG:3035, in
// units of the cell's size.
func squaresOf(ctx context.Context, db postgis.DB, runs []publishedRow) (map[string]orb.Polygon, error) {
	var ids []string
	for _, r := range runs {
		for _, c := range r.Result.Cells {
			ids = append(ids, c.ID)
		}
	}
	slices.Sort(ids)
	rows, err := db.Query(ctx, `SELECT id, ST_Transform(ST_MakeEnvelope(x * size, y * size, (x + 1) * size, (y + 1) * size, 3035), 4326)
		FROM (SELECT id, CASE m[1] WHEN '1km' THEN 1000 ELSE 100 END AS size, m[2]::float8 AS y, m[3]::float8 AS x
			FROM unnest(@ids::text[]) AS id, regexp_match(id, '^(1km|100m)N([0-9]{1,6})E([0-9]{1,6})$') AS m WHERE m IS NOT NULL) AS cell`,
		pgx.NamedArgs{"ids": slices.Compact(ids)})
	if err != nil {
		return nil, err
	}
	squares := map[string]orb.Polygon{}
	var id string
	var shape orb.Geometry
	_, err = pgx.ForEachRow(rows, []any{&id, &shape}, func() error {
		polygon, ok := shape.(orb.Polygon)
		if !ok {
			return fmt.Errorf("cell %s is a %s", id, shape.GeoJSONType())
		}
		squares[id] = polygon
		return nil
	})
	return squares, err
}

package planning

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/stations/demand"
)

// RunFilter chooses runs; the zero value means all.
type RunFilter struct {
	Scenario  string
	Published bool // only published ones
	Limit     int  // the youngest so many; 0: 100
}

// What is read of a run; a brief one lacks what is large, the cells and the
// candidates.
const (
	runColumns = `id::text, scenario::text, revision, purpose, question, definition, state, progress, result,
		inputs_hash, error, queued_at, started_at, ended_at, published_at`
	briefColumns = `id::text, scenario::text, revision, purpose, question, jsonb_set(definition, '{candidates}', '[]') AS definition,
		state, progress, CASE WHEN result IS NOT NULL THEN jsonb_set(result, '{cells}', '[]') END AS result,
		inputs_hash, error, queued_at, started_at, ended_at, published_at`
)

// runRow is a run as the table has it.
type runRow struct {
	ID, Scenario string
	Revision     int
	Purpose      Purpose
	Question     Question
	Definition   Definition
	State        State
	Progress     Progress
	Result       *Outcome
	InputsHash   string
	Error        *keptError
	QueuedAt     time.Time
	StartedAt    *time.Time
	EndedAt      *time.Time
	PublishedAt  *time.Time
}

// keptError is an ortsnah.Error in the database: no cause, which is for the log.
type keptError struct {
	Kind  ortsnah.Kind   `json:"kind"`
	Key   string         `json:"key"`
	Field string         `json:"field,omitempty"`
	Args  map[string]any `json:"args,omitempty"`
}

func (r runRow) run() Run {
	run := Run{ID: r.ID, Scenario: r.Scenario, Revision: r.Revision, Purpose: r.Purpose, Question: r.Question, Definition: r.Definition,
		State: r.State, Progress: r.Progress, Result: r.Result, InputsHash: r.InputsHash,
		QueuedAt: r.QueuedAt, StartedAt: r.StartedAt, EndedAt: r.EndedAt, PublishedAt: r.PublishedAt}
	if e := r.Error; e != nil {
		run.Error = &ortsnah.Error{Kind: e.Kind, Key: e.Key, Field: e.Field, Args: e.Args}
	}
	return run
}

func kept(err *ortsnah.Error) *keptError {
	return &keptError{Kind: err.Kind, Key: err.Key, Field: err.Field, Args: err.Args}
}

// Runs returns the runs that f chooses, the youngest first. They lack what is
// large: Definition.Candidates and Result.Cells are empty.
func Runs(ctx context.Context, db postgis.DB, f RunFilter) ([]Run, error) {
	if f.Scenario != "" && !isUUID(f.Scenario) {
		return nil, noScenario()
	}
	if f.Limit <= 0 {
		f.Limit = 100
	}
	rows, err := db.Query(ctx, `SELECT `+briefColumns+` FROM stations.run
		WHERE (@scenario = '' OR scenario::text = @scenario) AND (NOT @published OR published_at IS NOT NULL)
		ORDER BY queued_at DESC, id LIMIT @limit`,
		pgx.NamedArgs{"scenario": f.Scenario, "published": f.Published, "limit": f.Limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanRun)
}

func scanRun(row pgx.CollectableRow) (Run, error) {
	r, err := pgx.RowToStructByName[runRow](row)
	return r.run(), err
}

// FindRun returns one run with everything. Error: NotFound planning.no_run.
func FindRun(ctx context.Context, db postgis.DB, id string) (Run, error) {
	return oneRun(ctx, db, `SELECT `+runColumns+` FROM stations.run WHERE id = @id`, pgx.NamedArgs{"id": id})
}

func oneRun(ctx context.Context, db postgis.DB, sql string, args pgx.NamedArgs) (Run, error) {
	if id, ok := args["id"].(string); ok && !isUUID(id) {
		return Run{}, noRun()
	}
	rows, err := db.Query(ctx, sql, args)
	if err != nil {
		return Run{}, err
	}
	r, err := pgx.CollectExactlyOneRow(rows, scanRun)
	if errors.Is(err, pgx.ErrNoRows) {
		return Run{}, noRun()
	}
	return r, err
}

func noRun() error { return ortsnah.E(ortsnah.NotFound, "planning.no_run") }

// Start queues a run about the scenario as it stands now. What makes no sense
// is refused here, before anybody waits. Errors: NotFound planning.no_scenario,
// Invalid planning.….
func Start(ctx context.Context, db postgis.DB, now time.Time, scenario string, purpose Purpose, q Question) (Run, error) {
	s, err := FindScenario(ctx, db, scenario)
	if err != nil {
		return Run{}, err
	}
	if purpose == "" {
		purpose = Solve
	}
	if err := s.Definition.Check(); err != nil {
		return Run{}, err
	}
	if q, err = s.Definition.question(purpose, q); err != nil {
		return Run{}, err
	}
	if err := inTown(ctx, db, s.Definition.Candidates); err != nil {
		return Run{}, err
	}
	_, err = demand.FindSource(ctx, db, s.Definition.Demand.Source)
	if ortsnah.KindOf(err) == ortsnah.NotFound {
		return Run{}, ortsnah.E(ortsnah.Invalid, "planning.unknown_source", "source", s.Definition.Demand.Source).About("source")
	}
	if err != nil {
		return Run{}, err
	}
	return oneRun(ctx, db, `WITH started AS (
			INSERT INTO stations.run (scenario, revision, purpose, definition, question, state, queued_at)
			VALUES (@scenario, @revision, @purpose, @definition, @question, 'queued', @now) RETURNING *)
		SELECT `+runColumns+` FROM started, pg_notify('siting_run', started.id || ' queued')`,
		pgx.NamedArgs{"scenario": s.ID, "revision": s.Revision, "purpose": purpose, "definition": s.Definition, "question": q, "now": now})
}

// Dismiss cancels a run wherever it is worked on; what was found until then is
// kept. A run that has ended stays as it is. Error: NotFound planning.no_run.
func Dismiss(ctx context.Context, db postgis.DB, now time.Time, id string) (Run, error) {
	r, err := oneRun(ctx, db, `WITH dismissed AS (
			UPDATE stations.run SET state = 'dismissed', ended_at = @now, stage = stage + 1
			WHERE id = @id AND state IN ('queued', 'running') RETURNING *),
		event AS (INSERT INTO stations.run_event (run, number, at, state, progress)
			SELECT id, stage, @now, state, progress FROM dismissed)
		SELECT `+runColumns+` FROM dismissed, pg_notify('siting_run', dismissed.id || ' dismissed')`, pgx.NamedArgs{"id": id, "now": now})
	if ortsnah.KindOf(err) == ortsnah.NotFound {
		return FindRun(ctx, db, id)
	}
	return r, err
}

// Retry asks the question of a run that has ended once more, about the same
// definition. Errors: NotFound planning.no_run, Conflict planning.still_running.
func Retry(ctx context.Context, db postgis.DB, now time.Time, id string) (Run, error) {
	r, err := FindRun(ctx, db, id)
	if err != nil {
		return r, err
	}
	if r.State == Queued || r.State == Running {
		return r, ortsnah.E(ortsnah.Conflict, "planning.still_running")
	}
	return oneRun(ctx, db, `WITH started AS (
			INSERT INTO stations.run (scenario, revision, purpose, definition, question, state, queued_at)
			SELECT scenario, revision, purpose, definition, question, 'queued', @now FROM stations.run WHERE id = @id RETURNING *)
		SELECT `+runColumns+` FROM started, pg_notify('siting_run', started.id || ' queued')`, pgx.NamedArgs{"id": id, "now": now})
}

// Inputs returns the problem that the run solved: JSON of siting/instance,
// compressed with gzip, and its SHA-256 before compression. Errors: NotFound
// planning.no_run, planning.no_inputs while there are none.
func Inputs(ctx context.Context, db postgis.DB, id string) (zipped []byte, sha256 string, err error) {
	return file(ctx, db, id, "planning.no_inputs", `SELECT inputs, inputs_hash FROM stations.run WHERE id = @id`)
}

// CertificateFile returns the file that `ortsnah siting verify` checks: the
// proof together with the problem. sha256 is that of the inputs. Errors:
// NotFound planning.no_run, planning.no_certificate.
func CertificateFile(ctx context.Context, db postgis.DB, id string) (content []byte, sha256 string, err error) {
	return file(ctx, db, id, "planning.no_certificate", `SELECT certificate, inputs_hash FROM stations.run WHERE id = @id`)
}

func file(ctx context.Context, db postgis.DB, id, absent, sql string) (content []byte, sha256 string, err error) {
	if !isUUID(id) {
		return nil, "", noRun()
	}
	err = db.QueryRow(ctx, sql, pgx.NamedArgs{"id": id}).Scan(&content, &sha256)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, "", noRun()
	}
	if err == nil && content == nil {
		return nil, "", ortsnah.E(ortsnah.NotFound, absent)
	}
	return content, sha256, err
}

// inTown refuses candidates outside the municipality, where one is known.
func inTown(ctx context.Context, db postgis.DB, candidates []Candidate) error {
	lons, lats := make([]float64, len(candidates)), make([]float64, len(candidates))
	for i, c := range candidates {
		lons[i], lats[i] = c.Lon, c.Lat
	}
	var outside []int
	err := db.QueryRow(ctx, `WITH town AS (SELECT ST_Union(_geom) AS area FROM open.municipality WHERE _until IS NULL)
		SELECT coalesce(array_agg(n - 1 ORDER BY n), '{}')
		FROM unnest(@lons::float8[], @lats::float8[]) WITH ORDINALITY AS c (lon, lat, n), town, open.setting
		WHERE town.area IS NOT NULL
		  AND NOT ST_Covers(town.area, ST_Transform(ST_SetSRID(ST_MakePoint(lon, lat), 4326), working_srid))`,
		pgx.NamedArgs{"lons": lons, "lats": lats}).Scan(&outside)
	if err != nil || len(outside) == 0 {
		return err
	}
	return ortsnah.E(ortsnah.Invalid, "planning.candidate_outside", "n", len(outside), "name", candidates[outside[0]].label()).About("candidates")
}

package planning

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

const selectScenario = `SELECT id::text, name, note, definition, revision, author, created_at, changed_at FROM stations.scenario `

// Scenarios returns those that are not archived, the last changed first.
func Scenarios(ctx context.Context, db postgis.DB) ([]Scenario, error) {
	rows, err := db.Query(ctx, selectScenario+`WHERE archived_at IS NULL ORDER BY changed_at DESC, id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Scenario])
}

// FindScenario returns one scenario, also an archived one: its runs name it.
// Error: NotFound planning.no_scenario.
func FindScenario(ctx context.Context, db postgis.DB, id string) (Scenario, error) {
	if !isUUID(id) {
		return Scenario{}, noScenario()
	}
	rows, err := db.Query(ctx, selectScenario+`WHERE id = @id`, pgx.NamedArgs{"id": id})
	if err != nil {
		return Scenario{}, err
	}
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Scenario])
	if errors.Is(err, pgx.ErrNoRows) {
		return Scenario{}, noScenario()
	}
	return s, err
}

func noScenario() error { return ortsnah.E(ortsnah.NotFound, "planning.no_scenario") }

// Draft keeps a new scenario. Of s it takes Name, Note, Definition and Author.
// A definition may be incomplete - work is never lost -, only what cannot be
// kept at all is refused; Start wants it whole. Errors: Invalid planning.….
func Draft(ctx context.Context, db postgis.DB, now time.Time, s Scenario) (Scenario, error) {
	if err := s.keepable(); err != nil {
		return s, err
	}
	rows, err := db.Query(ctx, `INSERT INTO stations.scenario (name, note, definition, author, created_at, changed_at)
		VALUES (@name, @note, @definition, @author, @now, @now)
		RETURNING id::text, name, note, definition, revision, author, created_at, changed_at`,
		pgx.NamedArgs{"name": s.Name, "note": s.Note, "definition": s.Definition, "author": s.Author, "now": now})
	if err != nil {
		return s, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Scenario])
}

// Revise changes Name, Note and Definition of the scenario s.ID. s.Revision is
// the one that was read: when somebody else has changed the scenario since,
// Conflict planning.changed_meanwhile, and nothing is written. Other errors:
// NotFound planning.no_scenario, Invalid planning.….
func Revise(ctx context.Context, db postgis.DB, now time.Time, s Scenario) (Scenario, error) {
	if !isUUID(s.ID) {
		return s, noScenario()
	}
	if err := s.keepable(); err != nil {
		return s, err
	}
	rows, err := db.Query(ctx, `UPDATE stations.scenario
		SET name = @name, note = @note, definition = @definition, revision = revision + 1, changed_at = @now
		WHERE id = @id AND revision = @revision AND archived_at IS NULL
		RETURNING id::text, name, note, definition, revision, author, created_at, changed_at`,
		pgx.NamedArgs{"id": s.ID, "revision": s.Revision, "name": s.Name, "note": s.Note, "definition": s.Definition, "now": now})
	if err != nil {
		return s, err
	}
	kept, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Scenario])
	if !errors.Is(err, pgx.ErrNoRows) {
		return kept, err
	}
	if _, err := FindScenario(ctx, db, s.ID); err != nil {
		return s, err
	}
	return s, ortsnah.E(ortsnah.Conflict, "planning.changed_meanwhile", "name", s.Name).About("revision")
}

// Archive takes a scenario off the planners' list; runs and what was published
// of them stay. Error: NotFound planning.no_scenario.
func Archive(ctx context.Context, db postgis.DB, now time.Time, id string) error {
	if !isUUID(id) {
		return noScenario()
	}
	tag, err := db.Exec(ctx, `UPDATE stations.scenario SET archived_at = coalesce(archived_at, @now), revision = revision + 1 WHERE id = @id`,
		pgx.NamedArgs{"id": id, "now": now})
	if err == nil && tag.RowsAffected() == 0 {
		return noScenario()
	}
	return err
}

// Copy keeps the scenario id once more under another name.
// Errors: NotFound planning.no_scenario, Invalid planning.bad_name.
func Copy(ctx context.Context, db postgis.DB, now time.Time, id, name, author string) (Scenario, error) {
	s, err := FindScenario(ctx, db, id)
	if err != nil {
		return s, err
	}
	s.Name, s.Author = name, author
	return Draft(ctx, db, now, s)
}

// What a scenario may hold at most; a town has fewer.
const (
	longestName    = 200
	longestNote    = 10_000
	mostCandidates = 5_000
)

// keepable refuses what cannot be kept.
func (s *Scenario) keepable() error {
	s.Name = strings.TrimSpace(s.Name)
	if n := utf8.RuneCountInString(s.Name); n == 0 || n > longestName || !plain(s.Name) {
		return ortsnah.E(ortsnah.Invalid, "planning.bad_name", "n", longestName).About("name")
	}
	if utf8.RuneCountInString(s.Note) > longestNote || !plain(s.Note) {
		return ortsnah.E(ortsnah.Invalid, "planning.bad_note", "n", longestNote).About("note")
	}
	if n := len(s.Definition.Candidates); n > mostCandidates {
		return ortsnah.E(ortsnah.Invalid, "planning.too_many_candidates", "n", n, "most", mostCandidates).About("candidates")
	}
	if s.Definition.Candidates == nil {
		s.Definition.Candidates = []Candidate{}
	}
	return s.Definition.wellFormed()
}

// plain reports whether the database can keep the text.
func plain(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

var uuidShape = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// isUUID keeps other texts from the database, which would call them a defect.
func isUUID(id string) bool { return uuidShape.MatchString(id) }

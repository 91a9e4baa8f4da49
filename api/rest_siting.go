package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/stations/planning"
)

// Scenarios are large and deep beside what citizens send: thousands of
// candidates, with shapes when they come as GeoJSON.
const (
	largestScenario = 8 << 20
	deepestScenario = 12
)

// scenarioAsked is the body of POST and PUT of a scenario; PUT names the
// revision that was read.
type scenarioAsked struct {
	Name       string              `json:"name"`
	Note       string              `json:"note"`
	Revision   int                 `json:"revision"`
	Definition planning.Definition `json:"definition"`
}

// scenarioAnswer is a scenario as planners see it.
type scenarioAnswer struct {
	planning.Scenario
	Links []link `json:"links"`
}

// scenariosAnswer lists scenarios.
type scenariosAnswer struct {
	Scenarios []scenarioAnswer `json:"scenarios"`
}

func (s *Server) scenarioAnswer(r *http.Request, c planning.Scenario) scenarioAnswer {
	own := s.base(r) + "/api/v1/siting/scenarios/" + c.ID
	return scenarioAnswer{Scenario: c, Links: []link{{Href: own, Rel: "self", Type: jsonMedia},
		{Href: s.base(r) + "/api/v1/siting/runs?scenario=" + c.ID, Rel: "runs", Type: jsonMedia}}}
}

// sitingScenarios answers GET /api/v1/siting/scenarios.
func (s *Server) sitingScenarios(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	all, err := planning.Scenarios(r.Context(), s.DB)
	if err != nil {
		return err
	}
	list := scenariosAnswer{Scenarios: []scenarioAnswer{}}
	for _, c := range all {
		list.Scenarios = append(list.Scenarios, s.scenarioAnswer(r, c))
	}
	return answerDocument(w, http.StatusOK, list)
}

// sitingScenario answers GET /api/v1/siting/scenarios/{id}.
func (s *Server) sitingScenario(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	c, err := planning.FindScenario(r.Context(), s.DB, pathVar(r, "id"))
	if err != nil {
		return err
	}
	return answerDocument(w, http.StatusOK, s.scenarioAnswer(r, c))
}

// sitingDraft answers POST /api/v1/siting/scenarios: 201 with the scenario.
func (s *Server) sitingDraft(w http.ResponseWriter, r *http.Request) error {
	var asked scenarioAsked
	raw, err := readScenario(w, r, &asked)
	if err != nil {
		return err
	}
	return s.once(w, r, s.account(r).ID, raw, func(ctx context.Context) (int, []byte, error) {
		c, err := planning.Draft(ctx, s.DB, s.Now(), planning.Scenario{Name: asked.Name, Note: asked.Note,
			Definition: asked.Definition, Author: s.account(r).Name})
		if err != nil {
			return 0, nil, err
		}
		body, err := encoded(s.scenarioAnswer(r, c))
		return http.StatusCreated, body, err
	})
}

// sitingRevise answers PUT /api/v1/siting/scenarios/{id}: 409 when somebody
// else has changed it since the revision that was read.
func (s *Server) sitingRevise(w http.ResponseWriter, r *http.Request) error {
	var asked scenarioAsked
	if _, err := readScenario(w, r, &asked); err != nil {
		return err
	}
	c, err := planning.Revise(r.Context(), s.DB, s.Now(), planning.Scenario{ID: pathVar(r, "id"), Name: asked.Name, Note: asked.Note,
		Revision: asked.Revision, Definition: asked.Definition})
	if err != nil {
		return err
	}
	return answerDocument(w, http.StatusOK, s.scenarioAnswer(r, c))
}

// sitingArchive answers DELETE /api/v1/siting/scenarios/{id}.
func (s *Server) sitingArchive(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	if err := planning.Archive(r.Context(), s.DB, s.Now(), pathVar(r, "id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// readScenario is readJSON for documents of planners; names that no field has
// are refused at every depth.
func readScenario(w http.ResponseWriter, r *http.Request, into any) ([]byte, error) {
	if _, err := parameters(r); err != nil {
		return nil, err
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != jsonMedia {
		return nil, ortsnah.E(ortsnah.WrongMedia, "api.not_json").About("Content-Type")
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestScenario))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, ortsnah.E(ortsnah.TooLarge, "api.body_too_large", "n", largestScenario>>10)
	}
	if err != nil || !utf8.Valid(raw) {
		return nil, badJSON()
	}
	if err := checkDepth(raw, deepestScenario); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return nil, unreadable(err)
	}
	return raw, nil
}

// checkDepth refuses names that come twice in one object, texts that the
// database cannot keep, what is nested too deeply, and what stands behind the
// document.
func checkDepth(raw []byte, deepest int) error {
	c := jsonCheck{dec: json.NewDecoder(bytes.NewReader(raw)), deepest: deepest, any: true}
	c.dec.UseNumber()
	if token, err := c.dec.Token(); err != nil || token != json.Delim('{') {
		return badJSON()
	}
	if err := c.object(1); err != nil {
		return err
	}
	if _, err := c.dec.Token(); !errors.Is(err, io.EOF) {
		return badJSON()
	}
	return nil
}

// unreadable names the field that the decoder stumbled over.
func unreadable(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return ortsnah.E(ortsnah.Invalid, "api.wrong_type", "name", wrong.Field).About(wrong.Field)
	}
	if _, field, ok := strings.Cut(err.Error(), `unknown field "`); ok {
		name := shortened(strings.TrimSuffix(field, `"`))
		return ortsnah.E(ortsnah.Invalid, "planning.unknown_field", "name", name).About(name)
	}
	if e, ok := errors.AsType[*ortsnah.Error](err); ok {
		return e
	}
	return badJSON()
}

// plans reports whether who asks has signed in as a planner: then all runs may
// be seen, else those that are published.
func (s *Server) plans(r *http.Request) bool {
	session, err := s.session(r)
	return err == nil && session.Stage == auth.Complete && session.Account.Has(auth.Planner, auth.Administrator)
}

// visibleRun is the run of the path, for whom it may concern: an unpublished
// one does not exist for the public.
func (s *Server) visibleRun(w http.ResponseWriter, r *http.Request) (planning.Run, error) {
	w.Header().Add("Vary", "Cookie")
	run, err := planning.FindRun(r.Context(), s.DB, pathVar(r, "id"))
	if err != nil {
		return run, err
	}
	if run.PublishedAt == nil && !s.plans(r) {
		return planning.Run{}, ortsnah.E(ortsnah.NotFound, "planning.no_run")
	}
	return run, nil
}

// answerDocument answers with doc, which no cache keeps.
func answerDocument(w http.ResponseWriter, code int, doc any) error {
	body, err := encoded(doc)
	if err != nil {
		return err
	}
	return answerJSON(w, code, body)
}

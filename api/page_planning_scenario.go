package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/stations/planning"
)

// newScenario is the address of a scenario that does not exist yet.
const newScenario = "neu"

// planningScenario answers /planung/szenario/{id}.
func (s *Server) planningScenario(w http.ResponseWriter, r *http.Request) error {
	f := newScenarioForm()
	if id := pathVar(r, "id"); id != newScenario {
		c, err := planning.FindScenario(r.Context(), s.DB, id)
		if err != nil {
			return err
		}
		f = formOfScenario(c)
	}
	return s.showScenario(w, r, http.StatusOK, f, web.PlanningScenario{Notice: doneNotice(r)})
}

// planningScenarioPosted saves the form, takes points into it, or starts a run.
// Whatever is wrong, what was typed stays in the form.
func (s *Server) planningScenarioPosted(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	id := pathVar(r, "id")
	if id == newScenario {
		id = ""
	}
	f, err := readScenarioForm(v, id)
	if err == nil {
		err = s.takePlaces(r.Context(), web.LangOf(r), &f)
	}
	if err != nil {
		return s.scenarioRefused(w, r, f, err)
	}
	if v.Get("schritt") == "aufnehmen" {
		return s.showScenario(w, r, http.StatusOK, f, web.PlanningScenario{})
	}
	c, err := s.saveScenario(r, f, v.Get("schritt"))
	if err != nil {
		return s.scenarioRefused(w, r, f, err)
	}
	if v.Get("schritt") != "rechnen" {
		return s.done(w, r, scenarioPath+c.ID, "scenario_saved")
	}
	run, err := planning.Start(r.Context(), s.DB, s.Now(), c.ID, planning.Solve, planning.Question{})
	if err != nil {
		return s.scenarioRefused(w, r, formOfScenario(c), err)
	}
	return redirect(w, http.StatusSeeOther, inLang(web.LangOf(r), runPath+run.ID))
}

// takePlaces moves the chosen sets and the typed points into the candidates.
func (s *Server) takePlaces(ctx context.Context, lang string, f *scenarioForm) error {
	for _, kind := range f.sets {
		list, err := s.candidatePlaces(ctx, lang, kind)
		if err != nil {
			return err
		}
		f.take(list)
	}
	points, err := drawnPoints(lang, f.points, f.definition.Candidates)
	if err != nil {
		return err
	}
	f.take(points)
	f.points, f.sets = "", nil
	return nil
}

// saveScenario stores the form as the step says: over the version that was
// read, over whatever is there ("meine"), or as a new scenario ("kopie").
func (s *Server) saveScenario(r *http.Request, f scenarioForm, step string) (planning.Scenario, error) {
	c, err := f.scenario()
	if err != nil {
		return c, err
	}
	c.Author = s.account(r).Name
	switch {
	case step == "kopie":
		c.Name = i18n.Text(web.LangOf(r), "planning_scenario.copy.name", map[string]any{"name": c.Name})
		return planning.Draft(r.Context(), s.DB, s.Now(), c)
	case c.ID == "":
		return planning.Draft(r.Context(), s.DB, s.Now(), c)
	case step == "meine":
		stored, err := planning.FindScenario(r.Context(), s.DB, c.ID)
		if err != nil {
			return c, err
		}
		c.Revision = max(stored.Revision, c.Revision)
	}
	return planning.Revise(r.Context(), s.DB, s.Now(), c)
}

// scenarioRefused shows the form again with what is wrong; when somebody else
// has saved meanwhile, with what differs.
func (s *Server) scenarioRefused(w http.ResponseWriter, r *http.Request, f scenarioForm, err error) error {
	var p web.PlanningScenario
	if e, ok := errors.AsType[*ortsnah.Error](err); ok && e.Key == "planning.changed_meanwhile" {
		stored, findErr := planning.FindScenario(r.Context(), s.DB, f.id)
		if findErr != nil {
			return findErr
		}
		p.Meanwhile = meanwhile(web.LangOf(r), f, stored)
	}
	var code int
	if p.Notice, code, err = refusal(r, err); err != nil {
		return err
	}
	return s.showScenario(w, r, code, f, p)
}

// meanwhile compares the form with what somebody else has saved.
func meanwhile(lang string, f scenarioForm, stored planning.Scenario) *web.PlanMeanwhile {
	theirs := formOfScenario(stored)
	m := &web.PlanMeanwhile{Revision: stored.Revision, Path: scenarioPath + stored.ID}
	row := func(label, yours, their string) {
		if yours != their {
			m.Rows = append(m.Rows, web.PlanDifference{Label: label, Yours: yours, Theirs: their})
		}
	}
	say := func(key string) string { return i18n.Text(lang, "planning_scenario."+key, nil) }
	row(say("name"), f.name, theirs.name)
	row(say("note"), f.note, theirs.note)
	row(say("source"), f.definition.Demand.Source, theirs.definition.Demand.Source)
	row(say("aim"), askLine(lang, f.definition), askLine(lang, theirs.definition))
	for _, field := range []struct{ name, key string }{{"p", "p"}, {"minuten", "radius"}, {"kapazitaet", "capacity"}, {"hoechstens", "cap"}, {"grenze", "cutoff"}, {"sekunden", "seconds"}} {
		row(say(field.key), f.numbers[field.name], theirs.numbers[field.name])
	}
	row(say("day"), f.definition.Day, theirs.definition.Day)
	different := 0
	for _, c := range f.definition.Candidates {
		if !slices.Contains(theirs.definition.Candidates, c) {
			different++
		}
	}
	missing := max(len(theirs.definition.Candidates)-len(f.definition.Candidates)+different, 0)
	if different+missing > 0 {
		n := func(n int) string { return i18n.Text(lang, "planning_scenario.different", map[string]any{"n": n}) }
		row(say("sites"), n(different), n(missing))
	}
	return m
}

// showScenario fills the page around the form.
func (s *Server) showScenario(w http.ResponseWriter, r *http.Request, code int, f scenarioForm, p web.PlanningScenario) error {
	lang, ctx := web.LangOf(r), r.Context()
	d := f.definition
	p.ID, p.Name, p.Note, p.Revision = f.id, f.name, f.note, f.revision
	p.Path = scenarioPath + newScenario
	if f.id != "" {
		p.Path = scenarioPath + f.id
	}
	for _, fill := range []func() error{
		func() error { return s.fillDemandChoice(ctx, lang, f, &p) },
		func() error { return s.fillPlaces(ctx, lang, f, &p) },
		func() error { return s.fillRuns(ctx, lang, f, &p) },
		func() (err error) { p.Map.Bounds, err = s.boundsOfTown(ctx); return err },
	} {
		if err := fill(); err != nil {
			return err
		}
	}
	p.Objectives, p.Profiles = objectiveChoices(lang, d), profileOptions(lang, d)
	p.P, p.Radius, p.Cap, p.Cutoff = f.numbers["p"], f.numbers["minuten"], f.numbers["hoechstens"], f.numbers["grenze"]
	p.Capacity, p.Seconds, p.Day, p.Weekly = f.numbers["kapazitaet"], f.numbers["sekunden"], d.Day, f.weekly
	p.Stations, p.HalfDays, p.SessionCapacity, p.Steerable = f.numbers["fahrzeuge"], f.numbers["halbtage"], f.numbers["sitzung"], f.numbers["lenkbar"]
	p.MoreLimits = p.Capacity != "" || p.Cap != "" || p.Cutoff != ""
	if s.straightLines() {
		p.Basis = i18n.Text(lang, "plan.basis.hint", nil)
	}
	return s.planningPage(w, r, code, p)
}

// boundsOfTown is where maps of planning begin.
func (s *Server) boundsOfTown(ctx context.Context) ([4]float64, error) {
	ready, err := s.collections(ctx)
	if err != nil {
		return [4]float64{}, err
	}
	return s.townBounds(ctx, ready)
}

// fillRuns lists what was computed of the scenario.
func (s *Server) fillRuns(ctx context.Context, lang string, f scenarioForm, p *web.PlanningScenario) error {
	if f.id == "" {
		return nil
	}
	runs, err := planning.Runs(ctx, s.DB, planning.RunFilter{Scenario: f.id, Limit: 20})
	for _, run := range runs {
		p.Runs = append(p.Runs, s.runCard(lang, run, i18n.Text(lang, "plan.purpose."+string(run.Purpose), nil)))
	}
	return err
}

// fillPlaces adds the table of candidates and the sets to take them from.
func (s *Server) fillPlaces(ctx context.Context, lang string, f scenarioForm, p *web.PlanningScenario) error {
	for _, kind := range placeKinds() {
		list, err := s.candidatePlaces(ctx, lang, kind)
		if err != nil {
			return err
		}
		set := web.PlanSet{Value: kind, Label: i18n.Text(lang, "planning_scenario.set."+kind, nil), N: len(list), On: slices.Contains(f.sets, kind)}
		for _, c := range list {
			if slices.ContainsFunc(f.definition.Candidates, func(other planning.Candidate) bool { return other.ID == c.ID }) {
				set.Taken++
			}
		}
		p.Sets = append(p.Sets, set)
	}
	p.Points, p.Roles, p.OwnCapacity = f.points, roleOptions(lang, ""), len(f.definition.Candidates) <= 500
	for i, c := range f.definition.Candidates {
		row := web.PlanCandidate{N: i, ID: c.ID, Name: c.Name, Kind: i18n.Text(lang, "plan.kind."+placeKind(c), nil), Lon: fmt.Sprintf("%.5f", c.Lon), Lat: fmt.Sprintf("%.5f", c.Lat),
			Role: string(c.Role), Roles: roleOptions(lang, string(c.Role)), StepFree: c.StepFree}
		if c.Capacity > 0 {
			row.Capacity, p.OwnCapacity = strconv.FormatInt(c.Capacity, 10), true
		}
		p.Candidates = append(p.Candidates, row)
	}
	raw, err := json.Marshal(f.definition.Candidates)
	if len(f.definition.Candidates) > 0 {
		p.Places = string(raw)
	}
	return err
}

// placeKind is a kind that has a text.
func placeKind(c planning.Candidate) string {
	if slices.Contains(placeKinds(), c.Kind) {
		return c.Kind
	}
	return "drawn"
}

func roleOptions(lang, chosen string) []web.Option {
	var list []web.Option
	for _, role := range []planning.Role{planning.Free, planning.Required, planning.Forbidden, planning.Existing, "remove"} {
		list = append(list, web.Option{Value: string(role), Label: i18n.Text(lang, "plan.role."+string(role), nil), On: string(role) == chosen})
	}
	return list
}

// planningCopy keeps a scenario once more.
func (s *Server) planningCopy(w http.ResponseWriter, r *http.Request) error {
	lang := web.LangOf(r)
	c, err := planning.FindScenario(r.Context(), s.DB, pathVar(r, "id"))
	if err != nil {
		return err
	}
	name := i18n.Text(lang, "planning_scenario.copy.name", map[string]any{"name": c.Name})
	if c, err = planning.Copy(r.Context(), s.DB, s.Now(), c.ID, name, s.account(r).Name); err != nil {
		return err
	}
	return s.done(w, r, scenarioPath+c.ID, "scenario_copied")
}

// planningArchive takes a scenario off the list.
func (s *Server) planningArchive(w http.ResponseWriter, r *http.Request) error {
	if err := planning.Archive(r.Context(), s.DB, s.Now(), pathVar(r, "id")); err != nil {
		return err
	}
	return s.done(w, r, planningPath, "scenario_archived")
}

// planningFormGone leads who reloads the address of a small form back.
func (s *Server) planningFormGone(w http.ResponseWriter, r *http.Request) error {
	path := scenarioPath
	if pathVar(r, "form") != "kopie" && pathVar(r, "form") != "archiv" {
		path = runPath
	}
	return redirect(w, http.StatusSeeOther, inLang(web.LangOf(r), path+url.PathEscape(pathVar(r, "id"))))
}

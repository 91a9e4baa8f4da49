package api

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/travel"
)

// planningRun answers /planung/lauf/{id}.
func (s *Server) planningRun(w http.ResponseWriter, r *http.Request) error {
	run, err := s.visibleRun(w, r)
	if err != nil {
		return err
	}
	return s.showRun(w, r, http.StatusOK, run, web.PlanningRun{Notice: doneNotice(r)})
}

func (s *Server) showRun(w http.ResponseWriter, r *http.Request, code int, run planning.Run, p web.PlanningRun) error {
	lang, ctx := web.LangOf(r), r.Context()
	c, err := planning.FindScenario(ctx, s.DB, run.Scenario)
	if err != nil {
		return err
	}
	p.ID, p.Name, p.Desk = run.ID, c.Name, s.plansHere(r)
	p.Badge, p.Ask, p.Facts = runBadge(lang, run), askLine(lang, run.Definition), s.runFacts(lang, run)
	if run.Purpose != planning.Solve {
		p.Name += ": " + i18n.Text(lang, "plan.purpose."+string(run.Purpose), nil)
	}
	if run.Error != nil {
		p.Error = i18n.Error(lang, run.Error)
	}
	if run.PublishedAt != nil {
		p.Published = run.PublishedAt.In(s.Zone)
	}
	if p.Desk {
		p.EditPath, p.Outdated = scenarioPath+c.ID, c.Revision != run.Revision
		p.CanRetry = run.State == planning.Failed || run.State == planning.Dismissed
	}
	if run.State == planning.Queued || run.State == planning.Running {
		p.Live = liveOf(lang, run)
		return s.planningPage(w, r, code, p)
	}
	p.CanCurve = run.Definition.Weekly == nil && run.Definition.Objective != instance.LSCP
	p.Files, p.Command = runFiles(lang, run, p.Desk), ""
	if run.Result != nil && len(run.Result.Sites) > 0 {
		p.Command = "ortsnah siting verify siting-" + run.ID + "-certificate.json"
		p.Attribution = strings.Trim(run.Result.Demand.Attribution+" · "+run.Result.Attribution, " ·")
		if p.Result, err = s.resultOf(ctx, lang, run, r.URL.Query()); err != nil {
			return err
		}
	}
	if p.Desk {
		if err := s.fillRelated(ctx, lang, run, &p); err != nil {
			return err
		}
	}
	return s.planningPage(w, r, code, p)
}

// fillRelated adds the other runs of the scenario and what to compare with.
func (s *Server) fillRelated(ctx context.Context, lang string, run planning.Run, p *web.PlanningRun) error {
	own, err := planning.Runs(ctx, s.DB, planning.RunFilter{Scenario: run.Scenario, Limit: 20})
	if err != nil {
		return err
	}
	for _, other := range own {
		if other.ID != run.ID {
			p.Related = append(p.Related, s.runCard(lang, other, i18n.Text(lang, "plan.purpose."+string(other.Purpose), nil)))
		}
	}
	names, err := s.scenarioNames(ctx)
	if err != nil {
		return err
	}
	all, err := planning.Runs(ctx, s.DB, planning.RunFilter{})
	p.Others = s.runOptions(lang, all, names, run.ID)
	return err
}

// liveOf is what is known of a run that is not over.
func liveOf(lang string, run planning.Run) *web.PlanLive {
	p, m := run.Progress, measuredOf(lang, run)
	l := &web.PlanLive{Step: i18n.Text(lang, "planning_run.step."+p.Step, nil), Known: p.Known, Seconds: i18n.Decimal(lang, p.Seconds, 0) + " s", EventsURL: runAPI(run.ID) + "/events"}
	kind := run.Definition.Objective
	l.Best, l.Bound, l.Gap = m.value(kind, p.Best, p.Weight), m.value(kind, p.Bound, p.Weight), percent(lang, p.Gap)
	if p.Share > 0 {
		l.Share = percent(lang, p.Share)
	}
	return l
}

// runFacts say what a run rests on.
func (s *Server) runFacts(lang string, run planning.Run) []web.Property {
	say := func(key string, args map[string]any) string { return i18n.Text(lang, "planning_run."+key, args) }
	d, facts := run.Definition, []web.Property{}
	add := func(key, value string) {
		if value != "" {
			facts = append(facts, web.Property{Label: say("fact."+key, nil), Value: value})
		}
	}
	add("ask", askLine(lang, d))
	if len(d.Candidates) > 0 {
		add("candidates", i18n.Number(lang, int64(len(d.Candidates))))
	}
	add("day", say("fact.day.none", nil))
	if d.Day != "" {
		facts[len(facts)-1].Value = s.dayText(lang, d.Day)
	}
	o := run.Result
	if o == nil {
		return facts
	}
	m := measuredOf(lang, run)
	measure := "people"
	if m.visits {
		measure = "visits"
	}
	add("demand", m.people(o.Demand.Weight)+": "+say("demand."+measure, map[string]any{"source": o.Demand.Source}))
	if o.Unreachable > 0 {
		add("unreachable", m.people(o.Unreachable))
	}
	add("ways", basisText(lang, o))
	if d.Weekly == nil && len(o.Sites) > 0 {
		add("value", m.value(d.Objective, o.Value, served(o)))
		add("bound", m.value(d.Objective, o.Bound, served(o)))
	}
	add("ended", i18n.Moment(lang, s.momentOf(run))+" ("+i18n.Decimal(lang, o.Seconds, 1)+" s)")
	add("revision", strconv.Itoa(run.Revision))
	if run.InputsHash != "" {
		facts = append(facts, web.Property{Name: "code", Label: say("fact.inputs", nil), Value: run.InputsHash}, web.Property{Name: "code", Label: say("fact.travel", nil), Value: o.Travel})
	}
	return facts
}

func basisText(lang string, o *planning.Outcome) string {
	text := i18n.Text(lang, "plan.basis."+o.Basis, nil)
	if o.DemoRoads && o.Basis == string(travel.RoadNetwork) {
		text = i18n.Text(lang, "plan.basis.demo", nil)
	}
	return text
}

func runFiles(lang string, run planning.Run, desk bool) []web.Link {
	if run.Result == nil || len(run.Result.Sites) == 0 {
		return nil
	}
	say := func(key string) string { return i18n.Text(lang, "planning_run.file."+key, nil) }
	files := []web.Link{{Text: say("report"), Path: runPath + run.ID + "/bericht.pdf"}, {Text: say("certificate"), URL: runAPI(run.ID) + "/certificate"},
		{Text: say("inputs"), URL: runAPI(run.ID) + "/inputs"}, {Text: say("cells"), URL: runPath + run.ID + "/felder.csv"}}
	if run.PublishedAt != nil {
		files = append(files, web.Link{Text: say("dataset"), Path: "/daten/" + planning.SitesDataset})
	}
	return files
}

// planningStop ends a run with what was found until now.
func (s *Server) planningStop(w http.ResponseWriter, r *http.Request) error {
	run, err := planning.Dismiss(r.Context(), s.DB, s.Now(), pathVar(r, "id"))
	if err != nil {
		return err
	}
	return s.done(w, r, runPath+run.ID, "run_dismissed")
}

// planningAgain asks the question of a run once more.
func (s *Server) planningAgain(w http.ResponseWriter, r *http.Request) error {
	run, err := planning.Retry(r.Context(), s.DB, s.Now(), pathVar(r, "id"))
	if err != nil {
		return err
	}
	return redirect(w, http.StatusSeeOther, inLang(web.LangOf(r), runPath+run.ID))
}

// planningAsk starts a further question about a run's scenario.
func (s *Server) planningAsk(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	run, err := planning.FindRun(r.Context(), s.DB, pathVar(r, "id"))
	if err != nil {
		return err
	}
	q, err := questionAsked(v)
	if err == nil {
		var asked planning.Run
		if asked, err = planning.Start(r.Context(), s.DB, s.Now(), run.Scenario, planning.Purpose(v.Get("zweck")), q); err == nil {
			return redirect(w, http.StatusSeeOther, inLang(web.LangOf(r), runPath+asked.ID))
		}
	}
	var p web.PlanningRun
	var code int
	if p.Notice, code, err = refusal(r, err); err != nil {
		return err
	}
	return s.showRun(w, r, code, run, p)
}

func questionAsked(v url.Values) (planning.Question, error) {
	q := planning.Question{Site: v.Get("standort")}
	for _, field := range []struct {
		name string
		into *int
	}{{"von", &q.From}, {"bis", &q.To}, {"ziehungen", &q.Draws}} {
		n, err := wholeAmount(v.Get(field.name), 1_000_000)
		if err != nil {
			return q, about(err, field.name)
		}
		*field.into = int(n)
	}
	return q, nil
}

// planningPublish makes a result open data, or takes it back.
func (s *Server) planningPublish(w http.ResponseWriter, r *http.Request) error {
	return s.publicationForm(w, r, "run_published", func(tx pgx.Tx, id string) error {
		_, err := planning.Publish(r.Context(), tx, s.Now(), id)
		return err
	})
}

func (s *Server) planningUnpublish(w http.ResponseWriter, r *http.Request) error {
	return s.publicationForm(w, r, "run_unpublished", func(tx pgx.Tx, id string) error {
		_, err := planning.Unpublish(r.Context(), tx, id)
		return err
	})
}

func (s *Server) publicationForm(w http.ResponseWriter, r *http.Request, what string, do func(tx pgx.Tx, id string) error) error {
	id := pathVar(r, "id")
	run, err := planning.FindRun(r.Context(), s.DB, id)
	if err != nil {
		return err
	}
	if err = s.inTx(r, func(tx pgx.Tx) error { return do(tx, id) }); err == nil {
		return s.done(w, r, runPath+id, what)
	}
	var p web.PlanningRun
	var code int
	if p.Notice, code, err = refusal(r, err); err != nil {
		return err
	}
	return s.showRun(w, r, code, run, p)
}

// siteName is the name of a candidate of a run.
func siteName(d planning.Definition, id string) string {
	i := slices.IndexFunc(d.Candidates, func(c planning.Candidate) bool { return c.ID == id })
	if i < 0 || d.Candidates[i].Name == "" {
		return id
	}
	return d.Candidates[i].Name
}

package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/stations/planning"
)

// Where the planners' pages are.
const (
	planningPath = web.PlanningPrefix
	scenarioPath = planningPath + "/szenario/"
	runPath      = planningPath + "/lauf/"
	comparePath  = planningPath + "/vergleich"
	phasesPath   = planningPath + "/testphase"
)

// perhapsPlanner serves pages that everybody may see, and planners in their own
// frame and with more on it: who has signed in as one is in the request then.
func (s *Server) perhapsPlanner(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Add("Vary", "Cookie")
		session, err := s.session(r)
		if err != nil && ortsnah.KindOf(err) != ortsnah.Forbidden {
			return err
		}
		if err != nil || session.Stage != auth.Complete || !session.Account.Has(auth.Planner, auth.Administrator) {
			return h(w, r)
		}
		head := w.Header()
		head.Set("Cache-Control", "no-store")
		head.Set("Cross-Origin-Resource-Policy", "same-origin")
		ctx := context.WithValue(r.Context(), signedInKey{}, session)
		framed := r.WithContext(s.inFrame(ctx, session.Account))
		if err := h(w, framed); err != nil {
			s.fail(w, framed, err)
		}
		return nil
	}
}

// plansHere says whether a planner looks at the page.
func (s *Server) plansHere(r *http.Request) bool {
	return s.account(r).Has(auth.Planner, auth.Administrator)
}

// planningPage answers with a page of the planners.
func (s *Server) planningPage(w http.ResponseWriter, r *http.Request, code int, p web.Page) error {
	if !s.plansHere(r) {
		w.Header().Set("Cache-Control", "no-cache")
		return s.Pages.Render(w, r, code, p)
	}
	return s.staffPage(w, r, code, p)
}

// planningHome answers /planung.
func (s *Server) planningHome(w http.ResponseWriter, r *http.Request) error {
	ctx, lang := r.Context(), web.LangOf(r)
	p := web.PlanningHome{Notice: doneNotice(r), Desk: s.plansHere(r)}
	published, err := planning.Runs(ctx, s.DB, planning.RunFilter{Published: true})
	if err != nil {
		return err
	}
	names, err := s.scenarioNames(ctx)
	if err != nil {
		return err
	}
	for _, run := range published {
		card := s.runCard(lang, run, names[run.Scenario])
		card.Files = []web.Link{{Text: i18n.Text(lang, "planning_run.file.certificate", nil), URL: runAPI(run.ID) + "/certificate"}}
		p.Published = append(p.Published, card)
	}
	if p.Desk {
		if err := s.fillDesk(ctx, lang, &p, names); err != nil {
			return err
		}
	}
	return s.planningPage(w, r, http.StatusOK, p)
}

// fillDesk adds what only planners see.
func (s *Server) fillDesk(ctx context.Context, lang string, p *web.PlanningHome, names map[string]string) error {
	scenarios, err := planning.Scenarios(ctx, s.DB)
	if err != nil {
		return err
	}
	runs, err := planning.Runs(ctx, s.DB, planning.RunFilter{Limit: 200})
	if err != nil {
		return err
	}
	for _, c := range scenarios {
		e := web.PlanScenario{Name: c.Name, Path: scenarioPath + c.ID, Changed: c.ChangedAt, Line: askLine(lang, c.Definition) + " · " +
			i18n.Text(lang, "planning_scenario.candidates", map[string]any{"n": len(c.Definition.Candidates)})}
		if i := slices.IndexFunc(runs, func(run planning.Run) bool { return run.Scenario == c.ID && run.Purpose == planning.Solve }); i >= 0 {
			card := s.runCard(lang, runs[i], c.Name)
			card.Line = figureLine(lang, runs[i])
			e.Last = &card
		}
		p.Scenarios = append(p.Scenarios, e)
	}
	p.Runs, p.Others = s.runOptions(lang, runs, names, ""), s.runOptions(lang, runs, names, "")
	if len(p.Runs) > 1 {
		choose(p.Runs, "", 1)
		choose(p.Others, "", 0)
	}
	p.Phases, err = s.phaseCards(ctx, lang)
	return err
}

// scenarioNames are the names of all scenarios by id; archived ones are looked
// up where a run names them.
func (s *Server) scenarioNames(ctx context.Context) (map[string]string, error) {
	rows, err := s.DB.Query(ctx, `SELECT id::text, name FROM stations.scenario`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names := map[string]string{}
	for rows.Next() {
		var id, name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, err
		}
		names[id] = name
	}
	return names, rows.Err()
}

// runOptions are finished runs of sites to choose from, but for one.
func (s *Server) runOptions(lang string, runs []planning.Run, names map[string]string, but string) []web.Option {
	var list []web.Option
	for _, run := range runs {
		if run.ID == but || run.Purpose != planning.Solve || run.Result == nil || len(run.Result.Sites) == 0 {
			continue
		}
		label := names[run.Scenario] + " · " + figureLine(lang, run) + " · " + i18n.Moment(lang, s.momentOf(run))
		list = append(list, web.Option{Value: run.ID, Label: label})
	}
	return list
}

// runCard is a run in a list; brief runs do.
func (s *Server) runCard(lang string, run planning.Run, name string) web.PlanCard {
	line := askLine(lang, run.Definition)
	if run.Purpose != planning.Solve {
		line = i18n.Text(lang, "plan.purpose."+string(run.Purpose), nil)
	}
	if more := figureLine(lang, run); more != "" {
		line += " · " + more
	}
	return web.PlanCard{Title: name, Line: line, Path: runPath + run.ID, Badge: runBadge(lang, run), At: s.momentOf(run)}
}

// runAPI is where programs find a run.
func runAPI(id string) string { return "/api/v1/siting/runs/" + id }

// joinedNames are the first few names and how many more there are.
func joinedNames(lang string, names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	more := i18n.Text(lang, "planning_run.headline.more", map[string]any{"n": len(names) - most})
	return strings.Join(names[:most], ", ") + " " + more
}

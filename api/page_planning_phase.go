package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/stations"
	"github.com/ortsnah/ortsnah/stations/demand"
	"github.com/ortsnah/ortsnah/stations/planning"
)

// dayText is a local day that is written as YYYY-MM-DD, for people.
func (s *Server) dayText(lang, day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return i18n.Date(lang, t)
}

// phaseCards are the test phases in a list.
func (s *Server) phaseCards(ctx context.Context, lang string) ([]web.PlanCard, error) {
	phases, err := planning.Phases(ctx, s.DB)
	var cards []web.PlanCard
	for _, p := range phases {
		cards = append(cards, web.PlanCard{Title: p.Name, Path: phasesPath + "/" + p.ID,
			Line: i18n.Period(lang, s.midnight(p.FirstDay), s.midnight(p.LastDay).AddDate(0, 0, 1)) + ". " + s.phaseState(lang, p)})
	}
	return cards, err
}

func (s *Server) phaseState(lang string, p planning.Phase) string {
	key := "running"
	switch today := s.today(); {
	case today.Before(p.FirstDay):
		key = "before"
	case today.After(p.LastDay):
		key = "over"
	}
	return i18n.Text(lang, "planning_phase."+key, nil)
}

// planningPhases answers /planung/testphase. Parameter lauf takes the
// expectation from a run.
func (s *Server) planningPhases(w http.ResponseWriter, r *http.Request) error {
	p := web.PlanningPhases{Notice: doneNotice(r), Form: web.PlanPhaseForm{Run: typed(r.URL.Query().Get("lauf"))}}
	expected := map[string]float64{}
	if p.Form.Run != "" {
		run, err := planning.FindRun(r.Context(), s.DB, p.Form.Run)
		if err != nil {
			return err
		}
		days, err := planning.OpeningDays(r.Context(), s.DB, s.Now(), stations.Horizon)
		if err != nil {
			return err
		}
		expected = run.Expected(days)
		key := "planning_phases.taken"
		if run.Definition.Demand.Measure != demand.Visits {
			key = "planning_phases.no_visits"
		}
		p.Notice = web.Notice{Text: i18n.Text(web.LangOf(r), key, nil), Error: len(expected) == 0}
		if len(expected) == 0 && key == "planning_phases.taken" {
			p.Notice.Text = i18n.Text(web.LangOf(r), "planning_phases.no_stops", nil)
		}
	}
	typedTargets := map[string]string{}
	for stop, n := range expected {
		typedTargets[stop] = i18n.Decimal(web.LangOf(r), n, 1)
	}
	return s.showPhases(w, r, http.StatusOK, p, typedTargets)
}

// showPhases fills the page; targets are what the fields of the stops show.
func (s *Server) showPhases(w http.ResponseWriter, r *http.Request, code int, p web.PlanningPhases, targets map[string]string) error {
	ctx, lang := r.Context(), web.LangOf(r)
	var err error
	if p.Phases, err = s.phaseCards(ctx, lang); err != nil {
		return err
	}
	stops, err := stations.Stops(ctx, s.Open)
	if err != nil {
		return err
	}
	for _, stop := range stops {
		p.Form.Stops = append(p.Form.Stops, web.PlanTarget{ID: stop.ID, Name: stop.Name.In(lang), Predicted: targets[stop.ID]})
	}
	runs, err := planning.Runs(ctx, s.DB, planning.RunFilter{})
	if err != nil {
		return err
	}
	names, err := s.scenarioNames(ctx)
	if err != nil {
		return err
	}
	p.Form.Runs = s.runOptions(lang, runs, names, "")
	for i := range p.Form.Runs {
		p.Form.Runs[i].On = p.Form.Runs[i].Value == p.Form.Run
	}
	return s.planningPage(w, r, code, p)
}

// planningPhasePosted begins a test phase.
func (s *Server) planningPhasePosted(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	phase, err := phaseAsked(v)
	if err == nil {
		if phase, err = planning.Begin(r.Context(), s.DB, s.Now(), phase); err == nil {
			return s.done(w, r, phasesPath+"/"+phase.ID, "phase_saved")
		}
	}
	p := web.PlanningPhases{Form: web.PlanPhaseForm{Run: typed(v.Get("lauf")), Name: typed(v.Get("name")), First: typed(v.Get("von")), Last: typed(v.Get("bis"))}}
	var code int
	if p.Notice, code, err = refusal(r, err); err != nil {
		return err
	}
	targets := map[string]string{}
	for i, stop := range v["halt"] {
		if i < len(v["ziel"]) {
			targets[stop] = typed(v["ziel"][i])
		}
	}
	return s.showPhases(w, r, code, p, targets)
}

// phaseAsked reads the form. Errors: Invalid planning.bad_period,
// planning.not_a_number.
func phaseAsked(v url.Values) (planning.Phase, error) {
	p := planning.Phase{Name: typed(v.Get("name")), Run: typed(v.Get("lauf")), Targets: []planning.Target{}}
	for _, field := range []struct {
		name string
		into *time.Time
	}{{"von", &p.FirstDay}, {"bis", &p.LastDay}} {
		day, err := time.Parse(time.DateOnly, typed(v.Get(field.name)))
		if err != nil {
			return p, ortsnah.E(ortsnah.Invalid, "planning.bad_period").About(field.name)
		}
		*field.into = day
	}
	for i, stop := range v["halt"] {
		if i >= len(v["ziel"]) || typed(v["ziel"][i]) == "" {
			continue
		}
		n, err := strconv.ParseFloat(strings.Replace(typed(v["ziel"][i]), ",", ".", 1), 64)
		if err != nil {
			return p, ortsnah.E(ortsnah.Invalid, "planning.not_a_number", "text", typed(v["ziel"][i])).About("ziel")
		}
		p.Targets = append(p.Targets, planning.Target{Stop: stop, PerDay: n})
	}
	return p, nil
}

// planningPhase answers /planung/testphase/{id}.
func (s *Server) planningPhase(w http.ResponseWriter, r *http.Request) error {
	ctx, lang := r.Context(), web.LangOf(r)
	phase, err := planning.FindPhase(ctx, s.DB, pathVar(r, "id"))
	if err != nil {
		return err
	}
	counted, err := planning.Counted(ctx, s.DB, phase)
	if err != nil {
		return err
	}
	stops, err := stations.AllStops(ctx, s.DB)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, stop := range stops {
		names[stop.ID] = stop.Name.In(lang)
	}
	p := web.PlanningPhase{Notice: doneNotice(r), ID: phase.ID, Name: phase.Name, First: s.midnight(phase.FirstDay), Last: s.midnight(phase.LastDay).AddDate(0, 0, 1), State: s.phaseState(lang, phase)}
	if phase.Run != "" {
		p.Run = web.Link{Text: i18n.Text(lang, "planning_phase.result", nil), Path: runPath + phase.Run}
	}
	for _, o := range phase.Observe(counted) {
		p.Stops = append(p.Stops, observedRow(lang, o, either(names[o.Stop], o.Stop)))
	}
	for _, d := range counted {
		p.Days = append(p.Days, web.PlanDay{When: d.Starts, Stop: either(names[d.Stop], d.Stop), Came: strconv.Itoa(d.Came()),
			Parts: countedParts(lang, d)})
	}
	return s.planningPage(w, r, http.StatusOK, p)
}

// countedParts says who came; walk-ins that nobody has counted are not 0.
func countedParts(lang string, d planning.CountedDay) string {
	key := "planning_phase.parts.uncounted"
	if d.Walked {
		key = "planning_phase.parts.text"
	}
	return i18n.Text(lang, key, map[string]any{"appointments": d.Appointments, "walk_ins": d.WalkIns})
}

// observedRow is one stop in words, and the places of its band on a line of
// 1000.
func observedRow(lang string, o planning.Observed, name string) web.PlanObserved {
	number := func(x float64) string { return i18n.Decimal(lang, x, 1) }
	row := web.PlanObserved{ID: o.Stop, Name: name, Predicted: number(o.PerDay), Days: o.Days, Verdict: string(o.Verdict),
		Band: i18n.Text(lang, "planning_phase.band.text", map[string]any{"low": number(o.Low), "high": number(o.High)})}
	args := map[string]any{"predicted": row.Predicted}
	if o.Days > 0 {
		row.Observed = number(o.Mean)
		args["observed"] = row.Observed
	}
	row.Sentence = i18n.Text(lang, "planning_phase.sentence."+string(o.Verdict), args)
	if o.Uncounted > 0 {
		row.Sentence += " " + i18n.Text(lang, "planning_phase.uncounted", map[string]any{"n": o.Uncounted})
	}
	top := max(o.High*1.4, o.Mean*1.1, 1)
	at := func(x float64) string { return fmt.Sprintf("%.0f", 985*x/top) }
	row.Low, row.Wide, row.At, row.Aim = at(o.Low), at(o.High-o.Low), at(o.Mean), at(o.PerDay)
	return row
}

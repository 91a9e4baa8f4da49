package api

import (
	"context"
	"slices"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/stations/demand"
	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/travel"
)

// fillDemandChoice adds the choices of demand.
func (s *Server) fillDemandChoice(ctx context.Context, lang string, f scenarioForm, p *web.PlanningScenario) error {
	chosen := f.definition.Demand
	sources, err := demand.Sources(ctx, s.DB)
	if err != nil {
		return err
	}
	of := 0 // whose age groups are shown
	for i, source := range sources {
		p.Sources = append(p.Sources, web.Option{Value: source.ID, Label: source.Name, On: source.ID == chosen.Source})
		if source.ID == chosen.Source {
			of = i
		}
	}
	if len(sources) > 0 {
		p.Groups = groupFields(lang, sources[of].Report.Groups, f)
	}
	for _, measure := range []string{demand.People, demand.Visits} {
		p.Measures = append(p.Measures, web.Option{Value: measure, Label: i18n.Text(lang, "planning_scenario.measure."+measure, nil), On: measure == chosen.Measure})
	}
	districts, err := s.districtRows(ctx)
	if err != nil {
		return err
	}
	p.Areas = []web.Option{{Value: "", Label: i18n.Text(lang, "planning_scenario.area.all", nil), On: chosen.Area == ""}}
	for _, d := range districts {
		p.Areas = append(p.Areas, web.Option{Value: d.Code, Label: d.Name, On: d.Code == chosen.Area})
	}
	p.Calibrated = chosen.Calibrated
	p.Concerns, err = s.concernsWithNeed(ctx, lang, chosen.Concerns)
	p.MoreDemand = chosen.Calibrated || len(chosen.Concerns) > 0 || slices.ContainsFunc(p.Groups, func(g web.PlanGroup) bool { return g.Percent != "100" })
	return err
}

func groupFields(lang string, groups []demand.Feature, f scenarioForm) []web.PlanGroup {
	var list []web.PlanGroup
	for _, g := range groups {
		key := string(g)
		percent := f.percent[key]
		if percent == "" {
			percent = "100"
		}
		list = append(list, web.PlanGroup{Key: key, Label: i18n.Text(lang, "planning_scenario.group."+key, nil), Percent: percent})
	}
	return list
}

// concernsWithNeed are the concerns for which a department has entered a rate.
func (s *Server) concernsWithNeed(ctx context.Context, lang string, chosen []string) ([]web.Option, error) {
	rates, err := demand.Rates(ctx, s.DB)
	if err != nil || len(rates) == 0 {
		return nil, err
	}
	concerns, err := booking.Concerns(ctx, s.Open)
	var list []web.Option
	for _, c := range concerns {
		if slices.ContainsFunc(rates, func(rate demand.Rate) bool { return rate.Concern == c.ID }) {
			list = append(list, web.Option{Value: c.ID, Label: c.Name.In(lang), On: slices.Contains(chosen, c.ID)})
		}
	}
	return list, err
}

// objectiveChoices are the questions in plain words.
func objectiveChoices(lang string, d planning.Definition) []web.PlanObjective {
	var list []web.PlanObjective
	for _, kind := range []instance.Kind{instance.PMedian, instance.MCLP, instance.LSCP, instance.PCenter, instance.Capacitated} {
		key := string(kind)
		list = append(list, web.PlanObjective{Value: key, Label: i18n.Text(lang, "planning_scenario.aim."+key, nil), Text: i18n.Text(lang, "planning_scenario.aim."+key+".text", nil),
			Term: i18n.Text(lang, "planning_scenario.term."+key, nil), On: kind == d.Objective})
	}
	return list
}

func profileOptions(lang string, d planning.Definition) []web.Option {
	var list []web.Option
	for _, profile := range travel.Profiles() {
		list = append(list, web.Option{Value: string(profile), Label: i18n.Text(lang, "plan.ask.by."+string(profile), nil), On: profile == d.Profile})
	}
	return list
}

// straightLines says whether there is no street network.
func (s *Server) straightLines() bool {
	return s.Travel == nil || s.Travel.Undisturbed().Basis() == travel.StraightLine
}

package api

import (
	"math"
	"strconv"
	"time"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// momentOf is when a run ended, or began to wait.
func (s *Server) momentOf(run planning.Run) time.Time {
	if run.EndedAt != nil {
		return run.EndedAt.In(s.Zone)
	}
	return run.QueuedAt.In(s.Zone)
}

// askLine is a definition's question in one sentence.
func askLine(lang string, d planning.Definition) string {
	by := ""
	if d.Profile != "" {
		by = ", " + i18n.Text(lang, "plan.ask.by."+string(d.Profile), nil)
	}
	if w := d.Weekly; w != nil {
		return i18n.Text(lang, "plan.ask.weekly", map[string]any{"stations": w.Stations, "half_days": w.HalfDays}) + by
	}
	objective := d.Objective
	if objective == "" {
		objective = instance.PMedian
	}
	return i18n.Text(lang, "plan.ask."+string(objective), map[string]any{"p": d.P, "minutes": (d.Radius + 59) / 60}) + by
}

// figureLine is the figure that matters most of a finished run, "" before.
func figureLine(lang string, run planning.Run) string {
	if run.Result == nil || len(run.Result.Sites) == 0 {
		return ""
	}
	return i18n.Text(lang, "plan.mean", nil) + " " + minutes(lang, run.Result.Figures.Mean)
}

// runBadge says how much of a run is proven.
func runBadge(lang string, run planning.Run) web.PlanBadge {
	kind, args := string(run.State), map[string]any{}
	if run.State == planning.Done && run.Result != nil {
		switch run.Result.Status {
		case proof.Optimal:
			kind = "optimal"
		case proof.Gap:
			kind, args = "gap", map[string]any{"gap": percent(lang, run.Result.Gap)}
		}
	}
	return web.PlanBadge{Kind: kind, Text: i18n.Text(lang, "plan.badge."+kind, args), Sentence: i18n.Text(lang, "plan.badge."+kind+".text", args)}
}

// minutes are seconds as people read ways: "8,4 min".
func minutes(lang string, seconds float64) string {
	return i18n.Text(lang, "plan.minutes", map[string]any{"minutes": i18n.Decimal(lang, seconds/60, 1)})
}

// percent is a share: "1,2 %". A share that is not zero is never written as
// zero, and one that is not all never as 100.
func percent(lang string, share float64) string {
	p := 100 * share
	digits := 1
	for digits < 4 && (p > 0 && math.Round(p*math.Pow10(digits)) == 0 || p < 100 && math.Round(p*math.Pow10(digits)) >= 100*math.Pow10(digits)) {
		digits++
	}
	return i18n.Text(lang, "plan.percent", map[string]any{"number": i18n.Decimal(lang, p, digits)})
}

// measured says what weights are, so that they can be written.
type measured struct {
	lang   string
	visits bool
	scale  int64
}

func measuredOf(lang string, run planning.Run) measured {
	m := measured{lang: lang, visits: run.Definition.Demand.Measure == "visits", scale: run.Progress.Scale}
	if run.Result != nil {
		m.scale = run.Result.Scale
	}
	m.scale = max(m.scale, 1)
	return m
}

// number is a weight as a whole number of people or visits.
func (m measured) number(weight int64) string {
	return i18n.Number(m.lang, int64(math.Round(float64(weight)/float64(m.scale))))
}

// people is a weight with its unit: "12.400 Menschen".
func (m measured) people(weight int64) string {
	key := "plan.people"
	if m.visits {
		key = "plan.visits"
	}
	return i18n.Text(m.lang, key, map[string]any{"number": m.number(weight)})
}

// value is a run's value in words: minutes on average, people, sites, minutes.
// weight is what the sum is divided by.
func (m measured) value(kind instance.Kind, value, weight int64) string {
	switch kind {
	case instance.MCLP:
		return m.people(value)
	case instance.LSCP:
		return strconv.FormatInt(value, 10)
	case instance.PCenter:
		return minutes(m.lang, float64(value)/10)
	}
	if weight == 0 {
		return "–"
	}
	return minutes(m.lang, float64(value)/float64(weight)/10)
}

// loss says what gets worse by loss.
func (m measured) loss(kind instance.Kind, loss, weight int64) string {
	switch {
	case loss <= 0:
		return i18n.Text(m.lang, "planning_run.loss.none", nil)
	case kind == instance.MCLP:
		return i18n.Text(m.lang, "planning_run.loss.people", map[string]any{"number": m.people(loss)})
	case kind == instance.LSCP:
		return strconv.FormatInt(loss, 10)
	case kind == instance.PCenter:
		return i18n.Text(m.lang, "planning_run.loss.max", map[string]any{"minutes": i18n.Decimal(m.lang, float64(loss)/600, 1)})
	}
	return i18n.Text(m.lang, "planning_run.loss.ways", map[string]any{"minutes": i18n.Decimal(m.lang, float64(loss)/600/float64(max(weight, 1)), 2)})
}

// served is the weight that a run's sums of ways are over.
func served(o *planning.Outcome) int64 { return max(o.Demand.Weight-o.Unreachable, 1) }

// signed is a difference with its sign: "+3,0 min", "−4,5 min", "±0".
func signed(difference float64, text string) string {
	switch {
	case difference > 0:
		return "+" + text
	case difference < 0:
		return "−" + text
	}
	return "±0"
}

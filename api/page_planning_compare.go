package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/stations/planning"
)

// A way that changes by no more than this counts as the same, and so many of
// the largest changes are listed.
const (
	sameWay     = 60.0 // seconds
	changesRead = 15
)

// planningCompare answers /planung/vergleich?a=&b=.
func (s *Server) planningCompare(w http.ResponseWriter, r *http.Request) error {
	ctx, lang, v := r.Context(), web.LangOf(r), r.URL.Query()
	runs, err := planning.Runs(ctx, s.DB, planning.RunFilter{Limit: 200})
	if err != nil {
		return err
	}
	names, err := s.scenarioNames(ctx)
	if err != nil {
		return err
	}
	var p web.PlanningCompare
	p.A = s.runOptions(lang, runs, names, "")
	if len(p.A) < 2 {
		p.A = nil
		return s.planningPage(w, r, http.StatusOK, p)
	}
	p.B = slices.Clone(p.A)
	choose(p.A, v.Get("a"), 1)
	choose(p.B, v.Get("b"), 0)
	if v.Get("a") == "" || v.Get("b") == "" {
		return s.planningPage(w, r, http.StatusOK, p)
	}
	var found [2]planning.Run
	for i, id := range []string{v.Get("a"), v.Get("b")} {
		if found[i], err = planning.FindRun(ctx, s.DB, id); err != nil {
			return err
		}
		if found[i].Result == nil || len(found[i].Result.Sites) == 0 {
			p.Notice = web.Notice{Text: i18n.Text(lang, "planning_compare.unfinished", nil), Error: true}
			return s.planningPage(w, r, http.StatusOK, p)
		}
	}
	if err := s.fillComparison(ctx, lang, found[0], found[1], names, &p); err != nil {
		return err
	}
	return s.planningPage(w, r, http.StatusOK, p)
}

// choose marks the option asked for, else the one at a place.
func choose(list []web.Option, asked string, otherwise int) {
	at := slices.IndexFunc(list, func(o web.Option) bool { return o.Value == asked })
	if at < 0 {
		at = otherwise
	}
	list[at].On = true
}

func (s *Server) fillComparison(ctx context.Context, lang string, a, b planning.Run, names map[string]string, p *web.PlanningCompare) error {
	m := measuredOf(lang, b)
	c, err := s.canvasOf(ctx, append(slices.Clone(a.Result.Cells), b.Result.Cells...), pictureWidth)
	if err != nil {
		return err
	}
	side := func(id, label string, run planning.Run) *web.PlanSide {
		of := measuredOf(lang, run)
		return &web.PlanSide{ID: id, Label: label, Name: names[run.Scenario], Path: runPath + run.ID, Ask: askLine(lang, run.Definition) + " (" + i18n.Moment(lang, s.momentOf(run)) + ")", Badge: runBadge(lang, run),
			Picture: s.picture(lang, "picture-"+id, byCatchment, c, of, run.Result.Sites, run.Result.Cells), Sites: siteRows(of, run)}
	}
	p.Left, p.Right = side("a", "A", a), side("b", "B", b)
	p.Figures = figureRows(m, b.Result.Figures, &a.Result.Figures)
	x, y := a.Result, b.Result
	if x.Demand.Weight*y.Scale != y.Demand.Weight*x.Scale || x.Demand.SHA256 != y.Demand.SHA256 || x.Travel != y.Travel || a.Definition.Profile != b.Definition.Profile {
		p.Comparable = i18n.Text(lang, "planning_compare.other_demand", nil)
	}
	fillChanges(lang, m, c, a, b, p)
	return nil
}

// change is a cell with its ways in both results, -1 without one.
type change struct {
	planning.CellFigure
	before, after float64
}

// nowhere is a way longer than any: to a cell that has none.
const nowhere = 1e9

func changesOf(a, b planning.Run) []change {
	way := func(f planning.CellFigure) float64 {
		if f.Site == "" {
			return nowhere
		}
		return f.Seconds
	}
	before := make(map[string]float64, len(a.Result.Cells))
	for _, f := range a.Result.Cells {
		before[f.ID] = way(f)
	}
	var list []change
	for _, f := range b.Result.Cells {
		if was, ok := before[f.ID]; ok {
			list = append(list, change{f, was, way(f)})
		}
	}
	return list
}

// fillChanges says and draws who wins and who loses.
func fillChanges(lang string, m measured, c canvas, a, b planning.Run, p *web.PlanningCompare) {
	all := changesOf(a, b)
	paths := map[string]*strings.Builder{"win": {}, "lose": {}, "same": {}}
	var win, lose []change
	for _, x := range all {
		kind := "same"
		switch d := x.after - x.before; {
		case d < -sameWay:
			kind, win = "win", append(win, x)
		case d > sameWay:
			kind, lose = "lose", append(lose, x)
		}
		c.path(paths[kind], x.CellFigure)
	}
	p.Win, p.Lose = changeSum(lang, m, "win", win), changeSum(lang, m, "lose", lose)
	p.Difference = web.SitingMap{ID: "picture-difference", ViewBox: fmt.Sprintf("0 0 %.0f %.0f", c.wide, c.high), Outline: c.outlinePath(),
		Title: i18n.Text(lang, "plan.picture", map[string]any{"what": i18n.Text(lang, "planning_compare.changes", nil)}),
		Areas: []web.PlanArea{{Class: "cell cell--same", Path: paths["same"].String()}, {Class: "cell cell--win", Path: paths["win"].String()}, {Class: "cell cell--lose", Pattern: "hatch", Path: paths["lose"].String()}},
		Legend: []web.PlanLegend{{Class: "cell cell--win", Text: i18n.Text(lang, "plan.legend.win", nil)}, {Class: "cell cell--lose", Text: i18n.Text(lang, "plan.legend.lose", nil)},
			{Class: "cell cell--same", Text: i18n.Text(lang, "plan.legend.same", map[string]any{"minutes": int(sameWay / 60)})}}}
	for i, site := range b.Result.Sites {
		x, y := c.at(site.Lon, site.Lat)
		p.Difference.Pins = append(p.Difference.Pins, web.PlanPin{X: fmt.Sprintf("%.1f", x), Y: fmt.Sprintf("%.1f", y), Label: fmt.Sprint(i + 1), Name: site.Name, Kind: "open"})
	}
}

func changeSum(lang string, m measured, key string, list []change) web.PlanSum {
	var weight int64
	for _, x := range list {
		weight += x.Weight
	}
	sum := web.PlanSum{Text: i18n.Text(lang, "planning_compare."+key, map[string]any{"people": m.people(weight), "n": len(list)})}
	slices.SortStableFunc(list, func(a, b change) int {
		d := func(x change) float64 { return (x.after - x.before) * (x.after - x.before) }
		return cmp.Compare(d(b), d(a))
	})
	way := func(v float64) string {
		if v == nowhere {
			return "–"
		}
		return minutes(lang, v)
	}
	for _, x := range list[:min(changesRead, len(list))] {
		row := web.PlanChange{ID: x.ID, Weight: m.number(x.Weight), Before: way(x.before), After: way(x.after), Difference: "–"}
		if d := x.after - x.before; x.before != nowhere && x.after != nowhere {
			row.Difference = signed(d, minutes(lang, max(d, -d)))
		}
		sum.Rows = append(sum.Rows, row)
	}
	return sum
}

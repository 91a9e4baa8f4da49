package api

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

// Sizes of a result's page.
const (
	pictureWidth = 1000
	cellsPerPage = 20
)

// resultOf is what a run found, in words and drawings.
func (s *Server) resultOf(ctx context.Context, lang string, run planning.Run, v url.Values) (*web.PlanResult, error) {
	o, m := run.Result, measuredOf(lang, run)
	view := v.Get("karte")
	if view != byDemand && view != byWay {
		view = byCatchment
	}
	c, err := s.canvasOf(ctx, o.Cells, pictureWidth)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(o.Sites))
	for i, site := range o.Sites {
		names[i] = site.Name
	}
	r := &web.PlanResult{Headline: i18n.Text(lang, "planning_run.headline", map[string]any{"n": len(names), "sites": joinedNames(lang, names, 8)}),
		Figures: figureRows(m, o.Figures, o.Today), Within: withinBars(m, o.Figures, o.Today), Sites: siteRows(m, run),
		Picture: s.picture(lang, "map", view, c, m, o.Sites, o.Cells), Frame: web.PlanFrame{Bounds: c.bounds, URL: runPath + run.ID + "/karte.json"},
		Cells: cellTable(m, run, v), Curve: curveOf(m, run), Price: priceText(m, run), Stable: stableBars(lang, run), Week: weekOf(m, run)}
	if o.Today != nil {
		r.Beside = i18n.Text(lang, "planning_run.today", nil)
	}
	for _, key := range []string{byCatchment, byDemand, byWay} {
		path := runPath + run.ID
		if key != byCatchment {
			path += "?karte=" + key
		}
		r.Views = append(r.Views, web.PlanView{Key: key, Label: i18n.Text(lang, "plan.view."+key, nil), Path: path, On: key == view})
	}
	if run.Definition.Weekly == nil {
		r.Why = notChosen(run)
	}
	return r, nil
}

// notChosen are the candidates about which one may ask "why not here?".
func notChosen(run planning.Run) []web.Option {
	numbers := siteNumbers(run.Result.Sites)
	var list []web.Option
	for _, c := range run.Definition.Candidates {
		if numbers[c.ID] == 0 && (c.Role == planning.Free || c.Role == planning.Forbidden) {
			list = append(list, web.Option{Value: c.ID, Label: siteName(run.Definition, c.ID)})
		}
	}
	slices.SortStableFunc(list, func(a, b web.Option) int { return cmp.Compare(fold(a.Label), fold(b.Label)) })
	return list
}

// figure is one figure with how it is written; smaller is better. Differences
// are those of the written figures, rounded to step, so that they add up.
type figure struct {
	key   string
	of    func(planning.Figures) *float64
	write func(v float64) string
	step  float64
}

func figuresShown(m measured) []figure {
	const tenth = 6 // seconds: a tenth of a minute
	way := func(v float64) string { return minutes(m.lang, v) }
	plain := func(of func(planning.Figures) float64) func(planning.Figures) *float64 {
		return func(f planning.Figures) *float64 { v := of(f); return &v }
	}
	return []figure{
		{"mean", plain(func(f planning.Figures) float64 { return f.Mean }), way, tenth},
		{"median", plain(func(f planning.Figures) float64 { return f.Median }), way, tenth},
		{"worst", plain(func(f planning.Figures) float64 { return f.WorstTenth }), way, tenth},
		{"max", plain(func(f planning.Figures) float64 { return f.Max }), way, tenth},
		{"gini", plain(func(f planning.Figures) float64 { return f.Gini }), func(v float64) string { return i18n.Decimal(m.lang, v, 3) }, 0.001},
		{"over65", func(f planning.Figures) *float64 { return f.Over65 }, way, tenth},
		{"step_free", func(f planning.Figures) *float64 { return f.StepFree }, way, tenth},
		{"unserved", plain(func(f planning.Figures) float64 { return float64(f.Unserved) }), func(v float64) string { return m.people(int64(v)) }, float64(m.scale)},
	}
}

// figureRows compare the figures of a choice with others; nil: there are none.
func figureRows(m measured, f planning.Figures, other *planning.Figures) []web.PlanFigure {
	var rows []web.PlanFigure
	for _, x := range figuresShown(m) {
		v := x.of(f)
		row := web.PlanFigure{Label: i18n.Text(m.lang, "plan."+x.key, nil), Explain: i18n.Text(m.lang, "plan."+x.key+".text", nil), Value: "–"}
		if v != nil && (f.Served > 0 || x.key == "unserved") {
			row.Value = x.write(*v)
		}
		if other != nil {
			row.Other, row.Difference = "–", "–"
			if w := x.of(*other); w != nil && (other.Served > 0 || x.key == "unserved") {
				row.Other = x.write(*w)
				if row.Value != "–" {
					d := (math.Round(*v/x.step) - math.Round(*w/x.step)) * x.step
					row.Difference = signed(d, x.write(math.Abs(d)))
					row.Better, row.Worse = d < 0, d > 0
				}
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func withinBars(m measured, f planning.Figures, today *planning.Figures) []web.PlanBar {
	all := float64(max(f.Served+f.Unserved, 1))
	var bars []web.PlanBar
	for i, w := range f.Within {
		share := float64(w.Weight) / all
		bar := web.PlanBar{Label: i18n.Text(m.lang, "planning_run.within.minutes", map[string]any{"minutes": w.Seconds / 60}),
			Text: percent(m.lang, share) + " (" + m.people(w.Weight) + ")", Width: fmt.Sprintf("%.0f", 1000*share)}
		if today != nil && i < len(today.Within) {
			was := float64(today.Within[i].Weight) / float64(max(today.Served+today.Unserved, 1))
			bar.TodayWidth, bar.TodayText = fmt.Sprintf("%.0f", 1000*was), i18n.Text(m.lang, "planning_run.within.was", map[string]any{"share": percent(m.lang, was)})
		}
		bars = append(bars, bar)
	}
	return bars
}

func siteRows(m measured, run planning.Run) []web.PlanSite {
	o := run.Result
	all := float64(max(o.Figures.Served, 1))
	var rows []web.PlanSite
	for i, site := range o.Sites {
		row := web.PlanSite{N: i + 1, Tone: i % tones, Pattern: min(i/tones, 2), ID: site.ID, Name: siteName(run.Definition, site.ID), Existing: isExisting(run.Definition, site.ID), StepFree: site.StepFree,
			Weight: m.number(site.Weight), Share: percent(m.lang, float64(site.Weight)/all), Mean: minutes(m.lang, site.Mean), Farthest: minutes(m.lang, site.Farthest),
			Lon: degreesText(site.Lon), Lat: degreesText(site.Lat)}
		if run.Definition.Weekly == nil {
			row.Loss = m.loss(run.Definition.Objective, site.Loss, served(o))
			row.MovePath = runPath + run.ID + "/verschieben?" + url.Values{"standort": {site.ID}}.Encode()
		}
		if site.LossUnserved > 0 && run.Definition.Objective != instance.MCLP {
			row.Loss = i18n.Text(m.lang, "planning_run.loss.served", nil) + ": " + m.people(site.LossUnserved)
		}
		rows = append(rows, row)
	}
	return rows
}

// cellsByNeed are the cells, those without a site and with the longest ways
// first.
func cellsByNeed(cells []planning.CellFigure) []planning.CellFigure {
	list := slices.Clone(cells)
	slices.SortStableFunc(list, func(a, b planning.CellFigure) int {
		if (a.Site == "") != (b.Site == "") {
			return cmp.Compare(min(len(a.Site), 1), min(len(b.Site), 1))
		}
		return cmp.Compare(b.Seconds, a.Seconds)
	})
	return list
}

func cellTable(m measured, run planning.Run, v url.Values) web.PlanCells {
	list := cellsByNeed(run.Result.Cells)
	page, err := strconv.Atoi(v.Get("seite"))
	if err != nil || page < 1 || (page-1)*cellsPerPage >= len(list) {
		page = 1
	}
	from := (page - 1) * cellsPerPage
	to := min(from+cellsPerPage, len(list))
	numbers := siteNumbers(run.Result.Sites)
	t := web.PlanCells{Total: len(list), From: from + 1, To: to, CSV: runPath + run.ID + "/felder.csv"}
	path := func(n int) string { return runPath + run.ID + "?seite=" + strconv.Itoa(n) + "#cells" }
	if page > 1 {
		t.Previous = path(page - 1)
	}
	if to < len(list) {
		t.Next = path(page + 1)
	}
	for _, f := range list[from:to] {
		row := web.PlanCell{ID: f.ID, Weight: m.number(f.Weight), N: numbers[f.Site], Time: "–"}
		if row.N > 0 {
			row.Site, row.Time = siteName(run.Definition, f.Site), minutes(m.lang, f.Seconds)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// planningCells answers /planung/lauf/{id}/felder.csv.
func (s *Server) planningCells(w http.ResponseWriter, r *http.Request) error {
	run, err := s.visibleRun(w, r)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="siting-`+run.ID+`-cells.csv"`)
	out := csv.NewWriter(w)
	rows := [][]string{{"cell", "lon", "lat", "weight", "people", "over_65", "guessed", "site", "site_name", "seconds"}}
	if run.Result != nil {
		for _, f := range run.Result.Cells {
			weight := strconv.FormatFloat(float64(f.Weight)/float64(max(run.Result.Scale, 1)), 'f', -1, 64)
			row := []string{f.ID, degreesText(f.Lon), degreesText(f.Lat), weight, strconv.FormatInt(f.People, 10), strconv.FormatInt(f.Over65, 10), strconv.FormatBool(f.Guessed), f.Site, "", ""}
			if f.Site != "" {
				row[8], row[9] = siteName(run.Definition, f.Site), strconv.FormatFloat(f.Seconds, 'f', -1, 64)
			}
			rows = append(rows, row)
		}
	}
	return out.WriteAll(rows)
}

// priceText is the answer to "why not here?".
func priceText(m measured, run planning.Run) string {
	p := run.Result.Price
	if p == nil {
		return ""
	}
	say := func(key string, args map[string]any) string { return i18n.Text(m.lang, "planning_run.price"+key, args) }
	proven := say(".open", nil)
	if p.Proven {
		proven = say(".proven", nil)
	}
	site := siteName(run.Definition, p.Site)
	if p.Loss <= 0 {
		return say(".same", map[string]any{"site": site}) + " " + proven
	}
	loss := m.loss(run.Definition.Objective, p.Loss, served(run.Result))
	if run.Definition.Objective == instance.LSCP {
		loss = i18n.Text(m.lang, "planning_run.loss.sites", map[string]any{"n": p.Loss})
	}
	text := say("", map[string]any{"site": site, "loss": loss, "percent": percent(m.lang, p.Percent/100)})
	if p.Instead != "" {
		text += " " + say(".instead", map[string]any{"site": siteName(run.Definition, p.Instead)})
	}
	return text + " " + proven
}

func stableBars(lang string, run planning.Run) []web.PlanBar {
	var bars []web.PlanBar
	for _, c := range run.Result.Stability {
		text := i18n.Text(lang, "planning_run.stable.of", map[string]any{"times": int(math.Round(c.Share * float64(run.Result.Draws))), "draws": run.Result.Draws})
		bars = append(bars, web.PlanBar{Label: siteName(run.Definition, c.ID), Text: text, Width: fmt.Sprintf("%.0f", 1000*c.Share)})
	}
	return bars
}

// weekOf is a week's plan as a timetable.
func weekOf(m measured, run planning.Run) *web.PlanWeek {
	if len(run.Result.Week) == 0 {
		return nil
	}
	stations := 0
	for _, session := range run.Result.Week {
		stations = max(stations, session.Station)
	}
	w := &web.PlanWeek{}
	for n := range stations {
		w.Columns = append(w.Columns, i18n.Text(m.lang, "planning_run.week.station", map[string]any{"n": n + 1}))
	}
	monday := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC) // any Monday: only its name is used
	for day := 1; day <= 5; day++ {
		for _, half := range []string{"am", "pm"} {
			row := web.PlanWeekRow{Half: i18n.DayOfWeek(m.lang, monday.AddDate(0, 0, day-1)) + ", " + i18n.Text(m.lang, "planning_run.week."+half, nil), Cells: make([]web.PlanWeekCell, stations)}
			for _, session := range run.Result.Week {
				if session.Day == day && session.Half == half {
					row.Cells[session.Station-1] = web.PlanWeekCell{Site: siteName(run.Definition, session.Site),
						Load: i18n.Text(m.lang, "planning_run.week.load", map[string]any{"walk_ins": m.number(session.WalkIns), "booked": m.number(session.Booked)})}
				}
			}
			w.Rows = append(w.Rows, row)
		}
	}
	return w
}

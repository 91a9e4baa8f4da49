package api

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/stations/demand"
	"github.com/ortsnah/ortsnah/stations/planning"
)

const demandPath = planningPath + "/nachfrage"

// shownCells is how many of the heaviest cells the page lists.
const shownCells = 25

// The views of the map of demand.
const (
	viewPeople     = "menschen"
	viewOld        = "ab65"
	viewVisits     = "bedarf"
	viewCalibrated = "abgeglichen"
)

// demandAsked is what a page of demand is about.
type demandAsked struct {
	source demand.Source
	view   string
}

// selection is the view as a question.
func (a demandAsked) selection() demand.Selection {
	s := demand.Selection{Source: a.source.ID, Measure: demand.People}
	switch a.view {
	case viewOld:
		s.Groups = map[string]int{}
		for _, g := range a.source.Report.Groups {
			if g != demand.Over65 {
				s.Groups[string(g)] = 0
			}
		}
	case viewVisits, viewCalibrated:
		s.Measure, s.Calibrated = demand.Visits, a.view == viewCalibrated
	}
	return s
}

func (a demandAsked) query(view string) string {
	return "?" + url.Values{"quelle": {a.source.ID}, "sicht": {view}}.Encode()
}

// demandAsked reads which source and view is asked for; of sources the newest
// is shown. ok is false while there is none.
func (s *Server) demandAsked(ctx context.Context, v url.Values) (a demandAsked, sources []demand.Source, ok bool, err error) {
	if sources, err = demand.Sources(ctx, s.DB); err != nil || len(sources) == 0 {
		return a, sources, false, err
	}
	a.source, a.view = sources[0], viewPeople
	if id := typed(v.Get("quelle")); id != "" {
		i := slices.IndexFunc(sources, func(c demand.Source) bool { return c.ID == id })
		if i < 0 {
			return a, sources, false, ortsnah.E(ortsnah.NotFound, "demand.no_such_source", "source", id).About("quelle")
		}
		a.source = sources[i]
	}
	if view := v.Get("sicht"); slices.Contains(a.views(), view) {
		a.view = view
	}
	return a, sources, true, nil
}

func (a demandAsked) views() []string {
	if len(a.source.Report.Groups) == 0 {
		return []string{viewPeople, viewVisits, viewCalibrated}
	}
	return []string{viewPeople, viewOld, viewVisits, viewCalibrated}
}

// planningDemand answers /planung/nachfrage.
func (s *Server) planningDemand(w http.ResponseWriter, r *http.Request) error {
	return s.demandPage(w, r, http.StatusOK, doneNotice(r), web.DemandImport{Licence: "dl-de/by-2-0"})
}

// demandPage shows the page, after a refused form with what was typed.
func (s *Server) demandPage(w http.ResponseWriter, r *http.Request, code int, notice web.Notice, typedIn web.DemandImport) error {
	ctx, lang, v := r.Context(), web.LangOf(r), r.URL.Query()
	p := web.PlanningDemand{Notice: notice, Import: typedIn, CanImport: s.plansHere(r)}
	a, sources, ok, err := s.demandAsked(ctx, v)
	if err != nil {
		return err
	}
	for _, c := range sources {
		p.Sources = append(p.Sources, web.Option{Value: c.ID, Label: c.Name, On: c.ID == a.source.ID})
	}
	if ok {
		p.Source = sourceFacts(lang, a.source)
		for _, view := range a.views() {
			p.Views = append(p.Views, web.PlanView{Key: byDemand, Label: i18n.Text(lang, "planning_demand.view."+view, nil), Path: demandPath + a.query(view), On: view == a.view})
		}
		if err := s.fillDemandMap(ctx, lang, a, &p); err != nil {
			return err
		}
	}
	if err := s.fillRates(ctx, lang, a.source.ID, typed(v.Get("anliegen")), &p); err != nil {
		return err
	}
	return s.staffPage(w, r, code, p)
}

// sourceFacts are the numbers of an import.
func sourceFacts(lang string, c demand.Source) *web.DemandSource {
	rep := c.Report
	d := &web.DemandSource{ID: c.ID, Name: c.Name, Attribution: c.Attribution, Licence: c.Licence, Imported: c.ImportedAt, Unusable: rep.Unusable, Unused: rep.Unused}
	if c.ReferenceDay != nil {
		d.Day = *c.ReferenceDay
	}
	fact := func(key string, n int64) {
		d.Facts = append(d.Facts, web.DemandFact{Label: i18n.Text(lang, "planning_demand.fact."+key, nil), Value: i18n.Number(lang, n),
			Explain: i18n.Text(lang, "planning_demand.fact."+key+".text", nil)})
	}
	fact("cells", int64(rep.Cells))
	d.Facts[0].Label = i18n.Text(lang, "planning_demand.fact.cells", nil) + map[int]string{100: " (100 m)", 1000: " (1 km)"}[c.Resolution]
	fact("people", rep.People)
	fact("estimated", rep.Estimated)
	fact("suppressed", int64(rep.Suppressed))
	fact("uncertain", int64(rep.Uncertain))
	for _, p := range rep.Problems {
		d.Problems = append(d.Problems, web.DemandProblem{Where: i18n.Text(lang, "planning_demand.line", map[string]any{"file": p.File, "line": p.Line}), Why: i18n.Text(lang, p.Key, p.Args)})
	}
	return d
}

// fillDemandMap draws the view and lists its heaviest cells.
func (s *Server) fillDemandMap(ctx context.Context, lang string, a demandAsked, p *web.PlanningDemand) error {
	d, err := demand.Select(ctx, s.DB, a.selection())
	if ortsnah.KindOf(err) == ortsnah.Invalid && err != nil {
		p.NoMap = i18n.Error(lang, err)
		return nil
	}
	if err != nil {
		return err
	}
	cells := figuresOf(d)
	c, err := s.canvasOf(ctx, cells, 1000)
	if err != nil {
		return err
	}
	p.Source.Facts = append(p.Source.Facts, web.DemandFact{Label: i18n.Text(lang, "planning_demand.fact.inside", nil), Value: i18n.Number(lang, (d.Total+d.Scale/2)/d.Scale),
		Explain: i18n.Text(lang, "planning_demand.fact.inside.text", map[string]any{"what": i18n.Text(lang, "planning_demand.view."+a.view, nil), "outside": d.Outside})})
	m := measured{lang: lang, visits: a.selection().Measure == demand.Visits, scale: d.Scale}
	p.Picture = s.picture(lang, "demand", byDemand, c, m, nil, cells)
	p.Frame = web.PlanFrame{Bounds: c.bounds, URL: demandPath + "/karte.json" + a.query(a.view)}
	p.CSV, p.Total, p.Unit = demandPath+"/zellen.csv"+a.query(a.view), len(d.Cells), i18n.Text(lang, "planning_demand.view."+a.view, nil)
	heaviest := slices.Clone(d.Cells)
	slices.SortStableFunc(heaviest, func(x, y demand.Cell) int { return cmp.Compare(y.Weight, x.Weight) })
	for _, cell := range heaviest[:min(shownCells, len(heaviest))] {
		p.Cells = append(p.Cells, web.DemandCell{ID: cell.ID, Weight: m.number(cell.Weight), People: i18n.Number(lang, cell.People), Guessed: cell.Guessed})
	}
	return nil
}

// figuresOf are the cells as the maps of planning draw them.
func figuresOf(d demand.Demand) []planning.CellFigure {
	cells := make([]planning.CellFigure, 0, len(d.Cells))
	for _, c := range d.Cells {
		cells = append(cells, planning.CellFigure{ID: c.ID, Lon: c.Lon, Lat: c.Lat, Weight: c.Weight})
	}
	return cells
}

// demandView is the demand of the view that the address names.
func (s *Server) demandView(r *http.Request) (demandAsked, demand.Demand, error) {
	a, _, ok, err := s.demandAsked(r.Context(), r.URL.Query())
	if err == nil && !ok {
		err = ortsnah.E(ortsnah.NotFound, "demand.no_such_source", "source", "")
	}
	if err != nil {
		return a, demand.Demand{}, err
	}
	d, err := demand.Select(r.Context(), s.DB, a.selection())
	return a, d, err
}

// planningDemandMap answers /planung/nachfrage/karte.json with what the island draws.
func (s *Server) planningDemandMap(w http.ResponseWriter, r *http.Request) error {
	_, d, err := s.demandView(r)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	return writeJSON(w, r, jsonMedia, mapData(planning.Definition{}, nil, figuresOf(d)))
}

// planningDemandCells answers /planung/nachfrage/zellen.csv (RFC 4180, UTF-8):
// every cell of the view; lon and lat are CRS84.
func (s *Server) planningDemandCells(w http.ResponseWriter, r *http.Request) error {
	a, d, err := s.demandView(r)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	h.Set("Content-Disposition", `attachment; filename="`+a.source.ID+"_"+a.view+`.csv"`)
	h.Set("Cache-Control", "no-store")
	file := csv.NewWriter(w)
	file.UseCRLF = true
	err = file.Write([]string{"cell", "lon", "lat", "people", "over_65", "weight", "scale", "estimated"})
	for _, c := range d.Cells {
		err = errors.Join(err, file.Write([]string{c.ID, strconv.FormatFloat(c.Lon, 'f', -1, 64), strconv.FormatFloat(c.Lat, 'f', -1, 64),
			strconv.FormatInt(c.People, 10), strconv.FormatInt(c.Over65, 10), strconv.FormatInt(c.Weight, 10), strconv.FormatInt(d.Scale, 10), strconv.FormatBool(c.Guessed)}))
	}
	file.Flush()
	return errors.Join(err, file.Error())
}

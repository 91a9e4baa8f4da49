package planning

import (
	"cmp"
	"slices"
	"time"

	"github.com/ortsnah/ortsnah/stations/demand"
	"github.com/ortsnah/ortsnah/stations/siting"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// reaches are the times of Figures.Within in seconds.
func reaches() []int { return []int{300, 600, 900, 1200, 1800} }

// outcome puts a certificate in the planner's words. Without a Flow everybody
// goes to the nearest open site.
func (g *ground) outcome(c proof.Certificate, took time.Duration) *Outcome {
	o := &Outcome{Status: c.Status, Value: c.Value, Bound: c.Bound, Unit: g.unit(), Scale: g.demand.Scale,
		Basis: string(g.basis), Travel: g.version, Attribution: g.attribution, DemoRoads: g.demoRoads, Unreachable: g.unreachable(),
		Demand: DemandFigures{Source: g.source.Name, SHA256: g.source.SHA256, Licence: g.source.Licence, Attribution: g.source.Attribution,
			Cells: len(g.cells) + len(g.aside), Weight: g.demand.Total, Suppressed: g.demand.Suppressed,
			Outside: g.demand.Outside, Unreachable: len(g.aside)},
		Sites: []SiteFigures{}, Cells: []CellFigure{}, Seconds: took.Seconds()}
	o.Gap = gap(c.Value, c.Bound)
	if c.Status == proof.Infeasible || len(c.Open) == 0 {
		o.Cells = g.cellFigures(nil)
		o.Figures = g.figures(nil, nil)
		return o
	}
	s := siting.Stand(g.problem, c.Open)
	ways := Ways(s, g.problem.Weights)
	of := cellsInOrder(len(g.cells))
	if c.Flow != nil {
		ways, of = g.flowWays(c.Flow)
	}
	o.Sites = g.siteFigures(s, ways)
	o.Cells = g.cellFigures(mainWays(len(g.cells), ways, of))
	o.Figures = g.figures(s, ways)
	if len(g.problem.Existing) > 0 {
		t := siting.Stand(g.problem, nil)
		today := g.figures(t, Ways(t, g.problem.Weights))
		o.Today = &today
	}
	return o
}

// unit of values. Divided by Scale they are people or visits a year.
func (g *ground) unit() string {
	one, many := "person", "people"
	if g.definition.Demand.Measure == "visits" {
		one, many = "visit", "visits"
	}
	switch g.problem.Kind {
	case instance.MCLP:
		return many
	case instance.LSCP:
		return "sites"
	case instance.PCenter:
		return "deciseconds"
	}
	return one + "_deciseconds"
}

// figures of a standing; nil: nobody is served. The cells aside count as not
// served.
func (g *ground) figures(s *siting.Standing, ways []Way) Figures {
	f := Measure(ways, reaches())
	if s == nil {
		f.Unserved = g.demand.Total
		return f
	}
	f.Unserved += g.unreachable()
	over65 := make([]int64, len(g.cells))
	for i, c := range g.cells {
		over65[i] = c.Over65
	}
	f.Over65 = MeanTime(Ways(s, over65))
	stepFree := s.Among(func(j int32) bool { return g.definition.Candidates[j].StepFree })
	f.StepFree = MeanTime(Ways(stepFree, g.problem.Weights))
	return f
}

func (g *ground) siteFigures(s *siting.Standing, ways []Way) []SiteFigures {
	all := Catchments(s.Open, ways)
	for k, loss := range s.Losses() {
		c := g.definition.Candidates[s.Open[k]]
		all[k].ID, all[k].Loss, all[k].LossUnserved = c.ID, loss.Value, loss.Unserved
		all[k].Name, all[k].Lon, all[k].Lat, all[k].StepFree = c.Name, c.Lon, c.Lat, c.StepFree
	}
	return all
}

// cellFigures are all cells by id, those aside too; ways is one way per cell of
// the problem, nil: nobody is served.
func (g *ground) cellFigures(ways []Way) []CellFigure {
	all := make([]CellFigure, 0, len(g.cells)+len(g.aside))
	for i, c := range g.cells {
		f := cellFigure(c)
		if ways != nil && ways[i].Site >= 0 {
			f.Site, f.Seconds = g.definition.Candidates[ways[i].Site].ID, float64(ways[i].Cost)/10
		}
		all = append(all, f)
	}
	for _, c := range g.aside {
		all = append(all, cellFigure(c))
	}
	slices.SortFunc(all, func(a, b CellFigure) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

func cellFigure(c demand.Cell) CellFigure {
	return CellFigure{ID: c.ID, Lon: c.Lon, Lat: c.Lat, Weight: c.Weight, People: c.People, Over65: c.Over65, Guessed: c.Guessed}
}

// flowWays are the ways of split cells and the cell of each.
func (g *ground) flowWays(flow []proof.Share) (ways []Way, of []int32) {
	cost := g.costs()
	for _, f := range flow {
		ways = append(ways, Way{Site: f.Site, Cost: cost(f.Cell, f.Site), Weight: f.Weight})
		of = append(of, f.Cell)
	}
	return ways, of
}

// costs looks single pairs up; every pair asked for exists.
func (g *ground) costs() func(cell, site int32) int32 {
	m := &g.problem.Costs
	return func(cell, site int32) int32 {
		for k := m.Row[cell]; k < m.Row[cell+1]; k++ {
			if m.Site[k] == site {
				return m.Cost[k]
			}
		}
		return 0
	}
}

func cellsInOrder(n int) []int32 {
	of := make([]int32, n)
	for i := range of {
		of[i] = int32(i)
	}
	return of
}

// mainWays is per cell the way that most of it takes.
func mainWays(cells int, ways []Way, of []int32) []Way {
	main := make([]Way, cells)
	for i := range main {
		main[i].Site = -1
	}
	for k, w := range ways {
		if m := &main[of[k]]; m.Site < 0 || w.Weight > m.Weight {
			*m = w
		}
	}
	return main
}

// gap as siting.Progress has it.
func gap(value, bound int64) float64 {
	return float64(max(value-bound, bound-value)) / float64(max(1, value, -value))
}

package planning

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/demand"
	"github.com/ortsnah/ortsnah/stations/siting"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/travel"
	"github.com/paulmach/orb"
)

// Moved is what MovePin answers: the choice of a run with one pin elsewhere.
type Moved struct {
	Value   int64         `json:"value"`
	Figures Figures       `json:"figures"`
	Sites   []SiteFigures `json:"sites"`
	Cells   []CellFigure  `json:"cells"`          // those whose site or time changed, by id
	Basis   string        `json:"travel_basis"`   // travel.Basis
	Travel  string        `json:"travel_version"` // differs from the run's when the streets have changed since

	Unlimited bool `json:"without_capacity,omitempty"` // the run's capacities are not held here: everybody goes to the nearest
}

// keptPins is how many runs MovePin keeps in memory; a city's is some 100 MB.
const keptPins = 4

// pins are runs whose problem is in memory, the last used last.
type pins struct {
	mu  sync.Mutex
	all []*pinned
}

// pinned is a finished run with all that a moved pin needs. It is immutable.
type pinned struct {
	run    string
	ground *ground
	places []orb.Point // of the problem's cells
	stand  *siting.Standing
}

// MovePin answers how the choice of a finished run fares when its open site
// moves to lon/lat (CRS84): without a new search, so the others stay where they
// are, and without limits of capacity, so everybody goes to the nearest site.
// Cells that could reach no candidate in the run stay aside. Errors: NotFound
// planning.no_run, Conflict planning.no_choice_yet; Invalid
// planning.no_such_site, planning.candidate_nowhere, planning.candidate_outside.
func (d *Desk) MovePin(ctx context.Context, run, site string, lon, lat float64) (Moved, error) {
	pin := []Candidate{{ID: cmp.Or(site, "?"), Lon: lon, Lat: lat}}
	if err := (&Definition{Candidates: pin}).candidatesCheck(); err != nil {
		return Moved{}, err
	}
	if err := inTown(ctx, d.DB, pin); err != nil {
		return Moved{}, err
	}
	p, err := d.pinned(ctx, run)
	if err != nil {
		return Moved{}, err
	}
	j, ok := p.ground.site(site)
	if !ok || !slices.Contains(p.stand.Open, j) {
		return Moved{}, ortsnah.E(ortsnah.Invalid, "planning.no_such_site", "id", site).About("site")
	}
	times, err := timesOf(d.Travel, p.ground.definition.Day)
	if err != nil {
		return Moved{}, err
	}
	column, err := p.column(ctx, times, orb.Point{lon, lat})
	if err != nil {
		return Moved{}, err
	}
	m := p.moved(p.stand.Move(j, column), j, orb.Point{lon, lat})
	m.Basis, m.Travel = string(times.Basis()), times.Version()
	return m, nil
}

// column is what each cell's way to the pin costs, -1 where there is none. It
// is a matrix of one site and not travel.From: ways differ by direction.
func (p *pinned) column(ctx context.Context, times travel.Times, pin orb.Point) ([]int32, error) {
	d := p.ground.definition
	m, err := times.Matrix(ctx, d.Profile, p.places, []orb.Point{pin}, deciseconds(d.Cutoff))
	if err != nil {
		return nil, err
	}
	column := make([]int32, len(p.places))
	for i := range column {
		column[i] = travel.Unreachable
		if m.Row[i] < m.Row[i+1] {
			column[i] = m.Cost[m.Row[i]]
		}
	}
	return column, nil
}

func (p *pinned) moved(s *siting.Standing, j int32, pin orb.Point) Moved {
	g := p.ground
	ways := Ways(s, g.problem.Weights)
	m := Moved{Unlimited: g.problem.Kind == instance.Capacitated, Value: s.Worth().Value, Figures: g.figures(s, ways), Sites: g.siteFigures(s, ways), Cells: []CellFigure{}}
	for k, open := range s.Open {
		if open == j {
			m.Sites[k].Lon, m.Sites[k].Lat = pin[0], pin[1]
		}
	}
	for i, c := range g.cells {
		if s.Site[i] == p.stand.Site[i] && s.Cost[i] == p.stand.Cost[i] {
			continue
		}
		f := cellFigure(c)
		if s.Site[i] >= 0 {
			f.Site, f.Seconds = g.definition.Candidates[s.Site[i]].ID, float64(s.Cost[i])/10
		}
		m.Cells = append(m.Cells, f)
	}
	return m
}

// pinned is the run from memory, or from the database.
func (d *Desk) pinned(ctx context.Context, run string) (*pinned, error) {
	d.pins.mu.Lock()
	defer d.pins.mu.Unlock() // also while one is read: who drags a pin asks ten times a second
	at := slices.IndexFunc(d.pins.all, func(p *pinned) bool { return p.run == run })
	if at >= 0 {
		p := d.pins.all[at]
		d.pins.all = append(slices.Delete(d.pins.all, at, at+1), p)
		return p, nil
	}
	p, err := d.pin(ctx, run)
	if err != nil {
		return nil, err
	}
	if len(d.pins.all) >= keptPins {
		d.pins.all = slices.Delete(d.pins.all, 0, 1)
	}
	d.pins.all = append(d.pins.all, p)
	return p, nil
}

// pin reads a run that has ended with a choice.
func (d *Desk) pin(ctx context.Context, id string) (*pinned, error) {
	run, err := FindRun(ctx, d.DB, id)
	if err != nil {
		return nil, err
	}
	if run.Result == nil || len(run.Result.Sites) == 0 || run.Definition.Weekly != nil {
		return nil, ortsnah.E(ortsnah.Conflict, "planning.no_choice_yet")
	}
	zipped, _, err := Inputs(ctx, d.DB, id)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		return nil, err
	}
	problem, err := instance.Read(z, "json", "run")
	if err != nil {
		return nil, err
	}
	g := &ground{definition: run.Definition, problem: problem}
	g.demand.Scale, g.demand.Total = run.Result.Scale, run.Result.Demand.Weight
	p := &pinned{run: id, ground: g}
	g.restoreCells(run.Result.Cells)
	for _, c := range g.cells {
		p.places = append(p.places, orb.Point{c.Lon, c.Lat})
	}
	var open []int32
	for _, s := range run.Result.Sites {
		if j, ok := g.site(s.ID); ok {
			open = append(open, j)
		}
	}
	p.stand = siting.Stand(problem, open)
	return p, nil
}

// restoreCells divides a result's cells into those of the problem, in its
// order, and those aside.
func (g *ground) restoreCells(cells []CellFigure) {
	at := make(map[string]CellFigure, len(cells))
	for _, c := range cells {
		at[c.ID] = c
	}
	for _, id := range g.problem.CellIDs {
		g.cells = append(g.cells, at[id].cell())
		delete(at, id)
	}
	for _, c := range cells {
		if _, aside := at[c.ID]; aside {
			g.aside = append(g.aside, c.cell())
		}
	}
}

func (c CellFigure) cell() demand.Cell {
	return demand.Cell{ID: c.ID, Lon: c.Lon, Lat: c.Lat, People: c.People, Over65: c.Over65, Weight: c.Weight, Guessed: c.Guessed}
}

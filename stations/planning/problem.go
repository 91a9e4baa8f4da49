package planning

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/stations/demand"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/travel"
	"github.com/paulmach/orb"
)

// weeksOfAYear turns what a site serves in a week into what it serves in a
// year: demand measured in visits is per year.
const weeksOfAYear = 52

// ground is what a definition becomes: the problem that the solver gets, and
// what was kept out of it.
type ground struct {
	definition Definition
	problem    *instance.Problem
	cells      []demand.Cell // of the problem, in its order
	aside      []demand.Cell // from which no candidate can be reached: counted, never dropped silently
	demand     demand.Demand // Cells is empty
	source     demand.Source
	basis      travel.Basis
	version    string // of the travel times

	attribution string
	demoRoads   bool
}

// prepare works out demand and ways of a definition. step is told before each
// part. Errors: those of demand.Select and travel.Times, Invalid planning.….
func prepare(ctx context.Context, db postgis.DB, ways *travel.Live, d Definition, step func(string)) (*ground, error) {
	step("demand")
	source, err := demand.FindSource(ctx, db, d.Demand.Source)
	if err != nil {
		return nil, err
	}
	all, err := demand.Select(ctx, db, demand.Selection{Source: d.Demand.Source, Measure: d.Demand.Measure, Groups: d.Demand.Groups,
		Concerns: d.Demand.Concerns, Calibrated: d.Demand.Calibrated, Area: d.Demand.Area})
	if err != nil {
		return nil, err
	}
	if all.Total == 0 || len(all.Cells) == 0 {
		return nil, ortsnah.E(ortsnah.Invalid, "planning.no_demand").About("source")
	}
	step("travel")
	times, err := timesOf(ways, d.Day)
	if err != nil {
		return nil, err
	}
	places := make([]orb.Point, len(all.Cells))
	for i, c := range all.Cells {
		places[i] = orb.Point{c.Lon, c.Lat}
	}
	costs, err := times.Matrix(ctx, d.Profile, places, sitesOf(d), deciseconds(d.Cutoff))
	if err != nil {
		return nil, err
	}
	g := &ground{definition: d, demand: all, source: source, basis: times.Basis(), version: times.Version(),
		attribution: times.Attribution(), demoRoads: times.Demo()}
	g.demand.Cells = nil
	g.separate(all.Cells, costs)
	return g, nil
}

// timesOf are the ways on a day, "" for those without closures.
func timesOf(ways *travel.Live, day string) (travel.Times, error) {
	if day == "" {
		return ways.Undisturbed(), nil
	}
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return nil, ortsnah.E(ortsnah.Invalid, "planning.bad_day", "value", day).About("day")
	}
	return ways.Times(at.Add(12 * time.Hour)), nil // noon: the same day in every zone of Europe
}

func sitesOf(d Definition) []orb.Point {
	places := make([]orb.Point, len(d.Candidates))
	for j, c := range d.Candidates {
		places[j] = orb.Point{c.Lon, c.Lat}
	}
	return places
}

func deciseconds(seconds int) int32 { return int32(seconds) * 10 }

// separate puts cells into the problem or, where no candidate that may be used
// can be reached, aside.
func (g *ground) separate(cells []demand.Cell, costs instance.Matrix) {
	d := g.definition
	p := &instance.Problem{Kind: d.Objective, P: d.P, Sites: len(d.Candidates),
		Cap: deciseconds(d.Cap), Radius: deciseconds(d.Radius), Costs: instance.Matrix{Row: []int64{0}}}
	if d.Weekly != nil {
		p.Kind = instance.PMedian // in which figures and losses of a week are counted
	}
	if d.Objective != instance.PMedian || d.Weekly != nil {
		p.Cap = 0
	}
	if p.Kind != instance.MCLP && p.Kind != instance.LSCP {
		p.Radius = 0
	}
	usable := g.roles(p)
	for i, c := range cells {
		from, to := costs.Row[i], costs.Row[i+1]
		reached := false
		for _, j := range costs.Site[from:to] {
			reached = reached || usable[j]
		}
		if !reached {
			g.aside = append(g.aside, c)
			continue
		}
		g.cells = append(g.cells, c)
		p.Weights = append(p.Weights, c.Weight)
		p.CellIDs = append(p.CellIDs, c.ID)
		p.Costs.Site = append(p.Costs.Site, costs.Site[from:to]...)
		p.Costs.Cost = append(p.Costs.Cost, costs.Cost[from:to]...)
		p.Costs.Row = append(p.Costs.Row, int64(len(p.Costs.Site)))
	}
	g.problem = p
}

// roles fills what the candidates' roles say and returns which may be open.
func (g *ground) roles(p *instance.Problem) []bool {
	usable := make([]bool, len(g.definition.Candidates))
	for j, c := range g.definition.Candidates {
		p.SiteIDs = append(p.SiteIDs, c.ID)
		usable[j] = c.Role != Forbidden
		switch c.Role {
		case Required:
			p.Required = append(p.Required, int32(j))
		case Forbidden:
			p.Forbidden = append(p.Forbidden, int32(j))
		case Existing:
			p.Existing = append(p.Existing, int32(j))
		}
		if p.Kind == instance.Capacitated {
			capacity := c.Capacity
			if capacity == 0 {
				capacity = g.definition.Capacity
			}
			p.Capacity = append(p.Capacity, g.amount(capacity))
		}
	}
	return usable
}

// amount is what people call n people, or n visits a week, in the problem's
// weights.
func (g *ground) amount(n int64) int64 {
	if g.definition.Demand.Measure == "visits" {
		n *= weeksOfAYear
	}
	return n * g.demand.Scale
}

// unreachable is the weight of the cells aside.
func (g *ground) unreachable() int64 {
	var sum int64
	for _, c := range g.aside {
		sum += c.Weight
	}
	return sum
}

// site is the number of a candidate.
func (g *ground) site(id string) (int32, bool) {
	for j, c := range g.definition.Candidates {
		if c.ID == id {
			return int32(j), true
		}
	}
	return 0, false
}

// ids are the candidates' ids of sites.
func (g *ground) ids(open []int32) []string {
	ids := make([]string, len(open))
	for k, j := range open {
		ids[k] = g.definition.Candidates[j].ID
	}
	return ids
}

// snapshot reads what prepare reads as of one moment: an import that ends
// meanwhile changes nothing in the middle.
func snapshot(ctx context.Context, db postgis.DB, read func(tx pgx.Tx) error) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	if _, err := tx.Exec(ctx, `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY`); err != nil {
		return err
	}
	return read(tx)
}

package siting

import (
	"context"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// WeekProblem asks where the stations stand in each half-day of a week, Monday
// to Friday, mornings and afternoons. It is the strategic planning of mobile
// units by Büsing, Comis, Schmidt and Streicher (arXiv 2005.11062):
//
//   - each of Stations is out for HalfDays half-days; a half-day of a station
//     at a stop is a session, which serves at most Capacity
//   - at most one station stands at a stop in a half-day
//   - who walks in (not steerable) goes to the nearest stop that has a session
//     in the week, of equal ones to the lowest number, whatever its room
//   - who books (steerable) is sent where there is room, split if need be
//   - the sum of weight × cost is least
//
// Cells and stops are numbered as in instance.Problem; weights are of a week.
type WeekProblem struct {
	Stations int
	HalfDays int   // 1 … 10
	Capacity int64 // weight that one session serves
	Sites    int
	WalkIns  []int64 // per cell
	Booked   []int64 // per cell
	Costs    instance.Matrix

	Required  []int32 // stops that must have a session
	Forbidden []int32

	CellIDs, SiteIDs []string // names for people; nil: the numbers
}

// HalfDaysOfWeek is how often a stop can be served in a week.
const HalfDaysOfWeek = 10

// WeekResult is the plan of a week with its proof.
type WeekResult struct {
	Certificate WeekCertificate
	Sessions    []Session // by day, half, station
	Nodes       int
	Why         *ortsnah.Error // Status Infeasible: the sentence that says why
}

// WeekCertificate is a plan of a week and the proof of its bound; CheckWeek
// says what they have to keep. Statuses are those of proof.Certificate.
type WeekCertificate struct {
	Format string        `json:"format"` // WeekFormat
	Status proof.Status  `json:"status"`
	Value  int64         `json:"value"`
	Bound  int64         `json:"bound"`
	Held   []int32       `json:"held"`   // sessions per stop
	Booked []proof.Share `json:"booked"` // where steerable demand is sent, by cell, then stop
	Scale  int64         `json:"scale"`
	Lambda [][]int64     `json:"lambda"` // multipliers times Scale: of the walk-ins per cell, then of the booked per cell
	Tree   []WeekNode    `json:"tree"`   // preorder: a branching node, its subtree "at most Split", its subtree "more"
}

// WeekFormat names this version of the certificate.
const WeekFormat = "ortsnah-week-certificate/1"

// WeekNode splits the plans by the sessions of a stop. A leaf (Site < 0) is
// closed by Lambda[By]; By < 0 by counting.
type WeekNode struct {
	Site  int32 `json:"site"`
	Split int32 `json:"split,omitempty"`
	By    int32 `json:"by,omitempty"`
}

// SolveWeek plans the week. Its bound lets the walk-ins be steered as far as
// the stops that are decided leave them a choice; where all are decided it is
// exact. As Solve: a cancelled context or the limit of nodes gives the best so
// far with an honest gap, errors are Invalid siting.… for a question that makes
// no sense.
func SolveWeek(ctx context.Context, p *WeekProblem, o Options) (*WeekResult, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	a, index := p.allocation()
	s := newAllocator(ctx, a)
	s.worth = p.most() + 1
	if o.Progress != nil {
		s.progress = func(best *plan, bound int64, nodes int) { o.Progress(progressOf(best, bound, nodes)) }
	}
	why := p.counted(a)
	if why != nil {
		s.nodes = []branch{{parent: -1, site: -1, by: -1, bound: impossible}}
	} else {
		s.given = o.Start
		s.run(o.Nodes)
	}
	return p.result(s, index, why), nil
}

// Check says whether p is a question that makes sense.
func (p *WeekProblem) Check() error {
	switch {
	case p.Stations < 1:
		return ortsnah.E(ortsnah.Invalid, "siting.week_stations", "stations", p.Stations).About("stations")
	case p.HalfDays < 1 || p.HalfDays > HalfDaysOfWeek:
		return ortsnah.E(ortsnah.Invalid, "siting.week_half_days", "half_days", p.HalfDays, "most", HalfDaysOfWeek).About("half_days")
	case p.Capacity < 1 || p.Capacity > instance.Largest:
		return ortsnah.E(ortsnah.Invalid, "siting.week_capacity", "capacity", p.Capacity).About("session_capacity")
	case p.Stations > HalfDaysOfWeek*p.Sites && p.Sites > 0: // also keeps the product small
		return ortsnah.E(ortsnah.Invalid, "siting.week_too_many_stations", "stations", p.Stations, "stops", p.Sites).About("stations")
	case len(p.Booked) != len(p.WalkIns):
		return ortsnah.E(ortsnah.Invalid, "siting.week_cells", "walk_ins", len(p.WalkIns), "booked", len(p.Booked)).About("cells")
	}
	q := p.plain(p.WalkIns)
	all := make([]int64, len(p.WalkIns))
	for i := range all {
		if p.WalkIns[i] < 0 || p.Booked[i] < 0 {
			return ortsnah.E(ortsnah.Invalid, "siting.negative_weight", "cell", q.CellName(i), "weight", min(p.WalkIns[i], p.Booked[i])).About("weights")
		}
		all[i] = min(p.WalkIns[i], instance.Largest) + min(p.Booked[i], instance.Largest)
	}
	return p.plain(all).Check()
}

// plain is the p-median problem of the same cells and stops.
func (p *WeekProblem) plain(weights []int64) *instance.Problem {
	return &instance.Problem{
		Kind: instance.PMedian, P: max(1, len(p.Required)), Sites: p.Sites, Weights: weights, Costs: p.Costs,
		Required: p.Required, Forbidden: p.Forbidden, CellIDs: p.CellIDs, SiteIDs: p.SiteIDs,
	}
}

func (p *WeekProblem) total() int { return p.Stations * p.HalfDays }

// most is above what any plan costs.
func (p *WeekProblem) most() int64 {
	var sum int64
	for i := range p.WalkIns {
		if from, to := p.Costs.Row[i], p.Costs.Row[i+1]; to > from {
			sum += (p.WalkIns[i] + p.Booked[i]) * int64(p.Costs.Cost[to-1])
		}
	}
	return sum
}

// allocation has two items per cell, those who walk in and those who book; index
// is their place in the certificate's multipliers.
func (p *WeekProblem) allocation() (a *allocation, index []int32) {
	a = &allocation{total: p.total(), least: p.total(), rowAt: []int32{0}, walk: []bool{}}
	for range p.Sites {
		a.unit, a.counted = append(a.unit, p.Capacity), append(a.counted, true)
		a.lo, a.hi = append(a.lo, 0), append(a.hi, int32(min(HalfDaysOfWeek, p.total())))
	}
	for _, j := range p.Forbidden {
		a.hi[j] = 0
	}
	for _, j := range p.Required {
		a.lo[j] = 1
	}
	q := p.plain(nil)
	for part, weights := range [][]int64{p.WalkIns, p.Booked} {
		for i, w := range weights {
			if w > 0 {
				a.addItem(w, q, i)
				a.walk = append(a.walk, part == 0)
				index = append(index, int32(part*len(p.WalkIns)+i))
			}
		}
	}
	a.transpose()
	a.setScale(p.most() + 1)
	return a, index
}

// counted finds what no search is needed for.
func (p *WeekProblem) counted(a *allocation) *ortsnah.Error {
	stops := p.Sites - len(p.Forbidden)
	var need int64
	for i, w := range a.weight {
		need += w
		if a.rowAt[i] == a.rowAt[i+1] {
			return infeasible("siting.cell_without_site", "cell", p.cellOf(a, i))
		}
	}
	switch room := a.mostRoom(a.lo, a.hi); {
	case len(p.Required) > p.total():
		return infeasible("siting.week_required", "required", len(p.Required), "sessions", p.total())
	case p.total() > stops*HalfDaysOfWeek:
		return infeasible("siting.week_too_few_stops", "sessions", p.total(), "stops", stops)
	case room < need:
		return infeasible("siting.capacity_too_small", "capacity", room, "demand", need)
	}
	return nil
}

// cellOf is the name of item i's cell.
func (p *WeekProblem) cellOf(a *allocation, i int) string {
	at := -1
	for part, weights := range [][]int64{p.WalkIns, p.Booked} {
		for cell, w := range weights {
			if w > 0 {
				at++
			}
			if at == i && w > 0 && a.walk[i] == (part == 0) {
				return p.plain(nil).CellName(cell)
			}
		}
	}
	return ""
}

func (p *WeekProblem) result(s *allocator, index []int32, why *ortsnah.Error) *WeekResult {
	c := WeekCertificate{Format: WeekFormat, Held: []int32{}, Booked: []proof.Share{}, Scale: s.scale, Bound: min(s.proven, s.worth)}
	c.Lambda, c.Tree = s.weekProof(index, 2*len(p.WalkIns))
	r := &WeekResult{Nodes: s.done, Why: why, Sessions: []Session{}}
	switch {
	case s.best == nil && (why != nil || s.proven >= s.worth):
		c.Status, c.Bound = proof.Infeasible, 0
		if why == nil {
			r.Why = infeasible("siting.week_out_of_reach", "sessions", p.total())
		}
	case s.best == nil:
		c.Status = proof.Unknown
	default:
		c.Status, c.Value, c.Held = proof.Gap, s.best.value, s.best.take
		if c.Bound == c.Value {
			c.Status = proof.Optimal
		}
		for _, sh := range s.best.shares {
			if !s.walk[sh.item] {
				c.Booked = append(c.Booked, proof.Share{Cell: index[sh.item] - int32(len(p.WalkIns)), Site: sh.site, Weight: sh.weight})
			}
		}
		r.Sessions = p.timetable(s, s.best)
	}
	r.Certificate = c
	return r
}

// weekProof is proof with the splits of the sessions.
func (s *allocator) weekProof(index []int32, n int) ([][]int64, []WeekNode) {
	lambda, plain := s.proof(index, n)
	tree := make([]WeekNode, len(plain))
	stack := []int32{0}
	for k, node := range plain { // the same preorder
		b := s.nodes[stack[len(stack)-1]]
		stack = stack[:len(stack)-1]
		tree[k] = WeekNode{Site: node.Site, By: node.By}
		if b.site >= 0 {
			tree[k].Split = b.split
			stack = append(stack, b.high, b.low)
		}
	}
	return lambda, tree
}

package match

import (
	"cmp"
	"slices"
)

// Disruption is what a sickness or a closure has upset: visits that keep their
// time and place, and who and what there is for them now.
type Disruption struct {
	Days   []Day
	Rooms  []Room  // Place is that of the visits; Free without the claims of Visits
	Clerks []Clerk // Free without the claims of Visits
	Visits []Visit
}

// Clerk is somebody who may take over. Free[d] is released and not claimed on
// Days[d].
type Clerk struct {
	ID   int
	Load int // minutes already booked in the days around, for even work
	Free []Timeline
}

// Visit is a booked appointment.
type Visit struct {
	ID       string
	Place    int
	Day      int
	Persons  int
	StepFree bool
	Needs    uint64
	Roomless bool
	Room     int // id of the room it has
	Parts    []VisitPart
	// Firm visits have a clerk and a room that are there. They may change them so
	// that another visit can stay, and are never lost.
	Firm bool
}

// VisitPart is a part of a visit, at the cells [From, To) of its day.
type VisitPart struct {
	From, To      int
	BufferMinutes int
	Clerk         int   // id of who has it
	Clerks        []int // ids of all who may do it, also of who has it
}

// Kept is a visit that stays.
type Kept struct {
	ID      string
	Clerks  []int // per part
	Room    int   // id; 0 when roomless
	Changed bool  // a clerk or the room is another one
	Claims  []Claim
}

// Rematched is the outcome of Rematch, both lists by id.
type Rematched struct {
	Kept []Kept
	Lost []string // ids of visits that cannot keep their time
}

// The bounds of the search. Visits that overlap in time, one after the other,
// are a group, and groups do not touch each other; up to exactVisits the best
// answer is found unless it takes more than exactSteps.
const (
	exactVisits = 12
	exactSteps  = 50_000
	pushVisits  = 3    // in larger groups a visit pushes one, that one more, and so on
	pushSteps   = 5000 // per visit pushed for
	mostWays    = 600  // per visit
)

// way is one manner to keep a visit: who, where, and what that occupies.
type way struct {
	clerks  []int
	room    int
	changes int
	load    int
	spans   []span
}

type span struct {
	room         bool
	id, from, to int
}

// group are visits that can be in each other's way.
type group struct {
	visits []*Visit
	ways   [][]way // per visit, best first
	taken  []int   // per visit: index of its way; -1 lost
	order  []int   // of the exact search: fewest ways first
	least  []int   // changes at least from the i-th visit of order on
	best   []int
	score  score
	steps  int
}

type score struct{ lost, changes int }

func (a score) less(b score) bool {
	return a.lost < b.lost || a.lost == b.lost && a.changes < b.changes
}

// Rematch finds who and which room can take over, so that as many visits as
// possible keep their time, with as few changes as possible, the work spread
// over those who have least. Ties by load and id; the order of input does not
// matter.
func Rematch(d Disruption) Rematched {
	visits := make([]*Visit, len(d.Visits))
	for i := range d.Visits {
		visits[i] = &d.Visits[i]
	}
	slices.SortFunc(visits, func(a, b *Visit) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.from(), b.from()), cmp.Compare(a.ID, b.ID))
	})
	out := Rematched{}
	given := map[int]int{} // minutes by clerk
	for len(visits) > 0 {
		n := d.overlapping(visits)
		g := d.group(visits[:n], given)
		g.solve()
		for i, v := range g.visits {
			if g.best[i] < 0 {
				out.Lost = append(out.Lost, v.ID)
				continue
			}
			w := &g.ways[i][g.best[i]]
			for part, clerk := range w.clerks {
				if clerk != v.Parts[part].Clerk {
					given[clerk] += (v.Parts[part].To - v.Parts[part].From) * CellMinutes
				}
			}
			out.Kept = append(out.Kept, Kept{ID: v.ID, Clerks: w.clerks, Room: w.room, Changed: w.changes > 0,
				Claims: d.claims(v, w)})
		}
		visits = visits[n:]
	}
	slices.Sort(out.Lost)
	slices.SortFunc(out.Kept, func(a, b Kept) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func (v *Visit) from() int { return v.Parts[0].From }

// until is the end of the visit, longest that of its clerks' pauses.
func (v *Visit) until() (visit, pauses int) {
	for _, p := range v.Parts {
		visit = max(visit, p.To)
		pauses = max(pauses, p.To+cells(p.BufferMinutes))
	}
	return visit, pauses
}

// overlapping counts the visits, sorted by time, that hang together.
func (d *Disruption) overlapping(visits []*Visit) int {
	pause := 0
	for _, r := range d.Rooms {
		pause = max(pause, cells(r.BufferMinutes))
	}
	end := 0
	for i, v := range visits {
		if i > 0 && (v.Day != visits[0].Day || v.from() >= end) {
			return i
		}
		visit, pauses := v.until()
		end = max(end, visit+pause, pauses)
	}
	return len(visits)
}

func (d *Disruption) group(visits []*Visit, given map[int]int) *group {
	g := &group{visits: visits, taken: make([]int, len(visits))}
	for i, v := range visits {
		g.ways = append(g.ways, d.ways(v, given))
		g.taken[i] = -1
		g.order = append(g.order, i)
	}
	slices.SortStableFunc(g.order, func(i, j int) int { return cmp.Compare(len(g.ways[i]), len(g.ways[j])) })
	g.least = make([]int, len(visits)+1)
	for k := len(g.order) - 1; k >= 0; k-- {
		g.least[k] = g.least[k+1]
		if ways := g.ways[g.order[k]]; len(ways) > 0 {
			g.least[k] += ways[0].changes
		}
	}
	return g
}

// ways lists how a visit can be kept were it alone: fewest changes first, then
// the least load, the smallest room, ids.
func (d *Disruption) ways(v *Visit, given map[int]int) []way {
	teams := d.teams(v, given)
	rooms := d.roomsFor(v)
	var ways []way
	for _, team := range teams {
		for _, r := range rooms {
			w := way{clerks: team.clerks, changes: team.changes, load: team.load, spans: team.spans}
			if r != nil {
				visit, _ := v.until()
				w.room = r.ID
				w.spans = append(slices.Clone(w.spans), span{true, r.ID, v.from(), visit + cells(r.BufferMinutes)})
				if r.ID != v.Room {
					w.changes++
				}
			}
			ways = append(ways, w)
		}
	}
	slices.SortStableFunc(ways, func(a, b way) int {
		return cmp.Or(cmp.Compare(a.changes, b.changes), cmp.Compare(a.load, b.load))
	})
	return ways[:min(len(ways), mostWays)]
}

// teams lists the clerks per part who are free, without regard to rooms, by
// their ids.
func (d *Disruption) teams(v *Visit, given map[int]int) []way {
	teams := []way{{}}
	for _, part := range v.Parts {
		var next []way
		ids := slices.Compact(slices.Sorted(slices.Values(part.Clerks)))
		for _, team := range teams {
			for _, id := range ids {
				c := d.clerk(id)
				until := part.To + cells(part.BufferMinutes)
				if c == nil || v.Day >= len(c.Free) || !c.Free[v.Day].Free(part.From, until) || until > d.Days[v.Day].Cells {
					continue
				}
				w := way{clerks: append(slices.Clone(team.clerks), id), changes: team.changes,
					load: team.load + c.Load + given[id], spans: append(slices.Clone(team.spans), span{false, id, part.From, until})}
				if id != part.Clerk {
					w.changes++
				}
				next = append(next, w)
			}
		}
		teams = next
	}
	return teams
}

func (d *Disruption) clerk(id int) *Clerk {
	i := slices.IndexFunc(d.Clerks, func(c Clerk) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return &d.Clerks[i]
}

// roomsFor lists the rooms that are free for a visit, smallest first; a nil room
// for a visit that needs none.
func (d *Disruption) roomsFor(v *Visit) []*Room {
	if v.Roomless {
		return []*Room{nil}
	}
	var rooms []*Room
	visit, _ := v.until()
	for i := range d.Rooms {
		r := &d.Rooms[i]
		until := visit + cells(r.BufferMinutes)
		if r.Place == v.Place && r.suffices(v.Persons, v.StepFree, v.Needs) && v.Day < len(r.Free) &&
			until <= d.Days[v.Day].Cells && r.Free[v.Day].Free(v.from(), until) {
			rooms = append(rooms, r)
		}
	}
	slices.SortFunc(rooms, byRoom)
	return rooms
}

func (d *Disruption) claims(v *Visit, w *way) []Claim {
	day := d.Days[v.Day]
	claims := make([]Claim, 0, len(w.spans))
	for _, s := range w.spans {
		claims = append(claims, Claim{s.id, day.At(s.from), day.At(s.to)})
	}
	return merged(claims)
}

// clash tells whether two visits' ways want the same thing at the same time.
func clash(a, b *way) bool {
	for _, x := range a.spans {
		for _, y := range b.spans {
			if x.id == y.id && x.room == y.room && x.from < y.to && y.from < x.to {
				return true
			}
		}
	}
	return false
}

// solve sets best: every firm visit as it is and the others one after the other,
// then by pushing, in small groups also by trying everything.
func (g *group) solve() {
	for i, v := range g.visits {
		if v.Firm && len(g.ways[i]) > 0 && len(g.against(i, 0)) == 0 {
			g.taken[i] = 0
		}
	}
	for i := range g.visits {
		if g.taken[i] < 0 {
			g.steps = 0
			g.place(i, pushVisits, make([]bool, len(g.visits)))
		}
	}
	g.best, g.score = slices.Clone(g.taken), g.rate()
	if len(g.visits) <= exactVisits {
		for i := range g.taken {
			g.taken[i] = -1
		}
		g.steps = 0
		g.search(0, score{})
	}
}

func (g *group) rate() (s score) {
	for i, t := range g.taken {
		if t < 0 {
			s.lost++
		} else {
			s.changes += g.ways[i][t].changes
		}
	}
	return s
}

// place keeps a visit in the first way that works, pushing others of the group
// to other ways if need be; pushed marks those that must stay now.
func (g *group) place(i, depth int, pushed []bool) bool {
	pushed[i] = true
	for t := range g.ways[i] {
		if len(g.against(i, t)) == 0 {
			g.taken[i] = t
			return true
		}
		g.steps++
	}
	for t := range g.ways[i] {
		if g.steps++; depth == 0 || g.steps > pushSteps {
			break
		}
		others := g.against(i, t)
		if slices.ContainsFunc(others, func(o int) bool { return pushed[o] }) {
			continue
		}
		before, marks := slices.Clone(g.taken), slices.Clone(pushed)
		for _, o := range others {
			g.taken[o] = -1
		}
		g.taken[i] = t
		if !slices.ContainsFunc(others, func(o int) bool { return !g.place(o, depth-1, pushed) }) {
			return true
		}
		copy(g.taken, before)
		copy(pushed, marks)
	}
	pushed[i] = false
	return false
}

// against are the visits whose ways clash with visit i in its way t.
func (g *group) against(i, t int) []int {
	var others []int
	for o, taken := range g.taken {
		if o != i && taken >= 0 && clash(&g.ways[i][t], &g.ways[o][taken]) {
			others = append(others, o)
		}
	}
	return others
}

// search tries all ways of the k-th visit of order and those after it, and
// leaves out what cannot be better than best.
func (g *group) search(k int, so score) {
	if bound := (score{so.lost, so.changes + g.least[k]}); !bound.less(g.score) {
		return
	}
	if k == len(g.order) {
		g.best, g.score = slices.Clone(g.taken), so
		return
	}
	i := g.order[k]
	for t := range g.ways[i] {
		if g.steps++; g.steps > exactSteps {
			return
		}
		if len(g.against(i, t)) == 0 {
			g.taken[i] = t
			g.search(k+1, score{so.lost, so.changes + g.ways[i][t].changes})
			g.taken[i] = -1
		}
	}
	if !g.visits[i].Firm || len(g.ways[i]) == 0 {
		g.search(k+1, score{so.lost + 1, so.changes})
	}
}

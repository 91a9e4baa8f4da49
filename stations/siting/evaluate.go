package siting

import (
	"slices"

	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

// Standing is a set of open sites and, for every cell, the nearest and the
// second nearest of them: all that figures, losses and a moved pin need
// (Resende and Werneck 2007 keep the same two). It is never changed; Move and
// Swap give a new one.
type Standing struct {
	Open []int32 // ascending, existing sites included
	Site []int32 // per cell its nearest open site, of equal ones the lowest number; -1: none can be reached
	Cost []int32 // of the way there; 0 where Site is -1

	next     []int32 // second nearest, -1: none
	nextCost []int32
	columns  map[int32][]int32 // costs of sites that were moved, per cell; -1: not reachable
	ways     []int32           // (cell, place in Open): costs, -1: none; nil when few is exceeded
	problem  *instance.Problem
}

// few open sites are kept as a table: with them a cell's row is long to search
// for the next open one. Among many the next one is near.
const few = 64

// Worth is what a choice is worth in the problem's own terms (see
// proof.Certificate.Value). Value is of the cells that are served; Unserved is
// the weight that no open site reaches, with a Radius: within it. PMedian with
// a Cap counts unserved weight with Cap, as the problem says.
type Worth struct {
	Value    int64
	Unserved int64
}

// Stand opens the sites open and p's existing ones.
func Stand(p *instance.Problem, open []int32) *Standing {
	all := slices.Concat(open, p.Existing)
	slices.Sort(all)
	return stand(p, slices.Compact(all), nil)
}

func stand(p *instance.Problem, open []int32, columns map[int32][]int32) *Standing {
	n := len(p.Weights)
	s := &Standing{
		Open: open, Site: make([]int32, n), Cost: make([]int32, n),
		next: make([]int32, n), nextCost: make([]int32, n), columns: columns, problem: p,
	}
	isOpen := s.asWritten()
	if len(open) <= few {
		s.tabulate(isOpen)
	}
	for i := range n {
		s.look(i, isOpen)
	}
	return s
}

// tabulate fills ways.
func (s *Standing) tabulate(isOpen []bool) {
	width, m := len(s.Open), &s.problem.Costs
	s.ways = slices.Repeat([]int32{-1}, width*len(s.Site))
	at := make([]int32, s.problem.Sites)
	for k, j := range s.Open {
		at[j] = int32(k)
		for i, cost := range s.columns[j] {
			s.ways[i*width+k] = cost
		}
	}
	for i := range s.Site {
		ways := s.ways[i*width : (i+1)*width]
		left := width - len(s.columns)
		for k := m.Row[i]; k < m.Row[i+1] && left > 0; k++ {
			if j := m.Site[k]; isOpen[j] {
				ways[at[j]] = m.Cost[k]
				left--
			}
		}
	}
}

// retabulate is the table of before, which had site already or not, with the
// costs column for it.
func (s *Standing) retabulate(before *Standing, site int32, column []int32) {
	at, _ := slices.BinarySearch(s.Open, site)
	if len(before.Open) == len(s.Open) {
		s.ways = slices.Clone(before.ways)
	} else {
		width := len(before.Open)
		s.ways = make([]int32, 0, len(column)*(width+1))
		for i := range column {
			row := before.ways[i*width : (i+1)*width]
			s.ways = append(append(append(s.ways, row[:at]...), -1), row[at:]...)
		}
	}
	for i, cost := range column {
		s.ways[i*len(s.Open)+at] = cost
	}
}

// asWritten marks the open sites whose costs are those of the problem.
func (s *Standing) asWritten() []bool {
	marks := make([]bool, s.problem.Sites)
	for _, j := range s.Open {
		marks[j] = s.columns[j] == nil
	}
	return marks
}

// look finds the two nearest open sites of cell i.
func (s *Standing) look(i int, isOpen []bool) {
	two := nearestTwo{first: -1, second: -1}
	if s.ways != nil {
		for k, cost := range s.ways[i*len(s.Open) : (i+1)*len(s.Open)] {
			if cost >= 0 {
				two.add(s.Open[k], cost)
			}
		}
		s.put(i, two)
		return
	}
	m := &s.problem.Costs
	want := min(2, len(s.Open)-len(s.columns))
	for k := m.Row[i]; k < m.Row[i+1] && want > 0; k++ {
		if isOpen[m.Site[k]] {
			two.add(m.Site[k], m.Cost[k])
			want--
		}
	}
	for _, j := range s.Open { // not over the map: the order decides nothing, but reruns should look alike
		if column := s.columns[j]; column != nil && column[i] >= 0 {
			two.add(j, column[i])
		}
	}
	s.put(i, two)
}

func (s *Standing) put(i int, two nearestTwo) {
	s.Site[i], s.Cost[i] = two.first, two.firstCost
	s.next[i], s.nextCost[i] = two.second, two.secondCost
}

// nearestTwo sorts sites by cost, then by number, and keeps two.
type nearestTwo struct {
	first, firstCost, second, secondCost int32
}

func (t *nearestTwo) add(site, cost int32) {
	switch {
	case t.first < 0 || cost < t.firstCost || cost == t.firstCost && site < t.first:
		t.second, t.secondCost = t.first, t.firstCost
		t.first, t.firstCost = site, cost
	case t.second < 0 || cost < t.secondCost || cost == t.secondCost && site < t.second:
		t.second, t.secondCost = site, cost
	}
}

// Move gives the standing after one site has new costs, such as a pin that was
// drawn elsewhere: column holds one cost per cell, -1 where it cannot be
// reached. A site that was closed opens. Only cells that had the site among
// their two nearest are looked up again.
func (s *Standing) Move(site int32, column []int32) *Standing {
	moved := s.with(s.Open, site, column)
	if _, was := slices.BinarySearch(s.Open, site); !was {
		moved.Open = insertSorted(s.Open, site)
	}
	isOpen := moved.asWritten()
	switch {
	case len(moved.Open) > few:
	case s.ways != nil:
		moved.retabulate(s, site, column)
	default: // none was open
		moved.tabulate(isOpen)
	}
	for i := range s.Site {
		if s.Site[i] == site || s.next[i] == site {
			moved.look(i, isOpen)
			continue
		}
		two := nearestTwo{s.Site[i], s.Cost[i], s.next[i], s.nextCost[i]}
		if column[i] >= 0 {
			two.add(site, column[i])
		}
		moved.put(i, two)
	}
	return moved
}

// Swap gives the standing with the site out closed and the site in opened; -1
// leaves that part out.
func (s *Standing) Swap(out, in int32) *Standing {
	open := slices.DeleteFunc(slices.Clone(s.Open), func(j int32) bool { return j == out })
	if _, has := slices.BinarySearch(open, in); in >= 0 && !has {
		open = insertSorted(open, in)
	}
	columns := make(map[int32][]int32, len(s.columns))
	for j, column := range s.columns {
		if j != out {
			columns[j] = column
		}
	}
	return stand(s.problem, open, columns)
}

// Among is the standing of those open sites that usable names, such as the
// ones that a wheelchair can use; moved sites stay where they were moved.
func (s *Standing) Among(usable func(site int32) bool) *Standing {
	open := slices.DeleteFunc(slices.Clone(s.Open), func(j int32) bool { return !usable(j) })
	columns := make(map[int32][]int32, len(s.columns))
	for j, column := range s.columns {
		if usable(j) {
			columns[j] = column
		}
	}
	return stand(s.problem, open, columns)
}

// with is an empty standing of the same size with one more moved column.
func (s *Standing) with(open []int32, site int32, column []int32) *Standing {
	n := len(s.Site)
	columns := make(map[int32][]int32, len(s.columns)+1)
	for j, c := range s.columns {
		columns[j] = c
	}
	columns[site] = column
	numbers := make([]int32, 4*n)
	return &Standing{
		Open: open, Site: numbers[:n:n], Cost: numbers[n : 2*n : 2*n],
		next: numbers[2*n : 3*n : 3*n], nextCost: numbers[3*n:], columns: columns, problem: s.problem,
	}
}

func insertSorted(sites []int32, site int32) []int32 {
	at, _ := slices.BinarySearch(sites, site)
	return slices.Insert(slices.Clone(sites), at, site)
}

// Worth evaluates the standing. For Capacitated it is the worth without the
// limits, which is never worse than with them; Allocate has them.
func (s *Standing) Worth() Worth {
	var w Worth
	p := s.problem
	for i, weight := range p.Weights {
		value, unserved := s.pays(weight, s.Site[i], s.Cost[i])
		w.Unserved += unserved
		if p.Kind == instance.PCenter {
			w.Value = max(w.Value, value)
		} else {
			w.Value += value
		}
	}
	if p.Kind == instance.LSCP {
		w.Value = int64(len(s.Open) - len(p.Existing))
	}
	return w
}

// pays is what one cell adds to the value, and how much of it is unserved, when
// site (-1: none) serves it at cost.
func (s *Standing) pays(weight int64, site, cost int32) (value, unserved int64) {
	p := s.problem
	switch p.Kind {
	case instance.MCLP, instance.LSCP:
		if site < 0 || cost > p.Radius {
			return 0, weight
		}
		return weight, 0
	case instance.PCenter:
		if site < 0 || weight == 0 { // a cell without demand asks for nothing
			return 0, weight
		}
		return int64(cost), 0
	}
	switch {
	case site < 0:
		return weight * int64(p.Cap), weight
	case p.Cap > 0:
		return weight * int64(min(cost, p.Cap)), 0
	}
	return weight * int64(cost), 0
}

// Losses says, parallel to Open, how much each site is missed when it alone
// closes: Value is how much the value worsens (never negative), counted over
// the cells that are served without it too; Unserved is the weight that loses
// its only site.
func (s *Standing) Losses() []Worth {
	p := s.problem
	losses := make([]Worth, len(s.Open))
	at := make([]int32, p.Sites)
	for k, j := range s.Open {
		at[j] = int32(k)
	}
	var largest int64
	for i, weight := range p.Weights {
		if s.Site[i] < 0 {
			continue
		}
		loss := &losses[at[s.Site[i]]]
		with, lost := s.pays(weight, s.Site[i], s.Cost[i])
		without, unserved := s.pays(weight, s.next[i], s.nextCost[i])
		loss.Unserved += unserved - lost
		switch p.Kind {
		case instance.PCenter:
			largest = max(largest, with)
			loss.Value = max(loss.Value, without)
		case instance.MCLP:
			loss.Value += with - without
		case instance.LSCP: // one site fewer: what is missed is the weight alone
		default:
			if s.next[i] >= 0 || p.Cap > 0 {
				loss.Value += without - with
			}
		}
	}
	if p.Kind == instance.PCenter {
		for k := range losses {
			losses[k].Value = max(0, losses[k].Value-largest)
		}
	}
	return losses
}

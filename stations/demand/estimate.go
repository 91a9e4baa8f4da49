package demand

import (
	"cmp"
	"hash/fnv"
	"slices"
)

// finish turns shares into numbers, estimates what is suppressed and says what
// the grid holds.
func (g *Grid) finish() {
	list := g.sorted()
	byParent := map[square][]*cell{}
	g.Resolution = 1000
	for _, c := range list {
		c.finishShares()
		if c.size == 100 {
			g.Resolution = 100
			byParent[c.parent()] = append(byParent[c.parent()], c)
		}
	}
	for _, c := range list {
		// A square kilometre without any hectare holds people, too.
		c.counts = c.size == 100 || len(byParent[c.square]) == 0
	}
	parents := make([]square, 0, len(byParent))
	for p := range byParent {
		parents = append(parents, p)
	}
	slices.SortFunc(parents, bySquare)
	for _, p := range parents {
		estimatePeople(g.cells[p], byParent[p])
	}
	for _, c := range list {
		if c.counts && c.size == 1000 && c.guess > 0 && !c.n[nAll].given() {
			estimatePeople(nil, []*cell{c})
		}
	}
	g.estimateGroups(list)
	g.count(list)
}

// sorted lists the cells by name, which is their order everywhere.
func (g *Grid) sorted() []*cell {
	list := make([]*cell, 0, len(g.cells))
	for _, c := range g.cells {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *cell) int { return bySquare(a.square, b.square) })
	return list
}

func bySquare(a, b square) int {
	return cmp.Or(cmp.Compare(a.size, b.size), cmp.Compare(a.north, b.north), cmp.Compare(a.east, b.east))
}

// finishShares works per cents out. The census rounds them to two decimals, so
// that numbers below 10,000 come back exactly. Where both shares of 2011 are
// known, the people between 18 and 64 are the rest.
func (c *cell) finishShares() {
	all := &c.n[nAll]
	if all.state == absent {
		*all = number{state: suppressed, estimate: -1}
	}
	for _, f := range []int{nUnder18, nOver65} {
		n := &c.n[f]
		if c.shareState[f] == absent || n.given() {
			continue
		}
		*n = number{state: suppressed, estimate: -1}
		if all.given() && c.shares[f] >= 0 {
			n.value = int32((int64(all.value)*int64(c.shares[f]) + 5000) / 10_000)
			n.state = max(all.state, c.shareState[f]) // uncertain if one of them is
		}
	}
	young, old, between := c.n[nUnder18], c.n[nOver65], &c.n[n18to64]
	if c.shareState[nUnder18] == absent || c.shareState[nOver65] == absent || between.state != absent || c.n[n30to49].state != absent {
		return
	}
	*between = number{state: suppressed, estimate: -1}
	if rest := all.value - young.value - old.value; all.given() && young.given() && old.given() && rest >= 0 {
		between.value, between.state = rest, max(young.state, old.state)
	}
}

// estimatePeople shares out what is left of a square kilometre (nil or without
// number: what somebody estimated) among its cells whose number is suppressed:
// in proportion to somebody's estimates, else equally. The sum of the square
// kilometre is kept to the last person. Who gets nobody stays without number.
func estimatePeople(coarse *cell, cells []*cell) {
	var open []*cell
	var given, guessed int64
	for _, c := range cells {
		if c.n[nAll].given() {
			given += int64(c.n[nAll].value)
			continue
		}
		open, guessed = append(open, c), guessed+c.guess
	}
	rest := (guessed + 500) / 1000
	if coarse != nil {
		if total, ok := coarse.n[nAll].best(); ok {
			rest = total - given
		}
	}
	weights := make([]int64, len(open))
	// Few people on many equal cells shall not all live in the south-west.
	if guessed == 0 {
		slices.SortStableFunc(open, func(a, b *cell) int { return cmp.Compare(a.lot(), b.lot()) })
	}
	for i, c := range open {
		weights[i] = c.guess
		if guessed == 0 {
			weights[i] = 1
		}
	}
	for i, part := range share(rest, weights) {
		if part > 0 {
			open[i].n[nAll].estimate = int32(part)
		}
	}
}

// lot is a number that says nothing about the place, always the same.
func (c *cell) lot() uint64 {
	h := fnv.New64a()
	h.Write([]byte(c.id()))
	return h.Sum64()
}

// groups are the ages that the counting cells can be divided by.
func (g *Grid) groups(list []*cell) []int {
	var three bool
	for _, c := range list {
		if c.n[n30to49].state != absent {
			return fiveGroups()
		}
		three = three || c.n[n18to64].state != absent
	}
	if three {
		return threeGroups()
	}
	return nil
}

// estimateGroups divides the people of each cell whose ages are not all known:
// in the proportions of its square kilometre, else of all cells. What rounding
// takes from one cell the next one gets, so that small cells do not lose their
// old people one by one.
func (g *Grid) estimateGroups(list []*cell) {
	groups := g.groups(list)
	town := make([]int64, len(groups))
	for _, c := range list {
		for i, f := range groups {
			if n := c.n[f]; n.given() {
				town[i] += int64(n.value)
			}
		}
	}
	carry := make([]int64, len(groups))
	for _, c := range list {
		if !c.counts {
			continue
		}
		weights := slices.Clone(town)
		if coarse := g.cells[c.parent()]; coarse != nil && coarse != c && sumOf(coarse, groups) > 0 {
			for i, f := range groups {
				weights[i], _ = coarse.n[f].best()
			}
		}
		c.divide(groups, weights, carry)
	}
}

func sumOf(c *cell, groups []int) (sum int64) {
	for _, f := range groups {
		if c.n[f].given() {
			sum += int64(c.n[f].value)
		}
	}
	return sum
}

// divide estimates the groups that the census keeps secret in one cell from
// weights; carry holds, in millionths, what earlier cells got too little.
func (c *cell) divide(groups []int, weights, carry []int64) {
	rest, ok := c.n[nAll].best()
	if !ok {
		for _, f := range groups {
			if !c.n[f].given() {
				c.n[f] = number{state: suppressed, estimate: -1}
			}
		}
		return
	}
	var open []int // positions in groups
	var sum int64
	for i, f := range groups {
		if c.n[f].given() {
			rest -= int64(c.n[f].value)
			continue
		}
		c.n[f] = number{state: suppressed, estimate: -1}
		open, sum = append(open, i), sum+weights[i]
	}
	if len(open) == 0 || sum == 0 {
		return
	}
	rest = max(rest, 0)
	due := make([]int64, len(open))
	wanted := make([]int64, len(open))
	var some int64
	for k, i := range open {
		due[k] = rest*weights[i]*1_000_000/sum + carry[i]
		wanted[k] = max(due[k], 0)
		some += wanted[k]
	}
	if some == 0 { // earlier cells got too much of all that is open here
		for k, i := range open {
			wanted[k] = weights[i]
		}
	}
	for k, part := range share(rest, wanted) {
		c.n[groups[open[k]]].estimate = int32(part)
		carry[open[k]] = due[k] - part*1_000_000
	}
}

// count fills the report.
func (g *Grid) count(list []*cell) {
	rep := &g.Report
	for _, c := range list {
		if !c.counts {
			rep.Coarse++
			continue
		}
		rep.Cells++
		n := c.n[nAll]
		switch {
		case n.given():
			rep.People += int64(n.value)
			if n.state == uncertain {
				rep.Uncertain++
			}
		case n.estimate >= 0:
			rep.Estimated += int64(n.estimate)
			rep.Guessed++
		default:
			rep.Suppressed++
		}
	}
	rep.Groups = []Feature{}
	for _, f := range g.groups(list) {
		rep.Groups = append(rep.Groups, features()[f])
	}
}

package match

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"time"
)

// The oracle answers a Problem by trying everything, cell by cell and clerk by
// clerk, without bit tricks, bounds or shared code but for the weights.

// truth is the best at one start and place.
type truth struct {
	place, day, cell int
	start            time.Time
	cost             int // seconds, without swaps and the room
	clerks           []int
	room             int // index of the smallest free room; -1 roomless; -2 none is free
	pushable         bool
}

type oracle struct {
	p       *Problem
	lengths []int
	total   int
}

func newOracle(p *Problem) *oracle {
	o := &oracle{p: p}
	for _, part := range p.Parts {
		n := (part.Minutes + 4) / 5
		o.lengths = append(o.lengths, n)
		o.total += n
	}
	return o
}

// day is what a clerk has free for a part: cell by cell.
func (o *oracle) free(part, clerk, place, day int) (free [400]bool, load, quota int) {
	quota = math.MaxInt
	for _, s := range o.p.Parts[part].Shifts {
		if s.Clerk != clerk || s.Place != place || s.Day != day {
			continue
		}
		for c := range o.p.Days[day].Cells {
			free[c] = free[c] || s.Free[c/64]>>(c%64)&1 == 1
		}
		load = max(load, s.Load)
		if s.Quota >= 0 {
			quota = min(quota, s.Quota)
		}
	}
	return free, load, quota
}

func allFree(free *[400]bool, from, to int) bool {
	for c := from; c < to; c++ {
		if !free[c] {
			return false
		}
	}
	return true
}

func (o *oracle) clerks() []int {
	var all []int
	for _, part := range o.p.Parts {
		for _, s := range part.Shifts {
			all = append(all, s.Clerk)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// chain tries every clerk for every part; chosen are those of the parts before.
func (o *oracle) chain(place, day, cell int, all, chosen []int) (best int, clerks []int) {
	best = math.MaxInt
	part := len(chosen)
	if part == len(o.p.Parts) {
		return o.chainCost(place, day, cell, chosen), slices.Clone(chosen)
	}
	at := cell
	for i := range part {
		at += o.lengths[i]
	}
	until := at + o.lengths[part] + (o.p.Parts[part].BufferMinutes+4)/5
	for _, clerk := range all {
		free, _, _ := o.free(part, clerk, place, day)
		if !allFree(&free, at, until) {
			continue
		}
		cost, found := o.chain(place, day, cell, all, append(slices.Clone(chosen), clerk))
		if found != nil && cost < best {
			best, clerks = cost, found
		}
	}
	if best == math.MaxInt {
		return best, nil
	}
	return best, clerks
}

// chainCost is what clerks cost for a chain; math.MaxInt when a quota forbids it.
func (o *oracle) chainCost(place, day, cell int, clerks []int) int {
	cost, all := 0, 0
	for _, part := range o.p.Parts {
		all += part.Minutes
	}
	for _, clerk := range slices.Compact(slices.Sorted(slices.Values(clerks))) {
		minutes, most, least := 0, 0, math.MaxInt
		for i, c := range clerks {
			if c == clerk {
				_, load, quota := o.free(i, clerk, place, day)
				minutes += o.p.Parts[i].Minutes
				most, least = max(most, load), min(least, quota)
			}
		}
		if minutes > least {
			return math.MaxInt
		}
		cost += most * perLoad / 60 * minutes / all
	}
	if o.p.Clerk != 0 && !slices.Contains(clerks, o.p.Clerk) {
		cost += otherClerk
	}
	at := cell
	for i := range clerks {
		if i > 0 && clerks[i] != clerks[i-1] {
			cost += perChange
		}
		free, _, _ := o.free(i, clerks[i], place, day)
		if i == 0 || clerks[i] != clerks[i-1] {
			cost += o.hole(&free, at-1, -1)
		}
		at += o.lengths[i]
		if i == len(clerks)-1 || clerks[i] != clerks[i+1] {
			cost += o.hole(&free, at+(o.p.Parts[i].BufferMinutes+4)/5, 1)
		}
	}
	return cost
}

// hole walks from a cell and tells the cost of a hole there.
func (o *oracle) hole(free *[400]bool, cell, step int) int {
	shortest := slices.Min(o.lengths)
	if o.p.Shortest > 0 {
		shortest = (o.p.Shortest + 4) / 5
	}
	n := 0
	for ; cell >= 0 && free[cell]; cell += step {
		n++
	}
	if n > 0 && n < shortest {
		return perOddRun
	}
	return 0
}

func (o *oracle) suffices(r *Room, persons int, stepFree bool, needs uint64) bool {
	return r.Persons >= persons && (!stepFree || r.StepFree) && needs&^r.Equipment == 0
}

func (o *oracle) roomFree(room, day, from, minutes int) bool {
	for c := from; c < from+(minutes+4)/5; c++ {
		if c >= o.p.Days[day].Cells || o.p.Rooms[room].Free[day][c/64]>>(c%64)&1 == 0 {
			return false
		}
	}
	return true
}

func (o *oracle) less(a, b *Room) int {
	free := map[bool]int{true: 1}
	return cmp.Or(a.Persons-b.Persons, bits.OnesCount64(a.Equipment)-bits.OnesCount64(b.Equipment),
		free[a.StepFree]-free[b.StepFree], a.ID-b.ID)
}

func (o *oracle) room(place, day, cell int) int {
	best := -2
	for i := range o.p.Rooms {
		r := &o.p.Rooms[i]
		if r.Place == place && o.suffices(r, o.p.Persons, o.p.StepFree, o.p.Needs) &&
			o.roomFree(i, day, cell, o.total*5) && o.roomFree(i, day, cell+o.total, r.BufferMinutes) &&
			(best < 0 || o.less(r, &o.p.Rooms[best]) < 0) {
			best = i
		}
	}
	return best
}

// pushable tells whether some room can be freed by moving every visit in the
// way straight into a free room. Rooms have no pause in these problems, so
// that visits of one room never want the same cells of another.
func (o *oracle) pushable(place, day, cell int) bool {
	for i := range o.p.Rooms {
		r := &o.p.Rooms[i]
		if r.Place == place && o.suffices(r, o.p.Persons, o.p.StepFree, o.p.Needs) && o.clears(i, place, day, cell) {
			return true
		}
	}
	return false
}

func (o *oracle) clears(room, place, day, cell int) bool {
	var covered [400]bool
	moved := 0
	for _, b := range o.p.Booked {
		if b.Room != room || b.Day != day || b.To <= cell || b.From >= cell+o.total {
			continue
		}
		moved++
		if !b.Swappable || moved > maxSwaps || !o.goesStraight(&b, place) {
			return false
		}
		for c := b.From; c < b.To; c++ {
			covered[c] = true
		}
	}
	for c := cell; c < cell+o.total; c++ {
		if !covered[c] && !o.roomFree(room, day, c, 5) {
			return false
		}
	}
	return moved > 0
}

func (o *oracle) goesStraight(b *Booked, place int) bool {
	for i := range o.p.Rooms {
		r := &o.p.Rooms[i]
		if i != b.Room && r.Place == place && o.suffices(r, b.Persons, b.StepFree, b.Needs) &&
			o.roomFree(i, b.Day, b.From, (b.To-b.From)*5) {
			return true
		}
	}
	return false
}

func (o *oracle) kits(place, day, cell int) bool {
	for _, part := range o.p.Parts {
		if part.Kit == "" {
			continue
		}
		found := false
		for _, k := range o.p.Kits {
			ok := k.Kind == part.Kit && (k.Place == place || k.Place == -1)
			for c := cell; ok && c < cell+o.total; c++ {
				ok = c < o.p.Days[day].Cells && k.Free[day][c/64]>>(c%64)&1 == 1
			}
			found = found || ok
		}
		if !found {
			return false
		}
	}
	return true
}

// truths are all starts, with or without a room.
func (o *oracle) truths() []truth {
	p := o.p
	var all []truth
	clerks := o.clerks()
	for day, d := range p.Days {
		for cell := range d.Cells {
			start := d.Start.Add(time.Duration(cell) * 5 * time.Minute)
			if start.Before(p.Earliest) || !p.Latest.IsZero() && !start.Before(p.Latest) || !p.At.IsZero() && !start.Equal(p.At) {
				continue
			}
			for place, at := range p.Places {
				if p.Where >= 0 && p.Where != place || p.StepFree && !at.StepFree && !at.Roomless {
					continue
				}
				cost, chosen := o.chain(place, day, cell, clerks, nil)
				if chosen == nil || !o.kits(place, day, cell) {
					continue
				}
				t := truth{place: place, day: day, cell: cell, start: start, clerks: chosen, room: -1}
				from := p.Earliest
				if from.IsZero() {
					from = p.Days[0].Start
				}
				t.cost = cost + int(start.Sub(from)/time.Minute)*8*60/1440 + o.way(&at)*120
				if !at.Roomless {
					if t.room = o.room(place, day, cell); t.room >= 0 {
						t.cost += o.oversize(t.room)
					} else {
						t.pushable = o.pushable(place, day, cell)
					}
				}
				all = append(all, t)
			}
		}
	}
	return all
}

func (o *oracle) way(at *Place) int {
	switch {
	case at.TravelMinutes >= 0:
		return at.TravelMinutes
	case at.Roomless || at.Metres < 0:
		return 0
	}
	return at.Metres / 250
}

func (o *oracle) oversize(room int) int {
	smallest := math.MaxInt
	for i := range o.p.Rooms {
		r := &o.p.Rooms[i]
		if r.Place == o.p.Rooms[room].Place && o.suffices(r, o.p.Persons, o.p.StepFree, o.p.Needs) {
			smallest = min(smallest, r.Persons)
		}
	}
	return perSeat * min(o.p.Rooms[room].Persons-smallest, 20)
}

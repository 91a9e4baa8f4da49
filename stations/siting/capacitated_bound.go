package siting

import (
	"math"
	"slices"
)

// allocation is the problem that capacitated sites and a week's plan share:
// site j holds n_j sessions, lo ≤ n_j ≤ hi, each of which serves at most unit[j];
// those of counted sites add up to between least and total; every item of
// demand is split over sites with sessions at the least cost. A plain
// capacitated site is one that holds one session or none.
type allocation struct {
	weight []int64 // per item, > 0
	rowAt  []int32 // item i's pairs are rowSite/rowCost[rowAt[i]:rowAt[i+1]], ascending by cost, then site
	rowSite,
	rowCost []int32
	colAt []int32 // site j's pairs are colItem/colCost/colRank[colAt[j]:colAt[j+1]]
	colItem,
	colCost,
	colRank []int32 // place of the pair in the item's row
	unit        []int64
	lo, hi      []int32
	counted     []bool
	least       int
	total       int
	walk        []bool // the item goes to its nearest site with sessions, undivided; nil: none does
	scale       int64
	largestCost int64
	ceiling     int64 // most that a multiplier may be, times scale
}

// impossible is the bound of what cannot be.
const impossible = math.MaxInt64 / 4

// transpose fills the columns from the rows.
func (a *allocation) transpose() {
	sites := len(a.unit)
	a.colAt = make([]int32, sites+1)
	for k, j := range a.rowSite {
		a.colAt[j+1]++
		a.largestCost = max(a.largestCost, int64(a.rowCost[k]))
	}
	for j := range sites {
		a.colAt[j+1] += a.colAt[j]
	}
	at := slices.Clone(a.colAt)
	a.colItem, a.colCost, a.colRank = make([]int32, len(a.rowSite)), make([]int32, len(a.rowSite)), make([]int32, len(a.rowSite))
	for i := range a.weight {
		for k := a.rowAt[i]; k < a.rowAt[i+1]; k++ {
			to := at[a.rowSite[k]]
			at[a.rowSite[k]]++
			a.colItem[to], a.colCost[to], a.colRank[to] = int32(i), a.rowCost[k], k-a.rowAt[i]
		}
	}
}

// setScale takes the finest multipliers with which no sum of the checker can
// leave 62 bits, and room that sums cannot leave them with either. worth is
// above the value of every plan.
func (a *allocation) setScale(worth int64) {
	var weight int64
	for _, w := range a.weight {
		weight += w
	}
	for j := range a.unit {
		a.unit[j] = min(a.unit[j], weight) // more has no use, and sums stay small
	}
	room := float64(int64(1)<<61) / (float64(weight) + 1) / float64(len(a.unit)+1)
	a.ceiling = int64(min(room, 1<<58))
	a.scale = 1024
	for a.scale > 64 && float64(a.scale)*float64(worth) > room { // a leaf that lacks room for one unit needs as much
		a.scale /= 2
	}
	for a.scale > 1 && float64(a.scale)*16*(float64(a.largestCost+1)+float64(worth)/float64(weight+1)) > room {
		a.scale /= 2
	}
}

// bounder evaluates Lagrangian bounds within narrower limits of the sessions.
// With the assignment of the items relaxed, the sites fall apart: ρ(j, n) is a
// fractional knapsack, and a dynamic program over the sites shares out the
// sessions (Cornuéjols, Sridharan and Thizy 1991 for n ≤ 1).
type bounder struct {
	*allocation
	lo, hi    []int32
	limit     []int32 // per item that walks: highest rank of its row that it can go to
	first     []int32 // per item that walks: the site that it goes to if that has sessions; -1: none is left
	rho       []int64 // (site, n): n < stride
	stride    int
	table     []int64 // (place among the shared, sessions so far): least Σρ
	shared    []int32 // counted sites with hi > 0
	firstCost []int32
	piles     [][]load
	forced    []load
	served    []int64
	take      []int32
}

func newBounder(a *allocation) *bounder {
	b := &bounder{allocation: a, lo: slices.Clone(a.lo), hi: slices.Clone(a.hi), served: make([]int64, len(a.weight)), take: make([]int32, len(a.unit)),
		piles: make([][]load, len(a.unit)), forced: make([]load, len(a.unit))}
	b.stride = int(slices.Max(a.hi)) + 1
	b.rho = make([]int64, len(a.unit)*b.stride)
	if a.walk != nil {
		b.limit, b.first, b.firstCost = make([]int32, len(a.weight)), make([]int32, len(a.weight)), make([]int32, len(a.weight))
	}
	b.narrowed()
	return b
}

// narrowed follows a change of lo or hi. What the total leaves bounds every
// site: none has more sessions than the others' lo leave, and where the total
// is due none has fewer than the others' hi leave.
func (b *bounder) narrowed() {
	spare, due := b.total-sessions(b.lo, b.counted), b.least
	for j := range b.hi {
		if b.counted[j] {
			b.hi[j] = min(b.hi[j], b.lo[j]+int32(max(0, spare)))
		}
	}
	over := sessions(b.hi, b.counted) - due
	for j := range b.lo {
		if b.counted[j] {
			b.lo[j] = max(b.lo[j], b.hi[j]-int32(max(0, over)))
		}
	}
	b.shared = b.shared[:0]
	for j := range b.unit {
		if b.counted[j] && b.hi[j] > 0 {
			b.shared = append(b.shared, int32(j))
		}
	}
	for i := range b.limit {
		b.first[i], b.limit[i] = -1, math.MaxInt32
		for k := b.rowAt[i]; k < b.rowAt[i+1]; k++ {
			j := b.rowSite[k]
			if b.hi[j] > 0 && b.first[i] < 0 {
				b.first[i], b.firstCost[i] = j, b.rowCost[k]
			}
			if b.lo[j] > 0 {
				b.limit[i] = k - b.rowAt[i]
				break
			}
		}
	}
}

// bound is a proven bound of all plans within the limits, times scale. take
// then holds the sessions that it chose.
func (b *bounder) bound(lambda []int64) int64 {
	sum := b.gather(lambda)
	for j := range b.unit {
		b.take[j] = 0
		if b.hi[j] == 0 {
			continue
		}
		b.knapsacks(j)
		if !b.counted[j] {
			b.take[j] = b.hi[j] // existing: lo = hi
			if sum += b.rho[j*b.stride+int(b.hi[j])]; sum >= impossible/2 {
				return impossible
			}
		}
	}
	shared := b.share()
	if shared >= impossible {
		return impossible
	}
	return sum + shared
}

// gather piles up, per site, who would like to come there at these multipliers,
// and sums those who come for certain once it has sessions. It gives Σ wλ.
func (b *bounder) gather(lambda []int64) int64 {
	for j := range b.piles {
		b.piles[j] = b.piles[j][:0]
	}
	clear(b.forced)
	var sum int64
	for i, w := range b.weight {
		l := lambda[i]
		sum += w * l
		from, to := b.rowAt[i], b.rowAt[i+1]
		walks := b.walk != nil && b.walk[i]
		if walks {
			if b.limit[i] < to-from {
				to = from + b.limit[i] + 1
			}
			if j := b.first[i]; j >= 0 {
				b.forced[j].weight += w
				b.forced[j].reduced += w * (int64(b.firstCost[i])*b.scale - l)
			}
		}
		sites, costs := b.rowSite[from:to], b.rowCost[from:to]
		for k, c := range costs {
			reduced := int64(c)*b.scale - l
			if reduced >= 0 {
				break // costs ascend
			}
			j := sites[k]
			if b.hi[j] > 0 && !(walks && j == b.first[i]) {
				b.piles[j] = append(b.piles[j], load{reduced, w, int32(i)})
			}
		}
	}
	return sum
}

// knapsacks computes ρ(j, n) for every n that the limits allow.
func (b *bounder) knapsacks(j int) {
	rho := b.rho[j*b.stride : (j+1)*b.stride]
	for n := range rho {
		rho[n] = impossible
	}
	if b.lo[j] == 0 {
		rho[0] = 0
	}
	value, weight := b.forced[j].reduced, b.forced[j].weight
	rest := b.piles[j]
	for n := 1; n <= int(b.hi[j]); n++ {
		room := b.unit[j]
		if full := b.unit[j] * int64(n); full < weight {
			continue // those who walk here find no room
		} else if full-weight < room {
			room = full - weight
		}
		sum, cut, part := fill(rest, room)
		value += sum
		rest = rest[cut:]
		if part > 0 {
			rest[0].weight -= part
		}
		if n >= int(b.lo[j]) {
			rho[n] = value
		}
	}
}

// share gives the sessions to the sites at the least Σρ and notes them in take.
func (b *bounder) share() int64 {
	width := b.total + 1
	b.table = slices.Grow(b.table[:0], (len(b.shared)+1)*width)[:(len(b.shared)+1)*width]
	for k := range width {
		b.table[k] = impossible
	}
	b.table[0] = 0
	for s, j := range b.shared {
		from, to := b.table[s*width:(s+1)*width], b.table[(s+1)*width:(s+2)*width]
		addRho(to, from, b.rho[int(j)*b.stride:int(j)*b.stride+int(b.hi[j])+1], int(b.lo[j]))
	}
	last := b.table[len(b.shared)*width:]
	best := b.least
	for k := b.least; k <= b.total; k++ {
		if last[k] < last[best] {
			best = k
		}
	}
	value := last[best]
	if value >= impossible {
		return impossible
	}
	for s := len(b.shared) - 1; s >= 0; s-- {
		j := int(b.shared[s])
		for n := int(b.lo[j]); n <= min(int(b.hi[j]), best); n++ {
			r, before := b.rho[j*b.stride+n], b.table[s*width+best-n]
			if r < impossible && before < impossible && before+r == b.table[(s+1)*width+best] {
				b.take[j] = int32(n)
				best -= n
				break
			}
		}
	}
	return value
}

// addRho lets one more site take sessions: to[k] = min over n of from[k-n] + rho[n].
func addRho(to, from, rho []int64, lo int) {
	for k := range to {
		to[k] = impossible
		for n := lo; n < len(rho) && n <= k; n++ {
			if rho[n] < impossible && from[k-n] < impossible {
				to[k] = min(to[k], from[k-n]+rho[n])
			}
		}
	}
}

// serve adds up what every item gets in the last bound's plan: its
// subgradient is weight - served.
func (b *bounder) serve() {
	clear(b.served)
	for i := range b.walk {
		if j := b.first[i]; b.walk[i] && j >= 0 && b.take[j] > 0 {
			b.served[i] += b.weight[i]
		}
	}
	for j, n := range b.take {
		if n == 0 {
			continue
		}
		pile := b.piles[j]
		for k := range pile {
			pile[k].weight = b.weight[pile[k].item]
		}
		_, cut, part := fill(pile, b.unit[j]*int64(n)-b.forced[j].weight)
		for _, l := range pile[:cut] {
			b.served[l.item] += l.weight
		}
		if part > 0 {
			b.served[pile[cut].item] += part
		}
	}
}

// priced calls with(j, n, bound) for every counted site and every number of
// sessions that the limits allow: the bound of the plans in which site j has
// exactly n, by the ρ of the last bound, whose λ-sum is base.
func (b *bounder) priced(base int64, with func(j, n int, bound int64)) {
	width := b.total + 1
	after := make([]int64, width)
	next := make([]int64, width)
	for k := range after { // after[k]: least Σρ of the sites behind with k sessions, idle ones among them
		after[k] = impossible
		if k <= b.total-b.least {
			after[k] = 0
		}
	}
	for s := len(b.shared) - 1; s >= 0; s-- {
		j := int(b.shared[s])
		rho := b.rho[j*b.stride : j*b.stride+int(b.hi[j])+1]
		for n := int(b.lo[j]); n < len(rho); n++ {
			with(j, n, b.around(b.table[s*width:(s+1)*width], after, rho[n], n, base))
		}
		addRho(next, after, rho, int(b.lo[j]))
		after, next = next, after
	}
}

func (b *bounder) around(before, after []int64, rho int64, n int, base int64) int64 {
	best := int64(impossible)
	if rho >= impossible {
		return best
	}
	for k, v := range before[:max(0, len(before)-n)] {
		if rest := after[b.total-n-k]; v < impossible && rest < impossible {
			best = min(best, v+rest)
		}
	}
	if best >= impossible {
		return best
	}
	return base + best + rho
}

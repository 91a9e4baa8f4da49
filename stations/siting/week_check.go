package siting

import (
	"math"
	"slices"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// weekCheck checks certificates of a week. It uses nothing of the solver.
type weekCheck struct {
	p      *WeekProblem
	c      *WeekCertificate
	total  int32
	goal   int64 // the tree has to prove that no plan costs less
	lo, hi []int32
}

// infinite is the bound of what cannot be.
const infinite = math.MaxInt64 / 4

// CheckWeek holds a certificate against its problem: the plan keeps the rules of
// WeekProblem and has the Value, and the tree proves the Bound. Let w be the
// weights of the walk-ins and of the booked, λ their multipliers per unit times
// Scale, and lo ≤ n ≤ hi the sessions that the way to a leaf leaves each stop,
// narrowed by what the other stops leave of all S·H. Then
//
//	value·Scale ≥ Σ w·λ + the least Σ_j ρ_j(n_j) with Σ n_j = S·H
//
// where ρ_j(0) = 0 and ρ_j(n) is the least Σ x·(c·Scale − λ) over who can come
// to j, x ≤ w and Σ x ≤ n·Capacity. Walk-ins for whom j is the nearest stop with
// hi > 0 come to j whole; they never pass the nearest stop with lo > 0.
func CheckWeek(p *WeekProblem, c *WeekCertificate) error {
	if err := p.Check(); err != nil {
		return err
	}
	k := &weekCheck{p, c, int32(p.Stations * p.HalfDays), c.Bound, make([]int32, p.Sites), make([]int32, p.Sites)}
	var most int64 // above any plan
	for i := range p.WalkIns {
		row := p.Costs.Cost[p.Costs.Row[i]:p.Costs.Row[i+1]]
		if len(row) > 0 {
			most += (p.WalkIns[i] + p.Booked[i]) * int64(row[len(row)-1])
		}
	}
	switch {
	case c.Format != WeekFormat || c.Scale < 1 || c.Scale > 1<<62/(most+1) || c.Bound < 0 || c.Bound > most+1:
		return weekWrong("numbers")
	case c.Status == proof.Infeasible && len(c.Held)+len(c.Booked) == 0 && c.Value == 0 && c.Bound == 0:
		k.goal = most + 1
	case c.Status == proof.Unknown && len(c.Held)+len(c.Booked) == 0 && c.Value == 0:
	case c.Status == proof.Optimal && c.Value == c.Bound || c.Status == proof.Gap && c.Value > c.Bound:
		if value, ok := k.cost(); !ok || value != c.Value {
			return weekWrong("plan")
		}
	default:
		return weekWrong("status")
	}
	for j := range k.hi {
		k.hi[j] = min(HalfDaysOfWeek, k.total)
	}
	for _, j := range p.Required {
		k.lo[j] = 1
	}
	for _, j := range p.Forbidden {
		k.hi[j] = 0
	}
	if end, ok := k.walk(0); !ok || end != len(c.Tree) {
		return weekWrong("tree")
	}
	return nil
}

func weekWrong(part string) error {
	return ortsnah.E(ortsnah.Invalid, "siting.week_proof_wrong", "part", part)
}

// cost is what the plan costs; not ok when it breaks a rule.
func (k *weekCheck) cost() (cost int64, ok bool) {
	p, held := k.p, k.c.Held
	room, sessions := make([]int64, p.Sites), int32(0)
	if len(held) != p.Sites {
		return 0, false
	}
	for j, n := range held {
		if n < 0 || n > HalfDaysOfWeek || n > 0 && slices.Contains(p.Forbidden, int32(j)) || n == 0 && slices.Contains(p.Required, int32(j)) {
			return 0, false
		}
		room[j] = int64(n) * min(p.Capacity, instance.Largest)
		sessions += n
	}
	for i, w := range p.WalkIns {
		for e := p.Costs.Row[i]; w > 0; e++ {
			if e == p.Costs.Row[i+1] {
				return 0, false
			}
			if j := p.Costs.Site[e]; held[j] > 0 {
				room[j] -= w
				cost += w * int64(p.Costs.Cost[e])
				break
			}
		}
	}
	left := slices.Clone(p.Booked)
	for _, s := range k.c.Booked {
		if s.Cell < 0 || int(s.Cell) >= len(left) || s.Weight < 1 || s.Weight > left[s.Cell] {
			return 0, false
		}
		from, to := p.Costs.Row[s.Cell], p.Costs.Row[s.Cell+1]
		at := slices.Index(p.Costs.Site[from:to], s.Site)
		if at < 0 || held[s.Site] == 0 {
			return 0, false
		}
		left[s.Cell] -= s.Weight
		room[s.Site] -= s.Weight
		cost += s.Weight * int64(p.Costs.Cost[from+int64(at)])
	}
	return cost, sessions == k.total && slices.Min(room) >= 0 && slices.Max(left) == 0
}

// walk proves the subtree of a node and gives the node after it.
func (k *weekCheck) walk(node int) (int, bool) {
	if node >= len(k.c.Tree) {
		return 0, false
	}
	n := k.c.Tree[node]
	if n.Site < 0 {
		return node + 1, k.leaf(n)
	}
	if int(n.Site) >= len(k.lo) || n.Split < 0 || n.Split >= HalfDaysOfWeek {
		return 0, false
	}
	lo, hi := k.lo[n.Site], k.hi[n.Site]
	k.hi[n.Site] = min(hi, n.Split)
	next, ok := k.walk(node + 1)
	if ok {
		k.lo[n.Site], k.hi[n.Site] = max(lo, n.Split+1), hi
		next, ok = k.walk(next)
	}
	k.lo[n.Site], k.hi[n.Site] = lo, hi
	return next, ok
}

// leaf proves that no plan within the limits is better than the goal.
func (k *weekCheck) leaf(n WeekNode) bool {
	lo, hi := slices.Clone(k.lo), slices.Clone(k.hi)
	var least, most int32
	for j := range lo {
		least += lo[j]
	}
	for j := range hi {
		hi[j] = min(hi[j], lo[j]+max(0, k.total-least))
		most += hi[j]
	}
	for j := range lo {
		lo[j] = max(lo[j], hi[j]-max(0, most-k.total))
	}
	lambda := make([]int64, 2*len(k.p.WalkIns))
	if n.By >= 0 {
		if int(n.By) >= len(k.c.Lambda) || len(k.c.Lambda[n.By]) != len(lambda) {
			return false
		}
		lambda = k.c.Lambda[n.By]
	} else if k.impossible(hi) {
		return true
	}
	bound, ok := k.bound(lambda, lo, hi)
	return ok && (k.goal <= 0 || bound > (k.goal-1)*k.c.Scale)
}

// impossible counts: a cell without a stop, or less room than demand.
func (k *weekCheck) impossible(hi []int32) bool {
	var need float64
	for i := range k.p.WalkIns {
		w := k.p.WalkIns[i] + k.p.Booked[i]
		need += float64(w)
		has := slices.ContainsFunc(k.p.Costs.Site[k.p.Costs.Row[i]:k.p.Costs.Row[i+1]], func(j int32) bool { return hi[j] > 0 })
		if w > 0 && !has {
			return true
		}
	}
	return float64(k.total)*float64(k.p.Capacity) < need // both far below 2⁵³ where it is close
}

// comer is who can come to a stop.
type comer struct{ reduced, weight int64 }

// bound is the formula of CheckWeek; not ok when the numbers could overflow.
func (k *weekCheck) bound(lambda []int64, lo, hi []int32) (bound int64, ok bool) {
	p, cells := k.p, len(k.p.WalkIns)
	certain, come := make([]comer, p.Sites), make([][]comer, p.Sites)
	room := int64(1) << 61 / int64(p.Sites+1)
	for part, weights := range [][]int64{p.WalkIns, p.Booked} {
		for i, w := range weights {
			l := lambda[part*cells+i]
			if w == 0 {
				continue
			}
			if l < 0 || l > (room-bound)/w {
				return 0, false
			}
			bound += w * l
			nearest := true
			for e := p.Costs.Row[i]; e < p.Costs.Row[i+1]; e++ {
				j, reduced := p.Costs.Site[e], int64(p.Costs.Cost[e])*k.c.Scale-l
				if hi[j] == 0 {
					continue
				}
				if part == 0 && nearest {
					certain[j].weight += w
					certain[j].reduced += w * reduced
				} else if reduced < 0 {
					come[j] = append(come[j], comer{reduced, w})
				}
				nearest = false
				if part == 0 && lo[j] > 0 {
					break
				}
			}
		}
	}
	rest := k.shared(certain, come, lo, hi)
	if rest >= infinite {
		return infinite, true
	}
	return bound + rest, true
}

// shared is the least Σ ρ_j(n_j) with Σ n_j = S·H: best[t] of the stops so far
// with t sessions.
func (k *weekCheck) shared(certain []comer, come [][]comer, lo, hi []int32) int64 {
	best := slices.Repeat([]int64{infinite}, int(k.total)+1)
	best[0] = 0
	for j := range come {
		slices.SortFunc(come[j], func(a, b comer) int { return int(min(1, max(-1, a.reduced-b.reduced))) })
		next := slices.Repeat([]int64{infinite}, len(best))
		for n := lo[j]; n <= hi[j]; n++ {
			rho := int64(0)
			if n > 0 {
				rho = k.knapsack(certain[j], come[j], int64(n)*k.p.Capacity)
			}
			for t := int(n); t < len(best) && rho < infinite; t++ {
				if before := best[t-int(n)]; before < infinite {
					next[t] = min(next[t], before+rho)
				}
			}
		}
		best = next
	}
	return best[k.total]
}

// knapsack is ρ_j(n): those who come for certain, then the cheapest.
func (k *weekCheck) knapsack(certain comer, come []comer, room int64) int64 {
	if room -= certain.weight; room < 0 {
		return infinite
	}
	rho := certain.reduced
	for _, c := range come {
		x := min(room, c.weight)
		rho += x * c.reduced
		room -= x
	}
	return rho
}

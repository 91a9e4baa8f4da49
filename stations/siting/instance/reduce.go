package instance

import "math"

// Most is what the cells of p can pay at most: Σ w·max(cost, Cap, 1), where Cap
// counts for a p-median. No value that is a sum is above it; Check holds it
// below Largest.
func (p *Problem) Most() int64 {
	sum := int64(0)
	for i, w := range p.Weights {
		sum += w * p.worst(i)
	}
	return sum
}

// worst is what a unit of weight of cell i pays at most, at least 1.
func (p *Problem) worst(i int) int64 {
	most := int32(1)
	if p.Kind == PMedian {
		most = max(most, p.Cap)
	}
	if from, to := p.Costs.Row[i], p.Costs.Row[i+1]; to > from {
		most = max(most, p.Costs.Cost[to-1])
	}
	return int64(most)
}

// Cover is the p-median problem whose value is the weight that has no open
// site within radius: costs are 0 within it, and 1 is paid for who has nobody
// there. So covering problems are p-median problems (Hillsman, The p-median
// structure as a unified linear model for location-allocation analysis, 1984).
// A radius below 0 covers nobody. unit counts each cell with weight as one.
func (p *Problem) Cover(radius int64, unit bool) *Problem {
	q := *p
	q.Kind, q.Cap, q.Weights = PMedian, 1, make([]int64, len(p.Weights))
	q.Costs = Matrix{Row: make([]int64, len(p.Weights)+1)}
	near := make([]int64, len(p.Weights))
	for i, w := range p.Weights {
		if q.Weights[i] = w; unit {
			q.Weights[i] = min(w, 1)
		}
		for near[i] = p.Costs.Row[i]; near[i] < p.Costs.Row[i+1] && int64(p.Costs.Cost[near[i]]) <= radius; near[i]++ {
		}
		q.Costs.Row[i+1] = q.Costs.Row[i] + near[i] - p.Costs.Row[i]
	}
	q.Costs.Site = make([]int32, 0, q.Costs.Row[len(p.Weights)])
	for i := range p.Weights {
		q.Costs.Site = append(q.Costs.Site, p.Costs.Site[p.Costs.Row[i]:near[i]]...)
	}
	q.Costs.Cost = make([]int32, len(q.Costs.Site))
	return &q
}

// AnyCost is the radius that covers every pair.
const AnyCost = math.MaxInt32

package instance

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

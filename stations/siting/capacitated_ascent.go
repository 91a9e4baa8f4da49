package siting

// ascent is what the subgradient method found.
type ascent struct {
	lambda []int64
	bound  int64     // times scale
	mean   []float64 // sessions per site, averaged over the steps: about those of the linear relaxation
	steps  int       // 0: lambda is where it began
}

// ascend raises the bound within the bounder's limits by a deflected
// subgradient method (Camerini, Fratta and Maffioli 1975; the average of the
// choices as in Barahona and Anbil 2000). Steps are floating-point numbers and
// prove nothing; the bound is that of the rounded multipliers, exactly.
func (s *allocator) ascend(from []int64, most int) ascent {
	b := s.bounder
	at := make([]float64, len(from))
	for i, l := range from {
		at[i] = float64(l)
	}
	lambda := make([]int64, len(from))
	direction := make([]float64, len(from))
	r := ascent{lambda: from, bound: -1, mean: make([]float64, len(s.unit))}
	theta, idle, patience := 1.0, 0, 8
	if most == rootSteps {
		patience = 20
	}
	for step := 0; step < most && s.ctx.Err() == nil; step++ {
		for i := range at {
			at[i] = min(max(at[i], 0), float64(s.ceiling))
			lambda[i] = int64(at[i] + 0.5)
		}
		bound := b.bound(lambda)
		average(r.mean, b.take, step)
		if bound > r.bound {
			if r.steps = step; step > 0 {
				r.lambda = append([]int64(nil), lambda...)
			}
			r.bound, idle = bound, 0
			if wholeUnits(bound, s.scale) >= s.worth {
				break
			}
			s.raise(most, bound)
			s.offer(s.filled(b.take))
			if s.walk != nil {
				s.offer(s.shareOut(onceEach(b.take)))
			}
		} else if idle++; idle >= patience {
			theta, idle = theta/2, 0
			if most == rootSteps {
				s.polish(s.filled(s.likeliest(b, r.mean)), 25)
			}
		}
		if theta < 0.002 {
			break
		}
		b.serve()
		if !s.turn(direction, at, theta, s.target(bound)-float64(bound)) {
			break
		}
	}
	return r
}

// raise reports the bound of the root while it rises.
func (s *allocator) raise(most int, bound int64) {
	if most == rootSteps && wholeUnits(bound, s.scale) > s.proven {
		s.proven = wholeUnits(bound, s.scale)
		s.report()
	}
}

// target is the bound that the next step aims at: a little above the best
// value, so that steps do not die out when the gap is small.
func (s *allocator) target(bound int64) float64 {
	if s.best != nil {
		return 1.01 * float64(s.worth) * float64(s.scale)
	}
	return float64(bound) + 0.05*max(float64(bound), float64(s.scale)*float64(s.largestCost))
}

// turn makes one step towards the demand that is served too little. Weights
// differ, so that the space is scaled by them. False: everybody is served
// exactly, and the bound is the best there is.
func (s *allocator) turn(direction, at []float64, theta, distance float64) bool {
	b := s.bounder
	var norm float64
	exact := true
	for i, w := range s.weight {
		g := float64(w-b.served[i]) / float64(w)
		exact = exact && g == 0
		direction[i] = g + 0.7*direction[i]
		norm += float64(w) * direction[i] * direction[i]
	}
	if exact || norm == 0 {
		return !exact
	}
	length := theta * distance / norm
	for i := range at {
		at[i] += length * direction[i]
	}
	return true
}

func average(mean []float64, take []int32, step int) {
	share := 0.1
	if step == 0 {
		share = 1
	}
	for j, n := range take {
		mean[j] += share * (float64(n) - mean[j])
	}
}

// onceEach is one session at each site that has some.
func onceEach(take []int32) []int32 {
	one := make([]int32, len(take))
	for j, n := range take {
		one[j] = min(n, 1)
	}
	return one
}

// filled opens further sites where a choice leaves sessions idle.
func (s *allocator) filled(take []int32) []int32 {
	if sessions(take, s.counted) == s.total {
		return take
	}
	return s.shareOut(take)
}

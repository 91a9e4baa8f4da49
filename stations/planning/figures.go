package planning

import (
	"cmp"
	"slices"

	"github.com/ortsnah/ortsnah/stations/siting"
)

// Way is demand that one site serves at one cost: a whole cell, or where
// capacities split it, a part of one.
type Way struct {
	Site   int32 // -1: nobody serves it
	Cost   int32 // deciseconds
	Weight int64
}

// Ways are the ways of all cells to their nearest open site. weights are those
// of the problem, or of the people over 65 alone, per cell.
func Ways(s *siting.Standing, weights []int64) []Way {
	ways := make([]Way, len(weights))
	for i, weight := range weights {
		ways[i] = Way{s.Site[i], s.Cost[i], weight}
	}
	return ways
}

// Measure computes the figures of all ways; within holds ascending seconds.
// Over65 and StepFree stay nil, see MeanTime. With w the weights and t the times
// of the served demand, W = Σw:
//
//   - mean: Σwt / W
//   - median: the least t such that the weight with a time ≤ t is at least W/2
//     (lower weighted median)
//   - worst tenth: the mean of the largest times that together weigh W/10, the
//     last of them taken in part (expected shortfall, Acerbi and Tasche 2002)
//   - Gini: ΣΣ wᵢwⱼ|tᵢ-tⱼ| / (2W²·mean); 0 when everybody needs 0
//
// The order of the ways changes nothing, not even the last bit.
func Measure(ways []Way, within []int) Figures {
	f := Figures{Within: make([]Within, len(within))}
	for k, seconds := range within {
		f.Within[k].Seconds = seconds
	}
	times := ladder(ways)
	for _, w := range ways {
		if w.Site < 0 {
			f.Unserved += w.Weight
		}
	}
	for _, step := range times {
		f.Served += step.weight
		for k := range f.Within {
			if step.time <= int64(f.Within[k].Seconds)*10 {
				f.Within[k].Weight += step.weight
			}
		}
	}
	if f.Served == 0 {
		return f
	}
	f.Mean = mean(times)
	f.Median = seconds(float64(median(times, f.Served)))
	f.WorstTenth = worstTenth(times, f.Served)
	f.Max = seconds(float64(times[len(times)-1].time))
	f.Gini = gini(times, f.Served)
	return f
}

// MeanTime is the mean time in seconds of the served demand, nil when there is
// none. With the ways of the people over 65 it is Figures.Over65, with those to
// siting.Standing.Among the step-free sites Figures.StepFree.
func MeanTime(ways []Way) *float64 {
	times := ladder(ways)
	if len(times) == 0 {
		return nil
	}
	m := mean(times)
	return &m
}

// Catchments are weight, mean and farthest time of each site in open; ID and
// Loss are left to the caller.
func Catchments(open []int32, ways []Way) []SiteFigures {
	at := make(map[int32]int, len(open))
	for k, site := range open {
		at[site] = k
	}
	mine := make([][]Way, len(open))
	for _, w := range ways {
		if k, ok := at[w.Site]; ok {
			mine[k] = append(mine[k], w)
		}
	}
	figures := make([]SiteFigures, len(open))
	for k := range figures {
		f := Measure(mine[k], nil)
		figures[k] = SiteFigures{Weight: f.Served, Mean: f.Mean, Farthest: f.Max}
	}
	return figures
}

// rung is the weight that needs exactly time deciseconds.
type rung struct{ time, weight int64 }

// ladder sorts the served demand by time, equal times as one.
func ladder(ways []Way) []rung {
	rungs := make([]rung, 0, len(ways))
	for _, w := range ways {
		if w.Site >= 0 && w.Weight > 0 {
			rungs = append(rungs, rung{int64(w.Cost), w.Weight})
		}
	}
	slices.SortFunc(rungs, func(a, b rung) int { return cmp.Compare(a.time, b.time) })
	merged := rungs[:0]
	for _, r := range rungs {
		if last := len(merged) - 1; last >= 0 && merged[last].time == r.time {
			merged[last].weight += r.weight
		} else {
			merged = append(merged, r)
		}
	}
	return merged
}

func seconds(deciseconds float64) float64 { return deciseconds / 10 }

func mean(times []rung) float64 {
	var sum, weight int64 // fits: instance.Problem.Check bounds Σ weight × cost
	for _, r := range times {
		sum += r.time * r.weight
		weight += r.weight
	}
	return seconds(float64(sum) / float64(weight))
}

func median(times []rung, total int64) int64 {
	half := total/2 + total%2
	for _, r := range times {
		if half -= r.weight; half <= 0 {
			return r.time
		}
	}
	return times[len(times)-1].time
}

// worstTenth counts in tenths of the weight, so that W/10 is a whole number.
func worstTenth(times []rung, total int64) float64 {
	left, sum := total, 0.0
	for _, r := range slices.Backward(times) {
		part := min(left, 10*r.weight)
		sum += float64(part) * float64(r.time)
		if left -= part; left == 0 {
			break
		}
	}
	return seconds(sum / float64(total))
}

// gini is the sorted form: with B the weight before a step,
// Σ w·t·(2B + w - W) / (W·Σwt).
func gini(times []rung, total int64) float64 {
	var before int64
	var above, all float64
	for _, r := range times {
		wt := float64(r.weight) * float64(r.time)
		above += wt * (float64(2*before+r.weight-total) / float64(total))
		all += wt
		before += r.weight
	}
	if all == 0 {
		return 0
	}
	return above / all
}

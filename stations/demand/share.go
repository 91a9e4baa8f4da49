package demand

import (
	"cmp"
	"math/bits"
	"slices"
)

// share divides total among the weights in proportion, in whole units: the
// method of the largest remainder (Hamilton). The parts sum to total exactly;
// equal remainders are served in the order of the list. Without any weight, or
// without a total, all parts are 0. Weights and total must not be negative.
func share(total int64, weights []int64) []int64 {
	parts := make([]int64, len(weights))
	var sum uint64
	for _, w := range weights {
		sum += uint64(w)
	}
	if sum == 0 || total <= 0 {
		return parts
	}
	left := total
	rest := make([]uint64, len(weights))
	order := make([]int, len(weights))
	for i, w := range weights {
		hi, lo := bits.Mul64(uint64(total), uint64(w))
		part, r := bits.Div64(hi, lo, sum) // hi < sum, because w ≤ sum and total < 2⁶³
		parts[i], rest[i], order[i] = int64(part), r, i
		left -= int64(part)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rest[b], rest[a]) })
	for _, i := range order[:left] {
		parts[i]++
	}
	return parts
}

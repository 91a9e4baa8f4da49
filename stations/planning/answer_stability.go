package planning

import (
	"cmp"
	"context"
	"math/bits"
	"slices"

	"github.com/ortsnah/ortsnah/stations/demand"
	"github.com/ortsnah/ortsnah/stations/siting"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// A census keeps people's secrets by moving small numbers a little, and a
// number that it withholds is our estimate. Stability asks how much the choice
// depends on that. In each draw
//
//   - a number that the census tells moves by -noise … noise people, each step
//     as likely as the other: our assumption, of the size of the changes that
//     the methods of 2011 (SAFE) and 2022 (cell keys) make to small counts;
//   - an estimated number n moves by a centred binomial of 4n fair bits, which
//     has the mean 0 and the variance n of Poisson's law, in integers, so that
//     draws are the same on every machine;
//
// never below 0; the cell's weight changes in proportion.
const noise = 3

// stability draws Question.Draws times and counts how often each site is
// chosen. Each search begins with the undisturbed choice. When ctx ends, the
// draws until then count.
func (j *job) stability(ctx context.Context, o *Outcome, base *siting.Result) error {
	q, g := j.run.Question, j.ground
	counts := make([]int, g.problem.Sites)
	drawn, answered := 0, 0
	for drawn < q.Draws {
		problem := *g.problem
		problem.Weights = disturbed(g.cells, randomness{state: q.Seed + uint64(drawn)<<32})
		found, err := j.beside(ctx, &problem, chosen(g.problem, base.Certificate.Open))
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			break
		}
		drawn++
		if found.Certificate.Status != proof.Infeasible && len(found.Certificate.Open) > 0 {
			answered++
			for _, site := range found.Certificate.Open {
				counts[site]++
			}
		}
		j.share(drawn, q.Draws)
	}
	o.Draws = answered
	for site, n := range counts {
		if n > 0 {
			o.Stability = append(o.Stability, Chosen{ID: g.definition.Candidates[site].ID, Share: float64(n) / float64(answered)})
		}
	}
	slices.SortFunc(o.Stability, func(a, b Chosen) int { return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.ID, b.ID)) })
	return nil
}

// disturbed are the weights of one draw.
func disturbed(cells []demand.Cell, r randomness) []int64 {
	weights := make([]int64, len(cells))
	for i, c := range cells {
		if c.People <= 0 {
			weights[i] = c.Weight // nothing to disturb: the weight is of something else
			continue
		}
		people := c.People
		if c.Guessed {
			people += r.binomial(c.People)
		} else {
			people += r.uniform(noise)
		}
		high, low := bits.Mul64(uint64(c.Weight), uint64(max(0, people)))
		quotient, _ := bits.Div64(high, low, uint64(c.People))
		weights[i] = int64(quotient)
	}
	return weights
}

// randomness is the generator splitmix64 (Steele, Lea, Flood 2014). It is
// written out because draws must be the same in every release.
type randomness struct{ state uint64 }

func (r *randomness) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// uniform is one of -k … k.
func (r *randomness) uniform(k int64) int64 {
	high, _ := bits.Mul64(r.next(), uint64(2*k+1))
	return int64(high) - k
}

// binomial has the mean 0 and the variance n.
func (r *randomness) binomial(n int64) int64 {
	ones := 0
	for left := 4 * n; left > 0; left -= 64 {
		word := r.next()
		if left < 64 {
			word &= 1<<left - 1
		}
		ones += bits.OnesCount64(word)
	}
	return int64(ones) - 2*n
}

package planning

import (
	"context"
	"slices"

	"github.com/ortsnah/ortsnah/stations/siting"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// curve answers the question for each p from Question.From to To and says what
// each further site gains. Each search begins with the sites of p-1, and the
// answer to the scenario's own p is the one that is there already. When ctx ends, the points until then
// are the curve.
func (j *job) curve(ctx context.Context, o *Outcome, own *siting.Result) error {
	q, base := j.run.Question, j.ground.problem
	var before *CurvePoint
	var start []int32
	for p := q.From; p <= q.To; p++ {
		found := own
		if p != base.P {
			problem := *base
			problem.P = p
			var err error
			if found, err = j.beside(ctx, &problem, start); err != nil {
				return err
			}
		}
		if ctx.Err() != nil && p != base.P {
			return nil // the point was cut short: its gap says nothing about p
		}
		point := j.ground.curvePoint(p, found.Certificate)
		if before != nil && before.Known() && point.Known() {
			point.Gain = before.Value - point.Value
			if base.Kind == instance.MCLP {
				point.Gain = -point.Gain
			}
		}
		o.Curve = append(o.Curve, point)
		before, start = &o.Curve[len(o.Curve)-1], chosen(base, found.Certificate.Open)
		j.share(p-q.From+1, q.To-q.From+1)
	}
	return nil
}

// Known reports whether the point has a choice, and so a value.
func (p CurvePoint) Known() bool { return len(p.Open) > 0 }

func (g *ground) curvePoint(p int, c proof.Certificate) CurvePoint {
	point := CurvePoint{P: p, Value: c.Value, Bound: c.Bound, Status: c.Status, Open: g.ids(c.Open)}
	if len(c.Open) == 0 {
		return point
	}
	ways := Ways(siting.Stand(g.problem, c.Open), g.problem.Weights)
	if c.Flow != nil {
		ways, _ = g.flowWays(c.Flow)
	}
	if mean := MeanTime(ways); mean != nil {
		point.Mean = *mean
	}
	return point
}

// chosen are the open sites that were chosen: without the existing ones.
func chosen(p *instance.Problem, open []int32) []int32 {
	return slices.DeleteFunc(slices.Clone(open), func(j int32) bool { return slices.Contains(p.Existing, j) })
}

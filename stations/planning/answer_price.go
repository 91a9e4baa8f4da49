package planning

import (
	"context"
	"slices"

	"github.com/ortsnah/ortsnah/stations/siting"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// price answers "why not here?": the best choice with Question.Site forced,
// against the best without. The loss is proven when both values are.
func (j *job) price(ctx context.Context, o *Outcome, best *siting.Result) error {
	site, ok := j.ground.site(j.run.Question.Site)
	if !ok || best.Certificate.Status == proof.Unknown {
		return nil
	}
	open := best.Certificate.Open
	if slices.Contains(open, site) {
		o.Price = &PriceOf{Site: j.run.Question.Site, Best: o.Value, Forced: o.Value, Proven: o.Status == proof.Optimal}
		return nil
	}
	j.share(1, 2)
	forced, err := j.beside(ctx, forcing(j.ground.problem, site), nil)
	if err != nil || len(forced.Certificate.Open) == 0 {
		return err
	}
	o.Price = j.ground.priceOf(best.Certificate, forced.Certificate)
	o.Price.Site = j.run.Question.Site
	j.share(2, 2)
	return nil
}

// forcing is the problem with one more required site.
func forcing(p *instance.Problem, site int32) *instance.Problem {
	forced := *p
	forced.Required = append(slices.Clone(p.Required), site)
	slices.Sort(forced.Required)
	forced.Forbidden = slices.DeleteFunc(slices.Clone(p.Forbidden), func(j int32) bool { return j == site })
	return &forced
}

func (g *ground) priceOf(best, forced proof.Certificate) *PriceOf {
	p := &PriceOf{Best: best.Value, Forced: forced.Value, Loss: forced.Value - best.Value,
		Proven: best.Status == proof.Optimal && forced.Status == proof.Optimal}
	if g.problem.Kind == instance.MCLP {
		p.Loss = -p.Loss
	}
	if best.Value != 0 {
		p.Percent = 100 * float64(p.Loss) / float64(max(best.Value, -best.Value))
	}
	// Mostly one site leaves. Where several change places, the one that is
	// missed most is the one that people will ask about.
	missed := int64(-1)
	s := siting.Stand(g.problem, best.Open)
	for k, loss := range s.Losses() {
		if !slices.Contains(forced.Open, s.Open[k]) && loss.Value > missed {
			missed, p.Instead = loss.Value, g.definition.Candidates[s.Open[k]].ID
		}
	}
	return p
}

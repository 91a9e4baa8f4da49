package planning

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/siting"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// job is a run that this instance works on.
type job struct {
	desk   *Desk
	run    Run
	worker string
	began  time.Time
	ground *ground

	mu       sync.Mutex
	progress Progress
	changed  bool
}

// answer is what a run gives.
type answer struct {
	outcome     *Outcome
	why         *ortsnah.Error // beside proof.Infeasible
	inputs      []byte
	hash        string
	certificate []byte
}

// state is how a run with this answer ended.
func (a *answer) state() (State, *keptError) {
	switch {
	case a.outcome == nil:
		return Failed, kept(ortsnah.E(ortsnah.Internal, "planning.defect"))
	case a.outcome.Status == proof.Infeasible && a.why != nil:
		return NoAnswer, kept(a.why)
	case a.outcome.Status == proof.Infeasible:
		return NoAnswer, kept(ortsnah.E(ortsnah.Conflict, "planning.infeasible"))
	case len(a.outcome.Sites) == 0:
		return Failed, kept(ortsnah.E(ortsnah.Conflict, "planning.nothing_found", "seconds", int(a.outcome.Seconds)))
	}
	return Done, nil
}

// show changes what people see of the run.
func (j *job) show(change func(p *Progress)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	change(&j.progress)
	j.progress.Seconds = time.Since(j.began).Seconds()
	j.changed = true
}

// news is the progress, and whether it changed since the last call.
func (j *job) news() (Progress, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	changed := j.changed
	j.changed = false
	return j.progress, changed
}

func (j *job) step(name string) { j.show(func(p *Progress) { p.Step = name }) }

// answer works out what the run asks. When ctx ends in the search, the best
// until then is the answer; before it, there is none: ctx's error.
func (j *job) answer(ctx context.Context) (*answer, error) {
	err := snapshot(ctx, j.desk.DB, func(tx pgx.Tx) (err error) {
		j.ground, err = prepare(ctx, tx, j.desk.Travel, j.run.Definition, j.step)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(j.ground.cells) == 0 {
		return j.nowhere(), nil
	}
	j.show(func(p *Progress) {
		p.Step, p.Scale, p.Weight = "search", j.ground.demand.Scale, j.ground.demand.Total-j.ground.unreachable()
	})
	if j.run.Definition.Weekly != nil {
		return j.week(ctx)
	}
	return j.sites(ctx)
}

// nowhere: no cell can reach any candidate, so there is nothing to search.
func (j *job) nowhere() *answer {
	g := j.ground
	return &answer{outcome: g.outcome(proof.Certificate{Status: proof.Infeasible}, time.Since(j.began)),
		why: ortsnah.E(ortsnah.Conflict, "planning.nobody_reaches_a_candidate", "n", len(g.aside))}
}

// sites answers all purposes but a week's plan: first the best sites, then
// what the purpose asks beside them.
func (j *job) sites(ctx context.Context) (*answer, error) {
	found, err := j.search(ctx, j.ground.problem, nil)
	if err != nil {
		return nil, err
	}
	a := &answer{outcome: j.ground.outcome(found.Certificate, time.Since(j.began)), why: found.Why}
	if found.Certificate.Status != proof.Infeasible && ctx.Err() == nil {
		switch j.run.Purpose {
		case Curve:
			err = j.curve(ctx, a.outcome, found)
		case Price:
			err = j.price(ctx, a.outcome, found)
		case Stability:
			err = j.stability(ctx, a.outcome, found)
		}
		if err != nil {
			return nil, err
		}
	}
	j.step("report")
	a.outcome.Seconds = time.Since(j.began).Seconds()
	return a, a.enclose(j.ground, found.Certificate)
}

// search solves p within the definition's limit of time.
func (j *job) search(ctx context.Context, p *instance.Problem, start []int32) (*siting.Result, error) {
	limited, cancel := context.WithTimeout(ctx, j.run.Definition.limit())
	defer cancel()
	return siting.Solve(limited, p, siting.Options{Start: start, Progress: func(now siting.Progress) {
		j.show(func(p *Progress) {
			p.Best, p.Bound, p.Gap, p.Known = now.Best, now.Bound, now.Gap, now.Known
			p.Open = j.ground.ids(now.Open)
		})
	}})
}

// beside is search for a question beside the main one, whose values are not
// those that the progress shows.
func (j *job) beside(ctx context.Context, p *instance.Problem, start []int32) (*siting.Result, error) {
	limited, cancel := context.WithTimeout(ctx, j.run.Definition.limit())
	defer cancel()
	return siting.Solve(limited, p, siting.Options{Start: start})
}

func (j *job) share(done, all int) {
	j.show(func(p *Progress) { p.Share = float64(done) / float64(all) })
}

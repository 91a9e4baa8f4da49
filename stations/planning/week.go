package planning

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/ortsnah/ortsnah/stations/siting"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// week answers with the best plan of a week. An existing site is one that must
// have a session: stations drive, they do not stand anywhere for good.
func (j *job) week(ctx context.Context) (*answer, error) {
	g := j.ground
	p := g.weekProblem()
	limited, cancel := context.WithTimeout(ctx, j.run.Definition.limit())
	defer cancel()
	found, err := siting.SolveWeek(limited, p, siting.Options{Progress: func(now siting.Progress) {
		j.show(func(p *Progress) {
			p.Best, p.Bound, p.Gap, p.Known = now.Best, now.Bound, now.Gap, now.Known
			p.Open = g.ids(now.Open)
		})
	}})
	if err != nil {
		return nil, err
	}
	j.step("report")
	c := found.Certificate
	if err := siting.CheckWeek(p, &c); err != nil {
		return nil, fmt.Errorf("the verifier rejects the certificate of the week: %v", err)
	}
	a := &answer{outcome: g.weekOutcome(p, found, time.Since(j.began)), why: found.Why}
	return a, a.encloseWeek(p, c)
}

// weekProblem splits the demand into those who book and those who walk in.
func (g *ground) weekProblem() *siting.WeekProblem {
	w, q := g.definition.Weekly, g.problem
	p := &siting.WeekProblem{Stations: w.Stations, HalfDays: w.HalfDays, Capacity: g.amount(w.SessionCapacity),
		Sites: q.Sites, Costs: q.Costs, Forbidden: q.Forbidden, CellIDs: q.CellIDs, SiteIDs: q.SiteIDs}
	for j, c := range g.definition.Candidates {
		if c.Role == Required || c.Role == Existing {
			p.Required = append(p.Required, int32(j))
		}
	}
	for _, weight := range q.Weights {
		booked := weight * int64(w.Steerable) / 100
		p.Booked = append(p.Booked, booked)
		p.WalkIns = append(p.WalkIns, weight-booked)
	}
	return p
}

// weekOutcome puts the plan in the planner's words.
func (g *ground) weekOutcome(p *siting.WeekProblem, found *siting.WeekResult, took time.Duration) *Outcome {
	c := found.Certificate
	summary := proof.Certificate{Status: c.Status, Value: c.Value, Bound: c.Bound}
	for j, n := range c.Held {
		if n > 0 {
			summary.Open = append(summary.Open, int32(j))
		}
	}
	if len(summary.Open) > 0 {
		summary.Flow = g.weekFlow(p, summary.Open, c.Booked)
	}
	o := g.outcome(summary, took)
	for _, s := range found.Sessions {
		o.Week = append(o.Week, Session{Station: s.Station, Day: s.Day, Half: s.Half, Site: g.definition.Candidates[s.Site].ID,
			WalkIns: g.people(s.WalkIns), Booked: g.people(s.Booked)})
	}
	return o
}

// weekFlow is who goes where: the walk-ins to the nearest stop that has a
// session, the booked where they are sent.
func (g *ground) weekFlow(p *siting.WeekProblem, open []int32, booked []proof.Share) []proof.Share {
	near := siting.Stand(&instance.Problem{Kind: instance.PMedian, Sites: p.Sites, Weights: p.WalkIns, Costs: p.Costs}, open)
	flow := make([]proof.Share, 0, len(p.WalkIns)+len(booked))
	for i, weight := range p.WalkIns {
		if weight > 0 && near.Site[i] >= 0 {
			flow = append(flow, proof.Share{Cell: int32(i), Site: near.Site[i], Weight: weight})
		}
	}
	return append(flow, booked...)
}

// people is what amount turned into weights, rounded: people, or visits a week.
func (g *ground) people(weight int64) int64 {
	one := g.amount(1)
	return (weight + one/2) / one
}

// encloseWeek keeps the problem and the certificate's file.
func (a *answer) encloseWeek(p *siting.WeekProblem, c siting.WeekCertificate) error {
	problem, err := json.Marshal(p)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(problem)
	a.hash = hex.EncodeToString(sum[:])
	if a.inputs, err = zipped(problem); err != nil {
		return err
	}
	a.certificate, err = json.Marshal(siting.WeekFile{Format: siting.WeekFormat, Problem: p, Certificate: c})
	return err
}

func zipped(text []byte) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(text); err != nil {
		return nil, err
	}
	err := z.Close()
	return b.Bytes(), err
}

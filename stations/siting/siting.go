// Package siting chooses sites: p-median, capacitated p-median, maximal
// covering, set covering and p-center, each with a proof (package proof). It is
// pure: no database, no clock, no randomness; equal problems give equal bytes.
package siting

import (
	"context"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// Options bound a run; the zero value runs until the answer is proven.
type Options struct {
	Progress func(Progress) // called from the solving goroutine whenever Best or Bound improves; may be nil
	Nodes    int            // most nodes of the tree; 0: no limit
	Start    []int32        // a choice to begin with, such as that of p-1; may be nil
}

// Progress is the state of a run, in the terms of proof.Certificate.
type Progress struct {
	Best  int64   // value of the best choice so far
	Bound int64   // no choice is better
	Gap   float64 // |Best − Bound| / max(1, |Best|)
	Open  []int32
	Nodes int
	Known bool // Best is of a real choice
}

// Result is the answer of a run. A cancelled context gives the best so far
// with Status Gap and a certificate of the bound reached, not an error.
type Result struct {
	Certificate proof.Certificate
	Nodes       int
	Why         *ortsnah.Error // Status Infeasible: the sentence that says why
}

// Solve answers p. Errors are Invalid siting.… for a question that makes no
// sense (no cells, no sites, P above the sites, negative weights, …); a
// question that has no answer is Status Infeasible.
func Solve(ctx context.Context, p *instance.Problem, o Options) (*Result, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	switch p.Kind {
	case instance.Capacitated:
		return solveCapacitated(ctx, p, o)
	case instance.MCLP:
		return solveMaximalCovering(ctx, p, o), nil
	case instance.LSCP:
		return solveSetCovering(ctx, p, o), nil
	case instance.PCenter:
		return solveCenter(ctx, p, o), nil
	default:
		return solveMedian(ctx, p, o), nil
	}
}

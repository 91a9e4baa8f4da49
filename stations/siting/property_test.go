package siting

import (
	"context"
	"encoding/json"
	"math/bits"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// question draws a small problem with gaps, ties, merged rows, cells without
// weight, and sites that are required, forbidden or existing.
func question(t *rapid.T) *instance.Problem {
	sites, cells := rapid.IntRange(1, 8).Draw(t, "sites"), rapid.IntRange(1, 9).Draw(t, "cells")
	top := rapid.SampledFrom([]int32{1, 4, 30}).Draw(t, "top")
	missing := rapid.SampledFrom([]int32{0, 0, 2}).Draw(t, "missing")
	p := &instance.Problem{
		Kind:   rapid.SampledFrom([]instance.Kind{instance.PMedian, instance.MCLP, instance.LSCP, instance.PCenter}).Draw(t, "kind"),
		Sites:  sites,
		P:      rapid.IntRange(1, min(sites, 4)).Draw(t, "p"),
		Cap:    rapid.SampledFrom([]int32{0, 0, 1, 3, 20}).Draw(t, "cap"),
		Radius: rapid.Int32Range(0, top).Draw(t, "radius"),
	}
	for range cells {
		p.Weights = append(p.Weights, rapid.SampledFrom([]int64{0, 1, 1, 2, 7, 1000}).Draw(t, "weight"))
	}
	p.Costs = instance.Dense(cells, sites, func(int, int) int32 { return rapid.Int32Range(-missing, top).Draw(t, "cost") })
	for j := range int32(sites) {
		switch rapid.IntRange(0, 9).Draw(t, "special") {
		case 0:
			p.Required = append(p.Required, j)
		case 1:
			p.Forbidden = append(p.Forbidden, j)
		case 2:
			p.Existing = append(p.Existing, j)
		}
	}
	return p
}

// truth tries every choice; ok is false when none serves everybody.
func truth(p *instance.Problem) (best int64, ok bool) {
	mask := func(list []int32) (m uint) {
		for _, j := range list {
			m |= 1 << j
		}
		return m
	}
	required, forbidden, existing := mask(p.Required), mask(p.Forbidden), mask(p.Existing)
	for m := range uint(1) << p.Sites {
		if m&forbidden != 0 || m&existing != 0 || m&required != required || p.Kind != instance.LSCP && bits.OnesCount(m) != p.P {
			continue
		}
		var open []int32
		for j := range int32(p.Sites) {
			if (m|existing)>>j&1 == 1 {
				open = append(open, j)
			}
		}
		v, served := worth(p, open)
		if p.Kind == instance.LSCP {
			v = int64(bits.OnesCount(m))
		}
		if served && (!ok || v < best != (p.Kind == instance.MCLP) && v != best) {
			best, ok = v, true
		}
	}
	return best, ok
}

// worth of open sites by the definitions.
func worth(p *instance.Problem, open []int32) (v int64, served bool) {
	for i, w := range p.Weights {
		if w == 0 {
			continue
		}
		near := int64(-1)
		for a := p.Costs.Row[i]; a < p.Costs.Row[i+1]; a++ {
			if slices.Contains(open, p.Costs.Site[a]) {
				near = int64(p.Costs.Cost[a])
				break
			}
		}
		within := near >= 0 && near <= int64(p.Radius)
		switch p.Kind {
		case instance.PMedian:
			if p.Cap > 0 && (near < 0 || near > int64(p.Cap)) {
				near = int64(p.Cap)
			}
			if near < 0 {
				return 0, false
			}
			v += w * near
		case instance.MCLP:
			if within {
				v += w
			}
		case instance.LSCP:
			if !within {
				return 0, false
			}
		case instance.PCenter:
			if near < 0 {
				return 0, false
			}
			v = max(v, near)
		}
	}
	return v, true
}

func TestEveryChoiceWasTried(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := question(t)
		r, err := Solve(context.Background(), p, Options{})
		if err != nil {
			if p.Check() == nil {
				t.Fatalf("a good question is refused: %v", err)
			}
			return
		}
		c := &r.Certificate
		if err := proof.Check(p, c); err != nil {
			t.Fatalf("certificate: %v\n%+v", err, c)
		}
		switch best, ok := truth(p); {
		case !ok && (c.Status != proof.Infeasible || r.Why == nil):
			t.Fatalf("%s %d without saying why, where no choice serves all", c.Status, c.Value)
		case ok && (c.Status != proof.Optimal || c.Value != best):
			t.Fatalf("%s %d, the truth is %d", c.Status, c.Value, best)
		}
	})
}

// halting is a context that ends when it has been asked so many times.
type halting struct {
	context.Context
	left int
}

func (h *halting) Err() error {
	if h.left--; h.left < 0 {
		return context.Canceled
	}
	return nil
}

func TestStoppedAnywhereTheCertificateHolds(t *testing.T) {
	town := city(60, 30, 3)
	rapid.Check(t, func(t *rapid.T) {
		p := *town
		if rapid.Bool().Draw(t, "small") {
			p = *question(t)
		} else {
			p.Kind = rapid.SampledFrom([]instance.Kind{instance.PMedian, instance.MCLP, instance.LSCP, instance.PCenter}).Draw(t, "kind")
			p.P, p.Radius = rapid.IntRange(1, 12).Draw(t, "p"), rapid.Int32Range(3000, 15000).Draw(t, "radius")
		}
		ctx := &halting{context.Background(), rapid.IntRange(0, 400).Draw(t, "asked")}
		last := int64(-1)
		r, err := Solve(ctx, &p, Options{Nodes: rapid.IntRange(0, 9).Draw(t, "nodes"), Progress: func(g Progress) {
			if g.Known && last >= 0 && (g.Best > last) == (p.Kind != instance.MCLP) && g.Best != last {
				t.Fatalf("best went from %d to %d", last, g.Best)
			}
			if g.Known {
				last = g.Best
			}
		}})
		if err != nil {
			return
		}
		c := &r.Certificate
		if err := proof.Check(&p, c); err != nil {
			t.Fatalf("certificate of %s %d (bound %d): %v", c.Status, c.Value, c.Bound, err)
		}
	})
}

func TestRerunsAreEqualByteForByte(t *testing.T) {
	town := city(300, 80, 5)
	for _, kind := range []instance.Kind{instance.PMedian, instance.MCLP, instance.LSCP, instance.PCenter} {
		var before []byte
		for range 2 {
			p := *town
			p.Kind, p.P, p.Radius, p.Cap = kind, 7, 6000, 18000
			if kind == instance.LSCP || kind == instance.PCenter {
				p.Radius, p.P = 14000, 9
			}
			r, err := Solve(context.Background(), &p, Options{Nodes: 300})
			if err != nil {
				t.Fatal(err)
			}
			if err := proof.Check(&p, &r.Certificate); err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			now, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			if before != nil && string(now) != string(before) {
				t.Errorf("%s: two runs differ", kind)
			}
			before = now
		}
	}
}

package siting

import (
	"cmp"
	"container/heap"
	"math"
	"slices"
)

// experience of what a decision on a site has lifted bounds by.
type experience struct {
	sum   float64
	count int
}

func (e *experience) add(lift float64) { e.sum += lift; e.count++ }

func (e experience) mean() float64 { return e.sum / float64(max(e.count, 1)) }

// Trials of a node, steps of each, and how far a step aims.
const (
	probes     = 8
	probeSteps = 120 // fewer where an evaluation looks at many arcs
	probeTheta = 0.2
	reliable   = 4 // trials of a site after which their mean is believed
)

// branch splits node n on the site whose two decisions promise to lift the
// bound most. What a decision does is tried out by a few steps of the ascent
// for sites nothing is known about, then remembered (reliability branching:
// Achterberg, Koch and Martin, Operations Research Letters 33, 2005). A trial
// that reaches the goal fixes the site at once.
func (s *search) branch(n *node) {
	start := n.by.mu
	before := s.relax.work
	base := s.relax.bound(start)
	steps := max(8, min(probeSteps, 2_000_000/(1+s.relax.work-before)))
	best, most := int32(-1), -1.0
	for _, j := range s.promising() {
		if s.outs[j].count < reliable && s.enough != 0 {
			o, byOut := s.probe(start, j, out, steps)
			if s.closes(o) {
				s.decide(n, j, in, byOut)
				return
			}
			i, byIn := s.probe(start, j, in, steps)
			if s.closes(i) {
				s.decide(n, j, out, byIn)
				return
			}
			s.outs[j].add(float64(o - base))
			s.ins[j].add(float64(i - base))
		}
		if v := s.lift(j); v > most {
			best, most = j, v
		}
	}
	o, i := s.tree.split(n.twig, best)
	outs := slices.Clone(n.fates)
	outs[best] = out
	n.fates[best] = in
	depth := 0
	if s.enough == 0 {
		depth = n.depth + 1
	}
	heap.Push(&s.open, &node{bound: n.bound, fates: outs, by: n.by, twig: o, born: len(s.tree.twigs), depth: depth})
	heap.Push(&s.open, &node{bound: n.bound, fates: n.fates, by: n.by, twig: i, born: len(s.tree.twigs) + 1, depth: depth})
}

// promising are the sites that are most undecided and, where known, lift most;
// in a search for a covering those that were picked most.
func (s *search) promising() []int32 {
	score := make([]float64, s.k.sites)
	scale := float64(s.k.scale())
	for _, j := range s.relax.sites {
		f := s.often[j]
		if score[j] = f * (1 - f); s.enough == 0 {
			score[j] = f
		}
		if s.outs[j].count > 0 {
			score[j] = math.Max(score[j], 0.02) * s.lift(j) / scale
		}
	}
	list := slices.Clone(s.relax.sites)
	slices.SortStableFunc(list, func(a, b int32) int { return cmp.Compare(score[b], score[a]) })
	return list[:min(len(list), probes)]
}

// lift is the product of what both decisions lift.
func (s *search) lift(j int32) float64 {
	least := float64(s.k.scale()) * 1e-3
	return math.Max(s.outs[j].mean(), least) * math.Max(s.ins[j].mean(), least)
}

// decide fixes site j and leaves n for another visit; the other decision is
// closed by what a trial found.
func (s *search) decide(n *node, j int32, f fate, other *multipliers) {
	n.fates[j] = f
	o, i := s.tree.split(n.twig, j)
	if f == in {
		s.tree.close(o, other)
		n.twig = i
	} else {
		s.tree.close(i, other)
		n.twig = o
	}
	s.nodes--
	heap.Push(&s.open, n)
}

// probe is the bound after some steps with site j in or out.
func (s *search) probe(start []int64, j int32, f fate, steps int) (int64, *multipliers) {
	r := s.relax
	sites, rem := r.sites, r.rem
	r.sites = make([]int32, 0, len(sites))
	for _, x := range sites {
		if x != j {
			r.sites = append(r.sites, x)
		}
	}
	r.picked[j] = false
	if f == in {
		r.forced = j
		r.rem--
	}
	copy(s.mu, start)
	clear(s.dir)
	p := pace{theta: probeTheta, patience: 4 + steps/20, shrink: 0.7}
	t := node{bound: -1}
	s.peak, s.idle = -1, 0
	quiet := s.nextTry
	s.nextTry = math.MaxInt
	s.ascend(&t, &p, steps)
	s.nextTry = quiet
	r.sites, r.rem, r.forced = sites, rem, -1
	r.picked[j] = false
	return t.bound, t.by
}

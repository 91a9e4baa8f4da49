// Package proof says what a certificate of optimality is and checks it without
// trusting whoever made it. It shares no code with the solver.
//
// The bound of a leaf is the Lagrangian one of the relaxed assignment
// constraints (Geoffrion 1974; Daskin 2013, section 6.4): for any multipliers
// λ ≥ 0, with ρ(j) = Σ_i min(0, w_i·c_ij − λ_i),
//
//	value ≥ Σ_i λ_i + Σ_{j fixed in} ρ(j) + the sum of the smallest ρ(j) of as many free sites as P leaves
//
// With a Cap every λ_i is at most w_i·Cap, because a dummy site that costs Cap
// is always open. In the capacitated problem λ_i is per unit of weight: the
// bound has Σ_i w_i·λ_i, and ρ(j) is the least Σ_i x_i·(c_ij − λ_i) with
// 0 ≤ x_i ≤ w_i and Σ_i x_i ≤ capacity of j, a fractional knapsack. All is
// computed in integers, λ and costs multiplied by Scale; values are integers,
// so a bound may be rounded up.
//
// What the tree proves is always "loss ≥ goal" of one problem of that form:
//
//	pmedian, capacitated  loss = value                            goal = Bound
//	mclp                  cost 0 within Radius, else unserved,    goal = Σ w − Bound
//	                      which costs 1 per unit of weight
//	lscp                  as mclp, every weight 1, P = Bound − 1  goal = 1
//	pcenter               as mclp, every weight 1,                goal = 1
//	                      Radius = Bound − 1
//
// Infeasible is proven in the same way: of pmedian and pcenter (every pair
// within Radius) and lscp (all sites may open) by a loss of 1 with every weight
// 1; of capacitated by a value above Σ_i w_i·max_j c_ij, which no allocation has.
//
// Cells of weight 0 ask for nothing, in every kind.
package proof

import (
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

// Certificate is an answer with its proof.
type Certificate struct {
	Format string    `json:"format"` // Format
	Status Status    `json:"status"`
	Value  int64     `json:"value"`          // of Open, in the problem's own terms: sum, covered weight (MCLP), number of sites beside the existing ones (LSCP), largest cost (PCenter)
	Bound  int64     `json:"bound"`          // no choice is better than this; equal to Value when Status is Optimal
	Open   []int32   `json:"open"`           // chosen and existing sites, ascending
	Flow   []Share   `json:"flow,omitempty"` // Capacitated: who is served where, by cell, then site
	Scale  int64     `json:"scale"`
	Lambda [][]int64 `json:"lambda"` // multipliers per cell, times Scale
	Tree   []Node    `json:"tree"`   // preorder: a branching node, then its "out" subtree, then its "in" subtree
}

// Format names this version of the certificate.
const Format = "ortsnah-siting-certificate/1"

// Status says what is proven.
type Status string

// The statuses of a run.
const (
	Optimal    Status = "optimal"    // Value = Bound
	Gap        Status = "gap"        // both proven, apart
	Infeasible Status = "infeasible" // no choice serves everybody; Open is empty
	Unknown    Status = "unknown"    // Bound is proven, but no choice was found in time; Open is empty
)

// Share is the weight of a cell that a site serves.
type Share struct {
	Cell   int32 `json:"cell"`
	Site   int32 `json:"site"`
	Weight int64 `json:"weight"` // > 0
}

// Node of the branch-and-bound tree. It fixes Site, which is neither required
// nor forbidden nor existing, out and then in. A leaf (Site < 0) is closed by
// the bound of Lambda[By]; with By < 0 by looking: more sites are in than P, or
// a cell has none left, or the capacity that is left is too small, or the sites
// that are left (those that are in, once they are P) cost the goal together.
type Node struct {
	Site int32 `json:"site"`
	By   int32 `json:"by,omitempty"`
}

// claim is what Check proves: whichever sites are open, at most choose of them
// beside the existing ones, the cells pay goal or more.
type claim struct {
	terms
	*instance.Problem
	*Certificate
	fixed  []state
	bounds []bound // of each Lambda, once it was used
	at     int     // the last node that was visited
}

// terms of a claim: a cell pays its weight times the smaller of lost and rate ×
// the cost of the nearest open site within reach; lost = far says that it has
// to be served. worse is the step from a value to the next worse one.
type terms struct {
	weights           []int64
	rate, lost, reach int64
	choose            int
	goal, worse       int64
}

// bound is what multipliers give: their sum, and ρ of each site.
type bound struct {
	sum int64
	rho []int64
}

// state of a site on the way from the root of the tree; existing ones are in.
type state int8

const (
	free state = iota
	in
	out
)

const (
	far   = int64(1 << 31) // above all costs
	limit = int64(1 << 62) // above all sums
)

func refuse(key string, args ...any) error { return ortsnah.E(ortsnah.Invalid, key, args...) }

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
// is always open. All is computed in integers, λ and w·c multiplied by Scale;
// values are integers, so a bound may be rounded up.
package proof

import "github.com/ortsnah/ortsnah/stations/siting/instance"

// Certificate is an answer with its proof.
type Certificate struct {
	Format string    `json:"format"` // Format
	Status Status    `json:"status"`
	Value  int64     `json:"value"` // of Open, in the problem's own terms: sum, covered weight (MCLP), number of sites (LSCP), largest cost (PCenter)
	Bound  int64     `json:"bound"` // no choice is better than this; equal to Value when Status is Optimal
	Open   []int32   `json:"open"`  // chosen and existing sites, ascending
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
	Infeasible Status = "infeasible" // no choice serves everybody
)

// Node of the branch-and-bound tree. A leaf (Site < 0) is closed by the bound
// of Lambda[By]; By < 0 says that all P sites are fixed here and the choice is
// simply evaluated, or that none is left.
type Node struct {
	Site int32 `json:"site"`
	By   int32 `json:"by,omitempty"`
}

// Check holds the certificate against the problem: the choice is allowed and
// has the Value, and the tree proves the Bound. Its error says what is wrong.
func Check(p *instance.Problem, c *Certificate) error { panic("to be written") }

// Package instance holds the questions of location-allocation: which cells of
// demand there are, which sites may be chosen, and what the way from a cell to
// a site costs. It is the neutral ground between the solver (stations/siting)
// and the verifier (stations/siting/proof), which share nothing else, and it
// reads and writes the instance files: OR-Library p-median, TSPLIB EUC_2D and
// our own JSON (see Read).
package instance

// Kind names the problem as the literature does.
type Kind string

// The problems. Daskin, Network and Discrete Location (2013), chapters 4 to 6.
const (
	PMedian     Kind = "pmedian"     // minimise the sum of weight × cost to the nearest open site
	Capacitated Kind = "capacitated" // the same with a limit of weight per site; the weight of a cell may be split
	MCLP        Kind = "mclp"        // maximise the weight within Radius of an open site
	LSCP        Kind = "lscp"        // fewest sites that have every cell within Radius
	PCenter     Kind = "pcenter"     // minimise the largest cost to the nearest open site
)

// Problem is one question. Cells are 0 … len(Weights)-1, sites 0 … Sites-1.
// All numbers are integers, so that values and bounds are exact and reruns
// equal. Costs are of any unit; those of travel are deciseconds.
type Problem struct {
	Kind    Kind
	P       int     // sites to open beside Existing; LSCP ignores it
	Sites   int     // candidates
	Weights []int64 // per cell, ≥ 0
	Costs   Matrix  // cell × site; a pair that is missing cannot be served
	Cap     int32   // PMedian: no cell pays more than Cap per unit of weight, served or not; 0: every cell must be served
	Radius  int32   // MCLP, LSCP: a cell is covered when its cost is ≤ Radius

	Required  []int32 // sites that must be among the P
	Forbidden []int32 // sites that must not be chosen
	Existing  []int32 // open in any case, not counted by P
	Capacity  []int64 // Capacitated: most weight per site

	CellIDs, SiteIDs []string // names for people; nil: the numbers
}

// Matrix holds the costs of reachable pairs in compressed rows: those of cell
// i are Site[k], Cost[k] for k in [Row[i], Row[i+1]), ascending by cost, then
// by site. No pair occurs twice; costs are ≥ 0.
type Matrix struct {
	Row  []int64
	Site []int32
	Cost []int32
}

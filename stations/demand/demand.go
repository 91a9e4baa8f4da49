package demand

import (
	"context"

	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Cell is a square of the census grid with its demand.
type Cell struct {
	ID       string  // INSPIRE, "1kmN3202E4203" or "100mN31949E41980"
	Lon, Lat float64 // centre, CRS84
	People   int64   // known or estimated inhabitants
	Over65   int64
	Weight   int64 // Selection's measure × Scale
	Guessed  bool  // the census suppressed the number, it is estimated from the coarser cell
}

// Selection chooses demand; it is planning.Demand in this room's words.
type Selection struct {
	Source     string
	Measure    string         // "people" or "visits"
	Groups     map[string]int // per cent by age group
	Concerns   []string
	Calibrated bool
	Area       string // district code; empty: the municipality
}

// Demand is what a selection gives.
type Demand struct {
	Cells      []Cell // ascending id
	Scale      int64  // Weight is people, or visits a year, times this
	Total      int64  // sum of weights
	Suppressed int    // cells without any number that could be estimated
	Outside    int    // cells of the source beyond the area
}

// Select works out the demand. Errors: NotFound demand.no_such_source, Invalid
// demand.empty, demand.no_rates, demand.bad_group.
func Select(ctx context.Context, db postgis.DB, s Selection) (Demand, error) {
	panic("to be written")
}

package demand

import (
	"context"
	"slices"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// weighVisits weighs by visits a year: need rates × people, or what was
// observed, shared out in their proportions.
func (d *Demand) weighVisits(ctx context.Context, db postgis.DB, s Selection, source Source, people []counts, percent [nFeatures]int64) error {
	d.Scale = visitScale
	rates, err := Rates(ctx, db)
	if err != nil {
		return err
	}
	needs, byAge := needsOf(rates)
	concerns, err := chosen(s.Concerns, needs, byAge, source)
	if err != nil {
		return err
	}
	if !s.Calibrated {
		d.expected(concerns, needs, people, percent)
		return nil
	}
	observed, err := Observed(ctx, db)
	if err != nil {
		return err
	}
	unmet, err := unmetCells(ctx, db)
	if err != nil {
		return err
	}
	// The share of this area in what the whole town was expected to ask for.
	town := people
	var all Demand
	if s.Area != "" {
		if all, town, err = cellsIn(ctx, db, source.ID, ""); err != nil {
			return err
		}
	} else {
		all = *d
	}
	return d.calibrated(concerns, needs, observed, unmet, all, town, percent)
}

// chosen are the concerns asked for, or all with a rate, sorted.
func chosen(asked []string, needs map[string]need, byAge map[string]bool, source Source) ([]string, error) {
	concerns := slices.Clone(asked)
	if len(concerns) == 0 {
		for concern := range needs {
			concerns = append(concerns, concern)
		}
	}
	slices.Sort(concerns)
	concerns = slices.Compact(concerns)
	if len(needs) == 0 {
		return nil, ortsnah.E(ortsnah.Invalid, "demand.no_rates").About("concerns")
	}
	for _, c := range concerns {
		if _, ok := needs[c]; !ok {
			return nil, ortsnah.E(ortsnah.Invalid, "demand.no_rate", "concern", shortened(c)).About("concerns")
		}
		if byAge[c] && len(source.Report.Groups) == 0 {
			return nil, ortsnah.E(ortsnah.Invalid, "demand.rate_by_age", "concern", c, "source", source.Name).About("concerns")
		}
	}
	return concerns, nil
}

// expected weighs by rates alone.
func (d *Demand) expected(concerns []string, needs map[string]need, people []counts, percent [nFeatures]int64) {
	units := make([]int64, len(people))
	for _, concern := range concerns {
		for i, n := range people {
			units[i] += needs[concern].visits(n, percent)
		}
	}
	for i, w := range share(hundredths(units), units) {
		d.Cells[i].Weight = w
	}
}

// hundredths is the rounded sum in hundredths of a visit.
func hundredths(units []int64) (sum int64) {
	for _, u := range units {
		sum += u
	}
	return (sum + needUnit/visitScale/2) / (needUnit / visitScale)
}

package demand

import (
	"context"
	"slices"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Cell is a square of the census grid with its demand.
type Cell struct {
	ID       string  // INSPIRE, "1kmN3202E4203" or "100mN31949E41980"
	Lon, Lat float64 // centre, CRS84
	People   int64   // known or estimated inhabitants
	Over65   int64   // 0 also where the source knows no ages
	Weight   int64   // Selection's measure × Scale
	Guessed  bool    // the census suppressed the number, it is estimated from the coarser cell
}

// The measures of a selection.
const (
	People = "people" // inhabitants
	Visits = "visits" // need rates × inhabitants, a year
)

// visitScale makes weights of hundredths of a visit.
const visitScale = 100

// Selection chooses demand; it is planning.Demand in this room's words.
type Selection struct {
	Source     string
	Measure    string         // "people" or "visits"
	Groups     map[string]int // per cent by age group, 0 to 1000; who is not named counts 100
	Concerns   []string       // measure "visits": only these; empty: all with a rate
	Calibrated bool           // measure "visits": totals as observed, see Calibrate
	Area       string         // district code; empty: the municipality
}

// Demand is what a selection gives.
type Demand struct {
	Cells      []Cell // ascending id, none without weight
	Scale      int64  // Weight is people, or visits a year, times this
	Total      int64  // sum of weights
	Suppressed int    // cells in the area without any number that could be estimated
	Outside    int    // cells of the source beyond the area
}

// Select works out the demand. Rounding keeps totals: the weights sum to the
// rounded total of what is selected. Equal data give equal answers, in the same
// order. Errors: NotFound demand.no_such_source, demand.no_such_area, Invalid
// demand.empty, demand.no_rates, demand.no_rate, demand.bad_group,
// demand.bad_percent, demand.bad_measure, demand.no_ages, demand.not_observed.
func Select(ctx context.Context, db postgis.DB, s Selection) (Demand, error) {
	if s.Measure != People && s.Measure != Visits {
		return Demand{}, ortsnah.E(ortsnah.Invalid, "demand.bad_measure", "measure", shortened(s.Measure)).About("measure")
	}
	source, err := FindSource(ctx, db, s.Source)
	if err != nil {
		return Demand{}, err
	}
	percent, err := percents(s.Groups, source.Report.Groups)
	if err != nil {
		return Demand{}, err
	}
	d, people, err := cellsIn(ctx, db, source.ID, s.Area)
	if err != nil {
		return d, err
	}
	if s.Measure == People {
		d.weighPeople(people, percent)
	} else if err := d.weighVisits(ctx, db, s, source, people, percent); err != nil {
		return d, err
	}
	return d, d.trim(source)
}

// trim drops cells without weight and adds up.
func (d *Demand) trim(source Source) error {
	d.Cells = slices.DeleteFunc(d.Cells, func(c Cell) bool { return c.Weight == 0 })
	for _, c := range d.Cells {
		d.Total += c.Weight
	}
	if d.Total == 0 {
		return ortsnah.E(ortsnah.Invalid, "demand.empty", "source", source.Name)
	}
	return nil
}

// counts are the people of a cell by feature; 0 where nothing is known.
type counts [nFeatures]int64

// percents are the weights of the groups that the source can tell apart.
// "18_64" of a source with finer groups means all of them.
func percents(asked map[string]int, has []Feature) (p [nFeatures]int64, err error) {
	for i := range p {
		p[i] = 100
	}
	names := make([]string, 0, len(asked))
	for name := range asked {
		names = append(names, name)
	}
	slices.Sort(names) // the same error for the same question
	fine := slices.Contains(has, From30)
	for _, name := range names {
		percent := asked[name]
		i, ok := indexOf(Feature(name))
		if !ok || i == nAll {
			return p, ortsnah.E(ortsnah.Invalid, "demand.bad_group", "group", shortened(name)).About("groups")
		}
		if percent < 0 || percent > 1000 {
			return p, ortsnah.E(ortsnah.Invalid, "demand.bad_percent", "group", name, "percent", percent).About("groups")
		}
		switch {
		case slices.Contains(has, Feature(name)):
			p[i] = int64(percent)
		case i == n18to64 && fine:
			for _, f := range []int{n18to29, n30to49, n50to64} {
				if _, own := asked[string(features()[f])]; !own {
					p[f] = int64(percent)
				}
			}
		case percent != 100:
			return p, ortsnah.E(ortsnah.Invalid, "demand.no_ages", "group", name).About("groups")
		}
	}
	return p, nil
}

// weighed is people × per cent. People whose age the source does not tell
// count 100.
func (n counts) weighed(percent [nFeatures]int64) int64 {
	sum := 100 * n[nAll]
	for f := nUnder18; f < nFeatures; f++ {
		sum += n[f] * (percent[f] - 100)
	}
	return max(sum, 0)
}

// weighPeople weighs by inhabitants. Percentages are kept exactly by the scale.
func (d *Demand) weighPeople(people []counts, percent [nFeatures]int64) {
	divisor := int64(100)
	for _, p := range percent {
		divisor = gcd(divisor, p)
	}
	d.Scale = 100 / divisor
	for i, n := range people {
		d.Cells[i].Weight = n.weighed(percent) / divisor
	}
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

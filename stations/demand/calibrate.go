package demand

import (
	"cmp"
	"context"
	"math"
	"math/bits"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// leastWeeks is how many whole weeks must have been observed before a year is
// told from them.
const leastWeeks = 4

// Observation is what was counted for a concern: whole weeks only.
type Observation struct {
	Concern   string
	Booked    int64 // appointments that were due
	Kept      int64 // of them, visitors who came
	WalkIns   int64 // served without appointment
	Unmet     int64 // searches that found nothing
	Weeks     int64 // that were observed, the same for every concern
	FirstWeek time.Time
}

// Yearly is the demand of a year in hundredths of a visit: who came and who
// asked in vain, over the weeks observed, for 365.25 days.
func (o Observation) Yearly() int64 {
	return yearly(o.Kept+o.WalkIns+o.Unmet, o.Weeks)
}

// yearly is n in weeks as hundredths a year, rounded: 365.25 / 7 weeks.
func yearly(n, weeks int64) int64 {
	if weeks == 0 {
		return 0
	}
	return (n*36525*2 + 7*weeks) / (7 * weeks * 2)
}

// Observed is what the booking room counted per concern (see
// booking.ObserveDemand), by name; the current week is not over and left out.
func Observed(ctx context.Context, db postgis.DB) ([]Observation, error) {
	rows, err := db.Query(ctx, `WITH span AS (SELECT min(week) AS first, max(week) AS last FROM stations.demand_observation)
		SELECT concern, sum(booked) AS booked, sum(kept) AS kept, sum(walk_ins) AS walk_ins, sum(unmet) AS unmet,
			(last - first) / 7 + 1 AS weeks, first AS first_week
		FROM stations.demand_observation, span GROUP BY concern, first, last ORDER BY concern COLLATE "C"`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Observation])
}

// unmetOf is unmet demand of a concern in a square kilometre; Cell "": nobody knows where.
type unmetOf struct {
	Concern, Cell string
	Number        int64
}

func unmetCells(ctx context.Context, db postgis.DB) ([]unmetOf, error) {
	rows, err := db.Query(ctx, `SELECT concern, cell, sum(number) AS number FROM stations.unmet_cell
		GROUP BY concern, cell ORDER BY concern COLLATE "C", cell COLLATE "C"`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[unmetOf])
}

// calibrated weighs by what was observed. For each concern, with e(i) = need
// rate × people of cell i in the town and Y its observed demand of a year:
//
//	Y = (kept + walk-ins + unmet) ÷ weeks × 365.25 ÷ 7
//
// is divided, to the last hundredth of a visit, into the unmet demand of each
// square kilometre and the rest; the former goes to the cells of that square
// in proportion to e, the latter (with what was asked from nowhere known, or
// from outside the town) to all cells in proportion to e. Percentages by age
// change e and Y alike: Y' = Y × Σe' ÷ Σe. Of an area it is the area's part of
// the town's. A concern that was not observed keeps its rates.
func (d *Demand) calibrated(concerns []string, needs map[string]need, observed []Observation, unmet []unmetOf,
	town Demand, people []counts, percent [nFeatures]int64) error {
	if len(observed) == 0 || observed[0].Weeks < leastWeeks {
		return ortsnah.E(ortsnah.Invalid, "demand.not_observed", "weeks", leastWeeks).About("calibrated")
	}
	seen := map[string]Observation{}
	for _, o := range observed {
		seen[o.Concern] = o
	}
	squares := squaresOf(town.Cells)
	total := make([]int64, len(people))
	for _, concern := range concerns {
		plain, weighed := unitsOf(needs[concern], people, evenly()), unitsOf(needs[concern], people, percent)
		o, ok := seen[concern]
		if !ok || o.Kept+o.WalkIns+o.Unmet == 0 {
			addTo(total, share(hundredths(weighed), weighed))
			continue
		}
		whole := o.Yearly()
		if e := hundredths(plain); e > 0 {
			whole = mulDiv(whole, hundredths(weighed), e)
		}
		if !slices.ContainsFunc(weighed, func(u int64) bool { return u > 0 }) {
			for i, n := range people {
				weighed[i] = n[nAll] // a rate of 0 was wrong: people came; they may live anywhere
			}
		}
		addTo(total, place(whole, o, slices.DeleteFunc(slices.Clone(unmet), func(u unmetOf) bool { return u.Concern != concern }), squares, weighed))
	}
	byID := map[string]int64{}
	for i, c := range town.Cells {
		byID[c.ID] = total[i]
	}
	for i := range d.Cells {
		d.Cells[i].Weight = byID[d.Cells[i].ID]
	}
	return nil
}

// place divides whole (hundredths a year) as calibrated says.
func place(whole int64, o Observation, unmet []unmetOf, squares map[string][]int, units []int64) []int64 {
	anywhere := o.Kept + o.WalkIns + o.Unmet
	var there []unmetOf
	for _, u := range unmet {
		if sumAt(units, squares[u.Cell]) > 0 {
			there, anywhere = append(there, u), anywhere-u.Number
		}
	}
	weights := []int64{max(anywhere, 0)}
	for _, u := range there {
		weights = append(weights, u.Number)
	}
	parts := share(whole, weights)
	out := share(parts[0], units)
	for k, u := range there {
		cells := squares[u.Cell]
		local := make([]int64, len(cells))
		for j, i := range cells {
			local[j] = units[i]
		}
		for j, part := range share(parts[k+1], local) {
			out[cells[j]] += part
		}
	}
	return out
}

// squaresOf says which cells lie in which square kilometre.
func squaresOf(cells []Cell) map[string][]int {
	squares := map[string][]int{}
	for i, c := range cells {
		if s, ok := parseSquare([]byte(c.ID)); ok {
			parent := s.parent().id()
			squares[parent] = append(squares[parent], i)
		}
	}
	return squares
}

func sumAt(units []int64, at []int) (sum int64) {
	for _, i := range at {
		sum += units[i]
	}
	return sum
}

func unitsOf(n need, people []counts, percent [nFeatures]int64) []int64 {
	units := make([]int64, len(people))
	for i, p := range people {
		units[i] = n.visits(p, percent)
	}
	return units
}

func evenly() (p [nFeatures]int64) {
	for i := range p {
		p[i] = 100
	}
	return p
}

func addTo(total, parts []int64) {
	for i, p := range parts {
		total[i] += p
	}
}

// mulDiv is a × b ÷ c rounded down, without overflow in between; c > 0.
func mulDiv(a, b, c int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi >= uint64(c) {
		return math.MaxInt64
	}
	q, _ := bits.Div64(hi, lo, uint64(c))
	return int64(min(q, math.MaxInt64))
}

// Line compares, for one concern, what rates make expect with what was
// observed, in hundredths of a visit a year.
type Line struct {
	Concern  string
	Rated    bool
	Expected int64
	Observed *Observation // nil: nothing yet
	Yearly   int64        // 0 unless Observed has weeks enough
	Factor   float64      // Yearly ÷ Expected; 0 where one of them is missing
}

// Compare says for every concern that has a rate or was observed how far the
// rates hold for the people of a source. Error: NotFound demand.no_such_source.
func Compare(ctx context.Context, db postgis.DB, source string) ([]Line, error) {
	if _, err := FindSource(ctx, db, source); err != nil {
		return nil, err
	}
	_, people, err := cellsIn(ctx, db, source, "")
	if err != nil {
		return nil, err
	}
	rates, err := Rates(ctx, db)
	if err != nil {
		return nil, err
	}
	observed, err := Observed(ctx, db)
	if err != nil {
		return nil, err
	}
	needs, _ := needsOf(rates)
	lines := map[string]Line{}
	for concern, n := range needs {
		lines[concern] = Line{Concern: concern, Rated: true, Expected: hundredths(unitsOf(n, people, evenly()))}
	}
	for _, o := range observed {
		l := lines[o.Concern]
		l.Concern, l.Observed = o.Concern, &o
		if o.Weeks >= leastWeeks {
			l.Yearly = o.Yearly()
			if l.Expected > 0 {
				l.Factor = float64(l.Yearly) / float64(l.Expected)
			}
		}
		lines[o.Concern] = l
	}
	list := make([]Line, 0, len(lines))
	for _, l := range lines {
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b Line) int { return cmp.Compare(a.Concern, b.Concern) })
	return list, nil
}

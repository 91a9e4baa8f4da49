package demand

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// mostRate is the highest need rate: 20 visits of everybody in a year.
const mostRate = 20_000

// Rate is how many visits for a concern a department expects of 1,000 people
// of an age in a year. It does not say who entered it.
type Rate struct {
	Concern   string
	Age       Feature // one of RateAges; All: of the ages without a rate of their own
	Visits    float64 // per 1,000 people and year, three decimals
	Note      string
	EnteredOn time.Time // local day, midnight UTC
}

// Rates lists the need rates by concern and age.
func Rates(ctx context.Context, db postgis.DB) ([]Rate, error) {
	rows, err := db.Query(ctx, `SELECT concern, age, rate::float8 AS visits, note, entered_on FROM stations.need_rate ORDER BY concern COLLATE "C", age COLLATE "C"`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Rate])
}

// SetRates makes rates those of a concern; the ages that are missing have none
// any more, and an empty list takes the concern out of the demand. Errors:
// Invalid demand.bad_rate, demand.bad_group, demand.long_note.
func SetRates(ctx context.Context, tx pgx.Tx, day time.Time, concern string, rates []Rate) error {
	if _, err := tx.Exec(ctx, `DELETE FROM stations.need_rate WHERE concern = @concern`, pgx.NamedArgs{"concern": concern}); err != nil {
		return err
	}
	for _, r := range rates {
		if err := r.check(); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO stations.need_rate (concern, age, rate, note, entered_on)
			VALUES (@concern, @age, @rate, @note, @day)
			ON CONFLICT (concern, age) DO UPDATE SET rate = excluded.rate, note = excluded.note, entered_on = excluded.entered_on`,
			pgx.NamedArgs{"concern": concern, "age": string(r.Age), "rate": r.Visits, "note": strings.TrimSpace(r.Note), "day": day})
		if err != nil {
			return err
		}
	}
	return nil
}

func (r Rate) check() error {
	switch {
	case r.Age != All && r.Age != Under18 && r.Age != From18To64 && r.Age != Over65:
		return ortsnah.E(ortsnah.Invalid, "demand.bad_group", "group", shortened(string(r.Age)))
	case math.IsNaN(r.Visits) || r.Visits < 0 || r.Visits > mostRate:
		return ortsnah.E(ortsnah.Invalid, "demand.bad_rate", "most", mostRate).About(string(r.Age))
	case len([]rune(r.Note)) > 500:
		return ortsnah.E(ortsnah.Invalid, "demand.long_note").About("note")
	}
	return nil
}

// need is what one concern asks of people, in thousandths of a visit per 1,000
// people and year, by feature. Sources with five groups use those of 18 to 64
// for the three between.
type need [nFeatures]int64

// needsOf orders rates by concern. byAge says of each concern whether it tells ages apart.
func needsOf(rates []Rate) (needs map[string]need, byAge map[string]bool) {
	needs, byAge = map[string]need{}, map[string]bool{}
	own := map[string]map[Feature]int64{}
	for _, r := range rates {
		if own[r.Concern] == nil {
			own[r.Concern] = map[Feature]int64{}
		}
		own[r.Concern][r.Age] = int64(math.Round(r.Visits * 1000))
	}
	for concern, of := range own {
		var n need
		n[nAll] = of[All]
		for f, age := range map[int]Feature{nUnder18: Under18, n18to29: From18To64, n30to49: From18To64, n50to64: From18To64, n18to64: From18To64, nOver65: Over65} {
			rate, ok := of[age]
			if !ok {
				rate = of[All]
			}
			n[f] = rate
			byAge[concern] = byAge[concern] || rate != of[All]
		}
		needs[concern] = n
	}
	return needs, byAge
}

// visits is what a cell with these people asks for, in hundred-thousandths of
// a hundredth: people × rate (thousandths per thousand people) × per cent. Who
// is of no known age counts with the rate of all.
func (n need) visits(people counts, percent [nFeatures]int64) int64 {
	sum := people[nAll] * n[nAll] * 100
	for f := nUnder18; f < nFeatures; f++ {
		sum += people[f] * (n[f]*percent[f] - n[nAll]*100)
	}
	return max(sum, 0)
}

// needUnit is how many units of need.visits make one visit.
const needUnit = 1000 * 1000 * 100

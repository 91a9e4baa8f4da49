package planning

import (
	"context"
	"errors"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Phase is a test phase: how many people should come to stops in a period,
// beside how many came.
type Phase struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Run       string    `json:"run,omitempty"` // that the targets are from
	FirstDay  time.Time `json:"first_day"`     // local day, midnight UTC
	LastDay   time.Time `json:"last_day"`      // the last one, inclusive
	Targets   []Target  `json:"targets"`
	CreatedAt time.Time `json:"created_at"`
}

// Target is what is expected of a stop.
type Target struct {
	Stop   string  `json:"stop"`
	PerDay float64 `json:"per_day"` // visitors per opening day
}

// mostPerDay is the most visitors that a target may name.
const mostPerDay = 10_000

const selectPhase = `SELECT id::text, name, coalesce(run::text, '') AS run, first_day, last_day, targets, created_at FROM stations.test_phase `

// Phases returns all test phases, the last one first.
func Phases(ctx context.Context, db postgis.DB) ([]Phase, error) {
	rows, err := db.Query(ctx, selectPhase+`ORDER BY first_day DESC, id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Phase])
}

// FindPhase returns one. Error: NotFound planning.no_phase.
func FindPhase(ctx context.Context, db postgis.DB, id string) (Phase, error) {
	if !isUUID(id) {
		return Phase{}, ortsnah.E(ortsnah.NotFound, "planning.no_phase")
	}
	rows, err := db.Query(ctx, selectPhase+`WHERE id = @id`, pgx.NamedArgs{"id": id})
	if err != nil {
		return Phase{}, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Phase])
	if errors.Is(err, pgx.ErrNoRows) {
		err = ortsnah.E(ortsnah.NotFound, "planning.no_phase")
	}
	return p, err
}

// Begin keeps a new test phase. Errors: Invalid planning.bad_name,
// planning.bad_period, planning.no_targets, planning.bad_target; NotFound
// planning.no_run.
func Begin(ctx context.Context, db postgis.DB, now time.Time, p Phase) (Phase, error) {
	if err := p.check(); err != nil {
		return p, err
	}
	if p.Run != "" {
		if _, err := FindRun(ctx, db, p.Run); err != nil {
			return p, err
		}
	}
	rows, err := db.Query(ctx, `INSERT INTO stations.test_phase (name, run, first_day, last_day, targets, created_at)
		VALUES (@name, nullif(@run, '')::uuid, @first, @last, @targets, @now)
		RETURNING id::text, name, coalesce(run::text, '') AS run, first_day, last_day, targets, created_at`,
		pgx.NamedArgs{"name": p.Name, "run": p.Run, "first": p.FirstDay, "last": p.LastDay, "targets": p.Targets, "now": now})
	if err != nil {
		return p, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Phase])
}

func (p *Phase) check() error {
	p.Name = strings.TrimSpace(p.Name)
	if n := utf8.RuneCountInString(p.Name); n == 0 || n > longestName || !plain(p.Name) {
		return ortsnah.E(ortsnah.Invalid, "planning.bad_name", "n", longestName).About("name")
	}
	if p.FirstDay.IsZero() || p.LastDay.Before(p.FirstDay) || p.LastDay.After(p.FirstDay.AddDate(3, 0, 0)) {
		return ortsnah.E(ortsnah.Invalid, "planning.bad_period").About("first_day")
	}
	if len(p.Targets) == 0 {
		return ortsnah.E(ortsnah.Invalid, "planning.no_targets").About("targets")
	}
	for _, t := range p.Targets {
		if t.Stop == "" || !(t.PerDay > 0) || t.PerDay > mostPerDay {
			return ortsnah.E(ortsnah.Invalid, "planning.bad_target", "most", mostPerDay).About("targets")
		}
	}
	return nil
}

// CountedDay is an opening day of a stop with how many came; numbers only.
type CountedDay struct {
	Visit        string
	Stop         string
	Starts       time.Time
	Appointments int
	WalkIns      int
	NoShows      int
	Walked       bool // somebody has counted who came without an appointment
}

// Came is everybody who came.
func (d CountedDay) Came() int { return d.Appointments + d.WalkIns }

// Counted are the opening days of the phase at its stops that have been
// counted, by time. Cancelled ones are no opening days, and walk-ins alone that
// somebody has entered during the visit are no count yet.
func Counted(ctx context.Context, db postgis.DB, p Phase) ([]CountedDay, error) {
	stops := make([]string, len(p.Targets))
	for i, t := range p.Targets {
		stops[i] = t.Stop
	}
	rows, err := db.Query(ctx, `SELECT v.id AS visit, v.stop, v.starts, c.appointments, c.walk_ins, c.no_shows, c.walk_ins_at IS NOT NULL AS walked
		FROM stations.visit v JOIN stations.visit_count c ON c.visit = v.id
		WHERE v.stop = ANY(@stops) AND v.day BETWEEN @first AND @last AND v.state = 'planned'
			AND (c.counted_at IS NOT NULL OR c.walk_ins_at >= v.ends)
		ORDER BY v.starts, v.id`, pgx.NamedArgs{"stops": stops, "first": p.FirstDay, "last": p.LastDay})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[CountedDay])
}

// Verdict compares what was expected with who came.
type Verdict string

// The verdicts.
const (
	Inside  Verdict = "inside" // chance explains the difference
	Below   Verdict = "below"
	Above   Verdict = "above"
	Uncount Verdict = "open" // no opening day was counted
)

// Observed is the comparison of one stop.
type Observed struct {
	Target
	Days      int     // opening days counted
	Uncounted int     // of these without a count of walk-ins: the mean is too low
	Mean      float64 // visitors per opening day
	Low, High float64 // the band per opening day
	Verdict   Verdict
}

// Observe compares the targets with the counted days, in the order of the
// targets.
//
// The band: people decide by themselves whether they come, so if the target μ
// is right, the sum over n days is a Poisson variable of mean nμ (Johnson,
// Kotz, Kemp: Univariate Discrete Distributions, chapter 4). The band is the
// central 95 % of it, divided by n. Without a counted day it is that of one.
func (p Phase) Observe(days []CountedDay) []Observed {
	all := make([]Observed, len(p.Targets))
	for i, t := range p.Targets {
		o := Observed{Target: t, Verdict: Uncount}
		sum := 0
		for _, d := range days {
			if d.Stop == t.Stop {
				o.Days++
				if !d.Walked {
					o.Uncounted++
				}
				sum += d.Came()
			}
		}
		n := float64(max(o.Days, 1))
		low, high := poissonBand(t.PerDay * n)
		o.Low, o.High = low/n, high/n
		if o.Days > 0 {
			o.Mean = float64(sum) / n
			switch s := float64(sum); {
			case s < low:
				o.Verdict = Below
			case s > high:
				o.Verdict = Above
			default:
				o.Verdict = Inside
			}
		}
		all[i] = o
	}
	return all
}

// largeMean is where the normal distribution is a good Poisson: the quantiles
// differ by less than one.
const largeMean = 500

// poissonBand is the central 95 % of a Poisson variable: the least counts whose
// distribution function reaches 0.025 and 0.975.
func poissonBand(mean float64) (low, high float64) {
	if mean > largeMean {
		const z = 1.959964
		return math.Ceil(mean - z*math.Sqrt(mean)), math.Floor(mean + z*math.Sqrt(mean))
	}
	p := math.Exp(-mean)
	sum := p
	low = math.Inf(1)
	for k := 0.0; ; k++ {
		if sum >= 0.025 && math.IsInf(low, 1) {
			low = k
		}
		if sum >= 0.975 {
			return low, k
		}
		p *= mean / (k + 1)
		sum += p
	}
}

// Expected are the visitors per opening day of stops, from a run that counts
// visits a year, by stop. Sites that are no stops, and stops without opening
// days, are left out. days is how many opening days a stop has in a year.
func (r Run) Expected(days map[string]float64) map[string]float64 {
	expected := map[string]float64{}
	if r.Result == nil || r.Definition.Demand.Measure != "visits" || r.Result.Scale == 0 {
		return expected
	}
	for _, s := range r.Result.Sites {
		stop, ok := strings.CutPrefix(s.ID, "stop:")
		if ok && days[stop] > 0 {
			expected[stop] = float64(s.Weight) / float64(r.Result.Scale) / days[stop]
		}
	}
	return expected
}

// OpeningDays are how many opening days each stop has in a year, by what is
// planned from now on for a span.
func OpeningDays(ctx context.Context, db postgis.DB, now time.Time, span time.Duration) (map[string]float64, error) {
	rows, err := db.Query(ctx, `SELECT stop, count(DISTINCT day) * 365.25 / @days FROM stations.visit
		WHERE state = 'planned' AND ends > @now AND starts < @until GROUP BY stop`,
		pgx.NamedArgs{"days": span.Hours() / 24, "now": now, "until": now.Add(span)})
	if err != nil {
		return nil, err
	}
	all := map[string]float64{}
	var stop string
	var days float64
	_, err = pgx.ForEachRow(rows, []any{&stop, &days}, func() error {
		all[stop] = days
		return nil
	})
	return all, err
}

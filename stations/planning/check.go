package planning

import (
	"math"
	"slices"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/travel"
)

// Limits of a definition.
const (
	mostSeconds    = 3600    // of one search
	usualSeconds   = 60      // where nothing is said
	longestWay     = 86_400  // seconds: cut-off, radius, cap
	longestID      = 100     // bytes
	largestAmount  = 1 << 40 // capacity
	mostStations   = 20
	mostHalfDays   = 10
	largestPercent = 100_000 // weight of an age group
)

// wellFormed refuses values that no definition may have, finished or not:
// unknown words, numbers beyond all sense, two candidates of one id. What is
// merely missing is for Check.
func (d *Definition) wellFormed() error {
	if d.Profile != "" && !slices.Contains(travel.Profiles(), d.Profile) {
		return ortsnah.E(ortsnah.Invalid, "planning.unknown_profile", "value", string(d.Profile)).About("profile")
	}
	if d.Objective != "" && !slices.Contains(objectives(), d.Objective) {
		return ortsnah.E(ortsnah.Invalid, "planning.unknown_objective", "value", string(d.Objective)).About("objective")
	}
	if m := d.Demand.Measure; m != "" && m != "people" && m != "visits" {
		return ortsnah.E(ortsnah.Invalid, "planning.unknown_measure", "value", m).About("measure")
	}
	if _, err := time.Parse(time.DateOnly, d.Day); d.Day != "" && err != nil {
		return ortsnah.E(ortsnah.Invalid, "planning.bad_day", "value", d.Day).About("day")
	}
	if err := d.boundsCheck(); err != nil {
		return err
	}
	return d.candidatesCheck()
}

func objectives() []instance.Kind {
	return []instance.Kind{instance.PMedian, instance.Capacitated, instance.MCLP, instance.LSCP, instance.PCenter}
}

// bound is a number of the definition and what it may be.
type bound struct {
	field      string
	value, top int64
}

func (d *Definition) boundsCheck() error {
	all := []bound{{"p", int64(d.P), mostCandidates}, {"radius_s", int64(d.Radius), longestWay}, {"cap_s", int64(d.Cap), longestWay},
		{"cutoff_s", int64(d.Cutoff), longestWay}, {"capacity", d.Capacity, largestAmount}, {"seconds", int64(d.Seconds), mostSeconds}}
	for _, percent := range d.Demand.Groups {
		all = append(all, bound{"groups", int64(percent), largestPercent})
	}
	if w := d.Weekly; w != nil {
		all = append(all, bound{"stations", int64(w.Stations), mostStations}, bound{"half_days", int64(w.HalfDays), mostHalfDays},
			bound{"session_capacity", w.SessionCapacity, largestAmount}, bound{"steerable", int64(w.Steerable), 100})
	}
	for _, b := range all {
		if b.value < 0 || b.value > b.top {
			return ortsnah.E(ortsnah.Invalid, "planning.out_of_bounds", "name", b.field, "value", b.value, "most", b.top).About(b.field)
		}
	}
	return nil
}

func (d *Definition) candidatesCheck() error {
	seen := make(map[string]bool, len(d.Candidates))
	for i := range d.Candidates {
		c := &d.Candidates[i]
		if c.Role == "" {
			c.Role = Free
		}
		if c.ID == "" || len(c.ID) > longestID || !plain(c.ID) || !plain(c.Name) || len(c.Name) > 4*longestName {
			return ortsnah.E(ortsnah.Invalid, "planning.bad_candidate", "n", i+1).About("candidates")
		}
		if seen[c.ID] {
			return ortsnah.E(ortsnah.Invalid, "planning.candidate_twice", "id", c.ID).About("candidates")
		}
		seen[c.ID] = true
		if !slices.Contains([]Role{Free, Required, Forbidden, Existing}, c.Role) {
			return ortsnah.E(ortsnah.Invalid, "planning.unknown_role", "id", c.ID, "value", string(c.Role)).About("candidates")
		}
		if math.IsNaN(c.Lon) || math.IsNaN(c.Lat) || math.Abs(c.Lon) > 180 || math.Abs(c.Lat) > 90 {
			return ortsnah.E(ortsnah.Invalid, "planning.candidate_nowhere", "name", c.label()).About("candidates")
		}
		if c.Capacity < 0 || c.Capacity > largestAmount {
			return ortsnah.E(ortsnah.Invalid, "planning.out_of_bounds", "name", "capacity", "value", c.Capacity, "most", largestAmount).About("candidates")
		}
	}
	return nil
}

// label is what people call the candidate.
func (c Candidate) label() string {
	if c.Name != "" {
		return c.Name
	}
	return c.ID
}

// Check says whether a run can be computed from the definition; Start asks it.
// That candidates lie in the town and that the demand exists is looked up in
// the database beside it. Errors: Invalid planning.… with the field.
func (d Definition) Check() error {
	if err := d.wellFormed(); err != nil {
		return err
	}
	if d.Demand.Source == "" {
		return ortsnah.E(ortsnah.Invalid, "planning.no_source").About("source")
	}
	if d.Demand.Measure == "" {
		return ortsnah.E(ortsnah.Invalid, "planning.no_measure").About("measure")
	}
	if d.Profile == "" {
		return ortsnah.E(ortsnah.Invalid, "planning.no_profile").About("profile")
	}
	if len(d.Candidates) == 0 {
		return ortsnah.E(ortsnah.Invalid, "planning.no_candidates").About("candidates")
	}
	if d.Weekly != nil {
		return d.weeklyCheck()
	}
	return d.objectiveCheck()
}

// roles counts the candidates of each role.
func (d Definition) roles() map[Role]int {
	n := map[Role]int{}
	for _, c := range d.Candidates {
		n[c.Role]++
	}
	return n
}

// objectiveCheck holds the limits against the objective and the candidates.
func (d Definition) objectiveCheck() error {
	n := d.roles()
	choice := n[Free] + n[Required]
	switch {
	case d.Objective == "":
		return ortsnah.E(ortsnah.Invalid, "planning.no_objective").About("objective")
	case choice == 0 && n[Existing] == 0:
		return ortsnah.E(ortsnah.Invalid, "planning.all_forbidden").About("candidates")
	case (d.Objective == instance.MCLP || d.Objective == instance.LSCP) && d.Radius == 0:
		return ortsnah.E(ortsnah.Invalid, "planning.no_radius").About("radius_s")
	case d.Objective == instance.LSCP:
		return nil
	case d.P < 1:
		return ortsnah.E(ortsnah.Invalid, "planning.no_p").About("p")
	case d.P > choice:
		return ortsnah.E(ortsnah.Invalid, "planning.p_above_candidates", "p", d.P, "n", choice).About("p")
	case n[Required] > d.P:
		return ortsnah.E(ortsnah.Invalid, "planning.too_many_required", "p", d.P, "n", n[Required]).About("p")
	}
	if d.Objective == instance.Capacitated {
		for _, c := range d.Candidates {
			if c.Role != Forbidden && c.Capacity == 0 && d.Capacity == 0 {
				return ortsnah.E(ortsnah.Invalid, "planning.no_capacity", "name", c.label()).About("capacity")
			}
		}
	}
	return nil
}

func (d Definition) weeklyCheck() error {
	w, n := d.Weekly, d.roles()
	switch {
	case w.Stations < 1:
		return ortsnah.E(ortsnah.Invalid, "planning.no_stations").About("stations")
	case w.HalfDays < 1:
		return ortsnah.E(ortsnah.Invalid, "planning.no_half_days").About("half_days")
	case w.SessionCapacity < 1:
		return ortsnah.E(ortsnah.Invalid, "planning.no_session_capacity").About("session_capacity")
	case n[Free]+n[Required]+n[Existing] == 0:
		return ortsnah.E(ortsnah.Invalid, "planning.all_forbidden").About("candidates")
	}
	return nil
}

// limit is how long one search may take.
func (d Definition) limit() time.Duration {
	if d.Seconds == 0 {
		return usualSeconds * time.Second
	}
	return time.Duration(d.Seconds) * time.Second
}

package planning

import (
	"time"

	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/travel"
)

// Scenario is a question that planners keep and change.
type Scenario struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Note       string     `json:"note"`
	Definition Definition `json:"definition"`
	Revision   int        `json:"revision"` // who saves an older one is refused: Conflict planning.changed_meanwhile
	Author     string     `json:"-"`
	CreatedAt  time.Time  `json:"created_at"`
	ChangedAt  time.Time  `json:"changed_at"`
}

// Definition is what a run is computed from.
type Definition struct {
	Demand     Demand         `json:"demand"`
	Profile    travel.Profile `json:"profile"`
	Day        string         `json:"day,omitempty"` // YYYY-MM-DD: closures of that day; empty: no closures
	Objective  instance.Kind  `json:"objective"`
	P          int            `json:"p"`
	Radius     int            `json:"radius_s,omitempty"` // seconds: MCLP, LSCP
	Cap        int            `json:"cap_s,omitempty"`    // seconds: nobody counts with more (PMedian)
	Cutoff     int            `json:"cutoff_s,omitempty"` // seconds: longer ways do not exist; 0: no limit
	Capacity   int64          `json:"capacity,omitempty"` // weight per site and week (Capacitated), unless the candidate has its own
	Candidates []Candidate    `json:"candidates"`
	Weekly     *Weekly        `json:"weekly,omitempty"`  // a week's plan instead of plain sites
	Seconds    int            `json:"seconds,omitempty"` // stop after that long with an honest gap; 0: the default
}

// Demand chooses and weighs the people.
type Demand struct {
	Source     string         `json:"source"`               // a census import (stations/demand)
	Measure    string         `json:"measure"`              // "people" or "visits" (need rates × people, per year)
	Groups     map[string]int `json:"groups,omitempty"`     // per cent by age group; a group that is missing counts 100
	Concerns   []string       `json:"concerns,omitempty"`   // measure "visits": only these; empty: all with a rate
	Calibrated bool           `json:"calibrated,omitempty"` // rates scaled to what was booked and asked for in vain
	Area       string         `json:"area,omitempty"`       // district code; empty: the municipality
}

// Role says what may be done with a candidate.
type Role string

// The roles.
const (
	Free      Role = "free"
	Required  Role = "required"
	Forbidden Role = "forbidden"
	Existing  Role = "existing" // stands already, not counted by P
)

// Candidate is a place where a station could stand.
type Candidate struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Kind     string  `json:"kind"` // "stop", "transit_stop", "building" or "drawn"
	Lon      float64 `json:"lon"`
	Lat      float64 `json:"lat"`
	Role     Role    `json:"role"`
	StepFree bool    `json:"step_free"`
	Capacity int64   `json:"capacity,omitempty"`
}

// Weekly asks for a week's plan: stations × half-days at stops.
type Weekly struct {
	Stations        int   `json:"stations"`         // how many drive at the same time
	HalfDays        int   `json:"half_days"`        // that each of them is out, 1 … 10
	SessionCapacity int64 `json:"session_capacity"` // weight that one half-day serves
	Steerable       int   `json:"steerable"`        // per cent of the demand that comes by appointment and can be sent elsewhere
}

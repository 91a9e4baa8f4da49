package planning

import (
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// Purpose says what a run asks.
type Purpose string

// The purposes.
const (
	Solve     Purpose = "solve"     // the best sites
	Curve     Purpose = "curve"     // p from Question.From to Question.To, with what each further site gains
	Price     Purpose = "price"     // "why not here?": the best choice with Question.Site forced
	Stability Purpose = "stability" // Question.Draws runs with census noise: how often each site is chosen
)

// Question refines a purpose.
type Question struct {
	From  int    `json:"from,omitempty"`
	To    int    `json:"to,omitempty"`
	Site  string `json:"site,omitempty"`
	Draws int    `json:"draws,omitempty"`
	Seed  uint64 `json:"seed,omitempty"`
}

// State of a run.
type State string

// The states; the last four are ends.
const (
	Queued    State = "queued"
	Running   State = "running"
	Done      State = "done"       // with a value, proven or with a gap
	NoAnswer  State = "infeasible" // proven that there is none
	Failed    State = "failed"     // Error says why
	Dismissed State = "dismissed"  // somebody cancelled it; what was found until then is kept
)

// Run is one computation about one revision of a scenario.
type Run struct {
	ID          string         `json:"id"`
	Scenario    string         `json:"scenario"`
	Revision    int            `json:"revision"`
	Purpose     Purpose        `json:"purpose"`
	Question    Question       `json:"question"`
	Definition  Definition     `json:"definition"`
	State       State          `json:"status"`
	Progress    Progress       `json:"progress"`
	Result      *Outcome       `json:"result,omitempty"`
	InputsHash  string         `json:"inputs_sha256,omitempty"`
	Error       *ortsnah.Error `json:"-"`
	QueuedAt    time.Time      `json:"queued_at"`
	StartedAt   *time.Time     `json:"started_at,omitempty"`
	EndedAt     *time.Time     `json:"ended_at,omitempty"`
	PublishedAt *time.Time     `json:"published_at,omitempty"`
}

// Progress is what people see while it runs. Values are in the terms of
// proof.Certificate.
type Progress struct {
	Step    string   `json:"step"` // "demand", "travel", "search", "report"
	Best    int64    `json:"best"`
	Bound   int64    `json:"bound"`
	Gap     float64  `json:"gap"`
	Known   bool     `json:"known"`
	Open    []string `json:"open,omitempty"`   // candidate ids of the best so far
	Share   float64  `json:"share,omitempty"`  // of a curve or of draws that is done
	Scale   int64    `json:"scale,omitempty"`  // as in Outcome, once the demand is known
	Weight  int64    `json:"weight,omitempty"` // of all cells of the problem
	Seconds float64  `json:"seconds"`
}

// Outcome is the result of a run in the planner's words.
type Outcome struct {
	Status      proof.Status  `json:"status"`
	Value       int64         `json:"value"`
	Bound       int64         `json:"bound"`
	Gap         float64       `json:"gap"`
	Unit        string        `json:"unit"`         // "person_deciseconds", "people", "sites", "deciseconds", …
	Scale       int64         `json:"scale"`        // weights are people (or visits a year) times this
	Basis       string        `json:"travel_basis"` // travel.Basis
	Travel      string        `json:"travel_version"`
	Sites       []SiteFigures `json:"sites"` // open ones
	Cells       []CellFigure  `json:"cells"`
	Figures     Figures       `json:"figures"`
	Today       *Figures      `json:"today,omitempty"`              // with the existing sites only
	Attribution string        `json:"travel_attribution,omitempty"` // must be shown beside times and ways
	DemoRoads   bool          `json:"travel_demo,omitempty"`        // the street network is invented
	Seconds     float64       `json:"seconds"`                      // that the run took
	Demand      DemandFigures `json:"demand"`
	Unreachable int64         `json:"unreachable"` // weight of cells that no candidate can serve
	Curve       []CurvePoint  `json:"curve,omitempty"`
	Price       *PriceOf      `json:"price,omitempty"`
	Stability   []Chosen      `json:"stability,omitempty"`
	Draws       int           `json:"draws,omitempty"` // that Stability counts
	Week        []Session     `json:"week,omitempty"`
}

// DemandFigures say what the demand was made of.
type DemandFigures struct {
	Source      string `json:"source"`        // its name
	SHA256      string `json:"source_sha256"` // of its files
	Licence     string `json:"licence,omitempty"`
	Attribution string `json:"attribution,omitempty"`
	Cells       int    `json:"cells"`
	Weight      int64  `json:"weight"`
	Suppressed  int    `json:"suppressed"`  // cells whose number the census keeps secret and nobody could estimate
	Outside     int    `json:"outside"`     // cells of the source beyond the area
	Unreachable int    `json:"unreachable"` // cells from which no candidate can be reached; in no figure but Unserved
}

// SiteFigures is one open site with its catchment.
type SiteFigures struct {
	ID           string  `json:"id"`
	Name         string  `json:"name"`
	Lon          float64 `json:"lon"`
	Lat          float64 `json:"lat"`
	StepFree     bool    `json:"step_free"`
	Weight       int64   `json:"weight"` // of the cells that it serves
	Mean         float64 `json:"mean_s"` // seconds
	Farthest     float64 `json:"farthest_s"`
	Loss         int64   `json:"loss"`          // how much the value worsens when it is left out
	LossUnserved int64   `json:"loss_unserved"` // weight that then has no site at all
}

// CellFigure is one cell of demand and who serves it.
type CellFigure struct {
	ID      string  `json:"id"`
	Lon     float64 `json:"lon"` // centre
	Lat     float64 `json:"lat"`
	Weight  int64   `json:"weight"`
	People  int64   `json:"people"`
	Over65  int64   `json:"over_65"`
	Guessed bool    `json:"guessed,omitempty"` // the number of people is estimated
	Site    string  `json:"site,omitempty"`    // empty: nobody
	Seconds float64 `json:"seconds,omitempty"`
}

// Figures say how good a choice is and for whom. Times in seconds, weighted by
// demand; unserved demand is left out of them and counted by itself.
type Figures struct {
	Served     int64    `json:"served"`
	Unserved   int64    `json:"unserved"`
	Mean       float64  `json:"mean_s"`
	Median     float64  `json:"median_s"`
	WorstTenth float64  `json:"worst_tenth_s"` // mean of the worst-off tenth
	Max        float64  `json:"max_s"`
	Gini       float64  `json:"gini"` // of the times, 0: all the same
	Within     []Within `json:"within"`
	Over65     *float64 `json:"mean_over_65_s,omitempty"`
	StepFree   *float64 `json:"mean_step_free_s,omitempty"` // to the nearest site that a wheelchair can use
}

// Within is the weight that has a site within Seconds.
type Within struct {
	Seconds int   `json:"seconds"`
	Weight  int64 `json:"weight"`
}

// CurvePoint is the answer for one p.
type CurvePoint struct {
	P      int          `json:"p"`
	Value  int64        `json:"value"`
	Bound  int64        `json:"bound"`
	Status proof.Status `json:"status"`
	Gain   int64        `json:"gain"` // over p-1
	Open   []string     `json:"open"`
	Mean   float64      `json:"mean_s"`
}

// PriceOf answers "why not here?".
type PriceOf struct {
	Site    string  `json:"site"`
	Best    int64   `json:"best"`   // without force
	Forced  int64   `json:"forced"` // with the site
	Loss    int64   `json:"loss"`
	Percent float64 `json:"percent"`
	Instead string  `json:"instead,omitempty"` // the site that it pushes out
	Proven  bool    `json:"proven"`
}

// Chosen says how often a site was chosen under census noise.
type Chosen struct {
	ID    string  `json:"id"`
	Share float64 `json:"share"`
}

// Session is one half-day of a week's plan.
type Session struct {
	Station int    `json:"station"` // 1 …
	Day     int    `json:"day"`     // 1 Monday … 5 Friday
	Half    string `json:"half"`    // "am", "pm"
	Site    string `json:"site"`
	WalkIns int64  `json:"walk_ins"` // people, or visits in one week
	Booked  int64  `json:"booked"`   // steerable demand, in the same unit
}

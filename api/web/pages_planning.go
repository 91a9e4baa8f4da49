package web

import "time"

// PlanningHome is "/planung": what the analysis is and what is published, for
// everybody; the desk of planners who have signed in.
type PlanningHome struct {
	Notice    Notice
	Desk      bool // a planner has signed in
	Published []PlanCard
	Scenarios []PlanScenario
	Phases    []PlanCard
	Runs      []Option // results that can be compared, the second latest chosen
	Others    []Option // the same, the latest chosen
}

// PlanCard leads to a run or a test phase.
type PlanCard struct {
	Title string
	Line  string // what it asked
	Path  string
	Badge PlanBadge
	At    time.Time
	Files []Link
}

// PlanBadge says how much is proven. Kind is "optimal", "gap", "infeasible",
// "queued", "running", "failed" or "dismissed".
type PlanBadge struct {
	Kind     string
	Text     string // "Lücke 1,2 %"
	Sentence string // what that means
}

// PlanScenario is a question that planners keep.
type PlanScenario struct {
	Name, Path, Line string
	Changed          time.Time
	Last             *PlanCard // its latest run
}

// PlanningScenario is "/planung/szenario/{id}", the editor.
type PlanningScenario struct {
	Notice     Notice
	ID         string // empty: a new one
	Path       string // of the form
	Name, Note string
	Revision   int
	Meanwhile  *PlanMeanwhile // somebody else saved

	Sources    []Option
	Measures   []Option
	Areas      []Option
	Concerns   []Option
	Groups     []PlanGroup
	Calibrated bool
	MoreDemand bool // the closed part of the form has something in it
	MoreLimits bool

	Sets        []PlanSet
	Points      string // typed, not taken over yet
	Candidates  []PlanCandidate
	Roles       []Option // for the map
	Places      string   // the candidates as JSON: the form carries them along
	OwnCapacity bool     // the table has a column for it

	Objectives      []PlanObjective
	P               string
	Radius          string // minutes
	Cap             string // minutes
	Cutoff          string // minutes
	Capacity        string
	Seconds         string
	Profiles        []Option
	Day             string // "2026-11-30"
	Weekly          bool
	Stations        string
	HalfDays        string
	SessionCapacity string
	Steerable       string

	Runs  []PlanCard
	Map   PlanFrame
	Basis string // what the ways rest on
}

// PlanMeanwhile is what another planner saved while this form was open.
type PlanMeanwhile struct {
	Revision int
	Path     string // the other version
	Rows     []PlanDifference
}

// PlanDifference is a field with what this form and the other version say.
type PlanDifference struct{ Label, Yours, Theirs string }

// PlanGroup is an age group with its weight in per cent.
type PlanGroup struct{ Key, Label, Percent string }

// PlanSet is a stock of candidates that can be taken over at once.
type PlanSet struct {
	Value, Label string
	N, Taken     int // places, and how many of them are candidates already
	On           bool
}

// PlanCandidate is a row of the table of candidates.
type PlanCandidate struct {
	N        int
	ID, Name string
	Kind     string // in words
	Lon, Lat string
	Role     string
	Roles    []Option
	StepFree bool
	Capacity string
}

// PlanObjective is one question that can be asked, in plain words.
type PlanObjective struct {
	Value, Label, Text, Term string
	On                       bool
}

// PlanFrame is what a map needs to begin with.
type PlanFrame struct {
	Bounds [4]float64
	URL    string // of the JSON with cells and sites
}

// PlanningRun is "/planung/lauf/{id}".
type PlanningRun struct {
	Notice      Notice
	ID          string
	Name        string     // of the scenario
	Desk        bool       // a planner looks at it
	Ask         string     // the question in a sentence
	Facts       []Property // Name "code" is shown as such
	CanRetry    bool
	CanCurve    bool
	Badge       PlanBadge
	Live        *PlanLive
	Result      *PlanResult
	Error       string // why it failed
	Attribution string // of the street network
	EditPath    string // of the scenario
	Outdated    bool   // the scenario was changed since
	Published   time.Time
	Files       []Link
	Command     string // that verifies the certificate
	Related     []PlanCard
	Others      []Option // to compare with
}

// PlanLive is a run that is not over.
type PlanLive struct {
	Step      string // in words
	Known     bool
	Best      string
	Bound     string
	Gap       string
	Seconds   string
	Share     string // per cent that is done, of a curve; "" elsewhere
	EventsURL string
}

// PlanningMove is "/planung/lauf/{id}/verschieben": what changes when a site
// stands elsewhere.
type PlanningMove struct {
	Notice  Notice
	RunPath string
	Name    string // of the scenario
	Site    string
	Sites   []Option
	Lon     string
	Lat     string
	Lead    string // a sentence
	Figures []PlanFigure
	Picture SitingMap
	Data    string // JSON for the island: cells and sites
}

// PlanningCompare is "/planung/vergleich?a=&b=".
type PlanningCompare struct {
	Notice     Notice
	A, B       []Option
	Left       *PlanSide
	Right      *PlanSide
	Figures    []PlanFigure
	Comparable string // a sentence when the two do not rest on the same demand
	Win, Lose  PlanSum
	Difference SitingMap
}

// PlanSide is one of two results.
type PlanSide struct {
	ID, Label       string // "a", "A"
	Name, Path, Ask string
	Badge           PlanBadge
	Picture         SitingMap
	Sites           []PlanSite
}

// PlanSum is the people who win or lose.
type PlanSum struct {
	Text string
	Rows []PlanChange
}

// PlanChange is a cell whose way becomes shorter or longer.
type PlanChange struct{ ID, Weight, Before, After, Difference string }

// PlanningPhases is "/planung/testphase".
type PlanningPhases struct {
	Notice Notice
	Phases []PlanCard
	Form   PlanPhaseForm
}

// PlanPhaseForm is a new test phase.
type PlanPhaseForm struct {
	Run               string
	Name, First, Last string
	Runs              []Option
	Stops             []PlanTarget
}

// PlanTarget is how many visitors a stop should have per opening day.
type PlanTarget struct {
	ID, Name  string
	Predicted string
}

// PlanningPhase is "/planung/testphase/{id}".
type PlanningPhase struct {
	Notice Notice
	ID     string
	Name   string
	First  time.Time
	Last   time.Time // exclusive
	Run    Link
	State  string // a sentence: how far it is
	Stops  []PlanObserved
	Days   []PlanDay
}

// PlanObserved is one stop: predicted against observed.
type PlanObserved struct {
	ID, Name  string
	Predicted string
	Band      string // "14 bis 27"
	Observed  string // per opening day; empty: nothing counted
	Days      int
	Verdict   string // "inside", "below", "above", "open"
	Sentence  string
	Low, Wide string // of the band, of 1000
	At, Aim   string // observed and predicted, of 1000
}

// PlanDay is one opening day.
type PlanDay struct {
	When  time.Time
	Stop  string
	Came  string
	Parts string // appointments and walk-ins
}

func (PlanningHome) template() string     { return "planning_home" }
func (PlanningScenario) template() string { return "planning_scenario" }
func (PlanningRun) template() string      { return "planning_run" }
func (PlanningMove) template() string     { return "planning_move" }
func (PlanningCompare) template() string  { return "planning_compare" }
func (PlanningPhases) template() string   { return "planning_phases" }
func (PlanningPhase) template() string    { return "planning_phase" }

func (PlanningHome) nav() string     { return PlanningPrefix }
func (PlanningScenario) nav() string { return PlanningPrefix }
func (PlanningRun) nav() string      { return PlanningPrefix }
func (PlanningMove) nav() string     { return PlanningPrefix }
func (PlanningCompare) nav() string  { return PlanningPrefix }
func (PlanningPhases) nav() string   { return PlanningPrefix }
func (PlanningPhase) nav() string    { return PlanningPrefix }

func (PlanningHome) title() string       { return "" }
func (p PlanningScenario) title() string { return p.Name }
func (p PlanningRun) title() string      { return p.Name }
func (PlanningMove) title() string       { return "" }
func (PlanningCompare) title() string    { return "" }
func (PlanningPhases) title() string     { return "" }
func (p PlanningPhase) title() string    { return p.Name }

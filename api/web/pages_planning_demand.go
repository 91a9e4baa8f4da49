package web

import "time"

// PlanningDemand is "/planung/nachfrage": who lives where, what departments
// expect, and how far that holds.
type PlanningDemand struct {
	Notice  Notice
	Sources []Option      // parameter quelle
	Source  *DemandSource // the one that is shown; nil: there is none yet
	Views   []PlanView    // parameter sicht
	NoMap   string        // why the view has no map
	Picture SitingMap
	Frame   PlanFrame
	Cells   []DemandCell // the heaviest
	Total   int          // cells of the view
	CSV     string       // all of them
	Unit    string       // heading of the cells' weights

	Lines    []DemandLine
	Sums     DemandSums
	Concerns []Option // parameter anliegen: for which rates can be entered
	Edit     *DemandEdit

	CanImport bool // may import and remove sources: planners
	Import    DemandImport
}

// DemandSource tells what a census import holds.
type DemandSource struct {
	ID, Name, Attribution, Licence string
	Imported                       time.Time
	Day                            time.Time // that it speaks of; zero: unknown
	Facts                          []DemandFact
	Problems                       []DemandProblem
	Unusable                       int64
	Unused                         []string // files
}

// DemandFact is a number with its meaning.
type DemandFact struct{ Label, Value, Explain string }

// DemandProblem is a line of a file that could not be used.
type DemandProblem struct{ Where, Why string }

// DemandCell is a row of the table of cells.
type DemandCell struct {
	ID, Weight, People string
	Guessed            bool
}

// DemandLine is one concern: rates, and what they make expect against what
// was counted.
type DemandLine struct {
	ID, Name, Office string
	EditPath         string
	Rates            []string // in the order of the table's columns; "–": none
	Expected         string   // visits a year
	Counted, Unmet   string   // in the weeks observed; too few are hidden
	Yearly           string
	Factor           string // observed ÷ expected
	Note             string
}

// DemandSums are the numbers below the table. Weeks 0: nothing was observed.
type DemandSums struct {
	Expected, Calibrated string
	Weeks                int
	Since                time.Time
	Enough               bool
}

// DemandEdit is the form of one concern's rates.
type DemandEdit struct {
	ID, Name string
	Fields   []DemandField
	Note     string
	Entered  time.Time // zero: never
}

// DemandField is the rate of one age.
type DemandField struct{ Name, Label, Value string }

// DemandImport is what was typed into the form of an import that was refused.
type DemandImport struct{ Name, Day, Attribution, Licence string }

func (PlanningDemand) template() string { return "planning_demand" }
func (PlanningDemand) nav() string      { return PlanningPrefix }
func (PlanningDemand) title() string    { return "" }

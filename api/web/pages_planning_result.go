package web

// PlanResult is what a run found.
type PlanResult struct {
	Headline string
	Figures  []PlanFigure
	Beside   string // heading of the figures of today; empty: nothing stands there yet
	Within   []PlanBar
	Sites    []PlanSite
	Picture  SitingMap
	Views    []PlanView
	Frame    PlanFrame
	Cells    PlanCells
	Curve    *PlanCurve
	Price    string // the answer to "why not here?"
	Stable   []PlanBar
	Week     *PlanWeek
	Why      []Option // candidates that were not chosen
}

// PlanFigure is one figure beside another one.
type PlanFigure struct {
	Label, Explain string
	Value, Other   string // Other stands beside: today's, or that of the other run
	Difference     string
	Better, Worse  bool
}

// PlanBar is one bar of a chart with its words. Width is of 1000.
type PlanBar struct {
	Label, Text       string
	Width, TodayWidth string
	TodayText         string
}

// PlanSite is an open site with its catchment.
type PlanSite struct {
	N        int
	Tone     int // 0 … 11
	Pattern  int // 0 plain, 1 hatched, 2 striped: sites beyond twelve
	ID, Name string
	Existing bool
	StepFree bool
	Weight   string
	Share    string
	Mean     string
	Farthest string
	Loss     string
	Lon, Lat string
	MovePath string
}

// SitingMap is a map as SVG: everything in its ViewBox's units.
type SitingMap struct {
	ID      string // tells the pictures of a page apart
	ViewBox string
	Title   string
	Outline string // path of the municipality
	Areas   []PlanArea
	Pins    []PlanPin
	Legend  []PlanLegend
}

// PlanArea is a path with a class that decides its colour, and a pattern over
// it: "hatch", "stripe" or none.
type PlanArea struct{ Class, Pattern, Path string }

// PlanPin is a numbered site. Kind: "open", "existing", "moved" or "before".
type PlanPin struct {
	X, Y  string
	Label string
	Name  string
	Kind  string
}

// PlanLegend explains a class of the picture.
type PlanLegend struct{ Class, Text string }

// PlanView is a way to look at the map.
type PlanView struct {
	Key, Label, Path string
	On               bool
}

// PlanCells is the table of cells, one page of it.
type PlanCells struct {
	Rows     []PlanCell
	Total    int
	From, To int
	Previous string
	Next     string
	CSV      string
}

// PlanCell is a row of that table.
type PlanCell struct {
	ID, Weight, Site, Time string
	N                      int // of the site; 0: nobody
}

// PlanCurve is what each further site gains.
type PlanCurve struct {
	Rows   []PlanCurveRow
	Line   string // points of a polyline in 1000 × 320
	Bound  string
	Dots   []PlanDot
	TicksX []TimeMark
	TicksY []TimeMark
	Knee   string // a sentence
	Unit   string
	Mean   bool // the mean way is another value than the one that is drawn
}

// PlanCurveRow is one number of sites.
type PlanCurveRow struct {
	P                        int
	Value, Gain, Mean, Proof string
	Sites                    string
	Knee                     bool
}

// PlanDot is a point of the curve.
type PlanDot struct {
	X, Y string
	Knee bool
}

// PlanWeek is a week's plan: a row per half-day, a column per station.
type PlanWeek struct {
	Columns []string
	Rows    []PlanWeekRow
}

// PlanWeekRow is one half-day with where each station is.
type PlanWeekRow struct {
	Half  string
	Cells []PlanWeekCell
}

// PlanWeekCell is one half-day; empty: the station stays at home.
type PlanWeekCell struct{ Site, Load string }

package web

import "time"

// Rooms is "/dienst/raeume": one storey of a building at a moment, beside the
// day of its rooms.
type Rooms struct {
	Notice    Notice
	Site      string // id of the building
	SiteName  string
	Sites     []Option
	Levels    []LevelLink
	Level     int
	LevelName string
	Day       string // parameter tag, "2026-03-30"
	Clock     string // parameter zeit, "09:00"
	Persons   int
	At        time.Time // the moment that is shown
	NowPath   string
	Plan      *PlanPicture // nil: no plan of this building
	Rooms     []RoomRow    // of the storey
	Axis      []TimeMark
	Now       string // x of the moment in the time axis, "" outside

	MayClose bool
	All      []Option // rooms of the building by resource id, first the building itself
	Kinds    []Option
	Closing  ClosingForm
	Confirm  []Stranded // appointments under the closure that is to be confirmed
	Closures []ClosureRow
	Stranded []Stranded // appointments that have no room
}

// LevelLink leads to another storey.
type LevelLink struct {
	Name string
	Path string
	On   bool
}

// PlanPicture is a storey drawn to be an SVG; lengths are tenths of a metre,
// the building's long side lies flat.
type PlanPicture struct {
	ViewBox string
	Shapes  []PlanShape
	North   string // transform of the north arrow
	Stroke  string // width of walls
}

// PlanShape is one area or door of a PlanPicture.
type PlanShape struct {
	Kind  string // as booking.ShapeKind
	Path  string // of an SVG path
	Label string
	X, Y  string // of the label's middle
	State string // of a bookable room: "free", "occupied", "closed", "small"; else ""
	Mark  string // sign of the state, beside colour and pattern
}

// RoomRow is one room with its day.
type RoomRow struct {
	ID       string // of the element
	Resource int
	Code     string
	Name     string
	Persons  int
	StepFree bool
	State    string
	Until    time.Time // the state ends or begins then; zero: it lasts all day
	Bars     []Bar
	Taken    []Period
	Closed   []Period
}

// Bar is a rectangle in a time axis of 1000 units.
type Bar struct {
	X, Width string
	Kind     string // "taken", "closed", "open", "phone", …
}

// TimeMark is a label of a time axis of 1000 units.
type TimeMark struct{ X, Label string }

// Period is a half-open interval.
type Period struct{ Start, End time.Time }

// ClosingForm is what was typed into the form that closes a room.
type ClosingForm struct{ Room, From, To, Kind, Reason string }

// ClosureRow is a closure that still lasts or comes.
type ClosureRow struct {
	ID         int64
	What       string
	Start, End time.Time
	Kind       string
	Reason     string
}

// Stranded is an appointment from which a change takes the ground: its reference
// and time, nothing else.
type Stranded struct {
	ID         string
	Reference  string
	Path       string // "" when the account may not open it
	Start, End time.Time
}

// Desks is "/dienst/plaetze": free desks of a day.
type Desks struct {
	Notice     Notice
	Site       string
	SiteName   string
	Sites      []Option
	Days       []DeskDayLink
	Day        string
	At         time.Time // noon of the day
	Past       bool
	Desks      []DeskRow
	Free       int
	Total      int
	Waiting    int
	Mine       string // label of the own desk; "" none
	MineSite   string // name of the building where it is, when another one
	Place      int    // on the list; 0: not on it
	Clerk      bool   // has time quotas: home-office days matter
	HomeOffice bool
	Confirm    []Stranded // appointments under a home-office day that is to be confirmed
	Coming     []DeskOwn  // what the account has from today on
}

// DeskDayLink leads to a day and says how it looks there.
type DeskDayLink struct {
	Path string
	Name string // "Mo 30.3."
	At   time.Time
	Free int
	Own  string // "desk", "list", "home" or ""
	On   bool
}

// DeskRow is one desk.
type DeskRow struct {
	ID       int
	Label    string
	State    string // "free", "mine", "taken", "closed"
	StepFree bool
}

// DeskOwn is a booking of the account itself.
type DeskOwn struct {
	Path  string
	At    time.Time
	Label string // "" on the list
	Place int
	Site  string
}

// States are the states of rooms, for the key of the plan.
func (Rooms) States() []string { return []string{"free", "occupied", "closed", "small"} }

func (Rooms) template() string { return "rooms" }
func (Desks) template() string { return "desks" }

func (Rooms) nav() string { return "/dienst/raeume" }
func (Desks) nav() string { return "/dienst/plaetze" }

func (Rooms) title() string { return "" }
func (Desks) title() string { return "" }

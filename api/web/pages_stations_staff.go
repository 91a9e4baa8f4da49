package web

import "time"

// StationFrame is what all pages below "/dienst/stationen" have.
type StationFrame struct {
	Notice Notice
	Tab    string // "week", "stops", "fleet"
	Edit   bool   // the account may change the plan
}

// StationWeek is "/dienst/stationen": a week of all stations as a table and a
// map, and what is odd about it.
type StationWeek struct {
	StationFrame
	Week     time.Time // noon of Monday
	End      time.Time // midnight after the last day shown
	WeekPath [3]string // previous, this, next
	Day      string    // Monday, "2026-11-23"
	Beyond   bool      // the week, or part of it, is not announced to the public yet
	Days     []StationDay
	Rows     []StationRow
	Stops    []StationStopWeek // where stations come this week, numbered as on the map
	Findings []StationFinding
	Map      StationMap
	// Closed days from today on, and the form for one more as typed.
	ClosedDays                 []StationClosed
	CloseDay, CloseDE, CloseEN string
	Confirm                    *StationConfirm
}

// StationClosed is a day on which no station comes.
type StationClosed struct {
	At     time.Time // noon
	Day    string    // "2026-12-24"
	Reason string
}

// StationCount is who came to a visit that has begun.
type StationCount struct {
	Appointments, NoShows int
	Booked                bool // these two are counted
	WalkIns               int
	Walked                bool   // this one is counted
	Seen                  string // walk-ins as stored; "" none
	Typed                 string
	Most                  int
}

// StationDay is the head of a column.
type StationDay struct {
	At     time.Time // noon
	Short  string    // "Mo 23.11."
	Today  bool
	Closed string // why nothing comes; "" open
}

// StationRow is one station with a cell per day.
type StationRow struct {
	Name  string
	Path  string // of the station
	Kind  string // "vehicle" or "kit"
	Cells []StationCell
}

// StationCell is a station on a day.
type StationCell struct {
	At     time.Time
	Today  bool
	Closed string
	Blocks []StationBlock
}

// StationBlock is a visit as weeks show it.
type StationBlock struct {
	Path         string
	Start, End   time.Time
	Station      string
	Stop         string
	Number       int // on the map
	X, Width     string
	Cancelled    bool
	Reason       string
	Past         bool
	Appointments int
	Came         string // who came, when it is over
	Odd          int    // number of findings
}

// StationStopWeek is a stop with its visits of a week.
type StationStopWeek struct {
	Number   int
	Name     string
	Address  string
	Path     string
	Lon, Lat float64
	Blocks   []StationBlock
}

// StationFinding is a sentence about a visit.
type StationFinding struct {
	Text  string
	Path  string // of the visit; "" when it is not there yet
	Grave bool
}

// StationMap is what the map islands need.
type StationMap struct {
	Bounds       [4]float64
	DistrictsURL string // GeoJSON
	PointsURL    string // GeoJSON of named points for finding one's way; may be empty
}

// StationVisit is "/dienst/stationen/standzeit/tag": one visit and what can be
// done about it.
type StationVisit struct {
	StationFrame
	Heading      string
	Pattern      string
	Revision     int
	Day          string // "2026-11-26"
	Block        StationBlock
	Address      string
	StopPath     string
	StationPath  string
	Services     []Link
	Along        []string // kits
	Note         string
	Recurs       string // "jeden Donnerstag"
	First        time.Time
	Last         time.Time // zero: no end
	Begun        bool
	Superseded   bool // cancelled by a change of the plan: nothing to take back
	Announced    bool
	Offered      bool
	Count        StationCount
	Findings     []StationFinding
	WeekPath     string
	ChangePath   string
	ReasonDE     string // as typed
	ReasonEN     string
	EndDay       string
	EndDE, EndEN string
	Confirm      *StationConfirm
}

// StationConfirm asks about a change: what it would do, and the form again.
type StationConfirm struct {
	Path     string
	Fields   []FormField
	Lost     []Stranded
	Findings []StationFinding
	Next     []Period // the first visits that would come
	Skipped  []time.Time
	Off      []StationBlock // visits that a closed day calls off
	Asked    bool           // only looked at, nothing needs to be confirmed
}

// StationForm is "/dienst/stationen/standzeit": a new visit, or a change of one
// from a day on.
type StationForm struct {
	StationFrame
	Heading      string // "" new
	Pattern      string // "" new
	Revision     int
	Back         string // path
	Stations     []Option
	Stops        []Option
	First        string
	Opens        string
	Closes       string
	Kinds        []Option // "einmal", "woche", "regel"
	Rule         string   // kept where the form cannot show it
	Every        []Option
	Weekdays     []Option
	Ends         []Option // "offen", "bis", "anzahl"
	Until        string
	Count        string
	Services     []Option
	Kits         []Option
	Note         string
	Appointments int // that hang on the visits from the day on
	Confirm      *StationConfirm
}

// StationStops is "/dienst/stationen/halte": all stops.
type StationStops struct {
	StationFrame
	Stops []StationStopRow
	Map   StationMap
}

// StationStopRow is one stop of the list.
type StationStopRow struct {
	Number   int
	Name     string
	Address  string
	District string
	Facts    []string // "stufenlos", "Strom", …
	Path     string
	Lon, Lat float64
	Retired  bool
	Next     time.Time // start of the next visit; zero: none
	Photo    string    // path
	Alt      string
}

// StationStop is "/dienst/stationen/halt": one stop, new or changed.
type StationStop struct {
	StationFrame
	ID             string // "" new
	Revision       int
	NameDE, NameEN string
	Address        string
	Lon, Lat       string
	StepFree       bool
	Power          bool
	Parking        bool
	Network        []Option
	Note           string
	Retired        bool
	District       string
	Outside        bool
	Photo          string // path
	Alt            string
	AltDE, AltEN   string
	Map            StationMap
}

// StationFleet is "/dienst/stationen/fuhrpark": stations, shared kits, and what
// services need.
type StationFleet struct {
	StationFrame
	Stations []StationCard
	Kits     []StationKitRow
	Needs    []StationNeed
}

// StationCard is one station of the list.
type StationCard struct {
	Name       string
	Kind       string
	Staff      int
	Path       string
	Retired    bool
	NeedsPower bool
	Note       string
	Equipment  []StationDevice
	Lacks      []StationLack
}

// StationDevice is a device with its state.
type StationDevice struct {
	ID      string
	Name    string
	State   string // "planned", "present", "checked"
	Checked time.Time
}

// StationLack is what is missing for a service that the station offers.
type StationLack struct {
	Service   string
	Missing   string // names of devices, joined
	Unchecked string
}

// StationKitRow is a shared kit in the list.
type StationKitRow struct {
	Name    string
	Kind    string
	Devices string
	Path    string
	Retired bool
	Next    time.Time
	At      string // stop of the next visit
}

// StationNeed is what a service needs at a station.
type StationNeed struct {
	Service string
	ID      string
	Devices []Option
	Names   string
}

// StationStation is "/dienst/stationen/station": one station, new or changed.
type StationStation struct {
	StationFrame
	ID             string
	Revision       int
	NameDE, NameEN string
	Kinds          []Option
	Staff          string
	NeedsPower     bool
	Note           string
	Retired        bool
	Devices        []StationDeviceForm
}

// StationDeviceForm is a row of the equipment list; the last ones are empty.
type StationDeviceForm struct {
	N       int
	ID      string
	DE, EN  string
	States  []Option
	Checked string
}

// StationKit is "/dienst/stationen/koffer": one shared kit, new or changed.
type StationKit struct {
	StationFrame
	ID             string
	Revision       int
	NameDE, NameEN string
	Kinds          []Option
	Devices        []Option
	Note           string
	Retired        bool
}

func (StationWeek) template() string    { return "station_week" }
func (StationVisit) template() string   { return "station_visit" }
func (StationForm) template() string    { return "station_form" }
func (StationStops) template() string   { return "station_stops" }
func (StationStop) template() string    { return "station_stop" }
func (StationFleet) template() string   { return "station_fleet" }
func (StationStation) template() string { return "station_station" }
func (StationKit) template() string     { return "station_kit" }

func (StationFrame) nav() string { return "/dienst/stationen" }

func (StationFrame) title() string   { return "" }
func (p StationVisit) title() string { return p.Heading }
func (p StationForm) title() string  { return p.Heading }

func (p StationStop) title() string    { return titleOf(p.ID, p.NameDE) }
func (p StationStation) title() string { return titleOf(p.ID, p.NameDE) }
func (p StationKit) title() string     { return titleOf(p.ID, p.NameDE) }

// titleOf is the name of what is stored already; what is new has none yet.
func titleOf(id, name string) string {
	if id == "" {
		return ""
	}
	return name
}

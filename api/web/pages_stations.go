package web

import "html/template"

// Stations is "/stationen": where is help near me, and all visits. What is
// asked for is in the address (anliegen, wann, mit, stufenlos, stadtteil); where
// a person is never is: it comes by POST and stays in a cookie.
type Stations struct {
	Services, Modes, Whens []Option
	Districts              []Option // narrow the list of all visits
	StepFree               bool
	Address                string   // as typed; empty with Here set: the device's position
	Choices                []string // addresses that fit
	Error                  string   // a sentence about Address
	Here                   string   // where the answer starts from; empty: not known
	Lon, Lat               float64  // of Here
	Near                   *NearStations
	Keep                   []BookingField // what else was asked for, in the form of the list
	Visits                 []Visit        // in order of time
	NextPath               string
	ResetPath              string // the list without its filters; empty: there are none
	DatasetID              string // "visits"
	Calendar               Subscription
	Map                    StopMap
}

// Chosen says in words what the list is filtered by.
func (p Stations) Chosen() []string { return chosen("", p.Districts) }

// NearStations answers where help is near.
type NearStations struct {
	Stops       []NearStop
	None        string // a sentence when Stops is empty
	WiderPath   string // the same for any time; empty: that was asked
	Unreachable []Link // stops to which no way leads
	Basis       string // what the times rest on
	Attribution string // must be shown beside times
}

// NearStop is one stop with the next visit that can be reached.
type NearStop struct {
	Number    int
	Stop      Stop // its Visits are those after
	Visit     Visit
	Open      bool   // now
	Sentence  string // "Jetzt geöffnet, 12 Minuten mit dem Rad, bis 12:30 Uhr."
	Arrival   string // when one is there or has to go; empty: on another day
	Roadworks string // minutes because of construction sites; empty: none
	Cancelled []Visit
	Path      string
	BookPath  string
}

// StopMap is a map of stops; the islands read the stops from the page.
type StopMap struct {
	Bounds   [4]float64
	SitesURL string // GeoJSON of construction sites; may be empty
}

// Subscription is a calendar that programs can follow.
type Subscription struct {
	Open template.URL // webcal:, which opens the calendar program
	URL  string       // https:, to copy
	Path string       // of the file
}

// StopPage is "/stationen/{stop}".
type StopPage struct {
	Stop       Stop
	State      string // "Jetzt geöffnet bis 12:30 Uhr", or when it opens
	Open       bool
	Parking    bool
	Habits     []string // "jede Woche montags, 09:30 bis 12:00 Uhr"
	Photo, Alt string   // path of the picture; may be empty
	Sites      []Site   // construction sites close by, not over
	BookPath   string
	Calendar   Subscription
	Map        StopMap
	MapPath    string
	ItemURL    string // GeoJSON feature; may be empty
	Datasets   []Link
}

func (StopPage) template() string { return "stations_stop" }
func (StopPage) nav() string      { return "/stationen" }
func (p StopPage) title() string  { return p.Stop.Name }

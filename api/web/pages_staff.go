package web

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// StaffPrefix is the path below which the staff's pages are. They have a frame
// of their own, templates/staff_layout.html; a page that defines the template
// "frame" brings even that itself.
const StaffPrefix = "/dienst"

// Staff is who has signed in, as the frame of the staff's pages shows it.
type Staff struct {
	Name    string       // empty: nobody has
	Entries []StaffEntry // of the navigation: those that the roles allow
}

// StaffEntry is one entry of the staff's navigation.
type StaffEntry struct {
	Path string // language-neutral
	Key  string // of its text
}

type staffKey struct{}

// WithStaff says in whose name a page is rendered.
func WithStaff(ctx context.Context, s Staff) context.Context {
	return context.WithValue(ctx, staffKey{}, s)
}

// staffOf is who was set by WithStaff.
func staffOf(req *http.Request) Staff {
	s, _ := req.Context().Value(staffKey{}).(Staff)
	return s
}

// isStaff says whether a language-neutral path is one of the staff's.
func isStaff(path string) bool {
	return path == StaffPrefix || strings.HasPrefix(path, StaffPrefix+"/")
}

// PlanningPrefix is the path below which planners work. Everybody may look at
// what is published there: who has signed in sees it in the staff's frame.
const PlanningPrefix = "/planung"

// inStaffFrame says whether the page of req is shown in the staff's frame.
func inStaffFrame(req *http.Request) bool {
	path := neutral(req.URL)
	planning := path == PlanningPrefix || strings.HasPrefix(path, PlanningPrefix+"/")
	return isStaff(path) || planning && staffOf(req).Name != ""
}

// Notice is a sentence on top of a page: what has just been done, or why not.
type Notice struct {
	Text  string
	Error bool
}

// StaffDay is "/dienst/tag": a clerk's day. Parameter tag is the day.
type StaffDay struct {
	Day          time.Time // some moment of it
	DayValue     string    // "2026-03-30"
	Label        string    // door sign of the clerk, "A1"
	Today        bool
	PreviousPath string
	NextPath     string
	TodayPath    string // empty: it is today
	Notice       Notice
	Now, Later   []StaffVisit // here already, and to come
	Past         []StaffVisit // done, or did not come
	Calls        []StaffCall  // tickets that wait for the clerk's office
	Serving      []StaffCall  // tickets that the clerk has called
	Rooms        []Option     // where a ticket can be called to
}

// StaffVisit is an appointment as its clerk sees it.
type StaffVisit struct {
	ID         string
	Reference  string // ID as one reads it aloud
	Start, End time.Time
	Name       string // empty: not given, or erased
	Contact    string // telephone or e-mail
	Note       string
	Persons    int
	Concerns   []string
	Room       string
	Channel    string // "counter", "mobile", "phone", "video"
	Status     string // booking.Status
	StepFree   bool
	Arrived    time.Time // zero: not yet
	Badge      string
	Late       bool     // not here, and it has begun
	Steps      []string // what can be done now, the usual one first: values of field schritt
	Movable    bool     // can be moved and cancelled
}

// StaffCall is a ticket of somebody without an appointment.
type StaffCall struct {
	ID      int64
	Ticket  string // "A-017"
	Concern string
	Office  string
	Urgent  bool
	Since   time.Time
	Room    string
	State   string // booking.WalkInState
	New     bool   // on the screen: called just now
}

// StaffBook is "/dienst/buchen": an appointment for a citizen who is on the
// telephone or at the info desk. First the concern, then the rest on one page.
type StaffBook struct {
	Desk           bool // for who stands at the info desk
	Notice         Notice
	Query          string
	Found          []Service
	Concern        *Service
	Exempt         bool // never by appointment
	FurtherMinutes int
	Persons        int
	StepFree       bool
	Surname        string
	Address        string
	Date           string // from this day, "2026-03-30"
	Channel        string
	Channels       []Option // besides a visit
	NeedsName      bool     // the surname decides who is responsible
	NeedsPlace     bool     // the address decides
	Proposals      []StaffProposal
	Searched       bool
	Why            string // with no proposals
	Given          StaffPerson
}

// StaffPerson is what was typed about a citizen.
type StaffPerson struct {
	GivenName, Surname, Phone, Email, Note string
}

// StaffProposal is an appointment that can be booked.
type StaffProposal struct {
	Value      string // of field wahl
	Start, End time.Time
	Place      string
	Reasons    []string
	On         bool
}

// StaffBooked is "/dienst/termin/{id}": an appointment and what to tell the
// citizen about it; no name.
type StaffBooked struct {
	Notice     Notice
	ID         string
	Reference  string
	Start, End time.Time
	Channel    string
	Place      string
	Room       string
	Persons    int
	Concerns   []string
	Documents  []Document
	Status     string
	Movable    bool
	From       string // other times from this day
	Searched   bool   // for other times
	Proposals  []StaffProposal
	Why        string
}

// StaffDesk is "/dienst/infotheke".
type StaffDesk struct {
	Notice   Notice
	Site     string
	SiteName string
	Sites    []Option
	Query    string        // reference that was looked for
	Found    *StaffArrival // nil: none
	Offices  []StaffOffice // for which a ticket can be drawn
	Exempt   []StaffExempt // never by appointment
	Waiting  []StaffCall
	Drawn    *StaffCall // just now
}

// StaffArrival is an appointment at the info desk and at the gate: no concern.
type StaffArrival struct {
	ID         string
	Reference  string
	Start, End time.Time // at the info desk
	From, To   time.Time // the window, at the gate
	Room       string
	Place      string
	Persons    int
	Status     string
	Badge      string
	Name       string // only at a gate that controls
	StepFree   bool
	CanCheckIn bool
	Late       bool
	Early      bool
	OtherDay   bool
	OtherPlace bool // not in a building of the town
}

// StaffOffice is an office for which a ticket can be drawn.
type StaffOffice struct {
	ID, Name string
	Waiting  int
}

// StaffExempt is a concern for which nobody is ever put off.
type StaffExempt struct {
	ID, Name, Office, Phone string
}

// StaffGate is "/dienst/pforte": who is expected today.
type StaffGate struct {
	Notice     Notice
	Day        time.Time
	At         time.Time // of this picture
	Site       string
	SiteName   string
	Sites      []Option
	Controls   bool // false: the gate only shows the way and sees no names
	CanCheckIn bool
	CanSet     bool // may switch the mode
	Windows    []StaffWindow
	Expected   int // persons still to come
	Entered    int // persons who have come
}

// StaffWindow is half an hour at the gate.
type StaffWindow struct {
	From, To time.Time
	Current  bool
	Past     bool
	Expected int // persons still to come
	Visits   []StaffArrival
}

// StaffDisplay is "/dienst/anzeige": the screen in the waiting room.
type StaffDisplay struct {
	At     time.Time
	Place  string
	Called []StaffCall // the latest first
}

// StaffReports is "/dienst/berichte".
type StaffReports struct {
	Notice   Notice
	From, To string // days, "2026-03-30"; To is the last one
	Offices  []Option
	Lines    []StaffReport
	Unmet    []StaffUnmet
	Wishes   []StaffWish
	CSVPath  string
}

// StaffReport is one line: an office and concern in a week. Numbers are "<5"
// where they are too few to show.
type StaffReport struct {
	Week                                     time.Time
	Office, Concern                          string
	Booked, Kept, Missed, Cancelled, WalkIns string
	MissedShare, WaitMedian                  string // "–": unknown
}

// StaffUnmet is demand that found no appointment.
type StaffUnmet struct {
	Concern, Reason, Count string
}

// StaffWish is a concern that people wait for.
type StaffWish struct {
	Concern, Count string
}

func (StaffDay) template() string     { return "staff_day" }
func (StaffBook) template() string    { return "staff_book" }
func (StaffBooked) template() string  { return "staff_booked" }
func (StaffDesk) template() string    { return "staff_desk" }
func (StaffGate) template() string    { return "staff_gate" }
func (StaffDisplay) template() string { return "staff_display" }
func (StaffReports) template() string { return "staff_reports" }

func (StaffDay) nav() string { return "/dienst/tag" }
func (p StaffBook) nav() string {
	if p.Desk {
		return "/dienst/infotheke"
	}
	return "/dienst/buchen"
}
func (StaffBooked) nav() string  { return "" }
func (StaffDesk) nav() string    { return "/dienst/infotheke" }
func (StaffGate) nav() string    { return "/dienst/pforte" }
func (StaffDisplay) nav() string { return "" }
func (StaffReports) nav() string { return "/dienst/berichte" }

func (StaffDay) title() string     { return "" }
func (StaffBook) title() string    { return "" }
func (StaffBooked) title() string  { return "" }
func (StaffDesk) title() string    { return "" }
func (StaffGate) title() string    { return "" }
func (StaffDisplay) title() string { return "" }
func (StaffReports) title() string { return "" }

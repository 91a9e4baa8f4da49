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

// Notice is a sentence on top of a page: what has just been done, or why not.
type Notice struct {
	Text  string
	Error bool
}

// StaffDay is "/dienst/tag": a clerk's day. Parameter tag is the day.
type StaffDay struct {
	Day          time.Time // local noon
	Today        bool
	PreviousPath string
	NextPath     string
	TodayPath    string // empty: it is today
	Notice       Notice
	Now, Later   []StaffVisit // still to be served: here already, and to come
	Past         []StaffVisit // done, did not come
	Calls        []StaffCall  // tickets of walk-ins that wait for the clerk's office
	Serving      []StaffCall  // tickets that the clerk has called
	Rooms        []Option     // where a ticket can be called to
	Sick         bool         // reported for today
}

// StaffVisit is an appointment as a clerk sees it.
type StaffVisit struct {
	ID         string
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
	Steps      []string // what can be done now: values of field schritt
	Movable    bool     // can be moved and cancelled
	Documents  []Document
}

// StaffCall is a ticket of a walk-in.
type StaffCall struct {
	Ticket  string // "A-017"
	Number  int
	Concern string
	Urgent  bool
	Since   time.Time
	Room    string
	State   string
}

// StaffBook is "/dienst/buchen": an appointment for a citizen who is on the
// telephone or at the info desk. Steps: concern, proposals, details.
type StaffBook struct {
	Desk       bool // for who stands at the info desk
	Notice     Notice
	Query      string
	Found      []Service
	Concern    *Service
	Persons    int
	StepFree   bool
	Surname    string
	Address    string
	Date       string // from this day, "2026-03-30"
	NeedsName  bool   // the surname decides who is responsible
	NeedsPlace bool   // the address decides
	Move       string // reference of the appointment that is moved
	Proposals  []StaffProposal
	Searched   bool
	Why        string // with no proposals
	Chosen     *StaffProposal
	Given      StaffPerson
}

// StaffPerson is what was typed about a citizen.
type StaffPerson struct {
	GivenName, Surname, Phone, Email, Note string
}

// StaffProposal is an appointment that can be booked.
type StaffProposal struct {
	Start, End time.Time
	Place      string
	PlaceID    string
	StartValue string // RFC 3339, for the form
	Reasons    []string
}

// StaffBooked is "/dienst/termin/{id}": an appointment as it was just booked,
// with what to tell the citizen.
type StaffBooked struct {
	ID         string
	Start, End time.Time
	Place      string
	Room       string
	Persons    int
	Concerns   []string
	Documents  []Document
	Status     string
	Movable    bool
	Notice     Notice
	BackPath   string
}

// StaffDesk is "/dienst/infotheke".
type StaffDesk struct {
	Notice   Notice
	Site     string
	Sites    []Option
	Query    string // reference that was looked for
	Found    *StaffArrival
	Missing  bool          // there is no such appointment
	Offices  []StaffOffice // where a ticket can be drawn
	Exempt   []StaffExempt // never by appointment
	Waiting  []StaffCall
	Ticket   string // just drawn
	TicketAt string // where to wait
}

// StaffArrival is an appointment at the info desk and the gate: no concern.
type StaffArrival struct {
	ID         string
	Start, End time.Time
	From, To   time.Time // the window
	Room       string
	Place      string
	Persons    int
	Status     string
	Badge      string
	Name       string // only where the gate controls
	StepFree   bool
	CanCheckIn bool
	Late       bool
	Early      bool
	OtherDay   bool
}

// StaffOffice is an office for which a ticket can be drawn.
type StaffOffice struct {
	ID, Name string
	Waiting  int
}

// StaffExempt is a concern for which nobody is ever sent away.
type StaffExempt struct {
	ID, Name, Office, Where string
}

// StaffGate is "/dienst/pforte": who is expected today.
type StaffGate struct {
	Notice   Notice
	Day      time.Time
	Site     string
	Sites    []Option
	Controls bool // false: the gate only shows the way and sees no names
	Windows  []StaffWindow
	Expected int  // persons still to come
	Entered  int  // persons in the building
	CanSet   bool // may switch the mode
}

// StaffWindow is half an hour at the gate.
type StaffWindow struct {
	From, To time.Time
	Current  bool
	Past     bool
	Visits   []StaffArrival
}

// StaffDisplay is "/dienst/anzeige": the screen in the waiting room.
type StaffDisplay struct {
	At       time.Time
	Place    string
	Called   []StaffCall // the latest first
	Waiting  int
	Language string
}

// StaffReports is "/dienst/berichte".
type StaffReports struct {
	From, To  string // days, "2026-03-30"; To is the last day
	Office    string
	Offices   []Option
	Weeks     []StaffReport
	Unmet     []StaffUnmet
	Wishes    []StaffWish
	CSVPath   string
	UnmetPath string
	Total     StaffReport
}

// StaffReport is one line: an office and concern in a week.
type StaffReport struct {
	Week                            time.Time
	Office, Concern                 string
	Booked, Kept, Missed, Cancelled string // "<5" where too few
	MissedShare, WaitMedian         string // "" unknown
}

// StaffUnmet is one line of the demand that found no appointment.
type StaffUnmet struct {
	Concern, Reason string
	Count           string
}

// StaffWish is one line of the ten most wished concerns.
type StaffWish struct {
	Concern string
	Count   string
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

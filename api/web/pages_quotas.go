package web

import "time"

// Quotas is "/dienst/kontingente": when a clerk has time for appointments.
type Quotas struct {
	Notice    Notice
	Clerk     int
	Label     string   // the clerk's function
	Own       bool     // it is the account's own calendar
	Clerks    []Option // whom the account may look after
	Week      time.Time
	WeekPath  [3]string // previous, this, next
	Day       string    // Monday of the week, "2026-03-30": what forms carry along
	Axis      []TimeMark
	Days      []QuotaDay
	Releases  []ReleaseRow
	Form      ReleaseForm
	Limits    []QuotaLimit
	Holidays  []HolidayRow
	File      Link          // the released times as iCalendar
	Buildings []Option      // where imported times are
	Stranded  []Stranded    // the clerk's appointments without released time
	Confirm   *QuotaConfirm // a change that takes the ground from appointments
}

// QuotaDay is one day of the week picture.
type QuotaDay struct {
	At      time.Time // noon
	Holiday string    // name; "" none
	Home    bool
	Past    bool
	Value   string // "2026-03-30"
	Bars    []Bar  // Kind "counter", "phone" or "mobile"
	Taken   []Bar  // of the own calendar only
	Times   []QuotaTime
}

// QuotaTime is a released time of a day, in words.
type QuotaTime struct {
	Start, End time.Time
	Channels   []string
}

// ReleaseRow is one release in the list.
type ReleaseRow struct {
	ID          int64
	Days        string // "jeden Montag und Mittwoch"
	Opens       string
	Closes      string
	First       time.Time // zero: not said, such as a single day long begun
	Last        time.Time // zero: no end
	Ended       bool
	Place       string
	Channels    []string
	Via         []string
	Concerns    []string
	VisibleDays int       // 0 with Visible false
	Visible     bool      // VisibleDays holds
	VisibleFrom time.Time // zero: at once
	Note        string
	Exceptions  []ExceptionRow
	EditPath    string // "" for station days
}

// ExceptionRow is a day on which a release does not hold, or holds besides.
type ExceptionRow struct {
	At     time.Time
	Value  string
	Open   bool
	Reason string
}

// ReleaseForm is what was typed into the form of a release.
type ReleaseForm struct {
	ID                         int64 // 0: a new one
	Weekdays                   []Option
	Rule                       string // kept where it is none that the form can show
	Every                      []Option
	First, Last, Opens, Closes string
	Channels, Via, Concerns    []Option
	Places                     []Option
	VisibleDays, VisibleFrom   string
	Note                       string
	Open                       bool // unfold the form
}

// QuotaLimit is the most minutes per week on one way.
type QuotaLimit struct {
	Via     string
	Minutes string // "" no limit
}

// HolidayRow is a coming public holiday.
type HolidayRow struct {
	At   time.Time
	Name string
}

// QuotaConfirm asks about a change: the form again, and what it would do.
type QuotaConfirm struct {
	Path     string
	Fields   []FormField
	Stranded []Stranded
}

// FormField is a hidden field.
type FormField struct{ Name, Value string }

func (Quotas) template() string { return "quotas" }
func (Quotas) nav() string      { return "/dienst/kontingente" }
func (Quotas) title() string    { return "" }

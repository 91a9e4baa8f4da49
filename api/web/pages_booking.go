package web

import (
	"strings"
	"time"

	"github.com/ortsnah/ortsnah/api/i18n"
)

// Booking is what every page of /termin has. Plain switches to plain language
// (Leichte Sprache): texts with the ending ".plain" take the place of others.
type Booking struct {
	Plain  bool
	Here   string // path of this page, to come back to from the switch
	Step   int    // 1 to 4 on the way to an appointment; 0 elsewhere
	Back   string // path of the step before; empty: none
	Notice Notice // what has just happened; may be empty
}

// BookingField is a form field that nobody sees.
type BookingField struct{ Name, Value string }

// BookingStart is "/termin": which concern? Without Query all are in Groups,
// by office, and those most often booked in Wanted; with it Found is what the
// search found, best first.
type BookingStart struct {
	Booking
	Query  string
	Found  []BookingConcern
	Wanted []BookingConcern
	Groups []BookingGroup
}

// BookingGroup are the concerns of one office.
type BookingGroup struct {
	ID, Name string
	Items    []BookingConcern
}

// BookingConcern is a concern for which one could come.
type BookingConcern struct {
	ID, Name, Summary string
	Minutes           int
	Online            bool // possible without a visit
	AtOnce            bool // never by appointment: come or call
}

// BookingVisit is "/termin/{service}": how many come? For a concern AtOnce it
// says where to go and whom to call instead.
type BookingVisit struct {
	Booking
	Concern   BookingConcern
	OnlineURL string // the online service; empty with Online set: ask the office for it
	Further   int    // more minutes for each further person
	Office    string
	Address   string
	Phone     string
	Persons   string // as typed
	StepFree  bool
	Channels  []Option // "" (in person), "phone", "video"; fewer than two: no question
	More      []Option // second concern; "" nothing
	Error     string   // a sentence about Persons
	Visit     bool     // one can have an appointment at all
}

// BookingName is "/termin/{service}/name": the surname decides who is
// responsible.
type BookingName struct {
	Booking
	Concern string
	Action  string // path with query
	Name    string
	Error   string
}

// BookingPlace is "/termin/{service}/ort". About is "home", "plot" or "near"
// (only to find the nearest place). Choices are addresses that fit.
type BookingPlace struct {
	Booking
	Concern string
	About   string
	Action  string
	Address string
	Choices []string
	Error   string
}

// BookingTimes is "/termin/{service}/zeiten" and the page to move an
// appointment: the best times, or a calendar with Month set.
type BookingTimes struct {
	Booking
	Concerns   []string // names
	Minutes    int
	Persons    int
	Asked      []string // in words what else was asked for
	Change     string   // path to change it
	Tabs       []BookingTab
	Action     string // of the form
	Fields     []BookingField
	Slots      []BookingSlot
	Why        *BookingWhy   // no slot at all
	Month      *BookingMonth // the calendar view
	Day        *BookingDay   // the chosen day of the calendar
	Moving     string        // reference of the appointment that is moved; empty: a new one
	Old        string        // its present time, in words
	PlaceKnown bool
	ListPath   string // waiting list, beside the times; empty: none
}

// BookingTab is one way to look at the times.
type BookingTab struct {
	ID, Path string
	On       bool
}

// BookingSlot is a time that can be chosen. Label says all of it: "Montag, 30. März
// 2026, 08:00 bis 08:10 Uhr, Rathaus".
type BookingSlot struct {
	Value    string // of the button
	Label    string
	When     string // Label without the place
	Day      string // When without the time
	Hours    string // When without the day
	Clock    string // "08:00"
	Place    string
	Address  string
	StepFree bool
	Distance string // "1,2 km"; empty: unknown
	Reasons  []string
	Lon, Lat float64 // both 0: nowhere
}

// BookingWhy says that there is no slot, and what else one can do.
type BookingWhy struct {
	Reason      string // sentence
	Phone       string
	OnlineURL   string
	ListPath    string // waiting list; empty: none
	OtherPath   string // the same without channel and step-free wish; empty: nothing was asked
	CalendarURL string
}

// BookingMonth is a month of the calendar.
type BookingMonth struct {
	Name       string
	Prev, Next string // paths; empty: nothing there
	Weekdays   []BookingWeekday
	Weeks      [][]BookingDate
	Total      int
}

// BookingWeekday is the head of a column.
type BookingWeekday struct{ Short, Long string }

// BookingDate is a day with the number of its free times. Number 0 is a day of
// another month.
type BookingDate struct {
	Number int
	Name   string // "30. März 2026"
	Count  int
	Path   string // empty: nothing free
	On     bool
}

// BookingDay are the free times of a day by place.
type BookingDay struct {
	Name   string
	Places []BookingDayPlace
}

// BookingDayPlace are the free times at one place, by hour.
type BookingDayPlace struct {
	Name, Address, Distance string
	Hours                   []BookingHour
}

// BookingHour are the free times of an hour.
type BookingHour struct {
	Clock string // "8"
	Slots []BookingSlot
}

// BookingDetails is "/termin/b/{reference}" of a hold: who comes?
type BookingDetails struct {
	Booking
	Visit       BookingFacts
	Until       string // "10:14"
	Fields      []BookingField
	Name        string
	Email       string
	Phone       string
	PhoneNeeded bool
	NameNeeded  bool // it decides who is responsible
	EraseDays   int  // after the visit
	Errors      []BookingFieldError
	Confirm     string // path of the form
	Release     string // path of the form that gives the time back
}

// BookingFieldError is a sentence about the field with that id.
type BookingFieldError struct{ Field, Sentence string }

// ErrorOf is the sentence about a field, or "".
func (p BookingDetails) ErrorOf(field string) string {
	for _, e := range p.Errors {
		if e.Field == field {
			return e.Sentence
		}
	}
	return ""
}

// BookingFacts is what a citizen sees of it: never a clerk or a room.
type BookingFacts struct {
	Reference  string
	Status     string // "hold", "booked", "arrived", …, "cancelled", "expired"
	Concerns   []string
	Label      string // day and time in words
	Start, End time.Time
	Channel    string
	Place      string
	Address    string
	StepFree   string // Yes, No, Unknown
	MapPath    string
	Persons    int
	Office     string
	Phone      string // of the office
	Documents  []Document
}

// BookingAppointment is "/termin/b/{reference}".
type BookingAppointment struct {
	Booking
	Visit        BookingFacts
	Fresh        bool   // just booked
	Code         string // shown right after booking only: "ABCDE FGHJK …"
	QR           QR
	Movable      bool
	Calendar     string // paths of the files
	PDF          string
	Alternatives []BookingOffer
	Notices      []BookingNote
	Again        string // path to look for another time
	Fields       []BookingField
	EndedByTown  bool
	InAccount    bool // the reader's account opens it
	IntoAccount  bool // the reader has signed in and may put it into the account
}

// BookingOffer is an appointment that the town holds instead of a cancelled one.
type BookingOffer struct {
	Reference string
	Visit     BookingFacts
	Until     string // in words
}

// BookingNote is a message in the inbox of an appointment.
type BookingNote struct {
	At   time.Time
	Text string
}

// QR is a QR code as one SVG path, a unit per module, with its quiet zone.
type QR struct {
	Size int // modules; 0: none
	Path string
}

// BookingCancel is "/termin/b/{reference}/absagen": really?
type BookingCancel struct {
	Booking
	Visit  BookingFacts
	Fields []BookingField
}

// BookingLookup is "/termin/meine": reference and code.
type BookingLookup struct {
	Booking
	Reference string
	Error     string
	Fields    []BookingField
}

// BookingWish is "/termin/{service}/warteliste": on which days, and who? Days are
// "2026-11-30".
type BookingWish struct {
	Booking
	Concern         string
	Action          string
	First, Last     string // as typed
	Name            string
	NameNeeded      bool // it decides who is responsible
	Email, Phone    string
	Errors          []BookingFieldError
	Earliest        string // first day that can be chosen
	EraseDays, Days int    // so long after the last day; longest wish
	Fields          []BookingField
}

// ErrorOf is the sentence about a field, or "".
func (p BookingWish) ErrorOf(field string) string {
	return BookingDetails{Errors: p.Errors}.ErrorOf(field)
}

// BookingWaiting is "/termin/w/{number}": how a wish stands.
type BookingWaiting struct {
	Booking
	Number  string // "W00000123"
	Code    string // shown right after the wish was noted only
	Concern string
	State   string // "waiting", "offered", "taken", "lapsed", "withdrawn"
	Period  string // in words
	Persons int
	Offers  []BookingOffer
	Again   string
	Fields  []BookingField
}

func (BookingStart) template() string       { return "booking_start" }
func (BookingVisit) template() string       { return "booking_visit" }
func (BookingName) template() string        { return "booking_name" }
func (BookingPlace) template() string       { return "booking_place" }
func (BookingTimes) template() string       { return "booking_times" }
func (BookingDetails) template() string     { return "booking_details" }
func (BookingAppointment) template() string { return "booking_appointment" }
func (BookingCancel) template() string      { return "booking_cancel" }
func (BookingLookup) template() string      { return "booking_lookup" }

func (BookingWish) template() string    { return "booking_wish" }
func (BookingWaiting) template() string { return "booking_waiting" }

func (Booking) nav() string { return "/termin" }

func (Booking) title() string        { return "" }
func (p BookingVisit) title() string { return p.Concern.Name }

// bookingSteps are the keys of the names of the steps.
func bookingSteps() []string {
	return []string{"booking.step.concern", "booking.step.visit", "booking.step.time", "booking.step.details"}
}

// plainText is the text of key, in plain language where that is wanted and
// there is one.
func plainText(lang string, plain bool, key string, args []any) (string, error) {
	if plain && i18n.Has(key+".plain") {
		key += ".plain"
	}
	return text(lang, key, args)
}

// telephone is a phone number as links have it (RFC 3966): "+4952418200".
func telephone(number string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ReplaceAll(number, "(0)", ""))
	if strings.HasPrefix(strings.TrimSpace(number), "+") {
		return "+" + digits
	}
	return digits
}

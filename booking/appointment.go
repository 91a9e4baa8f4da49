package booking

import (
	"time"

	"github.com/ortsnah/ortsnah/catalog"
)

// Status is where an appointment stands.
type Status string

// The statuses; which may follow which is the trigger appointment_goes_forward.
const (
	Held      Status = "hold"
	Booked    Status = "booked"
	Arrived   Status = "arrived"
	Called    Status = "called"
	InService Status = "in_service"
	Done      Status = "done"
	NoShow    Status = "no_show"
	Cancelled Status = "cancelled"
	Expired   Status = "expired"
)

// Channel is how an appointment takes place.
type Channel string

// The channels of appointments.
const (
	Counter Channel = "counter" // in a building of the town
	Mobile  Channel = "mobile"  // at a mobile station
	Phone   Channel = "phone"
	Video   Channel = "video"
)

// Via is the way an appointment was booked.
type Via string

// The ways.
const (
	ViaWeb   Via = "web"   // by the citizen
	ViaPhone Via = "phone" // by a clerk for a citizen: phone, mail, form
	ViaDesk  Via = "desk"  // at the info desk, for who stands there
)

// Appointment is a promise to a citizen: time, place and size of room. Which
// clerks and which room are internal and may change until shortly before.
type Appointment struct {
	ID         string // reference, 8 letters and digits (Crockford base 32)
	Status     Status
	Channel    Channel
	Via        Via
	Persons    int
	StepFree   bool
	Office     string
	Site       string // of channel counter
	Stop       string // of channel mobile
	StationDay int64  // of channel mobile
	Zone       string // IANA
	Starts     time.Time
	Ends       time.Time // half-open; both in Zone
	Lang       string
	HoldUntil  *time.Time // of a hold
	Replaces   string     // the cancelled appointment for which this one is held
	CreatedAt  time.Time
	BookedAt   *time.Time
	ArrivedAt  *time.Time
	CalledAt   *time.Time
	ServedAt   *time.Time
	EndedAt    *time.Time
	EndedBy    string // "", "citizen", "town", "program"
	Parts      []AppointmentPart
	Room       int    // id of the resource; 0 without
	RoomLabel  string // door sign
	Badge      string
}

// AppointmentPart is one of the chained concerns of an appointment.
type AppointmentPart struct {
	Concern string       `json:"concern"`
	Name    catalog.Text `json:"name"`
	Team    string       `json:"team"`
	Clerk   int          `json:"clerk"` // id of the resource
	Starts  time.Time    `json:"starts"`
	Ends    time.Time    `json:"ends"`
}

// Person is who comes. It is stored encrypted only, and erased some days after
// the visit.
type Person struct {
	GivenName string `json:"given_name,omitempty"`
	Surname   string `json:"surname,omitempty"`
	Email     string `json:"email,omitempty"`
	Phone     string `json:"phone,omitempty"`
	Note      string `json:"note,omitempty"` // for the clerk
}

package booking

import (
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking/match"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/paulmach/orb"
)

// Request is what somebody wants an appointment for.
type Request struct {
	Concerns []string // one to three, in the order in which they are done
	Persons  int      // 1 to 100
	Name     string   // surname, where the jurisdiction asks for it; never stored
	// Where is the place that the matter is about or where the citizen lives,
	// x/y of the working CRS; nil when not given.
	Where    *orb.Point
	Channel  Channel // "" every channel at which one goes somewhere: counter and mobile
	Via      Via
	StepFree bool
	From, To time.Time // start in [From, To); zero: from now, to the horizon
	Sort     match.Sort
	Clerk    int // prefer the same clerk; 0 nobody
	Limit    int
	// Teams, when set, are responsible without asking the rules, one per
	// concern: appointments that are moved stay with those decided on.
	Teams []string
	// Moving is the appointment that gets another time: what it occupies is free
	// for it.
	Moving string
}

// Proposal is an appointment that could be booked now.
type Proposal struct {
	Starts, Ends time.Time // in the zone of the town
	Channel      Channel
	PlaceID      string // "site/<id>", "stop/<id>", "phone" or "video"; with Starts it names the proposal
	PlaceName    catalog.Text
	Address      string
	Lon, Lat     float64
	StepFree     bool
	Metres       int // straight line from the citizen; -1 unknown
	Office       string
	Reasons      []match.Reason

	Match   match.Proposal // what would be claimed; internal
	Station int64          // station day, of channel mobile; internal
	Teams   []string       // responsible per part; internal
}

// Search is the answer to a Request: proposals, or why there are none.
type Search struct {
	Proposals []Proposal
	Why       match.Why // with no proposals
	Decision  Decision  // who is responsible for the (first) concern and why
	Documents []Document
	Minutes   int // of the whole visit
}

// Order is a Request and the proposal chosen for it.
type Order struct {
	Request
	Starts  time.Time
	PlaceID string
}

// Taken is the error when an Order cannot be had any more: Conflict
// booking.taken with what there is instead.
type Taken struct {
	Alternatives []Proposal
	Why          match.Why
}

// Error is the text for logs.
func (t *Taken) Error() string { return t.Unwrap().Error() }

// Unwrap gives the sentence and the kind.
func (t *Taken) Unwrap() error {
	return ortsnah.E(ortsnah.Conflict, "booking.taken").About("start")
}

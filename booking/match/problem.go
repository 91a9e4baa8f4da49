// Package match finds the best appointments. It is pure: a Problem in, an
// Outcome out, the same for the same input; no database, no clock, no names.
//
// Time is counted in cells of five minutes of real time from local midnight: a
// local day has 288 cells, 276 or 300 when the clocks change. What is free is
// a Timeline, a bit per cell. Legal starts come from eroding timelines by the
// duration and intersecting them: a chain of concerns is the AND of shifted
// masks, a room the OR over sufficient rooms.
package match

import "time"

// CellMinutes is the grid of all times.
const CellMinutes = 5

// Words hold the longest local day, 300 cells.
const Words = 5

// Timeline has bit i%64 of word i/64 set when cell i of a local day is free.
type Timeline [Words]uint64

// Day is a local day.
type Day struct {
	Date  time.Time // midnight UTC of the calendar date
	Start time.Time // local midnight, in the zone of the town
	Cells int       // 276, 288 or 300
}

// Place is where an appointment can be. Phone and video calls have one, too:
// its rooms are nil and Roomless is set.
type Place struct {
	ID            string // "site/rathaus", "stop/bibliothek@<station day>", "phone", "video"
	TravelMinutes int    // from the citizen; -1 unknown
	Metres        int    // straight line from the citizen; -1 unknown
	StepFree      bool
	Roomless      bool
}

// Room can be claimed beside a clerk. Free[d] is its timeline on Days[d].
type Room struct {
	ID            int
	Place         int // index in Places
	Persons       int
	StepFree      bool
	Equipment     uint64 // bit set, the meaning of bits is the caller's
	BufferMinutes int    // claimed after every visit, too
	Free          []Timeline
}

// Kit is a portable thing claimed beside clerk and room.
type Kit struct {
	ID    int
	Kind  string
	Place int // index in Places; -1: can be brought anywhere
	Free  []Timeline
}

// Shift is what one clerk can do of one part at one place on one day. A clerk
// may have several shifts a day; those at one place count as one, of the
// smallest quota and the largest load.
type Shift struct {
	Clerk int
	Place int // index in Places
	Day   int // index in Days
	Free  Timeline
	Open  Timeline // released, also where it is booked already: tells "too long" from "full"; zero: as Free
	Load  int      // minutes already booked with this clerk in the days around, for even work
	Quota int      // minutes still allowed in this week on the caller's way; -1 no limit
}

// Part is one of the chained concerns. Shifts are those of eligible clerks
// only, in any order.
type Part struct {
	Concern       string
	Minutes       int // for all persons; rounded up to cells
	BufferMinutes int // the clerk's pause afterwards
	Kit           string
	Clerks        int // how many may do it, also those without released time; 0 and no Shifts: nobody
	Shifts        []Shift
}

// Booked is an appointment that occupies a room and might be moved to another
// (never to another time).
type Booked struct {
	ID        string
	Room      int // index in Rooms
	Day       int
	From, To  int // cells, [From, To) including the room's buffer
	Persons   int
	StepFree  bool
	Needs     uint64
	Swappable bool // not arrived, far enough from its start, and its room is not closed
}

// Sort is what the citizen cares for most.
type Sort string

// The sorts.
const (
	Best  Sort = "best"  // waiting time against travel time
	Early Sort = "early" // as early as possible
	Near  Sort = "near"  // as near as possible
)

// Problem is all that the matcher needs to know.
type Problem struct {
	Days     []Day
	Places   []Place
	Rooms    []Room
	Kits     []Kit
	Parts    []Part // in the order in which they are done
	Booked   []Booked
	Persons  int
	StepFree bool      // place and room must be; a roomless place always is
	Needs    uint64    // equipment that the room must have
	Earliest time.Time // no start before: now plus lead time
	Latest   time.Time // no start at or after
	At       time.Time // not zero: only this start counts
	Where    int       // index in Places, or -1: anywhere
	Clerk    int       // prefer this clerk; 0: nobody in particular
	Sort     Sort
	Limit    int // at most so many proposals; below 1 counts as 1
	Shortest int // minutes of the shortest visit for which a hole is of use; 0: the shortest part
}

// Assignment is one part with its clerk.
type Assignment struct {
	Concern    string
	Clerk      int
	Start, End time.Time // without the buffer
}

// Claim is a resource and the time for which it is occupied, pauses included.
type Claim struct {
	Resource int // id of a clerk, room or kit
	From, To time.Time
}

// Swap moves a booked appointment from one room to another, same time.
type Swap struct {
	ID       string
	From, To int // ids of rooms
}

// Proposal is one appointment that can be booked as it is.
type Proposal struct {
	Place      int // index in Places
	Day        int
	Start, End time.Time // in the zone of the town
	Room       int       // id; 0 when the place is roomless
	RoomBuffer int       // minutes
	Kits       []int     // ids
	Parts      []Assignment
	Claims     []Claim  // all that the visit occupies, by resource and time, never overlapping
	Swaps      []Swap   // to be done with it, all at once: rooms may change places
	Cost       int      // smaller is better, in minutes that a citizen would give for it
	Reasons    []Reason // why this one, strongest first
}

// Reason names a sentence about a proposal: "earliest", "nearest", "same_clerk",
// "one_clerk", "no_gap", "room_fits", …; the caller makes the key of a text from it.
type Reason string

// The reasons for a proposal.
const (
	Earliest  Reason = "earliest"   // there is no earlier one (in the window, at the place asked for)
	Nearest   Reason = "nearest"    // of the places with a free time none is nearer
	SameClerk Reason = "same_clerk" // with the clerk asked for
	OneClerk  Reason = "one_clerk"  // several concerns, one clerk
	NoGap     Reason = "no_gap"     // leaves no hole in the day that is of no use
	RoomFits  Reason = "room_fits"  // a room of the smallest size that suffices
)

// Why names the reason why there is no proposal.
type Why string

// The reasons why not, in the order in which they are found: each is asked for
// only when none before it is so. A moment (At) that is taken is WhyFull.
const (
	WhyNobody    Why = "nobody"     // no clerk may do one of the parts
	WhyNoRelease Why = "no_release" // clerks may, but none has released time in this window
	WhyTooLong   Why = "too_long"   // no released block is as long as the visit
	WhyQuota     Why = "quota"      // the clerks' weekly quota for this way is used up
	WhyNoRoom    Why = "no_room"    // no room is large or equipped enough
	WhyFull      Why = "full"       // everything is booked
	WhyLead      Why = "lead"       // only before Earliest or after Latest
)

// Outcome is what Solve found: proposals, or Why there is none.
type Outcome struct {
	Proposals []Proposal
	Why       Why
}

// Package booking finds the right appointment and keeps it. Its public part:
// what the town does for people (Concern), which documents that needs, in
// which buildings and rooms (Site, Room), and who is responsible (Rule, Decide).
//
// The way of an appointment: a clerk gives time (Release, worked out per local
// day), Board knows in memory what is offered and free, booking/match proposes,
// Reception writes: its methods are the verbs of the counter - Hold, Confirm,
// Move, Cancel, CheckIn, Advance. The constraint claim_no_overlap is the one
// guard against double booking; lock.go says in which order writers go. Beside
// it: the waiting list (Wish), what happens when somebody is ill or a station
// does not come (Rematch, CallOff), walk-ins, the gate, desks, reports.
//
// Who comes is sealed in a table of its own (Person, booking/seal) and leaves
// it only for the citizen who has the token and the clerk who serves. No
// function here says how much a clerk does.
//
// Jurisdiction is configured, not programmed: a Rule belongs to an office or
// to one concern and is of one kind - anyone, alphabetic by surname, or
// geographic by district. Decide is a pure function over a Directory, the
// rules and their surroundings in memory; Lint tells a steward where rules
// leave a hole or overlap.
//
// Rooms have internal attributes that never leave this room of the house; the
// views open.booking_* and the published datasets hold the public ones only.
// Functions that the public may cause read those views, so that they work on a
// connection of the read role.
//
// To add a kind of rule: a case in Directory.Decide and in Rule.check, the
// CHECK constraint rule_kind_fits, sentences "booking.because_…", a test row.
package booking

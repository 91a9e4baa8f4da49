// Package booking finds the right appointment. Its public part is here: what
// the town does for people (Concern), which documents that needs, in which
// buildings and rooms (Site, Room), and who is responsible (Rule, Decide).
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

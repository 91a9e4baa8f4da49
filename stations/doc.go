// Package stations holds the mobile town-hall stations: what drives (Station),
// where it stops (Stop), when it comes (Pattern, a recurrence in wall time) and
// the visits that follow from it (Visit, an interval of real time at a stop).
//
// A promise to citizens is a wall time at a place: "Thursdays 9:00 to 12:30 at
// the library". Load takes such patterns, Extend expands them day by day into
// visits, one row each, with the instants that the wall times have on that
// day. A day of the change to or from summer time has no hidden shifts: see
// Instants. A visit once announced never disappears: what a plan no longer
// holds is kept as cancelled.
//
// Nearest answers "which station can I reach, and when is it open": a pure
// ranking over visits (Timetable), fed from the database.
//
// Planners change it by verbs (edit.go: Arrange, Rearrange, End, CancelDay; and
// SaveStop, SaveStation, SaveKit), each against the revision they looked at. What
// a planner has made or changed has the origin "staff" and stays when a plan file
// is loaded again. Findings says what is odd about visits: too little time for the
// way, a device that is missing, a stop without power.
//
// Functions that the public may cause read the views open.stations_*, so that
// they work on a connection of the read role too.
//
// To add an attribute of a stop: a migration, Stop, Load, the view, and if it
// is published the field in catalog/builtin.go and publish.go.
package stations

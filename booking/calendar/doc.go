// Package calendar says on which local days and at which instants people may
// come. It is pure: no database, no clock.
//
// Holidays are computed from the laws of the sixteen German states. A Series is
// a time quota as a clerk enters it - wall times on recurring days; Expand
// turns it into Spans, one per local day, with the instants that the clocks
// of its zone show. Days are always midnight UTC of the calendar date (see
// stations.Day), so that a day may be added to them; instants are never moved
// by 24 hours.
//
// ParseICal and ICal exchange quotas and absences with other calendars as of
// RFC 5545. They never read or write the name of a person: titles,
// descriptions, attendees and organisers of foreign files are not even kept.
package calendar

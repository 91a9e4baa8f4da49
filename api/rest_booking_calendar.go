package api

import (
	"encoding/json"
	"net/http"

	ics "github.com/arran4/golang-ical"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking"
)

const calendarMedia = "text/calendar;charset=utf-8"

// appointmentCalendar answers GET /api/v1/appointments/{id}/calendar.ics: the
// appointment for the citizen's own calendar (RFC 5545).
func (s *Server) appointmentCalendar(w http.ResponseWriter, r *http.Request) error {
	a, err := s.ownAppointment(r)
	if err != nil {
		return err
	}
	switch a.Status {
	case booking.Held:
		return ortsnah.E(ortsnah.Conflict, "api.hold_in_no_calendar")
	case booking.Expired:
		return ortsnah.E(ortsnah.Gone, "booking.hold_expired")
	}
	place, err := s.placeBooked(r.Context(), a)
	if err != nil {
		return err
	}
	head := w.Header()
	head.Set("Cache-Control", private)
	head.Set("Content-Type", calendarMedia)
	head.Set("Content-Disposition", `attachment; filename="termin.ics"`)
	_, err = w.Write([]byte(s.calendarOf(a, place)))
	return err
}

// calendarOf says nothing of the concern: calendars are shared with others and
// kept by third parties.
func (s *Server) calendarOf(a booking.Appointment, place bookedPlace) string {
	c := ics.NewCalendarFor("Ortsnah")
	c.SetMethod(ics.MethodPublish)
	e := c.AddEvent(a.ID + "@" + "ortsnah")
	e.SetDtStampTime(s.Now())
	e.SetStartAt(a.Starts)
	e.SetEndAt(a.Ends)
	where := in(a.Lang, place.Name.DE, place.Name.EN)
	if place.Address != "" {
		where += ", " + place.Address
	}
	e.SetLocation(where)
	title := sentence("api.calendar_title", map[string]any{"town": s.Town.Name})
	e.SetSummary(in(a.Lang, title.DE, title.EN))
	if a.Status == booking.Cancelled {
		c.SetMethod(ics.MethodCancel)
		e.SetStatus(ics.ObjectStatusCancelled)
		e.SetSequence(1)
	}
	return c.Serialize(ics.WithNewLineWindows)
}

// selfIn is the address of what an answer, kept as bytes, is about.
func selfIn(body []byte) string {
	var a struct {
		Links []link `json:"links"`
	}
	if json.Unmarshal(body, &a) != nil {
		return ""
	}
	for _, l := range a.Links {
		if l.Rel == "self" {
			return l.Href
		}
	}
	return ""
}

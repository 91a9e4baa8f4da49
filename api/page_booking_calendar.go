package api

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
)

// monthOf is the calendar of the month that begins at first: every day with the
// number of its free times.
func (s *Server) monthOf(r *http.Request, first time.Time, day string, free []booking.Proposal) *web.BookingMonth {
	lang, count := web.LangOf(r), map[string]int{}
	for _, p := range free {
		count[p.Starts.In(s.Zone).Format(time.DateOnly)]++
	}
	m := &web.BookingMonth{Name: i18n.Month(lang, first), Total: len(free)}
	if before := first.AddDate(0, -1, 0); s.inCalendar(before) {
		m.Prev = pageWith(r, "monat", before.Format("2006-01"))
	}
	if after := first.AddDate(0, 1, 0); s.inCalendar(after) {
		m.Next = pageWith(r, "monat", after.Format("2006-01"))
	}
	monday := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC) // any Monday
	for i := range 7 {
		long := i18n.DayOfWeek(lang, monday.AddDate(0, 0, i))
		m.Weekdays = append(m.Weekdays, web.BookingWeekday{Short: long[:2], Long: long})
	}
	week := make([]web.BookingDate, (int(first.Weekday())+6)%7)
	for d := first; d.Month() == first.Month(); d = time.Date(d.Year(), d.Month(), d.Day()+1, 0, 0, 0, 0, s.Zone) {
		date := d.Format(time.DateOnly)
		entry := web.BookingDate{Number: d.Day(), Name: i18n.Weekday(lang, d), Count: count[date], On: date == day}
		if entry.Count > 0 {
			entry.Path = pageWith(r, "tag", date) + "#tag"
		}
		if week = append(week, entry); len(week) == 7 {
			m.Weeks, week = append(m.Weeks, week), nil
		}
	}
	if len(week) > 0 {
		m.Weeks = append(m.Weeks, append(week, make([]web.BookingDate, 7-len(week))...))
	}
	return m
}

// dayOf are the free times of a day ("2026-03-30") by place and hour; nil when
// there are none.
func (s *Server) dayOf(lang, date string, free []booking.Proposal) *web.BookingDay {
	free = slices.DeleteFunc(slices.Clone(free), func(p booking.Proposal) bool {
		return p.Starts.In(s.Zone).Format(time.DateOnly) != date
	})
	if len(free) == 0 {
		return nil
	}
	day := &web.BookingDay{Name: i18n.Weekday(lang, free[0].Starts.In(s.Zone))}
	at := map[string]int{}
	for i, slot := range s.slots(lang, free) {
		n, known := at[free[i].PlaceID]
		if !known {
			n = len(day.Places)
			at[free[i].PlaceID] = n
			day.Places = append(day.Places, web.BookingDayPlace{Name: slot.Place, Address: slot.Address, Distance: slot.Distance})
		}
		starts := free[i].Starts.In(s.Zone)
		hour := starts.Format("15")
		if strings.Contains(slot.When, "(UTC") { // this hour comes twice today
			slot.Clock += starts.Format(" (-07:00)")
			hour += starts.Format(" (-07:00)")
		}
		place := &day.Places[n]
		if k := len(place.Hours); k == 0 || place.Hours[k-1].Clock != hour {
			place.Hours = append(place.Hours, web.BookingHour{Clock: hour})
		}
		last := &place.Hours[len(place.Hours)-1]
		last.Slots = append(last.Slots, slot)
	}
	return day
}

// pageWith is the path of this page with one parameter changed; a day goes
// with its month.
func pageWith(r *http.Request, name, value string) string {
	v := r.URL.Query()
	v.Set(name, value)
	if name == "monat" {
		v.Del("tag")
	} else {
		v.Set("monat", value[:len("2006-01")])
	}
	v.Set("ansicht", "kalender")
	v.Del("gesagt")
	return germanPath(r) + "?" + v.Encode()
}

// mostMonths is how far the calendar goes.
const mostMonths = 14

// inCalendar says whether a month is this one or one of the next.
func (s *Server) inCalendar(month time.Time) bool {
	now := s.Now().In(s.Zone)
	n := (month.Year()-now.Year())*12 + int(month.Month()) - int(now.Month())
	return n >= 0 && n < mostMonths
}

package api

import (
	"slices"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/booking/match"
)

// slots dress proposals for people.
func (s *Server) slots(lang string, proposals []booking.Proposal) []web.BookingSlot {
	var list []web.BookingSlot
	for _, p := range proposals {
		when := spanText(lang, p.Starts, p.Ends, s.Zone)
		slot := web.BookingSlot{Value: slotValue(p), Label: when + ", " + p.PlaceName.In(lang), When: when, Day: i18n.Weekday(lang, p.Starts.In(s.Zone)),
			Clock: i18n.Clock(p.Starts.In(s.Zone)), Place: p.PlaceName.In(lang), Address: p.Address, StepFree: p.StepFree, Lon: p.Lon, Lat: p.Lat}
		slot.Hours = strings.TrimPrefix(when, slot.Day+", ")
		if p.Metres >= 50 { // nearer is the house itself
			slot.Distance = distance(lang, p.Metres)
		}
		list = append(list, slot)
	}
	return list
}

// distance is a straight line as people say it.
func distance(lang string, metres int) string {
	if metres < 1000 {
		return i18n.Number(lang, int64((metres+5)/10*10)) + " m"
	}
	return i18n.Decimal(lang, float64(metres)/1000, 1) + " km"
}

// suggestions are slots with at least one reason each that helps to choose.
func (s *Server) suggestions(lang string, proposals []booking.Proposal) []web.BookingSlot {
	list := s.slots(lang, proposals)
	for i := range list {
		for _, key := range s.reasonsFor(proposals, i) {
			list[i].Reasons = append(list[i].Reasons, i18n.Text(lang, key, map[string]any{"weekday": i18n.DayOfWeek(lang, proposals[i].Starts.In(s.Zone))}))
		}
	}
	return list
}

// reasonsFor are the keys of the reasons for the i-th of list: what the matcher
// knows of it, and else what sets it apart from those above.
func (s *Server) reasonsFor(list []booking.Proposal, i int) []string {
	p, above := list[i], list[:i]
	var keys []string
	for _, reason := range p.Reasons {
		// The others are reasons of the town, not of the citizen. Several are
		// equally near: it is said of the first.
		if reason == match.NoGap || reason == match.RoomFits || reason == match.Nearest && slices.ContainsFunc(above, nearestOfAll) {
			continue
		}
		keys = append(keys, "booking.reason_"+string(reason))
	}
	if !slices.Contains(p.Reasons, match.Earliest) && i == firstOf(list) {
		keys = append(keys, "booking_times.reason.first")
	}
	if !slices.Contains(p.Reasons, match.Nearest) && i == nearestOf(list) && !slices.ContainsFunc(list, nearestOfAll) {
		keys = append(keys, "booking_times.reason.near")
	}
	if len(keys) == 0 {
		keys = append(keys, "booking_times.reason."+s.difference(p, above))
	}
	return keys
}

func nearestOfAll(p booking.Proposal) bool { return slices.Contains(p.Reasons, match.Nearest) }

// firstOf is the index of the earliest of list, -1 when it says nothing to be
// the earliest.
func firstOf(list []booking.Proposal) int {
	if len(list) < 2 || slices.ContainsFunc(list, func(p booking.Proposal) bool { return slices.Contains(p.Reasons, match.Earliest) }) {
		return -1
	}
	first := 0
	for i, p := range list {
		if p.Starts.Before(list[first].Starts) {
			first = i
		}
	}
	return first
}

// nearestOf is the index of the first at the nearest place, -1 when the way is
// unknown or the same to all.
func nearestOf(list []booking.Proposal) int {
	nearest, farther := 0, false
	for i, p := range list {
		if p.Metres < 0 || p.PlaceID == "" {
			return -1
		}
		farther = farther || p.Metres != list[0].Metres
		if p.Metres < list[nearest].Metres {
			nearest = i
		}
	}
	if !farther {
		return -1
	}
	return nearest
}

// difference says what p has that those above it do not have: another place,
// day or part of the day; at last that it is later or earlier.
func (s *Server) difference(p booking.Proposal, above []booking.Proposal) string {
	starts := p.Starts.In(s.Zone)
	elsewhere := true
	var that *booking.Proposal // of the same day
	for i, other := range above {
		elsewhere = elsewhere && other.PlaceID != p.PlaceID
		if o := other.Starts.In(s.Zone); o.Format(time.DateOnly) == starts.Format(time.DateOnly) && that == nil {
			that = &above[i]
		}
	}
	switch {
	case len(above) == 0:
		return "only"
	case elsewhere && that != nil:
		return "elsewhere_same_day"
	case elsewhere:
		return "elsewhere"
	case that == nil:
		return "weekday"
	case starts.Hour() >= 12 && that.Starts.In(s.Zone).Hour() < 12:
		return "afternoon"
	case starts.Hour() < 12 && that.Starts.In(s.Zone).Hour() >= 12:
		return "morning"
	case p.Starts.Before(that.Starts):
		return "earlier"
	}
	return "later"
}

package api

import (
	"cmp"
	"context"
	"net/url"
	"time"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/stations"
)

// nearStations answers q from a place, in words. The timetable t has the names
// of the language.
func (s *Server) nearStations(ctx context.Context, q stationSearch, at here, t timetable, lang string) (*web.NearStations, error) {
	now := s.Now().In(s.Zone)
	question := stations.Question{At: now, When: stationWhens()[q.when], Service: q.service, StepFree: q.stepFree, Limit: 5}
	if question.When == stations.Week {
		question.Sort = stations.Near // who has time wants a short way
	}
	a := nearestAnswer{Mode: stationModes()[q.mode]}
	if err := s.nearest(ctx, &a, question, at.At); err != nil {
		return nil, err
	}
	n := &web.NearStations{Basis: in(lang, a.Travel.DE, a.Travel.EN), Attribution: a.Attribution}
	for i, o := range a.Options {
		n.Stops = append(n.Stops, s.nearStop(lang, i+1, o, q, t, now))
	}
	for _, id := range a.Unreachable {
		n.Unreachable = append(n.Unreachable, web.Link{Text: t.stop(id).Name, Path: stopPagePath(id)})
	}
	if len(n.Stops) == 0 {
		n.None = i18n.Text(lang, "stations.none."+cmp.Or(q.when, "any"), nil)
		if q.when != "" {
			q.when = ""
			n.WiderPath = q.path()
		}
	}
	return n, nil
}

func (s *Server) nearStop(lang string, number int, o stations.Option, q stationSearch, t timetable, now time.Time) web.NearStop {
	n := web.NearStop{Number: number, Stop: t.stop(o.Stop.ID), Path: stopPagePath(o.Stop.ID), BookPath: appointmentPath(q.service),
		Open: !now.Before(o.Visit.Starts), Sentence: nearSentence(lang, o, now), Arrival: arrivalSentence(lang, o, now)}
	n.Stop.Visits = nil
	for _, v := range t.visits {
		switch {
		case v.StopID != o.Stop.ID:
		case v.ID == o.Visit.ID:
			n.Visit = v
		case v.Start.After(o.Visit.Starts) && len(n.Stop.Visits) < 2:
			n.Stop.Visits = append(n.Stop.Visits, v)
		}
		for _, c := range o.Cancelled {
			if c.ID == v.ID {
				n.Cancelled = append(n.Cancelled, v)
			}
		}
	}
	if o.Roadworks > 0 {
		n.Roadworks = i18n.Text(lang, "stations.roadworks", map[string]any{"n": o.Roadworks})
	}
	return n
}

// nearSentence says when it is open and how far it is.
func nearSentence(lang string, o stations.Option, now time.Time) string {
	v := o.Visit
	values := map[string]any{"way": wayText(lang, o), "until": i18n.Clock(v.Ends), "hours": i18n.Hours(lang, v.Starts, v.Ends), "opening": i18n.Opening(lang, v.Starts, v.Ends)}
	key := "later"
	switch days := int(stations.Day(v.Starts).Sub(stations.Day(now)) / (24 * time.Hour)); {
	case !now.Before(v.Starts):
		key = "open"
	case days == 0:
		key = "today"
	case days == 1:
		key = "tomorrow"
	}
	return i18n.Text(lang, "stations.near."+key, values)
}

// arrivalSentence is said for today alone: nobody sets out now for Thursday.
func arrivalSentence(lang string, o stations.Option, now time.Time) string {
	if !stations.Day(o.Visit.Starts).Equal(stations.Day(now)) {
		return ""
	}
	start := o.Visit.Starts.Add(-time.Duration(o.TravelMinutes) * time.Minute)
	if !o.OpenOnArrival && start.After(now) {
		return i18n.Text(lang, "stations.arrival.set_out", map[string]any{"at": i18n.Clock(start)})
	}
	left := int(o.Visit.Ends.Sub(o.Arrival) / time.Minute)
	if left < 30 {
		return i18n.Text(lang, "stations.arrival.soon_over", map[string]any{"n": left, "at": i18n.Clock(o.Arrival)})
	}
	return i18n.Text(lang, "stations.arrival.there", map[string]any{"at": i18n.Clock(o.Arrival)})
}

// wayText is "12 Minuten mit dem Rad".
func wayText(lang string, o stations.Option) string {
	return i18n.Text(lang, "stations.way."+string(o.Mode), map[string]any{"time": durationText(lang, max(o.TravelMinutes, 1))})
}

// durationText is "12 Minuten" or "2 Stunden 10 Minuten".
func durationText(lang string, minutes int) string {
	short := i18n.Text(lang, "stations.minutes", map[string]any{"n": minutes % 60})
	if minutes < 60 {
		return short
	}
	hours := i18n.Text(lang, "stations.hours", map[string]any{"n": minutes / 60})
	if minutes%60 == 0 {
		return hours
	}
	return hours + " " + short
}

// stop is the stop with that id, of the language; zero when there is none.
func (t timetable) stop(id string) web.Stop {
	for _, s := range t.stops {
		if s.ID == id {
			return s
		}
	}
	return web.Stop{}
}

func stopPagePath(id string) string { return "/stationen/" + url.PathEscape(id) }

// appointmentPath leads to an appointment, for a service at once where one was named.
func appointmentPath(service string) string {
	if service == "" {
		return "/termin"
	}
	return "/termin/" + url.PathEscape(service)
}

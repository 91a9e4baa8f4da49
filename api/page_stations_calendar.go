package api

import (
	"bytes"
	"context"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/stations"
)

// calendarBack is how long past visits stay in calendars.
const calendarBack = 7 * 24 * time.Hour

// stationsCalendar answers /stationen/termine.ics and
// /stationen/{stop}/termine.ics: calendars to subscribe to (RFC 5545). That of a
// stop which is not used any more goes on, so that subscribers see its visits
// called off.
func (s *Server) stationsCalendar(w http.ResponseWriter, r *http.Request) error {
	ctx, lang, id := r.Context(), web.LangOf(r), pathVar(r, "stop")
	stops, err := stations.AllStops(ctx, s.Open)
	if err != nil {
		return err
	}
	at := map[string]stations.Stop{}
	for _, stop := range stops {
		at[stop.ID] = stop
	}
	if _, known := at[id]; id != "" && !known {
		return ortsnah.E(ortsnah.NotFound, "stations.unknown_stop")
	}
	// Whole days, so that nothing changes when nothing has.
	from := s.midnight(s.Now().In(s.Zone)).Add(-calendarBack)
	visits, err := stations.Visits(ctx, s.Open, from, s.Now().Add(stations.Horizon))
	if err != nil {
		return err
	}
	visits = slices.DeleteFunc(visits, func(v stations.Visit) bool { return id != "" && v.Stop != id })
	events, err := s.events(ctx, r, lang, visits, at)
	if err != nil {
		return err
	}
	name := i18n.Text(lang, "stations.calendar.name", map[string]any{"town": s.Town.Name})
	page := "/stationen"
	if id != "" {
		name, page = name+": "+at[id].Name.In(lang), stopPagePath(id)
	}
	var body bytes.Buffer
	calendar := stations.Calendar{Name: name, Domain: s.domain(), URL: s.base(r) + inPageLanguage(lang, page)}
	if err := calendar.Write(&body, events); err != nil {
		return err
	}
	return writeBytes(w, r, calendarMedia, body.Bytes())
}

// events are visits in words.
func (s *Server) events(ctx context.Context, r *http.Request, lang string, visits []stations.Visit, at map[string]stations.Stop) ([]stations.Event, error) {
	concerns, err := booking.Concerns(ctx, s.Open)
	if err != nil {
		return nil, err
	}
	names := serviceLinks(concerns, lang)
	var events []stations.Event
	for _, v := range visits {
		stop := at[v.Stop]
		e := stations.Event{Visit: v, Lon: stop.Lon, Lat: stop.Lat, URL: s.base(r) + inPageLanguage(lang, stopPagePath(stop.ID)),
			Title: i18n.Text(lang, "stations.calendar.title", map[string]any{"stop": stop.Name.In(lang)}), Place: stop.Name.In(lang)}
		if stop.Address != "" {
			e.Place += ", " + stop.Address
		}
		e.Text = eventText(lang, v, stop, names)
		if v.State == stations.Cancelled {
			e.Title = i18n.Text(lang, "stations.calendar.cancelled", map[string]any{"stop": stop.Name.In(lang)})
		}
		events = append(events, e)
	}
	return events, nil
}

// eventText is what stands below an event: why not, what one can do there.
func eventText(lang string, v stations.Visit, stop stations.Stop, names map[string]web.Link) string {
	lines := []string{i18n.Text(lang, "stepfree."+map[bool]string{true: "yes", false: "no"}[stop.StepFree], nil)}
	if reason := v.Reason.In(lang); v.State == stations.Cancelled && reason != "" {
		lines = []string{reason}
	}
	for _, id := range v.Services {
		if l, ok := names[id]; ok {
			lines = append(lines, "– "+l.Text)
		}
	}
	return strings.Join(lines, "\n")
}

// domain makes ids of events unique in the world; it must not depend on how a
// client reaches the server.
func (s *Server) domain() string {
	if u, err := url.Parse(s.BaseURL); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	return "ortsnah"
}

// subscription offers the calendar beside a page.
func (s *Server) subscription(r *http.Request, page string) web.Subscription {
	path := page + "/termine.ics"
	c := web.Subscription{Path: path, URL: s.base(r) + inPageLanguage(web.LangOf(r), path)}
	if _, rest, ok := strings.Cut(c.URL, "://"); ok {
		c.Open = template.URL("webcal://" + rest) //nolint:gosec // our own address
	}
	return c
}

// inPageLanguage is the path of a page in a language.
func inPageLanguage(lang, path string) string {
	if lang == "en" {
		return "/en" + path
	}
	return path
}

package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/stations"
)

// timetable is what pages know of the mobile stations.
type timetable struct {
	stops  []web.Stop
	visits []web.Visit // not over yet, in order of time
}

// timetable reads the stops and the coming visits, cancelled ones too: people
// may count on them.
func (s *Server) timetable(ctx context.Context, lang string) (timetable, error) {
	var t timetable
	stops, err := stations.Stops(ctx, s.Open)
	if err != nil {
		return t, err
	}
	visits, err := stations.Visits(ctx, s.Open, s.Now(), s.Now().Add(stations.Horizon))
	if err != nil {
		return t, err
	}
	names, err := s.districtNames(ctx)
	if err != nil {
		return t, err
	}
	concerns, err := booking.Concerns(ctx, s.Open)
	if err != nil {
		return t, err
	}
	at := map[string]web.Stop{}
	for _, p := range stops {
		stop := stopEntry(p, lang, names)
		t.stops, at[p.ID] = append(t.stops, stop), stop
	}
	services := serviceLinks(concerns, lang)
	for _, v := range visits {
		t.visits = append(t.visits, visitEntry(v, at[v.Stop], services, lang))
	}
	for i := range t.stops {
		t.stops[i].Visits = visitsAt(t.visits, t.stops[i].ID, 3)
	}
	return t, nil
}

func stopEntry(p stations.Stop, lang string, districts map[string]string) web.Stop {
	return web.Stop{ID: p.ID, Name: p.Name.In(lang), Address: p.Address, District: either(districts[p.District], p.District),
		StepFree: yesNo(&p.StepFree), Lon: p.Lon, Lat: p.Lat}
}

func visitEntry(v stations.Visit, at web.Stop, services map[string]web.Link, lang string) web.Visit {
	entry := web.Visit{ID: v.ID, StopID: v.Stop, Station: v.StationName.In(lang), Stop: at.Name, Address: at.Address,
		District: at.District, Start: v.Starts, End: v.Ends, StepFree: at.StepFree, Lon: at.Lon, Lat: at.Lat,
		Cancelled: v.State == stations.Cancelled, Note: v.Reason.In(lang)}
	for _, id := range v.Services {
		if l, ok := services[id]; ok {
			entry.Services = append(entry.Services, l)
		}
	}
	return entry
}

func serviceLinks(concerns []booking.Concern, lang string) map[string]web.Link {
	links := make(map[string]web.Link, len(concerns))
	for _, c := range concerns {
		links[c.ID] = web.Link{Text: c.Name.In(lang), Path: "/anliegen/" + c.ID}
	}
	return links
}

// visitsAt are the next visits of a stop.
func visitsAt(all []web.Visit, stop string, most int) []web.Visit {
	var list []web.Visit
	for _, v := range all {
		if v.StopID == stop && len(list) < most {
			list = append(list, v)
		}
	}
	return list
}

// offers says whether a visit offers the service.
func offers(v web.Visit, service string) bool {
	return slices.ContainsFunc(v.Services, func(l web.Link) bool { return l.Path == "/anliegen/"+service })
}

// stationsPage answers /stationen.
func (s *Server) stationsPage(w http.ResponseWriter, r *http.Request) error {
	lang, v := web.LangOf(r), r.URL.Query()
	t, err := s.timetable(r.Context(), lang)
	if err != nil {
		return err
	}
	p := web.Stations{DatasetID: catalog.Visits, Services: servicesOffered(t.visits, v.Get("anliegen")),
		Districts: namesAsOptions(v.Get("stadtteil"), t.visits, func(v web.Visit) string { return v.District })}
	wanted := slices.DeleteFunc(t.visits, func(visit web.Visit) bool {
		return v.Get("anliegen") != "" && !offers(visit, v.Get("anliegen")) ||
			v.Get("stadtteil") != "" && visit.District != v.Get("stadtteil")
	})
	p.Visits, p.NextPath = pageOf(wanted, "/stationen", v)
	return s.page(w, r, p)
}

// servicesOffered are the services of the visits as options, by name.
func servicesOffered(visits []web.Visit, chosen string) []web.Option {
	var links []web.Link
	for _, v := range visits {
		links = append(links, v.Services...)
	}
	list := namesAsOptions("", links, func(l web.Link) string { return l.Text })
	for i := range list {
		for _, l := range links {
			if l.Text == list[i].Label {
				list[i].Value = l.Path[len("/anliegen/"):]
				list[i].On = list[i].Value == chosen
				break
			}
		}
	}
	return list
}

// countSoon counts the visits that begin within a span from now.
func countSoon(visits []web.Visit, now time.Time, span time.Duration) int {
	n := 0
	for _, v := range visits {
		if !v.Cancelled && v.Start.Before(now.Add(span)) {
			n++
		}
	}
	return n
}

package api

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/stations"
	"github.com/ortsnah/ortsnah/stations/travel"
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

// stationSearch is what a person asks of the stations. It travels in the
// address; where the person is does not.
type stationSearch struct {
	service  string // id of a concern; "" any
	district string // name; narrows the list of all visits alone
	when     string // "jetzt", "heute", "woche"; "" any time
	mode     string // "rad", "auto"; "" on foot
	stepFree bool
}

func stationWhens() map[string]stations.When {
	return map[string]stations.When{"jetzt": stations.Now, "heute": stations.Today, "woche": stations.Week}
}

func stationModes() map[string]travel.Profile {
	return map[string]travel.Profile{"": travel.Walk, "rad": travel.Bike, "auto": travel.Car}
}

// stationSearchIn reads an address or form; what makes no sense is as if it
// had not been said.
func stationSearchIn(v url.Values) stationSearch {
	q := stationSearch{service: typed(v.Get("anliegen")), district: typed(v.Get("stadtteil")), when: v.Get("wann"), mode: v.Get("mit"), stepFree: v.Get("stufenlos") != ""}
	if stationWhens()[q.when] == stations.AnyTime {
		q.when = ""
	}
	if stationModes()[q.mode] == "" {
		q.mode = ""
	}
	return q
}

// fields say q again, in a form that asks for something else.
func (q stationSearch) fields() []web.BookingField {
	var list []web.BookingField
	for _, f := range []web.BookingField{{Name: "anliegen", Value: q.service}, {Name: "wann", Value: q.when}, {Name: "mit", Value: q.mode},
		{Name: "stufenlos", Value: map[bool]string{true: "1"}[q.stepFree]}, {Name: "stadtteil", Value: q.district}} {
		if f.Value != "" {
			list = append(list, f)
		}
	}
	return list
}

// path is the page with q in its address.
func (q stationSearch) path() string {
	v := url.Values{}
	for _, f := range q.fields() {
		v.Set(f.Name, f.Value)
	}
	if len(v) == 0 {
		return "/stationen"
	}
	return "/stationen?" + v.Encode()
}

// matches says whether the list of all visits has this one.
func (q stationSearch) matches(v web.Visit, now time.Time, zone *time.Location) bool {
	return (q.service == "" || offers(v, q.service)) && (q.district == "" || v.District == q.district) &&
		stationWhens()[q.when].Holds(v.Start.In(zone), now) && (!q.stepFree || v.StepFree == web.Yes)
}

// searchOptions are a choice of which the first, usual one has no word in the
// address.
func searchOptions(lang, prefix, chosen string, words ...string) []web.Option {
	list := []web.Option{{Label: i18n.Text(lang, prefix+"usual", nil), On: chosen == ""}}
	return append(list, options(chosen, words, lang, prefix)...)
}

// stationsPage answers /stationen.
func (s *Server) stationsPage(w http.ResponseWriter, r *http.Request) error {
	return s.stationsAnswer(w, r, http.StatusOK, stationSearchIn(r.URL.Query()), func(*web.Stations) {})
}

// stationsAnswer shows the page; change has the last word.
func (s *Server) stationsAnswer(w http.ResponseWriter, r *http.Request, code int, q stationSearch, change func(*web.Stations)) error {
	lang := web.LangOf(r)
	t, err := s.timetable(r.Context(), lang)
	if err != nil {
		return err
	}
	p := web.Stations{DatasetID: catalog.Visits, Services: servicesOffered(t.visits, q.service), StepFree: q.stepFree,
		Whens: searchOptions(lang, "stations.when.", q.when, "jetzt", "heute", "woche"),
		Modes: searchOptions(lang, "stations.mode.", q.mode, "rad", "auto"), Calendar: s.subscription(r, "/stationen")}
	if p.Map, err = s.stopMap(r.Context()); err != nil {
		return err
	}
	if at, ok := s.hereOf(r); ok {
		p.Address, p.Lon, p.Lat = at.Label, at.At.Lon(), at.At.Lat()
		p.Here = cmp.Or(at.Label, i18n.Text(lang, "stations.device", nil))
		if p.Near, err = s.nearStations(r.Context(), q, at, t, lang); err != nil {
			return err
		}
	}
	s.listVisits(&p, r, q, t)
	change(&p)
	// The same address has other answers once a place is known.
	w.Header().Set("Vary", "Cookie")
	w.Header().Set("Cache-Control", "private, no-cache")
	if p.Here != "" || code != http.StatusOK || r.Method == http.MethodPost {
		w.Header().Set("Cache-Control", private)
		return s.Pages.Render(w, r, code, p)
	}
	return s.page(w, r, p)
}

// listVisits fills the list of all visits that fit q.
func (s *Server) listVisits(p *web.Stations, r *http.Request, q stationSearch, t timetable) {
	rest := q
	rest.district = ""
	p.Keep = rest.fields()
	if q != (stationSearch{mode: q.mode}) {
		p.ResetPath = stationSearch{mode: q.mode}.path()
	}
	now := s.Now()
	fitting := slices.DeleteFunc(slices.Clone(t.visits), func(v web.Visit) bool { return !rest.matches(v, now, s.Zone) })
	p.Districts = namesAsOptions(q.district, fitting, func(v web.Visit) string { return v.District })
	if q.district != "" && !slices.ContainsFunc(p.Districts, func(o web.Option) bool { return o.On }) {
		p.Districts = append(p.Districts, web.Option{Value: q.district, Label: q.district, On: true})
	}
	fitting = slices.DeleteFunc(fitting, func(v web.Visit) bool { return !q.matches(v, now, s.Zone) })
	v := url.Values{"seite": {r.URL.Query().Get("seite")}}
	for _, f := range q.fields() {
		v.Set(f.Name, f.Value)
	}
	p.Visits, p.NextPath = pageOf(fitting, "/stationen", v)
}

// stopMap is the ground of the maps of stops.
func (s *Server) stopMap(ctx context.Context) (m web.StopMap, err error) {
	ready, err := s.collections(ctx)
	if err != nil {
		return m, err
	}
	m.SitesURL = itemsURL(ready, catalog.ConstructionSites)
	m.Bounds, err = s.townBounds(ctx, ready)
	return m, err
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

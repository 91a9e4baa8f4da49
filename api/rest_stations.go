package api

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/stations"
	"github.com/ortsnah/ortsnah/stations/travel"
	"github.com/paulmach/orb"
)

// nearestAnswer is the answer of /api/v1/stations/nearest.
type nearestAnswer struct {
	At          time.Time         `json:"at"`
	When        stations.When     `json:"when,omitempty"`
	Mode        travel.Profile    `json:"mode"`
	Service     *named            `json:"service,omitzero"`
	Sort        stations.Sort     `json:"sort"`
	Options     []stations.Option `json:"options"`
	Unreachable []string          `json:"unreachable_stops"` // no street leads there
	Travel      texts             `json:"travel_note"`
	Attribution string            `json:"travel_attribution,omitempty"`
	Demo        bool              `json:"travel_demo"` // the street network is invented
}

// nearestStations answers /api/v1/stations/nearest: the next visits of mobile
// stations that a person at a place can reach.
func (s *Server) nearestStations(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", private) // the address holds where a person is
	v, err := parameters(r, "lon", "lat", "at", "service", "sort", "limit", "mode", "when", "step_free")
	if err != nil {
		return err
	}
	q, err := s.nearestQuestion(v)
	if err != nil {
		return err
	}
	mode, err := oneOf(v, "mode", travel.Walk, travel.Profiles()...)
	if err != nil {
		return err
	}
	lon, err := degrees(v, "lon", 180)
	if err != nil {
		return err
	}
	lat, err := degrees(v, "lat", 90)
	if err != nil {
		return err
	}
	a := nearestAnswer{At: q.At.In(s.Zone), When: q.When, Mode: mode, Sort: q.Sort}
	if q.Service != "" {
		c, err := booking.FindConcern(r.Context(), s.Open, q.Service)
		if err != nil {
			return err
		}
		a.Service = &named{ID: c.ID, Name: bothLanguages(c.Name)}
	}
	if err := s.nearest(r.Context(), &a, q, orb.Point{lon, lat}); err != nil {
		return err
	}
	return writeJSON(w, r, jsonMedia, a)
}

// nearest fills the answer to a question from a place in lon/lat.
func (s *Server) nearest(ctx context.Context, a *nearestAnswer, q stations.Question, from orb.Point) (err error) {
	if q.From, err = stations.Place(ctx, s.Open, from.Lon(), from.Lat()); err != nil {
		return err
	}
	timetable, err := stations.LoadTimetable(ctx, s.Open, q.At)
	if err != nil {
		return err
	}
	ways, err := timetable.Ways(ctx, s.Travel, a.Mode, from)
	if err != nil {
		return err
	}
	if a.Options, err = timetable.Nearest(q, ways); err != nil {
		return err
	}
	a.Unreachable = []string{}
	for _, stop := range timetable.Unreachable(ways) {
		a.Unreachable = append(a.Unreachable, stop.ID)
	}
	times := s.Travel.Undisturbed()
	a.Attribution, a.Demo, a.Travel = times.Attribution(), times.Demo(), sentence("api.travel."+string(times.Basis()), nil)
	if a.Demo {
		a.Travel = sentence("api.travel.demo", nil)
	}
	return nil
}

// nearestQuestion reads all but the place and the mode.
func (s *Server) nearestQuestion(v url.Values) (stations.Question, error) {
	q := stations.Question{At: s.Now(), Service: v.Get("service")}
	if v.Has("at") {
		t, err := time.Parse(time.RFC3339, strings.ReplaceAll(v.Get("at"), " ", "+")) // a bare + is a space in a query
		if err != nil || t.Year() < 1900 || t.Year() > 9000 {
			return q, ortsnah.E(ortsnah.Invalid, "api.bad_time", "name", "at", "value", v.Get("at")).About("at")
		}
		q.At = t
	}
	var err error
	if q.Sort, err = oneOf(v, "sort", stations.Early, stations.Early, stations.Near); err != nil {
		return q, err
	}
	if q.When, err = oneOf(v, "when", stations.AnyTime, stations.Now, stations.Today, stations.Week); err != nil {
		return q, err
	}
	yes, err := oneOf(v, "step_free", "false", "true", "false")
	if err != nil {
		return q, err
	}
	q.StepFree = yes == "true"
	limit, err := wholeNumber(v, "limit", 1, 50, 5)
	q.Limit = int(limit)
	return q, err
}

// oneOf reads a parameter that has to be one of some words; without it, it is
// the given one.
func oneOf[T ~string](v url.Values, name string, without T, words ...T) (T, error) {
	if !v.Has(name) || slices.Contains(words, T(v.Get(name))) {
		return cmp.Or(T(v.Get(name)), without), nil
	}
	var allowed []string
	for _, w := range words {
		allowed = append(allowed, string(w))
	}
	return without, ortsnah.E(ortsnah.Invalid, "api.no_such_format", "value", v.Get(name), "allowed", strings.Join(allowed, ", ")).About(name)
}

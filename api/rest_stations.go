package api

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/stations"
)

// nearestAnswer is the answer of /api/v1/stations/nearest.
type nearestAnswer struct {
	At      time.Time         `json:"at"`
	Service *named            `json:"service,omitzero"`
	Sort    stations.Sort     `json:"sort"`
	Options []stations.Option `json:"options"`
	Travel  texts             `json:"travel_note"`
}

// nearestStations answers /api/v1/stations/nearest: the next visits of mobile
// stations that a person at a place can reach.
func (s *Server) nearestStations(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", private) // the address holds where a person is
	v, err := parameters(r, "lon", "lat", "at", "service", "sort", "limit")
	if err != nil {
		return err
	}
	q, err := s.nearestQuestion(v)
	if err != nil {
		return err
	}
	a := nearestAnswer{At: q.At.In(s.Zone), Sort: q.Sort, Travel: sentence("api.straight_line", nil)}
	if q.Service != "" {
		c, err := booking.FindConcern(r.Context(), s.Open, q.Service)
		if err != nil {
			return err
		}
		a.Service = &named{ID: c.ID, Name: bothLanguages(c.Name)}
	}
	lon, err := degrees(v, "lon", 180)
	if err != nil {
		return err
	}
	lat, err := degrees(v, "lat", 90)
	if err != nil {
		return err
	}
	if q.From, err = stations.Place(r.Context(), s.Open, lon, lat); err != nil {
		return err
	}
	if a.Options, err = stations.Nearest(r.Context(), s.Open, q); err != nil {
		return err
	}
	return writeJSON(w, r, jsonMedia, a)
}

// nearestQuestion reads all but the place.
func (s *Server) nearestQuestion(v url.Values) (stations.Question, error) {
	q := stations.Question{At: s.Now(), Service: v.Get("service"), Sort: stations.Early}
	if v.Has("at") {
		t, err := time.Parse(time.RFC3339, strings.ReplaceAll(v.Get("at"), " ", "+")) // a bare + is a space in a query
		if err != nil || t.Year() < 1900 || t.Year() > 9000 {
			return q, ortsnah.E(ortsnah.Invalid, "api.bad_time", "name", "at", "value", v.Get("at")).About("at")
		}
		q.At = t
	}
	if v.Has("sort") {
		q.Sort = stations.Sort(v.Get("sort"))
		if q.Sort != stations.Early && q.Sort != stations.Near {
			return q, ortsnah.E(ortsnah.Invalid, "api.no_such_format", "value", v.Get("sort"), "allowed", "early, near").About("sort")
		}
	}
	limit, err := wholeNumber(v, "limit", 1, 50, 5)
	q.Limit = int(limit)
	return q, err
}

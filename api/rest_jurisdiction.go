package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/stations"
	"github.com/paulmach/orb"
)

// texts is a sentence in both languages.
type texts struct {
	DE string `json:"de"`
	EN string `json:"en"`
}

// sentence is the text named key with its placeholders filled.
func sentence(key string, args map[string]any) texts {
	return texts{i18n.Text("de", key, args), i18n.Text("en", key, args)}
}

// bothLanguages gives a name in both languages, German where English is missing.
func bothLanguages(t catalog.Text) texts { return texts{t.In("de"), t.In("en")} }

// named is something with a name; nil where there is none.
type named struct {
	ID    string `json:"id"`
	Label string `json:"label,omitzero"`
	Name  texts  `json:"name"`
}

// Outcomes of a question about jurisdiction beyond those of booking.
const (
	inDistrict      = "district"
	outsideAll      = "outside"
	chooseAnAddress = "choose_address"
)

// jurisdictionAnswer is the answer of /api/v1/jurisdiction.
type jurisdictionAnswer struct {
	Outcome     string            `json:"outcome"`
	Service     *named            `json:"service,omitzero"`
	Team        *named            `json:"team,omitzero"`
	Office      *named            `json:"office,omitzero"`
	Place       *placeAnswer      `json:"place,omitzero"`
	District    *districtAnswer   `json:"district,omitzero"`
	Rule        *ruleAnswer       `json:"rule,omitzero"`
	Explanation texts             `json:"explanation"`
	Border      *borderAnswer     `json:"border,omitzero"`
	Addresses   []booking.Address `json:"addresses,omitempty"`
}

type placeAnswer struct {
	Lon     float64 `json:"lon"`
	Lat     float64 `json:"lat"`
	Address string  `json:"address,omitzero"`
}

type districtAnswer struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

type ruleAnswer struct {
	ID        string   `json:"id"`
	Kind      string   `json:"kind"`
	From      string   `json:"from,omitzero"`
	To        string   `json:"to,omitzero"`
	Districts []string `json:"districts,omitempty"`
	Areas     []string `json:"areas,omitempty"` // ids of drawn areas
}

type borderAnswer struct {
	Districts []string `json:"districts"`
	Note      texts    `json:"note"`
}

// jurisdiction answers /api/v1/jurisdiction: who is responsible, and the rule
// that decided. Nothing that was asked is stored, cached or logged: a name and
// an address are personal.
func (s *Server) jurisdiction(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", private)
	v, err := parameters(r, "service", "lon", "lat", "address", "name")
	if err != nil {
		return err
	}
	if !v.Has("service") && !v.Has("lon") && !v.Has("lat") && !v.Has("address") {
		return ortsnah.E(ortsnah.Invalid, "api.jurisdiction_of_what").About("service")
	}
	if len(v.Get("name")) > 200 {
		return ortsnah.E(ortsnah.Invalid, "api.bad_name").About("name")
	}
	asked, err := s.placeAsked(r.Context(), v)
	if err != nil {
		return err
	}
	var a jurisdictionAnswer
	switch {
	case asked.choice != nil:
		a = jurisdictionAnswer{Outcome: chooseAnAddress, Addresses: asked.choice,
			Explanation: sentence("api.choose_an_address", nil)}
	case !v.Has("service"):
		a = s.districtOnly(asked)
	default:
		if a, err = s.decide(r.Context(), v.Get("service"), v.Get("name"), asked); err != nil {
			return err
		}
	}
	return writeJSON(w, r, jsonMedia, a)
}

// asked is the place of a question; given is false when it names none.
type asked struct {
	given   bool
	place   Place
	address string
	choice  []booking.Address // several addresses fit: a person has to choose
}

// placeAsked reads the place from lon and lat or from address.
func (s *Server) placeAsked(ctx context.Context, v url.Values) (asked, error) {
	if v.Has("address") && (v.Has("lon") || v.Has("lat")) {
		return asked{}, ortsnah.E(ortsnah.Invalid, "api.point_or_address").About("address")
	}
	if v.Has("address") {
		return s.addressAsked(ctx, v.Get("address"))
	}
	if !v.Has("lon") && !v.Has("lat") {
		return asked{}, nil
	}
	lon, err := degrees(v, "lon", 180)
	if err != nil {
		return asked{}, err
	}
	lat, err := degrees(v, "lat", 90)
	if err != nil {
		return asked{}, err
	}
	p, err := s.Districts.Locate(ctx, lon, lat)
	return asked{given: true, place: p}, err
}

func (s *Server) addressAsked(ctx context.Context, text string) (asked, error) {
	found, err := booking.LocateAddress(ctx, s.Open, text)
	if err != nil {
		return asked{}, err
	}
	if len(found) != 1 || !found[0].Exact {
		return asked{choice: found}, nil
	}
	p, err := s.Districts.Locate(ctx, found[0].Lon, found[0].Lat)
	return asked{given: true, place: p, address: found[0].Label}, err
}

// spot is the place in the working CRS, nil when none was given.
func (q asked) spot() *orb.Point {
	if !q.given {
		return nil
	}
	return &q.place.At
}

// degrees reads a required coordinate.
func degrees(v url.Values, name string, largest float64) (float64, error) {
	x, err := strconv.ParseFloat(v.Get(name), 64)
	if err != nil || !(x >= -largest && x <= largest) { // NaN is not either
		return 0, ortsnah.E(ortsnah.Invalid, "api.bad_coordinate", "name", name, "value", v.Get(name), "largest", largest).About(name)
	}
	return x, nil
}

// districtOnly is the answer to a question without a service.
func (s *Server) districtOnly(q asked) jurisdictionAnswer {
	a := jurisdictionAnswer{Outcome: inDistrict}
	a.locate(q)
	d := q.place.District
	a.Explanation = sentence("api.in_district", map[string]any{"code": d.Code, "name": d.Name})
	if d.Code == "" {
		a.Outcome, a.Explanation = outsideAll, sentence("booking.because_outside", nil)
	}
	return a
}

// locate writes the place and its district into the answer.
func (a *jurisdictionAnswer) locate(q asked) {
	if !q.given {
		return
	}
	a.Place = &placeAnswer{Lon: q.place.Lon, Lat: q.place.Lat, Address: q.address}
	if d := q.place.District; d.Code != "" {
		a.District = &districtAnswer{d.Code, d.Name}
	}
	a.border(q.place.Border, q.place.District)
}

func (a *jurisdictionAnswer) border(codes []string, d geo.District) {
	if len(codes) > 1 {
		a.Border = &borderAnswer{codes, sentence("api.on_border", map[string]any{"district": d.Code})}
	}
}

// decide asks booking and turns its decision into an answer. What the service
// needs and was not given is a bad request that says so.
func (s *Server) decide(ctx context.Context, service, name string, q asked) (jurisdictionAnswer, error) {
	d, concern, err := s.decision(ctx, service, name, q)
	if err != nil {
		return jurisdictionAnswer{}, err
	}
	switch d.Outcome {
	case booking.NeedsName:
		return jurisdictionAnswer{}, ortsnah.E(ortsnah.Invalid, "api.name_needed", "service", concern.Name.DE).About("name")
	case booking.NeedsPlace:
		return jurisdictionAnswer{}, ortsnah.E(ortsnah.Invalid, "api.place_needed", "service", concern.Name.DE).About("lon")
	}
	a := jurisdictionAnswer{Outcome: string(d.Outcome), Explanation: sentence(d.Key, d.Args),
		Service: &named{ID: concern.ID, Name: bothLanguages(concern.Name)}}
	a.locate(q)
	if d.Team.ID != "" {
		a.Team = &named{ID: d.Team.ID, Label: d.Team.Label, Name: bothLanguages(d.Team.Name)}
	}
	if d.Office.ID != "" {
		a.Office = &named{ID: d.Office.ID, Name: bothLanguages(d.Office.Name)}
	}
	if d.Rule != nil {
		a.Rule = &ruleAnswer{ID: d.Rule.ID, Kind: string(d.Rule.Kind), From: d.Rule.PrefixFrom, To: d.Rule.PrefixTo, Districts: d.Rule.Districts, Areas: d.Rule.Areas}
	}
	return a, nil
}

// decision is booking's answer for today.
func (s *Server) decision(ctx context.Context, service, name string, q asked) (booking.Decision, booking.Concern, error) {
	directory, err := booking.LoadDirectory(ctx, s.Open)
	if err != nil {
		return booking.Decision{}, booking.Concern{}, err
	}
	d, err := directory.Decide(booking.Question{Service: service, Name: name, Located: q.given,
		District: q.place.District.Code, Borders: q.place.Border, Spot: q.spot(), Day: stations.Day(s.Now().In(s.Zone))})
	concern, _ := directory.Concern(service)
	if name := q.place.District.Name; name != "" && d.Args["district"] != nil {
		d.Args["district"] = name + " (" + q.place.District.Code + ")" // people know names, not codes
	}
	return d, concern, err
}

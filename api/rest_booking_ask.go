package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/booking/match"
	"github.com/ortsnah/ortsnah/stations"
)

// visitAsked is what a client wants an appointment for: the query of GET
// /api/v1/proposals, or the same as JSON, which keeps name and address out of
// addresses and logs.
type visitAsked struct {
	Service  oneOrMore `json:"service"`
	Persons  *int      `json:"persons"`
	Name     string    `json:"name"`
	Lon      *float64  `json:"lon"`
	Lat      *float64  `json:"lat"`
	Address  string    `json:"address"`
	Channel  string    `json:"channel"`
	From     string    `json:"from"`
	To       string    `json:"to"`
	Sort     string    `json:"sort"`
	Limit    *int      `json:"limit"`
	StepFree bool      `json:"step_free"`
}

// oneOrMore is a list that may be written as one string with commas.
type oneOrMore []string

// UnmarshalJSON implements json.Unmarshaler.
func (l *oneOrMore) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*l = split(one)
		return nil
	}
	var list []string
	if json.Unmarshal(raw, &list) != nil {
		return ortsnah.E(ortsnah.Invalid, "api.wrong_type", "name", "service").About("service")
	}
	*l = list
	return nil
}

func split(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// visitNames are the parameters of GET /api/v1/proposals.
func visitNames() []string {
	return []string{"service", "persons", "name", "lon", "lat", "address", "channel", "from", "to", "sort", "limit", "step_free"}
}

// visitQuery reads the query; service may be repeated.
func visitQuery(r *http.Request) (visitAsked, error) {
	plain := r.Clone(r.Context())
	if all := r.URL.Query()["service"]; len(all) > 1 {
		values := r.URL.Query()
		values["service"] = []string{strings.Join(all, ",")}
		plain.URL.RawQuery = values.Encode()
	}
	v, err := parameters(plain, visitNames()...)
	if err != nil {
		return visitAsked{}, err
	}
	n := visitAsked{Service: split(v.Get("service")), Name: v.Get("name"), Address: v.Get("address"), Channel: v.Get("channel"),
		From: strings.ReplaceAll(v.Get("from"), " ", "+"), To: strings.ReplaceAll(v.Get("to"), " ", "+"), Sort: v.Get("sort")}
	for name, into := range map[string]**int{"persons": &n.Persons, "limit": &n.Limit} {
		if *into, err = number(v, name); err != nil {
			return n, err
		}
	}
	if n.StepFree, err = yesOrNo(v, "step_free"); err != nil {
		return n, err
	}
	if v.Has("lon") || v.Has("lat") {
		if n.Lon, err = coordinate(v, "lon", 180); err != nil {
			return n, err
		}
		n.Lat, err = coordinate(v, "lat", 90)
	}
	return n, err
}

func number(v url.Values, name string) (*int, error) {
	if !v.Has(name) {
		return nil, nil
	}
	n, err := strconv.Atoi(v.Get(name))
	if err != nil {
		return nil, ortsnah.E(ortsnah.Invalid, "api.wrong_type", "name", name).About(name)
	}
	return &n, nil
}

func yesOrNo(v url.Values, name string) (bool, error) {
	switch v.Get(name) {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, ortsnah.E(ortsnah.Invalid, "api.no_such_format", "value", v.Get(name), "allowed", "true, false").About(name)
}

func coordinate(v url.Values, name string, largest float64) (*float64, error) {
	x, err := degrees(v, name, largest)
	return &x, err
}

// Bounds of what is asked.
const (
	usualProposals = 5
	mostProposals  = 50
	longestText    = 200 // bytes of a name or an address
)

// request turns what is wanted into booking's question. asked says whether
// the place is ambiguous: then a person has to choose first.
func (s *Server) request(ctx context.Context, n visitAsked) (q booking.Request, place asked, err error) {
	q = booking.Request{Concerns: n.Service, Persons: 1, Name: n.Name, Channel: booking.Channel(n.Channel), Via: booking.ViaWeb,
		StepFree: n.StepFree, Sort: match.Best, Limit: usualProposals}
	if n.Persons != nil {
		q.Persons = *n.Persons
	}
	if len(n.Name) > longestText {
		return q, place, ortsnah.E(ortsnah.Invalid, "api.bad_name").About("name")
	}
	if n.Sort != "" {
		q.Sort = match.Sort(n.Sort)
	}
	if !slices.Contains([]match.Sort{match.Best, match.Early, match.Near}, q.Sort) {
		return q, place, ortsnah.E(ortsnah.Invalid, "api.no_such_format", "value", shortened(n.Sort), "allowed", "best, early, near").About("sort")
	}
	if n.Limit != nil {
		q.Limit = *n.Limit
	}
	if q.Limit < 1 || q.Limit > mostProposals {
		return q, place, ortsnah.E(ortsnah.Invalid, "api.not_a_whole_number", "name", "limit", "value", q.Limit, "low", 1, "high", mostProposals).About("limit")
	}
	if q.From, q.To, err = s.window(n.From, n.To); err != nil {
		return q, place, err
	}
	place, err = s.placeAsked(ctx, n.place())
	if err == nil && place.given {
		q.Where = &place.place.At
	}
	return q, place, err
}

// place is the part of n that says where, as placeAsked reads it.
func (n visitAsked) place() url.Values {
	v := url.Values{}
	if n.Address != "" {
		v.Set("address", n.Address)
	}
	for name, x := range map[string]*float64{"lon": n.Lon, "lat": n.Lat} {
		if x != nil {
			v.Set(name, strconv.FormatFloat(*x, 'f', -1, 64))
		}
	}
	return v
}

// window reads the bounds of the start: an instant (RFC 3339), a wall time in
// the town without offset, or a day, which counts as a whole in both bounds.
func (s *Server) window(from, to string) (start, end time.Time, err error) {
	if from != "" {
		if start, err = s.moment("from", from, false); err != nil {
			return start, end, err
		}
	}
	if to != "" {
		end, err = s.moment("to", to, true)
	}
	return start, end, err
}

var (
	dayShape  = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	wallShape = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(:00)?$`)
	timeShape = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})$`)
)

// moment reads one time. A day is its first moment, or with until the first
// of the day after. The field and not its value is in errors where the shape
// is wrong: it might be anything.
func (s *Server) moment(field, text string, until bool) (time.Time, error) {
	switch {
	case dayShape.MatchString(text):
		day, err := calendarDay(field, text)
		if err != nil {
			return time.Time{}, err
		}
		if until {
			day = day.AddDate(0, 0, 1)
		}
		start, _, _ := stations.Opening(day, 0, 24*60, s.Zone)
		return start, nil
	case wallShape.MatchString(text):
		m := wallShape.FindStringSubmatch(text)
		return s.wallMoment(field, m[1], m[2])
	case timeShape.MatchString(text):
		return exactTime(field, text)
	}
	return time.Time{}, ortsnah.E(ortsnah.Invalid, "api.bad_moment", "name", field).About(field)
}

// calendarDay reads a day that exists, as its midnight UTC.
func calendarDay(field, text string) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Year() < 1900 || day.Year() > 9000 {
		return time.Time{}, ortsnah.E(ortsnah.Invalid, "api.no_such_day", "value", text).About(field)
	}
	return day, nil
}

// wallMoment finds the one moment at which the town's clocks show that time.
func (s *Server) wallMoment(field, dayText, clockText string) (time.Time, error) {
	day, err := calendarDay(field, dayText)
	if err != nil {
		return time.Time{}, err
	}
	clock, err := stations.ParseClock(clockText)
	if err != nil || clock >= 24*60 {
		return time.Time{}, ortsnah.E(ortsnah.Invalid, "api.no_such_clock", "value", clockText).About(field)
	}
	switch found := stations.Instants(day, clock, s.Zone); len(found) {
	case 1:
		return found[0], nil
	case 0:
		return time.Time{}, ortsnah.E(ortsnah.Invalid, "api.no_such_hour", "day", dayText, "time", clockText).About(field)
	default:
		return time.Time{}, ortsnah.E(ortsnah.Invalid, "api.hour_comes_twice", "day", dayText, "time", clockText,
			"first", found[0].Format("-07:00"), "second", found[1].Format("-07:00")).About(field)
	}
}

// exactTime reads RFC 3339; seconds may be left out. Any offset will do: an
// instant is an instant.
func exactTime(field, text string) (time.Time, error) {
	text = strings.ToUpper(text)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() >= 1900 && t.Year() <= 9000 {
			return t, nil
		}
	}
	if _, err := calendarDay(field, text[:10]); err != nil {
		return time.Time{}, err
	}
	return time.Time{}, ortsnah.E(ortsnah.Invalid, "api.no_such_clock", "value", text[11:]).About(field)
}

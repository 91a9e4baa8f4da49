package stations

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/stations/travel"
	"github.com/paulmach/orb"
)

// Sort is what a citizen wants first.
type Sort string

// The orders: Early is by the first minute of service, Near by the way.
const (
	Early Sort = "early"
	Near  Sort = "near"
)

// When narrows the visits down.
type When string

// The times: any, those that are open now, those of today, those of the next
// seven days.
const (
	AnyTime When = ""
	Now     When = "now"
	Today   When = "today"
	Week    When = "week"
)

// Question asks for visits that a person at a place can reach.
type Question struct {
	From     orb.Point // x/y in the working CRS, metres; for the distance
	At       time.Time // when the person sets out
	When     When
	Service  string // concern that the visit must offer; empty: any
	StepFree bool   // only stops without steps
	Sort     Sort   // zero is Early
	Limit    int    // most stops to return; zero is 5
}

// Option is the next visit of one stop that the person can reach before it
// ends.
type Option struct {
	Stop          Stop           `json:"stop"`
	Visit         Visit          `json:"visit"`
	OpenOnArrival bool           `json:"open_on_arrival"` // nobody has to wait outside
	Distance      float64        `json:"distance_m"`      // straight line, metres
	Mode          travel.Profile `json:"mode"`
	Travel        time.Duration  `json:"-"`                 // with the construction sites of the visit's day
	TravelMinutes int            `json:"travel_minutes"`    // rounded up
	Roadworks     int            `json:"roadworks_minutes"` // of these because of construction sites
	TravelBasis   travel.Basis   `json:"travel_basis"`
	Arrival       time.Time      `json:"arrival"`      // At + Travel
	Ready         time.Time      `json:"service_from"` // the later of Arrival and the visit's start
	Cancelled     []Visit        `json:"cancelled"`    // visits of this stop that would have come first
}

// Timetable answers Questions from memory. It is immutable.
type Timetable struct {
	stops  []Stop
	visits [][]Visit // per stop, ascending start
}

// NewTimetable orders visits by their stops; visits of unknown stops are left
// out.
func NewTimetable(stops []Stop, visits []Visit) *Timetable {
	t := &Timetable{stops: stops, visits: make([][]Visit, len(stops))}
	at := map[string]int{}
	for i, s := range stops {
		at[s.ID] = i
	}
	for _, v := range visits {
		if i, ok := at[v.Stop]; ok {
			t.visits[i] = append(t.visits[i], v)
		}
	}
	for _, list := range t.visits {
		slices.SortStableFunc(list, func(a, b Visit) int { return a.Starts.Compare(b.Starts) })
	}
	return t
}

// Nearest returns at most q.Limit options, one per stop. Early: first where
// service begins first, then the shorter way. Near: the shorter way first.
// Ties are broken by the stop's id. The error is that of w.
func (t *Timetable) Nearest(q Question, w Ways) ([]Option, error) {
	var found []candidate
	for i := range t.stops {
		c, ok, err := t.candidate(i, q, w)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b candidate) int { return q.Sort.compare(t, a, b) })
	options := []Option{}
	for _, c := range found[:min(cmp.Or(max(q.Limit, 0), 5), len(found))] {
		options = append(options, t.option(c, q, w))
	}
	return options, nil
}

// candidate is the next visit that can be reached at one stop.
type candidate struct {
	stop, visit int // in Timetable
	way         time.Duration
	ready       time.Time
}

func (s Sort) compare(t *Timetable, a, b candidate) int {
	early, near := a.ready.Compare(b.ready), cmp.Compare(a.way, b.way)
	if s == Near {
		early, near = near, early
	}
	return cmp.Or(early, near, cmp.Compare(t.stops[a.stop].ID, t.stops[b.stop].ID))
}

func (t *Timetable) candidate(stop int, q Question, w Ways) (candidate, bool, error) {
	if q.StepFree && !t.stops[stop].StepFree {
		return candidate{}, false, nil
	}
	for i := range t.visits[stop] {
		v := &t.visits[stop][i]
		if v.State != Planned || !v.serves(q.Service) || !q.At.Before(v.Ends) || !q.When.Holds(v.Starts, q.At) {
			continue
		}
		way, ok, err := w.to(stop, v.day(q.At))
		if err != nil {
			return candidate{}, false, err
		}
		if arrival := q.At.Add(way); ok && arrival.Before(v.Ends) {
			return candidate{stop, i, way, later(arrival, v.Starts)}, true, nil
		}
	}
	return candidate{}, false, nil
}

// day is an instant of the day on which one goes to the visit.
func (v *Visit) day(at time.Time) time.Time { return later(at, v.Starts) }

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// Holds says whether a visit that is not over at at and starts at starts is
// among those asked for. Days are those of the zone of starts.
func (w When) Holds(starts, at time.Time) bool {
	switch w {
	case Now:
		return !at.Before(starts)
	case Today:
		return Day(starts).Equal(Day(at.In(starts.Location())))
	case Week:
		return starts.Before(at.In(starts.Location()).AddDate(0, 0, 7))
	}
	return true
}

// serves reports whether the visit offers a concern; every visit serves "".
func (v *Visit) serves(service string) bool {
	return service == "" || slices.Contains(v.Services, service)
}

func (t *Timetable) option(c candidate, q Question, w Ways) Option {
	stop, v := t.stops[c.stop], t.visits[c.stop][c.visit]
	o := Option{Stop: stop, Visit: v, Distance: math.Hypot(stop.X-q.From[0], stop.Y-q.From[1]),
		Mode: w.Profile, TravelBasis: w.Basis, Travel: c.way, Cancelled: []Visit{}}
	o.TravelMinutes = minutes(c.way)
	if free, ok := w.free(c.stop); ok {
		o.Roadworks = o.TravelMinutes - minutes(free)
	}
	o.Arrival = q.At.Add(o.Travel).In(v.Starts.Location())
	o.Ready, o.OpenOnArrival = c.ready.In(v.Starts.Location()), !o.Arrival.Before(v.Starts)
	for _, earlier := range t.visits[c.stop][:c.visit] {
		if earlier.State == Cancelled && earlier.serves(q.Service) && o.Arrival.Before(earlier.Ends) {
			o.Cancelled = append(o.Cancelled, earlier)
		}
	}
	return o
}

// minutes are rounded up: nobody shall be late by our rounding.
func minutes(d time.Duration) int { return int((d + time.Minute - 1) / time.Minute) }

// LoadTimetable reads all stops and the visits from the time on until Horizon.
func LoadTimetable(ctx context.Context, db postgis.DB, from time.Time) (*Timetable, error) {
	stops, err := Stops(ctx, db)
	if err != nil {
		return nil, err
	}
	visits, err := Visits(ctx, db, from, from.Add(Horizon))
	if err != nil {
		return nil, err
	}
	return NewTimetable(stops, visits), nil
}

// Place turns lon/lat (CRS84 degrees) into x/y of the working CRS. Error:
// Invalid stations.place_outside for a place that is not in or near Germany,
// which mostly means swapped coordinates.
func Place(ctx context.Context, db postgis.DB, lon, lat float64) (orb.Point, error) {
	if !geo.Germany().Contains(orb.Point{lon, lat}) || math.IsNaN(lon) || math.IsNaN(lat) {
		return orb.Point{}, ortsnah.E(ortsnah.Invalid, "stations.place_outside", "lon", lon, "lat", lat).About("lon")
	}
	var p orb.Point
	err := db.QueryRow(ctx, `SELECT ST_X(g), ST_Y(g)
		FROM open.setting, ST_Transform(ST_SetSRID(ST_MakePoint(@lon, @lat), 4326), working_srid) AS g`,
		pgx.NamedArgs{"lon": lon, "lat": lat}).Scan(&p[0], &p[1])
	return p, err
}

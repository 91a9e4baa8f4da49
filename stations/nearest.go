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
	"github.com/paulmach/orb"
)

// Travel is estimated from the straight line until there is a street network:
// the way is Detour times as long, walked at Walking metres per minute. The
// answer says so (TravelBasis), nobody shall take it for a route. Detour 1.3
// is usual for European street networks (Boscoe, Henry, Zdeb 2012 find 1.4 for
// driving; walking is more direct); 80 m/min are 4.8 km/h.
const (
	Detour      = 1.3
	Walking     = 80.0
	TravelBasis = "straight_line"
)

// Sort is what a citizen wants first.
type Sort string

// The orders: Early is by the first minute of service, Near by the way.
const (
	Early Sort = "early"
	Near  Sort = "near"
)

// Question asks for visits that a person at a place can reach.
type Question struct {
	From    orb.Point // x/y in the working CRS, metres
	At      time.Time // when the person sets out
	Service string    // concern that the visit must offer; empty: any
	Sort    Sort      // zero is Early
	Limit   int       // most stops to return; zero is 5
}

// Option is the next visit of one stop that the person can reach before it
// ends.
type Option struct {
	Stop          Stop          `json:"stop"`
	Visit         Visit         `json:"visit"`
	OpenOnArrival bool          `json:"open_on_arrival"` // nobody has to wait outside
	Distance      float64       `json:"distance_m"`      // straight line, metres
	Travel        time.Duration `json:"-"`
	TravelMinutes int           `json:"travel_minutes"` // rounded up
	TravelBasis   string        `json:"travel_basis"`   // TravelBasis
	Arrival       time.Time     `json:"arrival"`        // At + Travel
	Ready         time.Time     `json:"service_from"`   // the later of Arrival and the visit's start
	Cancelled     []Visit       `json:"cancelled"`      // visits of this stop that would have come first
}

// Timetable answers Questions from memory. It is immutable.
type Timetable struct {
	stops  []Stop
	visits [][]Visit // per stop, ascending start
	places *geo.Points
}

// NewTimetable orders visits by their stops; visits of unknown stops are left
// out.
func NewTimetable(stops []Stop, visits []Visit) *Timetable {
	t := &Timetable{stops: stops, visits: make([][]Visit, len(stops))}
	at := map[string]int{}
	points := make([]orb.Point, len(stops))
	for i, s := range stops {
		at[s.ID], points[i] = i, orb.Point{s.X, s.Y}
	}
	for _, v := range visits {
		if i, ok := at[v.Stop]; ok {
			t.visits[i] = append(t.visits[i], v)
		}
	}
	for _, list := range t.visits {
		slices.SortStableFunc(list, func(a, b Visit) int { return a.Starts.Compare(b.Starts) })
	}
	t.places = geo.NewPoints(points)
	return t
}

// Nearest returns at most q.Limit options, one per stop. Early: first where
// service begins first, then the shorter way. Near: the shorter way first.
// Ties are broken by the stop's id.
func (t *Timetable) Nearest(q Question) []Option {
	limit := min(cmp.Or(max(q.Limit, 0), 5), max(len(t.stops), 1))
	found := t.candidates(q, limit)
	slices.SortFunc(found, func(a, b candidate) int { return q.Sort.compare(t, a, b) })
	options := []Option{}
	for _, c := range found[:min(limit, len(found))] {
		options = append(options, t.option(c, q))
	}
	return options
}

// candidates are all that may be among the first limit ones. For Early every
// stop may; for Near mostly the nearest few, more where some have no visit.
func (t *Timetable) candidates(q Question, limit int) []candidate {
	var found []candidate
	if q.Sort != Near {
		for i, s := range t.stops {
			n := geo.Neighbour{Index: i, Distance: math.Hypot(s.X-q.From[0], s.Y-q.From[1])}
			if c, ok := t.candidate(n, q); ok {
				found = append(found, c)
			}
		}
		return found
	}
	for k := 2 * limit; ; k *= 2 {
		found = found[:0]
		for _, n := range t.places.Nearest(q.From[0], q.From[1], min(k, len(t.stops))) {
			if c, ok := t.candidate(n, q); ok {
				found = append(found, c)
			}
		}
		if len(found) >= limit || k >= len(t.stops) {
			return found
		}
	}
}

// candidate is the next visit that can be reached at one stop.
type candidate struct {
	stop, visit int // in Timetable
	distance    float64
	ready       time.Time
}

func (s Sort) compare(t *Timetable, a, b candidate) int {
	early, near := a.ready.Compare(b.ready), cmp.Compare(a.distance, b.distance)
	if s == Near {
		early, near = near, early
	}
	return cmp.Or(early, near, cmp.Compare(t.stops[a.stop].ID, t.stops[b.stop].ID))
}

func (t *Timetable) candidate(n geo.Neighbour, q Question) (candidate, bool) {
	arrival := q.At.Add(travel(n.Distance))
	for i := range t.visits[n.Index] {
		v := &t.visits[n.Index][i]
		if v.State == Planned && v.serves(q.Service) && arrival.Before(v.Ends) {
			c := candidate{n.Index, i, n.Distance, v.Starts}
			if arrival.After(v.Starts) {
				c.ready = arrival
			}
			return c, true
		}
	}
	return candidate{}, false
}

// serves reports whether the visit offers a concern; every visit serves "".
func (v *Visit) serves(service string) bool {
	return service == "" || slices.Contains(v.Services, service)
}

// travel is the estimated time on foot for a straight line in metres.
func travel(distance float64) time.Duration {
	return time.Duration(distance * Detour / Walking * float64(time.Minute)).Round(time.Second)
}

func (t *Timetable) option(c candidate, q Question) Option {
	v := t.visits[c.stop][c.visit]
	o := Option{Stop: t.stops[c.stop], Visit: v, Distance: c.distance, TravelBasis: TravelBasis,
		Travel: travel(c.distance), Cancelled: []Visit{}}
	o.TravelMinutes = int((o.Travel + time.Minute - 1) / time.Minute)
	o.Arrival = q.At.Add(o.Travel).In(v.Starts.Location())
	o.Ready, o.OpenOnArrival = c.ready.In(v.Starts.Location()), !o.Arrival.Before(v.Starts)
	for _, earlier := range t.visits[c.stop][:c.visit] {
		if earlier.State == Cancelled && earlier.serves(q.Service) && o.Arrival.Before(earlier.Ends) {
			o.Cancelled = append(o.Cancelled, earlier)
		}
	}
	return o
}

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

// Nearest answers q from the database.
func Nearest(ctx context.Context, db postgis.DB, q Question) ([]Option, error) {
	t, err := LoadTimetable(ctx, db, q.At)
	if err != nil {
		return nil, err
	}
	return t.Nearest(q), nil
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

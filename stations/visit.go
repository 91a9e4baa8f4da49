package stations

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// State says whether a visit takes place.
type State string

// The states. A cancelled visit stays visible: people may count on it.
const (
	Planned   State = "planned"
	Cancelled State = "cancelled"
)

// Visit is a station at a stop from Starts until just before Ends.
type Visit struct {
	ID          string       `json:"id"` // pattern and local day, stable
	Pattern     string       `json:"-"`
	Station     string       `json:"station"`
	StationName catalog.Text `json:"station_name"`
	Stop        string       `json:"stop"`
	Day         time.Time    `json:"-"` // local day, midnight UTC
	Zone        string       `json:"zone"`
	Starts      time.Time    `json:"start"`
	Ends        time.Time    `json:"end"`
	State       State        `json:"status"`
	Reason      catalog.Text `json:"reason,omitzero"` // why it is cancelled
	Services    []string     `json:"services"`        // ids of concerns
	Note        string       `json:"note,omitempty"`
	Sequence    int          `json:"-"` // grows with every change people have to know of
	Changed     time.Time    `json:"-"` // when it was announced or last changed so
}

// Stop is a place where stations stop.
type Stop struct {
	ID       string       `json:"id"`
	Name     catalog.Text `json:"name"`
	Address  string       `json:"address"`
	Site     string       `json:"site,omitempty"`     // building, when it is in one
	District string       `json:"district,omitempty"` // code
	Lon      float64      `json:"lon"`
	Lat      float64      `json:"lat"`
	X        float64      `json:"-"` // working CRS, metres
	Y        float64      `json:"-"`
	StepFree bool         `json:"step_free"`
	Power    bool         `json:"power"`
	Network  string       `json:"network,omitempty"`
	Parking  bool         `json:"parking"`
	Note     string       `json:"note,omitempty"`
	Retired  bool         `json:"-"` // nothing stops there any more
	Photo    string       `json:"-"` // hash of its picture; "" none
	PhotoAlt catalog.Text `json:"-"` // what the picture shows
}

// Station is what drives: a vehicle or a kit in a case.
type Station struct {
	ID        string       `json:"id"`
	Name      catalog.Text `json:"name"`
	Kind      string       `json:"kind"` // "vehicle" or "kit"
	Staff     int          `json:"staff"`
	Equipment []Equipment  `json:"equipment"`
	Note      string       `json:"note"`
	// NeedsPower says that it cannot work at a stop without a socket.
	NeedsPower bool   `json:"needs_power"`
	Retired    bool   `json:"-"` // it does not drive any more
	Origin     Origin `json:"-"`
	Revision   int    `json:"-"`
}

// Equipment is a device of a station.
type Equipment struct {
	ID    string `json:"id"`
	DE    string `json:"de"`
	EN    string `json:"en"`
	State string `json:"state"` // "planned", "present" or "checked"
	// Checked is the day of the last check, "2026-11-20"; "" not known.
	Checked string `json:"checked_on,omitempty"`
}

// Stops returns the stops in use, ordered by id.
func Stops(ctx context.Context, db postgis.DB) ([]Stop, error) {
	all, err := AllStops(ctx, db)
	return slices.DeleteFunc(all, func(s Stop) bool { return s.Retired }), err
}

// AllStops returns all stops ordered by id, those too that are not used any
// more: past visits refer to them.
func AllStops(ctx context.Context, db postgis.DB) ([]Stop, error) {
	rows, err := db.Query(ctx, `SELECT id, name, address, site, district, lon, lat, x, y,
			step_free, power, network, parking, note, retired, photo, photo_alt
		FROM open.stations_stop ORDER BY id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Stop])
}

// Visits returns the visits that are open at some time in [from, to), in the
// order of their start, cancelled ones too. Times are in the visit's zone.
func Visits(ctx context.Context, db postgis.DB, from, to time.Time) ([]Visit, error) {
	rows, err := db.Query(ctx, `SELECT id, pattern, station, station_name, stop, day, zone, starts, ends,
			state, reason, services, note, sequence, changed
		FROM open.stations_visit WHERE starts < @to AND ends > @from ORDER BY starts, id`,
		pgx.NamedArgs{"from": from, "to": to})
	if err != nil {
		return nil, err
	}
	visits, err := pgx.CollectRows(rows, pgx.RowToStructByName[Visit])
	if err != nil {
		return nil, err
	}
	zones := map[string]*time.Location{}
	for i := range visits {
		v := &visits[i]
		if zones[v.Zone] == nil {
			if zones[v.Zone], err = time.LoadLocation(v.Zone); err != nil {
				return nil, err
			}
		}
		v.Starts, v.Ends = v.Starts.In(zones[v.Zone]), v.Ends.In(zones[v.Zone])
	}
	return visits, nil
}

// Stations returns all stations ordered by id, retired ones too. It reads the table itself and
// therefore does not work for the read role.
func Stations(ctx context.Context, db postgis.DB) ([]Station, error) {
	rows, err := db.Query(ctx, `SELECT id, jsonb_build_object('de', name_de, 'en', name_en) AS name,
			kind, staff, equipment, note, needs_power, retired, origin, revision
		FROM stations.station ORDER BY id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Station])
}

package api

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/stations"
)

const stationsStaffPath = "/dienst/stationen"

// soon is how long before a visit some clerk should have released time there.
const soon = 14 * 24 * time.Hour

// stationFrame is what all pages of the stations have.
func (s *Server) stationFrame(r *http.Request, tab string) web.StationFrame {
	notice := doneNotice(r)
	if n, err := wholeNumber(r.URL.Query(), "abgesagt", 1, 100_000, 0); err == nil && n > 0 && notice.Text != "" {
		notice.Text += " " + i18n.Text(web.LangOf(r), "station_plan.called_off", map[string]any{"n": int(n)})
	}
	return web.StationFrame{Notice: notice, Tab: tab, Edit: s.account(r).Has(auth.Planner, auth.Administrator)}
}

// stationScene is the plan of the stations as pages look things up in it.
type stationScene struct {
	lang     string
	stations map[string]stations.Station
	stops    map[string]stations.Stop
	kits     map[string]stations.Kit
	concerns map[string]booking.Concern
	needs    map[string][]string
	patterns map[string]stations.Pattern
	uses     map[string]booking.StationUse
	counts   map[string]stations.Count // of visits that pages show
}

// scene reads the plan; uses are those of the visits in [from, to).
func (s *Server) scene(ctx context.Context, db postgis.DB, lang string, from, to time.Time) (*stationScene, error) {
	c := &stationScene{lang: lang}
	all, err := stations.Stations(ctx, db)
	if err != nil {
		return c, err
	}
	c.stations = byKey(all, func(x stations.Station) string { return x.ID })
	stops, err := stations.AllStops(ctx, db)
	if err != nil {
		return c, err
	}
	c.stops = byKey(stops, func(x stations.Stop) string { return x.ID })
	kits, err := stations.Kits(ctx, db)
	if err != nil {
		return c, err
	}
	c.kits = byKey(kits, func(x stations.Kit) string { return x.ID })
	concerns, err := booking.Concerns(ctx, db)
	if err != nil {
		return c, err
	}
	c.concerns = byKey(concerns, func(x booking.Concern) string { return x.ID })
	patterns, err := stations.Patterns(ctx, db, from)
	if err != nil {
		return c, err
	}
	c.patterns = byKey(patterns, func(x stations.Pattern) string { return x.ID })
	if c.needs, err = stations.Devices(ctx, db); err != nil {
		return c, err
	}
	c.uses, err = booking.StationUses(ctx, db, s.Now(), from, to)
	return c, err
}

func byKey[T any](list []T, key func(T) string) map[string]T {
	m := make(map[string]T, len(list))
	for _, x := range list {
		m[key(x)] = x
	}
	return m
}

// findings is what is odd about visits.
func (s *Server) findings(ctx context.Context, c *stationScene, visits []stations.Visit) ([]stations.Finding, error) {
	around := stations.Surroundings{Stations: c.stations, Stops: c.stops, Kits: c.kits, Needs: c.needs, Along: map[string][]string{},
		Outside: map[string]bool{}, Offered: map[string]bool{}, OfferedUntil: s.Now().Add(soon), Way: s.drive(ctx)}
	for id, p := range c.patterns {
		around.Along[id] = p.Kits
	}
	for id, u := range c.uses {
		around.Offered[id] = u.Offered
	}
	districts, err := s.Districts.current(ctx)
	if err != nil {
		return nil, err
	}
	for id, stop := range c.stops {
		_, inside := districts.Locate(stop.X, stop.Y)
		around.Outside[id] = !inside && len(districts.Districts()) > 0
	}
	coming := slices.DeleteFunc(slices.Clone(visits), func(v stations.Visit) bool { return !v.Ends.After(s.Now()) })
	return stations.Findings(coming, around), nil
}

// findingRows are findings in words; a device that is not there is said once
// per station, for the first visit that it concerns.
func (c *stationScene) findingRows(found []stations.Finding, zone *time.Location) []web.StationFinding {
	var rows []web.StationFinding
	at, more := map[string]int{}, map[int]int{}
	for _, f := range found {
		if f.Kind == stations.DeviceLacks || f.Kind == stations.DeviceCheck {
			key := string(f.Kind) + " " + f.Visit.Station + " " + strings.Join(f.Devices, " ")
			if i, said := at[key]; said {
				more[i]++
				continue
			}
			at[key] = len(rows)
		}
		rows = append(rows, c.findingRow(f, zone))
	}
	for i, n := range more {
		rows[i].Text += " " + i18n.Text(c.lang, "station_plan.also", map[string]any{"n": n})
	}
	return rows
}

// findingRow is a finding in words.
func (c *stationScene) findingRow(f stations.Finding, zone *time.Location) web.StationFinding {
	v := f.Visit
	start, end := v.Starts.In(zone), v.Ends.In(zone)
	args := map[string]any{"station": c.stations[v.Station].Name.In(c.lang), "stop": c.stops[v.Stop].Name.In(c.lang),
		"when": i18n.Opening(c.lang, start, end), "other": c.stops[f.Other.Stop].Name.In(c.lang), "gap": f.Gap, "way": f.Way,
		"kit": c.kits[f.Kit].Name.In(c.lang), "services": c.serviceNames(f.Services), "devices": c.deviceNames(v.Station, f.Devices)}
	return web.StationFinding{Text: i18n.Text(c.lang, "station_plan.finding."+string(f.Kind), args), Path: visitPath(v),
		Grave: f.Kind != stations.DeviceCheck && f.Kind != stations.NobodyOffers}
}

// serviceNames are up to three names of concerns, in words.
func (c *stationScene) serviceNames(ids []string) string {
	var names []string
	for _, id := range ids {
		names = append(names, either(c.concerns[id].Name.In(c.lang), id))
	}
	return listedNames(c.lang, names, 3)
}

// deviceNames are names of devices as stations and their lists call them.
func (c *stationScene) deviceNames(station string, ids []string) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = c.deviceName(station, id)
	}
	return listedNames(c.lang, names, 5)
}

// deviceName is what the station, or else any other one, calls a device.
func (c *stationScene) deviceName(station, id string) string {
	order := []string{station}
	for other := range c.stations {
		order = append(order, other)
	}
	slices.Sort(order[1:])
	for _, at := range order {
		for _, e := range c.stations[at].Equipment {
			if e.ID == id {
				return in(c.lang, e.DE, e.EN)
			}
		}
	}
	return id
}

// listedNames joins names; beyond most it says how many more there are.
func listedNames(lang string, names []string, most int) string {
	text := ""
	for i, n := range names {
		switch {
		case i == most:
			return text + i18n.Text(lang, "station_plan.more", map[string]any{"n": len(names) - most})
		case i > 0:
			text += ", "
		}
		text += n
	}
	return text
}

// visitPath is the page of one visit.
func visitPath(v stations.Visit) string {
	return stationsStaffPath + "/standzeit/tag?" + url.Values{"muster": {v.Pattern}, "tag": {v.Day.Format(time.DateOnly)}}.Encode()
}

// block is a visit as weeks show it.
func (s *Server) block(c *stationScene, v stations.Visit) web.StationBlock {
	b := web.StationBlock{Path: visitPath(v), Start: v.Starts.In(s.Zone), End: v.Ends.In(s.Zone), Station: c.stations[v.Station].Name.In(c.lang),
		Stop: c.stops[v.Stop].Name.In(c.lang), Cancelled: v.State == stations.Cancelled, Reason: v.Reason.In(c.lang),
		Past: !v.Ends.After(s.Now()), Appointments: c.uses[v.ID].Appointments}
	if b.Past && !b.Cancelled {
		b.Came = came(c.lang, c.counts[v.ID])
	}
	if bars := newTimeAxis(v.Day, s.Zone).bar(nil, v.Starts, v.Ends, ""); len(bars) > 0 {
		b.X, b.Width = bars[0].X, bars[0].Width
	}
	return b
}

// staffStations answers /dienst/stationen.
func (s *Server) staffStations(w http.ResponseWriter, r *http.Request) error {
	return s.showStationWeek(w, r, http.StatusOK, r.URL.Query().Get("tag"), nil, web.StationWeek{StationFrame: s.stationFrame(r, "week")})
}

// showStationWeek fills p with the week of a day; asked is what was typed about
// a closed day.
func (s *Server) showStationWeek(w http.ResponseWriter, r *http.Request, code int, day string, asked url.Values, p web.StationWeek) error {
	ctx, lang := r.Context(), web.LangOf(r)
	monday := s.weekAsked(day)
	next := monday.AddDate(0, 0, 7)
	p.Week, p.Day = s.noon(monday), monday.Format(time.DateOnly)
	for i, days := range []int{-7, 0, 7} {
		p.WeekPath[i] = stationsStaffPath
		if days != 0 {
			p.WeekPath[i] += "?tag=" + monday.AddDate(0, 0, days).Format(time.DateOnly)
		}
	}
	c, err := s.scene(ctx, s.DB, lang, monday, next)
	if err != nil {
		return err
	}
	visits, err := stations.Outlook(ctx, s.DB, s.Now(), monday, next)
	if err != nil {
		return err
	}
	closed, err := stations.ClosedDays(ctx, s.DB, monday, next)
	if err != nil {
		return err
	}
	if c.counts, err = countsOf(ctx, s.DB, visits...); err != nil {
		return err
	}
	if err := s.fillClosedDays(r, &p, asked); err != nil {
		return err
	}
	found, err := s.findings(ctx, c, visits)
	if err != nil {
		return err
	}
	odd := map[string]int{}
	for _, f := range found {
		odd[f.Visit.ID]++
	}
	p.Findings = c.findingRows(found, s.Zone)
	s.fillStationWeek(&p, c, visits, monday, closed, odd)
	p.Beyond = s.noon(next.AddDate(0, 0, -1)).After(s.Now().Add(stations.Horizon))
	p.Map = s.stationMap(c.stops, false)
	return s.staffPage(w, r, code, p)
}

// weekAsked is the Monday of the week of a day, within two years.
func (s *Server) weekAsked(text string) time.Time {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Before(s.today().AddDate(-1, 0, 0)) || day.After(s.today().AddDate(2, 0, 0)) {
		day = s.today()
	}
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
}

// stationMap is a map of the town, or around the stops where the town's bounds
// are not known; with names of public transport stops it serves to find places.
func (s *Server) stationMap(stops map[string]stations.Stop, finding bool) web.StationMap {
	m := web.StationMap{DistrictsURL: "/ogc/collections/" + catalog.Districts + "/items?limit=10000&f=json"}
	if finding {
		m.PointsURL = "/ogc/collections/" + catalog.TransitStops + "/items?limit=10000&f=json"
	}
	if len(s.Town.Bounds) == 4 {
		m.Bounds = [4]float64(s.Town.Bounds)
		return m
	}
	var b [4]float64
	for _, stop := range stops {
		if b == [4]float64{} {
			b = [4]float64{stop.Lon, stop.Lat, stop.Lon, stop.Lat}
		}
		b = [4]float64{min(b[0], stop.Lon), min(b[1], stop.Lat), max(b[2], stop.Lon), max(b[3], stop.Lat)}
	}
	const margin = 0.01 // about a kilometre
	if b != [4]float64{} {
		m.Bounds = [4]float64{b[0] - margin, b[1] - margin, b[2] + margin, b[3] + margin}
	}
	return m
}

// fillStationWeek makes the table, and the list of stops numbered as on the map.
func (s *Server) fillStationWeek(p *web.StationWeek, c *stationScene, visits []stations.Visit, monday time.Time, closed map[time.Time]catalog.Text, odd map[string]int) {
	days := 7
	sunday := monday.AddDate(0, 0, 6)
	if _, shut := closed[sunday]; !shut && !slices.ContainsFunc(visits, func(v stations.Visit) bool { return v.Day.Equal(sunday) }) {
		days = 6
	}
	end := monday.AddDate(0, 0, days)
	p.End = time.Date(end.Year(), end.Month(), end.Day(), 0, 0, 0, 0, s.Zone)
	for i := range days {
		day := monday.AddDate(0, 0, i)
		p.Days = append(p.Days, web.StationDay{At: s.noon(day), Short: shortDay(c.lang, day), Today: day.Equal(s.today()), Closed: shut(closed, day, c.lang)})
	}
	numbers := s.fillStationStops(p, c, visits)
	for _, id := range sortedKeys(c.stations) {
		station := c.stations[id]
		row := web.StationRow{Name: station.Name.In(c.lang), Kind: station.Kind, Path: stationsStaffPath + "/station?station=" + url.QueryEscape(id)}
		some := false
		for i, d := range p.Days {
			cell := web.StationCell{At: d.At, Today: d.Today, Closed: d.Closed}
			for _, v := range visits {
				if v.Station == id && v.Day.Equal(monday.AddDate(0, 0, i)) {
					b := s.block(c, v)
					b.Number, b.Odd, some = numbers[v.Stop], odd[v.ID], true
					cell.Blocks = append(cell.Blocks, b)
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		if some || !station.Retired {
			p.Rows = append(p.Rows, row)
		}
	}
}

// shut is why nothing comes on a day.
func shut(closed map[time.Time]catalog.Text, day time.Time, lang string) string {
	reason, ok := closed[day]
	if !ok {
		return ""
	}
	return either(reason.In(lang), i18n.Text(lang, "station_plan.closed", nil))
}

// fillStationStops lists the stops of the week in the order of their first visit.
func (s *Server) fillStationStops(p *web.StationWeek, c *stationScene, visits []stations.Visit) map[string]int {
	numbers := map[string]int{}
	for _, v := range visits {
		if numbers[v.Stop] == 0 {
			stop := c.stops[v.Stop]
			numbers[v.Stop] = len(numbers) + 1
			p.Stops = append(p.Stops, web.StationStopWeek{Number: numbers[v.Stop], Name: stop.Name.In(c.lang), Address: stop.Address,
				Path: stopPath(v.Stop), Lon: stop.Lon, Lat: stop.Lat})
		}
		at := &p.Stops[numbers[v.Stop]-1]
		at.Blocks = append(at.Blocks, s.block(c, v))
	}
	return numbers
}

func stopPath(id string) string {
	return stationsStaffPath + "/halt?" + url.Values{"halt": {id}}.Encode()
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// numbered is a whole number of a form; 0 where it is none.
func numbered(v url.Values, name string) int {
	n, err := strconv.Atoi(v.Get(name))
	if err != nil {
		return 0
	}
	return n
}

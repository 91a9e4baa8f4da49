package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/stations"
)

const fleetPath = stationsStaffPath + "/fuhrpark"

// staffFleet answers /dienst/stationen/fuhrpark: stations, shared kits, and
// which devices services need.
func (s *Server) staffFleet(w http.ResponseWriter, r *http.Request) error {
	return s.showFleet(w, r, http.StatusOK, web.StationFleet{StationFrame: s.stationFrame(r, "fleet")})
}

func (s *Server) showFleet(w http.ResponseWriter, r *http.Request, code int, p web.StationFleet) error {
	end := s.Now().Add(stations.Horizon)
	c, err := s.scene(r.Context(), s.DB, web.LangOf(r), s.today(), end)
	if err != nil {
		return err
	}
	visits, err := stations.Visits(r.Context(), s.DB, s.Now(), end)
	if err != nil {
		return err
	}
	for _, id := range sortedKeys(c.stations) {
		p.Stations = append(p.Stations, c.stationCard(c.stations[id]))
	}
	for _, id := range sortedKeys(c.kits) {
		p.Kits = append(p.Kits, c.kitRow(c.kits[id], visits))
	}
	devices := c.allDevices()
	for _, id := range sortedKeys(c.concerns) {
		if !c.concerns[id].Mobile {
			continue
		}
		n := web.StationNeed{ID: id, Service: c.concerns[id].Name.In(c.lang), Names: c.deviceNames("", c.needs[id])}
		for _, d := range devices {
			n.Devices = append(n.Devices, web.Option{Value: d, Label: c.deviceName("", d), On: slices.Contains(c.needs[id], d)})
		}
		p.Needs = append(p.Needs, n)
	}
	slices.SortStableFunc(p.Needs, func(a, b web.StationNeed) int { return strings.Compare(fold(a.Service), fold(b.Service)) })
	return s.staffPage(w, r, code, p)
}

// stationCard is a station with its devices and what is missing for the
// services that its coming visits offer.
func (c *stationScene) stationCard(station stations.Station) web.StationCard {
	card := web.StationCard{Name: station.Name.In(c.lang), Kind: station.Kind, Staff: station.Staff, Retired: station.Retired, NeedsPower: station.NeedsPower,
		Note: station.Note, Path: stationsStaffPath + "/station?" + url.Values{"station": {station.ID}}.Encode()}
	for _, e := range station.Equipment {
		d := web.StationDevice{ID: e.ID, Name: in(c.lang, e.DE, e.EN), State: e.State}
		if day, err := time.Parse(time.DateOnly, e.Checked); err == nil {
			d.Checked = day.Add(12 * time.Hour)
		}
		card.Equipment = append(card.Equipment, d)
	}
	var services []string
	for _, p := range c.patterns {
		if p.Station == station.ID {
			services = append(services, p.Services...)
		}
	}
	slices.Sort(services)
	missing, unchecked := station.Lacks(slices.Compact(services), c.needs, nil)
	for _, id := range slices.Compact(services) {
		if len(missing[id])+len(unchecked[id]) > 0 {
			card.Lacks = append(card.Lacks, web.StationLack{Service: c.serviceNames([]string{id}), Missing: c.deviceNames(station.ID, missing[id]), Unchecked: c.deviceNames(station.ID, unchecked[id])})
		}
	}
	return card
}

func (c *stationScene) kitRow(kit stations.Kit, visits []stations.Visit) web.StationKitRow {
	row := web.StationKitRow{Name: kit.Name.In(c.lang), Kind: kit.Kind, Devices: c.deviceNames("", kit.Devices), Retired: kit.Retired,
		Path: stationsStaffPath + "/koffer?" + url.Values{"koffer": {kit.ID}}.Encode()}
	for _, v := range visits {
		if v.State == stations.Planned && slices.Contains(c.patterns[v.Pattern].Kits, kit.ID) {
			row.Next, row.At = v.Starts, c.stops[v.Stop].Name.In(c.lang)
			break
		}
	}
	return row
}

// allDevices are the ids of all devices that stations or kits have or services
// need.
func (c *stationScene) allDevices() []string {
	var all []string
	for _, s := range c.stations {
		for _, e := range s.Equipment {
			all = append(all, e.ID)
		}
	}
	for _, k := range c.kits {
		all = append(all, k.Devices...)
	}
	for _, needs := range c.needs {
		all = append(all, needs...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// staffStation answers /dienst/stationen/station: one station, or a new one.
func (s *Server) staffStation(w http.ResponseWriter, r *http.Request) error {
	station := stations.Station{Kind: "vehicle", Staff: 1}
	if id := r.URL.Query().Get("station"); id != "" {
		all, err := stations.Stations(r.Context(), s.DB)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(x stations.Station) bool { return x.ID == id })
		if at < 0 {
			return ortsnah.E(ortsnah.NotFound, "stations.no_station")
		}
		station = all[at]
	}
	return s.showStation(w, r, http.StatusOK, station, strconv.Itoa(station.Staff), web.StationFrame{})
}

// showStation shows the form of a station; an empty frame is the usual one.
func (s *Server) showStation(w http.ResponseWriter, r *http.Request, code int, station stations.Station, staff string, frame web.StationFrame) error {
	lang := web.LangOf(r)
	if frame.Tab == "" {
		frame = s.stationFrame(r, "fleet")
	}
	p := web.StationStation{StationFrame: frame, ID: station.ID, Revision: station.Revision, NameDE: station.Name.DE, NameEN: station.Name.EN,
		Kinds: options(station.Kind, []string{"vehicle", "kit"}, lang, "station_plan.kind."), Staff: staff,
		NeedsPower: station.NeedsPower, Note: station.Note, Retired: station.Retired}
	rows := station.Equipment
	for range 3 { // for new ones
		rows = append(slices.Clip(rows), stations.Equipment{State: "planned"})
	}
	for i, e := range rows {
		p.Devices = append(p.Devices, web.StationDeviceForm{N: i, ID: e.ID, DE: e.DE, EN: e.EN, Checked: e.Checked,
			States: options(e.State, []string{"planned", "present", "checked"}, lang, "station_plan.device.")})
	}
	return s.staffPage(w, r, code, p)
}

// stationAsked reads the form of a station. A device without a name is left
// out; a new one gets an id from its name. Checked without a day means today.
func (s *Server) stationAsked(v url.Values) stations.Station {
	station := stations.Station{ID: v.Get("station"), Revision: numbered(v, "stand"), Name: catalog.Text{DE: typed(v.Get("name")), EN: typed(v.Get("name-en"))},
		Kind: v.Get("art"), Staff: numbered(v, "personal"), NeedsPower: v.Get("strom") == "1", Note: typed(v.Get("notiz")), Retired: v.Get("ruhe") == "1"}
	const mostDevices = 100
	for i := range min(numbered(v, "geraete"), mostDevices) {
		at := "g" + strconv.Itoa(i) + "-"
		e := stations.Equipment{ID: v.Get(at + "id"), DE: typed(v.Get(at + "name")), EN: typed(v.Get(at + "name-en")), State: v.Get(at + "stand")}
		if e.DE == "" {
			continue
		}
		if e.ID == "" {
			e.ID = strings.ReplaceAll(stations.Slug(e.DE), "-", "_")
		}
		if e.State == "checked" {
			e.Checked = s.today().Format(time.DateOnly)
			if day, err := time.Parse(time.DateOnly, v.Get(at+"tag")); err == nil && !day.After(s.today()) {
				e.Checked = day.Format(time.DateOnly)
			}
		}
		station.Equipment = append(station.Equipment, e)
	}
	return station
}

// staffStationSave adds or changes a station.
func (s *Server) staffStationSave(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	station := s.stationAsked(v)
	out, err := s.changeStations(r, stationChange{action: "station.save", object: "station/" + station.ID, sure: true, do: func(tx pgx.Tx) (string, error) {
		saved, err := stations.SaveStation(r.Context(), tx, s.Now(), station)
		if err == nil && station.ID == "" {
			station.ID = saved.ID
		}
		return "", err
	}})
	return s.answerStations(w, r, err, out, func() error {
		return s.done(w, r, stationsStaffPath+"/station", "station_saved", "station", station.ID)
	}, func(code int, notice web.Notice, _ bool) error {
		frame := s.stationFrame(r, "fleet")
		frame.Notice = notice
		return s.showStation(w, r, code, station, typed(v.Get("personal")), frame)
	})
}

// staffKit answers /dienst/stationen/koffer: one shared kit, or a new one.
func (s *Server) staffKit(w http.ResponseWriter, r *http.Request) error {
	kit := stations.Kit{Kind: "case"}
	if id := r.URL.Query().Get("koffer"); id != "" {
		all, err := stations.Kits(r.Context(), s.DB)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(x stations.Kit) bool { return x.ID == id })
		if at < 0 {
			return ortsnah.E(ortsnah.NotFound, "stations.no_kit")
		}
		kit = all[at]
	}
	return s.showKit(w, r, http.StatusOK, kit, web.Notice{})
}

func (s *Server) showKit(w http.ResponseWriter, r *http.Request, code int, kit stations.Kit, notice web.Notice) error {
	lang := web.LangOf(r)
	c, err := s.scene(r.Context(), s.DB, lang, s.today(), s.Now())
	if err != nil {
		return err
	}
	p := web.StationKit{StationFrame: s.stationFrame(r, "fleet"), ID: kit.ID, Revision: kit.Revision, NameDE: kit.Name.DE, NameEN: kit.Name.EN,
		Kinds: options(kit.Kind, []string{"case", "vehicle"}, lang, "station_plan.kit."), Note: kit.Note, Retired: kit.Retired}
	if notice.Text != "" {
		p.Notice = notice
	}
	for _, d := range c.allDevices() {
		p.Devices = append(p.Devices, web.Option{Value: d, Label: i18n.Text(lang, "station_plan.name", map[string]any{"name": c.deviceName("", d)}), On: slices.Contains(kit.Devices, d)})
	}
	return s.staffPage(w, r, code, p)
}

// staffKitSave adds or changes a shared kit.
func (s *Server) staffKitSave(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	kit := stations.Kit{ID: v.Get("koffer"), Revision: numbered(v, "stand"), Name: catalog.Text{DE: typed(v.Get("name")), EN: typed(v.Get("name-en"))},
		Kind: v.Get("art"), Devices: v["geraet"], Note: typed(v.Get("notiz")), Retired: v.Get("ruhe") == "1"}
	out, err := s.changeStations(r, stationChange{action: "station.kit", object: "kit/" + kit.ID, sure: true, do: func(tx pgx.Tx) (string, error) {
		_, err := stations.SaveKit(r.Context(), tx, s.Now(), kit)
		return "", err
	}})
	return s.answerStations(w, r, err, out, func() error { return s.done(w, r, fleetPath, "station_kit_saved") },
		func(code int, notice web.Notice, _ bool) error { return s.showKit(w, r, code, kit, notice) })
}

// staffNeeds says which devices a service needs at stations.
func (s *Server) staffNeeds(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	services, err := s.servicesAsked(r, v["anliegen"])
	var out stationOutcome
	if err == nil {
		out, err = s.changeStations(r, stationChange{action: "station.needs", object: "concern/" + strings.Join(services, ","), sure: true,
			detail: map[string]any{"devices": v["geraet"]}, do: func(tx pgx.Tx) (string, error) {
				for _, id := range services {
					if err := stations.Need(r.Context(), tx, id, v["geraet"]); err != nil {
						return "", err
					}
				}
				return "", nil
			}})
	}
	return s.answerStations(w, r, err, out, func() error { return s.done(w, r, fleetPath, "station_needs_saved") },
		func(code int, notice web.Notice, _ bool) error {
			p := web.StationFleet{StationFrame: s.stationFrame(r, "fleet")}
			p.Notice = notice
			return s.showFleet(w, r, code, p)
		})
}

package api

import (
	"bytes"
	"io"
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
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/stations"
)

// networks are the ways a station is on-line at a stop.
func networks() []string { return []string{"", "fibre", "wifi", "mobile", "none"} }

// staffStops answers /dienst/stationen/halte: all stops.
func (s *Server) staffStops(w http.ResponseWriter, r *http.Request) error {
	ctx, lang := r.Context(), web.LangOf(r)
	end := s.Now().Add(stations.Horizon)
	c, err := s.scene(ctx, s.DB, lang, s.today(), end)
	if err != nil {
		return err
	}
	visits, err := stations.Visits(ctx, s.DB, s.Now(), end)
	if err != nil {
		return err
	}
	names, err := s.districtNames(ctx)
	if err != nil {
		return err
	}
	next := map[string]time.Time{}
	for _, v := range slices.Backward(visits) {
		if v.State == stations.Planned {
			next[v.Stop] = v.Starts
		}
	}
	p := web.StationStops{StationFrame: s.stationFrame(r, "stops")}
	for _, id := range sortedKeys(c.stops) {
		stop := c.stops[id]
		p.Stops = append(p.Stops, web.StationStopRow{Name: stop.Name.In(lang), Address: stop.Address, District: either(names[stop.District], stop.District),
			Facts: stopFacts(lang, stop), Path: stopPath(id), Lon: stop.Lon, Lat: stop.Lat, Retired: stop.Retired, Next: next[id],
			Photo: photoPath(stop), Alt: stop.PhotoAlt.In(lang)})
	}
	slices.SortStableFunc(p.Stops, func(a, b web.StationStopRow) int {
		if a.Retired != b.Retired {
			return map[bool]int{false: -1, true: 1}[a.Retired]
		}
		return strings.Compare(fold(a.Name), fold(b.Name))
	})
	for i := range p.Stops {
		p.Stops[i].Number = i + 1
	}
	p.Map = s.stationMap(c.stops, false)
	return s.staffPage(w, r, http.StatusOK, p)
}

// stopFacts is what a stop offers, in words.
func stopFacts(lang string, stop stations.Stop) []string {
	var facts []string
	for _, f := range []struct {
		on      bool
		yes, no string
	}{{stop.StepFree, "step_free", "not_step_free"}, {stop.Power, "power", "no_power"}, {stop.Parking, "parking", ""}} {
		key := f.yes
		if !f.on {
			key = f.no
		}
		if key != "" {
			facts = append(facts, i18n.Text(lang, "station_stop.fact."+key, nil))
		}
	}
	if stop.Network != "" && i18n.Has("station_stop.network."+stop.Network) {
		facts = append(facts, i18n.Text(lang, "station_stop.network."+stop.Network, nil))
	}
	return facts
}

func photoPath(stop stations.Stop) string {
	if stop.Photo == "" {
		return ""
	}
	return "/stationen/foto/" + url.PathEscape(stop.ID) + "/" + stop.Photo + ".jpg"
}

// stopPhoto answers /stationen/foto/{stop}/{hash}.jpg. A picture never changes
// under its name.
func (s *Server) stopPhoto(w http.ResponseWriter, r *http.Request) error {
	file, err := stations.StopPhoto(r.Context(), s.Open, pathVar(r, "stop"), pathVar(r, "hash"))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file))
	return nil
}

// staffStop answers /dienst/stationen/halt: one stop, or a new one.
func (s *Server) staffStop(w http.ResponseWriter, r *http.Request) error {
	v := url.Values{"lon": {r.URL.Query().Get("lon")}, "lat": {r.URL.Query().Get("lat")}}
	if id := r.URL.Query().Get("halt"); id != "" {
		stop, revision, err := stations.FindStop(r.Context(), s.DB, id)
		if err != nil {
			return err
		}
		v = stopFields(stop, revision)
	}
	return s.showStop(w, r, http.StatusOK, v, web.StationStop{StationFrame: s.stationFrame(r, "stops")})
}

func stopFields(stop stations.Stop, revision int) url.Values {
	v := url.Values{"halt": {stop.ID}, "stand": {strconv.Itoa(revision)}, "name": {stop.Name.DE}, "name-en": {stop.Name.EN}, "adresse": {stop.Address},
		"lon": {degreesText(stop.Lon)}, "lat": {degreesText(stop.Lat)}, "netz": {stop.Network}, "notiz": {stop.Note}}
	for name, on := range map[string]bool{"stufenlos": stop.StepFree, "strom": stop.Power, "parken": stop.Parking} {
		if on {
			v.Set(name, "1")
		}
	}
	return v
}

// showStop fills p with what v says, and with what is stored of the stop.
func (s *Server) showStop(w http.ResponseWriter, r *http.Request, code int, v url.Values, p web.StationStop) error {
	lang := web.LangOf(r)
	p.ID, p.Revision, p.NameDE, p.NameEN, p.Address = v.Get("halt"), numbered(v, "stand"), typed(v.Get("name")), typed(v.Get("name-en")), typed(v.Get("adresse"))
	p.Lon, p.Lat, p.Note = typed(v.Get("lon")), typed(v.Get("lat")), typed(v.Get("notiz"))
	p.StepFree, p.Power, p.Parking = v.Get("stufenlos") == "1", v.Get("strom") == "1", v.Get("parken") == "1"
	for _, n := range networks() {
		p.Network = append(p.Network, web.Option{Value: n, Label: i18n.Text(lang, "station_stop.network."+either(n, "unknown"), nil), On: v.Get("netz") == n})
	}
	if n := v.Get("netz"); !slices.Contains(networks(), n) {
		p.Network = append(p.Network, web.Option{Value: n, Label: typed(n), On: true})
	}
	all, err := stations.AllStops(r.Context(), s.DB)
	if err != nil {
		return err
	}
	if err := s.fillStoredStop(r, &p, all, v, lang); err != nil {
		return err
	}
	p.Map = s.stationMap(byKey(all, func(x stations.Stop) string { return x.ID }), true)
	return s.staffPage(w, r, code, p)
}

// fillStoredStop adds what the form does not say: picture, district, whether
// the stop is in use.
func (s *Server) fillStoredStop(r *http.Request, p *web.StationStop, all []stations.Stop, v url.Values, lang string) error {
	at := slices.IndexFunc(all, func(x stations.Stop) bool { return x.ID == p.ID })
	if at < 0 {
		return nil
	}
	stop := all[at]
	p.Retired, p.Photo, p.Alt = stop.Retired, photoPath(stop), stop.PhotoAlt.In(lang)
	p.AltDE, p.AltEN = stop.PhotoAlt.DE, stop.PhotoAlt.EN
	if v.Has("bild-text") {
		p.AltDE, p.AltEN = typed(v.Get("bild-text")), typed(v.Get("bild-text-en"))
	}
	names, err := s.districtNames(r.Context())
	if err != nil {
		return err
	}
	p.District = either(names[stop.District], stop.District)
	place, err := s.Districts.Locate(r.Context(), stop.Lon, stop.Lat)
	if err != nil {
		return err
	}
	p.Outside = place.District.Code == "" && len(names) > 0
	return nil
}

// staffStopSave adds or changes a stop.
func (s *Server) staffStopSave(w http.ResponseWriter, r *http.Request) error {
	return s.onStop(w, r, "station_stop_saved", "stop.save", func(tx pgx.Tx, v url.Values) (string, error) {
		stop, err := s.stopAsked(r, v)
		if err != nil {
			return "", err
		}
		if stop.ID != "" {
			stored, _, err := stations.FindStop(r.Context(), tx, stop.ID)
			if err != nil {
				return "", err
			}
			stop.Retired = stored.Retired
		}
		stop, err = stations.SaveStop(r.Context(), tx, s.Now(), stop, numbered(v, "stand"))
		return stop.ID, err
	})
}

// stopAsked reads the form of a stop; its district follows from the place.
// Without coordinates it is that of the address. Errors: Invalid
// stations.bad_coordinate, address_unknown, place_outside.
func (s *Server) stopAsked(r *http.Request, v url.Values) (stations.Stop, error) {
	stop := stations.Stop{ID: v.Get("halt"), Name: catalog.Text{DE: typed(v.Get("name")), EN: typed(v.Get("name-en"))}, Address: typed(v.Get("adresse")),
		Network: typed(v.Get("netz")), Note: typed(v.Get("notiz")), StepFree: v.Get("stufenlos") == "1", Power: v.Get("strom") == "1", Parking: v.Get("parken") == "1"}
	if strings.TrimSpace(v.Get("lon")+v.Get("lat")) == "" && stop.Address != "" {
		if err := s.placeOfAddress(r, v, stop.Address); err != nil {
			return stop, err
		}
	}
	var err error
	for name, to := range map[string]*float64{"lon": &stop.Lon, "lat": &stop.Lat} {
		text := strings.ReplaceAll(typed(v.Get(name)), ",", ".")
		if *to, err = strconv.ParseFloat(text, 64); err != nil {
			return stop, ortsnah.E(ortsnah.Invalid, "stations.bad_coordinate").About(name)
		}
	}
	place, err := s.Districts.Locate(r.Context(), stop.Lon, stop.Lat)
	stop.District = place.District.Code
	return stop, err
}

// placeOfAddress fills in the coordinates of an address of the town.
func (s *Server) placeOfAddress(r *http.Request, v url.Values, address string) error {
	found, err := booking.LocateAddress(r.Context(), s.Open, address)
	if err != nil {
		return err
	}
	if len(found) != 1 || !found[0].Exact {
		return ortsnah.E(ortsnah.Invalid, "stations.address_unknown", "n", len(found)).About("adresse")
	}
	v.Set("lon", degreesText(found[0].Lon))
	v.Set("lat", degreesText(found[0].Lat))
	return nil
}

// staffStopRetire takes a stop out of use, or back into it.
func (s *Server) staffStopRetire(w http.ResponseWriter, r *http.Request) error {
	return s.onStop(w, r, "station_stop_saved", "stop.retire", func(tx pgx.Tx, v url.Values) (string, error) {
		stop, _, err := stations.FindStop(r.Context(), tx, v.Get("halt"))
		if err != nil {
			return "", err
		}
		stop.Retired = v.Get("ruhe") == "1"
		_, err = stations.SaveStop(r.Context(), tx, s.Now(), stop, numbered(v, "stand"))
		return stop.ID, err
	})
}

// staffStopPhoto stores a picture of a stop, or takes it away.
func (s *Server) staffStopPhoto(w http.ResponseWriter, r *http.Request) error {
	return s.onStop(w, r, "station_photo_saved", "stop.photo", func(tx pgx.Tx, v url.Values) (string, error) {
		if v.Get("weg") == "1" {
			return v.Get("halt"), stations.RemovePhoto(r.Context(), tx, v.Get("halt"))
		}
		file, _, err := r.FormFile("bild")
		if err != nil {
			return "", ortsnah.E(ortsnah.Invalid, "stations.photo_unreadable").About("bild").Because(err)
		}
		defer file.Close()
		raw, err := io.ReadAll(io.LimitReader(file, stations.LongestPhoto+1))
		if err != nil {
			return "", err
		}
		photo, err := stations.ReadPhoto(raw)
		if err != nil {
			return "", err
		}
		alt := catalog.Text{DE: typed(v.Get("bild-text")), EN: typed(v.Get("bild-text-en"))}
		return v.Get("halt"), stations.SavePhoto(r.Context(), tx, v.Get("halt"), photo, alt)
	})
}

// onStop frames the forms about one stop.
func (s *Server) onStop(w http.ResponseWriter, r *http.Request, done, action string, do func(tx pgx.Tx, v url.Values) (string, error)) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	id := v.Get("halt")
	out, err := s.changeStations(r, stationChange{action: action, object: "stop/", sure: true, do: func(tx pgx.Tx) (string, error) {
		var err error
		id, err = do(tx, v)
		return "", err
	}})
	return s.answerStations(w, r, err, out, func() error {
		return s.done(w, r, stationsStaffPath+"/halt", done, "halt", id)
	}, func(code int, notice web.Notice, _ bool) error {
		p := web.StationStop{StationFrame: s.stationFrame(r, "stops")}
		p.Notice = notice
		if !v.Has("name") && v.Get("halt") != "" { // a form that does not carry the fields
			stop, revision, err := stations.FindStop(r.Context(), s.DB, v.Get("halt"))
			if err != nil {
				return err
			}
			for name, values := range stopFields(stop, revision) {
				v[name] = values
			}
		}
		return s.showStop(w, r, code, v, p)
	})
}

package api

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/stations"
)

// here is where a person is, sealed with the keys of the deployment: it stays
// in the browser for an hour and is in no address, log or table.
type here struct {
	Label string    `json:"l,omitempty"` // address; "" is the position of the device
	At    orb.Point `json:"a"`           // lon/lat
	Until int64     `json:"u"`           // Unix time
}

const (
	hereCookie  = "stationen_ort"
	hereContext = "where a person looks for a station"
	hereFor     = time.Hour
)

// hereOf is what the browser has kept; false when that is nothing, or too old.
func (s *Server) hereOf(r *http.Request) (here, bool) {
	c, err := r.Cookie(hereCookie)
	if err != nil || s.Reception == nil {
		return here{}, false
	}
	key, text := "", c.Value
	if i := strings.LastIndexByte(text, '.'); i >= 0 {
		key, text = text[:i], text[i+1:]
	}
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return here{}, false
	}
	plain, err := s.Reception.Keys.Open(key, sealed, []byte(hereContext))
	var h here
	if err != nil || json.Unmarshal(plain, &h) != nil || h.Until < s.Now().Unix() {
		return here{}, false
	}
	return h, true
}

// keepHere lets the browser keep h; nil forgets.
func (s *Server) keepHere(w http.ResponseWriter, r *http.Request, h *here) error {
	if h == nil {
		s.cookie(w, r, hereCookie, "", "/", 0)
		return nil
	}
	h.Until = s.Now().Add(hereFor).Unix()
	plain, err := json.Marshal(h)
	if err != nil {
		return err
	}
	key, sealed := s.Reception.Keys.Seal(plain, []byte(hereContext))
	s.cookie(w, r, hereCookie, key+"."+base64.RawURLEncoding.EncodeToString(sealed), "/", hereFor)
	return nil
}

// stationsPlace answers POST /stationen: keeps where the person is and leads to
// the answer. A text that fits several addresses is asked back.
func (s *Server) stationsPlace(w http.ResponseWriter, r *http.Request) error {
	v, err := bookingForm(w, r)
	if err != nil {
		return err
	}
	asked := stationSearchIn(v)
	if v.Get("ort") == "weg" {
		return s.placeKept(w, r, asked, nil)
	}
	if v.Get("lon") != "" || v.Get("lat") != "" {
		at, err := s.position(r, v)
		if err != nil {
			return s.stationsAgain(w, r, asked, "", err)
		}
		return s.placeKept(w, r, asked, &here{At: at})
	}
	address := typed(v.Get("adresse"))
	if address == "" {
		if known, ok := s.hereOf(r); ok && known.Label == "" {
			return see(w, r, asked.path()+"#answer") // the device's position needs no text
		}
		return s.placeKept(w, r, asked, nil)
	}
	found, err := booking.LocateAddress(r.Context(), s.Open, address)
	if err != nil {
		return s.stationsAgain(w, r, asked, address, err)
	}
	chosen, err := strconv.Atoi(v.Get("wahl"))
	if err != nil || chosen < 0 || chosen >= len(found) {
		if len(found) > 1 || !found[0].Exact {
			return s.stationsAnswer(w, r, http.StatusOK, asked, func(p *web.Stations) {
				p.Address = address
				for _, a := range found {
					p.Choices = append(p.Choices, a.Label)
				}
			})
		}
		chosen = 0
	}
	a := found[chosen]
	return s.placeKept(w, r, asked, &here{Label: a.Label, At: orb.Point{a.Lon, a.Lat}})
}

func (s *Server) placeKept(w http.ResponseWriter, r *http.Request, asked stationSearch, h *here) error {
	if err := s.keepHere(w, r, h); err != nil {
		return err
	}
	if h == nil {
		return see(w, r, asked.path())
	}
	return see(w, r, asked.path()+"#answer") // below the form, on a phone out of sight
}

// position is what the device says, to about ten metres: nobody needs more.
func (s *Server) position(r *http.Request, v url.Values) (orb.Point, error) {
	lon, err := degrees(v, "lon", 180)
	if err != nil {
		return orb.Point{}, err
	}
	lat, err := degrees(v, "lat", 90)
	if err != nil {
		return orb.Point{}, err
	}
	at := orb.Point{math.Round(lon*1e4) / 1e4, math.Round(lat*1e4) / 1e4}
	_, err = stations.Place(r.Context(), s.Open, at.Lon(), at.Lat())
	return at, err
}

// stationsAgain shows the page with what was wrong about the place.
func (s *Server) stationsAgain(w http.ResponseWriter, r *http.Request, asked stationSearch, address string, wrong error) error {
	kind := ortsnah.KindOf(wrong)
	if kind != ortsnah.NotFound && kind != ortsnah.Invalid {
		return wrong
	}
	return s.stationsAnswer(w, r, http.StatusBadRequest, asked, func(p *web.Stations) {
		p.Address, p.Here, p.Near = address, "", nil
		if p.Error = i18n.Error(web.LangOf(r), wrong); kind == ortsnah.NotFound {
			p.Error = i18n.Text(web.LangOf(r), "booking_place.not_found", nil)
		}
	})
}

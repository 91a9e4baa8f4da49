package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo"
)

// mapPage answers /karte.
func (s *Server) mapPage(w http.ResponseWriter, r *http.Request) error {
	ctx, lang, v := r.Context(), web.LangOf(r), r.URL.Query()
	p := web.Map{Selected: typed(v.Get("auswahl"))}
	ready, err := s.collections(ctx)
	if err != nil {
		return err
	}
	p.NeighboursURL = itemsURL(ready, catalog.Neighbours)
	if p.Bounds, err = s.townBounds(ctx, ready); err != nil {
		return err
	}
	for _, id := range []string{catalog.Stops, catalog.Rooms, catalog.ConstructionSites, catalog.Districts} {
		p.Layers = append(p.Layers, layer(id, ready, v["ebene"]))
	}
	if p.Sites, err = s.sites(ctx, lang); err != nil {
		return err
	}
	p.Sites = slices.DeleteFunc(p.Sites, func(site web.Site) bool {
		over := site.Status == "finished" || site.Status == "cancelled"
		nowhere := site.Lon == 0 && site.Lat == 0 // it is in the list of sites
		return nowhere || over && p.Selected != catalog.ConstructionSites+"/"+site.ID
	})
	t, err := s.timetable(ctx, lang)
	if err != nil {
		return err
	}
	p.Stops = t.stops
	if p.Districts, err = s.districtEntries(ctx, lang); err != nil {
		return err
	}
	if p.RoomSites, err = s.roomSites(ctx, lang); err != nil {
		return err
	}
	return s.page(w, r, p)
}

// layer is a check box of the map; without parameter ebene all are on.
func layer(id string, ready []catalog.Dataset, chosen []string) web.Layer {
	l := web.Layer{ID: id, On: len(chosen) == 0 || slices.Contains(chosen, id)}
	if id == catalog.ConstructionSites || id == catalog.Districts {
		l.ItemsURL = itemsURL(ready, id)
	}
	return l
}

func itemsURL(ready []catalog.Dataset, id string) string {
	if !slices.ContainsFunc(ready, func(d catalog.Dataset) bool { return d.ID == id }) {
		return ""
	}
	return "/ogc/collections/" + id + "/items?f=json&limit=" + strconv.Itoa(largestLimit)
}

// townBounds is where the map opens: the town as configured, else its
// boundary, else its districts, else Germany.
func (s *Server) townBounds(ctx context.Context, ready []catalog.Dataset) ([4]float64, error) {
	if b := s.Town.Bounds; len(b) == 4 {
		return [4]float64(b), nil
	}
	for _, id := range []string{catalog.Municipality, catalog.Districts} {
		i := slices.IndexFunc(ready, func(d catalog.Dataset) bool { return d.ID == id })
		if i < 0 {
			continue
		}
		e, err := s.extent(ctx, ready[i])
		if err != nil || e.bounds != nil {
			return e.box(), err
		}
	}
	g := geo.Germany()
	return [4]float64{g.Left(), g.Bottom(), g.Right(), g.Top()}, nil
}

func (s *Server) districtEntries(ctx context.Context, lang string) ([]web.District, error) {
	rows, err := s.districtRows(ctx)
	if err != nil {
		return nil, err
	}
	var list []web.District
	for _, d := range rows {
		e := web.District{ID: d.Key, Code: d.Code, Name: d.Name, Approximate: d.Approximate}
		if d.Lon != nil && d.Lat != nil {
			e.Lon, e.Lat = *d.Lon, *d.Lat
		}
		if d.Team != "" {
			e.Responsible = []web.Link{{Text: i18n.Text(lang, "api.building_team", map[string]any{"team": d.Team})}}
		}
		list = append(list, e)
	}
	return list, nil
}

// roomSites are the buildings with their bookable rooms.
func (s *Server) roomSites(ctx context.Context, lang string) ([]web.RoomSite, error) {
	sites, err := booking.Sites(ctx, s.Open)
	if err != nil {
		return nil, err
	}
	rooms, err := booking.Rooms(ctx, s.Open)
	if err != nil {
		return nil, err
	}
	var list []web.RoomSite
	for _, site := range sites {
		e := web.RoomSite{ID: site.ID, Name: site.Name.In(lang), Address: site.Address, StepFree: yesNo(&site.StepFree), Lon: site.Lon, Lat: site.Lat}
		for _, room := range rooms {
			if room.Site == site.ID {
				e.Rooms = append(e.Rooms, roomEntry(room, lang))
			}
		}
		if len(e.Rooms) > 0 {
			list = append(list, e)
		}
	}
	return list, nil
}

func roomEntry(r booking.Room, lang string) web.Room {
	e := web.Room{Name: r.Name.In(lang), Persons: r.Persons, StepFree: yesNo(&r.StepFree)}
	switch {
	case r.Floor == 0:
		e.Floor = label(lang, "floor.ground")
	case r.Floor < 0:
		e.Floor = i18n.Text(lang, "api.floor.below", map[string]any{"floor": -r.Floor})
	default:
		e.Floor = i18n.Text(lang, "api.floor.above", map[string]any{"floor": r.Floor})
	}
	for _, q := range r.Equipment {
		e.Equipment = append(e.Equipment, in(lang, q.DE, q.EN))
	}
	return e
}

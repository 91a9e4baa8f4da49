package api

import (
	"context"
	"sync"
	"time"

	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/stations"
)

// placeMemory remembers names and addresses of buildings and stops, which
// every answer about an appointment needs, for a few seconds.
type placeMemory struct {
	mu    sync.Mutex
	since time.Time
	list  []bookedPlace
}

// places are all buildings and stops in the order of their ids.
func (s *Server) places(ctx context.Context) ([]bookedPlace, error) {
	m := &s.placesKnown
	m.mu.Lock()
	list, since := m.list, m.since
	m.mu.Unlock()
	if list != nil && time.Since(since) < forgetAfter {
		return list, nil
	}
	sites, err := booking.Sites(ctx, s.Open)
	if err != nil {
		return nil, err
	}
	stops, err := stations.Stops(ctx, s.Open)
	if err != nil {
		return nil, err
	}
	list = []bookedPlace{}
	for _, x := range sites {
		list = append(list, bookedPlace{ID: "site/" + x.ID, Type: "site", Name: bothLanguages(x.Name), Address: x.Address, Lon: &x.Lon, Lat: &x.Lat})
	}
	for _, x := range stops {
		list = append(list, bookedPlace{ID: "stop/" + x.ID, Type: "stop", Name: bothLanguages(x.Name), Address: x.Address, Lon: &x.Lon, Lat: &x.Lat})
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.list, m.since = list, time.Now()
	return list, nil
}

// placeBooked is where the appointment is. A place that has been withdrawn
// since is named by its id.
func (s *Server) placeBooked(ctx context.Context, a booking.Appointment) (bookedPlace, error) {
	id := placeID(a)
	if a.Channel != booking.Phone && a.Channel != booking.Video {
		list, err := s.places(ctx)
		if err != nil {
			return bookedPlace{}, err
		}
		for _, p := range list {
			if p.ID == id {
				return p, nil
			}
		}
	}
	return placeOf(booking.Proposal{PlaceID: id, Channel: a.Channel, PlaceName: catalog.Text{DE: id, EN: id}}), nil
}

package api

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/stations"
)

// stopPage answers /stationen/{stop}: everything about one stop.
func (s *Server) stopPage(w http.ResponseWriter, r *http.Request) error {
	ctx, lang := r.Context(), web.LangOf(r)
	stop, err := s.stopInUse(ctx, pathVar(r, "stop"))
	if err != nil {
		return err
	}
	t, err := s.timetable(ctx, lang)
	if err != nil {
		return err
	}
	visits, err := stations.Visits(ctx, s.Open, s.Now(), s.Now().Add(stations.Horizon))
	if err != nil {
		return err
	}
	visits = slices.DeleteFunc(visits, func(v stations.Visit) bool { return v.Stop != stop.ID })
	p := web.StopPage{Stop: t.stop(stop.ID), Parking: stop.Parking, Photo: photoPath(stop), Alt: stop.PhotoAlt.In(lang),
		BookPath: "/termin", Calendar: s.subscription(r, stopPagePath(stop.ID)), MapPath: "/karte?auswahl=" + url.QueryEscape(catalog.Stops+"/"+stop.ID)}
	p.Stop.Visits = visitsAt(t.visits, stop.ID, 12)
	p.State, p.Open = stateSentence(lang, visits, s.Now().In(s.Zone))
	for _, h := range stations.Habits(visits) {
		p.Habits = append(p.Habits, habitText(lang, h))
	}
	if p.Sites, err = s.sitesAround(ctx, stop, lang); err != nil {
		return err
	}
	if p.Map, err = s.stopMap(ctx); err != nil {
		return err
	}
	ready, err := s.collections(ctx)
	if err != nil {
		return err
	}
	if itemsURL(ready, catalog.Stops) != "" {
		p.ItemURL = "/ogc/collections/" + catalog.Stops + "/items/" + url.PathEscape(stop.ID) + "?f=json"
	}
	for _, id := range []string{catalog.Visits, catalog.Stops} {
		p.Datasets = append(p.Datasets, web.Link{Text: label(lang, "dataset."+id), Path: "/daten/" + id})
	}
	return s.page(w, r, p)
}

// stopInUse finds a stop. Errors: NotFound stations.unknown_stop, Gone
// stations.stop_retired.
func (s *Server) stopInUse(ctx context.Context, id string) (stations.Stop, error) {
	all, err := stations.AllStops(ctx, s.Open)
	if err != nil {
		return stations.Stop{}, err
	}
	i := slices.IndexFunc(all, func(stop stations.Stop) bool { return stop.ID == id })
	if i < 0 {
		return stations.Stop{}, ortsnah.E(ortsnah.NotFound, "stations.unknown_stop")
	}
	if all[i].Retired {
		return stations.Stop{}, ortsnah.E(ortsnah.Gone, "stations.stop_retired", "stop", all[i].Name.DE)
	}
	return all[i], nil
}

// stateSentence says whether a station is there now, or when it comes next;
// visits are those of the stop that are not over.
func stateSentence(lang string, visits []stations.Visit, now time.Time) (sentence string, open bool) {
	for _, v := range visits {
		if v.State == stations.Cancelled {
			continue
		}
		if !now.Before(v.Starts) {
			return i18n.Text(lang, "stations_stop.open", map[string]any{"until": i18n.Clock(v.Ends)}), true
		}
		return i18n.Text(lang, "stations_stop.next", map[string]any{"opening": i18n.Opening(lang, v.Starts, v.Ends)}), false
	}
	return i18n.Text(lang, "stations_stop.never", nil), false
}

// habitText is "jede Woche Montag, 09:30 bis 12:00 Uhr".
func habitText(lang string, h stations.Habit) string {
	values := map[string]any{"weekday": i18n.DayOfWeek(lang, h.Next), "from": h.Opens.String(), "to": h.Closes.String(), "n": h.EveryWeeks}
	switch h.EveryWeeks {
	case 0:
		return i18n.Text(lang, "stations_stop.habit.single", values)
	case 1:
		return i18n.Text(lang, "stations_stop.habit.weekly", values)
	}
	return i18n.Text(lang, "stations_stop.habit.weeks", values)
}

// closeBy is how near a construction site matters to those who go to a stop.
const closeBy = 300 // metres

// sitesAround are the construction sites close to a stop that are not over.
func (s *Server) sitesAround(ctx context.Context, stop stations.Stop, lang string) ([]web.Site, error) {
	rows, err := s.Open.Query(ctx, `SELECT _key FROM `+catalog.View(catalog.ConstructionSites).Sanitize()+`
		WHERE _until IS NULL AND ST_DWithin(_geom, ST_SetSRID(ST_MakePoint(@x, @y), ST_SRID(_geom)), @metres)`,
		pgx.NamedArgs{"x": stop.X, "y": stop.Y, "metres": closeBy})
	var near []string
	if err == nil {
		near, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	if notThere(err) {
		return nil, nil
	}
	if err != nil || len(near) == 0 {
		return nil, err
	}
	all, err := s.sites(ctx, lang)
	return slices.DeleteFunc(all, func(site web.Site) bool {
		return !slices.Contains(near, site.ID) || site.Status == "finished" || site.Status == "cancelled"
	}), err
}

package api

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/catalog"
)

// siteRow is a construction site as the public view has it.
type siteRow struct {
	Key, Title, Description, Kind, Street, District, Status, Impact string
	Car, Bike, Foot, Bus, Emergency, Heavy                          string
	Detour, Responsible                                             string
	Starts, Ends                                                    *time.Time // first and last day
	StepFree                                                        *bool
	Lon, Lat                                                        *float64
	West, South, East, North                                        *float64
	Updated                                                         time.Time
}

//go:embed sql/sites.sql
var sitesSQL string

// siteRows reads the construction sites, of all keys for "".
func (s *Server) siteRows(ctx context.Context, key string) ([]siteRow, error) {
	rows, err := s.Open.Query(ctx, sitesSQL, pgx.NamedArgs{"key": key})
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[siteRow])
	if notThere(err) {
		return []siteRow{}, nil
	}
	return list, err
}

// notThere says that a view does not exist: a deployment without that dataset.
func notThere(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code == "42P01"
}

// sites are the construction sites as pages show them: running ones first,
// then what comes next, then what is over.
func (s *Server) sites(ctx context.Context, lang string) ([]web.Site, error) {
	rows, err := s.siteRows(ctx, "")
	if err != nil {
		return nil, err
	}
	names, err := s.districtNames(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]web.Site, len(rows))
	for i, row := range rows {
		list[i] = s.site(row, names)
	}
	slices.SortStableFunc(list, bySiteInterest)
	return list, nil
}

func bySiteInterest(a, b web.Site) int {
	states := []string{"running", "planned", "cancelled", "finished"}
	impacts := []string{"full", "partial", "none", ""}
	first := cmp.Compare(slices.Index(states, a.Status), slices.Index(states, b.Status))
	strong := cmp.Compare(slices.Index(impacts, a.Impact), slices.Index(impacts, b.Impact))
	when := a.Start.Compare(b.Start)
	if a.Status == "planned" {
		strong, when = when, strong
	}
	if a.Status == "finished" {
		strong, when = -when, strong
	}
	return cmp.Or(first, strong, when, strings.Compare(a.ID, b.ID))
}

// site maps a row to what pages show. Days become the town's local midnights,
// the last day the half-open end.
func (s *Server) site(row siteRow, districts map[string]string) web.Site {
	site := web.Site{ID: row.Key, Title: row.Title, Street: row.Street, District: either(districts[row.District], row.District),
		Reason: row.Kind, Impact: impact(row.Impact), Description: row.Description, Detour: row.Detour,
		Responsible: row.Responsible, StepFree: yesNo(row.StepFree), Updated: row.Updated}
	if row.Starts != nil {
		site.Start = s.midnight(*row.Starts)
	}
	if row.Ends != nil {
		site.End = s.midnight(row.Ends.AddDate(0, 0, 1))
	}
	if row.Lon != nil && row.Lat != nil {
		site.Lon, site.Lat = *row.Lon, *row.Lat
	}
	site.Status = siteStatus(row.Status, site.Start, site.End, s.Now())
	for _, m := range []web.Mode{{Mode: "car", Impact: row.Car}, {Mode: "bike", Impact: row.Bike}, {Mode: "foot", Impact: row.Foot},
		{Mode: "bus", Impact: row.Bus}, {Mode: "emergency", Impact: row.Emergency}, {Mode: "heavy", Impact: row.Heavy}} {
		if m.Impact = impact(m.Impact); m.Impact != "" {
			site.Modes = append(site.Modes, m)
		}
	}
	if site.Impact == "" {
		site.Impact = strongest(site.Modes)
	}
	return site
}

// midnight is the beginning of a date in the town's zone.
func (s *Server) midnight(date time.Time) time.Time {
	return time.Date(date.Year(), date.Month(), date.Day(), 0, 0, 0, 0, s.Zone)
}

// siteStatus is what a site is at now: its days say more than a status that
// nobody may have touched since.
func siteStatus(status string, start, end, now time.Time) string {
	switch {
	case status == "cancelled" || status == "finished":
		return status
	case !end.IsZero() && !now.Before(end):
		return "finished"
	case !start.IsZero() && now.Before(start), start.IsZero() && status == "planned":
		return "planned"
	}
	return "running"
}

// impact maps the code list of the dataset to that of the pages.
func impact(code string) string {
	if code == "closed" {
		return "full"
	}
	return code
}

func strongest(modes []web.Mode) string {
	for _, want := range []string{"full", "partial", "none"} {
		if slices.ContainsFunc(modes, func(m web.Mode) bool { return m.Impact == want }) {
			return want
		}
	}
	return ""
}

func yesNo(b *bool) string {
	switch {
	case b == nil:
		return web.Unknown
	case *b:
		return web.Yes
	}
	return web.No
}

// perPage is the number of entries on one page of a list.
const perPage = 50

// sitesPage answers /baustellen.
func (s *Server) sitesPage(w http.ResponseWriter, r *http.Request) error {
	lang, v := web.LangOf(r), r.URL.Query()
	all, err := s.sites(r.Context(), lang)
	if err != nil {
		return err
	}
	p := web.Sites{Query: typed(v.Get("q")), DatasetID: catalog.ConstructionSites,
		Statuses: options(v.Get("status"), []string{"running", "planned", "finished", "cancelled"}, lang, "status."),
		Modes:    options(v.Get("mode"), []string{"car", "bike", "foot", "bus", "emergency", "heavy"}, lang, "mode.")}
	p.Districts = namesAsOptions(v.Get("stadtteil"), all, func(site web.Site) string { return site.District })
	wanted := slices.DeleteFunc(all, func(site web.Site) bool {
		return v.Get("status") != "" && site.Status != v.Get("status") ||
			v.Get("stadtteil") != "" && site.District != v.Get("stadtteil") ||
			v.Get("mode") != "" && !affects(site, v.Get("mode")) ||
			!contains(p.Query, site.Title, site.Street, site.District, site.Description)
	})
	p.Total = len(wanted)
	p.Items, p.NextPath = pageOf(wanted, "/baustellen", v)
	return s.page(w, r, p)
}

func affects(site web.Site, mode string) bool {
	return slices.ContainsFunc(site.Modes, func(m web.Mode) bool {
		return m.Mode == mode && (m.Impact == "partial" || m.Impact == "full")
	})
}

// sitePage answers /baustellen/{id}; for a site that has left the data the
// address still says so.
func (s *Server) sitePage(w http.ResponseWriter, r *http.Request) error {
	key := pathVar(r, "id")
	rows, err := s.siteOf(r.Context(), key)
	if err != nil {
		return err
	}
	names, err := s.districtNames(r.Context())
	if err != nil {
		return err
	}
	row := rows[0]
	lang := web.LangOf(r)
	id := url.PathEscape(key)
	p := web.SitePage{Site: s.site(row, names), ItemURL: "/ogc/collections/" + catalog.ConstructionSites + "/items/" + id + "?f=json",
		MapPath:  "/karte?auswahl=" + url.QueryEscape(catalog.ConstructionSites+"/"+key),
		Datasets: []web.Link{{Text: label(lang, "dataset.construction-sites"), Path: "/daten/" + catalog.ConstructionSites}}}
	if row.West != nil {
		p.Bounds = [4]float64{*row.West, *row.South, *row.East, *row.North}
	} else {
		p.ItemURL, p.MapPath = "", ""
	}
	return s.page(w, r, p)
}

func (s *Server) siteOf(ctx context.Context, key string) ([]siteRow, error) {
	if key == "" {
		return nil, ortsnah.E(ortsnah.NotFound, "api.no_site")
	}
	rows, err := s.siteRows(ctx, key)
	if err != nil || len(rows) > 0 {
		return rows, err
	}
	var was bool
	err = s.Open.QueryRow(ctx, `SELECT EXISTS (SELECT FROM `+catalog.View(catalog.ConstructionSites).Sanitize()+` WHERE _key = $1)`, key).Scan(&was)
	if was {
		return nil, ortsnah.E(ortsnah.Gone, "api.site_gone")
	}
	if err != nil && !notThere(err) {
		return nil, err
	}
	return nil, ortsnah.E(ortsnah.NotFound, "api.no_site")
}

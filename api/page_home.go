package api

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/catalog"
)

// home answers /: with parameter q it is the search.
func (s *Server) home(w http.ResponseWriter, r *http.Request) error {
	query := typed(r.URL.Query().Get("q"))
	p := web.Home{Query: query}
	var err error
	if query != "" {
		w.Header().Set("Cache-Control", private)
		p.Groups, err = s.search(r, query)
	} else {
		err = s.whatsNext(r, &p)
	}
	if err != nil {
		return err
	}
	return s.page(w, r, p)
}

// often are the services that people ask for most; what the town does not
// have is left out.
func often() []string {
	return []string{"personalausweis", "reisepass", "ummeldung", "fuehrungszeugnis", "wohngeld", "rentenberatung", "bauberatung"}
}

// whatsNext fills the home page without a search.
func (s *Server) whatsNext(r *http.Request, p *web.Home) error {
	ctx, lang := r.Context(), web.LangOf(r)
	concerns, err := s.concerns(r, "")
	if err != nil {
		return err
	}
	p.Counts.Services = len(concerns)
	for _, id := range often() {
		for _, c := range concerns {
			if c.ID == id && len(p.Services) < 6 {
				p.Services = append(p.Services, serviceEntry(c, lang))
			}
		}
	}
	t, err := s.timetable(ctx, lang)
	if err != nil {
		return err
	}
	p.NextVisits = t.visits[:min(4, len(t.visits))]
	p.Counts.VisitsThisWeek = countSoon(t.visits, s.Now(), 7*24*time.Hour)
	sites, err := s.sites(ctx, lang)
	if err != nil {
		return err
	}
	running := slices.DeleteFunc(sites, func(site web.Site) bool { return site.Status != "running" })
	p.Counts.RunningSites, p.Sites = len(running), running[:min(4, len(running))]
	ready, err := s.collections(ctx)
	p.Counts.Datasets = len(ready)
	return err
}

// firstHits is how many results of a kind the search shows.
const firstHits = 5

// search looks everywhere; kinds without a hit are left out.
func (s *Server) search(r *http.Request, query string) ([]web.ResultGroup, error) {
	var groups []web.ResultGroup
	for _, kind := range []struct {
		name, path string
		find       func(ctx context.Context, r *http.Request, query string) ([]web.Result, error)
	}{
		{"services", "/anliegen?q=", s.findServices},
		{"districts", "/karte?ebene=districts", s.findDistricts},
		{"stations", "/stationen", s.findStops},
		{"construction-sites", "/baustellen?q=", s.findSites},
		{"datasets", "/daten?q=", s.findDatasets},
	} {
		found, err := kind.find(r.Context(), r, query)
		if err != nil {
			return nil, err
		}
		g := web.ResultGroup{Kind: kind.name, Total: len(found), Results: found[:min(firstHits, len(found))], Path: kind.path}
		if kind.path[len(kind.path)-1] == '=' {
			g.Path += url.QueryEscape(query)
		}
		if g.Total > 0 {
			groups = append(groups, g)
		}
	}
	return groups, nil
}

func (s *Server) findServices(_ context.Context, r *http.Request, query string) ([]web.Result, error) {
	concerns, err := s.concernsFound(r, query)
	var found []web.Result
	for _, c := range concerns {
		found = append(found, web.Result{Title: c.Name.In(web.LangOf(r)), Text: c.Summary.In(web.LangOf(r)), Path: "/anliegen/" + c.ID})
	}
	return found, err
}

func (s *Server) findDistricts(ctx context.Context, r *http.Request, query string) ([]web.Result, error) {
	rows, err := s.districtRows(ctx)
	var found []web.Result
	for _, d := range rows {
		if contains(query, d.Name) || query == d.Code {
			found = append(found, web.Result{Title: d.Name, Path: "/karte?auswahl=" + url.QueryEscape(catalog.Districts+"/"+d.Key),
				Text: i18n.Text(web.LangOf(r), "api.district_number", map[string]any{"code": d.Code})})
		}
	}
	return found, err
}

func (s *Server) findStops(ctx context.Context, r *http.Request, query string) ([]web.Result, error) {
	lang := web.LangOf(r)
	t, err := s.timetable(ctx, lang)
	var found []web.Result
	for _, stop := range t.stops {
		if !contains(query, stop.Name, stop.Address, stop.District) {
			continue
		}
		text := stop.Address
		if i := slices.IndexFunc(stop.Visits, func(v web.Visit) bool { return !v.Cancelled }); i >= 0 {
			text = i18n.Opening(lang, stop.Visits[i].Start.In(s.Zone), stop.Visits[i].End.In(s.Zone))
		}
		found = append(found, web.Result{Title: stop.Name, Text: text, Path: "/karte?auswahl=" + url.QueryEscape(catalog.Stops+"/"+stop.ID)})
	}
	return found, err
}

func (s *Server) findSites(ctx context.Context, r *http.Request, query string) ([]web.Result, error) {
	lang := web.LangOf(r)
	sites, err := s.sites(ctx, lang)
	var found []web.Result
	for _, site := range sites {
		if contains(query, site.Title, site.Street, site.District, site.Description) {
			found = append(found, web.Result{Title: site.Title, Path: "/baustellen/" + url.PathEscape(site.ID),
				Text: i18n.Text(lang, "status."+site.Status, nil) + " · " + i18n.Period(lang, site.Start, site.End)})
		}
	}
	return found, err
}

func (s *Server) findDatasets(ctx context.Context, r *http.Request, query string) ([]web.Result, error) {
	lang := web.LangOf(r)
	ready, err := s.collections(ctx)
	var found []web.Result
	for _, d := range ready {
		if datasetMatches(d, query) {
			found = append(found, web.Result{Title: d.Metadata.Title.In(lang), Text: d.Metadata.Description.In(lang), Path: "/daten/" + d.ID})
		}
	}
	return found, err
}

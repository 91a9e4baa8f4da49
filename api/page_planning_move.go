package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

// planningMove answers /planung/lauf/{id}/verschieben: what changes when a site
// stands elsewhere. The map of the run asks the same page.
func (s *Server) planningMove(w http.ResponseWriter, r *http.Request) error {
	ctx, lang, v := r.Context(), web.LangOf(r), r.URL.Query()
	run, err := planning.FindRun(ctx, s.DB, pathVar(r, "id"))
	if err != nil {
		return err
	}
	if run.Result == nil || len(run.Result.Sites) == 0 || run.Definition.Weekly != nil {
		return ortsnah.E(ortsnah.Conflict, "planning.no_choice_yet")
	}
	c, err := planning.FindScenario(ctx, s.DB, run.Scenario)
	if err != nil {
		return err
	}
	p := web.PlanningMove{RunPath: runPath + run.ID, Name: c.Name, Lon: typed(v.Get("lon")), Lat: typed(v.Get("lat"))}
	site := run.Result.Sites[0]
	for _, other := range run.Result.Sites {
		if other.ID == v.Get("standort") {
			site = other
		}
	}
	for i, other := range run.Result.Sites {
		p.Sites = append(p.Sites, web.Option{Value: other.ID, Label: strconv.Itoa(i+1) + " " + siteName(run.Definition, other.ID), On: other.ID == site.ID})
	}
	if p.Lon == "" && p.Lat == "" {
		p.Lon, p.Lat = degreesText(site.Lon), degreesText(site.Lat)
		return s.planningPage(w, r, http.StatusOK, p)
	}
	code := http.StatusOK
	if err := s.fillMoved(ctx, lang, run, site, &p); err != nil {
		if p.Notice, code, err = refusal(r, err); err != nil {
			return err
		}
	}
	return s.planningPage(w, r, code, p)
}

// fillMoved works the moved choice out.
func (s *Server) fillMoved(ctx context.Context, lang string, run planning.Run, site planning.SiteFigures, p *web.PlanningMove) error {
	lon, lat, err := placeTyped(p.Lon, p.Lat)
	if err != nil {
		return err
	}
	if s.Planning == nil {
		return ortsnah.E(ortsnah.Unavailable, "planning.no_desk")
	}
	moved, err := s.Planning.MovePin(ctx, run.ID, site.ID, lon, lat)
	if err != nil {
		return err
	}
	m := measuredOf(lang, run)
	cells := withChanges(run.Result.Cells, moved.Cells)
	p.Lead = i18n.Text(lang, "planning_move.moved", map[string]any{"site": siteName(run.Definition, site.ID), "lon": i18n.Decimal(lang, lon, 5), "lat": i18n.Decimal(lang, lat, 5)})
	if run.Definition.Objective == instance.Capacitated {
		p.Lead += " " + i18n.Text(lang, "planning_move.without_capacity", nil)
	}
	p.Figures = figureRows(m, moved.Figures, &run.Result.Figures)
	c, err := s.canvasOf(ctx, cells, pictureWidth)
	if err != nil {
		return err
	}
	// Numbers stay those of the result.
	sites := slices.Clone(run.Result.Sites)
	for i := range sites {
		if sites[i].ID == site.ID {
			sites[i].Lon, sites[i].Lat = lon, lat
		}
	}
	p.Picture = s.picture(lang, "moved", byCatchment, c, m, sites, cells)
	for i := range p.Picture.Pins {
		if sites[i].ID == site.ID {
			p.Picture.Pins[i].Kind = "moved"
			x, y := c.at(site.Lon, site.Lat)
			p.Picture.Pins = append(p.Picture.Pins, web.PlanPin{X: strconv.FormatFloat(x, 'f', 1, 64), Y: strconv.FormatFloat(y, 'f', 1, 64), Label: p.Picture.Pins[i].Label, Name: site.Name, Kind: "before"})
			break
		}
	}
	raw, err := json.Marshal(map[string]any{"cells": mapData(run.Definition, sites, cells).Cells})
	p.Data = string(raw)
	return err
}

// withChanges are the cells with those that changed in their places.
func withChanges(cells, changed []planning.CellFigure) []planning.CellFigure {
	at := make(map[string]planning.CellFigure, len(changed))
	for _, f := range changed {
		at[f.ID] = f
	}
	all := slices.Clone(cells)
	for i := range all {
		if f, ok := at[all[i].ID]; ok {
			all[i] = f
		}
	}
	return all
}

// placeTyped reads degrees with a dot or a comma.
func placeTyped(lonText, latText string) (lon, lat float64, err error) {
	lon, lonErr := strconv.ParseFloat(strings.Replace(lonText, ",", ".", 1), 64)
	lat, latErr := strconv.ParseFloat(strings.Replace(latText, ",", ".", 1), 64)
	if lonErr != nil || latErr != nil || !onEarth(lon, lat) {
		return 0, 0, ortsnah.E(ortsnah.Invalid, "planning.move_where").About("lon")
	}
	return lon, lat, nil
}

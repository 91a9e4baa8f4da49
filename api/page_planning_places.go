package api

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	shapes "github.com/paulmach/orb/geojson"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/stations"
	"github.com/ortsnah/ortsnah/stations/planning"
)

// Kinds of candidates, in the order of the page.
func placeKinds() []string { return []string{"stop", "transit_stop", "building"} }

// mostPoints is how many points one form may bring.
const mostPoints = 5000

// candidatePlaces are the known places of a kind as candidates that may be chosen.
func (s *Server) candidatePlaces(ctx context.Context, lang, kind string) ([]planning.Candidate, error) {
	switch kind {
	case "stop":
		stops, err := stations.Stops(ctx, s.Open)
		return candidates(stops, func(p stations.Stop) planning.Candidate {
			return planning.Candidate{ID: "stop:" + p.ID, Name: p.Name.In(lang), Lon: p.Lon, Lat: p.Lat, StepFree: p.StepFree, Kind: kind}
		}), err
	case "building":
		sites, err := booking.Sites(ctx, s.Open)
		return candidates(sites, func(p booking.Site) planning.Candidate {
			return planning.Candidate{ID: "building:" + p.ID, Name: p.Name.In(lang), Lon: p.Lon, Lat: p.Lat, StepFree: p.StepFree, Kind: kind}
		}), err
	case "transit_stop":
		return s.transitStops(ctx)
	}
	return []planning.Candidate{}, nil
}

func candidates[T any](list []T, of func(T) planning.Candidate) []planning.Candidate {
	all := make([]planning.Candidate, 0, len(list))
	for _, item := range list {
		if c := of(item); c.Lon != 0 || c.Lat != 0 {
			c.Role = planning.Free
			all = append(all, c)
		}
	}
	return all
}

// transitStops are those in the municipality, where its border is known.
// Whether they are step-free nobody says, so they are taken as not.
func (s *Server) transitStops(ctx context.Context) ([]planning.Candidate, error) {
	rows, err := s.Open.Query(ctx, `WITH town AS (SELECT ST_Union(_geom) AS area FROM open.municipality WHERE _until IS NULL)
		SELECT 'transit:' || _key AS id, name, 'transit_stop' AS kind, ST_X(at) AS lon, ST_Y(at) AS lat,
			'free' AS role, false AS step_free, 0::bigint AS capacity
		FROM open.transit_stops, town, ST_Transform(ST_PointOnSurface(_geom), 4326) AS at
		WHERE _until IS NULL AND _geom IS NOT NULL AND (town.area IS NULL OR ST_Covers(town.area, _geom))
		ORDER BY name COLLATE "C", _key COLLATE "C"`)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[planning.Candidate])
	if notThere(err) {
		return []planning.Candidate{}, nil
	}
	return list, err
}

// drawnPoints reads points that were typed, drawn or loaded from a file:
// GeoJSON, or lines "name; lon; lat" with or without a heading. Their ids go on
// after those of taken. Error: Invalid planning.bad_point, planning.bad_points.
func drawnPoints(lang, text string, taken []planning.Candidate) ([]planning.Candidate, error) {
	text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	if text == "" {
		return []planning.Candidate{}, nil
	}
	read := pointLines
	if strings.HasPrefix(text, "{") {
		read = pointFeatures
	}
	list, err := read(text)
	if err != nil {
		return nil, err
	}
	if len(list) > mostPoints {
		return nil, ortsnah.E(ortsnah.Invalid, "planning.bad_points", "n", mostPoints).About("punkte")
	}
	next := 1
	for i := range list {
		for slices.ContainsFunc(taken, func(c planning.Candidate) bool { return c.ID == "drawn:"+strconv.Itoa(next) }) {
			next++
		}
		list[i].ID, list[i].Kind, list[i].Role = "drawn:"+strconv.Itoa(next), "drawn", planning.Free
		if list[i].Name == "" {
			list[i].Name = i18n.Text(lang, "planning_scenario.point", map[string]any{"n": next})
		}
		next++
	}
	return list, nil
}

func badPoint(line int, text string) error {
	if len(text) > 60 {
		text = strings.ToValidUTF8(text[:60], "") + "…"
	}
	return ortsnah.E(ortsnah.Invalid, "planning.bad_point", "line", line, "text", text).About("punkte")
}

// pointFeatures reads GeoJSON; areas and lines give their middle.
func pointFeatures(text string) ([]planning.Candidate, error) {
	var kind struct {
		Type string `json:"type"`
	}
	bad := func(err error) error {
		return ortsnah.E(ortsnah.Invalid, "planning.bad_geojson").Because(err).About("punkte")
	}
	if err := json.Unmarshal([]byte(text), &kind); err != nil {
		return nil, bad(err)
	}
	all := shapes.NewFeatureCollection()
	var err error
	switch kind.Type {
	case "FeatureCollection":
		all, err = shapes.UnmarshalFeatureCollection([]byte(text))
	case "Feature":
		var f *shapes.Feature
		f, err = shapes.UnmarshalFeature([]byte(text))
		all.Append(f)
	default:
		err = fmt.Errorf("type %q", kind.Type)
	}
	if err != nil {
		return nil, bad(err)
	}
	var list []planning.Candidate
	for i, f := range all.Features {
		if f == nil || f.Geometry == nil {
			return nil, badPoint(i+1, "geometry: null")
		}
		at, ok := f.Geometry.(orb.Point)
		if !ok {
			at = f.Geometry.Bound().Center()
		}
		c := planning.Candidate{Name: featureName(f), Lon: at[0], Lat: at[1]}
		c.StepFree, _ = f.Properties["step_free"].(bool)
		if !onEarth(c.Lon, c.Lat) {
			return nil, badPoint(i+1, fmt.Sprint(at))
		}
		list = append(list, c)
	}
	return list, nil
}

func featureName(f *shapes.Feature) string {
	for _, key := range []string{"name", "Name", "NAME", "title", "bezeichnung"} {
		if name, ok := f.Properties[key].(string); ok && typed(name) != "" {
			return typed(name)
		}
	}
	return ""
}

// pointLines reads a table: separator ;, tab or comma; a heading may name the
// columns name, lon and lat in any order.
func pointLines(text string) ([]planning.Candidate, error) {
	separator := ','
	first, _, _ := strings.Cut(text, "\n")
	for _, c := range ";\t" {
		if strings.ContainsRune(first, c) {
			separator = c
			break
		}
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = separator, -1, true, separator != '\t'
	columns := [3]int{0, 1, 2} // name, lon, lat
	var list []planning.Candidate
	for n := 0; ; n++ {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		line, _ := r.FieldPos(0)
		if err != nil {
			return nil, badPoint(line, err.Error())
		}
		if heading, ok := headingOf(fields); n == 0 && ok {
			columns = heading
			continue
		}
		c, ok := pointOf(fields, columns, separator)
		if !ok {
			return nil, badPoint(line, strings.Join(fields, string(separator)))
		}
		list = append(list, c)
	}
}

func headingOf(fields []string) (columns [3]int, ok bool) {
	columns = [3]int{-1, -1, -1}
	names := [3][]string{{"name", "bezeichnung", "ort", "titel", "title"}, {"lon", "long", "longitude", "laenge", "laengengrad", "x"}, {"lat", "latitude", "breite", "breitengrad", "y"}}
	for i, field := range fields {
		for k := range names {
			if slices.Contains(names[k], fold(typed(field))) {
				columns[k] = i
			}
		}
	}
	return columns, columns[1] >= 0 && columns[2] >= 0
}

func pointOf(fields []string, columns [3]int, separator rune) (planning.Candidate, bool) {
	var c planning.Candidate
	if len(fields) == 2 && columns == [3]int{0, 1, 2} {
		columns = [3]int{-1, 0, 1}
	}
	at := func(k int) string {
		if columns[k] < 0 || columns[k] >= len(fields) {
			return ""
		}
		return typed(fields[columns[k]])
	}
	degrees := func(k int) float64 {
		text := at(k)
		if separator != ',' {
			text = strings.Replace(text, ",", ".", 1)
		}
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return math.NaN()
		}
		return x
	}
	c.Name, c.Lon, c.Lat = at(0), degrees(1), degrees(2)
	return c, onEarth(c.Lon, c.Lat)
}

func onEarth(lon, lat float64) bool {
	return math.Abs(lon) <= 180 && math.Abs(lat) <= 90 // false for NaN
}

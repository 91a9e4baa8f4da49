package stations

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/paulmach/orb"
)

// kept is how long past visits stay in the published dataset; older ones can
// be read in its older versions.
const kept = 28 * 24 * time.Hour

// Publish writes the next versions of the datasets stations, stops and visits.
// Equal states make no version. The visits are those that Extend has written,
// from four weeks ago on.
func Publish(ctx context.Context, tx pgx.Tx, now time.Time) error {
	stations, err := Stations(ctx, tx)
	if err != nil {
		return err
	}
	stops, err := AllStops(ctx, tx)
	if err != nil {
		return err
	}
	// Whole days, so that publishing twice a day makes one version.
	visits, err := Visits(ctx, tx, Day(now.UTC()).Add(-kept), Day(now.UTC()).Add(2*Horizon))
	if err != nil {
		return err
	}
	if err := catalog.Replace(ctx, tx, catalog.Stations, "stations", stationRows(stations)); err != nil {
		return err
	}
	if err := catalog.Replace(ctx, tx, catalog.Stops, "stations", stopRows(stops)); err != nil {
		return err
	}
	return catalog.Replace(ctx, tx, catalog.Visits, "stations", visitRows(stations, stops, visits))
}

func stationRows(stations []Station) []catalog.Named {
	var features []catalog.Named
	for _, s := range stations {
		if s.Retired {
			continue
		}
		features = append(features, catalog.Named{Fields: map[string]any{
			"id": s.ID, "name": s.Name.DE, "name_en": s.Name.EN, "kind": s.Kind,
			"equipment": s.Equipment, "note": s.Note,
		}})
	}
	return features
}

func stopRows(stops []Stop) []catalog.Named {
	var features []catalog.Named
	for _, s := range stops {
		if s.Retired {
			continue
		}
		features = append(features, catalog.Named{Geometry: orb.Point{s.Lon, s.Lat}, Fields: map[string]any{
			"id": s.ID, "name": s.Name.DE, "name_en": s.Name.EN, "address": s.Address,
			"district": s.District, "step_free": s.StepFree, "note": s.Note,
		}})
	}
	return features
}

func visitRows(stations []Station, stops []Stop, visits []Visit) []catalog.Named {
	station, at := map[string]Station{}, map[string]Stop{}
	for _, s := range stations {
		station[s.ID] = s
	}
	for _, s := range stops {
		at[s.ID] = s
	}
	var features []catalog.Named
	for _, v := range visits {
		stop := at[v.Stop]
		features = append(features, catalog.Named{Geometry: orb.Point{stop.Lon, stop.Lat}, Fields: map[string]any{
			"id": v.ID, "title": station[v.Station].Name.DE + " – " + strings.TrimPrefix(stop.Name.DE, "Demo: "),
			"station": v.Station, "stop": v.Stop, "address": stop.Address,
			"district": stop.District, "start": v.Starts.UTC(), "end": v.Ends.UTC(), "status": string(v.State),
			"services": v.Services, "step_free": stop.StepFree,
			"reason": v.Reason.DE, "reason_en": v.Reason.EN, "note": note(v),
		}})
	}
	return features
}

// note is what a person has to know beside the fields: why a visit is
// cancelled, that the data is invented.
func note(v Visit) string {
	if v.Reason.DE == "" || v.Note == "" {
		return v.Reason.DE + v.Note
	}
	return v.Note + ": " + v.Reason.DE
}

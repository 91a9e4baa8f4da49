package stations

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/catalog"
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
	stops, err := Stops(ctx, tx)
	if err != nil {
		return err
	}
	// Whole days, so that publishing twice a day makes one version.
	visits, err := Visits(ctx, tx, Day(now.UTC()).Add(-kept), Day(now.UTC()).Add(2*Horizon))
	if err != nil {
		return err
	}
	if err := publish(ctx, tx, catalog.Stations, stationRows(stations)); err != nil {
		return err
	}
	if err := publish(ctx, tx, catalog.Stops, stopRows(stops)); err != nil {
		return err
	}
	return publish(ctx, tx, catalog.Visits, visitRows(stations, stops, visits))
}

// feature is a row of a dataset before it is laid out by its schema.
type feature struct {
	place  orb.Geometry   // CRS84
	fields map[string]any // by field name; what the schema lacks is left out
}

func publish(ctx context.Context, tx pgx.Tx, id string, features []feature) error {
	d, err := catalog.FindAny(ctx, tx, id)
	if err != nil {
		return err
	}
	staging, err := catalog.Stage(ctx, tx, d)
	if err != nil {
		return err
	}
	for _, f := range features {
		row := catalog.Row{Key: f.fields["id"].(string), Geometry: f.place, SRID: geo.CRS84,
			Values: make([]any, len(d.Schema.Fields))}
		for i, field := range d.Schema.Fields {
			row.Values[i] = f.fields[field.Name]
		}
		if err := staging.Add(ctx, row); err != nil {
			return err
		}
	}
	_, err = staging.Commit(ctx, catalog.Change{Actor: ortsnah.System("stations"), Source: "stations"})
	return err
}

func stationRows(stations []Station) []feature {
	var features []feature
	for _, s := range stations {
		features = append(features, feature{fields: map[string]any{
			"id": s.ID, "name": s.Name.DE, "name_en": optional(s.Name.EN), "kind": s.Kind,
			"equipment": list(s.Equipment), "note": optional(s.Note),
		}})
	}
	return features
}

func stopRows(stops []Stop) []feature {
	var features []feature
	for _, s := range stops {
		features = append(features, feature{orb.Point{s.Lon, s.Lat}, map[string]any{
			"id": s.ID, "name": s.Name.DE, "name_en": optional(s.Name.EN), "address": optional(s.Address),
			"site": optional(s.Site), "district": optional(s.District), "step_free": s.StepFree, "power": s.Power,
			"network": optional(s.Network), "parking": s.Parking, "note": optional(s.Note),
		}})
	}
	return features
}

func visitRows(stations []Station, stops []Stop, visits []Visit) []feature {
	station, at := map[string]Station{}, map[string]Stop{}
	for _, s := range stations {
		station[s.ID] = s
	}
	for _, s := range stops {
		at[s.ID] = s
	}
	var features []feature
	for _, v := range visits {
		stop := at[v.Stop]
		features = append(features, feature{orb.Point{stop.Lon, stop.Lat}, map[string]any{
			"id": v.ID, "title": station[v.Station].Name.DE + " – " + strings.TrimPrefix(stop.Name.DE, "Demo: "),
			"station": v.Station, "stop": v.Stop, "address": optional(stop.Address),
			"district": optional(stop.District), "start": v.Starts.UTC(), "end": v.Ends.UTC(), "status": string(v.State),
			"services": list(v.Services), "step_free": stop.StepFree,
			"reason": optional(v.Reason.DE), "reason_en": optional(v.Reason.EN), "note": note(v),
		}})
	}
	return features
}

// note is what a person has to know beside the fields: why a visit is
// cancelled, that the data is invented.
func note(v Visit) any {
	if v.Reason.DE == "" || v.Note == "" {
		return optional(v.Reason.DE + v.Note)
	}
	return v.Note + ": " + v.Reason.DE
}

// optional makes an empty text NULL.
func optional(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// list is the JSON array of items; none is "[]".
func list[T any](items []T) any {
	if items == nil {
		items = []T{}
	}
	text, err := json.Marshal(items)
	if err != nil {
		panic(err) // strings and flat structs: cannot happen
	}
	return json.RawMessage(text)
}

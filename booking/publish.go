package booking

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/catalog"
)

// Publish writes the next versions of the datasets services and rooms, public
// attributes only. Equal states make no version.
func Publish(ctx context.Context, tx pgx.Tx) error {
	concerns, err := Concerns(ctx, tx)
	if err != nil {
		return err
	}
	sites, err := Sites(ctx, tx)
	if err != nil {
		return err
	}
	rooms, err := Rooms(ctx, tx)
	if err != nil {
		return err
	}
	if err := publish(ctx, tx, catalog.Services, serviceRows(concerns)); err != nil {
		return err
	}
	return publish(ctx, tx, catalog.Rooms, roomRows(sites, rooms))
}

// feature is a row of a dataset before it is laid out by its schema.
type feature struct {
	place  orb.Geometry   // CRS84; nil for none
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
	_, err = staging.Commit(ctx, catalog.Change{Actor: ortsnah.System("booking"), Source: "booking"})
	return err
}

func serviceRows(concerns []Concern) []feature {
	var features []feature
	for _, c := range concerns {
		features = append(features, feature{fields: map[string]any{
			"id": c.ID, "name": c.Name.DE, "name_en": optional(c.Name.EN),
			"summary": optional(c.Summary.DE), "summary_en": optional(c.Summary.EN),
			"minutes": int64(c.Minutes), "minutes_per_further_person": int64(c.FurtherMinutes),
			"office": c.OfficeName.DE, "office_id": c.Office, "channels": list(c.Channels), "mobile": c.Mobile,
			"online": c.Online, "online_url": optional(c.OnlineURL), "appointment": c.Appointment, "urgent": c.Urgent,
			"jurisdiction": string(c.Jurisdiction.Kind), "documents": list(c.Documents), "keywords": list(c.Keywords),
			"fim_key": optional(c.FIMKey), "note": optional(c.Note),
		}})
	}
	return features
}

func roomRows(sites []Site, rooms []Room) []feature {
	at := map[string]Site{}
	for _, s := range sites {
		at[s.ID] = s
	}
	var features []feature
	for _, r := range rooms {
		site := at[r.Site]
		features = append(features, feature{orb.Point{site.Lon, site.Lat}, map[string]any{
			"id": r.ID, "code": r.Code, "name": r.Name.DE, "name_en": optional(r.Name.EN), "site": r.Site,
			"site_name": site.Name.DE, "address": optional(site.Address), "floor": strconv.Itoa(r.Floor),
			"persons": int64(r.Persons), "step_free": r.StepFree && site.StepFree, "equipment": list(r.Equipment),
			"note": optional(r.Note),
		}})
	}
	return features
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

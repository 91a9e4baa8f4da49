package booking

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/paulmach/orb"
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
	if err := catalog.Replace(ctx, tx, catalog.Services, "booking", serviceRows(concerns)); err != nil {
		return err
	}
	return catalog.Replace(ctx, tx, catalog.Rooms, "booking", roomRows(sites, rooms))
}

func serviceRows(concerns []Concern) []catalog.Named {
	var features []catalog.Named
	for _, c := range concerns {
		features = append(features, catalog.Named{Fields: map[string]any{
			"id": c.ID, "name": c.Name.DE, "name_en": c.Name.EN,
			"summary": c.Summary.DE, "summary_en": c.Summary.EN,
			"minutes": c.Minutes, "minutes_per_further_person": c.FurtherMinutes,
			"office": c.OfficeName.DE, "office_id": c.Office, "channels": c.Channels, "mobile": c.Mobile,
			"online": c.Online, "online_url": c.OnlineURL, "appointment": c.Appointment, "urgent": c.Urgent,
			"jurisdiction": string(c.Jurisdiction.Kind), "documents": c.Documents, "keywords": c.Keywords,
			"fim_key": c.FIMKey, "note": c.Note,
		}})
	}
	return features
}

func roomRows(sites []Site, rooms []Room) []catalog.Named {
	at := map[string]Site{}
	for _, s := range sites {
		at[s.ID] = s
	}
	var features []catalog.Named
	for _, r := range rooms {
		site := at[r.Site]
		features = append(features, catalog.Named{Geometry: orb.Point{site.Lon, site.Lat}, Fields: map[string]any{
			"id": r.ID, "code": r.Code, "name": r.Name.DE, "name_en": r.Name.EN, "site": r.Site,
			"site_name": site.Name.DE, "address": site.Address, "floor": strconv.Itoa(r.Floor),
			"persons": r.Persons, "step_free": r.StepFree && site.StepFree, "equipment": r.Equipment,
			"note": r.Note,
		}})
	}
	return features
}

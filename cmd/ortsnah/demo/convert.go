package demo

import (
	"encoding/json"
	"time"

	"github.com/ortsnah/ortsnah/catalog"
)

// feature is a GeoJSON feature whose geometry is passed on as it is.
type feature struct {
	Type       string          `json:"type"`
	ID         string          `json:"id"`
	Geometry   json.RawMessage `json:"geometry"`
	Properties any             `json:"properties"`
}

func collection(features []feature) ([]byte, error) {
	return json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
}

// addresses turns the list of addresses into GeoJSON.
func addresses(b []byte, _ time.Time) ([]byte, error) {
	var doc struct {
		Addresses []struct {
			ID          string  `json:"id"`
			Address     string  `json:"address"`
			Street      string  `json:"street"`
			HouseNumber string  `json:"house_number"`
			Lon         float64 `json:"lon"`
			Lat         float64 `json:"lat"`
			District    string  `json:"district"`
			Note        string  `json:"note"`
		} `json:"addresses"`
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		return nil, err
	}
	var features []feature
	for _, a := range doc.Addresses {
		point, err := json.Marshal(map[string]any{"type": "Point", "coordinates": []float64{a.Lon, a.Lat}})
		if err != nil {
			return nil, err
		}
		features = append(features, feature{"Feature", a.ID, point, map[string]any{"id": a.ID, "label": a.Address,
			"street": a.Street, "house_number": a.HouseNumber, "district": a.District, "note": a.Note}})
	}
	return collection(features)
}

// invented is a construction site as the demo file has it: its days count from
// the Monday of the week in which the demo is shown.
type invented struct {
	ID              string            `json:"id"`
	Number          string            `json:"number"`
	Title           catalog.Text      `json:"title"`
	Street          string            `json:"street"`
	District        string            `json:"district"`
	ReasonText      catalog.Text      `json:"reason_text"`
	Impact          map[string]string `json:"impact"`
	StartOffset     int               `json:"start_offset_days"`
	EndOffset       int               `json:"end_offset_days"` // exclusive
	Cancelled       bool              `json:"cancelled"`
	Description     catalog.Text      `json:"description"`
	Detour          *catalog.Text     `json:"detour"`
	StepFreeFootway *bool             `json:"step_free_footway"`
	ResponsibleBody string            `json:"responsible_body"`
}

// constructionSites places the invented sites around now. They move once a
// week, so that a demo that is started every day does not change every day.
func constructionSites(b []byte, now time.Time) ([]byte, error) {
	var doc struct {
		Features []struct {
			ID         string          `json:"id"`
			Geometry   json.RawMessage `json:"geometry"`
			Properties invented        `json:"properties"`
		} `json:"features"`
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		return nil, err
	}
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
	var features []feature
	for _, f := range doc.Features {
		features = append(features, feature{"Feature", f.ID, f.Geometry, f.Properties.properties(monday)})
	}
	return collection(features)
}

func (s invented) properties(monday time.Time) map[string]any {
	start, end := monday.AddDate(0, 0, s.StartOffset), monday.AddDate(0, 0, s.EndOffset-1)
	p := map[string]any{
		"id": s.ID, "title": s.Title.DE, "description": s.Description.DE, "kind": s.ReasonText.DE,
		"street": s.Street, "district": s.District, "start": start.Format(time.DateOnly), "end": end.Format(time.DateOnly),
		"status": state(s.Cancelled, start, end, monday), "responsible_body": s.ResponsibleBody,
		"step_free": s.StepFreeFootway, "note": "Demo",
	}
	if s.Detour != nil {
		p["detour"] = s.Detour.DE
	}
	worst := "none"
	for mode, impact := range s.Impact {
		if impact == "full" {
			impact = "closed"
		}
		p["affects_"+mode] = impact
		if impact == "closed" || impact == "partial" && worst == "none" {
			worst = impact
		}
	}
	p["impact"] = worst
	return p
}

// state is the site's stand at the beginning of the week; pages compare the
// dates with the clock themselves.
func state(cancelled bool, start, end, at time.Time) string {
	switch {
	case cancelled:
		return "cancelled"
	case end.Before(at):
		return "finished"
	case start.After(at):
		return "planned"
	}
	return "active"
}

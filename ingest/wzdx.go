package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
)

// openWZDx reads Work Zone Data Exchange feeds 4.0 to 4.2 (USDOT, WorkZoneFeed
// and RoadEventFeature objects). Times stay as they are there: UTC. Road events
// of all types are read; the type is in the field kind.
func openWZDx(_ context.Context, in Input, o Options) (Reader, error) {
	p := &wzdxParser{featureParser: *newFeatureParser(o)}
	return openDocument(in, o, []string{"feed_info", "road_event_feed_info"}, p.begin)
}

func sniffWZDx(head []byte, _ string) bool {
	return sniffJSON(head, "") && bytes.Contains(head, []byte(`"core_details"`)) && bytes.Contains(head, []byte(`"event_type"`))
}

type wzdxParser struct {
	featureParser
	bodies    map[string]string // data_source_id → organisation
	publisher string
	out       Record
	fields    site
}

func (p *wzdxParser) begin(top members) (parseFunc, geo.SRID, error) {
	var info struct {
		Publisher string `json:"publisher"`
		Sources   []struct {
			ID   string `json:"data_source_id"`
			Name string `json:"organization_name"`
		} `json:"data_sources"`
	}
	raw := top["feed_info"]
	if raw == nil {
		raw = top["road_event_feed_info"]
	}
	if raw != nil && json.Unmarshal(raw, &info) != nil {
		return nil, 0, ortsnah.E(ortsnah.Invalid, "ingest.wzdx_bad_header")
	}
	p.publisher, p.bodies = info.Publisher, map[string]string{}
	for _, s := range info.Sources {
		p.bodies[s.ID] = s.Name
	}
	return p.event, geo.CRS84, nil
}

// wzdxCore is the part of core_details that is mapped.
type wzdxCore struct {
	EventType   string   `json:"event_type"`
	Source      string   `json:"data_source_id"`
	Name        string   `json:"name"`
	Roads       []string `json:"road_names"`
	Direction   string   `json:"direction"`
	Description string   `json:"description"`
}

func (p *wzdxParser) event(fr frame) (*Record, *ortsnah.Error) {
	rec, err := p.parse(fr)
	if err != nil {
		return nil, err
	}
	var core wzdxCore
	if !nested(rec.Properties, "core_details", &core) || core.EventType == "" {
		p.i = 0
		return nil, p.fail("ingest.wzdx_not_an_event")
	}
	if rec.ID == "" {
		p.i = 0
		return nil, p.fail("ingest.wzdx_no_id")
	}
	p.out = Record{ID: rec.ID, Geometry: rec.Geometry}
	p.fill(rec, core)
	p.out.Properties = p.fields.props
	return &p.out, nil
}

func (p *wzdxParser) fill(rec *Record, core wzdxCore) {
	props := rec.Properties
	roads := strings.Join(core.Roads, ", ")
	body := p.bodies[core.Source]
	if body == "" {
		body = p.publisher
	}
	s := &p.fields
	s.begin()
	s.set("id", rec.ID)
	s.set("title", firstOf(core.Name, strings.TrimSpace(roads+" "+core.Direction), rec.ID))
	s.set("description", core.Description)
	s.set("kind", wzdxKind(props, core.EventType))
	s.set("street", roads)
	s.set("start", first(props, "start_date"))
	s.set("end", first(props, "end_date"))
	s.set("status", wzdxStatus(first(props, "event_status")))
	impact := wzdxImpact(first(props, "vehicle_impact"))
	s.set("impact", impact)
	s.set("affects_car", impact)
	s.set("affects_bike", wzdxLane(props, "bike-lane"))
	s.set("affects_foot", wzdxLane(props, "sidewalk"))
	s.set("responsible_body", body)
	s.source(verbatim(props, nil))
}

func firstOf(values ...string) string {
	for _, v := range values {
		if strings.TrimSpace(v) != "" {
			return v
		}
	}
	return ""
}

// wzdxKind is the types of work where given, else the type of event.
func wzdxKind(props []Property, event string) string {
	var work []struct {
		Name string `json:"type_name"`
	}
	nested(props, "types_of_work", &work)
	var names []string
	for _, w := range work {
		names = append(names, w.Name)
	}
	return firstOf(strings.Join(names, ", "), event)
}

// wzdxStatus translates event_status, which only feeds up to 4.0 have.
func wzdxStatus(s string) string {
	switch s {
	case "planned", "pending":
		return "planned"
	case "active":
		return "active"
	case "completed":
		return "finished"
	case "cancelled":
		return "cancelled"
	}
	return ""
}

// wzdxImpact translates the VehicleImpact enumeration.
func wzdxImpact(s string) string {
	switch s {
	case "", "unknown":
		return ""
	case "all-lanes-closed":
		return "closed"
	case "all-lanes-open":
		return "none"
	}
	return "partial"
}

// wzdxLane is the impact on the lanes of one type: closed when all are.
func wzdxLane(props []Property, kind string) string {
	var lanes []struct {
		Type   string `json:"type"`
		Status string `json:"status"`
	}
	nested(props, "lanes", &lanes)
	n, open, closed := 0, 0, 0
	for _, l := range lanes {
		if l.Type != kind {
			continue
		}
		n++
		switch l.Status {
		case "open":
			open++
		case "closed":
			closed++
		}
	}
	switch n {
	case 0:
		return ""
	case open:
		return "none"
	case closed:
		return "closed"
	}
	return "partial"
}

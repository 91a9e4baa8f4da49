package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking"
)

// The open feed of free slots has the shape of SMART Scheduling Links
// (HL7 FHIR implementation guide 1.0.0): a manifest that lists files of
// Locations, Schedules and Slots, one FHIR resource a line. A Schedule is one
// concern of one team at one place on one channel; nothing in the feed says how
// many clerks there are or who they are.
const (
	smartLinks   = "http://hl7.org/fhir/uv/smart-scheduling-links/StructureDefinition/"
	fhirLines    = "application/fhir+ndjson"
	slotDays     = 60
	slotsHold    = time.Second     // S30: a change is in the feed within a second
	slotsMove    = 5 * time.Minute // the past leaves the feed cell by cell
	feedMaxAge   = "public, max-age=10"
	leikaSystem  = "urn:xoev-de:fim:leika"
	manifestPath = "/api/v1/slots/$bulk-publish"
)

// slotFeed keeps the feed as it was last computed, for a moment: who asks in
// a flood gets bytes that are there.
type slotFeed struct {
	mu      sync.Mutex
	made    time.Time
	version int64             // of the board
	files   map[string][]byte // "slots", "schedules", "locations"
}

type fhirReference struct {
	Reference string `json:"reference"`
}

type fhirExtension struct {
	URL      string `json:"url"`
	ValueURL string `json:"valueUrl,omitzero"`
}

type fhirCoding struct {
	System  string `json:"system"`
	Code    string `json:"code"`
	Display string `json:"display,omitzero"`
}

type fhirConcept struct {
	Coding []fhirCoding `json:"coding"`
	Text   string       `json:"text"`
}

type fhirSlot struct {
	ResourceType string          `json:"resourceType"`
	ID           string          `json:"id"`
	Schedule     fhirReference   `json:"schedule"`
	Status       string          `json:"status"`
	Start        time.Time       `json:"start"`
	End          time.Time       `json:"end"`
	Extension    []fhirExtension `json:"extension"`
}

type fhirSchedule struct {
	ResourceType string          `json:"resourceType"`
	ID           string          `json:"id"`
	Active       bool            `json:"active"`
	ServiceType  []fhirConcept   `json:"serviceType"`
	Actor        []fhirReference `json:"actor"`
	Comment      string          `json:"comment,omitzero"` // the team that is responsible
}

type fhirLocation struct {
	ResourceType string           `json:"resourceType"`
	ID           string           `json:"id"`
	Status       string           `json:"status"`
	Name         string           `json:"name"`
	Alias        []string         `json:"alias,omitempty"` // in English
	Address      *fhirAddress     `json:"address,omitzero"`
	Position     *fhirPosition    `json:"position,omitzero"`
	Type         []fhirConcept    `json:"type,omitempty"`
	Identifier   []fhirIdentifier `json:"identifier"`
}

type fhirIdentifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

type fhirAddress struct {
	Line    []string `json:"line"`
	City    string   `json:"city,omitzero"`
	Country string   `json:"country"`
}

type fhirPosition struct {
	Longitude float64 `json:"longitude"`
	Latitude  float64 `json:"latitude"`
}

// slotManifest answers /api/v1/slots/$bulk-publish.
func (s *Server) slotManifest(w http.ResponseWriter, r *http.Request) error {
	made, _, err := s.slotFile(r, "slots")
	if err != nil {
		return err
	}
	base := s.base(r)
	output := []object{
		{"type": "Location", "url": base + "/api/v1/slots/locations.ndjson"},
		{"type": "Schedule", "url": base + "/api/v1/slots/schedules.ndjson"},
		{"type": "Slot", "url": base + "/api/v1/slots.ndjson"},
	}
	w.Header().Set("Cache-Control", feedMaxAge)
	return writeJSON(w, r, jsonMedia, object{"transactionTime": made.UTC().Format(time.RFC3339), "request": base + manifestPath,
		"requiresAccessToken": false, "output": output, "error": []object{}})
}

// slotLines answers the three files that the manifest lists.
func (s *Server) slotLines(name string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if _, err := parameters(r); err != nil {
			return err
		}
		_, body, err := s.slotFile(r, name)
		if err != nil {
			return err
		}
		w.Header().Set("Cache-Control", feedMaxAge)
		return writeBytes(w, r, fhirLines, body)
	}
}

// slotFile is one file of the feed, at most a second old.
func (s *Server) slotFile(r *http.Request, name string) (made time.Time, body []byte, err error) {
	if s.Reception == nil {
		return made, nil, ortsnah.E(ortsnah.Unavailable, "api.no_booking")
	}
	// Whoever else waits wants it even if this client hangs up.
	ctx := context.WithoutCancel(r.Context())
	f := &s.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	now := s.Now()
	if f.files != nil && !now.Before(f.made) && now.Sub(f.made) < slotsHold {
		return f.made, f.files[name], nil
	}
	version, err := s.Reception.Board.Fresh(ctx)
	if err != nil {
		return made, nil, err
	}
	if f.files == nil || version != f.version || !now.Truncate(slotsMove).Equal(f.made.Truncate(slotsMove)) {
		if f.files, err = s.slotFiles(ctx, s.base(r)); err != nil {
			return made, nil, err
		}
	}
	f.made, f.version = now, version
	return f.made, f.files[name], nil
}

func (s *Server) slotFiles(ctx context.Context, base string) (map[string][]byte, error) {
	directory, err := booking.LoadDirectory(ctx, s.Open)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	if files["locations"], err = s.locationLines(ctx); err != nil {
		return nil, err
	}
	var slots, schedules bytes.Buffer
	seen := map[string]bool{}
	err = s.Reception.Board.Slots(ctx, slotDays, func(free booking.Slot) error {
		schedule := scheduleID(free)
		if !seen[schedule] {
			seen[schedule] = true
			if err := line(&schedules, scheduleOf(directory, free, schedule)); err != nil {
				return err
			}
		}
		return line(&slots, s.slotOf(free, schedule, base))
	})
	files["slots"], files["schedules"] = slots.Bytes(), schedules.Bytes()
	return files, err
}

func line(b *bytes.Buffer, doc any) error {
	raw, err := json.Marshal(doc)
	b.Write(raw)
	b.WriteByte('\n')
	return err
}

// slotOf links to where it can be booked; the citizen is asked there whatever
// else decides.
func (s *Server) slotOf(free booking.Slot, schedule, base string) fhirSlot {
	booked := base + "/termin/" + url.PathEscape(free.Concern)
	return fhirSlot{"Slot", fhirID(free.Starts.UTC().Format("20060102T1504") + "-" + schedule), fhirReference{"Schedule/" + schedule}, "free",
		free.Starts.In(s.Zone), free.Ends.In(s.Zone), []fhirExtension{{URL: smartLinks + "booking-deep-link", ValueURL: booked}}}
}

func scheduleID(free booking.Slot) string {
	return fhirID(free.Concern + "." + free.Team + "." + placeKey(free.PlaceID))
}

// placeKey is a place as part of an id: "rathaus", "stop.west", "phone".
func placeKey(id string) string {
	return strings.ReplaceAll(strings.TrimPrefix(id, "site/"), "/", ".")
}

// fhirID keeps within the 64 characters that FHIR allows for an id; ours are
// slugs, so that a cut one is told apart by what its hash says.
func fhirID(id string) string {
	if len(id) <= 64 {
		return id
	}
	return id[:43] + "." + strings.Map(func(c rune) rune {
		if c == '_' {
			return '-'
		}
		return c
	}, strings.Trim(etag(id), `W/"`))
}

func scheduleOf(d *booking.Directory, free booking.Slot, id string) fhirSchedule {
	c, _ := d.Concern(free.Concern)
	kind := fhirConcept{Text: c.Name.DE, Coding: []fhirCoding{{System: "urn:ortsnah:service", Code: c.ID, Display: either(c.Name.EN, c.Name.DE)}}}
	if c.FIMKey != "" {
		kind.Coding = append(kind.Coding, fhirCoding{System: leikaSystem, Code: c.FIMKey})
	}
	return fhirSchedule{ResourceType: "Schedule", ID: id, Active: true, ServiceType: []fhirConcept{kind},
		Actor: []fhirReference{{"Location/" + placeKey(free.PlaceID)}}, Comment: free.Team}
}

// locationLines are all places of appointments, phone and video too.
func (s *Server) locationLines(ctx context.Context) ([]byte, error) {
	places, err := s.places(ctx)
	if err != nil {
		return nil, err
	}
	places = slices.Clone(places)
	for _, channel := range []booking.Channel{booking.Phone, booking.Video} {
		places = append(places, placeOf(booking.Proposal{PlaceID: string(channel), Channel: channel}))
	}
	var b bytes.Buffer
	for _, p := range places {
		if err := line(&b, s.locationOf(p)); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

func (s *Server) locationOf(p bookedPlace) fhirLocation {
	l := fhirLocation{ResourceType: "Location", ID: placeKey(p.ID), Status: "active", Name: p.Name.DE,
		Identifier: []fhirIdentifier{{"urn:ortsnah:place", p.ID}}}
	if p.Name.EN != p.Name.DE {
		l.Alias = []string{p.Name.EN}
	}
	if p.Lon != nil {
		l.Position = &fhirPosition{*p.Lon, *p.Lat}
		l.Address = &fhirAddress{Line: slices.DeleteFunc([]string{p.Address}, func(a string) bool { return a == "" }), City: s.Town.Name, Country: "DE"}
	}
	return l
}

// Package demo is the demo town: Gütersloh with real borders and real stops,
// and an invented, labelled town hall life on top of them. README.md beside
// this file names every source and what is invented.
package demo

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/ingest"
	"github.com/ortsnah/ortsnah/stations"
)

//go:embed data
var data embed.FS

// Town is the municipality of the demo.
func Town() catalog.Town {
	return catalog.Town{
		Name: "Gütersloh", AGS: "05754008", ARS: "057540008008", Demo: true,
		Publisher:   catalog.Body{Name: "Demo: Stadt Gütersloh"},
		Contact:     catalog.Contact{Name: "Demo: Geodatenstelle", Email: "geodaten@ortsnah.example"},
		Contributor: "http://dcat-ap.de/def/contributors/openNRW",
		Bounds:      []float64{8.2856, 51.8480, 8.5046, 51.9760},
	}
}

// Load makes the database hold the demo town around now. Doing it again on
// another day moves the construction sites with the week and extends the
// visits; on the same day it changes nothing.
func Load(ctx context.Context, pool *pgxpool.Pool, now time.Time) error {
	if err := catalog.SaveTown(ctx, pool, Town()); err != nil {
		return err
	}
	for _, f := range files() {
		if err := f.load(ctx, pool, now); err != nil {
			return fmt.Errorf("demo %s: %w", f.dataset, err)
		}
	}
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return loadRooms(ctx, tx, now) })
}

// loadRooms fills what the rooms stations and booking own.
func loadRooms(ctx context.Context, tx pgx.Tx, now time.Time) error {
	var town booking.Catalogue
	if err := errors.Join(read("services.json", &town.Services), read("jurisdiction.json", &town.Jurisdiction),
		read("rooms.json", &town.Rooms), read("staff.json", &town.Staff)); err != nil {
		return err
	}
	if err := keepEdited(ctx, tx, &town); err != nil {
		return err
	}
	if err := booking.Load(ctx, tx, town); err != nil {
		return fmt.Errorf("demo services: %w", err)
	}
	var plan stations.Plan
	if err := read("stations.json", &plan); err != nil {
		return err
	}
	if err := stations.Load(ctx, tx, plan, now); err != nil {
		return fmt.Errorf("demo stations: %w", err)
	}
	if err := stations.Publish(ctx, tx, now); err != nil {
		return err
	}
	if err := loadDemand(ctx, tx, now); err != nil {
		return err
	}
	if err := loadOffer(ctx, tx, now); err != nil {
		return fmt.Errorf("demo appointments: %w", err)
	}
	return booking.Publish(ctx, tx)
}

// keepEdited puts rules and teams that a visitor of the demo has changed in
// the place of the demo's own: they must not vanish at the next start.
func keepEdited(ctx context.Context, tx pgx.Tx, town *booking.Catalogue) error {
	var rules, teams bool
	err := tx.QueryRow(ctx, `SELECT coalesce(bool_or(action = 'rules.change'), false), coalesce(bool_or(action = 'team.change'), false)
		FROM booking.audit`).Scan(&rules, &teams)
	if err == nil && rules {
		town.Jurisdiction.Rules, err = booking.Rules(ctx, tx)
	}
	if err == nil && teams {
		town.Staff.Clerks, err = booking.Clerks(ctx, tx)
	}
	return err
}

func read(name string, into any) error {
	b, err := data.ReadFile("data/" + name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// file is one dataset of the demo and where it comes from.
type file struct {
	dataset, name string
	geojson       func(b []byte, now time.Time) ([]byte, error) // nil: the file is GeoJSON already
	licence       string
	attribution   string
	provenance    catalog.Text
	demo          bool
}

const (
	bkg   = "© GeoBasis-DE / BKG 2016 (VG250), verändert"
	stops = "DB InfraGO (CC BY 4.0) und OpenStreetMap-Mitwirkende (ODbL 1.0), verändert"
)

func files() []file {
	invented := catalog.Text{DE: "Demo: erfunden, keine Auskunft der Stadt Gütersloh.", EN: "Demo: invented, no information of the city of Gütersloh."}
	derived := catalog.Text{DE: "Demo: aus den Namen der Haltestellen abgeleitet, nicht amtlich.", EN: "Demo: derived from the names of stops, not official."}
	border := catalog.Text{DE: "Verwaltungsgebiete 1:250 000 des BKG, Stand 2016, verändert.", EN: "Administrative areas 1:250,000 of BKG, as of 2016, changed."}
	halts := catalog.Text{DE: "Haltestellendaten von DB InfraGO und OpenStreetMap, Stand Oktober 2025.", EN: "Stop data of DB InfraGO and OpenStreetMap, as of October 2025."}
	return []file{
		{catalog.Municipality, "municipality.geojson", nil, "geonutz/20130319", bkg, border, false},
		{catalog.Neighbours, "neighbours.geojson", nil, "geonutz/20130319", bkg, border, false},
		{catalog.Districts, "districts.geojson", nil, "odbl", stops + "; " + bkg, derived, true},
		{catalog.TransitStops, "stops.geojson", nil, "odbl", stops, halts, false},
		{catalog.Addresses, "addresses.json", addresses, "odbl", stops, derived, true},
		{catalog.ConstructionSites, "construction_sites.json", constructionSites, "cc-zero", "", invented, true},
	}
}

// load imports the file, unless somebody else has imported into the dataset
// since: what a visitor tries out must not vanish at the next start.
func (f file) load(ctx context.Context, pool *pgxpool.Pool, now time.Time) error {
	versions, err := catalog.Versions(ctx, pool, f.dataset)
	if err != nil || len(versions) > 0 && versions[0].Actor != actor().String() {
		return err
	}
	b, err := data.ReadFile("data/" + f.name)
	if err != nil {
		return err
	}
	if f.geojson != nil {
		if b, err = f.geojson(b, now); err != nil {
			return err
		}
	}
	rep, err := ingest.Import(ctx, pool, ingest.Job{Source: "-", Name: f.name, Dataset: f.dataset,
		Options: ingest.Options{Format: "geojson", Stdin: bytes.NewReader(b)}, Actor: actor()})
	if err != nil {
		return err
	}
	if rep.Quarantined > 0 {
		return rep.First
	}
	return f.describe(ctx, pool)
}

func actor() ortsnah.Actor { return ortsnah.System("demo") }

// describe names source and licence in the catalogue, once.
func (f file) describe(ctx context.Context, pool *pgxpool.Pool) error {
	d, err := catalog.FindAny(ctx, pool, f.dataset)
	if err != nil {
		return err
	}
	m := d.Metadata
	if m.Provenance == f.provenance && m.Licence == f.licence {
		return nil
	}
	m.Licence, m.Attribution, m.Provenance, m.Demo = f.licence, f.attribution, f.provenance, f.demo
	return catalog.Describe(ctx, pool, f.dataset, m)
}

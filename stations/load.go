package stations

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// lock makes the writers of visits take turns until the transaction ends.
func lock(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, postgis.LockKey("visits"))
	return err
}

func loadStation(ctx context.Context, tx pgx.Tx, s Station) error {
	if s.Equipment == nil {
		s.Equipment = []Equipment{}
	}
	equipment, err := json.Marshal(s.Equipment)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO stations.station (id, name_de, name_en, kind, staff, equipment, note, needs_power)
		VALUES (@id, @name_de, @name_en, @kind, @staff, @equipment, @note, @needs_power)
		ON CONFLICT (id) DO UPDATE SET name_de = excluded.name_de, name_en = excluded.name_en,
			kind = excluded.kind, staff = excluded.staff, equipment = excluded.equipment, note = excluded.note,
			needs_power = excluded.needs_power
		WHERE station.origin = 'plan'`,
		pgx.NamedArgs{"id": s.ID, "name_de": s.Name.DE, "name_en": s.Name.EN, "kind": s.Kind,
			"staff": max(s.Staff, 1), "equipment": string(equipment), "note": s.Note, "needs_power": s.NeedsPower})
	return err
}

func loadStop(ctx context.Context, tx pgx.Tx, s Stop) error {
	_, err := tx.Exec(ctx, `INSERT INTO stations.stop
			(id, name_de, name_en, address, site, district, place, step_free, power, network, parking, note)
		VALUES (@id, @name_de, @name_en, @address, nullif(@site, ''), nullif(@district, ''),
			ST_Transform(ST_SetSRID(ST_MakePoint(@lon, @lat), 4326), catalog.working_srid()),
			@step_free, @power, @network, @parking, @note)
		ON CONFLICT (id) DO UPDATE SET name_de = excluded.name_de, name_en = excluded.name_en,
			address = excluded.address, site = excluded.site, district = excluded.district, place = excluded.place,
			step_free = excluded.step_free, power = excluded.power, network = excluded.network,
			parking = excluded.parking, note = excluded.note
		WHERE stop.origin = 'plan'`,
		pgx.NamedArgs{"id": s.ID, "name_de": s.Name.DE, "name_en": s.Name.EN, "address": s.Address, "site": s.Site,
			"district": s.District, "lon": s.Lon, "lat": s.Lat, "step_free": s.StepFree, "power": s.Power,
			"network": s.Network, "parking": s.Parking, "note": s.Note})
	return err
}

// loadPattern stores a pattern, unless a planner has changed it. Its exceptions are taken over only when the
// pattern is new: some are relative to the day of loading and would otherwise
// multiply, and later ones are a steward's.
func loadPattern(ctx context.Context, tx pgx.Tx, p Pattern, exceptions []exception) error {
	if p.Services == nil {
		p.Services = []string{}
	}
	var isNew bool
	err := tx.QueryRow(ctx, `INSERT INTO stations.visit_pattern
			(id, series, station, stop, first_day, rule, opens, closes, zone, services, note)
		VALUES (@id, @id, @station, @stop, @first_day, @rule, @opens::text::time, @closes::text::time, @zone, @services, @note)
		ON CONFLICT (id) DO UPDATE SET station = excluded.station, stop = excluded.stop,
			first_day = excluded.first_day, rule = excluded.rule, opens = excluded.opens, closes = excluded.closes,
			zone = excluded.zone, services = excluded.services, note = excluded.note, active = true
		WHERE visit_pattern.origin = 'plan'
		RETURNING xmax = 0`, // 0: the row was inserted, not updated
		pgx.NamedArgs{"id": p.ID, "station": p.Station, "stop": p.Stop, "first_day": p.FirstDay, "rule": p.Rule,
			"opens": p.Opens.String(), "closes": p.Closes.String(), "zone": p.Zone, "services": p.Services,
			"note": p.Note}).Scan(&isNew)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil || !isNew {
		return err
	}
	for _, e := range exceptions {
		_, err := tx.Exec(ctx, `INSERT INTO stations.pattern_exception (pattern, day, reason_de, reason_en)
			VALUES (@pattern, @day, @de, @en) ON CONFLICT DO NOTHING`,
			pgx.NamedArgs{"pattern": e.Pattern, "day": e.Day, "de": e.Reason.DE, "en": e.Reason.EN})
		if err != nil {
			return err
		}
	}
	return nil
}

// loadClosedDays stores on which days no station comes, except where a planner
// has closed a day or opened it again.
func loadClosedDays(ctx context.Context, tx pgx.Tx, p Plan) error {
	days := []time.Time{}
	for _, text := range p.ClosedDays {
		day, err := parseDay(text)
		if err != nil {
			return err
		}
		days = append(days, day)
	}
	_, err := tx.Exec(ctx, `WITH gone AS (DELETE FROM stations.closed_day WHERE origin = 'plan' AND day <> ALL (@days::date[]))
		INSERT INTO stations.closed_day (day, reason) SELECT DISTINCT day, @reason FROM unnest(@days::date[]) AS day
		ON CONFLICT (day) DO UPDATE SET reason = excluded.reason WHERE closed_day.origin = 'plan'`,
		pgx.NamedArgs{"days": days, "reason": p.ClosedNote})
	return err
}

// loadDevices stores which devices services need, until a planner has said so.
func loadDevices(ctx context.Context, tx pgx.Tx, needs map[string][]string) error {
	var services, devices []string
	for service, list := range needs {
		for _, d := range list {
			services, devices = append(services, service), append(devices, d)
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO stations.service_device (service, device)
		SELECT DISTINCT s, d FROM unnest(@services::text[], @devices::text[]) AS n (s, d)
		WHERE NOT EXISTS (SELECT FROM stations.service_device)`, pgx.NamedArgs{"services": services, "devices": devices})
	return err
}

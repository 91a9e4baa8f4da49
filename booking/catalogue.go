package booking

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/ortsnah/ortsnah"

	"github.com/ortsnah/ortsnah/catalog"
)

// Catalogue is what the town offers as JSON documents: the services, the
// rooms, who is responsible, and who of the staff has appointments.
type Catalogue struct {
	Services     ServicesFile
	Rooms        RoomsFile
	Jurisdiction JurisdictionFile
	Staff        StaffFile
}

// ServicesFile is the document services.json.
type ServicesFile struct {
	Offices   []Office   `json:"offices"`
	Documents []Document `json:"documents"`
	Services  []Concern  `json:"services"`
}

// RoomsFile is the document rooms.json.
type RoomsFile struct {
	Sites []Site `json:"sites"`
	Rooms []Room `json:"rooms"`
}

// JurisdictionFile is the document jurisdiction.json.
type JurisdictionFile struct {
	Fallback struct {
		Team string       `json:"team"`
		Name catalog.Text `json:"name"`
	} `json:"fallback"` // the info desk
	Teams []Team `json:"teams"`
	Rules []Rule `json:"rules"`
}

// Load makes the stored catalogue equal to c: everything in c is written,
// concerns and rules that c lacks are taken out of use. Loading the same
// again changes nothing. Errors are Invalid: booking.bad_rule,
// booking.unknown_reference, booking.bad_entry (the rule is the constraint's
// name in migrations/); the transaction must then be rolled back.
func Load(ctx context.Context, tx pgx.Tx, c Catalogue) error {
	for i := range c.Jurisdiction.Rules {
		if err := c.Jurisdiction.Rules[i].check(); err != nil {
			return err
		}
	}
	for _, step := range []func(context.Context, pgx.Tx, Catalogue) error{
		loadPlaces, loadOffices, loadConcerns, loadTeams, loadRules, loadClerks,
	} {
		if err := step(ctx, tx, c); err != nil {
			return err
		}
	}
	return nil
}

// each runs one statement per item. Whole documents go over as JSON: field
// names are the JSON names of the structs.
func each[T any](ctx context.Context, tx pgx.Tx, what, sql string, items []T) error {
	for i := range items {
		item, err := json.Marshal(items[i])
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sql, pgx.NamedArgs{"item": string(item)}); err != nil {
			return refused(what, item, err)
		}
	}
	return nil
}

// keyInDetail is the column and value in a constraint error's detail, which
// has this form in every language of the server.
var keyInDetail = regexp.MustCompile(`\((.*?)\)=\((.*?)\)`)

// refused says which entry broke which rule.
func refused(what string, item []byte, err error) error {
	var named struct {
		ID string `json:"id"`
	}
	pg, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || !strings.HasPrefix(pg.Code, "23") || json.Unmarshal(item, &named) != nil {
		return fmt.Errorf("load %s: %w", what, err)
	}
	entry, rule := what+" "+named.ID, cmp.Or(pg.ConstraintName, pg.ColumnName)
	if m := keyInDetail.FindStringSubmatch(pg.Detail); m != nil && pg.Code == "23503" {
		return ortsnah.E(ortsnah.Invalid, "booking.unknown_reference", "entry", entry, "field", m[1], "reference", m[2]).
			About(m[1]).Because(err)
	}
	return ortsnah.E(ortsnah.Invalid, "booking.bad_entry", "entry", entry, "rule", rule).Because(err)
}

func loadPlaces(ctx context.Context, tx pgx.Tx, c Catalogue) error {
	err := each(ctx, tx, "site", `INSERT INTO booking.site (id, kind, name_de, name_en, address, district, place, step_free, note)
		SELECT id, kind, name ->> 'de', coalesce(name ->> 'en', ''), address, district,
			ST_Transform(ST_SetSRID(ST_MakePoint(lon, lat), 4326), catalog.working_srid()), step_free, coalesce(note, '')
		FROM jsonb_to_record(@item::jsonb) AS i (id text, kind text, name jsonb, address text, district text,
			lon float8, lat float8, step_free boolean, note text)
		ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name_de = excluded.name_de, name_en = excluded.name_en,
			address = excluded.address, district = excluded.district, place = excluded.place,
			step_free = excluded.step_free, note = excluded.note`, c.Rooms.Sites)
	if err != nil {
		return err
	}
	err = each(ctx, tx, "room", `INSERT INTO booking.room
			(id, site, code, name_de, name_en, floor, persons, step_free, equipment, note)
		SELECT id, site, code, name ->> 'de', coalesce(name ->> 'en', ''), floor, persons, step_free,
			CASE WHEN jsonb_typeof(equipment) = 'array' THEN equipment ELSE '[]' END, coalesce(note, '')
		FROM jsonb_to_record(@item::jsonb) AS i (id text, site text, code text, name jsonb, floor int, persons int,
			step_free boolean, equipment jsonb, note text)
		ON CONFLICT (id) DO UPDATE SET site = excluded.site, code = excluded.code, name_de = excluded.name_de,
			name_en = excluded.name_en, floor = excluded.floor, persons = excluded.persons,
			step_free = excluded.step_free, equipment = excluded.equipment, note = excluded.note`, c.Rooms.Rooms)
	if err != nil {
		return err
	}
	return loadRoomResources(ctx, tx)
}

func loadOffices(ctx context.Context, tx pgx.Tx, c Catalogue) error {
	err := each(ctx, tx, "office", `INSERT INTO booking.office (id, name_de, name_en, site, phone, note)
		SELECT id, name ->> 'de', coalesce(name ->> 'en', ''), nullif(site, ''), coalesce(phone, ''), coalesce(note, '')
		FROM jsonb_to_record(@item::jsonb) AS i (id text, name jsonb, site text, phone text, note text)
		ON CONFLICT (id) DO UPDATE SET name_de = excluded.name_de, name_en = excluded.name_en,
			site = excluded.site, phone = excluded.phone, note = excluded.note`, c.Services.Offices)
	if err != nil {
		return err
	}
	return each(ctx, tx, "document", `INSERT INTO booking.document (id, name_de, name_en)
		SELECT id, de, coalesce(en, '') FROM jsonb_to_record(@item::jsonb) AS i (id text, de text, en text)
		ON CONFLICT (id) DO UPDATE SET name_de = excluded.name_de, name_en = excluded.name_en`, c.Services.Documents)
}

func loadConcerns(ctx context.Context, tx pgx.Tx, c Catalogue) error {
	err := each(ctx, tx, "service", `INSERT INTO booking.concern (id, name_de, name_en, summary_de, summary_en, office,
			minutes, further_minutes, channels, mobile, online, online_url, appointment, urgent, jurisdiction, place,
			keywords, fim_key, note, search)
		SELECT id, name ->> 'de', coalesce(name ->> 'en', ''), coalesce(summary ->> 'de', ''), coalesce(summary ->> 'en', ''),
			department, minutes, minutes_per_further_person, coalesce(channels, '{}'), mobile, online,
			coalesce(online_url, ''), appointment, urgent, jurisdiction ->> 'kind', coalesce(jurisdiction ->> 'place', ''),
			coalesce(keywords, '{}'), coalesce(leika, ''), coalesce(note, ''),
			setweight(to_tsvector('german', name ->> 'de'), 'A')
				|| setweight(to_tsvector('german', coalesce(array_to_string(keywords, ' '), '')), 'B')
				|| setweight(to_tsvector('german', coalesce(summary ->> 'de', '')), 'C')
		FROM jsonb_to_record(@item::jsonb) AS i (id text, name jsonb, summary jsonb, department text, minutes int,
			minutes_per_further_person int, channels text[], mobile boolean, online boolean, online_url text,
			appointment boolean, urgent boolean, jurisdiction jsonb, keywords text[], leika text, note text)
		ON CONFLICT (id) DO UPDATE SET name_de = excluded.name_de, name_en = excluded.name_en,
			summary_de = excluded.summary_de, summary_en = excluded.summary_en, office = excluded.office,
			minutes = excluded.minutes, further_minutes = excluded.further_minutes, channels = excluded.channels,
			mobile = excluded.mobile, online = excluded.online, online_url = excluded.online_url,
			appointment = excluded.appointment, urgent = excluded.urgent, jurisdiction = excluded.jurisdiction,
			place = excluded.place, keywords = excluded.keywords, fim_key = excluded.fim_key, note = excluded.note,
			search = excluded.search, active = true`, c.Services.Services)
	if err != nil {
		return err
	}
	ids := []string{}
	for _, s := range c.Services.Services {
		ids = append(ids, s.ID)
	}
	if _, err := tx.Exec(ctx, `UPDATE booking.concern SET active = false WHERE id <> ALL (@ids)`, pgx.NamedArgs{"ids": ids}); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM booking.concern_document WHERE concern = ANY (@ids)`, pgx.NamedArgs{"ids": ids}); err != nil {
		return err
	}
	return each(ctx, tx, "documents of service", `INSERT INTO booking.concern_document
			(concern, position, document, condition_de, condition_en)
		SELECT @item::jsonb ->> 'id', n, d ->> 'id', coalesce(d ->> 'condition_de', ''), coalesce(d ->> 'condition_en', '')
		FROM jsonb_path_query(@item::jsonb, '$.documents[*] ? (@ != null)') WITH ORDINALITY AS x (d, n)`, c.Services.Services)
}

func loadTeams(ctx context.Context, tx pgx.Tx, c Catalogue) error {
	const upsert = `INSERT INTO booking.team (id, office, label, name_de, name_en)
		SELECT id, nullif(office, ''), coalesce(label, ''), name ->> 'de', coalesce(name ->> 'en', '')
		FROM jsonb_to_record(@item::jsonb) AS i (id text, office text, label text, name jsonb)
		ON CONFLICT (id) DO UPDATE SET office = excluded.office, label = excluded.label,
			name_de = excluded.name_de, name_en = excluded.name_en`
	if err := each(ctx, tx, "team", upsert, c.Jurisdiction.Teams); err != nil {
		return err
	}
	desk := Team{ID: c.Jurisdiction.Fallback.Team, Name: c.Jurisdiction.Fallback.Name}
	if desk.ID == "" {
		return nil
	}
	if err := each(ctx, tx, "info desk", upsert, []Team{desk}); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE booking.team SET info_desk = false WHERE info_desk AND id <> @id`, pgx.NamedArgs{"id": desk.ID})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE booking.team SET info_desk = true WHERE id = @id`, pgx.NamedArgs{"id": desk.ID})
	return err
}

func loadRules(ctx context.Context, tx pgx.Tx, c Catalogue) error {
	if _, err := tx.Exec(ctx, `DELETE FROM booking.jurisdiction_rule`); err != nil {
		return err
	}
	return insertRules(ctx, tx, c.Jurisdiction.Rules)
}

func insertRules(ctx context.Context, tx pgx.Tx, rules []Rule) error {
	return each(ctx, tx, "rule", `INSERT INTO booking.jurisdiction_rule (id, concern, office, kind, priority,
			prefix_from, prefix_to, keep_particles, districts, areas, team, valid_from, valid_to)
		SELECT id, nullif(concern, ''), nullif(office, ''), kind, priority, coalesce("from", ''), coalesce("to", ''),
			coalesce(keep_particles, false), coalesce(districts, '{}'), coalesce(areas, '{}'), team, valid_from, valid_to
		FROM jsonb_to_record(@item::jsonb) AS i (id text, concern text, office text, kind text, priority int,
			"from" text, "to" text, keep_particles boolean, districts text[], areas text[], team text,
			valid_from date, valid_to date)`, rules)
}

package stations

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Kit is a case of devices or a vehicle that several stations use in turn: it
// goes along on visits, never on two at the same time.
type Kit struct {
	ID       string
	Name     catalog.Text
	Kind     string   // "case" or "vehicle"
	Devices  []string // ids of what is inside, as in Equipment.ID
	Note     string
	Revision int
	Retired  bool
}

// Kits returns all kits ordered by id, retired ones too.
func Kits(ctx context.Context, db postgis.DB) ([]Kit, error) {
	rows, err := db.Query(ctx, `SELECT id, jsonb_build_object('de', name_de, 'en', name_en) AS name, kind, devices, note, revision, retired
		FROM stations.kit ORDER BY id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Kit])
}

// SaveKit stores a new kit (without an ID) or a change of one, and returns it.
// Errors: Invalid stations.name_missing, text_too_long, kit_kind; NotFound
// stations.no_kit; Conflict stations.changed_meanwhile, kit_in_use.
func SaveKit(ctx context.Context, tx pgx.Tx, now time.Time, k Kit) (Kit, error) {
	if err := errors.Join(checkName(k.Name), checkLength("note", k.Note)); err != nil {
		return k, first(err)
	}
	if k.Kind != "case" && k.Kind != "vehicle" {
		return k, ortsnah.E(ortsnah.Invalid, "stations.kit_kind").About("kind")
	}
	for _, d := range k.Devices {
		if !isDevice(d) {
			return k, ortsnah.E(ortsnah.Invalid, "stations.device_unreadable", "device", d).About("device")
		}
	}
	if err := lock(ctx, tx); err != nil {
		return k, err
	}
	if k.Retired {
		if err := unused(ctx, tx, now, "stations.kit_in_use", func(p Pattern) bool { return contains(p.Kits, k.ID) }); err != nil {
			return k, err
		}
	}
	args := pgx.NamedArgs{"id": k.ID, "de": k.Name.DE, "en": k.Name.EN, "kind": k.Kind, "devices": nonNil(k.Devices),
		"note": k.Note, "revision": k.Revision, "retired": k.Retired}
	if k.ID == "" {
		var err error
		if k.ID, err = freeID(ctx, tx, "kit", k.Name.DE); err != nil {
			return k, err
		}
		args["id"], k.Revision = k.ID, 1
		_, err = tx.Exec(ctx, `INSERT INTO stations.kit (id, name_de, name_en, kind, devices, note) VALUES (@id, @de, @en, @kind, @devices, @note)`, args)
		return k, err
	}
	k.Revision++
	done, err := tx.Exec(ctx, `UPDATE stations.kit SET name_de = @de, name_en = @en, kind = @kind, devices = @devices, note = @note,
		retired = @retired, revision = revision + 1 WHERE id = @id AND revision = @revision`, args)
	return k, stale(ctx, tx, err, done.RowsAffected(), "kit", k.ID)
}

// packKits writes what goes along on the coming visits. Error: Conflict
// stations.kit_at_two_places.
func packKits(ctx context.Context, tx pgx.Tx, now time.Time) error {
	args := pgx.NamedArgs{"now": now}
	if _, err := tx.Exec(ctx, `DELETE FROM stations.visit_kit k USING stations.visit v WHERE v.id = k.visit AND v.starts > @now
		AND (v.state <> 'planned' OR k.during <> tstzrange(v.starts, v.ends)
			OR NOT EXISTS (SELECT FROM stations.pattern_kit p WHERE p.pattern = v.pattern AND p.kit = k.kit))`, args); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO stations.visit_kit (visit, kit, during)
		SELECT v.id, p.kit, tstzrange(v.starts, v.ends) FROM stations.visit v JOIN stations.pattern_kit p ON p.pattern = v.pattern
		WHERE v.starts > @now AND v.state = 'planned' ON CONFLICT (visit, kit) DO NOTHING`, args); err != nil {
		return err
	}
	var kit, stop, other string
	var day time.Time
	err := tx.QueryRow(ctx, `SELECT k.name_de, v.day, s.name_de, o.name_de
		FROM stations.visit_kit a JOIN stations.visit_kit b ON b.kit = a.kit AND b.during && a.during AND b.visit > a.visit
		JOIN stations.kit k ON k.id = a.kit
		JOIN stations.visit v ON v.id = a.visit JOIN stations.stop s ON s.id = v.stop
		JOIN stations.visit w ON w.id = b.visit JOIN stations.stop o ON o.id = w.stop
		WHERE upper(a.during) > @now ORDER BY v.starts, a.visit LIMIT 1`, args).Scan(&kit, &day, &stop, &other)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return ortsnah.E(ortsnah.Conflict, "stations.kit_at_two_places", "kit", kit, "day", day.Format(time.DateOnly), "stop", stop, "other", other).About("kit")
}

// Devices returns, per service, the devices without which a station cannot
// offer it.
func Devices(ctx context.Context, db postgis.DB) (map[string][]string, error) {
	rows, err := db.Query(ctx, `SELECT service, device FROM stations.service_device ORDER BY service, device`)
	if err != nil {
		return nil, err
	}
	needs := map[string][]string{}
	var service, device string
	_, err = pgx.ForEachRow(rows, []any{&service, &device}, func() error {
		needs[service] = append(needs[service], device)
		return nil
	})
	return needs, err
}

// Need says which devices a service needs at a station. Error: Invalid
// stations.device_unreadable.
func Need(ctx context.Context, tx pgx.Tx, service string, devices []string) error {
	for _, d := range devices {
		if !isDevice(d) {
			return ortsnah.E(ortsnah.Invalid, "stations.device_unreadable", "device", d).About("device")
		}
	}
	_, err := tx.Exec(ctx, `WITH gone AS (DELETE FROM stations.service_device WHERE service = @service AND device <> ALL (@devices))
		INSERT INTO stations.service_device (service, device) SELECT DISTINCT @service, d FROM unnest(@devices::text[]) AS d
		ON CONFLICT DO NOTHING`, pgx.NamedArgs{"service": service, "devices": nonNil(devices)})
	return err
}

// isDevice: the ids of devices are words of small letters, digits, _ and -.
func isDevice(id string) bool {
	return id != "" && len(id) <= 60 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}

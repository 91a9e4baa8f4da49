package stations

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/paulmach/orb"
	"golang.org/x/text/unicode/norm"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// SaveStation stores a new station (without an ID) or a change of one and
// returns it. A station that retires must have no visits to come. Errors:
// Invalid stations.name_missing, text_too_long, station_kind, station_staff,
// device_unreadable, device_twice, device_state; NotFound stations.no_station;
// Conflict stations.changed_meanwhile, station_in_use.
func SaveStation(ctx context.Context, tx pgx.Tx, now time.Time, s Station) (Station, error) {
	if err := s.check(); err != nil {
		return s, err
	}
	if err := lock(ctx, tx); err != nil {
		return s, err
	}
	if s.Retired {
		if err := unused(ctx, tx, now, "stations.station_in_use", func(p Pattern) bool { return p.Station == s.ID }); err != nil {
			return s, err
		}
	}
	equipment, err := json.Marshal(nonNil(s.Equipment))
	if err != nil {
		return s, err
	}
	args := pgx.NamedArgs{"id": s.ID, "de": s.Name.DE, "en": s.Name.EN, "kind": s.Kind, "staff": s.Staff, "equipment": string(equipment),
		"note": s.Note, "needs_power": s.NeedsPower, "retired": s.Retired, "revision": s.Revision}
	if s.ID == "" {
		if s.ID, err = freeID(ctx, tx, "station", s.Name.DE); err != nil {
			return s, err
		}
		args["id"], s.Revision = s.ID, 1
		_, err = tx.Exec(ctx, `INSERT INTO stations.station (id, name_de, name_en, kind, staff, equipment, note, needs_power, origin)
			VALUES (@id, @de, @en, @kind, @staff, @equipment, @note, @needs_power, 'staff')`, args)
		return s, err
	}
	s.Revision++
	done, err := tx.Exec(ctx, `UPDATE stations.station SET name_de = @de, name_en = @en, kind = @kind, staff = @staff, equipment = @equipment,
		note = @note, needs_power = @needs_power, retired = @retired, origin = 'staff', revision = revision + 1
		WHERE id = @id AND revision = @revision`, args)
	return s, stale(ctx, tx, err, done.RowsAffected(), "station", s.ID)
}

func (s Station) check() error {
	if err := errors.Join(checkName(s.Name), checkLength("note", s.Note)); err != nil {
		return first(err)
	}
	switch {
	case s.Kind != "vehicle" && s.Kind != "kit":
		return ortsnah.E(ortsnah.Invalid, "stations.station_kind").About("kind")
	case s.Staff < 1 || s.Staff > 20:
		return ortsnah.E(ortsnah.Invalid, "stations.station_staff").About("staff")
	}
	seen := map[string]bool{}
	for _, e := range s.Equipment {
		switch {
		case !isDevice(e.ID) || e.DE == "" || len(e.DE)+len(e.EN) > 2*longestText:
			return ortsnah.E(ortsnah.Invalid, "stations.device_unreadable", "device", e.ID+e.DE).About("device")
		case seen[e.ID]:
			return ortsnah.E(ortsnah.Invalid, "stations.device_twice", "device", e.DE).About("device")
		case !slices.Contains([]string{"planned", "present", "checked"}, e.State):
			return ortsnah.E(ortsnah.Invalid, "stations.device_state", "device", e.DE).About("device")
		}
		seen[e.ID] = true
	}
	return nil
}

// Lacks returns, per service, the devices it needs that the station does not
// have (missing) or that are there but not checked (unchecked). more are
// devices that come along.
func (s Station) Lacks(services []string, needs map[string][]string, more []string) (missing, unchecked map[string][]string) {
	state := map[string]string{}
	for _, d := range more {
		state[d] = "checked"
	}
	for _, e := range s.Equipment {
		if state[e.ID] != "checked" {
			state[e.ID] = e.State
		}
	}
	missing, unchecked = map[string][]string{}, map[string][]string{}
	for _, service := range services {
		for _, d := range needs[service] {
			switch state[d] {
			case "checked":
			case "present":
				unchecked[service] = append(unchecked[service], d)
			default:
				missing[service] = append(missing[service], d)
			}
		}
	}
	return missing, unchecked
}

// FindStop returns a stop and its revision. Error: NotFound stations.no_stop.
func FindStop(ctx context.Context, db postgis.DB, id string) (Stop, int, error) {
	all, err := AllStops(ctx, db)
	if err != nil {
		return Stop{}, 0, err
	}
	at := slices.IndexFunc(all, func(s Stop) bool { return s.ID == id })
	if at < 0 {
		return Stop{}, 0, ortsnah.E(ortsnah.NotFound, "stations.no_stop").About("stop")
	}
	var revision int
	err = db.QueryRow(ctx, `SELECT revision FROM stations.stop WHERE id = $1`, id).Scan(&revision)
	return all[at], revision, err
}

// SaveStop stores a new stop (without an ID) or a change of one and returns it.
// A stop that retires must have no visits to come. Errors: Invalid
// stations.name_missing, text_too_long, place_outside; NotFound
// stations.no_stop; Conflict stations.changed_meanwhile, stop_in_use.
func SaveStop(ctx context.Context, tx pgx.Tx, now time.Time, s Stop, revision int) (Stop, error) {
	if err := errors.Join(checkName(s.Name), checkLength("note", s.Note), checkLength("address", s.Address), checkLength("network", s.Network)); err != nil {
		return s, first(err)
	}
	if !geo.Germany().Contains(orb.Point{s.Lon, s.Lat}) {
		return s, ortsnah.E(ortsnah.Invalid, "stations.place_outside", "lon", s.Lon, "lat", s.Lat).About("lon")
	}
	if err := lock(ctx, tx); err != nil {
		return s, err
	}
	if s.Retired {
		if err := unused(ctx, tx, now, "stations.stop_in_use", func(p Pattern) bool { return p.Stop == s.ID }); err != nil {
			return s, err
		}
	}
	args := pgx.NamedArgs{"id": s.ID, "de": s.Name.DE, "en": s.Name.EN, "address": s.Address, "district": s.District, "lon": s.Lon, "lat": s.Lat,
		"step_free": s.StepFree, "power": s.Power, "network": s.Network, "parking": s.Parking, "note": s.Note, "retired": s.Retired, "revision": revision}
	if s.ID == "" {
		var err error
		if s.ID, err = freeID(ctx, tx, "stop", s.Name.DE); err != nil {
			return s, err
		}
		args["id"] = s.ID
		_, err = tx.Exec(ctx, `INSERT INTO stations.stop (id, name_de, name_en, address, district, place, step_free, power, network, parking, note, origin)
			VALUES (@id, @de, @en, @address, nullif(@district, ''), ST_Transform(ST_SetSRID(ST_MakePoint(@lon, @lat), 4326), catalog.working_srid()),
				@step_free, @power, @network, @parking, @note, 'staff')`, args)
		return s, err
	}
	done, err := tx.Exec(ctx, `UPDATE stations.stop SET name_de = @de, name_en = @en, address = @address, district = nullif(@district, ''),
		place = ST_Transform(ST_SetSRID(ST_MakePoint(@lon, @lat), 4326), catalog.working_srid()), step_free = @step_free, power = @power,
		network = @network, parking = @parking, note = @note, retired = @retired, origin = 'staff', revision = revision + 1
		WHERE id = @id AND revision = @revision`, args)
	return s, stale(ctx, tx, err, done.RowsAffected(), "stop", s.ID)
}

// unused refuses with key while a pattern that uses says yes to has visits to
// come.
func unused(ctx context.Context, db postgis.DB, now time.Time, key string, uses func(Pattern) bool) error {
	all, err := patternsOf(ctx, db)
	if err != nil {
		return err
	}
	today := Day(now.UTC())
	for _, p := range all {
		if !uses(p) {
			continue
		}
		days, err := p.Days(today, today.AddDate(farthest+1, 0, 0))
		if err != nil {
			return err
		}
		if len(days) > 0 {
			return ortsnah.E(ortsnah.Conflict, key, "day", days[0].Format(time.DateOnly))
		}
	}
	return nil
}

// stale tells why a change of a row by revision has found nothing.
func stale(ctx context.Context, db postgis.DB, err error, changed int64, table, id string) error {
	if err != nil || changed > 0 {
		return err
	}
	var there bool
	if err := db.QueryRow(ctx, fmt.Sprintf(`SELECT EXISTS (SELECT FROM %s WHERE id = $1)`, pgx.Identifier{"stations", table}.Sanitize()), id).Scan(&there); err != nil {
		return err
	}
	if there {
		return ortsnah.E(ortsnah.Conflict, "stations.changed_meanwhile")
	}
	switch table {
	case "stop":
		return ortsnah.E(ortsnah.NotFound, "stations.no_stop")
	case "station":
		return ortsnah.E(ortsnah.NotFound, "stations.no_station")
	}
	return ortsnah.E(ortsnah.NotFound, "stations.no_kit")
}

// freeID is a slug made of a name that no row of the table has.
func freeID(ctx context.Context, db postgis.DB, table, name string) (string, error) {
	base := Slug(name)
	rows, err := db.Query(ctx, fmt.Sprintf(`SELECT id FROM %s WHERE id = @base OR starts_with(id, @base || '-')`,
		pgx.Identifier{"stations", table}.Sanitize()), pgx.NamedArgs{"base": base})
	if err != nil {
		return "", err
	}
	taken, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return "", err
	}
	id := base
	for n := 2; slices.Contains(taken, id); n++ {
		id = fmt.Sprintf("%s-%d", base, n)
	}
	return id, nil
}

// Slug is a name as an id: small letters, digits and single hyphens.
func Slug(name string) string {
	name = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "Ä", "ae", "Ö", "oe", "Ü", "ue").Replace(norm.NFC.String(name))
	var b strings.Builder
	for _, r := range strings.ToLower(norm.NFD.String(name)) {
		switch {
		case unicode.Is(unicode.Mn, r): // an accent
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	if id := strings.Trim(b.String()[:min(b.Len(), 60)], "-"); id != "" {
		return id
	}
	return "neu"
}

func checkName(name catalog.Text) error {
	if strings.TrimSpace(name.DE) == "" {
		return ortsnah.E(ortsnah.Invalid, "stations.name_missing").About("name")
	}
	return checkLength("name", name.DE, name.EN)
}

// first is the first of joined errors, which keeps its kind and key.
func first(err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()[0]
	}
	return err
}

func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }

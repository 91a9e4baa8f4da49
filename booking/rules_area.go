package booking

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/paulmach/orb"
)

// Bounds of a drawn area.
const (
	mostAreaPoints  = 10_000
	longestAreaName = 80 // letters
	areaBeyondTown  = 1000
)

// DrawnArea is an area as stewards see it.
type DrawnArea struct {
	ID      string
	Name    string
	Area    float64  // m²
	GeoJSON string   // CRS84 MultiPolygon
	Rules   []string // ids of the rules that name it
}

// DrawnAreas returns all areas ordered by name.
func DrawnAreas(ctx context.Context, db postgis.DB) ([]DrawnArea, error) {
	rows, err := db.Query(ctx, `SELECT id, name, ST_Area(shape) AS area, ST_AsGeoJSON(ST_Transform(shape, 4326), 6) AS geo_json,
			ARRAY(SELECT r.id FROM booking.jurisdiction_rule r WHERE a.id = ANY (r.areas) ORDER BY r.id) AS rules
		FROM booking.area a ORDER BY name, id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[DrawnArea])
}

//go:embed sql/area_check.sql
var areaCheckSQL string

// SaveArea stores an area under its id, "" for a new one, and returns the id.
// shape is GeoJSON in CRS84 (RFC 7946): a Polygon or MultiPolygon, a feature or
// a collection of them, which together are the area. Errors: Invalid
// booking.area_unreadable {reason}, area_points {n, most}, area_invalid
// {reason, lon, lat}, area_outside, area_name; NotFound booking.no_area.
func SaveArea(ctx context.Context, tx pgx.Tx, now time.Time, actor ortsnah.Actor, id, name string, shape []byte) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || utf8.RuneCountInString(name) > longestAreaName {
		return "", ortsnah.E(ortsnah.Invalid, "booking.area_name", "most", longestAreaName).About("name")
	}
	polygons, err := readArea(shape)
	if err != nil {
		return "", err
	}
	if err := lockTown(ctx, tx); err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]any{"type": "MultiPolygon", "coordinates": polygons})
	if err != nil {
		return "", err
	}
	if err := checkArea(ctx, tx, string(text)); err != nil {
		return "", err
	}
	action := "area.change"
	if id == "" {
		action = "area.draw"
		if id, err = newAreaID(ctx, tx, name); err != nil {
			return "", err
		}
	} else if there, err := areaExists(ctx, tx, id); err != nil || !there {
		return "", noArea(id, err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO booking.area (id, name, shape)
		VALUES (@id, @name, ST_Multi(ST_Transform(ST_GeomFromGeoJSON(@shape), catalog.working_srid())))
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, shape = excluded.shape`,
		pgx.NamedArgs{"id": id, "name": name, "shape": string(text)})
	if err != nil {
		return "", err
	}
	return id, audit(ctx, tx, now, actor, action, "area/"+id, map[string]any{"name": name, "shape": json.RawMessage(text)})
}

// RemoveArea forgets an area that no rule names. Errors: NotFound
// booking.no_area, Conflict booking.area_in_use {rules}.
func RemoveArea(ctx context.Context, tx pgx.Tx, now time.Time, actor ortsnah.Actor, id string) error {
	if err := lockTown(ctx, tx); err != nil {
		return err
	}
	areas, err := DrawnAreas(ctx, tx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(areas, func(a DrawnArea) bool { return a.ID == id })
	if i < 0 {
		return noArea(id, nil)
	}
	if len(areas[i].Rules) > 0 {
		return ortsnah.E(ortsnah.Conflict, "booking.area_in_use", "area", areas[i].Name, "rules", strings.Join(areas[i].Rules, ", ")).About("area")
	}
	if _, err := tx.Exec(ctx, `DELETE FROM booking.area WHERE id = @id`, pgx.NamedArgs{"id": id}); err != nil {
		return err
	}
	return audit(ctx, tx, now, actor, "area.remove", "area/"+id, map[string]any{"name": areas[i].Name, "shape": json.RawMessage(areas[i].GeoJSON)})
}

func noArea(id string, err error) error {
	if err != nil {
		return err
	}
	return ortsnah.E(ortsnah.NotFound, "booking.no_area", "area", id).About("area")
}

func areaExists(ctx context.Context, tx pgx.Tx, id string) (there bool, err error) {
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM booking.area WHERE id = @id)`, pgx.NamedArgs{"id": id}).Scan(&there)
	return there, err
}

// newAreaID is a slug made of the name, with a number where it is taken.
func newAreaID(ctx context.Context, tx pgx.Tx, name string) (string, error) {
	base := strings.Join(strings.FieldsFunc(expand(strings.ToLower(name)), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "-")
	if base == "" {
		base = "gebiet"
	}
	id := base
	for n := 2; ; n++ {
		there, err := areaExists(ctx, tx, id)
		if err != nil || !there {
			return id, err
		}
		id = fmt.Sprintf("%s-%d", base, n)
	}
}

// checkArea asks PostGIS whether the rings make an area, and in the town.
func checkArea(ctx context.Context, tx pgx.Tx, shape string) error {
	var valid bool
	var reason string
	var lon, lat *float64
	err := tx.QueryRow(ctx, areaCheckSQL, pgx.NamedArgs{"shape": shape}).Scan(&valid, &reason, &lon, &lat)
	switch {
	case err != nil:
		return err
	case !valid && lon != nil && lat != nil:
		return ortsnah.E(ortsnah.Invalid, "booking.area_invalid", "reason", reason,
			"place", fmt.Sprintf("%.5f, %.5f", *lat, *lon)).About("shape")
	case !valid:
		return ortsnah.E(ortsnah.Invalid, "booking.area_unreadable", "reason", reason).About("shape")
	}
	inside, err := inTown(ctx, tx, shape)
	if err == nil && !inside {
		err = ortsnah.E(ortsnah.Invalid, "booking.area_outside", "metres", areaBeyondTown).About("shape")
	}
	return err
}

// inTown says whether a valid shape lies in the town or little beyond. Where
// neither boundary nor districts are known, everything does.
func inTown(ctx context.Context, tx pgx.Tx, shape string) (bool, error) {
	for _, table := range []string{"open.municipality", "open.districts"} {
		there, err := relationThere(ctx, tx, table)
		if err != nil {
			return false, err
		}
		if !there {
			continue
		}
		var known, inside bool
		err = tx.QueryRow(ctx, `SELECT town.geom IS NOT NULL, coalesce(ST_Intersects(drawn.geom, town.geom) AND ST_Within(drawn.geom, ST_Buffer(town.geom, @beyond::float8)), false)
			FROM (SELECT ST_Transform(ST_GeomFromGeoJSON(@shape::text), catalog.working_srid()) AS geom) AS drawn,
				(SELECT ST_Union(_geom) AS geom FROM `+table+` WHERE _until IS NULL) AS town`,
			pgx.NamedArgs{"shape": shape, "beyond": areaBeyondTown}).Scan(&known, &inside)
		if err != nil || known {
			return inside, err
		}
	}
	return true, nil
}

// relationThere says whether a table or view exists: a deployment may do
// without some datasets.
func relationThere(ctx context.Context, db postgis.DB, name string) (there bool, err error) {
	err = db.QueryRow(ctx, `SELECT to_regclass(@name) IS NOT NULL`, pgx.NamedArgs{"name": name}).Scan(&there)
	return there, err
}

// readArea takes the polygons out of GeoJSON.
func readArea(text []byte) (orb.MultiPolygon, error) {
	bad := func(reason string) (orb.MultiPolygon, error) {
		return nil, ortsnah.E(ortsnah.Invalid, "booking.area_unreadable", "reason", reason).About("shape")
	}
	var doc struct {
		Type     string
		Geometry json.RawMessage
		Features []struct{ Geometry json.RawMessage }
	}
	if !utf8.Valid(text) {
		return bad("UTF-8")
	}
	text = []byte(strings.TrimPrefix(string(text), "\ufeff"))
	if err := json.Unmarshal(text, &doc); err != nil {
		return bad(err.Error())
	}
	parts := []json.RawMessage{text}
	switch doc.Type {
	case "Feature":
		parts = []json.RawMessage{doc.Geometry}
	case "FeatureCollection":
		parts = nil
		for _, f := range doc.Features {
			parts = append(parts, f.Geometry)
		}
	}
	var all orb.MultiPolygon
	for _, part := range parts {
		g, err := floorGeometry(part)
		if err != nil {
			return bad(err.Error())
		}
		switch g := g.(type) {
		case orb.Polygon:
			all = append(all, g)
		case orb.MultiPolygon:
			all = append(all, g...)
		default:
			return bad("Polygon, MultiPolygon")
		}
	}
	return all, checkRings(all)
}

// checkRings refuses what PostGIS would not even read, and what is too much.
func checkRings(all orb.MultiPolygon) error {
	bad := func(reason string) error {
		return ortsnah.E(ortsnah.Invalid, "booking.area_unreadable", "reason", reason).About("shape")
	}
	points := 0
	for _, p := range all {
		if len(p) == 0 {
			return bad("[]")
		}
		for _, ring := range p {
			points += len(ring)
			if len(ring) < 4 || ring[0] != ring[len(ring)-1] {
				return bad("RFC 7946, 3.1.6: 4+ positions, last = first")
			}
			for _, at := range ring {
				if !(math.Abs(at[0]) <= 180 && math.Abs(at[1]) <= 90) {
					return bad(fmt.Sprintf("lon/lat: %v", at))
				}
			}
		}
	}
	if points == 0 {
		return bad("[]")
	}
	if points > mostAreaPoints {
		return ortsnah.E(ortsnah.Invalid, "booking.area_points", "n", points, "most", mostAreaPoints).About("shape")
	}
	return nil
}

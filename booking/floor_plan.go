package booking

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/paulmach/orb"
)

// ShapeKind is what a shape of a floor plan stands for.
type ShapeKind string

// The kinds. An Outline is the extent of a storey; an Entrance a door.
const (
	OutlineShape  ShapeKind = "outline"
	RoomShape     ShapeKind = "room"
	CorridorShape ShapeKind = "corridor"
	StairsShape   ShapeKind = "stairs"
	LiftShape     ShapeKind = "lift"
	ToiletShape   ShapeKind = "toilet"
	EntranceShape ShapeKind = "entrance"
)

// FloorShape is one area or door of a floor plan.
type FloorShape struct {
	Level int // 0: ground floor
	Kind  ShapeKind
	// Room is the id of the room that people book (in files: its id or code), or
	// whose door it is; "" for other rooms and for doors of the building.
	Room  string
	Label string // door sign; may be empty
	// Geometry is a (multi)polygon, of an entrance a point or line: lon/lat in
	// what is imported, x/y of the working CRS in what FloorPlan returns.
	Geometry orb.Geometry
}

// FloorPlan returns the shapes of a building, storey by storey, in the order in
// which they are drawn: outlines first, doors last.
func FloorPlan(ctx context.Context, db postgis.DB, site string) ([]FloorShape, error) {
	rows, err := db.Query(ctx, `SELECT level, kind, coalesce(room, '') AS room, label, geometry
		FROM booking.floor_shape WHERE site = @site
		ORDER BY level, array_position('{outline,corridor,stairs,lift,toilet,room,entrance}', kind), label, id`,
		pgx.NamedArgs{"site": site})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[FloorShape])
}

// FloorPlanReport says what an import has brought.
type FloorPlanReport struct {
	Shapes  int
	Levels  int
	Missing []string // codes of the building's rooms that are not on the plan
}

// ImportFloorPlan replaces the floor plan of a building by shapes (lon/lat). An
// error is Invalid booking.floor_plan_… and names the shape; the transaction
// must then be rolled back. Doors without a room, within 0.3 m of exactly one
// bookable room, become that room's door.
func ImportFloorPlan(ctx context.Context, tx pgx.Tx, site string, shapes []FloorShape) (FloorPlanReport, error) {
	if len(shapes) == 0 {
		return FloorPlanReport{}, ortsnah.E(ortsnah.Invalid, "booking.floor_plan_empty")
	}
	if err := nameRooms(ctx, tx, site, shapes); err != nil {
		return FloorPlanReport{}, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM booking.floor_shape WHERE site = @site`, pgx.NamedArgs{"site": site}); err != nil {
		return FloorPlanReport{}, err
	}
	if err := insertShapes(ctx, tx, site, shapes); err != nil {
		return FloorPlanReport{}, err
	}
	if err := checkFloorPlan(ctx, tx, site); err != nil {
		return FloorPlanReport{}, err
	}
	return reportFloorPlan(ctx, tx, site)
}

// nameRooms checks the shapes one by one and turns codes of rooms into ids.
func nameRooms(ctx context.Context, tx pgx.Tx, site string, shapes []FloorShape) error {
	ids, err := roomNames(ctx, tx, site)
	if err != nil {
		return err
	}
	drawn := map[string]bool{}
	for i := range shapes {
		s := &shapes[i]
		if err := s.check(); err != nil {
			return err
		}
		if s.Room == "" {
			continue
		}
		id, ok := ids[s.Room]
		if !ok {
			return ortsnah.E(ortsnah.Invalid, "booking.floor_plan_unknown_room", "room", s.Room, "site", site).About("room")
		}
		if s.Room = id; s.Kind != RoomShape {
			continue
		}
		if drawn[id] {
			return ortsnah.E(ortsnah.Invalid, "booking.floor_plan_room_twice", "room", s.name()).About("room")
		}
		drawn[id] = true
	}
	if len(drawn) == 0 {
		return ortsnah.E(ortsnah.Invalid, "booking.floor_plan_without_rooms", "site", site).About("room")
	}
	return nil
}

// RoomNames returns the ids and codes of a building's rooms, as plans may call
// them. Error: NotFound booking.no_site.
func RoomNames(ctx context.Context, db postgis.DB, site string) ([]string, error) {
	ids, err := roomNames(ctx, db, site)
	return slices.Sorted(maps.Keys(ids)), err
}

// roomNames maps ids and codes of a building's rooms to the ids. Error:
// NotFound booking.no_site.
func roomNames(ctx context.Context, db postgis.DB, site string) (map[string]string, error) {
	var known bool
	if err := db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM booking.site WHERE id = $1)`, site).Scan(&known); err != nil {
		return nil, err
	}
	if !known {
		return nil, ortsnah.E(ortsnah.NotFound, "booking.no_site", "site", site).About("site")
	}
	rows, err := db.Query(ctx, `SELECT id, code FROM booking.room WHERE site = $1`, site)
	if err != nil {
		return nil, err
	}
	ids := map[string]string{}
	var id, code string
	_, err = pgx.ForEachRow(rows, []any{&id, &code}, func() error {
		ids[id], ids[code] = id, id
		return nil
	})
	return ids, err
}

// name is how errors call the shape.
func (s FloorShape) name() string {
	switch {
	case s.Label != "":
		return s.Label
	case s.Room != "":
		return s.Room
	}
	return string(s.Kind)
}

// check holds a shape against what can be seen without the others.
func (s FloorShape) check() error {
	if s.Level < -20 || s.Level > 200 {
		return ortsnah.E(ortsnah.Invalid, "booking.floor_plan_level", "shape", s.name(), "level", s.Level).About("level")
	}
	switch s.Kind {
	case OutlineShape, RoomShape, CorridorShape, StairsShape, LiftShape, ToiletShape, EntranceShape:
	default:
		return ortsnah.E(ortsnah.Invalid, "booking.floor_plan_kind", "shape", s.name(), "kind", string(s.Kind)).About("kind")
	}
	if !s.drawn() {
		return ortsnah.E(ortsnah.Invalid, "booking.floor_plan_geometry", "shape", s.name()).About("geometry")
	}
	if b := s.Geometry.Bound(); b.Min[0] < -180 || b.Max[0] > 180 || b.Min[1] < -90 || b.Max[1] > 90 {
		return ortsnah.E(ortsnah.Invalid, "booking.floor_plan_not_degrees", "shape", s.name()).About("geometry")
	}
	return nil
}

// drawn says whether the geometry is of the right type and complete.
func (s FloorShape) drawn() bool {
	switch g := s.Geometry.(type) {
	case orb.Polygon:
		return s.Kind != EntranceShape && closedRings(g)
	case orb.MultiPolygon:
		return s.Kind != EntranceShape && len(g) > 0 && !slices.ContainsFunc(g, func(p orb.Polygon) bool { return !closedRings(p) })
	case orb.Point:
		return s.Kind == EntranceShape
	case orb.LineString:
		return s.Kind == EntranceShape && len(g) > 1
	}
	return false
}

func closedRings(p orb.Polygon) bool {
	return len(p) > 0 && !slices.ContainsFunc(p, func(r orb.Ring) bool { return len(r) < 4 || !r.Closed() })
}

func insertShapes(ctx context.Context, tx pgx.Tx, site string, shapes []FloorShape) error {
	items := make([]map[string]any, len(shapes))
	for i, s := range shapes {
		items[i] = map[string]any{"level": s.Level, "kind": s.Kind, "room": s.Room, "label": s.Label,
			"geometry": map[string]any{"type": s.Geometry.GeoJSONType(), "coordinates": s.Geometry}}
	}
	list, err := json.Marshal(items)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO booking.floor_shape (site, level, kind, room, label, geometry)
		SELECT @site, level, kind, nullif(room, ''), label,
			ST_Transform(ST_SetSRID(ST_GeomFromGeoJSON(geometry), 4326), catalog.working_srid())
		FROM jsonb_to_recordset(@items::jsonb) AS i (level int, kind text, room text, label text, geometry jsonb)`,
		pgx.NamedArgs{"site": site, "items": string(list)})
	return err
}

package booking

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/ortsnah/ortsnah"
	"github.com/paulmach/orb"
)

// imdf is an archive of the Indoor Mapping Data Format (OGC 20-094): one
// GeoJSON file per type of feature, joined by ids.
type imdf struct {
	files  fs.FS
	rooms  []string       // names that are known: ids and codes
	levels map[string]int // id of the level → ordinal
	signs  map[string][]string
}

// ReadIMDF reads the floor plan of a venue in the Indoor Mapping Data Format 1.0
// (OGC community standard 20-094) from an unpacked archive: level, unit,
// opening, footprint, anchor and occupant. rooms are the ids and codes of the
// building's rooms: a unit whose name, alternative name or occupant is one of
// them becomes that room. Errors are Invalid booking.floor_plan_….
func ReadIMDF(files fs.FS, rooms []string) ([]FloorShape, error) {
	files, err := imdfRoot(files)
	if err != nil {
		return nil, err
	}
	m := &imdf{files: files, rooms: rooms, levels: map[string]int{}, signs: map[string][]string{}}
	var shapes []FloorShape
	for _, step := range []func() ([]FloorShape, error){m.readLevels, m.readOccupants, m.readUnits, m.readOpenings} {
		more, err := step()
		if err != nil {
			return nil, err
		}
		shapes = append(shapes, more...)
	}
	return shapes, nil
}

// imdfRoot is the folder with the files: archives often hold one folder.
func imdfRoot(files fs.FS) (fs.FS, error) {
	missing := ortsnah.E(ortsnah.Invalid, "booking.floor_plan_no_imdf", "file", "unit.geojson")
	found := ""
	err := fs.WalkDir(files, ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if strings.Count(name, "/") > 3 {
			return fs.SkipDir
		}
		if path.Base(name) == "unit.geojson" && found == "" {
			found = path.Dir(name)
		}
		return nil
	})
	if err != nil {
		return nil, missing.Because(err)
	}
	if found == "" {
		return nil, missing
	}
	return fs.Sub(files, found)
}

// read reads one file; an optional one may be missing.
func (m *imdf) read(kind string, optional bool) ([]floorFeature, error) {
	name := kind + ".geojson"
	f, err := m.files.Open(name)
	if errors.Is(err, fs.ErrNotExist) && optional {
		return []floorFeature{}, nil
	}
	if err != nil {
		return nil, ortsnah.E(ortsnah.Invalid, "booking.floor_plan_no_imdf", "file", name).Because(err)
	}
	defer f.Close()
	const most = 64 << 20 // a bomb among zip files ends here
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil || len(text) > most {
		return nil, ortsnah.E(ortsnah.Invalid, "booking.floor_plan_unreadable", "file", name, "reason", "> 64 MB").Because(err)
	}
	return floorFeatures(name, text)
}

// readLevels makes the outlines: of the level itself, and of the footprint
// where no level has an area.
func (m *imdf) readLevels() ([]FloorShape, error) {
	levels, err := m.read("level", false)
	if err != nil {
		return nil, err
	}
	var shapes []FloorShape
	for _, l := range levels {
		ordinal, ok := l.whole("ordinal")
		id, named := l.ID.(string)
		if !ok || !named || l.Properties["ordinal"] == nil {
			return nil, ortsnah.E(ortsnah.Invalid, "booking.floor_plan_level", "shape", l.label(), "level", l.Properties["ordinal"]).About("ordinal")
		}
		m.levels[id] = ordinal
		if l.area() && l.Properties["outdoor"] != true {
			shapes = append(shapes, FloorShape{Level: ordinal, Kind: OutlineShape, Geometry: l.Geometry})
		}
	}
	if len(shapes) > 0 {
		return shapes, nil
	}
	return m.footprints()
}

// footprints are the outlines of a venue whose levels have no area.
func (m *imdf) footprints() ([]FloorShape, error) {
	prints, err := m.read("footprint", true)
	if err != nil {
		return nil, err
	}
	var shapes []FloorShape
	for _, ordinal := range slices.Sorted(maps.Values(m.levels)) {
		for _, p := range prints {
			if p.area() && (p.text("category") == "subterranean") == (ordinal < 0) && p.text("category") != "aerial" {
				shapes = append(shapes, FloorShape{Level: ordinal, Kind: OutlineShape, Geometry: p.Geometry})
			}
		}
	}
	return shapes, nil
}

// readOccupants remembers the names on the doors of units: occupants stand at
// an anchor, the anchor in a unit.
func (m *imdf) readOccupants() ([]FloorShape, error) {
	anchors, err := m.read("anchor", true)
	if err != nil {
		return nil, err
	}
	unit := map[string]string{}
	for _, a := range anchors {
		if id, ok := a.ID.(string); ok {
			unit[id] = a.text("unit_id")
		}
	}
	occupants, err := m.read("occupant", true)
	if err != nil {
		return nil, err
	}
	for _, o := range occupants {
		if u := unit[o.text("anchor_id")]; u != "" {
			m.signs[u] = append(m.signs[u], o.labels("name")...)
		}
	}
	return []FloorShape{}, nil
}

func (m *imdf) readUnits() ([]FloorShape, error) {
	units, err := m.read("unit", false)
	if err != nil {
		return nil, err
	}
	var shapes []FloorShape
	for _, u := range units {
		level, ok := m.levels[u.text("level_id")]
		if !ok {
			return nil, ortsnah.E(ortsnah.Invalid, "booking.floor_plan_level", "shape", u.label(), "level", u.text("level_id")).About("level_id")
		}
		kind := unitKind(u.text("category"))
		if kind == "" || !u.area() {
			continue
		}
		id, _ := u.ID.(string)
		names := slices.Concat(u.labels("name"), u.labels("alt_name"), m.signs[id])
		s := FloorShape{Level: level, Kind: kind, Geometry: u.Geometry}
		if len(names) > 0 {
			s.Label = names[0]
		}
		if i := slices.IndexFunc(names, func(n string) bool { return slices.Contains(m.rooms, n) }); i >= 0 && kind == RoomShape {
			s.Room, s.Label = names[i], names[i]
		}
		shapes = append(shapes, s)
	}
	return shapes, nil
}

// unitKind is what a unit's category (20-094, section 12.3) is on our plan; ""
// for walls, voids and everything outside.
func unitKind(category string) ShapeKind {
	category, _, _ = strings.Cut(category, ".")
	switch category {
	case "walkway", "lobby", "ramp", "footbridge", "waitingroom", "lounge", "movingwalkway", "terrace":
		return CorridorShape
	case "stairs", "steps", "escalator":
		return StairsShape
	case "elevator":
		return LiftShape
	case "restroom", "shower":
		return ToiletShape
	case "brick", "column", "concrete", "drywall", "glass", "wood", "structure", "opentobelow", "vegetation",
		"road", "parking", "platform", "unenclosedarea", "":
		return ""
	}
	return RoomShape
}

// readOpenings makes the doors that people walk through.
func (m *imdf) readOpenings() ([]FloorShape, error) {
	openings, err := m.read("opening", true)
	if err != nil {
		return nil, err
	}
	var shapes []FloorShape
	for _, o := range openings {
		level, ok := m.levels[o.text("level_id")]
		if _, line := o.Geometry.(orb.LineString); !ok || !line || !strings.HasPrefix(o.text("category"), "pedestrian") {
			continue
		}
		shapes = append(shapes, FloorShape{Level: level, Kind: EntranceShape, Geometry: o.Geometry})
	}
	return shapes, nil
}

// labels are the values of a property of type LABELS, {"de": "Saal"}: German
// ones first, else by language.
func (f floorFeature) labels(name string) []string {
	all, _ := f.Properties[name].(map[string]any)
	var list []string
	for _, lang := range slices.Sorted(maps.Keys(all)) {
		text, _ := all[lang].(string)
		if text = strings.TrimSpace(strings.ReplaceAll(text, "\x00", "")); text == "" {
			continue
		}
		if strings.HasPrefix(lang, "de") {
			list = slices.Insert(list, 0, text)
		} else {
			list = append(list, text)
		}
	}
	return list
}

// label names the feature in errors.
func (f floorFeature) label() string {
	if names := f.labels("name"); len(names) > 0 {
		return names[0]
	}
	id, _ := f.ID.(string)
	return id
}

func (f floorFeature) area() bool {
	switch f.Geometry.(type) {
	case orb.Polygon, orb.MultiPolygon:
		return true
	}
	return false
}

package ingest

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/paulmach/orb"
)

// columns says which columns of a table hold the geometry: two with ordinates
// or one with WKT or hexadecimal WKB. -1 is none.
type columns struct {
	x, y, wkt int
	crs       geo.SRID // what the names declare, 0 nothing
}

func (c columns) uses(i int) bool { return i == c.x || i == c.y || i == c.wkt }

// pair is two column names that belong together.
type pair struct {
	x, y string
	crs  geo.SRID
}

// pairs are the names under which German and international tables keep
// coordinates, as catalog.FieldName writes them.
func pairs() []pair {
	return []pair{
		{"lon", "lat", geo.CRS84}, {"lng", "lat", geo.CRS84}, {"long", "lat", geo.CRS84}, {"longitude", "latitude", geo.CRS84},
		{"laengengrad", "breitengrad", geo.CRS84}, {"laenge", "breite", geo.CRS84}, {"geo_lon", "geo_lat", geo.CRS84},
		{"geo_laenge", "geo_breite", geo.CRS84}, {"wgs84_lon", "wgs84_lat", geo.CRS84}, {"lon_wgs84", "lat_wgs84", geo.CRS84},
		{"x_wgs84", "y_wgs84", geo.CRS84}, {"stop_lon", "stop_lat", geo.CRS84}, {"geographische_laenge", "geographische_breite", geo.CRS84},
		{"x", "y", 0}, {"rechtswert", "hochwert", 0}, {"rw", "hw", 0}, {"ostwert", "nordwert", 0}, {"ost", "nord", 0},
		{"easting", "northing", 0}, {"east", "north", 0}, {"e", "n", 0}, {"utm_x", "utm_y", 0}, {"utm_ost", "utm_nord", 0}, {"utm_e", "utm_n", 0},
		{"x_koordinate", "y_koordinate", 0}, {"koordinate_x", "koordinate_y", 0}, {"xkoord", "ykoord", 0}, {"x_koord", "y_koord", 0},
		{"koord_x", "koord_y", 0}, {"xcoord", "ycoord", 0}, {"x_coord", "y_coord", 0}, {"x_coordinate", "y_coordinate", 0},
		{"point_x", "point_y", 0}, {"geo_x", "geo_y", 0}, {"pos_x", "pos_y", 0},
	}
}

func textColumns() []string {
	return []string{"wkt", "geom", "geometry", "the_geom", "shape", "geometrie", "wkt_geom", "geom_wkt", "geometry_wkt", "wkt_geometry", "geo_wkt"}
}

// withCode is a name that carries an EPSG code: x_25832, ost_epsg3035.
var withCode = regexp.MustCompile(`^(.*?)_?(?:epsg_?)?(\d{4,5})$`)

// findColumns finds the geometry columns by the options or by their names.
// Two candidates are an error that names both, for only a person can know.
func findColumns(names []string, o Options) (columns, error) {
	c := columns{x: -1, y: -1, wkt: -1}
	if o.WKT != "" || o.X != "" || o.Y != "" {
		return c.named(names, o)
	}
	var found []string
	plain := make([]string, len(names))
	for i, n := range names {
		plain[i] = catalog.FieldName(n)
	}
	for i, n := range plain {
		if slices.Contains(textColumns(), n) {
			c.wkt = i
			found = append(found, names[i])
		}
	}
	for i, n := range plain {
		base, code := n, geo.SRID(0)
		if m := withCode.FindStringSubmatch(n); m != nil {
			base = m[1]
			code = srid(m[2])
		}
		for _, p := range pairs() {
			if base != p.x {
				continue
			}
			j := slices.Index(plain, p.y+strings.TrimPrefix(n, base))
			if j < 0 {
				continue
			}
			c.x, c.y, c.crs = i, j, max(code, p.crs)
			found = append(found, names[i]+"/"+names[j])
			break
		}
	}
	if len(found) > 1 {
		return c, ortsnah.E(ortsnah.Invalid, "ingest.csv_two_geometries", "first", found[0], "second", found[1]).About("geometry")
	}
	return c, nil
}

func srid(code string) geo.SRID {
	s, err := geo.ParseCRS(code)
	if err != nil {
		return 0
	}
	return s
}

// named takes the columns that the options name.
func (c columns) named(names []string, o Options) (columns, error) {
	find := func(name, field string) (int, error) {
		for i, n := range names {
			if strings.EqualFold(n, strings.TrimSpace(name)) {
				return i, nil
			}
		}
		return -1, ortsnah.E(ortsnah.Invalid, "ingest.csv_no_column", "column", name, "columns", strings.Join(names, ", ")).About(field)
	}
	var err error
	if o.WKT != "" {
		c.wkt, err = find(o.WKT, "wkt")
		return c, err
	}
	if c.x, err = find(o.X, "x"); err != nil {
		return c, err
	}
	if c.y, err = find(o.Y, "y"); err != nil {
		return c, err
	}
	found, err := findColumns([]string{names[c.x], names[c.y]}, Options{})
	if err == nil {
		c.crs = found.crs
	}
	return c, nil
}

// geometry makes the geometry of one row; nil when the cells are empty. The
// reference system is 0 where the row names none.
func (c columns) geometry(fields []string, comma, swap bool, line int64) (orb.Geometry, geo.SRID, *ortsnah.Error) {
	if c.wkt >= 0 {
		return parseGeometryText(strings.TrimSpace(fields[c.wkt]), swap, line)
	}
	if c.x < 0 {
		return nil, 0, nil
	}
	xs, ys := strings.TrimSpace(fields[c.x]), strings.TrimSpace(fields[c.y])
	if xs == "" && ys == "" {
		return nil, 0, nil
	}
	x, okX := ordinate(xs, comma)
	y, okY := ordinate(ys, comma)
	if !okX || !okY {
		bad := xs
		if okX {
			bad = ys
		}
		return nil, 0, ortsnah.E(ortsnah.Invalid, "ingest.bad_coordinate", "line", line, "value", short(bad)).About("geometry")
	}
	return orient(orb.Point{x, y}, swap), 0, nil
}

// ordinate reads 51.9, 51,9 and, with a decimal comma, 5.701.482,515.
func ordinate(s string, comma bool) (float64, bool) {
	if comma || strings.Count(s, ",") == 1 && !strings.Contains(s, ".") {
		s = strings.ReplaceAll(s, ",", ".")
		if n := strings.Count(s, "."); n > 1 {
			s = strings.Replace(s, ".", "", n-1)
		}
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(s, "\u00a0", ""), 64)
	return v, err == nil && !math.IsNaN(v) && !math.IsInf(v, 0)
}

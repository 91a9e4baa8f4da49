package geo

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/ortsnah/ortsnah"
	"github.com/paulmach/orb"
)

// SRID is a coordinate reference system by its EPSG code, always meant in
// "GIS axis order": x or longitude first, whatever the EPSG registry says.
type SRID int

// The reference systems the program itself speaks of.
const (
	CRS84  SRID = 4326  // WGS 84, longitude first: what RFC 7946 and the HTTP API use
	UTM32N SRID = 25832 // ETRS89 / UTM zone 32N: the default working CRS
)

// Germany is where coordinates of a German municipality can lie, with a
// margin, in CRS84 degrees. Imports use it to notice swapped axes and a wrong
// CRS before anything is stored.
func Germany() orb.Bound {
	return orb.Bound{Min: orb.Point{5.5, 47.0}, Max: orb.Point{15.5, 55.5}}
}

// aliases maps codes of other authorities to EPSG. ArcGIS servers publish
// ETRS89/UTM with the zone in the easting under Esri's own code.
var aliases = map[int]SRID{
	102329: 4647, 102100: 3857, 102113: 3857, 900913: 3857,
}

var crsName = regexp.MustCompile(`(?i)^(?:urn:ogc:def:crs:|https?://www\.opengis\.net/def/crs/|https?://www\.opengis\.net/gml/srs/)?(epsg|esri|ogc)(?:\.xml)?[:/#]+(?:[0-9.]*[:/])?(crs84h?|[0-9]+)$`)

// ParseCRS reads "25832", "EPSG:25832", "urn:ogc:def:crs:EPSG::25832",
// "http://www.opengis.net/def/crs/EPSG/0/25832" and the CRS84 forms.
func ParseCRS(name string) (SRID, error) {
	name = strings.TrimSpace(name)
	if n, err := strconv.Atoi(name); err == nil && n > 0 {
		return canonical(n), nil
	}
	m := crsName.FindStringSubmatch(name)
	if m == nil {
		return 0, ortsnah.E(ortsnah.Invalid, "geo.unknown_crs", "crs", name).About("crs")
	}
	if strings.HasPrefix(strings.ToLower(m[2]), "crs84") {
		return CRS84, nil
	}
	n, err := strconv.Atoi(m[2])
	if err != nil || n == 0 {
		return 0, ortsnah.E(ortsnah.Invalid, "geo.unknown_crs", "crs", name).About("crs")
	}
	return canonical(n), nil
}

func canonical(code int) SRID {
	if s, ok := aliases[code]; ok {
		return s
	}
	return SRID(code)
}

// String is the form people write: "EPSG:25832".
func (s SRID) String() string { return "EPSG:" + strconv.Itoa(int(s)) }

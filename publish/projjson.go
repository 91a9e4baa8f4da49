package publish

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/ortsnah/ortsnah/geo"
)

// projJSON is the definition of a CRS as PROJJSON (schema v0.7), written after
// the EPSG registry: ETRS89 / UTM zones 31N to 33N, which cover Germany.
// ok is false for any other.
func projJSON(crs geo.SRID) (doc json.RawMessage, ok bool) {
	if crs < 25831 || crs > 25833 {
		return nil, false
	}
	zone := int(crs) - 25800
	meridian := 6*zone - 183
	var b bytes.Buffer
	if err := json.Compact(&b, fmt.Appendf(nil, utmPROJJSON, zone, 16000+zone, meridian, int(crs))); err != nil {
		panic(err) // the constant below is not JSON
	}
	return b.Bytes(), true
}

// utmPROJJSON has places for: zone, EPSG code of the conversion (160zz),
// central meridian, EPSG code of the CRS. Its axes are named and ordered as
// WKB has them: easting, northing (EPSG coordinate system 4400).
const utmPROJJSON = `{
"$schema":"https://proj.org/schemas/v0.7/projjson.schema.json",
"type":"ProjectedCRS",
"name":"ETRS89 / UTM zone %[1]dN",
"base_crs":{"type":"GeographicCRS","name":"ETRS89",
 "datum_ensemble":{"name":"European Terrestrial Reference System 1989 ensemble","members":[
  {"name":"European Terrestrial Reference Frame 1989","id":{"authority":"EPSG","code":1178}},
  {"name":"European Terrestrial Reference Frame 1990","id":{"authority":"EPSG","code":1179}},
  {"name":"European Terrestrial Reference Frame 1991","id":{"authority":"EPSG","code":1180}},
  {"name":"European Terrestrial Reference Frame 1992","id":{"authority":"EPSG","code":1181}},
  {"name":"European Terrestrial Reference Frame 1993","id":{"authority":"EPSG","code":1182}},
  {"name":"European Terrestrial Reference Frame 1994","id":{"authority":"EPSG","code":1183}},
  {"name":"European Terrestrial Reference Frame 1996","id":{"authority":"EPSG","code":1184}},
  {"name":"European Terrestrial Reference Frame 1997","id":{"authority":"EPSG","code":1185}},
  {"name":"European Terrestrial Reference Frame 2000","id":{"authority":"EPSG","code":1186}},
  {"name":"European Terrestrial Reference Frame 2005","id":{"authority":"EPSG","code":1204}},
  {"name":"European Terrestrial Reference Frame 2014","id":{"authority":"EPSG","code":1206}}],
  "ellipsoid":{"name":"GRS 1980","semi_major_axis":6378137,"inverse_flattening":298.257222101},
  "accuracy":"0.1","id":{"authority":"EPSG","code":6258}},
 "coordinate_system":{"subtype":"ellipsoidal","axis":[
  {"name":"Geodetic latitude","abbreviation":"Lat","direction":"north","unit":"degree"},
  {"name":"Geodetic longitude","abbreviation":"Lon","direction":"east","unit":"degree"}]},
 "id":{"authority":"EPSG","code":4258}},
"conversion":{"name":"UTM zone %[1]dN","method":{"name":"Transverse Mercator","id":{"authority":"EPSG","code":9807}},
 "parameters":[
  {"name":"Latitude of natural origin","value":0,"unit":"degree","id":{"authority":"EPSG","code":8801}},
  {"name":"Longitude of natural origin","value":%[3]d,"unit":"degree","id":{"authority":"EPSG","code":8802}},
  {"name":"Scale factor at natural origin","value":0.9996,"unit":"unity","id":{"authority":"EPSG","code":8805}},
  {"name":"False easting","value":500000,"unit":"metre","id":{"authority":"EPSG","code":8806}},
  {"name":"False northing","value":0,"unit":"metre","id":{"authority":"EPSG","code":8807}}],
 "id":{"authority":"EPSG","code":%[2]d}},
"coordinate_system":{"subtype":"Cartesian","axis":[
 {"name":"Easting","abbreviation":"E","direction":"east","unit":"metre"},
 {"name":"Northing","abbreviation":"N","direction":"north","unit":"metre"}]},
"scope":"Engineering survey, topographic mapping.",
"id":{"authority":"EPSG","code":%[4]d}}`

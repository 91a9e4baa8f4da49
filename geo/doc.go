// Package geo is the ground floor: coordinate reference systems, bounds and
// the in-memory index of districts. It knows no database and no town.
//
// Coordinates are float64. lon/lat are degrees in CRS84 (WGS 84, longitude
// first, OGC 06-121r9); x/y are metres in the working CRS of the deployment,
// EPSG:25832 unless configured otherwise.
//
// Below it: geo/postgis talks to PostgreSQL with PostGIS, geo/postgis/cluster
// runs a private PostgreSQL, geo/postgis/pgtest gives tests a real database.
package geo

// Package travel answers how long ways take: on foot, by bicycle, by car, over
// the streets of an OpenStreetMap extract as closed by today's construction
// sites, or, where there is no extract, from the straight line, and then it
// says so. Places are lon/lat in CRS84, times int32 deciseconds.
package travel

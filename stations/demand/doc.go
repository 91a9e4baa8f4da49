// Package demand says how many people live where and what they need: census
// grids (Zensus 2011 and 2022, cells of 100 m and 1 km in EPSG:3035), need
// rates per concern that departments enter, and their calibration by what was
// booked and asked for in vain. A suppressed value is not a zero and is kept
// apart. Totals are preserved to the last unit.
//
// Read takes files apart (pure, streaming), Import stores them as one source,
// Select makes of a source what the solver weighs. Who adds a layout of the
// census adds its column names in layout.go.
package demand

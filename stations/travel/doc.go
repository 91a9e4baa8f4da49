// Package travel answers how long ways take: on foot, by bicycle, by car, over
// the streets of an OpenStreetMap extract as closed by today's construction
// sites, or, where there is no extract, from the straight line, and then it
// says so. Places are lon/lat in CRS84, times int32 deciseconds.
//
// # From the extract to the graph
//
// ReadPBF reads ways and nodes around the town (area.go, cover.go), whatever
// else the extract holds; ways end at the clip. Build makes a Network of them: junctions are
// nodes, what lies between two junctions is one edge with its shape, its name
// and one time per profile and direction. Which way is open to whom, and how
// fast, is all in rules.go and speeds.go. What is not modelled: turn
// restrictions, waiting at lights and junctions (the speeds by class are means
// that hold it), gradients, opening hours of ways, lanes, and areas that may be
// crossed freely (their outline is walked).
//
// # Places beside the streets
//
// A place joins the nearest edge of its profile, within reach, on foot along the
// straight line, and enters it where it meets it, in both directions that are
// allowed. Only edges of large strongly connected parts are joined: a car park
// that the extract has cut off must not make an address unreachable. Parts with
// a tenth of the largest one's junctions are joined, too, and between two such
// parts no way is invented: it is Unreachable.
//
// # Closures
//
// A construction site closes or slows the pieces of edges that run along its
// line, lie in its area or next to its point (closure.go). Nothing is
// preprocessed, so that a new closure counts at once: the times of edges are
// copied and changed. Places keep the edge they joined, and closed pieces let
// through only whoever lives there, at walking pace. So a closure only ever
// raises times, and without closures the network is the very same value.
//
// # Many to many
//
// Matrix searches from every site over the reversed graph (Dial 1969, buckets
// with a cut-off) and gathers the cells at the junctions it meets. From many
// sites it searches a smaller graph with the same times (core.go).
package travel

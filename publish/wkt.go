package publish

import (
	"strconv"

	"github.com/paulmach/orb"
)

// appendWKT appends g as Well-Known Text (OGC 06-103r4, section 7), with
// coordinates rounded to precision and without exponents.
func appendWKT(b []byte, g orb.Geometry, precision float64) []byte {
	w := wktWriter{b, precision}
	w.geometry(g)
	return w.b
}

type wktWriter struct {
	b         []byte
	precision float64
}

func (w *wktWriter) geometry(g orb.Geometry) {
	switch g := g.(type) {
	case orb.Point:
		w.word("POINT (")
		w.point(g)
		w.word(")")
	case orb.MultiPoint:
		w.list("MULTIPOINT ", len(g), func(i int) { w.word("("); w.point(g[i]); w.word(")") })
	case orb.LineString:
		w.list("LINESTRING ", len(g), func(i int) { w.point(g[i]) })
	case orb.MultiLineString:
		w.list("MULTILINESTRING ", len(g), func(i int) { w.points(g[i]) })
	case orb.Polygon:
		w.list("POLYGON ", len(g), func(i int) { w.points(g[i]) })
	case orb.MultiPolygon:
		w.list("MULTIPOLYGON ", len(g), func(i int) {
			w.list("", len(g[i]), func(j int) { w.points(g[i][j]) })
		})
	case orb.Collection:
		w.list("GEOMETRYCOLLECTION ", len(g), func(i int) { w.geometry(g[i]) })
	}
}

func (w *wktWriter) word(s string) { w.b = append(w.b, s...) }

func (w *wktWriter) list(name string, n int, item func(i int)) {
	w.word(name)
	if n == 0 {
		w.word("EMPTY")
		return
	}
	w.word("(")
	for i := range n {
		if i > 0 {
			w.word(", ")
		}
		item(i)
	}
	w.word(")")
}

func (w *wktWriter) points(points []orb.Point) {
	w.list("", len(points), func(i int) { w.point(points[i]) })
}

func (w *wktWriter) point(p orb.Point) {
	w.b = strconv.AppendFloat(w.b, round(p[0], w.precision), 'f', -1, 64)
	w.b = append(w.b, ' ')
	w.b = strconv.AppendFloat(w.b, round(p[1], w.precision), 'f', -1, 64)
}

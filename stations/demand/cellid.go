package demand

import (
	"bytes"
	"strconv"

	"github.com/paulmach/orb"
)

// square is a cell of the INSPIRE grid ETRS89-LAEA (D2.8.I.2, EPSG:3035) by its
// south-western corner, metres.
type square struct{ size, east, north int32 }

// id is the name of the cell: "1kmN3202E4203", "100mN31949E41980".
func (s square) id() string {
	size := "1km"
	if s.size == 100 {
		size = "100m"
	}
	return size + "N" + strconv.Itoa(int(s.north/s.size)) + "E" + strconv.Itoa(int(s.east/s.size))
}

// parent is the square kilometre around the cell.
func (s square) parent() square {
	return square{1000, s.east - s.east%1000, s.north - s.north%1000}
}

func (s square) centre() orb.Point {
	return orb.Point{float64(s.east) + float64(s.size)/2, float64(s.north) + float64(s.size)/2}
}

// parseSquare reads the two ways to name a cell: that of Zensus 2011,
// "100mN26840E43341" (corner in cells), and that of Zensus 2022,
// "CRS3035RES100mN2684000E4334100" (corner in metres). Cells of 10 km have size 10000.
func parseSquare(b []byte) (square, bool) {
	rest, long := bytes.CutPrefix(b, []byte("CRS3035RES"))
	cut := bytes.IndexByte(rest, 'N')
	if cut < 0 {
		return square{}, false
	}
	var s square
	switch string(rest[:cut]) {
	case "100m":
		s.size = 100
	case "1km", "1000m":
		s.size = 1000
	case "10km", "10000m":
		s.size = 10000
	default:
		return s, false
	}
	n, e, ok := bytes.Cut(rest[cut+1:], []byte("E"))
	north, okN := digits(n)
	east, okE := digits(e)
	if !ok || !okN || !okE {
		return s, false
	}
	if !long {
		north, east = north*int64(s.size), east*int64(s.size)
	}
	if north > 1e7 || east > 1e7 || north%int64(s.size) != 0 || east%int64(s.size) != 0 {
		return s, false
	}
	s.north, s.east = int32(north), int32(east)
	return s, true
}

func digits(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 9 {
		return 0, false
	}
	var n int64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// squareAround is the cell whose centre is x, y (metres, EPSG:3035); size 0 finds
// it out: centres of square kilometres end in 500, those of hectares in 50.
func squareAround(x, y int64, size int32) (square, bool) {
	if size == 0 {
		size = 100
		if x%1000 == 500 && y%1000 == 500 {
			size = 1000
		}
	}
	s := int64(size)
	if x <= 0 || y <= 0 || x > 1e7 || y > 1e7 || (x-s/2)%s != 0 || (y-s/2)%s != 0 {
		return square{}, false
	}
	return square{size, int32(x - s/2), int32(y - s/2)}, true
}

// germany is where cells of Germany lie in EPSG:3035, with a margin, metres.
func germany() orb.Bound {
	return orb.Bound{Min: orb.Point{3_980_000, 2_600_000}, Max: orb.Point{4_720_000, 3_600_000}}
}

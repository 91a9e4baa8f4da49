package instance

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
)

// readTSPLIB reads a TSPLIB 95 file (Reinelt 1991) with NODE_COORD_SECTION and
// EDGE_WEIGHT_TYPE EUC_2D. Every city is a cell of weight 1 and a site. The
// distance is floor(√(dx²+dy²)), as the literature on the p-median problem
// takes it; Reinelt himself rounds to the nearest integer.
func readTSPLIB(s source) (*Problem, error) {
	at := &lines{rest: s.text}
	n, err := s.tsplibHeader(at)
	if err != nil {
		return nil, err
	}
	if err := s.tooMany(n, n); err != nil {
		return nil, err
	}
	points := make([][2]float64, n)
	seen := make([]bool, n)
	for found := 0; found < n; {
		text, ok := at.next()
		if !ok || string(text) == "EOF" {
			return nil, s.wrong("siting.cities_missing", at.line, "want", n, "found", found)
		}
		if len(text) == 0 {
			continue
		}
		city, point, err := s.tsplibCity(at.line, text, n)
		if err != nil {
			return nil, err
		}
		if seen[city] {
			return nil, s.wrong("siting.city_twice", at.line, "city", city+1)
		}
		seen[city], points[city] = true, point
		found++
	}
	for { // nothing but blank lines and the mark of the end may follow
		text, ok := at.next()
		if !ok || string(text) == "EOF" {
			break
		}
		if len(text) > 0 {
			return nil, s.wrong("siting.tsplib_line", at.line, "text", shorten(text))
		}
	}
	costs, err := s.distances(points, points, math.Floor)
	if err != nil {
		return nil, err
	}
	return nodes(n, 0, costs), nil
}

// tsplibHeader reads to the first city and returns the number of cities.
func (s source) tsplibHeader(at *lines) (n int, err error) {
	flat := false
	for {
		text, ok := at.next()
		if !ok {
			return 0, s.wrong("siting.tsplib_no_cities", at.line)
		}
		word, value, colon := strings.Cut(string(text), ":")
		word, value = strings.TrimSpace(word), strings.TrimSpace(value)
		switch {
		case word == "":
		case word == "NODE_COORD_SECTION":
			if n == 0 || !flat {
				return 0, s.wrong("siting.tsplib_incomplete", at.line)
			}
			return n, nil
		case word == "DIMENSION":
			if n, err = strconv.Atoi(value); err != nil || n < 1 || n > mostPairs {
				return 0, s.wrong("siting.bad_number", at.line, "text", shorten([]byte(value)))
			}
		case word == "EDGE_WEIGHT_TYPE":
			if flat = value == "EUC_2D"; !flat {
				return 0, s.wrong("siting.tsplib_type", at.line, "type", shorten([]byte(value)))
			}
		case colon && slices.Contains([]string{"NAME", "COMMENT", "TYPE", "NODE_COORD_TYPE", "DISPLAY_DATA_TYPE"}, word):
		default:
			return 0, s.wrong("siting.tsplib_line", at.line, "text", shorten(text))
		}
	}
}

// tsplibCity reads "number x y" of one of n cities.
func (s source) tsplibCity(line int, text []byte, n int) (city int, point [2]float64, err error) {
	fields := bytes.Fields(text)
	if len(fields) != 3 {
		return 0, point, s.wrong("siting.line_words", line, "want", 3, "found", len(fields))
	}
	city, err = strconv.Atoi(string(fields[0]))
	if err != nil || city < 1 || city > n {
		return 0, point, s.wrong("siting.node_unknown", line, "node", shorten(fields[0]), "n", n)
	}
	for k, f := range fields[1:] {
		v, err := strconv.ParseFloat(string(f), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return 0, point, s.wrong("siting.bad_coordinate", line, "text", shorten(f))
		}
		point[k] = v
	}
	return city - 1, point, nil
}

// distances is the matrix of rounded distances between points.
func (s source) distances(cells, sites [][2]float64, whole func(float64) float64) (Matrix, error) {
	var far [2]int
	tooFar := false
	m := Dense(len(cells), len(sites), func(i, j int) int32 {
		d := whole(euclid(cells[i], sites[j]))
		if !(d <= math.MaxInt32) {
			far, tooFar = [2]int{i, j}, true
			return -1
		}
		return int32(d)
	})
	if tooFar {
		return m, invalid("siting.distance_too_long", "file", s.name, "cell", far[0], "site", far[1])
	}
	return m, nil
}

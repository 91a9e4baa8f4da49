package demand

import (
	"bytes"
	"slices"
	"strings"

	"github.com/ortsnah/ortsnah"
)

// What a column holds.
type columnKind uint8

const (
	countOf columnKind = iota // people
	shareOf                   // per cent of the people
	guessOf                   // somebody's estimate of the people, with decimals
)

type column struct {
	at      int
	feature int
	kind    columnKind
	rank    uint8
}

// layout says which column of a file holds what. -1: there is none.
type layout struct {
	name      string
	sep       byte
	size      int32 // of the cells; 0: told by their ids or centres
	width     int
	id, x, y  int
	mark      int // werterlaeuternde_Zeichen: "KLAMMERN"
	merkmal   int // the long layout has a row per value
	code      int
	count     int
	deviation int
	columns   []column
	perCell   bool // one row per cell
}

// knownColumn is a column that the program understands. Names are those of the
// files of the Statistische Ämter des Bundes und der Länder: Zensus 2022,
// "Gitterdaten" (Bevoelkerungszahl, Alter_in_5_Altersklassen,
// Anteil_unter_18, Anteil_ueber_65) and Zensus 2011, "Datensatzbeschreibung
// Gitterdaten" (spitze Werte 1 km: unter18_A, ab65_A in per cent); the last two
// are of towns that shared out the kilometre cells themselves.
type knownColumn struct {
	names   []string
	feature int
	kind    columnKind
	rank    uint8
}

func knownColumns() []knownColumn {
	return []knownColumn{
		{[]string{"einwohner"}, nAll, countOf, 3},
		{[]string{"insgesamt_bevoelkerung"}, nAll, countOf, 2},
		{[]string{"ew_geschaetzt"}, nAll, guessOf, 1},
		{[]string{"unter18"}, nUnder18, countOf, 3},
		{[]string{"a18bis29"}, n18to29, countOf, 3},
		{[]string{"a30bis49"}, n30to49, countOf, 3},
		{[]string{"a50bis64"}, n50to64, countOf, 3},
		{[]string{"a65undaelter"}, nOver65, countOf, 3},
		{[]string{"unter18_a", "anteilunter18"}, nUnder18, shareOf, 1},
		{[]string{"ab65_a", "anteilueber65"}, nOver65, shareOf, 1},
	}
}

// readLayout understands the first line of a file. Errors: Invalid
// demand.unknown_columns.
func readLayout(line []byte) (layout, error) {
	line = bytes.TrimPrefix(bytes.TrimRight(line, "\r\n"), []byte("\ufeff"))
	l := layout{sep: separator(line), id: -1, x: -1, y: -1, mark: -1, merkmal: -1, code: -1, count: -1, deviation: -1}
	var names []string
	for _, f := range split(line, l.sep, nil) {
		names = append(names, strings.ToLower(strings.TrimSpace(string(f))))
	}
	l.width = len(names)
	find := func(wanted ...string) int {
		return slices.IndexFunc(names, func(n string) bool { return slices.Contains(wanted, n) })
	}
	l.id = find("gitter_id_100m", "gitter_id_1km", "gitter_id_10km", "gitter_id")
	l.x = find("x_mp_100m", "x_mp_1km", "x_mp_10km", "x_3035", "x")
	l.y = find("y_mp_100m", "y_mp_1km", "y_mp_10km", "y_3035", "y")
	l.mark = find("werterlaeuternde_zeichen")
	l.merkmal, l.code, l.count, l.deviation = find("merkmal"), find("auspraegung_code"), find("anzahl"), find("anzahl_q")
	for _, n := range names {
		for suffix, size := range map[string]int32{"_100m": 100, "_1km": 1000, "_10km": 10000} {
			if (strings.HasPrefix(n, "gitter_id") || strings.HasPrefix(n, "x_mp")) && strings.HasSuffix(n, suffix) {
				l.size = size
			}
		}
	}
	for _, k := range knownColumns() {
		if at := find(k.names...); at >= 0 {
			l.columns = append(l.columns, column{at, k.feature, k.kind, k.rank})
		}
	}
	l.name = l.describe()
	if l.name == "" || l.id < 0 && (l.x < 0 || l.y < 0) {
		return l, ortsnah.E(ortsnah.Invalid, "demand.unknown_columns", "columns", shortened(strings.Join(names, ", ")))
	}
	return l, nil
}

// describe names the layout for the report; empty: it holds no people.
func (l *layout) describe() string {
	switch {
	case l.merkmal >= 0 && l.code >= 0 && l.count >= 0:
		return "zensus2011-merkmale"
	case len(l.columns) == 0:
		return ""
	}
	l.perCell = true
	for _, c := range l.columns {
		switch {
		case c.kind == guessOf:
			return "schaetzung"
		case c.kind == shareOf:
			return "anteile"
		case c.feature == nUnder18:
			return "altersklassen"
		}
	}
	return "einwohner"
}

// separator is what the header is divided by most often; official files use ";".
func separator(line []byte) byte {
	best, most := byte(';'), 0
	for _, c := range []byte{';', ',', '\t'} {
		if n := bytes.Count(line, []byte{c}); n > most {
			best, most = c, n
		}
	}
	return best
}

// split takes a line apart at sep, outside of quotation marks (RFC 4180). The
// fields share the memory of line; into is used again.
func split(line []byte, sep byte, into [][]byte) [][]byte {
	into = into[:0]
	for {
		if len(line) > 0 && line[0] == '"' {
			field, rest, more := quoted(line, sep)
			into = append(into, field)
			if !more {
				return into
			}
			line = rest
			continue
		}
		i := bytes.IndexByte(line, sep)
		if i < 0 {
			return append(into, line)
		}
		into = append(into, line[:i])
		line = line[i+1:]
	}
}

// quoted reads one field in quotation marks and says whether another follows.
func quoted(line []byte, sep byte) (field, rest []byte, more bool) {
	end := 1
	for end < len(line) {
		if line[end] != '"' {
			end++
			continue
		}
		if end+1 < len(line) && line[end+1] == '"' {
			end += 2
			continue
		}
		break
	}
	field = bytes.ReplaceAll(line[1:min(end, len(line))], []byte(`""`), []byte(`"`))
	rest = line[min(end+1, len(line)):]
	if len(rest) > 0 && rest[0] == sep {
		return field, rest[1:], true
	}
	return field, nil, false
}

func shortened(s string) string {
	s = strings.ToValidUTF8(s, "?")
	if r := []rune(s); len(r) > 160 {
		return string(r[:160]) + " …"
	}
	return s
}

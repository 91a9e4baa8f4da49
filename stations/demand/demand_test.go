package demand_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
	"github.com/ortsnah/ortsnah/stations"
	"github.com/ortsnah/ortsnah/stations/demand"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// monday is 8 June 2026, 06:00 in Gütersloh.
var monday = time.Date(2026, 6, 8, 4, 0, 0, 0, time.UTC)

// town is a transaction with a town of 4 × 4 km around the square kilometres
// N3200…N3203 E4208…E4211, and a district "west" of its western half. Given in
// lon/lat, so that the borders are a little askew, as in life.
func town(t testing.TB) pgx.Tx {
	t.Helper()
	tx := pgtest.Tx(t, stations.Migrations())
	if err := catalog.RegisterBuiltin(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	whole := ring(t, tx, 4208000, 3200000, 4212000, 3204000)
	west := ring(t, tx, 4208000, 3200000, 4210000, 3204000)
	for id, f := range map[string]catalog.Named{
		catalog.Municipality: {Geometry: whole, Fields: map[string]any{"name": "Musterstadt", "ags": "05754999"}},
		catalog.Districts:    {Geometry: west, Fields: map[string]any{"code": "west", "name": "West"}},
	} {
		if err := catalog.Replace(t.Context(), tx, id, "test", []catalog.Named{f}); err != nil {
			t.Fatal(err)
		}
	}
	if err := catalog.SaveTown(t.Context(), tx, catalog.Town{Name: "Musterstadt"}); err != nil {
		t.Fatal(err)
	}
	return tx
}

func ring(t testing.TB, tx pgx.Tx, west, south, east, north float64) orb.MultiPolygon {
	t.Helper()
	var r orb.Ring
	for _, p := range [][2]float64{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}} {
		var at orb.Point
		if err := tx.QueryRow(t.Context(), `SELECT ST_X(g), ST_Y(g) FROM ST_Transform(ST_SetSRID(ST_MakePoint($1, $2), 3035), 4326) AS g`, p[0], p[1]).Scan(&at[0], &at[1]); err != nil {
			t.Fatal(err)
		}
		r = append(r, at)
	}
	return orb.MultiPolygon{orb.Polygon{r}}
}

func file(name, text string) demand.File {
	return demand.File{Name: name, Size: int64(len(text)), Text: strings.NewReader(text)}
}

func load(t testing.TB, tx pgx.Tx, id string, files ...demand.File) demand.Source {
	t.Helper()
	s, err := demand.Import(t.Context(), tx, monday, demand.Source{ID: id, Name: "Zensus", Attribution: "Test"}, files, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func pick(t testing.TB, tx pgx.Tx, s demand.Selection) demand.Demand {
	t.Helper()
	d, err := demand.Select(t.Context(), tx, s)
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for _, c := range d.Cells {
		sum += c.Weight
	}
	if sum != d.Total {
		t.Errorf("weights sum to %d, total is %d", sum, d.Total)
	}
	if !slices.IsSortedFunc(d.Cells, func(a, b demand.Cell) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("cells are not in the order of their ids")
	}
	return d
}

// weights of the cells by id, for comparisons.
func weights(d demand.Demand) string {
	var b strings.Builder
	for _, c := range d.Cells {
		mark := ""
		if c.Guessed {
			mark = "?"
		}
		fmt.Fprintf(&b, "%s=%d%s ", c.ID, c.Weight, mark)
	}
	return strings.TrimSpace(b.String())
}

const kilometres2011 = `Gitter_ID_1km;x_mp_1km;y_mp_1km;Einwohner;Frauen_A;Alter_D;unter18_A;ab65_A;Auslaender_A;HHGroesse_D;Leerstandsquote;Wohnfl_Bew_D;Wohnfl_Whg_D
1kmN3200E4208;4208500;3200500;44;45,45;52,00;9,09;38,64;5,00;1,90;0,00;-9,00;-9,00
1kmN3200E4209;4209500;3200500;100;50,00;40,00;20,00;25,00;5,00;1,90;0,00;-9,00;-9,00
1kmN3201E4210;4210500;3201500;-1;-1,00;-1,00;-1,00;-1,00;-1,00;-1,00;-1,00;-1,00;-1,00
1kmN3201E4211;4211500;3201500;7;50,00;40,00;-9,00;-9,00;5,00;1,90;0,00;-9,00;-9,00
1kmN3300E4300;4300500;3300500;900;50,00;40,00;20,00;25,00;5,00;1,90;0,00;-9,00;-9,00
`

func TestKilometresOf2011(t *testing.T) {
	tx := town(t)
	s := load(t, tx, "zensus-2011", file("Zensus_spitze_Werte_1km-Gitter.csv", kilometres2011))
	r := s.Report
	if s.Resolution != 1000 || r.Cells != 4 || r.People != 151 || r.Suppressed != 1 || r.Outside != 1 || r.Unusable != 0 {
		t.Errorf("%+v", s)
	}
	if want := []demand.Feature{demand.Under18, demand.From18To64, demand.Over65}; !slices.Equal(r.Groups, want) {
		t.Errorf("groups %v", r.Groups)
	}
	d := pick(t, tx, demand.Selection{Source: "zensus-2011", Measure: demand.People})
	if got, want := weights(d), "1kmN3200E4208=44 1kmN3200E4209=100 1kmN3201E4211=7"; got != want || d.Scale != 1 || d.Suppressed != 1 {
		t.Errorf("got %s, want %s; %+v", got, want, d)
	}
	// 38.64 % of 44 are 17 people; of the 7 the ages are estimated from the others.
	if d.Cells[0].Over65 != 17 || d.Cells[1].Over65 != 25 || d.Cells[2].Over65 != 2 {
		t.Errorf("over 65: %+v", d.Cells)
	}
	if c := d.Cells[0]; c.Lon < 8.3 || c.Lon > 8.5 || c.Lat < 51.8 || c.Lat > 52 {
		t.Errorf("centre %v %v", c.Lon, c.Lat)
	}
	west := pick(t, tx, demand.Selection{Source: "zensus-2011", Measure: demand.People, Area: "west"})
	if west.Total != 144 || west.Outside != 2 {
		t.Errorf("%+v", west)
	}
}

const hectares2022 = "\ufeffGITTER_ID_100m;x_mp_100m;y_mp_100m;Insgesamt_Bevoelkerung;Unter18;a18bis29;a30bis49;a50bis64;a65undaelter;werterlaeuternde_Zeichen\n" +
	"CRS3035RES100mN3200000E4208000;4208050;3200050;20;4;3;5;4;4;\n" +
	"CRS3035RES100mN3200000E4208100;4208150;3200050;10;–;–;–;–;–;KLAMMERN\n" +
	"CRS3035RES100mN3200000E4208200;4208250;3200050;–;–;–;–;–;–;\n" +
	"CRS3035RES100mN3200000E4208300;4208350;3200050;–;–;–;–;–;–;\n"

const kilometres2022 = `GITTER_ID_1km;x_mp_1km;y_mp_1km;Einwohner
CRS3035RES1000mN3200000E4208000;4208500;3200500;35
CRS3035RES1000mN3203000E4211000;4211500;3203500;12
`

// What is secret in a hectare is what is left of the square kilometre: 35 - 20 - 10.
func TestHectaresOf2022(t *testing.T) {
	tx := town(t)
	s := load(t, tx, "zensus-2022", file("Zensus2022_Alter_in_5_Altersklassen_100m-Gitter.csv", hectares2022), file("Zensus2022_Bevoelkerungszahl_1km-Gitter.csv", kilometres2022))
	if r := s.Report; s.Resolution != 100 || r.Cells != 5 || r.Coarse != 1 || r.People != 42 || r.Estimated != 5 || r.Guessed != 2 || r.Suppressed != 0 || r.Uncertain != 1 {
		t.Errorf("%+v", r)
	}
	d := pick(t, tx, demand.Selection{Source: "zensus-2022", Measure: demand.People})
	if d.Total != 47 || len(d.Cells) != 5 {
		t.Errorf("%s", weights(d))
	}
	guessed := d.Cells[2].People + d.Cells[3].People
	if guessed != 5 || !d.Cells[2].Guessed || !d.Cells[3].Guessed || d.Cells[0].Guessed || d.Cells[1].Guessed {
		t.Errorf("%s", weights(d))
	}
	// The square kilometre without a hectare is demand itself.
	if d.Cells[4].ID != "1kmN3203E4211" || d.Cells[4].Weight != 12 {
		t.Errorf("%+v", d.Cells[4])
	}
	var over65 int64
	for _, c := range d.Cells {
		over65 += c.Over65
	}
	if over65 != 9 { // a fifth of 47, as in the one cell that says so
		t.Errorf("%d over 65", over65)
	}

	// Alone, the two hectares have no number and are kept apart.
	load(t, tx, "ohne-km", file("100m.csv", hectares2022))
	alone := pick(t, tx, demand.Selection{Source: "ohne-km", Measure: demand.People})
	if alone.Total != 30 || alone.Suppressed != 2 {
		t.Errorf("%+v", alone)
	}
}

// The other layouts: hectares of 2011 in a row per value, in an archive, with
// the byte for the dash that Windows writes, and a town's own table.
func TestOtherLayouts(t *testing.T) {
	long := "Gitter_ID_100m;Gitter_ID_100m_neu;Merkmal;Auspraegung_Code;Auspraegung_Text;Anzahl;Anzahl_q\r\n" +
		"100mN32000E42080;CRS3035RES100mN3200000E4208000;INSGESAMT;0;Einheiten insgesamt;10;0\r\n" +
		"100mN32000E42080;CRS3035RES100mN3200000E4208000; ALTER_KURZ;1;Unter 18;3;1\r\n" +
		"100mN32000E42080;CRS3035RES100mN3200000E4208000; ALTER_KURZ;5;65 und \xe4lter;7;0\r\n" +
		"100mN32000E42080;CRS3035RES100mN3200000E4208000;RELIGION_KURZ;1;\"R\xf6misch;katholisch\";9;0\r\n"
	tx := town(t)
	for name, c := range map[string]struct {
		text  string
		total int64
		old   int64
	}{
		"long":     {long, 10, 7},
		"dash":     {"Gitter_ID_100m;x_mp_100m;y_mp_100m;Einwohner\n100mN32000E42080;4208050;3200050;\x96\n100mN32001E42080;4208050;3200150;4\n", 4, 0},
		"no id":    {"x,y,Einwohner,unter18_A,ab65_A\n4208500,3200500,10,10.0,20.0\n", 10, 2},
		"estimate": {"gitter_id,x_3035,y_3035,lon,lat,ew_geschaetzt\n100mN32000E42080,4208050,3200050,8,51,8.5\n100mN32000E42081,4208150,3200050,8,51,8.5\n100mN32000E42082,4208250,3200050,8,51,0\n", 17, 0},
		"no ages":  {"GITTER_ID_100m;x_mp_100m;y_mp_100m;Einwohner\nCRS3035RES100mN3200000E4208000;4208050;3200050;4\n", 4, 0},
	} {
		load(t, tx, "x", file(name, c.text))
		d := pick(t, tx, demand.Selection{Source: "x", Measure: demand.People})
		var old int64
		for _, cell := range d.Cells {
			old += cell.Over65
		}
		if d.Total != c.total || old != c.old {
			t.Errorf("%s: %s, %d old", name, weights(d), old)
		}
	}
}

func TestArchive(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{"Zensus2022_Bevoelkerungszahl/1km.csv": kilometres2022, "Zensus2022_Bevoelkerungszahl/10km.csv": "GITTER_ID_10km;x_mp_10km;y_mp_10km;Einwohner\nCRS3035RES10000mN3200000E4200000;4205000;3205000;99\n",
		"Zensus2022_Bevoelkerungszahl/100m.csv": hectares2022, "Datensatzbeschreibung.xlsx": "PK", "liesmich.txt": "Erläuterungen zu den Daten\n"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	tx := town(t)
	s := load(t, tx, "archiv", demand.File{Name: "Zensus2022.zip", Size: int64(b.Len()), Text: bytes.NewReader(b.Bytes())})
	slices.Sort(s.Report.Unused)
	if s.Report.People != 42 || s.Report.Estimated != 5 || !slices.Equal(s.Report.Unused, []string{"10km.csv", "liesmich.txt"}) {
		t.Errorf("%+v", s.Report)
	}
}

// What cannot be used is refused with a reason, and what was there stays.
func TestImportRefuses(t *testing.T) {
	tx := town(t)
	load(t, tx, "x", file("a.csv", kilometres2011))
	head := "Gitter_ID_1km;x_mp_1km;y_mp_1km;Einwohner\n"
	for key, text := range map[string]string{
		"demand.unknown_columns": "Stadtteil;Personen\nMitte;5\n",
		"demand.swapped_axes":    head + "1kmN3200E4208;3200500;4208500;44\n",
		"demand.not_the_grid":    head + "1kmN3200E4208;8,3;51,9;44\n",
		"demand.all_outside":     head + "1kmN3300E4300;4300500;3300500;900\n1kmN3301E4300;4300500;3301500;9\n",
		"demand.nothing_usable":  head + "1kmN3200E4208;4208500;3200500;viele\n",
		"demand.no_lines":        head,
		"demand.not_text":        "G\x00i\x00t\x00t\x00e\x00r\x00\n",
		"demand.bad_archive":     "PK\x03\x04 kaputt",
	} {
		_, err := demand.Import(t.Context(), tx, monday, demand.Source{ID: "x", Name: "neu"}, []demand.File{file("a.csv", text)}, nil)
		if e, ok := err.(*ortsnah.Error); !ok || e.Key != key {
			t.Errorf("got %v, want %s", err, key)
		}
	}
	for key, s := range map[string]demand.Source{"demand.bad_id": {ID: "Zensus 2022", Name: "a"}, "demand.no_name": {ID: "a", Name: " "}} {
		if _, err := demand.Import(t.Context(), tx, monday, s, nil, nil); err == nil || err.(*ortsnah.Error).Key != key {
			t.Errorf("got %v, want %s", err, key)
		}
	}
	if d := pick(t, tx, demand.Selection{Source: "x", Measure: demand.People}); d.Total != 151 {
		t.Errorf("a refused import changed the source: %s", weights(d))
	}
	bare := pgtest.Tx(t, stations.Migrations())
	if _, err := demand.Import(t.Context(), bare, monday, demand.Source{ID: "x", Name: "x"}, []demand.File{file("a", kilometres2011)}, nil); err == nil || err.(*ortsnah.Error).Key != "demand.no_town" {
		t.Errorf("without a boundary: %v", err)
	}
}

// Single bad lines are told by number; the rest is used.
func TestBadLines(t *testing.T) {
	text := "Gitter_ID_1km;x_mp_1km;y_mp_1km;Einwohner\n" +
		"1kmN3200E4208;4208500;3200500;44\n" +
		"1kmN3200E4208;4208500;3200500;44\n" + // 3: twice
		"1kmN3200E4209;4209500;3200500;1,5\n" + // 4: half a person
		"1kmN3200E4210;4210500;3200500\n" + // 5: too short
		"1kmN3201E4208;3201500;4208500;5\n" + // 6: swapped
		"1kmN3201E4209;4208500;3201500;5\n" + // 7: id and centre disagree
		"Gütersloh;4208500;3201500;5\n" + // 8
		"1kmN3201E4211;4211500;3201500;-5\n" + // 9: negative
		"\n" +
		"1kmN3201E4210;4210500;3201500;(6)\n"
	tx := town(t)
	s := load(t, tx, "x", file("a.csv", text))
	if s.Report.People != 50 || s.Report.Uncertain != 1 || s.Report.Unusable != 7 {
		t.Errorf("%+v", s.Report)
	}
	var got []string
	for _, p := range s.Report.Problems {
		got = append(got, fmt.Sprintf("%d %s", p.Line, strings.TrimPrefix(p.Key, "demand.line_")))
	}
	if want := []string{"3 twice", "4 no_number", "5 short", "6 swapped", "7 disagrees", "8 bad_cell", "9 no_number"}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

func TestGroups(t *testing.T) {
	tx := town(t)
	load(t, tx, "x", file("a.csv", kilometres2011))
	base := demand.Selection{Source: "x", Measure: demand.People}
	for name, c := range map[string]struct {
		groups map[string]int
		want   string
	}{
		"old people twice": {map[string]int{"65_plus": 200}, "1kmN3200E4208=61 1kmN3200E4209=125 1kmN3201E4211=9"},
		"half":             {map[string]int{"under_18": 50, "18_64": 50, "65_plus": 50}, "1kmN3200E4208=44 1kmN3200E4209=100 1kmN3201E4211=7"}, // scale 2
		"only the young":   {map[string]int{"18_64": 0, "65_plus": 0}, "1kmN3200E4208=4 1kmN3200E4209=20 1kmN3201E4211=1"},
	} {
		s := base
		s.Groups = c.groups
		if got := weights(pick(t, tx, s)); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	for key, s := range map[string]demand.Selection{
		"demand.bad_group":      {Source: "x", Measure: demand.People, Groups: map[string]int{"greise": 5}},
		"demand.bad_percent":    {Source: "x", Measure: demand.People, Groups: map[string]int{"65_plus": -5}},
		"demand.no_ages":        {Source: "x", Measure: demand.People, Groups: map[string]int{"30_49": 5}},
		"demand.bad_measure":    {Source: "x", Measure: "cars"},
		"demand.no_such_source": {Source: "y", Measure: demand.People},
		"demand.no_such_area":   {Source: "x", Measure: demand.People, Area: "süd"},
		"demand.empty":          {Source: "x", Measure: demand.People, Groups: map[string]int{"under_18": 0, "18_64": 0, "65_plus": 0}},
		"demand.no_rates":       {Source: "x", Measure: demand.Visits},
	} {
		if _, err := demand.Select(t.Context(), tx, s); err == nil || err.(*ortsnah.Error).Key != key {
			t.Errorf("got %v, want %s", err, key)
		}
	}
}

func setRates(t testing.TB, tx pgx.Tx, concern string, rates ...demand.Rate) {
	t.Helper()
	if err := demand.SetRates(t.Context(), tx, monday, concern, rates); err != nil {
		t.Fatal(err)
	}
}

func TestVisits(t *testing.T) {
	tx := town(t)
	load(t, tx, "x", file("a.csv", kilometres2011))
	setRates(t, tx, "pass", demand.Rate{Age: demand.All, Visits: 100})
	setRates(t, tx, "rente", demand.Rate{Age: demand.Over65, Visits: 1000}, demand.Rate{Age: demand.From18To64, Visits: 50.5})
	d := pick(t, tx, demand.Selection{Source: "x", Measure: demand.Visits, Concerns: []string{"pass"}})
	if got, want := weights(d), "1kmN3200E4208=440 1kmN3200E4209=1000 1kmN3201E4211=70"; got != want || d.Scale != 100 {
		t.Errorf("%s", got)
	}
	// 17 old at 1 and 23 others at 0.0505, and so on: 18.1615 + 27.7775 + 2.202
	rente := pick(t, tx, demand.Selection{Source: "x", Measure: demand.Visits, Concerns: []string{"rente"}})
	if rente.Total != 4814 {
		t.Errorf("%d %s", rente.Total, weights(rente))
	}
	both := pick(t, tx, demand.Selection{Source: "x", Measure: demand.Visits})
	if both.Total != 4814+1510 {
		t.Errorf("%d", both.Total)
	}
	for key, s := range map[string]demand.Selection{
		"demand.no_rate":      {Source: "x", Measure: demand.Visits, Concerns: []string{"angeln"}},
		"demand.not_observed": {Source: "x", Measure: demand.Visits, Calibrated: true},
	} {
		if _, err := demand.Select(t.Context(), tx, s); err == nil || err.(*ortsnah.Error).Key != key {
			t.Errorf("got %v, want %s", err, key)
		}
	}
	load(t, tx, "ohne", file("1km.csv", kilometres2022))
	if _, err := demand.Select(t.Context(), tx, demand.Selection{Source: "ohne", Measure: demand.Visits}); err == nil || err.(*ortsnah.Error).Key != "demand.rate_by_age" {
		t.Errorf("rates by age on a source without ages: %v", err)
	}
	for _, r := range []demand.Rate{{Age: demand.All, Visits: -1}, {Age: demand.All, Visits: 1e9}, {Age: demand.From30, Visits: 1}, {Age: demand.All, Note: strings.Repeat("x", 501)}} {
		if err := demand.SetRates(t.Context(), tx, monday, "pass", []demand.Rate{r}); ortsnah.KindOf(err) != ortsnah.Invalid {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

// Ten weeks in which 40 came and 10 asked in vain, 5 of them in the west:
// 50 × 365.25 ÷ 70 = 260.89 visits a year, however rates were entered.
func TestCalibrated(t *testing.T) {
	tx := town(t)
	load(t, tx, "x", file("a.csv", kilometres2011))
	setRates(t, tx, "pass", demand.Rate{Age: demand.All, Visits: 100})
	setRates(t, tx, "selten", demand.Rate{Age: demand.All, Visits: 1000})
	_, err := tx.Exec(t.Context(), `
		INSERT INTO stations.demand_observation (concern, week, booked, kept, walk_ins, unmet) VALUES
			('pass', '2026-03-30', 30, 25, 15, 0), ('pass', '2026-06-01', 0, 0, 0, 10);
		INSERT INTO stations.unmet_cell (concern, week, cell, number) VALUES
			('pass', '2026-06-01', '1kmN3200E4208', 5), ('pass', '2026-06-01', '', 3), ('pass', '2026-06-01', '1kmN9999E9999', 2)`)
	if err != nil {
		t.Fatal(err)
	}
	one := demand.Selection{Source: "x", Measure: demand.Visits, Calibrated: true, Concerns: []string{"pass"}}
	d := pick(t, tx, one)
	// 45 parts by people (44, 100, 7), 5 parts in the first cell.
	if got, want := weights(d), "1kmN3200E4208=9451 1kmN3200E4209=15550 1kmN3201E4211=1088"; got != want || d.Total != 26089 {
		t.Errorf("%s, %d", got, d.Total)
	}
	// The parts of the town are those of the whole.
	west := one
	west.Area = "west"
	if d := pick(t, tx, west); d.Total != 9451+15550 {
		t.Errorf("west %d", d.Total)
	}
	all := one
	all.Concerns = nil
	if d := pick(t, tx, all); d.Total != 26089+15100 { // what was never observed keeps its rate
		t.Errorf("both %d", d.Total)
	}
	lines, err := demand.Compare(t.Context(), tx, "x")
	if err != nil || len(lines) != 2 || lines[0].Expected != 1510 || lines[0].Yearly != 26089 || lines[0].Observed.Weeks != 10 || lines[1].Observed != nil {
		t.Errorf("%+v %v", lines, err)
	}
}

// Whatever is secret, nobody is lost: each square kilometre keeps its sum.
func TestTotalsOfRealTowns(t *testing.T) {
	for _, c := range []struct {
		folder, file string
		people       int64
	}{
		{"guetersloh", "zensus2011_1km_stadt.csv", 97569},
		{"essen", "zensus2011_1km.csv", 0},
	} {
		b, err := os.ReadFile(filepath.Join(pgtest.Shared(t, c.folder), c.file))
		if err != nil {
			t.Fatal(err)
		}
		g, err := demand.Read(t.Context(), demand.Area{}, []demand.File{file(c.file, string(b))}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if g.Report.People == 0 || c.people > 0 && g.Report.People != c.people || len(g.Report.Groups) != 3 {
			t.Errorf("%s: %+v", c.folder, g.Report)
		}
		fine := "zensus2011_100m.csv"
		if c.folder == "guetersloh" {
			fine = "zensus2011_100m_stadt.csv"
		}
		hectares, err := os.ReadFile(filepath.Join(pgtest.Shared(t, c.folder), fine))
		if err != nil {
			t.Fatal(err)
		}
		both, err := demand.Read(t.Context(), demand.Area{}, []demand.File{file(fine, string(hectares)), file(c.file, string(b))}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := both.Report.People + both.Report.Estimated; got != g.Report.People {
			t.Errorf("%s: %d people in hectares, %d in square kilometres: %+v", c.folder, got, g.Report.People, both.Report)
		}
	}
}

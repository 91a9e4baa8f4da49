package api

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/stations/planning"
)

// tones is how many colours tell catchments apart; beyond, patterns do, too.
const tones = 12

// views of a result's map.
const (
	byCatchment = "catchment"
	byDemand    = "demand"
	byWay       = "way"
)

// canvas is the town laid out flat for drawings: x to the east, y to the south,
// in units of which the width is `wide`. One projection for pages and report:
// equirectangular around the middle, good to a pixel over a town.
type canvas struct {
	bounds  [4]float64 // CRS84
	wide    float64
	high    float64
	outline []orb.Ring
}

// canvasOf is a canvas of the town and of everything that is to be seen.
func (s *Server) canvasOf(ctx context.Context, cells []planning.CellFigure, wide float64) (canvas, error) {
	c := canvas{wide: wide}
	rings, err := s.townOutline(ctx)
	if err != nil {
		return c, err
	}
	c.outline = rings
	box := orb.MultiPoint{}.Bound()
	grow := func(p orb.Point) {
		if box.IsEmpty() || box.IsZero() {
			box = orb.Bound{Min: p, Max: p}
		}
		box = box.Extend(p)
	}
	for _, ring := range rings {
		for _, p := range ring {
			grow(p)
		}
	}
	for _, f := range cells {
		x, y := cellHalves(f)
		grow(orb.Point{f.Lon - x, f.Lat - y})
		grow(orb.Point{f.Lon + x, f.Lat + y})
	}
	margin := max(box.Max[0]-box.Min[0], 0.01) * 0.02
	c.bounds = [4]float64{box.Min[0] - margin, box.Min[1] - margin*0.62, box.Max[0] + margin, box.Max[1] + margin*0.62}
	c.high = math.Round(wide * (c.bounds[3] - c.bounds[1]) / (c.bounds[2] - c.bounds[0]) / c.squeeze())
	return c, nil
}

// squeeze is how much shorter a degree to the east is than one to the north.
func (c canvas) squeeze() float64 {
	return math.Cos((c.bounds[1] + c.bounds[3]) / 2 * math.Pi / 180)
}

func (c canvas) at(lon, lat float64) (x, y float64) {
	return (lon - c.bounds[0]) / (c.bounds[2] - c.bounds[0]) * c.wide, (c.bounds[3] - lat) / (c.bounds[3] - c.bounds[1]) * c.high
}

// townOutline is the border of the municipality, simplified to what a drawing
// shows.
func (s *Server) townOutline(ctx context.Context) ([]orb.Ring, error) {
	rows, err := s.Open.Query(ctx, `SELECT ST_Transform(ST_SimplifyPreserveTopology(ST_Union(_geom), 40), 4326)
		FROM open.municipality WHERE _until IS NULL HAVING count(*) > 0`)
	if err != nil {
		return nil, err
	}
	shapes, err := pgx.CollectRows(rows, pgx.RowTo[orb.Geometry])
	if notThere(err) {
		return []orb.Ring{}, nil
	}
	var rings []orb.Ring
	for _, shape := range shapes {
		switch g := shape.(type) {
		case orb.Polygon:
			rings = append(rings, g...)
		case orb.MultiPolygon:
			for _, polygon := range g {
				rings = append(rings, polygon...)
			}
		}
	}
	return rings, err
}

// cellHalves are half the sides of a cell in degrees. INSPIRE ids name the
// size. The squares of that grid lie turned by a degree or two: drawn upright
// they are a little larger, so that no gaps show between them.
func cellHalves(f planning.CellFigure) (lon, lat float64) {
	half := 51.0
	if strings.HasPrefix(f.ID, "1km") {
		half = 510
	}
	lat = half / 111_320
	return lat / math.Cos(f.Lat*math.Pi/180), lat
}

// path draws cells as squares.
func (c canvas) path(b *strings.Builder, f planning.CellFigure) {
	dx, dy := cellHalves(f)
	x, y := c.at(f.Lon-dx, f.Lat+dy)
	right, bottom := c.at(f.Lon+dx, f.Lat-dy)
	fmt.Fprintf(b, "M%.1f %.1fh%.1fv%.1fh-%.1fz", x, y, right-x, bottom-y, right-x)
}

func (c canvas) outlinePath() string {
	var b strings.Builder
	for _, ring := range c.outline {
		for i, p := range ring {
			x, y := c.at(p[0], p[1])
			command := "L"
			if i == 0 {
				command = "M"
			}
			fmt.Fprintf(&b, "%s%.1f %.1f", command, x, y)
		}
		b.WriteString("Z")
	}
	return b.String()
}

// siteNumbers are the numbers of open sites by id: as in the table, from 1.
func siteNumbers(sites []planning.SiteFigures) map[string]int {
	numbers := make(map[string]int, len(sites))
	for i, s := range sites {
		numbers[s.ID] = i + 1
	}
	return numbers
}

// limitsOf are the steps in which a view colours cells: five, so six colours.
// Times have the steps of the bars, demand has quantiles.
func limitsOf(view string, cells []planning.CellFigure) []float64 {
	if view == byWay {
		return []float64{300, 600, 900, 1200, 1800}
	}
	var weights []float64
	for _, f := range cells {
		if f.Weight > 0 {
			weights = append(weights, float64(f.Weight))
		}
	}
	slices.Sort(weights)
	var limits []float64
	for _, share := range []float64{0.2, 0.4, 0.6, 0.8, 0.95} {
		if len(weights) > 0 {
			limits = append(limits, weights[int(share*float64(len(weights)-1))])
		}
	}
	return slices.Compact(limits)
}

// stepOf is the first limit that v does not exceed.
func stepOf(v float64, limits []float64) int {
	i := slices.IndexFunc(limits, func(limit float64) bool { return v <= limit })
	if i < 0 {
		return len(limits)
	}
	return i
}

// classOf is how a cell is drawn: its class and pattern.
func classOf(view string, f planning.CellFigure, numbers map[string]int, limits []float64) (class, pattern string) {
	n := numbers[f.Site]
	switch {
	case view == byDemand:
		return fmt.Sprintf("cell step-%d", stepOf(float64(f.Weight), limits)), ""
	case n == 0:
		return "cell cell--none", ""
	case view == byWay:
		return fmt.Sprintf("cell step-%d", stepOf(f.Seconds, limits)), ""
	}
	return fmt.Sprintf("cell tone-%d", (n-1)%tones), patternOf(n)
}

func patternOf(n int) string {
	return []string{"", "hatch", "stripe"}[min((n-1)/tones, 2)]
}

// picture draws a result.
func (s *Server) picture(lang, id, view string, c canvas, m measured, sites []planning.SiteFigures, cells []planning.CellFigure) web.SitingMap {
	numbers := siteNumbers(sites)
	limits := limitsOf(view, cells)
	p := web.SitingMap{ID: id, ViewBox: fmt.Sprintf("0 0 %.0f %.0f", c.wide, c.high), Outline: c.outlinePath(),
		Title: i18n.Text(lang, "plan.picture", map[string]any{"what": i18n.Text(lang, "plan.view."+view, nil)})}
	paths := map[[2]string]*strings.Builder{}
	for _, f := range cells {
		class, pattern := classOf(view, f, numbers, limits)
		key := [2]string{class, pattern}
		if paths[key] == nil {
			paths[key] = &strings.Builder{}
		}
		c.path(paths[key], f)
	}
	keys := make([][2]string, 0, len(paths))
	for key := range paths {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b [2]string) int { return strings.Compare(a[0]+a[1], b[0]+b[1]) })
	for _, key := range keys {
		p.Areas = append(p.Areas, web.PlanArea{Class: key[0], Pattern: key[1], Path: paths[key].String()})
	}
	for i, site := range sites {
		x, y := c.at(site.Lon, site.Lat)
		p.Pins = append(p.Pins, web.PlanPin{X: fmt.Sprintf("%.1f", x), Y: fmt.Sprintf("%.1f", y), Label: fmt.Sprint(i + 1), Name: site.Name, Kind: "open"})
	}
	p.Legend = legendOf(lang, view, m, limits, slices.ContainsFunc(cells, func(f planning.CellFigure) bool { return numbers[f.Site] == 0 }))
	return p
}

func legendOf(lang, view string, m measured, limits []float64, nobody bool) []web.PlanLegend {
	var list []web.PlanLegend
	text := func(v float64) string {
		if view == byWay {
			return minutes(lang, v)
		}
		return m.people(int64(v))
	}
	if view != byCatchment && len(limits) > 0 {
		for i, limit := range limits {
			list = append(list, web.PlanLegend{Class: fmt.Sprintf("cell step-%d", i), Text: i18n.Text(lang, "plan.legend.upto", map[string]any{"to": text(limit)})})
		}
		list = append(list, web.PlanLegend{Class: fmt.Sprintf("cell step-%d", len(limits)), Text: i18n.Text(lang, "plan.legend.above", map[string]any{"from": text(limits[len(limits)-1])})})
	}
	if nobody && view != byDemand {
		list = append(list, web.PlanLegend{Class: "cell cell--none", Text: i18n.Text(lang, "plan.legend.nobody", nil)})
	}
	return list
}

// mapCells is what the island draws: see Data in src/planning_run.ts.
type mapCells struct {
	Cells  [][7]float64 `json:"cells"` // lon, lat, half a side in lon and lat, weight, index of the site or −1, seconds
	Sites  []mapSite    `json:"sites"`
	Demand []float64    `json:"demand,omitempty"`
	Ways   []float64    `json:"ways,omitempty"`
}

type mapSite struct {
	N        int     `json:"n"`
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Lon      float64 `json:"lon"`
	Lat      float64 `json:"lat"`
	Tone     int     `json:"tone"`
	Pattern  int     `json:"pattern"`
	Existing bool    `json:"existing"`
}

func mapData(d planning.Definition, sites []planning.SiteFigures, cells []planning.CellFigure) mapCells {
	m := mapCells{Cells: make([][7]float64, 0, len(cells)), Sites: []mapSite{}, Demand: limitsOf(byDemand, cells), Ways: limitsOf(byWay, cells)}
	numbers := siteNumbers(sites)
	for i, s := range sites {
		m.Sites = append(m.Sites, mapSite{N: i + 1, ID: s.ID, Name: s.Name, Lon: s.Lon, Lat: s.Lat, Tone: i % tones, Pattern: min(i/tones, 2), Existing: isExisting(d, s.ID)})
	}
	for _, f := range cells {
		dx, dy := cellHalves(f)
		m.Cells = append(m.Cells, [7]float64{short(f.Lon), short(f.Lat), short(dx), short(dy), float64(f.Weight), float64(numbers[f.Site] - 1), f.Seconds})
	}
	return m
}

func short(degrees float64) float64 { return math.Round(degrees*1e6) / 1e6 }

func isExisting(d planning.Definition, id string) bool {
	return slices.ContainsFunc(d.Candidates, func(c planning.Candidate) bool { return c.ID == id && c.Role == planning.Existing })
}

// planningMap answers /planung/lauf/{id}/karte.json.
func (s *Server) planningMap(w http.ResponseWriter, r *http.Request) error {
	run, err := s.visibleRun(w, r)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	m := mapCells{Cells: [][7]float64{}, Sites: []mapSite{}}
	if run.Result != nil {
		m = mapData(run.Definition, run.Result.Sites, run.Result.Cells)
	}
	return writeJSON(w, r, jsonMedia, m)
}

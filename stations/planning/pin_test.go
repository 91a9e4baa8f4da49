package planning_test

import (
	"math"
	"testing"

	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

func TestMovePin(t *testing.T) {
	pool := lineTown(t)
	d, _ := working(t, pool)
	r := ended(t, pool, start(t, pool, line(t, pool, instance.PMedian, 2), planning.Solve, planning.Question{}).ID)
	o := r.Result
	var c2 planning.SiteFigures
	for _, s := range o.Sites {
		if s.ID == "c2" {
			c2 = s
		}
	}
	still, err := d.MovePin(t.Context(), r.ID, "c2", c2.Lon, c2.Lat)
	must(t, err)
	if len(still.Cells) != 0 || still.Value != o.Value || math.Abs(still.Figures.Mean-o.Figures.Mean) > 1e-9 || still.Travel != o.Travel {
		t.Errorf("a pin that stays: %+v", still)
	}
	end := at(t, pool, 4200.5, 3202.5)
	moved, err := d.MovePin(t.Context(), r.ID, "c2", end[0], end[1])
	must(t, err)
	// 0+1+2+3 at the one, 3+2+1+0+1+2 … at the other: cell 4 goes over.
	if moved.Value <= o.Value || moved.Figures.Mean <= o.Figures.Mean || len(moved.Cells) == 0 || *moved.Figures.StepFree <= 0 {
		t.Errorf("moved: %+v", moved)
	}
	for _, c := range moved.Cells {
		if c.ID == "1kmN3202E4204" && c.Site != "c7" {
			t.Errorf("cell 4 goes to %s", c.Site)
		}
	}
	for name, c := range map[string]struct {
		run, site string
		lon, lat  float64
		key       string
	}{
		"not open":   {r.ID, "c3", end[0], end[1], "planning.no_such_site"},
		"no site":    {r.ID, "x", end[0], end[1], "planning.no_such_site"},
		"no run":     {"x", "c2", end[0], end[1], "planning.no_run"},
		"elsewhere":  {r.ID, "c2", 13.4, 52.5, "planning.candidate_outside"},
		"impossible": {r.ID, "c2", math.NaN(), 500, "planning.candidate_nowhere"},
	} {
		if _, err := d.MovePin(t.Context(), c.run, c.site, c.lon, c.lat); keyOf(err) != c.key {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package planning_test

import (
	"testing"

	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// TestWeek: two stations, each out for three half-days.
func TestWeek(t *testing.T) {
	pool := lineTown(t)
	working(t, pool)
	d := line(t, pool, instance.PMedian, 0)
	d.Weekly = &planning.Weekly{Stations: 2, HalfDays: 3, SessionCapacity: 30, Steerable: 50}
	r := ended(t, pool, start(t, pool, d, planning.Solve, planning.Question{}).ID)
	if r.State != planning.Done {
		t.Fatalf("%s %v", r.State, r.Error)
	}
	var served int64
	for _, s := range r.Result.Week {
		served += s.WalkIns + s.Booked
		if s.WalkIns+s.Booked > 30 || s.Day < 1 || s.Day > 5 || s.Half != "am" && s.Half != "pm" {
			t.Errorf("session %+v", s)
		}
	}
	if len(r.Result.Week) > 6 || served != 100 || r.Result.Status != proof.Optimal || len(r.Result.Cells) != 10 || r.Result.Figures.Served != 100*r.Result.Scale {
		t.Errorf("%d sessions, %d served, %+v", len(r.Result.Week), served, r.Result)
	}
	d.Weekly.SessionCapacity = 10 // six sessions for 60 of 100
	r = ended(t, pool, start(t, pool, d, planning.Solve, planning.Question{}).ID)
	if r.State != planning.NoAnswer || r.Error == nil {
		t.Errorf("%s %v", r.State, r.Error)
	}
}

package planning_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

func openIDs(o *planning.Outcome) []string {
	var ids []string
	for _, s := range o.Sites {
		ids = append(ids, s.ID)
	}
	slices.Sort(ids)
	return ids
}

// TestRun: the ten cells on a line, one kilometre apart: 1.3 km of way at
// 4.8 km/h are 975 seconds.
func TestRun(t *testing.T) {
	pool := lineTown(t)
	working(t, pool)
	cases := []struct {
		name   string
		kind   instance.Kind
		p      int
		radius int
		open   []string // nil: several choices are as good
		worth  func(o *planning.Outcome) bool
	}{
		{"p-median 1", instance.PMedian, 1, 0, nil, near(250)},
		{"p-median 2", instance.PMedian, 2, 0, []string{"c2", "c7"}, near(120)},
		{"covering", instance.MCLP, 2, 1100, nil, is(60)},
		{"set covering 2 km", instance.LSCP, 0, 2100, nil, is(2)},
		{"set covering 1 km", instance.LSCP, 0, 1100, nil, is(4)},
		{"center 4", instance.PCenter, 4, 0, nil, nil},
	}
	for _, c := range cases {
		d := line(t, pool, c.kind, c.p)
		d.Radius = c.radius
		r := ended(t, pool, start(t, pool, d, planning.Solve, planning.Question{}).ID)
		if r.State != planning.Done || r.Result.Status != proof.Optimal || r.Result.Value != r.Result.Bound {
			t.Errorf("%s: %s %v %+v", c.name, r.State, r.Error, r.Result)
			continue
		}
		if open := openIDs(r.Result); c.open != nil && !slices.Equal(open, c.open) {
			t.Errorf("%s: open %v, want %v", c.name, open, c.open)
		}
		if c.worth != nil && !c.worth(r.Result) {
			t.Errorf("%s: value %d", c.name, r.Result.Value)
		}
		verify(t, pool, r)
	}
}

// near compares person-kilometres as the crow flies; the grid's projection
// stretches a little.
func near(want float64) func(*planning.Outcome) bool {
	return func(o *planning.Outcome) bool {
		km := float64(o.Value) / float64(o.Scale) / 9750
		return km > want*0.98 && km < want*1.02
	}
}

func is(want int64) func(*planning.Outcome) bool {
	return func(o *planning.Outcome) bool {
		if o.Unit == "people" {
			return o.Value == want*o.Scale
		}
		return o.Value == want
	}
}

// verify checks the files of a run as a stranger would.
func verify(t *testing.T, pool *pgxpool.Pool, r planning.Run) {
	t.Helper()
	file, sum, err := planning.CertificateFile(t.Context(), pool, r.ID)
	must(t, err)
	f, err := proof.ReadFile(bytes.NewReader(file), "certificate")
	must(t, err)
	must(t, f.Check())
	if f.Problem.Hash() != sum || sum != r.InputsHash {
		t.Errorf("the certificate is about %s, the run about %s", f.Problem.Hash(), r.InputsHash)
	}
	if f.Certificate.Value != r.Result.Value {
		t.Errorf("certified %d, told %d", f.Certificate.Value, r.Result.Value)
	}
}

// TestRunFigures: what planners read of p-median 2.
func TestRunFigures(t *testing.T) {
	pool := lineTown(t)
	working(t, pool)
	d := line(t, pool, instance.PMedian, 2)
	d.Candidates[0].Role = planning.Existing
	d.Candidates[9].Role = planning.Forbidden
	r := ended(t, pool, start(t, pool, d, planning.Solve, planning.Question{}).ID)
	o := r.Result
	if r.State != planning.Done || o == nil {
		t.Fatalf("%s %v", r.State, r.Error)
	}
	if len(o.Sites) != 3 || openIDs(o)[0] != "c0" || o.Today == nil || o.Today.Mean <= o.Figures.Mean {
		t.Errorf("existing site: %v, today %+v, then %+v", openIDs(o), o.Today, o.Figures)
	}
	if len(o.Cells) != 10 || !slices.IsSortedFunc(o.Cells, func(a, b planning.CellFigure) int { return bytes.Compare([]byte(a.ID), []byte(b.ID)) }) {
		t.Errorf("cells: %+v", o.Cells)
	}
	if o.Basis != "straight_line" || o.Travel == "" || o.Demand.Source != "Zensus" || o.Demand.Attribution != "Amt" || len(o.Demand.SHA256) != 64 {
		t.Errorf("basis %q %q, demand %+v", o.Basis, o.Travel, o.Demand)
	}
	if o.Figures.StepFree == nil || o.Figures.Served != 100*o.Scale {
		t.Errorf("figures %+v", o.Figures)
	}
}

// TestRunIsReproducible: the same question gives the same bytes.
func TestRunIsReproducible(t *testing.T) {
	pool := lineTown(t)
	working(t, pool)
	var before []byte
	for range 2 {
		r := ended(t, pool, start(t, pool, line(t, pool, instance.PMedian, 3), planning.Stability, planning.Question{Draws: 5, Seed: 7}).ID)
		r.Result.Seconds = 0
		text, err := json.Marshal(r.Result)
		must(t, err)
		if before != nil && !bytes.Equal(before, text) {
			t.Errorf("differs:\n%s\n%s", before, text)
		}
		before = text
	}
}

func TestCurve(t *testing.T) {
	pool := lineTown(t)
	working(t, pool)
	r := ended(t, pool, start(t, pool, line(t, pool, instance.PMedian, 2), planning.Curve, planning.Question{From: 1, To: 10}).ID)
	c := r.Result.Curve
	if len(c) != 10 || c[9].Value != 0 || c[1].Value != r.Result.Value || r.Progress.Share != 1 {
		t.Fatalf("curve %+v", c)
	}
	for k := 1; k < len(c); k++ {
		if c[k].Gain != c[k-1].Value-c[k].Value || c[k].Gain < 0 || c[k].Status != proof.Optimal || len(c[k].Open) != k+1 {
			t.Errorf("point %+v", c[k])
		}
	}
}

func TestPrice(t *testing.T) {
	pool := lineTown(t)
	working(t, pool)
	r := ended(t, pool, start(t, pool, line(t, pool, instance.PMedian, 2), planning.Price, planning.Question{Site: "c0"}).ID)
	p := r.Result.Price
	// Forced at the end of the line, the other stands at 6: 0+1+2+3+3 and 2+1+0+1+2+3.
	if p == nil || p.Site != "c0" || p.Loss != p.Forced-p.Best || !p.Proven || p.Instead != "c2" || p.Percent < 24 || p.Percent > 26 {
		t.Errorf("price %+v", p)
	}
	r = ended(t, pool, start(t, pool, line(t, pool, instance.PMedian, 2), planning.Price, planning.Question{Site: "c7"}).ID)
	if p := r.Result.Price; p == nil || p.Loss != 0 || p.Instead != "" {
		t.Errorf("chosen anyway: %+v", p)
	}
}

func TestStability(t *testing.T) {
	pool := lineTown(t)
	working(t, pool)
	r := ended(t, pool, start(t, pool, line(t, pool, instance.PMedian, 2), planning.Stability, planning.Question{Draws: 20, Seed: 1}).ID)
	o := r.Result
	sum := 0.0
	for _, c := range o.Stability {
		sum += c.Share
	}
	if o.Draws != 20 || sum < 1.99 || sum > 2.01 || o.Stability[0].Share < 0.5 {
		t.Errorf("%d draws: %+v", o.Draws, o.Stability)
	}
}

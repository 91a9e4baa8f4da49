package planning

import (
	"math"
	"testing"

	"github.com/ortsnah/ortsnah"
)

// TestPoissonBand holds the band against the sums of the distribution itself,
// worked out another way.
func TestPoissonBand(t *testing.T) {
	upTo := func(k int, mean float64) float64 { // logarithms: no underflow
		sum := 0.0
		for i := 0; i <= k; i++ {
			gamma, _ := math.Lgamma(float64(i) + 1)
			sum += math.Exp(float64(i)*math.Log(mean) - mean - gamma)
		}
		return sum
	}
	for _, mean := range []float64{0.01, 0.5, 1, 3, 10, 18.5, 74, 250, 499, 500} {
		low, high := poissonBand(mean)
		if low > mean || high < mean-1 {
			t.Errorf("%v: the band %v to %v is beside the mean", mean, low, high)
		}
		if upTo(int(low), mean) < 0.025-1e-9 || low > 0 && upTo(int(low)-1, mean) >= 0.025+1e-9 {
			t.Errorf("%v: low %v", mean, low)
		}
		if upTo(int(high), mean) < 0.975-1e-9 || high > 0 && upTo(int(high)-1, mean) >= 0.975+1e-9 {
			t.Errorf("%v: high %v", mean, high)
		}
	}
	exactLow, exactHigh := poissonBand(largeMean)
	nearLow, nearHigh := poissonBand(largeMean + 1e-9)
	if math.Abs(exactLow-nearLow) > 2 || math.Abs(exactHigh-nearHigh) > 2 {
		t.Errorf("where the normal distribution begins: %v %v, %v %v", exactLow, exactHigh, nearLow, nearHigh)
	}
}

func TestObserve(t *testing.T) {
	p := Phase{Targets: []Target{{"a", 10}, {"b", 10}, {"c", 10}, {"d", 10}}}
	day := func(stop string, came int) CountedDay {
		return CountedDay{Stop: stop, Appointments: came - came/2, WalkIns: came / 2, NoShows: 3}
	}
	got := p.Observe([]CountedDay{day("a", 9), day("a", 12), day("b", 3), day("b", 2), day("c", 40), day("x", 99)})
	for i, want := range []struct {
		days    int
		mean    float64
		verdict Verdict
	}{{2, 10.5, Inside}, {2, 2.5, Below}, {1, 40, Above}, {0, 0, Uncount}} {
		if got[i].Days != want.days || got[i].Mean != want.mean || got[i].Verdict != want.verdict {
			t.Errorf("%+v, want %+v", got[i], want)
		}
	}
	if got[0].High-got[0].Low >= got[3].High-got[3].Low {
		t.Error("more days do not make the band narrower")
	}
}

func TestPhaseCheck(t *testing.T) {
	if err := (&Phase{}).check(); ortsnah.KindOf(err) != ortsnah.Invalid {
		t.Error(err)
	}
}

func TestExpected(t *testing.T) {
	r := Run{Definition: Definition{Demand: Demand{Measure: "visits"}}, Result: &Outcome{Scale: 100, Sites: []SiteFigures{
		{ID: "stop:markt", Weight: 520_000}, {ID: "stop:fern", Weight: 100}, {ID: "drawn:1", Weight: 100}}}}
	got := r.Expected(map[string]float64{"markt": 52, "1": 3})
	if len(got) != 1 || got["markt"] != 100 {
		t.Error(got)
	}
	r.Definition.Demand.Measure = "people"
	if len(r.Expected(map[string]float64{"markt": 52})) != 0 {
		t.Error("people are no visits")
	}
}

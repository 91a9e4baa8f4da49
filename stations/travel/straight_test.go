package travel_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/travel"
)

// A minute of arc on a meridian is 1853.25 m on the sphere of 6371008.8 m.
var (
	here  = orb.Point{8.38, 51.9}
	there = orb.Point{8.38, 51.9 + 1.0/60}
)

func TestStraight(t *testing.T) {
	s := &travel.Straight{}
	for _, c := range []struct {
		profile travel.Profile
		want    int32 // 1853.25 m × detour ÷ speed
	}{{travel.Walk, 18069}, {travel.Bike, 5782}, {travel.Car, 3113}} {
		got, err := s.From(t.Context(), c.profile, here, []orb.Point{there, here, {9.5, 51.9}}, 20000)
		if err != nil {
			t.Fatal(err)
		}
		want := []int32{c.want, 0, travel.Unreachable}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", c.profile, diff)
		}
	}
	if s.Basis() != travel.StraightLine || s.Demo() || s.Attribution() != "" {
		t.Error("a straight line says what it is")
	}
}

func TestStraightMatrix(t *testing.T) {
	s := &travel.Straight{}
	m, err := s.Matrix(t.Context(), travel.Walk, []orb.Point{here, there}, []orb.Point{there, here, there}, 18069)
	if err != nil {
		t.Fatal(err)
	}
	want := instance.Matrix{Row: []int64{0, 3, 6}, Site: []int32{1, 0, 2, 0, 2, 1}, Cost: []int32{0, 18069, 18069, 0, 0, 18069}}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Error(diff)
	}
	m, err = s.Matrix(t.Context(), travel.Walk, []orb.Point{here, there}, []orb.Point{there}, 18068)
	if err != nil || len(m.Site) != 1 {
		t.Errorf("one decisecond less leaves one pair, not %v, %v", m, err)
	}
	far, err := s.Matrix(t.Context(), travel.Walk, []orb.Point{here}, []orb.Point{{-171.62, -51.9}}, 0)
	if err != nil || len(far.Cost) != 1 || far.Cost[0] < 190e6 {
		t.Errorf("without a cut-off the other end of the world is reached: %v, %v", far, err)
	}
}

func TestBadQuestions(t *testing.T) {
	s := &travel.Straight{}
	for name, c := range map[string]struct {
		profile travel.Profile
		from    orb.Point
		cutoff  int32
	}{
		"travel.unknown_profile": {"hovercraft", here, 0},
		"travel.bad_place":       {travel.Walk, orb.Point{math.NaN(), 51}, 0},
		"travel.bad_cutoff":      {travel.Walk, here, -1},
	} {
		_, err := s.From(t.Context(), c.profile, c.from, []orb.Point{there}, c.cutoff)
		if e, ok := errors.AsType[*ortsnah.Error](err); !ok || e.Key != name || e.Kind != ortsnah.Invalid {
			t.Errorf("%s: got %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Matrix(ctx, travel.Walk, []orb.Point{here}, []orb.Point{there}, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled question ends: %v", err)
	}
}

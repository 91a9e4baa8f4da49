package travel

import (
	"testing"
	"time"
)

func TestUses(t *testing.T) {
	both := func(v float64) speeds { return speeds{v, v} }
	none := speeds{}
	for _, c := range []struct {
		name string
		tags []string
		want uses
	}{
		{"residential", []string{"highway", "residential"}, uses{both(4.8), both(15), both(25)}},
		{"limit in town", []string{"highway", "residential", "maxspeed", "30"}, uses{both(4.8), both(15), both(24)}},
		{"limits by direction", []string{"highway", "primary", "maxspeed", "50", "maxspeed:backward", "30"}, uses{both(4.8), both(15), {40, 24}}},
		{"unusable limit", []string{"highway", "primary", "maxspeed", "signals"}, uses{both(4.8), both(15), both(65)}},
		{"motorway", []string{"highway", "motorway"}, uses{none, none, {90, 0}}},
		{"trunk", []string{"highway", "trunk"}, uses{none, none, both(85)}},
		{"motor road", []string{"highway", "primary", "motorroad", "yes"}, uses{none, none, both(65)}},
		{"footway: bicycles are pushed", []string{"highway", "footway"}, uses{both(4.8), both(4), none}},
		{"footway open to bicycles", []string{"highway", "footway", "bicycle", "yes"}, uses{both(4.8), both(15), none}},
		{"dismount", []string{"highway", "path", "bicycle", "dismount"}, uses{both(4.8), both(4), none}},
		{"steps", []string{"highway", "steps"}, uses{both(2.4), both(1.2), none}},
		{"cycleway", []string{"highway", "cycleway", "foot", "no"}, uses{none, both(15), none}},
		{"track", []string{"highway", "track", "surface", "gravel"}, uses{both(4.8), both(8), none}},
		{"track open to cars", []string{"highway", "track", "motor_vehicle", "yes"}, uses{both(4.8), both(12), both(15)}},
		{"track for farming", []string{"highway", "track", "motor_vehicle", "agricultural"}, uses{both(4.8), both(12), none}},
		{"private", []string{"highway", "service", "access", "private"}, uses{}},
		{"private, but for walkers", []string{"highway", "service", "access", "private", "foot", "permissive"}, uses{both(4.8), both(4), none}},
		{"no vehicles: bicycles are pushed", []string{"highway", "residential", "vehicle", "no"}, uses{both(4.8), both(4), none}},
		{"no vehicles but bicycles", []string{"highway", "residential", "vehicle", "no", "bicycle", "yes"}, uses{both(4.8), both(15), none}},
		{"no cars", []string{"highway", "residential", "motor_vehicle", "no"}, uses{both(4.8), both(15), none}},
		{"residents only", []string{"highway", "residential", "motor_vehicle", "destination"}, uses{both(4.8), both(15), both(25)}},
		{"use the path beside", []string{"highway", "secondary", "bicycle", "use_sidepath", "foot", "use_sidepath"}, uses{none, none, both(55)}},
		{"one-way: pushed against it", []string{"highway", "residential", "oneway", "yes"}, uses{both(4.8), {15, 4}, {25, 0}}},
		{"one-way the other way", []string{"highway", "residential", "oneway", "-1"}, uses{both(4.8), {4, 15}, {0, 25}}},
		{"one-way with contraflow", []string{"highway", "residential", "oneway", "yes", "oneway:bicycle", "no"}, uses{both(4.8), both(15), {25, 0}}},
		{"one-way with contraflow, older", []string{"highway", "residential", "oneway", "yes", "cycleway", "opposite_lane"}, uses{both(4.8), both(15), {25, 0}}},
		{"one-way with a two-way lane", []string{"highway", "residential", "oneway", "yes", "cycleway:left", "lane", "cycleway:left:oneway", "no"}, uses{both(4.8), both(15), {25, 0}}},
		{"roundabout", []string{"highway", "tertiary", "junction", "roundabout"}, uses{both(4.8), {15, 4}, {40, 0}}},
		{"roundabout for walkers too", []string{"highway", "footway", "oneway:foot", "yes"}, uses{{4.8, 0}, {4, 0}, none}},
		{"changing direction", []string{"highway", "residential", "oneway", "alternating"}, uses{both(4.8), both(4), none}},
		{"under construction", []string{"highway", "construction"}, uses{}},
		{"a building", []string{"building", "yes"}, uses{}},
		{"ferry", []string{"route", "ferry"}, uses{both(5), both(5), none}},
		{"car ferry", []string{"route", "ferry", "motor_vehicle", "yes", "foot", "no"}, uses{none, both(5), both(5)}},
	} {
		if got := usesOf(tagged(c.tags...)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestBlocks(t *testing.T) {
	for _, c := range []struct {
		tags []string
		want [3]bool
	}{
		{nil, [3]bool{}},
		{[]string{"barrier", "no"}, [3]bool{}},
		{[]string{"barrier", "bollard"}, [3]bool{false, false, true}},
		{[]string{"barrier", "bollard", "motor_vehicle", "yes"}, [3]bool{}},
		{[]string{"barrier", "gate"}, [3]bool{}},
		{[]string{"barrier", "gate", "locked", "yes"}, [3]bool{true, true, true}},
		{[]string{"barrier", "gate", "access", "private"}, [3]bool{true, true, true}},
		{[]string{"barrier", "gate", "access", "no", "foot", "yes"}, [3]bool{false, true, true}},
		{[]string{"barrier", "lift_gate", "motor_vehicle", "private"}, [3]bool{false, false, true}},
		{[]string{"barrier", "cycle_barrier"}, [3]bool{false, false, true}},
		{[]string{"barrier", "kissing_gate"}, [3]bool{false, true, true}},
		{[]string{"barrier", "wall"}, [3]bool{true, true, true}},
	} {
		if got := blocks(tagged(c.tags...)); got != c.want {
			t.Errorf("%v: %v, want %v", c.tags, got, c.want)
		}
	}
}

func TestSpeedLimit(t *testing.T) {
	for text, want := range map[string]float64{"50": 50, " 50 ": 50, "50 km/h": 50, "30 mph": 48.28032, "30mph": 48.28032, "DE:urban": 50,
		"DE:rural": 100, "DE:zone:30": 30, "walk": 7, "none": 130, "50;30": 50,
		"": 0, "signals": 0, "variable": 0, "0": 0, "-5": 0, "NaN": 0, "1e9": 0, "fast": 0} {
		if got := speedLimit(text); got < want-1e-9 || got > want+1e-9 {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestCrossing(t *testing.T) {
	for text, want := range map[string]time.Duration{"0:10": 10 * time.Minute, "1:30": 90 * time.Minute, "PT20M": 20 * time.Minute, "PT1H5M": 65 * time.Minute,
		"15": 15 * time.Minute, "": 0, "soon": 0, "-1:00": 0, "PT": 0, "99:00": 0} {
		if got := crossing(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

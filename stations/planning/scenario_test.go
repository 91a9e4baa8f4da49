package planning_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
	"github.com/ortsnah/ortsnah/stations"
	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

func lineTx(t *testing.T) pgx.Tx {
	t.Helper()
	tx := pgtest.Tx(t, stations.Migrations())
	build(t, tx, 10)
	return tx
}

func keyOf(err error) string {
	if e, ok := errors.AsType[*ortsnah.Error](err); ok {
		return e.Key
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestScenarios(t *testing.T) {
	tx := lineTx(t)
	ctx := t.Context()
	d := line(t, tx, instance.MCLP, 2)
	d.Radius, d.Demand.Groups = 900, map[string]int{"65_plus": 200}
	s := draft(t, tx, d)
	if s.Revision != 1 || s.Author != "Planerin" || s.ID == "" {
		t.Errorf("%+v", s)
	}
	s.Definition.P = 3
	second, err := planning.Revise(ctx, tx, clock(), s)
	must(t, err)
	if second.Revision != 2 || second.Definition.P != 3 {
		t.Errorf("%+v", second)
	}
	s.Name = "zu spät"
	if _, err := planning.Revise(ctx, tx, clock(), s); keyOf(err) != "planning.changed_meanwhile" || ortsnah.KindOf(err) != ortsnah.Conflict {
		t.Errorf("older revision: %v", err)
	}
	found, err := planning.FindScenario(ctx, tx, s.ID)
	must(t, err)
	if diff := cmp.Diff(second, found); diff != "" {
		t.Error(diff)
	}
	copied, err := planning.Copy(ctx, tx, clock(), s.ID, "Kopie", "Andere")
	must(t, err)
	if copied.ID == s.ID || copied.Definition.P != 3 || copied.Author != "Andere" || copied.Revision != 1 {
		t.Errorf("%+v", copied)
	}
	must(t, planning.Archive(ctx, tx, clock(), s.ID))
	all, err := planning.Scenarios(ctx, tx)
	must(t, err)
	if len(all) != 1 || all[0].ID != copied.ID {
		t.Errorf("after archiving: %+v", all)
	}
	if _, err := planning.FindScenario(ctx, tx, s.ID); err != nil {
		t.Errorf("an archived scenario: %v", err)
	}
	for _, id := range []string{"", "x", "00000000-0000-0000-0000-000000000000", "'; DROP TABLE stations.run; --"} {
		if _, err := planning.FindScenario(ctx, tx, id); keyOf(err) != "planning.no_scenario" {
			t.Errorf("%q: %v", id, err)
		}
		if _, err := planning.FindRun(ctx, tx, id); keyOf(err) != "planning.no_run" {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// TestUnfinishedScenario: work is kept before it makes sense.
func TestUnfinishedScenario(t *testing.T) {
	tx := lineTx(t)
	s, err := planning.Draft(t.Context(), tx, clock(), planning.Scenario{Name: " Erste Gedanken "})
	must(t, err)
	if s.Name != "Erste Gedanken" {
		t.Errorf("name %q", s.Name)
	}
	if _, err := planning.Start(t.Context(), tx, clock(), s.ID, planning.Solve, planning.Question{}); keyOf(err) != "planning.no_source" {
		t.Errorf("%v", err)
	}
}

// TestBadDefinitions: what cannot be kept, and what can be kept but not run.
func TestBadDefinitions(t *testing.T) {
	tx := lineTx(t)
	type change = func(d *planning.Definition)
	for name, c := range map[string]struct {
		change change
		key    string
		kept   bool
	}{
		"duplicate ids":         {func(d *planning.Definition) { d.Candidates[3].ID = "c4" }, "planning.candidate_twice", false},
		"no id":                 {func(d *planning.Definition) { d.Candidates[3].ID = "" }, "planning.bad_candidate", false},
		"zero byte":             {func(d *planning.Definition) { d.Candidates[3].Name = "a\x00" }, "planning.bad_candidate", false},
		"unknown role":          {func(d *planning.Definition) { d.Candidates[3].Role = "king" }, "planning.unknown_role", false},
		"nowhere":               {func(d *planning.Definition) { d.Candidates[3].Lat = 91 }, "planning.candidate_nowhere", false},
		"not a number":          {func(d *planning.Definition) { d.Candidates[3].Lon = math.NaN() }, "planning.candidate_nowhere", false},
		"negative capacity":     {func(d *planning.Definition) { d.Candidates[3].Capacity = -1 }, "planning.out_of_bounds", false},
		"negative weight":       {func(d *planning.Definition) { d.Demand.Groups = map[string]int{"65_plus": -1} }, "planning.out_of_bounds", false},
		"negative p":            {func(d *planning.Definition) { d.P = -1 }, "planning.out_of_bounds", false},
		"unknown profile":       {func(d *planning.Definition) { d.Profile = "broom" }, "planning.unknown_profile", false},
		"unknown objective":     {func(d *planning.Definition) { d.Objective = "luck" }, "planning.unknown_objective", false},
		"unknown measure":       {func(d *planning.Definition) { d.Demand.Measure = "euro" }, "planning.unknown_measure", false},
		"no such day":           {func(d *planning.Definition) { d.Day = "2026-02-30" }, "planning.bad_day", false},
		"too long":              {func(d *planning.Definition) { d.Seconds = 1e6 }, "planning.out_of_bounds", false},
		"eleven half-days":      {func(d *planning.Definition) { d.Weekly = &planning.Weekly{HalfDays: 11} }, "planning.out_of_bounds", false},
		"no candidate":          {func(d *planning.Definition) { d.Candidates = nil }, "planning.no_candidates", true},
		"all forbidden":         {roles(planning.Forbidden, 10), "planning.all_forbidden", true},
		"p above candidates":    {func(d *planning.Definition) { d.P = 11 }, "planning.p_above_candidates", true},
		"p above free ones":     {func(d *planning.Definition) { roles(planning.Forbidden, 9)(d) }, "planning.p_above_candidates", true},
		"too many required":     {roles(planning.Required, 3), "planning.too_many_required", true},
		"no p":                  {func(d *planning.Definition) { d.P = 0 }, "planning.no_p", true},
		"no radius":             {func(d *planning.Definition) { d.Objective = instance.MCLP }, "planning.no_radius", true},
		"no capacity":           {func(d *planning.Definition) { d.Objective = instance.Capacitated }, "planning.no_capacity", true},
		"no objective":          {func(d *planning.Definition) { d.Objective = "" }, "planning.no_objective", true},
		"no profile":            {func(d *planning.Definition) { d.Profile = "" }, "planning.no_profile", true},
		"no measure":            {func(d *planning.Definition) { d.Demand.Measure = "" }, "planning.no_measure", true},
		"unknown source":        {func(d *planning.Definition) { d.Demand.Source = "atlantis" }, "planning.unknown_source", true},
		"outside the town":      {func(d *planning.Definition) { d.Candidates[0].Lon += 1 }, "planning.candidate_outside", true},
		"swapped":               {func(d *planning.Definition) { c := &d.Candidates[0]; c.Lon, c.Lat = c.Lat, c.Lon }, "planning.candidate_outside", true},
		"week without capacity": {func(d *planning.Definition) { d.Weekly = &planning.Weekly{Stations: 1, HalfDays: 1} }, "planning.no_session_capacity", true},
	} {
		d := line(t, tx, instance.PMedian, 2)
		c.change(&d)
		s, err := planning.Draft(t.Context(), tx, clock(), planning.Scenario{Name: name, Definition: d})
		if c.kept && err == nil {
			_, err = planning.Start(t.Context(), tx, clock(), s.ID, planning.Solve, planning.Question{})
		} else if c.kept {
			t.Errorf("%s is not kept: %v", name, err)
		}
		if keyOf(err) != c.key || ortsnah.KindOf(err) != ortsnah.Invalid {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
	}
	if _, err := planning.Draft(t.Context(), tx, clock(), planning.Scenario{Name: "  "}); keyOf(err) != "planning.bad_name" {
		t.Errorf("no name: %v", err)
	}
	if _, err := planning.Draft(t.Context(), tx, clock(), planning.Scenario{Name: strings.Repeat("ä", 201)}); keyOf(err) != "planning.bad_name" {
		t.Errorf("long name: %v", err)
	}
}

func roles(r planning.Role, n int) func(*planning.Definition) {
	return func(d *planning.Definition) {
		for i := range d.Candidates[:n] {
			d.Candidates[i].Role = r
		}
	}
}

func TestBadQuestions(t *testing.T) {
	tx := lineTx(t)
	median := line(t, tx, instance.PMedian, 2)
	median.Candidates[0].Role, median.Candidates[1].Role = planning.Required, planning.Existing
	full := line(t, tx, instance.PMedian, 1)
	full.Candidates[0].Role = planning.Required
	cover := line(t, tx, instance.LSCP, 0)
	cover.Radius = 2000
	for _, c := range []struct {
		d       planning.Definition
		purpose planning.Purpose
		q       planning.Question
		key     string
	}{
		{median, "wish", planning.Question{}, "planning.unknown_purpose"},
		{median, planning.Price, planning.Question{}, "planning.no_such_site"},
		{median, planning.Price, planning.Question{Site: "c0"}, "planning.stands_anyway"},
		{median, planning.Price, planning.Question{Site: "c1"}, "planning.stands_anyway"},
		{full, planning.Price, planning.Question{Site: "c5"}, "planning.no_room_to_force"},
		{cover, planning.Curve, planning.Question{}, "planning.curve_needs_p"},
		{median, planning.Curve, planning.Question{From: 3, To: 2}, "planning.bad_curve"},
		{median, planning.Curve, planning.Question{From: 1, To: 10}, "planning.bad_curve"},
		{median, planning.Stability, planning.Question{Draws: 1000}, "planning.out_of_bounds"},
		{median, planning.Stability, planning.Question{Draws: -1}, "planning.out_of_bounds"},
		{median, planning.Price, planning.Question{Site: "c5"}, ""},
		{cover, planning.Price, planning.Question{Site: "c5"}, ""},
		{median, planning.Curve, planning.Question{}, ""},
		{median, "", planning.Question{}, ""},
	} {
		_, err := planning.Start(t.Context(), tx, clock(), draft(t, tx, c.d).ID, c.purpose, c.q)
		if keyOf(err) != c.key {
			t.Errorf("%s %+v: %v, want %q", c.purpose, c.q, err, c.key)
		}
	}
	all, err := planning.Runs(t.Context(), tx, planning.RunFilter{})
	must(t, err)
	if len(all) != 4 || slices.ContainsFunc(all, func(r planning.Run) bool { return len(r.Definition.Candidates) > 0 }) {
		t.Errorf("%d runs", len(all))
	}
}

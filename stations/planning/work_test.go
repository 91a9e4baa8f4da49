package planning_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

// held keeps runs in their first step until release: they wait for a table.
func held(t *testing.T, pool *pgxpool.Pool) (release func()) {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	must(t, err)
	_, err = tx.Exec(t.Context(), `LOCK TABLE stations.census_cell IN ACCESS EXCLUSIVE MODE`)
	must(t, err)
	release = func() { _ = tx.Rollback(context.Background()) } // twice is once
	t.Cleanup(release)
	return release
}

func isRunning(r planning.Run) bool { return r.State == planning.Running }

// TestTwoDesks: every run is worked on once.
func TestTwoDesks(t *testing.T) {
	pool := lineTown(t)
	d := line(t, pool, instance.PMedian, 2)
	var ids []string
	for range 8 {
		ids = append(ids, start(t, pool, d, planning.Solve, planning.Question{}).ID)
	}
	working(t, pool)
	working(t, pool)
	for _, id := range ids {
		if r := ended(t, pool, id); r.State != planning.Done {
			t.Errorf("%s: %v", r.State, r.Error)
		}
	}
	var attempts int
	must(t, pool.QueryRow(t.Context(), `SELECT sum(attempts) FROM stations.run`).Scan(&attempts))
	if attempts != len(ids) {
		t.Errorf("%d attempts at %d runs", attempts, len(ids))
	}
}

// TestDismiss: a run ends wherever it is; one that waits never begins.
func TestDismiss(t *testing.T) {
	pool := lineTown(t)
	release := held(t, pool)
	working(t, pool)
	d := line(t, pool, instance.PMedian, 2)
	first := start(t, pool, d, planning.Solve, planning.Question{})
	until(t, pool, first.ID, isRunning)
	second := start(t, pool, d, planning.Solve, planning.Question{})
	for _, r := range []planning.Run{second, first} {
		r, err := planning.Dismiss(t.Context(), pool, clock(), r.ID)
		must(t, err)
		if r.State != planning.Dismissed || r.EndedAt == nil {
			t.Errorf("dismissed: %s", r.State)
		}
	}
	// The desk is free although the table still is not.
	third := start(t, pool, d, planning.Solve, planning.Question{})
	until(t, pool, third.ID, isRunning)
	release()
	if r := ended(t, pool, third.ID); r.State != planning.Done {
		t.Errorf("%s %v", r.State, r.Error)
	}
	for _, id := range []string{first.ID, second.ID} {
		r, err := planning.Dismiss(t.Context(), pool, clock(), id)
		must(t, err)
		if r.State != planning.Dismissed || r.Result != nil {
			t.Errorf("dismissed twice: %+v", r)
		}
	}
}

// TestDeskEnds: the run of an instance that ends goes back and is finished by
// another one.
func TestDeskEnds(t *testing.T) {
	pool := lineTown(t)
	release := held(t, pool)
	_, stop := working(t, pool)
	r := start(t, pool, line(t, pool, instance.PMedian, 2), planning.Solve, planning.Question{})
	until(t, pool, r.ID, isRunning)
	stop()
	if r, _ := planning.FindRun(t.Context(), pool, r.ID); r.State != planning.Queued {
		t.Fatalf("after the end of its desk the run is %s", r.State)
	}
	release()
	working(t, pool)
	if r := ended(t, pool, r.ID); r.State != planning.Done || r.Result.Value == 0 {
		t.Errorf("%s %v", r.State, r.Error)
	}
}

// TestDeskDies: a run without signs of life is taken up; one that was taken up
// too often is not.
func TestDeskDies(t *testing.T) {
	pool := lineTown(t)
	d := line(t, pool, instance.PMedian, 2)
	once, often := start(t, pool, d, planning.Solve, planning.Question{}), start(t, pool, d, planning.Solve, planning.Question{})
	for id, attempts := range map[string]int{once.ID: 1, often.ID: 3} {
		_, err := pool.Exec(t.Context(), `UPDATE stations.run SET state = 'running', worker = gen_random_uuid(), attempts = $2,
			started_at = $3, alive_at = clock_timestamp() - interval '1 minute' WHERE id = $1`, id, attempts, clock())
		must(t, err)
	}
	working(t, pool)
	if r := ended(t, pool, once.ID); r.State != planning.Done {
		t.Errorf("%s %v", r.State, r.Error)
	}
	if r := ended(t, pool, often.ID); r.State != planning.Failed || r.Error.Key != "planning.gave_up" {
		t.Errorf("%s %v", r.State, r.Error)
	}
}

// TestDeskThoughtDead: an instance that comes back after another has taken its
// run over writes nothing into it.
func TestDeskThoughtDead(t *testing.T) {
	pool := lineTown(t)
	release := held(t, pool)
	working(t, pool)
	r := start(t, pool, line(t, pool, instance.PMedian, 2), planning.Solve, planning.Question{})
	until(t, pool, r.ID, isRunning)
	_, err := pool.Exec(t.Context(), `UPDATE stations.run SET worker = gen_random_uuid(), alive_at = clock_timestamp() + interval '1 hour' WHERE id = $1`, r.ID)
	must(t, err)
	other := start(t, pool, line(t, pool, instance.PMedian, 1), planning.Solve, planning.Question{})
	until(t, pool, other.ID, isRunning) // the desk has noticed that the first is not its own
	release()
	ended(t, pool, other.ID)
	if r, _ := planning.FindRun(t.Context(), pool, r.ID); r.State != planning.Running || r.Result != nil {
		t.Errorf("written by the one thought dead: %s", r.State)
	}
}

// TestEvents: numbered from 1 without a gap, the last one is the end.
func TestEvents(t *testing.T) {
	pool := lineTown(t)
	d, _ := working(t, pool)
	changed, stop := d.Watch("")
	stop()
	r := start(t, pool, line(t, pool, instance.PMedian, 2), planning.Curve, planning.Question{})
	changed, stop = d.Watch(r.ID)
	defer stop()
	select {
	case <-changed:
	case <-time.After(20 * time.Second):
		t.Fatal("nobody told")
	}
	ended(t, pool, r.ID)
	events, err := planning.Events(t.Context(), pool, r.ID, 0)
	must(t, err)
	for k, e := range events {
		if e.Number != k+1 {
			t.Errorf("event %d has number %d", k+1, e.Number)
		}
	}
	if last := events[len(events)-1]; last.State != planning.Done || last.Progress.Share != 1 || last.Progress.Weight != 100*last.Progress.Scale {
		t.Errorf("last event %+v", last)
	}
	if later, err := planning.Events(t.Context(), pool, r.ID, len(events)-1); err != nil || len(later) != 1 {
		t.Errorf("after the last but one: %v %v", later, err)
	}
}

// TestNoAnswer: questions that cannot be answered end with a sentence, before
// any search.
func TestNoAnswer(t *testing.T) {
	pool := lineTown(t)
	working(t, pool)
	scarce := line(t, pool, instance.Capacitated, 2)
	scarce.Capacity = 40
	far := line(t, pool, instance.LSCP, 0)
	far.Radius, far.Candidates = 300, far.Candidates[:5]
	nowhere := line(t, pool, instance.PMedian, 1)
	nowhere.Cutoff = 1
	for i := range nowhere.Candidates {
		nowhere.Candidates[i].Lat += 0.006 // 700 m beside the cells' centres
	}
	for name, c := range map[string]struct {
		d     planning.Definition
		state planning.State
		key   string
	}{
		"capacity":    {scarce, planning.NoAnswer, ""},
		"covering":    {far, planning.NoAnswer, ""},
		"unreachable": {nowhere, planning.NoAnswer, "planning.nobody_reaches_a_candidate"},
	} {
		r := ended(t, pool, start(t, pool, c.d, planning.Solve, planning.Question{}).ID)
		if r.State != c.state || r.Error == nil || c.key != "" && r.Error.Key != c.key || len(r.Result.Cells) != 10 || r.Result.Figures.Unserved != 100*r.Result.Scale {
			t.Errorf("%s: %s %v %+v", name, r.State, r.Error, r.Result)
		}
	}
}

// TestCellsAside: cells beyond every way are counted and shown, not dropped.
func TestCellsAside(t *testing.T) {
	pool := lineTown(t)
	working(t, pool)
	d := line(t, pool, instance.PMedian, 1)
	d.Candidates, d.Cutoff = d.Candidates[:3], 5*975+60 // five kilometres
	r := ended(t, pool, start(t, pool, d, planning.Solve, planning.Question{}).ID)
	if r.State != planning.Done {
		t.Fatalf("%s %v", r.State, r.Error)
	}
	o := r.Result
	if o.Demand.Unreachable != 2 || o.Unreachable != 20*o.Scale || len(o.Cells) != 10 || o.Figures.Unserved < 20*o.Scale {
		t.Errorf("aside: %+v, %d, unserved %d", o.Demand, o.Unreachable, o.Figures.Unserved)
	}
}

// TestRetry: once more about the same definition, also when the scenario has changed.
func TestRetry(t *testing.T) {
	pool := lineTown(t)
	working(t, pool)
	r := start(t, pool, line(t, pool, instance.PMedian, 2), planning.Solve, planning.Question{})
	ended(t, pool, r.ID)
	s, err := planning.FindScenario(t.Context(), pool, r.Scenario)
	must(t, err)
	s.Definition.P = 5
	_, err = planning.Revise(t.Context(), pool, clock(), s)
	must(t, err)
	again, err := planning.Retry(t.Context(), pool, clock(), r.ID)
	must(t, err)
	if again = ended(t, pool, again.ID); again.Definition.P != 2 || again.State != planning.Done || again.ID == r.ID {
		t.Errorf("%+v", again)
	}
}

// TestSourceGone: the demand was deleted while the run waited.
func TestSourceGone(t *testing.T) {
	pool := lineTown(t)
	r := start(t, pool, line(t, pool, instance.PMedian, 2), planning.Solve, planning.Question{})
	must(t, pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `DELETE FROM stations.census_source`)
		return err
	}))
	working(t, pool)
	if r := ended(t, pool, r.ID); r.State != planning.Failed || ortsnah.KindOf(r.Error) != ortsnah.NotFound {
		t.Errorf("%s %v", r.State, r.Error)
	}
}

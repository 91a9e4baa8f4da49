package stations_test

import (
	"testing"
	"time"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/stations"
)

// TestCountWalkIns: numbers of visits that take or took place, and a correction
// by who knows what stood there.
func TestCountWalkIns(t *testing.T) {
	q := planned(t)
	q.now = time.Date(2026, 6, 11, 8, 0, 0, 0, time.UTC) // Thursday, 10:00 in Gütersloh
	_, err := q.Exec(t.Context(), `UPDATE stations.visit SET state = 'cancelled' WHERE id = 'mo-2026-06-08'`)
	q.must(err)
	number := func(n int) *int { return &n }
	for _, c := range []struct {
		visit string
		seen  *int
		n     int
		want  string
	}{
		{"do-2026-06-11", nil, -1, "stations.walk_ins_range"}, {"do-2026-06-11", nil, 1000, "stations.walk_ins_range"},
		{"mond", nil, 1, "stations.visit_gone"}, {"", nil, 1, "stations.visit_gone"},
		{"do-2026-07-02", nil, 1, "stations.visit_to_come"}, {"mo-2026-06-08", nil, 1, "stations.visit_called_off"},
		{"do-2026-06-11", nil, 0, ""}, {"do-2026-06-11", nil, 3, "stations.walk_ins_counted"}, {"do-2026-06-11", number(4), 3, "stations.walk_ins_counted"},
		{"do-2026-06-11", number(0), 999, ""}, {"do-2026-06-11", number(999), 12, ""},
	} {
		if got := keyOf(stations.CountWalkIns(t.Context(), q.Tx, q.now, c.visit, c.seen, c.n)); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
	counts, err := stations.Counts(t.Context(), q.Tx, []string{"do-2026-06-11", "mo-2026-06-08", "mond"})
	q.must(err)
	if want := (stations.Count{Visit: "do-2026-06-11", WalkIns: 12, Walked: true}); len(counts) != 1 || counts[want.Visit] != want {
		t.Errorf("%+v", counts)
	}
}

// TestClosedDays: planners close days and open them; a plan file does not win.
func TestClosedDays(t *testing.T) {
	q := planned(t)
	at := time.FixedZone("town", 2*60*60)
	reason := catalog.Text{DE: "Betriebsausflug", EN: "Works outing"}
	shut := func(when string, r catalog.Text) ([]stations.Visit, string) {
		off, err := stations.CloseDay(t.Context(), q.Tx, q.now.In(at), day(when), r)
		return off, keyOf(err)
	}
	reopen := func(when string) string {
		return keyOf(stations.ReopenDay(t.Context(), q.Tx, q.now.In(at), day(when)))
	}
	for _, c := range []struct {
		when, reason, want string
	}{{"2026-06-11", "", "stations.closing_reason_missing"}, {"2026-06-07", "x", "stations.day_past"}, {"2028-06-09", "x", "stations.day_far"}, {"2026-06-25", "x", "stations.closed_already"},
		{"2026-06-11", string(make([]byte, 501)), "stations.text_too_long"}} {
		if _, got := shut(c.when, catalog.Text{DE: c.reason}); got != c.want {
			t.Errorf("%s: %q", c.when, got)
		}
	}
	for when, want := range map[string]string{"2026-06-11": "stations.not_closed", "2026-06-07": "stations.day_past"} {
		if got := reopen(when); got != want {
			t.Errorf("%s: %q", when, got)
		}
	}
	if off, key := shut("2026-06-11", reason); key != "" || len(off) != 1 || off[0].ID != "do-2026-06-11" {
		t.Fatal(off, key)
	}
	if off, key := shut("2026-09-03", reason); key != "" || len(off) != 1 { // not announced yet
		t.Error(off, key)
	}
	if got := reopen("2026-06-25"); got != "" { // the plan's own
		t.Error(got)
	}
	held := map[string]string{"do-2026-06-11": "09:00 bibliothek cancelled", "do-2026-06-25": "09:00 bibliothek planned"}
	q.sees(held)
	load(t, q.Tx, plan(), q.now)
	q.sees(held)
	for _, v := range visits(t, q.Tx, q.now) {
		if v.ID == "do-2026-06-11" && v.Reason != reason {
			t.Errorf("the reason is %+v", v.Reason)
		}
	}
	closed, err := stations.ClosedDays(t.Context(), q.Tx, day("2026-01-01"), day("2027-01-01"))
	q.must(err)
	if len(closed) != 2 || closed[day("2026-09-03")] != reason {
		t.Error(closed)
	}
	if got := reopen("2026-06-11"); got != "" {
		t.Error(got)
	}
	q.sees(map[string]string{"do-2026-06-11": "09:00 bibliothek planned"})
	if off, key := shut("2026-06-11", reason); key != "" || len(off) != 1 { // once more
		t.Error(off, key)
	}
}

// TestClosedDayToday: what has begun stays; the rest of the day is called off.
func TestClosedDayToday(t *testing.T) {
	q := planned(t)
	q.now = time.Date(2026, 6, 8, 12, 30, 0, 0, time.UTC) // 14:30 in Gütersloh, the station is at the hall
	off, err := stations.CloseDay(t.Context(), q.Tx, q.now, day("2026-06-08"), catalog.Text{DE: "Sturm"})
	q.must(err)
	if len(off) != 0 {
		t.Error(off)
	}
	q.sees(map[string]string{"mo-2026-06-08": "14:00 halle planned"})
}

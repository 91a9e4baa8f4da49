package booking

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCloseAndReopen(t *testing.T) {
	q := quotaTown(t, "2026-03-27 10:00")
	q.offer(q.release("A1", "2026-03-30", "", "08:00", "12:00"))
	q.offer(q.release("A2", "2026-03-30", "", "08:00", "12:00"))
	q.booked("AAAAAAA1", "A1", "pass", "2026-03-30 09:00", "2026-03-30 09:10", 0)
	q.booked("AAAAAAA2", "A2", "pass", "2026-03-30 10:00", "2026-03-30 10:10", 0)
	for name, x := range map[string]struct {
		c    Closure
		want []string
	}{
		"a clerk":          {Closure{Resource: q.clerk["A1"], Kind: Sickness, Starts: q.wall("2026-03-30 00:00"), Ends: q.wall("2026-03-31 00:00")}, []string{"AAAAAAA1"}},
		"until the start":  {Closure{Kind: ClosedFor, Starts: q.wall("2026-03-30 00:00"), Ends: q.wall("2026-03-30 09:00")}, nil},
		"from the end":     {Closure{Resource: q.clerk["A1"], Kind: ClosedFor, Starts: q.wall("2026-03-30 09:10"), Ends: q.wall("2026-03-30 11:00")}, nil},
		"a minute of it":   {Closure{Site: "rathaus", Kind: Maintenance, Starts: q.wall("2026-03-30 09:09"), Ends: q.wall("2026-03-30 09:59")}, []string{"AAAAAAA1"}},
		"the town hall":    {Closure{Site: "rathaus", Kind: ClosedFor, Starts: q.wall("2026-03-30 00:00"), Ends: q.wall("2026-03-31 00:00"), ReasonDE: "Wasserschaden"}, []string{"AAAAAAA1", "AAAAAAA2"}},
		"another building": {Closure{Site: "bibliothek", Kind: ClosedFor, Starts: q.wall("2026-03-30 00:00"), Ends: q.wall("2026-03-31 00:00")}, nil},
		"the whole town":   {Closure{Kind: ClosedFor, Starts: q.wall("2026-03-30 00:00"), Ends: q.wall("2026-03-31 00:00")}, []string{"AAAAAAA1", "AAAAAAA2"}},
	} {
		c, under, err := Close(t.Context(), q, q.now, planner(), x.c)
		q.must(err)
		var got []string
		for _, u := range under {
			got = append(got, u.Appointment)
		}
		if !slices.Equal(got, x.want) {
			t.Errorf("%s: %q, want %q", name, got, x.want)
		}
		all, err := Conflicts(t.Context(), q, q.now)
		if err != nil || len(all) != len(x.want) || len(all) > 0 && all[0].Cause != UnderClosed {
			t.Errorf("%s: %+v, %v", name, all, err)
		}
		found, err := Closures(t.Context(), q, c.Starts, c.Ends)
		if err != nil || len(found) != 1 || found[0].Kind != c.Kind || !found[0].Starts.Equal(c.Starts) || found[0].ReasonDE != c.ReasonDE {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
		c.Ends = c.Ends.Add(time.Hour) // it takes longer
		if _, _, err := Close(t.Context(), q, q.now, planner(), c); err != nil {
			t.Errorf("%s, longer: %v", name, err)
		}
		q.must(Reopen(t.Context(), q, q.now, planner(), c.ID))
		if err := Reopen(t.Context(), q, q.now, planner(), c.ID); key(err) != "booking.no_closure" {
			t.Error("opened twice:", err)
		}
	}
}

func TestCloseRefuses(t *testing.T) {
	q := quotaTown(t, "2026-03-27 10:00")
	room := q.count(`SELECT id FROM booking.resource WHERE code = 'e1'`)
	for want, change := range map[string]func(c *Closure){
		"booking.closure_ends_before_it_starts": func(c *Closure) { c.Ends = c.Starts },
		"booking.closure_too_long":              func(c *Closure) { c.Ends = c.Starts.AddDate(3, 0, 0) },
		"booking.closure_past":                  func(c *Closure) { c.Starts, c.Ends = q.now.AddDate(0, 0, -2), q.now },
		"booking.closure_of_two":                func(c *Closure) { c.Site = "rathaus" },
		"booking.closure_kind":                  func(c *Closure) { c.Kind = Sickness },
		"booking.closure_reason":                func(c *Closure) { c.ReasonDE = strings.Repeat("x", 10_000) },
		"booking.closure_of_person":             func(c *Closure) { c.Resource, c.ReasonDE = q.clerk["A1"], "Grippe" },
		"booking.no_resource":                   func(c *Closure) { c.Resource = 4711 },
		"booking.no_site":                       func(c *Closure) { c.Resource, c.Site = 0, "mond" },
		"booking.no_closure":                    func(c *Closure) { c.ID = 4711 },
	} {
		c := Closure{Resource: room, Kind: Maintenance, Starts: q.wall("2026-03-30 08:00"), Ends: q.wall("2026-03-30 12:00")}
		change(&c)
		if _, _, err := Close(t.Context(), q, q.now, planner(), c); key(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// The trail is for ever, so it does not say when somebody was away.
func TestTrailOfSickness(t *testing.T) {
	q := quotaTown(t, "2026-03-27 10:00")
	c, _, err := Close(t.Context(), q, q.now, planner(), Closure{Resource: q.clerk["A1"], Kind: Sickness,
		Starts: q.wall("2026-03-30 00:00"), Ends: q.wall("2026-03-31 00:00")})
	q.must(err)
	trail, err := Audit(t.Context(), q, c.object(), 10)
	if err != nil || len(trail) != 1 || len(trail[0].Detail) != 0 {
		t.Errorf("%+v, %v", trail, err)
	}
}

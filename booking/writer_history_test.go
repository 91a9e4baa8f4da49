package booking

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
)

// deed is one operation on one slot; now is what the clock of the instance
// said that did it.
type deed struct {
	what string // hold, confirm, cancel
	slot int
	id   string // of what is confirmed or cancelled
	now  time.Time
}

// outcome is what was answered.
type outcome struct {
	ok bool
	id string // of a new hold
}

// slotState is who has a slot: the whole specification of booking.
type slotState struct {
	id     string // "" nobody
	booked bool
	until  time.Time // of a hold
}

// free: nobody has it, or somebody's hold has run out.
func (s slotState) free(now time.Time) bool { return s.id == "" || !s.booked && !s.until.After(now) }

func (s slotState) after(d deed, o outcome) (bool, slotState) {
	mine := s.id == d.id && d.id != ""
	switch d.what {
	case "hold":
		if o.ok {
			return s.free(d.now), slotState{id: o.id, until: d.now.Add(10 * time.Minute)}
		}
		return !s.free(d.now), s
	case "confirm":
		can := mine && (s.booked || s.until.After(d.now))
		if o.ok {
			return can, slotState{id: s.id, booked: true}
		}
		return !can, s
	}
	if mine {
		return o.ok, slotState{}
	}
	return o.ok, s
}

func bookingModel() porcupine.Model {
	return porcupine.Model{
		Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
			slots := map[int][]porcupine.Operation{}
			for _, o := range history {
				slots[o.Input.(deed).slot] = append(slots[o.Input.(deed).slot], o)
			}
			var parts [][]porcupine.Operation
			for _, p := range slots {
				parts = append(parts, p)
			}
			return parts
		},
		Init: func() any { return slotState{} },
		Step: func(state, input, output any) (bool, any) {
			return state.(slotState).after(input.(deed), output.(outcome))
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v %+v", input, output) },
	}
}

// clients do holds, confirms, cancels and takeovers of holds that have run
// out, on few slots, with clocks that differ by up to half a minute. Each looks
// first whether the slot is free and then writes: that alone is not enough.
func (s *scenario) history(proposals []Proposal, orders []Order, clients, each int) []porcupine.Operation {
	var mu sync.Mutex
	var history []porcupine.Operation
	var ticks atomic.Int64
	start, morning := time.Now(), s.Now()
	together(clients, func(client int) {
		random := rand.New(rand.NewPCG(uint64(client), 1))
		var tickets []Ticket
		var of []int
		for range each {
			d := deed{what: "hold", slot: random.IntN(len(proposals)),
				now: morning.Add(time.Duration(ticks.Add(7)-random.Int64N(30)) * time.Second)}
			var t Ticket
			if kind := random.IntN(5); kind > 2 && len(tickets) > 0 {
				i := random.IntN(len(tickets))
				t, d.slot, d.what = tickets[i], of[i], map[int]string{3: "confirm", 4: "cancel"}[kind]
				d.id = t.Appointment.ID
			}
			call := time.Since(start)
			t, o := s.do(d, t, orders, proposals)
			returned := time.Since(start)
			if o.id != "" {
				tickets, of = append(tickets, t), append(of, d.slot)
			}
			mu.Lock()
			history = append(history, porcupine.Operation{ClientId: client, Input: d, Call: int64(call), Output: o, Return: int64(returned)})
			mu.Unlock()
		}
	})
	return history
}

// do does one deed at its own time.
func (s *scenario) do(d deed, t Ticket, orders []Order, proposals []Proposal) (Ticket, outcome) {
	ctx := context.Background()
	c := &Reception{DB: s.DB, Board: s.Board, Keys: s.Keys, Zone: s.Zone, Now: func() time.Time { return d.now }}
	var err error
	switch d.what {
	case "hold":
		p := proposals[d.slot]
		if s.occupied(p, d.now) {
			return t, outcome{}
		}
		t.Token = random(tokenLetters)
		t.Appointment, err = c.write(ctx, orders[d.slot], p, reservation{TokenHash: hashToken(t.Token)}, nil)
		if lost(err) {
			return t, outcome{}
		}
	case "confirm":
		_, err = c.Confirm(ctx, d.id, By{Token: t.Token}, Person{}, "de")
		if ortsnah.KindOf(err) == ortsnah.Gone && err != nil {
			return t, outcome{}
		}
	case "cancel":
		_, err = c.Cancel(ctx, d.id, By{Token: t.Token})
	}
	if err != nil {
		s.t.Error(d.what, err)
	}
	if d.what == "hold" {
		return t, outcome{true, t.Appointment.ID}
	}
	return t, outcome{ok: true}
}

// occupied is the check of a build that checks first and inserts later.
func (s *scenario) occupied(p Proposal, now time.Time) (yes bool) {
	err := s.DB.QueryRow(context.Background(), `SELECT EXISTS (SELECT FROM booking.claim c JOIN booking.appointment a ON a.id = c.appointment
		WHERE c.resource = $1 AND c.during && tstzrange($2, $3) AND (a.hold_until IS NULL OR a.hold_until > $4))`,
		p.Match.Parts[0].Clerk, p.Starts, p.Ends, now).Scan(&yes)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		s.t.Error(err)
	}
	return yes
}

// slots are five neighbouring slots of one clerk and room.
func (s *scenario) slots() (proposals []Proposal, orders []Order) {
	s.t.Helper()
	s.released("A1", "2026-03-30", "08:00", "08:50")
	for _, wall := range []string{"08:00", "08:10", "08:20", "08:30", "08:40"} {
		o := s.order("pass", 1, "2026-03-30 "+wall)
		o.Via = ViaWeb
		found, err := s.Board.At(s.t.Context(), o.Request, o.Starts, o.PlaceID, 1)
		s.must(err)
		if len(found.Proposals) != 1 {
			s.t.Fatalf("%s: no proposal (%s)", wall, found.Why)
		}
		proposals, orders = append(proposals, found.Proposals[0]), append(orders, o)
	}
	return proposals, orders
}

// A concurrent history of 5,200 operations is one that could have happened one
// after the other (linearizable).
func TestHistoryIsLinearizable(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	proposals, orders := s.slots()
	history := s.history(proposals, orders, 8, 650)
	if result := porcupine.CheckOperationsTimeout(bookingModel(), history, time.Minute); result != porcupine.Ok {
		t.Errorf("the history of %d operations is %s", len(history), result)
	}
	count := map[string]int{}
	for _, o := range history {
		if o.Output.(outcome).ok {
			count[o.Input.(deed).what]++
		} else {
			count["no "+o.Input.(deed).what]++
		}
	}
	takeovers := s.count(`SELECT count(*) FROM booking.appointment WHERE state = 'expired'`)
	t.Logf("%d operations: %v, %d takeovers", len(history), count, takeovers)
	if len(count) < 5 || takeovers == 0 {
		t.Error("hardly anything happened")
	}
	s.noOverlap()
	s.whole()
}

// The checker is tested, too: without the constraint of the claims and
// without the locks, the very same clients make a history that it rejects.
func TestHistoryWithoutGuardsIsRejected(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	proposals, orders := s.slots()
	_, err := s.DB.Exec(t.Context(), `ALTER TABLE booking.claim DROP CONSTRAINT claim_no_overlap;
		CREATE SCHEMA unlocked;
		CREATE FUNCTION unlocked.pg_advisory_xact_lock(int, int) RETURNS void LANGUAGE sql AS '';
		CREATE FUNCTION unlocked.pg_advisory_xact_lock_shared(int, int) RETURNS void LANGUAGE sql AS '';
		DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = unlocked, pg_catalog, public', current_database()); END $$`)
	s.must(err)
	s.DB.Reset()
	history := s.history(proposals, orders, 8, 650)
	if result := porcupine.CheckOperationsTimeout(bookingModel(), history, time.Minute); result != porcupine.Illegal {
		t.Errorf("the history of %d unguarded operations is %s", len(history), result)
	}
}

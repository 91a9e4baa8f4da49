package booking

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
)

// A change of rules or teams reaches the searches of every instance by itself.
func TestRulesReachTheBoard(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("A1", "2026-03-30", "08:00", "12:00")
	s.released("P1", "2026-03-30", "08:00", "12:00")
	other := NewBoard(s.DB, s.Zone, s.Now)
	s.must(other.Load(t.Context()))
	go other.Listen(t.Context(), discard())
	who := func() string {
		found, err := other.Propose(t.Context(), Request{Concerns: []string{"pass"}, Persons: 1, Via: ViaWeb, Limit: 1})
		s.must(err)
		if len(found.Proposals) == 0 {
			return ""
		}
		return found.Decision.Team.ID
	}
	change := func(do func(tx pgx.Tx) error) {
		t.Helper()
		s.must(pgx.BeginFunc(t.Context(), s.DB, do))
	}
	actor := ortsnah.Actor{Role: "staff", Name: "steward"}
	if who() != "buergerbuero" {
		t.Fatal("nothing is free at first")
	}
	start := time.Now()
	change(func(tx pgx.Tx) error {
		return SetTeam(t.Context(), tx, s.Now(), actor, "buergerbuero", nil, nil)
	})
	waitFor(t, func() bool { return who() == "" })
	t.Logf("team: %v", time.Since(start))
	start = time.Now()
	change(func(tx pgx.Tx) error {
		_, err := SaveRules(t.Context(), tx, s.Now(), actor, RuleChange{Scope: Scope{Concern: "pass"}, Rules: []Rule{{Kind: Anyone, Team: "rente"}}})
		return err
	})
	waitFor(t, func() bool { return who() == "rente" })
	t.Logf("rule: %v", time.Since(start))
}

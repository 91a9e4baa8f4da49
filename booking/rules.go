package booking

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
)

// Scope is what a set of rules is about: all concerns of an office, each by the
// rules of its own kind, or one concern. One of the two is empty.
type Scope struct {
	Office  string
	Concern string
}

// id is the slug of what the scope is about.
func (s Scope) id() string { return s.Office + s.Concern }

// Rules are those of all that belong to the scope, in the order of all.
func (s Scope) Rules(all []Rule) []Rule {
	return slices.DeleteFunc(slices.Clone(all), func(r Rule) bool { return r.Office != s.Office || r.Concern != s.Concern })
}

// RulesVersion is a short text that changes with any change of rules.
func RulesVersion(rules []Rule) string {
	raw, err := json.Marshal(rules)
	if err != nil {
		return "" // no Rule is beyond JSON
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

// RuleChange replaces the rules of a scope.
type RuleChange struct {
	Scope Scope
	Rules []Rule // a rule without an id is a new one
	Seen  string // RulesVersion of the rules that were changed; empty: whatever they are
	Force bool   // even when it makes holes or double assignments
}

// HasFaults refuses a change that leaves more holes or double assignments than
// there were; it can be forced.
type HasFaults struct {
	Findings []Finding // all there would be
	err      *ortsnah.Error
}

func (h *HasFaults) Error() string { return h.err.Error() }

// Unwrap gives the Conflict booking.rules_have_faults.
func (h *HasFaults) Unwrap() error { return h.err }

// SaveRules makes the change as a whole; searches see it at once, appointments
// that are booked stay as they are. Errors: Invalid booking.rule_… with the
// rule's place in the list, NotFound booking.rule_no_scope, Conflict
// booking.rules_changed when somebody was faster, *HasFaults.
func SaveRules(ctx context.Context, tx pgx.Tx, now time.Time, actor ortsnah.Actor, c RuleChange) ([]Rule, error) {
	if err := lockTown(ctx, tx); err != nil {
		return nil, err
	}
	all, err := Rules(ctx, tx)
	if err != nil {
		return nil, err
	}
	before := c.Scope.Rules(all)
	if c.Seen != "" && c.Seen != RulesVersion(before) {
		return nil, ortsnah.E(ortsnah.Conflict, "booking.rules_changed")
	}
	after, err := CheckRules(ctx, tx, c.Scope, c.Rules)
	if err != nil {
		return nil, err
	}
	if !c.Force {
		if err := refuseWorse(ctx, tx, c.Scope, before, after, now); err != nil {
			return nil, err
		}
	}
	_, err = tx.Exec(ctx, `DELETE FROM booking.jurisdiction_rule WHERE coalesce(office, '') = @office AND coalesce(concern, '') = @concern`,
		pgx.NamedArgs{"office": c.Scope.Office, "concern": c.Scope.Concern})
	if err != nil {
		return nil, err
	}
	if err := insertRules(ctx, tx, after); err != nil {
		return nil, err
	}
	return after, audit(ctx, tx, now, actor, "rules.change", "jurisdiction/"+c.Scope.id(),
		map[string]any{"before": before, "after": after, "forced": c.Force})
}

// refuseWorse returns *HasFaults when after has more holes or double
// assignments than before.
func refuseWorse(ctx context.Context, tx pgx.Tx, s Scope, before, after []Rule, now time.Time) error {
	today, err := townDay(ctx, tx, now)
	if err != nil {
		return err
	}
	days := checkedDays(today, slices.Concat(before, after))
	found, bad, err := findings(ctx, tx, s, after, days)
	if err != nil {
		return err
	}
	_, was, err := findings(ctx, tx, s, before, days)
	if err != nil {
		return err
	}
	for i := range bad {
		if bad[i].worse(was[i]) {
			return &HasFaults{Findings: found, err: ortsnah.E(ortsnah.Conflict, "booking.rules_have_faults", "n", len(found))}
		}
	}
	return nil
}

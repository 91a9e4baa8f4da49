package booking

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Fault is a hole or an overlap between rules, for the steward.
type Fault struct {
	Key    string // "booking.lint_hole", "booking.lint_overlap", "booking.lint_district_…"
	Scope  string // "office soziales" or "concern reisepass"
	First  string // hole: its first prefix; overlap: the first rule's id; else the district
	Second string // hole: its last prefix; overlap: the other rule's id; else empty
}

// alphabet is what the keys of German names are made of.
const alphabet = "abcdefghijklmnopqrstuvwxyz"

// Lint finds the prefixes (of the length that the rules use) and the districts
// that no rule of an office or concern covers, and those that two rules of one
// priority cover. Rules are taken as valid on day; scopes without rules of a
// kind are not that kind's business.
func Lint(rules []Rule, districts []string, day time.Time) []Fault {
	scopes := map[string][]Rule{}
	for _, r := range rules {
		if r.validOn(day) && r.Kind != Anyone {
			scope := "office " + r.Office
			if r.Concern != "" {
				scope = "concern " + r.Concern
			}
			scopes[scope+"\x00"+string(r.Kind)] = append(scopes[scope+"\x00"+string(r.Kind)], r)
		}
	}
	var faults []Fault
	for key, list := range scopes {
		scope, kind, _ := strings.Cut(key, "\x00")
		slices.SortFunc(list, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
		cells, first, last := prefixes(list), "booking.lint_hole", "booking.lint_overlap"
		covers := func(r Rule, cell string) bool { return inRange(cell, r.PrefixFrom, r.PrefixTo) }
		if Kind(kind) == Geographic {
			cells, first, last = districts, "booking.lint_district_hole", "booking.lint_district_overlap"
			covers = func(r Rule, cell string) bool { return slices.Contains(r.Districts, cell) }
		}
		for _, f := range append(holes(list, cells, covers, Kind(kind) == Alphabetic, first), overlaps(list, cells, covers, last)...) {
			f.Scope = scope
			faults = append(faults, f)
		}
	}
	slices.SortFunc(faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Key, b.Key), cmp.Compare(a.First, b.First), cmp.Compare(a.Second, b.Second))
	})
	return faults
}

// prefixes lists, in order, the fewest prefixes that tell the rules apart: a
// letter that a bound begins with and goes on from is split into the next ones.
func prefixes(rules []Rule) []string {
	var bounds []string
	for _, r := range rules {
		bounds = append(bounds, NameKey(r.PrefixFrom, true), NameKey(r.PrefixTo, true))
	}
	var cells []string
	var split func(prefix string)
	split = func(prefix string) {
		for _, letter := range alphabet {
			cell := prefix + string(letter)
			if slices.ContainsFunc(bounds, func(b string) bool { return len(b) > len(cell) && strings.HasPrefix(b, cell) }) {
				split(cell)
			} else {
				cells = append(cells, cell)
			}
		}
	}
	split("")
	return cells
}

func holes(rules []Rule, cells []string, covers func(Rule, string) bool, join bool, key string) []Fault {
	var faults []Fault
	open := false
	for _, cell := range cells {
		covered := slices.ContainsFunc(rules, func(r Rule) bool { return covers(r, cell) })
		switch {
		case covered:
			open = false
		case open && join:
			faults[len(faults)-1].Second = cell
		default:
			faults, open = append(faults, Fault{Key: key, First: cell, Second: cell}), true
		}
	}
	for i := range faults {
		faults[i].First, faults[i].Second = title(faults[i].First), title(faults[i].Second)
	}
	return faults
}

func overlaps(rules []Rule, cells []string, covers func(Rule, string) bool, key string) []Fault {
	var faults []Fault
	for i, a := range rules {
		for _, b := range rules[i+1:] {
			both := func(cell string) bool { return covers(a, cell) && covers(b, cell) }
			if a.Priority == b.Priority && slices.ContainsFunc(cells, both) {
				faults = append(faults, Fault{Key: key, First: a.ID, Second: b.ID})
			}
		}
	}
	return faults
}

// title writes a prefix as rules do: "bf" as "Bf".
func title(prefix string) string {
	if prefix == "" {
		return prefix
	}
	return strings.ToUpper(prefix[:1]) + prefix[1:]
}

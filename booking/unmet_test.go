package booking

import (
	"testing"
	"time"

	"github.com/ortsnah/ortsnah/booking/match"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
	"github.com/paulmach/orb"
)

func TestUnmetDemandIsAnonymous(t *testing.T) {
	db := pgtest.Tx(t, Migrations())
	zone := berlin(t)
	for _, c := range []struct {
		where *orb.Point
		day   time.Time
		cell  string
		week  string
	}{
		// 8.3786° E 51.9066° N; by Snyder's formulas 4209424.65 3200848.27 in EPSG:3035.
		{&orb.Point{457252.03, 5750832.52}, time.Date(2026, 3, 27, 10, 0, 0, 0, zone), "1kmN3200E4209", "2026-03-23"},
		{nil, time.Date(2026, 3, 30, 0, 30, 0, 0, zone), "", "2026-03-30"}, // still Sunday in UTC
		{nil, time.Date(2027, 1, 3, 23, 0, 0, 0, zone), "", "2026-12-28"},
	} {
		if err := NoteUnmet(t.Context(), db, Unmet{Concern: "pass", Where: c.where, Day: c.day, Reason: match.WhyFull}); err != nil {
			t.Fatal(err)
		}
		var cell, week, reason string
		err := db.QueryRow(t.Context(), `SELECT cell, week::text, reason FROM booking.unmet_demand ORDER BY id DESC LIMIT 1`).Scan(&cell, &week, &reason)
		if err != nil || cell != c.cell || week != c.week || reason != "full" {
			t.Errorf("%s %s %s %v, want %s %s", cell, week, reason, err, c.cell, c.week)
		}
	}
}

func TestS45ProofCountsOnce(t *testing.T) {
	db := pgtest.Tx(t, Migrations())
	key, err := ProofKey(t.Context(), db)
	if err != nil || len(key) < 32 {
		t.Fatal(len(key), err)
	}
	now := time.Unix(1_800_000_000, 0)
	spend := func(hash byte, at time.Time) bool {
		first, err := SpendProof(t.Context(), db, [32]byte{hash}, now.Add(time.Minute), at)
		if err != nil {
			t.Fatal(err)
		}
		return first
	}
	if !spend(1, now) || spend(1, now) || !spend(2, now) || spend(1, now.Add(time.Hour)) {
		t.Error("a proof was accepted twice, or a fresh one was not")
	}
	spend(3, now.Add(time.Hour))
	var left int
	if err := db.QueryRow(t.Context(), `SELECT count(*) FROM booking.proof`).Scan(&left); err != nil || left != 1 {
		t.Errorf("%d proofs are remembered after they expired", left)
	}
}

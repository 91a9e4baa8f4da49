package booking

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestVisibility(t *testing.T) {
	q := quotaTown(t, "2026-03-27 10:00")
	ahead, from := 14, q.wall("2026-04-20 08:00")
	r := q.release("A1", "2026-04-13", "FREQ=WEEKLY;COUNT=5", "08:00", "12:00")
	r.VisibleDays, r.VisibleFrom = &ahead, &from
	r = q.offer(r)
	rows, err := q.Query(t.Context(), `SELECT visible_from FROM booking.release_day WHERE release = $1 ORDER BY day`, r.ID)
	q.must(err)
	found, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
	q.must(err)
	for i, want := range []string{"2026-04-20 08:00", "2026-04-20 08:00", "2026-04-20 08:00", "2026-04-20 08:00", "2026-04-27 00:00"} { // of 13, 20, 27 April, 4, 11 May
		if !found[i].Equal(q.wall(want)) {
			t.Errorf("day %d visible from %s, want %s", i, found[i], want)
		}
	}
	r.VisibleFrom = nil
	r = q.offer(r)
	var first time.Time
	q.must(q.QueryRow(t.Context(), `SELECT min(visible_from) FROM booking.release_day WHERE release = $1`, r.ID).Scan(&first))
	if !first.Equal(q.wall("2026-03-30 00:00")) {
		t.Error("two weeks before 13 April is", first)
	}
}

// The night brings one more day and forgets old ones.
func TestExtendReleases(t *testing.T) {
	q := quotaTown(t, "2026-03-27 10:00")
	r := q.offer(q.release("A1", "2026-03-27", "FREQ=DAILY", "08:00", "12:00"))
	_, _, err := Close(t.Context(), q, q.now, planner(), Closure{Resource: q.clerk["A1"], Kind: Sickness, Starts: q.wall("2026-03-30 00:00"), Ends: q.wall("2026-04-02 00:00")})
	q.must(err)
	n := len(q.days(r.ID))
	q.must(ExtendReleases(t.Context(), q, q.now.AddDate(0, 0, 1)))
	if got := len(q.days(r.ID)); got != n+1 {
		t.Errorf("%d days, then %d", n, got)
	}
	q.must(ExtendReleases(t.Context(), q, q.wall("2026-06-01 02:00")))
	if first := q.days(r.ID)[0]; !strings.HasPrefix(first, "02.05.") {
		t.Error("the oldest day is", first)
	}
	if n := q.count(`SELECT count(*) FROM booking.closure`); n != 0 {
		t.Error("it is still known when somebody was away")
	}
}

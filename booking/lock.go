package booking

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// Every writer of claims takes advisory transaction locks before it looks, all
// of them in one ascending order: so nobody waits in a circle, and who looks
// after the locks sees what everybody before has written.
//
// A lock is a pair of integers (resource, number): the local day counted from
// 1970-01-01, or minus the ISO week where a weekly quota is counted. The pair
// (0, 0) is the whole town: shared by those who book a slot, exclusive for
// changes of what is offered (lockTown).

// slot is a lock on a resource for a local day or, for quotas, a week.
type slot struct{ resource, number int }

// daySlot is the lock on resource for the local day (midnight UTC).
func daySlot(resource int, day time.Time) slot {
	return slot{resource, int(day.Unix() / 86400)}
}

// weekSlot is the lock on a clerk's quota in the ISO week of day.
func weekSlot(clerk int, day time.Time) slot {
	year, week := day.ISOWeek()
	return slot{clerk, -(year*100 + week)}
}

// lockSlots takes the locks of slots, in order, beside others who book.
func lockSlots(ctx context.Context, tx pgx.Tx, slots []slot) error {
	slots = slices.Clone(slots)
	slices.SortFunc(slots, func(a, b slot) int {
		return cmp.Or(cmp.Compare(a.resource, b.resource), cmp.Compare(a.number, b.number))
	})
	slots = slices.Compact(slots)
	resources, numbers := make([]int32, len(slots)), make([]int32, len(slots))
	for i, s := range slots {
		resources[i], numbers[i] = int32(s.resource), int32(s.number)
	}
	// One statement, and unnest keeps the order of the arrays.
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock_shared(0, 0)
		UNION ALL SELECT pg_advisory_xact_lock(r, n) FROM unnest($1::int[], $2::int[]) AS s (r, n)`, resources, numbers)
	return err
}

// lockTown waits until nobody else writes claims and keeps them waiting until
// tx ends: for changes of releases, closures and station days, and for
// re-matching, which touch many resources and days.
func lockTown(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(0, 0)`)
	return err
}

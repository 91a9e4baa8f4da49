package booking

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/stations"
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

// localDay is the calendar day of t in zone, midnight UTC.
func localDay(t time.Time, zone *time.Location) time.Time { return stations.Day(t.In(zone)) }

// lockSlots takes the locks of slots, in order, beside others who book.
func lockSlots(ctx context.Context, tx pgx.Tx, slots []slot) error {
	resources, numbers := lockOrder(slots)
	_, err := tx.Exec(ctx, lockSlotsSQL, resources, numbers)
	return err
}

// One statement, and unnest keeps the order of the arrays.
const lockSlotsSQL = `SELECT pg_advisory_xact_lock_shared(0, 0)
	UNION ALL SELECT pg_advisory_xact_lock(r, n) FROM unnest($1::int[], $2::int[]) AS s (r, n)`

// lockOrder sorts slots into the one order in which everybody locks.
func lockOrder(slots []slot) (resources, numbers []int32) {
	slots = slices.Clone(slots)
	slices.SortFunc(slots, func(a, b slot) int {
		return cmp.Or(cmp.Compare(a.resource, b.resource), cmp.Compare(a.number, b.number))
	})
	for _, s := range slices.Compact(slots) {
		resources, numbers = append(resources, int32(s.resource)), append(numbers, int32(s.number))
	}
	return resources, numbers
}

// lockTown waits until nobody else writes claims and keeps them waiting until
// tx ends: for changes of releases, closures and station days, and for
// re-matching, which touch many resources and days.
func lockTown(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(0, 0)`)
	return err
}

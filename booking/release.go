package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking/calendar"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/stations"
)

// Release is a time quota of a clerk: time in which the town may give
// appointments with them. All days are midnight UTC of the local date.
//
// It is kept as it was entered; what it comes to, day by day, is table
// release_day, which every verb of this file and the nightly ExtendReleases
// write. Searching and booking read only that.
type Release struct {
	ID          int64 // 0: a new one
	Clerk       int   // id of the resource
	Site        string
	StationDay  int64 // the one day at a mobile station, of channel Mobile
	FirstDay    time.Time
	UntilDay    *time.Time     // first day on which it no longer holds; nil: no end
	Rule        string         // RRULE value of RFC 5545, by days and longer; empty: FirstDay alone
	Opens       stations.Clock // wall times in steps of five minutes
	Closes      stations.Clock
	Zone        string // IANA; empty: the town's
	Channels    []Channel
	Via         []Via    // empty: every way
	Concerns    []string // empty: all that the clerk may do
	VisibleFrom *time.Time
	VisibleDays *int // offered to the public at most so many days ahead
	Note        string
	Imported    string      // UID of the iCalendar event it came from
	Exceptions  []Exception // on Offer: nil leaves the stored ones
}

// Exception is a day on which a Release does not hold (Open false) or holds
// although its rule or a public holiday says no (Open true).
type Exception struct {
	Day    time.Time
	Open   bool
	Reason string
}

// Conflict is a coming appointment from which a change takes the ground.
type Conflict struct {
	Appointment string
	Concern     string
	Clerk       int       // id of the resource
	Starts      time.Time // of the part with this clerk, in the zone of the town
	Ends        time.Time
	Cause       Cause
}

// Cause says what takes the ground from an appointment.
type Cause string

// The causes.
const (
	NotReleased Cause = "release"     // the clerk's time is no longer released
	UnderClosed Cause = "closure"     // somebody or something is away
	StationAway Cause = "station_day" // the mobile station does not come, or elsewhere
)

// HasBookings is the error when a change would take the ground from
// appointments and was not forced: Conflict booking.release_has_bookings.
// Nothing has been changed.
type HasBookings struct{ Conflicts []Conflict }

// Error is the text for logs.
func (h *HasBookings) Error() string { return h.Unwrap().Error() }

// Unwrap gives the sentence and the kind.
func (h *HasBookings) Unwrap() error {
	return ortsnah.E(ortsnah.Conflict, "booking.release_has_bookings", "n", len(h.Conflicts))
}

// Releases returns the releases of a clerk (a resource id; 0: of everybody),
// ended ones too, ordered by first day and time.
func Releases(ctx context.Context, db postgis.DB, clerk int) ([]Release, error) {
	if clerk == 0 {
		return releasesOf(ctx, db, nil)
	}
	return releasesOf(ctx, db, []int{clerk})
}

func releasesOf(ctx context.Context, db postgis.DB, clerks []int) ([]Release, error) {
	rows, err := db.Query(ctx, `SELECT id, clerk, coalesce(site, '') AS site, coalesce(station_day, 0) AS station_day, first_day, until_day,
			rule, (extract(epoch FROM opens) / 60)::int AS opens, (extract(epoch FROM closes) / 60)::int AS closes, zone,
			channels, via, concerns, visible_from, visible_days, note, imported
		FROM booking.release WHERE @clerks::int[] IS NULL OR clerk = ANY (@clerks)
		ORDER BY first_day, opens, id`, pgx.NamedArgs{"clerks": clerks})
	if err != nil {
		return nil, err
	}
	releases, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[Release])
	if err != nil {
		return nil, err
	}
	at := map[int64]int{}
	for i, r := range releases {
		at[r.ID] = i
	}
	rows, err = db.Query(ctx, `SELECT x.release, x.day, x.open, x.reason FROM booking.release_exception x
			JOIN booking.release r ON r.id = x.release
		WHERE @clerks::int[] IS NULL OR r.clerk = ANY (@clerks) ORDER BY x.release, x.day`, pgx.NamedArgs{"clerks": clerks})
	if err != nil {
		return nil, err
	}
	var id int64
	var x Exception
	_, err = pgx.ForEachRow(rows, []any{&id, &x.Day, &x.Open, &x.Reason}, func() error {
		if i, known := at[id]; known {
			releases[i].Exceptions = append(releases[i].Exceptions, x)
		}
		return nil
	})
	return releases, err
}

// FindRelease returns one release. Error: NotFound booking.no_release.
func FindRelease(ctx context.Context, db postgis.DB, id int64) (Release, error) {
	var clerk int
	err := db.QueryRow(ctx, `SELECT clerk FROM booking.release WHERE id = @id`, pgx.NamedArgs{"id": id}).Scan(&clerk)
	if err != nil {
		return Release{}, absent(err, "booking.no_release")
	}
	releases, err := Releases(ctx, db, clerk)
	for _, r := range releases {
		if r.ID == id {
			return r, nil
		}
	}
	if err == nil {
		err = ortsnah.E(ortsnah.NotFound, "booking.no_release")
	}
	return Release{}, err
}

// absent makes NotFound of an empty answer.
func absent(err error, key string) error {
	if err == pgx.ErrNoRows {
		return ortsnah.E(ortsnah.NotFound, key)
	}
	return err
}

// series is the release as the calendar sees it.
func (r Release) series() calendar.Series {
	s := calendar.Series{First: r.FirstDay, Rule: r.Rule, Opens: r.Opens, Closes: r.Closes, Zone: r.Zone, Except: map[time.Time]bool{}}
	if r.UntilDay != nil {
		s.Until = *r.UntilDay
	}
	for _, x := range r.Exceptions {
		s.Except[x.Day] = x.Open
	}
	return s
}

// HomeOfficeDays returns the days in [from, to) on which a clerk works from
// home, in order.
func HomeOfficeDays(ctx context.Context, db postgis.DB, clerk int, from, to time.Time) ([]time.Time, error) {
	rows, err := db.Query(ctx, `SELECT day FROM booking.home_office WHERE clerk = @clerk AND day >= @from AND day < @to ORDER BY day`,
		pgx.NamedArgs{"clerk": clerk, "from": from, "to": to})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[time.Time])
}

// Quotas returns how many minutes per ISO week may at most be booked with a
// clerk, by way; a way that is not there has no limit.
func Quotas(ctx context.Context, db postgis.DB, clerk int) (map[Via]int, error) {
	rows, err := db.Query(ctx, `SELECT via, minutes FROM booking.quota WHERE clerk = @clerk`, pgx.NamedArgs{"clerk": clerk})
	if err != nil {
		return nil, err
	}
	quotas := map[Via]int{}
	var via Via
	var minutes int
	_, err = pgx.ForEachRow(rows, []any{&via, &minutes}, func() error {
		quotas[via] = minutes
		return nil
	})
	return quotas, err
}

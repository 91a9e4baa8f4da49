package booking

import (
	"cmp"
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking/calendar"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/stations"
)

const (
	longestNote    = 200 // letters
	mostExceptions = 400
	grid           = 5 // minutes; see match.CellMinutes
)

// check completes a release with what is usual and refuses what can never
// hold: Invalid booking.release_…, booking.bad_day, booking.unknown_zone,
// booking.no_concern, booking.no_site; NotFound booking.no_clerk.
func (r *Release) check(ctx context.Context, db postgis.DB, now time.Time) error {
	setting, err := Settings(ctx, db)
	if err != nil {
		return err
	}
	r.Zone = cmp.Or(r.Zone, setting.Zone)
	if len(r.Via) == 0 {
		r.Via = []Via{ViaWeb, ViaPhone, ViaDesk}
	}
	r.Channels, r.Via, r.Concerns = distinct(r.Channels), distinct(r.Via), distinct(r.Concerns)
	zone, err := calendar.Zone(r.Zone)
	if err != nil {
		return err
	}
	for _, err := range []error{r.checkTimes(), r.checkDays(stations.Day(now.In(zone))), r.checkWays(), r.checkReferences(ctx, db)} {
		if err != nil {
			return err
		}
	}
	return r.checkHolds(ctx, db, now, setting)
}

// checkTimes looks at the wall times.
func (r *Release) checkTimes() error {
	switch {
	case r.Opens < 0 || r.Closes > 24*60 || r.Opens >= r.Closes:
		return ortsnah.E(ortsnah.Invalid, "booking.release_ends_before_it_opens", "opens", r.Opens.String(), "closes", r.Closes.String()).About("closes")
	case r.Opens%grid != 0 || r.Closes%grid != 0:
		return ortsnah.E(ortsnah.Invalid, "booking.release_off_grid", "opens", r.Opens.String(), "closes", r.Closes.String()).About("opens")
	}
	return nil
}

// checkDays looks at the days of the release and of its exceptions.
func (r *Release) checkDays(today time.Time) error {
	if !plausible(r.FirstDay, today) {
		return ortsnah.E(ortsnah.Invalid, "booking.release_far_away", "day", r.FirstDay.Format(time.DateOnly)).About("first_day")
	}
	if r.UntilDay != nil && (!r.UntilDay.After(r.FirstDay) || r.UntilDay.Year() > 2500) {
		return ortsnah.E(ortsnah.Invalid, "booking.release_ends_before_it_begins", "day", r.UntilDay.AddDate(0, 0, -1).Format(time.DateOnly),
			"first", r.FirstDay.Format(time.DateOnly)).About("until_day")
	}
	if len(r.Exceptions) > mostExceptions {
		return ortsnah.E(ortsnah.Invalid, "booking.release_exceptions", "most", mostExceptions).About("exceptions")
	}
	seen := map[time.Time]bool{}
	for _, x := range r.Exceptions {
		if seen[x.Day] {
			return ortsnah.E(ortsnah.Invalid, "booking.release_bad_exception", "day", x.Day.Format(time.DateOnly)).About("exceptions")
		}
		if err := x.check(today); err != nil {
			return err
		}
		seen[x.Day] = true
	}
	return nil
}

// plausible says whether day is a date (midnight UTC) in this time.
func plausible(day, today time.Time) bool {
	return day.Equal(stations.Day(day)) && day.Year() > 2000 && day.Before(today.AddDate(0, 0, farthestDays))
}

func (x Exception) check(today time.Time) error {
	if !plausible(x.Day, today) || utf8.RuneCountInString(x.Reason) > longestNote || !utf8.ValidString(x.Reason) {
		return ortsnah.E(ortsnah.Invalid, "booking.release_bad_exception", "day", x.Day.Format(time.DateOnly)).About("exceptions")
	}
	return nil
}

// checkWays looks at channels, ways, place, and how long before it is seen.
func (r *Release) checkWays() error {
	for _, c := range r.Channels {
		if !slices.Contains([]Channel{Counter, Phone, Video, Mobile}, c) {
			return ortsnah.E(ortsnah.Invalid, "booking.release_no_channel").About("channels")
		}
	}
	for _, v := range r.Via {
		if !slices.Contains([]Via{ViaWeb, ViaPhone, ViaDesk}, v) {
			return ortsnah.E(ortsnah.Invalid, "booking.release_bad_way").About("via")
		}
	}
	counter, mobile := slices.Contains(r.Channels, Counter), slices.Contains(r.Channels, Mobile)
	switch {
	case len(r.Channels) == 0:
		return ortsnah.E(ortsnah.Invalid, "booking.release_no_channel").About("channels")
	case counter && mobile || counter && r.Site == "" || mobile != (r.StationDay != 0) || r.Site != "" && r.StationDay != 0:
		return ortsnah.E(ortsnah.Invalid, "booking.release_no_place").About("site")
	case mobile && r.Rule != "":
		return ortsnah.E(ortsnah.Invalid, "booking.release_station_once").About("rule")
	case r.VisibleDays != nil && (*r.VisibleDays < 0 || *r.VisibleDays > 400):
		return ortsnah.E(ortsnah.Invalid, "booking.release_visible").About("visible_days")
	case utf8.RuneCountInString(r.Note) > longestNote || !utf8.ValidString(r.Note):
		return ortsnah.E(ortsnah.Invalid, "booking.release_note", "most", longestNote).About("note")
	}
	return nil
}

// checkReferences looks whether clerk, building, station day and concerns are
// there.
func (r *Release) checkReferences(ctx context.Context, db postgis.DB) error {
	if err := isClerk(ctx, db, r.Clerk); err != nil {
		return err
	}
	var site bool
	var day time.Time
	var comes bool
	var unknown string
	err := db.QueryRow(ctx, `SELECT @site = '' OR EXISTS (SELECT FROM booking.site WHERE id = @site),
			coalesce((SELECT day FROM booking.station_day WHERE id = @station), @first),
			@station = 0 OR EXISTS (SELECT FROM booking.station_day WHERE id = @station AND state = 'planned'),
			coalesce((SELECT min(id) FROM unnest(@concerns::text[]) AS c (id)
				WHERE NOT EXISTS (SELECT FROM booking.concern k WHERE k.id = c.id AND k.active)), '')`,
		pgx.NamedArgs{"site": r.Site, "station": r.StationDay, "concerns": r.Concerns, "first": r.FirstDay}).Scan(&site, &day, &comes, &unknown)
	switch {
	case err != nil:
		return err
	case !site:
		return ortsnah.E(ortsnah.Invalid, "booking.no_site", "site", short(r.Site)).About("site")
	case !comes || !day.Equal(r.FirstDay):
		return ortsnah.E(ortsnah.Invalid, "booking.release_no_station", "day", r.FirstDay.Format(time.DateOnly)).About("station_day")
	case unknown != "":
		return ortsnah.E(ortsnah.Invalid, "booking.no_concern", "service", short(unknown)).About("concerns")
	}
	return nil
}

// checkHolds refuses a release that comes to no day at all, and says why.
func (r *Release) checkHolds(ctx context.Context, db postgis.DB, now time.Time, setting Setting) error {
	a, err := readAlmanac(ctx, db, now, []int{r.Clerk})
	if err != nil {
		return err
	}
	// Whatever began long ago has its days; a coming one must have some.
	to := a.today.AddDate(0, 0, 2*farthestDays)
	spans, err := a.spans(r, a.today, to)
	if err != nil || len(spans) > 0 {
		return err
	}
	first := r.FirstDay.Format(time.DateOnly)
	if r.Rule != "" {
		return ortsnah.E(ortsnah.Invalid, "booking.release_never").About("rule")
	}
	if r.FirstDay.Before(a.today) {
		return ortsnah.E(ortsnah.Invalid, "booking.release_past", "day", first).About("first_day")
	}
	if h, holiday := calendar.Closed(setting.State, r.FirstDay, r.FirstDay.AddDate(0, 0, 1))[r.FirstDay]; holiday {
		return ortsnah.E(ortsnah.Invalid, "booking.release_on_holiday", "day", first, "holiday", h.Name.DE).About("first_day")
	}
	if a.home[r.Clerk][r.FirstDay] {
		return ortsnah.E(ortsnah.Invalid, "booking.release_at_home", "day", first).About("first_day")
	}
	if stand, comes := a.stands[r.StationDay]; comes {
		zone, err := calendar.Zone(r.Zone)
		if err != nil {
			return err
		}
		return ortsnah.E(ortsnah.Invalid, "booking.release_outside_station", "day", first,
			"opens", stand.Starts.In(zone).Format("15:04"), "closes", stand.Ends.In(zone).Format("15:04")).About("opens")
	}
	return ortsnah.E(ortsnah.Invalid, "booking.missing_hour", "time", r.Opens.String(), "day", first).About("opens")
}

// isClerk tells whether a resource is a clerk in use. Error: NotFound
// booking.no_clerk.
func isClerk(ctx context.Context, db postgis.DB, id int) error {
	err := db.QueryRow(ctx, `SELECT c.resource FROM booking.clerk c JOIN booking.resource r ON r.id = c.resource
		WHERE c.resource = @id AND r.active`, pgx.NamedArgs{"id": id}).Scan(&id)
	return absent(err, "booking.no_clerk")
}

func distinct[T cmp.Ordered](list []T) []T {
	found := append([]T{}, list...)
	slices.Sort(found)
	return slices.Compact(found)
}

// short keeps a foreign word from filling a sentence.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

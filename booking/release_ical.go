package booking

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking/calendar"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/stations"
)

// ownUID names a release or closure in an exported file, so that reading the
// file again changes it and does not double it.
func ownUID(object string) string { return object + "@ortsnah" }

// ExportReleases writes a clerk's releases that have not ended and their coming
// absences as iCalendar. Public holidays are days left out; it holds no
// appointments and no names.
func ExportReleases(ctx context.Context, db postgis.DB, now time.Time, clerk int, names calendar.Labels, w io.Writer) error {
	if err := isClerk(ctx, db, clerk); err != nil {
		return err
	}
	a, err := readAlmanac(ctx, db, now, []int{clerk})
	if err != nil {
		return err
	}
	releases, err := Releases(ctx, db, clerk)
	if err != nil {
		return err
	}
	var events []calendar.Event
	to := a.today.AddDate(0, 0, farthestDays)
	closed := calendar.Closed(a.setting.State, a.today, to)
	for _, r := range releases {
		if r.UntilDay != nil && !r.UntilDay.After(a.today) || r.Rule == "" && r.FirstDay.Before(a.today) {
			continue
		}
		e := calendar.Event{UID: r.uid(), Series: r.series()}
		days, err := e.Days(a.today, to, nil)
		if err != nil {
			return err
		}
		for _, day := range days {
			if _, holiday := closed[day]; holiday && !e.Except[day] {
				e.Except[day] = false
			}
		}
		events = append(events, e)
	}
	absences, err := closuresOf(ctx, db, clerk, now, now.AddDate(0, 0, farthestDays))
	if err != nil {
		return err
	}
	for _, c := range absences {
		events = append(events, c.event(a.setting.Zone))
	}
	return calendar.WriteICal(w, now, names, events)
}

// uid is how the release is called in files.
func (r Release) uid() string {
	if r.Imported != "" {
		return r.Imported
	}
	return ownUID(r.object())
}

// event is the closure by the clocks of the town.
func (c Closure) event(zone string) calendar.Event {
	clock := func(t time.Time) stations.Clock { return stations.Clock(t.Hour()*60 + t.Minute()) }
	e := calendar.Event{UID: ownUID(c.object()), Busy: true, Series: calendar.Series{First: stations.Day(c.Starts), Opens: clock(c.Starts), Closes: clock(c.Ends), Zone: zone}}
	e.Over = int(stations.Day(c.Ends).Sub(e.First).Hours() / 24) // of dates in UTC
	e.AllDay = e.Opens == 0 && e.Closes == 0
	if e.Over > 0 && e.Closes == 0 {
		e.Over, e.Closes = e.Over-1, 24*60
	}
	return e
}

// Imported says what an import came to.
type Imported struct {
	Releases  int // series of released time
	Closures  int // single absences
	Withdrawn int // releases of the last import that the file no longer has
	Left      int // free events left out: they are over or on a public holiday
}

// ImportICal takes a calendar file over as the time of a clerk: free events
// become releases like the given one (its place, channels, ways, concerns and
// visibility), busy ones absences until the horizon. What an earlier import
// brought and the file no longer has is withdrawn; what was entered here stays,
// but an exported release comes back as itself. Errors: Invalid
// booking.ical_… with the line, and those of Offer; *HasBookings unless forced.
func ImportICal(ctx context.Context, tx pgx.Tx, now time.Time, actor ortsnah.Actor, clerk int, text []byte, like Release, force bool) (done Imported, lost []Conflict, err error) {
	setting, err := Settings(ctx, tx)
	if err != nil {
		return done, nil, err
	}
	zone, err := calendar.Zone(setting.Zone)
	if err != nil {
		return done, nil, err
	}
	events, err := calendar.ParseICal(text, zone)
	if err != nil {
		return done, nil, err
	}
	i := &icalImport{Tx: tx, now: now, actor: actor, clerk: clerk, like: like, today: stations.Day(now.In(zone)), horizon: setting.HorizonDays}
	var away []Conflict
	lost, err = change(ctx, tx, now, clerk, force, func(tx pgx.Tx) error {
		i.Tx = tx
		before, err := underClosure(ctx, tx, now, 0)
		if err != nil {
			return err
		}
		if err := i.take(ctx, events); err != nil {
			return err
		}
		after, err := underClosure(ctx, tx, now, 0)
		away = slices.DeleteFunc(after, func(c Conflict) bool {
			return slices.ContainsFunc(before, func(b Conflict) bool { return b.Appointment == c.Appointment })
		})
		if err == nil && len(away) > 0 && !force {
			return &HasBookings{Conflicts: away}
		}
		return err
	})
	if err != nil {
		return Imported{}, nil, err
	}
	for _, c := range away {
		if !slices.ContainsFunc(lost, func(l Conflict) bool { return l.Appointment == c.Appointment }) {
			lost = append(lost, c)
		}
	}
	return i.done, lost, nil
}

// icalImport is an import under way.
type icalImport struct {
	pgx.Tx
	now     time.Time
	actor   ortsnah.Actor
	clerk   int
	like    Release
	today   time.Time
	horizon int
	done    Imported
}

func (i *icalImport) take(ctx context.Context, events []calendar.Event) error {
	if err := isClerk(ctx, i, i.clerk); err != nil {
		return err
	}
	stored, err := Releases(ctx, i, i.clerk)
	if err != nil {
		return err
	}
	known := map[string]Release{}
	for _, r := range stored {
		known[r.uid()] = r
	}
	if _, err := i.Exec(ctx, `DELETE FROM booking.closure WHERE resource = @clerk AND imported <> '' AND ends > @now`,
		pgx.NamedArgs{"clerk": i.clerk, "now": i.now}); err != nil {
		return err
	}
	met := map[int64]bool{}
	for _, e := range events {
		if e.UID == "" {
			e.UID = fmt.Sprintf("line %d", e.Line)
		}
		if e.Busy {
			err = i.absence(ctx, e)
		} else {
			met[known[e.UID].ID] = true
			err = i.release(ctx, e, known[e.UID])
			delete(known, e.UID) // a second event of this UID is another release
		}
		if err != nil {
			return err
		}
	}
	for _, r := range stored {
		if r.Imported == "" || met[r.ID] {
			continue
		}
		if _, err := i.Exec(ctx, `DELETE FROM booking.release WHERE id = @id`, pgx.NamedArgs{"id": r.ID}); err != nil {
			return err
		}
		i.done.Withdrawn++
	}
	if err := onePlace(ctx, i, i.now, i.clerk); err != nil {
		return err
	}
	return audit(ctx, i, i.now, i.actor, "release.import", fmt.Sprintf("clerk/%d", i.clerk), map[string]any{"releases": i.done.Releases, "withdrawn": i.done.Withdrawn})
}

// release stores a free event; old is the one that it was before.
func (i *icalImport) release(ctx context.Context, e calendar.Event, old Release) error {
	r := i.like
	if old.ID != 0 {
		r = old
	} else {
		r.ID, r.Clerk, r.Imported = 0, i.clerk, e.UID
	}
	r.FirstDay, r.Rule, r.Opens, r.Closes, r.Zone, r.UntilDay, r.Exceptions = e.First, e.Rule, e.Opens, e.Closes, e.Zone, nil, []Exception{}
	if !e.Until.IsZero() {
		r.UntilDay = &e.Until
	}
	for day, open := range e.Except {
		if !day.Before(i.today) {
			r.Exceptions = append(r.Exceptions, Exception{Day: day, Open: open})
		}
	}
	err := r.check(ctx, i, i.now)
	if idle, ok := errors.AsType[*ortsnah.Error](err); ok && slices.Contains([]string{"booking.release_never", "booking.release_past", "booking.release_on_holiday"}, idle.Key) {
		i.done.Left++
		return nil
	}
	if err != nil {
		return err
	}
	i.done.Releases++
	if err := r.store(ctx, i); err != nil {
		return err
	}
	return noteHolidays(ctx, i, i.now, i.actor, r, r.Exceptions)
}

// absence stores the coming spans of a busy event, but not what was exported
// from here.
func (i *icalImport) absence(ctx context.Context, e calendar.Event) error {
	spans, err := e.Spans(i.today.AddDate(0, 0, -e.Over-1), i.today.AddDate(0, 0, i.horizon+1))
	if err != nil {
		return err
	}
	for _, s := range spans {
		if !s.Ends.After(i.now) {
			continue
		}
		stored, err := i.Exec(ctx, `INSERT INTO booking.closure (resource, starts, ends, kind, imported)
			SELECT @clerk, @starts, @ends, 'closed', @uid WHERE NOT EXISTS (SELECT FROM booking.closure c
				WHERE c.resource = @clerk AND c.starts = @starts AND c.ends = @ends)`,
			pgx.NamedArgs{"clerk": i.clerk, "starts": s.Starts, "ends": s.Ends, "uid": e.UID + " " + s.Day.Format(time.DateOnly)})
		if err != nil {
			return err
		}
		i.done.Closures += int(stored.RowsAffected())
	}
	return nil
}

package booking

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
	"github.com/ortsnah/ortsnah/stations"
)

// quotas is the scenarios' town in a transaction, for what happens before
// anybody books.
type quotas struct {
	pgx.Tx
	t     *testing.T
	now   time.Time
	clerk map[string]int
}

func quotaTown(t *testing.T, now string) *quotas {
	t.Helper()
	q := &quotas{Tx: pgtest.Tx(t, Migrations()), t: t, clerk: map[string]int{}}
	var err error
	q.now, err = time.ParseInLocation("2006-01-02 15:04", now, berlin(t))
	q.must(err)
	q.must(Load(t.Context(), q, scenarioCatalogue()))
	clerks, err := Clerks(t.Context(), q)
	q.must(err)
	for _, c := range clerks {
		q.clerk[c.Label] = c.ID
	}
	return q
}

func (q *quotas) must(err error) {
	q.t.Helper()
	if err != nil {
		q.t.Fatal(err)
	}
}

func (q *quotas) day(text string) time.Time {
	q.t.Helper()
	d, err := time.Parse(time.DateOnly, text)
	q.must(err)
	return d
}

func (q *quotas) wall(text string) time.Time {
	q.t.Helper()
	w, err := time.ParseInLocation("2006-01-02 15:04", text, berlin(q.t))
	q.must(err)
	return w
}

func (q *quotas) clock(text string) stations.Clock {
	q.t.Helper()
	c, err := stations.ParseClock(text)
	q.must(err)
	return c
}

// release is one in the town hall that is not stored yet.
func (q *quotas) release(clerk, first, rule, opens, closes string) Release {
	return Release{Clerk: q.clerk[clerk], Site: "rathaus", FirstDay: q.day(first), Rule: rule, Opens: q.clock(opens), Closes: q.clock(closes),
		Channels: []Channel{Counter, Phone}}
}

func planner() ortsnah.Actor { return ortsnah.Actor{Role: "staff", Name: "planner"} }

func (q *quotas) offer(r Release) Release {
	q.t.Helper()
	stored, _, err := Offer(q.t.Context(), q, q.now, planner(), r, false)
	q.must(err)
	return stored
}

// days are what a release comes to: "30.03. 06:00Z-10:00Z counter,phone".
func (q *quotas) days(id int64) (found []string) {
	q.t.Helper()
	rows, err := q.Query(q.t.Context(), `SELECT to_char(day, 'DD.MM. ') || to_char(lower(during) AT TIME ZONE 'UTC', 'HH24:MI"Z-"')
			|| to_char(upper(during) AT TIME ZONE 'UTC', 'HH24:MI"Z "') || array_to_string(channels, ',')
		FROM booking.release_day WHERE release = $1 ORDER BY day`, id)
	q.must(err)
	found, err = pgx.CollectRows(rows, pgx.RowTo[string])
	q.must(err)
	return found
}

func (q *quotas) count(sql string, args ...any) (n int) {
	q.t.Helper()
	q.must(q.QueryRow(q.t.Context(), sql, args...).Scan(&n))
	return n
}

// booked puts an appointment into the tables, as the writer would.
func (q *quotas) booked(id, clerk, concern, starts, ends string, station int64) {
	q.t.Helper()
	_, err := q.Exec(q.t.Context(), `WITH a AS (
			INSERT INTO booking.appointment (id, token_hash, state, channel, via, persons, office, site, stop, station_day, zone, wall_start, starts, ends, created_at, booked_at)
			VALUES (@id, sha256(@id::text::bytea), 'booked', CASE WHEN @station::bigint = 0 THEN 'counter' ELSE 'mobile' END, 'web', 1, 'buergerbuero',
				CASE WHEN @station = 0 THEN 'rathaus' END, (SELECT stop FROM booking.station_day WHERE id = @station), nullif(@station, 0),
				'Europe/Berlin', @starts::timestamptz AT TIME ZONE 'Europe/Berlin', @starts, @ends, @now, @now) RETURNING id),
		p AS (INSERT INTO booking.part (appointment, position, concern, team, clerk, starts, ends)
			SELECT id, 1, @concern, 'buergerbuero', @clerk, @starts, @ends FROM a)
		INSERT INTO booking.claim (resource, during, appointment) SELECT @clerk, tstzrange(@starts, @ends), id FROM a`,
		pgx.NamedArgs{"id": id, "clerk": q.clerk[clerk], "concern": concern, "starts": q.wall(starts), "ends": q.wall(ends), "now": q.now, "station": station})
	q.must(err)
}

func TestOfferAndWithdraw(t *testing.T) {
	q := quotaTown(t, "2026-03-27 10:00")
	r := q.release("A1", "2026-03-30", "FREQ=WEEKLY;BYDAY=MO,SU", "08:00", "12:00")
	r.Concerns, r.Note = []string{"pass", "pass"}, "Schalter 3"
	r = q.offer(r)
	days := q.days(r.ID)
	want := []string{"30.03. 06:00Z-10:00Z counter,phone", "12.04. 06:00Z-10:00Z counter,phone", "13.04. 06:00Z-10:00Z counter,phone"}
	if len(days) < 20 || days[0] != want[0] || days[2] != want[1] || days[3] != want[2] { // 5 April is Easter Sunday, no holiday here; Easter Monday is
		t.Errorf("%d days: %q", len(days), days)
	}
	stored, err := FindRelease(t.Context(), q, r.ID)
	q.must(err)
	if stored.Note != "Schalter 3" || !slices.Equal(stored.Concerns, []string{"pass"}) || stored.Opens != r.Opens || stored.Zone != "Europe/Berlin" || len(stored.Via) != 3 {
		t.Errorf("%+v", stored)
	}
	until := q.day("2026-04-14")
	r.UntilDay, r.Closes = &until, q.clock("11:00")
	r = q.offer(r)
	if days := q.days(r.ID); len(days) != 4 || days[0] != "30.03. 06:00Z-09:00Z counter,phone" {
		t.Errorf("changed: %q", days)
	}
	if _, err := Withdraw(t.Context(), q, q.now, planner(), r.ID, false); err != nil {
		t.Fatal(err)
	}
	if n := q.count(`SELECT count(*) FROM booking.release_day`); n != 0 {
		t.Errorf("%d days after the release was withdrawn", n)
	}
	if _, err := Withdraw(t.Context(), q, q.now, planner(), r.ID, false); key(err) != "booking.no_release" {
		t.Error("withdrawn twice:", err)
	}
	trail, err := Audit(t.Context(), q, r.object(), 10)
	if err != nil || len(trail) != 3 || trail[0].Action != "release.withdraw" || trail[2].Action != "release.add" || trail[0].Actor != "staff:planner" {
		t.Errorf("%+v, %v", trail, err)
	}
}

func TestOfferRefuses(t *testing.T) {
	q := quotaTown(t, "2026-03-27 10:00")
	early, many := q.day("2026-03-01"), 401
	for name, x := range map[string]struct {
		key    string
		change func(r *Release)
	}{
		"ends before it opens":  {"booking.release_ends_before_it_opens", func(r *Release) { r.Closes = r.Opens }},
		"after midnight":        {"booking.release_ends_before_it_opens", func(r *Release) { r.Closes = 25 * 60 }},
		"odd minutes":           {"booking.release_off_grid", func(r *Release) { r.Opens++ }},
		"year 3026":             {"booking.release_far_away", func(r *Release) { r.FirstDay = q.day("3026-03-30") }},
		"no day":                {"booking.release_far_away", func(r *Release) { r.FirstDay = time.Time{} }},
		"not midnight":          {"booking.release_far_away", func(r *Release) { r.FirstDay = r.FirstDay.Add(time.Hour) }},
		"ends before it begins": {"booking.release_ends_before_it_begins", func(r *Release) { r.UntilDay = &early }},
		"bad rule":              {"booking.release_bad_rule", func(r *Release) { r.Rule = "FREQ=HOURLY" }},
		"long rule":             {"booking.release_bad_rule", func(r *Release) { r.Rule = "FREQ=DAILY" + strings.Repeat(";WKST=MO", 100) }},
		"unknown channel":       {"booking.release_no_channel", func(r *Release) { r.Channels = []Channel{"fax"} }},
		"no channel":            {"booking.release_no_channel", func(r *Release) { r.Channels = nil }},
		"unknown way":           {"booking.release_bad_way", func(r *Release) { r.Via = []Via{"fax"} }},
		"counter nowhere":       {"booking.release_no_place", func(r *Release) { r.Site = "" }},
		"mobile in a building":  {"booking.release_no_place", func(r *Release) { r.Channels = []Channel{Mobile} }},
		"no such building":      {"booking.no_site", func(r *Release) { r.Site = "mond" }},
		"no such station day":   {"booking.release_no_station", func(r *Release) { r.Site, r.Channels, r.StationDay = "", []Channel{Mobile}, 77 }},
		"no such concern":       {"booking.no_concern", func(r *Release) { r.Concerns = []string{"pass", "mondreise"} }},
		"no such clerk":         {"booking.no_clerk", func(r *Release) { r.Clerk = 4711 }},
		"no such zone":          {"booking.unknown_zone", func(r *Release) { r.Zone = "Europe/Gütersloh" }},
		"too visible":           {"booking.release_visible", func(r *Release) { r.VisibleDays = &many }},
		"long note":             {"booking.release_note", func(r *Release) { r.Note = strings.Repeat("ä", 10_000) }},
		"never":                 {"booking.release_never", func(r *Release) { r.Rule = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30" }},
		"past":                  {"booking.release_past", func(r *Release) { r.FirstDay = q.day("2026-03-26") }},
		"Good Friday":           {"booking.release_on_holiday", func(r *Release) { r.FirstDay = q.day("2026-04-03") }},
		"the missing hour":      {"booking.missing_hour", func(r *Release) { r.FirstDay, r.Opens, r.Closes = q.day("2026-03-29"), 130, 170 }},
		"no such release":       {"booking.no_release", func(r *Release) { r.ID = 4711 }},
		"exception twice": {"booking.release_bad_exception", func(r *Release) {
			r.Exceptions = []Exception{{Day: r.FirstDay}, {Day: r.FirstDay, Open: true}}
		}},
	} {
		r := q.release("A1", "2026-03-30", "", "08:00", "12:00")
		x.change(&r)
		if _, _, err := Offer(t.Context(), q, q.now, planner(), r, true); key(err) != x.key {
			t.Errorf("%s: %v, want %s", name, err, x.key)
		}
	}
	if n := q.count(`SELECT (SELECT count(*) FROM booking.release) + (SELECT count(*) FROM booking.release_day) + (SELECT count(*) FROM booking.audit)`); n != 0 {
		t.Errorf("%d rows left of refused releases", n)
	}
	r := q.offer(q.release("A1", "2026-03-30", "", "08:00", "12:00"))
	r.Clerk = q.clerk["A2"]
	if _, _, err := Offer(t.Context(), q, q.now, planner(), r, true); key(err) != "booking.no_release" {
		t.Error("a release changed hands:", err)
	}
}

func TestOfferAtTwoPlaces(t *testing.T) {
	q := quotaTown(t, "2026-03-27 10:00")
	q.offer(q.release("A1", "2026-03-30", "FREQ=WEEKLY", "08:00", "12:00"))
	at := func(site, first, rule, opens, closes string, channels ...Channel) error {
		r := q.release("A1", first, rule, opens, closes)
		r.Site = site
		if channels != nil {
			r.Channels = channels
		}
		_, _, err := Offer(t.Context(), q, q.now, planner(), r, false)
		return err
	}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"the same morning elsewhere":       {at("bibliothek", "2026-03-30", "", "11:55", "13:00"), "booking.release_overlaps"},
		"beyond the horizon":               {at("bibliothek", "2027-04-05", "FREQ=MONTHLY;BYDAY=1MO", "09:00", "10:00"), "booking.release_overlaps"},
		"the afternoon elsewhere":          {at("bibliothek", "2026-03-30", "", "12:00", "13:00"), ""},
		"the same time at the same place":  {at("rathaus", "2026-03-30", "", "09:00", "10:00"), ""},
		"on the phone at the same time":    {at("", "2026-03-30", "", "09:00", "10:00", Phone), ""},
		"the long one's shadow, elsewhere": {at("bibliothek", "2026-03-30", "", "10:30", "10:45"), "booking.release_overlaps"},
	} {
		if key(c.err) != c.want {
			t.Errorf("%s: %v, want %q", name, c.err, c.want)
		}
	}
}

func TestS19OverrideOfAHoliday(t *testing.T) {
	q := quotaTown(t, "2026-03-27 10:00")
	r := q.offer(q.release("A1", "2026-03-30", "FREQ=DAILY;COUNT=10", "08:00", "12:00"))
	closed := func() (found []string) {
		for _, d := range q.days(r.ID) {
			if strings.HasPrefix(d, "03.04.") || strings.HasPrefix(d, "06.04.") {
				found = append(found, d)
			}
		}
		return found
	}
	if got := closed(); len(got) != 0 || len(q.days(r.ID)) != 8 {
		t.Fatalf("open on holidays: %q", got)
	}
	_, err := Except(t.Context(), q, q.now, planner(), r.ID, Exception{Day: q.day("2026-04-03"), Open: true, Reason: "Wahl"}, false)
	q.must(err)
	if got := closed(); len(got) != 1 || !strings.HasPrefix(got[0], "03.04.") {
		t.Errorf("after the override: %q", got)
	}
	trail, err := Audit(t.Context(), q, r.object(), 10)
	q.must(err)
	if trail[0].Action != "release.open_on_holiday" || trail[0].Detail["holiday"] != "Karfreitag" || trail[0].Detail["day"] != "2026-04-03" {
		t.Errorf("%+v", trail[0])
	}
	for range 2 { // the nightly task keeps it, too
		q.must(ExtendReleases(t.Context(), q, q.now))
	}
	if got := closed(); len(got) != 1 {
		t.Errorf("after a night: %q", got)
	}
	_, err = AsUsual(t.Context(), q, q.now, planner(), r.ID, q.day("2026-04-03"), false)
	q.must(err)
	if got := closed(); len(got) != 0 {
		t.Errorf("taken back: %q", got)
	}
	if _, err = AsUsual(t.Context(), q, q.now, planner(), r.ID, q.day("2026-04-03"), false); key(err) != "booking.no_exception" {
		t.Error("taken back twice:", err)
	}
}

// Shrinking a release under bookings lists them and changes nothing, unless
// forced.
func TestShrinkUnderBookings(t *testing.T) {
	q := quotaTown(t, "2026-03-27 10:00")
	r := q.offer(q.release("A1", "2026-03-30", "FREQ=WEEKLY", "08:00", "12:00"))
	q.booked("AAAAAAA1", "A1", "pass", "2026-03-30 09:00", "2026-03-30 09:10", 0)
	q.booked("AAAAAAA2", "A1", "pass", "2026-03-30 11:50", "2026-03-30 12:00", 0)
	before := q.days(r.ID)
	try := func(name string, change func(r *Release), want ...string) {
		t.Helper()
		c := r
		change(&c)
		_, _, err := Offer(t.Context(), q, q.now, planner(), c, false)
		h, refused := errors.AsType[*HasBookings](err)
		var got []string
		if refused {
			for _, x := range h.Conflicts {
				got = append(got, x.Appointment)
			}
		} else {
			q.must(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		if refused && (key(err) != "booking.release_has_bookings" || !slices.Equal(before, q.days(r.ID))) {
			t.Errorf("%s: %v; days %q", name, err, q.days(r.ID))
		}
		q.offer(r)
	}
	try("the end earlier", func(r *Release) { r.Closes = 710 }, "AAAAAAA2")
	try("the beginning later", func(r *Release) { r.Opens = 10 * 60 }, "AAAAAAA1")
	try("another building", func(r *Release) { r.Site = "bibliothek" }, "AAAAAAA1", "AAAAAAA2")
	try("phone only", func(r *Release) { r.Channels = []Channel{Phone} }, "AAAAAAA1", "AAAAAAA2")
	try("another concern", func(r *Release) { r.Concerns = []string{"ummeldung"} }, "AAAAAAA1", "AAAAAAA2")
	try("this concern", func(r *Release) { r.Concerns = []string{"pass"} })
	try("only the staff may book", func(r *Release) { r.Via = []Via{ViaPhone} })
	try("longer", func(r *Release) { r.Closes = 13 * 60 })
	try("a later beginning of the series", func(r *Release) { r.FirstDay = q.day("2026-04-13") }, "AAAAAAA1", "AAAAAAA2")

	_, err := Withdraw(t.Context(), q, q.now, planner(), r.ID, false)
	if h, ok := errors.AsType[*HasBookings](err); !ok || len(h.Conflicts) != 2 {
		t.Fatal(err)
	}
	lost, err := Withdraw(t.Context(), q, q.now, planner(), r.ID, true)
	if err != nil || len(lost) != 2 || lost[0].Appointment != "AAAAAAA1" || lost[0].Concern != "pass" || lost[0].Starts.Format("15:04-07:00") != "09:00+02:00" {
		t.Fatalf("%+v, %v", lost, err)
	}
	all, err := Conflicts(t.Context(), q, q.now)
	if err != nil || len(all) != 2 || all[0].Cause != NotReleased {
		t.Errorf("%+v, %v", all, err)
	}
	// What had no ground before is no reason to refuse a later change.
	q.offer(q.release("A1", "2026-03-31", "", "08:00", "09:00"))
}

func TestS32QuotaIsStored(t *testing.T) {
	q := quotaTown(t, "2026-03-27 10:00")
	a1, web, phone, far := q.clerk["A1"], 240, 60, 3001
	q.must(Quota(t.Context(), q, q.now, planner(), a1, ViaWeb, &web))
	q.must(Quota(t.Context(), q, q.now, planner(), a1, ViaPhone, &web))
	q.must(Quota(t.Context(), q, q.now, planner(), a1, ViaPhone, &phone))
	if got, err := Quotas(t.Context(), q, a1); err != nil || len(got) != 2 || got[ViaWeb] != 240 || got[ViaPhone] != 60 {
		t.Errorf("%v, %v", got, err)
	}
	q.must(Quota(t.Context(), q, q.now, planner(), a1, ViaWeb, nil))
	if got, err := Quotas(t.Context(), q, a1); err != nil || len(got) != 1 {
		t.Errorf("%v, %v", got, err)
	}
	for want, err := range map[string]error{
		"booking.bad_quota":       Quota(t.Context(), q, q.now, planner(), a1, ViaWeb, &far),
		"booking.no_clerk":        Quota(t.Context(), q, q.now, planner(), 4711, ViaWeb, &web),
		"booking.release_bad_way": Quota(t.Context(), q, q.now, planner(), a1, "fax", &web),
	} {
		if key(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestS42HomeOfficeBlocksTheCounter(t *testing.T) {
	q := quotaTown(t, "2026-03-27 10:00")
	r := q.offer(q.release("A1", "2026-03-30", "FREQ=DAILY;COUNT=3", "08:00", "12:00"))
	counter := q.release("A1", "2026-03-31", "", "14:00", "16:00")
	counter.Channels = []Channel{Counter}
	counter = q.offer(counter)
	q.booked("AAAAAAA1", "A1", "pass", "2026-03-31 09:00", "2026-03-31 09:10", 0)
	tuesday := q.day("2026-03-31")
	home := func(on, force bool) ([]Conflict, error) {
		return HomeOffice(t.Context(), q, q.now, planner(), q.clerk["A1"], tuesday, on, force)
	}
	if _, err := home(true, false); key(errors.Unwrap(err)) != "booking.release_has_bookings" || len(q.days(counter.ID)) != 1 {
		t.Fatal("not forced:", err)
	}
	lost, err := home(true, true)
	if err != nil || len(lost) != 1 {
		t.Fatalf("%+v, %v", lost, err)
	}
	if got := q.days(r.ID); len(got) != 3 || got[1] != "31.03. 06:00Z-10:00Z phone" || got[2] != "01.04. 06:00Z-10:00Z counter,phone" {
		t.Errorf("%q", got)
	}
	if n := q.count(`SELECT count(*) FROM booking.release_day WHERE day = '2026-03-31' AND site IS NOT NULL`); n != 0 || len(q.days(counter.ID)) != 0 {
		t.Error("the town hall is still offered")
	}
	days, err := HomeOfficeDays(t.Context(), q, q.clerk["A1"], tuesday, tuesday.AddDate(0, 0, 1))
	if err != nil || len(days) != 1 {
		t.Errorf("%v, %v", days, err)
	}
	if _, err := home(false, false); err != nil || len(q.days(counter.ID)) != 1 {
		t.Error("back in the office:", err)
	}
	if _, err := HomeOffice(t.Context(), q, q.now, planner(), q.clerk["A1"], q.day("2036-01-01"), true, false); key(err) != "booking.home_office_day" {
		t.Error(err)
	}
}

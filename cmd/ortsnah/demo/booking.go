package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/booking/match"
	"github.com/ortsnah/ortsnah/stations"
)

// quotas is the part of staff.json that says when who has time.
type quotas struct {
	Site          string        `json:"site"`
	Weeks         int           `json:"weeks"` // visible to the public so far ahead
	Releases      []demoRelease `json:"releases"`
	StationClerks []string      `json:"station_clerks"`
}

type demoRelease struct {
	Clerks   []string          `json:"clerks"`
	Weekdays string            `json:"weekdays"` // "MO,TU"
	Opens    string            `json:"opens"`
	Closes   string            `json:"closes"`
	Channels []booking.Channel `json:"channels"`
	Via      []booking.Via     `json:"via"`
	Note     string            `json:"note"`
}

// loadOffer adds floor plan, desks, station days and, once, the time quotas.
func loadOffer(ctx context.Context, tx pgx.Tx, now time.Time) error {
	plan, err := data.ReadFile("data/floor_plan.geojson")
	if err != nil {
		return err
	}
	shapes, err := booking.ReadFloorPlan(plan)
	if err != nil {
		return err
	}
	if _, err := booking.ImportFloorPlan(ctx, tx, "rathaus", shapes); err != nil {
		return err
	}
	var desks booking.DesksFile
	var q quotas
	if err := errors.Join(read("desks.json", &desks), read("staff.json", &q)); err != nil {
		return err
	}
	if err := booking.LoadDesks(ctx, tx, desks); err != nil {
		return err
	}
	if _, err := booking.SyncStationDays(ctx, tx, now, actor()); err != nil {
		return err
	}
	clerks, err := clerkIDs(ctx, tx)
	if err != nil {
		return err
	}
	if err := q.offer(ctx, tx, now, clerks); err != nil {
		return err
	}
	return q.offerStations(ctx, tx, now, clerks)
}

func clerkIDs(ctx context.Context, tx pgx.Tx) (map[string]int, error) {
	ids := map[string]int{}
	clerks, err := booking.Clerks(ctx, tx)
	for _, c := range clerks {
		ids[c.Code] = c.ID
	}
	return ids, err
}

// offer releases the weekly times of clerks who have none yet: what a visitor
// of the demo has changed stays.
func (q quotas) offer(ctx context.Context, tx pgx.Tx, now time.Time, clerks map[string]int) error {
	monday := stations.Day(now)
	monday = monday.AddDate(0, 0, -(int(monday.Weekday())+6)%7)
	ahead := 7 * q.Weeks
	var fresh []string
	for code, id := range clerks {
		has, err := booking.Releases(ctx, tx, id)
		if err != nil {
			return err
		}
		if len(has) == 0 {
			fresh = append(fresh, code)
		}
	}
	for _, r := range q.Releases {
		opens, err := stations.ParseClock(r.Opens)
		if err != nil {
			return err
		}
		closes, err := stations.ParseClock(r.Closes)
		if err != nil {
			return err
		}
		for _, code := range r.Clerks {
			if !slices.Contains(fresh, code) {
				continue
			}
			release := booking.Release{Clerk: clerks[code], FirstDay: monday, Rule: "FREQ=WEEKLY;BYDAY=" + r.Weekdays, Opens: opens, Closes: closes,
				Channels: r.Channels, Via: r.Via, VisibleDays: &ahead, Note: r.Note}
			if slices.Contains(r.Channels, booking.Counter) {
				release.Site = q.Site
			}
			if _, _, err := booking.Offer(ctx, tx, now, actor(), release, false); err != nil {
				return fmt.Errorf("release of %s: %w", code, err)
			}
		}
	}
	return nil
}

// offerStations sends clerks along with the stations, on days on which none
// is there yet.
func (q quotas) offerStations(ctx context.Context, tx pgx.Tx, now time.Time, clerks map[string]int) error {
	days, err := booking.StationDays(ctx, tx, now, now.AddDate(0, 0, 7*q.Weeks))
	if err != nil {
		return err
	}
	for _, d := range days {
		if d.State != stations.Planned || !d.Starts.After(now) {
			continue
		}
		for _, code := range q.StationClerks {
			has, err := booking.Releases(ctx, tx, clerks[code])
			if err != nil {
				return err
			}
			if slices.ContainsFunc(has, func(r booking.Release) bool { return r.StationDay == d.ID }) {
				break
			}
			opens, closes := clock(d.Starts), clock(d.Ends)
			_, _, err = booking.Offer(ctx, tx, now, actor(), booking.Release{Clerk: clerks[code], StationDay: d.ID, FirstDay: d.Day,
				Opens: opens, Closes: closes, Channels: []booking.Channel{booking.Mobile}, Note: "Demo"}, false)
			if ortsnah.KindOf(err) == ortsnah.Conflict || ortsnah.KindOf(err) == ortsnah.Invalid {
				continue // this one has time elsewhere on that day
			}
			if err != nil {
				return err
			}
			break
		}
	}
	return nil
}

func clock(t time.Time) stations.Clock { return stations.Clock(t.Hour()*60 + t.Minute()) }

// Account is a sign-in of the demo town.
type Account struct{ Name, Roles string }

// Password of all demo accounts. The demo listens on the loopback address
// unless somebody says otherwise, and its banner says what it is.
const Password = "Demo-Rathaus-2026"

// accounts are one of each kind.
func accounts() []auth.Change {
	c := func(id, name, clerk, office, site string, roles ...auth.Role) auth.Change {
		return auth.Change{ID: id, Name: "Demo: " + name, Roles: roles, Clerk: clerk, Office: office, Site: site}
	}
	return []auth.Change{
		c("buergerbuero", "Platz A1", "a1", "buergerbuero", "", auth.Clerk),
		c("rente", "Platz P1", "p1", "rente", "", auth.Clerk),
		c("auslaenderbehoerde", "Platz X2", "x2", "auslaenderbehoerde", "", auth.Clerk),
		c("bauaufsicht", "Platz B1", "b1", "bauaufsicht", "", auth.Clerk),
		c("infotheke", "Infotheke", "", "", "rathaus", auth.InfoDesk),
		c("pforte", "Pforte", "", "", "rathaus", auth.Gate),
		c("raeume", "Raumverwaltung", "", "", "rathaus", auth.RoomManager),
		c("planung", "Planung", "", "", "", auth.Planner, auth.Steward),
		c("verwaltung", "Verwaltung", "", "", "", auth.Administrator, auth.RoomManager, auth.Planner),
	}
}

// LoadAccounts makes the sign-ins that are missing and lists all of them.
func LoadAccounts(ctx context.Context, door *auth.Door) ([]Account, error) {
	var list []Account
	for _, c := range accounts() {
		if err := door.Add(ctx, actor(), c, Password, false); err != nil && ortsnah.KindOf(err) != ortsnah.Conflict {
			return nil, fmt.Errorf("demo account %s: %w", c.ID, err)
		}
		roles := ""
		for i, r := range c.Roles {
			if i > 0 {
				roles += ", "
			}
			roles += string(r)
		}
		list = append(list, Account{c.ID, roles})
	}
	return list, nil
}

// LoadBookings books some appointments of the next days, when there is none to
// come: the same every time for the same calendar.
func LoadBookings(ctx context.Context, pool *pgxpool.Pool, c *booking.Reception) error {
	var coming int
	if err := pool.QueryRow(ctx, `SELECT count(*) FROM booking.appointment WHERE state = 'booked' AND starts > $1`, c.Now()).Scan(&coming); err != nil || coming > 0 {
		return err
	}
	surnames := []string{"Ahrens", "Bender", "Celik", "Dreyer", "Ebert", "Fischer", "Günther", "Hoffmann", "Kowalski", "Lüttmann", "Möller", "Nowak", "Özdemir", "Petersen", "Schäfer", "Tiemann", "Vogt", "Wiegand"}
	concerns := []string{"reisepass", "personalausweis", "ummeldung", "rentenberatung", "aufenthaltstitel", "fuehrungszeugnis", "kontenklaerung", "meldebescheinigung", "grundsicherung", "beglaubigung", "eheschliessung"}
	for i := range 80 {
		surname := surnames[i%len(surnames)]
		r := booking.Request{Concerns: []string{concerns[i%len(concerns)]}, Persons: 1 + i%7/5, Name: surname, Via: booking.ViaPhone, Channel: booking.Counter,
			From: c.Now().Add(time.Duration(i%20*7) * time.Hour), Limit: 3, Sort: match.Early}
		found, err := c.Board.Propose(ctx, r)
		if err != nil {
			return err
		}
		if len(found.Proposals) == 0 {
			continue
		}
		p := found.Proposals[i%len(found.Proposals)]
		_, err = c.Book(ctx, booking.Order{Request: r, Starts: p.Starts, PlaceID: p.PlaceID}, booking.By{Staff: actor()},
			booking.Person{GivenName: "Demo", Surname: surname}, "de")
		if err != nil && ortsnah.KindOf(err) != ortsnah.Conflict {
			return err
		}
	}
	return nil
}

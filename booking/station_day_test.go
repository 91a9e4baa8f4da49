package booking

import (
	"strings"
	"testing"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/stations"
)

// stationPlan has kit K1 at the library on Thursday 2026-06-11, 09:00 to 12:30,
// and, with a second visit, elsewhere from opens on.
func stationPlan(opens string) stations.Plan {
	text := func(de string) catalog.Text { return catalog.Text{DE: de, EN: de} }
	p := stations.Plan{Zone: "Europe/Berlin", AnchorMonday: "2026-06-08",
		Stations: []stations.Station{
			{ID: "k1", Name: text("Koffer K1"), Kind: "kit", Staff: 1, Equipment: []stations.Equipment{{ID: "printer", DE: "Drucker", State: "present"}, {ID: "scanner", DE: "Scanner", State: "planned"}}},
			{ID: "mobil", Name: text("Rathausmobil"), Kind: "vehicle", Staff: 2}},
		Stops: []stations.Stop{{ID: "bibliothek", Name: text("Bibliothek"), Lon: 8.38, Lat: 51.907}, {ID: "spexard", Name: text("Spexard"), Lon: 8.39, Lat: 51.88}},
		Visits: []stations.PlannedVisit{{ID: "k1-bibliothek-4", Station: "k1", Stop: "bibliothek", Weekday: 4, Start: "09:00", End: "12:30",
			EveryWeeks: 1, Services: []string{"pass"}}},
	}
	if opens != "" {
		p.Visits = append(p.Visits, stations.PlannedVisit{ID: "k1-spexard-4", Station: "k1", Stop: "spexard", Weekday: 4, Start: opens, End: "16:00", EveryWeeks: 1})
	}
	return p
}

// planned loads a plan and mirrors it.
func (q *quotas) planned(p stations.Plan) ([]Conflict, error) {
	q.t.Helper()
	q.must(stations.Load(q.t.Context(), q, p, q.now))
	return SyncStationDays(q.t.Context(), q, q.now, planner())
}

// station is the day at the library on 11 June.
func (q *quotas) station() StationDay {
	q.t.Helper()
	days, err := StationDays(q.t.Context(), q, q.wall("2026-06-11 00:00"), q.wall("2026-06-12 00:00"))
	q.must(err)
	if len(days) == 0 || days[0].Stop != "bibliothek" {
		q.t.Fatalf("%+v", days)
	}
	return days[0]
}

func TestS28KitOnTheWay(t *testing.T) {
	for opens, want := range map[string]string{"12:45": "booking.station_on_the_way", "12:55": "booking.station_on_the_way", "13:00": "", "14:00": ""} {
		t.Run(opens, func(t *testing.T) {
			q := quotaTown(t, "2026-06-08 10:00")
			_, err := q.planned(stationPlan(opens))
			if key(err) != want {
				t.Errorf("elsewhere at %s: %v", opens, err)
			}
			if want != "" {
				if err == nil || !strings.Contains(err.Error(), "back:13:00") || !strings.Contains(err.Error(), "stop:Spexard") {
					t.Error(err)
				}
				return
			}
			claims := q.count(`SELECT count(*) FROM booking.claim c JOIN booking.station_day d ON d.id = c.station_day
				WHERE d.day = '2026-06-11' AND c.resource = d.station AND upper(c.during) = d.ends + interval '30 minutes' AND lower(c.during) = d.starts`)
			if claims != 2 {
				t.Errorf("%d claims of the kit", claims)
			}
		})
	}
}

func TestStationsBecomeResources(t *testing.T) {
	q := quotaTown(t, "2026-06-08 10:00")
	for range 2 {
		if lost, err := q.planned(stationPlan("")); err != nil || len(lost) != 0 {
			t.Fatal(lost, err)
		}
	}
	if n := q.count(`SELECT count(*) FROM booking.resource WHERE (kind, code, station, equipment) IN (('kit', 'k1', 'k1', '{printer}'), ('vehicle', 'mobil', 'mobil', '{}'))`); n != 2 {
		t.Error(n, "stations")
	}
	if n := q.count(`SELECT count(*) FROM booking.resource WHERE kind = 'room' AND persons = 4
		AND (code, station, step_free) IN (('k1-counter', 'k1', true), ('mobil-counter', 'mobil', false))`); n != 2 {
		t.Error(n, "counters")
	}
	if n := q.count(`SELECT count(*) FROM booking.audit WHERE action = 'station_days'`); n != 1 {
		t.Error(n, "entries in the trail, for one change")
	}
	d := q.station()
	if d.TravelMinutes != 30 || d.State != stations.Planned || d.Starts.Format("15:04-07:00") != "09:00+02:00" || len(d.Services) != 1 {
		t.Errorf("%+v", d)
	}
}

func TestReleaseAtAStation(t *testing.T) {
	q := quotaTown(t, "2026-06-08 10:00")
	_, err := q.planned(stationPlan(""))
	q.must(err)
	r := q.release("A1", "2026-06-11", "", "08:00", "12:00")
	r.Site, r.Channels, r.StationDay = "", []Channel{Mobile}, q.station().ID
	r = q.offer(r)
	if got := q.days(r.ID); len(got) != 1 || got[0] != "11.06. 07:00Z-10:00Z mobile" {
		t.Errorf("only while the station is there: %q", got)
	}
	for want, change := range map[string]func(r *Release){
		"booking.release_outside_station": func(r *Release) { r.Opens, r.Closes = q.clock("13:00"), q.clock("14:00") },
		"booking.release_no_station":      func(r *Release) { r.FirstDay = q.day("2026-06-12") },
		"booking.release_station_once":    func(r *Release) { r.Rule = "FREQ=WEEKLY" },
	} {
		c := r
		change(&c)
		if _, _, err := Offer(t.Context(), q, q.now, planner(), c, true); key(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, _, err := Offer(t.Context(), q, q.now, planner(), q.release("A1", "2026-06-11", "", "11:00", "13:00"), false); key(err) != "booking.release_overlaps" {
		t.Error("at the town hall at the same time:", err)
	}
}

// Cancelling a station day frees the kit and names the appointments that need
// another; so does another time or stop.
func TestStationDayIsCancelled(t *testing.T) {
	for name, change := range map[string]func(p *stations.Plan){
		"cancelled": func(p *stations.Plan) {
			p.ClosedDays = []string{"2026-06-11"}
		},
		"earlier":         func(p *stations.Plan) { p.Visits[0].Start, p.Visits[0].End = "08:00", "09:30" },
		"at another stop": func(p *stations.Plan) { p.Visits[0].Stop = "spexard" },
		"not any more":    func(p *stations.Plan) { p.Visits = nil },
		"":                func(p *stations.Plan) {},
	} {
		t.Run(name, func(t *testing.T) {
			q := quotaTown(t, "2026-06-08 10:00")
			_, err := q.planned(stationPlan(""))
			q.must(err)
			r := q.release("A1", "2026-06-11", "", "09:00", "12:30")
			r.Site, r.Channels, r.StationDay = "", []Channel{Mobile}, q.station().ID
			r = q.offer(r)
			q.booked("AAAAAAA1", "A1", "pass", "2026-06-11 10:00", "2026-06-11 10:10", r.StationDay)
			p := stationPlan("")
			change(&p)
			for range 2 { // until the appointment is moved it stays on the list
				lost, err := q.planned(p)
				q.must(err)
				if want := min(1, len(name)); len(lost) != want || want == 1 && (lost[0].Appointment != "AAAAAAA1" || lost[0].Cause != StationAway) {
					t.Errorf("%s: %+v", name, lost)
				}
				all, err := Conflicts(t.Context(), q, q.now)
				q.must(err)
				if len(all) != len(lost) {
					t.Errorf("%s: %+v", name, all)
				}
			}
			claims := q.count(`SELECT count(*) FROM booking.claim WHERE station_day = $1`, r.StationDay)
			days := len(q.days(r.ID))
			if gone := name == "cancelled" || name == "not any more"; gone != (claims == 0) || gone != (days == 0) {
				t.Errorf("%s: %d claims, %d released days", name, claims, days)
			}
			q.must(func() error { _, err := q.planned(stationPlan("")); return err }())
			if n := q.count(`SELECT count(*) FROM booking.claim WHERE station_day = $1`, r.StationDay); n != 1 || len(q.days(r.ID)) != 1 {
				t.Errorf("%s and taken back: %d claims, days %q", name, n, q.days(r.ID))
			}
		})
	}
}

// Something else on the kit is a sentence, not a constraint's name.
func TestStationIsBusy(t *testing.T) {
	q := quotaTown(t, "2026-06-08 10:00")
	_, err := q.planned(stationPlan(""))
	q.must(err)
	q.booked("AAAAAAA1", "A1", "pass", "2026-06-18 08:30", "2026-06-18 08:40", 0)
	_, err = q.Exec(t.Context(), `UPDATE booking.claim SET resource = (SELECT id FROM booking.resource WHERE kind = 'kit' AND code = 'k1') WHERE appointment = 'AAAAAAA1'`)
	q.must(err)
	p := stationPlan("")
	p.Visits[0].Start = "08:00"
	if _, err := q.planned(p); key(err) != "booking.station_busy" {
		t.Error(err)
	}
}

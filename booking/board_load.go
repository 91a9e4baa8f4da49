package booking

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/booking/match"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Load reads everything anew, as of one moment of the database.
func (b *Board) Load(ctx context.Context) error {
	b.loading.Lock()
	defer b.loading.Unlock()
	taken := b.touched.take(time.Time{}, b.now().AddDate(10, 0, 0)) // what was touched before the snapshot is in it
	err := pgx.BeginTxFunc(ctx, b.db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		o, err := b.loadOffer(ctx, tx)
		if err != nil {
			return err
		}
		w, err := readWork(ctx, tx, o, nil, b.now())
		if err != nil {
			return err
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.offer, b.busy, b.visits, b.load, b.used = o, map[int][]match.Timeline{}, make([]map[int][]work, len(o.days)), map[int][]int{}, map[quotaKey]int{}
		b.version++
		b.apply(o, w, nil)
		return nil
	})
	if err != nil {
		b.touched.back(taken)
	}
	return err
}

func (b *Board) loadOffer(ctx context.Context, tx pgx.Tx) (*offer, error) {
	o := &offer{quotas: map[quotaLimit]int{}, concerns: map[string]concernRule{}, clerks: map[int]Clerk{}, placeOf: map[string]int{}, released: map[int][]releaseDay{}}
	var err error
	if o.setting, err = Settings(ctx, tx); err != nil {
		return nil, err
	}
	o.days = localDays(b.now(), b.zone, o.setting.HorizonDays)
	if o.directory, err = LoadDirectory(ctx, tx); err != nil {
		return nil, err
	}
	if o.districts, err = districtsIfAny(ctx, tx); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context, pgx.Tx) error{
		o.loadConcernRules, o.loadClerks, o.loadPlaces, o.loadResources, o.loadReleaseDays, o.loadClosures, o.loadStationRooms, o.loadQuotas,
	} {
		if err := step(ctx, tx); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func (o *offer) loadConcernRules(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `SELECT id, buffer_minutes, lead_minutes, horizon_days, skill, needs, kit FROM booking.concern WHERE active`)
	if err != nil {
		return err
	}
	rules, err := pgx.CollectRows(rows, pgx.RowToStructByName[concernRule])
	for _, c := range rules {
		o.concerns[c.ID] = c
	}
	return err
}

func (o *offer) loadClerks(ctx context.Context, tx pgx.Tx) error {
	clerks, err := Clerks(ctx, tx)
	for _, c := range clerks {
		o.clerks[c.ID] = c
	}
	return err
}

// loadPlaces lists buildings, stops, and the two places that are none.
func (o *offer) loadPlaces(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `
		SELECT 'site/' || s.id, o.name, o.address, o.lon, o.lat, o.step_free, ST_X(s.place), ST_Y(s.place)
		FROM booking.site s JOIN open.booking_site o USING (id)
		UNION ALL SELECT 'stop/' || id, name, address, lon, lat, step_free, x, y FROM open.stations_stop
		ORDER BY 1`)
	if err != nil {
		return err
	}
	o.places, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (p place, err error) {
		n := &p.name
		err = row.Scan(&p.id, &n.PlaceName, &n.Address, &n.Lon, &n.Lat, &n.StepFree, &p.at[0], &p.at[1])
		return p, err
	})
	o.places = append(o.places, place{id: string(Phone), name: Proposal{StepFree: true}, roomless: true},
		place{id: string(Video), name: Proposal{StepFree: true}, roomless: true})
	for i, p := range o.places {
		o.placeOf[p.id] = i
	}
	return err
}

// loadResources reads rooms of buildings and kits; those of stations follow
// when it is known where the stations stand.
func (o *offer) loadResources(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `SELECT id, kind, code, label, coalesce(site, '') AS site, coalesce(station, '') AS station,
			persons, step_free, equipment, buffer_minutes
		FROM booking.resource WHERE active AND kind IN ('room', 'kit') ORDER BY id`)
	if err != nil {
		return err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[resource])
	for _, r := range all {
		switch {
		case r.Kind == "room":
			o.rooms = append(o.rooms, offeredRoom{resource: r, place: o.placeAt("site/" + r.Site)})
		case r.Station == "": // a station's own kit stays with it
			o.kits = append(o.kits, r)
		}
	}
	return err
}

func (o *offer) placeAt(id string) int {
	if i, ok := o.placeOf[id]; ok {
		return i
	}
	return -1
}

func (o *offer) loadReleaseDays(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `SELECT d.day, d.clerk, lower(d.during) AS starts, upper(d.during) AS ends, coalesce(d.site, '') AS site,
			coalesce(d.station_day, 0) AS station_day, coalesce(s.stop, '') AS stop, d.channels, d.via, d.concerns, d.visible_from,
			coalesce(s.services, '{}') AS offers
		FROM booking.release_day d LEFT JOIN booking.station_day s ON s.id = d.station_day
		WHERE d.day BETWEEN @first AND @last AND (s.state IS NULL OR s.state = 'planned') ORDER BY d.clerk, d.during, d.release`,
		pgx.NamedArgs{"first": o.days[0].Date, "last": o.days[len(o.days)-1].Date})
	if err != nil {
		return err
	}
	var d releaseDay
	_, err = pgx.ForEachRow(rows, []any{&d.Day, &d.Clerk, &d.Starts, &d.Ends, &d.Site, &d.StationDay, &d.Stop, &d.Channels, &d.Via,
		&d.Concerns, &d.VisibleFrom, &d.offers}, func() error {
		d.day = o.dayIndex(d.Day)
		if _, known := o.clerks[d.Clerk]; known {
			o.released[d.Clerk] = append(o.released[d.Clerk], d)
		}
		d = releaseDay{}
		return nil
	})
	return err
}

// loadStationRooms puts the counters of the mobile stations where these stand.
func (o *offer) loadStationRooms(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `SELECT r.id, r.station, s.stop, s.day, s.starts, s.ends
		FROM booking.station_day s JOIN booking.resource r ON r.id = s.station
		WHERE s.state = 'planned' AND s.day BETWEEN @first AND @last AND r.active ORDER BY s.id`,
		pgx.NamedArgs{"first": o.days[0].Date, "last": o.days[len(o.days)-1].Date})
	if err != nil {
		return err
	}
	counters := slices.Clone(o.rooms)
	o.rooms = slices.DeleteFunc(o.rooms, func(r offeredRoom) bool { return r.place < 0 })
	var id int
	var station, stop string
	var day, starts, ends time.Time
	_, err = pgx.ForEachRow(rows, []any{&id, &station, &stop, &day, &starts, &ends}, func() error {
		for _, c := range counters {
			if c.Station != "" && c.Station == station {
				r := o.roomAt(c.resource, o.placeAt("stop/"+stop))
				d := o.dayIndex(day)
				r.open[d] = without(union(r.open[d], o.mask(d, starts, ends, true)), o.closedMask(d, id, "stop/"+stop))
			}
		}
		return nil
	})
	return err
}

// roomAt is the entry of a station's counter at a place.
func (o *offer) roomAt(c resource, at int) *offeredRoom {
	for i := range o.rooms {
		if o.rooms[i].ID == c.ID && o.rooms[i].place == at {
			return &o.rooms[i]
		}
	}
	o.rooms = append(o.rooms, offeredRoom{resource: c, place: at, open: make([]match.Timeline, len(o.days))})
	return &o.rooms[len(o.rooms)-1]
}

func (o *offer) loadClosures(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `SELECT coalesce(site, '') AS site, coalesce(resource, 0) AS resource, starts, ends
		FROM booking.closure WHERE ends > @from ORDER BY id`, pgx.NamedArgs{"from": o.days[0].Start})
	if err != nil {
		return err
	}
	o.closed, err = pgx.CollectRows(rows, pgx.RowToStructByName[closed])
	return err
}

func (o *offer) loadQuotas(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `SELECT clerk, via, minutes FROM booking.quota`)
	if err != nil {
		return err
	}
	var k quotaLimit
	var minutes int
	_, err = pgx.ForEachRow(rows, []any{&k.clerk, &k.via, &minutes}, func() error {
		o.quotas[k] = minutes
		return nil
	})
	return err
}

// districtsIfAny is Districts where there is such a dataset.
func districtsIfAny(ctx context.Context, tx pgx.Tx) (*geo.Index, error) {
	var there bool
	if err := tx.QueryRow(ctx, `SELECT to_regclass('open.districts') IS NOT NULL`).Scan(&there); err != nil {
		return nil, err
	}
	if !there {
		return geo.NewIndex(nil)
	}
	return Districts(ctx, tx)
}

// picture is what the claims say.
type picture struct {
	claims []work
	used   map[quotaKey]int
}

// work is one claim and what it is for.
type work struct {
	Resource    int
	Starts      time.Time // of the claim, with buffers
	Ends        time.Time
	Appointment string // "" for station days and desks
	Status      Status
	HoldUntil   *time.Time
	VisitStarts *time.Time
	Persons     int
	StepFree    bool
	Concerns    []string
	Minutes     int // of this clerk's parts; 0 for rooms and kits
}

// readWork reads the claims on touches (nil: all within the offered days), and
// what is used up of the quotas of the clerks among them.
func readWork(ctx context.Context, db postgis.DB, o *offer, touches []Touch, now time.Time) (p picture, err error) {
	var resources []int
	var froms, tos []time.Time
	for _, t := range touches {
		if d := o.dayIndex(t.Day); d >= 0 {
			resources, froms, tos = append(resources, t.Resource), append(froms, o.days[d].Start), append(tos, endOf(o.days[d]))
		}
	}
	which := `FROM unnest(@resources::int[], @froms::timestamptz[], @tos::timestamptz[]) AS s (resource, starts, ends)
		JOIN booking.claim c ON c.resource = s.resource AND c.during && tstzrange(s.starts, s.ends)`
	if touches == nil {
		which, froms, tos = `FROM (SELECT) AS s JOIN booking.claim c ON c.during && tstzrange((@froms::timestamptz[])[1], (@tos::timestamptz[])[1])`,
			[]time.Time{o.days[0].Start}, []time.Time{endOf(o.days[len(o.days)-1])}
	}
	rows, err := db.Query(ctx, `SELECT DISTINCT ON (c.id) c.resource, lower(c.during) AS starts, upper(c.during) AS ends,
			coalesce(c.appointment, '') AS appointment, coalesce(a.state, '') AS status, a.hold_until, a.starts AS visit_starts,
			coalesce(a.persons, 0) AS persons, coalesce(a.step_free, false) AS step_free,
			ARRAY(SELECT concern FROM booking.part p WHERE p.appointment = a.id ORDER BY position) AS concerns,
			coalesce((SELECT sum(extract(epoch FROM p.ends - p.starts) / 60)::int FROM booking.part p
				WHERE p.appointment = a.id AND p.clerk = c.resource), 0) AS minutes
		`+which+` LEFT JOIN booking.appointment a ON a.id = c.appointment
		ORDER BY c.id`, pgx.NamedArgs{"resources": resources, "froms": froms, "tos": tos})
	if err != nil {
		return p, err
	}
	if p.claims, err = pgx.CollectRows(rows, pgx.RowToStructByName[work]); err != nil || len(o.quotas) == 0 {
		return p, err
	}
	p.used, err = o.readUsed(ctx, db, resources, now)
	return p, err
}

// readUsed adds up what is booked with clerks that have a quota, per ISO week
// from the current one on.
func (o *offer) readUsed(ctx context.Context, db postgis.DB, clerks []int, now time.Time) (map[quotaKey]int, error) {
	used := map[quotaKey]int{}
	var limited []int
	for k := range o.quotas {
		if clerks == nil || slices.Contains(clerks, k.clerk) {
			limited = append(limited, k.clerk)
		}
	}
	if len(limited) == 0 {
		return used, nil
	}
	for k := range o.quotas {
		for d := range o.days { // what is not found is nothing
			if slices.Contains(limited, k.clerk) {
				used[quotaKey{k.clerk, isoWeek(o.days[d].Date), k.via}] = 0
			}
		}
	}
	rows, err := db.Query(ctx, `SELECT p.clerk, a.via, (p.starts AT TIME ZONE a.zone)::date,
			(extract(epoch FROM p.ends - p.starts) / 60)::int
		FROM booking.part p JOIN booking.appointment a ON a.id = p.appointment
		WHERE p.clerk = ANY (@clerks) AND p.starts >= @from AND a.state NOT IN ('cancelled', 'expired', 'no_show')
			AND (a.hold_until IS NULL OR a.hold_until > @now)`,
		pgx.NamedArgs{"clerks": limited, "from": o.days[0].Start.AddDate(0, 0, -7), "now": now})
	if err != nil {
		return nil, err
	}
	var k quotaKey
	var day time.Time
	var minutes int
	_, err = pgx.ForEachRow(rows, []any{&k.clerk, &k.via, &day, &minutes}, func() error {
		k.week = isoWeek(day)
		used[k] += minutes
		return nil
	})
	return used, err
}

// isoWeek numbers the ISO weeks of all years.
func isoWeek(day time.Time) int {
	year, week := day.ISOWeek()
	return year*100 + week
}

func union(a, b match.Timeline) match.Timeline {
	for i := range a {
		a[i] |= b[i]
	}
	return a
}

func without(a, b match.Timeline) match.Timeline {
	for i := range a {
		a[i] &^= b[i]
	}
	return a
}

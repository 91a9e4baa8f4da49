package api

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/stations"
)

const roomsPath = "/dienst/raeume"

// The hours that pictures of a day show.
const (
	dayOpens  = stations.Clock(7 * 60)
	dayCloses = stations.Clock(19 * 60)
)

// staffRooms answers /dienst/raeume.
func (s *Server) staffRooms(w http.ResponseWriter, r *http.Request) error {
	return s.showRooms(w, r, http.StatusOK, r.URL.Query(), web.Rooms{Notice: s.roomsNotice(r)})
}

// roomsNotice says what closing a room has come to.
func (s *Server) roomsNotice(r *http.Request) web.Notice {
	v := r.URL.Query()
	if v.Get("meldung") != "geschlossen" {
		return doneNotice(r)
	}
	count := func(name string) int {
		n, err := wholeNumber(v, name, 0, 100_000, 0)
		if err != nil {
			return 0
		}
		return int(n)
	}
	return web.Notice{Text: i18n.Text(web.LangOf(r), "rooms.closed_done",
		map[string]any{"moved": count("verlegt"), "lost": count("offen")})}
}

// showRooms fills p with the building, storey and moment that v names.
func (s *Server) showRooms(w http.ResponseWriter, r *http.Request, code int, v url.Values, p web.Rooms) error {
	lang := web.LangOf(r)
	site, err := s.roomSite(r, v.Get("haus"), &p)
	if err != nil {
		return err
	}
	day, at := s.momentAsked(v)
	p.Day, p.Clock, p.At = day.Format(time.DateOnly), i18n.Clock(at), at
	persons, err := wholeNumber(v, "personen", 1, 1000, 1)
	if err != nil {
		persons = 1
	}
	p.Persons, p.NowPath = int(persons), roomsPath+"?"+url.Values{"haus": {site}, "ebene": {v.Get("ebene")}}.Encode()
	rooms, err := booking.RoomDays(r.Context(), s.DB, site, day, s.Now(), s.Zone)
	if err != nil {
		return err
	}
	shapes, err := booking.FloorPlan(r.Context(), s.DB, site)
	if err != nil {
		return err
	}
	s.chooseLevel(&p, v, rooms, shapes, lang)
	p.Plan = drawPlan(shapes, p.Level, rooms, at, p.Persons)
	s.fillRoomRows(&p, rooms, day, at, lang)
	if p.MayClose = s.account(r).Has(auth.RoomManager, auth.Administrator); p.MayClose {
		if err := s.fillClosing(r, &p, rooms, lang); err != nil {
			return err
		}
	}
	return s.staffPage(w, r, code, p)
}

// roomSite is the building asked for, among those with rooms.
func (s *Server) roomSite(r *http.Request, asked string, p *web.Rooms) (string, error) {
	rooms, err := booking.Rooms(r.Context(), s.Open)
	if err != nil {
		return "", err
	}
	site, options, err := s.siteAsked(r, asked)
	if err != nil {
		return "", err
	}
	options = slices.DeleteFunc(options, func(o web.Option) bool {
		return o.Value != site.ID && !slices.ContainsFunc(rooms, func(m booking.Room) bool { return m.Site == o.Value })
	})
	p.Site, p.SiteName, p.Sites = site.ID, site.Name.In(web.LangOf(r)), options
	return site.ID, nil
}

// momentAsked is the moment of parameters tag and zeit: now, or on another day
// nine o'clock, where they say nothing sensible. An hour that the clocks skip
// is the moment of the change.
func (s *Server) momentAsked(v url.Values) (day, at time.Time) {
	day = s.dayAsked(v.Get("tag"))
	c, err := stations.ParseClock(v.Get("zeit"))
	if err != nil {
		if now := s.Now().In(s.Zone); day.Equal(stations.Day(now)) {
			return day, now.Truncate(5 * time.Minute)
		}
		c = 9 * 60
	}
	start, end, ok := stations.Opening(day, c, 24*60, s.Zone)
	if !ok {
		return day, end.Add(-5 * time.Minute) // "24:00" is the end of the day
	}
	return day, start
}

// chooseLevel picks the storey of parameter ebene: the lowest one with
// bookable rooms where it says nothing.
func (s *Server) chooseLevel(p *web.Rooms, v url.Values, rooms []booking.RoomDay, shapes []booking.FloorShape, lang string) {
	var levels []int
	for _, d := range rooms {
		levels = append(levels, d.Floor)
	}
	slices.Sort(levels)
	for i := range levels {
		if i == 0 {
			p.Level = levels[0]
		}
	}
	for _, shape := range shapes {
		levels = append(levels, shape.Level)
	}
	slices.Sort(levels)
	levels = slices.Compact(levels)
	if asked, err := strconv.Atoi(v.Get("ebene")); err == nil && slices.Contains(levels, asked) {
		p.Level = asked
	}
	p.LevelName = levelName(lang, p.Level)
	for _, l := range levels {
		q := url.Values{"haus": {p.Site}, "ebene": {strconv.Itoa(l)}, "tag": {p.Day}, "zeit": {p.Clock}, "personen": {strconv.Itoa(p.Persons)}}
		p.Levels = append(p.Levels, web.LevelLink{Name: levelName(lang, l), Path: roomsPath + "?" + q.Encode(), On: l == p.Level})
	}
}

// levelName is how people call a storey.
func levelName(lang string, level int) string {
	switch {
	case level == 0:
		return i18n.Text(lang, "rooms.level.ground", nil)
	case level < 0:
		return i18n.Text(lang, "rooms.level.below", map[string]any{"level": -level})
	}
	return i18n.Text(lang, "rooms.level.above", map[string]any{"level": level})
}

// fillRoomRows adds the rooms of the storey with their day.
func (s *Server) fillRoomRows(p *web.Rooms, rooms []booking.RoomDay, day, at time.Time, lang string) {
	axis := newTimeAxis(day, s.Zone)
	p.Axis = axis.marks()
	p.Now, _ = axis.x(at)
	for _, d := range rooms {
		if d.Floor != p.Level {
			continue
		}
		row := web.RoomRow{ID: "raum-" + d.Room, Resource: d.Resource, Code: d.Code, Name: d.Name.In(lang), Persons: d.Persons,
			StepFree: d.StepFree, State: string(d.At(at, p.Persons)), Until: changes(d, at)}
		for _, span := range d.Taken {
			row.Bars, row.Taken = axis.bar(row.Bars, span.From, span.To, "taken"), append(row.Taken, web.Period{Start: span.From, End: span.To})
		}
		for _, span := range d.Closed {
			row.Bars, row.Closed = axis.bar(row.Bars, span.From, span.To, "closed"), append(row.Closed, web.Period{Start: span.From, End: span.To})
		}
		p.Rooms = append(p.Rooms, row)
	}
}

// changes is when the state of a room at a moment ends: of a used room when it
// is free, of a free one when it is used; zero when that is not on this day.
func changes(d booking.RoomDay, at time.Time) time.Time {
	all := slices.Concat(d.Taken, d.Closed)
	slices.SortFunc(all, func(a, b booking.TimeSpan) int { return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To)) })
	busy, end := false, at
	for _, span := range all {
		switch {
		case !span.From.After(end) && span.To.After(end):
			busy, end = true, span.To
		case !busy && span.From.After(at):
			return span.From
		}
	}
	if !busy {
		return time.Time{}
	}
	return end
}

// timeAxis draws the hours of a local day on 1000 units.
type timeAxis struct {
	day      time.Time
	zone     *time.Location
	from, to time.Time
}

func newTimeAxis(day time.Time, zone *time.Location) timeAxis {
	from, to, _ := stations.Opening(day, dayOpens, dayCloses, zone)
	return timeAxis{day: day, zone: zone, from: from, to: to}
}

func (a timeAxis) position(t time.Time) float64 {
	return 1000 * float64(t.Sub(a.from)) / float64(a.to.Sub(a.from))
}

// x is where t is drawn; false when it is not on the picture.
func (a timeAxis) x(t time.Time) (string, bool) {
	if t.Before(a.from) || !t.Before(a.to) {
		return "", false
	}
	return fmt.Sprintf("%.1f", a.position(t)), true
}

// bar adds the visible part of an interval to bars.
func (a timeAxis) bar(bars []web.Bar, from, to time.Time, kind string) []web.Bar {
	left, right := max(0, a.position(from)), min(1000, a.position(to))
	if left >= right {
		return bars
	}
	return append(bars, web.Bar{X: fmt.Sprintf("%.1f", left), Width: fmt.Sprintf("%.1f", right-left), Kind: kind})
}

// marks are every second hour.
func (a timeAxis) marks() []web.TimeMark {
	var list []web.TimeMark
	for c := dayOpens + 60; c < dayCloses; c += 120 {
		for _, t := range stations.Instants(a.day, c, a.zone) {
			list = append(list, web.TimeMark{X: fmt.Sprintf("%.1f", a.position(t)), Label: strconv.Itoa(int(c) / 60)})
		}
	}
	return list
}

// ownSite refuses a building that the account does not look after.
func (s *Server) ownSite(r *http.Request, site string) error {
	if own := s.account(r).Site; own != "" && own != site {
		return ortsnah.E(ortsnah.Forbidden, "rooms.other_site")
	}
	return nil
}

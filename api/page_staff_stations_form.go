package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/stations"
)

// mostWeeks is the longest rhythm that the form offers.
const mostWeeks = 8

// plainRule is a recurrence as the form asks for it.
type plainRule struct {
	kind  string   // "einmal", "woche", or "regel": one that the form cannot show
	days  []string // "MO"
	every int      // weeks
	count int      // 0: not counted
}

// readRule reads the rule of a pattern; without BYDAY it is the weekday of the
// first day (RFC 5545, section 3.3.10).
func readRule(p stations.Pattern) plainRule {
	if p.Rule == stations.Once {
		return plainRule{kind: "einmal", every: 1}
	}
	rule := plainRule{kind: "woche", every: 1, days: []string{weekdays()[(int(p.FirstDay.Weekday())+6)%7]}}
	for part := range strings.SplitSeq(p.Rule, ";") {
		name, value, _ := strings.Cut(part, "=")
		n, err := strconv.Atoi(value)
		switch {
		case name == "FREQ" && value == "WEEKLY":
		case name == "BYDAY":
			rule.days = strings.Split(value, ",")
		case name == "INTERVAL" && err == nil && n >= 1 && n <= mostWeeks:
			rule.every = n
		case name == "COUNT" && err == nil:
			rule.count = n
		default:
			return plainRule{kind: "regel"}
		}
	}
	if slices.ContainsFunc(rule.days, func(d string) bool { return !slices.Contains(weekdays(), d) }) {
		return plainRule{kind: "regel"}
	}
	return rule
}

// staffVisitForm answers /dienst/stationen/standzeit: a new visit, or, with a
// pattern, a change of it from a day on.
func (s *Server) staffVisitForm(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	fields := url.Values{"ab": {s.dayAsked(v.Get("tag")).Format(time.DateOnly)}, "art": {"woche"}, "takt": {"1"}, "ende": {"offen"}, "von": {"09:00"}, "bis": {"12:30"},
		"station": v["station"], "halt": v["halt"]}
	if v.Get("muster") != "" {
		p, err := stations.FindPattern(r.Context(), s.DB, v.Get("muster"))
		if err != nil {
			return err
		}
		if fields, err = s.patternFields(p, v.Get("tag")); err != nil {
			return err
		}
	} else if day := s.dayAsked(v.Get("tag")); v.Get("tag") != "" {
		fields.Set("wochentag", weekdays()[(int(day.Weekday())+6)%7])
	}
	return s.showVisitForm(w, r, http.StatusOK, fields, web.StationForm{StationFrame: s.stationFrame(r, "week")})
}

// patternFields is a pattern as the form's fields, for a change from the first
// visit on or after a day that is still to come.
func (s *Server) patternFields(p stations.Pattern, from string) (url.Values, error) {
	rule := readRule(p)
	day, err := time.Parse(time.DateOnly, from)
	if err != nil || day.Before(s.today()) {
		day = s.today()
	}
	days, err := p.Days(day, day.AddDate(2, 0, 0))
	if err != nil {
		return nil, err
	}
	if len(days) > 0 {
		day = days[0]
	}
	v := url.Values{"muster": {p.ID}, "stand": {strconv.Itoa(p.Revision)}, "station": {p.Station}, "halt": {p.Stop}, "ab": {day.Format(time.DateOnly)},
		"von": {p.Opens.String()}, "bis": {p.Closes.String()}, "art": {rule.kind}, "takt": {strconv.Itoa(rule.every)}, "wochentag": rule.days,
		"anliegen": p.Services, "koffer": p.Kits, "notiz": {p.Note}, "ende": {"offen"}, "regel": {p.Rule}}
	if rule.count > 0 {
		before, err := p.Days(p.FirstDay, day)
		if err != nil {
			return nil, err
		}
		v.Set("ende", "anzahl")
		v.Set("anzahl", strconv.Itoa(max(1, rule.count-len(before))))
	}
	if p.UntilDay != nil {
		v.Set("ende", "bis")
		v.Set("letzter", p.UntilDay.AddDate(0, 0, -1).Format(time.DateOnly))
	}
	return v, nil
}

// showVisitForm fills p with what v says.
func (s *Server) showVisitForm(w http.ResponseWriter, r *http.Request, code int, v url.Values, p web.StationForm) error {
	lang := web.LangOf(r)
	c, err := s.scene(r.Context(), s.DB, lang, s.today(), s.Now().Add(stations.Horizon))
	if err != nil {
		return err
	}
	p.Pattern, p.Revision, p.First, p.Opens, p.Closes = v.Get("muster"), numbered(v, "stand"), typed(v.Get("ab")), typed(v.Get("von")), typed(v.Get("bis"))
	p.Until, p.Count, p.Note, p.Rule = typed(v.Get("letzter")), typed(v.Get("anzahl")), typed(v.Get("notiz")), typed(v.Get("regel"))
	p.Back = stationsStaffPath + "?" + url.Values{"tag": {p.First}}.Encode()
	kinds := []string{"woche", "einmal"}
	if v.Get("art") == "regel" {
		kinds = append(kinds, "regel")
	}
	p.Kinds = options(v.Get("art"), kinds, lang, "station_form.kind.")
	p.Ends = options(v.Get("ende"), []string{"offen", "bis", "anzahl"}, lang, "station_form.ends.")
	for n := 1; n <= mostWeeks; n++ {
		p.Every = append(p.Every, web.Option{Value: strconv.Itoa(n), Label: i18n.Text(lang, "station_form.every", map[string]any{"n": n}), On: v.Get("takt") == strconv.Itoa(n)})
	}
	for i, d := range weekdays() {
		p.Weekdays = append(p.Weekdays, web.Option{Value: d, Label: i18n.DayOfWeek(lang, time.Date(2026, 6, 1+i, 12, 0, 0, 0, time.UTC)), On: slices.Contains(v["wochentag"], d)})
	}
	c.fillChoices(&p, v)
	if p.Pattern != "" {
		p.Heading = i18n.Text(lang, "station_form.change", nil)
		p.Appointments, err = s.hanging(r, p.Pattern, p.First)
	}
	if err != nil {
		return err
	}
	return s.staffPage(w, r, code, p)
}

// fillChoices lists what a visit can be made of.
func (c *stationScene) fillChoices(p *web.StationForm, v url.Values) {
	for _, id := range sortedKeys(c.stations) {
		if x := c.stations[id]; !x.Retired {
			p.Stations = append(p.Stations, web.Option{Value: id, Label: x.Name.In(c.lang), On: v.Get("station") == id})
		}
	}
	for _, id := range sortedKeys(c.stops) {
		if x := c.stops[id]; !x.Retired {
			p.Stops = append(p.Stops, web.Option{Value: id, Label: x.Name.In(c.lang), On: v.Get("halt") == id})
		}
	}
	for _, id := range sortedKeys(c.kits) {
		if x := c.kits[id]; !x.Retired {
			p.Kits = append(p.Kits, web.Option{Value: id, Label: x.Name.In(c.lang), On: slices.Contains(v["koffer"], id)})
		}
	}
	for _, id := range sortedKeys(c.concerns) {
		if x := c.concerns[id]; x.Mobile {
			p.Services = append(p.Services, web.Option{Value: id, Label: x.Name.In(c.lang), On: slices.Contains(v["anliegen"], id)})
		}
	}
	for _, list := range [][]web.Option{p.Stops, p.Services} {
		slices.SortStableFunc(list, func(a, b web.Option) int { return strings.Compare(fold(a.Label), fold(b.Label)) })
	}
}

// hanging counts the appointments on the announced visits of a pattern from a
// day on.
func (s *Server) hanging(r *http.Request, pattern, from string) (int, error) {
	day, err := time.Parse(time.DateOnly, from)
	if err != nil || day.Before(s.today()) {
		day = s.today()
	}
	end := s.Now().Add(stations.Horizon)
	visits, err := stations.Visits(r.Context(), s.DB, day, end)
	if err != nil {
		return 0, err
	}
	c, err := s.scene(r.Context(), s.DB, web.LangOf(r), day, end)
	n := 0
	for _, visit := range visits {
		if visit.Pattern == pattern && !visit.Day.Before(day) {
			n += c.uses[visit.ID].Appointments
		}
	}
	return n, err
}

// staffVisitSave adds or changes a visit.
func (s *Server) staffVisitSave(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	done, action := "station_added", "visit.add"
	if v.Get("muster") != "" {
		done, action = "station_changed", "visit.change"
	}
	p, err := s.patternAsked(r, v)
	var out stationOutcome
	if err == nil {
		out, err = s.changeStations(r, stationChange{action: action, object: "visit_pattern/", ask: v.Get("schritt") == "pruefen", sure: v.Get("trotzdem") == "1",
			detail: map[string]any{"station": p.Station, "stop": p.Stop, "from": p.FirstDay.Format(time.DateOnly), "rule": p.Rule, "replaces": p.ID},
			do: func(tx pgx.Tx) (string, error) {
				var err error
				if p.ID == "" {
					p, err = stations.Arrange(r.Context(), tx, s.Now(), p)
				} else {
					p, err = stations.Rearrange(r.Context(), tx, s.Now(), p)
				}
				return p.ID, err
			}})
	}
	return s.answerStations(w, r, err, out, func() error {
		day := p.FirstDay
		if len(out.next) > 0 {
			day = stations.Day(out.next[0].Start.In(s.Zone))
		}
		return s.done(w, r, stationsStaffPath, done, "tag", day.Format(time.DateOnly), "abgesagt", lostCount(len(out.lost)))
	}, func(code int, notice web.Notice, ask bool) error {
		page := web.StationForm{StationFrame: s.stationFrame(r, "week")}
		page.Notice = notice
		if ask {
			page.Confirm = s.confirmation(r, stationsStaffPath+"/standzeit", v, out)
		}
		return s.showVisitForm(w, r, code, v, page)
	})
}

// patternAsked reads the form. Errors: Invalid stations.bad_clock, bad_date,
// weekdays_missing, bad_count, end_missing, and those of the calendar.
func (s *Server) patternAsked(r *http.Request, v url.Values) (stations.Pattern, error) {
	p := stations.Pattern{ID: v.Get("muster"), Revision: numbered(v, "stand"), Station: v.Get("station"), Stop: v.Get("halt"), Zone: s.Zone.String(),
		Note: typed(v.Get("notiz")), Kits: v["koffer"], Rule: stations.Once}
	var err error
	if p.Services, err = s.servicesAsked(r, v["anliegen"]); err != nil {
		return p, err
	}
	if p.FirstDay, err = time.Parse(time.DateOnly, v.Get("ab")); err != nil {
		return p, ortsnah.E(ortsnah.Invalid, "stations.bad_date", "day", typed(v.Get("ab"))).About("ab")
	}
	if p.Opens, err = stations.ParseClock(v.Get("von")); err != nil {
		return p, err
	}
	if p.Closes, err = stations.ParseClock(v.Get("bis")); err != nil {
		return p, err
	}
	switch v.Get("art") {
	case "einmal":
		return p, nil
	case "regel":
		p.Rule = v.Get("regel")
	default:
		every, err := strconv.Atoi(v.Get("takt"))
		unknown := slices.ContainsFunc(v["wochentag"], func(d string) bool { return !slices.Contains(weekdays(), d) })
		if err != nil || every < 1 || every > mostWeeks || unknown || len(v["wochentag"]) == 0 {
			return p, ortsnah.E(ortsnah.Invalid, "stations.weekdays_missing", "most", mostWeeks).About("wochentag")
		}
		p.Rule = weekly(v["wochentag"], every)
	}
	return readEnd(p, v)
}

// readEnd reads until when a pattern holds.
func readEnd(p stations.Pattern, v url.Values) (stations.Pattern, error) {
	switch v.Get("ende") {
	case "bis":
		last, err := time.Parse(time.DateOnly, v.Get("letzter"))
		if err != nil || last.Before(p.FirstDay) {
			return p, ortsnah.E(ortsnah.Invalid, "stations.end_missing").About("letzter")
		}
		day := last.AddDate(0, 0, 1)
		p.UntilDay = &day
	case "anzahl":
		n, err := strconv.Atoi(strings.TrimSpace(v.Get("anzahl")))
		if err != nil || n < 1 || n > 200 {
			return p, ortsnah.E(ortsnah.Invalid, "stations.bad_count").About("anzahl")
		}
		if v.Get("art") != "regel" {
			p.Rule += ";COUNT=" + strconv.Itoa(n)
		}
	}
	return p, nil
}

// servicesAsked are ids of concerns that are offered at stations. Error: Invalid
// stations.no_service.
func (s *Server) servicesAsked(r *http.Request, ids []string) ([]string, error) {
	concerns, err := booking.Concerns(r.Context(), s.Open)
	if err != nil {
		return nil, err
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	for _, id := range ids {
		if !slices.ContainsFunc(concerns, func(c booking.Concern) bool { return c.ID == id && c.Mobile }) {
			return nil, ortsnah.E(ortsnah.Invalid, "stations.no_service", "service", typed(id)).About("anliegen")
		}
	}
	return ids, nil
}

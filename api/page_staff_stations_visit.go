package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/stations"
)

// staffStationVisit answers /dienst/stationen/standzeit/tag: one visit.
func (s *Server) staffStationVisit(w http.ResponseWriter, r *http.Request) error {
	return s.showVisit(w, r, http.StatusOK, r.URL.Query(), web.StationVisit{StationFrame: s.stationFrame(r, "week")})
}

// visitAsked is the visit of a pattern on a day. Error: NotFound
// stations.no_visit.
func (s *Server) visitAsked(r *http.Request, v url.Values) (stations.Visit, error) {
	day, err := time.Parse(time.DateOnly, v.Get("tag"))
	if err != nil {
		return stations.Visit{}, ortsnah.E(ortsnah.NotFound, "stations.no_visit", "day", typed(v.Get("tag")))
	}
	visits, err := stations.Outlook(r.Context(), s.DB, s.Now(), day, day.AddDate(0, 0, 1))
	if err != nil {
		return stations.Visit{}, err
	}
	for _, visit := range visits {
		if visit.Pattern == v.Get("muster") {
			return visit, nil
		}
	}
	return stations.Visit{}, ortsnah.E(ortsnah.NotFound, "stations.no_visit", "day", day.Format(time.DateOnly))
}

// showVisit fills p with the visit that v names.
func (s *Server) showVisit(w http.ResponseWriter, r *http.Request, code int, v url.Values, p web.StationVisit) error {
	visit, err := s.visitAsked(r, v)
	if err != nil {
		return err
	}
	lang := web.LangOf(r)
	c, err := s.scene(r.Context(), s.DB, lang, visit.Day, visit.Day.AddDate(0, 0, 1))
	if err != nil {
		return err
	}
	found, err := s.visitFindings(r, c, visit)
	if err != nil {
		return err
	}
	if c.counts, err = countsOf(r.Context(), s.DB, visit); err != nil {
		return err
	}
	pattern, holds := c.patterns[visit.Pattern]
	p.Block, p.Findings = s.block(c, visit), found
	p.Heading = p.Block.Station + " – " + p.Block.Stop
	p.Pattern, p.Revision, p.Day = visit.Pattern, pattern.Revision, visit.Day.Format(time.DateOnly)
	p.Address, p.StopPath, p.Note = c.stops[visit.Stop].Address, stopPath(visit.Stop), visit.Note
	p.StationPath = stationsStaffPath + "/station?" + url.Values{"station": {visit.Station}}.Encode()
	for _, id := range visit.Services {
		p.Services = append(p.Services, web.Link{Text: either(c.concerns[id].Name.In(lang), id), Path: "/anliegen/" + url.PathEscape(id)})
	}
	for _, id := range pattern.Kits {
		p.Along = append(p.Along, c.kits[id].Name.In(lang))
	}
	p.Begun, p.Announced = !visit.Starts.After(s.Now()), !visit.Starts.After(s.Now().Add(stations.Horizon))
	s.fillCount(&p, c.counts[visit.ID], v)
	p.Offered = c.uses[visit.ID].Offered
	p.WeekPath = stationsStaffPath + "?tag=" + p.Day
	p.ChangePath = stationsStaffPath + "/standzeit?" + url.Values{"muster": {visit.Pattern}, "tag": {p.Day}}.Encode()
	if holds {
		err = s.fillRecurrence(r, &p, pattern, visit, lang)
	}
	p.Edit = p.Edit && holds
	if err != nil {
		return err
	}
	if p.EndDay == "" {
		p.EndDay = max(p.Day, s.today().Format(time.DateOnly))
	}
	return s.staffPage(w, r, code, p)
}

// visitFindings are those about one visit, seen beside the others of its day.
func (s *Server) visitFindings(r *http.Request, c *stationScene, visit stations.Visit) ([]web.StationFinding, error) {
	visits, err := stations.Outlook(r.Context(), s.DB, s.Now(), visit.Day, visit.Day.AddDate(0, 0, 1))
	if err != nil {
		return nil, err
	}
	all, err := s.findings(r.Context(), c, visits)
	var rows []web.StationFinding
	for _, f := range all {
		if f.Visit.ID == visit.ID {
			row := c.findingRow(f, s.Zone)
			row.Path = ""
			rows = append(rows, row)
		}
	}
	return rows, err
}

// fillRecurrence says in words when the pattern comes, and whether the day is
// cancelled by itself or by a change of the plan.
func (s *Server) fillRecurrence(r *http.Request, p *web.StationVisit, pattern stations.Pattern, visit stations.Visit, lang string) error {
	p.Recurs = recurrence(lang, pattern)
	p.First = s.noon(pattern.FirstDay)
	if pattern.UntilDay != nil {
		p.Last = s.noon(pattern.UntilDay.AddDate(0, 0, -1))
	}
	days, err := pattern.Days(visit.Day, visit.Day.AddDate(0, 0, 1))
	p.Superseded = visit.State == stations.Cancelled && (len(days) == 0 || visit.ID != pattern.VisitID(visit.Day))
	return err
}

// recurrence is a rule in words.
func recurrence(lang string, p stations.Pattern) string {
	rule := readRule(p)
	switch rule.kind {
	case "einmal":
		return i18n.Text(lang, "station_plan.once", nil)
	case "regel":
		return i18n.Text(lang, "quotas.rule", map[string]any{"rule": p.Rule})
	}
	var names []string
	for i, d := range weekdays() {
		if slices.Contains(rule.days, d) {
			names = append(names, i18n.DayOfWeek(lang, time.Date(2026, 6, 1+i, 12, 0, 0, 0, time.UTC))) // 1 June 2026 is a Monday
		}
	}
	text := i18n.Text(lang, "quotas.every", map[string]any{"n": rule.every, "days": listedNames(lang, names, 7)})
	if rule.count > 0 {
		text += i18n.Text(lang, "station_plan.times", map[string]any{"n": rule.count})
	}
	return text
}

// staffVisitCancel calls one day off.
func (s *Server) staffVisitCancel(w http.ResponseWriter, r *http.Request) error {
	return s.onVisit(w, r, "station_cancelled", "visit.cancel", func(tx pgx.Tx, v url.Values, day time.Time) error {
		reason := catalog.Text{DE: typed(v.Get("grund")), EN: typed(v.Get("grund-en"))}
		return stations.CancelDay(r.Context(), tx, s.Now(), v.Get("muster"), numbered(v, "stand"), day, reason)
	})
}

// staffVisitReinstate takes the cancellation of a day back.
func (s *Server) staffVisitReinstate(w http.ResponseWriter, r *http.Request) error {
	return s.onVisit(w, r, "station_reinstated", "visit.reinstate", func(tx pgx.Tx, v url.Values, day time.Time) error {
		return stations.ReinstateDay(r.Context(), tx, s.Now(), v.Get("muster"), numbered(v, "stand"), day)
	})
}

// staffVisitEnd ends a pattern from a day on.
func (s *Server) staffVisitEnd(w http.ResponseWriter, r *http.Request) error {
	return s.onVisit(w, r, "station_ended", "visit.end", func(tx pgx.Tx, v url.Values, _ time.Time) error {
		from, err := time.Parse(time.DateOnly, v.Get("ende-ab"))
		if err != nil {
			return ortsnah.E(ortsnah.Invalid, "stations.bad_date", "day", typed(v.Get("ende-ab"))).About("ende-ab")
		}
		reason := catalog.Text{DE: typed(v.Get("ende-grund")), EN: typed(v.Get("ende-grund-en"))}
		return stations.End(r.Context(), tx, s.Now(), v.Get("muster"), numbered(v, "stand"), from, reason)
	})
}

// onVisit frames the forms on the page of a visit.
func (s *Server) onVisit(w http.ResponseWriter, r *http.Request, done, action string, do func(tx pgx.Tx, v url.Values, day time.Time) error) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	day, err := time.Parse(time.DateOnly, v.Get("tag"))
	if err != nil {
		return ortsnah.E(ortsnah.NotFound, "stations.no_visit", "day", typed(v.Get("tag")))
	}
	out, err := s.changeStations(r, stationChange{action: action, object: "visit_pattern/" + typed(v.Get("muster")), sure: v.Get("trotzdem") == "1",
		detail: map[string]any{"day": day.Format(time.DateOnly)}, do: func(tx pgx.Tx) (string, error) { return "", do(tx, v, day) }})
	return s.answerStations(w, r, err, out, func() error {
		return s.done(w, r, stationsStaffPath, done, "tag", day.Format(time.DateOnly), "abgesagt", lostCount(len(out.lost)))
	}, func(code int, notice web.Notice, ask bool) error {
		p := web.StationVisit{StationFrame: s.stationFrame(r, "week"), ReasonDE: typed(v.Get("grund")), ReasonEN: typed(v.Get("grund-en")),
			EndDay: typed(v.Get("ende-ab")), EndDE: typed(v.Get("ende-grund")), EndEN: typed(v.Get("ende-grund-en"))}
		p.Notice = notice
		if ask {
			p.Confirm = s.confirmation(r, neutralPath(r), v, out)
		}
		return s.showVisit(w, r, code, v, p)
	})
}

func lostCount(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

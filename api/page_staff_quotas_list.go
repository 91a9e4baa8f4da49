package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/stations"
)

// weekdays are the days of RFC 5545 in their order, Monday first.
func weekdays() []string { return []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"} }

// everyWeeks reads a rule that the form can show: weekdays, every n weeks.
func everyWeeks(rule string) (days []string, every int, ok bool) {
	every = 1
	for part := range strings.SplitSeq(rule, ";") {
		name, value, _ := strings.Cut(part, "=")
		switch {
		case name == "FREQ" && value == "WEEKLY":
			ok = true
		case name == "BYDAY":
			days = strings.Split(value, ",")
		case name == "INTERVAL":
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > 4 {
				return nil, 0, false
			}
			every = n
		default:
			return nil, 0, false
		}
	}
	known := !slices.ContainsFunc(days, func(d string) bool { return !slices.Contains(weekdays(), d) })
	return days, every, ok && known && len(days) > 0
}

// weekly is the rule for weekdays every n weeks; "" without weekdays.
func weekly(days []string, every int) string {
	if len(days) == 0 {
		return ""
	}
	rule := "FREQ=WEEKLY;BYDAY=" + strings.Join(days, ",")
	if every > 1 {
		rule += ";INTERVAL=" + strconv.Itoa(every)
	}
	return rule
}

// ruleText says in words on which days a release holds.
func (s *Server) ruleText(lang string, r booking.Release) string {
	if r.Rule == "" {
		return i18n.Weekday(lang, s.noon(r.FirstDay))
	}
	days, every, ok := everyWeeks(r.Rule)
	if !ok {
		return i18n.Text(lang, "quotas.rule", map[string]any{"rule": r.Rule})
	}
	var names []string
	for i, d := range weekdays() {
		if slices.Contains(days, d) {
			names = append(names, i18n.DayOfWeek(lang, time.Date(2026, 6, 1+i, 12, 0, 0, 0, time.UTC))) // 1 June 2026 is a Monday
		}
	}
	return i18n.Text(lang, "quotas.every", map[string]any{"n": every, "days": strings.Join(names, ", ")})
}

// fillReleases lists the releases and fills the form: with what was typed, with
// the release of parameter freigabe, or with what is usual.
func (s *Server) fillReleases(r *http.Request, p *web.Quotas, clerk booking.Clerk, v url.Values, lang string) error {
	releases, err := booking.Releases(r.Context(), s.DB, clerk.ID)
	if err != nil {
		return err
	}
	concerns, err := booking.Concerns(r.Context(), s.Open)
	if err != nil {
		return err
	}
	sites, err := booking.Sites(r.Context(), s.Open)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, c := range concerns {
		names["concern "+c.ID] = c.Name.In(lang)
	}
	for _, site := range sites {
		names["site "+site.ID] = site.Name.In(lang)
	}
	var edited *booking.Release
	for _, release := range releases {
		row := s.releaseRow(release, names, lang)
		row.EditPath = quotasPath + "?" + url.Values{"kraft": {strconv.Itoa(clerk.ID)}, "tag": {p.Day}, "freigabe": {strconv.FormatInt(release.ID, 10)}}.Encode() + "#form"
		if release.StationDay != 0 {
			row.EditPath = ""
		}
		if !row.Ended {
			p.Releases = append(p.Releases, row)
		}
		if r.Method == get && strconv.FormatInt(release.ID, 10) == v.Get("freigabe") && release.StationDay == 0 {
			edited = &release
		}
	}
	typedIn := v
	if v.Get("formular") == "" {
		typedIn = s.usualForm(clerk, sites)
		if edited != nil {
			typedIn = s.editForm(*edited)
		}
	}
	return s.fillReleaseForm(r, p, clerk, typedIn, concerns, sites, lang)
}

func (s *Server) releaseRow(r booking.Release, names map[string]string, lang string) web.ReleaseRow {
	row := web.ReleaseRow{ID: r.ID, Days: s.ruleText(lang, r), Opens: r.Opens.String(), Closes: r.Closes.String(), Place: names["site "+r.Site],
		Channels: channelTexts(lang, r.Channels), Note: r.Note}
	today := s.today()
	if r.Rule != "" {
		row.First = s.noon(r.FirstDay)
		if r.UntilDay != nil {
			row.Last = s.noon(r.UntilDay.AddDate(0, 0, -1))
		}
	}
	openLater := slices.ContainsFunc(r.Exceptions, func(x booking.Exception) bool { return x.Open && !x.Day.Before(today) })
	row.Ended = !openLater && (r.Rule == "" && r.FirstDay.Before(today) || r.UntilDay != nil && !r.UntilDay.After(today))
	if len(r.Via) < 3 {
		for _, via := range r.Via {
			row.Via = append(row.Via, i18n.Text(lang, "quotas.via."+string(via), nil))
		}
	}
	for _, c := range r.Concerns {
		row.Concerns = append(row.Concerns, either(names["concern "+c], c))
	}
	if r.VisibleDays != nil {
		row.Visible, row.VisibleDays = true, *r.VisibleDays
	}
	if r.VisibleFrom != nil && r.VisibleFrom.After(s.Now()) {
		row.VisibleFrom = *r.VisibleFrom
	}
	for _, x := range r.Exceptions {
		if !x.Day.Before(today) {
			row.Exceptions = append(row.Exceptions, web.ExceptionRow{At: s.noon(x.Day), Value: x.Day.Format(time.DateOnly), Open: x.Open, Reason: x.Reason})
		}
	}
	return row
}

// usualForm is what the form of a new release begins with.
func (s *Server) usualForm(clerk booking.Clerk, sites []booking.Site) url.Values {
	v := url.Values{"ab": {s.today().AddDate(0, 0, 1).Format(time.DateOnly)}, "von": {"08:00"}, "bis": {"12:00"}, "takt": {"1"},
		"kanal": {"counter"}, "weg": {"web", "phone", "desk"}}
	for _, site := range sites {
		if site.Kind == "town_hall" && v.Get("ort") == "" {
			v.Set("ort", site.ID)
		}
	}
	return v
}

// editForm is a release as form.
func (s *Server) editForm(r booking.Release) url.Values {
	v := url.Values{"freigabe": {strconv.FormatInt(r.ID, 10)}, "ab": {r.FirstDay.Format(time.DateOnly)}, "von": {r.Opens.String()}, "bis": {r.Closes.String()},
		"takt": {"1"}, "ort": {r.Site}, "notiz": {r.Note}, "anliegen": r.Concerns, "offen": {"1"}}
	if days, every, ok := everyWeeks(r.Rule); ok {
		v["wochentag"], v["takt"] = days, []string{strconv.Itoa(every)}
	} else {
		v.Set("regel", r.Rule)
	}
	for _, c := range r.Channels {
		v.Add("kanal", string(c))
	}
	for _, via := range r.Via {
		v.Add("weg", string(via))
	}
	if r.UntilDay != nil {
		v.Set("letzter", r.UntilDay.AddDate(0, 0, -1).Format(time.DateOnly))
	}
	if r.VisibleDays != nil {
		v.Set("tage", strconv.Itoa(*r.VisibleDays))
	}
	if r.VisibleFrom != nil {
		v.Set("sichtbar", stations.Day(r.VisibleFrom.In(s.Zone)).Format(time.DateOnly))
	}
	return v
}

// fillReleaseForm shows v in the form.
func (s *Server) fillReleaseForm(r *http.Request, p *web.Quotas, clerk booking.Clerk, v url.Values, concerns []booking.Concern, sites []booking.Site, lang string) error {
	f := &p.Form
	f.ID, _ = strconv.ParseInt(v.Get("freigabe"), 10, 64)
	f.First, f.Last, f.Opens, f.Closes, f.Rule = typed(v.Get("ab")), typed(v.Get("letzter")), typed(v.Get("von")), typed(v.Get("bis")), typed(v.Get("regel"))
	f.VisibleDays, f.VisibleFrom, f.Note = typed(v.Get("tage")), typed(v.Get("sichtbar")), typed(v.Get("notiz"))
	f.Open = v.Get("formular") != "" || v.Get("offen") != "" || len(p.Releases) == 0
	for i, d := range weekdays()[:6] {
		f.Weekdays = append(f.Weekdays, web.Option{Value: d, Label: i18n.DayOfWeek(lang, time.Date(2026, 6, 1+i, 12, 0, 0, 0, time.UTC)), On: slices.Contains(v["wochentag"], d)})
	}
	for n := 1; n <= 4; n++ {
		f.Every = append(f.Every, web.Option{Value: strconv.Itoa(n), Label: i18n.Text(lang, "quotas.weeks", map[string]any{"n": n}), On: v.Get("takt") == strconv.Itoa(n)})
	}
	f.Channels = ticked(v["kanal"], []string{"counter", "phone", "video"}, lang, "channel.")
	f.Via = ticked(v["weg"], []string{"web", "phone", "desk"}, lang, "quotas.via.")
	for _, c := range concerns {
		if c.Office == clerk.Office && c.Appointment {
			f.Concerns = append(f.Concerns, web.Option{Value: c.ID, Label: c.Name.In(lang), On: slices.Contains(v["anliegen"], c.ID)})
		}
	}
	p.File = icalPath(strconv.Itoa(clerk.ID))
	for _, site := range sites {
		p.Buildings = append(p.Buildings, web.Option{Value: site.ID, Label: site.Name.In(lang), On: site.Kind == "town_hall"})
		f.Places = append(f.Places, web.Option{Value: site.ID, Label: site.Name.In(lang), On: v.Get("ort") == site.ID})
	}
	days, err := booking.StationDays(r.Context(), s.DB, s.Now(), s.Now().AddDate(0, 3, 0))
	for _, d := range days {
		if d.State == stations.Planned {
			value := "station/" + strconv.FormatInt(d.ID, 10)
			f.Places = append(f.Places, web.Option{Value: value, Label: d.StationName + ", " + i18n.Opening(lang, d.Starts, d.Ends), On: v.Get("ort") == value})
		}
	}
	return err
}

// ticked are check boxes.
func ticked(on, values []string, lang, prefix string) []web.Option {
	list := options("", values, lang, prefix)
	for i := range list {
		list[i].On = slices.Contains(on, list[i].Value)
	}
	return list
}

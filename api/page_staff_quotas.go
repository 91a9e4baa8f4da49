package api

import (
	"errors"
	"maps"
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
	"github.com/ortsnah/ortsnah/booking/calendar"
)

const quotasPath = "/dienst/kontingente"

// staffQuotas answers /dienst/kontingente.
func (s *Server) staffQuotas(w http.ResponseWriter, r *http.Request) error {
	return s.showQuotas(w, r, http.StatusOK, r.URL.Query(), web.Quotas{Notice: doneNotice(r)})
}

// showQuotas fills p with the clerk and week that v names.
func (s *Server) showQuotas(w http.ResponseWriter, r *http.Request, code int, v url.Values, p web.Quotas) error {
	clerk, clerks, err := s.quotaClerk(r, v.Get("kraft"))
	if err != nil {
		return err
	}
	lang := web.LangOf(r)
	p.Clerk, p.Label, p.Own = clerk.ID, clerk.Label, clerk.ID == s.account(r).Clerk
	for _, c := range clerks {
		p.Clerks = append(p.Clerks, web.Option{Value: strconv.Itoa(c.ID), Label: c.Label, On: c.ID == clerk.ID})
	}
	monday := s.dayAsked(v.Get("tag"))
	if v.Get("tag") == "" && (monday.Weekday() == time.Saturday || monday.Weekday() == time.Sunday) {
		monday = monday.AddDate(0, 0, 2) // at the weekend the next week is looked at
	}
	monday = monday.AddDate(0, 0, -(int(monday.Weekday())+6)%7)
	p.Week, p.Day = s.noon(monday), monday.Format(time.DateOnly)
	for i, days := range []int{-7, 0, 7} {
		q := url.Values{"kraft": {strconv.Itoa(clerk.ID)}}
		if days != 0 {
			q.Set("tag", monday.AddDate(0, 0, days).Format(time.DateOnly))
		}
		p.WeekPath[i] = quotasPath + "?" + q.Encode()
	}
	for _, fill := range []func(*http.Request, *web.Quotas, booking.Clerk, time.Time, string) error{s.fillQuotaWeek, s.fillHolidays, s.fillLimits, s.fillStranded} {
		if err := fill(r, &p, clerk, monday, lang); err != nil {
			return err
		}
	}
	if err := s.fillReleases(r, &p, clerk, v, lang); err != nil {
		return err
	}
	return s.staffPage(w, r, code, p)
}

// quotaClerk is the clerk whose time is shown, of those whom the account may
// look after: one's own, and who manages rooms those of the office too. Errors:
// Conflict desks.no_clerk, Forbidden quotas.other_clerk.
func (s *Server) quotaClerk(r *http.Request, asked string) (booking.Clerk, []booking.Clerk, error) {
	a := s.account(r)
	all, err := booking.Clerks(r.Context(), s.DB)
	if err != nil {
		return booking.Clerk{}, nil, err
	}
	manager := a.Has(auth.Administrator, auth.RoomManager)
	mine := slices.DeleteFunc(all, func(c booking.Clerk) bool {
		return c.ID != a.Clerk && !(manager && (a.Office == "" || a.Office == c.Office))
	})
	if len(mine) == 0 {
		return booking.Clerk{}, nil, ortsnah.E(ortsnah.Conflict, "desks.no_clerk")
	}
	if asked == "" {
		own := slices.IndexFunc(mine, func(c booking.Clerk) bool { return c.ID == a.Clerk })
		return mine[max(0, own)], mine, nil
	}
	for _, c := range mine {
		if strconv.Itoa(c.ID) == asked {
			return c, mine, nil
		}
	}
	return booking.Clerk{}, nil, ortsnah.E(ortsnah.Forbidden, "quotas.other_clerk")
}

// fillQuotaWeek draws the week: what is released and, to oneself, what is taken.
func (s *Server) fillQuotaWeek(r *http.Request, p *web.Quotas, clerk booking.Clerk, monday time.Time, lang string) error {
	next := monday.AddDate(0, 0, 7)
	times, err := booking.ReleasedTimes(r.Context(), s.DB, clerk.ID, monday, next, s.Zone)
	if err != nil {
		return err
	}
	home, err := booking.HomeOfficeDays(r.Context(), s.DB, clerk.ID, monday, next)
	if err != nil {
		return err
	}
	setting, err := booking.Settings(r.Context(), s.DB)
	if err != nil {
		return err
	}
	var taken []booking.TimeSpan
	if p.Own {
		if taken, err = booking.OccupiedTimes(r.Context(), s.DB, clerk.ID, monday, next, s.Now(), s.Zone); err != nil {
			return err
		}
	}
	closed := calendar.Closed(setting.State, monday, next)
	p.Axis = newTimeAxis(monday, s.Zone).marks()
	for day := monday; day.Before(next); day = day.AddDate(0, 0, 1) {
		axis := newTimeAxis(day, s.Zone)
		d := web.QuotaDay{At: s.noon(day), Home: slices.Contains(home, day), Past: day.Before(s.today()), Value: day.Format(time.DateOnly)}
		if h, ok := closed[day]; ok {
			d.Holiday = h.Name.In(lang)
		}
		for _, t := range times {
			if t.Day.Equal(day) {
				d.Bars = axis.bar(d.Bars, t.From, t.To, releasedKind(t.Channels))
				d.Times = append(d.Times, web.QuotaTime{Start: t.From, End: t.To, Channels: channelTexts(lang, t.Channels)})
			}
		}
		for _, t := range taken {
			d.Taken = axis.bar(d.Taken, t.From, t.To, "taken")
		}
		if weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday; !weekend || len(d.Times) > 0 {
			p.Days = append(p.Days, d)
		}
	}
	return nil
}

// releasedKind is how released time is drawn.
func releasedKind(channels []booking.Channel) string {
	for _, c := range []booking.Channel{booking.Mobile, booking.Counter} {
		if slices.Contains(channels, c) {
			return string(c)
		}
	}
	return string(booking.Phone)
}

func channelTexts(lang string, channels []booking.Channel) []string {
	list := make([]string, len(channels))
	for i, c := range channels {
		list[i] = i18n.Text(lang, "channel."+string(c), nil)
	}
	return list
}

// fillHolidays lists the public holidays of the next half year.
func (s *Server) fillHolidays(r *http.Request, p *web.Quotas, _ booking.Clerk, _ time.Time, lang string) error {
	setting, err := booking.Settings(r.Context(), s.DB)
	if err != nil {
		return err
	}
	closed := calendar.Closed(setting.State, s.today(), s.today().AddDate(0, 6, 0))
	for _, day := range slices.SortedFunc(maps.Keys(closed), time.Time.Compare) {
		p.Holidays = append(p.Holidays, web.HolidayRow{At: s.noon(day), Name: closed[day].Name.In(lang)})
	}
	return nil
}

func (s *Server) fillLimits(r *http.Request, p *web.Quotas, clerk booking.Clerk, _ time.Time, _ string) error {
	limits, err := booking.Quotas(r.Context(), s.DB, clerk.ID)
	for _, via := range []booking.Via{booking.ViaWeb, booking.ViaPhone, booking.ViaDesk} {
		l := web.QuotaLimit{Via: string(via)}
		if minutes, ok := limits[via]; ok {
			l.Minutes = strconv.Itoa(minutes)
		}
		p.Limits = append(p.Limits, l)
	}
	return err
}

// fillStranded lists the clerk's appointments that have lost their time.
func (s *Server) fillStranded(r *http.Request, p *web.Quotas, clerk booking.Clerk, _ time.Time, _ string) error {
	conflicts, err := booking.Conflicts(r.Context(), s.DB, s.Now())
	p.Stranded = s.stranded(r, slices.DeleteFunc(conflicts, func(c booking.Conflict) bool {
		return c.Cause != booking.NotReleased || c.Clerk != clerk.ID
	}))
	return err
}

// quotaForm frames the forms of the page: they name clerk and week, change
// something for a clerk whom the account may look after, and lead back. A
// change that takes the ground from appointments is asked about; when it is
// forced, others are looked for who take over.
func (s *Server) quotaForm(w http.ResponseWriter, r *http.Request, do func(v url.Values, clerk booking.Clerk, force bool) (done string, err error)) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	clerk, _, err := s.quotaClerk(r, v.Get("kraft"))
	if err != nil {
		return err
	}
	force := v.Get("trotzdem") == "1"
	done, err := do(v, clerk, force)
	if err == nil && force {
		_, _, err = s.rematched(r)
	}
	if err == nil {
		return s.done(w, r, quotasPath, done, "kraft", typed(v.Get("kraft")), "tag", typed(v.Get("tag")))
	}
	var p web.Quotas
	code := http.StatusOK
	if under, ok := errors.AsType[*booking.HasBookings](err); ok {
		p.Confirm = &web.QuotaConfirm{Path: neutralPath(r), Fields: formFields(v), Stranded: s.stranded(r, under.Conflicts)}
	} else if p.Notice, code, err = refusal(r, err); err != nil {
		return err
	}
	return s.showQuotas(w, r, code, v, p)
}

// neutralPath is the path of a request without its language.
func neutralPath(r *http.Request) string {
	if web.LangOf(r) == "en" {
		return r.URL.Path[len("/en"):]
	}
	return r.URL.Path
}

// formFields are the fields of a form as hidden ones, by name.
func formFields(v url.Values) []web.FormField {
	var list []web.FormField
	for _, name := range slices.Sorted(maps.Keys(v)) {
		for _, value := range v[name] {
			list = append(list, web.FormField{Name: name, Value: value})
		}
	}
	return list
}

package api

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/booking/calendar"
)

const desksPath = "/dienst/plaetze"

// staffDesks answers /dienst/plaetze.
func (s *Server) staffDesks(w http.ResponseWriter, r *http.Request) error {
	return s.showDesks(w, r, http.StatusOK, r.URL.Query(), web.Desks{Notice: doneNotice(r)})
}

// showDesks fills p with the building and day that v names.
func (s *Server) showDesks(w http.ResponseWriter, r *http.Request, code int, v url.Values, p web.Desks) error {
	names, err := s.deskSite(r, v.Get("haus"), &p)
	if err != nil {
		return err
	}
	a, day := s.account(r), s.dayAsked(v.Get("tag"))
	p.Day, p.At, p.Past = day.Format(time.DateOnly), s.noon(day), day.Before(s.today())
	p.Clerk = a.Clerk != 0
	home := map[time.Time]bool{}
	if p.Clerk {
		days, err := booking.HomeOfficeDays(r.Context(), s.DB, a.Clerk, s.today(), s.today().AddDate(1, 0, 0))
		if err != nil {
			return err
		}
		for _, d := range days {
			home[d] = true
		}
		p.HomeOffice = home[day]
	}
	if p.Site == "" {
		return s.staffPage(w, r, code, p) // no desks anywhere
	}
	d, err := booking.Desks(r.Context(), s.DB, p.Site, day, s.Zone, a.ID)
	if err != nil {
		return err
	}
	p.Free, p.Total, p.Waiting = d.Free(), len(d.Desks), d.Waiting
	for _, desk := range d.Desks {
		p.Desks = append(p.Desks, web.DeskRow{ID: desk.ID, Label: desk.Label, State: desk.State, StepFree: desk.StepFree})
	}
	if d.Mine != nil {
		p.Mine, p.Place = d.Mine.Label, d.Mine.Place
		if d.Mine.Site != p.Site {
			p.MineSite = names[d.Mine.Site]
		}
	}
	if err := s.fillDeskDays(r, &p, day, home, names); err != nil {
		return err
	}
	return s.staffPage(w, r, code, p)
}

// deskSite is the building asked for among those with desks; it returns the
// names of all.
func (s *Server) deskSite(r *http.Request, asked string, p *web.Desks) (map[string]string, error) {
	ids, err := booking.DeskSites(r.Context(), s.DB)
	if err != nil {
		return nil, err
	}
	sites, err := booking.Sites(r.Context(), s.Open)
	names := map[string]string{}
	for _, site := range sites {
		names[site.ID] = site.Name.In(web.LangOf(r))
	}
	if len(ids) == 0 {
		return names, err
	}
	if p.Site = asked; !slices.Contains(ids, asked) {
		p.Site = ids[0]
	}
	p.SiteName = names[p.Site]
	for _, id := range ids {
		p.Sites = append(p.Sites, web.Option{Value: id, Label: names[id], On: id == p.Site})
	}
	return names, err
}

// fillDeskDays adds the next ten working days, and what the account has.
func (s *Server) fillDeskDays(r *http.Request, p *web.Desks, chosen time.Time, home map[time.Time]bool, names map[string]string) error {
	path := func(day time.Time) string {
		return desksPath + "?" + url.Values{"haus": {p.Site}, "tag": {day.Format(time.DateOnly)}}.Encode()
	}
	setting, err := booking.Settings(r.Context(), s.DB)
	if err != nil {
		return err
	}
	closed := calendar.Closed(setting.State, s.today(), s.today().AddDate(0, 0, 30))
	own := s.account(r).ID
	for day := s.today(); len(p.Days) < 10; day = day.AddDate(0, 0, 1) {
		if _, holiday := closed[day]; holiday || day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
			continue
		}
		d, err := booking.Desks(r.Context(), s.DB, p.Site, day, s.Zone, own)
		if err != nil {
			return err
		}
		link := web.DeskDayLink{Path: path(day), Name: shortDay(web.LangOf(r), day), At: s.noon(day), Free: d.Free(), On: day.Equal(chosen)}
		switch {
		case d.Mine != nil && d.Mine.Desk != 0:
			link.Own = "desk"
		case d.Mine != nil:
			link.Own = "list"
		case home[day]:
			link.Own = "home"
		}
		p.Days = append(p.Days, link)
	}
	mine, err := booking.MyDesks(r.Context(), s.DB, own, s.today(), s.today().AddDate(1, 0, 0))
	for _, m := range mine {
		p.Coming = append(p.Coming, web.DeskOwn{Path: desksPath + "?" + url.Values{"haus": {m.Site}, "tag": {m.Day.Format(time.DateOnly)}}.Encode(),
			At: s.noon(m.Day), Label: m.Label, Place: m.Place, Site: names[m.Site]})
	}
	return err
}

// staffDesksBook books a desk, or puts the account on the list.
func (s *Server) staffDesksBook(w http.ResponseWriter, r *http.Request) error {
	return s.deskForm(w, r, func(v url.Values, day time.Time) (string, error) {
		desk, err := strconv.Atoi(cmp.Or(v.Get("platz"), "0"))
		if err != nil || desk < 0 || desk > 1<<30 {
			return "", ortsnah.E(ortsnah.Conflict, "booking.desk_taken").About("platz")
		}
		var got booking.DeskBooking
		err = pgx.BeginFunc(r.Context(), s.DB, func(tx pgx.Tx) (err error) {
			got, err = booking.BookDesk(r.Context(), tx, s.Now(), s.Zone,
				booking.DeskWish{Account: s.account(r).ID, Site: v.Get("haus"), Day: day, Desk: desk})
			return err
		})
		if got.Desk == 0 {
			return "desk_listed", err
		}
		return "desk_booked", err
	})
}

// staffDesksCancel gives the account's desk or place on the list back.
func (s *Server) staffDesksCancel(w http.ResponseWriter, r *http.Request) error {
	return s.deskForm(w, r, func(_ url.Values, day time.Time) (string, error) {
		return "desk_cancelled", pgx.BeginFunc(r.Context(), s.DB, func(tx pgx.Tx) error {
			return booking.CancelDesk(r.Context(), tx, s.Now(), s.Zone, s.account(r).ID, day)
		})
	})
}

// staffDesksHome says that a clerk works from home on a day, or does not. A
// desk booked for a day at home is given back.
func (s *Server) staffDesksHome(w http.ResponseWriter, r *http.Request) error {
	return s.deskForm(w, r, func(v url.Values, day time.Time) (string, error) {
		a, on := s.account(r), v.Get("daheim") == "1"
		if a.Clerk == 0 {
			return "", ortsnah.E(ortsnah.Conflict, "desks.no_clerk")
		}
		err := pgx.BeginFunc(r.Context(), s.DB, func(tx pgx.Tx) error {
			if _, err := booking.HomeOffice(r.Context(), tx, s.Now(), s.actor(r), a.Clerk, day, on, v.Get("ja") != ""); err != nil || !on {
				return err
			}
			return booking.CancelDesk(r.Context(), tx, s.Now(), s.Zone, a.ID, day)
		})
		if err == nil && v.Get("ja") != "" {
			_, _, err = s.rematched(r)
		}
		if on {
			return "home_office", err
		}
		return "office_day", err
	})
}

// deskForm frames the forms of the page: they name building and day, do one
// thing, and lead back. Appointments in the way are listed and asked about.
func (s *Server) deskForm(w http.ResponseWriter, r *http.Request, do func(v url.Values, day time.Time) (done string, err error)) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	day, err := calendar.ParseDay(v.Get("tag"))
	done := ""
	if err == nil {
		done, err = do(v, day)
	}
	if err == nil {
		return s.done(w, r, desksPath, done, "haus", typed(v.Get("haus")), "tag", typed(v.Get("tag")))
	}
	var p web.Desks
	code := http.StatusOK
	if under, ok := errors.AsType[*booking.HasBookings](err); ok {
		p.Confirm = s.stranded(r, under.Conflicts)
		p.Notice = web.Notice{Text: i18n.Error(web.LangOf(r), err), Error: true}
	} else if p.Notice, code, err = refusal(r, err); err != nil {
		return err
	}
	return s.showDesks(w, r, code, v, p)
}

// shortDay is "Mo 30.3.".
func shortDay(lang string, day time.Time) string {
	name := i18n.DayOfWeek(lang, day)
	if lang == "en" {
		return name[:3] + " " + day.Format("2 Jan")
	}
	return name[:2] + " " + day.Format("2.1.")
}

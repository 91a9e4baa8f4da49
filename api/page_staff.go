package api

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/stations"
)

// staffNavigation are the entries of the staff's pages in their order. Who
// sees one is who may open it.
func staffNavigation() []web.StaffEntry {
	return []web.StaffEntry{
		{Path: "/dienst/tag", Key: "staff.nav.day"},
		{Path: "/dienst/buchen", Key: "staff.nav.book"},
		{Path: "/dienst/infotheke", Key: "staff.nav.desk"},
		{Path: "/dienst/pforte", Key: "staff.nav.gate"},
		{Path: "/dienst/kontingente", Key: "staff.nav.quotas"},
		{Path: "/dienst/raeume", Key: "staff.nav.rooms"},
		{Path: "/dienst/plaetze", Key: "staff.nav.desks"},
		{Path: "/dienst/stationen", Key: "staff.nav.stations"},
		{Path: "/planung", Key: "staff.nav.planning"},
		{Path: "/dienst/berichte", Key: "staff.nav.reports"},
		{Path: "/dienst/zustaendigkeit", Key: "staff.nav.jurisdiction"},
		{Path: "/dienst/benutzer", Key: "staff.nav.users"},
	}
}

// inFrame lets the frame of the staff's pages show who has signed in and where
// the roles lead.
func (s *Server) inFrame(ctx context.Context, a auth.Account) context.Context {
	return web.WithStaff(ctx, web.Staff{Name: a.Name, Entries: s.entriesOf(a)})
}

// entriesOf are the entries of the navigation that the account's roles may open.
func (s *Server) entriesOf(a auth.Account) []web.StaffEntry {
	var entries []web.StaffEntry
	routes := s.routes()
	for _, e := range staffNavigation() {
		if slices.ContainsFunc(routes, func(rt route) bool {
			below := rt.path == e.Path || strings.HasPrefix(rt.path, e.Path+"/") // "/planung" itself is for everybody
			return rt.method == get && below && len(rt.who) > 0 && a.Has(rt.who...)
		}) {
			entries = append(entries, e)
		}
	}
	return entries
}

// by is the member of the staff of the request, as booking knows one.
func (s *Server) by(r *http.Request) booking.By { return booking.By{Staff: s.actor(r)} }

// today is the local day, as midnight UTC.
func (s *Server) today() time.Time { return stations.Day(s.Now().In(s.Zone)) }

// staffPage answers with a page of the staff that nobody keeps.
func (s *Server) staffPage(w http.ResponseWriter, r *http.Request, status int, p web.Page) error {
	w.Header().Set("Cache-Control", "no-store")
	return s.Pages.Render(w, r, status, p)
}

// done leads back to a page after a form, which then says what was done: the
// text "staff.done.<what>".
func (s *Server) done(w http.ResponseWriter, r *http.Request, path, what string, more ...string) error {
	v := url.Values{}
	if what != "" {
		v.Set("meldung", what)
	}
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] != "" {
			v.Set(more[i], more[i+1])
		}
	}
	if q := v.Encode(); q != "" {
		path += "?" + q
	}
	return redirect(w, http.StatusSeeOther, inLang(web.LangOf(r), path))
}

// doneNotice is the sentence that done asked for.
func doneNotice(r *http.Request) web.Notice {
	key := "staff.done." + typed(r.URL.Query().Get("meldung"))
	if !i18n.Has(key) {
		return web.Notice{}
	}
	return web.Notice{Text: i18n.Text(web.LangOf(r), key, nil)}
}

// refusal is the sentence about an error that the person at the form can do
// something about; other errors are given back.
func refusal(r *http.Request, err error) (notice web.Notice, code int, other error) {
	switch kind := ortsnah.KindOf(err); kind {
	case ortsnah.Invalid, ortsnah.NotFound, ortsnah.Conflict, ortsnah.Gone:
		return web.Notice{Text: i18n.Error(web.LangOf(r), err), Error: true}, status(kind), nil
	}
	return web.Notice{}, 0, err
}

// dayAsked is the local day (midnight UTC) of parameter tag; today when it is
// none or more than a year away.
func (s *Server) dayAsked(text string) time.Time {
	today := s.today()
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Before(today.AddDate(-1, 0, 0)) || day.After(today.AddDate(1, 0, 0)) {
		return today
	}
	return day
}

// noon is a moment of the local day, for texts.
func (s *Server) noon(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, s.Zone)
}

// siteAsked is the building of a page: that of the account, the one asked for,
// or the first town hall. The options are for choosing another one.
func (s *Server) siteAsked(r *http.Request, asked string) (booking.Site, []web.Option, error) {
	sites, err := booking.Sites(r.Context(), s.Open)
	if err != nil {
		return booking.Site{}, nil, err
	}
	if own := s.account(r).Site; own != "" {
		asked = own
		sites = slices.DeleteFunc(sites, func(site booking.Site) bool { return site.ID != own })
	}
	if len(sites) == 0 {
		return booking.Site{}, nil, ortsnah.E(ortsnah.NotFound, "booking.unknown_site").About("site")
	}
	chosen := slices.IndexFunc(sites, func(site booking.Site) bool { return site.ID == asked })
	if chosen < 0 {
		chosen = max(0, slices.IndexFunc(sites, func(site booking.Site) bool { return site.Kind == "town_hall" }))
	}
	lang := web.LangOf(r)
	options := make([]web.Option, len(sites))
	for i, site := range sites {
		options[i] = web.Option{Value: site.ID, Label: site.Name.In(lang), On: i == chosen}
	}
	return sites[chosen], options, nil
}

// reference is a reference as people type and scanners read it: upper case,
// without blanks and hyphens, and with the digits that look like letters. A
// scanner may send the whole address of the QR code: its last part counts.
func reference(text string) string {
	text = typed(text)
	if i := strings.LastIndexByte(text, '/'); i >= 0 {
		text = text[i+1:]
	}
	text, _, _ = strings.Cut(text, "?")
	text, _, _ = strings.Cut(text, "#")
	text = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(text))
	return strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(text)
}

// spaced is a reference as people read it aloud: "K7M4 2Q9X".
func spaced(id string) string {
	if len(id) != 8 {
		return id
	}
	return id[:4] + " " + id[4:]
}

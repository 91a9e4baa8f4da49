package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/booking/match"
)

// bestTimes is how many proposals the list has.
const bestTimes = 5

// bookingTimes answers /termin/{id}/zeiten: the best times, or with parameter
// ansicht=kalender all of a month.
func (s *Server) bookingTimes(w http.ResponseWriter, r *http.Request) error {
	c, err := s.concern(r)
	if err != nil {
		return err
	}
	v := r.URL.Query()
	asked, t := wantedIn(c.ID, v), s.toldBy(r)
	if asked.sort == match.Near && t.At == nil && v.Get("gesagt") != "ort" {
		return see(w, r, asked.at("ort"))
	}
	q := asked.request(t)
	q.Limit = bestTimes
	found, err := s.Reception.Board.Propose(r.Context(), q)
	switch kind := ortsnah.KindOf(err); {
	case err == nil:
	case kind == ortsnah.Invalid || kind == ortsnah.NotFound:
		return s.visitPage(w, r, status(kind), c, asked, err)
	default:
		return err
	}
	switch found.Why {
	case booking.WhyNoVisit:
		return see(w, r, asked.at(""))
	case booking.WhyName:
		return s.askAgain(w, r, asked, "name")
	case booking.WhyPlace:
		return s.askAgain(w, r, asked, "ort")
	}
	if err := s.noteUnmet(r, q, found); err != nil {
		return err
	}
	p, err := s.timesPage(r, c, asked, t, found)
	if err != nil {
		return err
	}
	if v.Get("ansicht") == "kalender" && len(found.Proposals) > 0 {
		if err := s.addCalendar(r, &p, q, found.Proposals); err != nil {
			return err
		}
	}
	return s.bookingPage(w, r, http.StatusOK, p)
}

// askAgain sends the citizen to the question that is still open; who has just
// answered it has a browser that keeps nothing, and is told so.
func (s *Server) askAgain(w http.ResponseWriter, r *http.Request, asked wanted, page string) error {
	if r.URL.Query().Get("gesagt") == page {
		return ortsnah.E(ortsnah.Invalid, "api.cookies_needed")
	}
	return see(w, r, asked.at(page))
}

// timesPage says what was asked for and what there is.
func (s *Server) timesPage(r *http.Request, c booking.Concern, asked wanted, t told, found booking.Search) (web.BookingTimes, error) {
	lang := web.LangOf(r)
	sealed, err := s.sealTold(t)
	if err != nil {
		return web.BookingTimes{}, err
	}
	p := web.BookingTimes{Booking: bookingFrame(r, 3, asked.at("")), Concerns: s.concernNames(r.Context(), asked, c, lang),
		Minutes: found.Minutes, Persons: asked.request(t).Persons, Change: asked.at(""), PlaceKnown: t.At != nil,
		Action: "/termin/" + c.ID + "/halten", Fields: append(asked.fields(), onceKey())}
	if sealed != "" {
		p.Fields = append(p.Fields, web.BookingField{Name: "angaben", Value: sealed})
	}
	if asked.channel != "" {
		p.Asked = append(p.Asked, i18n.Text(lang, "channel."+asked.channel, nil))
	}
	if asked.stepFree {
		p.Asked = append(p.Asked, i18n.Text(lang, "stepfree.yes", nil))
	}
	p.Tabs = s.timeTabs(r, asked, c)
	if canWait(asked, found.Why) {
		p.ListPath = asked.at("warteliste")
	}
	p.Slots = s.suggestions(lang, found.Proposals)
	if len(found.Proposals) == 0 {
		if p.Why, err = s.whyNone(r, c, asked, found.Why); err != nil {
			return p, err
		}
	}
	return p, nil
}

// concernNames are the names of what the visit is for.
func (s *Server) concernNames(ctx context.Context, asked wanted, first booking.Concern, lang string) []string {
	names := []string{first.Name.In(lang)}
	if asked.more != "" {
		if c, err := booking.FindConcern(ctx, s.Open, asked.more); err == nil {
			names = append(names, c.Name.In(lang))
		}
	}
	return names
}

// timeTabs are the ways to look at the times. Near needs somewhere to go to.
func (s *Server) timeTabs(r *http.Request, asked wanted, c booking.Concern) []web.BookingTab {
	calendar := r.URL.Query().Get("ansicht") == "kalender"
	var tabs []web.BookingTab
	for _, t := range []struct {
		id   string
		sort match.Sort
	}{{"best", match.Best}, {"early", match.Early}, {"near", match.Near}} {
		if t.sort == match.Near && (asked.channel != "" || c.Jurisdiction.Place == "plot") {
			continue
		}
		other := asked
		other.sort = t.sort
		tabs = append(tabs, web.BookingTab{ID: t.id, Path: other.at("zeiten"), On: !calendar && asked.sort == t.sort})
	}
	return append(tabs, web.BookingTab{ID: "calendar", Path: asked.at("zeiten", "ansicht", "kalender"), On: calendar})
}

// slotValue names a proposal in a form: its instant and its place.
func slotValue(p booking.Proposal) string {
	return p.Starts.UTC().Format(time.RFC3339) + " " + p.PlaceID
}

// slotIn reads what slotValue wrote.
func slotIn(text string) (starts time.Time, place string, err error) {
	instant, place, ok := strings.Cut(text, " ")
	starts, err = time.Parse(time.RFC3339, instant)
	if !ok || err != nil || place == "" || len(place) > 200 {
		return starts, place, ortsnah.E(ortsnah.Invalid, "api.no_time_chosen").About("termin")
	}
	return starts, place, nil
}

// whyNone says why there is no time and what else one can do.
func (s *Server) whyNone(r *http.Request, c booking.Concern, asked wanted, why match.Why) (*web.BookingWhy, error) {
	lang := web.LangOf(r)
	_, phone, err := s.officeContact(r.Context(), c.Office)
	none := &web.BookingWhy{Reason: i18n.Text(lang, "booking.why_"+string(why), nil), Phone: phone, OnlineURL: c.OnlineURL}
	if asked.concern != "" && canWait(asked, why) {
		none.ListPath = asked.at("warteliste")
	}
	if other := asked; asked.stepFree || asked.channel != "" || asked.more != "" {
		other.stepFree, other.channel, other.more = false, "", ""
		none.OtherPath = other.at("zeiten")
	}
	return none, err
}

// addCalendar turns the page into the calendar of a month: that of parameter
// monat or of the first free time; with the times of the day in parameter tag.
func (s *Server) addCalendar(r *http.Request, p *web.BookingTimes, q booking.Request, best []booking.Proposal) error {
	v := r.URL.Query()
	q.Sort = match.Early
	earliest := slices.MinFunc(best, func(a, b booking.Proposal) int { return a.Starts.Compare(b.Starts) }).Starts.In(s.Zone)
	first := time.Date(earliest.Year(), earliest.Month(), 1, 0, 0, 0, 0, s.Zone)
	if asked, err := time.ParseInLocation("2006-01", v.Get("monat"), s.Zone); err == nil && s.inCalendar(asked) {
		first = asked
	}
	q.From, q.To = first, first.AddDate(0, 1, 0)
	found, err := s.Reception.Board.Starts(r.Context(), q)
	if err != nil {
		return err
	}
	day := v.Get("tag")
	if day == "" && v.Get("monat") == "" && len(found.Proposals) > 0 {
		day = found.Proposals[0].Starts.In(s.Zone).Format(time.DateOnly)
	}
	p.Month, p.Day, p.Slots = s.monthOf(r, first, day, found.Proposals), s.dayOf(web.LangOf(r), day, found.Proposals), nil
	return nil
}

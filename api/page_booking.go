package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
)

// The citizen's way to an appointment: one question per page, every answer a
// form, nothing lost by the back button.
//
//	/termin                        which concern?
//	/termin/{service}              how many come?
//	/termin/{service}/name, /ort   only where the rule needs it
//	/termin/{service}/zeiten       the best times, or a calendar
//	POST …/halten                  the time is held for some minutes
//	/termin/b/{reference}          who comes? then: the appointment
//	/termin/meine                  look one up

// longestForm bounds the body of a form.
const longestForm = 64 << 10

// bookingForm reads a form of the citizens' pages.
func bookingForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	r.Body = http.MaxBytesReader(w, r.Body, longestForm)
	if err := r.ParseForm(); err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return nil, ortsnah.E(ortsnah.TooLarge, "api.form_too_large").Because(err)
		}
		return nil, ortsnah.E(ortsnah.Invalid, "api.bad_form").Because(err)
	}
	for _, all := range r.PostForm {
		for _, text := range all {
			if !utf8.ValidString(text) {
				return nil, ortsnah.E(ortsnah.Invalid, "api.bad_form")
			}
		}
	}
	return r.PostForm, nil
}

func bookingConcern(c booking.Concern, lang string) web.BookingConcern {
	return web.BookingConcern{ID: c.ID, Name: c.Name.In(lang), Summary: c.Summary.In(lang), Minutes: c.Minutes,
		Online: c.Online, AtOnce: !c.Appointment}
}

// bookingStart answers /termin.
func (s *Server) bookingStart(w http.ResponseWriter, r *http.Request) error {
	lang := web.LangOf(r)
	p := web.BookingStart{Booking: bookingFrame(r, 1, ""), Query: typed(r.URL.Query().Get("q"))}
	concerns, err := s.concernsFound(r, p.Query)
	if err != nil {
		return err
	}
	concerns = slices.DeleteFunc(concerns, func(c booking.Concern) bool { return !visitable(c) && !c.Online && c.Appointment })
	if p.Query != "" {
		for _, c := range concerns {
			p.Found = append(p.Found, bookingConcern(c, lang))
		}
		return s.bookingPage(w, r, http.StatusOK, p)
	}
	p.Groups = byOffice(concerns, lang)
	if p.Wanted, err = s.oftenBooked(r.Context(), concerns, lang); err != nil {
		return err
	}
	return s.bookingPage(w, r, http.StatusOK, p)
}

// byOffice groups concerns, the office with most of them first.
func byOffice(concerns []booking.Concern, lang string) []web.BookingGroup {
	var groups []web.BookingGroup
	for _, c := range concerns {
		i := slices.IndexFunc(groups, func(g web.BookingGroup) bool { return g.ID == c.Office })
		if i < 0 {
			i, groups = len(groups), append(groups, web.BookingGroup{ID: c.Office, Name: c.OfficeName.In(lang)})
		}
		groups[i].Items = append(groups[i].Items, bookingConcern(c, lang))
	}
	for _, g := range groups {
		slices.SortFunc(g.Items, func(a, b web.BookingConcern) int { return strings.Compare(fold(a.Name), fold(b.Name)) })
	}
	slices.SortFunc(groups, func(a, b web.BookingGroup) int {
		return cmp.Or(cmp.Compare(len(b.Items), len(a.Items)), strings.Compare(fold(a.Name), fold(b.Name)))
	})
	return groups
}

// The short list on top: so many concerns, by the bookings of so long. It is
// short enough to be read, and missing while little has been booked.
const (
	mostWanted   = 6
	fewestWanted = 3
	wantedFor    = 90 * 24 * time.Hour
)

func (s *Server) oftenBooked(ctx context.Context, concerns []booking.Concern, lang string) ([]web.BookingConcern, error) {
	ids, err := booking.Wanted(ctx, s.DB, s.Now().Add(-wantedFor), mostWanted)
	var list []web.BookingConcern
	for _, id := range ids {
		if i := slices.IndexFunc(concerns, func(c booking.Concern) bool { return c.ID == id }); i >= 0 {
			list = append(list, bookingConcern(concerns[i], lang))
		}
	}
	if len(list) < fewestWanted {
		return nil, err
	}
	return list, err
}

// visitable says whether one can have an appointment for c on some channel.
func visitable(c booking.Concern) bool {
	return c.Appointment && slices.ContainsFunc(c.Channels, func(ch string) bool { return ch != "online" })
}

// bookingVisit answers /termin/{id}: how many come, and how.
func (s *Server) bookingVisit(w http.ResponseWriter, r *http.Request) error {
	c, err := s.concern(r)
	if err != nil {
		return err
	}
	return s.visitPage(w, r, http.StatusOK, c, wantedIn(c.ID, r.URL.Query()), nil)
}

// visitPage shows the question again, with the sentence of what was wrong.
func (s *Server) visitPage(w http.ResponseWriter, r *http.Request, code int, c booking.Concern, asked wanted, wrong error) error {
	lang := web.LangOf(r)
	p := web.BookingVisit{Booking: bookingFrame(r, 2, "/termin"), Concern: bookingConcern(c, lang), OnlineURL: c.OnlineURL,
		Further: c.FurtherMinutes, Office: c.OfficeName.In(lang), Persons: cmp.Or(asked.persons, "1"), StepFree: asked.stepFree,
		Visit: visitable(c)}
	if wrong != nil {
		p.Error = i18n.Error(lang, wrong)
	}
	var err error
	if p.Address, p.Phone, err = s.officeContact(r.Context(), c.Office); err != nil {
		return err
	}
	p.Channels = channelOptions(c, asked.channel, lang)
	if p.Visit {
		if p.More, err = s.moreOptions(r.Context(), c, asked.more, lang); err != nil {
			return err
		}
	}
	return s.bookingPage(w, r, code, p)
}

// channelOptions are the ways to take part: somewhere, by phone, by video.
func channelOptions(c booking.Concern, chosen, lang string) []web.Option {
	var list []web.Option
	for _, way := range []struct {
		value    string
		channels []string
	}{{"", []string{"counter", "mobile"}}, {"phone", []string{"phone"}}, {"video", []string{"video"}}} {
		if slices.ContainsFunc(way.channels, func(ch string) bool { return slices.Contains(c.Channels, ch) }) {
			list = append(list, web.Option{Value: way.value, On: way.value == chosen,
				Label: i18n.Text(lang, "booking_visit.way."+cmp.Or(way.value, "here"), nil)})
		}
	}
	if len(list) > 0 && !slices.ContainsFunc(list, func(o web.Option) bool { return o.On }) {
		list[0].On = true
	}
	return list
}

// moreOptions are the concerns that the same office could do in the same visit.
func (s *Server) moreOptions(ctx context.Context, first booking.Concern, chosen, lang string) ([]web.Option, error) {
	all, err := booking.Concerns(ctx, s.Open)
	var list []web.Option
	for _, c := range all {
		if c.ID != first.ID && c.Office == first.Office && visitable(c) && c.Jurisdiction.Kind == first.Jurisdiction.Kind {
			list = append(list, web.Option{Value: c.ID, Label: c.Name.In(lang), On: c.ID == chosen})
		}
	}
	return list, err
}

// officeContact is where an office is and its phone number.
func (s *Server) officeContact(ctx context.Context, id string) (address, phone string, err error) {
	offices, err := booking.Offices(ctx, s.Open)
	if err != nil {
		return "", "", err
	}
	for _, o := range offices {
		if o.ID == id {
			phone = o.Phone
		}
	}
	address, err = s.officeAddress(ctx, id)
	return address, phone, err
}

// bookingName answers /termin/{id}/name and keeps the answer.
func (s *Server) bookingName(w http.ResponseWriter, r *http.Request) error {
	c, err := s.concern(r)
	if err != nil {
		return err
	}
	asked := wantedIn(c.ID, r.URL.Query())
	p := web.BookingName{Booking: bookingFrame(r, 2, asked.at("")), Concern: c.Name.In(web.LangOf(r)),
		Action: asked.at("name"), Name: s.toldBy(r).Name}
	if r.Method != http.MethodPost {
		return s.bookingPage(w, r, http.StatusOK, p)
	}
	v, err := bookingForm(w, r)
	if err != nil {
		return err
	}
	p.Name = typed(v.Get("name"))
	if booking.NameKey(p.Name, false) == "" {
		p.Error = i18n.Text(web.LangOf(r), "booking_name.error", nil)
		return s.bookingPage(w, r, http.StatusBadRequest, p)
	}
	t := s.toldBy(r)
	t.Name = p.Name
	if err := s.keepTold(w, r, t); err != nil {
		return err
	}
	return see(w, r, asked.at("zeiten", "gesagt", "name"))
}

// bookingPlace answers /termin/{id}/ort and keeps the answer. Where several
// addresses fit, a person chooses.
func (s *Server) bookingPlace(w http.ResponseWriter, r *http.Request) error {
	c, err := s.concern(r)
	if err != nil {
		return err
	}
	lang, asked := web.LangOf(r), wantedIn(c.ID, r.URL.Query())
	p := web.BookingPlace{Booking: bookingFrame(r, 2, asked.at("")), Concern: c.Name.In(lang), About: "near",
		Action: asked.at("ort"), Address: s.toldBy(r).Place}
	if c.Jurisdiction.Kind == booking.Geographic {
		p.About = cmp.Or(c.Jurisdiction.Place, "home")
	}
	if r.Method != http.MethodPost {
		return s.bookingPage(w, r, http.StatusOK, p)
	}
	v, err := bookingForm(w, r)
	if err != nil {
		return err
	}
	p.Address = typed(v.Get("adresse"))
	found, err := booking.LocateAddress(r.Context(), s.Open, p.Address)
	if err != nil {
		if kind := ortsnah.KindOf(err); kind != ortsnah.NotFound && kind != ortsnah.Invalid {
			return err
		}
		if p.Error = i18n.Error(lang, err); ortsnah.KindOf(err) == ortsnah.NotFound {
			p.Error = i18n.Text(lang, "booking_place.not_found", nil)
		}
		return s.bookingPage(w, r, http.StatusBadRequest, p)
	}
	chosen, err := strconv.Atoi(v.Get("wahl"))
	if err != nil || chosen < 0 || chosen >= len(found) {
		chosen = 0
		if len(found) > 1 || !found[0].Exact {
			for _, a := range found {
				p.Choices = append(p.Choices, a.Label)
			}
			return s.bookingPage(w, r, http.StatusOK, p)
		}
	}
	return s.placeTold(w, r, asked, found[chosen])
}

func (s *Server) placeTold(w http.ResponseWriter, r *http.Request, asked wanted, a booking.Address) error {
	place, err := s.Districts.Locate(r.Context(), a.Lon, a.Lat)
	if err != nil {
		return err
	}
	t := s.toldBy(r)
	t.Place, t.At = a.Label, &[2]float64{place.At[0], place.At[1]}
	if err := s.keepTold(w, r, t); err != nil {
		return err
	}
	return see(w, r, asked.at("zeiten", "gesagt", "ort"))
}

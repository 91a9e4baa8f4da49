package api

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
)

func serviceEntry(c booking.Concern, lang string) web.Service {
	e := web.Service{ID: c.ID, Name: c.Name.In(lang), Summary: c.Summary.In(lang), Minutes: c.Minutes, Channels: c.Channels, Urgent: c.Urgent}
	if !c.Appointment {
		e.Minutes = 0
	}
	return e
}

// servicesPage answers /anliegen.
func (s *Server) servicesPage(w http.ResponseWriter, r *http.Request) error {
	lang, v := web.LangOf(r), r.URL.Query()
	p := web.Services{Query: typed(v.Get("q")), Channels: options(v.Get("kanal"), channels(), lang, "channel.")}
	concerns, err := s.concernsFound(r, p.Query)
	if err != nil {
		return err
	}
	for _, c := range concerns {
		if v.Get("kanal") == "" || slices.Contains(c.Channels, v.Get("kanal")) {
			p.Items = append(p.Items, serviceEntry(c, lang))
		}
	}
	slices.SortFunc(p.Items, func(a, b web.Service) int {
		return cmp.Or(strings.Compare(fold(a.Name), fold(b.Name)), strings.Compare(a.ID, b.ID))
	})
	return s.page(w, r, p)
}

// concernsFound adds what the German search cannot find: English names.
func (s *Server) concernsFound(r *http.Request, text string) ([]booking.Concern, error) {
	found, err := s.concerns(r, text)
	if err != nil || text == "" || web.LangOf(r) != "en" {
		return found, err
	}
	all, err := booking.Concerns(r.Context(), s.Open)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		known := slices.ContainsFunc(found, func(f booking.Concern) bool { return f.ID == c.ID })
		if !known && contains(text, c.Name.EN, c.Summary.EN) {
			found = append(found, c)
		}
	}
	return found, nil
}

// servicePage answers /anliegen/{id}; with parameter adresse or name it says
// who is responsible. These are personal: the answer is nowhere cached.
func (s *Server) servicePage(w http.ResponseWriter, r *http.Request) error {
	c, err := s.concern(r)
	if err != nil {
		return err
	}
	lang, v := web.LangOf(r), r.URL.Query()
	p := web.ServicePage{Service: serviceEntry(c, lang), MinutesPerFurtherPerson: c.FurtherMinutes, Office: c.OfficeName.In(lang),
		OnlineURL: c.OnlineURL, Jurisdiction: string(c.Jurisdiction.Kind), Address: typed(v.Get("adresse")), Name: typed(v.Get("name"))}
	if visitable(c) {
		p.BookPath = "/termin/" + url.PathEscape(c.ID)
	}
	for _, d := range c.Documents {
		p.Documents = append(p.Documents, web.Document{Name: in(lang, d.DE, d.EN), Condition: in(lang, d.ConditionDE, d.ConditionEN)})
	}
	if p.OfficeAddress, err = s.officeAddress(r.Context(), c.Office); err != nil {
		return err
	}
	if p.Address != "" || p.Name != "" {
		w.Header().Set("Cache-Control", private)
	}
	if err := s.answerWho(r.Context(), &p, c, lang); err != nil {
		return err
	}
	if c.Mobile {
		t, err := s.timetable(r.Context(), lang)
		if err != nil {
			return err
		}
		p.NextVisits = slices.DeleteFunc(t.visits, func(v web.Visit) bool { return v.Cancelled || !offers(v, c.ID) })
		p.NextVisits = p.NextVisits[:min(3, len(p.NextVisits))]
	}
	if c.Jurisdiction.Kind == booking.Geographic {
		p.Related = []web.Link{{Text: label(lang, "on_the_map"), Path: "/karte?ebene=districts"}}
	}
	return s.page(w, r, p)
}

// officeAddress is where the office is, "" when that is unknown.
func (s *Server) officeAddress(ctx context.Context, id string) (string, error) {
	offices, err := booking.Offices(ctx, s.Open)
	if err != nil {
		return "", err
	}
	sites, err := booking.Sites(ctx, s.Open)
	if err != nil {
		return "", err
	}
	for _, o := range offices {
		for _, site := range sites {
			if o.ID == id && o.Site == site.ID {
				return site.Address, nil
			}
		}
	}
	return "", nil
}

// answerWho fills Responsible, or Hint where there is no answer.
func (s *Server) answerWho(ctx context.Context, p *web.ServicePage, c booking.Concern, lang string) error {
	var q asked
	switch {
	case c.Jurisdiction.Kind == booking.Geographic && p.Address != "":
		var err error
		if q, err = s.placeAsked(ctx, url.Values{"address": {p.Address}}); err != nil {
			if kind := ortsnah.KindOf(err); kind != ortsnah.NotFound && kind != ortsnah.Invalid {
				return err
			}
			p.Hint = i18n.Error(lang, err)
			return nil
		}
	case c.Jurisdiction.Kind == booking.Alphabetic && p.Name != "", c.Jurisdiction.Kind == booking.Anyone:
	default:
		return nil
	}
	if q.choice != nil {
		p.Hint = i18n.Text(lang, "api.choose_an_address", nil) + " " + addressList(q.choice)
		return nil
	}
	d, _, err := s.decision(ctx, c.ID, p.Name, q)
	if err != nil {
		return err
	}
	why := i18n.Text(lang, d.Key, d.Args)
	if d.Team.ID == "" {
		p.Hint = why
		return nil
	}
	p.Responsible = &web.Responsible{Team: d.Team.Name.In(lang), District: q.place.District.Name, Rule: why}
	return nil
}

func addressList(found []booking.Address) string {
	var labels []string
	for _, a := range found {
		labels = append(labels, a.Label)
	}
	return strings.Join(labels, "; ")
}

package api

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
)

const gatePath = "/dienst/pforte"

// staffGate answers /dienst/pforte.
func (s *Server) staffGate(w http.ResponseWriter, r *http.Request) error {
	return s.showGate(w, r, http.StatusOK, r.URL.Query().Get("haus"), doneNotice(r))
}

func (s *Server) showGate(w http.ResponseWriter, r *http.Request, code int, asked string, n web.Notice) error {
	site, options, err := s.siteAsked(r, asked)
	if err != nil {
		return err
	}
	g, err := s.Reception.GateToday(r.Context(), s.by(r), site.ID, s.account(r).Has(auth.Gate))
	if err != nil {
		return err
	}
	p := web.StaffGate{Notice: n, Day: s.noon(g.Day), At: s.Now(), Site: site.ID, SiteName: site.Name.In(web.LangOf(r)), Sites: options, Controls: g.Controls,
		CanSet: s.account(r).Has(auth.Administrator), CanCheckIn: g.Controls && s.account(r).Has(auth.Gate)}
	slices.SortStableFunc(g.Visitors, inListOrder)
	for _, v := range g.Visitors {
		a := web.StaffArrival{ID: v.Appointment, Reference: spaced(v.Appointment), From: v.From, To: v.To, Room: v.Room, Persons: v.Persons, Status: string(v.Status), Badge: v.Badge,
			Name: v.Name, CanCheckIn: v.Status == booking.Booked}
		if v.Status == booking.Booked {
			p.Expected += v.Persons
		} else {
			p.Entered += v.Persons
		}
		last := len(p.Windows) - 1
		if last < 0 || !p.Windows[last].From.Equal(v.From) {
			now := s.Now()
			p.Windows = append(p.Windows, web.StaffWindow{From: v.From, To: v.To, Current: !now.Before(v.From) && now.Before(v.To), Past: !now.Before(v.To)})
			last++
		}
		p.Windows[last].Visits = append(p.Windows[last].Visits, a)
		if a.CanCheckIn {
			p.Windows[last].Expected += v.Persons
		}
	}
	return s.staffPage(w, r, code, p)
}

// inListOrder is how a guard looks for somebody: by the window, who is still to
// come first, by name.
func inListOrder(a, b booking.Visitor) int {
	here := func(v booking.Visitor) int {
		if v.Status == booking.Booked {
			return 0
		}
		return 1
	}
	return cmp.Or(a.From.Compare(b.From), cmp.Compare(here(a), here(b)),
		strings.Compare(booking.NameKey(surname(a.Name), true), booking.NameKey(surname(b.Name), true)))
}

// surname is the last word of a name.
func surname(name string) string { return name[strings.LastIndexByte(name, ' ')+1:] }

// staffGateForm checks a visitor in, or takes a badge back.
func (s *Server) staffGateForm(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	id, what := reference(v.Get("termin")), "arrived"
	if v.Get("schritt") == "zurueck" {
		what, err = "badge_back", s.Reception.ReturnBadge(r.Context(), s.by(r), id)
	} else {
		_, err = s.Reception.CheckIn(r.Context(), id, s.by(r), typed(v.Get("ausweis")))
	}
	if err != nil {
		n, code, other := refusal(r, err)
		if other != nil {
			return other
		}
		return s.showGate(w, r, code, v.Get("haus"), n)
	}
	return s.done(w, r, gatePath, what, "haus", v.Get("haus"))
}

// staffGateMode switches between controlling and showing the way.
func (s *Server) staffGateMode(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	controls := v.Get("modus") == "kontrolle"
	if err := s.Reception.SwitchGate(r.Context(), s.by(r), controls); err != nil {
		return err
	}
	what := "gate_open"
	if controls {
		what = "gate_controls"
	}
	return s.done(w, r, gatePath, what, "haus", v.Get("haus"))
}

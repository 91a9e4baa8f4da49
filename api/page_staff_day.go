package api

import (
	"cmp"
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
	"github.com/ortsnah/ortsnah/stations"
)

const dayPath = "/dienst/tag"

// staffDay answers /dienst/tag.
func (s *Server) staffDay(w http.ResponseWriter, r *http.Request) error {
	return s.showDay(w, r, http.StatusOK, r.URL.Query(), doneNotice(r))
}

// showDay answers with the clerk's day that v names.
func (s *Server) showDay(w http.ResponseWriter, r *http.Request, code int, v url.Values, n web.Notice) error {
	clerk, err := s.clerk(r)
	if err != nil {
		return err
	}
	lang, day, today := web.LangOf(r), s.dayAsked(v.Get("tag")), s.today()
	path := func(d time.Time) string { return dayPath + "?tag=" + d.Format(time.DateOnly) }
	p := web.StaffDay{Day: s.noon(day), Today: day.Equal(today), PreviousPath: path(day.AddDate(0, 0, -1)),
		NextPath: path(day.AddDate(0, 0, 1)), DayValue: day.Format(time.DateOnly), Notice: n, Label: clerk.Label}
	if !p.Today {
		p.TodayPath = dayPath
	}
	entries, err := s.Reception.Agenda(r.Context(), s.by(r), clerk.ID, day)
	if err != nil {
		return err
	}
	for _, e := range entries {
		visit := s.staffVisit(e, lang, p.Today)
		switch e.Status {
		case booking.Done, booking.NoShow:
			p.Past = append(p.Past, visit)
		case booking.Booked:
			p.Later = append(p.Later, visit)
		default:
			p.Now = append(p.Now, visit)
		}
	}
	if p.Today {
		if err := s.fillCalls(r, &p, clerk, v.Get("raum")); err != nil {
			return err
		}
	}
	return s.staffPage(w, r, code, p)
}

// clerk is whom the account books for. Error: Conflict staff.no_clerk.
func (s *Server) clerk(r *http.Request) (booking.Clerk, error) {
	clerks, err := booking.Clerks(r.Context(), s.DB)
	if err != nil {
		return booking.Clerk{}, err
	}
	i := slices.IndexFunc(clerks, func(c booking.Clerk) bool { return c.ID == s.account(r).Clerk })
	if i < 0 {
		return booking.Clerk{}, ortsnah.E(ortsnah.Conflict, "staff.no_clerk")
	}
	return clerks[i], nil
}

func (s *Server) staffVisit(e booking.AgendaEntry, lang string, today bool) web.StaffVisit {
	v := web.StaffVisit{ID: e.ID, Reference: spaced(e.ID), Start: e.Starts, End: e.Ends, Name: e.Person.FullName(),
		Contact: cmp.Or(e.Person.Phone, e.Person.Email), Note: e.Person.Note, Persons: e.Persons, Room: e.Room, Channel: string(e.Channel),
		Status: string(e.Status), StepFree: e.StepFree, Badge: e.Badge,
		Late: today && e.Status == booking.Booked && e.Starts.Before(s.Now()), Movable: e.Status == booking.Booked && e.Starts.After(s.Now())}
	if e.ArrivedAt != nil {
		v.Arrived = e.ArrivedAt.In(s.Zone)
	}
	for _, c := range e.Concerns {
		v.Concerns = append(v.Concerns, c.Name.In(lang))
	}
	if today {
		for _, step := range steps(e) {
			v.Steps = append(v.Steps, string(step))
		}
	}
	return v
}

// steps are what can be done with an appointment now, the usual one first.
func steps(e booking.AgendaEntry) []booking.Status {
	remote := e.Channel == booking.Phone || e.Channel == booking.Video
	switch e.Status {
	case booking.Booked:
		if remote {
			return []booking.Status{booking.InService, booking.NoShow}
		}
		return []booking.Status{booking.Arrived, booking.NoShow}
	case booking.Arrived:
		return []booking.Status{booking.Called, booking.InService}
	case booking.Called:
		return []booking.Status{booking.InService, booking.Done}
	case booking.InService:
		return []booking.Status{booking.Done}
	}
	return nil
}

// fillCalls adds who waits with a number for the clerk's office.
func (s *Server) fillCalls(r *http.Request, p *web.StaffDay, clerk booking.Clerk, room string) error {
	lang, day := web.LangOf(r), s.today()
	list, err := booking.WalkIns(r.Context(), s.DB, day, "", clerk.Office)
	if err != nil {
		return err
	}
	for _, w := range list {
		switch {
		case w.State == booking.WalkInWaiting:
			p.Calls = append(p.Calls, staffCall(w, lang))
		case w.Clerk == clerk.ID:
			p.Serving = append(p.Serving, staffCall(w, lang))
		}
	}
	_, night, _ := stations.Opening(day, 0, 24*60, s.Zone)
	rooms, err := booking.FreeRooms(r.Context(), s.DB, "", s.Now(), night)
	for _, f := range rooms {
		o := web.Option{Value: strconv.Itoa(f.ID), Label: f.Label, On: strconv.Itoa(f.ID) == room}
		if f.Until != nil {
			o.Label = i18n.Text(lang, "staff_day.room_until", map[string]any{"room": f.Label, "time": i18n.Clock(f.Until.In(s.Zone))})
		}
		p.Rooms = append(p.Rooms, o)
	}
	return err
}

func staffCall(w booking.WalkIn, lang string) web.StaffCall {
	return web.StaffCall{ID: w.ID, Ticket: w.Ticket(), Concern: w.ConcernName.In(lang), Office: w.OfficeName.In(lang), Urgent: w.Urgent, Since: w.CreatedAt,
		Room: w.RoomLabel, State: string(w.State)}
}

// staffDayStep takes a visitor a step on.
func (s *Server) staffDayStep(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	if err := s.step(r, reference(v.Get("termin")), booking.Status(v.Get("schritt"))); err != nil {
		n, code, err := refusal(r, err)
		if err != nil {
			return err
		}
		return s.showDay(w, r, code, v, n)
	}
	return s.done(w, r, dayPath, "step_"+v.Get("schritt"), "tag", v.Get("tag"), "raum", v.Get("raum"))
}

// step does one step of the clerk's own appointment id.
func (s *Server) step(r *http.Request, id string, to booking.Status) error {
	clerk, err := s.clerk(r)
	if err != nil {
		return err
	}
	if mine, err := booking.Serves(r.Context(), s.DB, clerk.ID, id); err != nil || !mine {
		return cmp.Or(err, error(ortsnah.E(ortsnah.NotFound, "staff.not_yours").About("termin")))
	}
	switch to {
	case booking.Arrived:
		_, err = s.Reception.CheckIn(r.Context(), id, s.by(r), "")
		return err
	case booking.InService:
		a, err := s.Reception.Appointment(r.Context(), id, s.by(r))
		if err != nil {
			return err
		}
		if a.Status == booking.Booked && (a.Channel == booking.Phone || a.Channel == booking.Video) {
			if _, err := s.Reception.CheckIn(r.Context(), id, s.by(r), ""); err != nil {
				return err
			}
		}
	case booking.Called, booking.Done, booking.NoShow:
	default:
		return ortsnah.E(ortsnah.Invalid, "staff.unknown_step").About("schritt")
	}
	_, err = s.Reception.Advance(r.Context(), id, s.by(r), to)
	return err
}

// staffTicket calls who waits with a number, and takes them a step on.
func (s *Server) staffTicket(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	clerk, err := s.clerk(r)
	if err != nil {
		return err
	}
	id, bad := strconv.ParseInt(cmp.Or(v.Get("nummer"), "0"), 10, 64)
	room, noRoom := strconv.Atoi(v.Get("raum"))
	step := v.Get("schritt")
	switch {
	case bad != nil || id < 0:
		err = ortsnah.E(ortsnah.NotFound, "booking.no_ticket").About("nummer")
	case step == "call" && (noRoom != nil || room < 1 || room > 1<<30):
		err = ortsnah.E(ortsnah.Invalid, "booking.unknown_room").About("raum")
	case step == "call":
		_, err = s.Reception.CallTicket(r.Context(), s.by(r), clerk.ID, room, id)
	default:
		_, err = s.Reception.AdvanceTicket(r.Context(), s.by(r), clerk.ID, id, booking.WalkInState(step))
	}
	if err != nil {
		n, code, err := refusal(r, err)
		if err != nil {
			return err
		}
		return s.showDay(w, r, code, v, n)
	}
	return s.done(w, r, dayPath, "ticket_"+step, "raum", v.Get("raum"))
}

// staffSick closes the clerk's calendar until the end of the day; appointments
// go to colleagues at their times where that is possible.
func (s *Server) staffSick(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	clerk, err := s.clerk(r)
	if err != nil {
		return err
	}
	day := s.dayAsked(v.Get("tag"))
	start, end, _ := stations.Opening(day, 0, 24*60, s.Zone)
	if now := s.Now(); now.After(start) {
		start = now
	}
	if !start.Before(end) {
		n, code, _ := refusal(r, ortsnah.E(ortsnah.Invalid, "staff.day_is_over"))
		return s.showDay(w, r, code, v, n)
	}
	what, err := s.closeSick(r, clerk.ID, start, end)
	if err != nil {
		n, code, other := refusal(r, err)
		if other != nil {
			return other
		}
		return s.showDay(w, r, code, v, n)
	}
	return s.done(w, r, dayPath, what, "tag", v.Get("tag"))
}

// closeSick closes a clerk's calendar and passes the appointments on; those
// that nobody can take at their time are called off, with another one offered.
func (s *Server) closeSick(r *http.Request, clerk int, start, end time.Time) (what string, err error) {
	err = pgx.BeginFunc(r.Context(), s.DB, func(tx pgx.Tx) error {
		_, _, err := booking.Close(r.Context(), tx, s.Now(), s.actor(r), booking.Closure{Resource: clerk, Starts: start, Ends: end, Kind: booking.Sickness})
		return err
	})
	if err != nil {
		return "", err
	}
	again, err := s.Reception.Rematch(r.Context(), s.actor(r))
	if err != nil {
		return "", err
	}
	var lost []string
	for _, a := range again.Lost {
		if slices.ContainsFunc(a.Parts, func(p booking.AppointmentPart) bool {
			return p.Clerk == clerk && p.Starts.Before(end) && p.Ends.After(start)
		}) {
			lost = append(lost, a.ID)
		}
	}
	switch {
	case len(lost) > 0:
		return "sick_lost", s.Reception.CallOff(r.Context(), s.actor(r), lost)
	case len(again.Kept) > 0:
		return "sick_kept", nil
	}
	return "sick", nil
}

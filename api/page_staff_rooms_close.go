package api

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/booking/calendar"
	"github.com/ortsnah/ortsnah/stations"
)

// fillClosing adds what a room manager closes rooms with.
func (s *Server) fillClosing(r *http.Request, p *web.Rooms, rooms []booking.RoomDay, lang string) error {
	p.All = []web.Option{{Value: "haus", Label: i18n.Text(lang, "rooms.whole_building", map[string]any{"site": p.SiteName}), On: p.Closing.Room == "haus"}}
	for _, d := range rooms {
		id := strconv.Itoa(d.Resource)
		p.All = append(p.All, web.Option{Value: id, Label: d.Code + " " + d.Name.In(lang), On: p.Closing.Room == id})
	}
	p.Kinds = options(p.Closing.Kind, []string{string(booking.Maintenance), string(booking.ClosedFor)}, lang, "rooms.kind.")
	if p.Closing.From == "" {
		p.Closing.From = p.Day + "T" + p.Clock
	}
	closures, err := s.closuresHere(r, p.Site, rooms)
	if err != nil {
		return err
	}
	for _, c := range closures {
		row := web.ClosureRow{ID: c.ID, Start: c.Starts, End: c.Ends, Kind: string(c.Kind), Reason: catalogText(c.ReasonDE, c.ReasonEN, lang), What: p.All[0].Label}
		for _, d := range rooms {
			if d.Resource == c.Resource {
				row.What = d.Code + " " + d.Name.In(lang)
			}
		}
		p.Closures = append(p.Closures, row)
	}
	conflicts, err := booking.Conflicts(r.Context(), s.DB, s.Now())
	p.Stranded = s.stranded(r, slices.DeleteFunc(conflicts, func(c booking.Conflict) bool { return c.Cause != booking.UnderClosed }))
	return err
}

// catalogText is the English text where there is one and it is asked for.
func catalogText(de, en, lang string) string {
	if lang == "en" && en != "" {
		return en
	}
	return de
}

// stranded are appointments as lists show them; who may open them gets a link.
func (s *Server) stranded(r *http.Request, conflicts []booking.Conflict) []web.Stranded {
	var list []web.Stranded
	for _, c := range conflicts {
		entry := web.Stranded{ID: c.Appointment, Reference: spaced(c.Appointment), Start: c.Starts.In(s.Zone), End: c.Ends.In(s.Zone)}
		if s.account(r).Has(auth.Clerk, auth.InfoDesk) {
			entry.Path = "/dienst/termin/" + url.PathEscape(c.Appointment)
		}
		list = append(list, entry)
	}
	return list
}

// closuresHere are the coming closures of a building and its rooms: never
// those of persons.
func (s *Server) closuresHere(r *http.Request, site string, rooms []booking.RoomDay) ([]booking.Closure, error) {
	all, err := booking.Closures(r.Context(), s.DB, s.Now(), s.Now().AddDate(2, 0, 0))
	return slices.DeleteFunc(all, func(c booking.Closure) bool {
		return c.Site != site && !slices.ContainsFunc(rooms, func(d booking.RoomDay) bool { return d.Resource == c.Resource })
	}), err
}

// errUnconfirmed ends the transaction of a change that is asked about first.
var errUnconfirmed = errors.New("not confirmed yet")

// staffRoomsClose closes a room or the building. Where appointments are under
// it they are listed first; then the rooms are re-matched.
func (s *Server) staffRoomsClose(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	p := web.Rooms{Closing: web.ClosingForm{Room: typed(v.Get("raum")), From: typed(v.Get("von")), To: typed(v.Get("bis")),
		Kind: typed(v.Get("art")), Reason: typed(v.Get("grund"))}}
	c, err := s.closureAsked(r, v)
	var under []booking.Conflict
	if err == nil {
		err = pgx.BeginFunc(r.Context(), s.DB, func(tx pgx.Tx) error {
			_, under, err = booking.Close(r.Context(), tx, s.Now(), s.actor(r), c)
			if err == nil && len(under) > 0 && v.Get("ja") == "" {
				return errUnconfirmed
			}
			return err
		})
	}
	code := http.StatusOK
	switch {
	case errors.Is(err, errUnconfirmed):
		p.Confirm = s.stranded(r, under)
		return s.showRooms(w, r, code, v, p)
	case err != nil:
		if p.Notice, code, err = refusal(r, err); err != nil {
			return err
		}
		return s.showRooms(w, r, code, v, p)
	}
	return s.afterClosing(w, r, v)
}

// afterClosing finds other rooms for what lies under closures and says how it
// went.
func (s *Server) afterClosing(w http.ResponseWriter, r *http.Request, v url.Values) error {
	moved, lost, err := s.rematched(r)
	if err != nil {
		return err
	}
	return s.done(w, r, roomsPath, "geschlossen", "haus", typed(v.Get("haus")), "ebene", typed(v.Get("ebene")), "tag", typed(v.Get("tag")),
		"zeit", typed(v.Get("zeit")), "verlegt", strconv.Itoa(moved), "offen", strconv.Itoa(lost))
}

// rematched looks for other clerks and rooms after a change, and counts the
// appointments that have got one and those that nobody is left for.
func (s *Server) rematched(r *http.Request) (moved, lost int, err error) {
	done, err := s.Reception.Rematch(r.Context(), s.actor(r))
	return len(done.Kept), len(done.Lost), err
}

// staffRoomsCallOff cancels the appointments that closures have left without a
// room: each gets a neutral notice and, where there is one, an alternative that
// is held.
func (s *Server) staffRoomsCallOff(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	conflicts, err := booking.Conflicts(r.Context(), s.DB, s.Now())
	if err != nil {
		return err
	}
	var ids []string
	for _, c := range conflicts {
		if c.Cause == booking.UnderClosed && slices.Contains(v["termin"], c.Appointment) {
			ids = append(ids, c.Appointment)
		}
	}
	if err := s.Reception.CallOff(r.Context(), s.actor(r), ids); err != nil {
		return err
	}
	return s.done(w, r, roomsPath, "called_off", "haus", typed(v.Get("haus")), "ebene", typed(v.Get("ebene")), "tag", typed(v.Get("tag")), "zeit", typed(v.Get("zeit")))
}

// closureAsked reads the form. Errors as of booking.Close, and Invalid
// rooms.choose_room.
func (s *Server) closureAsked(r *http.Request, v url.Values) (booking.Closure, error) {
	c := booking.Closure{Kind: booking.ClosureKind(v.Get("art")), ReasonDE: typed(v.Get("grund"))}
	if err := s.ownSite(r, v.Get("haus")); err != nil {
		return c, err
	}
	rooms, err := booking.RoomDays(r.Context(), s.DB, v.Get("haus"), s.today(), s.Now(), s.Zone)
	if err != nil {
		return c, err
	}
	resource, _ := strconv.Atoi(v.Get("raum"))
	switch {
	case len(rooms) == 0:
		return c, ortsnah.E(ortsnah.Invalid, "rooms.choose_room").About("raum")
	case v.Get("raum") == "haus":
		c.Site = v.Get("haus")
	case slices.ContainsFunc(rooms, func(d booking.RoomDay) bool { return d.Resource == resource }):
		c.Resource = resource
	default:
		return c, ortsnah.E(ortsnah.Invalid, "rooms.choose_room").About("raum")
	}
	if c.Starts, err = s.formMoment(v.Get("von"), calendar.Start); err != nil {
		return c, err
	}
	c.Ends, err = s.formMoment(v.Get("bis"), calendar.End)
	return c, err
}

// formMoment reads what a field of type datetime-local sends, "2026-03-30T08:00".
func (s *Server) formMoment(text string, moment func(time.Time, stations.Clock, *time.Location) (time.Time, error)) (time.Time, error) {
	date, wall, ok := strings.Cut(strings.Replace(typed(text), " ", "T", 1), "T")
	if !ok {
		return time.Time{}, ortsnah.E(ortsnah.Invalid, "rooms.bad_moment", "text", text).About("von")
	}
	day, err := calendar.ParseDay(date)
	if err != nil {
		return time.Time{}, err
	}
	c, err := calendar.ParseClock(wall[:min(5, len(wall))])
	if err != nil {
		return time.Time{}, err
	}
	return moment(day, c, s.Zone)
}

// staffRoomsReopen takes a closure of a room or building back.
func (s *Server) staffRoomsReopen(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	if err := s.reopen(r, v); err != nil {
		n, code, err := refusal(r, err)
		if err != nil {
			return err
		}
		return s.showRooms(w, r, code, v, web.Rooms{Notice: n})
	}
	return s.done(w, r, roomsPath, "reopened", "haus", typed(v.Get("haus")), "ebene", typed(v.Get("ebene")), "tag", typed(v.Get("tag")), "zeit", typed(v.Get("zeit")))
}

func (s *Server) reopen(r *http.Request, v url.Values) error {
	if err := s.ownSite(r, v.Get("haus")); err != nil {
		return err
	}
	rooms, err := booking.RoomDays(r.Context(), s.DB, v.Get("haus"), s.today(), s.Now(), s.Zone)
	if err != nil {
		return err
	}
	here, err := s.closuresHere(r, v.Get("haus"), rooms)
	if err != nil {
		return err
	}
	for _, c := range here {
		if fmt.Sprint(c.ID) == v.Get("sperre") {
			return pgx.BeginFunc(r.Context(), s.DB, func(tx pgx.Tx) error {
				return booking.Reopen(r.Context(), tx, s.Now(), s.actor(r), c.ID)
			})
		}
	}
	return ortsnah.E(ortsnah.NotFound, "booking.no_closure").About("sperre")
}

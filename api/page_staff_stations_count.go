package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/stations"
)

// countsOf are the counts of visits.
func countsOf(ctx context.Context, db postgis.DB, visits ...stations.Visit) (map[string]stations.Count, error) {
	ids := make([]string, len(visits))
	for i, v := range visits {
		ids[i] = v.ID
	}
	return stations.Counts(ctx, db, ids)
}

// came says in short who came to a visit that is over.
func came(lang string, c stations.Count) string {
	key := "none"
	switch {
	case c.Booked && c.Walked:
		key = "both"
	case c.Booked:
		key = "booked"
	case c.Walked:
		key = "walk_ins"
	}
	return i18n.Text(lang, "station_plan.came."+key, map[string]any{"booked": c.Appointments, "walk_ins": c.WalkIns})
}

// fillCount is what has been counted of a visit that has begun, and the form
// for who came without an appointment; asked is what was typed.
func (s *Server) fillCount(p *web.StationVisit, c stations.Count, asked url.Values) {
	p.Count = web.StationCount{Appointments: c.Appointments, NoShows: c.NoShows, Booked: c.Booked, WalkIns: c.WalkIns, Walked: c.Walked, Most: stations.MostWalkIns}
	if c.Walked {
		p.Count.Seen = strconv.Itoa(c.WalkIns)
	}
	p.Count.Typed = p.Count.Seen
	if asked.Has("ohne-termin") {
		p.Count.Typed = typed(asked.Get("ohne-termin"))
	}
}

// staffVisitCount keeps how many came to a visit without an appointment.
func (s *Server) staffVisitCount(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	visit, err := s.visitAsked(r, v)
	if err != nil {
		return err
	}
	err = s.countWalkIns(r, visit, v)
	return s.answerStations(w, r, err, stationOutcome{}, func() error {
		return s.done(w, r, stationsStaffPath+"/standzeit/tag", "station_counted", "muster", visit.Pattern, "tag", visit.Day.Format(time.DateOnly))
	}, func(code int, notice web.Notice, _ bool) error {
		p := web.StationVisit{StationFrame: s.stationFrame(r, "week")}
		p.Notice = notice
		return s.showVisit(w, r, code, v, p)
	})
}

// countWalkIns reads the form and keeps the number; the trail says who entered
// it, and names nobody who came.
func (s *Server) countWalkIns(r *http.Request, visit stations.Visit, v url.Values) error {
	n, err := strconv.Atoi(typed(v.Get("ohne-termin")))
	if err != nil {
		return ortsnah.E(ortsnah.Invalid, "stations.walk_ins_range", "most", stations.MostWalkIns).About("walk_ins").Because(err)
	}
	var seen *int
	if before, err := strconv.Atoi(v.Get("vorher")); err == nil {
		seen = &before
	}
	return s.inTx(r, func(tx pgx.Tx) error {
		if err := stations.CountWalkIns(r.Context(), tx, s.Now(), visit.ID, seen, n); err != nil {
			return err
		}
		detail := map[string]any{"walk_ins": n}
		if seen != nil {
			detail["before"] = *seen
		}
		return booking.Record(r.Context(), tx, s.Now(), s.actor(r), "visit.count", "visit/"+visit.ID, detail)
	})
}

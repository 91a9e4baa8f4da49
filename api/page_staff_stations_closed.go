package api

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/stations"
)

// fillClosedDays lists the closed days from today on, and the form for one more.
func (s *Server) fillClosedDays(r *http.Request, p *web.StationWeek, asked url.Values) error {
	closed, err := stations.ClosedDays(r.Context(), s.DB, s.today(), s.today().AddDate(2, 0, 1))
	if err != nil {
		return err
	}
	for day, reason := range closed {
		p.ClosedDays = append(p.ClosedDays, web.StationClosed{At: s.noon(day), Day: day.Format(time.DateOnly), Reason: reason.In(web.LangOf(r))})
	}
	slices.SortFunc(p.ClosedDays, func(a, b web.StationClosed) int { return a.At.Compare(b.At) })
	p.CloseDay, p.CloseDE, p.CloseEN = typed(asked.Get("schliesstag")), typed(asked.Get("grund")), typed(asked.Get("grund-en"))
	return nil
}

// staffDayClose closes a day; which visits it calls off is asked first.
func (s *Server) staffDayClose(w http.ResponseWriter, r *http.Request) error {
	return s.onClosedDay(w, r, "station_day_closed", "stations.close", func(tx pgx.Tx, v url.Values, day time.Time) ([]stations.Visit, error) {
		reason := catalog.Text{DE: typed(v.Get("grund")), EN: typed(v.Get("grund-en"))}
		return stations.CloseDay(r.Context(), tx, s.Now().In(s.Zone), day, reason)
	})
}

// staffDayReopen lets stations come on a day that was closed.
func (s *Server) staffDayReopen(w http.ResponseWriter, r *http.Request) error {
	return s.onClosedDay(w, r, "station_day_reopened", "stations.reopen", func(tx pgx.Tx, _ url.Values, day time.Time) ([]stations.Visit, error) {
		return nil, stations.ReopenDay(r.Context(), tx, s.Now().In(s.Zone), day)
	})
}

// onClosedDay frames the forms about closed days; do returns the visits that it
// calls off.
func (s *Server) onClosedDay(w http.ResponseWriter, r *http.Request, done, action string, do func(tx pgx.Tx, v url.Values, day time.Time) ([]stations.Visit, error)) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	var out stationOutcome
	day, err := time.Parse(time.DateOnly, typed(v.Get("schliesstag")))
	if err != nil {
		err = ortsnah.E(ortsnah.Invalid, "stations.bad_date", "day", typed(v.Get("schliesstag"))).About("schliesstag").Because(err)
	} else {
		var off []stations.Visit
		out, err = s.changeStations(r, stationChange{action: action, object: "closed_day/" + day.Format(time.DateOnly), sure: v.Get("trotzdem") == "1", off: &off,
			do: func(tx pgx.Tx) (_ string, err error) { off, err = do(tx, v, day); return "", err }})
	}
	return s.answerStations(w, r, err, out, func() error {
		return s.done(w, r, stationsStaffPath, done, "tag", day.Format(time.DateOnly), "abgesagt", lostCount(len(out.lost)))
	}, func(code int, notice web.Notice, ask bool) error {
		p := web.StationWeek{StationFrame: s.stationFrame(r, "week")}
		p.Notice = notice
		if ask {
			p.Confirm = s.confirmation(r, neutralPath(r), v, out)
			if p.Confirm.Off, err = s.calledOff(r, day, out.off); err != nil {
				return err
			}
		}
		return s.showStationWeek(w, r, code, v.Get("schliesstag"), v, p)
	})
}

// calledOff are the visits of a day that closing it would call off.
func (s *Server) calledOff(r *http.Request, day time.Time, visits []stations.Visit) ([]web.StationBlock, error) {
	c, err := s.scene(r.Context(), s.DB, web.LangOf(r), day, day.AddDate(0, 0, 1))
	var blocks []web.StationBlock
	for _, v := range visits {
		blocks = append(blocks, s.block(c, v))
	}
	return blocks, err
}

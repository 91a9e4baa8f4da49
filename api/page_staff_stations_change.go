package api

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/stations"
	"github.com/ortsnah/ortsnah/stations/travel"
	"github.com/paulmach/orb"
)

// stationOutcome is what a change of the plan would do.
type stationOutcome struct {
	lost     []booking.Conflict // coming appointments that it takes the ground from
	findings []web.StationFinding
	next     []web.Period
	skipped  []time.Time
	off      []stations.Visit // visits that a closed day calls off
}

// stationChange is a change of the plan in the name of the request's account.
type stationChange struct {
	action string // for the audit trail
	object string
	detail map[string]any
	ask    bool              // only look, save nothing
	sure   bool              // what it takes the ground from is known
	off    *[]stations.Visit // where do leaves visits that it calls off; nil: nothing to ask
	// do makes the change and returns the pattern that now holds, or "".
	do func(tx pgx.Tx) (string, error)
}

// changeStations makes a change of the plan and everything that follows from
// it in one transaction: visits, open data, booking's station days. Unless the
// planner is sure, a change that strands appointments or is odd ends without
// being saved, with errUnconfirmed. After the commit booking calls off what is
// stranded and holds alternatives.
func (s *Server) changeStations(r *http.Request, c stationChange) (stationOutcome, error) {
	ctx, now := r.Context(), s.Now()
	var out stationOutcome
	err := s.inTx(r, func(tx pgx.Tx) error {
		pattern, err := c.do(tx)
		if err != nil {
			return err
		}
		if err := stations.Publish(ctx, tx, now); err != nil {
			return err
		}
		if out.lost, err = booking.SyncStationDays(ctx, tx, now, s.actor(r)); err != nil {
			return err
		}
		if pattern != "" {
			if err := s.preview(r, tx, pattern, &out); err != nil {
				return err
			}
		}
		if c.off != nil {
			out.off = *c.off
		}
		if c.ask || !c.sure && len(out.lost)+len(out.findings)+len(out.skipped)+len(out.off) > 0 {
			return errUnconfirmed
		}
		return booking.Record(ctx, tx, now, s.actor(r), c.action, c.object+pattern, c.detail)
	})
	if err != nil || len(out.lost) == 0 {
		return out, err
	}
	var ids []string
	for _, lost := range out.lost {
		ids = append(ids, lost.Appointment)
	}
	if err := s.Reception.CallOff(ctx, s.actor(r), ids); err != nil {
		// The plan is saved; the schedule calls off within the hour.
		s.Log.Warn("appointments of a changed visit are not called off yet", "count", len(ids), "error", err)
	}
	return out, nil
}

// preview looks at the coming visits of a pattern as the transaction sees them.
func (s *Server) preview(r *http.Request, tx pgx.Tx, pattern string, out *stationOutcome) error {
	ctx, today := r.Context(), s.today()
	end := today.AddDate(0, 6, 0)
	c, err := s.scene(ctx, tx, web.LangOf(r), today, end)
	if err != nil {
		return err
	}
	visits, err := stations.Outlook(ctx, tx, s.Now(), today, end)
	if err != nil {
		return err
	}
	for _, v := range visits {
		if v.Pattern == pattern && v.State == stations.Planned && v.Starts.After(s.Now()) && len(out.next) < 4 {
			out.next = append(out.next, web.Period{Start: v.Starts, End: v.Ends})
		}
	}
	found, err := s.findings(ctx, c, visits)
	if err != nil {
		return err
	}
	said := map[string]bool{}
	for _, f := range found {
		key := string(f.Kind) + f.Other.Pattern
		if f.Visit.Pattern != pattern && f.Other.Pattern != pattern || f.Kind == stations.NobodyOffers || said[key] {
			continue // nobody can have released time at a visit that is new
		}
		said[key] = true // once is enough, it recurs
		row := c.findingRow(f, s.Zone)
		row.Path = ""
		out.findings = append(out.findings, row)
	}
	closed, err := stations.ClosedDays(ctx, tx, today, end)
	if err != nil {
		return err
	}
	out.skipped, err = c.patterns[pattern].Skipped(today, end, closed)
	for i, d := range out.skipped {
		out.skipped[i] = s.noon(d)
	}
	return err
}

// confirmation asks about a change with its form again.
func (s *Server) confirmation(r *http.Request, path string, v url.Values, out stationOutcome) *web.StationConfirm {
	p := &web.StationConfirm{Path: path, Lost: s.stranded(r, out.lost), Findings: out.findings, Next: out.next, Skipped: out.skipped}
	again := maps.Clone(v)
	again.Del("schritt")
	again.Set("trotzdem", "1")
	p.Fields = formFields(again)
	p.Asked = len(out.lost)+len(out.findings)+len(out.skipped)+len(out.off) == 0
	return p
}

// answerStations ends a form about the plan: it leads to the page after it, or
// shows the form again with a question or a refusal.
func (s *Server) answerStations(w http.ResponseWriter, r *http.Request, err error, out stationOutcome, after func() error, again func(code int, notice web.Notice, ask bool) error) error {
	switch {
	case err == nil:
		return after()
	case errors.Is(err, errUnconfirmed):
		return again(http.StatusOK, web.Notice{}, true)
	}
	notice, code, other := refusal(r, err)
	if ortsnah.KindOf(err) == ortsnah.TooLarge {
		notice, code, other = web.Notice{Text: i18n.Error(web.LangOf(r), err), Error: true}, status(ortsnah.TooLarge), nil
	}
	if other != nil {
		return other
	}
	return again(code, notice, false)
}

// drive is how many minutes a station takes from one stop to another, with the
// construction sites of that day; by the straight line where there is no street
// network or no way in it.
func (s *Server) drive(ctx context.Context) func(from, to stations.Stop, at time.Time) int {
	const perMinute = 600 // deciseconds
	known := map[[3]string]int{}
	return func(from, to stations.Stop, at time.Time) int {
		key := [3]string{from.ID, to.ID, at.In(s.Zone).Format(time.DateOnly)}
		if minutes, ok := known[key]; ok {
			return minutes
		}
		for _, times := range []travel.Times{s.Travel.Times(at), &travel.Straight{}} {
			took, err := times.From(ctx, travel.Car, orb.Point{from.Lon, from.Lat}, []orb.Point{{to.Lon, to.Lat}}, 0)
			if err == nil && took[0] != travel.Unreachable {
				known[key] = (int(took[0]) + perMinute - 1) / perMinute
				break
			}
		}
		return known[key]
	}
}

package booking

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking/match"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Endangered returns the booked appointments to come that have lost their
// clerk, room or station day (Conflicts), by their start. They are promises:
// nothing happens to them until Rematch finds somebody else or CallOff ends them.
func Endangered(ctx context.Context, db postgis.DB, now time.Time) ([]Appointment, error) {
	conflicts, err := Conflicts(ctx, db, now)
	if err != nil || len(conflicts) == 0 {
		return nil, err
	}
	ids := make([]string, len(conflicts))
	for i, c := range conflicts {
		ids[i] = c.Appointment
	}
	all, err := Appointments(ctx, db, ids...)
	all = slices.DeleteFunc(all, func(a Appointment) bool { return a.Status != Booked || !a.Starts.After(now) })
	slices.SortFunc(all, func(a, b Appointment) int { return cmp.Or(a.Starts.Compare(b.Starts), cmp.Compare(a.ID, b.ID)) })
	return all, err
}

// CallOff cancels booked appointments in the town's name, for a neutral
// notice each, and holds an alternative for each for the setting's offer_hours
// where there is one (S30). What has begun or ended meanwhile stays as it is.
func (c *Reception) CallOff(ctx context.Context, actor ortsnah.Actor, ids []string) error {
	now := c.Now()
	var touches []Touch
	err := pgx.BeginFunc(ctx, c.DB, func(tx pgx.Tx) error {
		if err := lockTown(ctx, tx); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT id FROM booking.appointment
			WHERE id = ANY ($1) AND state = 'booked' AND starts > $2 ORDER BY starts, id`, ids, now)
		if err != nil {
			return err
		}
		going, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, id := range going {
			slots, err := c.claimed(ctx, tx, id)
			if err != nil {
				return err
			}
			touches = append(touches, touchesOf(slots)...)
			if err := cancelIn(ctx, tx, id, "town", "cancelled_by_town", now); err != nil {
				return err
			}
			if err := audit(ctx, tx, now, actor, "call_off", "appointment/"+id, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.Board.Touched(touches...)
	_, err = c.HoldAlternatives(ctx)
	return err
}

func touchesOf(slots []slot) (touches []Touch) {
	for _, s := range slots {
		if s.number >= 0 {
			touches = append(touches, Touch{s.resource, time.Unix(int64(s.number)*86400, 0).UTC()})
		}
	}
	return touches
}

// HoldAlternatives holds another time for everybody whose appointment the town
// has cancelled within the last days and who has not got one yet; it returns
// how many. What a crash or a full calendar prevents is done by the next call.
func (c *Reception) HoldAlternatives(ctx context.Context) (int, error) {
	setting, err := Settings(ctx, c.DB)
	if err != nil {
		return 0, err
	}
	now, open := c.Now(), time.Duration(setting.OfferHours)*time.Hour
	rows, err := c.DB.Query(ctx, `SELECT a.id, a.token_hash FROM booking.appointment a
		WHERE a.state = 'cancelled' AND a.ended_by = 'town' AND a.booked_at IS NOT NULL AND a.ended_at > @since
			AND NOT EXISTS (SELECT FROM booking.appointment b WHERE b.replaces = a.id)
		ORDER BY a.starts, a.id`, pgx.NamedArgs{"since": now.Add(-open)})
	if err != nil {
		return 0, err
	}
	tokens := map[string][]byte{}
	var ids []string
	var id string
	var token []byte
	if _, err := pgx.ForEachRow(rows, []any{&id, &token}, func() error {
		ids, tokens[id], token = append(ids, id), token, nil
		return nil
	}); err != nil || len(ids) == 0 {
		return 0, err
	}
	cancelled, err := Appointments(ctx, c.DB, ids...)
	if err != nil {
		return 0, err
	}
	held := 0
	for _, a := range cancelled {
		ok, err := c.holdAlternative(ctx, a, tokens[a.ID], now, open)
		if err != nil {
			return held, err
		}
		if ok {
			held++
		}
	}
	return held, nil
}

// holdAlternative holds the first time at or after the lost one, else the last
// before it.
func (c *Reception) holdAlternative(ctx context.Context, a Appointment, token []byte, now time.Time, open time.Duration) (bool, error) {
	r := a.request()
	soon := now.Add(leaveBefore + time.Hour)
	r.From, r.Limit, r.Sort = a.Starts, maxTries, match.Early
	if r.From.Before(soon) {
		r.From = soon
	}
	s, err := c.Board.Propose(ctx, r)
	if err != nil {
		return false, err
	}
	if len(s.Proposals) == 0 && soon.Before(a.Starts) {
		r.From, r.To = soon, a.Starts
		if s, err = c.Board.Propose(ctx, r); err != nil {
			return false, err
		}
	}
	if len(s.Proposals) == 0 {
		return false, nil
	}
	p := s.Proposals[0]
	until := now.Add(open)
	if last := p.Starts.Add(-leaveBefore); last.Before(until) {
		until = last
	}
	b, err := c.reserve(ctx, Order{Request: r, Starts: p.Starts, PlaceID: p.PlaceID}, s.Proposals,
		reservation{TokenHash: token, Until: until, Replaces: a.ID, Lang: a.Lang})
	if ortsnah.KindOf(err) == ortsnah.Conflict {
		return false, nil // taken meanwhile: the next call tries again
	}
	if err != nil {
		return false, err
	}
	_, err = c.DB.Exec(ctx, `INSERT INTO booking.outbox (appointment, kind, created_at, due_at) VALUES ($1, 'alternative', $2, $2)`, b.ID, now)
	return err == nil, err
}

// request asks for the same as the appointment once did: the same concerns
// with the same team, anywhere. Who is responsible is not asked again: the
// name is not known here.
func (a *Appointment) request() Request {
	r := Request{Persons: a.Persons, Via: a.Via, StepFree: a.StepFree}
	if a.Channel == Phone || a.Channel == Video {
		r.Channel = a.Channel
	}
	for _, p := range a.Parts {
		r.Concerns, r.Teams = append(r.Concerns, p.Concern), append(r.Teams, p.Team)
	}
	return r
}
